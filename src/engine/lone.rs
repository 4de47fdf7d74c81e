//! A container that is run alone, bounded and labelled, to see what it does.

use super::api::{ApiError, Doing, reason};
use super::{Engine, janitor};
use bollard::errors::Error;
use bollard::models::{
    ContainerCreateBody, ContainerState, EventMessage, HealthConfig, HostConfig, HostConfigLogConfig, PortBinding,
};
use bollard::query_parameters::{CreateContainerOptions, EventsOptions, InspectContainerOptions, LogsOptions};
use futures_util::stream::{BoxStream, StreamExt};
use std::collections::{HashMap, VecDeque};
use std::time::SystemTime;

/// The memory that it may use, without swap.
pub const MEMORY: i64 = 1 << 30;
/// How many processes it may have.
const PIDS: i64 = 512;
/// How much of its output the engine keeps.
const LOG_FILE: &str = "10m";

/// How an image is to be run.
#[derive(Debug, Clone, Default)]
pub struct Spec {
    /// The image.
    pub image: String,
    /// What is run instead of the image's own command.
    pub command: Option<Vec<String>>,
    /// Its health check instead of the image's.
    pub healthcheck: Option<HealthConfig>,
    /// The port that is published, on a free port of 127.0.0.1.
    pub port: Option<u16>,
}

/// A container that was started; [`Lone::remove`] it afterwards. If that is forgotten, the end of the run does.
#[derive(Debug)]
pub struct Lone<'a> {
    engine: &'a Engine,
    /// Its id.
    pub id: String,
    /// When it was created, by the engine's clock, in seconds since 1970.
    created: String,
}

/// An image that can't be started: its own fault.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Refused {
    /// What the engine says.
    pub why: String,
    /// The exit code that stands for it: 127 for a missing command, 126 for one that may not be run.
    pub exit_code: Option<i64>,
}

impl<'a> Lone<'a> {
    /// Creates and starts it.
    pub async fn start(engine: &'a Engine, spec: Spec) -> Result<Result<Self, Refused>, ApiError> {
        let image = spec.image.clone();
        let created = engine.docker.create_container(None::<CreateContainerOptions>, body(engine, spec)).await;
        let id = match created {
            Ok(created) => created.id,
            Err(error) if is_images_fault(&error) => {
                return Ok(Err(Refused { why: reason(&error), exit_code: None }));
            }
            Err(error) => return Err(error).doing(|| format!("create a container of {image}")),
        };
        let mut lone = Self { engine, id, created: String::new() };
        let created = lone.inspect().await?.created.unwrap_or_default();
        let created = humantime::parse_rfc3339(&created).unwrap_or(SystemTime::UNIX_EPOCH);
        let since = created.duration_since(SystemTime::UNIX_EPOCH).unwrap_or_default();
        lone.created = format!("{}.{:09}", since.as_secs(), since.subsec_nanos());
        match engine.docker.start_container(&lone.id, None).await {
            Ok(()) => Ok(Ok(lone)),
            Err(error) if is_images_fault(&error) => {
                let exit_code = lone.state().await?.exit_code;
                lone.remove().await?;
                Ok(Err(Refused { why: short(&reason(&error)), exit_code }))
            }
            Err(error) => Err(error).doing(|| format!("start a container of {image}")),
        }
    }

    async fn inspect(&self) -> Result<bollard::models::ContainerInspectResponse, ApiError> {
        let inspected = self.engine.docker.inspect_container(&self.id, None::<InspectContainerOptions>).await;
        inspected.doing(|| format!("inspect container {}", self.id))
    }

    /// Its state now.
    pub async fn state(&self) -> Result<ContainerState, ApiError> {
        Ok(self.inspect().await?.state.unwrap_or_default())
    }

    /// The port of 127.0.0.1 that a port of its own is published on.
    pub async fn published(&self, port: u16) -> Result<Option<u16>, ApiError> {
        let ports = self.inspect().await?.network_settings.and_then(|settings| settings.ports).unwrap_or_default();
        let bindings = ports.get(&format!("{port}/tcp")).cloned().flatten().unwrap_or_default();
        Ok(bindings.into_iter().find_map(|binding| binding.host_port?.parse().ok()))
    }

    /// What happens to it, from its creation on.
    pub fn events(&self) -> BoxStream<'a, Result<EventMessage, Error>> {
        let filters = HashMap::from([("container".to_owned(), vec![self.id.clone()])]);
        let options =
            EventsOptions { since: Some(self.created.clone()), filters: Some(filters), ..EventsOptions::default() };
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

fn body(engine: &Engine, spec: Spec) -> ContainerCreateBody {
    let port = spec.port.map(|port| format!("{port}/tcp"));
    let binding = PortBinding { host_ip: Some("127.0.0.1".into()), host_port: Some(String::new()) };
    let log = HostConfigLogConfig {
        typ: Some("json-file".into()),
        config: Some(HashMap::from([("max-size".into(), LOG_FILE.into())])),
    };
    let host = HostConfig {
        memory: Some(MEMORY),
        memory_swap: Some(MEMORY),
        pids_limit: Some(PIDS),
        port_bindings: port.clone().map(|port| HashMap::from([(port, Some(vec![binding]))])),
        log_config: Some(log),
        ..HostConfig::default()
    };
    ContainerCreateBody {
        image: Some(spec.image),
        labels: Some(engine.run.labels().into_iter().collect()),
        entrypoint: spec.command,
        healthcheck: spec.healthcheck,
        exposed_ports: port.map(|port| vec![port]),
        host_config: Some(host),
        ..ContainerCreateBody::default()
    }
}

/// Whether it lies in the image that the engine can't run it: its command, its user or its folder.
fn is_images_fault(error: &Error) -> bool {
    const TRACES: [&str; 10] = [
        "no command specified",
        "unable to find user",
        "unable to find group",
        "no matching entries in",
        "executable file not found",
        "exec: ",
        "exec format error",
        "not a directory",
        "chdir to cwd",
        "invalid working directory",
    ];
    let why = reason(error);
    TRACES.iter().any(|trace| why.contains(trace))
}

/// Without the names of the engine's inner parts before what happened.
fn short(why: &str) -> String {
    let inner = why.split_once("unable to start container process: ").map_or(why, |(_, inner)| inner);
    inner.trim_end_matches(": unknown").to_owned()
}
