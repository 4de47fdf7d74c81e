//! A step: exactly one action, and what may be expected and kept of what that one brings back.

use super::keys::{map, one_of, record};
use super::matchers::{Definitions, reference};
use super::names::item;
use crate::facts::Source;
use crate::language::shape::Shape;
use crate::steps::answers::step_facts;
use crate::steps::read::{ACTIONS, STEP};
use crate::steps::{STEPS, StepKind};
use serde_json::{Value, json};

/// The definition of a step.
pub(super) fn define(definitions: &mut Definitions) {
    let mut rules = Vec::new();
    for action in STEPS {
        // Actions that bring back the same share what can be expected.
        let same = STEPS.iter().find(|other| brought(other).eq(brought(action))).unwrap_or(action);
        let expectation = format!("expectation-after-{}", same.name);
        if same.name == action.name {
            item(definitions, &expectation, step_facts(action.name));
        }
        let mut then = map(json!({
            "expect": { "items": reference(&expectation) },
            "capture": { "additionalProperties": capture(action) },
        }));
        if !action.is_bounded_beside() {
            then.insert("within".to_owned(), false.into());
        }
        let pairs = action.one_of.iter().enumerate().flat_map(|(at, one)| {
            action.one_of.iter().skip(at + 1).map(move |other| json!({ "not": { "required": [one, other] } }))
        });
        let pairs: Vec<Value> = pairs.collect();
        if !pairs.is_empty() {
            then.insert(action.name.to_owned(), json!({ "allOf": pairs }));
        }
        if action.name == crate::steps::wait::KIND.name {
            // Only what has to hold is waited for with a bound.
            then.insert(
                action.name.to_owned(),
                json!({
                    "if": { "properties": { "for": { "type": "object" } } },
                    "then": { "required": ["within"] },
                    "else": { "properties": { "within": false } },
                }),
            );
        }
        rules.push(json!({ "if": { "required": [action.name] }, "then": { "properties": then } }));
    }
    let mut step = map(record(definitions, &[&ACTIONS, &STEP]));
    step.insert("oneOf".to_owned(), STEPS.iter().map(|action| json!({ "required": [action.name] })).collect());
    step.insert("allOf".to_owned(), rules.into());
    definitions.put("step", step.into());
}

/// The names of what an action brings back.
fn brought(action: &StepKind) -> impl Iterator<Item = &'static str> {
    action.brings().map(|answer| answer.name)
}

/// A single value that the action brings back, or a pattern with one group.
fn capture(action: &StepKind) -> Value {
    let (mut names, mut patterns) = (Vec::new(), Vec::new());
    for name in brought(action) {
        match step_facts(action.name).find(&[name]) {
            Ok(Shape::Map(_)) => patterns.push(format!(r"^{name}\.[^.]+$")),
            Ok(Shape::Any) => {
                names.push(name);
                patterns.push(format!(r"^{name}(\.[^.]+)+$"));
            }
            Ok(Shape::List(_) | Shape::Record(_) | Shape::Patterns) | Err(_) => {}
            Ok(_) => names.push(name),
        }
    }
    if action.says_something() {
        patterns.push(r"\(.*\)".to_owned());
    }
    let told = format!("Write what came back ({})", names.join(", "));
    let told = if action.says_something() { format!("{told}, or a pattern with one group (…).") } else { told + "." };
    patterns.extend(names.iter().map(|name| format!("^{name}$")));
    let sources: Vec<&str> = Source::ALL.iter().flat_map(|source| source.prefixes()).copied().collect();
    patterns.push(format!(r"^({})\.\S+$", sources.join("|")));
    one_of(&patterns, &names, &told)
}
