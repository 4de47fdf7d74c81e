//! What stands in the `expect.yaml` of a case.

use super::DRAFT;
use serde_json::{Value, json};

/// The schema of an `expect.yaml`.
pub(super) fn schema() -> Value {
    let text = |doc: &str| json!({ "type": "string", "minLength": 1, "description": doc });
    let texts =
        |doc: &str| json!({ "type": "array", "items": { "type": "string", "minLength": 1 }, "description": doc });
    json!({
        "$schema": DRAFT,
        "title": "What a case of a challenge is graded as",
        "description": "The files beside it, laid over the solution, are graded. This is what has to come of it.",
        "type": "object",
        "properties": {
            "about": text("What is wrong, or different, in this case."),
            "fails": texts("The checks that fail, and no others; `[]` if it passes."),
            "score": { "type": "integer", "minimum": 0, "description": "The points that it gets." },
            "finding": {
                "type": "object",
                "description": "One finding that has to be told.",
                "properties": {
                    "check": text("The check that tells it."),
                    "path": text("The file that it points at."),
                    "line": { "type": "integer", "minimum": 1, "description": "The line that it points at." },
                    "message": text("A text that stands in it."),
                },
                "required": ["check"],
                "additionalProperties": false,
            },
            "remove": texts("Files of the solution that are taken away."),
        },
        "required": ["about", "fails"],
        "additionalProperties": false,
    })
}
