//! Instructions, each with what it says.

use std::time::Duration;

use super::flag::Flags;
use super::heredoc::Heredoc;
use super::mount::Mount;
use super::span::Span;

/// One instruction.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Instruction {
    /// In upper case; as misspelt where it is no instruction.
    pub name: String,
    /// Where it stands, here-documents included.
    pub span: Span,
    /// The stage that it is in, counted from 0; none before the first `FROM`.
    pub stage: Option<usize>,
    /// What it says.
    pub kind: Kind,
    /// Its lines as one, without comments and here-documents.
    pub original: String,
}

/// What an instruction says. Variables are not expanded yet.
#[derive(Debug, Clone, PartialEq, Eq)]
#[allow(missing_docs)]
pub enum Kind {
    Add(Box<Copy>),
    Arg(Vec<Arg>),
    Cmd(Command),
    Copy(Box<Copy>),
    /// An empty list is no entrypoint.
    Entrypoint(Command),
    Env(Vec<Pair>),
    /// Ports and ranges as written, sorted as BuildKit sorts them.
    Expose(Vec<String>),
    From(From),
    Healthcheck(Box<Healthcheck>),
    Label(Vec<Pair>),
    Maintainer(String),
    Onbuild(Box<Onbuild>),
    Run(Box<Run>),
    Shell(Vec<String>),
    Stopsignal(String),
    User(String),
    Volume(Vec<String>),
    Workdir(String),
    /// It has an error, which stands among the file's errors.
    Invalid,
}

/// `FROM`.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct From {
    /// Image or stage as written.
    pub base: String,
    /// The stage's name, in lower case.
    pub name: Option<String>,
    /// `--platform`, as written.
    pub platform: Option<String>,
}

/// A command in one of its two forms.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum Command {
    /// A JSON list: run as it is.
    Exec(Vec<String>),
    /// Anything else: handed to the shell.
    Shell(String),
}

impl Command {
    /// The shell that Docker uses where no `SHELL` says otherwise (Linux).
    pub const DEFAULT_SHELL: [&str; 2] = ["/bin/sh", "-c"];

    /// Nothing to run.
    pub fn is_empty(&self) -> bool {
        matches!(self, Self::Exec(list) if list.is_empty()) || matches!(self, Self::Shell(text) if text.is_empty())
    }

    /// The program and its arguments as they go into the image, with the `SHELL` that holds there.
    pub fn argv(&self, shell: Option<&[String]>) -> Vec<String> {
        match self {
            Self::Exec(list) => list.clone(),
            Self::Shell(text) => {
                let default = || Self::DEFAULT_SHELL.iter().map(ToString::to_string).collect();
                let mut argv = shell.map_or_else(default, <[String]>::to_vec);
                argv.push(text.clone());
                argv
            }
        }
    }
}

/// `RUN`.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Run {
    /// What is run.
    pub command: Command,
    /// `--mount`, each.
    pub mounts: Vec<Mount>,
    /// All flags.
    pub flags: Flags,
    /// Here-documents in the command.
    pub heredocs: Vec<Heredoc>,
}

/// `COPY` or `ADD`.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Copy {
    /// `--from`: a stage, its number, or an image.
    pub from: Option<String>,
    /// Paths and addresses, without here-documents.
    pub sources: Vec<String>,
    /// Where to.
    pub destination: String,
    /// All flags.
    pub flags: Flags,
    /// Files whose text stands in the Dockerfile.
    pub heredocs: Vec<Heredoc>,
}

/// A name and its value.
#[derive(Debug, Clone, PartialEq, Eq)]
#[allow(missing_docs)]
pub struct Pair {
    pub name: String,
    pub value: String,
}

/// A variable that `ARG` declares.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Arg {
    /// Its name.
    pub name: String,
    /// Its value where no build argument gives another.
    pub default: Option<String>,
}

/// `HEALTHCHECK`.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Healthcheck {
    /// What is run; none for `HEALTHCHECK NONE`, which switches off that of the base image.
    pub command: Option<Command>,
    /// Between two runs. Where a time is not given, or is 0, Docker's default holds.
    pub interval: Option<Duration>,
    /// How long one run may take.
    pub timeout: Option<Duration>,
    /// How long failures do not count at the start.
    pub start_period: Option<Duration>,
    /// Between two runs in that time.
    pub start_interval: Option<Duration>,
    /// How many failures in a row make it unhealthy.
    pub retries: Option<u32>,
}

/// `ONBUILD`.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Onbuild {
    /// The instruction that runs in stages built from this one, as written.
    pub expression: String,
    /// What it says; the error is what BuildKit says when a stage is built from this one, not before.
    pub trigger: Result<Kind, String>,
}
