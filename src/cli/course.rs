//! Courses: the units in their order, what is done of them, and the next one.

use super::memory::{self, Run};
use super::{Failure, find};
use crate::challenge::{Challenge, Course, Unit, library};
use crate::report::layout::{Page, Tone, pad};
use std::collections::BTreeMap;
use std::path::Path;

/// The course that a name means: the id of one that is built in, its folder or its file; nothing if it means something else.
pub(super) fn course(name: &str) -> Result<Option<Course>, Failure> {
    if library::ids().contains(&name) {
        return Ok(None);
    }
    if library::course_ids().contains(&name) {
        return library::built_in_course(name).map(Some).map_err(|error| find::wrong(&error));
    }
    let file = library::course_file(Path::new(name));
    file.map(|file| library::course(&file).map_err(|error| find::wrong(&error))).transpose()
}

/// The course for those who name none.
pub(super) const BASICS: &str = "docker-basics";

/// The command that goes on with the built-in course after one of its challenges is done; nothing if it has no other.
pub(super) fn then(challenge: &str) -> Option<String> {
    let course = library::built_in_course(BASICS).ok()?;
    let runs = memory::best_runs();
    let is_open = |unit: &Unit| unit.name != challenge && !runs.get(&unit.name).is_some_and(|run| run.passed);
    let is_unit = course.units.iter().any(|unit| unit.name == challenge);
    (is_unit && course.units.iter().any(is_open)).then(|| "grader next".to_owned())
}

/// How far a learner is in a course, from the runs that are remembered.
pub(super) struct CourseRuns {
    runs: BTreeMap<String, Run>,
    /// The ids of the units' challenges, which runs are remembered by.
    ids: BTreeMap<String, String>,
}

impl CourseRuns {
    /// Looks it up. A unit whose challenge can't be read is a mistake of the course.
    pub fn of(course: &Course) -> Result<Self, Failure> {
        let ids = course.units.iter().map(|unit| Ok((unit.name.clone(), find::challenge(&unit.selector)?.id)));
        Ok(Self { ids: ids.collect::<Result<_, Failure>>()?, runs: memory::best_runs() })
    }

    fn run(&self, name: &str) -> Option<&Run> {
        self.runs.get(self.ids.get(name)?)
    }

    fn is_done(&self, unit: &Unit) -> bool {
        self.is_done_by_name(&unit.name)
    }

    fn is_done_by_name(&self, name: &str) -> bool {
        self.run(name).is_some_and(|run| run.passed)
    }

    /// Where the challenge of a unit was begun, if it is not done and that folder is still there.
    pub fn begun(&self, unit: &Unit) -> Option<&Path> {
        let run = self.run(&unit.name).filter(|run| !run.passed)?;
        run.folder.as_deref().filter(|folder| folder.is_dir())
    }

    /// The best score in a unit.
    pub fn score(&self, unit: &Unit) -> Option<u32> {
        self.run(&unit.name)?.score
    }

    /// The unit to do next.
    pub fn next<'c>(&self, course: &'c Course) -> Option<&'c Unit> {
        course.next(|unit| self.is_done(unit))
    }
}

/// Draws the units of a course; `named` is what the course was called by.
pub(super) fn draw(page: &mut Page, course: &Course, named: &str) -> Result<(), Failure> {
    let runs = CourseRuns::of(course)?;
    page.prose(0, (Tone::Text, ""), Tone::Strong, &course.title);
    if !course.about.is_empty() {
        page.prose(0, (Tone::Text, ""), Tone::Text, &course.about);
    }
    page.blank();
    let width = course.units.iter().map(|unit| unit.name.len()).max().unwrap_or(0) + 2;
    let lessons = course.units.iter().filter_map(|unit| unit.lesson.as_ref()).map(String::len).max().unwrap_or(0);
    let next = runs.next(course);
    for (number, unit) in (1..).zip(&course.units) {
        let challenge = find::challenge(&unit.selector)?;
        let (tone, sign) = if runs.is_done(unit) {
            (Tone::Good, page.sign("✓ ", "OK  "))
        } else if next == Some(unit) {
            (Tone::Strong, page.sign("→ ", ">>  "))
        } else {
            (Tone::Quiet, page.sign("  ", "    "))
        };
        let number = format!("{number:>2}  ");
        let name = pad(&unit.name, width);
        let lesson =
            if lessons > 0 { pad(unit.lesson.as_deref().unwrap_or_default(), lessons + 2) } else { String::new() };
        let label: [(Tone, &str); 4] =
            [(tone, sign), (Tone::Quiet, &number), (Tone::Command, &name), (Tone::Quiet, &lesson)];
        page.hanging(0, &label, Tone::Text, &challenge.title);
        let inner = sign.chars().count() + number.len();
        for detail in details(unit, &challenge, &runs) {
            page.prose(inner, (Tone::Text, ""), Tone::Quiet, &detail);
        }
    }
    page.blank();
    page.prose(0, (Tone::Text, ""), Tone::Text, &summary(course, &runs));
    if let Some(next) = next {
        page.blank();
        let command = match named {
            BASICS => "grader next".to_owned(),
            named => format!("grader next {}", crate::report::escape::shell_word(named)),
        };
        page.line(
            0,
            &[(Tone::Strong, "Next    "), (Tone::Command, &command), (Tone::Quiet, &format!("   ({})", next.name))],
        );
    }
    Ok(())
}

/// What is to be known of a unit beside its title.
fn details(unit: &Unit, challenge: &Challenge, runs: &CourseRuns) -> Vec<String> {
    let counting: Vec<u32> =
        challenge.checks.iter().filter(|check| !check.optional && check.points > 0).map(|check| check.points).collect();
    let total: u32 = counting.iter().sum();
    let mut told = vec![match runs.run(&unit.name) {
        Some(Run { score: Some(score), passed: true, .. }) => format!("best score {score}/{total}"),
        Some(Run { score: Some(score), .. }) => format!("begun: best score {score}/{total}"),
        Some(Run { passed: false, .. }) => format!("begun: {total} points"),
        _ => format!("{} steps, {total} points", counting.len()),
    }];
    let open: Vec<&str> = unit.after.iter().filter(|name| !runs.is_done_by_name(name)).map(String::as_str).collect();
    if !open.is_empty() && !runs.is_done(unit) {
        told.push(format!("better after {}", open.join(", ")));
    }
    if unit.weight > 1 {
        told.push(format!("counts {} times", unit.weight));
    }
    told.extend(unit.url.clone());
    told
}

/// How many units are done, and how many make a pass.
fn summary(course: &Course, runs: &CourseRuns) -> String {
    let done = course.units.iter().filter(|unit| runs.is_done(unit)).count();
    let all = course.units.len();
    let needed = course.pass_units.unwrap_or(all);
    let many = if all == 1 { "unit" } else { "units" };
    match (done >= needed, needed < all) {
        (true, _) => format!("{done} of {all} {many} done: you have passed the course."),
        (false, true) => format!("{done} of {all} {many} done. You pass with {needed}."),
        (false, false) => format!("{done} of {all} {many} done."),
    }
}
