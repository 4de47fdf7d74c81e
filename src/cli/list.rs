//! `grader list`: the challenges there are, or the steps of one.

use super::{Failure, course, find, output};
use crate::challenge::{Challenge, library};
use crate::report::layout::{Page, Tone, pad};
use crate::run::plan;
use clap::Args;

/// List the course and your progress, or the steps of a challenge
#[derive(Debug, Args)]
pub struct ListArgs {
    /// Show the steps of this challenge, by its id or the path of its folder; or the units of a course, by its folder
    pub challenge: Option<String>,
}

/// Prints them.
pub fn run(args: &ListArgs) -> Result<u8, Failure> {
    let mut page = output::page();
    if let Some(name) = &args.challenge {
        match course::course(name)? {
            Some(course) => course::draw(&mut page, &course, name)?,
            None => steps(&mut page, &find::challenge(name)?)?,
        }
    } else {
        all(&mut page)?;
    }
    output::print(&page.finish())?;
    Ok(0)
}

/// The built-in courses, and the challenges that are in none of them.
fn all(page: &mut Page) -> Result<(), Failure> {
    let mut others = find::challenges()?;
    for id in library::course_ids() {
        if let Some(course) = course::course(id)? {
            course::draw(page, &course, id)?;
            others.retain(|challenge| course.units.iter().all(|unit| unit.selector != challenge.id));
        }
    }
    if !others.is_empty() {
        page.blank();
        challenges(page, others);
    }
    Ok(())
}

fn challenges(page: &mut Page, mut challenges: Vec<Challenge>) {
    // The easiest first: the one with the fewest parts that have to work together.
    challenges.sort_by_key(|challenge| (challenge.roles.len(), challenge.checks.len()));
    let width = challenges.iter().map(|challenge| challenge.id.len()).max().unwrap_or(0) + 2;
    for challenge in &challenges {
        let steps = challenge.checks.iter().filter(|check| check.points > 0).count();
        let points: u32 = challenge.checks.iter().map(|check| check.points).sum();
        page.prose(0, (Tone::Command, &pad(&challenge.id, width)), Tone::Strong, &challenge.title);
        page.prose(width, (Tone::Text, ""), Tone::Text, &challenge.about);
        page.prose(width, (Tone::Text, ""), Tone::Quiet, &format!("{steps} steps, {points} points"));
    }
    if let Some(first) = challenges.first() {
        page.blank();
        page.line(0, &[(Tone::Text, "Start one:  "), (Tone::Command, &format!("grader init {}", first.id))]);
    }
}

fn steps(page: &mut Page, challenge: &Challenge) -> Result<(), Failure> {
    let planned = plan::select(challenge, &[], &[]).map_err(|error| Failure::usage(error.to_string(), ""))?;
    page.prose(0, (Tone::Text, ""), Tone::Strong, &challenge.title);
    page.prose(0, (Tone::Text, ""), Tone::Text, &challenge.about);
    page.blank();
    let width = planned.iter().map(|step| step.check.id.len()).max().unwrap_or(0) + 2;
    for step in planned {
        let number = step.step.map(|number| number.to_string()).unwrap_or_default();
        let points = if step.check.points > 0 { format!("{} points", step.check.points) } else { String::new() };
        let label = [
            (Tone::Quiet, format!("{number:>2}  ")),
            (Tone::Command, pad(&step.check.id, width)),
            (Tone::Quiet, format!("{points:>10}  ")),
        ];
        let label: Vec<(Tone, &str)> = label.iter().map(|(tone, text)| (*tone, text.as_str())).collect();
        page.hanging(0, &label, Tone::Text, &step.check.title);
        if let Some(task) = &step.check.teaching.task {
            page.prose(width + 4 + 12, (Tone::Text, ""), Tone::Quiet, task);
        }
    }
    Ok(())
}
