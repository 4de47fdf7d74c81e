//! What is wrong, or only unwise, in a Dockerfile, and where.

use std::fmt;

/// Something that BuildKit refuses.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Error {
    /// BuildKit's own words, without its `dockerfile parse error on line N:`.
    pub message: String,
    /// The line on which the instruction starts, from 1, as BuildKit tells it.
    pub line: u32,
    /// From 1, in characters: the word at fault where it stands on that line, else where the instruction starts.
    pub column: u32,
    /// The last line of the instruction.
    pub end_line: u32,
    /// One next step for a person, where the message alone does not say it.
    pub help: Option<String>,
    /// When BuildKit would notice.
    pub phase: Phase,
}

impl fmt::Display for Error {
    fn fmt(&self, out: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(out, "line {}: {}", self.line, self.message)
    }
}

impl std::error::Error for Error {}

/// BuildKit reads a file in three passes and stops at the first error of the first pass that has one.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord)]
pub enum Phase {
    /// Splitting the text into instructions and their words.
    Syntax,
    /// What each instruction allows.
    Instruction,
    /// Putting stages together: depends on the target and on build arguments.
    Build,
}

/// Something that BuildKit builds but warns of.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Warning {
    /// BuildKit's name for the rule, such as `NoEmptyContinuation`.
    pub rule: &'static str,
    /// What is the matter.
    pub message: String,
    /// Line, from 1.
    pub line: u32,
}

/// An error before its place in the file is known.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(super) struct Unlocated {
    pub message: String,
    /// Byte offset in the instruction's joined text.
    pub at: usize,
    pub help: Option<String>,
    pub phase: Phase,
}

impl Unlocated {
    pub fn new(phase: Phase, at: usize, message: impl Into<String>) -> Self {
        Self { message: message.into(), at, help: None, phase }
    }

    pub fn help(mut self, help: impl Into<String>) -> Self {
        self.help = Some(help.into());
        self
    }
}
