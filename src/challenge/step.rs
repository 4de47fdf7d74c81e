//! Reading steps: what has to be done before it can be seen.

use super::expectation::{MOST_POINTS, expectations};
use super::matcher::{regex, text};
use super::parameters::is_name;
use super::scope::{Fields, Scope};
use super::shape::STEP_FACTS;
use super::{Action, Capture, Step};
use crate::yaml::{Entry, Node};
use std::collections::{BTreeMap, BTreeSet};
use std::time::Duration;

/// The longest that a step may ask again.
const LONGEST_RETRY: Duration = Duration::from_secs(300);

const ACTIONS: [&str; 2] = ["http", "restart"];
const KEYS: [&str; 5] = ["http", "restart", "capture", "expect", "points"];

/// All steps of a check, in their order.
pub(super) fn steps(scope: &Scope<'_>, node: &Node) -> Vec<Step> {
    let mut captures = BTreeSet::new();
    let mut steps = Vec::new();
    for item in scope.items(node, "a list of steps") {
        steps.extend(step(&Scope { captures: &captures, ..*scope }, item));
        // By their names: what is wrong with one is told once, not again wherever it is used.
        let kept = item.get("capture").and_then(Node::as_map).unwrap_or_default();
        captures.extend(kept.iter().map(|entry| entry.key.clone()));
    }
    steps
}

fn step(scope: &Scope<'_>, node: &Node) -> Option<Step> {
    let fields = scope.fields(node, "a step, `http: …` or `restart: …`,", &KEYS);
    // What else stands in a step is read even if the action is wrong, so that all mistakes are told.
    let expect = fields.get("expect").map(|node| expectations(scope, node, &STEP_FACTS)).unwrap_or_default();
    let capture = fields.get("capture").map(|node| captures(scope, node)).unwrap_or_default();
    let points = fields.get("points").and_then(|node| scope.number(node, 1..=MOST_POINTS));
    let actions: Vec<_> = ACTIONS.into_iter().filter_map(|name| fields.entry(name)).collect();
    let action = match actions.as_slice() {
        [entry] if entry.key == "http" => http(scope, &entry.value),
        [entry] => Some(Action::Restart { service: scope.prose(&entry.value)? }),
        [] => {
            let is_known = |entry: &Entry| KEYS.contains(&entry.key.as_str());
            if node.as_map().is_some_and(|entries| entries.iter().all(is_known)) {
                scope.problem(fields.start(), "what this step does is missing: `http: …` or `restart: …`");
            }
            None
        }
        [_, second, ..] => {
            scope.problem(second.key_span, "a step does one thing; give this a step of its own");
            None
        }
    };
    Some(Step { action: action?, expect, capture, points })
}

fn http(scope: &Scope<'_>, node: &Node) -> Option<Action> {
    let fields = scope.fields(node, "`{ service: …, path: … }`", &["service", "port", "path", "retry_for"]);
    node.as_map()?;
    let service = scope.required(fields, "service");
    let port = fields.get("port").and_then(|node| scope.number(node, 1..=65_535)).and_then(|port| port.try_into().ok());
    let retry_for = fields.get("retry_for").and_then(|node| duration(scope, node)).unwrap_or_default();
    let path = match fields.get("path") {
        Some(node) => url_path(scope, node)?,
        None => scope.required(fields, "path"),
    };
    Some(Action::Http { service, port, path, retry_for })
}

/// A path from `/`, in which captured values may stand.
pub(super) fn url_path(scope: &Scope<'_>, node: &Node) -> Option<String> {
    let path = scope.prose(node)?;
    for name in super::parameters::placeholders(&path).into_iter().filter(|name| !scope.captures.contains(*name)) {
        scope.add(
            scope.bad(node, format!("`{{{name}}}` is no parameter of this check, and no earlier step captures it")),
        );
    }
    if !path.starts_with('/') || path.chars().any(|c| c.is_whitespace() || c.is_control()) {
        scope.add(scope.bad(node, "a path on a server starts with `/` and holds no blanks"));
        return None;
    }
    Some(path)
}

fn duration(scope: &Scope<'_>, node: &Node) -> Option<Duration> {
    let written = text(scope, node, "a length of time (such as 5s)")?;
    let read = humantime::parse_duration(&written).ok().filter(|duration| *duration <= LONGEST_RETRY);
    if read.is_none() {
        let most = humantime::format_duration(LONGEST_RETRY);
        scope.add(scope.bad(node, format!("`{written}` is not a length of time up to {most} (such as 5s)")));
    }
    read
}

fn captures(scope: &Scope<'_>, node: &Node) -> BTreeMap<String, Capture> {
    let Some(entries) = node.as_map() else {
        scope.wanted(node, "names and what to keep, `{ count: json.count }`,");
        return BTreeMap::new();
    };
    let mut captures = BTreeMap::new();
    for entry in entries {
        if !is_name(&entry.key) {
            scope.problem(entry.key_span, "a name is lower case: letters, digits, `_` and `-`");
        } else if scope.parameters.known.contains_key(&entry.key) {
            scope.problem(entry.key_span, format!("`{}` is a parameter already", entry.key));
        }
        captures.extend(capture(scope, &entry.value).map(|capture| (entry.key.clone(), capture)));
    }
    captures
}

/// `json.count`, or a pattern whose only group is kept.
fn capture(scope: &Scope<'_>, node: &Node) -> Option<Capture> {
    if let Some(path) = node.text().and_then(|text| text.strip_prefix("json.")) {
        let parts: Vec<String> = scope.parameters.fill(path).split('.').map(str::to_owned).collect();
        if parts.iter().any(String::is_empty) {
            scope.problem(node.span, "a part of this path is empty");
        }
        return Some(Capture::Json(parts));
    }
    let pattern = regex(scope, node)?;
    if pattern.captures_len() != 2 {
        let found = pattern.captures_len() - 1;
        let mut diagnostic =
            scope.bad(node, format!("a pattern needs one group (…), which is what it keeps; this has {found}"));
        diagnostic.help = Some("a value of a JSON answer is written `json.count`".to_owned());
        scope.add(diagnostic);
        return None;
    }
    Some(Capture::Pattern(pattern))
}

/// An endpoint of a challenge's subject.
pub(super) fn endpoint(scope: &Scope<'_>, fields: Fields<'_>) -> Option<super::Endpoint> {
    let node = fields.get("http")?;
    let fields = scope.fields(node, "`{ port: 5000, path: / }`", &["port", "path"]);
    let path = fields.get("path").and_then(|node| url_path(scope, node));
    let port = fields.get("port").and_then(|node| scope.number(node, 1..=65_535));
    if node.as_map().is_some() {
        for key in ["port", "path"].into_iter().filter(|key| fields.get(key).is_none()) {
            scope.problem(fields.start(), format!("`{key}` is missing here"));
        }
    }
    Some(super::Endpoint { port: port?.try_into().ok()?, path: path? })
}
