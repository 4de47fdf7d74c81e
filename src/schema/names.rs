//! The names of facts: all of those in the registry and the parts of them, with the learner's names as patterns.

use super::matchers::{Definitions, reference};
use super::values::example;
use crate::facts::registry::REGISTRY;
use crate::language::grammar::{TOGETHER, WORDS};
use crate::language::shape::{FACTS, Shape};
use crate::steps::answers::{STEP_ANSWERS, STEP_FACTS};
use serde_json::{Map, Value, json};

/// An image in a registry; everything between the first dot and the last is its name.
const IN_REGISTRY: &str = "registry.<name>";

/// A name, `<name>` in it standing for what a learner chose and `<path>` for any number of parts.
struct Name<'s> {
    written: String,
    shape: &'s Shape,
}

/// All names below a shape.
fn below<'s>(shape: &'s Shape, path: &str, names: &mut Vec<Name<'s>>) {
    let with = |part: &str| if path.is_empty() { part.to_owned() } else { format!("{path}.{part}") };
    let mut add = |written: String, shape: &'s Shape| {
        below(shape, &written, names);
        names.push(Name { written, shape });
    };
    match shape {
        Shape::Record(fields) => fields.iter().for_each(|(field, shape)| add(with(field), shape)),
        Shape::Map(item) => add(with("<name>"), item),
        Shape::Any => names.push(Name { written: with("<path>"), shape }),
        _ => {}
    }
}

fn names(shape: &Shape) -> Vec<Name<'_>> {
    let mut names = Vec::new();
    below(shape, "", &mut names);
    // Of an image in a registry only a field can be asked: its own name has dots.
    names.retain(|name| name.written != IN_REGISTRY);
    names.sort_by(|a, b| a.written.cmp(&b.written));
    names
}

/// What a name means: what the registry says of it, or of what it is a part of.
pub(super) fn doc(name: &str) -> Option<String> {
    let of = |known: &str, doc: &str| {
        let mut parts = name.split('.');
        let same = known.split('.').all(|known| {
            parts.next().is_some_and(|part| part == known || (part.starts_with('<') && known.starts_with('<')))
        });
        let rest = parts.collect::<Vec<_>>().join(".");
        let part = if rest.is_empty() { doc.to_owned() } else { format!("`{rest}` of: {doc}") };
        same.then_some(part)
    };
    let facts = REGISTRY.iter().find_map(|entry| of(entry.name, entry.doc));
    facts.or_else(|| STEP_ANSWERS.iter().find_map(|answer| of(answer.name, answer.doc)))
}

/// The pattern of a name with parts that a learner chose.
fn pattern(name: &str) -> String {
    if let Some(kind) = ["text", "yaml"].into_iter().find(|kind| name.starts_with(&format!("repo.{kind}.<"))) {
        return format!(r"^repo\.{kind}\.[^ ]+$");
    }
    if let Some(field) = name.strip_prefix(IN_REGISTRY) {
        return format!(r"^registry\.[^ ]+{}$", field.replace('.', r"\."));
    }
    let parts: Vec<String> = name.split('.').map(part).collect();
    format!("^{}$", parts.join(r"\."))
}

fn part(part: &str) -> String {
    match part {
        "<path>" => r"[^.]+(\.[^.]+)*".to_owned(),
        _ if part.starts_with('<') => "[^.]+".to_owned(),
        _ => part.to_owned(),
    }
}

/// A definition for each fact; the maps of them that checks and examples write.
pub(super) fn define(definitions: &mut Definitions) {
    for name in names(&STEP_FACTS) {
        let mut schema = super::keys::map(definitions.matcher(name.shape, &name.written));
        let doc = doc(&name.written).unwrap_or_else(|| format!("All that is known of `{}`.", name.written));
        schema.insert("description".to_owned(), format!("{doc} ({})", name.shape.words()).into());
        definitions.put(&definition(&name), schema.into());
    }
    item(definitions, "expectation", &FACTS);
    let tip = json!({
        "allOf": [reference("expectation")],
        "required": ["message"],
        "properties": { "points": false, TOGETHER: false },
    });
    definitions.put("tip", tip);
    examples(definitions);
    let (facts, answers) = (fact_name(&FACTS), fact_name(&STEP_FACTS));
    definitions.put("fact-name", facts);
    definitions.put("answer-name", answers);
}

fn definition(name: &Name<'_>) -> String {
    format!("fact-{}", name.written.replace(['<', '>'], ""))
}

/// Properties and patterns for all names below a shape.
fn properties(shape: &Shape, mut of: impl FnMut(&Name<'_>) -> Value) -> (Map<String, Value>, Map<String, Value>) {
    let (mut fixed, mut patterns) = (Map::new(), Map::new());
    for name in names(shape) {
        let (key, properties) = if name.written.contains('<') {
            (pattern(&name.written), &mut patterns)
        } else {
            (name.written.clone(), &mut fixed)
        };
        properties.insert(key, of(&name));
    }
    (fixed, patterns)
}

/// An item of expectations of these facts, and the same without words beside the fact.
pub(super) fn item(definitions: &mut Definitions, name: &str, facts: &Shape) {
    let bare = format!("{name}-alone");
    let (mut fixed, patterns) = properties(facts, |name| reference(&definition(name)));
    for (key, doc) in [("any-of", "One of these holds."), ("all-of", "All of these hold.")] {
        let several = json!({ "type": "array", "items": reference(&bare), "minItems": 1, "description": doc });
        fixed.insert(key.to_owned(), several);
    }
    for word in &WORDS {
        let mut schema = super::keys::key(definitions, word);
        if word.name == "see" && name != "expectation" {
            schema = reference("answer-name");
        }
        fixed.insert(word.name.to_owned(), schema);
    }
    let together = json!({
        "type": "array",
        "items": { "allOf": [reference(name)], "properties": { TOGETHER: false } },
        "minItems": 1,
        "description": "These are reported together.",
    });
    fixed.insert(TOGETHER.to_owned(), together);
    let words = WORDS.map(|word| word.name);
    let schema = json!({
        "type": "object",
        "properties": fixed,
        "patternProperties": patterns,
        "additionalProperties": false,
        "if": { "type": "object", "propertyNames": { "enum": words } },
        // No map is a null: this refuses one without a fact, and editors tell why.
        "then": { "type": "null", "errorMessage": "A fact and what it has to be is missing here." },
        "dependencies": { TOGETHER: { "maxProperties": 1 } },
    });
    definitions.put(name, schema);
    let none = words.iter().chain(&[TOGETHER]).map(|word| ((*word).to_owned(), Value::Bool(false)));
    let none: Map<String, Value> = none.collect();
    definitions.put(&bare, json!({ "allOf": [reference(name)], "properties": none, "maxProperties": 1 }));
}

/// What an example gives: facts, files and the answers of steps.
fn examples(definitions: &mut Definitions) {
    for name in names(&STEP_FACTS) {
        let own = value(definitions, &name);
        definitions.put(&own, example(name.shape));
    }
    let of = |definitions: &mut Definitions, shape| properties(shape, |name| reference(&value(definitions, name)));
    let (fixed, patterns) = of(definitions, &STEP_FACTS);
    let answer =
        json!({ "type": "object", "properties": fixed, "patternProperties": patterns, "additionalProperties": false });
    definitions.put("answer", answer);
    let (mut fixed, patterns) = of(definitions, &FACTS);
    let texts = json!({ "type": ["string", "number", "boolean", "null"] });
    let files = json!({ "type": "object", "additionalProperties": texts, "description": "Files by their path; facts are read from them." });
    fixed.insert("files".to_owned(), files);
    let steps = json!({ "type": "array", "items": reference("answer"), "description": "What each step brings back." });
    fixed.insert("steps".to_owned(), steps);
    let example =
        json!({ "type": "object", "properties": fixed, "patternProperties": patterns, "additionalProperties": false });
    definitions.put("example", example);
}

/// The definition of a fact's values, called like that of its matchers.
fn value(definitions: &mut Definitions, name: &Name<'_>) -> String {
    format!("value-{}", definitions.name(name.shape, &name.written))
}

fn fact_name(shape: &Shape) -> Value {
    let names = names(shape);
    let patterns: Vec<String> = names.iter().map(|name| pattern(&name.written)).collect();
    let fixed: Vec<&str> = names.iter().map(|name| name.written.as_str()).filter(|name| !name.contains('<')).collect();
    super::keys::one_of(&patterns, &fixed, "There is no such fact; `grader facts --list` shows those there are.")
}
