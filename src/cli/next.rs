//! `grader next`: goes on with a course. It starts the next unit, or says which one is unfinished.

use super::course::{self, BASICS, CourseRuns};
use super::{Failure, find, init, output, settings};
use crate::report::escape;
use crate::report::layout::Tone;
use clap::Args;
use std::path::{Path, PathBuf};

/// Go on with a course: start its next unit
#[derive(Debug, Args)]
pub struct NextArgs {
    /// The course, by its id or its folder
    #[arg(default_value = BASICS)]
    pub course: String,
    /// Where to start the unit [default: a new folder named like it, beside the unit you are in]
    pub dir: Option<PathBuf>,
}

/// Writes the next unit's files, or says what is unfinished.
pub fn run(args: &NextArgs) -> Result<u8, Failure> {
    let Some(course) = course::course(&args.course)? else {
        let what = format!("`{}` isn't a course", escape::line(&args.course));
        return Err(Failure::usage(what, "grader next, without a name, goes on with docker-basics."));
    };
    let runs = CourseRuns::of(&course)?;
    let Some(unit) = runs.next(&course) else {
        let mut page = output::page();
        let all = format!("You have finished all {} units of {}.", course.units.len(), course.title);
        page.prose(0, (Tone::Good, page.sign("✓ ", "")), Tone::Text, &all);
        output::print(&page.finish())?;
        return Ok(0);
    };
    let challenge = find::challenge(&unit.selector)?;
    let Some(begun) = runs.begun(unit).filter(|_| args.dir.is_none()) else {
        let folder = args.dir.clone().unwrap_or_else(|| beside().join(&challenge.id));
        return init::start(&challenge, &unit.selector, &folder);
    };
    let mut page = output::page();
    let score = runs.score(unit).map(|score| format!(" Your best score is {score}.")).unwrap_or_default();
    page.prose(0, (Tone::Text, ""), Tone::Text, &format!("{} isn't finished.{score}", challenge.title));
    page.blank();
    if !is_here(begun) {
        let cd = format!("cd {}", escape::shell_word(&begun.display().to_string()));
        page.line(0, &[(Tone::Strong, "        "), (Tone::Command, &cd)]);
    }
    page.line(0, &[(Tone::Strong, "Next    "), (Tone::Command, "grader check")]);
    output::print(&page.finish())?;
    Ok(0)
}

/// Where a new unit goes: beside the unit that this is, never into it.
fn beside() -> PathBuf {
    let is_unit = Path::new(settings::FILE).is_file();
    PathBuf::from(if is_unit { ".." } else { "" })
}

fn is_here(folder: &Path) -> bool {
    Path::new(".").canonicalize().is_ok_and(|here| here == folder)
}
