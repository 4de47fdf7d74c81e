//! The files that steps may change: a copy of the graded ones, as they were before anything ran.

use super::{Acting, StepRunner};
use crate::dockerfile::{Dockerfile, Dockerfiles};
use crate::engine::image::build::Built;
use crate::outcome::Fault;
use crate::place::Place;
use crate::repository::{Ongoing, Repository, Snapshot};
use std::path::{Path, PathBuf};
use std::time::Duration;
use tokio::task::spawn_blocking;

/// The files that steps may change, and how the image is built of them.
#[derive(Clone, Copy)]
pub struct Workspace<'a> {
    /// The graded files, on which the stack runs.
    pub root: &'a Path,
    /// A copy of them from before anything ran, if a step needs one; or why there is none.
    pub pristine: Option<&'a Result<Snapshot, Fault>>,
    /// The Dockerfile's path in the repository.
    pub dockerfile: &'a str,
    /// The Dockerfiles that were parsed already.
    pub dockerfiles: &'a Dockerfiles,
    /// Builds the image of a copy.
    pub builder: &'a dyn ImageBuilder,
    /// How long steps may take.
    pub limits: StepLimits,
}

/// How long steps may take; the grader's own bounds where `None`.
#[derive(Debug, Clone, Copy, Default)]
pub struct StepLimits {
    /// One step.
    pub step: Option<Duration>,
    /// A container, until it is ready.
    pub start: Option<Duration>,
    /// A build.
    pub build: Duration,
}

/// Builds the graded image, of a copy of the repository. The run knows how.
pub trait ImageBuilder {
    /// Builds the image of a copy at `root`, and of the Dockerfile in it, as `tag`.
    fn build<'b>(
        &'b self,
        root: &'b Path,
        file: &'b Dockerfile,
        tag: &'b str,
        doing: &'b dyn Fn(String),
    ) -> Acting<'b, Built>;
}

impl<'a> StepRunner<'a> {
    /// The workspace, which only a step that changes nothing can do without.
    pub(super) fn workspace(&self) -> Result<Workspace<'a>, Fault> {
        self.workspace.ok_or_else(no_files)
    }

    /// How long steps may take.
    pub(super) fn limits(&self) -> StepLimits {
        self.workspace.map(|workspace| workspace.limits).unwrap_or_default()
    }

    /// A copy of the graded files, with what was edited so far.
    pub(super) async fn copy_as_it_is(&mut self) -> Result<PathBuf, Fault> {
        let root = self.copy().await?;
        for (file, bytes) in &self.made.changed {
            plant(&root, file, bytes, u64::MAX)?;
        }
        Ok(root)
    }

    /// A copy of the graded files as they were before anything ran, which no container sees; one for all of the check's
    /// steps.
    pub(super) async fn copy(&mut self) -> Result<PathBuf, Fault> {
        if let Some(copy) = &self.made.copy {
            return Ok(copy.dir().to_owned());
        }
        let pristine = match self.workspace()?.pristine {
            Some(Ok(pristine)) => pristine.dir().to_owned(),
            Some(Err(fault)) => return Err(fault.clone()),
            None => return Err(no_files()),
        };
        let ongoing = Ongoing::default();
        let stop = ongoing.stop_on_drop();
        let copied = spawn_blocking(move || {
            let pristine = Repository::open(pristine).map_err(Fault::machine)?;
            Snapshot::take(&pristine.part_of(&ongoing), None).map_err(Fault::machine)
        });
        let copied = copied.await.map_err(Fault::machine)?;
        stop.disarm();
        let copy = copied?;
        let dir = copy.dir().to_owned();
        self.made.copy = Some(copy);
        Ok(dir)
    }
}

fn no_files() -> Fault {
    Fault::machine("there are no files that could be changed")
}

/// The bytes of a file; `named` is what it is called in what is told.
pub(super) fn read(root: &Path, path: &str, named: &str, longest: u64) -> Result<Vec<u8>, Fault> {
    let repository = Repository::open(root).map_err(Fault::machine)?;
    match repository.read(path, longest) {
        Ok(Some(bytes)) => Ok(bytes),
        Ok(None) => Err(Fault::learner(Place::file(named), format!("there is no file {named}"))),
        Err(error) if error.is_learners() => Err(Fault::learner(Place::file(named), error.to_string())),
        Err(error) => Err(Fault::machine(error)),
    }
}

/// Removes a file that was made.
pub(super) fn unplant(root: &Path, path: &str) -> Result<(), Fault> {
    let repository = Repository::open(root).map_err(Fault::machine)?;
    repository.remove(path).map_err(|error| Fault::machine(format!("{path} could not be removed: {error}")))
}

/// Replaces a file's bytes, or makes the file. Returns what it had before.
pub(super) fn plant(root: &Path, path: &str, bytes: &[u8], longest: u64) -> Result<Option<Vec<u8>>, Fault> {
    let repository = Repository::open(root).map_err(Fault::machine)?;
    match repository.read(path, longest) {
        Ok(Some(before)) => overwrite(root, path, bytes).map(|()| Some(before)),
        Ok(None) => match repository.create(path, bytes) {
            Ok(()) => Ok(None),
            Err(error) => Err(Fault::learner(Place::file(path), format!("{path} can't be written here: {error}"))),
        },
        Err(error) if error.is_learners() => Err(Fault::learner(Place::file(path), error.to_string())),
        Err(error) => Err(Fault::machine(error)),
    }
}

/// Replaces a file's bytes.
pub(super) fn overwrite(root: &Path, path: &str, bytes: &[u8]) -> Result<(), Fault> {
    let repository = Repository::open(root).map_err(Fault::machine)?;
    repository.overwrite(path, bytes).map_err(|error| Fault::machine(format!("{path} could not be changed: {error}")))
}
