//! The wildcards of a `.gitignore`, as git's `wildmatch.c` reads them. No pattern takes longer than its length times the
//! path's squared, and every comparison is counted.

use super::{Steps, TooManySteps};

/// What matches a part of a path.
#[derive(Debug, Clone)]
enum Wild {
    /// This byte.
    Byte(u8),
    /// `?`: one byte, but no `/`.
    One,
    /// `[…]`: one of these bytes, but no `/`.
    Set(Box<[bool; 256]>),
    /// `*`: any bytes, but no `/`.
    Star,
    /// `**/`: any folders, or none.
    Folders,
    /// `**` at the end: all that follows.
    Rest,
}

/// A pattern with wildcards, or without.
#[derive(Debug, Clone)]
pub(super) struct Wildcard {
    parts: Vec<Wild>,
    /// Small and capital letters are the same (`core.ignoreCase`).
    fold: bool,
}

/// The bytes that mean something else than themselves.
pub(super) const SPECIAL: &[u8] = b"*?[\\";

impl Wildcard {
    /// Reads a pattern; nothing if it never matches.
    pub(super) fn new(pattern: &[u8], fold: bool) -> Option<Self> {
        let mut parts = Vec::new();
        let mut rest = pattern;
        while let Some((&byte, after)) = rest.split_first() {
            rest = after;
            parts.push(match byte {
                b'\\' => {
                    let (&escaped, after) = rest.split_first()?;
                    rest = after;
                    // As it is written: git doesn't make it small, so that `\A` matches nothing with `fold`.
                    Wild::Byte(escaped)
                }
                b'?' => Wild::One,
                b'[' => {
                    let (set, after) = set(rest, fold)?;
                    rest = after;
                    Wild::Set(set)
                }
                b'*' => {
                    let more = rest.iter().take_while(|&&byte| byte == b'*').count();
                    let begins = pattern.len() - rest.len() - 1;
                    rest = rest.get(more..).unwrap_or_default();
                    let is_after_folder = begins == 0 || pattern.get(begins - 1) == Some(&b'/');
                    match rest {
                        _ if more == 0 || !is_after_folder => Wild::Star,
                        [] | [b'\\', b'/', ..] => Wild::Rest,
                        [b'/', after @ ..] => {
                            rest = after;
                            Wild::Folders
                        }
                        _ => Wild::Star,
                    }
                }
                byte => Wild::Byte(if fold { byte.to_ascii_lowercase() } else { byte }),
            });
        }
        Some(Self { parts, fold })
    }

    /// Whether small and capital letters are the same.
    pub(super) fn folds(&self) -> bool {
        self.fold
    }

    /// Whether it matches a path from its first byte to its last.
    pub(super) fn matches(&self, path: &[u8], steps: &Steps) -> Result<bool, TooManySteps> {
        let (mut part, mut at) = (0, 0);
        // Where to go on if what follows doesn't match: the last `*`, and the last that goes over folders.
        let (mut star, mut deep) = (None, None);
        loop {
            steps.take(1)?;
            let byte = path.get(at).map(|byte| if self.fold { byte.to_ascii_lowercase() } else { *byte });
            let fits = match (self.parts.get(part), byte) {
                (None, None) => return Ok(true),
                (Some(Wild::Star), _) => {
                    star = Some((part, at));
                    part += 1;
                    continue;
                }
                (Some(Wild::Folders | Wild::Rest), _) => {
                    (star, deep) = (None, Some((part, at)));
                    part += 1;
                    continue;
                }
                (Some(Wild::Byte(own)), Some(byte)) => *own == byte,
                (Some(Wild::One), Some(byte)) => byte != b'/',
                (Some(Wild::Set(set)), Some(byte)) => byte != b'/' && set.get(usize::from(byte)) == Some(&true),
                (_, _) => false,
            };
            if fits {
                (part, at) = (part + 1, at + 1);
                continue;
            }
            match (star, deep) {
                (Some((from, taken)), _) if path.get(taken).is_some_and(|&byte| byte != b'/') => {
                    star = Some((from, taken + 1));
                    (part, at) = (from + 1, taken + 1);
                }
                (_, Some((from, taken))) => {
                    let left = path.get(taken..).unwrap_or_default();
                    let more = match self.parts.get(from) {
                        Some(Wild::Folders) => left.iter().position(|&byte| byte == b'/').map(|slash| slash + 1),
                        _ if left.is_empty() => None,
                        _ => Some(1),
                    };
                    let Some(more) = more else { return Ok(false) };
                    (star, deep) = (None, Some((from, taken + more)));
                    (part, at) = (from + 1, taken + more);
                }
                _ => return Ok(false),
            }
        }
    }
}

/// Reads what follows a `[`: the bytes that it matches, and what comes after its `]`. Nothing if it has no end, or names
/// a class that doesn't exist: such a pattern never matches.
fn set(text: &[u8], fold: bool) -> Option<(Box<[bool; 256]>, &[u8])> {
    let (is_negated, mut rest) = match text {
        [b'!' | b'^', rest @ ..] => (true, rest),
        rest => (false, rest),
    };
    let mut set = Box::new([false; 256]);
    let mut add = |fits: &dyn Fn(u8) -> bool| {
        for (own, byte) in set.iter_mut().zip(0..=u8::MAX) {
            *own |= fits(byte);
        }
    };
    let (mut before, mut is_first) = (None, true);
    loop {
        let (&byte, after) = rest.split_first()?;
        rest = after;
        match (byte, before) {
            (b']', _) if !is_first => break,
            (b'\\', _) => {
                let (&escaped, after) = rest.split_first()?;
                rest = after;
                add(&|byte| byte == escaped);
                before = Some(escaped);
            }
            (b'-', Some(low)) if rest.first()? != &b']' => {
                let (&next, after) = rest.split_first()?;
                let (high, after) = if next == b'\\' { after.split_first()? } else { (&next, after) };
                rest = after;
                let is_in = |byte: u8| (low..=*high).contains(&byte);
                add(&|byte| is_in(byte) || fold && byte.is_ascii_lowercase() && is_in(byte.to_ascii_uppercase()));
                before = None;
            }
            (b'[', _) if rest.first() == Some(&b':') => {
                let end = rest.iter().position(|&byte| byte == b']')?;
                if let Some((b':', name)) = rest.get(1..end)?.split_last() {
                    let class = class(name)?;
                    add(&|byte| class(&byte) || fold && name == b"upper" && byte.is_ascii_lowercase());
                    rest = rest.get(end + 1..)?;
                    before = None;
                } else {
                    add(&|byte| byte == b'[');
                    before = Some(b'[');
                }
            }
            (own, _) => {
                add(&|byte| byte == own);
                before = Some(own);
            }
        }
        is_first = false;
    }
    if is_negated {
        set.iter_mut().for_each(|own| *own = !*own);
    }
    Some((set, rest))
}

fn class(name: &[u8]) -> Option<fn(&u8) -> bool> {
    Some(match name {
        b"alnum" => u8::is_ascii_alphanumeric,
        b"alpha" => u8::is_ascii_alphabetic,
        b"blank" => |byte| matches!(byte, b' ' | b'\t'),
        b"cntrl" => u8::is_ascii_control,
        b"digit" => u8::is_ascii_digit,
        b"graph" => u8::is_ascii_graphic,
        b"lower" => u8::is_ascii_lowercase,
        b"print" => |byte| matches!(byte, 0x20..=0x7e),
        b"punct" => u8::is_ascii_punctuation,
        b"space" => |byte| matches!(byte, b' ' | b'\t' | b'\n' | b'\r'),
        b"upper" => u8::is_ascii_uppercase,
        b"xdigit" => u8::is_ascii_hexdigit,
        _ => return None,
    })
}
