//! The plan: which checks are judged, and which sources of facts they need. Pure.

use crate::challenge::{Challenge, Check};
use crate::facts::distribution::NamedImage;
use crate::facts::{Source, files, registry};
use crate::language::condition::{Condition, Expectation};
use crate::steps::Capture;
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
            let step = (check.points > 0 || check.bonus > 0).then(|| {
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
    let names = facts(check).into_iter();
    let mut found: BTreeSet<Source> = names.filter_map(|path| registry::source_of(path.first()?)).collect();
    found.extend(check.step_source());
    found
}

/// The images that these checks want to be asked for, in their order.
pub fn images<'a>(checks: impl IntoIterator<Item = &'a Check>) -> Vec<NamedImage> {
    let mut found: Vec<NamedImage> = Vec::new();
    for path in checks.into_iter().flat_map(facts) {
        let [source, name, field @ ..] = path else { continue };
        if source != Source::Registry.prefix() {
            continue;
        }
        let details = field != ["exists"];
        match found.iter_mut().find(|named| named.name == *name) {
            Some(named) => named.details |= details,
            None => found.push(NamedImage { name: name.clone(), details }),
        }
    }
    found
}

/// The files of the repository that these checks want to read.
pub fn files<'a>(checks: impl IntoIterator<Item = &'a Check>) -> BTreeSet<String> {
    files::named(checks.into_iter().flat_map(facts))
}

/// Whether a check asks for one of these facts.
pub fn asks(check: &Check, names: &[&str]) -> bool {
    facts(check).iter().any(|path| names.contains(&path.join(".").as_str()))
}

/// The facts that a check's expectations, tips, steps and script ask for, by their names.
fn facts(check: &Check) -> Vec<&[String]> {
    let mut found = Vec::new();
    let expectations = check.expect.iter().chain(&check.advise);
    let in_steps = check.steps.iter().flat_map(|step| &step.expect);
    for Expectation { condition, .. } in expectations.chain(in_steps) {
        collect(condition, &mut found);
    }
    let captured = check.steps.iter().flat_map(|step| step.capture.values());
    found.extend(captured.filter_map(|capture| match capture {
        Capture::Fact(path) => Some(path.as_slice()),
        Capture::Pattern(_) => None,
    }));
    found.extend(check.show.as_deref());
    found.extend(check.script.iter().flat_map(|script| script.facts.iter().map(Vec::as_slice)));
    found
}

fn collect<'a>(condition: &'a Condition, found: &mut Vec<&'a [String]>) {
    match condition {
        Condition::Fact(path, _) => found.push(path),
        Condition::AnyOf(conditions) | Condition::AllOf(conditions) => {
            for condition in conditions {
                collect(condition, found);
            }
        }
    }
}
