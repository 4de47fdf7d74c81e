//! What holds of everything that is shown to people, or that a CI runner reads on its way to a log.

/// Asserts that nothing in a text moves a cursor, hides or turns text round, or commands a runner. `ours` are the workflow
/// commands that are meant.
pub fn check(what: &str, text: &str, ours: &[&str]) {
    for line in text.split('\n') {
        let hidden = |c: char| {
            c.is_control()
                || matches!(c, '\u{200b}' | '\u{200e}' | '\u{200f}' | '\u{2028}'..='\u{202e}' | '\u{2066}'..='\u{2069}')
                || matches!(c, '\u{feff}' | '\u{e0000}'..='\u{e007f}')
        };
        assert!(!line.contains(hidden), "{what}: {line:?}");
        let command = line.trim_start().starts_with("::");
        assert!(!command || ours.iter().any(|start| line.starts_with(start)), "{what}: {line:?}");
        assert!(!line.contains("##["), "{what}: {line:?}");
    }
}

/// Takes the colours out that the grader itself writes: `ESC [`, numbers, `m`.
pub fn without_colours(text: &str) -> String {
    let mut bare = String::new();
    let mut parts = text.split("\u{1b}[");
    bare.extend(parts.next());
    for part in parts {
        let (numbers, rest) = part.split_once('m').unwrap_or_else(|| panic!("an escape without its end: {part:?}"));
        let plain = numbers.chars().all(|c| c.is_ascii_digit() || c == ';');
        assert!(plain, "an escape that is no colour: {numbers:?}");
        bare.push_str(rest);
    }
    bare
}
