//! The tables of facts: each source has its own, with a row for each fact that says what it is and how its value is found.
//! The registry is made of these tables, so a fact without an entry has no way to its value.

use super::{Fact, Facts, Known, Value};
use crate::source::Source;

/// What kind of value a fact has; it decides which matchers fit.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Type {
    /// True or false.
    Bool,
    /// A whole number.
    Int,
    /// Bytes: `200MB`.
    Size,
    /// A length of time: `30s`.
    Duration,
    /// Text.
    Text,
    /// One of these words.
    Word(&'static [&'static str]),
    /// The rights of a file: `0644`.
    Mode,
    /// The patterns of a `.dockerignore`: a list of texts that can also be asked what it `excludes`.
    Patterns,
    /// Values in their order.
    List(&'static Type),
    /// Values by a name that the learner chose.
    Map(&'static Type),
    /// Any JSON value.
    Any,
    /// Values by the names given here.
    Record(&'static [(&'static str, Type)]),
}

impl Type {
    /// Whether a fact has this type. A learner or an engine may bring another word than those that are listed.
    pub fn fits(&self, fact: &Fact) -> bool {
        let Known::Value(value) = &fact.known else { return true };
        match (value, self) {
            (_, Self::Any)
            | (Value::Bool(_), Self::Bool)
            | (Value::Int(_), Self::Int)
            | (Value::Size(_), Self::Size)
            | (Value::Duration(_), Self::Duration)
            | (Value::Text(_), Self::Text | Self::Word(_) | Self::Mode) => true,
            (Value::List(items), Self::Patterns) => items.iter().all(|item| Self::Text.fits(item)),
            (Value::List(items), Self::List(kind)) => items.iter().all(|item| kind.fits(item)),
            (Value::Map(fields), Self::Map(kind)) => fields.values().all(|field| kind.fits(field)),
            (Value::Map(fields), Self::Record(kinds)) => {
                let known = |name: &str| kinds.iter().find(|(known, _)| *known == name);
                fields.iter().all(|(name, field)| known(name).is_some_and(|(_, kind)| kind.fits(field)))
            }
            _ => false,
        }
    }
}

/// One fact that checks can ask for.
#[derive(Debug, Clone, Copy)]
pub struct FactEntry {
    /// Its name; `<name>` stands for one that the learner chose (a service), for which a role may be written.
    pub name: &'static str,
    /// Its type.
    pub kind: Type,
    /// What it is, in a sentence.
    pub doc: &'static str,
}

impl FactEntry {
    /// Where it comes from. A test holds that every name has the prefix of a source, so the alternative is never met.
    pub fn source(&self) -> Source {
        super::registry::source_of(self.name).unwrap_or(Source::Repo)
    }
}

/// A row of a source's table: a fact, and what finds its value.
#[derive(Debug, Clone, Copy)]
pub struct Def<F> {
    /// What it is.
    pub entry: FactEntry,
    /// Finds its value.
    pub value: F,
    /// Its value where there is nothing to look at.
    missing: Missing,
}

/// What a fact is where there is nothing to look at: no Dockerfile, no image, no stack.
#[derive(Debug, Clone, Copy)]
pub(super) enum Missing {
    Absent,
    False,
    NoItems,
    Word(&'static str),
}

/// A row for a fact that is absent where there is nothing to look at.
pub(super) const fn def<F>(name: &'static str, kind: Type, doc: &'static str, value: F) -> Def<F> {
    def_or(Missing::Absent, name, kind, doc, value)
}

/// A row for a fact that is this where there is nothing to look at.
pub(super) const fn def_or<F>(missing: Missing, name: &'static str, kind: Type, doc: &'static str, value: F) -> Def<F> {
    Def { entry: FactEntry { name, kind, doc }, value, missing }
}

impl<F> Def<F> {
    /// The fact where there is nothing to look at; `why` has the reason.
    fn without(&self, why: &Fact) -> Fact {
        let known = match self.missing {
            Missing::Absent => Known::Absent,
            Missing::False => Known::Value(Value::Bool(false)),
            Missing::NoItems => return Fact::of(Vec::<Fact>::new()),
            Missing::Word(word) => Known::Value(word.into()),
        };
        Fact { known, ..why.clone() }
    }
}

impl Facts {
    /// Puts the fact of a row.
    pub(super) fn fill<F>(&mut self, row: &Def<F>, fact: Fact) {
        self.fill_of("", row, fact);
    }

    /// Puts the fact of a row for this name: a service, an image.
    pub(super) fn fill_of<F>(&mut self, name: &str, row: &Def<F>, fact: Fact) {
        debug_assert!(row.entry.kind.fits(&fact), "{} is no {:?}: {fact:?}", row.entry.name, row.entry.kind);
        let path: Vec<&str> =
            row.entry.name.split('.').map(|part| if part == "<name>" { name } else { part }).collect();
        self.set(&path, fact);
    }

    /// Puts the facts of all rows of a table.
    pub(super) fn fill_all<F>(&mut self, table: &[Def<F>], fact: impl Fn(&F) -> Fact) {
        for row in table {
            self.fill(row, fact(&row.value));
        }
    }

    /// Puts the facts of all rows of a table as they are where there is nothing to look at.
    pub(super) fn fill_without<F>(&mut self, table: &[Def<F>], why: &Fact) {
        for row in table {
            self.fill(row, row.without(why));
        }
    }

    /// Fills a named thing (a service, an image) with what rows are where there is nothing to look at.
    pub(super) fn fill_without_of<F>(&mut self, name: &str, table: &[Def<F>], why: &Fact) {
        for row in table {
            self.fill_of(name, row, row.without(why));
        }
    }
}
