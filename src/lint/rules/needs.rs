//! `needs:` beside a `use` that leaves out what the check itself needs: it replaces the list, it doesn't add to it.

use super::LintRule;
use crate::diagnostic::Diagnostic;
use crate::lint::Severity;
use crate::lint::view::LintedChallenge;
use crate::yaml::Node;

pub(super) const RULE: LintRule = LintRule { name: "needs", severity: Severity::Warning, look };

fn look(it: &LintedChallenge<'_>) -> Vec<Diagnostic> {
    let mut found = Vec::new();
    for check in it.checks.iter().filter(|check| !std::ptr::eq(check.item, check.node)) {
        let Some(here) = check.item.entry("needs") else { continue };
        let texts = |node: &Node| -> Vec<String> {
            node.as_seq().unwrap_or_default().iter().filter_map(|item| check.filled(item.text()?)).collect()
        };
        let kept = texts(&here.value);
        let own = check.node.get("needs").map(texts).unwrap_or_default();
        // What the challenge doesn't have has to be left out.
        let dropped = own.into_iter().filter(|id| !kept.contains(id) && it.checks.iter().any(|other| other.id == id));
        let dropped: Vec<String> = dropped.collect();
        if dropped.is_empty() {
            continue;
        }
        let message = format!("`{}` itself needs `{}`, which this list leaves out", check.id, dropped.join("`, `"));
        let all: Vec<String> = kept.into_iter().chain(dropped).collect();
        let help = format!("`needs` replaces the check's own list; write `needs: [{}]`", all.join(", "));
        found.push(Diagnostic { help: Some(help), ..it.source.diagnostic(here.key_span, message) });
    }
    found
}
