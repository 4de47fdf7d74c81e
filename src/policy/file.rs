//! Reading a policy: `checks/policy.yaml`, and a course's own file that is laid over it.

use super::built_in;
use super::question::QUESTIONS;
use super::rule::{Danger, Level, Policy, Rule, Section, When};
use super::size::amount;
use crate::diagnostic::Diagnostic;
use crate::diagnostic::{Error, nearest};
use crate::yaml::{self, Entry, Node, Span};
use std::io::Read as _;
use std::path::Path;
use std::sync::{Arc, LazyLock};

/// The policy that comes with the grader, as it is written.
pub(super) const TEXT: &str = include_str!("../../checks/policy.yaml");
/// What it names; a test sees to it that all of it can be read.
static BUILT_IN: LazyLock<Arc<Policy>> = LazyLock::new(|| Arc::new(built_in::names()));

const RULE_KEYS: [&str; 6] = ["refuse", "advise", "when", "unless", "at-most", "at-most-items"];

impl Policy {
    /// The policy that comes with the grader.
    pub fn built_in() -> Arc<Self> {
        Arc::clone(&BUILT_IN)
    }

    /// A course's own file, laid over the policy that comes with the grader.
    pub fn load(path: &Path) -> Result<Self, Error> {
        let named = path.display().to_string();
        let mut bytes = Vec::new();
        let read = std::fs::File::open(path);
        let read = read.and_then(|file| file.take(yaml::MAX_BYTES as u64 + 1).read_to_end(&mut bytes));
        read.map_err(|error| Error { diagnostics: vec![Diagnostic::of(&named, format!("cannot be read: {error}"))] })?;
        Self::read(&named, &bytes, Some(&Self::built_in()))
    }

    /// Reads a policy; with a base, what it does not say is as there, and it may only name what is there.
    pub fn read(path: &str, bytes: &[u8], base: Option<&Self>) -> Result<Self, Error> {
        let text = String::from_utf8_lossy(bytes);
        let mut reader = PolicyReader::new(path, &text, base);
        let mut policy = base.cloned().unwrap_or_default();
        match yaml::parse(bytes) {
            Ok(tree) => reader.file(&tree, &mut policy),
            Err(error) => {
                let (line, column) = (error.line, error.column);
                let span = Span { line, column, end_line: line, end_column: column + 1 };
                reader.problem(span, error.message);
            }
        }
        if reader.problems.is_empty() { Ok(policy) } else { Err(Error { diagnostics: reader.problems }) }
    }
}

/// Reads a policy, and gathers what is wrong in it.
pub(super) struct PolicyReader<'a> {
    path: &'a str,
    lines: Vec<&'a str>,
    base: Option<&'a Policy>,
    problems: Vec<Diagnostic>,
}

impl<'a> PolicyReader<'a> {
    pub(super) fn new(path: &'a str, text: &'a str, base: Option<&'a Policy>) -> Self {
        Self { path, lines: text.lines().collect(), base, problems: Vec::new() }
    }

    fn diagnostic(&self, span: Span, message: impl Into<String>) -> Diagnostic {
        let line = self.lines.get(span.line.saturating_sub(1) as usize).map(|&line| line.to_owned());
        Diagnostic { span: Some(span), line, ..Diagnostic::of(self.path, message) }
    }

    fn problem(&mut self, span: Span, message: impl Into<String>) {
        let problem = self.diagnostic(span, message);
        self.problems.push(problem);
    }

    fn unknown(&mut self, span: Span, what: &str, written: &str, known: &[&str]) {
        let nearest = nearest(written, known.iter().copied());
        // Of a long list the nearest name is enough.
        let allowed = known.iter().filter(|_| known.len() <= 30).map(|&name| name.to_owned()).collect();
        let problem = self.diagnostic(span, format!("unknown {what} `{written}`"));
        self.problems.push(Diagnostic { nearest, allowed, ..problem });
    }

    fn entries<'n>(&mut self, node: &'n Node, what: &str) -> &'n [Entry] {
        if node.as_map().is_none() && !node.is_null() {
            self.problem(node.span, format!("{what} is wanted here, not {}", node.kind()));
        }
        node.as_map().unwrap_or_default()
    }

    fn file(&mut self, tree: &Node, policy: &mut Policy) {
        let entries = self.entries(tree, "a policy, `dangers:` and kinds of maps such as `services.<name>:`,");
        for entry in tree.get("dangers").map_or(&[][..], |node| self.entries(node, "a map of names and dangers")) {
            if let Some(danger) = self.danger(&entry.value) {
                policy.dangers.insert(entry.key.clone(), danger.into());
            }
        }
        for entry in entries.iter().filter(|entry| entry.key != "dangers") {
            let mut section = match self.base.map(|base| base.sections.get(&entry.key)) {
                Some(Some(section)) => section.clone(),
                None => Section::new(),
                Some(None) => {
                    let base = self.base.map(|base| &base.sections).into_iter().flatten();
                    let known: Vec<&str> = base.map(|(name, _)| name.as_str()).chain(["dangers"]).collect();
                    self.unknown(entry.key_span, "kind of map", &entry.key, &known);
                    continue;
                }
            };
            for key in self.entries(&entry.value, "a map of keys and what is thought of them") {
                if self.base.is_some() && !section.contains_key(&key.key) {
                    let known: Vec<&str> = section.keys().map(String::as_str).collect();
                    self.unknown(key.key_span, "key", &key.key, &known);
                } else if let Some(rules) = self.rules(&key.value, policy) {
                    section.insert(key.key.clone(), rules.into());
                }
            }
            policy.sections.insert(entry.key.clone(), section);
        }
    }

    pub(super) fn danger(&mut self, node: &Node) -> Option<Danger> {
        for entry in self.entries(node, "`{ why: …, instead: … }`") {
            if !["why", "instead"].contains(&entry.key.as_str()) {
                self.unknown(entry.key_span, "key", &entry.key, &["why", "instead"]);
            }
        }
        let mut text = |key: &str| {
            let text = node.get(key).and_then(Node::text).map(str::trim).filter(|text| !text.is_empty());
            if text.is_none() {
                self.problem(node.span, format!("`{key}` is missing here"));
            }
            text.map(str::to_owned)
        };
        Some(Danger { why: text("why")?, instead: text("instead")? })
    }

    /// `allow`, a rule, or a list of rules.
    pub(super) fn rules(&mut self, node: &Node, policy: &Policy) -> Option<Vec<Rule>> {
        match node.text() {
            Some("allow") => return Some(Vec::new()),
            Some(other) => {
                self.unknown(node.span, "verdict", other, &["allow", "{ refuse: … }", "{ advise: … }"]);
                return None;
            }
            None => {}
        }
        let items = node.as_seq().unwrap_or(std::slice::from_ref(node));
        let rules: Vec<Rule> = items.iter().filter_map(|item| self.rule(item, policy)).collect();
        (rules.len() == items.len()).then_some(rules)
    }

    fn rule(&mut self, node: &Node, policy: &Policy) -> Option<Rule> {
        if node.as_map().is_none() {
            self.problem(node.span, "`allow`, `{ refuse: … }` or `{ advise: … }` is wanted here");
            return None;
        }
        for entry in self.entries(node, "a rule") {
            if !RULE_KEYS.contains(&entry.key.as_str()) {
                self.unknown(entry.key_span, "key", &entry.key, &RULE_KEYS);
            }
        }
        let (level, danger) = match (node.get("refuse"), node.get("advise")) {
            (Some(danger), None) => (Level::Refuse, danger),
            (None, Some(danger)) => (Level::Advise, danger),
            _ => {
                self.problem(node.span, "either `refuse` or `advise` is wanted here");
                return None;
            }
        };
        let danger = match danger.text() {
            None => self.danger(danger)?,
            Some(name) => {
                let known = policy.dangers.get(name).map(|danger| Danger::clone(danger));
                if known.is_none() {
                    let known: Vec<&str> = policy.dangers.keys().map(String::as_str).collect();
                    self.unknown(danger.span, "danger", name, &known);
                }
                known?
            }
        };
        let when = match node.get("when") {
            None => None,
            Some(node) => Some(self.when(node)?),
        };
        let unless = node.get("unless").map_or_else(Vec::new, |node| self.patterns(node));
        let at_most = match node.get("at-most") {
            None => None,
            Some(node) => Some(self.amount(node)?),
        };
        let at_most_items = match node.get("at-most-items") {
            None => None,
            Some(node) => {
                let count = node.as_int().and_then(|count| usize::try_from(count).ok());
                if count.is_none() {
                    self.problem(node.span, "a whole number is wanted here, such as `10`");
                }
                Some(count?)
            }
        };
        Some(Rule { level, danger, when, unless, at_most, at_most_items })
    }

    fn when(&mut self, node: &Node) -> Option<When> {
        let Some(name) = node.text() else { return Some(When::OneOf(self.patterns(node))) };
        let found = QUESTIONS.iter().find(|question| question.name == name);
        if found.is_none() {
            let known: Vec<&str> = QUESTIONS.iter().map(|question| question.name).collect();
            self.unknown(node.span, "question", name, &known);
        }
        found.map(When::Question)
    }

    fn patterns(&mut self, node: &Node) -> Vec<String> {
        let texts: Option<Vec<String>> =
            node.as_seq().and_then(|items| items.iter().map(|item| item.text().map(str::to_owned)).collect());
        if texts.is_none() {
            self.problem(node.span, "a list of values is wanted here, such as `[a, \"b*\"]`");
        }
        texts.unwrap_or_default()
    }

    fn amount(&mut self, node: &Node) -> Option<f64> {
        let amount = node.text().and_then(amount).filter(|amount| amount.is_finite());
        if amount.is_none() {
            self.problem(node.span, "a number or a size is wanted here, such as `10` or `2GiB`");
        }
        amount
    }
}
