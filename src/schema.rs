//! JSON Schemas for editors, made of the language's tables: keys, facts, matchers. Draft-07 is what they know best.

mod case;
mod keys;
mod matchers;
mod names;
mod steps;
mod values;
mod write;

use crate::language::grammar::{CHALLENGE, CHECK, COUNTED, COURSE, Key, USE};
use keys::{map, record};
use matchers::Definitions;
use serde_json::{Value, json};

/// The schema's dialect.
const DRAFT: &str = "http://json-schema.org/draft-07/schema#";

/// A name in braces, for which a parameter's or a captured value is put in.
const BRACED: &str = r"\{[a-z][a-z0-9_-]*\}";

/// The schema of checks and challenges, as it is kept in `checks/schema.json`.
pub fn text() -> String {
    write::text(&schema())
}

/// The schema of a case's `expect.yaml`, as it is kept in `checks/case.schema.json`.
pub fn case_text() -> String {
    write::text(&case::schema())
}

/// The schema of a `course.yaml`, as it is kept in `checks/course.schema.json`.
pub fn course_text() -> String {
    let mut schema = map(record(&mut Definitions::default(), &[&COURSE]));
    let description = "The challenges of a course in their order, and what they share.";
    for (key, value) in [("$schema", DRAFT), ("title", "A course of grader"), ("description", description)] {
        schema.insert(key.to_owned(), json!(value));
    }
    write::text(&schema.into())
}

/// Both kinds of files in one: a file with a key that only challenges have is one.
fn schema() -> Value {
    let mut definitions = Definitions::default();
    names::define(&mut definitions);
    steps::define(&mut definitions);
    let check = check(&mut definitions, &[&CHECK]);
    definitions.put("check", check);
    let used = counted(record(&mut definitions, &[&USE]));
    definitions.put("use", used);
    let inline = counted(check_here(&mut definitions));
    definitions.put("check-here", inline);
    let challenge = record(&mut definitions, &[&CHALLENGE]);
    definitions.put("challenge", challenge);
    let only = CHALLENGE.iter().filter(|key| CHECK.iter().all(|other| other.name != key.name));
    let is_challenge: Vec<Value> = only.map(|key| json!({ "required": [key.name] })).collect();
    json!({
        "$schema": DRAFT,
        "title": "A check or a challenge of grader",
        "description": "What a check expects of facts; or what a challenge grades, and by which checks.",
        "type": "object",
        "if": { "anyOf": is_challenge },
        "then": { "$ref": "#/definitions/challenge" },
        "else": { "$ref": "#/definitions/check" },
        "definitions": definitions.finish(),
    })
}

fn check(definitions: &mut Definitions, keys: &[&[Key]]) -> Value {
    let mut schema = map(record(definitions, keys));
    let ways = ["expect", "try", "script"].map(|way| json!({ "required": [way] }));
    schema.insert("anyOf".to_owned(), json!(ways));
    schema.into()
}

fn check_here(definitions: &mut Definitions) -> Value {
    check(definitions, &[&CHECK, &COUNTED])
}

/// A check counts in one way.
fn counted(schema: Value) -> Value {
    let mut schema = map(schema);
    let pairs = [["points", "bonus"], ["points", "optional"], ["bonus", "optional"]];
    schema.insert("allOf".to_owned(), json!(pairs.map(|pair| json!({ "not": { "required": pair } }))));
    schema.into()
}
