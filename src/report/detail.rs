//! One failed check whole: each finding with its place, its lines, what was expected and found; then why, and a hint.

use super::layout::{Page, Tone, columns};
use super::{CheckReport, escape, snippet, steps};
use crate::outcome::{Finding, Outcome};

/// Findings of one check that a short report shows whole.
const SHOWN: usize = 3;
/// Columns of the labels before expected, found, why and hint.
const LABEL: usize = 10;
/// The longest place that a message stands behind.
const PLACE: usize = 40;

/// Draws a failed check; `all` its findings, or the first few.
pub fn draw(page: &mut Page, indent: usize, check: &CheckReport, all: bool) {
    let Outcome::Failed(findings) = &check.outcome else { return };
    let number = steps::number(check);
    let number = if number.is_empty() { " ".to_owned() } else { format!(" {number}  ") };
    page.hanging(indent, &[steps::mark(page, &check.outcome), (Tone::Text, &number)], Tone::Strong, &check.title);
    let indent = indent + 2;
    if findings.is_empty() {
        page.line(indent, &[(Tone::Text, "Not there yet.")]);
    }
    let shown = if all { findings.len() } else { SHOWN };
    // The check's first hint is told once, below, however many findings carry it.
    let general = check.hints.first();
    for one in findings.iter().take(shown) {
        page.blank();
        finding(page, indent, one, general);
    }
    if let Some(more) = findings.len().checked_sub(shown).filter(|&more| more > 0) {
        page.blank();
        page.line(indent, &[(Tone::Quiet, &format!("and {more} more with --verbose"))]);
    }
    page.blank();
    labelled(page, indent, "task", Tone::Text, check.teaching.task.as_ref());
    labelled(page, indent, "why", Tone::Text, Some(&check.why));
    let is_general = |finding: &Finding| finding.hint.is_none() || finding.hint.as_ref() == general;
    if findings.is_empty() || findings.iter().any(|finding| finding.cause.is_none() && is_general(finding)) {
        hint(page, indent, general);
    }
    let has_page = |finding: &Finding| finding.cause.as_ref().is_some_and(|cause| cause.learn.is_some());
    let learn = check.teaching.learn.as_ref().filter(|_| !findings.iter().any(has_page));
    labelled(page, indent, "learn", Tone::Command, learn);
}

fn finding(page: &mut Page, indent: usize, finding: &Finding, general: Option<&String>) {
    if let Some(first) = finding.cause.as_ref().and_then(|cause| cause.follows.as_ref()) {
        place_and_message(page, indent, finding);
        page.blank();
        return labelled(
            page,
            indent,
            "waits for",
            Tone::Text,
            Some(&format!("“{first}”, which fails for the same cause")),
        );
    }
    let own_hint = finding.hint.as_ref().filter(|hint| Some(*hint) != general);
    place_and_message(page, indent, finding);
    if let Some(lines) = &finding.snippet {
        page.blank();
        snippet::draw(page, indent, lines, finding.place.as_ref().and_then(|place| place.column));
    }
    if [&finding.expected, &finding.actual, &finding.because].iter().any(|text| text.is_some()) || own_hint.is_some() {
        page.blank();
    }
    // A cause says what is wrong; what the check expects of its fact adds nothing.
    let expected = finding.expected.as_ref().filter(|_| finding.cause.is_none());
    labelled(page, indent, "expected", Tone::Text, expected);
    labelled(page, indent, "found", Tone::Text, finding.actual.as_ref());
    labelled(page, indent, "because", Tone::Text, finding.because.as_ref());
    match &finding.cause {
        Some(cause) => {
            labelled(page, indent, "means", Tone::Text, Some(&cause.means));
            page.prose(indent, (Tone::Command, &format!("{:LABEL$}", "next")), Tone::Text, &cause.next);
            labelled(page, indent, "learn", Tone::Command, cause.learn.as_ref());
        }
        None => hint(page, indent, own_hint),
    }
}

/// The place first, then the message, on one line where both fit.
pub fn place_and_message(page: &mut Page, indent: usize, finding: &Finding) {
    let place = finding.place.as_ref().map(ToString::to_string).unwrap_or_default();
    // Some messages begin with it, for readers who don't see the place.
    if place.is_empty() || finding.headline().starts_with(&format!("{place} ")) {
        page.prose(indent, (Tone::Text, ""), Tone::Text, finding.headline());
    } else if columns(&escape::line(&place)) > PLACE.min(page.width() / 2) {
        page.prose(indent, (Tone::Text, ""), Tone::Command, &place);
        page.prose(indent, (Tone::Text, ""), Tone::Text, finding.headline());
    } else {
        page.prose(indent, (Tone::Command, &format!("{place}  ")), Tone::Text, finding.headline());
    }
}

fn hint(page: &mut Page, indent: usize, text: Option<&String>) {
    let Some(text) = text else { return };
    page.prose(indent, (Tone::Command, &format!("{:LABEL$}", "hint")), Tone::Text, text);
}

fn labelled(page: &mut Page, indent: usize, label: &str, tone: Tone, text: Option<&String>) {
    if let Some(text) = text.filter(|text| !text.trim().is_empty()) {
        page.prose(indent, (Tone::Quiet, &format!("{label:LABEL$}")), tone, text);
    }
}
