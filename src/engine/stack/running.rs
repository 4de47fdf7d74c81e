//! A stack that runs: watched until its services are ready, asked for its ports, taken down in the end.

use super::clocks::Clocks;
use super::containers;
use super::containers::{Container, PROJECT_LABEL};
use super::down;
use super::error::StackError;
use super::last_look::FirstLook;
use super::plan::Plan;
use super::ready;
use super::ready::{Expected, Readiness};
use super::state::{State, Up};
use super::up;
use super::up::UpEnd;
use crate::engine::Engine;
use crate::engine::connect::api::ApiError;
use crate::engine::container::frozen_probe;
use crate::engine::container::health::{HealthCheck, LIMIT};
use crate::engine::container::program::{GivenFiles, ProgramSeen};
use crate::engine::process::{Command, Running};
use crate::engine::watch::vigil::Vigil;
use crate::place::Place;
use bollard::models::ContainerStateStatusEnum as Status;
use bollard::query_parameters::EventsOptions;
use futures_util::StreamExt;
use futures_util::future::join_all;
use std::collections::BTreeMap;
use std::collections::btree_map::Entry;
use std::path::PathBuf;
use std::time::Duration;
use tokio::time::{Instant, sleep};

/// How often the containers are looked at when the engine reports nothing: a probe that fails is no event.
const LOOK: Duration = Duration::from_millis(500);

/// A stack that runs, or has tried to.
#[derive(Debug)]
pub struct Stack {
    pub(crate) engine: Engine,
    pub(crate) project: String,
    /// The tool on the stack's own file, but for what is to be done.
    pub(crate) command: Command,
    /// What the services are meant to do when the stack is brought up.
    pub(crate) planned: BTreeMap<String, Expected>,
    /// What they are meant to do now.
    pub(crate) expected: BTreeMap<String, Expected>,
    file: Place,
    places: BTreeMap<String, Place>,
    users: BTreeMap<String, Place>,
    hooks: BTreeMap<String, Place>,
    ports: BTreeMap<String, BTreeMap<u32, Place>>,
    copies: Vec<(PathBuf, PathBuf)>,
    pub(crate) clocks: Clocks,
    /// What was ready, before anything happened to it.
    pub(crate) first_look: FirstLook,
    pub(crate) vigil: Option<Vigil>,
    pub(crate) up: Up,
    states: BTreeMap<String, State>,
    programs: BTreeMap<String, ProgramSeen>,
    /// The services that do not run because they were told so: `stopped`, `killed`.
    pub(crate) ended: BTreeMap<String, &'static str>,
    /// What is mounted from it has to be there for every start.
    _folder: tempfile::TempDir,
}

impl Stack {
    /// Brings a stack up with these images in place of what is built, by service, and watches it until every service is
    /// ready or never will be.
    pub async fn launch(
        plan: Plan,
        engine: &Engine,
        images: &BTreeMap<String, String>,
        doing: &dyn Fn(String),
    ) -> Result<Self, StackError> {
        let expected = plan.expected(engine, images).await?;
        let command = plan.command(engine, "compose.json", images, &expected)?;
        let mut stack = Self::new(engine.clone(), command, expected, plan);
        stack.start(None, doing).await.map(|()| stack)
    }

    fn new(engine: Engine, command: Command, expected: BTreeMap<String, Expected>, plan: Plan) -> Self {
        Self {
            project: up::project(&engine),
            engine,
            command,
            planned: expected.clone(),
            expected,
            file: plan.file,
            places: plan.places,
            users: plan.users,
            hooks: plan.hooks,
            ports: plan.ports,
            copies: plan.copies,
            clocks: Clocks::default(),
            first_look: FirstLook::default(),
            vigil: None,
            up: Up::default(),
            states: BTreeMap::new(),
            programs: BTreeMap::new(),
            ended: BTreeMap::new(),
            _folder: plan.folder,
        }
    }

    /// The state of every service, as it was last looked at.
    pub fn states(&self) -> &BTreeMap<String, State> {
        &self.states
    }

    /// What was seen of what services run, by their names.
    pub fn programs(&self) -> &BTreeMap<String, ProgramSeen> {
        &self.programs
    }

    /// Looks at what a service runs, the given files held against it. Its health check is tried with the application
    /// stopped if it is healthy and `tries` says so.
    pub async fn see_program(
        &mut self,
        service: &str,
        given: GivenFiles<'_>,
        shell: Option<&[String]>,
        tries: &dyn Fn(&HealthCheck) -> bool,
    ) -> Result<Option<&mut ProgramSeen>, ApiError> {
        let Some(container) = self.container(service).await? else { return Ok(None) };
        let check = self.health_check_that_holds(service).filter(|check| tries(check));
        let seen = ProgramSeen::of(&self.engine, &container, given, check.as_ref(), shell).await;
        if let Some(vigil) = &self.vigil {
            vigil.forget_illness(&container);
        }
        let seen = match self.programs.entry(service.to_owned()) {
            Entry::Occupied(mut entry) => {
                entry.insert(seen);
                entry.into_mut()
            }
            Entry::Vacant(entry) => entry.insert(seen),
        };
        Ok(Some(seen))
    }

    fn health_check_that_holds(&self, service: &str) -> Option<HealthCheck> {
        let is_healthy = self.states.get(service).is_some_and(|state| state.health == "healthy");
        self.expected.get(service).and_then(|expected| expected.health.clone()).filter(|_| is_healthy)
    }

    /// Tries the health check of a service whose program was seen.
    pub async fn try_health_check(&mut self, service: &str) -> Result<(), ApiError> {
        let Some(container) = self.container(service).await? else { return Ok(()) };
        let Some(check) = self.health_check_that_holds(service) else { return Ok(()) };
        let Some(seen) = self.programs.get_mut(service) else { return Ok(()) };
        seen.test = check.text(seen.shell.as_deref());
        seen.frozen = frozen_probe::of(&self.engine, &container, &check, seen.shell.as_deref()).await;
        if let Some(vigil) = &self.vigil {
            vigil.forget_illness(&container);
        }
        Ok(())
    }

    /// What came of bringing it up.
    pub fn up(&self) -> &Up {
        &self.up
    }

    /// Where each service stands in the Compose file.
    pub fn places(&self) -> &BTreeMap<String, Place> {
        &self.places
    }

    /// The Compose file.
    pub fn file(&self) -> &Place {
        &self.file
    }

    /// Where the user of each service stands.
    pub fn users(&self) -> &BTreeMap<String, Place> {
        &self.users
    }

    /// Where the commands that each service runs after its start stand.
    pub fn hooks(&self) -> &BTreeMap<String, Place> {
        &self.hooks
    }

    /// Where each service's published ports stand, by the port in the container.
    pub fn port_places(&self) -> &BTreeMap<String, BTreeMap<u32, Place>> {
        &self.ports
    }

    /// What of the repository is mounted from copies: the original and the copy.
    pub fn copies(&self) -> &[(PathBuf, PathBuf)] {
        &self.copies
    }

    /// Whether a service does not run because it was told so.
    pub fn was_ended(&self, service: &str) -> bool {
        self.ended.contains_key(service)
    }

    /// The engine that it runs on.
    pub fn engine(&self) -> &Engine {
        &self.engine
    }

    /// Brings it up as it was planned, and waits until every service is ready or never will be, `within` at most.
    pub(crate) async fn start(&mut self, within: Option<Duration>, doing: &dyn Fn(String)) -> Result<(), StackError> {
        let begin = Instant::now();
        let vigil = Vigil::begin(&self.engine, "label", format!("{PROJECT_LABEL}={}", self.project));
        let running = self.command.clone().args(up::UP).start()?;
        let ended = self.watch(Some(running), within, doing).await?;
        let elapsed = begin.elapsed();
        let found = self.found().await?;
        self.look(&found).await;
        // What had become of it until now is in its state.
        vigil.forget();
        (self.vigil, self.first_look) = (Some(vigil), FirstLook::at(&self.states, &found));
        let ready = self.states.values().all(State::is_ready);
        self.up = Up {
            failed: match ended {
                Some(UpEnd::Failed(message)) => Some(message),
                Some(UpEnd::Well) | None => None,
            },
            seconds_to_ready: ready.then_some(elapsed),
        };
        Ok(())
    }

    /// Waits until every service is ready or never will be. With `docker compose up` still running, until that has ended
    /// too; it is ended where it waits for something that will not come, or longer than `within`.
    pub(crate) async fn watch(
        &mut self,
        mut running: Option<Running>,
        within: Option<Duration>,
        doing: &dyn Fn(String),
    ) -> Result<Option<UpEnd>, StackError> {
        let engine = self.engine.clone();
        // What is said is the time that was asked for, however slow this host is.
        let deadline = within.map(|within| (Instant::now() + self.engine.pace.here(within), within));
        let longest = engine.limits.start.unwrap_or(LIMIT);
        let mut events = Box::pin(engine.docker.events(Some(self.events())));
        let mut is_listening = true;
        let (mut ended, mut said, mut changed) = (None, String::new(), Instant::now());
        loop {
            let found = self.found().await?;
            let verdicts = self.verdicts(&found);
            let now = told(&verdicts, &found);
            if now != said {
                doing(now.clone());
                (said, changed) = (now, Instant::now());
            }
            let is_waiting = verdicts.values().any(|verdict| *verdict == Readiness::Waiting);
            if !is_waiting && running.is_none() {
                return Ok(ended);
            }
            if let Some((_, within)) = deadline.filter(|(deadline, _)| Instant::now() >= *deadline) {
                if let Some(tool) = running.take() {
                    tool.finish(true).await?;
                    ended = Some(UpEnd::Failed(format!("it took longer than {}", humantime::format_duration(within))));
                }
                return Ok(ended);
            }
            let is_stuck = !is_waiting && (ready::is_blocked(&self.expected, &verdicts) || changed.elapsed() > longest);
            if let Some(waits_in_vain) = running.take_if(|_| is_stuck) {
                waits_in_vain.finish(true).await?;
                ended = Some(UpEnd::Failed(in_vain(&verdicts, longest)));
                continue;
            }
            let mut over = false;
            tokio::select! {
                event = events.next(), if is_listening => is_listening = matches!(event, Some(Ok(_))),
                () = end_of(running.as_mut()) => over = true,
                () = sleep(deadline.map_or(LOOK, |(it, _)| LOOK.min(it.duration_since(Instant::now())))) => {}
            }
            if let Some(tool) = running.take_if(|_| over) {
                let finished = tool.finish(false).await?;
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

    fn verdicts(&mut self, found: &[Container]) -> BTreeMap<String, Readiness> {
        self.clocks.update(found);
        let verdict = |name: &String, expected: &Expected| {
            let own = found.iter().filter(|container| container.service == *name);
            let own: Vec<_> =
                own.map(|container| (container, self.clocks.age(&container.id, &self.engine.pace))).collect();
            ready::service(expected, &own)
        };
        self.expected.iter().map(|(name, expected)| (name.clone(), verdict(name, expected))).collect()
    }

    /// Takes down the state of every service.
    pub(super) async fn look(&mut self, found: &[Container]) {
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
        for (name, how) in &self.ended {
            if let Some(state) = self.states.get_mut(name).filter(|state| state.state == "exited") {
                state.not_ready = Some(format!("was {how} by a step of this check"));
            }
        }
    }

    pub(super) fn state_of(&mut self, service: &str) -> Option<&mut State> {
        self.states.get_mut(service)
    }

    /// Looks at every service again, without waiting.
    pub async fn refresh(&mut self) -> Result<(), ApiError> {
        let found = self.found().await?;
        self.look(&found).await;
        Ok(())
    }

    /// How a service came to its end, if none of its containers runs: the end of a sentence that begins with its name.
    pub async fn end_of(&self, service: &str) -> Option<String> {
        let containers = self.found().await.ok()?;
        let own: Vec<_> = containers.into_iter().filter(|container| container.service == service).collect();
        if own.iter().any(|container| container.status == Status::RUNNING) {
            return None;
        }
        let ended = own.into_iter().find(|container| container.exit_code.is_some())?;
        if let Some(limit) = ended.ended_by {
            return Some(format!("was ended: it {limit}"));
        }
        let last = ready::last_line(&containers::log(&self.engine, &ended.id).await);
        let last = last.map(|line| format!("; its last words: {line}")).unwrap_or_default();
        Some(format!("does not run any more: it exited with {}{last}", ended.exit_code.unwrap_or_default()))
    }

    /// Whether a service publishes a port, but is only on networks on which Docker publishes none.
    pub fn is_shut_in(&self, service: &str) -> bool {
        self.expected.get(service).is_some_and(|expected| expected.is_shut_in)
    }

    /// The id of a service's first container that runs.
    pub async fn container(&self, service: &str) -> Result<Option<String>, ApiError> {
        let found = self.found().await?;
        let own = found.into_iter().filter(|it| it.service == service && it.status == Status::RUNNING);
        Ok(own.min_by(|a, b| (&a.started_at, &a.id).cmp(&(&b.started_at, &b.id))).map(|container| container.id))
    }

    /// The name that Compose knows it by.
    pub fn project(&self) -> &str {
        &self.project
    }

    /// Removes all that the stack has made, volumes included. Safe to call for one that was only started half.
    pub async fn down(self) -> Result<(), ApiError> {
        down::down(&self.engine, &self.project, true).await
    }
}

/// Reads on until the tool has ended. Without one, for ever.
async fn end_of(running: Option<&mut Running>) {
    let Some(running) = running else { return std::future::pending().await };
    while let Ok(Some(_)) = running.next().await {}
}

/// What the services do now: `redis healthy, api starting`.
fn told(verdicts: &BTreeMap<String, Readiness>, found: &[Container]) -> String {
    let one = |(name, verdict): (&String, &Readiness)| {
        let health = found.iter().find(|container| container.service == *name).and_then(|container| container.health);
        let word = match verdict {
            Readiness::NotStarted => "not started".to_owned(),
            Readiness::Waiting => health.map_or_else(|| "running".to_owned(), |health| health.to_string()),
            Readiness::Ready => "ready".to_owned(),
            Readiness::Failed(_) => "failed".to_owned(),
        };
        format!("{name} {word}")
    };
    verdicts.iter().map(one).collect::<Vec<_>>().join(", ")
}

/// Why the rest was not started.
fn in_vain(verdicts: &BTreeMap<String, Readiness>, longest: Duration) -> String {
    let failed = verdicts.iter().find_map(|(name, verdict)| match verdict {
        Readiness::Failed(why) => Some(format!("`{name}` {}", why.text)),
        _ => None,
    });
    failed.unwrap_or_else(|| format!("nothing went on for {} s", longest.as_secs()))
}
