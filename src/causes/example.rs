//! A cause tried on its own examples.

use super::model::{Cause, CauseExample};
use super::recognize::{Evidence, of};
use crate::outcome::Explanation;
use std::collections::BTreeMap;

/// What a cause says of an example among all causes, if it is the one that fits best.
pub fn explains(cause: &Cause, all: &[Cause], example: &CauseExample) -> Option<Explanation> {
    told(all, example).filter(|told| told.cause == cause.id)
}

/// Whether a cause alone does not fit an example.
pub fn leaves_alone(cause: &Cause, example: &CauseExample) -> bool {
    told(std::slice::from_ref(cause), example).is_none()
}

fn told(causes: &[Cause], example: &CauseExample) -> Option<Explanation> {
    let (facts, roles) = (example.facts.facts(), BTreeMap::new());
    let evidence = Evidence { about: &example.about, text: &example.printed, facts: &facts, roles: &roles };
    of(causes, evidence).map(|(told, _)| told)
}
