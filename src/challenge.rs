//! A challenge: a list of checks with points and hints, about one subject. Plain data.

pub mod action;
pub mod case;
mod check;
pub mod diagnostic;
mod example;
mod expectation;
pub mod grammar;
pub mod library;
mod load;
pub mod matcher;
pub mod overrides;
mod parameters;
mod scope;
pub mod shape;
mod step;

pub use action::Action;
pub use diagnostic::{Diagnostic, Error};

use matcher::Matcher;
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
    /// How long and how much each part of the work may take.
    pub limits: Limits,
    /// The points that make a pass; all of them unless said.
    pub pass_mark: Option<u32>,
    /// The checks, in their order.
    pub checks: Vec<Check>,
    /// The starter's files, by their path in a repository.
    pub starter: BTreeMap<String, StarterFile>,
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
pub struct Limits {
    /// How long a build may take.
    pub build: Option<Duration>,
    /// How long a container or the stack may take until it is ready.
    pub start: Option<Duration>,
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
    /// The Compose profiles that are brought up.
    pub profiles: Vec<String>,
    /// The role whose service is built from it: its `build.target` and `args` are those of the image.
    pub service: Option<String>,
    /// The Compose file; unless said, the one that Compose finds.
    pub compose: Option<String>,
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
            profiles: Vec::new(),
            service: None,
            compose: None,
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

/// How a service is recognised. A service of the role's own name is taken if several match, then one that publishes a port.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum Role {
    /// It is built from this Dockerfile (relative to the repository).
    BuiltFrom(String),
    /// Its image matches this pattern, `*` standing for any characters: `redis*`. Registry and namespace `docker.io/library` do not count.
    Image(String),
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
    /// The checks that have to pass first.
    pub needs: Vec<String>,
    /// What has to hold. Judged cheapest source first.
    pub expect: Vec<Expectation>,
    /// Tips: never fail the check.
    pub advise: Vec<Expectation>,
    /// What has to be done to be seen, in order, on the running stack.
    pub steps: Vec<Step>,
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

/// A program that judges what no fact can say.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Script {
    /// Its file's name.
    pub name: String,
    /// Its bytes.
    pub content: Vec<u8>,
    /// The image that it runs in.
    pub image: String,
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

/// One thing that has to hold.
#[derive(Debug, Clone)]
pub struct Expectation {
    /// What has to hold.
    pub condition: Condition,
    /// The points for it and for all before it that have none of their own.
    pub points: Option<u32>,
    /// What to say if it does not hold; otherwise made from the fact's description.
    pub message: Option<String>,
    /// What was expected, in words; otherwise made from the matcher.
    pub expected: Option<String>,
    /// A hint of its own.
    pub hint: Option<String>,
    /// Another fact that a finding should point at if its own has no place.
    pub see: Option<Vec<String>>,
}

/// What has to hold.
#[derive(Debug, Clone)]
pub enum Condition {
    /// A fact, by the parts of its name, fits a matcher.
    Fact(Vec<String>, Matcher),
    /// One of these holds.
    AnyOf(Vec<Condition>),
    /// All of these hold.
    AllOf(Vec<Condition>),
}

/// One thing to do, and what has to come back.
#[derive(Debug, Clone)]
pub struct Step {
    /// What to do.
    pub action: Action,
    /// What has to hold of what came back (`crate::facts::answers`), and of all other facts.
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
