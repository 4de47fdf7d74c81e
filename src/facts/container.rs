//! Facts about the container: the image is run alone, and watched.

pub(super) mod findings;
pub(super) mod health_probe;
mod last_look;
mod watch;

use super::{Fact, Facts, Source, Unavailable, program};
use crate::engine::Engine;
use crate::engine::connect::api::ApiError;
use crate::engine::container::health::HealthCheck;
use crate::engine::container::processes;
use crate::engine::container::program::{GivenFiles, ProgramSeen};
use crate::engine::container::reach;
use crate::engine::container::{Spec, Standalone};
use crate::engine::image::build::Built;
use crate::engine::image::filesystem::Wanted;
use crate::engine::stack::ready::last_line;
use crate::engine::watch::guard;
use crate::engine::watch::vigil::Vigil;
use crate::outcome::Fault;
use crate::place::Place;
use findings::ContainerNow;
pub(crate) use findings::{put_refused, start as start_place};
pub use last_look::OnWatch;
use std::time::Duration;
use std::time::Instant;
use watch::{Health, Watched};

/// How much of what the container printed is told.
const LOGS: usize = 64 << 10;

/// What is to be seen.
#[derive(Debug, Clone, Copy)]
pub struct ContainerRequest<'a> {
    /// The image's own facts: they say whom it runs as where nothing was seen, and hold the places.
    pub image: &'a Facts,
    /// The port and the path that the challenge asks at.
    pub http: Option<(u16, &'a str)>,
    /// The files that the challenge gives, where what runs is held against them.
    pub given: &'a [Wanted],
}

/// Runs the image and watches it. `doing` hears what is waited for. The container goes on running, to be looked at once
/// more in the end.
pub async fn collect<'e>(
    engine: &'e Engine,
    built: &Built,
    request: &ContainerRequest<'_>,
    doing: &dyn Fn(String),
) -> (Facts, Option<OnWatch<'e>>) {
    let config = built.image.config.clone().unwrap_or_default();
    let check = HealthCheck::of(config.healthcheck.as_ref()).map(|check| check.at_most(engine.limits.start));
    doing("run the image".into());
    let shell = config.shell.as_deref();
    let run = run(engine, built, request, check.as_ref(), shell, doing);
    let alone = health_probe::fails_without_app(engine, &built.tag, check.as_ref(), shell);
    let (run, alone) = tokio::join!(run, alone);
    match run {
        Ok((mut facts, on_watch)) => {
            facts.fill_all(health_probe::FACTS, |value| {
                let fact = alone.as_ref().map_or_else(|error| Fact::unknown(error.to_string()), value);
                fact.at(place(request, "image.healthcheck"))
            });
            (facts, on_watch)
        }
        Err(fault) => (unavailable(fault.reason()), None),
    }
}

/// The facts where there is no image to run: told once, with the image.
pub fn not_built(image: &Facts) -> Facts {
    if let Some(why) = image.unavailable(Source::Image) {
        let mut facts = Facts::default();
        facts.set_unavailable(Source::Container, why.clone());
        return facts;
    }
    let mut facts = Facts::default();
    let why = Fact::absent().because("the image does not build");
    facts.fill_without(findings::FACTS, &why);
    facts.fill_without(health_probe::FACTS, &why);
    facts.fill_without(program::CONTAINER, &why);
    facts
}

fn unavailable(why: &str) -> Facts {
    let mut facts = Facts::default();
    facts.set_unavailable(Source::Container, Unavailable::Failed(why.to_owned()));
    facts
}

fn place(request: &ContainerRequest<'_>, name: &str) -> Option<Place> {
    request.image.get(name).and_then(|fact| fact.place.clone())
}

async fn run<'e>(
    engine: &'e Engine,
    built: &Built,
    request: &ContainerRequest<'_>,
    check: Option<&HealthCheck>,
    shell: Option<&[String]>,
    doing: &dyn Fn(String),
) -> Result<(Facts, Option<OnWatch<'e>>), Fault> {
    let spec = Spec {
        image: built.tag.clone(),
        healthcheck: check.map(|check| check.clone().here(&engine.pace).sooner()),
        ports: request.http.map(|(port, _)| port).filter(|_| !engine.is_remote).into_iter().collect(),
        ..Spec::default()
    };
    let standalone = match Standalone::start(engine, spec).await {
        Ok(standalone) => standalone,
        Err(error) => {
            let mut facts = put_refused(&error.refused()?, request, check);
            facts.fill_without(program::CONTAINER, &Fact::absent().because("the container does not start"));
            return Ok((facts, None));
        }
    };
    let begun = Instant::now();
    let vigil = Vigil::begin(engine, "container", standalone.id.clone());
    let watched = watch::watch(engine, &standalone, check, request.http, None, doing).await?;
    cut_off(engine, &standalone).await?;
    let mut facts = seen(engine, &standalone, request, check, &watched).await?;
    let places = program::places(request.image);
    let given = GivenFiles { files: request.given, places: &places };
    let healthy = check.filter(|_| matches!(watched.health, Health::Healthy(_)));
    let mut program = ProgramSeen::of(engine, &standalone.id, given, healthy, shell).await;
    vigil.forget_illness(&standalone.id);
    program.start = start_place(request);
    program.test_place = place(request, "image.healthcheck");
    facts.fill_all(program::CONTAINER, |value| value(&program));
    Ok((facts, Some(OnWatch { engine, standalone, check: check.cloned(), watched, vigil, begun })))
}

/// The host's fault, if the container ended because containers here do not reach what it wanted.
async fn cut_off(engine: &Engine, standalone: &Standalone<'_>) -> Result<(), Fault> {
    let state = standalone.state().await?;
    if state.running == Some(true) || state.exit_code == Some(0) {
        return Ok(());
    }
    let logs = standalone.logs(LOGS).await?;
    match Box::pin(reach::broken(engine, &standalone.id, &logs, false)).await {
        Some(why) => Err(Fault::Machine(why)),
        None => Ok(()),
    }
}

/// Watches a container that was started until all is seen, at most so long where that is said; then its facts.
pub(crate) async fn watched(
    engine: &Engine,
    standalone: &Standalone<'_>,
    request: &ContainerRequest<'_>,
    check: Option<&HealthCheck>,
    most: Option<Duration>,
    doing: &dyn Fn(String),
) -> Result<Facts, ApiError> {
    let watched = watch::watch(engine, standalone, check, request.http, most, doing).await?;
    seen(engine, standalone, request, check, &watched).await
}

/// The facts of a container as it is now, without waiting for anything.
pub(crate) async fn now(
    engine: &Engine,
    standalone: &Standalone<'_>,
    request: &ContainerRequest<'_>,
    check: Option<&HealthCheck>,
) -> Result<Facts, ApiError> {
    let watched = Watched { health: Health::Unwatched, answers: None };
    seen(engine, standalone, request, check, &watched).await
}

async fn seen(
    engine: &Engine,
    standalone: &Standalone<'_>,
    request: &ContainerRequest<'_>,
    check: Option<&HealthCheck>,
    watched: &Watched,
) -> Result<Facts, ApiError> {
    let state = standalone.state().await?;
    let first = state.pid.filter(|_| state.running == Some(true));
    let processes = async {
        match first.filter(|_| !engine.remaps_users) {
            Some(first) => processes::list(engine, &standalone.id, first).await,
            None => Ok(Vec::new()),
        }
    };
    let (processes, logs) = tokio::try_join!(processes, standalone.logs(LOGS))?;
    let ended_by = standalone.ended_by().await?;
    let mut limit = ended_by.clone();
    if limit.is_none() && first.is_some() && !matches!(watched.health, Health::Healthy(_) | Health::Unwatched) {
        limit = guard::is_crowded(engine, &standalone.id).await;
    }
    let last_words = last_line(&logs).filter(|_| first.is_none());
    let remaps_users = engine.remaps_users;
    let now =
        ContainerNow { state, ended_by, limit, last_words, processes, logs, remaps_users, check, watched, request };
    Ok(findings::facts(&now))
}
