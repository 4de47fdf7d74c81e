//! A challenge: a list of checks with points and hints, about one subject. Plain data.

use crate::compose::roles::Role;
use crate::facts::commands::FILE_NAME;
use crate::language::condition::Expectation;
use crate::outcome::Finding;
use crate::source::Source;
use crate::steps::Step;
use std::collections::BTreeMap;
use std::time::Duration;

/// What a learner works on.
#[derive(Debug, Clone, Default)]
pub struct Challenge {
    /// Its id: its folder's name.
    pub id: String,
    /// Its title.
    pub title: String,
    /// What it is about, in a sentence.
    pub about: String,
    /// What is graded.
    pub subject: Subject,
    /// Services by what they are, not by their names.
    pub roles: BTreeMap<String, Role>,
    /// Patterns of the files that the challenge supplies: not graded, restored if changed.
    pub given: Vec<String>,
    /// The values that a learner gives it, by their names.
    pub learner: BTreeMap<String, LearnerParameter>,
    /// What it was loaded by: an id or a path.
    pub selector: String,
    /// How long and how much each part of the work may take.
    pub limits: ChallengeLimits,
    /// The points that make a pass; all of them unless said.
    pub pass_mark: Option<u32>,
    /// The checks, in their order.
    pub checks: Vec<Check>,
    /// The starter's files, by their path in a repository.
    pub starter: BTreeMap<String, StarterFile>,
    /// The files of its own causes and its course's, with their paths.
    pub causes: Vec<(String, Vec<u8>)>,
}

/// A value that the learner says, in the `with:` of `grader.yaml`.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct LearnerParameter {
    /// One that could be.
    pub example: String,
    /// What it is, in words.
    pub about: Option<String>,
}

/// A file of the starter.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct StarterFile {
    /// Its bytes.
    pub content: Vec<u8>,
    /// Whether it can be executed.
    pub executable: bool,
}

/// Bounds of the work; the grader's own where `None`.
#[derive(Debug, Clone, Default, PartialEq)]
pub struct ChallengeLimits {
    /// How long a build may take.
    pub build: Option<Duration>,
    /// How long a container or the stack may take until it is ready.
    pub start: Option<Duration>,
    /// The shortest time that grader watches a container without a health check.
    pub settle: Option<Duration>,
    /// How long one step may take.
    pub step: Option<Duration>,
    /// The memory of one container, in bytes.
    pub memory: Option<u64>,
    /// The processors of one container.
    pub cpus: Option<f64>,
    /// The processes of one container.
    pub pids: Option<u32>,
    /// What one container, one volume or one build may write, in bytes.
    pub disk: Option<u64>,
    /// How long the whole run may take.
    pub run: Option<Duration>,
}

/// What is graded.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Subject {
    /// The Dockerfile, relative to the build context.
    pub dockerfile: String,
    /// The build context, relative to the repository.
    pub context: String,
    /// The stage that is built; unless said, what the service builds, else the last.
    pub target: Option<String>,
    /// Build arguments; they win over those of the service.
    pub args: BTreeMap<String, String>,
    /// Dummies that a `RUN --mount=type=secret` sees, by their ids.
    pub secrets: BTreeMap<String, String>,
    /// The Compose profiles that are brought up.
    pub profiles: Vec<String>,
    /// The role whose service is built from it: its `build.target` and `args` are those of the image.
    pub service: Option<String>,
    /// The Compose file; unless said, the one that Compose finds.
    pub compose: Option<String>,
    /// The file of commands, relative to the repository.
    pub commands: String,
    /// Where the application answers in its container.
    pub http: Option<Endpoint>,
}

/// `Dockerfile` in the repository's root.
impl Default for Subject {
    fn default() -> Self {
        Self {
            dockerfile: "Dockerfile".to_owned(),
            context: ".".to_owned(),
            target: None,
            args: BTreeMap::new(),
            secrets: BTreeMap::new(),
            profiles: Vec::new(),
            service: None,
            compose: None,
            commands: FILE_NAME.to_owned(),
            http: None,
        }
    }
}

/// Where something answers over HTTP.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Endpoint {
    /// The port in the container.
    pub port: u16,
    /// The path, from `/`.
    pub path: String,
}

/// One check, parameters filled in.
#[derive(Debug, Clone, Default)]
pub struct Check {
    /// Its id.
    pub id: String,
    /// Its title.
    pub title: String,
    /// Why it matters.
    pub why: String,
    /// What it says to a learner besides.
    pub teaching: Teaching,
    /// What to say of every item and step that says nothing itself.
    pub says: Says,
    /// What it needs of the learner's own file and can't be judged without: that is its finding.
    pub lacks: Option<Finding>,
    /// The checks that have to pass first.
    pub needs: Vec<String>,
    /// What has to hold. Judged cheapest source first.
    pub expect: Vec<Expectation>,
    /// Tips: never fail the check.
    pub advise: Vec<Expectation>,
    /// What has to be done to be seen, in order, on the running stack.
    pub steps: Vec<Step>,
    /// Whether its steps change the stack in a way that grader can't see: it is done last, and others get a fresh one.
    pub changes_stack: bool,
    /// A program that judges what no fact can say.
    pub script: Option<Script>,
    /// From the gentlest on.
    pub hints: Vec<String>,
    /// Points in this challenge; 0 for a gate.
    pub points: u32,
    /// Points on top of the others, that make up for missing ones.
    pub bonus: u32,
    /// Whether it is judged and shown, but never keeps from passing.
    pub optional: bool,
    /// A fact whose value is worth showing even when the check passes.
    pub show: Option<Vec<String>>,
    /// Facts, and what the check says of them.
    pub examples: Examples,
}

/// What a check says to a learner who works on it.
#[derive(Debug, Clone, Default, PartialEq, Eq)]
pub struct Teaching {
    /// The task in a sentence, shown before it is tried.
    pub task: Option<String>,
    /// The page to read about it.
    pub learn: Option<String>,
    /// A question to think about once the check passes.
    pub reflect: Option<String>,
}

/// What a check says of every item and step that says nothing itself.
#[derive(Debug, Clone, Default, PartialEq, Eq)]
pub struct Says {
    /// What does not hold.
    pub message: Option<String>,
    /// What was expected.
    pub expected: Option<String>,
    /// What leads on.
    pub hint: Option<String>,
}

/// A program that judges what no fact can say.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Script {
    /// Its file's name.
    pub name: String,
    /// Its bytes.
    pub content: Vec<u8>,
    /// The image that it runs in.
    pub image: String,
    /// Its arguments.
    pub arguments: Vec<String>,
    /// The facts, or the sources of facts, that it reads: `["image", "size"]`.
    pub facts: Vec<Vec<String>>,
    /// How long it may take.
    pub timeout: Duration,
}

/// Examples of a check: run as tests, shown as documentation.
#[derive(Debug, Clone, Default)]
pub struct Examples {
    /// The check passes with these.
    pub pass: Vec<Example>,
    /// It fails with these.
    pub fail: Vec<Example>,
}

/// One example: facts as they are written, or files.
#[derive(Debug, Clone, Default)]
pub struct Example {
    /// Facts by their name.
    pub facts: BTreeMap<String, serde_json::Value>,
    /// Files by their path; static facts are collected from them.
    pub files: BTreeMap<String, String>,
    /// What each step brings back, by the names of a step's facts.
    pub steps: Vec<BTreeMap<String, serde_json::Value>>,
}

impl Check {
    /// Whether the stack may be another one after its steps.
    pub fn changes_stack(&self) -> bool {
        self.changes_stack || self.steps.iter().any(|step| step.action.changes_stack())
    }

    /// Says this in place of what it, its items and its steps say themselves.
    pub fn say(&mut self, says: &Says) {
        let steps = self.steps.iter_mut().flat_map(|step| &mut step.expect);
        for item in self.expect.iter_mut().chain(steps) {
            for (own, said) in
                [(&mut item.message, &says.message), (&mut item.expected, &says.expected), (&mut item.hint, &says.hint)]
            {
                *own = said.clone().or(own.take());
            }
        }
        let Says { message, expected, hint } = says.clone();
        let known = std::mem::take(&mut self.says);
        self.says = Says {
            message: message.or(known.message),
            expected: expected.or(known.expected),
            hint: hint.or(known.hint),
        };
    }

    /// Where its steps are done: on the running stack if one of them needs it, else beside the container.
    pub fn step_source(&self) -> Option<Source> {
        if self.steps.iter().any(|step| step.action.needs().stack) {
            return Some(Source::Stack);
        }
        (!self.steps.is_empty()).then_some(Source::Container)
    }
}
