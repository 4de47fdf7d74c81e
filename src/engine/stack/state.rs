//! What is told of a service: plain data, once it has been looked at.

use super::containers;
use super::containers::{Container, LiveMount};
use super::ready::{COULD_NOT_START, Readiness, last_line};
use crate::engine::Engine;
use crate::engine::container::processes::RunningProcess;
use crate::engine::container::start;
use crate::engine::watch::guard;
use bollard::models::ContainerStateStatusEnum as Status;
use futures_util::future::join_all;
use std::time::Duration;

/// What came of bringing a stack up.
#[derive(Debug, Clone, Default, PartialEq, Eq)]
pub struct Up {
    /// Why not every service could be started.
    pub failed: Option<String>,
    /// How long it took until every service was ready, if that came to be.
    pub seconds_to_ready: Option<Duration>,
}

/// One service.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct State {
    /// `running`, `restarting`, `exited` or `missing`.
    pub state: &'static str,
    /// `healthy`, `unhealthy`, `starting` or `none`.
    pub health: String,
    /// Whether it is ready; otherwise why not, the end of a sentence that begins with its name.
    pub not_ready: Option<String>,
    /// How often Docker has restarted it.
    pub restarts: i64,
    /// What it exited with, if it has ended.
    pub exit_code: Option<i64>,
    /// Its processes; empty if none could be seen.
    pub processes: Vec<RunningProcess>,
    /// The end of what it printed.
    pub logs: String,
    /// Its networks, by the engine's names.
    pub networks: Vec<String>,
    /// Its TCP ports that are published: in the container, and on the host.
    pub ports: Vec<(u16, u16)>,
    /// What is mounted in it.
    pub mounts: Vec<LiveMount>,
}

impl State {
    /// Whether it is ready.
    pub fn is_ready(&self) -> bool {
        self.not_ready.is_none()
    }

    /// Whether the engine has tried to start it, in vain.
    pub fn could_not_start(&self) -> bool {
        self.not_ready.as_ref().is_some_and(|why| why.starts_with(COULD_NOT_START))
    }

    /// Looks closer at a service: its processes, and where it is not ready the end of its log.
    pub(crate) async fn of(engine: &Engine, containers: &[&Container], verdict: Readiness) -> Self {
        // Of several containers the one that is worst off speaks for all.
        let first = containers.iter().max_by_key(|container| match container.status {
            Status::RUNNING | Status::PAUSED => 0,
            Status::RESTARTING => 1,
            _ => 2,
        });
        let logs = match first {
            Some(container) => containers::log(engine, &container.id).await,
            None => String::new(),
        };
        let processes = join_all(containers.iter().map(|container| containers::processes(engine, container))).await;
        let not_ready = match verdict {
            Readiness::Ready => None,
            Readiness::Waiting => Some("is not ready yet".to_owned()),
            Readiness::NotStarted => Some("was not started".to_owned()),
            Readiness::Failed(why) => {
                let log = if why.ask_log { last_line(&logs) } else { None };
                let running = first.filter(|container| container.status == Status::RUNNING);
                let crowded = match running {
                    None => None,
                    Some(container) => guard::is_crowded(engine, &container.id).await,
                };
                let crowded = crowded.map(|limit| format!("; it {limit}")).unwrap_or_default();
                let words =
                    log.map(|line| format!("; its last words: {}", start::explained(&line))).unwrap_or_default();
                Some(why.text + &crowded + &words)
            }
        };
        Self {
            state: first.map_or("missing", |container| match container.status {
                Status::RUNNING | Status::PAUSED => "running",
                Status::RESTARTING => "restarting",
                Status::CREATED | Status::EMPTY => "missing",
                Status::EXITED | Status::DEAD | Status::REMOVING | Status::STOPPING => "exited",
            }),
            health: first.and_then(|container| container.health).map_or_else(|| "none".to_owned(), |it| it.to_string()),
            not_ready,
            restarts: containers.iter().map(|container| container.restarts).max().unwrap_or_default(),
            exit_code: first.and_then(|container| container.exit_code),
            processes: processes.into_iter().flatten().collect(),
            logs,
            networks: first.map(|container| container.networks.clone()).unwrap_or_default(),
            ports: first.map(|container| container.ports.clone()).unwrap_or_default(),
            mounts: first.map(|container| container.mounts.clone()).unwrap_or_default(),
        }
    }
}
