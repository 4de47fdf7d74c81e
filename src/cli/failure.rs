//! What ends a command early: told on stderr, with one thing to do next.

use crate::report::escape;
use std::fmt;

/// Exit code: wrong use, or a wrong check file.
pub const WRONG_USE: u8 = 2;
/// Exit code: could not do it, through no fault of the learner.
pub const COULD_NOT: u8 = 3;

/// Why a command could not do its work.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Failure {
    /// What is wrong, without a full stop.
    pub what: String,
    /// What to do next; empty if `what` says it.
    pub next: String,
    /// The exit code.
    pub code: u8,
}

impl Failure {
    /// Wrong use, or a wrong check file.
    pub fn usage(what: impl Into<String>, next: impl Into<String>) -> Self {
        Self { what: what.into(), next: next.into(), code: WRONG_USE }
    }

    /// The machine or the grader is at fault.
    pub fn machine(what: impl Into<String>, next: impl Into<String>) -> Self {
        Self { what: what.into(), next: next.into(), code: COULD_NOT }
    }
}

impl fmt::Display for Failure {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str("error: ")?;
        for (index, line) in escape::lines(&self.what).into_iter().enumerate() {
            if index > 0 {
                f.write_str("\n  ")?;
            }
            f.write_str(&escape::line_start(&line))?;
        }
        if self.next.is_empty() { Ok(()) } else { write!(f, "\n  {}", escape::line_start(&escape::line(&self.next))) }
    }
}
