//! Reads a file of commands, as learners type them at a terminal: `docker run -d --name web -p 8080:80 nginx`.
//!
//! The file is read as a Dockerfile is read, and never given to a shell. What a POSIX shell parts into words, grader parts
//! in the same way: quotes, comments, continued lines, `&&`, `||`, `;`, a pipe into a few filters, redirections to files,
//! variables that the file sets, `$(pwd)`, and `$(docker … -q)`. A word that only a run can know stays a
//! [`WordPiece::Output`]. All else, such as loops and other programs, is an [`Error`] with its place and what to write instead.
//!
//! The verbs and options of `docker` are data, in [`verbs`].

mod cursor;
mod error;
pub mod flag;
mod invocation;
mod lex;
mod program;
mod reader;
pub mod run;
mod token;
mod variables;
pub mod verb;
pub mod verbs;
mod windows;
mod word;

pub use error::Error;
pub use invocation::{GivenOption, Invocation};
pub use token::Redirect;
pub use word::{ShellWord, WordPiece};

use crate::dockerfile::Span;
use reader::LineReader;

/// Files over this many bytes are not read.
pub const MAX_BYTES: usize = 1 << 20;
/// The most commands of a file that are read.
pub const MAX_COMMANDS: usize = 1_000;
/// The most words of a command.
pub const MAX_WORDS: usize = 1_000;
/// The most text that the file's variables make, in bytes.
pub const MAX_EXPANDED: usize = 4 << 20;
/// The most errors that are looked for.
pub const MAX_ERRORS: usize = 50;
/// The most seconds that a file sleeps.
pub const MAX_SLEEP: u64 = 120;

/// A file of commands.
#[derive(Debug, Clone, Default, PartialEq, Eq)]
pub struct CommandFile {
    /// The commands, in the order in which they are carried out.
    pub commands: Vec<Command>,
    /// What of it can't be carried out. The commands of such lines are not among the others.
    pub errors: Vec<Error>,
    /// Oddities that grader reads and shells of other systems refuse.
    pub warnings: Vec<Error>,
}

/// One command.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Command {
    /// Its place.
    pub span: Span,
    /// How it follows the one before it.
    pub join: Join,
    /// What it does.
    pub kind: Kind,
    /// Where its input comes from, and its output goes.
    pub redirects: Vec<Redirection>,
    /// The folder in which it is carried out, relative to the repository.
    pub folder: String,
}

/// How a command follows the one before it.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Default)]
pub enum Join {
    /// On a line of its own, or behind a `;`.
    #[default]
    Next,
    /// If the one before succeeded: `&&`.
    And,
    /// If the one before failed: `||`.
    Or,
    /// With its output: `|`.
    Pipe,
    /// Before the one that takes its output: `$(…)`.
    Captured,
}

/// What a command does.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum Kind {
    /// Runs `docker`, or one of a few other programs.
    Call(Invocation),
    /// Sets a variable; later words have its value already.
    Set {
        /// Its name.
        name: String,
        /// Its value.
        value: Vec<WordPiece>,
    },
}

/// Where a command's input comes from, or its output goes.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Redirection {
    /// What is redirected.
    pub redirect: Redirect,
    /// The file, in the command's folder.
    pub file: Option<ShellWord>,
}

impl Command {
    /// The verb with what it is given, if it isn't a variable's setting.
    pub fn call(&self) -> Option<&Invocation> {
        match &self.kind {
            Kind::Call(invocation) => Some(invocation),
            Kind::Set { .. } => None,
        }
    }
}

/// Reads a file.
pub fn parse(bytes: &[u8]) -> CommandFile {
    let start = Span { line: 1, column: 1, end_line: 1, ..Span::default() };
    let refused = |error: Error| CommandFile { errors: vec![error], ..CommandFile::default() };
    if bytes.len() > MAX_BYTES {
        let message = format!("the file has {} bytes, and {MAX_BYTES} is the most that grader reads", bytes.len());
        return refused(Error::new(start, message).help("Write the commands only."));
    }
    if bytes.starts_with(&[0xff, 0xfe]) || bytes.starts_with(&[0xfe, 0xff]) {
        return refused(
            Error::new(start, "the file is in UTF-16, as PowerShell's `>` writes it")
                .help("Save it in your editor as UTF-8."),
        );
    }
    let text = match std::str::from_utf8(bytes) {
        Ok(text) => text,
        Err(error) => {
            let span = line_of(bytes, error.valid_up_to());
            return refused(Error::new(span, "this line isn't UTF-8 text").help("Save the file as UTF-8."));
        }
    };
    let mark = if text.starts_with('\u{feff}') { '\u{feff}'.len_utf8() } else { 0 };
    let mut file = LineReader::new(text, mark).read();
    if mark > 0 {
        let message = "the file begins with a byte-order mark, which shells take for a part of the first command";
        file.warnings.push(Error::new(start, message).help("Save it as UTF-8 without a mark (BOM)."));
    }
    if let Some(at) = text.find("\r\n") {
        let span = line_of(bytes, at);
        let message = "lines end as in Windows (CRLF), which shells of Linux and macOS stumble over";
        file.warnings.push(Error::new(span, message).help("Save it with line ends of Unix (LF)."));
    }
    file
}

/// The line of a byte, as a place.
fn line_of(bytes: &[u8], at: usize) -> Span {
    let lines = String::from_utf8_lossy(bytes.get(..at).unwrap_or_default()).matches('\n').count();
    let line = u32::try_from(lines + 1).unwrap_or(u32::MAX);
    Span { start: at, end: at, line, column: 1, end_line: line }
}

/// Whether a command's first word is this program.
fn word_is_program(word: Option<&ShellWord>, name: &str) -> bool {
    word.and_then(ShellWord::known).is_some_and(|text| text == name)
}

/// The name that was probably meant: the nearest, at most two letters off.
fn nearest<'o>(value: &str, options: &[&'o str]) -> Option<&'o str> {
    let length = value.chars().take(64).count();
    let near = options.iter().filter(|option| option.chars().count().abs_diff(length) <= 2);
    let ranked = near.map(|option| (strsim::osa_distance(value, option), *option));
    let most = if length <= 3 { 1 } else { 2 };
    ranked.filter(|(distance, _)| (1..=most).contains(distance)).min_by_key(|(distance, _)| *distance).map(|(_, it)| it)
}
