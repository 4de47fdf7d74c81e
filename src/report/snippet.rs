//! Lines of a learner's file with their numbers, the ones that are meant marked.

use super::escape;
use super::layout::{Page, Tone, columns, truncate};
use crate::outcome::Snippet;

/// Draws a snippet; with a column other than the first, a `^` stands below it on the first marked line.
pub fn draw(page: &mut Page, indent: usize, snippet: &Snippet, column: Option<u32>) {
    let numbers = snippet.first_line..;
    let last = u32::try_from(snippet.lines.len()).unwrap_or(u32::MAX).saturating_add(snippet.first_line);
    let gutter = last.saturating_sub(1).to_string().len();
    let bar = page.sign(" │ ", " | ");
    let room = page.width().saturating_sub(indent + 2 + gutter + 3);
    for (number, line) in numbers.zip(&snippet.lines) {
        let marked = snippet.marked.contains(&number);
        let mark = if marked { page.sign("▸ ", "> ") } else { "  " };
        let text = escape::line(line);
        let text = truncate(&text, room);
        let number_text = format!("{number:>gutter$}");
        let tone = if marked { Tone::Strong } else { Tone::Text };
        page.line(indent, &[(Tone::Bad, mark), (Tone::Quiet, &number_text), (Tone::Quiet, bar), (tone, &text)]);
        let Some(column) = column.filter(|&column| column > 1 && number == *snippet.marked.start()) else { continue };
        let before: String = line.chars().take(column.saturating_sub(1) as usize).collect();
        let offset = columns(&escape::line(&before));
        if offset < room {
            let below = " ".repeat(gutter);
            let caret = format!("{}^", " ".repeat(offset));
            page.line(indent, &[(Tone::Text, "  "), (Tone::Text, &below), (Tone::Quiet, bar), (Tone::Bad, &caret)]);
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn drawn(lines: &[&str], column: Option<u32>) -> String {
        let lines = lines.iter().map(|&line| line.to_owned()).collect();
        let mut page = Page::terminal(40, false);
        draw(&mut page, 0, &Snippet { first_line: 9, lines, marked: 10..=10 }, column);
        page.finish()
    }

    #[test]
    fn the_caret_stands_below_its_column() {
        assert_eq!(drawn(&["A", "\té X"], Some(4)), "   9 │ A\n▸ 10 │     é X\n     │       ^\n");
    }

    #[test]
    fn long_and_hostile_lines_stay_on_theirs() {
        assert_eq!(
            drawn(&["\x1b[2J", &"x".repeat(300), ""], Some(200)),
            "   9 │ ␛[2J\n▸ 10 │ xxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxx…\n  11 │\n"
        );
    }
}
