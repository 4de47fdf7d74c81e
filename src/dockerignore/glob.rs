//! One pattern, ready to match: moby's four ways, its regular expressions run as a state machine in linear space.
//!
//! moby quotes `.+()$` but not `{|}`, so `a|b*` has alternatives and `a{2}*` a repetition. Apart from that its expressions
//! are characters, classes, `.*`, `[^/]*`, `(.*/)?` and anchors in a row, never nested; such rows are matched directly, so
//! that no pattern costs more than its length times the path's.

use super::MAX_WILDCARD;
use super::class::Fault;
use super::row::Row;

/// A pattern without its `!`.
#[derive(Debug, Clone)]
pub(super) enum Glob {
    /// The path itself.
    Exact(String),
    /// Everything beginning so: `dir/**`.
    Prefix(String),
    /// Everything ending so: `**/name`.
    Suffix(String),
    /// All else, by its alternatives.
    Rows(Vec<Row>),
}

impl Glob {
    /// Reads a pattern that [`super::syntax`] accepts.
    pub(super) fn new(pattern: &str) -> Result<Self, Fault> {
        let (kind, expression) = translate(pattern);
        Ok(match kind {
            Kind::Exact => Self::Exact(pattern.to_owned()),
            Kind::Prefix => Self::Prefix(pattern.strip_suffix("**").unwrap_or(pattern).to_owned()),
            Kind::Suffix => match pattern.strip_prefix("**") {
                Some(suffix) => Self::Suffix(suffix.to_owned()),
                // A byte-order mark before it: moby cuts two bytes off that, and no path ends in the rest.
                None => Self::Exact(pattern.to_owned()),
            },
            Kind::Expression if pattern.len() > MAX_WILDCARD => {
                return Err("a pattern with wildcards may have at most 4096 bytes here");
            }
            Kind::Expression => Self::Rows(Row::parse(&expression)?),
        })
    }

    /// Whether a path matches; false when `steps` runs out.
    pub(super) fn matches(&self, path: &str, steps: &mut u64) -> bool {
        *steps = steps.saturating_sub(1);
        match self {
            Self::Exact(text) => path == text,
            Self::Prefix(text) => path.starts_with(text.as_str()),
            Self::Suffix(text) => path.ends_with(text.as_str()) || text.strip_prefix('/') == Some(path),
            Self::Rows(rows) => rows.iter().any(|row| row.matches(path, steps)),
        }
    }
}

#[derive(Clone, Copy, PartialEq)]
enum Kind {
    Exact,
    Prefix,
    Suffix,
    Expression,
}

/// The regular expression that `patternmatcher` makes of a pattern, and whether it uses it.
fn translate(pattern: &str) -> (Kind, Vec<char>) {
    let mut out = String::from("^");
    let mut kind = Kind::Exact;
    let mut chars = pattern.strip_prefix('\u{FEFF}').unwrap_or(pattern).chars().peekable();
    let mut first = true;
    while let Some(c) = chars.next() {
        match c {
            '*' if chars.next_if_eq(&'*').is_some() => {
                let _ = chars.next_if_eq(&'/');
                kind = match (chars.peek(), kind) {
                    (None, Kind::Exact) => Kind::Prefix,
                    (None, _) => {
                        out.push_str(".*");
                        Kind::Expression
                    }
                    (Some(_), _) => {
                        out.push_str("(.*/)?");
                        Kind::Expression
                    }
                };
                if first {
                    kind = Kind::Suffix;
                }
            }
            '*' | '?' => {
                out.push_str(if c == '*' { "[^/]*" } else { "[^/]" });
                kind = Kind::Expression;
            }
            '.' | '+' | '(' | ')' | '$' => out.extend(['\\', c]),
            '\\' => {
                out.push(c);
                out.extend(chars.next());
                kind = Kind::Expression;
            }
            '[' | ']' => {
                out.push(c);
                kind = Kind::Expression;
            }
            _ => out.push(c),
        }
        first = false;
    }
    out.push('$');
    (kind, out.chars().collect())
}
