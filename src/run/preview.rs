//! What files alone tell of a stack that is not brought up: what Compose can't read of them, and what would not be run.

use crate::compose::Compose;
use crate::engine::policy::{self, Policy};
use crate::repository::Repository;

/// How many of a kind are told.
const MOST: usize = 5;

/// What would stop the stack, each in a line that begins with its place.
pub(super) fn stops(compose: &Compose, policy: &Policy, graded: &Repository) -> Vec<String> {
    if !compose.problems.is_empty() {
        let problems = compose.problems.iter().take(MOST);
        return problems.map(|problem| format!("{}: {}", problem.place, problem.message)).collect();
    }
    let (refused, _) = policy::written(policy, compose, graded.root()).settle(policy);
    refused.iter().take(MOST).map(|finding| format!("{}; it will not be run", policy::told(finding))).collect()
}
