//! Changes a stack that runs: stops, starts and scales its services, takes it down and brings it up again, as
//! `docker compose` does. What came of the services is seen in their states.

use super::clocks::Clocks;
use super::containers::{self, Container};
use super::down;
use super::error::StackError;
use super::running::Stack;
use super::state::Up;
use super::up;
use super::up::UpEnd;
use crate::engine::connect::api::{ApiError, Doing, status};
use crate::engine::owned::janitor;
use bollard::errors::Error;
use bollard::models::ContainerStateStatusEnum as Status;
use bollard::query_parameters::{KillContainerOptions, RestartContainerOptions, StopContainerOptions};
use futures_util::future::try_join_all;
use std::collections::BTreeSet;
use std::time::Duration;

/// How long a container has to end by itself once it was asked to.
const GRACE: Duration = Duration::from_secs(10);
/// The longest that it may be given: the engine's answer is waited for meanwhile.
const LONGEST_GRACE: u64 = 100;

impl Stack {
    /// Brings it up as it was planned, and waits until every service is ready or never will be, `within` at most.
    pub async fn bring_up(&mut self, within: Option<Duration>, doing: &dyn Fn(String)) -> Result<(), StackError> {
        doing("bring the stack up".to_owned());
        self.forget();
        self.expected = self.planned.clone();
        self.start(within, doing).await
    }

    /// Ends all of its containers, each after those that need it, and removes them with the networks; the named volumes
    /// only if they are named.
    pub async fn take_down(
        &mut self,
        volumes: bool,
        within: Option<Duration>,
        doing: &dyn Fn(String),
    ) -> Result<(), StackError> {
        doing("take the stack down".to_owned());
        let found = self.found().await?;
        let mut open: BTreeSet<String> = self.expected.keys().cloned().collect();
        while !open.is_empty() {
            let is_needed = |name: &str| {
                let others = self.expected.iter().filter(|(other, _)| open.contains(*other) && other.as_str() != name);
                others.flat_map(|(_, expected)| &expected.needs).any(|(need, _)| need == name)
            };
            let mut free: BTreeSet<String> = open.iter().filter(|name| !is_needed(name)).cloned().collect();
            if free.is_empty() {
                free.clone_from(&open); // Compose refuses circles
            }
            let own: Vec<&Container> = found.iter().filter(|container| free.contains(&container.service)).collect();
            self.end(&own, within).await?;
            open.retain(|name| !free.contains(name));
        }
        self.remove(volumes).await?;
        self.up = Up { failed: Some("the stack was taken down".to_owned()), seconds_to_ready: None };
        Ok(self.refresh().await?)
    }

    /// Makes it as new: all of it is removed at once, and brought up again.
    pub async fn renew(&mut self, doing: &dyn Fn(String)) -> Result<(), StackError> {
        doing("bring the stack up anew".to_owned());
        self.remove(true).await?;
        self.expected = self.planned.clone();
        self.start(None, doing).await
    }

    /// Restarts a service at once and waits until it is ready again, or never will be.
    pub async fn restart(
        &mut self,
        service: &str,
        within: Option<Duration>,
        doing: &dyn Fn(String),
    ) -> Result<(), StackError> {
        doing(format!("restart {service}"));
        let own = self.own(service).await?;
        try_join_all(own.iter().map(|container| async {
            let options = RestartContainerOptions { t: Some(0), ..RestartContainerOptions::default() };
            settled(self.engine.docker.restart_container(&container.id, Some(options)).await, "restart", container)
        }))
        .await?;
        self.wait_for(service, &own, within, doing).await
    }

    /// Asks a service to end, and ends it if it does not do so `within` that time.
    pub async fn stop(
        &mut self,
        service: &str,
        within: Option<Duration>,
        doing: &dyn Fn(String),
    ) -> Result<(), StackError> {
        doing(format!("stop {service}"));
        let own = self.own(service).await?;
        self.end(&own.iter().collect::<Vec<_>>(), within).await?;
        self.ended.insert(service.to_owned(), "stopped");
        Ok(self.refresh().await?)
    }

    /// Ends a service at once.
    pub async fn kill(&mut self, service: &str, doing: &dyn Fn(String)) -> Result<(), StackError> {
        doing(format!("kill {service}"));
        let own = self.own(service).await?;
        try_join_all(own.iter().map(|container| async {
            let options = KillContainerOptions { signal: "SIGKILL".to_owned() };
            match self.engine.docker.kill_container(&container.id, Some(options)).await {
                Err(error) if status(&error) == Some(409) => Ok(()), // it has ended already
                done => settled(done, "kill", container),
            }
        }))
        .await?;
        self.ended.insert(service.to_owned(), "killed");
        Ok(self.refresh().await?)
    }

    /// Starts a service that has ended, and waits until it is ready, or never will be. False if there is no container of
    /// it to start.
    pub async fn start_again(
        &mut self,
        service: &str,
        within: Option<Duration>,
        doing: &dyn Fn(String),
    ) -> Result<bool, StackError> {
        doing(format!("start {service}"));
        let own = self.own(service).await?;
        try_join_all(own.iter().filter(|container| container.status != Status::RUNNING).map(|container| async {
            match self.engine.docker.start_container(&container.id, None).await {
                // What its image or its file is to blame for is seen in its state.
                Err(error) if matches!(status(&error), Some(400 | 404 | 409)) => Ok(()),
                done => settled(done, "start", container),
            }
        }))
        .await?;
        self.wait_for(service, &own, within, doing).await?;
        Ok(!own.is_empty())
    }

    /// Gives a service so many containers, and waits until all of them are ready, or one never will be.
    pub async fn scale(
        &mut self,
        service: &str,
        count: u32,
        within: Option<Duration>,
        doing: &dyn Fn(String),
    ) -> Result<(), StackError> {
        doing(format!("scale {service} to {count}"));
        let mut own = self.own(service).await?;
        own.sort_by_key(|container| container.number);
        let wanted = usize::try_from(count).unwrap_or(usize::MAX);
        if let Some(expected) = self.expected.get_mut(service) {
            expected.replicas = wanted;
        }
        // By the engine itself: the tool would leave their anonymous volumes behind.
        let surplus: Vec<&Container> = own.iter().skip(wanted).collect();
        self.end(&surplus, Some(GRACE)).await?;
        let removed = surplus.iter().map(|container| janitor::remove_container(&self.engine, &container.id));
        try_join_all(removed).await?;
        let scale = format!("{service}={count}");
        let more = ["--no-recreate", "--no-deps", "--scale", &scale, service];
        let running = self.command.clone().args(up::UP).args(more).start()?;
        self.ended.remove(service);
        if let Some(UpEnd::Failed(message)) = self.watch(Some(running), within, doing).await? {
            self.up.failed = Some(message);
        }
        Ok(self.refresh().await?)
    }

    pub(super) async fn found(&self) -> Result<Vec<Container>, ApiError> {
        containers::of_project(&self.engine, &self.project).await
    }

    async fn own(&self, service: &str) -> Result<Vec<Container>, ApiError> {
        Ok(self.found().await?.into_iter().filter(|container| container.service == service).collect())
    }

    /// Waits for a service whose containers were just started.
    async fn wait_for(
        &mut self,
        service: &str,
        own: &[Container],
        within: Option<Duration>,
        doing: &dyn Fn(String),
    ) -> Result<(), StackError> {
        self.ended.remove(service);
        for container in own {
            self.clocks.forget(&container.id);
        }
        self.watch(None, within, doing).await?;
        Ok(self.refresh().await?)
    }

    async fn end(&self, own: &[&Container], within: Option<Duration>) -> Result<(), ApiError> {
        let within = within.unwrap_or(GRACE);
        let seconds = (within.as_secs() + u64::from(within.subsec_nanos() > 0)).min(LONGEST_GRACE);
        let ended = own.iter().map(|container| async move {
            let options = StopContainerOptions { t: i32::try_from(seconds).ok(), ..StopContainerOptions::default() };
            settled(self.engine.docker.stop_container(&container.id, Some(options)).await, "stop", container)
        });
        try_join_all(ended).await.map(drop)
    }

    async fn remove(&mut self, volumes: bool) -> Result<(), ApiError> {
        self.forget();
        down::down(&self.engine, &self.project, volumes).await
    }

    fn forget(&mut self) {
        self.clocks = Clocks::default();
        self.ended.clear();
    }
}

/// What is as it should be already, or not there any more, is no failure.
fn settled(done: Result<(), Error>, what: &str, container: &Container) -> Result<(), ApiError> {
    match done {
        Err(error) if matches!(status(&error), Some(304 | 404)) => Ok(()),
        done => done.doing(|| format!("{what} container {}", container.id)),
    }
}
