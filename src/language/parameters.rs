//! `with:` parameters: names in braces that stand for values, `Image size < {max}`.

use super::file::CheckFile;
use crate::yaml::{Entry, Node, Span, Value};
use std::cell::RefCell;
use std::collections::{BTreeMap, BTreeSet};

/// A parameter's value, and where it was given: in the check as its default, or in the challenge.
#[derive(Debug, Clone)]
pub(crate) struct Parameter<'a> {
    /// Its text; of a list, its items with commas.
    pub value: String,
    /// Its items, if it is a list.
    pub items: Option<Vec<Node>>,
    /// What it has of the learner's, if anything.
    pub learner: Option<OfLearner>,
    pub file: &'a CheckFile,
    pub span: Span,
}

/// The keys whose values keep the names of lists: texts, and what has parameters of its own.
const STAYS: [&str; 12] =
    ["about", "examples", "expected", "hint", "hints", "learn", "message", "reflect", "task", "title", "why", "with"];

/// A value that the learner says: its name in the learner's file, and why there is none, if so.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(crate) struct OfLearner {
    pub name: String,
    pub missing: Option<String>,
}

/// The parameters of one check, and which of them were used.
#[derive(Debug, Clone, Default)]
pub(crate) struct Parameters<'a> {
    pub known: BTreeMap<String, Parameter<'a>>,
    /// Those of the challenge, whose own texts may have them, too.
    pub outer: Option<&'a Parameters<'a>>,
    used: RefCell<BTreeSet<String>>,
}

impl<'a> Parameters<'a> {
    /// Adds the parameters of the challenge.
    #[must_use]
    pub fn within(self, outer: &'a Parameters<'a>) -> Self {
        Self { outer: Some(outer), ..self }
    }

    /// The text with the values of all known parameters in it; other names in braces stay.
    pub fn fill(&self, text: &str) -> String {
        self.fill_with(text, &|parameter| parameter.value.clone())
    }

    /// The text with something of all known parameters in it.
    pub fn fill_with(&self, text: &str, value: &dyn Fn(&Parameter<'a>) -> String) -> String {
        let (mut filled, mut rest) = (String::new(), text);
        while let Some((before, name, after)) = placeholder(rest) {
            filled.push_str(before);
            if let Some(parameter) = self.find(name) {
                filled.push_str(&value(parameter));
                rest = after;
            } else {
                filled.push('{');
                rest = rest.get(before.len() + 1..).unwrap_or_default();
            }
        }
        filled + rest
    }

    /// Finds a parameter, which is used then.
    fn find(&self, name: &str) -> Option<&Parameter<'a>> {
        if let Some(known) = self.known.get(name) {
            self.used.borrow_mut().insert(name.to_owned());
            return Some(known);
        }
        let outer = self.outer?.find(name)?;
        self.used.borrow_mut().insert(name.to_owned());
        Some(outer)
    }

    /// The value of a parameter of this level, which is used then.
    pub fn taken(&self, name: &str) -> Option<&Parameter<'a>> {
        self.known.contains_key(name).then(|| self.find(name)).flatten()
    }

    fn get(&self, name: &str) -> Option<&Parameter<'a>> {
        self.known.get(name).or_else(|| self.outer?.get(name))
    }

    /// The parameter that a text consists of or holds first.
    pub fn first_in(&self, text: &str) -> Option<&Parameter<'a>> {
        placeholders(text).into_iter().find_map(|name| self.get(name))
    }

    /// What a text has of the learner's, if anything.
    pub fn learner_in(&self, text: &str) -> Option<&OfLearner> {
        placeholders(text).into_iter().find_map(|name| self.get(name)?.learner.as_ref())
    }

    /// What of the learner's was used and is missing, if so.
    pub fn missing(&self) -> Option<&OfLearner> {
        let used = self.used.borrow();
        let mut learners = used.iter().filter_map(|name| self.get(name)?.learner.as_ref());
        learners.find(|learner| learner.missing.is_some())
    }

    /// The tree with the items of lists in the place of their names: `paths: "{paths}"`. Examples stay as they are.
    pub fn spread(&self, node: &Node) -> Node {
        let value = match &node.value {
            Value::Scalar(text, _) => {
                let name = text.strip_prefix('{').and_then(|rest| rest.strip_suffix('}'));
                let list = name.filter(|name| self.get(name).is_some_and(|it| it.items.is_some()));
                let Some(items) = list.and_then(|name| self.find(name)?.items.as_ref()) else { return node.clone() };
                // What is wrong with one of them is wrong here.
                Value::Seq(items.iter().map(|item| Node { span: node.span, ..item.clone() }).collect())
            }
            // In a list, as in prose, a list is its items with commas.
            Value::Seq(items) => Value::Seq(
                items.iter().map(|item| if item.text().is_some() { item.clone() } else { self.spread(item) }).collect(),
            ),
            Value::Map(entries) => Value::Map(entries.iter().map(|entry| self.spread_entry(entry)).collect()),
        };
        Node { value, ..node.clone() }
    }

    fn spread_entry(&self, entry: &Entry) -> Entry {
        let stays = STAYS.contains(&entry.key.as_str());
        Entry { value: if stays { entry.value.clone() } else { self.spread(&entry.value) }, ..entry.clone() }
    }

    /// Whether one of them is a list.
    pub fn has_lists(&self) -> bool {
        self.known.values().any(|it| it.items.is_some()) || self.outer.is_some_and(Parameters::has_lists)
    }

    /// The parameters that nothing used.
    pub fn unused(&self) -> impl Iterator<Item = (&str, &Parameter<'a>)> {
        let used = self.used.borrow();
        self.known.iter().filter(move |(name, _)| !used.contains(*name)).map(|(name, it)| (name.as_str(), it))
    }
}

/// Whether a text can be the name of a parameter or of a captured value.
pub(crate) fn is_name(text: &str) -> bool {
    text.starts_with(|c: char| c.is_ascii_lowercase()) && text.chars().all(is_name_char)
}

fn is_name_char(c: char) -> bool {
    c.is_ascii_lowercase() || c.is_ascii_digit() || matches!(c, '_' | '-')
}

/// All names in braces.
pub(crate) fn placeholders(text: &str) -> Vec<&str> {
    std::iter::successors(placeholder(text), |(_, _, rest)| placeholder(rest)).map(|(_, name, _)| name).collect()
}

/// The first name in braces, what stands before it and what behind. `${name}` is the shell's.
fn placeholder(text: &str) -> Option<(&str, &str, &str)> {
    text.match_indices('{').find_map(|(at, _)| {
        if text.get(..at)?.ends_with('$') {
            return None;
        }
        let inner = text.get(at + 1..)?;
        let end = inner.find(|c: char| !is_name_char(c))?;
        let (name, after) = (inner.get(..end)?, inner.get(end..)?.strip_prefix('}')?);
        is_name(name).then_some((text.get(..at)?, name, after))
    })
}
