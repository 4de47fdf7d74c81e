//! Single values: how each type is written in a check, and in an example.

use super::BRACED;
use crate::language::shape::Shape;
use serde_json::{Value, json};

pub(super) const SIZE: &str = r"^[0-9]+(\.[0-9]+)?\s*([bB]|[kKmMgGtTpPeE]([iI]?[bB])?|[kKmMgGtTpPeE][iI])?$";
const PART: &str = concat!(
    r"[0-9]+(\.[0-9]+)?\s*(nanos|nsec|ns|usec|us|µs|millis|msec|ms|seconds|second|secs|sec|s|minutes|minute|mins|min|m",
    r"|hours|hour|hrs|hr|h|days|day|d|weeks|week|wks|wk|w|months|month|M|years|year|yrs|yr|y)"
);

/// A value as a check writes it; any text may hold a name in braces.
pub(super) fn literal(shape: &Shape) -> Value {
    match shape {
        Shape::Bool => json!({
            "type": ["boolean", "string"],
            "pattern": or_braced("^(true|false)$"),
            "patternErrorMessage": "`true` or `false` is wanted here.",
        }),
        Shape::Int => json!({
            "type": ["integer", "string"],
            "pattern": or_braced("^[+-]?[0-9]+$"),
            "patternErrorMessage": "A whole number is wanted here.",
        }),
        Shape::Size => json!({
            "type": ["string", "number"],
            "pattern": or_braced(SIZE),
            "minimum": 0,
            "patternErrorMessage": "A size is wanted here, such as 200MB or 1.5GiB.",
        }),
        Shape::Duration => duration(&or_braced(&durations())),
        Shape::Word(words) => json!({
            "type": ["string"],
            "anyOf": [{ "enum": words }, { "pattern": BRACED }],
        }),
        Shape::Mode => json!({
            "type": ["string"],
            "pattern": or_braced("^[0-7]{4}$"),
            "patternErrorMessage": "The rights of a file are wanted here, such as \"0644\".",
        }),
        _ => json!({ "type": ["string", "number", "boolean"] }),
    }
}

/// A length of time that fits a pattern.
pub(super) fn duration(pattern: &str) -> Value {
    json!({
        "type": ["string", "integer"],
        "pattern": pattern,
        "minimum": 0,
        "maximum": 0,
        "patternErrorMessage": "A length of time is wanted here, such as 30s or 1m 30s.",
    })
}

/// The pattern of lengths of time.
pub(super) fn durations() -> String {
    format!(r"^\s*({PART}\s*)+$|^0$")
}

/// The pattern, or a text with a name in braces.
pub(super) fn or_braced(pattern: &str) -> String {
    format!("{pattern}|{BRACED}")
}

/// A value as an example gives it; a null is a value that is absent.
pub(super) fn example(shape: &Shape) -> Value {
    match shape {
        Shape::Bool => json!({ "type": ["boolean", "null"] }),
        Shape::Int => json!({ "type": ["integer", "null"] }),
        Shape::Size => json!({ "type": ["string", "number", "null"], "pattern": SIZE, "minimum": 0 }),
        Shape::Duration => {
            json!({ "type": ["string", "integer", "null"], "pattern": durations(), "minimum": 0, "maximum": 0 })
        }
        Shape::Text => json!({ "type": ["string", "number", "boolean", "null"] }),
        Shape::Word(words) => json!({ "anyOf": [{ "enum": words }, { "type": "null" }] }),
        Shape::Mode => json!({ "type": ["string", "null"], "pattern": "^[0-7]{4}$" }),
        Shape::Patterns => json!({ "type": ["array", "null"], "items": example(&Shape::Text) }),
        Shape::List(item) => json!({ "type": ["array", "null"], "items": example(item) }),
        Shape::Map(item) => json!({ "type": ["object", "null"], "additionalProperties": example(item) }),
        Shape::Record(fields) => {
            let fields: serde_json::Map<String, Value> =
                fields.iter().map(|(name, shape)| ((*name).to_owned(), example(shape))).collect();
            json!({ "type": ["object", "null"], "properties": fields, "additionalProperties": false })
        }
        Shape::Any => json!(true),
    }
}
