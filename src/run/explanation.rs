//! Causes in the report: what a failure says once all is judged.

use super::plan::Planned;
use crate::causes;
use crate::compose::roles::Found;
use crate::facts::Facts;
use crate::judge::Judgement;
use crate::outcome::Outcome;
use std::collections::BTreeMap;
use std::time::Duration;

/// Says of each failure why it came to it, where a cause is known.
pub fn add(judged: &mut [(Planned<'_>, Judgement, Duration)], facts: &Facts, roles: &BTreeMap<String, Found>) {
    let findings = judged.iter_mut().flat_map(|(planned, judgement, _)| {
        let findings = match &mut judgement.outcome {
            Outcome::Failed(findings) => findings.as_mut_slice(),
            _ => &mut [],
        };
        findings.iter_mut().map(|finding| (planned.check.title.as_str(), finding))
    });
    let mut findings = findings.peekable();
    if findings.peek().is_some() {
        // A test holds that all of them can be read.
        causes::explain(findings, &causes::all().unwrap_or_default(), facts, roles);
    }
}
