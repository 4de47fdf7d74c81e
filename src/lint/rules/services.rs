//! Services that a fact or a step names, and that are neither a role nor a service of the solution.

use super::LintRule;
use crate::diagnostic::{Diagnostic, nearest};
use crate::lint::Severity;
use crate::lint::view::{LintedChallenge, LintedCheck};
use crate::yaml::{Entry, Node, Span};

pub(super) const RULE: LintRule = LintRule { name: "service", severity: Severity::Error, look };

fn look(it: &LintedChallenge<'_>) -> Vec<Diagnostic> {
    let mut known = it.services();
    known.extend(it.challenge.roles.keys().cloned());
    // Without a Compose file in the solution nobody knows what its services are called.
    if known.is_empty() {
        return Vec::new();
    }
    let mut found = Vec::new();
    for check in &it.checks {
        // Containers that the check itself starts have names, too.
        let started = check.steps().filter(|(kind, ..)| *kind == "start");
        let started: Vec<&str> = started.filter_map(|(_, action, _)| action.get("name")?.text()).collect();
        let is_known = |name: &String| known.contains(name) || started.contains(&name.as_str());
        for (name, span) in mentions(check).into_iter().filter(|(name, _)| !is_known(name)) {
            let told = check.diagnostic(span, &format!("unknown service or role `{name}`"));
            let allowed: Vec<String> = known.iter().cloned().collect();
            found.push(Diagnostic { nearest: nearest(&name, known.iter().map(String::as_str)), allowed, ..told });
        }
    }
    found
}

/// The services that a check names, where it can be said before a run.
pub(super) fn mentions(check: &LintedCheck<'_>) -> Vec<(String, Span)> {
    let mut found = Vec::new();
    for key in ["expect", "advise", "show", "script"] {
        if let Some(entry) = check.node.entry(key) {
            of_entry(check, entry, &mut found);
        }
    }
    for (kind, action, step) in check.steps() {
        if let ("compose", Some(text)) = (kind, action.text()) {
            let service = text.split_whitespace().nth(1).and_then(|word| word.split('=').next());
            named(check, service, action.span, &mut found);
        }
        if let Some(service) = action.get("service") {
            named(check, service.text(), service.span, &mut found);
        }
        walk(check, step, &mut found);
    }
    found
}

fn named(check: &LintedCheck<'_>, name: Option<&str>, span: Span, found: &mut Vec<(String, Span)>) {
    found.extend(name.and_then(|name| check.filled(name)).map(|name| (name, span)));
}

fn walk(check: &LintedCheck<'_>, node: &Node, found: &mut Vec<(String, Span)>) {
    for entry in node.as_map().unwrap_or_default() {
        of_entry(check, entry, found);
    }
    for item in node.as_seq().unwrap_or_default() {
        walk(check, item, found);
    }
}

fn of_entry(check: &LintedCheck<'_>, entry: &Entry, found: &mut Vec<(String, Span)>) {
    // A service that must not be there has no role.
    let must_not = entry.value.get("present").and_then(Node::as_bool) == Some(false);
    named(check, service(&entry.key).filter(|_| !must_not), entry.key_span, found);
    if matches!(entry.key.as_str(), "see" | "show" | "facts") {
        for node in entry.value.as_seq().unwrap_or(std::slice::from_ref(&entry.value)) {
            named(check, node.text().and_then(service), node.span, found);
        }
    }
    walk(check, &entry.value, found);
}

/// The service in a fact's name.
fn service(fact: &str) -> Option<&str> {
    let rest = fact.strip_prefix("stack.services.").or_else(|| fact.strip_prefix("compose.services."))?;
    rest.split('.').next()
}
