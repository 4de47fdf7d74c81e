//! `grader check`: grades the work and writes the reports.

use super::actions::{Actions, Fence, Tell};
use super::args::{CheckArgs, FailOn};
use super::memory::Memory;
use super::output::{Outputs, wait_for};
use super::{Failure, find, policy, settings};
use crate::challenge::library::overrides::overrides;
use crate::engine::image::build;
use crate::report::progress::Progress;
use crate::report::{Format, Report};
use crate::repository::Repository;
use crate::run::{self, runner};
use std::path::Path;

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
    let annotates = outputs.prints(Format::Github);
    let fence = if actions.is_some() && !annotates { Fence::begin() } else { None };
    let written = outputs.write(&graded.report, memory.previous_score(&graded.report.challenge.0));
    drop(fence);
    memory.record(&graded.report, &graded.lasting_name);
    memory.save();
    // What Classroom 50 is told by an exit code is whether grading ran, unless somebody wants to know more.
    let for_classroom50 = outputs.has(Format::Classroom50) && args.fail_on.is_none();
    let tell = Tell { annotations: !args.no_annotations && !annotates, status: !for_classroom50 };
    let written = written.and(actions.map_or(Ok(()), |actions| actions.finish(&graded.report, tell)));
    let fail_on = args.fail_on.unwrap_or(if for_classroom50 { FailOn::Error } else { FailOn::Failed });
    written.map(|()| match (graded.report.exit_code(), fail_on) {
        (1, FailOn::Error) | (1 | 3, FailOn::Never) => 0,
        (code, _) => code,
    })
}

/// A report, and the challenge's name that will find it again.
struct Graded {
    report: Report,
    lasting_name: String,
}

fn grade(args: &CheckArgs, in_actions: bool) -> Result<Graded, Failure> {
    Repository::open(&args.path).map_err(|error| Failure::usage(error.to_string(), ""))?;
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
    Ok(Graded { report, lasting_name })
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
