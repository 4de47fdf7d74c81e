//! Characters as Go's `regexp` writes them: escapes (`\n`, `\x41`, `\d`) and classes (`[a-c]`, `[[:alpha:]]`).
//!
//! moby turns a pattern into a regular expression by its letters, so what stands between `[` and `]` or behind a `\` means
//! what `regexp/syntax` makes of it, which is not always what `filepath.Match` would.

use super::syntax::SyntaxFault;
use std::fmt::Write;

const ESCAPE: SyntaxFault = "Docker does not know what a `\\` before this letter means; remove the `\\`";
const RANGE: SyntaxFault = "a range between `[` and `]` ends before it begins; write `[a-z]`, not `[z-a]`";
const UNCLOSED: SyntaxFault = "a `[` is not closed; write `\\[` if the file's name has one";
const NAMED: SyntaxFault = "Docker does not know this `[:name:]`";

/// Writes the class at the beginning of `text`, behind its `[`, in the words of the `regex` crate; the text behind its `]`.
pub(super) fn translate<'a>(text: &'a [char], out: &mut String) -> Result<&'a [char], SyntaxFault> {
    let inner = text.strip_prefix(&['^']);
    out.push_str(if inner.is_some() { "[^" } else { "[" });
    let mut rest = inner.unwrap_or(text);
    let mut first = true;
    while first || rest.first() != Some(&']') {
        first = false;
        if let Some(length) = named(rest)? {
            out.extend(&rest[..length]);
            rest = &rest[length..];
            continue;
        }
        if let Some((set, after)) = shorthand(rest) {
            out.push_str(set);
            rest = after;
            continue;
        }
        let (low, after) = character(rest)?;
        let (high, after) = match after {
            ['-', rest @ ..] if rest.first().is_some_and(|&next| next != ']') => character(rest)?,
            _ => (low, after),
        };
        if high < low {
            return Err(RANGE);
        }
        literal(out, low);
        out.push('-');
        literal(out, high);
        rest = after;
    }
    out.push(']');
    Ok(rest.get(1..).unwrap_or_default())
}

/// Writes a character that stands for itself.
pub(super) fn literal(out: &mut String, c: char) {
    // A String takes all that is written to it.
    let _ = if c.is_ascii_alphanumeric() { out.write_char(c) } else { write!(out, "\\x{{{:x}}}", u32::from(c)) };
}

fn character(text: &[char]) -> Result<(char, &[char]), SyntaxFault> {
    match text {
        ['\\', escaped @ ..] => escape(escaped),
        [plain, rest @ ..] => Ok((*plain, rest)),
        [] => Err(UNCLOSED),
    }
}

/// The character that an escape stands for, given what follows its `\`.
pub(super) fn escape(text: &[char]) -> Result<(char, &[char]), SyntaxFault> {
    let (&letter, rest) = text.split_first().ok_or(ESCAPE)?;
    let digit = |c: &char, radix| c.to_digit(radix);
    Ok(match letter {
        'a' => ('\x07', rest),
        'f' => ('\x0C', rest),
        'n' => ('\n', rest),
        'r' => ('\r', rest),
        't' => ('\t', rest),
        'v' => ('\x0B', rest),
        'x' => {
            let mut digits = rest.iter().take(2).map_while(|c| digit(c, 16));
            let (Some(high), Some(low)) = (digits.next(), digits.next()) else { return Err(ESCAPE) };
            (char::from_u32(high * 16 + low).ok_or(ESCAPE)?, &rest[2..])
        }
        '0'..='7' => {
            let length = rest.iter().take(2).take_while(|c| digit(c, 8).is_some()).count();
            if letter != '0' && length == 0 {
                return Err(ESCAPE);
            }
            let value = text[..=length].iter().filter_map(|c| digit(c, 8)).fold(0, |value, d| value * 8 + d);
            (char::from_u32(value).ok_or(ESCAPE)?, &rest[length..])
        }
        plain if plain.is_ascii() && !plain.is_ascii_alphanumeric() => (plain, rest),
        _ => return Err(ESCAPE),
    })
}

/// `\d`, `\s`, `\w` and their opposites, which are ASCII's in Go.
pub(super) fn shorthand(text: &[char]) -> Option<(&'static str, &[char])> {
    let ['\\', letter, rest @ ..] = text else { return None };
    let set = match letter {
        'd' => "[0-9]",
        'D' => "[^0-9]",
        's' => r"[\t\n\x0C\r\x20]",
        'S' => r"[^\t\n\x0C\r\x20]",
        'w' => "[0-9A-Za-z_]",
        'W' => "[^0-9A-Za-z_]",
        _ => return None,
    };
    Some((set, rest))
}

/// How long `[:alpha:]` or its like is, which a class may hold; they mean the same in both languages.
fn named(text: &[char]) -> Result<Option<usize>, SyntaxFault> {
    let ['[', ':', inner @ ..] = text else { return Ok(None) };
    let Some(end) = inner.windows(2).position(|pair| pair == [':', ']']) else { return Ok(None) };
    let name: String = inner[..end].iter().collect();
    match name.strip_prefix('^').unwrap_or(&name) {
        "alnum" | "alpha" | "ascii" | "blank" | "cntrl" | "digit" | "graph" | "lower" | "print" | "punct" | "space"
        | "upper" | "word" | "xdigit" => Ok(Some(end + 4)),
        _ => Err(NAMED),
    }
}
