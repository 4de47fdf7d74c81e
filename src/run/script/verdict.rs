//! The verdict that a script prints, read strictly; `checks/script.schema.json` says the same.

use crate::judge::ScriptVerdict;
use crate::outcome::Finding;
use crate::place::Place;
use serde::Deserialize;

/// The most findings, and the most tips.
const MOST: usize = 100;

#[derive(Debug, Deserialize)]
#[serde(deny_unknown_fields)]
struct Said {
    passed: bool,
    #[serde(default)]
    findings: Vec<ScriptItem>,
    #[serde(default)]
    advice: Vec<ScriptItem>,
}

#[derive(Debug, Deserialize)]
#[serde(deny_unknown_fields)]
struct ScriptItem {
    message: String,
    path: Option<String>,
    line: Option<u32>,
    expected: Option<String>,
    actual: Option<String>,
    hint: Option<String>,
}

/// The characters of what is no verdict that are told.
const MOST_TOLD: usize = 80;

/// What is wrong with a verdict: the end of a sentence that begins with the script's name.
#[derive(Debug, thiserror::Error)]
pub(super) enum NoVerdict {
    #[error("printed nothing, not a verdict")]
    Nothing,
    #[error("printed no verdict: {cause}; what it printed begins with: {start}")]
    NotJson { cause: serde_json::Error, start: String },
    #[error("printed more than {MOST} {0}")]
    TooMany(&'static str),
    #[error("says passed, but has findings; what is no reason to fail belongs to `advice`")]
    PassedWithFindings,
    #[error("says not passed, but has no finding that tells why")]
    FailedWithoutFindings,
    #[error("has a finding without a message")]
    NoMessage,
    #[error("has a finding with a line, but without the path of its file")]
    LineWithoutPath,
    #[error("has a finding at `{0}`, which is no path in the repository")]
    Outside(String),
    #[error("has a finding at line 0; lines begin at 1")]
    LineZero,
}

/// Reads a verdict.
pub(super) fn read(bytes: &[u8]) -> Result<ScriptVerdict, NoVerdict> {
    if bytes.trim_ascii().is_empty() {
        return Err(NoVerdict::Nothing);
    }
    let said: Said = serde_json::from_slice(bytes).map_err(|cause| {
        let start = String::from_utf8_lossy(bytes).trim().chars().take(MOST_TOLD).collect();
        NoVerdict::NotJson { cause, start }
    })?;
    let list = |items: Vec<ScriptItem>, what: &'static str| {
        if items.len() > MOST {
            return Err(NoVerdict::TooMany(what));
        }
        items.into_iter().map(finding).collect::<Result<Vec<_>, _>>()
    };
    let verdict = ScriptVerdict { findings: list(said.findings, "findings")?, advice: list(said.advice, "tips")? };
    match (said.passed, verdict.findings.is_empty()) {
        (true, true) | (false, false) => Ok(verdict),
        (true, false) => Err(NoVerdict::PassedWithFindings),
        (false, true) => Err(NoVerdict::FailedWithoutFindings),
    }
}

fn finding(item: ScriptItem) -> Result<Finding, NoVerdict> {
    if item.message.trim().is_empty() {
        return Err(NoVerdict::NoMessage);
    }
    let place = match (item.path, item.line) {
        (None, None) => None,
        (None, Some(_)) => return Err(NoVerdict::LineWithoutPath),
        (Some(path), _) if !is_inside(&path) => return Err(NoVerdict::Outside(path)),
        (_, Some(0)) => return Err(NoVerdict::LineZero),
        (Some(path), Some(line)) => Some(Place::line(path, line)),
        (Some(path), None) => Some(Place::file(path)),
    };
    let ScriptItem { message, expected, actual, hint, .. } = item;
    Ok(Finding { message, place, expected, actual, hint, ..Finding::default() })
}

/// Whether a path is relative and stays in the repository.
fn is_inside(path: &str) -> bool {
    let parts = || path.split('/');
    !path.is_empty()
        && !path.starts_with('/')
        && !path.contains('\\')
        && !path.chars().any(|c| c.is_ascii_control())
        && parts().all(|part| part != "..")
}

#[cfg(test)]
mod tests {
    use super::*;
    use serde_json::{Value, json};

    /// The schema for scripts, in other languages' hands.
    const SCHEMA: &str = include_str!("../../../checks/script.schema.json");

    /// Whether a value fits a schema, for the words that ours uses.
    fn fits(value: &Value, schema: &Value, root: &Value) -> bool {
        let Some(schema) = schema.as_object() else { return schema.as_bool().unwrap() };
        schema.iter().all(|(word, wanted)| match word.as_str() {
            "$schema" | "title" | "description" | "$defs" | "then" | "else" => true,
            "$ref" => fits(value, root.pointer(wanted.as_str().unwrap().strip_prefix('#').unwrap()).unwrap(), root),
            "type" => {
                let is = |name: &Value| match name.as_str().unwrap() {
                    "object" => value.is_object(),
                    "array" => value.is_array(),
                    "string" => value.is_string(),
                    "boolean" => value.is_boolean(),
                    "integer" => value.is_u64() || value.is_i64(),
                    "null" => value.is_null(),
                    other => panic!("{other}"),
                };
                wanted.as_array().map_or_else(|| is(wanted), |names| names.iter().any(is))
            }
            "const" => value == wanted,
            "required" => value
                .as_object()
                .is_none_or(|it| wanted.as_array().unwrap().iter().all(|name| it.contains_key(name.as_str().unwrap()))),
            "properties" => value.as_object().is_none_or(|it| {
                wanted
                    .as_object()
                    .unwrap()
                    .iter()
                    .all(|(name, schema)| it.get(name).is_none_or(|value| fits(value, schema, root)))
            }),
            "additionalProperties" => {
                let known = schema["properties"].as_object().unwrap();
                value.as_object().is_none_or(|it| it.keys().all(|name| known.contains_key(name)))
            }
            "items" => value.as_array().is_none_or(|it| it.iter().all(|item| fits(item, wanted, root))),
            "minItems" => value.as_array().is_none_or(|it| it.len() as u64 >= wanted.as_u64().unwrap()),
            "maxItems" => value.as_array().is_none_or(|it| it.len() as u64 <= wanted.as_u64().unwrap()),
            "minLength" => value.as_str().is_none_or(|it| it.chars().count() as u64 >= wanted.as_u64().unwrap()),
            "minimum" => value.as_i64().is_none_or(|it| it >= wanted.as_i64().unwrap()),
            "maximum" => value.as_i64().is_none_or(|it| it <= wanted.as_i64().unwrap()),
            "pattern" => {
                let pattern = regex::Regex::new(wanted.as_str().unwrap()).unwrap();
                value.as_str().is_none_or(|it| pattern.is_match(it))
            }
            "not" => !fits(value, wanted, root),
            "if" => {
                let branch = if fits(value, wanted, root) { "then" } else { "else" };
                schema.get(branch).is_none_or(|branch| fits(value, branch, root))
            }
            other => panic!("the schema's word `{other}` is not known here"),
        })
    }

    fn at(path: &str) -> Value {
        json!({"passed": false, "findings": [{"message": "m", "path": path}]})
    }

    #[test]
    fn verdicts_are_read_strictly_and_the_schema_says_the_same() {
        let schema: Value = serde_json::from_str(SCHEMA).unwrap();
        let many: Vec<Value> = (0..101).map(|n| json!({"message": n.to_string()})).collect();
        for (written, is_good) in [
            (json!({"passed": true}), true),
            (json!({"passed": true, "findings": [], "advice": [{"message": "m"}]}), true),
            (json!({"passed": false, "findings": [{"message": "m"}]}), true),
            (
                json!({"passed": false, "findings": [{"message": "m", "path": "a/b.py", "line": 3, "expected": "x",
                       "actual": "y", "hint": "h"}], "advice": []}),
                true,
            ),
            (json!({"passed": false, "findings": [{"message": "m", "path": null, "line": null, "hint": null}]}), true),
            (json!({"passed": false, "findings": many[..100]}), true),
            (json!({"passed": false, "findings": many}), false),
            (json!({"passed": true, "advice": many}), false),
            (json!({}), false),
            (json!([]), false),
            (json!({"passed": "yes"}), false),
            (json!({"passed": false}), false),
            (json!({"passed": false, "findings": []}), false),
            (json!({"passed": true, "findings": [{"message": "m"}]}), false),
            (json!({"passed": true, "points": 3}), false),
            (json!({"passed": true, "findings": null}), false),
            (json!({"passed": false, "findings": [{"path": "a"}]}), false),
            (json!({"passed": false, "findings": [{"message": " "}]}), false),
            (json!({"passed": false, "findings": [{"message": "m", "severity": "high"}]}), false),
            (json!({"passed": false, "findings": [{"message": "m", "line": 3}]}), false),
            (json!({"passed": false, "findings": [{"message": "m", "path": null, "line": 3}]}), false),
            (json!({"passed": false, "findings": [{"message": "m", "path": "a", "line": 0}]}), false),
            (json!({"passed": false, "findings": [{"message": "m", "path": "a", "line": -1}]}), false),
            (json!({"passed": false, "findings": [{"message": "m", "path": "a", "line": 4_294_967_296_u64}]}), false),
            (at("a..b/.c"), true),
            (at(""), false),
            (at("/etc/passwd"), false),
            (at("../x"), false),
            (at("a/../../x"), false),
            (at("a/.."), false),
            (at("a\\b"), false),
            (at("a\nb"), false),
        ] {
            assert_eq!(read(written.to_string().as_bytes()).is_ok(), is_good, "{written}");
            assert_eq!(fits(&written, &schema, &schema), is_good, "by the schema: {written}");
        }
    }

    #[test]
    fn what_is_no_json_is_no_verdict() {
        for text in ["passed", "{\"passed\": true} ok", "{\"passed\": true, \"passed\": false}", "\u{0}", "{"] {
            assert!(read(text.as_bytes()).unwrap_err().to_string().starts_with("printed no verdict: "), "{text}");
        }
        assert!(read(b"{\"passed\": true, \"advice\": [{\"message\": \"\xff\"}]}").is_err());
    }

    #[test]
    fn findings_have_their_places() {
        let text = r#"{"passed": false, "findings": [{"message": "m", "path": "a.py", "line": 3, "actual": "x"}]}"#;
        let finding = read(text.as_bytes()).unwrap().findings.remove(0);
        assert_eq!(finding.place, Some(Place::line("a.py", 3)));
        assert_eq!((finding.message.as_str(), finding.actual.as_deref()), ("m", Some("x")));
    }
}
