//! `each` and `none` that hold where there is nothing: no services, no processes, no files.

use super::LintRule;
use super::services::mentions;
use crate::diagnostic::Diagnostic;
use crate::lint::Severity;
use crate::lint::view::LintedChallenge;
use crate::yaml::{Entry, Node};

pub(super) const RULE: LintRule = LintRule { name: "holds-on-nothing", severity: Severity::Warning, look };

/// Facts of which there should be some. None of the others, such as errors, is often what is meant.
const THINGS: [&str; 5] = ["services", "processes", "stages", "found", "instructions"];
/// Matchers that fail where there is nothing.
const FAIL_ON_NOTHING: [&str; 4] = ["count", "any", "contains", "equals"];

fn look(it: &LintedChallenge<'_>) -> Vec<Diagnostic> {
    let mut found = Vec::new();
    // Who asks a service by its name fails where there is none.
    for check in it.checks.iter().filter(|check| mentions(check).is_empty()) {
        let lists = check.lists();
        let conditions = check.steps().filter_map(|(_, action, _)| action.get("for")).map(|node| vec![node]);
        for list in lists.into_iter().chain(conditions) {
            let mut entries = Vec::new();
            for item in &list {
                facts(item, &mut entries);
            }
            for entry in entries.iter().filter(|entry| is_vacuous(entry)) {
                let name = entry.key.as_str();
                let inside = format!("{name}.");
                // Another item asks for one of them.
                let is_held = entries.iter().any(|other| {
                    (other.key == name && fails_on_nothing(&other.value)) || other.key.starts_with(&inside)
                });
                if is_held {
                    continue;
                }
                let word = if entry.value.get("each").is_some() { "each" } else { "none" };
                let mut told = check.diagnostic(entry.key_span, &format!("`{word}` holds where `{name}` is empty"));
                told.help = Some("also say how many there have to be: `count: { at-least: 1 }`".to_owned());
                found.push(told);
            }
        }
    }
    found
}

fn facts<'n>(item: &'n Node, found: &mut Vec<&'n Entry>) {
    for entry in item.as_map().unwrap_or_default() {
        match (entry.key.as_str(), entry.value.as_seq()) {
            ("any-of" | "all-of", Some(items)) => items.iter().for_each(|item| facts(item, found)),
            _ => found.push(entry),
        }
    }
}

fn is_vacuous(entry: &Entry) -> bool {
    let last = entry.key.rsplit('.').next().unwrap_or_default();
    let says = ["each", "none"].iter().any(|word| entry.value.get(word).is_some());
    says && THINGS.contains(&last) && !fails_on_nothing(&entry.value)
}

fn fails_on_nothing(matcher: &Node) -> bool {
    let is_not_empty = matcher.get("empty").and_then(Node::as_bool) == Some(false);
    is_not_empty || FAIL_ON_NOTHING.iter().any(|word| matcher.get(word).is_some())
}
