//! Expectations without words of their own, where the learner would read a sentence made of the fact's name.

use super::LintRule;
use crate::diagnostic::Diagnostic;
use crate::lint::Severity;
use crate::lint::view::LintedChallenge;
use crate::yaml::Node;

pub(super) const RULE: LintRule = LintRule { name: "no-message", severity: Severity::Warning, look };

fn look(it: &LintedChallenge<'_>) -> Vec<Diagnostic> {
    let mut found = Vec::new();
    for check in
        it.checks.iter().filter(|check| check.node.get("message").is_none() && check.item.get("message").is_none())
    {
        for list in check.lists() {
            // What was captured has to be there: a step that only looks is held by those after it.
            for item in list.into_iter().filter(|item| item.get("message").is_none() && !only_present(item)) {
                let Some(fact) = item.as_map().and_then(<[_]>::first) else { continue };
                let mut told = check.diagnostic(fact.key_span, "this expectation has no message");
                told.help = Some("say what is wrong when it fails: `message: Your image …`".to_owned());
                found.push(told);
            }
        }
    }
    found
}

/// Whether an item expects no more than that a fact has a value.
fn only_present(item: &Node) -> bool {
    let Some([entry]) = item.as_map() else { return false };
    matches!(entry.value.as_map(), Some([only]) if only.key == "present")
}
