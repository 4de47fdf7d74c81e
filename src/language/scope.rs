//! Reading one file of the check language: its values, and everything that is wrong with them.

use super::file::{CheckFile, Problems};
use super::grammar::Key;
use super::parameters::{Parameters, placeholders};
use crate::diagnostic::{Diagnostic, nearest};
use crate::yaml::{Entry, Node, Scalar, Span};
use std::collections::{BTreeMap, BTreeSet};

/// The most diagnostics that are told at once.
const MOST: usize = 100;

/// What is needed to read values of a file.
#[derive(Debug, Clone, Copy)]
pub(crate) struct Scope<'a> {
    pub file: &'a CheckFile,
    pub problems: &'a Problems,
    pub parameters: &'a Parameters<'a>,
    /// The values that earlier steps kept.
    pub captures: &'a BTreeSet<String>,
}

/// The entries of a map whose keys are known.
#[derive(Debug, Clone, Copy)]
pub(crate) struct Fields<'n> {
    entries: &'n [Entry],
    span: Span,
}

impl<'n> Fields<'n> {
    pub fn entry(&self, key: &str) -> Option<&'n Entry> {
        self.entries.iter().find(|entry| entry.key == key)
    }

    pub fn get(&self, key: &str) -> Option<&'n Node> {
        self.entry(key).map(|entry| &entry.value)
    }

    /// Where the map starts.
    pub fn start(&self) -> Span {
        self.entries.first().map_or(self.span, |entry| entry.key_span)
    }
}

impl Scope<'_> {
    pub fn add(&self, diagnostic: Diagnostic) {
        let mut problems = self.problems.borrow_mut();
        if problems.len() < MOST && !problems.contains(&diagnostic) {
            problems.push(diagnostic);
        }
    }

    pub fn problem(&self, span: Span, message: impl Into<String>) {
        self.add(self.file.diagnostic(span, message));
    }

    /// Something wrong with a value: where its parameter was given, if it has one.
    pub fn bad(&self, node: &Node, message: impl Into<String>) -> Diagnostic {
        match node.text().and_then(|text| self.parameters.first_in(text)) {
            Some(parameter) => parameter.file.diagnostic(parameter.span, message),
            None => self.file.diagnostic(node.span, message),
        }
    }

    /// A name that is not known.
    pub fn unknown(&self, span: Span, what: &str, written: &str, allowed: &[&str]) {
        if self.problems.borrow().len() >= MOST {
            return;
        }
        self.add(Diagnostic {
            nearest: nearest(written, allowed.iter().copied()),
            allowed: allowed.iter().map(|&name| name.to_owned()).collect(),
            ..self.file.diagnostic(span, format!("unknown {what} `{written}`"))
        });
    }

    /// Something else stands here than what has to.
    pub fn wanted(&self, node: &Node, what: &str) {
        let are = if ["names ", "facts", "bounds"].iter().any(|many| what.starts_with(many)) { "are" } else { "is" };
        let instead = match (node.text(), node.scalar()) {
            (Some(text), _) if text.trim().is_empty() => "but this is empty".to_owned(),
            (Some(text), Some(Scalar::Int(_) | Scalar::Float(_))) => format!("not `{text}`"),
            (Some(text), _) if ["a size", "a number"].iter().any(|it| what.starts_with(it)) => format!("not `{text}`"),
            _ => format!("not {}", node.kind()),
        };
        let mut diagnostic = self.bad(node, format!("{what} {are} wanted here, {instead}"));
        if let Some([entry]) = node.as_map()
            && entry.value.is_null()
        {
            diagnostic.help = Some(format!("braces make a map in YAML; write it in quotes: \"{{{}}}\"", entry.key));
        }
        self.add(diagnostic);
    }

    /// The entries of a map that may only have these keys.
    pub fn fields<'n>(&self, node: &'n Node, what: &str, keys: &[&[Key]]) -> Fields<'n> {
        let Some(entries) = node.as_map() else {
            self.wanted(node, what);
            return Fields { entries: &[], span: node.span };
        };
        let allowed: Vec<&str> = keys.iter().copied().flatten().map(|key| key.name).collect();
        for entry in entries.iter().filter(|entry| !allowed.contains(&entry.key.as_str())) {
            self.unknown(entry.key_span, "key", &entry.key, &allowed);
        }
        Fields { entries, span: node.span }
    }

    /// The items of a list.
    pub fn items<'n>(&self, node: &'n Node, what: &str) -> &'n [Node] {
        node.as_seq().unwrap_or_else(|| {
            self.wanted(node, what);
            &[]
        })
    }

    /// Text for people: parameters filled in, not empty.
    pub fn prose(&self, node: &Node) -> Option<String> {
        let text = node.text().map(|text| self.parameters.fill(text.trim()));
        match &text {
            None => self.wanted(node, "text"),
            Some(text) if text.is_empty() => self.wanted(node, "text"),
            Some(_) => return text,
        }
        None
    }

    /// Tells names in braces that are like a parameter's and are none. Others may be the text's own: `/items/{id}`.
    pub fn misspelled(&self, node: &Node) {
        let known = || self.parameters.known.keys().map(String::as_str);
        for name in placeholders(node.text().unwrap_or_default()) {
            let is_known = self.parameters.known.contains_key(name) || self.captures.contains(name);
            let Some(near) = nearest(name, known()).filter(|_| !is_known) else { continue };
            self.add(Diagnostic {
                nearest: Some(format!("{{{near}}}")),
                allowed: known().map(|name| format!("{{{name}}}")).collect(),
                ..self.file.diagnostic(node.span, format!("`{{{name}}}` is no parameter of this check"))
            });
        }
    }

    /// The text of a key, which has to be there.
    pub fn required(&self, fields: Fields<'_>, key: &str) -> String {
        if let Some(node) = fields.get(key) {
            return self.prose(node).unwrap_or_default();
        }
        self.problem(fields.start(), format!("`{key}` is missing here"));
        String::new()
    }

    /// The texts of a list; empty if there is no such key.
    pub fn texts(&self, fields: Fields<'_>, key: &str) -> Vec<String> {
        let Some(node) = fields.get(key) else { return Vec::new() };
        self.items(node, "a list of texts").iter().filter_map(|item| self.prose(item)).collect()
    }

    /// True or false.
    pub fn boolean(&self, node: &Node) -> Option<bool> {
        let read = node.text().and_then(|text| self.parameters.fill(text).parse().ok());
        if read.is_none() {
            self.wanted(node, "true or false");
        }
        read
    }

    /// Texts by names.
    pub fn map(&self, node: &Node) -> BTreeMap<String, String> {
        let Some(entries) = node.as_map() else {
            self.wanted(node, "names and texts");
            return BTreeMap::new();
        };
        let read = entries.iter().filter_map(|entry| {
            let text = entry.value.text();
            if text.is_none() {
                self.wanted(&entry.value, "text");
            }
            Some((entry.key.clone(), self.parameters.fill(text?)))
        });
        read.collect()
    }

    /// A whole number, of these.
    pub fn number(&self, node: &Node, range: std::ops::RangeInclusive<u32>) -> Option<u32> {
        let text = node.text().map(|text| self.parameters.fill(text));
        let number = text.and_then(|text| text.parse().ok()).filter(|number| range.contains(number));
        if number.is_none() {
            let what = format!("a whole number from {} to {}", range.start(), range.end());
            match node.text() {
                Some(text) => self.add(self.bad(node, format!("{what} is wanted here, not `{text}`"))),
                None => self.wanted(node, &what),
            }
        }
        number
    }

    /// A path below the repository's root, or the root itself.
    pub fn path(&self, node: &Node) -> Option<String> {
        let text = self.prose(node)?;
        if text.starts_with('/') || text.contains('\\') || text.split('/').any(|part| part == "..") {
            let mut diagnostic = self.bad(node, format!("`{text}` is no path in the repository"));
            diagnostic.help = Some("write it relative to the repository's root, with `/` and without `..`".to_owned());
            self.add(diagnostic);
            return None;
        }
        Some(text)
    }
}
