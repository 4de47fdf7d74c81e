//! `grader hint`: the next hint for a check, from the gentlest on.

use super::memory::Memory;
use super::{Failure, find, output, settings};
use crate::challenge::Challenge;
use crate::report::Again;
use crate::report::layout::Tone;
use crate::run::plan::{self, Planned};
use clap::Args;
use std::path::PathBuf;

/// Get a hint for the first step that is not there yet; ask again for a stronger one
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

/// Prints the hint, and remembers that it was given.
pub fn run(args: &HintArgs) -> Result<u8, Failure> {
    let mut memory = Memory::load(&args.path);
    let named = args.challenge.clone().or(settings::challenge(&args.path)?);
    let named = named.or_else(|| memory.last_challenge().map(|last| last.named.clone()));
    let Some(named) = named else {
        return Err(Failure::usage(
            "nothing was graded here yet",
            "Run grader check first, or name one: --challenge ID",
        ));
    };
    let challenge = find::challenge(&named)?;
    let Some(planned) = wanted(args, &challenge, &memory)? else {
        output::print("Nothing is missing that grader knows of.\n")?;
        return Ok(0);
    };
    let check = planned.check;
    let again =
        Again { path: Some(args.path.display().to_string()).filter(|path| path != "."), challenge: None, then: None };
    let cause = memory.cause(&challenge.id, &check.id).cloned();
    let hints = cause.as_ref().map_or(&check.hints, |cause| &cause.hints);
    let level = memory.next_hint(&challenge.id, &check.id, hints.len());
    memory.save();

    let mut page = output::page();
    let number = planned.step.map(|step| format!("{step}  ")).unwrap_or_default();
    page.line(0, &[(Tone::Quiet, &number), (Tone::Strong, &check.title)]);
    if let Some(cause) = &cause {
        page.prose(0, (Tone::Text, ""), Tone::Text, &cause.says);
    }
    page.blank();
    let count = hints.len();
    if let Some(hint) = hints.get(level) {
        page.prose(0, (Tone::Command, &format!("hint {} of {count}  ", level + 1)), Tone::Text, hint);
    } else {
        page.prose(0, (Tone::Quiet, "why  "), Tone::Text, &check.why);
    }
    page.blank();
    if level + 1 < count {
        page.line(0, &[(Tone::Quiet, "Still stuck?  "), (Tone::Command, &again.hint(args.check.as_deref()))]);
    } else {
        let command = format!("grader explain {}", cause.as_ref().map_or(&check.id, |cause| &cause.id));
        page.line(0, &[(Tone::Quiet, "That was the last hint. More about it:  "), (Tone::Command, &command)]);
    }
    output::print(&page.finish())?;
    Ok(0)
}

/// The check that was asked for, or the first that failed last time; none if nothing did.
fn wanted<'a>(args: &HintArgs, challenge: &'a Challenge, memory: &Memory) -> Result<Option<Planned<'a>>, Failure> {
    let unknown = |error: plan::UnknownCheck| Failure::usage(error.to_string(), "grader list CHALLENGE shows them.");
    let all = plan::select(challenge, &[], &[]).map_err(unknown)?;
    if let Some(name) = &args.check {
        let skipped = plan::select(challenge, &[], std::slice::from_ref(name)).map_err(unknown)?;
        let index = skipped.iter().position(|planned| !planned.selected);
        return Ok(all.into_iter().nth(index.unwrap_or(0)));
    }
    if !memory.knows(&challenge.id) {
        return Err(Failure::usage(
            "nothing was graded here yet",
            "Run grader check first, or name a step: grader hint 1",
        ));
    }
    Ok(all.into_iter().find(|planned| memory.failed(&challenge.id, &planned.check.id)))
}
