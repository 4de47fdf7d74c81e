//! The last look at a container that ran well: it has to run well still.

use super::watch::{Health, Watched};
use super::{ContainerRequest, cut_off, health_probe, seen};
use crate::engine::Engine;
use crate::engine::connect::api::ApiError;
use crate::engine::container::Standalone;
use crate::engine::container::health::HealthCheck;
use crate::engine::watch::starved::Starved;
use crate::engine::watch::vigil::{IncidentKind, Vigil};
use crate::facts::{Fact, Facts, program};
use crate::outcome::Fault;
use bollard::models::HealthStatusEnum;
use std::time::{Duration, Instant};
use tokio::time::{sleep, timeout};

/// How many times longer than the settling time it is watched at most, if it has no processor meanwhile.
const MOST: u32 = 8;
/// The time between two looks.
const LOOK: Duration = Duration::from_secs(1);

/// A container that goes on running until the end of the run.
pub struct OnWatch<'e> {
    pub(super) engine: &'e Engine,
    pub(super) standalone: Standalone<'e>,
    pub(super) check: Option<HealthCheck>,
    pub(super) watched: Watched,
    pub(super) vigil: Vigil,
    pub(super) begun: Instant,
}

impl OnWatch<'_> {
    /// Watches it until it has run for the settling time, if it has no health check, or has ended; then its facts, if they
    /// are others than before.
    pub async fn last_look(
        &self,
        request: &ContainerRequest<'_>,
        doing: &dyn Fn(String),
    ) -> Result<Option<Facts>, Fault> {
        if self.watched.health == Health::Exited {
            return Ok(None);
        }
        let has_ended = self.check.is_none() && self.ends_before_it_settles(doing).await?;
        let runs = !has_ended && self.standalone.state().await?.running == Some(true);
        let was_healthy = matches!(self.watched.health, Health::Healthy(_));
        let is_ill = was_healthy && self.vigil.first(&self.standalone.id) == Some(IncidentKind::Unhealthy);
        let turned = is_ill && runs && !self.recovers().await?;
        if runs && !turned {
            return Ok(None);
        }
        let after = self.begun.elapsed();
        cut_off(self.engine, &self.standalone).await?;
        let health = if runs { Health::Turned } else { Health::Ended(after) };
        let answers = self.watched.answers.clone().map(|fact| match fact.value() {
            Some(_) if !runs => Fact::of(false).because("the container has ended"),
            _ => fact,
        });
        let watched = Watched { health, answers };
        let mut facts = seen(self.engine, &self.standalone, request, self.check.as_ref(), &watched).await?;
        for row in health_probe::FACTS {
            facts.fill(row, request.image.get(row.entry.name).cloned().unwrap_or_else(Fact::absent));
        }
        for row in program::CONTAINER {
            facts.fill(row, request.image.get(row.entry.name).cloned().unwrap_or_else(Fact::absent));
        }
        Ok(Some(facts))
    }

    /// Whether it is healthy again, on a host that is so slow that this may have been its doing.
    async fn recovers(&self) -> Result<bool, ApiError> {
        let Some(check) = self.check.as_ref().filter(|_| self.engine.pace.is_slow()) else { return Ok(false) };
        let deadline = Instant::now() + self.engine.pace.here(check.wait());
        while Instant::now() < deadline {
            let state = self.standalone.state().await?;
            match state.health.and_then(|health| health.status) {
                Some(HealthStatusEnum::HEALTHY) => return Ok(true),
                _ if state.running != Some(true) => return Ok(false),
                _ => sleep(LOOK).await,
            }
        }
        Ok(false)
    }

    async fn ends_before_it_settles(&self, doing: &dyn Fn(String)) -> Result<bool, ApiError> {
        let settle = self.engine.limits.settle();
        let mut starved = Starved::default();
        loop {
            let state = self.standalone.state().await?;
            if state.running != Some(true) {
                return Ok(true);
            }
            let wall = self.begun.elapsed();
            let stood_still = state.pid.and_then(|pid| starved.look(&self.standalone.id, pid));
            let own = stood_still
                .map_or_else(|| self.engine.pace.elsewhere(wall), |still| wall.saturating_sub(still).max(wall / MOST));
            let left = settle.saturating_sub(own);
            if left.is_zero() {
                return Ok(false);
            }
            doing("check that the container keeps running".into());
            let _ = timeout(left.min(LOOK), self.standalone.ends(LOOK)).await;
        }
    }

    /// Kills and removes it.
    pub async fn remove(self) -> Result<(), ApiError> {
        self.standalone.remove().await
    }
}
