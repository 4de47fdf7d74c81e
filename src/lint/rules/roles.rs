//! Roles that no check names: they say what a service is, and nothing asks for it.

use super::LintRule;
use super::services::mentions;
use crate::diagnostic::Diagnostic;
use crate::lint::Severity;
use crate::lint::view::LintedChallenge;
use crate::yaml::Node;
use std::collections::BTreeSet;

pub(super) const RULE: LintRule = LintRule { name: "unused-role", severity: Severity::Warning, look };

fn look(it: &LintedChallenge<'_>) -> Vec<Diagnostic> {
    let mut used: BTreeSet<String> = it.checks.iter().flat_map(mentions).map(|(name, _)| name).collect();
    used.extend(it.challenge.subject.service.clone());
    for check in &it.checks {
        // What is given to a parameter may become the name of a role anywhere.
        let with = [check.item, check.node].into_iter().filter_map(|node| node.get("with")?.as_map()).flatten();
        let values = with.flat_map(|entry| entry.value.as_seq().unwrap_or(std::slice::from_ref(&entry.value)));
        used.extend(values.filter_map(Node::text).map(str::to_owned));
        roles_of(check.node, &mut used);
    }
    let unused = it.challenge.roles.keys().filter(|name| !used.contains(*name));
    let told = unused.filter_map(|name| {
        let mut diagnostic =
            it.source.diagnostic(it.key(&["roles", name])?, format!("no check asks for the role `{name}`"));
        diagnostic.help = Some(format!("name it in a fact or a step, as in `stack.services.{name}`, or remove it"));
        Some(diagnostic)
    });
    told.collect()
}

/// Facts about a role: `roles.db`, `dockerfile.api`.
fn roles_of(node: &Node, used: &mut BTreeSet<String>) {
    for entry in node.as_map().unwrap_or_default() {
        let mut parts = entry.key.split('.');
        if matches!(parts.next(), Some("roles" | "dockerfile" | "image")) {
            used.extend(parts.next().map(str::to_owned));
        }
        roles_of(&entry.value, used);
    }
    for item in node.as_seq().unwrap_or_default() {
        roles_of(item, used);
    }
}
