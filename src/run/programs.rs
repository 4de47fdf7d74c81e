//! Holds what the service of the graded image runs against the files that the challenge gives.

use super::stages::Work;
use crate::compose::{Compose, Laid};
use crate::engine::ApiError;
use crate::engine::container::frozen_probe::FrozenProbe;
use crate::engine::container::health::HealthCheck;
use crate::engine::container::program::{Cover, GivenFiles, ProgramSeen};
use crate::engine::image::build::Built;
use crate::engine::stack::Stack;
use crate::facts::{Fact, Facts, Source, program};
use crate::place::Place;
use std::cell::Cell;
use std::time::Duration;
use tokio::time::timeout;

/// How long the last look at the stack waits for what comes of the image run alone.
const PATIENCE: Duration = Duration::from_secs(3);
/// The fact of the health check of the image run alone.
const ALONE: &str = "container.healthcheck_asks_app";

impl Work<'_> {
    /// Looks at the service that is built from the challenge's Dockerfile, once it runs.
    pub(super) async fn see_program(
        &self,
        stack: &mut Stack,
        built: &Built,
        compose: &Compose,
    ) -> Result<(), ApiError> {
        let Some(service) = self.reading.build.service.as_deref() else { return Ok(()) };
        let facts = self.board.with_facts(Facts::clone);
        let places = program::places(&facts);
        let given = GivenFiles { files: &self.given, places: &places };
        let config = built.image.config.clone().unwrap_or_default();
        let own = HealthCheck::of(config.healthcheck.as_ref());
        // The image's own check is tried where the image runs alone, at the same time as all this. No step waits for it.
        let known = facts.get(ALONE).map(Fact::is_true);
        let is_alone = known.unwrap_or_else(|| self.board.wants(Source::Container));
        let is_left = Cell::new(false);
        let tries = |check: &HealthCheck| {
            is_left.set(is_alone && own.as_ref().is_some_and(|own| own.test == check.test));
            !is_left.get()
        };
        let shell = config.shell.as_deref();
        let Some(seen) = stack.see_program(service, given, shell, &tries).await? else { return Ok(()) };
        if is_left.get() {
            seen.frozen = Some(Ok(FrozenProbe::TriedAlone));
        }
        place(seen, compose, service, &facts);
        Ok(())
    }

    /// Tries the health checks that were left to the image run alone, if nothing good came of that.
    pub(super) async fn try_left_health_checks(&self, stack: &mut Stack) -> Result<(), ApiError> {
        let is_left = |seen: &ProgramSeen| matches!(seen.frozen, Some(Ok(FrozenProbe::TriedAlone)));
        let left = stack.programs().iter().filter(|(_, seen)| is_left(seen));
        let left: Vec<_> = left.map(|(service, _)| service.clone()).collect();
        if left.is_empty() {
            return Ok(());
        }
        // One that is slow to become healthy is not waited for.
        let _ = timeout(self.engine.pace.here(PATIENCE), self.board.known(Source::Container)).await;
        if self.board.with_facts(|facts| facts.get(ALONE).is_some_and(Fact::is_true)) {
            return Ok(());
        }
        for service in left {
            stack.try_health_check(&service).await?;
        }
        Ok(())
    }
}

/// Says where what was seen is written.
fn place(seen: &mut ProgramSeen, compose: &Compose, service: &str, facts: &Facts) {
    let of_image = |name: &str| facts.get(name).and_then(|fact| fact.place.clone());
    let keys = compose.project.services.get(service).map(|service| &service.keys);
    let key = |name: &str| keys.and_then(|keys| keys.get(name)).cloned();
    let start: Option<Place> = key("command").or_else(|| key("entrypoint"));
    seen.start = start.or_else(|| of_image("image.entrypoint")).or_else(|| of_image("image.cmd"));
    let test = compose.project.services.get(service).and_then(|service| service.healthcheck.as_ref()?.test.as_ref());
    seen.test_place = test.map(|test| test.place.clone()).or_else(|| of_image("image.healthcheck"));
    let Some(Ok(program)) = &mut seen.program else { return };
    for file in &mut program.given {
        if let Some((laid, place)) = compose.laid_over(service, &file.at) {
            file.cover = match laid {
                Laid::Mount => Cover::Mount,
                Laid::Config => Cover::Config,
                Laid::Secret => Cover::Secret,
            };
            file.place = Some(place);
        }
    }
}
