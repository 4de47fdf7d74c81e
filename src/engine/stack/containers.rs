//! What the engine says of a project's containers.

use crate::engine::Engine;
use crate::engine::connect::api::{ApiError, Doing, status};
use crate::engine::container::processes::{self, RunningProcess};
use crate::engine::watch::{guard, sockets};
use bollard::container::LogOutput;
use bollard::models::{
    ContainerInspectResponse, ContainerStateStatusEnum as Status, HealthStatusEnum, MountPoint, PortMap,
};
use bollard::query_parameters::{InspectContainerOptions, ListContainersOptions, LogsOptions};
use futures_util::StreamExt;
use futures_util::future::join_all;
use std::collections::{BTreeSet, HashMap};
use std::time::Duration;

/// The label by which Compose knows its projects.
pub const PROJECT_LABEL: &str = "com.docker.compose.project";
const SERVICE_LABEL: &str = "com.docker.compose.service";
const NUMBER_LABEL: &str = "com.docker.compose.container-number";
/// How many lines of a container's log are looked at.
const LOG_LINES: &str = "20";
/// How many bytes of a log or a probe's output are kept.
const LOG_BYTES: usize = 16 << 10;
/// How long reading a log may take.
const LOG_TIME: Duration = Duration::from_secs(5);

/// The most ports of a container that are looked at.
const MOST_PORTS: usize = 1024;

/// One container as it is now.
#[derive(Debug, Clone)]
pub struct Container {
    /// Its id.
    pub id: String,
    /// The service that it belongs to.
    pub service: String,
    /// Which of the service's containers it is, from 1.
    pub number: u32,
    /// `created`, `running`, `restarting`, `exited`, …
    pub status: Status,
    /// What it exited with, if it has ended.
    pub exit_code: Option<i64>,
    /// How often Docker has restarted it.
    pub restarts: i64,
    /// When it was last started; another text after each start.
    pub started_at: String,
    /// Its health, if it has a health check.
    pub health: Option<HealthStatusEnum>,
    /// The exit code and the output of its last probe.
    pub probe: Option<(i64, String)>,
    /// Why it could not be started.
    pub error: String,
    /// The limit that it was ended at, if it was: the end of a sentence about it.
    pub ended_by: Option<String>,
    /// The number of its first process, while it runs.
    pub pid: Option<i64>,
    /// Whether something listens on a port that it publishes or exposes; nothing where that can't be seen.
    pub listens: Option<bool>,
    /// Its TCP ports that are published now: in the container, and on this machine.
    pub ports: Vec<(u16, u16)>,
    /// Its networks, by the engine's names.
    pub networks: Vec<String>,
    /// What is mounted in it.
    pub mounts: Vec<LiveMount>,
}

/// Something that is mounted in a container.
#[derive(Debug, Clone, PartialEq, Eq, PartialOrd, Ord)]
pub struct LiveMount {
    /// `bind`, `volume` or `tmpfs`.
    pub kind: String,
    /// The volume's name; a path of the host says nothing to a learner.
    pub volume: Option<String>,
    /// Where, in the container.
    pub target: String,
    /// Whether it can't be written to.
    pub read_only: bool,
}

/// All containers of a project.
pub async fn of_project(engine: &Engine, project: &str) -> Result<Vec<Container>, ApiError> {
    let label = format!("{PROJECT_LABEL}={project}");
    let filters = Some(HashMap::from([("label".to_owned(), vec![label])]));
    let options = ListContainersOptions { all: true, filters, ..Default::default() };
    let listed = engine.docker.list_containers(Some(options)).await.doing(|| "list the stack's containers".into())?;
    let inspected = listed.into_iter().filter_map(|container| container.id).map(|id| async move {
        match engine.docker.inspect_container(&id, None::<InspectContainerOptions>).await {
            Ok(response) => Ok(read(engine, id, response)),
            Err(error) if status(&error) == Some(404) => Ok(None),
            Err(error) => Err(error).doing(|| format!("inspect container {id}")),
        }
    });
    let found: Result<Vec<_>, _> = join_all(inspected).await.into_iter().collect();
    Ok(found?.into_iter().flatten().collect())
}

fn read(engine: &Engine, id: String, response: ContainerInspectResponse) -> Option<Container> {
    let ended_by = guard::ended_by(engine, &response);
    let state = response.state?;
    let config = response.config?;
    let mut labels = config.labels?;
    let service = labels.remove(SERVICE_LABEL)?;
    let number = labels.remove(NUMBER_LABEL).and_then(|number| number.parse().ok()).unwrap_or_default();
    let health = state.health.unwrap_or_default();
    let ended = matches!(state.status, Some(Status::EXITED | Status::DEAD | Status::RESTARTING));
    let network = response.network_settings.unwrap_or_default();
    let mut networks: Vec<String> = network.networks.unwrap_or_default().into_keys().collect();
    networks.sort();
    let ports = ports(network.ports.unwrap_or_default());
    let mut mounts: Vec<LiveMount> = response.mounts.unwrap_or_default().into_iter().map(mounted).collect();
    mounts.sort();
    let exposed = config.exposed_ports.unwrap_or_default();
    let exposed = exposed.iter().filter_map(|port| port.strip_suffix("/tcp")?.parse().ok());
    let awaited: BTreeSet<u16> = exposed.chain(ports.iter().map(|(own, _)| *own)).take(MOST_PORTS).collect();
    let pid = state.pid.filter(|pid| *pid > 0);
    let listens = pid.and_then(|pid| sockets::listens(&id, pid, &awaited));
    let last = health.log.unwrap_or_default().pop();
    Some(Container {
        id,
        service,
        number,
        status: state.status.unwrap_or(Status::EMPTY),
        exit_code: state.exit_code.filter(|_| ended),
        restarts: response.restart_count.unwrap_or_default(),
        started_at: state.started_at.unwrap_or_default(),
        health: health.status.filter(|status| !matches!(status, HealthStatusEnum::NONE | HealthStatusEnum::EMPTY)),
        probe: last.map(|probe| (probe.exit_code.unwrap_or_default(), bounded(probe.output.unwrap_or_default()))),
        error: state.error.unwrap_or_default(),
        ended_by,
        pid,
        listens,
        ports,
        networks,
        mounts,
    })
}

fn mounted(mount: MountPoint) -> LiveMount {
    let kind = mount.typ.unwrap_or_default();
    LiveMount {
        volume: mount.name.filter(|_| kind == "volume"),
        kind,
        target: mount.destination.unwrap_or_default(),
        read_only: mount.rw == Some(false),
    }
}

fn ports(published: PortMap) -> Vec<(u16, u16)> {
    let mut ports: Vec<(u16, u16)> = Vec::new();
    for (port, bindings) in published {
        let Some(target) = port.strip_suffix("/tcp").and_then(|port| port.parse().ok()) else { continue };
        let hosts = bindings.into_iter().flatten().filter_map(|binding| binding.host_port?.parse().ok());
        ports.extend(hosts.map(|host: u16| (target, host)));
    }
    ports.sort_unstable();
    ports.dedup();
    ports
}

fn bounded(mut text: String) -> String {
    let mut end = text.len().min(LOG_BYTES);
    while !text.is_char_boundary(end) {
        end -= 1;
    }
    text.truncate(end);
    text
}

/// The end of what a container printed; empty if that can't be had in time.
pub async fn log(engine: &Engine, id: &str) -> String {
    let options = LogsOptions { stdout: true, stderr: true, tail: LOG_LINES.to_owned(), ..Default::default() };
    let mut stream = Box::pin(engine.docker.logs(id, Some(options)));
    let mut bytes: Vec<u8> = Vec::new();
    let read = async {
        while let Some(Ok(output)) = stream.next().await {
            let (LogOutput::StdErr { message }
            | LogOutput::StdOut { message }
            | LogOutput::StdIn { message }
            | LogOutput::Console { message }) = output;
            bytes.extend_from_slice(&message);
            let over = bytes.len().saturating_sub(LOG_BYTES);
            bytes.drain(..over);
        }
    };
    let _ = tokio::time::timeout(LOG_TIME, read).await;
    String::from_utf8_lossy(&bytes).into_owned()
}

/// A container's own processes; none if they can't be seen.
pub async fn processes(engine: &Engine, container: &Container) -> Vec<RunningProcess> {
    let Some(first) = container.pid.filter(|_| container.status == Status::RUNNING) else { return Vec::new() };
    processes::list(engine, &container.id, first).await.unwrap_or_default()
}
