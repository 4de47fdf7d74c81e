//! `grader check`: grades the work and writes the reports.

use super::args::CheckArgs;
use super::memory::Memory;
use super::output::Outputs;
use super::{Failure, find, settings};
use crate::report::Report;

/// Grades and reports; the exit code is the report's.
pub fn run(args: &CheckArgs) -> Result<u8, Failure> {
    let outputs = Outputs::prepare(args)?;
    let named = args.challenge.clone().or(settings::challenge(&args.path)?);
    let named = named.ok_or_else(|| {
        Failure::usage("no challenge is named", "Name one, as in grader check --challenge ID; grader list shows them.")
    })?;
    let _challenge = find::challenge(&named)?;
    let report: Option<Report> = None;
    let Some(report) = report else { return Err(Failure::machine("grading is not wired yet", "")) };
    let mut memory = Memory::load(&args.path);
    outputs.write(&report, memory.previous_score(&report.challenge.0))?;
    memory.record(&report, &named);
    memory.save();
    Ok(report.exit_code())
}
