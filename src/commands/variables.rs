//! The variables that the file sets, and filling them in.

use super::error::{Error, quoted};
use super::token::{RawPiece, RawWord};
use super::word::{ShellWord, WordPiece};
use super::{MAX_EXPANDED, MAX_WORDS, windows};
use crate::dockerfile::Span;
use std::collections::BTreeMap;

/// The variables by their names.
#[derive(Debug, Default)]
pub(super) struct SetVariables {
    set: BTreeMap<String, Vec<WordPiece>>,
    /// The bytes that were filled in so far.
    filled: usize,
}

impl SetVariables {
    /// Sets one.
    pub fn set(&mut self, name: &str, value: Vec<WordPiece>) {
        self.set.insert(name.to_owned(), value);
    }

    /// The words that a written one becomes. `folder` is the current one, `outputs` stand for each `$(…)`.
    pub fn words(&mut self, raw: &RawWord, folder: &str, outputs: Vec<WordPiece>) -> Result<Vec<ShellWord>, Error> {
        let mut words = vec![ShellWord { pieces: Vec::new(), span: raw.span }];
        let mut is_word = false;
        let mut outputs = outputs.into_iter();
        for piece in &raw.pieces {
            let (pieces, is_quoted) = match piece {
                RawPiece::Text { text, is_quoted } => {
                    is_word |= *is_quoted || !text.is_empty();
                    (vec![WordPiece::Text(text.clone())], true)
                }
                RawPiece::Variable { name, is_quoted, span } => {
                    let value = if matches!(name.as_str(), "PWD") {
                        vec![WordPiece::Folder(folder.to_owned())]
                    } else {
                        self.set.get(name).cloned().ok_or_else(|| self.unknown(name, *span))?
                    };
                    (value, *is_quoted)
                }
                RawPiece::Output { is_quoted, .. } => (outputs.next().into_iter().collect(), *is_quoted),
            };
            for piece in pieces {
                match piece {
                    WordPiece::Text(text) => {
                        self.filled = self.filled.saturating_add(text.len());
                        if self.filled > MAX_EXPANDED {
                            return Err(Error::new(
                                raw.span,
                                format!("the variables of this file make more than {} MiB of text", MAX_EXPANDED >> 20),
                            )
                            .help("Set them to less, or use them less often."));
                        }
                        let parts = if is_quoted { vec![text.as_str()] } else { parts(&text) };
                        for (index, part) in parts.into_iter().enumerate() {
                            if index > 0 && words.last().is_some_and(|word| !word.pieces.is_empty()) {
                                words.push(ShellWord { pieces: Vec::new(), span: raw.span });
                            }
                            if words.len() > MAX_WORDS {
                                return Err(too_many_words(raw.span));
                            }
                            append(&mut words, WordPiece::Text(part.to_owned()));
                        }
                    }
                    WordPiece::Output { command, .. } => {
                        append(&mut words, WordPiece::Output { command, splits: !is_quoted });
                    }
                    folder @ WordPiece::Folder(_) => append(&mut words, folder),
                }
            }
        }
        if !is_word {
            words.retain(|word| !word.pieces.is_empty());
        } else if words.len() > 1 {
            let last = words.pop().filter(|word| !word.pieces.is_empty());
            words.extend(last);
        }
        Ok(words)
    }

    /// The value of an assignment: nothing in it parts words.
    pub fn value(&mut self, raw: &RawWord, folder: &str, outputs: Vec<WordPiece>) -> Result<Vec<WordPiece>, Error> {
        let mut whole = raw.clone();
        for piece in &mut whole.pieces {
            match piece {
                RawPiece::Text { is_quoted, .. }
                | RawPiece::Variable { is_quoted, .. }
                | RawPiece::Output { is_quoted, .. } => *is_quoted = true,
            }
        }
        let words = self.words(&whole, folder, outputs)?;
        Ok(words.into_iter().flat_map(|word| word.pieces).collect())
    }

    fn unknown(&self, name: &str, span: Span) -> Error {
        let names: Vec<&str> = self.set.keys().map(String::as_str).collect();
        let near = super::nearest(name, &names);
        let error = Error::new(span, format!("no line before this one sets {}", quoted(&format!("${name}"))));
        match (name, near) {
            ("HOME", _) => error.help("Name a path of this repository, such as `./data`."),
            (_, Some(near)) => error.help(format!("Did you mean `${near}`?")),
            _ => error.help(format!("Set it on a line of its own before: `{name}=value`.")),
        }
    }
}

pub(super) fn too_many_words(span: Span) -> Error {
    Error::new(span, format!("this command has more than {MAX_WORDS} words")).help("Write a shorter command.")
}

/// The parts of an unquoted value. An empty one at an end says that a blank parts it from what is next to it.
fn parts(text: &str) -> Vec<&str> {
    let is_blank = |c: char| matches!(c, ' ' | '\t' | '\n');
    let mut parts: Vec<&str> = text.split(is_blank).filter(|part| !part.is_empty()).take(MAX_WORDS + 1).collect();
    if text.starts_with(is_blank) {
        parts.insert(0, "");
    }
    if text.ends_with(is_blank) && !parts.is_empty() {
        parts.push("");
    }
    parts
}

/// Adds a part to the last word.
fn append(words: &mut [ShellWord], piece: WordPiece) {
    let Some(word) = words.last_mut() else { return };
    match (word.pieces.last_mut(), piece) {
        (_, WordPiece::Text(text)) if text.is_empty() => {}
        (Some(WordPiece::Text(before)), WordPiece::Text(text)) => before.push_str(&text),
        (_, piece) => word.pieces.push(piece),
    }
}

/// What of a written word a shell would make something else of, and grader doesn't.
pub(super) fn check(raw: &RawWord) -> Result<(), Error> {
    let text: String = raw
        .pieces
        .iter()
        .map(|piece| match piece {
            RawPiece::Text { text, is_quoted: false } => text.as_str(),
            _ => "",
        })
        .collect();
    if let Some(error) = windows::percent(&text, raw.span) {
        return Err(error);
    }
    if let Some(glob) = raw.glob.filter(|_| !text.contains("://")) {
        return Err(Error::new(glob, "grader doesn't look for files by patterns: `*`, `?` and `[`")
            .help("Name the files, or put the word in quotes if it is no pattern."));
    }
    let (mut open, mut is_list, mut before) = (None, false, ' ');
    for (at, c) in text.char_indices() {
        match (c, open) {
            // Two of them are a template's: `{{.Names}}`.
            ('{', _) => open = (before != '{').then_some(at + 1),
            ('}', Some(start)) => {
                let inner = text.get(start..at).unwrap_or_default();
                is_list |= inner.contains(',') || inner.contains("..");
                open = None;
            }
            _ => {}
        }
        before = c;
    }
    if is_list {
        return Err(Error::new(raw.span, "grader doesn't expand `{…,…}`").help("Write out each of the words."));
    }
    Ok(())
}
