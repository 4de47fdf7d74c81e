//! `edit:` of a file that the learner doesn't have, or of a text that isn't in it.

use super::LintRule;
use crate::diagnostic::{Diagnostic, nearest};
use crate::lint::Severity;
use crate::lint::view::LintedChallenge;
use crate::yaml::{Node, Value};
use std::collections::BTreeSet;

pub(super) const RULE: LintRule = LintRule { name: "edit", severity: Severity::Error, look };

fn look(it: &LintedChallenge<'_>) -> Vec<Diagnostic> {
    let files = it.files();
    let mut found = Vec::new();
    for check in it.checks.iter().filter(|_| !it.material.solution.is_empty()) {
        // What an earlier step wrote is not in the solution.
        let mut changed: BTreeSet<String> = BTreeSet::new();
        for (kind, action, _) in check.steps() {
            let file = action.get("file").and_then(|node| Some((node, check.filled(node.text()?)?)));
            let Some((at, file)) = file.filter(|_| matches!(kind, "edit" | "write")) else { continue };
            let is_first = changed.insert(file.clone());
            if kind != "edit" || !is_first {
                continue;
            }
            let Some(content) = files.get(&file) else {
                let near = nearest(&file, files.keys().map(String::as_str));
                let told = check.diagnostic(at.span, &format!("neither starter nor solution has a file `{file}`"));
                found.push(Diagnostic { nearest: near, ..told });
                continue;
            };
            let text = action.get("replace").and_then(|node| Some((node, check.filled(verbatim(node)?)?)));
            let Some((node, text)) = text else { continue };
            if !String::from_utf8_lossy(&content.content).contains(&text) {
                let mut told =
                    check.diagnostic(node.span, &format!("the solution's `{file}` doesn't contain `{text}`"));
                told.help = Some("write a text that is in it exactly so, blanks included".to_owned());
                found.push(told);
            }
        }
    }
    found
}

fn verbatim(node: &Node) -> Option<&str> {
    if let Value::Scalar(text, _) = &node.value { Some(text) } else { None }
}
