//! A stack that runs: watched until its services are ready, restarted, asked for its ports, taken down.

use super::containers::{self, Container, PROJECT_LABEL};
use super::ready::{self, Age, Expected, Verdict};
use super::state::{State, Up};
use super::up::{self, End};
use super::window::LIMIT;
use crate::engine::api::{ApiError, Doing};
use crate::engine::process::{Command, Running};
use crate::engine::{Engine, janitor};
use crate::place::Place;
use bollard::models::ContainerStateStatusEnum as Status;
use bollard::query_parameters::{
    EventsOptions, ListNetworksOptions, ListVolumesOptions, RemoveVolumeOptions, RestartContainerOptions,
};
use futures_util::StreamExt;
use futures_util::future::{join_all, try_join_all};
use std::collections::{BTreeMap, HashMap};
use std::time::Duration;
use tokio::time::{Instant, sleep};

/// How often the containers are looked at when the engine reports nothing: a probe that fails is no event.
const LOOK: Duration = Duration::from_millis(500);
/// How often what is still in use is tried to be removed.
const TRIES: usize = 5;

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
}

impl Stack {
    pub(super) fn new(
        engine: Engine,
        project: String,
        expected: BTreeMap<String, Expected>,
        places: BTreeMap<String, Place>,
    ) -> Self {
        let (clocks, up, states) = (Clocks::default(), Up::default(), BTreeMap::new());
        Self { engine, project, expected, places, clocks, up, states }
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
        let found = containers::of_project(&self.engine, &self.project).await.map_err(|error| error.to_string())?;
        self.look(&found).await;
        let ready = self.states.values().all(State::is_ready);
        self.up = Up {
            failed: match ended {
                Some(End::Failed(message)) => Some(message),
                Some(End::Well) | None => None,
            },
            seconds_to_ready: ready.then(|| begin.elapsed()),
        };
        Ok(())
    }

    /// Waits until every service is ready or never will be. With `docker compose up` still running, until that has ended
    /// too; it is ended where it waits for something that will not come.
    async fn watch(&mut self, mut running: Option<Running>, doing: &dyn Fn(String)) -> Result<Option<End>, String> {
        let engine = self.engine.clone();
        let mut events = Box::pin(engine.docker.events(Some(self.events())));
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
            let is_failed = verdicts.values().any(|verdict| matches!(verdict, Verdict::Failed(_)));
            if !is_waiting && running.is_none() {
                return Ok(ended);
            }
            let is_stuck = !is_waiting && (is_failed || changed.elapsed() > LIMIT);
            if let Some(waits_in_vain) = running.take_if(|_| is_stuck) {
                waits_in_vain.finish(true).await.map_err(|error| error.to_string())?;
                ended = Some(End::Failed(in_vain(&verdicts)));
                continue;
            }
            let mut over = false;
            tokio::select! {
                _ = events.next() => {}
                output = next(running.as_mut()) => over = output,
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

    /// Removes all that the stack has made, volumes included. Safe to call for one that was only started half.
    pub async fn down(self) -> Result<(), ApiError> {
        down(&self.engine, &self.project).await
    }
}

/// Removes all that a project has made.
async fn down(engine: &Engine, project: &str) -> Result<(), ApiError> {
    let label = format!("{PROJECT_LABEL}={project}");
    let filters = || Some(HashMap::from([("label".to_owned(), vec![label.clone()])]));
    let docker = &engine.docker;
    let mut tries = TRIES;
    loop {
        tries -= 1;
        let found = containers::of_project(engine, project).await?;
        try_join_all(found.iter().map(|container| janitor::remove_container(engine, &container.id))).await?;
        let (networks, volumes) = tokio::try_join!(
            docker.list_networks(Some(ListNetworksOptions { filters: filters() })),
            docker.list_volumes(Some(ListVolumesOptions { filters: filters() })),
        )
        .doing(|| "list what the stack has made".into())?;
        let networks = networks
            .into_iter()
            .filter_map(|network| network.id)
            .map(|id| async move { docker.remove_network(&id).await.doing(|| format!("remove network {id}")) });
        let volumes = volumes.volumes.unwrap_or_default().into_iter().map(|volume| async move {
            let options = RemoveVolumeOptions { force: true };
            docker.remove_volume(&volume.name, Some(options)).await.doing(|| format!("remove volume {}", volume.name))
        });
        let (networks, volumes) = tokio::join!(join_all(networks), join_all(volumes));
        let failed = networks.into_iter().chain(volumes).find_map(|removed| match removed {
            Err(error) if !error.is_missing() => Some(error),
            _ => None,
        });
        match failed {
            None => return Ok(()),
            // An endpoint of a container that was just removed may still be closing.
            Some(_) if tries > 0 => sleep(Duration::from_millis(200)).await,
            Some(error) => return Err(error),
        }
    }
}

/// Reads on; whether the tool has ended. Without one, never.
async fn next(running: Option<&mut Running>) -> bool {
    match running {
        None => std::future::pending().await,
        Some(running) => !matches!(running.next().await, Ok(Some(_))),
    }
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

/// When each container was started, by this process's clock: the engine's may be another.
#[derive(Debug, Default)]
struct Clocks(HashMap<String, (Instant, Instant, String)>);

impl Clocks {
    fn update(&mut self, found: &[Container]) {
        let now = Instant::now();
        for container in found.iter().filter(|it| !matches!(it.status, Status::CREATED | Status::EMPTY)) {
            let clock = self.0.entry(container.id.clone()).or_insert_with(|| (now, now, container.started_at.clone()));
            if clock.2 != container.started_at {
                (clock.1, clock.2) = (now, container.started_at.clone());
            }
        }
    }

    fn age(&self, id: &str) -> Age {
        self.0.get(id).map_or_else(Age::default, |clock| Age { whole: clock.0.elapsed(), last: clock.1.elapsed() })
    }

    fn forget(&mut self, id: &str) {
        self.0.remove(id);
    }
}
