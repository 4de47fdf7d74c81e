//! Hints that give a line of the solution away: a whole instruction of its Dockerfile, a whole line of its Compose file.

use super::Linted;
use super::source::{LintedFile, bytes, shown};
use crate::challenge::Check;
use crate::yaml::{Entry, Node, Span};
use std::collections::BTreeSet;
use std::fs;
use std::path::Path;

/// A line of fewer characters, and of fewer than three words, is told from prose by its case: `USER app`.
const SHORTEST: usize = 12;
/// The keys whose texts a learner reads.
const TOLD: [&str; 5] = ["hints", "hint", "message", "expected", "why"];

/// A line of the solution that the starter does not have.
#[derive(Debug)]
pub(super) struct SolutionLine {
    text: String,
    is_short: bool,
    written: String,
    place: String,
}

/// The lines of a challenge's solution that nobody should be told.
pub(super) fn lines(folder: &Path) -> Vec<SolutionLine> {
    let starter: BTreeSet<String> = all(&folder.join("starter")).into_iter().map(|line| line.text).collect();
    let solution = all(&folder.join("solution")).into_iter();
    solution.filter(|line| is_telling(&line.text) && !starter.contains(&line.text)).collect()
}

/// The lines of the Dockerfiles and Compose files in a folder.
fn all(folder: &Path) -> Vec<SolutionLine> {
    let entries = fs::read_dir(folder).into_iter().flatten().flatten().map(|entry| entry.path());
    let mut files: Vec<_> = entries.filter(|path| is_docker_s(path)).collect();
    files.sort();
    let mut lines = Vec::new();
    for path in files {
        let text = bytes(&path).unwrap_or_default();
        for (index, line) in String::from_utf8_lossy(&text).lines().enumerate() {
            let place = format!("{}:{}", shown(&path), index + 1);
            let text = bare(line.trim_end().trim_end_matches('\\'));
            let is_short = text.split(' ').count() < 3 && text.chars().count() < SHORTEST;
            let text = if is_short { text } else { text.to_lowercase() };
            lines.push(SolutionLine { text, is_short, written: line.trim().to_owned(), place });
        }
    }
    lines
}

fn is_docker_s(path: &Path) -> bool {
    let name = path.file_name().and_then(|name| name.to_str()).unwrap_or_default();
    let is_yaml = path.extension().is_some_and(|it| it == "yaml" || it == "yml");
    name == "Dockerfile" || name.starts_with("Dockerfile.") || (name.contains("compose") && is_yaml)
}

/// Comments, keys alone and short words are no secret.
fn is_telling(line: &str) -> bool {
    let is_long = line.contains(' ') || line.chars().count() >= SHORTEST;
    is_long && !line.starts_with('#') && !line.ends_with(':')
}

/// A text as it is compared: blanks, quotes, a list's dash and case do not count.
pub(super) fn plain(text: &str) -> String {
    bare(text).to_lowercase()
}

/// The same with its case.
fn bare(text: &str) -> String {
    let text: String = text.chars().filter(|c| !matches!(c, '`' | '"' | '\'')).collect();
    let words = text.split_whitespace().skip_while(|word| *word == "-");
    words.collect::<Vec<_>>().join(" ")
}

fn given_away<'l>(text: &str, lines: &'l [SolutionLine]) -> Option<&'l SolutionLine> {
    let text = bare(text);
    let lower = text.to_lowercase();
    lines.iter().find(|line| {
        let text = if line.is_short { &text } else { &lower };
        text.match_indices(&line.text).any(|(at, found)| {
            let before = text.get(..at).and_then(|before| before.chars().next_back());
            let after = text.get(at + found.len()..).and_then(|after| after.chars().next());
            !before.is_some_and(char::is_alphanumeric) && !after.is_some_and(char::is_alphanumeric)
        })
    })
}

/// Looks at all texts of a file that a learner reads.
pub(super) fn texts(source: &LintedFile, node: &Node, lines: &[SolutionLine], linted: &mut Linted) {
    for entry in node.as_map().unwrap_or_default() {
        match (TOLD.contains(&entry.key.as_str()), entry.value.as_seq()) {
            (true, _) => told(source, entry, lines, linted),
            (false, Some(items)) if entry.key != "examples" => {
                for item in items {
                    texts(source, item, lines, linted);
                }
            }
            (false, _) if entry.key != "examples" => texts(source, &entry.value, lines, linted),
            _ => {}
        }
    }
}

fn told(source: &LintedFile, entry: &Entry, lines: &[SolutionLine], linted: &mut Linted) {
    let texts = entry.value.as_seq().unwrap_or(std::slice::from_ref(&entry.value));
    for node in texts {
        if let Some(line) = node.text().and_then(|text| given_away(text, lines)) {
            tell(source, node.span, "this gives a line of the solution away", line, linted);
        }
    }
}

/// Looks at a check of the library, which stands elsewhere, as the challenge uses it.
pub(super) fn used(source: &LintedFile, span: Span, check: &Check, lines: &[SolutionLine], linted: &mut Linted) {
    let steps = check.steps.iter().flat_map(|step| &step.expect);
    let items = check.expect.iter().chain(&check.advise).chain(steps);
    let own = items.flat_map(|item| [&item.message, &item.expected, &item.hint]).flatten();
    let own = own.chain([&check.says.message, &check.says.expected, &check.says.hint].into_iter().flatten());
    if let Some(line) = check.hints.iter().chain(own).find_map(|text| given_away(text, lines)) {
        let message = format!("a hint or message of `{}` gives a line of the solution away", check.id);
        tell(source, span, &message, line, linted);
    }
}

fn tell(source: &LintedFile, span: Span, message: &str, line: &SolutionLine, linted: &mut Linted) {
    let mut diagnostic = source.diagnostic(span, message);
    diagnostic.help = Some(format!("{} has `{}`; lead on without it", line.place, line.written));
    linted.warning("gives-away", diagnostic);
}
