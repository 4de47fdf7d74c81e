//! `with:` parameters: names in braces that stand for values, `Image size < {max}`.

use super::file::CheckFile;
use crate::yaml::Span;
use std::cell::RefCell;
use std::collections::{BTreeMap, BTreeSet};

/// A parameter's value, and where it was given: in the check as its default, or in the challenge.
#[derive(Debug, Clone)]
pub(crate) struct Parameter<'a> {
    pub value: String,
    pub file: &'a CheckFile,
    pub span: Span,
}

/// The parameters of one check, and which of them were used.
#[derive(Debug, Default)]
pub(crate) struct Parameters<'a> {
    pub known: BTreeMap<String, Parameter<'a>>,
    used: RefCell<BTreeSet<String>>,
}

impl<'a> Parameters<'a> {
    /// The text with the values of all known parameters in it; other names in braces stay.
    pub fn fill(&self, text: &str) -> String {
        let (mut filled, mut rest) = (String::new(), text);
        while let Some((before, name, after)) = placeholder(rest) {
            filled.push_str(before);
            if let Some(parameter) = self.known.get(name) {
                self.used.borrow_mut().insert(name.to_owned());
                filled.push_str(&parameter.value);
                rest = after;
            } else {
                filled.push('{');
                rest = rest.get(before.len() + 1..).unwrap_or_default();
            }
        }
        filled + rest
    }

    /// The parameter that a text consists of or holds first.
    pub fn first_in(&self, text: &str) -> Option<&Parameter<'a>> {
        placeholders(text).into_iter().find_map(|name| self.known.get(name))
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
