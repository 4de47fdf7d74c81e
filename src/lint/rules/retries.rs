//! A request that is repeated until it answers with more than the same request answered before: where each request
//! counts, it counts itself up.

use super::LintRule;
use crate::diagnostic::Diagnostic;
use crate::lint::Severity;
use crate::lint::view::LintedChallenge;
use crate::yaml::{Node, Value};

pub(super) const RULE: LintRule = LintRule { name: "retry-counts", severity: Severity::Warning, look };

fn look(it: &LintedChallenge<'_>) -> Vec<Diagnostic> {
    let mut found = Vec::new();
    for check in &it.checks {
        let mut captured: Vec<(&str, [Option<String>; 3])> = Vec::new();
        for (kind, action, step) in check.steps() {
            if kind != "http" {
                continue;
            }
            let asked =
                ["service", "path", "method"].map(|key| action.get(key).and_then(|node| check.filled(node.text()?)));
            let expected = step.get("expect");
            let compares = |name: &str| expected.is_some_and(|node| holds(node, &format!("{{{name}}}")));
            let same = captured.iter().find(|(name, before)| *before == asked && compares(name));
            if let (Some(retry), Some((name, _))) = (action.entry("retry_for"), same) {
                let path = asked[1].as_deref().unwrap_or("/");
                let message = format!("each try asks `{path}` again, and `{name}` was captured from the same path");
                let mut told = check.diagnostic(retry.key_span, &message);
                told.help = Some(
                    "wait with a request that changes nothing, such as `/healthz`, then ask once without `retry_for`"
                        .to_owned(),
                );
                found.push(told);
            }
            let names = step.get("capture").and_then(Node::as_map).unwrap_or_default();
            captured.extend(names.iter().map(|entry| (entry.key.as_str(), asked.clone())));
        }
    }
    found
}

/// Whether a text is somewhere in a tree.
fn holds(node: &Node, text: &str) -> bool {
    match &node.value {
        Value::Scalar(written, _) => written.contains(text),
        Value::Seq(items) => items.iter().any(|item| holds(item, text)),
        Value::Map(entries) => entries.iter().any(|entry| holds(&entry.value, text)),
    }
}
