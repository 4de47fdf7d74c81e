//! The facts that steps bring back: names, types and meanings, as the registry has them for all other facts.

use super::STEPS;
use crate::facts::registry::Type;
use crate::language::shape::{FACTS, Shape};
use std::collections::BTreeMap;
use std::sync::LazyLock;

/// One fact that steps bring back.
#[derive(Debug, Clone, Copy)]
pub struct StepFact {
    /// Its name.
    pub name: &'static str,
    /// Its type.
    pub kind: Type,
    /// What it is, in a sentence.
    pub doc: &'static str,
}

/// A fact that steps bring back.
pub(super) const fn fact(name: &'static str, kind: Type, doc: &'static str) -> StepFact {
    StepFact { name, kind, doc }
}

/// What was answered or printed, as JSON.
pub(super) const JSON: StepFact = fact("json", Type::Any, "The body, or what was printed, read as JSON: `json.items`.");
/// How long it took: every step brings that back.
pub(super) static SECONDS: StepFact = fact("seconds", Type::Duration, "How long it took.");

/// All facts that steps bring back, each once.
pub static STEP_ANSWERS: LazyLock<Vec<StepFact>> = LazyLock::new(|| {
    let mut all: Vec<StepFact> = Vec::new();
    for answer in STEPS.iter().flat_map(|kind| kind.brings()) {
        if all.iter().all(|known| known.name != answer.name) {
            all.push(*answer);
        }
    }
    all
});

/// All facts, and all that any step brings back.
pub static STEP_FACTS: LazyLock<Shape> = LazyLock::new(|| with(STEP_ANSWERS.iter()));

/// All facts, and what steps of one kind bring back, by the kind's name.
static BY_KIND: LazyLock<BTreeMap<&'static str, Shape>> =
    LazyLock::new(|| STEPS.iter().map(|kind| (kind.name, with(kind.brings()))).collect());

fn with<'a>(answers: impl Iterator<Item = &'a StepFact>) -> Shape {
    let mut root = FACTS.clone();
    answers.for_each(|answer| root.insert(answer.name, answer.kind));
    root
}

/// All facts, and what a step of this kind brings back; all there are if there is no such kind.
pub fn step_facts(kind: &str) -> &'static Shape {
    BY_KIND.get(kind).unwrap_or(&STEP_FACTS)
}
