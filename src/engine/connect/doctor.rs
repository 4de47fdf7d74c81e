//! What `grader doctor` looks at: whether this machine can grade, and what to do where it can't.

use super::bridge;
use super::context::{DockerEndpoint, shown};
use super::internet;
use crate::engine::watch::disk;
use crate::engine::{Engine, NoEngine, Run};
use crate::units::size_text;
use std::time::Duration;

/// How long the registry may take to accept a connection.
const REGISTRY: Duration = Duration::from_secs(3);
/// Where images come from unless they name another place.
const REGISTRY_HOST: &str = "registry-1.docker.io:443";
/// With less room than this, builds fail.
const FULL: u64 = 1_000_000_000;
/// With less room than this, builds may fail.
const TIGHT: u64 = 5_000_000_000;

/// How something stands.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Standing {
    /// Fine.
    Ok,
    /// It may get in the way.
    Warn,
    /// Nothing that needs an engine can be graded.
    Fail,
}

/// One thing that was looked at.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Examination {
    /// What: `engine`, `context`, `disk`, `containers`, `registry`.
    pub name: &'static str,
    /// How it stands.
    pub standing: Standing,
    /// What was found, in a phrase.
    pub detail: String,
    /// What to do about it, in a sentence.
    pub remedy: Option<String>,
}

impl Examination {
    pub(super) fn ok(name: &'static str, detail: String) -> Self {
        Self { name, standing: Standing::Ok, detail, remedy: None }
    }

    pub(super) fn other(name: &'static str, standing: Standing, detail: String, remedy: &str) -> Self {
        Self { name, standing, detail, remedy: Some(remedy.to_owned()) }
    }
}

/// Looks at everything that grading needs, in the order that it is needed.
pub async fn examine() -> Vec<Examination> {
    examine_with(&|name| std::env::var(name).ok()).await
}

/// The same for other environment variables than this process's.
pub async fn examine_with(variable: &dyn Fn(&str) -> Option<String>) -> Vec<Examination> {
    let engine = Engine::connect_with(Run::new(), variable);
    let (engine, registry) = tokio::join!(engine, registry());
    let mut checks = vec![context(DockerEndpoint::resolve(variable), engine.as_ref().ok())];
    match &engine {
        Err(why) => checks.push(Examination::other("engine", Standing::Fail, why.to_string(), why.remedy())),
        Ok(engine) => {
            let versions = &engine.versions;
            let tools = format!(
                "Docker Engine {} (API {}), Buildx {}, Compose {}",
                versions.version, versions.api, versions.buildx, versions.compose
            );
            checks.push(Examination::ok("engine", tools));
            checks.push(disk(engine));
            checks.push(builds(engine));
            checks.push(bridge::examine(engine).await);
        }
    }
    checks.push(registry);
    checks
}

fn context(endpoint: Result<DockerEndpoint, NoEngine>, engine: Option<&Engine>) -> Examination {
    let endpoint = match endpoint {
        Ok(endpoint) => endpoint,
        Err(why) => return Examination::other("context", Standing::Fail, why.to_string(), why.remedy()),
    };
    let whence = if endpoint.from_host_variable { "DOCKER_HOST" } else { &endpoint.context };
    let detail = format!("{whence}: {}", shown(&endpoint.host));
    if endpoint.is_remote() || engine.is_some_and(|engine| engine.is_remote) {
        let remedy = if endpoint.from_host_variable {
            "That engine runs on another machine, where grader can't ask at ports. Unset DOCKER_HOST to use the one of \
             this machine, or run grader there."
        } else {
            "That engine runs on another machine, where grader can't ask at ports. Choose a local one with \
             `docker context use default`, or run grader there."
        };
        return Examination::other("context", Standing::Warn, detail, remedy);
    }
    Examination::ok("context", detail)
}

fn disk(engine: &Engine) -> Examination {
    let Some((free, folder)) = disk::tightest(engine) else {
        return Examination::ok("disk", "inside Docker's own machine; `docker system df` shows it".into());
    };
    let detail = format!("{} free in {}", size_text(free), folder.display());
    let remedy = "Make room with `docker system prune`, which removes what no container uses.";
    match free {
        0..FULL => Examination::other("disk", Standing::Fail, detail, remedy),
        FULL..TIGHT => Examination::other("disk", Standing::Warn, detail, remedy),
        _ => Examination::ok("disk", detail),
    }
}

/// Whether a build of a stranger's can take all the memory there is.
fn builds(engine: &Engine) -> Examination {
    let detail = if engine.bounds_builds {
        "their memory is bounded, like that of containers"
    } else {
        "their memory is not bounded, only their time and what they write; that takes Buildx with --resource and BuildKit 0.31"
    };
    Examination::ok("builds", detail.to_owned())
}

async fn registry() -> Examination {
    if internet::reaches(REGISTRY_HOST, REGISTRY).await {
        return Examination::ok("registry", "Docker Hub answers".into());
    }
    let remedy = "Images that are not on this machine yet can't be pulled. Look at the network, a VPN, or the proxy in \
                  Docker's settings.";
    Examination::other("registry", Standing::Warn, format!("Docker Hub does not answer ({REGISTRY_HOST})"), remedy)
}
