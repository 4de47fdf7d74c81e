//! The rules about a challenge that has loaded, one file each. A rule is sound before it is clever: no false alarm.

mod causes;
mod edits;
mod empties;
mod failures;
mod findings;
mod given;
mod messages;
mod needs;
mod readme;
mod retries;
mod roles;
mod schema_line;
mod services;
mod subject;

pub(super) use readme::write_table;
pub(super) use schema_line::wrong as schema_line;

use super::Linted;
use super::Severity;
use super::view::LintedChallenge;
use crate::diagnostic::Diagnostic;

/// A rule: its name, how bad it is to break it, and what finds where it is broken.
pub(super) struct LintRule {
    pub name: &'static str,
    pub severity: Severity,
    pub look: fn(&LintedChallenge<'_>) -> Vec<Diagnostic>,
}

/// All rules, in the order of the words that a challenge begins with.
static RULES: [&LintRule; 14] = [
    &subject::RULE,
    &given::RULE,
    &roles::RULE,
    &services::RULE,
    &needs::RULE,
    &messages::RULE,
    &empties::RULE,
    &retries::RULE,
    &edits::RULE,
    &failures::RULE,
    &findings::RULE,
    &schema_line::RULE,
    &readme::RULE,
    &causes::RULE,
];

/// Holds a challenge against all rules.
pub(super) fn judge(challenge: &LintedChallenge<'_>, linted: &mut Linted) {
    for rule in RULES {
        for diagnostic in (rule.look)(challenge) {
            linted.add(rule.severity, rule.name, diagnostic);
        }
    }
}
