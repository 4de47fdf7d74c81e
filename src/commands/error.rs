//! What of a commands file can't be carried out, and what to write instead.

use crate::dockerfile::Span;
use std::fmt;

/// Something that grader doesn't read, or that a shell or Docker would refuse.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Error {
    /// What it is, in a sentence without its full stop.
    pub message: String,
    /// One thing to write or to do instead.
    pub help: Option<String>,
    /// Its place in the file.
    pub span: Span,
}

impl Error {
    /// An error at a place.
    pub(super) fn new(span: Span, message: impl Into<String>) -> Self {
        Self { message: message.into(), help: None, span }
    }

    /// The same error with what to do instead.
    pub(super) fn help(mut self, help: impl Into<String>) -> Self {
        self.help = Some(help.into());
        self
    }
}

impl fmt::Display for Error {
    fn fmt(&self, out: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(out, "line {}: {}", self.span.line, self.message)
    }
}

impl std::error::Error for Error {}

/// At most so many characters of what a learner wrote are quoted in a message.
const MOST_QUOTED: usize = 60;

/// A learner's text as a message quotes it: on one line, and not too long.
pub(super) fn quoted(text: &str) -> String {
    let line: String = text.chars().take(MOST_QUOTED).map(|c| if c.is_control() { '·' } else { c }).collect();
    let more = if text.chars().nth(MOST_QUOTED).is_some() { "…" } else { "" };
    format!("`{line}{more}`")
}
