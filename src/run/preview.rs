//! What files alone tell of images that are not built and a stack that is not brought up: what Compose can't read of them,
//! and what would not be run.

use super::reading::Reading;
use super::runner::Request;
use super::scoreboard::Board;
use crate::dockerfile::MAX_TEXT;
use crate::event::{Event, Listener};
use crate::facts::Source;
use crate::outcome::Finding;
use crate::policy;
use std::collections::BTreeSet;

/// How many are told.
const MOST: usize = 5;

/// The most bytes of a Dockerfile that are read: one more than may be.
const LONGEST: u64 = MAX_TEXT + 1;

/// Tells what would stop the builds and the stack, if they are asked for: each in a note that begins with its place.
pub(super) fn tell(request: &Request, board: &Board<'_>, reading: &Reading, listener: Listener<'_>) {
    dockerfiles(request, board, reading, listener);
    let Some(compose) = reading.compose.as_ref().filter(|_| board.wants(Source::Stack)) else { return };
    for problem in compose.problems.iter().take(MOST) {
        listener(Event::Note(format!("{}: {}", problem.place, problem.message)));
    }
    if compose.problems.is_empty() {
        let (refused, _) = policy::written(&request.policy, compose, reading.graded.root()).settle(&request.policy);
        say(&refused, listener);
    }
}

/// Tells what would not be built: of the graded image, and of those that services build beside it.
fn dockerfiles(request: &Request, board: &Board<'_>, reading: &Reading, listener: Listener<'_>) {
    let wants_stack = board.wants(Source::Stack);
    if !(wants_stack || board.wants(Source::Image) || board.wants(Source::Container)) {
        return;
    }
    let own = &reading.build.dockerfile;
    if let Some(parsed) = &reading.dockerfile {
        let verdict = policy::build::dockerfile(&request.policy, own, parsed, &reading.build.args);
        say(&verdict.settle(&request.policy).0, listener);
    }
    let services = reading.compose.iter().filter(|_| wants_stack).flat_map(|compose| compose.project.services.values());
    let builds = services.filter_map(|service| service.build.as_ref());
    let mut seen = BTreeSet::from([own.clone()]);
    for build in builds {
        let Some(path) = build.dockerfile_path().filter(|path| seen.insert(path.clone())) else { continue };
        // What can't be read is told where it is built.
        let Ok(Some(text)) = reading.graded.read(&path, LONGEST) else { continue };
        let args = build.args.iter().filter_map(|(name, it)| Some((name.clone(), it.value.clone()?))).collect();
        let parsed = reading.dockerfiles.parse(&text);
        let verdict = policy::build::dockerfile(&request.policy, &path, &parsed, &args);
        say(&verdict.settle(&request.policy).0, listener);
    }
}

fn say(refused: &[Finding], listener: Listener<'_>) {
    for finding in refused.iter().take(MOST) {
        listener(Event::Note(format!("{}; it will not be run", policy::told(finding))));
    }
}

/// Whether a finding says what a note says, at the same place.
pub(super) fn is_said(note: &str, finding: &Finding) -> bool {
    let Some(place) = &finding.place else { return false };
    let said = note.strip_prefix(&format!("{place}: "));
    let texts = [Some(&finding.message), finding.actual.as_ref(), finding.because.as_ref()];
    said.is_some_and(|said| texts.into_iter().flatten().any(|text| text.contains(said)))
}
