//! The challenge as one learner gets it: with the values that their `grader.yaml` gives it.

use crate::challenge::read::learner::{self, LearnerValues};
use crate::challenge::{Challenge, library};
use crate::outcome::Finding;
use crate::place::Place;
use crate::repository::Repository;

/// The challenge with the learner's values; `None` if it asks for none.
pub(super) fn challenge_for(challenge: &Challenge, learners: &Repository) -> Option<Challenge> {
    if challenge.learner.is_empty() {
        return None;
    }
    // What is wrong with the file as a whole is said where a challenge is looked for in it.
    let bytes = learners.read(learner::FILE, learner::LARGEST).ok().flatten().unwrap_or_default();
    let load = |values: &LearnerValues| library::load_for(&challenge.selector, Some(values));
    let loaded = load(&learner::values(&bytes)).or_else(|error| {
        // A value that is plain, and yet isn't what it stands for: no name of an image.
        let why = error.diagnostics.first().map_or("", |diagnostic| diagnostic.message.as_str());
        load(&challenge.learner.keys().map(|name| (name.clone(), Err(format!("can't be used: {why}")))).collect())
    });
    // The example must never be graded in a learner's place.
    Some(loaded.unwrap_or_else(|_| without(challenge)))
}

fn without(challenge: &Challenge) -> Challenge {
    let mut challenge = challenge.clone();
    for check in &mut challenge.checks {
        let message = format!("The values in {} can't be used.", learner::FILE);
        check.lacks = Some(Finding { message, place: Some(Place::file(learner::FILE)), ..Finding::default() });
    }
    challenge
}
