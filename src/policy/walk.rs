//! Goes through a Compose file, or the model that Compose made of it, and holds each key against the policy.

use super::rule::{Level, Policy, Rule, Section};
use super::{Decision, Judged};
use crate::compose::suggestion;
use crate::outcome::Finding;
use crate::place::Place;
use crate::yaml::{Node, Scalar, Span};
use std::collections::BTreeSet;
use std::path::Path;

/// How many findings of a kind are told at once.
const MAX_FINDINGS: usize = 20;

/// The keys of services that have Compose read a file whether the service is started or not.
const READ: [&str; 3] = ["env_file", "extends", "label_file"];

/// The keys of a map of which the policy says nothing.
static NOTHING: Section = Section::new();

/// What is gone through, and by which policy.
pub(crate) struct Walk<'a> {
    pub policy: &'a Policy,
    pub root: &'a Path,
    pub directory: &'a str,
    pub is_resolved: bool,
    pub may_vary: bool,
    /// The services that nothing starts.
    pub idle: &'a BTreeSet<&'a str>,
    /// The images that services build.
    pub built: &'a BTreeSet<String>,
    pub place: &'a dyn Fn(&[String], Span) -> Place,
    /// What a key is called in a finding.
    pub name: &'a dyn Fn(&str, &[String], Span) -> String,
    pub text: &'a dyn Fn(&str) -> String,
}

/// A value, and what it is the value of.
#[derive(Clone, Copy)]
struct WalkedValue<'a> {
    key: &'a str,
    node: &'a Node,
    span: Span,
    parent: &'a Node,
}

impl Walk<'_> {
    /// A Compose file from its top.
    pub fn file(&self, tree: &Node) -> Decision {
        let mut verdict = Decision::default();
        if tree.as_map().is_some() {
            self.map(tree, "", &mut Vec::new(), &mut verdict);
        }
        verdict
    }

    /// A map whose keys a section knows.
    fn map(&self, node: &Node, section: &str, path: &mut Vec<String>, verdict: &mut Decision) {
        let named = if section.is_empty() { "compose" } else { section };
        // Without a section nothing is known, so nothing is let pass.
        let known = self.policy.sections.get(named).unwrap_or(&NOTHING);
        for entry in node.as_map().unwrap_or_default() {
            if verdict.refused.len() >= MAX_FINDINGS {
                return;
            }
            let key = entry.key.as_str();
            path.push(key.to_owned());
            if let Some(rules) = known.get(key) {
                let inner = if section.is_empty() { key.to_owned() } else { format!("{section}.{key}") };
                let spot = WalkedValue { key, node: &entry.value, span: entry.key_span, parent: node };
                if is_said(spot.node) {
                    self.rules(spot, rules, self.policy.sections.contains_key(&inner), path, verdict);
                    self.inside(spot.node, &inner, path, verdict);
                }
            } else if !key.starts_with("x-") {
                let known: Vec<&str> = known.keys().map(String::as_str).collect();
                verdict.refused.push(Finding {
                    message: format!("`{key}` isn't a key of {}", what(section)),
                    place: Some((self.place)(path, entry.key_span)),
                    hint: suggestion::nearest(key, &known).map(|near| format!("Did you mean `{near}`?")),
                    ..Finding::default()
                });
            }
            path.pop();
        }
    }

    /// The maps in a value whose keys a section knows: itself, its items, or what it names.
    fn inside(&self, node: &Node, section: &str, path: &mut Vec<String>, verdict: &mut Decision) {
        let named = format!("{section}.<name>");
        if self.policy.sections.contains_key(&named) {
            for entry in node.as_map().unwrap_or_default() {
                path.push(entry.key.clone());
                self.map(&entry.value, &named, path, verdict);
                path.pop();
            }
        } else if self.policy.sections.contains_key(section) {
            self.map(node, section, path, verdict);
            for (index, item) in node.as_seq().into_iter().flatten().enumerate() {
                path.push(index.to_string());
                self.map(item, section, path, verdict);
                path.pop();
            }
        }
    }

    /// The rules of a key. Of a list each item is judged, of a map without a section of its own each `name=value`.
    fn rules(
        &self,
        spot: WalkedValue<'_>,
        rules: &[Rule],
        has_section: bool,
        path: &mut Vec<String>,
        verdict: &mut Decision,
    ) {
        if let Some(rule) = rules.iter().filter(|rule| rule.is_about_all()).find(|rule| self.holds(rule, spot, None)) {
            return self.add(rule, spot, path, verdict);
        }
        let rules: Vec<&Rule> = rules.iter().filter(|rule| !rule.is_about_all()).collect();
        if rules.is_empty() {
            return;
        }
        self.each(spot, &rules, has_section, None, path, verdict);
    }

    fn each(
        &self,
        spot: WalkedValue<'_>,
        rules: &[&Rule],
        has_section: bool,
        name: Option<&str>,
        path: &mut Vec<String>,
        verdict: &mut Decision,
    ) {
        if verdict.refused.len() >= MAX_FINDINGS {
            return;
        }
        if let Some(items) = spot.node.as_seq() {
            for (index, item) in items.iter().enumerate() {
                path.push(index.to_string());
                self.each(WalkedValue { node: item, span: item.span, ..spot }, rules, has_section, name, path, verdict);
                path.pop();
            }
        } else if let Some(entries) = spot.node.as_map().filter(|_| !has_section) {
            for entry in entries {
                path.push(entry.key.clone());
                let spot = WalkedValue { node: &entry.value, span: entry.key_span, ..spot };
                self.each(spot, rules, has_section, Some(name.unwrap_or(&entry.key)), path, verdict);
                path.pop();
            }
        } else if name.is_some() || is_said(spot.node) {
            let is_map = spot.node.as_map().is_some();
            let mut rules = rules.iter().filter(|rule| !is_map || rule.reads_maps());
            if let Some(rule) = rules.find(|rule| self.holds(rule, spot, name)) {
                self.add(rule, spot, path, verdict);
            }
        }
    }

    fn holds(&self, rule: &Rule, spot: WalkedValue<'_>, name: Option<&str>) -> bool {
        let value = spot.node.text().map(self.text);
        let text = match (name, value) {
            (Some(name), Some(value)) => Some(format!("{name}={value}")),
            (Some(name), None) => Some(name.to_owned()),
            (None, Some(value)) => Some(value),
            (None, None) => self.mount(spot.node),
        };
        rule.holds(&Judged {
            node: spot.node,
            parent: Some(spot.parent),
            text: text.as_deref(),
            root: self.root,
            directory: self.directory,
            is_resolved: self.is_resolved,
            may_vary: self.may_vary,
            built: self.built,
            fill: self.text,
        })
    }

    /// The short form of a long one: `source:target:ro`.
    fn mount(&self, node: &Node) -> Option<String> {
        let field = |key: &str| node.get(key).and_then(Node::text).map(self.text);
        let (source, target) = (field("source")?, field("target")?);
        let mode = if field("read_only").as_deref() == Some("true") { ":ro" } else { "" };
        Some(format!("{source}:{target}{mode}"))
    }

    /// The service that nothing starts, if that is where the path leads and nothing there is read all the same.
    fn idle<'p>(&self, path: &'p [String]) -> Option<&'p str> {
        match path {
            [section, name, key, ..] if section == "services" && !READ.contains(&key.as_str()) => {
                Some(name.as_str()).filter(|name| self.idle.contains(name))
            }
            _ => None,
        }
    }

    fn add(&self, rule: &Rule, spot: WalkedValue<'_>, path: &[String], verdict: &mut Decision) {
        let what = (self.name)(spot.key, path, spot.span);
        let (to, message) = match (rule.level, self.idle(path)) {
            (Level::Refuse, Some(service)) => {
                let rest = format!("would not be run here, but nothing starts `{service}`: {}", rule.danger.why);
                (&mut verdict.advised, format!("{what} {rest}"))
            }
            (Level::Refuse, None) => (&mut verdict.refused, format!("{what} is not allowed here: {}", rule.danger.why)),
            (Level::Advise, _) => (&mut verdict.advised, format!("{what}: {}", rule.danger.why)),
        };
        // Each for itself: no advice hides what is refused.
        if to.len() >= MAX_FINDINGS {
            return;
        }
        to.push(Finding {
            message,
            place: Some((self.place)(path, spot.span)),
            actual: spot.node.text().map(|text| text.chars().take(200).collect()),
            hint: Some(rule.danger.instead.clone()),
            ..Finding::default()
        });
    }
}

/// Whether a value says anything: `false`, `[]` and nothing at all do not.
fn is_said(node: &Node) -> bool {
    match node.scalar() {
        Some(Scalar::Null | Scalar::Bool(false) | Scalar::Text("" | "false")) => false,
        Some(_) => true,
        None => node.as_seq().is_none_or(|items| !items.is_empty()) && node.as_map().is_none_or(|map| !map.is_empty()),
    }
}

/// `` `logging.driver` of the service `api` ``
pub(super) fn named(key: &str, path: &[String], _: Span) -> String {
    match path {
        [section, name, within @ ..] if section != "include" && !within.is_empty() => {
            let end = within.iter().rposition(|part| part == key).map_or(within.len(), |last| last + 1);
            let parts = within.iter().take(end).filter(|part| part.parse::<usize>().is_err());
            let key = parts.map(String::as_str).collect::<Vec<_>>().join(".");
            format!("`{key}` of the {} `{name}`", section.strip_suffix('s').unwrap_or(section))
        }
        _ => format!("`{key}`"),
    }
}

/// What the keys of a section are keys of.
fn what(section: &str) -> String {
    match section.strip_suffix(".<name>") {
        Some(plural) => plural.to_owned(),
        None if section.is_empty() => "Compose files".to_owned(),
        None => format!("`{}`", section.strip_prefix("services.<name>.").unwrap_or(section)),
    }
}
