//! `grader check`: grades the work and writes the reports.

use super::args::CheckArgs;
use super::memory::Memory;
use super::output::{Outputs, wait_for};
use super::{Failure, find, settings};
use crate::engine::build;
use crate::report::progress::Progress;
use crate::repository::Repository;
use crate::run::{self, runner};

/// Grades and reports; the exit code is the report's.
pub fn run(args: &CheckArgs) -> Result<u8, Failure> {
    let outputs = Outputs::prepare(args)?;
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
    let request = runner::Request {
        path: args.path.clone(),
        only: args.only.clone(),
        skip: args.skip.clone(),
        static_only: args.static_only,
        pass_mark: args.pass_mark,
        limit: args.timeout.or(challenge.limits.build).unwrap_or(build::LIMIT),
        keep: args.keep,
    };
    let progress = Progress::on_stderr();
    let report = wait_for(runner::check(&request, &challenge, &|event| progress.on(&event)));
    progress.finish();
    let report = report?.map_err(failure)?;
    let mut memory = Memory::load(&args.path);
    let written = outputs.write(&report, memory.previous_score(&report.challenge.0));
    memory.record(&report, &find::lasting_name(&named, &report.challenge.0));
    memory.save();
    written.map(|()| report.exit_code())
}

/// Why nothing could be graded: wrong use, or the machine.
pub(super) fn failure(error: run::Error) -> Failure {
    match error {
        run::Error::Repository(error) => Failure::usage(error.to_string(), ""),
        run::Error::UnknownCheck(error) => Failure::usage(error.to_string(), "grader list CHALLENGE shows them all."),
        run::Error::Snapshot(error) => Failure::machine(error.to_string(), ""),
    }
}
