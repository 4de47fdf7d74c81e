//! Mutants of a `.dockerignore`: without a pattern, empty, not there.

use super::{Change, short, with_lines};
use crate::dockerignore::Ignore;

/// All of them.
pub(super) fn changes(text: &str) -> Vec<Change> {
    let patterns = Ignore::parse(text.as_bytes()).patterns;
    let mut changes: Vec<Change> = patterns
        .iter()
        .map(|pattern| Change {
            what: format!("without {}", short(&pattern.text, 60)),
            line: Some(pattern.line),
            text: Some(with_lines(text, pattern.line..=pattern.line, "")),
        })
        .collect();
    changes.push(Change { what: "empty".to_owned(), line: None, text: Some(String::new()) });
    changes.push(Change { what: "not there".to_owned(), line: None, text: None });
    changes
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn each_pattern_is_dropped_and_comments_stay() {
        let made: Vec<(String, Option<String>)> =
            changes("# all\n.git\n\n!.git/x\n").into_iter().map(|change| (change.what, change.text)).collect();
        let some = |what: &str, text: &str| (what.to_owned(), Some(text.to_owned()));
        assert_eq!(
            made,
            [
                some("without .git", "# all\n\n!.git/x\n"),
                some("without !.git/x", "# all\n.git\n\n"),
                some("empty", ""),
                ("not there".to_owned(), None),
            ]
        );
    }
}
