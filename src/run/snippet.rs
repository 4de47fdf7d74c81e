//! The lines around a finding's place, taken from the snapshot that was graded.

use crate::outcome::{Finding, Snippet};

/// Lines shown before and after the place.
const CONTEXT: u32 = 2;
/// The most lines of a place that are shown: of a longer one, its first.
const MOST_LINES: u32 = 8;
/// The longest line, in characters.
const MOST_COLUMNS: usize = 200;

/// Gives a finding its snippet, if its place is a line of a file that `read` knows.
pub fn attach(finding: &mut Finding, read: &dyn Fn(&str) -> Option<Vec<u8>>) {
    let Some((place, line)) = finding.place.as_ref().and_then(|place| Some((place, place.line?))) else { return };
    let Some(bytes) = read(&place.path) else { return };
    finding.snippet = cut(&String::from_utf8_lossy(&bytes), line, place.end_line.unwrap_or(line));
}

fn cut(text: &str, line: u32, end_line: u32) -> Option<Snippet> {
    let end_line = end_line.clamp(line, line.saturating_add(MOST_LINES - 1));
    let first_line = line.saturating_sub(CONTEXT).max(1);
    let wanted = end_line.saturating_add(CONTEXT).saturating_sub(first_line).saturating_add(1);
    let lines: Vec<String> = text
        .trim_start_matches('\u{feff}')
        .lines()
        .skip(first_line as usize - 1)
        .take(wanted as usize)
        .map(|line| line.chars().take(MOST_COLUMNS).collect())
        .collect();
    (!lines.is_empty()).then_some(Snippet { first_line, lines, marked: line..=end_line })
}

#[cfg(test)]
mod tests {
    use super::cut;

    #[test]
    fn a_snippet_has_the_lines_around_its_place() {
        let text = "1\n2\n3\n4\n5\n6\n7";
        let snippet = cut(text, 4, 4).expect("line 4 is there");
        assert_eq!((snippet.first_line, snippet.lines.join("")), (2, "23456".to_owned()));
        assert_eq!(cut(text, 1, 2).map(|s| (s.first_line, s.lines.join(""))), Some((1, "1234".to_owned())));
        assert_eq!(cut(text, 7, 9).map(|s| (s.first_line, s.lines.join(""))), Some((5, "567".to_owned())));
        assert_eq!(cut(text, 40, 40), None);
        assert_eq!(cut(text, u32::MAX, u32::MAX), None);
    }
}
