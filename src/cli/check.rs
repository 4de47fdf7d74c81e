//! `grader check`: grades the work and writes the reports.

use super::actions::{Actions, Fence, Tell};
use super::memory::Memory;
use super::output::{Outputs, wait_for};
use super::policy::PolicyArgs;
use super::{Failure, find, policy, settings};
use crate::challenge::library::overrides::overrides;
use crate::engine::image::build;
use crate::report::progress::Progress;
use crate::report::{Format, Report, ReportTarget, classroom50, github};
use crate::repository::Repository;
use crate::run::{self, runner};
use crate::seed::Seed;
use clap::{Args, ValueEnum};
use std::path::{Path, PathBuf};
use std::time::Duration;

/// Grade your work
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
    pub reports: Vec<ReportTarget>,
    #[arg(long, help = format!("How the result is printed: {}", Format::names("or")))]
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
    /// Repeat what a run varies, by the seed in its JSON report [default: drawn]
    #[arg(long, value_name = "N", conflicts_with = "static_only")]
    pub seed: Option<Seed>,
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

/// Grades and reports; the exit code is the report's.
pub fn run(args: &CheckArgs) -> Result<u8, Failure> {
    let actions = Actions::detect(args.no_github, &|name| std::env::var_os(name));
    let done = report(args, actions.as_ref());
    if let (Err(failure), Some(actions)) = (&done, &actions) {
        actions.refuse(failure);
    }
    done
}

fn report(args: &CheckArgs, actions: Option<&Actions>) -> Result<u8, Failure> {
    let outputs = Outputs::prepare(args)?;
    let graded = outputs.or_excuse(|| grade(args, actions.is_some()))?;
    let mut memory = Memory::load(&args.path);
    // Annotations that are printed have to be obeyed.
    let annotates = outputs.prints(github::SPEC);
    let fence = if actions.is_some() && !annotates { Fence::begin() } else { None };
    let written = outputs.write(&graded.report, memory.before(&graded.report.challenge.0));
    drop(fence);
    memory.record(&graded.report, &graded.lasting_name);
    memory.save();
    // What Classroom 50 is told by an exit code is whether grading ran, unless somebody wants to know more.
    let for_classroom50 = outputs.has(classroom50::SPEC) && args.fail_on.is_none();
    let tell = Tell { annotations: !args.no_annotations && !annotates, status: !for_classroom50 };
    let written = written.and(actions.map_or(Ok(()), |actions| actions.finish(&graded.report, tell)));
    let fail_on = args.fail_on.unwrap_or(if for_classroom50 { FailOn::Error } else { FailOn::Failed });
    written.map(|()| match (graded.report.exit_code(), fail_on) {
        (1, FailOn::Error) | (1 | 3, FailOn::Never) => 0,
        (code, _) => code,
    })
}

/// A report, and the challenge's name that will find it again.
struct GradedChallenge {
    report: Report,
    lasting_name: String,
}

fn grade(args: &CheckArgs, in_actions: bool) -> Result<GradedChallenge, Failure> {
    Repository::open(&args.path).map_err(|error| Failure::usage(error.to_string(), ""))?;
    // It takes as long to read as all the checks do, so both are read at once.
    std::thread::spawn(crate::compose::prepare);
    let named = args.challenge.clone().map_or_else(|| settings::challenge(&args.path), |named| Ok(Some(named)))?;
    let named = named.ok_or_else(|| {
        Failure::usage("no challenge is named", "Name one, as in grader check --challenge ID; grader list shows them.")
    })?;
    let challenge = find::challenge(&named)?;
    let all: u32 = challenge.checks.iter().map(|check| check.points).sum();
    if let Some(mark) = args.pass_mark.filter(|&mark| mark > all) {
        let what = format!("--pass-mark {mark} is more than the {all} points there are");
        return Err(Failure::usage(what, "Give one that can be reached."));
    }
    let overrides = args.overrides.as_deref().map(|path| overrides(path, &challenge));
    let overrides = overrides.transpose().map_err(|error| find::wrong(&error))?.unwrap_or_default();
    let request = runner::Request {
        path: args.path.clone(),
        only: args.only.clone(),
        skip: args.skip.clone(),
        static_only: args.static_only,
        pass_mark: args.pass_mark,
        limit: args.timeout.or(challenge.limits.build).unwrap_or(build::LIMIT),
        no_egress: args.no_egress,
        keep: args.keep,
        seed: args.seed,
        policy: args.policy.read(&args.path)?,
    };
    if args.policy.trust && !args.static_only {
        policy::tell(&request.policy, &args.path, &challenge);
    }
    let fold = in_actions.then(|| Actions::fold(&format!("grader check: {}", challenge.title)));
    let progress = Progress::on_stderr();
    let report = wait_for(runner::check(&request, &challenge, &|event| progress.on(&event)));
    progress.finish();
    drop(fold);
    let mut report = report?.map_err(failure)?;
    if !overrides.is_empty() && report.decide(&overrides, &names(args, &report)) == 0 {
        report.notes.push("no override is for this repository".to_owned());
    }
    let lasting_name = find::lasting_name(&named, &report.challenge.0);
    Ok(GradedChallenge { report, lasting_name })
}

/// What the repository may be called in an override file: the path as typed, its folder's name, and `owner/name` as git
/// or Actions know it.
fn names(args: &CheckArgs, report: &Report) -> Vec<String> {
    let folder = args.path.canonicalize().ok();
    let folder = folder.as_deref().and_then(Path::file_name).map(|name| name.to_string_lossy().into_owned());
    let in_actions = std::env::var("GITHUB_REPOSITORY").ok();
    let typed = args.path.display().to_string();
    [Some(typed), folder, in_actions, report.repository.origin.clone()].into_iter().flatten().collect()
}

/// Why nothing could be graded: wrong use, or the machine.
pub(super) fn failure(error: run::Error) -> Failure {
    match error {
        run::Error::Repository(error) => Failure::usage(error.to_string(), ""),
        run::Error::UnknownCheck(error) => Failure::usage(error.to_string(), "grader list CHALLENGE shows them all."),
        run::Error::Snapshot(error) => Failure::machine(error.to_string(), ""),
    }
}
