//! Alternatives that only keep an item silent after one before it failed. Items wait for those before them anyway.

use super::Linted;
use super::expectations::{fact, of_condition};
use super::source::LintedFile;
use super::vacuous::Sure;
use crate::language::condition::{Condition, Expectation};
use crate::language::shape::Shape;
use crate::yaml::Node;

/// Looks at one item: `before` are the expectations that hold when it is judged.
pub(super) fn guards<'e>(
    source: &LintedFile,
    item: &Node,
    expectation: &Expectation,
    before: &(impl Iterator<Item = &'e Expectation> + Clone),
    facts: &Shape,
    linted: &mut Linted,
) {
    let Condition::AnyOf(alternatives) = &expectation.condition else { return };
    let items = fact(item, facts).and_then(|entry| entry.value.as_seq()).unwrap_or_default();
    for (alternative, item) in alternatives.iter().zip(items) {
        let contradicts = |before: &Expectation| {
            let both = Condition::AllOf(vec![before.condition.clone(), alternative.clone()]);
            of_condition(&both, facts) == Some(Sure::Never) && of_condition(alternative, facts) != Some(Sure::Never)
        };
        if before.clone().any(contradicts) {
            let message = "an item before this one expects the opposite, so this part never holds";
            let mut diagnostic = source.diagnostic(item.span, message);
            diagnostic.help = Some("leave it out: an item waits until all items before it hold".to_owned());
            linted.warning("guard", diagnostic);
        }
    }
}
