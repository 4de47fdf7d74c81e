//! A `.gitignore`, read as git reads it (`dir.c`): which of its lines has the last word on a path. Pure.
//!
//! Its own reader, because those of crates are either not git's (`ignore`: other escapes and classes, an automaton to make
//! for each file) or bring a dozen crates for it (`gix-glob`).

mod wildcard;

use std::cell::Cell;
use wildcard::{SPECIAL, Wildcard};

/// The longest file that is read, in bytes.
pub(super) const MAX_BYTES: u64 = 4 << 20;
/// The most comparisons for all paths of a folder: about a second.
const MAX_STEPS: u64 = 200_000_000;

/// The comparisons that are left.
#[derive(Debug)]
pub(super) struct Steps(Cell<u64>);

impl Default for Steps {
    fn default() -> Self {
        Self(Cell::new(MAX_STEPS))
    }
}

/// Matching took more steps than are spent.
#[derive(Debug, Clone, Copy)]
pub(super) struct TooManySteps;

impl Steps {
    fn take(&self, count: u64) -> Result<(), TooManySteps> {
        self.0.set(self.0.get().checked_sub(count).ok_or(TooManySteps)?);
        Ok(())
    }
}

/// A line that leaves paths out, or with `!` takes them back.
#[derive(Debug)]
pub(super) struct GitPattern {
    /// Its line, from 1.
    pub line: u32,
    /// Whether it takes paths back.
    pub negated: bool,
    /// It ends in `/`: only folders are meant.
    folders: bool,
    /// It has no `/` elsewhere: the name is meant, in whatever folder.
    by_name: bool,
    /// What the path begins with, up to the first wildcard.
    literal: Vec<u8>,
    /// What follows that; nothing if it never matches.
    rest: Option<Wildcard>,
}

/// The patterns of a file, the first line first.
#[derive(Debug, Default)]
pub(super) struct GitIgnore(Vec<GitPattern>);

impl GitIgnore {
    /// Reads a file. With `fold`, small and capital letters are the same.
    pub(super) fn parse(bytes: &[u8], fold: bool) -> Self {
        let bytes = bytes.strip_prefix(b"\xEF\xBB\xBF").unwrap_or(bytes);
        let lines = bytes.split(|&byte| byte == b'\n').zip(1..);
        Self(lines.filter_map(|(text, line)| GitPattern::parse(text, line, fold)).collect())
    }

    /// The last line that speaks of a path, which is relative to the file's folder.
    pub(super) fn last_word(
        &self,
        path: &[u8],
        is_folder: bool,
        steps: &Steps,
    ) -> Result<Option<&GitPattern>, TooManySteps> {
        for pattern in self.0.iter().rev() {
            steps.take(1)?;
            if pattern.matches(path, is_folder, steps)? {
                return Ok(Some(pattern));
            }
        }
        Ok(None)
    }
}

impl GitPattern {
    fn parse(text: &[u8], line: u32, fold: bool) -> Option<Self> {
        if text.starts_with(b"#") {
            return None;
        }
        let text = text.strip_suffix(b"\r").unwrap_or(text);
        let text = trim(text.split(|&byte| byte == 0).next().unwrap_or_default());
        let (negated, text) = text.strip_prefix(b"!").map_or((false, text), |text| (true, text));
        let (folders, text) = text.strip_suffix(b"/").map_or((false, text), |text| (true, text));
        if text.is_empty() {
            return None;
        }
        let by_name = !text.contains(&b'/');
        let text = text.strip_prefix(b"/").unwrap_or(text);
        let wild = text.iter().position(|byte| SPECIAL.contains(byte)).unwrap_or(text.len());
        // Git compares the literal part first, and what follows it by itself: `a**/b` begins with `**/` for it.
        let (literal, rest) = text.split_at(if by_name && wild < text.len() { 0 } else { wild });
        let (literal, rest) = (literal.to_vec(), Wildcard::new(rest, fold));
        Some(Self { line, negated, folders, by_name, literal, rest })
    }

    fn matches(&self, path: &[u8], is_folder: bool, steps: &Steps) -> Result<bool, TooManySteps> {
        let Some(rest) = self.rest.as_ref().filter(|_| is_folder || !self.folders) else { return Ok(false) };
        let name = path.iter().rposition(|&byte| byte == b'/').map_or(0, |slash| slash + 1);
        let path = if self.by_name { path.get(name..).unwrap_or_default() } else { path };
        let Some((begins, after)) = path.split_at_checked(self.literal.len()) else { return Ok(false) };
        let is_same =
            if rest.folds() { begins.eq_ignore_ascii_case(&self.literal) } else { begins == self.literal.as_slice() };
        if is_same { rest.matches(after, steps) } else { Ok(false) }
    }
}

/// Without the blanks at its end, but for those after a `\`. A tab is none.
fn trim(text: &[u8]) -> &[u8] {
    let (mut kept, mut at) = (0, 0);
    while let Some(&byte) = text.get(at) {
        at += if byte == b'\\' { 2 } else { 1 };
        if byte != b' ' {
            kept = at;
        }
    }
    text.get(..kept).unwrap_or(text)
}
