//! Does a check's steps on the running stack: asks its services over HTTP, restarts them, keeps what comes back.

mod http;

use crate::challenge::{Action, Capture, Condition, Step};
use crate::compose::roles::Found;
use crate::engine::compose::Stack;
use crate::facts::{Fact, Facts, Value};
use crate::judge::StepResult;
use crate::judge::fit::{Captures, Fit, fit};
use crate::place::Place;
use http::Answer;
use std::collections::BTreeMap;
use std::time::Duration;
use tokio::time::{Instant, sleep};

/// How long is waited before something is asked again.
const PAUSE: Duration = Duration::from_millis(200);
/// How many characters of an answer are told.
const MOST_TOLD: usize = 300;

/// Does the steps in their order, whatever comes of each; one result a step.
pub async fn run(
    steps: &[Step],
    stack: &mut Stack,
    roles: &BTreeMap<String, Found>,
    doing: &dyn Fn(String),
) -> Vec<StepResult> {
    let (mut results, mut captures) = (Vec::new(), Captures::new());
    for step in steps {
        let (Action::Http { service: name, .. } | Action::Restart { service: name }) = &step.action;
        let result = match roles.get(name) {
            Some(Err(why)) => failed(None, why.clone()),
            Some(Ok(service)) => one(step, service, stack, &captures, doing).await,
            None => one(step, name, stack, &captures, doing).await,
        };
        captures.extend(result.captures.clone());
        results.push(result);
    }
    results
}

async fn one(step: &Step, service: &str, stack: &mut Stack, captures: &Captures, doing: &dyn Fn(String)) -> StepResult {
    let place = stack.places().get(service).cloned();
    let not_running = match stack.states().get(service) {
        None => Some(format!("there is no service `{service}`")),
        Some(state) if state.is_ready() => None,
        // It may answer all the same; a restart would only wait for it once more.
        Some(state) if state.state == "running" && matches!(step.action, Action::Http { .. }) => None,
        Some(state) => Some(
            state
                .not_ready
                .as_ref()
                .map_or_else(|| format!("`{service}` has ended"), |why| format!("`{service}` {why}")),
        ),
    };
    if let Some(why) = not_running {
        return failed(place, why);
    }
    match &step.action {
        Action::Restart { .. } => restart(service, stack, place, doing).await,
        Action::Http { port, path, retry_for, .. } => match filled(path, captures) {
            Err(missing) => failed(place, format!("no earlier step could keep `{missing}`")),
            Ok(path) => {
                doing(format!("GET {path} of {service}"));
                let deadline = Instant::now() + *retry_for;
                loop {
                    let result = ask(step, service, stack, *port, &path, captures, place.as_ref()).await;
                    if result.error.is_some() || holds(step, &result, captures) || Instant::now() >= deadline {
                        return result;
                    }
                    sleep(PAUSE).await;
                }
            }
        },
    }
}

async fn restart(service: &str, stack: &mut Stack, place: Option<Place>, doing: &dyn Fn(String)) -> StepResult {
    let begin = Instant::now();
    if let Err(why) = stack.restart(service, doing).await {
        return StepResult { error: Some(why), ..StepResult::default() };
    }
    let not_ready = stack.states().get(service).and_then(|state| state.not_ready.as_ref());
    if let Some(why) = not_ready {
        return failed(place, format!("after it was restarted, `{service}` {why}"));
    }
    let mut facts = Facts::default();
    facts.put("seconds", begin.elapsed());
    StepResult { facts, ..StepResult::default() }
}

/// Asks every port that comes into question, until one answers as it should.
async fn ask(
    step: &Step,
    service: &str,
    stack: &Stack,
    port: Option<u16>,
    path: &str,
    captures: &Captures,
    place: Option<&Place>,
) -> StepResult {
    if stack.engine().is_remote {
        let error =
            Some("the Docker Engine is on another machine, and so are the ports that its services publish".into());
        return StepResult { error, ..StepResult::default() };
    }
    let published = match stack.published_ports(service).await {
        Ok(published) => published,
        Err(error) => return StepResult { error: Some(error), ..StepResult::default() },
    };
    let wanted = published.iter().filter(|(target, _)| port.is_none_or(|port| port == *target));
    let mut best = failed(place.cloned(), unpublished(service, port, &published));
    for &(target, host) in wanted {
        let mut result = match http::get(host, target, path).await {
            Err(why) => failed(place.cloned(), why.sentence(service, target, path)),
            Ok(answer) => answered(&answer, place),
        };
        if result.failed.is_none() {
            keep(step, &mut result, place);
        }
        if holds(step, &result, captures) {
            return result;
        }
        if best.facts.get("status").is_none() {
            best = result;
        }
    }
    best
}

fn unpublished(service: &str, port: Option<u16>, published: &[(u16, u16)]) -> String {
    let others = published.iter().map(|(target, _)| target.to_string()).collect::<Vec<_>>().join(", ");
    match port {
        None => format!("`{service}` publishes no port; add `ports:` to it"),
        Some(port) if published.is_empty() => format!("`{service}` publishes no port; add `ports:` with {port} to it"),
        Some(port) => format!("`{service}` does not publish its port {port}, only {others}"),
    }
}

fn answered(answer: &Answer, place: Option<&Place>) -> StepResult {
    let mut facts = Facts::default();
    facts.put("status", Fact::of(i64::from(answer.status)).at(place.cloned()));
    facts.put("body", Fact::of(answer.body.as_str()).at(place.cloned()));
    facts.put("seconds", Fact::of(answer.time).at(place.cloned()));
    let json = match serde_json::from_str(&answer.body) {
        Ok(json) => http::fact(json),
        Err(_) => Fact::absent().because("the answer is no JSON"),
    };
    facts.put("json", json.at(place.cloned()));
    StepResult { facts, ..StepResult::default() }
}

/// Keeps what the step wants to be kept; what is not there makes it fail.
fn keep(step: &Step, result: &mut StepResult, place: Option<&Place>) {
    for (name, capture) in &step.capture {
        let found = match capture {
            Capture::Json(path) => {
                let path: Vec<&str> = std::iter::once("json").chain(path.iter().map(String::as_str)).collect();
                result.facts.at(&path).and_then(Fact::value).cloned()
            }
            Capture::Pattern(pattern) => {
                let body = result.facts.get("body").and_then(Fact::text).unwrap_or_default();
                pattern.captures(body).and_then(|groups| groups.get(1)).map(|group| Value::from(group.as_str()))
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
                Capture::Json(path) => format!("no `{}`", path.join(".")),
                Capture::Pattern(pattern) => format!("nothing that fits `{pattern}`"),
            };
            let status = result.facts.get("status").and_then(Fact::value).map(ToString::to_string).unwrap_or_default();
            let body = result.facts.get("body").and_then(Fact::text).unwrap_or_default();
            let body: String = body.trim().chars().take(MOST_TOLD).collect();
            let says = if body.is_empty() { "nothing" } else { body.as_str() };
            let because = format!("the answer has {what}; it has the status {status} and says {says}");
            result.failed = Some(Fact::absent().because(because).at(place.cloned()));
        }
    }
}

/// Whether what came back is what the step expects, as far as it is about the answer.
fn holds(step: &Step, result: &StepResult, captures: &Captures) -> bool {
    result.failed.is_none()
        && result.error.is_none()
        && step.expect.iter().all(|expectation| condition(&expectation.condition, result, captures))
}

fn condition(of: &Condition, result: &StepResult, captures: &Captures) -> bool {
    match of {
        Condition::AllOf(all) => all.iter().all(|of| condition(of, result, captures)),
        Condition::AnyOf(any) => any.iter().any(|of| condition(of, result, captures)),
        Condition::Fact(path, matcher) => {
            let is_of_answer =
                path.first().is_some_and(|first| ["status", "body", "json", "seconds"].contains(&first.as_str()));
            let absent = Fact::absent();
            !is_of_answer || fit(matcher, result.facts.at(path).unwrap_or(&absent), captures) == Fit::Yes
        }
    }
}

/// Puts kept values in the place of `{name}`; the error is a name that nothing was kept as.
fn filled(path: &str, captures: &Captures) -> Result<String, String> {
    let mut out = String::new();
    let mut rest = path;
    while let Some((before, after)) = rest.split_once('{') {
        let Some((name, after)) = after.split_once('}') else { break };
        let value = captures.get(name).ok_or_else(|| name.to_owned())?;
        out.push_str(before);
        out.push_str(&value.to_string());
        rest = after;
    }
    out.push_str(rest);
    Ok(out)
}

fn failed(place: Option<Place>, because: String) -> StepResult {
    StepResult { failed: Some(Fact::absent().because(because).at(place)), ..StepResult::default() }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn kept_values_are_filled_into_paths() {
        let captures: Captures = [("id".to_owned(), Value::Int(7))].into();
        for (path, expected) in [
            ("/items/{id}/x", Ok("/items/7/x")),
            ("/plain", Ok("/plain")),
            ("/{other}", Err("other")),
            ("/{open", Ok("/{open")),
        ] {
            assert_eq!(filled(path, &captures), expected.map(str::to_owned).map_err(str::to_owned), "{path}");
        }
    }
}
