//! What can be written behind each command. Help texts are read by beginners: short, concrete.

use crate::report::{Format, Target};
use clap::{Args, Subcommand, ValueEnum};
use std::path::PathBuf;
use std::time::Duration;

/// `grader check`
#[derive(Debug, Args)]
#[allow(clippy::struct_excessive_bools)] // each is a flag of its own
pub struct CheckArgs {
    /// The folder with your work
    #[arg(default_value = ".")]
    pub path: PathBuf,
    /// The challenge, by its id or the path of its folder [default: what grader.yaml names]
    #[arg(long, value_name = "ID|PATH")]
    pub challenge: Option<String>,
    /// Judge only these checks, by id or step, and what they need
    #[arg(long, value_name = "ID|STEP", value_delimiter = ',')]
    pub only: Vec<String>,
    /// Leave these checks out
    #[arg(long, value_name = "ID|STEP", value_delimiter = ',')]
    pub skip: Vec<String>,
    /// Only read files: build nothing, run nothing
    #[arg(long = "static")]
    pub static_only: bool,
    /// Also write a report to a file, as in json=report.json (- is stdout); can be repeated
    #[arg(long = "report", value_name = "FORMAT=PATH")]
    pub reports: Vec<Target>,
    /// How the result is printed: terminal, plain, json, junit, sarif, github, markdown, classroom50 or gradescope
    #[arg(long)]
    pub format: Option<Format>,
    /// Show every failed check whole, not only the first
    #[arg(long, short)]
    pub verbose: bool,
    /// The longest that a build may take, as in 90s [default: 10m]
    #[arg(long, value_name = "DURATION", value_parser = humantime::parse_duration)]
    pub timeout: Option<Duration>,
    /// Let containers that run reach nothing but each other and this machine
    #[arg(long)]
    pub no_egress: bool,
    /// Leave the image, the containers and the copy that was graded for you to look at, until `grader clean`
    #[arg(long)]
    pub keep: bool,
    /// The points that make a pass [default: all]
    #[arg(long, value_name = "N", conflicts_with_all = ["static_only", "only", "skip"])]
    pub pass_mark: Option<u32>,
    /// What makes the exit code another than 0: failed checks, only that not all could be judged (error), or never
    #[arg(long, value_name = "WHAT", value_enum)]
    pub fail_on: Option<FailOn>,
    /// In GitHub Actions: fold no log, write no annotations, summary or outputs
    #[arg(long)]
    pub no_github: bool,
    /// In GitHub Actions: write no annotations
    #[arg(long)]
    pub no_annotations: bool,
    /// Points that an instructor gives by hand, with the reason, from a file
    #[arg(long = "override", value_name = "FILE")]
    pub overrides: Option<PathBuf>,
    /// What is run at all
    #[command(flatten)]
    pub policy: PolicyArgs,
}

/// What of the work is run at all.
#[derive(Debug, Args)]
pub struct PolicyArgs {
    /// What a course allows or refuses in Compose files and Dockerfiles beyond checks/policy.yaml, from a file
    #[arg(long, value_name = "FILE")]
    pub policy: Option<PathBuf>,
    /// Run what the policy refuses, too: only for your own work on your own machine
    #[arg(long)]
    pub trust: bool,
}

/// What makes an exit code another than 0.
#[derive(Debug, Clone, Copy, PartialEq, Eq, ValueEnum)]
pub enum FailOn {
    /// Checks failed, or not everything could be judged
    Failed,
    /// Not everything could be judged
    Error,
    /// Nothing but wrong use and signals
    Never,
}

/// `grader facts`
#[derive(Debug, Args)]
pub struct FactsArgs {
    /// The folder with your work
    #[arg(default_value = ".")]
    pub path: PathBuf,
    /// Read this Dockerfile
    #[arg(long, value_name = "FILE")]
    pub dockerfile: Option<PathBuf>,
    /// How the facts are printed
    #[arg(long, value_enum, default_value_t = FactsFormat::Text)]
    pub format: FactsFormat,
    /// Build and run too, for the facts that need Docker
    #[arg(long)]
    pub all: bool,
    /// What is run at all
    #[command(flatten)]
    pub policy: PolicyArgs,
    /// List the facts there are, with their types, instead
    #[arg(long, conflicts_with_all = ["dockerfile", "all"])]
    pub list: bool,
}

/// How facts and problems are printed.
#[derive(Debug, Clone, Copy, PartialEq, Eq, ValueEnum)]
pub enum FactsFormat {
    /// For people
    Text,
    /// For programs
    Json,
}

/// `grader init`
#[derive(Debug, Args)]
pub struct InitArgs {
    /// The challenge, by its id or the path of its folder
    pub challenge: String,
    /// Where to start [default: a new folder named like the challenge]
    pub dir: Option<PathBuf>,
}

/// `grader explain`
#[derive(Debug, Args)]
pub struct ExplainArgs {
    /// The check's id, as `grader list CHALLENGE` shows it
    #[arg(required_unless_present = "all")]
    pub check: Option<String>,
    /// Look in this challenge too, by its id or the path of its folder
    #[arg(long, value_name = "ID|PATH")]
    pub challenge: Option<String>,
    /// Print the reference instead: facts, matchers, steps, keys and all checks
    #[arg(long, conflicts_with_all = ["check", "challenge"])]
    pub all: bool,
    /// How the reference is printed
    #[arg(long, value_enum, requires = "all", default_value_t = ReferenceFormat::Text)]
    pub format: ReferenceFormat,
}

/// How the reference is printed.
#[derive(Debug, Clone, Copy, PartialEq, Eq, ValueEnum)]
pub enum ReferenceFormat {
    /// For a terminal
    Text,
    /// For a page
    Markdown,
}

/// `grader list`
#[derive(Debug, Args)]
pub struct ListArgs {
    /// Show the steps of this challenge, by its id or the path of its folder
    pub challenge: Option<String>,
}

/// `grader hint`
#[derive(Debug, Args)]
pub struct HintArgs {
    /// The check or step [default: the first one that failed last time]
    #[arg(value_name = "CHECK|STEP")]
    pub check: Option<String>,
    /// The folder with your work
    #[arg(long, default_value = ".")]
    pub path: PathBuf,
    /// The challenge, by its id or the path of its folder [default: that of the last run]
    #[arg(long, value_name = "ID|PATH")]
    pub challenge: Option<String>,
}

/// `grader new`
#[derive(Debug, Args)]
pub struct NewArgs {
    /// What to begin
    #[command(subcommand)]
    pub what: New,
}

/// What can be begun.
#[derive(Debug, Subcommand)]
pub enum New {
    /// A check: one file
    Check(NewCheckArgs),
    /// A challenge: a folder with a starter, a solution, a case and a check of its own
    Challenge(NewChallengeArgs),
}

/// `grader new check`
#[derive(Debug, Args)]
pub struct NewCheckArgs {
    /// Its id: lower case, digits and hyphens
    pub id: String,
    /// The folder that it is written to [default: checks, if there is such a folder, else this one]
    pub dir: Option<PathBuf>,
}

/// `grader new challenge`
#[derive(Debug, Args)]
pub struct NewChallengeArgs {
    /// Its id: lower case, digits and hyphens
    pub id: String,
    /// Where to begin it [default: a new folder named like it]
    pub dir: Option<PathBuf>,
}

/// `grader lint`
#[derive(Debug, Args)]
pub struct LintArgs {
    /// Checks, challenges, or folders of them
    #[arg(default_value = ".")]
    pub paths: Vec<PathBuf>,
    /// Warnings are errors, too
    #[arg(long)]
    pub strict: bool,
    /// How the problems are printed
    #[arg(long, value_enum, default_value_t = FactsFormat::Text)]
    pub format: FactsFormat,
}

/// `grader schema`
#[derive(Debug, Args)]
pub struct SchemaArgs {
    /// Print that of a case's expect.yaml instead
    #[arg(long)]
    pub case: bool,
}

/// `grader test`
#[derive(Debug, Args)]
#[allow(clippy::struct_excessive_bools)] // each is a flag of its own
pub struct TestArgs {
    /// Challenges by id, folder or file, or files of checks [default: the folder you are in]
    #[arg(value_name = "CHALLENGE")]
    pub challenges: Vec<String>,
    /// Test all challenges and checks that are built in
    #[arg(long, conflicts_with = "challenges")]
    pub all: bool,
    /// Only the checks, cases and mutants of these names; * stands for any characters
    #[arg(long, value_name = "NAME")]
    pub only: Vec<String>,
    /// Use no Docker: judge the examples, and what files alone tell
    #[arg(long, conflicts_with = "engine_mutants")]
    pub no_engine: bool,
    /// What the course allows or refuses in Compose files and Dockerfiles beyond checks/policy.yaml, from a file
    #[arg(long, value_name = "FILE")]
    pub policy: Option<PathBuf>,
    /// Also run every mutant that files alone do not tell; takes minutes
    #[arg(long)]
    pub engine_mutants: bool,
    /// How many runs go on at the same time
    #[arg(long, short, value_name = "N", default_value_t = 1, value_parser = clap::value_parser!(u16).range(1..=16))]
    pub jobs: u16,
    /// Also write a report to a file, as in json=report.json (- is stdout); can be repeated
    #[arg(long = "report", value_name = "FORMAT=PATH")]
    pub reports: Vec<Target>,
    /// How the result is printed: terminal, plain, json or junit
    #[arg(long)]
    pub format: Option<Format>,
}

/// `grader clean`
#[derive(Debug, Args)]
pub struct CleanArgs {
    /// Of other machines, and of before a reboot: only what is older; those runs can't be seen from here [default: 24h]
    #[arg(long, value_name = "DURATION", value_parser = humantime::parse_duration)]
    pub older_than: Option<Duration>,
}

/// `grader completions`
#[derive(Debug, Args)]
pub struct CompletionsArgs {
    /// Your shell
    pub shell: clap_complete::Shell,
}
