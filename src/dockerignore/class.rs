//! Characters as Go's `regexp` writes them: escapes (`\n`, `\x41`, `\d`) and classes (`[a-c]`, `[[:alpha:]]`).
//!
//! moby turns a pattern into a regular expression by its letters, so what stands between `[` and `]` or behind a `\` means
//! what `regexp/syntax` makes of it, which is not always what `filepath.Match` would.

use std::ops::RangeInclusive;

/// A set of characters.
#[derive(Debug, Clone, Default)]
pub(super) struct Class {
    pub(super) negated: bool,
    pub(super) ranges: Vec<RangeInclusive<char>>,
}

impl Class {
    pub(super) fn contains(&self, character: char) -> bool {
        self.ranges.iter().any(|range| range.contains(&character)) != self.negated
    }
}

pub(super) type Fault = &'static str;
const ESCAPE: Fault = "Docker does not know what a `\\` before this letter means; remove the `\\`";
const RANGE: Fault = "a range between `[` and `]` ends before it begins; write `[a-z]`, not `[z-a]`";
const UNCLOSED: Fault = "a `[` is not closed; write `\\[` if the file's name has one";
const NAMED: Fault = "Docker does not know this `[:name:]`";

/// The class at the beginning of `text`, behind its `[`; and the text behind its `]`.
pub(super) fn parse(text: &[char]) -> Result<(Class, &[char]), Fault> {
    let negated = text.first() == Some(&'^');
    let mut class = Class { negated, ranges: Vec::new() };
    let mut rest = if negated { text.get(1..).unwrap_or_default() } else { text };
    let mut first = true;
    while first || rest.first() != Some(&']') {
        first = false;
        if let Some((ranges, after)) = named(rest)?.or_else(|| shorthand(rest)) {
            class.ranges.extend(ranges);
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
        class.ranges.push(low..=high);
        rest = after;
    }
    Ok((class, rest.get(1..).unwrap_or_default()))
}

fn character(text: &[char]) -> Result<(char, &[char]), Fault> {
    match text {
        ['\\', escaped @ ..] => escape(escaped),
        [plain, rest @ ..] => Ok((*plain, rest)),
        [] => Err(UNCLOSED),
    }
}

/// The character that an escape stands for, given what follows its `\`.
pub(super) fn escape(text: &[char]) -> Result<(char, &[char]), Fault> {
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

type Ranges = Vec<RangeInclusive<char>>;

/// `\d`, `\s`, `\w` and their opposites.
pub(super) fn shorthand(text: &[char]) -> Option<(Ranges, &[char])> {
    let ['\\', letter, rest @ ..] = text else { return None };
    let ranges: &[RangeInclusive<char>] = match letter.to_ascii_lowercase() {
        'd' => &['0'..='9'],
        's' => &['\t'..='\n', '\x0C'..='\r', ' '..=' '],
        'w' => &['0'..='9', 'A'..='Z', '_'..='_', 'a'..='z'],
        _ => return None,
    };
    Some((if letter.is_ascii_uppercase() { all_but(ranges) } else { ranges.to_vec() }, rest))
}

/// `[:alpha:]` and its like, which may stand in a class.
fn named(text: &[char]) -> Result<Option<(Ranges, &[char])>, Fault> {
    let ['[', ':', inner @ ..] = text else { return Ok(None) };
    let Some(end) = inner.windows(2).position(|pair| pair == [':', ']']) else { return Ok(None) };
    let name: String = inner[..end].iter().collect();
    let ranges: &[RangeInclusive<char>] = match name.strip_prefix('^').unwrap_or(&name) {
        "alnum" => &['0'..='9', 'A'..='Z', 'a'..='z'],
        "alpha" => &['A'..='Z', 'a'..='z'],
        "ascii" => &['\0'..='\x7F'],
        "blank" => &['\t'..='\t', ' '..=' '],
        "cntrl" => &['\0'..='\x1F', '\x7F'..='\x7F'],
        "digit" => &['0'..='9'],
        "graph" => &['!'..='~'],
        "lower" => &['a'..='z'],
        "print" => &[' '..='~'],
        "punct" => &['!'..='/', ':'..='@', '['..='`', '{'..='~'],
        "space" => &['\t'..='\r', ' '..=' '],
        "upper" => &['A'..='Z'],
        "word" => &['0'..='9', 'A'..='Z', '_'..='_', 'a'..='z'],
        "xdigit" => &['0'..='9', 'A'..='F', 'a'..='f'],
        _ => return Err(NAMED),
    };
    let ranges = if name.starts_with('^') { all_but(ranges) } else { ranges.to_vec() };
    Ok(Some((ranges, &inner[end + 2..])))
}

/// The gaps between ascending ranges of ASCII characters.
fn all_but(ranges: &[RangeInclusive<char>]) -> Ranges {
    let mut gaps = Vec::new();
    let mut next = 0;
    for range in ranges {
        gaps.push((next, u32::from(*range.start())));
        next = u32::from(*range.end()) + 1;
    }
    let mut gaps: Ranges = gaps
        .into_iter()
        .filter_map(|(low, end)| Some(char::from_u32(low)?..=char::from_u32(end.checked_sub(1)?)?))
        .filter(|gap| !gap.is_empty())
        .collect();
    gaps.extend(char::from_u32(next).map(|low| low..=char::MAX));
    gaps
}
