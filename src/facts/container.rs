//! Facts about the container: the image is run alone, and watched.

mod alone;
mod watch;

use super::{Fact, Facts, Known, Source, Unavailable, Value, registry};
use crate::engine::Engine;
use crate::engine::api::ApiError;
use crate::engine::build::Built;
use crate::engine::health::{self, HealthCheck};
use crate::engine::lone::{Lone, MEMORY, Refused, Spec};
use crate::engine::processes::{self, Process};
use crate::place::Place;
use bollard::models::ContainerState;
use std::collections::BTreeSet;
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
}

/// Runs the image and watches it. `doing` hears what is waited for.
pub async fn collect(engine: &Engine, built: &Built, request: &ContainerRequest<'_>, doing: &dyn Fn(String)) -> Facts {
    let config = built.image.config.clone().unwrap_or_default();
    let check = HealthCheck::of(config.healthcheck.as_ref()).map(|check| check.at_most(engine.limits.start));
    doing("run the image".into());
    let run = run(engine, built, request, check.as_ref(), doing);
    let alone = alone::fails_without_app(engine, &built.tag, check.as_ref(), config.shell.as_deref());
    let (run, alone) = tokio::join!(run, alone);
    match run {
        Ok(mut facts) => {
            let alone = alone.unwrap_or_else(|error| Fact::unknown(error.to_string()));
            facts.put("container.healthcheck_fails_without_app", alone.at(place(request, "image.healthcheck")));
            facts
        }
        Err(error) => unavailable(&error.to_string()),
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
    for entry in registry::REGISTRY.iter().filter(|entry| entry.source() == Source::Container) {
        facts.put(entry.name, Fact::absent().because("the image does not build"));
    }
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

async fn run(
    engine: &Engine,
    built: &Built,
    request: &ContainerRequest<'_>,
    check: Option<&HealthCheck>,
    doing: &dyn Fn(String),
) -> Result<Facts, ApiError> {
    let spec = Spec {
        image: built.tag.clone(),
        healthcheck: check.map(HealthCheck::sooner),
        port: request.http.map(|(port, _)| port).filter(|_| !engine.is_remote),
        ..Spec::default()
    };
    let lone = match Lone::start(engine, spec).await? {
        Ok(lone) => lone,
        Err(refused) => return Ok(put_refused(&refused, request, check)),
    };
    let facts = observe(engine, &lone, request, check, doing).await;
    lone.remove().await?;
    facts
}

async fn observe(
    engine: &Engine,
    lone: &Lone<'_>,
    request: &ContainerRequest<'_>,
    check: Option<&HealthCheck>,
    doing: &dyn Fn(String),
) -> Result<Facts, ApiError> {
    let watched = watch::watch(engine, lone, check, request.http, doing).await?;
    let state = lone.state().await?;
    let first = state.pid.filter(|_| state.running == Some(true));
    let processes = async {
        match first.filter(|_| !engine.remaps_users) {
            Some(first) => processes::list(engine, &lone.id, first).await,
            None => Ok(Vec::new()),
        }
    };
    let (processes, logs) = tokio::try_join!(processes, lone.logs(LOGS))?;
    let mut facts = Facts::default();
    put_state(&mut facts, &state, request);
    put_users(&mut facts, engine, &processes, request);
    put_health(&mut facts, check, &watched, &state, request);
    facts.put("container.logs", logs);
    facts.put("container.answers", watched.answers);
    Ok(facts)
}

/// The engine did not start it: nothing runs, and why is told with its state.
fn put_refused(refused: &Refused, request: &ContainerRequest<'_>, check: Option<&HealthCheck>) -> Facts {
    let why = format!("the container does not start: {}", refused.why);
    let start = ["image.entrypoint", "image.cmd"].into_iter().find_map(|name| place(request, name));
    let user = place(request, "image.user.name").filter(|_| refused.why.contains("unable to find user"));
    let absent = || Fact::absent().because(why.clone());
    let mut facts = Facts::default();
    facts.put("container.state", Fact::of("exited").at(user.or(start)).because(why.clone()));
    facts.put("container.exit_code", Fact::maybe(refused.exit_code).because(why.clone()));
    facts.put("container.uids", absent());
    put_users_unseen(&mut facts, request, &why);
    let health = if check.is_some() { Fact::of("unhealthy") } else { Fact::of("none") };
    facts.put("container.health", health.at(place(request, "image.healthcheck")).because(why.clone()));
    facts.put("container.seconds_to_healthy", absent());
    facts.put("container.logs", "");
    let answers = request.http.map(|_| Fact::of(false).because(why.clone()));
    facts.put("container.answers", answers.unwrap_or_else(Fact::absent));
    facts
}

fn put_state(facts: &mut Facts, state: &ContainerState, request: &ContainerRequest<'_>) {
    let start = ["image.entrypoint", "image.cmd"].into_iter().find_map(|name| place(request, name));
    if state.running == Some(true) {
        facts.put("container.state", Fact::of("running").at(start));
        facts.put("container.exit_code", Fact::absent().because("the container still runs"));
        return;
    }
    let code = state.exit_code.unwrap_or_default();
    let why = if state.oom_killed == Some(true) {
        format!("the container was killed: it needs more memory than {} MiB", MEMORY >> 20)
    } else {
        format!("the container ended by itself with exit code {code}")
    };
    facts.put("container.state", Fact::of("exited").at(start.clone()).because(why.clone()));
    facts.put("container.exit_code", Fact::of(code).at(start).because(why));
}

fn put_users(facts: &mut Facts, engine: &Engine, processes: &[Process], request: &ContainerRequest<'_>) {
    if engine.remaps_users {
        let why = "this Docker Engine maps user numbers, so that those in the container can't be seen";
        facts.put("container.uids", Fact::unknown(why));
        facts.put("container.runs_as_root", Fact::unknown(why));
        return;
    }
    if processes.is_empty() {
        let why = "no process of the container was seen";
        facts.put("container.uids", Fact::absent().because(why));
        put_users_unseen(facts, request, why);
        return;
    }
    let place = place(request, "image.user.name");
    let uids: BTreeSet<i64> = processes.iter().map(|process| process.uid).collect();
    let uids: Vec<Value> = uids.into_iter().map(Value::Int).collect();
    facts.put("container.uids", Fact::of(uids).at(place.clone()));
    let root = processes.iter().find(|process| process.uid == 0);
    let named = root.or(processes.first()).map(|process| (&process.command, process.uid));
    let why = named.map(|(command, uid)| format!("`{command}` runs with the user number {uid}")).unwrap_or_default();
    facts.put("container.runs_as_root", Fact::of(root.is_some()).at(place).because(why));
}

/// Where no process was seen, the image's user decides.
fn put_users_unseen(facts: &mut Facts, request: &ContainerRequest<'_>, why: &str) {
    let mut fact = request.image.get("image.user.is_root").cloned().unwrap_or_else(Fact::absent);
    let of_image = fact.because.take().unwrap_or_default();
    // A user that the image does not know is why nothing was seen.
    let whole = if fact.known == Known::Absent { of_image } else { format!("{why}; {of_image}") };
    facts.put("container.runs_as_root", fact.because(whole));
}

fn put_health(
    facts: &mut Facts,
    check: Option<&HealthCheck>,
    watched: &Watched,
    state: &ContainerState,
    request: &ContainerRequest<'_>,
) {
    // What ended did so by its own command; everything else is about the health check.
    let start = || ["image.entrypoint", "image.cmd"].into_iter().find_map(|name| place(request, name));
    let place = match watched.health {
        Health::Exited => start().or_else(|| place(request, "image.healthcheck")),
        _ => place(request, "image.healthcheck"),
    };
    let probe = state.health.as_ref().and_then(|health| health.log.as_ref()?.last().map(health::probe_text));
    let probe = probe.map(|text| format!("; its last probe: {text}")).unwrap_or_default();
    let unhealthy = |why: String| Fact::of("unhealthy").because(why);
    let health = match (check, &watched.health) {
        (None, _) => Fact::of("none").because("the image has no health check"),
        (Some(_), Health::Healthy(after)) => {
            facts.put("container.seconds_to_healthy", Fact::of(*after).at(place.clone()));
            facts.put("container.health", Fact::of("healthy").at(place));
            return;
        }
        (Some(_), Health::Exited) => unhealthy("the container ended before it was healthy".into()),
        (Some(_), Health::Hopeless) => unhealthy(format!("the health check can't be run in the container{probe}")),
        (Some(check), Health::Late) => {
            unhealthy(format!("it was not healthy within its own time ({}){probe}", check.window_text()))
        }
    };
    let why = health.because.clone().unwrap_or_default();
    facts.put("container.seconds_to_healthy", Fact::absent().at(place.clone()).because(why));
    facts.put("container.health", health.at(place));
}
