//! The summary in Markdown, as GitHub renders it: score, table of steps, findings with their lines, tips, versions.
//! <https://docs.github.com/actions/reference/workflows-and-actions/workflow-commands#adding-a-job-summary>

use super::escape::{markdown, markdown_code, markdown_fence};
use super::{CheckReport, Counts, Format, Report, escape, layout};
use crate::outcome::{Finding, Outcome};

/// The format.
pub const SPEC: Format = Format {
    name: "markdown",
    title: "Markdown",
    about: "a job summary or a comment: Markdown",
    render: |report, _| Ok(render(report)),
    wrote: |it| it.starts_with("#") && it.has(&["| | Step | Points | |", "Nothing was graded"]),
};

/// GitHub refuses a summary that is longer.
const LONGEST: usize = 1 << 20;
/// The most that one part behind the steps may take.
const PART: usize = 64 << 10;
/// Kept for saying that something is left out.
const SAID: usize = 200;
/// The findings of one check that are told.
const FINDINGS: usize = 10;
/// Tips, notes and bases that are told.
const SHORT: usize = 20;
/// The longest note in the table, in characters.
const NOTE: usize = 200;

/// The summary. One that would be too long ends with a whole step, and says so.
pub fn render(report: &Report) -> String {
    render_within(report, LONGEST)
}

/// The summary in so many bytes: as many whole steps as fit. Empty where there is no room for anything.
pub fn render_within(report: &Report, longest: usize) -> String {
    let longest = longest.min(LONGEST).saturating_sub(SAID);
    let mut page = head(report);
    let mut left_out = 0;
    let mut begun = false;
    for row in report.checks.iter().filter(|check| is_shown(check)).map(|check| row(check, report)) {
        let row = if begun { row } else { format!("| | Step | Points | |\n|:-:|---|--:|---|\n{row}") };
        if page.len() + row.len() > longest {
            left_out += 1;
        } else {
            page.push_str(&row);
            begun = true;
        }
    }
    if page.len() > longest {
        return String::new();
    }
    let mut tail = String::new();
    for part in [not_judged(report), tips(report), notes(report), foot(report)] {
        if part.len() <= PART && page.len() + tail.len() + part.len() <= longest {
            tail.push_str(&part);
        }
    }
    for told in report.checks.iter().map(step) {
        if left_out > 0 && !told.is_empty() || page.len() + told.len() + tail.len() > longest {
            left_out += 1;
        } else {
            page.push_str(&told);
        }
    }
    if left_out > 0 {
        line(&mut page, "\nNot all failed steps fit here; the other reports have them.");
    }
    page + &tail
}

fn line(page: &mut String, text: &str) {
    page.push_str(text);
    page.push('\n');
}

fn head(report: &Report) -> String {
    let mark = if report.passed() {
        "✅"
    } else if report.complete() {
        "❌"
    } else {
        "⚠️"
    };
    let verdict = if let Some(why) = &report.interrupted {
        format!("Stopped early: {}.", markdown(why))
    } else if !report.complete() {
        format!("Not everything could be judged: {} of {} points so far.", report.score(), report.judged_score())
    } else if report.passed() {
        "Passed.".to_owned()
    } else {
        format!("Not passed yet: {} points make a pass.", report.pass_mark)
    };
    let title = markdown(&report.challenge.1);
    format!("## {mark} {title}: {}/{}\n\n{verdict}\n\n", report.score(), report.max_score())
}

fn row(check: &CheckReport, report: &Report) -> String {
    let points = match (check.max_points, check.is_judged(), check.counts) {
        (0, ..) => String::new(),
        (max, true, Counts::Bonus) => format!("+{}/{max}", check.points),
        (max, true, _) => format!("{}/{max}", check.points),
        (max, false, _) => format!("–/{max}"),
    };
    let mark = mark(&check.outcome);
    let note = note(check, report);
    let note = layout::truncate(&note, NOTE);
    format!("| {mark} | {}{} | {points} | {} |\n", number(check), markdown(&check.title), markdown(&note))
}

fn number(check: &CheckReport) -> String {
    check.step.map(|step| format!("{step}. ")).unwrap_or_default()
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

fn note(check: &CheckReport, report: &Report) -> String {
    let counts = match check.counts {
        Counts::Points => None,
        Counts::Bonus => Some("bonus".to_owned()),
        Counts::Optional => Some("optional".to_owned()),
    };
    let by_hand = check.overridden.as_ref().map(|by_hand| format!("set by hand: {}", by_hand.reason));
    let result = match &check.outcome {
        Outcome::Passed => check.measured.clone(),
        Outcome::Failed(_) => None,
        Outcome::Skipped(_) | Outcome::Errored(_) if alike(check, report) > 1 => Some("not judged".to_owned()),
        Outcome::Skipped(why) => Some(format!("skipped because {why}")),
        Outcome::Errored(why) => Some(format!("could not judge: {why}")),
    };
    counts.into_iter().chain(by_hand).chain(result).collect::<Vec<_>>().join(", ")
}

/// How many checks went without a verdict for the same reason, so that it is better told once, below.
fn alike(check: &CheckReport, report: &Report) -> usize {
    let same = |other: &&CheckReport| !other.is_judged() && other.outcome == check.outcome;
    if check.is_judged() { 0 } else { report.checks.iter().filter(same).count() }
}

fn not_judged(report: &Report) -> String {
    let mut page = String::new();
    let mut told: Vec<&Outcome> = Vec::new();
    for check in report.checks.iter().filter(|check| alike(check, report) > 1) {
        let (Outcome::Skipped(why) | Outcome::Errored(why)) = &check.outcome else { continue };
        if told.contains(&&check.outcome) {
            continue;
        }
        told.push(&check.outcome);
        let same = report.checks.iter().filter(|other| !other.is_judged() && other.outcome == check.outcome);
        let steps: Vec<String> = same.filter_map(|other| Some(other.step?.to_string())).collect();
        let who = if steps.is_empty() { String::new() } else { format!(" (steps {})", steps.join(", ")) };
        line(&mut page, &format!("\n**Not judged{who}:** {}", markdown(why)));
    }
    page
}

/// One failed step whole.
fn step(check: &CheckReport) -> String {
    let Outcome::Failed(findings) = &check.outcome else { return String::new() };
    let mut page = String::new();
    line(&mut page, &format!("\n### ❌ {}{}\n", number(check), markdown(&check.title)));
    if findings.is_empty() {
        finding(&mut page, &Finding::default());
    }
    for one in findings.iter().take(FINDINGS) {
        finding(&mut page, one);
    }
    if findings.len() > FINDINGS {
        line(&mut page, &format!("and {} more\n", findings.len() - FINDINGS));
    }
    if let Some(task) = &check.teaching.task {
        line(&mut page, &format!("**Task:** {}\n", markdown(task)));
    }
    if !check.why.trim().is_empty() {
        line(&mut page, &format!("**Why:** {}\n", markdown(&check.why)));
    }
    if let Some(url) = &check.teaching.learn {
        line(&mut page, &format!("**Learn:** {}\n", markdown(url)));
    }
    let own = findings.iter().find_map(|finding| finding.hint.as_ref());
    if let Some(hint) = own.or_else(|| check.hints.first()) {
        line(&mut page, &format!("<details><summary>A hint</summary>\n\n{}\n\n</details>\n", markdown(hint)));
    }
    page
}

fn finding(page: &mut String, finding: &Finding) {
    let message = if finding.headline().trim().is_empty() { "Not there yet." } else { finding.headline().trim() };
    let (first, rest) = message.split_once('\n').unwrap_or((message, ""));
    // Without a place it is an item, so that it is not taken for a sentence of ours.
    let place = Some(place(finding)).filter(|place| !place.is_empty()).unwrap_or_else(|| "- ".to_owned());
    // Some messages begin with it, for readers who don't see the place.
    let own = finding.place.as_ref().and_then(|place| first.strip_prefix(&format!("{place} ")));
    line(page, &format!("{place}{}\n", markdown(own.unwrap_or(first).trim_end())));
    if !rest.trim().is_empty() {
        line(page, &block(rest));
    }
    if let Some(snippet) = &finding.snippet {
        let last = u32::try_from(snippet.lines.len()).unwrap_or(u32::MAX).saturating_add(snippet.first_line);
        let gutter = last.saturating_sub(1).to_string().len();
        let numbered: Vec<String> = (snippet.first_line..)
            .zip(&snippet.lines)
            .map(|(number, text)| {
                let mark = if snippet.marked.contains(&number) { ">" } else { " " };
                format!("{mark} {number:>gutter$} | {}", escape::line(text)).trim_end().to_owned()
            })
            .collect();
        line(page, &markdown_fence(&numbered));
    }
    let labelled = [("expected", &finding.expected), ("found", &finding.actual), ("because", &finding.because)];
    let mut items = String::new();
    let mut blocks = String::new();
    for (label, text) in labelled {
        let Some(text) = text.as_ref().map(|text| text.trim()).filter(|text| !text.is_empty()) else { continue };
        if text.contains('\n') {
            line(&mut blocks, &format!("{label}:\n\n{}", block(text)));
        } else {
            line(&mut items, &format!("- **{label}:** {}", markdown(text)));
        }
    }
    if !items.is_empty() {
        line(page, &items);
    }
    page.push_str(&blocks);
}

fn place(finding: &Finding) -> String {
    let place = finding.place.as_ref().map(|place| markdown_code(&place.to_string())).unwrap_or_default();
    if place.is_empty() { place } else { format!("{place} ") }
}

/// Text of several lines, as they are.
fn block(text: &str) -> String {
    markdown_fence(&escape::lines(text))
}

fn tips(report: &Report) -> String {
    let tips: Vec<&Finding> = report.checks.iter().flat_map(|check| &check.advice).collect();
    let mut page = String::new();
    if tips.is_empty() {
        return page;
    }
    line(&mut page, "\n<details><summary>Tips, not part of the points</summary>\n");
    for tip in tips.iter().take(SHORT) {
        line(&mut page, &format!("- {}{}", place(tip), markdown(&tip.message)));
    }
    line(&mut page, "\n</details>");
    page
}

fn notes(report: &Report) -> String {
    let mut page = String::new();
    for note in report.notes.iter().take(SHORT) {
        line(&mut page, &format!("\n**Note:** {}", markdown(note)));
    }
    page
}

fn foot(report: &Report) -> String {
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
    format!("\n<sub>{}</sub>\n", markdown(&facts.join(" · ")))
}
