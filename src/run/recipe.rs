//! How the graded image is built: from the graded copy, or from another one with changes in it.

use super::reading::Reading;
use crate::challenge::Challenge;
use crate::compose;
use crate::dockerfile::{Dockerfile, Source};
use crate::engine::Engine;
use crate::engine::image::build::{self, BuildFault, BuildRequest, Built};
use crate::engine::image::digest;
use crate::engine::image::filesystem::Wanted;
use crate::facts::image::{self, ImageRequest, InstructionStep};
use crate::outcome::Fault;
use crate::place::Place;
use crate::repository::matches_glob;
use crate::steps::{Acting, ImageBuilder};
use std::collections::BTreeMap;
use std::path::{Path, PathBuf};
use std::time::Duration;

/// What a build of the graded image needs, its paths absolute.
pub struct Recipe<'a> {
    reading: &'a Reading,
    root: PathBuf,
    context: PathBuf,
    dockerfile: PathBuf,
    contexts: BTreeMap<String, PathBuf>,
    stages: Vec<String>,
    steps: Vec<InstructionStep>,
    given: Vec<Wanted>,
}

impl<'a> Recipe<'a> {
    /// For a copy of the repository, and the Dockerfile that lies in it.
    pub fn new(reading: &'a Reading, challenge: &Challenge, root: &Path, file: &Dockerfile) -> Self {
        let build = &reading.build;
        Self {
            reading,
            root: root.to_owned(),
            context: root.join(&build.context),
            dockerfile: root.join(&build.dockerfile),
            contexts: build.contexts.iter().map(|(name, folder)| (name.clone(), root.join(folder))).collect(),
            stages: file.stages.iter().filter_map(|stage| stage.name.clone()).collect(),
            steps: steps(file, reading),
            given: given(challenge),
        }
    }

    /// The build, with what is known of it. `ignored_by` is [`Recipe::ignored_by`].
    pub fn request<'r>(
        &'r self,
        tag: &'r str,
        limit: Duration,
        ignored_by: &'r dyn Fn(&str) -> Option<(Place, String)>,
    ) -> ImageRequest<'r> {
        let build = &self.reading.build;
        ImageRequest {
            build: BuildRequest {
                root: &self.root,
                context: &self.context,
                dockerfile: &self.dockerfile,
                dockerfiles: &self.reading.dockerfiles,
                target: build.target.as_deref(),
                args: &build.args,
                secrets: &build.secrets,
                stages: &self.stages,
                tag,
                platform: build.platform.as_deref(),
                contexts: &self.contexts,
                limit,
            },
            path: &build.dockerfile,
            steps: &self.steps,
            given: &self.given,
            ignored_by,
        }
    }

    /// The line of the `.dockerignore` that leaves a path out, and the pattern there; or that of a `.gitignore`.
    pub fn ignored_by(&self, path: &str) -> Option<(Place, String)> {
        let Some(pattern) = self.reading.ignore.excludes(path).ok().flatten() else {
            let path = compose::join(&self.reading.build.context, path)?;
            let line = (!self.reading.graded.has(&path)).then(|| self.reading.learners.left_out_by(&path))??;
            return Some((line.clone(), line.to_string()));
        };
        Some((Place::line(self.reading.ignore_path.clone()?, pattern.line), pattern.text.clone()))
    }
}

/// The files that a challenge gives.
pub(super) fn given(challenge: &Challenge) -> Vec<Wanted> {
    let is_given = |path: &str| matches_glob(challenge.given.iter().map(String::as_str), path);
    let given = challenge.starter.iter().filter(|(path, _)| is_given(path));
    given
        .map(|(path, file)| Wanted {
            path: path.clone(),
            sha256: digest::sha256(&file.content),
            size: file.content.len() as u64,
        })
        .collect()
}

/// Builds the graded image of a copy in which steps have changed something.
pub struct Recipes<'a> {
    /// The engine.
    pub engine: &'a Engine,
    /// What was read of the repository.
    pub reading: &'a Reading,
    /// The challenge.
    pub challenge: &'a Challenge,
    /// How long a build may take.
    pub limit: Duration,
}

impl ImageBuilder for Recipes<'_> {
    fn build<'b>(
        &'b self,
        root: &'b Path,
        file: &'b Dockerfile,
        tag: &'b str,
        doing: &'b dyn Fn(String),
    ) -> Acting<'b, Built> {
        Box::pin(async move {
            let recipe = Recipe::new(self.reading, self.challenge, root, file);
            let ignored_by = |path: &str| recipe.ignored_by(path);
            let request = recipe.request(tag, self.limit, &ignored_by);
            build::build(self.engine, &request.build, doing).await.map_err(|failed| {
                if let Some(BuildFault::Machine(why)) = failed.fault {
                    return Fault::Machine(why);
                }
                let (place, why) = image::explain(&failed, &request);
                Fault::learner(place, why)
            })
        })
    }
}

/// The instructions that make the target, from its base on.
fn steps(file: &Dockerfile, reading: &Reading) -> Vec<InstructionStep> {
    let Some(target) = &reading.target else { return Vec::new() };
    let stages = target.chain.iter().rev().filter_map(|&stage| file.stages.get(stage));
    let takes = |index: usize| {
        let mut own = target.edges.iter().filter(|edge| edge.instruction == index);
        own.any(|edge| matches!(edge.source, Source::Stage(_)) && !edge.is_ancestor)
    };
    stages
        .flat_map(|stage| stage.instructions.clone())
        .filter_map(|index| Some((index, file.instructions.get(index)?)))
        .map(|(index, instruction)| InstructionStep {
            name: instruction.name.clone(),
            takes: takes(index),
            place: Place::line(reading.build.dockerfile.clone(), instruction.span.line)
                .to_line(instruction.span.end_line),
        })
        .collect()
}
