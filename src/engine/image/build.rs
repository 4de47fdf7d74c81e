//! Builds an image with `docker buildx build`, tells what it does meanwhile, and why it failed.

mod command;
mod ending;
mod error;
pub mod fault;
mod filling;
mod labels;
pub mod memory;
pub mod progress;
pub mod reach;
mod report;
pub mod server;
mod syntax;
mod transcript;
mod values;
mod warning;

pub use error::BuildError;
pub use fault::BuildFault;
pub use progress::Done;
pub use transcript::Transcript;
pub use warning::BuildWarning;

use crate::dockerfile::{Dockerfiles, MAX_TEXT};
use crate::engine::Engine;
use crate::engine::connect::api::{Doing, status};
use crate::engine::connect::hub;
use crate::engine::image::builder;
use crate::engine::process::ProcessError;
use crate::engine::process::{Running, Stream};
use crate::engine::watch::disk;
use crate::outcome::Finding;
use crate::policy;
use crate::policy::build::Build;
use crate::repository::Ongoing;
use bollard::models::ImageInspect;
use ending::{BuildEnd, failed};
use progress::BuildProgress;
use std::collections::BTreeMap;
use std::path::{Path, PathBuf};
use std::sync::Arc;
use std::time::Duration;
use tokio::task::spawn_blocking;
use tokio::time::{Instant, sleep_until};

/// How long a build may take unless said otherwise; pulling is not counted.
pub const LIMIT: Duration = Duration::from_secs(600);
/// How long a pull may stand still.
const STANDSTILL: Duration = Duration::from_secs(120);
/// An engine whose disk has so many bytes left is not short of them.
const ROOM: u64 = 64 << 20;

/// What to build.
#[derive(Debug, Clone)]
pub struct BuildRequest<'a> {
    /// The repository that it is built from: nothing of the build may lead out of it.
    pub root: &'a Path,
    /// The build context's folder, absolute.
    pub context: &'a Path,
    /// The Dockerfile, absolute.
    pub dockerfile: &'a Path,
    /// The Dockerfiles that were parsed already.
    pub dockerfiles: &'a Dockerfiles,
    /// The stage to build; the last if not said.
    pub target: Option<&'a str>,
    /// Build arguments.
    pub args: &'a BTreeMap<String, String>,
    /// Secrets that a `RUN --mount=type=secret` sees, by their ids. They are dummies of the challenge's.
    pub secrets: &'a BTreeMap<String, String>,
    /// The names of the Dockerfile's stages, to see slips in `COPY --from`.
    pub stages: &'a [String],
    /// The tag it gets; see [`crate::engine::Run::image_tag`].
    pub tag: &'a str,
    /// What it is built for; the engine's own platform if not said.
    pub platform: Option<&'a str>,
    /// Folders that the Dockerfile knows by name, absolute.
    pub contexts: &'a BTreeMap<String, PathBuf>,
    /// How long it may take, pulls not counted.
    pub limit: Duration,
}

/// An image that was built.
#[derive(Debug, Clone)]
pub struct Built {
    /// Its tag.
    pub tag: String,
    /// What the engine says about it.
    pub image: ImageInspect,
    /// The images it is built on, as written, with their digests (or the id of a local one).
    pub bases: BTreeMap<String, String>,
    /// What BuildKit warns of.
    pub warnings: Vec<BuildWarning>,
    /// The steps of the build, and which of them were there already.
    pub steps: Vec<Done>,
    /// What the learner should know about how it was built.
    pub notes: Vec<String>,
}

/// A build that failed.
#[derive(Debug, Clone, Default)]
pub struct Failed {
    /// What failed, in a sentence.
    pub message: String,
    /// The step that failed, as BuildKit names it, without the count: `RUN pip install flask`.
    pub step: Option<String>,
    /// The first and the last line of the Dockerfile that it is about.
    pub lines: Option<(u32, u32)>,
    /// The command's exit code, if one ended with another than 0.
    pub exit_code: Option<i64>,
    /// The end of what the step printed.
    pub log: String,
    /// Whose fault it is; never [`BuildFault::Network`] or
    /// [`BuildFault::UnknownRegistry`], which are decided by then.
    pub fault: Option<BuildFault>,
    /// What BuildKit warned of before it failed.
    pub warnings: Vec<BuildWarning>,
    /// What of it is refused, so that it was not even begun.
    pub refused: Vec<Finding>,
    /// What the learner should know about how it was built.
    pub notes: Vec<String>,
}

/// Builds an image. `doing` hears what it does now whenever that changes.
pub async fn build(engine: &Engine, request: &BuildRequest<'_>, doing: &dyn Fn(String)) -> Result<Built, Box<Failed>> {
    let notes = allowed(engine, request).await?;
    let mut outcome = make(engine, request, doing).await;
    match &mut outcome {
        Ok(built) => {
            built.notes.extend(notes);
            let (refused, notes) = labels::brought_along(engine, &built.image).settle(&engine.policy);
            built.notes.extend(notes);
            if !refused.is_empty() {
                let notes = std::mem::take(&mut built.notes);
                return Err(Box::new(refusal(refused, notes)));
            }
        }
        Err(failed) => failed.notes.extend(notes),
    }
    outcome
}

/// Whether the policy lets it be built; what it has to say of it all the same.
async fn allowed(engine: &Engine, request: &BuildRequest<'_>) -> Result<Vec<String>, Box<Failed>> {
    let (mut verdict, bases) = judged(engine, request).await?;
    for base in bases {
        // What is not here is pulled by the builder, which tells nobody.
        let triggers = engine.docker.inspect_image(&base).await.ok().and_then(|image| image.config?.on_build);
        verdict.extend(policy::build::triggers(
            &engine.policy,
            &base,
            &triggers.unwrap_or_default(),
            request.dockerfiles,
        ));
    }
    let (refused, notes) = verdict.settle(&engine.policy);
    if refused.is_empty() { Ok(notes) } else { Err(Box::new(refusal(refused, notes))) }
}

/// A build that was not begun, or whose image is not run.
fn refusal(refused: Vec<Finding>, notes: Vec<String>) -> Failed {
    let first = refused.first();
    let line = first.and_then(|first| first.place.as_ref()?.line);
    Failed {
        message: first.map_or_else(String::new, |first| match &first.hint {
            None => first.message.clone(),
            Some(hint) => format!("{}. {hint}", first.message),
        }),
        lines: line.map(|line| (line, line)),
        fault: Some(BuildFault::Learner),
        refused: refused.into_iter().map(policy::not_run).collect(),
        notes,
        ..Failed::default()
    }
}

/// What the policy says of a build and what it is based on, on a thread of its own: a large context takes its time.
async fn judged(engine: &Engine, request: &BuildRequest<'_>) -> Result<(policy::Decision, Vec<String>), BuildError> {
    let policy = Arc::clone(&engine.policy);
    let [root, context, dockerfile] = [request.root, request.context, request.dockerfile].map(Path::to_owned);
    let (args, contexts, dockerfiles) = (request.args.clone(), request.contexts.clone(), request.dockerfiles.clone());
    let platform = request.platform.map(str::to_owned);
    let ongoing = Ongoing::default();
    let stop = ongoing.stop_on_drop();
    let judged = spawn_blocking(move || {
        let (root, context, dockerfile) = (root.as_path(), context.as_path(), dockerfile.as_path());
        let (args, contexts, platform) = (&args, &contexts, platform.as_deref());
        let wanted = Build { root, context, dockerfile, args, platform, contexts };
        policy::build::within(&policy, &wanted, &dockerfiles, &ongoing)
    });
    let mut judged = judged.await.map_err(|error| BuildError::File {
        path: request.dockerfile.display().to_string(),
        cause: std::io::Error::other(error),
    })?;
    stop.disarm();
    if !request.secrets.is_empty() {
        judged.0.advised.retain(|note| !note.message.contains("--mount=type=secret"));
    }
    Ok(judged)
}

/// Builds it; where the frontend that it names can't be fetched, with the engine's own.
async fn make(engine: &Engine, request: &BuildRequest<'_>, doing: &dyn Fn(String)) -> Result<Built, Box<Failed>> {
    let outcome = attempt(engine, request, doing).await;
    let Err(failed) = outcome else { return outcome };
    let Some(BuildFault::Machine(why)) = &failed.fault else { return Err(failed) };
    // What is longer was not read by the policy either, if it was trusted.
    let dockerfile = policy::build::read(request.dockerfile);
    if dockerfile.len() as u64 > MAX_TEXT {
        return Err(failed);
    }
    let frontend = syntax::frontend(&dockerfile).map(|name| progress::familiar(&name));
    let unreachable = |name: &String| name.starts_with("docker/dockerfile") && why.contains(name.as_str());
    let Some(frontend) = frontend.filter(unreachable) else { return Err(failed) };
    let cause = |cause| BuildError::File { path: request.dockerfile.display().to_string(), cause };
    let copy = syntax::copy_without(request.root, request.dockerfile, &dockerfile).map_err(cause)?;
    let request = BuildRequest { dockerfile: &copy.path().join("Dockerfile"), ..request.clone() };
    let note = format!("`# syntax={frontend}` could not be fetched: the engine's own builder was used instead.");
    let mut outcome = attempt(engine, &request, doing).await;
    match &mut outcome {
        Ok(built) => built.notes.push(note),
        Err(failed) => failed.notes.push(note),
    }
    outcome
}

/// Builds it; again, if the disk lost and got back more than a build may write. Somebody else can have written that and
/// removed it just then: twice at the same steps it is the build itself.
async fn attempt(engine: &Engine, request: &BuildRequest<'_>, doing: &dyn Fn(String)) -> Result<Built, Box<Failed>> {
    match once(engine, request, doing).await? {
        Attempt::Built(built) => Ok(*built),
        Attempt::Filled(_) => match once(engine, request, doing).await? {
            Attempt::Built(built) => Ok(*built),
            Attempt::Filled(failed) => Err(failed),
        },
    }
}

/// What came of one attempt that did not fail in a step.
enum Attempt {
    Built(Box<Built>),
    /// Ended, because so much of the disk was filled meanwhile, which came back.
    Filled(Box<Failed>),
}

async fn once(engine: &Engine, request: &BuildRequest<'_>, doing: &dyn Fn(String)) -> Result<Attempt, Box<Failed>> {
    let command = command::of(engine, request);
    let mut seen = Transcript::default();
    let mut running = command.start().map_err(BuildError::from)?;
    let cut = builder::Cut::of(engine);
    let before = disk::free(engine);
    let end = tokio::select! {
        end = follow(&mut running, &mut seen, request.limit, doing) => end,
        () = filling::fills(engine, before) => Ok(BuildEnd::DiskFilled { left: disk::free(engine).unwrap_or_default() }),
    };
    let lost = |cause| BuildError::Process(ProcessError { program: "docker buildx build".into(), cause });
    let end = end.map_err(lost)?;
    if end == BuildEnd::ByItself {
        cut.forget();
    }
    let finished = running.finish(end != BuildEnd::ByItself).await.map_err(lost)?;
    seen.end();
    if finished.success() {
        let built = built(engine, request.tag, seen.progress).await?;
        return Ok(Attempt::Built(Box::new(built)));
    }
    let mut failed = failed(engine, &seen, &finished, end, request);
    failed.warnings.clone_from(&seen.progress.warnings);
    if let BuildEnd::DiskFilled { left } = end {
        if filling::is_freed(engine, left).await {
            return Ok(Attempt::Filled(Box::new(failed)));
        }
        let why = "Docker's disk is filling up, and not only by this build, so it was stopped";
        failed.fault = Some(BuildFault::Machine(why.to_owned()));
    }
    // No step of the build has failed: it is the tool that had no room, here.
    let is_full = failed.fault == Some(BuildFault::Machine(fault::DISK_FULL.into())) && failed.step.is_none();
    if is_full && disk::tightest(engine).is_some_and(|(free, _)| free > ROOM) {
        let folder = std::env::temp_dir();
        let why = format!("{} is full: make room there, or let TMPDIR name a folder on another disk", folder.display());
        failed.fault = Some(BuildFault::Machine(why));
    }
    // No build may write as much as is free: it has said so of something else, or of nothing.
    if failed.fault.as_ref().is_some_and(BuildFault::is_full_disk) && disk::has_room(engine) {
        failed.fault = Some(BuildFault::Learner);
    }
    if let Some(BuildFault::UnknownRegistry { image, why }) = failed.fault {
        let is_wrong_name = hub::answers(engine).await;
        failed.fault = Some(if is_wrong_name {
            BuildFault::MissingImage { image, meant: None }
        } else {
            BuildFault::Machine(why)
        });
    }
    if failed.fault == Some(BuildFault::Network) {
        let base = seen.progress.base_of_open();
        let said = format!("{} {}", failed.message, failed.log);
        failed.fault = Some(match reach::broken(engine, base.as_deref(), &said).await {
            Some(why) => BuildFault::Machine(format!("{why}: {}", failed.message)),
            None if end == BuildEnd::TimeOver => BuildFault::Timeout,
            None => BuildFault::Learner,
        });
    }
    Err(Box::new(failed))
}

/// Listens until the build ends, or its time is over. The clock stands still while something is pulled.
async fn follow(
    running: &mut Running,
    seen: &mut Transcript,
    limit: Duration,
    doing: &dyn Fn(String),
) -> std::io::Result<BuildEnd> {
    let (mut deadline, mut standstill) = (Instant::now() + limit, Instant::now() + STANDSTILL);
    let (mut last, mut pulled, mut said) = (Instant::now(), 0, String::new());
    loop {
        let pulling = seen.progress.is_pulling();
        let wake = if pulling { standstill } else { deadline };
        let output = tokio::select! {
            output = running.next() => output?,
            () = sleep_until(wake) => return Ok(if pulling { BuildEnd::PullStoodStill } else { BuildEnd::TimeOver }),
        };
        let Some((stream, bytes)) = output else { return Ok(BuildEnd::ByItself) };
        let now = Instant::now();
        if pulling {
            deadline += now - last;
        }
        last = now;
        if stream == Stream::Stderr {
            seen.push(bytes);
        }
        if !pulling || seen.progress.pulled != pulled {
            (pulled, standstill) = (seen.progress.pulled, now + STANDSTILL);
        }
        if let Some(text) = seen.progress.doing().filter(|text| *text != said) {
            said.clone_from(&text);
            doing(text);
        }
    }
}

async fn built(engine: &Engine, tag: &str, progress: BuildProgress) -> Result<Built, BuildError> {
    let image = engine.docker.inspect_image(tag).await.doing(|| format!("inspect the built image {tag}"))?;
    let mut bases = BTreeMap::new();
    for (name, digest) in progress.bases() {
        let digest = match digest {
            Some(digest) => Some(digest),
            None => match engine.docker.inspect_image(&name).await {
                Ok(base) => base
                    .repo_digests
                    .unwrap_or_default()
                    .first()
                    .and_then(|it| Some(it.split_once('@')?.1.into()))
                    .or(base.id),
                Err(error) if status(&error) == Some(404) => None,
                Err(error) => return Err(error).doing(|| format!("inspect the base image {name}"))?,
            },
        };
        bases.insert(name, digest.unwrap_or_default());
    }
    let steps = progress.done();
    Ok(Built { tag: tag.to_owned(), image, bases, warnings: progress.warnings, steps, notes: Vec::new() })
}
