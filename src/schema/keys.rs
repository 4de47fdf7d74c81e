//! Maps of known keys, by the grammar's tables.

use super::matchers::{Definitions, reference};
use super::values::{SIZE, duration, durations, literal, or_braced};
use crate::language::grammar::{CHECK, COUNTED, FROM_LEARNER, Key, MOST_FINDINGS, USE, ValueKind};
use crate::language::shape::Shape;
use serde_json::{Map, Value, json};

/// A path in the repository: relative, without `..`.
pub(super) const PATH: &str = r"^(?:[^./\\][^/\\]*|\.(?:[^./\\][^/\\]*)?|\.\.[^/\\]+)(?:/(?:[^./\\][^/\\]*|\.(?:[^./\\][^/\\]*)?|\.\.[^/\\]+)?)*$";
const MOUNT: &str = r"^(\.|\./[^:]*|[A-Za-z0-9_-]+):/[^:]+(:(ro|rw))?$";

/// The keywords of a schema.
pub(super) fn map(schema: Value) -> Map<String, Value> {
    match schema {
        Value::Object(map) => map,
        _ => Map::new(),
    }
}

/// A map that may have these keys, and has those that are required.
pub(super) fn record(definitions: &mut Definitions, keys: &[&[Key]]) -> Value {
    let (mut properties, mut required) = (Map::new(), Vec::new());
    for key in keys.iter().copied().flatten() {
        properties.insert(key.name.to_owned(), self::key(definitions, key));
        if key.required {
            required.push(key.name);
        }
    }
    let mut schema = map(json!({ "type": "object", "properties": properties, "additionalProperties": false }));
    if !required.is_empty() {
        schema.insert("required".to_owned(), json!(required));
    }
    schema.into()
}

/// What stands behind a key, with what it is for.
pub(super) fn key(definitions: &mut Definitions, key: &Key) -> Value {
    let mut schema = map(own(key).unwrap_or_else(|| kind(definitions, &key.kind)));
    match key.name {
        "hints" | "paths" => drop(schema.insert("minItems".to_owned(), 1.into())),
        "advise" => drop(schema.insert("items".to_owned(), reference("tip"))),
        _ => {}
    }
    schema.insert("description".to_owned(), key.doc.into());
    schema.into()
}

/// What a key takes that says more than its kind.
fn own(key: &Key) -> Option<Value> {
    let text = |pattern: &str| json!({ "type": "string", "pattern": or_braced(pattern) });
    let texts = |pattern: &str| json!({ "type": "array", "items": text(pattern) });
    Some(match (key.name, key.kind) {
        ("path", ValueKind::Text) => json!({ "type": "string", "pattern": r"^(/|\{)\S*$" }),
        ("learn", ValueKind::Text) => json!({ "type": "string", "pattern": or_braced(r"^https?://[A-Za-z0-9]\S*$") }),
        ("paths", ValueKind::Texts) => texts("^/"),
        ("given", ValueKind::Texts) => texts(PATH),
        ("mounts", ValueKind::Texts) => texts(MOUNT),
        ("network", ValueKind::Text) => text(r"^stack\..+$"),
        _ => return None,
    })
}

fn kind(definitions: &mut Definitions, what: &ValueKind) -> Value {
    let text = || json!({ "type": ["string", "number", "boolean"], "pattern": r"\S" });
    let verbatim = || json!({ "type": ["string", "number", "boolean", "null"] });
    match what {
        ValueKind::Text => text(),
        ValueKind::Id => json!({ "type": "string", "pattern": "^[a-z][a-z0-9-]*$" }),
        ValueKind::Path => json!({
            "type": "string",
            "pattern": or_braced(PATH),
            "patternErrorMessage": "A path relative to the repository's root is wanted here, with `/` and without `..`.",
        }),
        ValueKind::Number(least, most) => json!({
            "type": ["integer", "string"],
            "pattern": or_braced("^[0-9]+$"),
            "patternErrorMessage": "A whole number is wanted here.",
            "minimum": least,
            "maximum": most,
        }),
        ValueKind::Bool => literal(&Shape::Bool),
        ValueKind::Size => json!({ "type": ["string", "number"], "pattern": or_braced(SIZE), "minimum": 0 }),
        ValueKind::Duration => duration(&or_braced(&durations())),
        ValueKind::Cpus => json!({
            "type": ["number", "string"],
            "pattern": or_braced(r"^[0-9]*\.?[0-9]+$"),
            "minimum": 0.01,
            "maximum": 64,
        }),
        ValueKind::Texts => json!({ "type": "array", "items": text() }),
        ValueKind::TextOrTexts => json!({ "anyOf": [text(), { "type": "array", "items": text(), "minItems": 1 }] }),
        ValueKind::Command => {
            json!({ "type": ["array", "string", "number", "boolean"], "items": verbatim(), "minItems": 1 })
        }
        ValueKind::TextMap => {
            json!({ "type": "object", "additionalProperties": { "type": ["string", "number", "boolean"] } })
        }
        ValueKind::Parameters => json!({
            "type": "object",
            "propertyNames": { "pattern": "^[a-z][a-z0-9_-]*$" },
            "additionalProperties": {
                "type": ["string", "number", "boolean", "array"],
                "items": { "type": ["string", "number", "boolean"] },
            },
        }),
        ValueKind::ChallengeParameters => {
            let learner = record(definitions, &[&FROM_LEARNER]);
            let mut schema = map(kind(definitions, &ValueKind::Parameters));
            let values = json!({
                "if": { "type": "object" },
                "then": learner,
                "else": schema.remove("additionalProperties"),
            });
            schema.insert("additionalProperties".to_owned(), values);
            schema.into()
        }
        ValueKind::Verbatim => verbatim(),
        ValueKind::Fact => reference("fact-name"),
        ValueKind::Facts => json!({ "type": "array", "items": reference("fact-name") }),
        ValueKind::Words(words) => self::words(words),
        ValueKind::Record(keys) => record(definitions, &[keys]),
        ValueKind::List(item) => json!({ "type": "array", "items": kind(definitions, item) }),
        ValueKind::Named(item) => json!({ "type": "object", "additionalProperties": kind(definitions, item) }),
        ValueKind::OneOf(keys) => {
            let mut schema = map(record(definitions, &[keys]));
            schema.insert("minProperties".to_owned(), 1.into());
            schema.insert("maxProperties".to_owned(), 1.into());
            schema.into()
        }
        ValueKind::Expectations => json!({ "type": "array", "items": reference("expectation") }),
        ValueKind::Expectation => reference("expectation-alone"),
        ValueKind::ExpectationOrDuration => json!({
            "if": { "type": "object" },
            "then": reference("expectation-alone"),
            "else": duration(&or_braced(&durations())),
        }),
        // What these take depends on the step's action.
        ValueKind::StepExpectations => json!({ "type": "array" }),
        ValueKind::Captures => json!({ "type": "object", "propertyNames": { "pattern": "^[a-z][a-z0-9_-]*$" } }),
        ValueKind::CountMatcher => definitions.matcher(&Shape::Int, ""),
        ValueKind::Steps => json!({ "type": "array", "items": reference("step") }),
        ValueKind::Example => reference("example"),
        ValueKind::Findings(keys) => json!({ "anyOf": [
            { "type": "integer", "minimum": 0, "maximum": MOST_FINDINGS },
            { "type": "array", "items": record(definitions, &[keys]) },
        ] }),
        ValueKind::Checks => {
            // What an item can begin with; by how it does, the other keys are known.
            let first = USE
                .iter()
                .chain(&CHECK[..1])
                .filter(|key| key.required || COUNTED.iter().any(|it| it.name == key.name));
            let first: Map<String, Value> =
                first.map(|key| (key.name.to_owned(), json!({ "description": key.doc }))).collect();
            let checks = json!({
                "type": "object",
                "properties": first,
                "if": { "required": ["use"] },
                "then": reference("use"),
                "else": reference("check-here"),
            });
            json!({ "type": "array", "items": checks })
        }
    }
}

/// Words; what is written large in them stands for a name: `restart SERVICE`.
fn words(words: &[&str]) -> Value {
    let patterns: Vec<String> = words.iter().map(|word| open(word)).collect();
    one_of(&patterns, words, &format!("One of these is wanted here: {}.", words.join(", ")))
}

/// A text that fits one of these patterns. Editors offer the examples.
pub(super) fn one_of(patterns: &[String], examples: &[&str], told: &str) -> Value {
    json!({
        "type": "string",
        "pattern": or_braced(&patterns.join("|")),
        "examples": examples,
        "patternErrorMessage": told,
    })
}

fn open(word: &str) -> String {
    let pattern = word.replace("SERVICE=N", r"[^=\s]+=([0-9]|10)");
    let pattern = pattern.replace("SERVICE", r"\S+").replace("SIGNAL", "[A-Z0-9+-]{1,16}");
    format!("^{}$", pattern.replace(' ', " +"))
}
