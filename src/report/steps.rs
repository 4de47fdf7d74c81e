//! The table of steps: a mark, the title, the points, and what was measured or why there is no verdict.

use super::layout::{Page, Tone, columns, pad, wrap};
use super::{CheckReport, Counts, escape};
use crate::outcome::Outcome;

/// The widest column of titles: the points should not stand far away.
const TITLE: usize = 48;

/// The mark of an outcome, and its tone.
pub fn mark(page: &Page, outcome: &Outcome) -> (Tone, &'static str) {
    match outcome {
        Outcome::Passed => (Tone::Good, if page.ascii { "PASS " } else { "✓" }),
        Outcome::Failed(_) => (Tone::Bad, if page.ascii { "FAIL " } else { "✗" }),
        Outcome::Skipped(_) => (Tone::Quiet, if page.ascii { "SKIP " } else { "–" }),
        Outcome::Errored(_) => (Tone::Doubt, if page.ascii { "ERROR" } else { "!" }),
    }
}

/// Draws a line for each check. Of the gates only those with something to say are drawn, unless `all` are asked for.
pub fn draw(page: &mut Page, indent: usize, checks: &[CheckReport], all: bool) {
    let shown: Vec<&CheckReport> =
        checks.iter().filter(|check| all || counts(check) || has_trouble(&check.outcome)).collect();
    let (waiting, shown): (Vec<&CheckReport>, Vec<&CheckReport>) =
        shown.iter().partition(|check| waits_with_others(check, &shown));
    let titles: Vec<String> = shown.iter().map(|check| escape::line(&check.title).into_owned()).collect();
    let points: Vec<String> = shown.iter().map(|check| points(check)).collect();
    let number_width = shown.iter().map(|check| number(check).len()).max().unwrap_or(0);
    let points_width = points.iter().map(String::len).max().unwrap_or(0);
    let mark_width = columns(mark(page, &Outcome::Passed).1);
    let title_at = indent + mark_width + 1 + number_width + 2;
    let title_room = page.width().saturating_sub(title_at + 2 + points_width).max(8);
    // A gate has no points to line up with.
    let longest = shown.iter().zip(&titles).filter(|(check, _)| check.max_points > 0).map(|(_, title)| columns(title));
    let title_width = longest.max().unwrap_or(title_room).min(title_room).min(TITLE);
    let wrap_at = if page.ascii { usize::MAX } else { title_width };
    let note_at = title_at + title_width + 2 + points_width + 3;

    for ((check, title), points) in shown.iter().zip(&titles).zip(&points) {
        let gate = check.max_points == 0;
        let title_lines = wrap(title, if gate { page.width().saturating_sub(title_at) } else { wrap_at.max(2) });
        let (first, more) = title_lines.split_first().unwrap_or((&"", &[]));
        let mut note = note(check, &shown);
        if !all && check.outcome == Outcome::Passed {
            note.truncate(note.find("; ").unwrap_or(note.len())); // the rest is for who wants it whole
        }
        let note_at = if gate { title_at + columns(first) + 3 } else { note_at };
        let inline = more.is_empty() && note_at.saturating_add(columns(&escape::line(&note))) <= page.width();
        let number = format!(" {:>number_width$}  ", number(check));
        let title = pad(first, if gate { 0 } else { title_width });
        let points = if gate { String::new() } else { format!("  {points:>points_width$}") };
        let note_inline = format!("   {note}");
        let title_tone = if matches!(check.outcome, Outcome::Skipped(_)) { Tone::Quiet } else { Tone::Text };
        let mut pieces =
            vec![mark(page, &check.outcome), (Tone::Quiet, &number), (title_tone, &title), (Tone::Text, &points)];
        if inline && !note.is_empty() {
            pieces.push((Tone::Quiet, &note_inline));
        }
        page.line(indent, &pieces);
        for line in more {
            page.line(title_at, &[(title_tone, line)]);
        }
        if !inline && !note.is_empty() {
            page.prose(title_at, (Tone::Text, ""), Tone::Quiet, &note);
        }
    }
    waits(page, indent, &waiting);
    reasons(page, indent, &shown);
}

/// Whether it waits for the same check as another one: then they share a line.
fn waits_with_others(check: &CheckReport, shown: &[&CheckReport]) -> bool {
    let is_same = |other: &&&CheckReport| other.is_judged() && other.outcome == check.outcome;
    matches!(check.outcome, Outcome::Skipped(_)) && check.is_judged() && shown.iter().filter(is_same).count() > 1
}

/// Draws one line for all checks that wait for the same one.
fn waits(page: &mut Page, indent: usize, waiting: &[&CheckReport]) {
    let mut drawn: Vec<&Outcome> = Vec::new();
    for check in waiting {
        let Outcome::Skipped(why) = &check.outcome else { continue };
        if drawn.contains(&&check.outcome) {
            continue;
        }
        drawn.push(&check.outcome);
        let same = waiting.iter().filter(|other| other.outcome == check.outcome);
        let (steps, points) = same.fold((Vec::new(), 0), |(mut steps, points), other| {
            steps.extend(other.step);
            (steps, points + if other.counts == Counts::Points { other.max_points } else { 0 })
        });
        let first = why.strip_prefix("it needs ").and_then(|why| why.strip_suffix(" first")).unwrap_or(why);
        let label = format!(" {}  ", ranges(&steps, page.sign("–", "-")));
        let text = format!("wait for {first} (0/{points})");
        page.hanging(indent, &[mark(page, &check.outcome), (Tone::Quiet, &label)], Tone::Quiet, &text);
    }
}

/// Numbers in their order, those in a row as a range: `3–5, 7`.
fn ranges(numbers: &[u32], to: &str) -> String {
    let mut ranges: Vec<(u32, u32)> = Vec::new();
    for &number in numbers {
        match ranges.last_mut() {
            Some((_, last)) if *last + 1 == number => *last = number,
            _ => ranges.push((number, number)),
        }
    }
    let text = |(first, last): &(u32, u32)| match last - first {
        0 => first.to_string(),
        1 => format!("{first}, {last}"),
        _ => format!("{first}{to}{last}"),
    };
    ranges.iter().map(text).collect::<Vec<_>>().join(", ")
}

/// Whether it is more than a gate.
fn counts(check: &CheckReport) -> bool {
    check.step.is_some() || check.counts == Counts::Optional
}

fn has_trouble(outcome: &Outcome) -> bool {
    matches!(outcome, Outcome::Failed(_) | Outcome::Errored(_))
}

/// The step's number; a gate has none.
pub fn number(check: &CheckReport) -> String {
    check.step.map(|step| step.to_string()).unwrap_or_default()
}

fn points(check: &CheckReport) -> String {
    match check.max_points {
        0 => String::new(),
        max if check.counts == Counts::Bonus && check.is_judged() => format!("+{}/{max}", check.points),
        max if check.is_judged() => format!("{}/{max}", check.points),
        max => format!("-/{max}"),
    }
}

/// What stands behind the points: how it counts where that is not as usual, what an instructor decided, what was measured.
fn note(check: &CheckReport, shown: &[&CheckReport]) -> String {
    let counts = match check.counts {
        Counts::Points => None,
        Counts::Bonus => Some("bonus".to_owned()),
        Counts::Optional => Some("optional".to_owned()),
    };
    let by_hand = check.overridden.as_ref().map(|by_hand| format!("set by hand: {}", by_hand.reason));
    let all = counts.into_iter().chain(by_hand).chain([result(check, shown)].into_iter().filter(|it| !it.is_empty()));
    all.collect::<Vec<_>>().join(", ")
}

fn result(check: &CheckReport, shown: &[&CheckReport]) -> String {
    match &check.outcome {
        Outcome::Passed => check.measured.clone().unwrap_or_default(),
        Outcome::Failed(_) => String::new(), // its findings say what was found
        Outcome::Skipped(_) if sharing(check, shown) => "not judged".to_owned(),
        Outcome::Errored(_) if sharing(check, shown) => "could not judge".to_owned(),
        Outcome::Skipped(why) => format!("skipped because {why}"),
        Outcome::Errored(why) => format!("could not judge: {why}"),
    }
}

/// Whether another check went without a verdict for the same reason, so that it is better told once, below.
fn sharing(check: &CheckReport, shown: &[&CheckReport]) -> bool {
    !check.is_judged() && shown.iter().filter(|other| !other.is_judged() && other.outcome == check.outcome).count() > 1
}

fn reasons(page: &mut Page, indent: usize, shown: &[&CheckReport]) {
    let mut told: Vec<&Outcome> = Vec::new();
    for check in shown.iter().filter(|check| sharing(check, shown)) {
        let (Outcome::Skipped(why) | Outcome::Errored(why)) = &check.outcome else { continue };
        if told.contains(&&check.outcome) {
            continue;
        }
        if told.is_empty() {
            page.blank();
        }
        told.push(&check.outcome);
        let (tone, mark) = mark(page, &check.outcome);
        let same: Vec<&&CheckReport> = shown.iter().filter(|other| other.outcome == check.outcome).collect();
        let steps: Vec<u32> = same.iter().filter_map(|other| other.step).collect();
        let who =
            if steps.is_empty() { String::new() } else { format!("steps {} ", ranges(&steps, page.sign("–", "-"))) };
        let what = if has_trouble(&check.outcome) { "could not be judged" } else { "not judged" };
        page.prose(indent, (tone, &format!("{mark} ")), Tone::Text, &format!("{who}{what}: {why}"));
    }
}
