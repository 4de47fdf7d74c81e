//! What a shell parts its input into: words, and what is between them.

use crate::dockerfile::Span;

/// A word, an operator, or the end of something.
#[derive(Debug, Clone)]
pub(super) enum ShellToken {
    Word(RawWord),
    Operator(Operator, Span),
    Redirect(Redirect, Span),
    /// The end of a line.
    Newline,
    /// The `)` of a `$(…)`.
    Close,
    /// The end of the file.
    Finished,
}

/// What is between commands.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) enum Operator {
    And,
    Or,
    Pipe,
    Semicolon,
}

/// What is redirected, and how; a word with the file follows unless it is [`Redirect::Merge`].
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Redirect {
    /// `<`
    Read,
    /// `>`
    Write,
    /// `>>`
    Append,
    /// `2>`
    WriteErrors,
    /// `2>>`
    AppendErrors,
    /// `&>`
    WriteBoth,
    /// `2>&1`
    Merge,
}

/// A word before variables are filled in.
#[derive(Debug, Clone, Default)]
pub(super) struct RawWord {
    pub pieces: Vec<RawPiece>,
    pub span: Span,
    /// The first character that a shell would take for a pattern of file names.
    pub glob: Option<Span>,
}

/// A part of a word.
#[derive(Debug, Clone)]
pub(super) enum RawPiece {
    Text { text: String, is_quoted: bool },
    Variable { name: String, is_quoted: bool, span: Span },
    Output { tokens: Vec<ShellToken>, is_quoted: bool, span: Span },
}

impl RawWord {
    /// Its text, if it is one without any quotes and variables.
    pub fn bare(&self) -> Option<&str> {
        match self.pieces.as_slice() {
            [RawPiece::Text { text, is_quoted: false }] => Some(text),
            _ => None,
        }
    }

    pub fn push(&mut self, c: char, is_quoted: bool) {
        match self.pieces.last_mut() {
            Some(RawPiece::Text { text, is_quoted: same }) if *same == is_quoted => text.push(c),
            _ => self.pieces.push(RawPiece::Text { text: c.to_string(), is_quoted }),
        }
    }

    pub fn push_all(&mut self, more: &str, is_quoted: bool) {
        match self.pieces.last_mut() {
            Some(RawPiece::Text { text, is_quoted: same }) if *same == is_quoted => text.push_str(more),
            _ => self.pieces.push(RawPiece::Text { text: more.to_owned(), is_quoted }),
        }
    }

    /// Makes it a word even if nothing is in it: `""`.
    pub fn quote(&mut self) {
        self.pieces.push(RawPiece::Text { text: String::new(), is_quoted: true });
    }
}
