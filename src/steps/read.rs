//! Reading steps: what has to be done before it can be seen.

use super::answers::step_facts;
use super::keys::BUILT;
use super::{Capture, STEPS, Step, StepKind};
use crate::diagnostic::nearest;
use crate::facts::registry;
use crate::language::expectation::expectations;
use crate::language::grammar::{Key, MOST_POINTS, POINTS, ValueKind, may};
use crate::language::matcher::regex;
use crate::language::parameters::is_name;
use crate::language::scope::Scope;
use crate::language::shape::{FACTS, Shape};
use crate::language::values::{LONGEST, duration};
use crate::yaml::{Entry, Node};
use std::collections::{BTreeMap, BTreeSet};
use std::sync::LazyLock;

/// What stands beside what a step does.
pub static STEP: [Key; 4] = [
    may("within", ValueKind::Duration, "How long `container:` or `compose:` may take."),
    may("expect", ValueKind::StepExpectations, "What has to hold of what came back."),
    may("capture", ValueKind::Captures, "Values to keep for later, which write `{name}`."),
    may("points", POINTS, "The points for it and all before it that have none of their own."),
];

/// What a step does: one of these.
pub static ACTIONS: LazyLock<Vec<Key>> = LazyLock::new(|| STEPS.iter().map(|kind| kind.key()).collect());

/// All steps of a check, in their order.
pub(crate) fn steps(scope: &Scope<'_>, node: &Node) -> Vec<Step> {
    let mut captures = BTreeSet::new();
    let mut steps: Vec<Step> = Vec::new();
    for item in scope.items(node, "a list of steps") {
        let step = step(&Scope { captures: &captures, ..*scope }, item);
        if let Some(name) = step.as_ref().and_then(|step| step.action.started()) {
            let started = steps.iter().filter_map(|step| step.action.starts());
            let known: Vec<&str> = [BUILT].into_iter().chain(started).collect();
            if !known.contains(&name) {
                scope.unknown(item.span, "container", name, &known);
            }
        }
        steps.extend(step);
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
    let kind_of = |entry: &Entry| STEPS.iter().copied().find(|kind| kind.name == entry.key);
    let kind = actions.first().and_then(|entry| kind_of(entry));
    let facts = step_facts(kind.map_or("", |kind| kind.name));
    let expect = fields.get("expect").map(|node| expectations(scope, node, facts)).unwrap_or_default();
    let capture = fields.get("capture").map(|node| captures(scope, node, kind)).unwrap_or_default();
    let points = fields.get("points").and_then(|node| scope.number(node, 1..=MOST_POINTS));
    let within = fields.entry("within");
    if let Some(entry) = within.filter(|_| kind.is_some_and(|kind| !kind.is_bounded_beside())) {
        let bounded = STEPS.iter().filter(|kind| kind.is_bounded_beside()).map(|kind| format!("`{}:`", kind.name));
        let bounded = bounded.collect::<Vec<_>>().join(" and ");
        scope.problem(entry.key_span, format!("`within` bounds {bounded}; other steps have a `timeout`"));
    }
    let within = within.and_then(|entry| duration(scope, &entry.value, LONGEST));
    let action = match actions.as_slice() {
        [entry] => kind.and_then(|kind| (kind.read)(scope, &entry.value, within)),
        [] => {
            let known = |entry: &Entry| STEP.iter().any(|key| key.name == entry.key);
            if node.as_map().is_some_and(|entries| entries.iter().all(known)) {
                let mut diagnostic = scope.file.diagnostic(fields.start(), "what this step does is missing");
                diagnostic.allowed = STEPS.iter().map(|kind| kind.name.to_owned()).collect();
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

fn captures(scope: &Scope<'_>, node: &Node, kind: Option<&StepKind>) -> BTreeMap<String, Capture> {
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
        captures.extend(capture(scope, &entry.value, kind).map(|capture| (entry.key.clone(), capture)));
    }
    captures
}

/// A fact of the step, `json.count`, or a pattern whose only group is kept.
fn capture(scope: &Scope<'_>, node: &Node, kind: Option<&StepKind>) -> Option<Capture> {
    if let Some(text) = node.text().map(|text| scope.parameters.fill(text)) {
        let parts: Vec<String> = text.split('.').map(str::to_owned).collect();
        let of_registry: Vec<String> = registry::split(&text).into_iter().map(str::to_owned).collect();
        if of_registry.len() > 1 && registry::source_of(&text).is_some() && FACTS.find(&of_registry).is_ok() {
            return fact(scope, node, &text, of_registry, kind);
        }
        if facts_of(kind).any(|name| parts.first().is_some_and(|first| first == name)) {
            return fact(scope, node, &text, parts, kind);
        }
    }
    let pattern = regex(scope, node)?;
    if pattern.captures_len() != 2 {
        let found = pattern.captures_len() - 1;
        let mut diagnostic =
            scope.bad(node, format!("a pattern needs one group (…), which is what it keeps; this has {found}"));
        let names: Vec<&str> = facts_of(kind).collect();
        diagnostic.nearest = nearest(node.text().unwrap_or_default(), names.iter().copied());
        diagnostic.help = Some(format!("or the name of what came back: {}", names.join(", ")));
        scope.add(diagnostic);
        return None;
    }
    if !kind.is_some_and(StepKind::says_something) {
        let action = kind.map_or("", |kind| kind.name);
        scope.problem(
            node.span,
            format!("a pattern is held against what was answered or printed, not against `{action}`"),
        );
        return None;
    }
    Some(Capture::Pattern(pattern))
}

fn facts_of(kind: Option<&StepKind>) -> impl Iterator<Item = &'static str> {
    kind.into_iter().flat_map(StepKind::brings).map(|answer| answer.name)
}

/// A fact of the step, which has to be a single value.
fn fact(scope: &Scope<'_>, node: &Node, text: &str, parts: Vec<String>, kind: Option<&StepKind>) -> Option<Capture> {
    if parts.iter().any(String::is_empty) {
        scope.problem(node.span, "a part of this path is empty");
        return None;
    }
    match step_facts(kind.map_or("", |kind| kind.name)).find(&parts) {
        Ok(Shape::List(_) | Shape::Map(_) | Shape::Record(_) | Shape::Patterns) | Err(_) => {
            scope.add(scope.bad(node, format!("`{text}` is no single value that can be kept")));
            None
        }
        Ok(_) => Some(Capture::Fact(parts)),
    }
}
