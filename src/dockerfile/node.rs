//! An instruction's words, before they mean anything: what BuildKit's `parser` package makes of a line.

use super::error::{Phase, Unlocated};
use super::heredoc::Heredoc;
use super::json::{Array, array};
use super::word::{Piece, Word, fields, flags, is_space_byte, quoted};

/// The words of one instruction.
#[derive(Debug)]
pub(super) struct Node {
    /// As written.
    pub name: Word,
    pub flags: Vec<Word>,
    /// For `ENV` and `LABEL` names and values in turn.
    pub args: Vec<Word>,
    /// The arguments are a JSON array of strings.
    pub json: bool,
    /// `ENV` and `LABEL` with a blank between name and value.
    pub legacy: bool,
    pub heredocs: Vec<Heredoc>,
    /// What `ONBUILD` is given.
    pub trigger: Option<Box<Node>>,
}

impl Node {
    pub fn is(&self, name: &str) -> bool {
        self.name.text.eq_ignore_ascii_case(name)
    }

    /// Whether here-documents may follow: `ADD`, `COPY` and `RUN` in shell form, also as an `ONBUILD` trigger.
    pub fn takes_heredocs(&self) -> bool {
        let node = self.trigger.as_deref().unwrap_or(self);
        (node.is("ADD") || node.is("COPY") || node.is("RUN")) && !node.json
    }

    /// Counts its words, each here-document as one.
    pub fn words(&self) -> usize {
        let own = self.flags.len() + self.args.len() + self.heredocs.len();
        own + self.trigger.as_deref().map_or(0, Self::words)
    }

    /// Splits `text`, the joined lines of one instruction.
    pub fn read(text: &str, escape: char) -> Result<Self, Unlocated> {
        let head = Head::split(Piece { text, at: 0 }, escape);
        if !head.is("ONBUILD") || head.rest.text.is_empty() {
            return head.into_node(escape);
        }
        // ONBUILDs in one another: only the innermost can be misspelt, and a recursion could be made to overflow.
        let first = Head::split(head.rest, escape);
        let mut last = first.clone();
        while last.is("ONBUILD") && !last.rest.text.is_empty() {
            last = Head::split(last.rest, escape);
        }
        let leaf = last.into_node(escape)?;
        let trigger = if first.is("ONBUILD") { first.bare() } else { leaf };
        Ok(Self { trigger: Some(Box::new(trigger)), ..head.bare() })
    }
}

/// Name, flags and the rest, which each instruction reads in its own way.
#[derive(Clone)]
struct Head<'t> {
    name: Word,
    flags: Vec<Word>,
    rest: Piece<'t>,
}

impl<'t> Head<'t> {
    fn split(piece: Piece<'t>, escape: char) -> Self {
        let piece = piece.trim();
        match piece.cut() {
            None => {
                Self { name: Word::new(piece.text, piece.at), flags: Vec::new(), rest: piece.from(piece.text.len()) }
            }
            Some((name, rest)) => {
                let (flags, rest) = flags(rest, escape);
                Self { name: Word::new(name, piece.at), flags, rest: rest.trim() }
            }
        }
    }

    fn is(&self, name: &str) -> bool {
        self.name.text.eq_ignore_ascii_case(name)
    }

    fn bare(self) -> Node {
        Node {
            name: self.name,
            flags: self.flags,
            args: Vec::new(),
            json: false,
            legacy: false,
            heredocs: Vec::new(),
            trigger: None,
        }
    }

    fn into_node(self, escape: char) -> Result<Node, Unlocated> {
        let rest = self.rest;
        let name = self.name.text.to_ascii_uppercase();
        let mut node = self.bare();
        match name.as_str() {
            "ADD" | "COPY" | "VOLUME" => {
                (node.args, node.json) = exec(rest)?.map_or_else(|| (fields(rest), false), |args| (args, true));
            }
            "CMD" | "ENTRYPOINT" | "RUN" | "SHELL" => (node.args, node.json) = command(rest)?,
            "HEALTHCHECK" => {
                let bytes = rest.text.as_bytes();
                let kind = bytes.iter().position(|byte| is_space_byte(*byte)).unwrap_or(bytes.len());
                let blanks = bytes.iter().skip(kind).take_while(|byte| is_space_byte(**byte)).count();
                if let Some(text) = rest.text.get(..kind).filter(|text| !text.is_empty()) {
                    node.args.push(Word::new(text, rest.at));
                    let (args, json) = command(rest.from(kind + blanks))?;
                    node.args.extend(args);
                    node.json = json;
                }
            }
            "ENV" | "LABEL" => (node.args, node.legacy) = pairs(rest, &name, escape)?,
            "ARG" => node.args = quoted(rest, escape),
            "EXPOSE" | "FROM" => node.args = fields(rest),
            "MAINTAINER" | "STOPSIGNAL" | "USER" | "WORKDIR" => node.args = whole(rest),
            _ => {}
        }
        Ok(node)
    }
}

/// All of it as one argument, or none.
fn whole(rest: Piece<'_>) -> Vec<Word> {
    if rest.text.is_empty() { Vec::new() } else { vec![Word::new(rest.text, rest.at)] }
}

/// The arguments in exec form, if that is what they are.
fn exec(rest: Piece<'_>) -> Result<Option<Vec<Word>>, Unlocated> {
    match array(rest.text) {
        Array::Strings(strings) => Ok(Some(strings.into_iter().map(|text| Word::new(text, rest.at)).collect())),
        Array::Mixed => Err(Unlocated::new(
            Phase::Syntax,
            rest.at,
            "when using JSON array syntax, arrays must be comprised of strings only",
        )
        .help("Put every part of the list into double quotes: [\"sleep\", \"5\"].")),
        Array::No => Ok(None),
    }
}

/// A command: a list in exec form, else one text for the shell.
fn command(rest: Piece<'_>) -> Result<(Vec<Word>, bool), Unlocated> {
    Ok(exec(rest)?.map_or_else(|| (whole(rest), false), |args| (args, true)))
}

/// `NAME=value …`, or the old `NAME value`.
fn pairs(rest: Piece<'_>, instruction: &str, escape: char) -> Result<(Vec<Word>, bool), Unlocated> {
    let words = quoted(rest, escape);
    let Some(first) = words.first() else { return Ok((words, false)) };
    if !first.text.contains('=') {
        let (name, value) = rest.cut().ok_or_else(|| {
            Unlocated::new(Phase::Syntax, rest.at, format!("{instruction} must have two arguments"))
                .help(format!("Write a name and a value: {instruction} {}=value", shorten(rest.text)))
        })?;
        return Ok((vec![Word::new(name, rest.at), Word::new(value.text, value.at)], true));
    }
    let mut pairs = Vec::with_capacity(words.len() * 2);
    for word in words {
        let Some((name, value)) = word.text.split_once('=') else {
            let message =
                format!("Syntax error - can't find = in {:?}. Must be of the form: name=value", shorten(&word.text));
            return Err(Unlocated::new(Phase::Syntax, word.at, message)
                .help("A value with blanks in it needs double quotes around it."));
        };
        pairs.push(Word::new(name, word.at));
        pairs.push(Word::new(value, word.at + name.len() + 1));
    }
    Ok((pairs, false))
}

/// At most 100 characters of something that a message repeats.
pub(super) fn shorten(text: &str) -> String {
    match text.char_indices().nth(100) {
        Some((end, _)) => format!("{}…", text.get(..end).unwrap_or_default()),
        None => text.to_owned(),
    }
}
