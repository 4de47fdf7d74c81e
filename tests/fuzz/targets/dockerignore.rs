//! A `.dockerignore` and paths, a piece each: held against moby's own way, regular expressions, where the pattern is plain
//! enough for both to agree on the language.

use super::{facts, pieces};
use grader::dockerignore::{Ignore, MAX_PATTERNS, Matched};
use grader::facts::dockerignore::collect;
use regex::Regex;

/// The paths that are asked when the input brings none.
const PATHS: [&[u8]; 5] = [b"a/b", b".git/HEAD", b"src/app.py", b"node_modules/x/y.js", b"README.md"];

/// Reads it and asks it.
pub fn run(data: &[u8]) {
    let pieces = pieces::cut(data);
    let ignore = Ignore::parse(pieces[0]);
    let lines = facts::lines(pieces[0]);
    let file = |path: &str| (path == ".dockerignore").then_some(lines);
    facts::check(&collect(Ok(Some((".dockerignore", &ignore))), &[]), &file);
    assert!(ignore.patterns.len() <= MAX_PATTERNS);
    assert!(ignore.errors.is_sorted_by_key(|error| error.line));
    assert!(ignore.errors.iter().all(|error| (1..=lines).contains(&(error.line as usize)) && error.column >= 1));
    let again = Ignore::from_patterns(ignore.patterns.iter().map(|pattern| pattern.text.as_str()));
    let paths = if pieces.len() > 1 { &pieces[1..] } else { &PATHS };
    for path in paths.iter().take(20) {
        ask(&ignore, &again, &String::from_utf8_lossy(path));
    }
}

fn ask(ignore: &Ignore, again: &Ignore, path: &str) {
    let said = ignore.excludes(path);
    let bare = |ignore: &Ignore| ignore.excludes(path).map(|by| by.map(|by| by.text.clone())).map_err(|it| it.message);
    if ignore.refusal().is_none() {
        assert_eq!(bare(ignore), bare(again), "patterns read back say the same of {path:?}");
    }
    let _ = ignore.looks_into(path);
    let Ok(said) = said.map(|by| by.is_some()) else { return };
    if !is_plain(path) {
        return;
    }
    let walked = walk(ignore, path);
    if ignore.patterns.iter().all(|pattern| !pattern.negated) {
        assert!(walked.is_none_or(|walked| walked == said), "the walk says otherwise of {path:?} than {said}");
    }
    if let Some(expected) = by_regex(ignore, path) {
        assert_eq!(said, expected, "{path:?} of {:?}", texts(ignore));
    }
}

fn texts(ignore: &Ignore) -> Vec<&str> {
    ignore.patterns.iter().map(|pattern| pattern.text.as_str()).collect()
}

/// A path that is as short as it can be.
fn is_plain(path: &str) -> bool {
    !path.contains(['\n', '\r', '\\']) && path.split('/').all(|part| !matches!(part, "" | "." | ".."))
}

/// Asks as `BuildKit` does on its way through the context: every folder first, then what lies in it.
fn walk(ignore: &Ignore, path: &str) -> Option<bool> {
    let (mut steps, mut parent, mut left_out) = (20_000_000, Matched::default(), false);
    let ends = path.match_indices('/').map(|(end, _)| end).chain([path.len()]);
    for end in ends {
        let (by, matched) = ignore.step(&path[..end], &parent, &mut steps).ok()?;
        (left_out, parent) = (by.is_some(), matched);
    }
    Some(left_out)
}

/// `MatchesOrParentMatches` of moby/patternmatcher by the expressions that it makes itself; nothing where a pattern has more
/// than `*`, `?` and plain characters.
fn by_regex(ignore: &Ignore, path: &str) -> Option<bool> {
    let mut left_out = false;
    for pattern in &ignore.patterns {
        let body = if pattern.negated { pattern.text.strip_prefix('!')? } else { &pattern.text };
        let expression = Regex::new(&expression(body)?).ok()?;
        let ends = path.match_indices('/').map(|(end, _)| end).chain([path.len()]);
        if pattern.negated == left_out && ends.into_iter().any(|end| expression.is_match(&path[..end])) {
            left_out = !pattern.negated;
        }
    }
    Some(left_out)
}

fn expression(pattern: &str) -> Option<String> {
    let mut expression = String::from(r"\A");
    let mut rest = pattern.chars().peekable();
    if let Some(suffix) =
        pattern.strip_prefix("**").filter(|suffix| !suffix.starts_with('/') && !suffix.contains(['*', '?']))
    {
        // Such a pattern is compared with the path's end, without an expression.
        expression.push_str(".*");
        rest = suffix.chars().peekable();
    }
    while let Some(c) = rest.next() {
        match c {
            '*' if rest.next_if_eq(&'*').is_some() => {
                let _ = rest.next_if_eq(&'/');
                expression.push_str(if rest.peek().is_some() { "(.*/)?" } else { ".*" });
            }
            '*' => expression.push_str("[^/]*"),
            '?' => expression.push_str("[^/]"),
            c if c.is_ascii_alphanumeric() || "/._- ,#@".contains(c) => {
                expression.push_str(&regex::escape(&c.to_string()));
            }
            _ => return None,
        }
    }
    expression.push_str(r"\z");
    Some(expression)
}
