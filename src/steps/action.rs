//! What a step does. Plain data. In all texts `{name}` stands for a value that an earlier step kept.

use crate::language::condition::{Condition, Expectation};
use std::collections::BTreeMap;
use std::time::Duration;

/// One thing to do, and what has to come back.
#[derive(Debug, Clone)]
pub struct Step {
    /// What to do.
    pub action: Action,
    /// What has to hold of what came back (`crate::steps::answers`), and of all other facts.
    pub expect: Vec<Expectation>,
    /// Values to keep for later steps, which write `{name}`.
    pub capture: BTreeMap<String, Capture>,
    /// The points for it and for all before it that have none of their own.
    pub points: Option<u32>,
}

/// What to keep of an answer. The value is a number if it reads as one, otherwise text.
#[derive(Debug, Clone)]
pub enum Capture {
    /// A fact of the step: `["json", "count"]`.
    Fact(Vec<String>),
    /// The first group of a pattern, found in the body, or in what was printed.
    Pattern(regex::Regex),
}

/// What a step does.
#[derive(Debug, Clone)]
pub enum Action {
    /// Asks something over HTTP.
    Http(Http),
    /// Runs a command in a container.
    Exec(Exec),
    /// Runs a container to its end.
    Run(OneOff),
    /// Looks for files.
    Files {
        /// Where.
        place: FilesIn,
        /// Paths from `/`, with `*` and `**`.
        paths: Vec<String>,
    },
    /// Stops, starts, restarts or signals the container.
    Container(Lifecycle, Option<Duration>),
    /// Does something with the stack.
    Compose(ComposeAction, Option<Duration>),
    /// Changes a file of the snapshot.
    Edit {
        /// The file, relative to the repository.
        file: String,
        /// What is replaced, wherever it stands.
        replace: String,
        /// What stands there then.
        with: String,
    },
    /// Builds the image once more.
    Rebuild {
        /// A file that is changed before.
        touch: Option<String>,
    },
    /// Waits until something holds.
    Wait {
        /// What has to hold.
        condition: Condition,
        /// How long is waited.
        within: Duration,
    },
}

/// Which container is meant.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum Target {
    /// That of a role or service.
    Service(String),
    /// The graded image, run alone.
    Container,
}

/// Where files are looked for.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum FilesIn {
    /// In a container that runs.
    In(Target),
    /// In an image; `None` is the graded one.
    Image(Option<String>),
}

/// A request.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Http {
    /// Who is asked.
    pub target: Target,
    /// The port in the container; without it, any that is published.
    pub port: Option<u16>,
    /// The method.
    pub method: String,
    /// The path, from `/`.
    pub path: String,
    /// The headers that are sent.
    pub headers: BTreeMap<String, String>,
    /// What is sent.
    pub body: Option<String>,
    /// How long one answer may take; the grader's own bound unless said.
    pub timeout: Option<Duration>,
    /// How long no answer, or one that does not fit, is asked again.
    pub retry_for: Duration,
}

/// A command in a container.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Exec {
    /// Whose container.
    pub target: Target,
    /// The command's words.
    pub command: Vec<String>,
    /// The user; the container's own unless said.
    pub user: Option<String>,
    /// What it reads.
    pub stdin: Option<String>,
    /// How long it may take; the grader's own bound unless said.
    pub timeout: Option<Duration>,
    /// How long what does not fit is tried again.
    pub retry_for: Duration,
}

/// A container that is run to its end.
#[derive(Debug, Clone, Default, PartialEq, Eq)]
pub struct OneOff {
    /// The image; `None` is the graded one.
    pub image: Option<String>,
    /// In place of the image's own command.
    pub command: Option<Vec<String>>,
    /// In place of its entrypoint; empty for none.
    pub entrypoint: Option<Vec<String>>,
    /// Its environment.
    pub env: BTreeMap<String, String>,
    /// What is mounted.
    pub mounts: Vec<Mount>,
    /// The stack's network that it joins, by its name in the Compose file.
    pub network: Option<String>,
    /// The user; the image's own unless said.
    pub user: Option<String>,
    /// What it reads.
    pub stdin: Option<String>,
    /// How long it may take; the grader's own bound unless said.
    pub timeout: Option<Duration>,
}

/// Something mounted into a container.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Mount {
    /// What.
    pub source: MountSource,
    /// Where, from `/`.
    pub target: String,
    /// Whether it can only be read.
    pub read_only: bool,
}

/// What is mounted.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum MountSource {
    /// A volume of the check's own: all its steps share it, it is gone afterwards.
    Volume(String),
    /// A path in the repository.
    Path(String),
}

/// What is done with the container.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum Lifecycle {
    /// Started.
    Start,
    /// Asked to stop, then killed.
    Stop,
    /// Stopped and started.
    Restart,
    /// Sent this signal.
    Kill(String),
}

/// What is done with the stack.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum ComposeAction {
    /// `docker compose up`
    Up,
    /// `docker compose down`
    Down,
    /// `docker compose down --volumes`
    DownWithVolumes,
    /// `docker compose restart SERVICE`
    Restart(String),
    /// `docker compose stop SERVICE`
    Stop(String),
    /// `docker compose start SERVICE`
    Start(String),
    /// `docker compose kill SERVICE`
    Kill(String),
    /// So many containers of a service.
    Scale(String, u32),
}

impl Action {
    /// Whether it can only be done on the running stack.
    pub fn needs_stack(&self) -> bool {
        match self {
            Self::Http(Http { target, .. })
            | Self::Exec(Exec { target, .. })
            | Self::Files { place: FilesIn::In(target), .. } => matches!(target, Target::Service(_)),
            Self::Run(run) => run.network.is_some(),
            Self::Compose(..) => true,
            Self::Wait { condition, .. } => condition.names("stack"),
            Self::Files { .. } | Self::Container(..) | Self::Edit { .. } | Self::Rebuild { .. } => false,
        }
    }

    /// Whether it needs the graded image to be run alone.
    pub fn needs_container(&self) -> bool {
        match self {
            Self::Http(Http { target, .. })
            | Self::Exec(Exec { target, .. })
            | Self::Files { place: FilesIn::In(target), .. } => *target == Target::Container,
            Self::Container(..) => true,
            Self::Wait { condition, .. } => condition.names("container"),
            _ => false,
        }
    }

    /// Whether it needs the repository's files as they were before anything ran.
    pub fn needs_files(&self) -> bool {
        match self {
            Self::Edit { .. } | Self::Rebuild { .. } => true,
            Self::Run(run) => run.mounts.iter().any(|mount| matches!(mount.source, MountSource::Path(_))),
            _ => false,
        }
    }

    /// Whether the stack may be another one afterwards, so that it has to be brought up anew for the next check.
    pub fn changes_stack(&self) -> bool {
        match self {
            Self::Compose(action, _) => !matches!(action, ComposeAction::Restart(_)),
            Self::Edit { .. } => true,
            _ => false,
        }
    }
}
