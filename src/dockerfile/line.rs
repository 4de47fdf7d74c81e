//! Lines as they stand in the file, and the joined text that continued lines make.

use super::span::{Span, number};

/// BuildKit refuses a line of more bytes than this, its `\n` not counted (Go's `bufio.MaxScanTokenSize` less one).
pub const MAX_LINE: usize = 65_535;

const BOM: &[u8] = b"\xEF\xBB\xBF";

/// One line of the file.
#[derive(Debug, Clone, Copy)]
pub(super) struct Line<'a> {
    /// From 1.
    pub number: usize,
    /// Offset of its first byte in the file; the byte-order mark is skipped.
    pub start: usize,
    /// With its ending.
    pub raw: &'a [u8],
    pub too_long: bool,
}

impl<'a> Line<'a> {
    /// Without its ending: every `\r` and `\n` at the end, however many.
    pub fn content(&self) -> &'a [u8] {
        let ending = self.raw.iter().rev().take_while(|byte| matches!(byte, b'\r' | b'\n')).count();
        &self.raw[..self.raw.len() - ending]
    }
}

/// All lines of the file, in order.
#[derive(Debug)]
pub(super) struct Lines<'a> {
    text: &'a [u8],
    at: usize,
    number: usize,
}

impl<'a> Lines<'a> {
    pub fn new(text: &'a [u8]) -> Self {
        Self { text, at: 0, number: 0 }
    }

    /// How many were taken.
    pub fn taken(&self) -> usize {
        self.number
    }
}

impl<'a> Iterator for Lines<'a> {
    type Item = Line<'a>;

    fn next(&mut self) -> Option<Line<'a>> {
        let rest = self.text.get(self.at..).filter(|rest| !rest.is_empty())?;
        let length = rest.iter().position(|byte| *byte == b'\n').map_or(rest.len(), |newline| newline + 1);
        let mut raw = rest.get(..length)?;
        let mut start = self.at;
        let too_long = raw.strip_suffix(b"\n").unwrap_or(raw).len() > MAX_LINE;
        if self.number == 0
            && let Some(stripped) = raw.strip_prefix(BOM)
        {
            raw = stripped;
            start += BOM.len();
        }
        self.at += length;
        self.number += 1;
        Some(Line { number: self.number, start, raw, too_long })
    }
}

/// An instruction's text: its first line and the lines that continue it, comments and blank ones left out.
#[derive(Debug)]
pub(super) struct Joined {
    /// Bytes that are no UTF-8 are replaced by `U+FFFD`.
    pub text: String,
    /// How much of `text` comes from the first line.
    pub first: usize,
    pub span: Span,
    /// The line after a blank line inside the instruction.
    pub empty_continuation: bool,
    /// Lines over the limit; what they say is left out.
    pub too_long: Vec<usize>,
}

impl Joined {
    /// `line` and, while `escape` stands at the end, the lines after it.
    pub fn gather(line: Line<'_>, lines: &mut Lines<'_>, escape: char) -> Self {
        let content = line.content();
        let token = trim_start(content);
        let indent = content.len() - token.len();
        let mut too_long = Vec::new();
        let (mut part, mut continued) = continuation(token, escape);
        if line.too_long {
            too_long.push(line.number);
            part = b"";
        }
        let mut text = part.to_vec();
        let first = String::from_utf8_lossy(part).len();
        let mut last = line;
        let mut empty_continuation = false;
        while continued {
            let Some(next) = lines.next() else { break };
            last = next;
            let token = trim_start(next.content());
            if token.first() == Some(&b'#') {
                continue;
            }
            if token.is_empty() {
                empty_continuation = true;
                continue;
            }
            (part, continued) = continuation(next.content(), escape);
            if next.too_long {
                too_long.push(next.number);
            } else {
                text.extend_from_slice(part);
            }
        }
        let span = Span {
            start: line.start + indent,
            end: last.start + last.content().len(),
            line: number(line.number),
            column: number(characters(content.get(..indent).unwrap_or_default()) + 1),
            end_line: number(last.number),
        };
        let text = match String::from_utf8(text) {
            Ok(text) => text,
            Err(error) => String::from_utf8_lossy(error.as_bytes()).into_owned(),
        };
        Self { text, first, span, empty_continuation, too_long }
    }

    /// The column of a place in the text; where the instruction starts, if that is on another line.
    pub fn column(&self, at: usize) -> u32 {
        let before = self.text.get(..at).filter(|_| at < self.first);
        self.span.column.saturating_add(before.map_or(0, |text| number(text.chars().count())))
    }
}

/// The line without the escape character that continues it, and whether there was one.
/// An escape character before it takes its meaning away, however many there are.
fn continuation(line: &[u8], escape: char) -> (&[u8], bool) {
    let end = line.iter().rposition(|byte| !matches!(byte, b' ' | b'\t')).map_or(0, |last| last + 1);
    let escape = u8::try_from(escape).unwrap_or(b'\\');
    match line.get(..end) {
        Some([before @ .., last]) if *last == escape && before.last() != Some(&escape) => (before, true),
        _ => (line, false),
    }
}

/// Without the blanks before it, Unicode's included.
pub(super) fn trim_start(bytes: &[u8]) -> &[u8] {
    let valid = bytes.utf8_chunks().next().map_or("", |chunk| chunk.valid());
    &bytes[valid.len() - valid.trim_start().len()..]
}

fn characters(bytes: &[u8]) -> usize {
    String::from_utf8_lossy(bytes).chars().count()
}
