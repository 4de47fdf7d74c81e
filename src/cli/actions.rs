//! What GitHub Actions wants of a run beside its report: a folded log, annotations, a summary, and outputs for later steps.
//!
//! The runner obeys commands on stdout and stderr alike; ours go to stderr, so that stdout stays the report.

mod fence;

pub use fence::Fence;

use super::Failure;
use crate::outcome::Outcome;
use crate::report::escape::workflow_message;
use crate::report::{Report, github, markdown};
use std::ffi::OsString;
use std::fs::File;
use std::io::{self, Write as _};

/// The runner refuses a step's summary that is longer, what others wrote before included.
const LONGEST_SUMMARY: u64 = 1 << 20;
/// The longest title of a fold.
const LONGEST_TITLE: usize = 200;

/// A run under GitHub Actions.
#[derive(Debug)]
pub struct Actions {
    summary: Option<OsString>,
    output: Option<OsString>,
}

/// What is told to the runner besides the summary.
#[derive(Debug, Clone, Copy)]
pub struct Tell {
    /// Annotations.
    pub annotations: bool,
    /// The output `status`: Classroom 50 has words of its own for it, and finds them by itself.
    pub status: bool,
}

/// The folded part of the log, in which no command is obeyed. It ends when it is dropped.
#[derive(Debug)]
pub struct Fold {
    fence: Option<Fence>,
}

impl Drop for Fold {
    fn drop(&mut self) {
        self.fence.take();
        say("::endgroup::\n");
    }
}

impl Actions {
    /// If this is one, and it was not turned off.
    pub fn detect(is_off: bool, variable: &dyn Fn(&str) -> Option<OsString>) -> Option<Self> {
        let is_one = variable("GITHUB_ACTIONS").is_some_and(|value| value == "true");
        let file = |name| variable(name).filter(|path| !path.is_empty());
        (is_one && !is_off).then(|| Self { summary: file("GITHUB_STEP_SUMMARY"), output: file("GITHUB_OUTPUT") })
    }

    /// Folds the log of the run from here on.
    pub fn fold(title: &str) -> Fold {
        say(&format!("::group::{}\n", workflow_message(title, LONGEST_TITLE)));
        Fold { fence: Fence::begin() }
    }

    /// Writes annotations if they are wanted, the summary and the outputs.
    pub fn finish(&self, report: &Report, tell: Tell) -> Result<(), Failure> {
        if tell.annotations {
            say(&github::render(report));
        }
        let summary = self.summary.as_ref().map_or(Ok(()), |path| {
            append(path, "summary", &|file| {
                let before = file.metadata()?.len();
                let gap = if before > 0 { "\n\n" } else { "" };
                let room = LONGEST_SUMMARY.saturating_sub(before).saturating_sub(gap.len() as u64);
                let text = markdown::render_within(report, usize::try_from(room).unwrap_or(usize::MAX));
                if text.is_empty() {
                    say("note: the summary is left out, what stands in it already leaves no room (1 MiB)\n");
                    return Ok(());
                }
                file.write_all(gap.as_bytes())?;
                file.write_all(text.as_bytes())
            })
        });
        let outputs = self.output.as_ref().map_or(Ok(()), |path| {
            append(path, "outputs", &|file| {
                // Numbers and fixed words: nothing in them can end a line.
                writeln!(file, "score={}", report.score())?;
                writeln!(file, "max-score={}", report.max_score())?;
                writeln!(file, "passed={}", report.passed())?;
                if tell.status { writeln!(file, "status={}", status(report)) } else { Ok(()) }
            })
        });
        summary.and(outputs)
    }
}

/// In one word: `passed`, `failed`, or `error` where not everything could be judged.
fn status(report: &Report) -> &'static str {
    let is_open = |outcome: &Outcome| matches!(outcome, Outcome::Errored(_));
    if report.passed() {
        "passed"
    } else if report.interrupted.is_some() || report.checks.iter().any(|check| is_open(&check.outcome)) {
        "error"
    } else {
        match report.exit_code() {
            0 => "passed",
            1 => "failed",
            _ => "error",
        }
    }
}

fn say(text: &str) {
    let _ = io::stderr().lock().write_all(text.as_bytes()); // nobody reads any more
}

fn append(path: &OsString, what: &str, write: &dyn Fn(&mut File) -> io::Result<()>) -> Result<(), Failure> {
    let opened = File::options().append(true).create(true).open(path);
    opened
        .and_then(|mut file| write(&mut file))
        .map_err(|error| Failure::machine(format!("the {what} for GitHub Actions could not be written: {error}"), ""))
}
