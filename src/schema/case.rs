//! What stands in the `expect.yaml` of a case.

use super::DRAFT;
use super::keys::{map, record};
use super::matchers::Definitions;
use crate::language::grammar::CASE;
use serde_json::{Value, json};

/// The schema of an `expect.yaml`.
pub(super) fn schema() -> Value {
    let mut schema = map(record(&mut Definitions::default(), &[&CASE]));
    let title = "What a case of a challenge is graded as";
    let description = "The files beside it, laid over the solution, are graded. This is what has to come of it.";
    for (key, value) in [("$schema", DRAFT), ("title", title), ("description", description)] {
        schema.insert(key.to_owned(), json!(value));
    }
    schema.into()
}
