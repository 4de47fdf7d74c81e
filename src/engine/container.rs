//! A container that is run alone, bounded and labelled, to see what it does.

mod body;
pub mod frozen;
pub mod frozen_probe;
pub mod health;
pub mod limits;
mod network;
mod output;
pub mod processes;
pub mod program;
pub mod reach;
mod signals;
pub mod start;

pub use output::{ExecCommand, Output, Printed, exec};
pub use start::{Refused, StartError};

use super::Engine;
use super::connect::api::{ApiError, Doing};
use super::owned::janitor;
use super::watch::guard;
use bollard::errors::Error;
use bollard::models::{ContainerState, EventMessage, HealthConfig, PortBinding};
use bollard::query_parameters::{CreateContainerOptions, EventsOptions, InspectContainerOptions, LogsOptions};
use futures_util::stream::{BoxStream, StreamExt};
use std::collections::{BTreeMap, HashMap, VecDeque};
use std::path::PathBuf;
use std::time::{Instant, SystemTime};

/// The memory that it may use, without swap, unless said otherwise.
pub const MEMORY: i64 = 1 << 30;
/// How many processes it may have, unless said otherwise.
const PIDS: i64 = 512;

/// How an image is to be run.
#[derive(Debug, Clone, Default)]
#[allow(clippy::struct_excessive_bools)] // each is a switch of its own
pub struct Spec {
    /// The image.
    pub image: String,
    /// What is run instead of the image's own entrypoint and command; empty for none but `command`.
    pub entrypoint: Option<Vec<String>>,
    /// What is run instead of the image's own command.
    pub command: Option<Vec<String>>,
    /// Its health check instead of the image's.
    pub healthcheck: Option<HealthConfig>,
    /// The ports that are published, each on a free port of 127.0.0.1.
    pub ports: Vec<u16>,
    /// The user; the image's own unless said.
    pub user: Option<String>,
    /// Its environment, on top of the image's.
    pub env: BTreeMap<String, String>,
    /// What is mounted.
    pub mounts: Vec<ContainerMount>,
    /// The network; one of the run's own unless said.
    pub network: Option<String>,
    /// Its name on that network, besides those that the engine gives it.
    pub alias: Option<String>,
    /// Whether it reads what it is given.
    pub reads: bool,
    /// Whether all that it prints is listened to: the engine, which is slow at it, need not keep a log as well.
    pub is_heard: bool,
    /// Its working folder; the image's own unless said.
    pub folder: Option<String>,
    /// Whether its root filesystem is read-only.
    pub read_only: bool,
    /// Where it has folders in memory.
    pub tmpfs: Vec<String>,
    /// Whether it is shut off: no network, nothing that it could write to but a small `/tmp`, no rights of root's but to
    /// read what is not its own.
    pub is_shut_off: bool,
}

/// Something that is mounted.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct ContainerMount {
    /// The volume or folder that is mounted.
    pub source: MountFrom,
    /// Its path in the container.
    pub target: String,
    /// Whether it can only be read.
    pub read_only: bool,
}

/// What is mounted.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum MountFrom {
    /// A volume, by its name.
    Volume(String),
    /// A file or folder of this machine: absolute, without links.
    Path(PathBuf),
}

/// A container that was started; [`Standalone::remove`] it afterwards. If that is forgotten, the end of the run does.
#[derive(Debug)]
pub struct Standalone<'a> {
    engine: &'a Engine,
    /// Its id.
    pub id: String,
    /// When it was created or last started, by the engine's clock, in seconds since 1970.
    since: String,
}

impl<'a> Standalone<'a> {
    /// Creates and starts it.
    pub async fn start(engine: &'a Engine, spec: Spec) -> Result<Self, StartError> {
        let image = spec.image.clone();
        let standalone = Self::create(engine, spec).await?;
        match standalone.begin(&image).await {
            Err(StartError::Refused(refused)) => {
                standalone.remove().await?;
                Err(StartError::Refused(refused))
            }
            begun => begun.map(|()| standalone),
        }
    }

    /// Creates it; it does not run yet.
    async fn create(engine: &'a Engine, mut spec: Spec) -> Result<Self, StartError> {
        let image = spec.image.clone();
        if spec.network.is_none() && !spec.is_shut_off {
            spec.network = Some(network::own(engine).await?);
        }
        let created = engine.docker.create_container(None::<CreateContainerOptions>, body::body(engine, spec)).await;
        if let Some(refused) = created.as_ref().err().and_then(Refused::by) {
            return Err(StartError::Refused(refused));
        }
        let id = created.doing(|| format!("create a container of {image}"))?.id;
        let mut standalone = Self { engine, id, since: String::new() };
        standalone.since = since(&standalone.inspect().await?.created.unwrap_or_default());
        Ok(standalone)
    }

    /// Starts what was created.
    async fn begin(&self, image: &str) -> Result<(), StartError> {
        let asked = Instant::now();
        let begun = self.engine.docker.start_container(&self.id, None).await;
        self.engine.pace.saw_start(asked.elapsed());
        if let Some(refused) = begun.as_ref().err().and_then(Refused::by) {
            let exit_code = self.state().await?.exit_code;
            return Err(StartError::Refused(Refused { exit_code, ..refused }));
        }
        Ok(begun.doing(|| format!("start a container of {image}"))?)
    }

    async fn inspect(&self) -> Result<bollard::models::ContainerInspectResponse, ApiError> {
        let inspected = self.engine.docker.inspect_container(&self.id, None::<InspectContainerOptions>).await;
        inspected.doing(|| format!("inspect container {}", self.id))
    }

    /// Its state now.
    pub async fn state(&self) -> Result<ContainerState, ApiError> {
        Ok(self.inspect().await?.state.unwrap_or_default())
    }

    /// Which limit it was ended at, if it was: the end of a sentence about it.
    pub async fn ended_by(&self) -> Result<Option<String>, ApiError> {
        Ok(guard::ended_by(self.engine, &self.inspect().await?))
    }

    /// The port of 127.0.0.1 that a port of its own is published on.
    pub async fn published(&self, port: u16) -> Result<Option<u16>, ApiError> {
        Ok(self.ports().await?.into_iter().find_map(|(own, host)| (own == port).then_some(host)))
    }

    /// Its ports that are published now: its own, and that of 127.0.0.1. They change with every start.
    pub async fn ports(&self) -> Result<Vec<(u16, u16)>, ApiError> {
        let ports = self.inspect().await?.network_settings.and_then(|settings| settings.ports).unwrap_or_default();
        let one = |(port, bindings): (String, Option<Vec<PortBinding>>)| {
            let own = port.strip_suffix("/tcp")?.parse().ok()?;
            Some((own, bindings?.into_iter().find_map(|binding| binding.host_port?.parse().ok())?))
        };
        let mut ports: Vec<_> = ports.into_iter().filter_map(one).collect();
        ports.sort_unstable();
        Ok(ports)
    }

    /// What happens to it, from its last start on.
    pub fn events(&self) -> BoxStream<'a, Result<EventMessage, Error>> {
        let filters = HashMap::from([("container".to_owned(), vec![self.id.clone()])]);
        let options =
            EventsOptions { since: Some(self.since.clone()), filters: Some(filters), ..EventsOptions::default() };
        self.engine.docker.events(Some(options)).boxed()
    }

    /// The end of what it printed: at most so many bytes.
    pub async fn logs(&self, bytes: usize) -> Result<String, ApiError> {
        let options = LogsOptions { stdout: true, stderr: true, tail: "1000".into(), ..LogsOptions::default() };
        let mut logs = self.engine.docker.logs(&self.id, Some(options)).boxed();
        let mut kept = VecDeque::new();
        while let Some(piece) = logs.next().await {
            kept.extend(piece.doing(|| format!("read the logs of container {}", self.id))?.as_ref());
            kept.drain(..kept.len().saturating_sub(bytes));
        }
        Ok(String::from_utf8_lossy(kept.make_contiguous()).into_owned())
    }

    /// Kills and removes it, with its anonymous volumes.
    pub async fn remove(self) -> Result<(), ApiError> {
        janitor::remove_container(self.engine, &self.id).await
    }
}

/// A time of the engine's, as it wants it to be asked for.
fn since(time: &str) -> String {
    let time = humantime::parse_rfc3339(time).unwrap_or(SystemTime::UNIX_EPOCH);
    let since = time.duration_since(SystemTime::UNIX_EPOCH).unwrap_or_default();
    format!("{}.{:09}", since.as_secs(), since.subsec_nanos())
}
