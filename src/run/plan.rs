//! The plan: which checks are judged, and which sources of facts they need. Pure.

use crate::challenge::{Challenge, Check, Condition, Expectation};
use crate::facts::{Source, registry};
use std::collections::BTreeSet;
use thiserror::Error;

/// `--only` or `--skip` names something that is not in the challenge.
#[derive(Debug, Error, PartialEq, Eq)]
#[error("no check or step `{name}` in this challenge{}", nearest.as_ref().map(|id| format!(" (did you mean `{id}`?)")).unwrap_or_default())]
pub struct UnknownCheck {
    /// What was asked for.
    pub name: String,
    /// The id that is most like it.
    pub nearest: Option<String>,
}

/// One check of the challenge, and whether it is judged.
#[derive(Debug, Clone)]
pub struct Planned<'a> {
    /// The check.
    pub check: &'a Check,
    /// Which step of the challenge it is, from 1; gates have none.
    pub step: Option<u32>,
    /// Whether it was asked for.
    pub selected: bool,
}

/// Numbers the steps and marks what `--only` and `--skip` leave. `only` brings along what it needs.
pub fn select<'a>(
    challenge: &'a Challenge,
    only: &[String],
    skip: &[String],
) -> Result<Vec<Planned<'a>>, UnknownCheck> {
    let mut next = 0;
    let mut planned: Vec<Planned<'a>> = challenge
        .checks
        .iter()
        .map(|check| {
            let step = (check.points > 0).then(|| {
                next += 1;
                next
            });
            Planned { check, step, selected: only.is_empty() }
        })
        .collect();
    let mut wanted = only.iter().map(|name| position(&planned, name)).collect::<Result<Vec<_>, _>>()?;
    while let Some(index) = wanted.pop() {
        if planned[index].selected {
            continue;
        }
        planned[index].selected = true;
        let needs = &planned[index].check.needs;
        wanted.extend((0..planned.len()).filter(|&other| needs.contains(&planned[other].check.id)));
    }
    for name in skip {
        let index = position(&planned, name)?;
        planned[index].selected = false;
    }
    Ok(planned)
}

fn position(planned: &[Planned<'_>], name: &str) -> Result<usize, UnknownCheck> {
    let step = name.parse::<u32>().ok();
    planned
        .iter()
        .position(|candidate| candidate.check.id == name || (step.is_some() && candidate.step == step))
        .ok_or_else(|| UnknownCheck {
            name: name.to_owned(),
            nearest: planned
                .iter()
                .map(|candidate| &candidate.check.id)
                .max_by(|a, b| strsim::jaro_winkler(a, name).total_cmp(&strsim::jaro_winkler(b, name)))
                .filter(|id| strsim::jaro_winkler(id, name) > 0.75)
                .cloned(),
        })
}

/// The sources that a check's expectations, tips and steps need.
pub fn sources(check: &Check) -> BTreeSet<Source> {
    let mut found = BTreeSet::new();
    let expectations = check.expect.iter().chain(&check.advise);
    let in_steps = check.steps.iter().flat_map(|step| &step.expect);
    for Expectation { condition, .. } in expectations.chain(in_steps) {
        collect(condition, &mut found);
    }
    if let Some(first) = check.show.as_ref().and_then(|path| path.first()) {
        found.extend(registry::source_of(first));
    }
    if let Some(script) = &check.script {
        let asked = script.facts.iter().filter_map(|path| path.first());
        found.extend(asked.filter_map(|first| registry::source_of(first)));
    }
    found.extend(check.step_source());
    found
}

fn collect(condition: &Condition, found: &mut BTreeSet<Source>) {
    match condition {
        Condition::Fact(path, _) => found.extend(path.first().and_then(|first| registry::source_of(first))),
        Condition::AnyOf(conditions) | Condition::AllOf(conditions) => {
            for condition in conditions {
                collect(condition, found);
            }
        }
    }
}
