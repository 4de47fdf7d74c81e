//! Keeps what a step wants to be kept of what came back.

use super::{Capture, Step};
use crate::compose::roles::Found;
use crate::facts::{Fact, Facts, Value};
use crate::matching::{StepResult, scene};
use std::collections::BTreeMap;

/// How many characters of an answer are told.
const MOST_TOLD: usize = 300;

/// Keeps what the step wants to be kept; what is not there makes it fail.
pub(super) fn keep(step: &Step, result: &mut StepResult, known: Option<(&Facts, &BTreeMap<String, Found>)>) {
    for (name, capture) in &step.capture {
        let found = match capture {
            Capture::Fact(path) => {
                let own = result.facts.at(path).and_then(Fact::value).cloned();
                own.or_else(|| known.and_then(|(facts, roles)| scene::value(facts, roles, path)))
            }
            Capture::Pattern(pattern) => {
                let groups = said(result).and_then(|said| pattern.captures(said));
                groups.and_then(|groups| groups.get(1)).map(|group| Value::from(group.as_str()))
            }
        };
        let found = found.and_then(|value| match value {
            Value::Text(text) => Some(text.trim().parse().map_or(Value::Text(text), Value::Int)),
            Value::List(_) | Value::Map(_) => None,
            value => Some(value),
        });
        if let Some(value) = found {
            result.captures.insert(name.clone(), value);
        } else {
            let what = match capture {
                Capture::Fact(path) => match path.split_first() {
                    Some((first, rest)) if first == "json" && !rest.is_empty() => format!("no `{}`", rest.join(".")),
                    _ => format!("no `{}`", path.join(".")),
                },
                Capture::Pattern(pattern) => format!("nothing that fits `{pattern}`"),
            };
            let status = |name: &str| result.facts.get(name).and_then(Fact::value).map(ToString::to_string);
            let status = match (status("status"), status("exit_code")) {
                (Some(status), _) => format!("it has the status {status}"),
                (None, Some(code)) => format!("it ended with exit code {code}"),
                (None, None) => "nothing more is known".to_owned(),
            };
            let said: String = said(result).unwrap_or_default().trim().chars().take(MOST_TOLD).collect();
            let says = if said.is_empty() { "nothing" } else { said.as_str() };
            let because = format!("the answer has {what}; {status} and says {says}");
            let place = ["status", "exit_code"].iter().find_map(|name| result.facts.get(name)?.place.clone());
            result.failed = Some(Fact::absent().because(because).at(place));
        }
    }
}

/// The facts that are what was answered or printed.
pub(super) const SAID: [&str; 2] = ["body", "stdout"];

/// What was answered or printed.
fn said(result: &StepResult) -> Option<&str> {
    SAID.into_iter().find_map(|name| result.facts.get(name).and_then(Fact::text))
}
