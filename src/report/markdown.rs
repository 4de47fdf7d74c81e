//! The summary in Markdown, as GitHub renders it: score, table of steps, findings with their lines, tips, versions.
//! <https://docs.github.com/actions/reference/workflows-and-actions/workflow-commands#adding-a-job-summary>

use super::escape::{markdown, markdown_code, markdown_fence};
use super::{CheckReport, Counts, Report};
use crate::outcome::{Finding, Outcome};
use std::fmt::Write as _;

/// GitHub refuses a summary that is longer.
const LONGEST: usize = 1 << 20;
/// What is left for what stands behind the steps.
const TAIL: usize = 64 << 10;
/// The findings of one check that are told.
const FINDINGS: usize = 10;
/// Tips, notes and bases that are told.
const SHORT: usize = 20;

/// The summary. One that would be too long ends with a whole step, and says so.
pub fn render(report: &Report) -> String {
    let mut page = String::new();
    head(&mut page, report);
    table(&mut page, report);
    let failed = report.checks.iter().filter(|check| matches!(check.outcome, Outcome::Failed(_)));
    let mut left_out = 0;
    for check in failed {
        let told = step(check);
        if left_out > 0 || page.len() + told.len() > LONGEST - TAIL {
            left_out += 1;
        } else {
            page.push_str(&told);
        }
    }
    if left_out > 0 {
        line(&mut page, &format!("\n{left_out} more failed steps do not fit here; the other reports have them.\n"));
    }
    tips(&mut page, report);
    foot(&mut page, report);
    page
}

fn line(page: &mut String, text: &str) {
    page.push_str(text);
    page.push('\n');
}

fn head(page: &mut String, report: &Report) {
    let mark = if report.passed() {
        "✅"
    } else if report.complete() {
        "❌"
    } else {
        "⚠️"
    };
    line(page, &format!("## {mark} {}: {}/{}\n", markdown(&report.challenge.1), report.score(), report.max_score()));
    let verdict = if let Some(why) = &report.interrupted {
        format!("Stopped early: {}.", markdown(why))
    } else if !report.complete() {
        format!("Not everything could be judged: {} of {} points so far.", report.score(), report.judged_score())
    } else if report.passed() {
        "Passed.".to_owned()
    } else {
        format!("Not passed yet: {} points make a pass.", report.pass_mark)
    };
    line(page, &format!("{verdict}\n"));
}

fn table(page: &mut String, report: &Report) {
    line(page, "| | Step | Points | |\n|---|---|--:|---|");
    for check in report.checks.iter().filter(|check| is_shown(check)) {
        let number = check.step.map(|step| format!("{step}. ")).unwrap_or_default();
        let points = match (check.max_points, check.is_judged(), check.counts) {
            (0, ..) => String::new(),
            (max, true, Counts::Bonus) => format!("+{}/{max}", check.points),
            (max, true, _) => format!("{}/{max}", check.points),
            (max, false, _) => format!("–/{max}"),
        };
        let mark = mark(&check.outcome);
        line(page, &format!("| {mark} | {number}{} | {points} | {} |", markdown(&check.title), markdown(&note(check))));
    }
}

fn is_shown(check: &CheckReport) -> bool {
    let trouble = matches!(check.outcome, Outcome::Failed(_) | Outcome::Errored(_));
    check.step.is_some() || check.counts == Counts::Optional || trouble
}

fn mark(outcome: &Outcome) -> &'static str {
    match outcome {
        Outcome::Passed => "✅",
        Outcome::Failed(_) => "❌",
        Outcome::Skipped(_) => "➖",
        Outcome::Errored(_) => "⚠️",
    }
}

fn note(check: &CheckReport) -> String {
    let counts = match check.counts {
        Counts::Points => None,
        Counts::Bonus => Some("bonus".to_owned()),
        Counts::Optional => Some("optional".to_owned()),
    };
    let by_hand = check.overridden.as_ref().map(|by_hand| format!("set by hand: {}", by_hand.reason));
    let result = match &check.outcome {
        Outcome::Passed => check.measured.clone(),
        Outcome::Failed(_) => None,
        Outcome::Skipped(why) => Some(format!("skipped because {why}")),
        Outcome::Errored(why) => Some(format!("could not judge: {why}")),
    };
    counts.into_iter().chain(by_hand).chain(result).collect::<Vec<_>>().join(", ")
}

/// One failed step whole.
fn step(check: &CheckReport) -> String {
    let Outcome::Failed(findings) = &check.outcome else { return String::new() };
    let mut page = String::new();
    let number = check.step.map(|step| format!("{step}. ")).unwrap_or_default();
    line(&mut page, &format!("\n### ❌ {number}{}\n", markdown(&check.title)));
    for one in findings.iter().take(FINDINGS) {
        finding(&mut page, one);
    }
    if findings.len() > FINDINGS {
        line(&mut page, &format!("and {} more\n", findings.len() - FINDINGS));
    }
    if !check.why.trim().is_empty() {
        line(&mut page, &format!("**Why:** {}\n", markdown(&check.why)));
    }
    let own = findings.iter().find_map(|finding| finding.hint.as_ref());
    if let Some(hint) = own.or_else(|| check.hints.first()) {
        line(&mut page, &format!("<details><summary>A hint</summary>\n\n{}\n\n</details>\n", markdown(hint)));
    }
    page
}

fn finding(page: &mut String, finding: &Finding) {
    let place = finding.place.as_ref().map(|place| format!("{} ", markdown_code(&place.to_string())));
    let message = if finding.message.is_empty() { "Not there yet." } else { &finding.message };
    line(page, &format!("{}{}\n", place.unwrap_or_default(), markdown(message)));
    if let Some(snippet) = &finding.snippet {
        let numbered: Vec<String> = (snippet.first_line..)
            .zip(&snippet.lines)
            .map(|(number, text)| {
                let mark = if snippet.marked.contains(&number) { ">" } else { " " };
                format!("{mark} {number:>3} | {text}")
            })
            .collect();
        line(page, &markdown_fence(&numbered));
    }
    let labelled = [("expected", &finding.expected), ("found", &finding.actual), ("because", &finding.because)];
    let mut any = false;
    for (label, text) in labelled {
        if let Some(text) = text.as_ref().filter(|text| !text.trim().is_empty()) {
            line(page, &format!("- {label}: {}", markdown(text)));
            any = true;
        }
    }
    if any {
        page.push('\n');
    }
}

fn tips(page: &mut String, report: &Report) {
    let tips: Vec<&Finding> = report.checks.iter().flat_map(|check| &check.advice).collect();
    if tips.is_empty() {
        return;
    }
    line(page, "\n<details><summary>Tips, not part of the points</summary>\n");
    for tip in tips.iter().take(SHORT) {
        let place = tip.place.as_ref().map(|place| format!("{} ", markdown_code(&place.to_string())));
        line(page, &format!("- {}{}", place.unwrap_or_default(), markdown(&tip.message)));
    }
    line(page, "\n</details>");
}

fn foot(page: &mut String, report: &Report) {
    for note in report.notes.iter().take(SHORT) {
        line(page, &format!("\n> {}", markdown(note)));
    }
    let mut facts = vec![format!("grader {}", env!("CARGO_PKG_VERSION"))];
    facts.extend(report.repository.commit.as_ref().map(|commit| {
        let short: String = commit.chars().take(7).collect();
        format!("commit {short}{}", if report.repository.dirty { " with uncommitted changes" } else { "" })
    }));
    facts.extend(Some(report.platform.clone()).filter(|platform| !platform.is_empty()));
    facts.extend(
        report.engine.as_ref().map(|it| format!("Docker {}, Buildx {}, Compose {}", it.version, it.buildx, it.compose)),
    );
    facts.extend(report.bases.iter().take(SHORT).map(|(image, digest)| format!("{image} is {digest}")));
    facts.push(format!("{:.1} s", report.elapsed.as_secs_f64()));
    let mut small = String::new();
    let _ = write!(small, "\n<sub>{}</sub>", markdown(&facts.join(" · "))); // writing to a String cannot fail
    line(page, &small);
}
