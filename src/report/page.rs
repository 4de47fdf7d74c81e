//! The report for people, top to bottom. The terminal's and the plain format differ in their [`Page`] alone.

use super::layout::{Page, Tone, truncate, wrap};
use super::{CheckReport, Report, Style, bar, detail, escape, next, steps};
use crate::outcome::{Finding, Outcome};

/// Everything stands this far in.
const INDENT: usize = 2;
/// Tips that a short report shows.
const TIPS: usize = 5;

/// Lays the report out; `whole` shows every failed check in full, not only the first.
pub fn draw(page: &mut Page, report: &Report, style: &Style, whole: bool) {
    let indent = if page.ascii { 0 } else { INDENT };
    header(page, indent, report, whole);
    page.blank();
    steps::draw(page, indent, &report.checks, whole);

    let failed: Vec<_> = report.checks.iter().filter(|check| matches!(check.outcome, Outcome::Failed(_))).collect();
    let in_full = if whole { failed.len() } else { 1 };
    for check in failed.iter().take(in_full) {
        page.blank();
        detail::draw(page, indent, check, whole);
    }
    if failed.len() > in_full {
        page.blank();
        page.prose(indent, (Tone::Strong, "Also failing   "), Tone::Quiet, "details: --verbose");
    }
    let number_width = failed.iter().map(|check| steps::number(check).len()).max().unwrap_or(0);
    for check in failed.iter().skip(in_full) {
        let Outcome::Failed(findings) = &check.outcome else { continue };
        let message = findings.first().map_or("", Finding::headline);
        let text = format!("{}: {}", check.title, message.lines().next().unwrap_or_default());
        let text = escape::line(&text).into_owned();
        let number = format!("{:>number_width$}  ", steps::number(check));
        let text = truncate(&text, page.width().saturating_sub(indent + 2 + number.len())).into_owned();
        page.line(indent + 2, &[(Tone::Quiet, &number), (Tone::Text, &text)]);
    }

    page.blank();
    if let Some(why) = &report.interrupted {
        page.prose(indent, (Tone::Doubt, page.sign("! ", "ERROR ")), Tone::Text, &format!("stopped early: {why}"));
        page.blank();
    }
    bar::draw(page, indent, report, &style.before);
    reflections(page, indent, report, whole);
    tips(page, indent, report, whole);
    if !report.notes.is_empty() {
        page.blank();
    }
    for note in &report.notes {
        page.prose(indent, (Tone::Doubt, "note  "), Tone::Text, &escape::line(note));
    }
    next::draw(page, indent, report, style);
}

fn header(page: &mut Page, indent: usize, report: &Report, whole: bool) {
    page.prose(indent, (Tone::Text, ""), Tone::Strong, &report.challenge.1);
    // Quoted unless it is plain, and on one line, so that no folder's name is taken for a line of ours.
    let path = escape::shell_word(&report.repository.path);
    let room = page.width().saturating_sub(indent + 1);
    let mut facts = vec![if path.contains(' ') { truncate(&path, room).into_owned() } else { path.into_owned() }];
    facts.retain(|path| path != "." && path != "''");
    if let Some(commit) = &report.repository.commit {
        let short: String = commit.chars().take(7).collect();
        facts.push(if report.repository.dirty { format!("{short} with uncommitted changes") } else { short });
    }
    if !report.platform.is_empty() {
        facts.push(report.platform.clone());
    }
    if whole {
        if let Some(engine) = &report.engine {
            facts.push(format!("Docker {}, Buildx {}, Compose {}", engine.version, engine.buildx, engine.compose));
        }
        facts.push(format!("{:.1} s", report.elapsed.as_secs_f64()));
    }
    facts.retain(|fact| !fact.is_empty());
    let facts: Vec<_> = facts.iter().map(|fact| escape::line(fact)).collect();
    let facts = facts.join(page.sign(" · ", ", "));
    // What does not fit on the first line stands further in than any line of ours begins.
    let first = wrap(&facts, page.width().saturating_sub(indent)).first().map_or(0, |line| line.len());
    let (first, rest) = facts.split_at_checked(first).unwrap_or((&facts, ""));
    page.line(indent, &[(Tone::Quiet, first)]);
    if !rest.trim().is_empty() {
        page.prose(indent + 2, (Tone::Text, ""), Tone::Quiet, rest.trim());
    }
    if whole {
        for (image, digest) in &report.bases {
            page.prose(indent, (Tone::Quiet, "base  "), Tone::Quiet, &format!("{image} is {digest}"));
        }
    }
}

/// The questions of the checks that pass, once nothing else is left to do.
fn reflections(page: &mut Page, indent: usize, report: &Report, whole: bool) {
    if report.checks.iter().any(CheckReport::lacks) {
        return;
    }
    let passed = report.checks.iter().filter(|check| check.outcome == Outcome::Passed);
    let questions: Vec<&String> = passed.filter_map(|check| check.teaching.reflect.as_ref()).collect();
    if questions.is_empty() {
        return;
    }
    page.blank();
    page.line(indent, &[(Tone::Strong, "Before you go on")]);
    let shown = if whole { questions.len() } else { TIPS };
    let bullet = page.sign("• ", "- ").to_owned();
    for question in questions.iter().take(shown) {
        page.prose(indent + 2, (Tone::Quiet, &bullet), Tone::Text, question);
    }
    if questions.len() > shown {
        page.line(indent + 4, &[(Tone::Quiet, &format!("and {} more with --verbose", questions.len() - shown))]);
    }
}

fn tips(page: &mut Page, indent: usize, report: &Report, whole: bool) {
    let mut tips: Vec<(&Finding, Option<&String>)> = Vec::new();
    for check in &report.checks {
        for tip in &check.advice {
            // The check's own hint is about the check, not about the tip.
            let hint = tip.hint.as_ref().filter(|hint| Some(*hint) != check.hints.first());
            if !tips.iter().any(|(known, _)| known.message == tip.message && known.place == tip.place) {
                tips.push((tip, hint));
            }
        }
    }
    if tips.is_empty() {
        return;
    }
    page.blank();
    page.line(indent, &[(Tone::Strong, "Tips"), (Tone::Quiet, "   not part of the points")]);
    let shown = if whole { tips.len() } else { TIPS };
    for (tip, hint) in tips.iter().take(shown) {
        let place = tip.place.as_ref().map(|place| format!("{place}  ")).unwrap_or_default();
        let bullet = page.sign("• ", "- ").to_owned();
        page.prose(indent + 2, (Tone::Quiet, &bullet), Tone::Text, &format!("{place}{}", tip.message));
        if let Some(hint) = hint.filter(|_| whole) {
            page.prose(indent + 4, (Tone::Text, ""), Tone::Quiet, hint);
        }
    }
    if tips.len() > shown {
        page.line(indent + 4, &[(Tone::Quiet, &format!("and {} more with --verbose", tips.len() - shown))]);
    }
}
