//! Which patterns Docker refuses at once: those for which Go's `filepath.Match(pattern, ".")` reports an error.
//!
//! Go stops reading at the first piece between two `*` that does not match. What is wrong behind it is only seen, or not,
//! when the pattern is made a regular expression.

/// What is wrong with a pattern, and what to do.
pub(super) type SyntaxFault = &'static str;

const BACKSLASH: SyntaxFault = "a `\\` at the end hides nothing; remove it";
const UNCLOSED: SyntaxFault = "a `[` is not closed; write `\\[` if the file's name has one";

/// What is wrong with a pattern, if anything.
pub(super) fn check(pattern: &[u8]) -> Result<(), SyntaxFault> {
    let mut pattern = pattern;
    let mut name: &[u8] = b".";
    while !pattern.is_empty() {
        let begin = pattern.iter().position(|&byte| byte != b'*').unwrap_or(pattern.len());
        let (piece, rest) = pattern[begin..].split_at(piece_length(&pattern[begin..]));
        if piece.is_empty() {
            return Ok(());
        }
        let fits = |left: &&[u8]| left.is_empty() || !rest.is_empty();
        let mut left = matches(piece, name)?.filter(fits);
        if left.is_none() && begin > 0 && !name.is_empty() {
            left = matches(piece, &name[1..])?.filter(fits);
        }
        let Some(left) = left else { return Ok(()) };
        (name, pattern) = (left, rest);
    }
    Ok(())
}

/// How far it is to the next `*` outside of `[…]`.
fn piece_length(pattern: &[u8]) -> usize {
    let mut in_class = false;
    let mut hidden = false;
    let end = pattern.iter().position(|byte| {
        match byte {
            _ if hidden => {
                hidden = false;
                return false;
            }
            b'\\' => hidden = true,
            b'[' => in_class = true,
            b']' => in_class = false,
            _ => {}
        }
        *byte == b'*' && !in_class
    });
    end.unwrap_or(pattern.len())
}

/// What is left of a name that begins with a piece without `*`.
fn matches<'a>(piece: &[u8], name: &'a [u8]) -> Result<Option<&'a [u8]>, SyntaxFault> {
    let mut name = Some(name);
    let mut rest = piece;
    while let Some((&byte, after)) = rest.split_first() {
        let next = name.and_then(<[u8]>::split_first);
        let fits = match byte {
            b'[' => {
                let (fits, after) = class(after, next.map_or('\0', |(&next, _)| char::from(next)))?;
                rest = after;
                fits
            }
            b'\\' => {
                let (hidden, after) = after.split_first().ok_or(BACKSLASH)?;
                rest = after;
                next.is_some_and(|(next, _)| next == hidden)
            }
            _ => {
                rest = after;
                byte == b'?' || next.is_some_and(|(&next, _)| next == byte)
            }
        };
        name = next.filter(|_| fits).map(|(_, name)| name);
    }
    Ok(name)
}

/// Whether a `[…]` has the character, given what follows its `[`; and what follows its `]`.
fn class(pattern: &[u8], wanted: char) -> Result<(bool, &[u8]), SyntaxFault> {
    let negated = pattern.first() == Some(&b'^');
    let mut rest = if negated { &pattern[1..] } else { pattern };
    let mut has = false;
    let mut empty = true;
    loop {
        match rest.strip_prefix(b"]") {
            Some(after) if !empty => return Ok((has != negated, after)),
            _ => empty = false,
        }
        let (low, after) = character(rest)?;
        let (high, after) = after.strip_prefix(b"-").map_or(Ok((low, after)), character)?;
        has |= low <= wanted && wanted <= high;
        rest = after;
    }
}

/// One character of a `[…]`, and what follows it.
fn character(pattern: &[u8]) -> Result<(char, &[u8]), SyntaxFault> {
    if pattern.starts_with(b"]") {
        return Err("a `[` and its `]` have no characters between them, or a `-` none behind it");
    }
    if pattern.starts_with(b"-") {
        return Err("a `-` between `[` and `]` has no character before it; write `\\-` for the `-` itself");
    }
    let pattern = pattern.strip_prefix(b"\\").unwrap_or(pattern);
    let start = pattern.get(..pattern.len().min(4)).filter(|start| !start.is_empty()).ok_or(UNCLOSED)?;
    let first = start.utf8_chunks().next().and_then(|chunk| chunk.valid().chars().next());
    let first = first.ok_or("the characters between `[` and `]` are not UTF-8")?;
    let rest = pattern.get(first.len_utf8()..).filter(|rest| !rest.is_empty());
    Ok((first, rest.ok_or(UNCLOSED)?))
}
