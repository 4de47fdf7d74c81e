//! The last look at a stack before anything changes it: services that were ready have to be ready still.

use super::containers::{self, Container};
use super::ready::last_line;
use super::running::Stack;
use super::state::State;
use crate::engine::connect::api::ApiError;
use crate::engine::container::health::HealthCheck;
use crate::engine::container::start::explained;
use crate::engine::watch::vigil::IncidentKind;
use bollard::models::{ContainerStateStatusEnum as Status, HealthStatusEnum};
use std::collections::BTreeMap;
use std::time::Duration;
use tokio::time::{Instant, sleep};

/// The time between two looks.
const LOOK: Duration = Duration::from_millis(500);

/// What was ready, and how often each of its containers had been restarted by then.
#[derive(Debug, Default)]
pub(crate) struct FirstLook(BTreeMap<String, i64>);

impl FirstLook {
    /// Remembers the containers of services that are ready.
    pub fn at(states: &BTreeMap<String, State>, found: &[Container]) -> Self {
        let is_ready = |it: &&Container| states.get(&it.service).is_some_and(State::is_ready);
        Self(found.iter().filter(is_ready).map(|it| (it.id.clone(), it.restarts)).collect())
    }

    fn has(&self, container: &Container) -> bool {
        self.0.contains_key(&container.id)
    }

    /// Whether it has been started again since.
    fn was_restarted(&self, container: &Container) -> bool {
        self.0.get(&container.id).is_some_and(|before| container.restarts > *before)
    }
}

impl Stack {
    /// Watches every service that was ready until it has run for the settling time, if it has no health check, or is not
    /// ready any more; then takes its state down. To be called before anything changes the stack.
    pub async fn last_look(&mut self, doing: &dyn Fn(String)) -> Result<(), ApiError> {
        let (mut said, begin) = (String::new(), Instant::now());
        let found = loop {
            let found = self.found().await?;
            self.clocks.update(&found);
            let (open, left) = self.unsettled(&found, begin);
            if left.is_zero() {
                break found;
            }
            let now = format!("check that {} keeps running", open.join(", "));
            if now != said {
                doing(now.clone());
                said = now;
            }
            sleep(left.min(LOOK)).await;
        };
        self.look(&found).await;
        for container in &found {
            // What has ended says itself why.
            if container.status != Status::RUNNING {
                continue;
            }
            let Some(why) = self.why_fallen(container).await else { continue };
            if let Some(state) = self.state_of(&container.service) {
                state.not_ready = Some(why);
            }
        }
        Ok(())
    }

    /// The services that have not run for the settling time, and how long that takes at least.
    fn unsettled(&self, found: &[Container], begin: Instant) -> (Vec<String>, Duration) {
        let settle = self.engine.limits.settle();
        let pace = &self.engine.pace;
        // What a slow host made ill has its own time to recover.
        let recovers = |it: &Container| {
            let window =
                self.expected.get(&it.service).and_then(|expected| expected.health.as_ref()).map(HealthCheck::wait);
            let is_ill = pace.is_slow() && it.health == Some(HealthStatusEnum::UNHEALTHY) && self.first_look.has(it);
            let window = window.filter(|_| is_ill && it.status == Status::RUNNING).unwrap_or_default();
            pace.here(window).saturating_sub(begin.elapsed())
        };
        let is_open = |it: &Container| {
            let expected = self.expected.get(&it.service);
            let runs_by_itself = expected.is_some_and(|it| it.health.is_none() && it.ends_within.is_none());
            runs_by_itself && it.status == Status::RUNNING && self.first_look.has(it) && !self.has_fallen(it)
        };
        let mut open = Vec::new();
        let mut most = Duration::ZERO;
        for container in found {
            let settles = Some(settle).filter(|_| is_open(container)).unwrap_or_default();
            let left = settles.saturating_sub(self.clocks.age(&container.id, pace).last).max(recovers(container));
            if !left.is_zero() && !open.contains(&container.service) {
                open.push(container.service.clone());
            }
            most = most.max(left);
        }
        (open, most)
    }

    /// Whether what was ready is not any more, or was not for a while.
    fn has_fallen(&self, container: &Container) -> bool {
        let ended = container.status != Status::RUNNING && container.exit_code.is_some_and(|code| code != 0);
        self.first_look.has(container)
            && (ended || self.first_look.was_restarted(container) || self.heard(container).is_some())
    }

    /// What the engine has reported of it. The end of one that may end well is none; on a slow host, nor is it an illness
    /// that has passed.
    fn heard(&self, container: &Container) -> Option<IncidentKind> {
        let may_end = container.status != Status::RUNNING && container.exit_code == Some(0);
        let is_well = container.health == Some(HealthStatusEnum::HEALTHY) && self.engine.pace.is_slow();
        self.vigil.as_ref()?.first(&container.id).filter(|what| match what {
            IncidentKind::Ended(code) => !(may_end && *code == 0),
            IncidentKind::Unhealthy => !is_well,
        })
    }

    /// Why it is not what it was: the end of a sentence that begins with the service's name.
    async fn why_fallen(&self, container: &Container) -> Option<String> {
        if !self.has_fallen(container) {
            return None;
        }
        let words = || async {
            let last = last_line(&containers::log(&self.engine, &container.id).await);
            last.map(|line| format!("; its last words: {}", explained(&line))).unwrap_or_default()
        };
        Some(match self.heard(container) {
            Some(IncidentKind::Unhealthy) => "was healthy at first, then turned unhealthy".to_owned(),
            Some(IncidentKind::Ended(code)) => {
                format!("ran at first, then exited with {code}, and Docker restarted it{}", words().await)
            }
            None => format!("ran at first, then exited, and Docker restarted it{}", words().await),
        })
    }
}
