//! The bar of points: earned, lost, and not judged yet.

use super::layout::{Page, Tone};
use super::{Before, Report};

/// The longest bar, in columns.
const LONGEST: usize = 24;

/// Draws the bar, the points beside it, and what there is to say about them.
pub fn draw(page: &mut Page, indent: usize, report: &Report, before: &Before) {
    let (score, max, judged) = (report.score(), report.max_score(), report.judged_score());
    let points = format!(" {score}/{max}");
    let mut words = Vec::new();
    if report.complete() {
        words.extend(before.score.and_then(|previous| change(score, previous)));
        words.extend(before.best.filter(|best| score < *best).map(|best| format!("best so far {best}/{max}")));
    } else {
        words.push(format!("{score} of {judged} judged"));
    }
    if report.complete() && report.pass_mark < max {
        words.push(format!("{} to pass", report.pass_mark));
    }
    let length = LONGEST.min(page.width().saturating_sub(indent + points.len()));
    let (earned, known) = (share(score, max, length), share(judged, max, length));
    let full = page.sign("█", "#").repeat(earned);
    let lost = page.sign("░", "-").repeat(known.saturating_sub(earned));
    let open = page.sign("·", ".").repeat(length.saturating_sub(known.max(earned)));
    let (before, after) = if page.ascii { ("[", "]") } else { ("", "") };
    let words = words.join(", ");
    let used = indent + length + points.len() + 3 + words.len();
    let mut pieces = vec![
        (Tone::Text, before),
        (Tone::Good, &full),
        (Tone::Quiet, &lost),
        (Tone::Quiet, &open),
        (Tone::Text, after),
        (Tone::Strong, &points),
    ];
    let inline = format!("   {words}");
    if used <= page.width() {
        pieces.push((Tone::Quiet, &inline));
        page.line(indent, &pieces);
    } else {
        page.line(indent, &pieces);
        page.line(indent, &[(Tone::Quiet, &words)]);
    }
}

fn change(score: u32, previous: u32) -> Option<String> {
    match score.cmp(&previous) {
        std::cmp::Ordering::Greater => Some(format!("+{} since last run", score - previous)),
        std::cmp::Ordering::Less => Some(format!("-{} since last run", previous - score)),
        std::cmp::Ordering::Equal => None,
    }
}

/// The part of a bar that stands for some of the points: never full before all are there, never empty once there are some.
fn share(points: u32, max: u32, length: usize) -> usize {
    let length = u64::try_from(length).unwrap_or(0);
    let (points, max) = (u64::from(points), u64::from(max));
    let part = match points {
        0 if max == 0 => length,
        0 => 0,
        _ if points >= max => length,
        _ => (points * length / max).clamp(1, length.saturating_sub(1).max(1)),
    };
    usize::try_from(part).unwrap_or(0)
}

#[cfg(test)]
mod tests {
    use super::share;

    #[test]
    fn a_bar_is_full_only_with_all_points() {
        for (points, max, cells) in [(0, 100, 0), (1, 100, 1), (50, 100, 10), (99, 100, 19), (100, 100, 20), (0, 0, 20)]
        {
            assert_eq!(share(points, max, 20), cells, "{points}/{max}");
        }
        assert_eq!(share(u32::MAX, u32::MAX, 20), 20);
    }
}
