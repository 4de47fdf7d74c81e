//! Judgement: a check's expectations × facts → an outcome with its findings and points. Pure.

mod example;
mod parts;
mod script;

pub use crate::matching::StepResult;
pub use example::example;
pub use script::{ScriptFault, ScriptResult, ScriptVerdict};

use crate::challenge::Check;
use crate::compose::roles::Found;
use crate::facts::{Fact, Facts, Source, Value, registry};
use crate::language::condition::Expectation;
use crate::matching::fit::Captures;
use crate::matching::phrasing;
use crate::matching::scene::{self, Answer, Scene, Unmet};
use crate::outcome::{Finding, Outcome};
use parts::Parts;
use std::collections::BTreeMap;

/// How many characters of a kept value a text shows.
const LONGEST_CAPTURE: usize = 80;

/// What a check is judged by.
#[derive(Debug, Clone, Copy)]
pub struct Inputs<'a> {
    /// All facts that were collected.
    pub facts: &'a Facts,
    /// Which service plays which role.
    pub roles: &'a BTreeMap<String, Found>,
    /// What came back from the check's steps, in their order; those that were not done are not there.
    pub steps: &'a [StepResult],
    /// The checks that were judged before, with their titles.
    pub earlier: &'a BTreeMap<String, (String, Judgement)>,
    /// What its script says, if it was run.
    pub script: Option<&'a ScriptResult>,
}

/// What comes of one check.
#[derive(Debug, Clone, PartialEq)]
pub struct Judgement {
    /// The outcome.
    pub outcome: Outcome,
    /// Whether a verdict on the learner's work was reached; a check skipped because another failed is judged.
    pub judged: bool,
    /// The points earned.
    pub points: u32,
    /// Tips.
    pub advice: Vec<Finding>,
    /// What was measured, where the check shows it.
    pub measured: Option<String>,
}

impl Judgement {
    /// Not judged, and why.
    pub fn left_out(because: impl Into<String>) -> Self {
        Self { judged: false, ..Self::of(Outcome::Skipped(because.into()), 0) }
    }

    /// Could not be judged, and why.
    pub fn errored(why: impl Into<String>) -> Self {
        Self::of(Outcome::Errored(why.into()), 0)
    }

    fn of(outcome: Outcome, points: u32) -> Self {
        let judged = !matches!(outcome, Outcome::Errored(_));
        Self { outcome, judged, points, advice: Vec::new(), measured: None }
    }
}

/// What comes of a check, if what it needs decides already.
pub fn by_needs(check: &Check, earlier: &BTreeMap<String, (String, Judgement)>) -> Option<Judgement> {
    check.needs.iter().find_map(|id| {
        let (title, before) = earlier.get(id)?;
        let because = match &before.outcome {
            Outcome::Passed => return None,
            Outcome::Failed(_) => format!("it needs “{title}” first"),
            Outcome::Skipped(because) => because.clone(),
            Outcome::Errored(_) => format!("“{title}” could not be judged"),
        };
        Some(Judgement { judged: before.judged, ..Judgement::of(Outcome::Skipped(because), 0) })
    })
}

/// What comes of a check that is certain before what it needs can be judged: it asks for what files that are refused as a
/// whole can't give.
pub fn by_files(check: &Check, facts: &Facts, roles: &BTreeMap<String, Found>) -> Option<Judgement> {
    let source = [Source::Compose, Source::Commands].into_iter().find(|source| facts.refused(*source).is_some())?;
    let scene = Scene { facts, roles, step: None, result: None, lenient: false };
    let about = check.expect.iter().filter(|expectation| expectation.condition.names(source.prefix()));
    let findings =
        about.map(|expectation| judge_one(check, expectation, &scene, &Captures::new())).find_map(|answer| {
            let Answer::Fails(findings) = answer else { return None };
            Some(findings)
        })?;
    Some(Judgement::of(Outcome::Failed(findings), 0))
}

/// Judges one check.
pub fn judge(check: &Check, inputs: &Inputs<'_>) -> Judgement {
    if let Some(judgement) = by_needs(check, inputs.earlier) {
        let certain = by_files(check, inputs.facts, inputs.roles).filter(|_| !judgement.judged);
        return certain.unwrap_or(judgement);
    }
    if let Some(lacks) = &check.lacks {
        return Judgement::of(Outcome::Failed(vec![lacks.clone()]), 0);
    }
    let mut parts = Parts::default();
    let mut captures = Captures::new();
    let scene = Scene { facts: inputs.facts, roles: inputs.roles, step: None, result: None, lenient: false };
    in_order(check, &check.expect, &scene, &captures, &mut parts, false);
    let step_source = check.step_source();
    let mut is_in_vain = false;
    for (index, step) in check.steps.iter().enumerate() {
        let result = inputs.steps.get(index);
        let scene = Scene { step: step_source, result, ..scene };
        // What was not done at all says nothing by each of its expectations.
        let expect = if result.is_some() { step.expect.as_slice() } else { &[] };
        // What follows from a step that could not be done, or that failed, has the same cause.
        let is_silent = is_in_vain || parts.is_failing();
        in_order(check, expect, &scene, &captures, &mut parts, is_silent);
        let itself = scene.step_itself().map(|answer| answer.map(|failure| step_itself(check, failure, &captures)));
        let is_told = !(is_in_vain || parts.is_failing());
        parts.add(step.points, itself.into_iter().collect(), is_told);
        is_in_vain |= result.is_some_and(|result| result.failed.is_some() || result.follows);
        captures.extend(result.into_iter().flat_map(|result| result.captures.clone()));
    }
    if check.script.is_some() {
        parts.add_script(script(check, inputs));
    }
    let (outcome, judged, points) = parts.outcome(check.points.max(check.bonus));
    let mut judgement = Judgement { judged, ..Judgement::of(outcome, points) };
    if judged {
        let lenient = Scene { lenient: true, ..scene };
        let tips =
            check.advise.iter().filter_map(|expectation| match judge_one(check, expectation, &lenient, &captures) {
                Answer::Fails(findings) => findings.into_iter().next(),
                _ => None,
            });
        let tips = tips.chain(inputs.script.into_iter().flatten().flat_map(|verdict| verdict.advice.clone()));
        let tips: Vec<Finding> = tips.map(|tip| Finding { expected: None, actual: None, hint: None, ..tip }).collect();
        let found: &[Finding] = if let Outcome::Failed(found) = &judgement.outcome { found } else { &[] };
        // What is said of a place that has a mistake follows from it.
        let is_found =
            |tip: &Finding| found.iter().any(|finding| finding.place.is_some() && finding.place == tip.place);
        judgement.advice = tips.into_iter().filter(|tip| !is_found(tip)).collect();
        judgement.measured = check.show.as_ref().and_then(|path| scene.show(path));
    }
    judgement
}

/// Judges expectations in their order. What follows one that fails waits for it, unless that one has points: then both
/// are judged by themselves. Those of one `all:` are judged together.
fn in_order(
    check: &Check,
    list: &[Expectation],
    scene: &Scene<'_>,
    captures: &Captures,
    parts: &mut Parts,
    is_silent: bool,
) {
    let mut is_waiting = false;
    for group in list.chunk_by(|one, next| one.group == next.group) {
        if is_waiting {
            for expectation in group {
                parts.wait(expectation.points);
            }
            continue;
        }
        for expectation in group {
            let answer = judge_one(check, expectation, scene, captures);
            is_waiting |= matches!(answer, Answer::Fails(_));
            parts.add(expectation.points, vec![answer], !is_silent);
            is_waiting &= expectation.points.is_none();
        }
    }
}

/// What its script says. It says nothing of files that are refused as a whole.
fn script(check: &Check, inputs: &Inputs<'_>) -> Answer<Vec<Finding>> {
    let read = check.script.iter().flat_map(|script| &script.facts);
    let mut sources = read.filter_map(|path| registry::source_of(path.first()?));
    if let Some(refused) = sources.find_map(|source| inputs.facts.refused(source)) {
        return Answer::Fails(vec![refused.clone()]);
    }
    match inputs.script {
        None => scene::unavailable(inputs.facts, Source::Container)
            .unwrap_or_else(|| Answer::NotJudged("its script was not run".to_owned())),
        Some(Err(fault)) => Answer::Errored(fault.reason().to_owned()),
        Some(Ok(verdict)) if verdict.findings.is_empty() => Answer::Holds,
        Some(Ok(verdict)) => Answer::Fails(verdict.findings.iter().map(|finding| with_hint(check, finding)).collect()),
    }
}

/// What is told by something else than the check's own words, with its first hint where there is none.
fn with_hint(check: &Check, finding: &Finding) -> Finding {
    let hint = finding.hint.clone().or_else(|| check.hints.first().cloned());
    Finding { hint, ..finding.clone() }
}

fn step_itself(check: &Check, failure: Unmet<'_>, captures: &Captures) -> Vec<Finding> {
    match failure.own {
        [] => vec![finding(check, None, failure, captures)],
        own => own.iter().map(|finding| with_hint(check, finding)).collect(),
    }
}

/// One finding for each value that keeps the condition from holding.
fn judge_one(check: &Check, expectation: &Expectation, scene: &Scene<'_>, captures: &Captures) -> Answer<Vec<Finding>> {
    scene.judge(&expectation.condition, captures).map(|failure| {
        if !failure.own.is_empty() {
            let about = Some(failure.path);
            let own = failure.own.iter().map(|finding| with_hint(check, finding));
            return own.map(|finding| Finding { about: about.clone(), ..finding }).collect();
        }
        let others = failure.others.clone();
        // Where there is none, one elsewhere has to be told apart from it.
        let is_absent = failure.fact.is_none_or(|fact| fact.value().is_none());
        let mut first = finding(check, Some(expectation), failure, captures);
        let others: Vec<Finding> = others
            .into_iter()
            .map(|fact| (fact, found(Some(fact), fact.because.clone())))
            .map(|(fact, (actual, because))| Finding {
                place: fact.place.clone().or_else(|| first.place.clone()),
                ..Finding { actual, because, ..first.clone() }
            })
            .collect();
        let seen = expectation.see.as_ref().and_then(|path| scene.fact(path).fact.cloned());
        if let Some(seen) = seen.filter(|seen| seen.value().is_some()) {
            let also = seen.place.as_ref().filter(|_| is_absent);
            let also = also.map(|place| format!("{place} has one, but that is not enough"));
            let reasons = first.because.take().into_iter().chain(seen.because.or(also));
            first.because = reasons.reduce(|a, b| format!("{a}; {b}"));
            first.place = seen.place.or(first.place.take());
        }
        std::iter::once(first).chain(others).collect()
    })
}

fn finding(check: &Check, expectation: Option<&Expectation>, failure: Unmet<'_>, captures: &Captures) -> Finding {
    let own = |of: fn(&Expectation) -> &Option<String>| expectation.and_then(|expectation| of(expectation).clone());
    let said = |text: Option<String>| text.map(|text| with_captures(text, captures));
    let message = said(own(|expectation| &expectation.message).or_else(|| check.says.message.clone()));
    let hint = said(own(|expectation| &expectation.hint).or_else(|| check.says.hint.clone()));
    let written = said(own(|expectation| &expectation.expected).or_else(|| check.says.expected.clone()));
    // Without the value that an earlier step should have kept there is nothing to expect: that step is the cause.
    let lacks = failure.matcher.is_some_and(|matcher| matcher.captures().any(|name| !captures.contains_key(name)));
    let message = message.unwrap_or_else(|| failure.message());
    if lacks {
        return Finding { message, place: failure.place, about: Some(failure.path), ..Finding::default() };
    }
    let (actual, because) = found(failure.fact, failure.because);
    Finding {
        message,
        expected: written.or_else(|| failure.matcher.map(|matcher| phrasing::expected(matcher, captures))),
        actual,
        place: failure.place,
        because,
        hint: hint.or_else(|| check.hints.first().cloned()),
        snippet: None,
        about: Some(failure.path),
        cause: None,
    }
}

/// A text of the check with the values that earlier steps have kept.
fn with_captures(text: String, captures: &Captures) -> String {
    let shown = |value: &Value| value.to_string().chars().take(LONGEST_CAPTURE).collect::<String>();
    let fill = |text: String, (name, value): (&String, &Value)| text.replace(&format!("{{{name}}}"), &shown(value));
    if text.contains('{') { captures.iter().fold(text, fill) } else { text }
}

/// What was found, and why. Of "no" and "yes" the reason says more, and is told in their place.
fn found(fact: Option<&Fact>, because: Option<String>) -> (Option<String>, Option<String>) {
    match (fact.and_then(Fact::value), because) {
        (Some(Value::Bool(_)), Some(why)) => (Some(why), None),
        (_, because) => (fact.map(phrasing::actual), because),
    }
}
