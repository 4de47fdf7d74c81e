//! Findings in a line, and the one that a case looks for.

use crate::challenge::read::case::Sought;
use crate::outcome::Finding;
use std::fmt::Write as _;

/// A finding in a line: where, what, and what was found.
pub(super) fn one(finding: &Finding) -> String {
    let mut text = finding.place.as_ref().map(|place| format!("{place}: ")).unwrap_or_default();
    text.push_str(finding.message.trim_end_matches('.'));
    let found = finding.actual.as_ref().filter(|actual| !actual.is_empty()).map(|actual| format!("found {actual}"));
    let details: Vec<String> = found.into_iter().chain(finding.because.clone()).collect();
    if !details.is_empty() {
        let _ = write!(text, " ({})", details.join("; ")); // writing to a String cannot fail
    }
    crate::proof::mutant::short(&text, 240)
}

/// Whether it is the one that is looked for.
pub(super) fn fits(sought: &Sought, finding: &Finding) -> bool {
    let place = finding.place.as_ref();
    let texts = [&finding.expected, &finding.actual, &finding.because, &finding.hint];
    let says = |words: &str| {
        finding.message.contains(words)
            || finding.headline().contains(words)
            || texts.into_iter().flatten().any(|text| text.contains(words))
    };
    sought.path.as_deref().is_none_or(|path| place.is_some_and(|place| place.path == path))
        && sought.line.is_none_or(|line| place.is_some_and(|place| place.line == Some(line)))
        && sought.message.as_deref().is_none_or(says)
        && sought.cause.as_deref().is_none_or(|cause| finding.cause.as_ref().is_some_and(|known| known.cause == cause))
}

/// A finding that is looked for, in words.
pub(super) fn words(sought: &Sought) -> String {
    let mut text = "something".to_owned();
    if let Some(message) = &sought.message {
        text = format!("`{message}`");
    }
    if let Some(cause) = &sought.cause {
        let _ = write!(text, " explained by {cause}"); // writing to a String cannot fail
    }
    match (&sought.path, sought.line) {
        (Some(path), Some(line)) => format!("{text} at {path}:{line}"),
        (Some(path), None) => format!("{text} in {path}"),
        (None, Some(line)) => format!("{text} at line {line}"),
        (None, None) => text,
    }
}
