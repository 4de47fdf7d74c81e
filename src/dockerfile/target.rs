//! What the image built from a stage would be, and the line that each part of it comes from.

use std::collections::{BTreeMap, BTreeSet};
use std::fmt;

use super::build::Build;
use super::edge::{self, Edge};
use super::error::{Error, Phase};
use super::evaluator::{Certain, Doubt, Evaluator};
use super::instruction::{Command, Healthcheck};
use super::port::Port;
use super::span::Span;
use super::stage::{Names, Source, Stage};
use super::suggestion::nearest;
use super::{Dockerfile, MAX_ERRORS};

/// A stage with all that it inherits from the stages it is built FROM.
///
/// What the base image brings along is not known here: a setting that is `None` is the base image's, or Docker's default.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Target {
    /// The stage.
    pub index: usize,
    /// Its name, in lower case.
    pub name: Option<String>,
    /// What each stage of the file is built from, by index, with variables expanded.
    pub bases: Vec<Source>,
    /// The same as text, for messages.
    pub base_names: Vec<String>,
    /// The stage, what it is built FROM, what that is built FROM, and so on.
    pub chain: Vec<usize>,
    /// The stages that BuildKit builds for it, itself included.
    pub needed: BTreeSet<usize>,
    /// `USER`.
    pub user: Option<Setting<String>>,
    /// `HEALTHCHECK`.
    pub healthcheck: Option<Setting<Healthcheck>>,
    /// `CMD`.
    pub cmd: Option<Setting<Process>>,
    /// An `ENTRYPOINT` took away the command that a base image or an earlier stage had.
    pub cmd_is_reset: bool,
    /// `ENTRYPOINT`; an empty one takes away the base image's.
    pub entrypoint: Option<Setting<Process>>,
    /// `SHELL`.
    pub shell: Option<Setting<Vec<String>>>,
    /// `WORKDIR`, absolute; relative to `/` where the base image's is not known.
    pub workdir: Option<Setting<String>>,
    /// `STOPSIGNAL`.
    pub stop_signal: Option<Setting<String>>,
    /// `ENV`, by name.
    pub env: BTreeMap<String, Setting<String>>,
    /// `LABEL`, by name.
    pub labels: BTreeMap<String, Setting<String>>,
    /// `EXPOSE`.
    pub exposes: BTreeMap<Port, Setting<()>>,
    /// `VOLUME`, by path.
    pub volumes: BTreeMap<String, Setting<()>>,
    /// Where the stages of the chain take files from, in the order in which they do.
    pub edges: Vec<Edge>,
    /// What BuildKit would stop at for this target, after having read the file; by place.
    pub errors: Vec<Error>,
}

/// A value and where it comes from.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Setting<T> {
    /// The value.
    pub value: T,
    /// The instruction that sets it.
    pub span: Span,
    /// Its index in the file.
    pub instruction: usize,
    /// The stage that it is in.
    pub stage: usize,
    /// Variables in it that this file does not set: empty here, but the base image may set them.
    pub unknown: Vec<String>,
}

/// A command as it goes into the image.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Process {
    /// As written.
    pub command: Command,
    /// The program and its arguments; the shell form with the `SHELL` that held there.
    pub argv: Vec<String>,
}

/// Why there is no such target.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum TargetError {
    /// The file has no `FROM`.
    NoStages,
    /// No stage has that name.
    NotFound {
        /// The name asked for.
        name: String,
        /// A stage with a similar name.
        nearest: Option<String>,
    },
}

impl fmt::Display for TargetError {
    fn fmt(&self, out: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            Self::NoStages => write!(out, "dockerfile contains no stages to build"),
            Self::NotFound { name, nearest: None } => write!(out, "target stage {name:?} could not be found"),
            Self::NotFound { name, nearest: Some(nearest) } => {
                write!(out, "target stage {name:?} could not be found (did you mean {nearest}?)")
            }
        }
    }
}

impl std::error::Error for TargetError {}

impl Dockerfile {
    /// The stage that a build makes: the one of this name in any case, or else of this number, or the last one.
    ///
    /// `build_args` are those of `--build-arg`; only variables that the file declares by `ARG` take them.
    pub fn target(&self, name: Option<&str>, build_args: &BTreeMap<String, String>) -> Result<Target, TargetError> {
        let last = self.stages.len().checked_sub(1).ok_or(TargetError::NoStages)?;
        let index = match name.filter(|name| !name.is_empty()) {
            None => last,
            Some(name) => self.find(name)?,
        };
        let name = self.stages.get(index).and_then(|stage| stage.name.as_deref());
        let mut errors = Vec::new();
        let certain = Certain { args: build_args, platform: true, stages: true, arguments: true };
        let mut evaluator = Evaluator::new(self, certain, Doubt::Likely(name.unwrap_or("default")));
        for (instruction, message) in std::mem::take(&mut evaluator.faults) {
            self.fault(&mut errors, instruction, message);
        }
        let (bases, base_names, names) = self.bases(&evaluator, &mut errors);
        let mut chain = vec![index];
        while let Some(Source::Stage(base)) = chain.last().and_then(|stage| bases.get(*stage)) {
            chain.push(*base);
        }
        let dependencies = edge::dependencies(self, &names);
        let needed = needed(index, &bases, &dependencies);
        if let Some((stage, instruction)) = edge::circle(&dependencies) {
            let message = format!("circular dependency detected on stage: {}", self.stage_name(stage));
            self.fault(&mut errors, instruction, message);
        }
        let target = Target {
            index,
            name: name.map(str::to_owned),
            bases,
            base_names,
            chain,
            needed,
            user: None,
            healthcheck: None,
            cmd: None,
            cmd_is_reset: false,
            entrypoint: None,
            shell: None,
            workdir: None,
            stop_signal: None,
            env: BTreeMap::new(),
            labels: BTreeMap::new(),
            exposes: BTreeMap::new(),
            volumes: BTreeMap::new(),
            edges: Vec::new(),
            errors,
        };
        let mut target = Build::new(self, target, names, evaluator).run();
        target.errors.sort_by_key(|error| (error.line, error.column));
        target.errors.dedup();
        Ok(target)
    }

    fn find(&self, name: &str) -> Result<usize, TargetError> {
        let lower = name.to_lowercase();
        let named = self.stages.iter().rev().find(|stage| stage.name.as_ref() == Some(&lower));
        let numbered = || self.stages.get(name.parse::<usize>().ok()?);
        named.or_else(numbered).map(|stage| stage.index).ok_or_else(|| {
            let options: Vec<&str> = self.stages.iter().filter_map(|stage| stage.name.as_deref()).collect();
            TargetError::NotFound { name: name.to_owned(), nearest: nearest(&lower, &options).map(str::to_owned) }
        })
    }

    fn bases(&self, evaluator: &Evaluator<'_>, errors: &mut Vec<Error>) -> (Vec<Source>, Vec<String>, Names) {
        let mut names = Names::default();
        let (mut bases, mut base_names) = (Vec::new(), Vec::new());
        for stage in &self.stages {
            let mut fault = |message: String| {
                self.fault(errors, stage.instructions.start, message);
                Source::Unknown
            };
            let expanded = evaluator.fill(&stage.base, &evaluator.globals).map(|filled| filled.text);
            let base = match &expanded {
                // Its FROM is wrong, which was said already.
                _ if stage.base.is_empty() => Source::Unknown,
                Err(message) => fault(message.clone()),
                Ok(base) if base.is_empty() => fault(format!("base name ({}) should not be blank", stage.base)),
                Ok(base) => names.source(base).unwrap_or_else(&mut fault),
            };
            let platform =
                stage.platform.as_deref().map(|platform| (platform, evaluator.fill(platform, &evaluator.globals)));
            match platform {
                Some((_, Err(message))) => drop(fault(message)),
                Some((platform, Ok(filled))) if filled.text.is_empty() => {
                    drop(fault(format!("empty platform value from expression {platform}")));
                }
                _ => {}
            }
            bases.push(base);
            base_names.push(expanded.unwrap_or_else(|_| stage.base.clone()));
            names.add(stage);
        }
        (bases, base_names, names)
    }

    /// As messages call it.
    pub(super) fn stage_name(&self, index: usize) -> String {
        let name = self.stages.get(index).and_then(|stage: &Stage| stage.name.clone());
        name.unwrap_or_else(|| format!("stage-{index}"))
    }

    /// An error of an instruction.
    pub(super) fn fault(&self, errors: &mut Vec<Error>, instruction: usize, message: String) {
        let Some(instruction) = self.instructions.get(instruction).filter(|_| errors.len() < MAX_ERRORS) else {
            return;
        };
        let Span { line, column, end_line, .. } = instruction.span;
        errors.push(Error { message, line, column, end_line, help: None, phase: Phase::Build });
    }
}

/// All stages that one leads to.
fn needed(index: usize, bases: &[Source], dependencies: &[Vec<(usize, usize)>]) -> BTreeSet<usize> {
    let mut needed = BTreeSet::new();
    let mut open = vec![index];
    while let Some(stage) = open.pop() {
        if needed.insert(stage) {
            open.extend(dependencies.get(stage).into_iter().flatten().map(|(source, _)| *source));
            if let Some(Source::Stage(base)) = bases.get(stage) {
                open.push(*base);
            }
        }
    }
    needed
}
