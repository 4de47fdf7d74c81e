//! Checks that no case fails: nothing proves that they notice a mistake.

use super::LintRule;
use crate::diagnostic::Diagnostic;
use crate::lint::Severity;
use crate::lint::view::LintedChallenge;

pub(super) const RULE: LintRule = LintRule { name: "no-case", severity: Severity::Warning, look };

fn look(it: &LintedChallenge<'_>) -> Vec<Diagnostic> {
    // No cases at all is another rule's, and what can't be read may name any check.
    if it.material.cases.is_empty() || !it.cases_are_whole {
        return Vec::new();
    }
    let is_failed = |id: &str| it.material.cases.iter().any(|case| case.fails.iter().any(|failed| failed == id));
    let told = it.checks.iter().filter(|check| !is_failed(check.id)).map(|check| {
        let at = check.item.get("use").or_else(|| check.item.get("id")).map_or(check.item.span, |node| node.span);
        let mut told = it.source.diagnostic(at, format!("no case fails `{}`", check.id));
        told.help =
            Some(format!("add a folder to cases/ with the mistake, and `fails: [{}]` in its expect.yaml", check.id));
        told
    });
    told.collect()
}
