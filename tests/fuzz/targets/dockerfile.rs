//! A Dockerfile → instructions → stages → facts. In several pieces: the Dockerfile, the stage to build, build arguments.

use super::{facts, pieces};
use grader::dockerfile::{self, Dockerfile, Dockerfiles, MAX_ERRORS};
use grader::facts::dockerfile::{Content, Input, Sent, collect};
use grader::policy;
use grader::policy::Policy;
use std::collections::BTreeMap;

/// Reads it.
pub fn run(data: &[u8]) {
    let pieces = pieces::cut(data);
    let text = pieces[0];
    let parsed = Dockerfiles::default().parse(text);
    let file = parsed.file();
    check(file, text);
    assert_eq!(*file, dockerfile::parse(text), "it is read the same twice");
    let target = pieces.get(1).map(|piece| String::from_utf8_lossy(piece));
    let pairs = pieces.get(2..).unwrap_or_default().iter().filter_map(|piece| {
        let piece = String::from_utf8_lossy(piece);
        let (name, value) = piece.split_once('=')?;
        Some((name.to_owned(), value.to_owned()))
    });
    let build_args: BTreeMap<String, String> = pairs.collect();
    let content = Content::File(file);
    let target = target.as_deref().filter(|name| !name.is_empty());
    let input =
        Input { path: "Dockerfile", content, target, build_args: &build_args, near: &[], sent: Sent::default() };
    let collected = collect(&input);
    let count = facts::lines(text);
    let lines = |path: &str| (path == "Dockerfile").then_some(count);
    facts::check(&collected.facts, &lines);
    for finding in policy::build::dockerfile(&Policy::built_in(), "Dockerfile", &parsed, &build_args).refused {
        let line = finding.place.as_ref().and_then(|place| place.line);
        assert!(line.is_none_or(|line| (1..=count).contains(&(line as usize))), "{finding:?}");
    }
    assert!(collected.facts.get("dockerfile.exists").is_some_and(grader::facts::Fact::is_true));
}

/// Every span lies in the text, in order; every stage can be had.
fn check(file: &Dockerfile, text: &[u8]) {
    let lines = facts::lines(text);
    let (mut end, mut end_line) = (0, 0);
    for instruction in &file.instructions {
        let span = instruction.span;
        assert!(end <= span.start && span.start <= span.end && span.end <= text.len(), "{span:?}");
        assert!(end_line < span.line && span.line <= span.end_line && span.end_line as usize <= lines, "{span:?}");
        assert!(span.column >= 1, "{span:?}");
        assert!(instruction.stage.is_none_or(|stage| stage < file.stages.len()));
        (end, end_line) = (span.end, span.end_line);
    }
    assert!(file.errors.len() <= MAX_ERRORS + 10, "{} errors", file.errors.len());
    for error in &file.errors {
        assert!((1..=lines).contains(&(error.line as usize)) && error.column >= 1, "{error:?}");
        assert!(!error.message.is_empty());
    }
    assert!(file.errors.is_sorted_by_key(|error| (error.line, error.column)));
    let nothing = BTreeMap::new();
    assert_eq!(file.stages.is_empty(), file.target(None, &nothing).is_err());
    for stage in file.stages.iter().take(20) {
        assert!(file.target(Some(&stage.index.to_string()), &nothing).is_ok(), "stage {}", stage.index);
    }
}
