//! What the policy says: for each key nothing, or rules that refuse or advise against some of its values.

use super::Judged;
use super::late::Late;
use super::question::Question;
use super::size::amount;
use crate::yaml::{Node, Span, Value};
use std::collections::{BTreeMap, BTreeSet};
use std::path::Path;

/// Why something is not run, and what to write instead.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Danger {
    /// What could come of it, behind "`key` is not allowed here: ".
    pub why: String,
    /// What to write instead, a sentence.
    pub instead: String,
}

/// What comes of a rule that holds.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Level {
    /// It is not run.
    Refuse,
    /// It is run, and said.
    Advise,
}

/// A rule about the values of a key. It holds where all that it asks does; one that asks nothing always holds.
#[derive(Debug, Clone)]
pub struct Rule {
    /// What comes of it.
    pub level: Level,
    /// Why.
    pub danger: Danger,
    /// A question to the value.
    pub when: Option<When>,
    /// Values that are fine.
    pub unless: Vec<String>,
    /// The most that a number or a size may be.
    pub at_most: Option<f64>,
    /// The most items that there may be.
    pub at_most_items: Option<usize>,
}

/// A question to a value.
#[derive(Debug, Clone)]
pub enum When {
    /// One that is code.
    Question(&'static Question),
    /// Whether it is one of these.
    OneOf(Vec<String>),
}

/// The rules of each key of one kind of map; none where a key is allowed.
pub type Section = BTreeMap<String, Late<Vec<Rule>>>;

/// The whole policy.
#[derive(Debug, Clone, Default)]
pub struct Policy {
    /// The dangers by their names.
    pub dangers: BTreeMap<String, Late<Danger>>,
    /// The kinds of maps by their paths: `compose` for the top, `services.<name>`, `services.<name>.build`.
    pub sections: BTreeMap<String, Section>,
    /// Whether all that it refuses is run all the same, and said (`--trust`).
    pub is_trusting: bool,
}

impl Policy {
    /// The rules of a key; none where it is allowed or not known.
    pub fn rules(&self, section: &str, key: &str) -> &[Rule] {
        self.sections.get(section).and_then(|section| section.get(key)).map_or(&[], |rules| rules.as_slice())
    }

    /// The first rule of a key that holds for a text that is no part of a Compose file.
    pub fn of_text(&self, section: &str, key: &str, text: &str) -> Option<&Rule> {
        let node = Node { value: Value::Scalar(text.to_owned(), true), span: Span::default(), tag: None };
        let value = Judged {
            node: &node,
            parent: None,
            text: Some(text),
            root: Path::new("/"),
            directory: "",
            is_resolved: true,
            may_vary: false,
            built: &BTreeSet::new(),
            fill: &str::to_owned,
        };
        self.rules(section, key).iter().find(|rule| rule.holds(&value))
    }
}

impl Rule {
    /// Whether it is about the value as a whole and not about each item.
    pub fn is_about_all(&self) -> bool {
        let whole = matches!(&self.when, Some(When::Question(question)) if question.of_whole);
        let nothing = self.when.is_none() && self.unless.is_empty() && self.at_most.is_none();
        whole || nothing || self.at_most_items.is_some()
    }

    /// Whether it can say something of a map whose keys have rules of their own.
    pub fn reads_maps(&self) -> bool {
        matches!(&self.when, Some(When::Question(question)) if question.reads_maps)
    }

    /// Whether it holds for a value.
    pub fn holds(&self, value: &Judged<'_>) -> bool {
        let count = || value.node.as_seq().map(<[_]>::len).or_else(|| value.node.as_map().map(<[_]>::len));
        if self.at_most_items.is_some_and(|most| count().unwrap_or(1) <= most) {
            return false;
        }
        match &self.when {
            Some(When::Question(question)) => (question.ask)(value) && !value.text.is_some_and(|it| self.excepts(it)),
            // As Compose has resolved it, it is looked at again.
            _ if !value.is_resolved && value.text.is_some_and(|text| text.contains('$')) && !self.is_about_all() => {
                false
            }
            // What is no number is for Compose to refuse; what it makes of it is looked at again.
            _ if !value.is_resolved && self.at_most.is_some() && value.text.is_some_and(|it| amount(it).is_none()) => {
                false
            }
            _ => self.at_most_items.is_some() || self.fits(value.text),
        }
    }

    /// The same for a text alone; what is no text is not known to be fine.
    fn fits(&self, text: Option<&str>) -> bool {
        let Some(text) = text else { return true };
        let asked = match &self.when {
            Some(When::OneOf(patterns)) => patterns.iter().any(|pattern| is_like(text, pattern)),
            _ => true,
        };
        asked && !self.excepts(text) && self.at_most.is_none_or(|most| amount(text).is_none_or(|it| it > most))
    }

    fn excepts(&self, text: &str) -> bool {
        self.unless.iter().any(|pattern| is_like(text, pattern))
    }
}

/// Whether a text is like a pattern, in which `*` stands for any characters. Small and capital letters are the same.
pub fn is_like(text: &str, pattern: &str) -> bool {
    let (text, pattern) = (text.to_ascii_lowercase(), pattern.to_ascii_lowercase());
    let Some((first, rest)) = pattern.split_once('*') else { return text == pattern };
    let Some(mut text) = text.strip_prefix(first) else { return false };
    let mut parts: Vec<&str> = rest.split('*').collect();
    let last = parts.pop().unwrap_or_default();
    for part in parts {
        let Some(at) = text.find(part) else { return false };
        text = text.get(at + part.len()..).unwrap_or_default();
    }
    text.ends_with(last)
}

#[cfg(test)]
mod tests {
    use super::is_like;

    #[test]
    fn patterns() {
        for (text, pattern, expected) in [
            ("SETUID", "setuid", true),
            ("SETUIDS", "setuid", false),
            ("docker/dockerfile:1", "docker/dockerfile:*", true),
            ("docker/dockerfile-evil:1", "docker/dockerfile:*", false),
            ("https://github.com.evil.org/", "https://github.com/*", false),
            ("/etc/localtime:/x:ro", "/etc/localtime:*:ro", true),
            ("/etc/localtime:/x", "/etc/localtime:*:ro", false),
            ("a-b-c", "a*b*c", true),
            ("ab", "a*b*b", false),
            ("ab", "ab*b", false),
            ("", "*", true),
        ] {
            assert_eq!(is_like(text, pattern), expected, "{text} {pattern}");
        }
    }
}
