//! A stack before it is brought up: resolved, checked, what it needs obtained. Needs no image that is to be built, so that
//! it can be made beside the build.

use super::binds;
use super::config;
use super::config::NoModel;
use super::images;
use super::images::Image;
use super::shared;
use super::up;
use crate::compose::{By, Compose, Problem};
use crate::engine::Engine;
use crate::outcome::Finding;
use crate::place::Place;
use crate::policy;
use bollard::models::HealthConfig;
use futures_util::future::join_all;
use serde_json::{Map, Value};
use std::collections::BTreeMap;
use std::path::{Path, PathBuf};

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
    /// What is mounted from copies: the original and the copy.
    pub(crate) copies: Vec<(PathBuf, PathBuf)>,
    /// The health checks of the images that are not built.
    pub(crate) health: BTreeMap<String, HealthConfig>,
    /// The folder of Compose's own paths.
    pub(crate) directory: PathBuf,
    /// A folder of the run's own.
    pub(crate) folder: tempfile::TempDir,
    /// What has to be built, by service.
    pub builds: BTreeMap<String, Build>,
    /// What the policy has to say, though it is run.
    pub notes: Vec<String>,
}

/// A service's build, its paths absolute.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Build {
    /// The build context.
    pub context: PathBuf,
    /// The Dockerfile.
    pub dockerfile: PathBuf,
    /// The stage; the last if not said.
    pub target: Option<String>,
    /// Build arguments.
    pub args: BTreeMap<String, String>,
}

/// What comes of preparing a stack.
#[derive(Debug)]
pub enum Prepared {
    /// It can be brought up.
    Ready(Box<Plan>),
    /// The learner has something to change first.
    Refused(Vec<Finding>),
    /// It could not be prepared, through no fault of the learner; one sentence.
    Machine(String),
}

/// The files as Compose resolved them.
#[derive(Debug)]
pub struct Resolution {
    text: String,
    root: PathBuf,
    folder: tempfile::TempDir,
    notes: Vec<String>,
}

/// Why Compose did not resolve the files.
#[derive(Debug)]
pub enum Unresolved {
    /// Compose refuses them, and why.
    ByCompose(Finding),
    /// They are not given to Compose, and why.
    ByPolicy(Vec<Finding>),
    /// Through no fault of the learner; one sentence.
    Machine(String),
}

impl From<Unresolved> for Prepared {
    fn from(why: Unresolved) -> Self {
        match why {
            Unresolved::ByCompose(finding) => Self::Refused(vec![finding]),
            Unresolved::ByPolicy(findings) => Self::Refused(findings),
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
    let text = config::resolve(engine, compose, &root, folder.path()).await.map_err(|none| match none {
        NoModel::Refused(finding) => Unresolved::ByCompose(*finding),
        NoModel::Machine(why) => Unresolved::Machine(why),
    })?;
    Ok(Resolution { text, root, folder, notes })
}

/// Has Compose resolve the files, and prepares what comes of it.
pub async fn prepare(engine: &Engine, request: &StackRequest<'_>, doing: &dyn Fn(String)) -> Prepared {
    match resolve(engine, request, doing).await {
        Ok(resolution) => prepare_resolved(engine, request, resolution, doing).await,
        Err(why) => why.into(),
    }
}

/// Checks the model, and obtains the images that it names.
pub async fn prepare_resolved(
    engine: &Engine,
    request: &StackRequest<'_>,
    resolution: Resolution,
    doing: &dyn Fn(String),
) -> Prepared {
    match make(engine, request, resolution, doing).await {
        Ok(plan) => Prepared::Ready(Box::new(plan)),
        Err(Stop::Refused(findings)) => Prepared::Refused(findings),
        Err(Stop::Machine(why)) => Prepared::Machine(why),
    }
}

enum Stop {
    Refused(Vec<Finding>),
    Machine(String),
}

impl From<NoModel> for Stop {
    fn from(none: NoModel) -> Self {
        match none {
            NoModel::Refused(finding) => Self::Refused(vec![*finding]),
            NoModel::Machine(why) => Self::Machine(why),
        }
    }
}

async fn make(
    engine: &Engine,
    request: &StackRequest<'_>,
    resolution: Resolution,
    doing: &dyn Fn(String),
) -> Result<Plan, Stop> {
    let compose = request.compose;
    let Resolution { text, root, folder, mut notes } = resolution;
    let ours = |what: &str, error: std::io::Error| Stop::Machine(format!("{what}: {error}"));
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
        return Err(Stop::Machine(why.to_owned()));
    }
    let copies = binds::move_out_of_reach(&mut model, &root, folder.path()).map_err(|error| match error {
        binds::NoCopy::TooMuch(_) => {
            let place = Some(Place::file(compose.path()));
            Stop::Refused(vec![Finding { message: error.to_string(), place, ..Finding::default() }])
        }
        binds::NoCopy::Machine(_) => Stop::Machine(error.to_string()),
    })?;
    let services = model.get("services").and_then(Value::as_object).cloned().unwrap_or_default();
    if services.is_empty() {
        let message = format!("{} defines no service that is started by default", compose.path());
        let place = Some(compose.place_of(&["services"]));
        return Err(Stop::Refused(vec![Finding { message, place, ..Finding::default() }]));
    }
    let containers = services.values().map(up::replicas).fold(0, usize::saturating_add);
    if containers > MAX_CONTAINERS {
        let message =
            format!("{} starts {containers} containers; {MAX_CONTAINERS} is the most that is run", compose.path());
        let place = Some(compose.place_of(&["services"]));
        return Err(Stop::Refused(vec![Finding { message, place, ..Finding::default() }]));
    }
    let health = obtain(engine, compose, &services, doing).await?;
    let builds = builds(&services, folder.path()).map_err(|error| ours("a Dockerfile could not be written", error))?;
    let places = services.keys().map(|name| (name.clone(), compose.place_of(&["services", name]))).collect();
    let users = services.keys().map(|name| (name.clone(), compose.place_of(&["services", name, "user"]))).collect();
    let (file, directory) = (Place::file(compose.path()), root.join(compose.directory()));
    Ok(Plan { model, file, places, users, copies, health, directory, folder, builds, notes })
}

/// What no engine can run, whatever the host.
fn clash(problem: &Problem) -> Finding {
    Finding {
        message: format!("The stack can't start on any machine: {}", problem.message),
        place: Some(problem.place.clone()),
        ..Finding::default()
    }
}

fn refuse(findings: Vec<Finding>) -> Result<(), Stop> {
    if findings.is_empty() { Ok(()) } else { Err(Stop::Refused(findings)) }
}

/// Obtains the images of the services that are not built, each once; their health checks by service.
async fn obtain(
    engine: &Engine,
    compose: &Compose,
    services: &Map<String, Value>,
    doing: &dyn Fn(String),
) -> Result<BTreeMap<String, HealthConfig>, Stop> {
    let mut wanted: BTreeMap<(String, Option<String>), Vec<&String>> = BTreeMap::new();
    for (name, service) in services.iter().filter(|(_, service)| service.get("build").is_none()) {
        let text = |key: &str| service.get(key).and_then(Value::as_str).map(|text| text.replace("$$", "$"));
        wanted.entry((text("image").unwrap_or_default(), text("platform"))).or_default().push(name);
    }
    let found = join_all(wanted.into_iter().map(|((image, platform), names)| async move {
        let found = images::obtain(engine, &image, platform.as_deref(), doing).await;
        (image, names, found)
    }));
    let (mut health, mut missing) = (BTreeMap::new(), Vec::new());
    for (image, names, found) in found.await {
        match found {
            Image::There(check) => {
                for (name, check) in names.into_iter().filter_map(|name| Some((name, (*check).clone()?))) {
                    health.insert(name.clone(), check);
                }
            }
            Image::Missing(said) => missing.extend(names.first().map(|name| Finding {
                message: format!("There is no image `{image}` that could be pulled for the service `{name}`"),
                place: Some(compose.place_of(&["services", name, "image"])),
                actual: Some("none in the registry, or none for everybody".to_owned()),
                because: Some(said.chars().take(300).collect()),
                hint: Some("Check the name and the tag for slips; hub.docker.com lists what there is.".to_owned()),
                ..Finding::default()
            })),
            Image::Machine(why) => return Err(Stop::Machine(why)),
        }
    }
    refuse(missing).map(|()| health)
}

/// What has to be built. An inline Dockerfile is written into the folder.
fn builds(services: &Map<String, Value>, folder: &Path) -> std::io::Result<BTreeMap<String, Build>> {
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
        builds.insert(name.clone(), Build { context, dockerfile, target: text("target"), args });
    }
    Ok(builds)
}

/// A Dockerfile by its name; Docker takes `dockerfile` too where there is no `Dockerfile`.
fn dockerfile(context: &Path, name: &str) -> PathBuf {
    let lower = context.join("dockerfile");
    let path = context.join(name);
    if name == "Dockerfile" && !path.exists() && lower.exists() { lower } else { path }
}
