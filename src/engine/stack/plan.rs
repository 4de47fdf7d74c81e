//! A stack before it is brought up: resolved, checked, what it needs obtained. Needs no image that is to be built, so that
//! it can be made beside the build.

use super::binds;
use super::binds::NoCopy;
use super::config;
use super::images;
use super::model;
use super::shared;
use crate::compose::{By, Compose, Problem, Service};
use crate::engine::Engine;
use crate::engine::watch::pace::Pace;
use crate::outcome::{Fault, Finding};
use crate::place::Place;
use crate::policy;
use crate::repository::Ongoing;
use bollard::models::HealthConfig;
use futures_util::future::join_all;
use serde_json::{Map, Value};
use std::collections::BTreeMap;
use std::path::{Path, PathBuf};
use tokio::task::spawn_blocking;

/// How many containers a stack may have: each has limits of its own.
const MAX_CONTAINERS: usize = 30;

/// What is to be brought up.
#[derive(Debug, Clone, Copy)]
pub struct StackRequest<'a> {
    /// The Compose files.
    pub compose: &'a Compose,
    /// The repository as it is graded.
    pub root: &'a Path,
}

/// A stack that can be brought up.
#[derive(Debug)]
pub struct Plan {
    /// The model as Compose resolved it.
    pub(crate) model: Value,
    /// The Compose file.
    pub(crate) file: Place,
    /// Where each service stands.
    pub(crate) places: BTreeMap<String, Place>,
    /// Where the user of each service stands.
    pub(crate) users: BTreeMap<String, Place>,
    /// Where the commands that each service runs after its start stand.
    pub(crate) hooks: BTreeMap<String, Place>,
    /// Where each service's published ports stand, by the port in the container.
    pub(crate) ports: BTreeMap<String, BTreeMap<u32, Place>>,
    /// What is mounted from copies: the original and the copy.
    pub(crate) copies: Vec<(PathBuf, PathBuf)>,
    /// The health checks of the images that are not built.
    pub(crate) health: BTreeMap<String, HealthConfig>,
    /// The host's pace when this was planned. Services that start early need the same settings as at the later `up`.
    pub(crate) pace: Pace,
    /// The folder of Compose's own paths.
    pub(crate) directory: PathBuf,
    /// A folder of the run's own.
    pub(crate) folder: tempfile::TempDir,
    /// What has to be built, by service.
    pub builds: BTreeMap<String, ServiceBuild>,
    /// What the policy has to say, though it is run.
    pub notes: Vec<String>,
}

/// A service's build, its paths absolute.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct ServiceBuild {
    /// The build context.
    pub context: PathBuf,
    /// The Dockerfile.
    pub dockerfile: PathBuf,
    /// The stage; the last if not said.
    pub target: Option<String>,
    /// Build arguments.
    pub args: BTreeMap<String, String>,
}

/// The files as Compose resolved them.
#[derive(Debug)]
pub struct Resolution {
    text: String,
    root: PathBuf,
    folder: tempfile::TempDir,
    notes: Vec<String>,
    /// Compose's warnings that the files alone don't show.
    pub warnings: Vec<String>,
}

/// Why Compose did not resolve the files.
#[derive(Debug)]
pub enum Unresolved {
    /// Compose refuses them, and why.
    ByCompose(Vec<Finding>),
    /// They are not given to Compose, and why.
    ByPolicy(Vec<Finding>),
    /// Through no fault of the learner; one sentence.
    Machine(String),
}

impl From<Unresolved> for Fault {
    fn from(why: Unresolved) -> Self {
        match why {
            Unresolved::ByCompose(findings) | Unresolved::ByPolicy(findings) => Self::Learner(findings),
            Unresolved::Machine(why) => Self::Machine(why),
        }
    }
}

/// Checks the files as written, and has Compose resolve them.
pub async fn resolve(
    engine: &Engine,
    request: &StackRequest<'_>,
    doing: &dyn Fn(String),
) -> Result<Resolution, Unresolved> {
    let compose = request.compose;
    let ours = |what: &str, error: std::io::Error| Unresolved::Machine(format!("{what}: {error}"));
    let root = request.root.canonicalize().map_err(|error| ours("the repository's copy can not be read", error))?;
    // Beside the repository's copy, which lies where the engine can mount it.
    let beside = root
        .parent()
        .map_or_else(tempfile::tempdir, |parent| tempfile::tempdir_in(parent).or_else(|_| tempfile::tempdir()));
    let mut folder = beside.map_err(|error| ours("no temporary folder could be made", error))?;
    folder.disable_cleanup(engine.keeps);
    // A file that was not read was not checked either.
    let unread = compose.files.iter().find(|file| file.tree.is_none());
    if let Some(problem) = unread.and_then(|_| compose.problems.first()) {
        let place = Some(problem.place.clone());
        let message = format!("{} can not be read: {}", problem.place.path, problem.message);
        return Err(Unresolved::ByPolicy(vec![Finding { message, place, ..Finding::default() }]));
    }
    let (refused, notes) = policy::written(&engine.policy, compose, &root).settle(&engine.policy);
    if !refused.is_empty() {
        return Err(Unresolved::ByPolicy(refused.into_iter().map(policy::not_run).collect()));
    }
    doing("read the Compose file".to_owned());
    let resolved = config::resolve(engine, compose, &root, folder.path()).await.map_err(|fault| match fault {
        Fault::Learner(findings) => Unresolved::ByCompose(findings),
        Fault::Machine(why) => Unresolved::Machine(why),
    })?;
    Ok(Resolution { text: resolved.model, root, folder, notes, warnings: resolved.warnings })
}

/// Has Compose resolve the files, and prepares what comes of it.
pub async fn prepare(engine: &Engine, request: &StackRequest<'_>, doing: &dyn Fn(String)) -> Result<Plan, Fault> {
    let resolution = resolve(engine, request, doing).await?;
    prepare_resolved(engine, request, resolution, doing).await
}

/// Checks the model, and obtains the images that it names.
pub async fn prepare_resolved(
    engine: &Engine,
    request: &StackRequest<'_>,
    resolution: Resolution,
    doing: &dyn Fn(String),
) -> Result<Plan, Fault> {
    let compose = request.compose;
    let Resolution { text, root, folder, mut notes, .. } = resolution;
    let ours = |what: &str, error: std::io::Error| Fault::Machine(format!("{what}: {error}"));
    let (refused, more) = policy::resolved(&engine.policy, &text, compose, &root).settle(&engine.policy);
    refuse(refused.into_iter().map(policy::not_run).collect())?;
    // A run has ports and names of its own: two that clash would not show.
    let clashes = compose.problems.iter().filter(|problem| problem.by == By::Engine);
    refuse(clashes.map(clash).collect())?;
    notes.extend(more);
    notes.sort();
    notes.dedup();
    let mut model = config::parse(&text)?;
    shared::share(&mut model);
    if engine.is_remote && binds::has_any(&model) {
        let why = "the Docker Engine is on another machine, where the files that the Compose file mounts are not";
        return Err(Fault::machine(why));
    }
    let (model, copies, folder) = move_out_of_reach(model, root.clone(), folder, compose).await?;
    let services = model.get("services").and_then(Value::as_object).cloned().unwrap_or_default();
    if services.is_empty() {
        let message = format!("{} defines no service that is started by default", compose.path());
        let place = Some(compose.place_of(&["services"]));
        return Err(Finding { message, place, ..Finding::default() }.into());
    }
    let containers = services.values().map(model::replicas).fold(0, usize::saturating_add);
    if containers > MAX_CONTAINERS {
        let message =
            format!("{} starts {containers} containers; {MAX_CONTAINERS} is the most that is run", compose.path());
        let place = Some(compose.place_of(&["services"]));
        return Err(Finding { message, place, ..Finding::default() }.into());
    }
    let health = obtain(engine, compose, &services, doing).await?;
    let builds = builds(&services, folder.path()).map_err(|error| ours("a Dockerfile could not be written", error))?;
    let places = services.keys().map(|name| (name.clone(), compose.place_of(&["services", name]))).collect();
    let users = services.keys().map(|name| (name.clone(), compose.place_of(&["services", name, "user"]))).collect();
    let hooks =
        services.keys().map(|name| (name.clone(), compose.place_of(&["services", name, "post_start"]))).collect();
    let of_service =
        |service: &Service| service.ports.iter().map(|port| (port.value.target, port.place.clone())).collect();
    let ports = compose.project.services.iter().map(|(name, service)| (name.clone(), of_service(service))).collect();
    let (file, directory) = (Place::file(compose.path()), root.join(compose.directory()));
    Ok(Plan {
        model,
        file,
        places,
        users,
        hooks,
        ports,
        copies,
        health,
        pace: engine.pace.now(),
        directory,
        folder,
        builds,
        notes,
    })
}

fn refuse(findings: Vec<Finding>) -> Result<(), Fault> {
    if findings.is_empty() { Ok(()) } else { Err(Fault::Learner(findings)) }
}

/// Copies what is mounted writable, on a thread of its own, which stops when nobody waits for it any more. The folder is
/// its own meanwhile: what was copied by then is removed.
async fn move_out_of_reach(
    mut model: Value,
    root: PathBuf,
    folder: tempfile::TempDir,
    compose: &Compose,
) -> Result<(Value, Vec<(PathBuf, PathBuf)>, tempfile::TempDir), Fault> {
    let ongoing = Ongoing::default();
    let stop = ongoing.stop_on_drop();
    let copied = spawn_blocking(move || {
        let copies = binds::move_out_of_reach(&mut model, &root, folder.path(), &ongoing)?;
        Ok((model, copies, folder))
    });
    let copied = copied.await.map_err(|error| Fault::machine(error.to_string()))?;
    stop.disarm();
    copied.map_err(|error: NoCopy| match error {
        NoCopy::TooMuch(_) => {
            let place = Some(Place::file(compose.path()));
            Finding { message: error.to_string(), place, ..Finding::default() }.into()
        }
        NoCopy::Machine(_) => Fault::machine(error.to_string()),
    })
}

/// What no engine can run, whatever the host.
fn clash(problem: &Problem) -> Finding {
    Finding {
        message: format!("Docker can't start this stack: {}", problem.message),
        place: Some(problem.place.clone()),
        ..Finding::default()
    }
}

/// Obtains the images of the services that are not built, each once; their health checks by service.
async fn obtain(
    engine: &Engine,
    compose: &Compose,
    services: &Map<String, Value>,
    doing: &dyn Fn(String),
) -> Result<BTreeMap<String, HealthConfig>, Fault> {
    let mut wanted: BTreeMap<(String, Option<String>), Vec<&String>> = BTreeMap::new();
    for (name, service) in services.iter().filter(|(_, service)| service.get("build").is_none()) {
        let text = |key: &str| service.get(key).and_then(Value::as_str).map(|text| text.replace("$$", "$"));
        wanted.entry((text("image").unwrap_or_default(), text("platform"))).or_default().push(name);
    }
    let found = join_all(wanted.into_iter().map(|((image, platform), names)| async move {
        let found = images::obtain(engine, &image, platform.as_deref(), doing).await;
        (names, found)
    }));
    let (mut health, mut missing) = (BTreeMap::new(), Vec::new());
    for (names, found) in found.await {
        match found {
            Ok(check) => {
                let checks = names.into_iter().filter_map(|name| Some((name.clone(), check.clone()?)));
                health.extend(checks);
            }
            Err(Fault::Learner(findings)) => {
                for (finding, name) in findings.into_iter().zip(names.first()) {
                    missing.push(Finding {
                        message: format!("{} for the service `{name}`", finding.message),
                        place: Some(compose.place_of(&["services", name, "image"])),
                        because: finding.because.map(|said| said.chars().take(300).collect()),
                        ..finding
                    });
                }
            }
            Err(machine) => return Err(machine),
        }
    }
    refuse(missing).map(|()| health)
}

/// What has to be built. An inline Dockerfile is written into the folder.
fn builds(services: &Map<String, Value>, folder: &Path) -> std::io::Result<BTreeMap<String, ServiceBuild>> {
    let mut builds = BTreeMap::new();
    for (number, (name, service)) in services.iter().enumerate() {
        let Some(build) = service.get("build") else { continue };
        let text = |key: &str| build.get(key).and_then(Value::as_str).map(|text| text.replace("$$", "$"));
        let context = PathBuf::from(text("context").unwrap_or_default());
        let dockerfile = match text("dockerfile_inline") {
            None => dockerfile(&context, &text("dockerfile").unwrap_or_else(|| "Dockerfile".to_owned())),
            Some(inline) => {
                let path = folder.join(format!("inline-{number}.Dockerfile"));
                std::fs::write(&path, inline)?;
                path
            }
        };
        let args = build.get("args").and_then(Value::as_object).into_iter().flatten();
        let args = args.filter_map(|(name, value)| Some((name.clone(), value.as_str()?.replace("$$", "$")))).collect();
        builds.insert(name.clone(), ServiceBuild { context, dockerfile, target: text("target"), args });
    }
    Ok(builds)
}

/// A Dockerfile by its name; Docker takes `dockerfile` too where there is no `Dockerfile`.
fn dockerfile(context: &Path, name: &str) -> PathBuf {
    let lower = context.join("dockerfile");
    let path = context.join(name);
    if name == "Dockerfile" && !path.exists() && lower.exists() { lower } else { path }
}
