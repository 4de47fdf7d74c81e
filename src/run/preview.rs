//! What files alone tell of a stack that is not brought up: what Compose can't read of them, and what would not be run.

use super::reading::Reading;
use super::runner::Request;
use super::scoreboard::Board;
use crate::event::{Event, Listener};
use crate::facts::Source;
use crate::outcome::Finding;
use crate::policy;

/// How many are told.
const MOST: usize = 5;

/// Tells what would stop the stack, if it is asked for: each in a note that begins with its place.
pub(super) fn tell(request: &Request, board: &Board<'_>, reading: &Reading, listener: Listener<'_>) {
    let Some(compose) = reading.compose.as_ref().filter(|_| board.wants(Source::Stack)) else { return };
    for problem in compose.problems.iter().take(MOST) {
        listener(Event::Note(format!("{}: {}", problem.place, problem.message)));
    }
    if compose.problems.is_empty() {
        let (refused, _) = policy::written(&request.policy, compose, reading.graded.root()).settle(&request.policy);
        for finding in refused.iter().take(MOST) {
            listener(Event::Note(format!("{}; it will not be run", policy::told(finding))));
        }
    }
}

/// Whether a finding says what a note says, at the same place.
pub(super) fn is_said(note: &str, finding: &Finding) -> bool {
    let Some(place) = &finding.place else { return false };
    let said = note.strip_prefix(&format!("{place}: "));
    let texts = [Some(&finding.message), finding.actual.as_ref(), finding.because.as_ref()];
    said.is_some_and(|said| texts.into_iter().flatten().any(|text| text.contains(said)))
}
