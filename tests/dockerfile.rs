//! Reading Dockerfiles: what the conformance cases do not cover.

#[path = "dockerfile/bounds.rs"]
mod bounds;
#[path = "dockerfile/expansion.rs"]
mod expansion;
#[path = "dockerfile/forms.rs"]
mod forms;
#[path = "dockerfile/places.rs"]
mod places;
#[path = "dockerfile/properties.rs"]
mod properties;
#[path = "dockerfile/stages.rs"]
mod stages;

use std::collections::BTreeMap;

use grader::dockerfile::{Dockerfile, Target, parse};

/// A file that is expected to be fine.
fn read(text: &str) -> Dockerfile {
    let file = parse(text.as_bytes());
    assert_eq!(file.errors, [], "{text}");
    file
}

/// Its last stage, without build arguments.
fn target(text: &str) -> Target {
    read(text).target(None, &BTreeMap::new()).unwrap_or_else(|error| panic!("{text}: {error}"))
}

/// The errors of a file, as `line:column message`.
fn errors(text: &str) -> Vec<String> {
    parse(text.as_bytes()).errors.iter().map(|e| format!("{}:{} {}", e.line, e.column, e.message)).collect()
}
