//! A stack that runs: watched until its services are ready, restarted, asked for its ports, taken down.

use super::clocks::Clocks;
use super::containers::{self, Container, PROJECT_LABEL};
use super::down;
use super::ready::{self, Expected, Verdict};
use super::state::{State, Up};
use super::up::{self, End};
use super::window::LIMIT;
use crate::engine::Engine;
use crate::engine::api::{ApiError, Doing};
use crate::engine::process::{Command, Running};
use crate::place::Place;
use bollard::models::ContainerStateStatusEnum as Status;
use bollard::query_parameters::{EventsOptions, RestartContainerOptions};
use futures_util::StreamExt;
use futures_util::future::{join_all, try_join_all};
use std::collections::BTreeMap;
use std::time::Duration;
use tokio::time::{Instant, sleep};

/// How often the containers are looked at when the engine reports nothing: a probe that fails is no event.
const LOOK: Duration = Duration::from_millis(500);

/// A stack that runs, or has tried to.
#[derive(Debug)]
pub struct Stack {
    engine: Engine,
    project: String,
    expected: BTreeMap<String, Expected>,
    places: BTreeMap<String, Place>,
    clocks: Clocks,
    up: Up,
    states: BTreeMap<String, State>,
    /// What is mounted from it has to be there for every start.
    _folder: tempfile::TempDir,
}

impl Stack {
    pub(super) fn new(
        engine: Engine,
        project: String,
        expected: BTreeMap<String, Expected>,
        places: BTreeMap<String, Place>,
        folder: tempfile::TempDir,
    ) -> Self {
        let (clocks, up, states) = (Clocks::default(), Up::default(), BTreeMap::new());
        Self { engine, project, expected, places, clocks, up, states, _folder: folder }
    }

    /// The state of every service, as it was last looked at.
    pub fn states(&self) -> &BTreeMap<String, State> {
        &self.states
    }

    /// What came of bringing it up.
    pub fn up(&self) -> &Up {
        &self.up
    }

    /// Where each service stands in the Compose file.
    pub fn places(&self) -> &BTreeMap<String, Place> {
        &self.places
    }

    /// The engine that it runs on.
    pub fn engine(&self) -> &Engine {
        &self.engine
    }

    pub(super) async fn start(&mut self, command: &Command, doing: &dyn Fn(String)) -> Result<(), String> {
        let begin = Instant::now();
        let ended = self.watch(Some(up::run(command)?), doing).await?;
        let elapsed = begin.elapsed();
        let found = containers::of_project(&self.engine, &self.project).await.map_err(|error| error.to_string())?;
        self.look(&found).await;
        let ready = self.states.values().all(State::is_ready);
        self.up = Up {
            failed: match ended {
                Some(End::Failed(message)) => Some(message),
                Some(End::Well) | None => None,
            },
            seconds_to_ready: ready.then_some(elapsed),
        };
        Ok(())
    }

    /// Waits until every service is ready or never will be. With `docker compose up` still running, until that has ended
    /// too; it is ended where it waits for something that will not come.
    async fn watch(&mut self, mut running: Option<Running>, doing: &dyn Fn(String)) -> Result<Option<End>, String> {
        let engine = self.engine.clone();
        let mut events = Box::pin(engine.docker.events(Some(self.events())));
        let mut is_listening = true;
        let (mut ended, mut said, mut changed) = (None, String::new(), Instant::now());
        loop {
            let found = containers::of_project(&self.engine, &self.project).await.map_err(|error| error.to_string())?;
            let verdicts = self.verdicts(&found);
            let now = told(&verdicts, &found);
            if now != said {
                doing(now.clone());
                (said, changed) = (now, Instant::now());
            }
            let is_waiting = verdicts.values().any(|verdict| *verdict == Verdict::Waiting);
            if !is_waiting && running.is_none() {
                return Ok(ended);
            }
            let is_stuck = !is_waiting && (ready::is_blocked(&self.expected, &verdicts) || changed.elapsed() > LIMIT);
            if let Some(waits_in_vain) = running.take_if(|_| is_stuck) {
                waits_in_vain.finish(true).await.map_err(|error| error.to_string())?;
                ended = Some(End::Failed(in_vain(&verdicts)));
                continue;
            }
            let mut over = false;
            tokio::select! {
                event = events.next(), if is_listening => is_listening = matches!(event, Some(Ok(_))),
                () = end_of(running.as_mut()) => over = true,
                () = sleep(LOOK) => {}
            }
            if let Some(tool) = running.take_if(|_| over) {
                let finished = tool.finish(false).await.map_err(|error| error.to_string())?;
                ended = Some(up::end(&finished, &self.project)?);
            }
        }
    }

    fn events(&self) -> EventsOptions {
        let label = format!("{PROJECT_LABEL}={}", self.project);
        let kinds = ["start", "die", "restart", "oom", "health_status"].map(str::to_owned).to_vec();
        let filters = [("label", vec![label]), ("event", kinds), ("type", vec!["container".to_owned()])];
        let filters = filters.map(|(name, values)| (name.to_owned(), values)).into();
        EventsOptions { filters: Some(filters), ..EventsOptions::default() }
    }

    fn verdicts(&mut self, found: &[Container]) -> BTreeMap<String, Verdict> {
        self.clocks.update(found);
        let verdict = |name: &String, expected: &Expected| {
            let own = found.iter().filter(|container| container.service == *name);
            let own: Vec<_> = own.map(|container| (container, self.clocks.age(&container.id))).collect();
            ready::service(expected, &own)
        };
        self.expected.iter().map(|(name, expected)| (name.clone(), verdict(name, expected))).collect()
    }

    /// Takes down the state of every service.
    async fn look(&mut self, found: &[Container]) {
        let verdicts = self.verdicts(found);
        let states = verdicts.into_iter().map(|(name, verdict)| {
            let engine = &self.engine;
            async move {
                let own: Vec<&Container> = found.iter().filter(|container| container.service == name).collect();
                let state = State::of(engine, &own, verdict).await;
                (name, state)
            }
        });
        self.states = join_all(states).await.into_iter().collect();
    }

    /// Looks at every service again, without waiting. The error is the machine's fault.
    pub async fn refresh(&mut self) -> Result<(), String> {
        let found = containers::of_project(&self.engine, &self.project).await.map_err(|error| error.to_string())?;
        self.look(&found).await;
        Ok(())
    }

    /// Restarts a service at once and waits until it is ready again, or never will be. The error is the machine's fault.
    pub async fn restart(&mut self, service: &str, doing: &dyn Fn(String)) -> Result<(), String> {
        let found = containers::of_project(&self.engine, &self.project).await.map_err(|error| error.to_string())?;
        doing(format!("restart {service}"));
        let own = found.iter().filter(|container| container.service == service);
        try_join_all(own.map(|container| {
            self.clocks.forget(&container.id);
            let options = RestartContainerOptions { t: Some(0), ..RestartContainerOptions::default() };
            let id = container.id.clone();
            let docker = &self.engine.docker;
            async move { docker.restart_container(&id, Some(options)).await.doing(|| format!("restart container {id}")) }
        }))
        .await
        .map_err(|error| error.to_string())?;
        self.watch(None, doing).await?;
        self.refresh().await
    }

    /// The TCP ports that a service publishes now: in the container, and on this machine. They change with every start.
    /// The error is the machine's fault.
    pub async fn published_ports(&self, service: &str) -> Result<Vec<(u16, u16)>, String> {
        let found = containers::of_project(&self.engine, &self.project).await.map_err(|error| error.to_string())?;
        let own = found.iter().filter(|it| it.service == service && it.status == Status::RUNNING);
        Ok(own.flat_map(|container| container.ports.iter().copied()).collect())
    }

    /// The id of a service's first container that runs. The error is the machine's fault.
    pub async fn container(&self, service: &str) -> Result<Option<String>, String> {
        let found = containers::of_project(&self.engine, &self.project).await.map_err(|error| error.to_string())?;
        let own = found.into_iter().filter(|it| it.service == service && it.status == Status::RUNNING);
        Ok(own.min_by(|a, b| (&a.started_at, &a.id).cmp(&(&b.started_at, &b.id))).map(|container| container.id))
    }

    /// The name that Compose knows it by.
    pub fn project(&self) -> &str {
        &self.project
    }

    /// Removes all that the stack has made, volumes included. Safe to call for one that was only started half.
    pub async fn down(self) -> Result<(), ApiError> {
        down::down(&self.engine, &self.project).await
    }
}

/// Reads on until the tool has ended. Without one, for ever.
async fn end_of(running: Option<&mut Running>) {
    let Some(running) = running else { return std::future::pending().await };
    while let Ok(Some(_)) = running.next().await {}
}

/// What the services do now: `redis healthy, api starting`.
fn told(verdicts: &BTreeMap<String, Verdict>, found: &[Container]) -> String {
    let one = |(name, verdict): (&String, &Verdict)| {
        let health = found.iter().find(|container| container.service == *name).and_then(|container| container.health);
        let word = match verdict {
            Verdict::NotStarted => "not started".to_owned(),
            Verdict::Waiting => health.map_or_else(|| "running".to_owned(), |health| health.to_string()),
            Verdict::Ready => "ready".to_owned(),
            Verdict::Failed(_) => "failed".to_owned(),
        };
        format!("{name} {word}")
    };
    verdicts.iter().map(one).collect::<Vec<_>>().join(", ")
}

/// Why the rest was not started.
fn in_vain(verdicts: &BTreeMap<String, Verdict>) -> String {
    let failed = verdicts.iter().find_map(|(name, verdict)| match verdict {
        Verdict::Failed(why) => Some(format!("`{name}` {}", why.text)),
        _ => None,
    });
    failed.unwrap_or_else(|| format!("nothing went on for {} s", LIMIT.as_secs()))
}
