//! Dockerfiles: text → instructions → stages, read exactly as BuildKit reads them.
//!
//! [`parse`] takes any bytes, never fails, and reports every error with its place; [`Dockerfile::target`] says what the
//! image built from a stage would be: its user, its health check, its command, where its files come from, and the line
//! that each of these comes from. Nothing is run, read or fetched.
//!
//! The model is `frontend/dockerfile` of [BuildKit](https://github.com/moby/buildkit): `parser`, `instructions`, `shell`
//! and the name resolution of `dockerfile2llb`. Its quirks are kept, since a file means what BuildKit takes it to mean.

mod build;
mod csv;
mod directive;
mod duration;
mod edge;
mod error;
mod evaluator;
mod external_refs;
mod flag;
mod grammar;
mod heredoc;
mod instruction;
mod json;
mod lex;
mod line;
mod mount;
mod node;
mod parsed;
mod pattern;
mod platform;
mod port;
mod reader;
mod reference;
pub(crate) mod signal;
mod span;
mod stage;
mod suggestion;
mod target;
mod word;

pub use directive::Directive;
pub use edge::{Edge, Via};
pub use error::{Error, Phase, Warning};
pub use evaluator::Certain;
pub use external_refs::{Taking, Way};
pub use flag::Flags;
pub use heredoc::Heredoc;
pub use instruction::{Arg, Command, Copy, From, Healthcheck, Instruction, Kind, Onbuild, Pair, Run};
pub use line::MAX_LINE;
pub use mount::{Mount, Mounted};
pub use parsed::{Dockerfiles, Parsed};
pub use port::Port;
pub use reference::{Reference, split_domain};
pub use span::Span;
pub use stage::{Source, Stage};
pub use target::{Process, Setting, Target, TargetError};

/// After so many errors the rest of a file is not read.
pub const MAX_ERRORS: usize = 100;

/// A Dockerfile.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Dockerfile {
    /// The directives at its top.
    pub directives: Vec<Directive>,
    /// The escape character that holds in it: `\`, or `` ` `` by directive.
    pub escape: char,
    /// All instructions in order, wrong ones and those before the first `FROM` included.
    pub instructions: Vec<Instruction>,
    /// Its stages; a `FROM` with an error makes one too.
    pub stages: Vec<Stage>,
    /// What BuildKit refuses whatever the target, sorted by place. With none it is accepted.
    pub errors: Vec<Error>,
    /// What BuildKit only warns of.
    pub warnings: Vec<Warning>,
    /// Which bound it is beyond, so that the rest was not read. It is one of the errors, too.
    pub beyond: Option<Error>,
}

impl Default for Dockerfile {
    fn default() -> Self {
        Self {
            directives: Vec::new(),
            escape: '\\',
            instructions: Vec::new(),
            stages: Vec::new(),
            errors: Vec::new(),
            warnings: Vec::new(),
            beyond: None,
        }
    }
}

/// The longest Dockerfile that is read.
pub const MAX_TEXT: u64 = 1 << 20;
/// The most instructions of a Dockerfile that are read.
pub const MAX_INSTRUCTIONS: usize = 2_000;
/// The most stages of a Dockerfile that are read.
pub const MAX_STAGES: usize = 200;
/// The most words of a Dockerfile's instructions that are read: sources, pairs, ports, flags, and each here-document.
pub const MAX_WORDS: usize = 20_000;

/// Reads a Dockerfile. It takes time in proportion to the text; the caller bounds the size. A run parses by [`Dockerfiles`].
pub fn parse(text: &[u8]) -> Dockerfile {
    reader::read(text)
}

impl Dockerfile {
    /// The error that BuildKit stops at: the first of its first pass that has one.
    pub fn first_error(&self) -> Option<&Error> {
        self.errors.iter().min_by_key(|error| error.phase)
    }
}
