//! The only place that talks to Docker: its API for looking at things and running containers, its own tools for builds
//! and stacks. It knows no check.

pub mod connect;
pub mod container;
pub mod image;
pub mod owned;
pub mod process;
pub mod stack;
pub mod watch;

pub use connect::api::ApiError;
pub use connect::cli::DockerCli;
pub use connect::no_engine::NoEngine;
pub use connect::version::Versions;
pub use container::limits::Limits;
pub use owned::owner::Run;

use crate::policy;
use crate::repository::Scratch;
use crate::seed::Seed;
use bollard::Docker;
use bollard::models::{SystemInfo, SystemVersion};
use connect::cli;
use connect::context;
use connect::context::DockerEndpoint;
use connect::version;
use image::build;
use owned::owner;
use std::io::ErrorKind;
use std::path::Path;
use std::sync::Arc;
use std::sync::atomic::AtomicBool;
use std::time::{Duration, Instant};
use tokio::sync::OnceCell;
use tokio::time::timeout;
use watch::pace::Pace;
use watch::{disk, guard};

/// How long the engine may take to accept a connection, and its tools to say their version.
const ANSWER: Duration = Duration::from_secs(10);

/// A Docker Engine that will do, its tools, and the run that uses them.
#[derive(Debug, Clone)]
#[allow(clippy::struct_excessive_bools)] // each is a property of its own
pub struct Engine {
    /// Its API.
    pub docker: Docker,
    /// The `docker` program.
    pub cli: DockerCli,
    /// The run that all that is made belongs to.
    pub run: Run,
    /// The bounds of what is run.
    pub limits: Limits,
    /// How slow this host is now.
    pub pace: Pace,
    /// What was ended at its bounds.
    pub ended: guard::Ended,
    /// Whether a build was ended from here: the engine may go on with it.
    pub cut: Arc<AtomicBool>,
    /// The network of containers that are run alone, once there is one.
    pub network: Arc<OnceCell<String>>,
    /// Where its tools keep what they would keep for ever, if such a place can be had.
    pub scratch: Option<Arc<Scratch>>,
    /// Whether what is made stays when the run ends.
    pub keeps: bool,
    /// Whose cache mounts builds use: what one repository puts there, no other is given.
    pub caches: String,
    /// What differs between runs.
    pub seed: Seed,
    /// What is run at all.
    pub policy: Arc<policy::Policy>,
    /// The versions of the engine and its tools.
    pub versions: Versions,
    /// What it builds for: `linux/amd64`.
    pub platform: String,
    /// Whether it runs on another machine: its ports and mounts are not here.
    pub is_remote: bool,
    /// Whether user numbers in containers are others outside, so that they can't be seen from there.
    pub remaps_users: bool,
    /// Whether images are kept by containerd, whose sizes count something else.
    pub containerd_store: bool,
    /// Whether the memory of builds can be bounded.
    pub bounds_builds: bool,
    /// Where it keeps its data, on its own machine.
    pub root_dir: String,
    /// Where its images are, if not there.
    pub image_dir: Option<String>,
}

impl Engine {
    /// Connects to the engine that `DOCKER_HOST` or the Docker context means, and looks whether it and its tools will do.
    pub async fn connect(run: Run) -> Result<Self, NoEngine> {
        Self::connect_with(run, &|name| std::env::var(name).ok()).await
    }

    /// The same for other environment variables than this process's.
    pub async fn connect_with(run: Run, variable: &dyn Fn(&str) -> Option<String>) -> Result<Self, NoEngine> {
        let endpoint = DockerEndpoint::resolve(variable)?;
        let path = variable("PATH");
        let program = cli::find("docker", path.as_deref()).filter(|path| !(is_wsl() && path.starts_with("/mnt")));
        let program = program.ok_or(if is_wsl() { NoEngine::Wsl } else { NoEngine::NotInstalled })?;
        let cli = DockerCli { program, endpoint };
        let (pace, asked) = (Pace::default(), Instant::now());
        let tools = async {
            let said = tokio::join!(buildx(&cli), compose(&cli, path.as_deref()));
            pace.saw_tools(asked.elapsed());
            said
        };
        let (api, (buildx, compose)) = tokio::join!(ask(&cli.endpoint), tools);
        let (docker, version, info) = api?;
        let engine = found(&cli.endpoint, &version)?;
        version::at_least("Docker Engine", &engine, version::ENGINE)?;
        if version.os.as_deref() == Some("windows") {
            return Err(NoEngine::WindowsContainers);
        }
        let versions =
            Versions { version: engine, api: docker.client_version().to_string(), buildx: buildx?, compose: compose? };
        let bounds_builds = build::memory::can_be_bounded(&cli, &versions.buildx).await;
        let security = info.security_options.unwrap_or_default();
        let status = info.driver_status.unwrap_or_default();
        let containerd_store = status.iter().flatten().any(|value| value.starts_with("io.containerd.snapshotter"));
        let containerd = info.containerd.and_then(|containerd| containerd.address).unwrap_or_default();
        Ok(Self {
            is_remote: cli.endpoint.is_remote() || is_outside_our_container(info.name.as_deref()),
            remaps_users: security.iter().any(|option| option.contains("name=userns"))
                || info.default_runtime.is_some_and(|runtime| runtime.contains("sysbox")),
            containerd_store,
            platform: format!("{}/{}", version.os.unwrap_or_default(), version.arch.unwrap_or_default()),
            root_dir: info.docker_root_dir.unwrap_or_default(),
            image_dir: disk::image_dir(containerd_store, &containerd).map(str::to_owned),
            bounds_builds,
            docker,
            cli,
            run,
            limits: Limits::default(),
            pace,
            ended: guard::Ended::default(),
            cut: Arc::default(),
            network: Arc::default(),
            scratch: Scratch::new().ok().map(Arc::new),
            keeps: false,
            caches: String::new(),
            seed: Seed::draw(),
            policy: policy::Policy::built_in(),
            versions,
        })
    }
}

/// Speaks to the engine's API for the first time.
async fn ask(endpoint: &DockerEndpoint) -> Result<(Docker, SystemVersion, SystemInfo), NoEngine> {
    knock(endpoint).await?;
    let failed = |error: bollard::errors::Error| {
        NoEngine::Failed(error.to_string().replace(&endpoint.host, &context::shown(&endpoint.host)))
    };
    let docker = Docker::connect_with_host(&endpoint.host).map_err(failed)?;
    let first = async {
        let docker = docker.negotiate_version().await?;
        let (version, info) = tokio::try_join!(docker.version(), docker.info())?;
        Ok((docker, version, info))
    };
    match timeout(ANSWER, first).await {
        Ok(answer) => answer.map_err(failed),
        Err(_) => Err(NoEngine::Failed(format!("no answer within {} s", ANSWER.as_secs()))),
    }
}

/// Opens and closes a connection: the system's own error tells best why there is none.
async fn knock(endpoint: &DockerEndpoint) -> Result<(), NoEngine> {
    let host = endpoint.host.clone();
    let named = endpoint.from_host_variable;
    let silent = |host| if named { NoEngine::WrongHost { host } } else { NoEngine::NotRunning { host } };
    #[cfg(unix)]
    if let Some(socket) = endpoint.socket() {
        return match tokio::net::UnixStream::connect(socket).await {
            Ok(_) => Ok(()),
            Err(error) if error.kind() == ErrorKind::PermissionDenied => {
                Err(NoEngine::Permission { socket: socket.display().to_string() })
            }
            Err(_) if is_wsl() && !socket.exists() => Err(NoEngine::Wsl),
            Err(_) => Err(silent(host)),
        };
    }
    let Some(address) = endpoint.address() else { return Ok(()) };
    match timeout(ANSWER, tokio::net::TcpStream::connect(address)).await {
        Ok(Ok(_)) => Ok(()),
        Ok(Err(error)) if error.kind() == ErrorKind::ConnectionRefused && !endpoint.is_remote() => Err(silent(host)),
        Ok(Err(error)) => Err(NoEngine::Unreachable { host, cause: error.to_string() }),
        Err(_) => Err(NoEngine::Unreachable { host, cause: format!("no answer within {} s", ANSWER.as_secs()) }),
    }
}

/// The engine's version, if it is Docker's.
fn found(endpoint: &DockerEndpoint, version: &SystemVersion) -> Result<String, NoEngine> {
    let first = version.components.as_ref().and_then(|components| components.first());
    match first.map(|component| component.name.as_str()) {
        Some(name) if name.contains("Podman") => {
            Err(NoEngine::NotDocker { host: endpoint.host.clone(), found: "Podman".into() })
        }
        _ => Ok(version.version.clone().unwrap_or_default()),
    }
}

async fn buildx(cli: &DockerCli) -> Result<String, NoEngine> {
    let found =
        say(cli, &["buildx", "version"]).await.and_then(|said| version::buildx(&said)).ok_or(NoEngine::NoBuildx)?;
    version::at_least("Buildx", &found, version::BUILDX).map(|()| found)
}

async fn compose(cli: &DockerCli, path: Option<&str>) -> Result<String, NoEngine> {
    let found = say(cli, &["compose", "version", "--short"]).await.and_then(|said| version::compose(&said));
    let old = cli::find("docker-compose", path).is_some();
    let missing = || if old { NoEngine::ComposeV1Only } else { NoEngine::NoCompose };
    let found = found.ok_or_else(missing)?;
    version::at_least("Docker Compose", &found, version::COMPOSE).map(|()| found)
}

/// What a tool prints, if it ends well.
async fn say(cli: &DockerCli, args: &[&str]) -> Option<String> {
    let finished = cli.command(args.iter().copied()).limit(ANSWER).run().await.ok()?;
    finished.success().then(|| finished.stdout.text())
}

fn is_wsl() -> bool {
    cfg!(target_os = "linux")
        && std::fs::read_to_string("/proc/sys/kernel/osrelease")
            .is_ok_and(|release| release.to_lowercase().contains("microsoft"))
}

/// Whether this process runs in a container, and the engine that it talks to outside of it.
fn is_outside_our_container(engine: Option<&str>) -> bool {
    let contained = Path::new("/.dockerenv").exists() || Path::new("/run/.containerenv").exists();
    contained && engine.is_some_and(|name| name != owner::host())
}
