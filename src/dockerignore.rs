//! `.dockerignore`: its patterns as moby's `ignorefile` reads them, and what `patternmatcher` leaves out by them.
//!
//! Pure. Two questions are asked of it. [`Ignore::excludes`] is `MatchesOrParentMatches`: what a pattern list says of a
//! path. [`Ignore::step`] is `MatchesUsingParentResults`, by which `BuildKit` walks the build context: the two differ
//! where `!dir` follows a pattern that matches files in `dir` only (`BuildKit` leaves them out all the same).

mod class;
mod clean;
mod expression;
mod glob;
mod syntax;

use expression::Expression;
use glob::Glob;
use regex::bytes::{RegexSet, RegexSetBuilder};
use std::sync::OnceLock;

/// The longest file that is read, in bytes.
pub const MAX_BYTES: usize = 1 << 20;
/// The most patterns that are read.
pub const MAX_PATTERNS: usize = 5_000;
/// The longest line that Docker reads, in bytes.
pub const MAX_LINE: usize = 65_535;
/// The longest pattern with wildcards inside, in bytes.
pub const MAX_WILDCARD: usize = 4_096;
/// The longest that all patterns with wildcards may be, in characters of their expressions: they are matched together.
const MAX_EXPRESSIONS: usize = 1 << 16;
const TOO_MANY: &str = "the patterns with wildcards up to here are longer together than is matched; use fewer of them";
/// The most room that their automaton takes, in bytes.
const MAX_AUTOMATON: usize = 64 << 20;
/// The most room for its states that are kept while it runs, in bytes.
const MAX_STATES: usize = 8 << 20;
/// The most steps of matching spent on one path: about a tenth of a second.
const MAX_STEPS: u64 = 20_000_000;

/// One pattern of the file.
#[derive(Debug, Clone)]
pub struct IgnorePattern {
    /// As Docker understands it: cleaned, without a leading `/`, with its `!`.
    pub text: String,
    /// Its line, from 1.
    pub line: u32,
    /// Whether it takes back what earlier patterns leave out (`!`).
    pub negated: bool,
    /// Whether a ` #` stands in it: meant as a comment (`.git # history`), but Docker knows comments only in the first
    /// column and looks for a file of that whole name.
    pub inline_comment: bool,
    /// The text that is matched: without `!`.
    body: String,
    glob: Result<Glob, Error>,
}

/// What is wrong with a line: Docker refuses the file, unless this line is never asked.
#[derive(Debug, Clone, PartialEq, Eq, thiserror::Error)]
#[error("line {line}: {message}")]
pub struct Error {
    /// What is wrong and what to write instead.
    pub message: String,
    /// Its line, from 1.
    pub line: u32,
    /// The first character of the pattern, from 1.
    pub column: u32,
}

/// What each pattern said of a directory; [`Ignore::step`] needs it for what lies in that directory.
#[derive(Debug, Clone, Default)]
pub struct Matched(Vec<bool>);

/// A `.dockerignore`, read. An empty one leaves out nothing.
#[derive(Debug, Clone, Default)]
pub struct Ignore {
    /// The patterns in their order.
    pub patterns: Vec<IgnorePattern>,
    /// What Docker refuses, in the order of the lines.
    pub errors: Vec<Error>,
    /// The first error for which Docker refuses the whole file before it looks at any path.
    refused: Option<Error>,
    /// The expressions of the patterns that need one.
    expressions: Vec<String>,
    /// One automaton of all of them, made when the first path is asked for; none if it is too large.
    automaton: OnceLock<Option<RegexSet>>,
    /// How long they are together.
    cost: usize,
}

/// Which expressions match a path; none when that takes too long.
type Matches = Option<Vec<bool>>;

impl Ignore {
    /// Reads a file as `ignorefile.ReadAll` does: a byte-order mark is dropped, `#` begins a comment in the first column
    /// only, blanks around a pattern are dropped, paths are made shortest and relative.
    pub fn parse(file: &[u8]) -> Self {
        let mut ignore = Self::default();
        let mut expressions = Vec::new();
        if file.len() > MAX_BYTES {
            ignore.refuse(format!("the file is longer than {MAX_BYTES} bytes, the most that is read"), 1, 1);
            return ignore;
        }
        let file = file.strip_prefix(b"\xEF\xBB\xBF").unwrap_or(file);
        for (line, text) in (1..).zip(file.split(|&byte| byte == b'\n')) {
            if text.len() > MAX_LINE {
                ignore.refuse(format!("the line is longer than {MAX_LINE} bytes, the most that Docker reads"), line, 1);
                break;
            }
            let pattern = clean::trim(text);
            if text.starts_with(b"#") || pattern.is_empty() {
                continue;
            }
            let indent = text.iter().zip(1..).find(|(byte, _)| !byte.is_ascii_whitespace());
            let comment = text.windows(2).any(|pair| pair == b" #" || pair == b"\t#");
            let column = indent.map_or(1, |(_, column)| column);
            if !ignore.add(&clean::normalise(pattern), line, column, comment, &mut expressions) {
                break;
            }
        }
        ignore.with(expressions)
    }

    /// The same from patterns that were read before ([`IgnorePattern::text`]); their position takes the place of the line.
    pub fn from_patterns<'a>(patterns: impl Iterator<Item = &'a str>) -> Self {
        let mut ignore = Self::default();
        let mut expressions = Vec::new();
        for (line, pattern) in (1..).zip(patterns) {
            if !ignore.add(pattern.as_bytes(), line, 1, pattern.contains(" #"), &mut expressions) {
                break;
            }
        }
        ignore.with(expressions)
    }

    fn with(mut self, expressions: Vec<Expression>) -> Self {
        self.cost = expressions.iter().map(|expression| expression.length).sum();
        self.expressions = expressions.into_iter().map(|expression| expression.text).collect();
        self
    }

    /// Takes up one pattern as `patternmatcher.New` does; false when no more are taken.
    fn add(
        &mut self,
        pattern: &[u8],
        line: u32,
        column: u32,
        inline_comment: bool,
        expressions: &mut Vec<Expression>,
    ) -> bool {
        if self.patterns.len() == MAX_PATTERNS {
            self.refuse(format!("more than {MAX_PATTERNS} patterns, the most that are read"), line, column);
            return false;
        }
        let trimmed = clean::trim(pattern);
        if trimmed.is_empty() {
            return true;
        }
        let cleaned = clean::path(trimmed);
        let kept = cleaned.strip_prefix(b"!");
        let (negated, bytes) = (kept.is_some(), kept.unwrap_or(&cleaned));
        let body = String::from_utf8_lossy(bytes).into_owned();
        let glob = if bytes.is_empty() {
            let message = "`!` alone keeps nothing: write what to keep behind it, such as `!requirements.txt`";
            Err(self.refuse(message.to_owned(), line, column))
        } else if let Err(fault) = syntax::check(bytes) {
            Err(self.refuse(format!("`{}`: {fault}", excerpt(&body)), line, column))
        } else {
            let read = Glob::new(&body, expressions.len()).map(|(glob, expression)| {
                self.cost += expression.as_ref().map_or(0, |expression| expression.length);
                expressions.extend(expression);
                glob
            });
            if self.cost > MAX_EXPRESSIONS {
                self.refuse(TOO_MANY.to_owned(), line, column);
                return false;
            }
            read.map_err(|fault| {
                let error = Error { message: format!("`{}`: {fault}", excerpt(&body)), line, column };
                self.errors.push(error.clone());
                error
            })
        };
        let text = if negated { format!("!{body}") } else { body.clone() };
        self.patterns.push(IgnorePattern { text, line, negated, inline_comment, body, glob });
        true
    }

    /// Notes an error for which Docker refuses the whole file.
    fn refuse(&mut self, message: String, line: u32, column: u32) -> Error {
        let error = Error { message, line, column };
        self.errors.push(error.clone());
        self.refused.get_or_insert(error.clone());
        error
    }

    /// The pattern by which a path in the build context is left out, if it is; the error where Docker would stop.
    /// The path is relative to the context, with `/`; it need not exist.
    pub fn excludes(&self, path: &str) -> Result<Option<&IgnorePattern>, Error> {
        self.refusal().cloned().map_or(Ok(()), Err)?;
        let path = String::from_utf8_lossy(&clean::path(path.as_bytes())).into_owned();
        let mut steps = MAX_STEPS;
        let parents = path.match_indices('/').map(|(end, _)| &path[..end]);
        let paths: Vec<_> = parents.chain([path.as_str()]).map(|path| (path, self.matches(path, &mut steps))).collect();
        let mut decides = None;
        for pattern in self.patterns.iter().filter(|_| path != ".") {
            let matches = || paths.iter().try_fold(false, |any, path| Ok(pattern.matches(path)? || any));
            if pattern.negated == decides.is_some() && matches()? {
                decides = if pattern.negated { None } else { Some(pattern) };
            }
        }
        Ok(decides)
    }

    /// The same as `BuildKit` asks it on its way through the build context: with what was said of the directory that the
    /// path lies in (nothing for the root), and for what lies in the path. `steps` bounds the matching of a whole walk.
    pub fn step(
        &self,
        path: &str,
        parent: &Matched,
        steps: &mut u64,
    ) -> Result<(Option<&IgnorePattern>, Matched), Error> {
        self.refusal().cloned().map_or(Ok(()), Err)?;
        let asked = (path, self.matches(path, steps));
        let mut decides = None;
        let mut matched = Matched(vec![false; self.patterns.len()]);
        for (index, (pattern, matched)) in self.patterns.iter().zip(&mut matched.0).enumerate() {
            *matched = parent.0.get(index).copied().unwrap_or(false)
                || pattern.negated == decides.is_some() && pattern.matches(&asked)?;
            if *matched {
                decides = if pattern.negated { None } else { Some(pattern) };
            }
        }
        Ok((decides, matched))
    }

    /// Which expressions match a path. What that may take is known before, and taken off `steps`: expressions that are
    /// long together are followed more slowly than their length says, for their automaton's states are not kept.
    fn matches(&self, path: &str, steps: &mut u64) -> Matches {
        let cost = path.len() * self.cost / 256 * (1 + self.cost / 4_096);
        *steps = steps.saturating_sub((self.patterns.len() + cost) as u64);
        if *steps == 0 {
            return None;
        }
        if self.expressions.is_empty() {
            return Some(Vec::new());
        }
        let found = self.automaton.get_or_init(|| self.automaton()).as_ref()?.matches(path.as_bytes());
        Some((0..found.len()).map(|number| found.matched(number)).collect())
    }

    /// One automaton of all expressions, so that they are matched at once and in bounded room.
    fn automaton(&self) -> Option<RegexSet> {
        RegexSetBuilder::new(&self.expressions).size_limit(MAX_AUTOMATON).dfa_size_limit(MAX_STATES).build().ok()
    }

    /// The first error for which Docker refuses the whole file, whatever is in the build context.
    pub fn refusal(&self) -> Option<&Error> {
        self.refused.as_ref()
    }

    /// Whether `BuildKit` looks into a directory that is left out, for a `!` pattern might keep something in it.
    pub fn looks_into(&self, directory: &str) -> bool {
        let mut kept = self.patterns.iter().filter(|pattern| pattern.negated).map(|pattern| {
            let body = pattern.body.strip_suffix("/**").unwrap_or(&pattern.body);
            body.strip_suffix("/*").unwrap_or(body)
        });
        let inside = |kept: &str| kept.strip_prefix(directory).is_some_and(|r| r.is_empty() || r.starts_with('/'));
        kept.clone().any(|kept| kept.contains(['*', '[', ']', '?', '^', '\\'])) || kept.any(inside)
    }
}

impl IgnorePattern {
    fn matches(&self, (path, expressions): &(&str, Matches)) -> Result<bool, Error> {
        let glob = self.glob.as_ref().map_err(Error::clone)?;
        let expressions = expressions.as_ref().ok_or_else(|| {
            let message = format!("`{}`: takes too long to match; use fewer wildcards", excerpt(&self.text));
            Error { message, line: self.line, column: 1 }
        })?;
        Ok(glob.matches(path, expressions))
    }
}

/// The beginning of a pattern, for a message.
fn excerpt(pattern: &str) -> String {
    let mut text: String = pattern.chars().take(60).collect();
    if text.len() < pattern.len() {
        text.push('…');
    }
    text
}
