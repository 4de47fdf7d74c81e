//! A check judged by one of its own examples: how checks are tested, and what their documentation is held to.

use super::{Inputs, Judgement, ScriptVerdict, StepResult, judge};
use crate::challenge::{Check, Example};
use crate::facts::{Fact, Facts, Value};
use crate::matching::fit::Captures;
use crate::steps::{Capture, Step};
use std::collections::BTreeMap;

/// Judges a check by an example. `collect` gives the static facts of its files. Facts that the example does not give are
/// absent, services are called like their roles, other checks are left out, and a script says nothing.
pub fn example(check: &Check, example: &Example, collect: &dyn Fn(&BTreeMap<String, String>) -> Facts) -> Judgement {
    let mut facts = if example.files.is_empty() { Facts::default() } else { collect(&example.files) };
    facts.merge(example.facts());
    let answers = check.steps.iter().zip(example.answers());
    let steps: Vec<StepResult> = answers
        .map(|(step, answers)| StepResult {
            captures: captures(step, &answers, &facts),
            facts: answers,
            ..StepResult::default()
        })
        .collect();
    let (roles, earlier) = (BTreeMap::new(), BTreeMap::new());
    let script = Ok(ScriptVerdict::default());
    judge(check, &Inputs { facts: &facts, roles: &roles, steps: &steps, earlier: &earlier, script: Some(&script) })
}

fn captures(step: &Step, facts: &Facts, known: &Facts) -> Captures {
    let kept = step.capture.iter().filter_map(|(name, capture)| {
        let value = match capture {
            Capture::Fact(path) => facts.at(path).or_else(|| known.at(path))?.value()?.clone(),
            Capture::Pattern(pattern) => {
                let text = ["body", "stdout"].into_iter().find_map(|name| facts.get(name).and_then(Fact::text))?;
                let found = pattern.captures(text)?.get(1)?.as_str();
                found.parse().map_or_else(|_| Value::from(found), Value::Int)
            }
        };
        Some((name.clone(), value))
    });
    kept.collect()
}
