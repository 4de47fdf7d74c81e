//! What can be written behind each command. Help texts are read by beginners: short, concrete.

use crate::report::{Format, Target};
use clap::{Args, ValueEnum};
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
    /// Leave the built image and the containers for you to look at
    #[arg(long)]
    pub keep: bool,
    /// The points that make a pass [default: all]
    #[arg(long, value_name = "N")]
    pub pass_mark: Option<u32>,
    /// In GitHub Actions: write no annotations, summary or outputs
    #[arg(long)]
    pub no_github: bool,
    /// Points that an instructor gives by hand, with the reason, from a file
    #[arg(long = "override", value_name = "FILE")]
    pub overrides: Option<PathBuf>,
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
    /// List the facts there are, with their types, instead
    #[arg(long, conflicts_with_all = ["dockerfile", "all"])]
    pub list: bool,
}

/// How facts are printed.
#[derive(Debug, Clone, Copy, PartialEq, Eq, ValueEnum)]
pub enum FactsFormat {
    /// For people
    Text,
    /// For programs: grader.facts/v1
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
    pub check: String,
    /// Look in this challenge too, by its id or the path of its folder
    #[arg(long, value_name = "ID|PATH")]
    pub challenge: Option<String>,
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

/// `grader completions`
#[derive(Debug, Args)]
pub struct CompletionsArgs {
    /// Your shell
    pub shell: clap_complete::Shell,
}
