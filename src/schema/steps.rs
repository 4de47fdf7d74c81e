//! A step: exactly one action, and what may be expected and kept of what that one brings back.

use super::keys::{key, map, one_of, record};
use super::matchers::{Definitions, reference};
use super::names::item;
use crate::language::grammar::{ACTIONS, STEP};
use crate::language::shape::{Shape, step_facts};
use crate::steps::answers::ANSWERS;
use serde_json::{Value, json};

/// The actions that `within` stands beside.
const BOUNDED: [&str; 2] = ["container", "compose"];
/// The actions whose answer a pattern is held against.
const PRINTING: [&str; 3] = ["http", "exec", "run"];
/// The places of which a step names one at most.
const ONE_PLACE: [[&str; 2]; 3] = [["service", "container"], ["service", "image"], ["container", "image"]];

/// The definition of a step.
pub(super) fn define(definitions: &mut Definitions) {
    let mut rules = Vec::new();
    for action in &ACTIONS {
        // Actions that bring back the same share what can be expected.
        let same = ACTIONS.iter().find(|other| brought(other.name).eq(brought(action.name))).unwrap_or(action);
        let expectation = format!("expectation-after-{}", same.name);
        if same.name == action.name {
            item(definitions, &expectation, step_facts(action.name));
        }
        let mut then = map(json!({
            "expect": { "items": reference(&expectation) },
            "capture": { "additionalProperties": capture(action.name) },
        }));
        if !BOUNDED.contains(&action.name) {
            then.insert("within".to_owned(), false.into());
        }
        let own = map(key(definitions, action));
        let places = own.get("properties").and_then(Value::as_object);
        let pairs =
            ONE_PLACE.iter().filter(|pair| places.is_some_and(|it| pair.iter().all(|key| it.contains_key(*key))));
        let pairs: Vec<Value> = pairs.map(|pair| json!({ "not": { "required": pair } })).collect();
        if !pairs.is_empty() {
            then.insert(action.name.to_owned(), json!({ "allOf": pairs }));
        }
        rules.push(json!({ "if": { "required": [action.name] }, "then": { "properties": then } }));
    }
    let mut step = map(record(definitions, &[&ACTIONS, &STEP]));
    step.insert("oneOf".to_owned(), json!(ACTIONS.map(|action| json!({ "required": [action.name] }))));
    step.insert("allOf".to_owned(), rules.into());
    definitions.put("step", step.into());
}

/// The names of what an action brings back.
fn brought(action: &str) -> impl Iterator<Item = &'static str> {
    ANSWERS.iter().filter(move |answer| answer.actions.contains(&action)).map(|answer| answer.name)
}

/// A single value that the action brings back, or a pattern with one group.
fn capture(action: &str) -> Value {
    let (mut names, mut patterns) = (Vec::new(), Vec::new());
    for name in brought(action) {
        match step_facts(action).find(&[name]) {
            Ok(Shape::Map(_)) => patterns.push(format!(r"^{name}\.[^.]+$")),
            Ok(Shape::Any) => {
                names.push(name);
                patterns.push(format!(r"^{name}(\.[^.]+)+$"));
            }
            Ok(Shape::List(_) | Shape::Record(_) | Shape::Patterns) | Err(_) => {}
            Ok(_) => names.push(name),
        }
    }
    if PRINTING.contains(&action) {
        patterns.push(r"\(.*\)".to_owned());
    }
    let told = format!("Write what came back ({})", names.join(", "));
    let told =
        if PRINTING.contains(&action) { format!("{told}, or a pattern with one group (…).") } else { told + "." };
    patterns.extend(names.iter().map(|name| format!("^{name}$")));
    one_of(&patterns, &names, &told)
}
