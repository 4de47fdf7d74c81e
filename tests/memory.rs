//! What is remembered from one run to the next.

use crate::sample;
use grader::cli::memory::Memory;

#[test]
fn a_run_is_remembered_in_its_repository() -> std::io::Result<()> {
    let (state, repository, other) = (tempfile::tempdir()?, tempfile::tempdir()?, tempfile::tempdir()?);
    let load = |folder: &tempfile::TempDir| Memory::load_from(Some(state.path().to_owned()), folder.path());
    let id = "dockerize-python-app";

    let mut memory = load(&repository);
    assert!(!memory.knows(id) && memory.before(id).score.is_none());
    memory.record(&sample::failing(), "../challenge");
    memory.next_hint(id, "multi-stage", 2);
    memory.save();

    let mut memory = load(&repository);
    assert_eq!(memory.last_challenge().map(|last| last.named.as_str()), Some("../challenge"));
    assert_eq!(memory.before(id).score, Some(65));
    assert!(memory.failed(id, "multi-stage") && memory.failed(id, "health-check") && !memory.failed(id, "image-size"));
    assert!(!load(&other).knows(id));

    // A run that judges a part changes that part alone, and no score.
    let mut part = sample::failing();
    part.checks.truncate(6);
    part.checks[2].judged = grader::report::Coverage::LeftOut;
    part.checks[5].outcome = grader::outcome::Outcome::Passed;
    memory.record(&part, id);
    assert_eq!(memory.before(id).score, Some(65));
    assert!(memory.failed(id, "multi-stage") && !memory.failed(id, "health-check"));
    assert_eq!(memory.next_hint(id, "multi-stage", 2), 1);

    // Solved, and broken again: hints start anew.
    memory.record(&sample::solved(), id);
    assert_eq!(memory.before(id).score, Some(100));
    assert!(!memory.failed(id, "multi-stage"));
    assert_eq!(memory.next_hint(id, "multi-stage", 2), 0);
    Ok(())
}
