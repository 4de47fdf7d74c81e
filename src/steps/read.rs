//! Reading steps: what has to be done before it can be seen.

mod action;
mod phrase;

use super::answers::ANSWERS;
use super::{Capture, Step};
use crate::diagnostic::nearest;
use crate::language::expectation::expectations;
use crate::language::grammar::{ACTIONS, ENDPOINT, MOST_POINTS, STEP};
use crate::language::matcher::regex;
use crate::language::parameters::is_name;
use crate::language::scope::{Fields, Scope};
use crate::language::shape::{Shape, step_facts};
use crate::yaml::{Entry, Node};
use action::url_path;
pub(crate) use phrase::LONGEST;
pub(crate) use phrase::duration;
use std::collections::{BTreeMap, BTreeSet};

/// All steps of a check, in their order.
pub(crate) fn steps(scope: &Scope<'_>, node: &Node) -> Vec<Step> {
    let mut captures = BTreeSet::new();
    let mut steps = Vec::new();
    for item in scope.items(node, "a list of steps") {
        steps.extend(step(&Scope { captures: &captures, ..*scope }, item));
        // By their names: what is wrong with one is told once, not again wherever it is used.
        let kept = item.get("capture").and_then(Node::as_map).unwrap_or_default();
        captures.extend(kept.iter().map(|entry| entry.key.clone()));
    }
    steps
}

fn step(scope: &Scope<'_>, node: &Node) -> Option<Step> {
    let fields = scope.fields(node, "a step, `http: …` or `exec: …`,", &[&ACTIONS, &STEP]);
    let actions: Vec<&Entry> = ACTIONS.iter().filter_map(|key| fields.entry(key.name)).collect();
    // What else stands in a step is read even if the action is wrong, so that all mistakes are told.
    let kind = actions.first().map_or("", |entry| entry.key.as_str());
    let facts = step_facts(kind);
    let expect = fields.get("expect").map(|node| expectations(scope, node, facts)).unwrap_or_default();
    let capture = fields.get("capture").map(|node| captures(scope, node, kind)).unwrap_or_default();
    let points = fields.get("points").and_then(|node| scope.number(node, 1..=MOST_POINTS));
    let within = fields.entry("within");
    if let Some(entry) = within.filter(|_| !["container", "compose", ""].contains(&kind)) {
        scope.problem(entry.key_span, "`within` bounds `container:` and `compose:`; other steps have a `timeout`");
    }
    let within = within.and_then(|entry| duration(scope, &entry.value, LONGEST));
    let action = match actions.as_slice() {
        [entry] => action::action(scope, entry, within),
        [] => {
            let known = |entry: &Entry| STEP.iter().any(|key| key.name == entry.key);
            if node.as_map().is_some_and(|entries| entries.iter().all(known)) {
                let names: Vec<&str> = ACTIONS.iter().map(|key| key.name).collect();
                let mut diagnostic = scope.file.diagnostic(fields.start(), "what this step does is missing");
                diagnostic.allowed = names.into_iter().map(str::to_owned).collect();
                scope.add(diagnostic);
            }
            None
        }
        [_, second, ..] => {
            scope.problem(second.key_span, "a step does one thing; give this a step of its own");
            None
        }
    };
    Some(Step { action: action?, expect, capture, points })
}

fn captures(scope: &Scope<'_>, node: &Node, action: &str) -> BTreeMap<String, Capture> {
    let Some(entries) = node.as_map() else {
        scope.wanted(node, "names and what to keep, `{ count: json.count }`,");
        return BTreeMap::new();
    };
    let mut captures = BTreeMap::new();
    for entry in entries {
        if !is_name(&entry.key) {
            scope.problem(entry.key_span, "a name is lower case: letters, digits, `_` and `-`");
        } else if scope.parameters.known.contains_key(&entry.key) {
            scope.problem(entry.key_span, format!("`{}` is a parameter already", entry.key));
        }
        captures.extend(capture(scope, &entry.value, action).map(|capture| (entry.key.clone(), capture)));
    }
    captures
}

/// A fact of the step, `json.count`, or a pattern whose only group is kept.
fn capture(scope: &Scope<'_>, node: &Node, action: &str) -> Option<Capture> {
    if let Some(text) = node.text().map(|text| scope.parameters.fill(text)) {
        let parts: Vec<String> = text.split('.').map(str::to_owned).collect();
        if facts_of(action).any(|name| parts.first().is_some_and(|first| first == name)) {
            return fact(scope, node, &text, parts, action);
        }
    }
    let pattern = regex(scope, node)?;
    if pattern.captures_len() != 2 {
        let found = pattern.captures_len() - 1;
        let mut diagnostic =
            scope.bad(node, format!("a pattern needs one group (…), which is what it keeps; this has {found}"));
        let names: Vec<&str> = facts_of(action).collect();
        diagnostic.nearest = nearest(node.text().unwrap_or_default(), names.iter().copied());
        diagnostic.help = Some(format!("or the name of what came back: {}", names.join(", ")));
        scope.add(diagnostic);
        return None;
    }
    if !["http", "exec", "run"].contains(&action) {
        scope.problem(
            node.span,
            format!("a pattern is held against what was answered or printed, not against `{action}`"),
        );
        return None;
    }
    Some(Capture::Pattern(pattern))
}

fn facts_of(action: &str) -> impl Iterator<Item = &'static str> {
    ANSWERS.iter().filter(move |answer| answer.actions.contains(&action)).map(|answer| answer.name)
}

/// A fact of the step, which has to be a single value.
fn fact(scope: &Scope<'_>, node: &Node, text: &str, parts: Vec<String>, action: &str) -> Option<Capture> {
    if parts.iter().any(String::is_empty) {
        scope.problem(node.span, "a part of this path is empty");
        return None;
    }
    match step_facts(action).find(&parts) {
        Ok(Shape::List(_) | Shape::Map(_) | Shape::Record(_) | Shape::Patterns) | Err(_) => {
            scope.add(scope.bad(node, format!("`{text}` is no single value that can be kept")));
            None
        }
        Ok(_) => Some(Capture::Fact(parts)),
    }
}

/// An endpoint of a challenge's subject.
pub(crate) fn endpoint(scope: &Scope<'_>, fields: Fields<'_>) -> Option<crate::challenge::Endpoint> {
    let node = fields.get("http")?;
    let fields = scope.fields(node, "`{ port: 5000, path: / }`", &[&ENDPOINT]);
    let path = fields.get("path").and_then(|node| url_path(scope, node));
    let port = fields.get("port").and_then(|node| scope.number(node, 1..=65_535));
    if node.as_map().is_some() {
        for key in ["port", "path"].into_iter().filter(|key| fields.get(key).is_none()) {
            scope.problem(fields.start(), format!("`{key}` is missing here"));
        }
    }
    Some(crate::challenge::Endpoint { port: port?.try_into().ok()?, path: path? })
}
