//! When a service is ready, and when it never will be. Pure: from what the engine says of its containers and the time.

#[cfg(test)]
mod tests;

use super::containers::Container;
use crate::engine::container::{health::HealthCheck, health::LIMIT, start};
use crate::units::seconds_text;
use bollard::models::{ContainerStateStatusEnum as Status, HealthStatusEnum};
use std::collections::{BTreeMap, BTreeSet};
use std::time::Duration;

/// How long a service without a health check has to run without a restart.
pub const SETTLE: Duration = Duration::from_secs(2);
/// The same of one that publishes a port: on a busy machine a server may take seconds until it finds that it can't work.
pub const SETTLE_SERVER: Duration = Duration::from_secs(4);
/// The same for one that was restarted already: as long as Docker takes to forget it (moby, `restartmanager`).
const SETTLE_AGAIN: Duration = Duration::from_secs(10);
/// How a failed start is said.
pub const COULD_NOT_START: &str = "could not start: ";
/// After so many restarts nothing is waited for.
const CRASHES: i64 = 5;
/// How long a service without a health check may take to stay up.
const STAY_UP: Duration = Duration::from_secs(60);

/// What a service is meant to do.
#[derive(Debug, Clone, Default)]
pub struct Expected {
    /// Its health check.
    pub health: Option<HealthCheck>,
    /// Whether it publishes a port, so that it is meant to stay.
    pub publishes: bool,
    /// Whether it publishes one, but is only on networks on which Docker publishes none.
    pub is_shut_in: bool,
    /// How many containers it has.
    pub replicas: usize,
    /// How long it may take to end well, if another service waits for its end (`service_completed_successfully`). Then that
    /// is all that is wanted of it, as with `docker compose up --wait`, whatever health check its image brings along.
    pub ends_within: Option<Duration>,
    /// The services that it waits for: whether only until they are started, or until they are healthy or have ended well.
    pub needs: Vec<(String, bool)>,
}

/// How long a container has been there, as it would be on a host that has time for it.
#[derive(Debug, Clone, Copy, Default)]
pub struct Age {
    /// Since it was started for the first time, or by a step.
    pub whole: Duration,
    /// Since its last start, without the time in which it had no processor.
    pub last: Duration,
}

/// What is known of a service.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum Readiness {
    /// It has not been started yet.
    NotStarted,
    /// It may become ready.
    Waiting,
    /// It is ready.
    Ready,
    /// It never will be, and why: the end of a sentence that begins with its name.
    Failed(Why),
}

/// Why a service is not ready.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Why {
    /// `exited with 1`
    pub text: String,
    /// Whether its log may tell more.
    pub ask_log: bool,
}

impl Why {
    fn log(text: impl Into<String>) -> Readiness {
        Readiness::Failed(Self { text: text.into(), ask_log: true })
    }

    fn said(text: impl Into<String>) -> Readiness {
        Readiness::Failed(Self { text: text.into(), ask_log: false })
    }
}

/// The verdict over all containers of a service: the worst of them.
pub fn service(expected: &Expected, containers: &[(&Container, Age)]) -> Readiness {
    let verdicts: Vec<Readiness> = containers.iter().map(|(container, age)| one(expected, container, *age)).collect();
    if let Some(failed) = verdicts.iter().find(|verdict| matches!(verdict, Readiness::Failed(_))) {
        return failed.clone();
    }
    if verdicts.is_empty() || verdicts.contains(&Readiness::NotStarted) {
        return Readiness::NotStarted;
    }
    let all_ready = verdicts.iter().all(|verdict| *verdict == Readiness::Ready) && verdicts.len() >= expected.replicas;
    if all_ready { Readiness::Ready } else { Readiness::Waiting }
}

/// Whether nothing that is not started yet can be started any more: each waits for something that has failed.
pub fn is_blocked(expected: &BTreeMap<String, Expected>, verdicts: &BTreeMap<String, Readiness>) -> bool {
    let mut open: Vec<&String> =
        verdicts.iter().filter(|(_, verdict)| **verdict == Readiness::NotStarted).map(|(name, _)| name).collect();
    let mut blocked: BTreeSet<&String> = BTreeSet::new();
    loop {
        let before = open.len();
        open.retain(|name| {
            let mut needs = expected.get(*name).into_iter().flat_map(|expected| &expected.needs);
            let in_vain = needs.any(|(need, is_strict)| {
                blocked.contains(need) || (*is_strict && matches!(verdicts.get(need), Some(Readiness::Failed(_))))
            });
            if in_vain {
                blocked.insert(name);
            }
            !in_vain
        });
        if open.len() == before {
            return open.is_empty() && !blocked.is_empty();
        }
    }
}

fn one(expected: &Expected, container: &Container, age: Age) -> Readiness {
    match container.status {
        Status::RUNNING | Status::PAUSED => running(expected, container, age),
        Status::RESTARTING => crashing(container, age).unwrap_or(Readiness::Waiting),
        Status::EXITED | Status::DEAD | Status::REMOVING | Status::STOPPING => exited(expected, container),
        Status::CREATED if !container.error.is_empty() => {
            Why::said(format!("{COULD_NOT_START}{}", start::explained(&start::short(&container.error))))
        }
        Status::CREATED | Status::EMPTY => Readiness::NotStarted,
    }
}

fn running(expected: &Expected, container: &Container, age: Age) -> Readiness {
    if let Some(limit) = expected.ends_within {
        return crashing(container, age).unwrap_or_else(|| {
            if age.whole < limit {
                return Readiness::Waiting;
            }
            Why::log(format!("has not ended within {}, though another service waits for its end", seconds_text(limit)))
        });
    }
    match (&expected.health, container.health) {
        (Some(_), Some(HealthStatusEnum::HEALTHY)) => Readiness::Ready,
        (Some(_), Some(HealthStatusEnum::UNHEALTHY)) => Why::said(format!("turned unhealthy{}", probe(container))),
        (Some(health), _) => {
            if let Some(why) = broken_probe(container) {
                return Why::said(why);
            }
            if let Some(crashing) = crashing(container, age) {
                return crashing;
            }
            if age.whole < health.wait() {
                return Readiness::Waiting;
            }
            Why::said(format!("was not healthy within {}{}", health.window_text(), probe(container)))
        }
        (None, _) => {
            if let Some(crashing) = crashing(container, age) {
                return crashing;
            }
            // A server that listens has begun its work. Whether it goes on is looked at until the end.
            if container.restarts == 0 && container.listens == Some(true) {
                return Readiness::Ready;
            }
            let settle = match container.restarts {
                0 if expected.publishes => SETTLE_SERVER,
                0 => SETTLE,
                _ => SETTLE_AGAIN,
            };
            if age.last >= settle { Readiness::Ready } else { Readiness::Waiting }
        }
    }
}

/// Whether it was restarted so often that no more is waited for.
fn crashing(container: &Container, age: Age) -> Option<Readiness> {
    let limit = if container.health.is_some() { LIMIT } else { STAY_UP };
    let gone = container.restarts >= CRASHES || (container.restarts > 0 && age.whole >= limit);
    let code = container.exit_code.map(|code| format!(" (exit code {code})")).unwrap_or_default();
    gone.then(|| {
        Why::log(format!("crashes and is restarted again and again{code}, {} times so far", container.restarts))
    })
}

fn exited(expected: &Expected, container: &Container) -> Readiness {
    let code = container.exit_code.unwrap_or_default();
    if !container.error.is_empty() {
        return Why::said(format!("{COULD_NOT_START}{}", start::explained(&start::short(&container.error))));
    }
    if let Some(why) = &container.ended_by {
        return Why::log(format!("was ended: it {why}"));
    }
    match code {
        0 if expected.ends_within.is_some() => Readiness::Ready,
        0 if expected.publishes => {
            Why::log("ended (exit code 0), but it publishes a port: its program has to go on running")
        }
        0 if expected.health.is_some() => Why::log(
            "ended (exit code 0), but it has a health check: its program has to go on running, unless another \
                 service waits for its end (`service_completed_successfully`)",
        ),
        0 => Readiness::Ready,
        137 => Why::log("was killed (exit code 137)"),
        code => Why::log(format!("exited with {code}")),
    }
}

/// Why the health check's own command can't run: nothing will change that.
fn broken_probe(container: &Container) -> Option<String> {
    let (code, output) = container.probe.as_ref()?;
    let not_run = *code == -1
        && ["executable file not found", "no such file or directory", "permission denied"]
            .iter()
            .any(|trace| output.contains(trace));
    match code {
        126 | 127 => {
            Some(format!("has a health check whose command can not run (exit code {code}){}", probe(container)))
        }
        _ if not_run => Some(format!("has a health check whose command can not run{}", probe(container))),
        _ => None,
    }
}

/// What the last probe said, as the end of a sentence.
fn probe(container: &Container) -> String {
    match &container.probe {
        None => "; no probe has ended yet".to_owned(),
        Some((code, output)) => match last_line(output) {
            None => format!("; its last probe ended with exit code {code}"),
            Some(line) => format!("; its last probe said: {line}"),
        },
    }
}

/// The last line that says something, of bounded length. Node prints its version after an error's stack: there it is the
/// error.
pub fn last_line(text: &str) -> Option<String> {
    const LONGEST: usize = 300;
    let lines = || text.lines().map(str::trim).filter(|line| !line.is_empty());
    let last = lines().next_back()?;
    let is_error = |line: &&str| {
        let name = line.split([':', ' ']).next().unwrap_or_default();
        name.ends_with("Error") && name.chars().all(|c| c.is_ascii_alphanumeric())
    };
    let error = lines().rfind(is_error).filter(|_| last.starts_with("Node.js v"));
    let line = error.unwrap_or(last);
    let short: String = line.chars().take(LONGEST).collect();
    Some(if short.len() < line.len() { format!("{short}…") } else { short })
}
