//! Causes in the report: what a failure says once all is judged.

use super::plan::Planned;
use crate::causes;
use crate::challenge::Challenge;
use crate::compose::roles::Found;
use crate::facts::Facts;
use crate::judge::Judgement;
use crate::outcome::{Finding, Outcome};
use std::collections::{BTreeMap, BTreeSet};
use std::time::Duration;

/// Says of each failure why it came to it, where a cause is known.
pub fn add(
    judged: &mut [(Planned<'_>, Judgement, Duration)],
    challenge: &Challenge,
    facts: &Facts,
    roles: &BTreeMap<String, Found>,
) {
    let findings = judged.iter_mut().flat_map(|(planned, judgement, _)| {
        let findings = match &mut judgement.outcome {
            Outcome::Failed(findings) => findings.as_mut_slice(),
            _ => &mut [],
        };
        findings.iter_mut().map(|finding| (planned.check.title.as_str(), finding))
    });
    let mut findings = findings.peekable();
    if findings.peek().is_some() {
        // `grader lint` shows an instructor what can't be read.
        causes::explain(findings, &causes::of_challenge(challenge).0, facts, roles);
    }
    drop_tips_beside_findings(judged);
}

/// A tip about a line with a mistake would be read as the way to mend it.
fn drop_tips_beside_findings(judged: &mut [(Planned<'_>, Judgement, Duration)]) {
    let line = |finding: &Finding| finding.place.as_ref().and_then(|place| Some((place.path.clone(), place.line?)));
    let failed = judged.iter().filter_map(|(_, judgement, _)| match &judgement.outcome {
        Outcome::Failed(findings) => Some(findings),
        _ => None,
    });
    let wrong: BTreeSet<_> = failed.flatten().filter_map(line).collect();
    for (_, judgement, _) in judged {
        judgement.advice.retain(|tip| line(tip).is_none_or(|line| !wrong.contains(&line)));
    }
}
