//! What to do next: one step, and on success the lines that hand the work in.

use super::layout::{Page, Tone, columns};
use super::{Again, CheckReport, Counts, GradedRepository, Report, Style, escape, praise};
use crate::facts::{Source, Unavailable};
use crate::outcome::Outcome;
use std::borrow::Cow;

/// Draws the next step.
pub fn draw(page: &mut Page, indent: usize, report: &Report, style: &Style) {
    let again = &style.again;
    page.blank();
    if report.interrupted.is_some() {
        return say(page, indent, "Next", "run it again:", &again.check(None));
    }
    // What counts comes first.
    let counts = |check: &&CheckReport| check.lacks() && check.counts == Counts::Points;
    let first_failed = report.checks.iter().find(counts).or_else(|| report.checks.iter().find(|check| check.lacks()));
    if let Some(check) = first_failed {
        if report.passed() {
            complete(page, indent, report, "Passed", &Style { again: Again::default(), ..style.clone() });
            page.blank();
        }
        let fix = check.step.map_or_else(|| "fix this".to_owned(), |step| format!("fix step {step}"));
        say(page, indent, "Next", &format!("{fix}, then run"), &again.check(Some(&check.id)));
        if !check.hints.is_empty() {
            say(page, indent, "Stuck?", "", &again.hint(None));
        }
    } else if report.passed() {
        complete(page, indent, report, "Challenge complete", style);
    } else if no_engine(report) || report.checks.iter().any(|check| matches!(check.outcome, Outcome::Errored(_))) {
        say(page, indent, "Next", "find out what is missing here:", "grader doctor");
    } else {
        say(page, indent, "Next", "all good so far, grade the rest:", &again.check(None));
    }
}

fn complete(page: &mut Page, indent: usize, report: &Report, what: &str, style: &Style) {
    let mark = page.sign("✓ ", "");
    let better = praise::sentence(report, &style.before);
    let GradedRepository { commit, dirty, .. } = &report.repository;
    // Outside of a git repository nothing can be committed; before the first commit all differs from it.
    let in_git = commit.is_some() || *dirty;
    let then = if in_git && better.is_none() { ". Hand it in:" } else { "." };
    page.line(indent, &[(Tone::Good, mark), (Tone::Good, what), (Tone::Text, then)]);
    if let Some(better) = better {
        let better = if in_git { format!("{better} Hand it in:") } else { better };
        page.prose(indent, (Tone::Text, page.sign("  ", "")), Tone::Text, &better);
    }
    if in_git {
        hand_in(page, indent, report);
    }
    if let Some(then) = &style.again.then {
        page.blank();
        say(page, indent, "Next", "start the next unit:", then);
    }
}

/// The lines that commit the work and push it.
fn hand_in(page: &mut Page, indent: usize, report: &Report) {
    let GradedRepository { commit, dirty, .. } = &report.repository;
    page.blank();
    let id = &report.challenge.0;
    let message = match escape::shell_word(id) {
        Cow::Borrowed(id) => format!("\"Complete {id}\""), // as every shell takes it
        Cow::Owned(_) => escape::shell_word(&format!("Complete {id}")).into_owned(),
    };
    // What is committed only has to be sent.
    let committed = commit.is_some() && !dirty;
    let lines = ["git add .", &format!("git commit -m {message}"), "git push"];
    for line in &lines[if committed { 2 } else { 0 }..] {
        page.line(indent + 2, &[(Tone::Command, line)]);
    }
}

/// What to do and the command for it, on one line if there is room.
fn say(page: &mut Page, indent: usize, label: &str, what: &str, command: &str) {
    let label = format!("{label:8}");
    let gap = if what.is_empty() { "" } else { "  " };
    if page.width() >= indent + label.len() + what.len() + gap.len() + columns(&escape::line(command)) {
        page.line(indent, &[(Tone::Strong, &label), (Tone::Text, what), (Tone::Text, gap), (Tone::Command, command)]);
    } else {
        page.prose(indent, (Tone::Strong, &label), Tone::Text, what);
        page.line(indent + label.len(), &[(Tone::Command, command)]);
    }
}

fn no_engine(report: &Report) -> bool {
    Source::ALL.into_iter().any(|source| matches!(report.facts.unavailable(source), Some(Unavailable::NoEngine(_))))
}

impl Again {
    /// The command that grades the same work again, whole or one check of it.
    pub fn check(&self, only: Option<&str>) -> String {
        let mut command = "grader check".to_owned();
        option(&mut command, "", self.path.as_deref());
        option(&mut command, "--challenge ", self.challenge.as_deref());
        option(&mut command, "--only ", only);
        command
    }

    /// The command that gives the next hint, for a check or for the first that failed. It remembers the challenge.
    pub fn hint(&self, check: Option<&str>) -> String {
        let mut command = "grader hint".to_owned();
        option(&mut command, "", check);
        option(&mut command, "--path ", self.path.as_deref());
        command
    }
}

fn option(command: &mut String, name: &str, value: Option<&str>) {
    if let Some(value) = value {
        command.push(' ');
        command.push_str(name);
        command.push_str(&escape::shell_word(value));
    }
}
