//! One pattern, ready to match: moby's four ways.

use super::MAX_WILDCARD;
use super::expression::{self, Expression};
use super::syntax::SyntaxFault;

/// A pattern without its `!`.
#[derive(Debug, Clone)]
pub(super) enum Glob {
    /// The path itself.
    Exact(String),
    /// Everything beginning so: `dir/**`.
    Prefix(String),
    /// Everything ending so: `**/name`.
    Suffix(String),
    /// All else, by its number among the expressions of the file.
    Expression(usize),
}

impl Glob {
    /// Reads a pattern that [`super::syntax`] accepts. Its expression, if it needs one, gets the number `next`.
    pub(super) fn new(pattern: &str, next: usize) -> Result<(Self, Option<Expression>), SyntaxFault> {
        let (kind, expression) = translate(pattern);
        let simple = match kind {
            GlobKind::Exact => Self::Exact(pattern.to_owned()),
            GlobKind::Prefix => Self::Prefix(pattern.strip_suffix("**").unwrap_or(pattern).to_owned()),
            GlobKind::Suffix => match pattern.strip_prefix("**") {
                Some(suffix) => Self::Suffix(suffix.to_owned()),
                // A byte-order mark before it: moby cuts two bytes off that, and no path ends in the rest.
                None => Self::Exact(pattern.to_owned()),
            },
            GlobKind::Expression if pattern.len() > MAX_WILDCARD => {
                return Err("a pattern with wildcards may have at most 4096 bytes here");
            }
            GlobKind::Expression => return Ok((Self::Expression(next), Some(expression::translate(&expression)?))),
        };
        Ok((simple, None))
    }

    /// Whether a path matches, given which expressions do.
    pub(super) fn matches(&self, path: &str, expressions: &[bool]) -> bool {
        match self {
            Self::Exact(text) => path == text,
            Self::Prefix(text) => path.starts_with(text.as_str()),
            Self::Suffix(text) => path.ends_with(text.as_str()) || text.strip_prefix('/') == Some(path),
            Self::Expression(number) => expressions.get(*number).copied().unwrap_or(false),
        }
    }
}

#[derive(Clone, Copy, PartialEq)]
enum GlobKind {
    Exact,
    Prefix,
    Suffix,
    Expression,
}

/// The regular expression that `patternmatcher` makes of a pattern, and whether it uses it.
fn translate(pattern: &str) -> (GlobKind, Vec<char>) {
    let mut out = String::from("^");
    let mut kind = GlobKind::Exact;
    let mut chars = pattern.strip_prefix('\u{FEFF}').unwrap_or(pattern).chars().peekable();
    let mut first = true;
    while let Some(c) = chars.next() {
        match c {
            '*' if chars.next_if_eq(&'*').is_some() => {
                let _ = chars.next_if_eq(&'/');
                kind = match (chars.peek(), kind) {
                    (None, GlobKind::Exact) => GlobKind::Prefix,
                    (None, _) => {
                        out.push_str(".*");
                        GlobKind::Expression
                    }
                    (Some(_), _) => {
                        out.push_str("(.*/)?");
                        GlobKind::Expression
                    }
                };
                if first {
                    kind = GlobKind::Suffix;
                }
            }
            '*' | '?' => {
                out.push_str(if c == '*' { "[^/]*" } else { "[^/]" });
                kind = GlobKind::Expression;
            }
            '.' | '+' | '(' | ')' | '$' => out.extend(['\\', c]),
            '\\' => {
                out.push(c);
                out.extend(chars.next());
                kind = GlobKind::Expression;
            }
            '[' | ']' => {
                out.push(c);
                kind = GlobKind::Expression;
            }
            _ => out.push(c),
        }
        first = false;
    }
    out.push('$');
    (kind, out.chars().collect())
}
