//! Facts: typed, documented values about the learner's work, each with its place and its reason.
//!
//! Facts form a tree: `dockerfile.final.user.is_root` is a path in it, and the values of lists and maps are facts
//! themselves, so that each keeps its own place. Each source has one file here, with a table of its facts: name,
//! type, meaning and value side by side. [`registry`] has all of them.
// A row's function takes a view of any lifetime, as a closure does and a method of `View<'_>` does not.
#![allow(clippy::redundant_closure_for_method_calls)]

pub mod cache;
pub mod commands;
pub mod compose;
pub mod container;
pub mod context;
pub mod distribution;
pub mod dockerfile;
pub mod dockerignore;
mod fact;
pub mod files;
pub mod image;
pub mod json;
pub mod near_names;
pub mod program;
pub mod registry;
pub mod repo;
pub mod stack;
mod table;

pub use crate::source::Source;
pub use fact::{Fact, Known, Value};

use crate::outcome::Finding;
use crate::place::Place;
use std::collections::BTreeMap;

/// A fact of a file that git leaves out by a line of a `.gitignore`: for everyone else it isn't there. Checks that look for
/// it say so in place of their own words.
pub fn left_out(path: &str, line: &Place) -> Fact {
    let message = format!("{line} leaves your {path} out");
    let name = path.rsplit('/').next().unwrap_or(path);
    let hint = format!("Take that line out, or write `!{name}` below it. Then Git keeps the file, and CI gets it.");
    let finding =
        Finding { message: format!("{message}."), place: Some(line.clone()), hint: Some(hint), ..Finding::default() };
    Fact::absent().because(message).at(line.clone()).telling(&[finding])
}

/// Why no fact of a source is there.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum Unavailable {
    /// Not asked for (`--static`): what needs it is skipped.
    NotAsked,
    /// There is no engine to ask; one sentence with what to do. What needs it is skipped, and the report is incomplete.
    NoEngine(String),
    /// Collecting failed through no fault of the learner; one sentence. What needs it is errored.
    Failed(String),
}

/// All facts of one run.
#[derive(Debug, Clone, Default)]
pub struct Facts {
    root: BTreeMap<String, Fact>,
    unavailable: BTreeMap<Source, Unavailable>,
    refused: BTreeMap<Source, Finding>,
}

impl Facts {
    /// Puts a fact at its path (`["stack", "services", "web", "ready"]`), making what lies between.
    pub fn set<S: AsRef<str>>(&mut self, path: &[S], fact: Fact) {
        let Some((last, parents)) = path.split_last() else { return };
        let mut level = &mut self.root;
        for part in parents {
            let node = level.entry(part.as_ref().to_owned()).or_insert_with(|| Fact::of(Value::Map(BTreeMap::new())));
            if !matches!(node.known, Known::Value(Value::Map(_))) {
                node.known = Known::Value(Value::Map(BTreeMap::new()));
            }
            let Known::Value(Value::Map(next)) = &mut node.known else { return };
            level = next;
        }
        level.insert(last.as_ref().to_owned(), fact);
    }

    /// Puts a fact whose name holds no name of the learner's: `dockerfile.exists`.
    pub fn put(&mut self, name: &str, fact: impl Into<Fact>) {
        self.set(&name.split('.').collect::<Vec<_>>(), fact.into());
    }

    /// The fact at a path, if it was collected.
    pub fn at<S: AsRef<str>>(&self, path: &[S]) -> Option<&Fact> {
        let (first, rest) = path.split_first()?;
        let mut fact = self.root.get(first.as_ref())?;
        for part in rest {
            let Some(Value::Map(fields)) = fact.value() else { return None };
            fact = fields.get(part.as_ref())?;
        }
        Some(fact)
    }

    /// The fact of a name without names of the learner's in it.
    pub fn get(&self, name: &str) -> Option<&Fact> {
        self.at(&name.split('.').collect::<Vec<_>>())
    }

    /// Says that nothing of a source can be had.
    pub fn set_unavailable(&mut self, source: Source, why: Unavailable) {
        self.unavailable.insert(source, why);
    }

    /// Why nothing of a source can be had, if so.
    pub fn unavailable(&self, source: Source) -> Option<&Unavailable> {
        self.unavailable.get(&source)
    }

    /// Says why a source's files can't be used as they are, or that they can: no expectation of its facts holds then, but
    /// those of its errors.
    pub fn set_refused(&mut self, source: Source, why: Option<Finding>) {
        match why {
            Some(why) => drop(self.refused.insert(source, why)),
            None => drop(self.refused.remove(&source)),
        }
    }

    /// Why a source's files can't be used as they are, if so.
    pub fn refused(&self, source: Source) -> Option<&Finding> {
        self.refused.get(&source)
    }

    /// Takes the facts of one source away from the others.
    #[must_use]
    pub fn split_off(&mut self, source: Source) -> Self {
        let root = source.prefixes().iter().filter_map(|prefix| self.root.remove_entry(*prefix)).collect();
        let unavailable = self.unavailable.remove_entry(&source).into_iter().collect();
        let refused = self.refused.remove_entry(&source).into_iter().collect();
        Self { root, unavailable, refused }
    }

    /// Takes over the facts of another source.
    pub fn merge(&mut self, other: Self) {
        for (name, fact) in other.root {
            self.root.insert(name, fact);
        }
        self.unavailable.extend(other.unavailable);
        self.refused.extend(other.refused);
    }
}
