//! Places as the programs see them that know the whole git repository, of which the graded folder may be a part.

use super::Report;
use crate::outcome::Outcome;
use std::borrow::Cow;

/// The report with every path seen from the top of the git repository.
pub(super) fn rooted(report: &Report) -> Cow<'_, Report> {
    let folder = &report.repository.folder;
    if folder.is_empty() {
        return Cow::Borrowed(report);
    }
    let mut rooted = report.clone();
    for check in &mut rooted.checks {
        let findings = if let Outcome::Failed(findings) = &mut check.outcome { findings } else { &mut Vec::new() };
        for finding in findings.iter_mut().chain(&mut check.advice) {
            if let Some(place) = &mut finding.place {
                place.path.insert_str(0, folder);
            }
        }
    }
    Cow::Owned(rooted)
}
