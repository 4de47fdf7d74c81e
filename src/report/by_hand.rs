//! What an instructor decided by hand is put into a report, and stays to be seen there.

use super::{Coverage, Overridden, Report};
use crate::challenge::library::overrides::Override;

impl Report {
    /// Applies what was decided of this repository, by any of its names. Later decisions win. Says how many applied.
    pub fn decide(&mut self, overrides: &[Override], names: &[String]) -> usize {
        let mut applied = 0;
        let of_this = |by_hand: &&Override| names.iter().any(|name| is_same(name, &by_hand.repository));
        for by_hand in overrides.iter().filter(of_this) {
            for check in self.checks.iter_mut().filter(|check| check.id == by_hand.check) {
                let before = check.overridden.as_ref().map_or(check.points, |known| known.points);
                check.points = by_hand.points.min(check.max_points);
                check.overridden = Some(Overridden { points: before, reason: by_hand.reason.clone() });
                check.judged = Coverage::Yes;
                applied += 1;
            }
        }
        applied
    }
}

/// Names of repositories are compared as their hosts do, without case, and without a `/` at the end.
fn is_same(name: &str, written: &str) -> bool {
    let plain = |text: &str| text.trim_end_matches('/').to_lowercase();
    !plain(name).is_empty() && plain(name) == plain(written)
}
