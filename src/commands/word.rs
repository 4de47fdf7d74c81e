//! Words as a command gets them: variables filled in, quotes taken off.

use crate::dockerfile::Span;
use std::borrow::Cow;

/// A word of a command.
#[derive(Debug, Clone, PartialEq, Eq, Default)]
pub struct ShellWord {
    /// Its parts.
    pub pieces: Vec<WordPiece>,
    /// Its place, where it is written.
    pub span: Span,
}

/// A part of a word.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum WordPiece {
    /// Text.
    Text(String),
    /// The current folder (`$(pwd)`), relative to the repository; empty for its root.
    Folder(String),
    /// What an earlier command prints, known only when it has been carried out.
    Output {
        /// The command's index in the file.
        command: usize,
        /// Whether blanks in it part words: it isn't quoted.
        splits: bool,
    },
}

impl ShellWord {
    /// Its text; what isn't known before the commands are carried out appears as `$(…)`, the current folder as `$(pwd)`.
    pub fn text(&self) -> Cow<'_, str> {
        match self.pieces.as_slice() {
            [] => Cow::Borrowed(""),
            [WordPiece::Text(text)] => Cow::Borrowed(text),
            pieces => pieces.iter().map(WordPiece::shown).collect(),
        }
    }

    /// Its text, if all of it is known.
    pub fn known(&self) -> Option<Cow<'_, str>> {
        self.pieces.iter().all(|piece| matches!(piece, WordPiece::Text(_))).then(|| self.text())
    }

    /// Its text with the current folder as a path that begins at the repository: `./src`.
    pub fn path(&self) -> Cow<'_, str> {
        match self.pieces.as_slice() {
            [] | [WordPiece::Text(_)] => self.text(),
            pieces => pieces
                .iter()
                .map(|piece| match piece {
                    WordPiece::Folder(folder) if folder.is_empty() => ".".to_owned(),
                    WordPiece::Folder(folder) => format!("./{folder}"),
                    other => other.shown().to_owned(),
                })
                .collect(),
        }
    }

    /// The word behind so many bytes of its first text.
    pub(super) fn behind(&self, bytes: usize) -> Self {
        let mut rest = self.clone();
        if let Some(WordPiece::Text(text)) = rest.pieces.first_mut() {
            *text = text.get(bytes..).unwrap_or_default().to_owned();
        }
        rest.pieces.retain(|piece| !matches!(piece, WordPiece::Text(text) if text.is_empty()));
        rest
    }

    /// The text that it begins with.
    pub(super) fn first_text(&self) -> &str {
        match self.pieces.first() {
            Some(WordPiece::Text(text)) => text,
            _ => "",
        }
    }
}

impl WordPiece {
    fn shown(&self) -> &str {
        match self {
            Self::Text(text) => text,
            Self::Folder(_) => "$(pwd)",
            Self::Output { .. } => "$(…)",
        }
    }
}
