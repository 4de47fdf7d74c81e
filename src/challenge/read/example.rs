//! Reading examples: facts as they are written, the answers of steps, or files.

use crate::challenge::{Example, Examples};
use crate::facts::{Fact, Facts, Value, registry};
use crate::language::expectation::parts;
use crate::language::grammar::EXAMPLES;
use crate::language::matcher::{is_mode, size};
use crate::language::scope::Scope;
use crate::language::shape::{FACTS, Shape};
use crate::steps::answers::STEP_FACTS;
use crate::yaml::{Entry, Node, Scalar};
use serde_json::Value as Json;
use std::collections::BTreeMap;

/// What a check passes and fails with.
pub(crate) fn examples(scope: &Scope<'_>, node: &Node) -> Examples {
    let fields = scope.fields(node, "`pass:` and `fail:`", &[&EXAMPLES]);
    let read = |key| -> Vec<Example> {
        let Some(node) = fields.get(key) else { return Vec::new() };
        scope.items(node, "a list of examples").iter().map(|item| example(scope, item)).collect()
    };
    Examples { pass: read("pass"), fail: read("fail") }
}

pub(crate) fn example(scope: &Scope<'_>, node: &Node) -> Example {
    let mut example = Example::default();
    let Some(entries) = node.as_map() else {
        scope.wanted(node, "facts, `image.size: 144MB`, or `files:`");
        return example;
    };
    for entry in entries {
        match entry.key.as_str() {
            "files" => example.files = files(scope, &entry.value),
            "steps" => {
                let answers = scope.items(&entry.value, "a list of answers");
                example.steps = answers.iter().map(|answer| answer_of(scope, answer)).collect();
            }
            _ => example.facts.extend(fact(scope, entry, &FACTS)),
        }
    }
    example
}

fn answer_of(scope: &Scope<'_>, node: &Node) -> BTreeMap<String, Json> {
    let Some(entries) = node.as_map() else {
        scope.wanted(node, "what came back, `{ status: 200 }`,");
        return BTreeMap::new();
    };
    entries.iter().filter_map(|entry| fact(scope, entry, &STEP_FACTS)).collect()
}

fn fact(scope: &Scope<'_>, entry: &Entry, facts: &Shape) -> Option<(String, Json)> {
    let parts = parts(scope, &entry.key, entry.key_span, facts)?;
    let shape = facts.find(&parts).ok()?;
    let json = json(&entry.value, shape);
    if value(&json, shape).is_none() {
        scope.wanted_value(&entry.value, shape);
        return None;
    }
    Some((parts.join("."), json))
}

impl Scope<'_> {
    fn wanted_value(&self, node: &Node, shape: &Shape) {
        match node.text() {
            Some(text) => self.problem(node.span, format!("`{text}` is not {}", shape.words())),
            None => self.problem(node.span, format!("{} is wanted here, not {}", shape.words(), node.kind())),
        }
    }
}

fn files(scope: &Scope<'_>, node: &Node) -> BTreeMap<String, String> {
    let Some(entries) = node.as_map() else {
        scope.wanted(node, "paths and what the files hold");
        return BTreeMap::new();
    };
    let read = |entry: &Entry| {
        if let crate::yaml::Value::Scalar(text, _) = &entry.value.value {
            return Some((entry.key.clone(), text.clone()));
        }
        scope.wanted(&entry.value, "the file's text");
        None
    };
    entries.iter().filter_map(read).collect()
}

fn is_text(shape: &Shape) -> bool {
    matches!(shape, Shape::Text | Shape::Word(_) | Shape::Mode)
}

/// A value as it is written, text staying text where the fact is one.
fn json(node: &Node, shape: &Shape) -> Json {
    let below = |name: &str| shape.find(&[name]).unwrap_or(&Shape::Any);
    if let Some(entries) = node.as_map() {
        let fields = entries.iter().map(|entry| (entry.key.clone(), json(&entry.value, below(&entry.key))));
        return Json::Object(fields.collect());
    }
    if let Some(items) = node.as_seq() {
        let item = match shape {
            Shape::List(item) => item,
            Shape::Patterns => &Shape::Text,
            _ => &Shape::Any,
        };
        return Json::Array(items.iter().map(|node| json(node, item)).collect());
    }
    match (node.scalar(), node.text()) {
        (Some(Scalar::Bool(value)), _) if !is_text(shape) => Json::from(value),
        (Some(Scalar::Int(value)), _) if !is_text(shape) => Json::from(value),
        (_, Some(text)) => Json::from(text),
        (_, None) => Json::Null,
    }
}

/// The value that a fact of this shape has by what is written; `None` if it does not fit. A null is absent.
fn value(written: &Json, shape: &Shape) -> Option<Fact> {
    let text = written.as_str();
    let value = match (shape, written) {
        (_, Json::Null) => return Some(Fact::absent()),
        (Shape::Bool | Shape::Any, Json::Bool(value)) => Value::Bool(*value),
        (Shape::Int | Shape::Any, Json::Number(number)) => Value::Int(number.as_i64()?),
        (Shape::Size, Json::Number(number)) => Value::Size(number.as_u64()?),
        (Shape::Size, _) => Value::Size(size(text?)?),
        (Shape::Duration, _) => Value::Duration(humantime::parse_duration(text?).ok()?),
        (Shape::Word(words), Json::String(text)) if !words.contains(&text.as_str()) => return None,
        (Shape::Mode, Json::String(text)) if !is_mode(text) => return None,
        (Shape::Text | Shape::Word(_) | Shape::Mode | Shape::Any, Json::String(text)) => Value::Text(text.clone()),
        (Shape::List(item), Json::Array(items)) => list(items, item)?,
        (Shape::Patterns, Json::Array(items)) => list(items, &Shape::Text)?,
        (Shape::Any, Json::Array(items)) => list(items, &Shape::Any)?,
        (Shape::Map(_) | Shape::Record(_) | Shape::Any, Json::Object(fields)) => {
            let below = |(name, json): (&String, &Json)| Some((name.clone(), value(json, shape.find(&[name]).ok()?)?));
            Value::Map(fields.iter().map(below).collect::<Option<_>>()?)
        }
        _ => return None,
    };
    Some(Fact::of(value))
}

fn list(items: &[Json], shape: &Shape) -> Option<Value> {
    items.iter().map(|item| value(item, shape)).collect::<Option<Vec<_>>>().map(Value::List)
}

impl Example {
    /// The facts that it gives; its files give more.
    pub fn facts(&self) -> Facts {
        of(&self.facts, &FACTS)
    }

    /// What each of its steps brings back.
    pub fn answers(&self) -> Vec<Facts> {
        self.steps.iter().map(|answer| of(answer, &STEP_FACTS)).collect()
    }
}

fn of(written: &BTreeMap<String, Json>, shapes: &Shape) -> Facts {
    let mut facts = Facts::default();
    for (name, json) in written {
        let parts = registry::split(name);
        if let Some(fact) = shapes.find(&parts).ok().and_then(|shape| value(json, shape)) {
            facts.set(&parts, fact);
        }
    }
    facts
}
