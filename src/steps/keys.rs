//! Keys that several kinds of steps have, and reading what they take.

use crate::language::grammar::{Key, ValueKind, may};
use crate::language::scope::{Fields, Scope};
use crate::language::values::{LONGEST, duration};
use crate::yaml::{Node, Value};
use std::collections::BTreeMap;
use std::time::Duration;

pub(super) const SERVICE: Key =
    may("service", ValueKind::Text, "The role or service; without it, the container of the graded image.");
pub(super) const CONTAINER: Key = may(
    "container",
    ValueKind::Text,
    "`built`, the container of the graded image, or the name of one that `start` started.",
);
pub(super) const USER: Key = may("user", ValueKind::Text, "The user that it runs as.");
pub(super) const STDIN: Key = may("stdin", ValueKind::Verbatim, "What it reads.");
pub(super) const TIMEOUT: Key = may("timeout", ValueKind::Duration, "How long it may take.");
pub(super) const RETRY: Key =
    may("retry_for", ValueKind::Duration, "How long it is tried again until it is as expected.");

/// Which container is meant.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum StepTarget {
    /// That of a role or service.
    Service(String),
    /// The graded image, run alone.
    Container,
    /// One that a step `start` of the same check has started, by its name.
    Started(String),
}

/// What the container of the graded image is called.
pub(super) const BUILT: &str = "built";

/// The most characters of a text that a step sends or writes.
const MOST_TEXT: usize = 64 << 10;

/// Reads which container is meant.
pub(super) fn target(scope: &Scope<'_>, fields: Fields<'_>) -> Option<StepTarget> {
    if let Some(node) = fields.get("container") {
        let name = scope.prose(node)?;
        if let Some(other) = fields.entry("service") {
            scope.problem(other.key_span, "either a `service` or the `container` is meant");
        }
        return Some(if name == BUILT { StepTarget::Container } else { StepTarget::Started(name) });
    }
    match fields.get("service") {
        Some(node) => scope.prose(node).map(StepTarget::Service),
        None => Some(StepTarget::Container),
    }
}

/// The words of a command; one text is a line for the shell.
pub(super) fn command(scope: &Scope<'_>, node: &Node) -> Option<Vec<String>> {
    match node.as_seq() {
        Some([]) => {
            scope.problem(node.span, "this list is empty");
            None
        }
        Some(items) => items.iter().map(|node| text(scope, node)).collect(),
        None => Some(vec!["sh".to_owned(), "-c".to_owned(), text(scope, node)?]),
    }
}

/// Text as it is written, parameters filled in.
pub(super) fn text(scope: &Scope<'_>, node: &Node) -> Option<String> {
    let Value::Scalar(written, _) = &node.value else {
        scope.wanted(node, "text");
        return None;
    };
    if written.len() > MOST_TEXT {
        scope.problem(node.span, format!("a text of a step has at most {MOST_TEXT} bytes"));
        return None;
    }
    Some(scope.parameters.fill(written))
}

pub(super) fn verbatim(scope: &Scope<'_>, fields: Fields<'_>, key: &str) -> Option<String> {
    fields.get(key).and_then(|node| text(scope, node))
}

pub(super) fn prose(scope: &Scope<'_>, fields: Fields<'_>, key: &str) -> Option<String> {
    fields.get(key).and_then(|node| scope.prose(node))
}

pub(super) fn bound(scope: &Scope<'_>, fields: Fields<'_>, key: &str) -> Option<Duration> {
    fields.get(key).and_then(|node| duration(scope, node, LONGEST))
}

/// Texts by names.
pub(super) fn map(scope: &Scope<'_>, fields: Fields<'_>, key: &str) -> BTreeMap<String, String> {
    fields.get(key).map(|node| scope.map(node)).unwrap_or_default()
}
