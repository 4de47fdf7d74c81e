//! `exec:` runs a command in a service's container, or in the container of the graded image.

use super::answers::{JSON, StepFact, fact};
use super::keys::{CONTAINER, RETRY, SERVICE, STDIN, TIMEOUT, USER, bound, command, prose, target, verbatim};
use super::output;
use super::output::MOST;
use super::{Acting, Action, Needs, StepKind, StepLimits, StepRunner, StepTarget, Turn, kind};
use crate::engine::container;
use crate::engine::container::{ExecCommand, Output};
use crate::facts::Facts;
use crate::facts::registry::Type;
use crate::language::grammar::{Key, ValueKind, must};
use crate::language::scope::Scope;
use crate::outcome::Fault;
use crate::place::Place;
use crate::yaml::Node;
use std::time::Duration;
use tokio::time::Instant;

/// `exec:`
pub static KIND: StepKind = StepKind {
    name: "exec",
    doc: "Runs a command in a service's container, or in the container.",
    takes: ValueKind::Record(&KEYS),
    one_of: &["service", "container"],
    answers: &COMMAND_ANSWERS,
    afresh: &[],
    read: |scope, node, _| kind::boxed(read(scope, node)),
};

static KEYS: [Key; 7] = [
    SERVICE,
    CONTAINER,
    must("command", ValueKind::Command, "The command: its words, or one text for the shell."),
    USER,
    STDIN,
    TIMEOUT,
    RETRY,
];

/// What a command brings back that has ended.
pub(super) static COMMAND_ANSWERS: [StepFact; 4] = [
    fact("exit_code", Type::Int, "What the command exited with."),
    fact("stdout", Type::Text, "What it printed."),
    fact("stderr", Type::Text, "What it printed on standard error."),
    JSON,
];

/// How long a command may take unless said otherwise.
const LIMIT: Duration = Duration::from_secs(30);

/// A command in a container.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Exec {
    /// Whose container.
    pub target: StepTarget,
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

fn read(scope: &Scope<'_>, node: &Node) -> Option<Exec> {
    let fields = scope.fields(node, "`{ service: …, command: [ … ] }`", &[&KEYS]);
    node.as_map()?;
    if fields.get("command").is_none() {
        scope.problem(fields.start(), "`command` is missing here");
    }
    let command = fields.get("command").and_then(|node| command(scope, node));
    Some(Exec {
        target: target(scope, fields)?,
        command: command?,
        user: prose(scope, fields, "user"),
        stdin: verbatim(scope, fields, "stdin"),
        timeout: bound(scope, fields, "timeout"),
        retry_for: bound(scope, fields, "retry_for").unwrap_or_default(),
    })
}

impl Action for Exec {
    fn needs(&self) -> Needs {
        self.target.needs()
    }

    fn started(&self) -> Option<&str> {
        self.target.started()
    }

    fn texts(&mut self) -> Vec<&mut String> {
        self.command.iter_mut().chain(&mut self.stdin).collect()
    }

    fn limit(&self, _: &StepLimits) -> Duration {
        self.timeout.unwrap_or_default() + self.retry_for
    }

    fn retry_for(&self) -> Duration {
        self.retry_for
    }

    fn act<'r>(&'r self, runner: &'r mut StepRunner<'_>, _: Turn<'r>) -> Acting<'r, Facts> {
        Box::pin(runner.exec(self))
    }
}

impl StepRunner<'_> {
    async fn exec(&mut self, exec: &Exec) -> Result<Facts, Fault> {
        let (id, place, name) = self.container_of(&exec.target).await?;
        (self.doing)(format!("run a command in {}", name.trim_matches('`')));
        let limit = exec.timeout.or(self.limits().step).unwrap_or(LIMIT);
        let (user, stdin) = (exec.user.as_deref(), exec.stdin.as_deref());
        let command =
            ExecCommand { words: &exec.command, user, stdin, limit: self.engine.pace.here(limit), most: MOST };
        let begin = Instant::now();
        match container::exec(self.engine, &id, &command).await? {
            Output::Ended(printed) => {
                // A command that isn't there, or that can't be run, is no other one at the next try.
                self.is_certain = matches!(printed.exit_code, 126 | 127);
                Ok(output::facts(&printed, begin.elapsed(), place.as_ref()))
            }
            Output::Late(printed) => {
                let words = exec.command.join(" ");
                Err(Fault::learner(place, output::late(&format!("`{words}` in {name}"), limit, &printed)))
            }
            Output::NotRunning => Err(Fault::learner(place, format!("{name} does not run"))),
        }
    }

    /// The id of a container that runs, where it is written, and its name for people.
    pub(super) async fn container_of(&mut self, target: &StepTarget) -> Result<(String, Option<Place>, String), Fault> {
        match target {
            StepTarget::Container => {
                let (id, place) = self.running_container().await?;
                Ok((id, place, "the container".to_owned()))
            }
            StepTarget::Started(name) => {
                let (standalone, place) = self.started(name).await?;
                Ok((standalone.id.clone(), place, format!("`{name}`")))
            }
            StepTarget::Service(name) => {
                let (service, place) = self.running_service(name)?;
                let stack = self.stack_as_it_is()?;
                match stack.container(&service).await? {
                    Some(id) => Ok((id, place, format!("`{service}`"))),
                    None => Err(Fault::learner(place, format!("no container of `{service}` runs"))),
                }
            }
        }
    }
}
