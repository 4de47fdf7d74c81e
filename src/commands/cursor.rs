//! Goes through a text character by character, and knows line and column.

use crate::dockerfile::Span;

/// A position in the text.
#[derive(Debug, Clone)]
pub(super) struct Cursor<'a> {
    text: &'a str,
    at: usize,
    line: u32,
    column: u32,
    /// Where the last character ended, line ends not counted.
    last: (usize, u32),
}

impl<'a> Cursor<'a> {
    /// The beginning of a text, behind so many bytes of it.
    pub fn new(text: &'a str, at: usize) -> Self {
        Self { text, at, line: 1, column: 1, last: (at, 1) }
    }

    /// What is not yet read.
    pub fn rest(&self) -> &'a str {
        self.text.get(self.at..).unwrap_or_default()
    }

    /// The next character; the two of a Windows line end are one.
    pub fn peek(&self) -> Option<char> {
        let rest = self.rest();
        if rest.starts_with("\r\n") { Some('\n') } else { rest.chars().next() }
    }

    /// The character after the next one.
    pub fn peek_second(&self) -> Option<char> {
        let mut rest = self.rest().chars();
        rest.next();
        rest.next()
    }

    /// Takes the next character.
    pub fn bump(&mut self) -> Option<char> {
        let next = self.peek()?;
        self.at += if self.rest().starts_with("\r\n") { 2 } else { next.len_utf8() };
        if next == '\n' {
            self.line = self.line.saturating_add(1);
            self.column = 1;
        } else {
            self.column = self.column.saturating_add(1);
            self.last = (self.at, self.line);
        }
        Some(next)
    }

    /// Takes this text if it is next. It has no line ends.
    pub fn eat(&mut self, text: &str) -> bool {
        let found = self.rest().starts_with(text);
        if found {
            for _ in text.chars() {
                self.bump();
            }
        }
        found
    }

    /// Takes characters of this line as long as they are such.
    pub fn eat_while(&mut self, wanted: impl Fn(char) -> bool) -> &'a str {
        let rest = self.rest();
        let (mut length, mut count) = (0, 0_u32);
        for c in rest.chars() {
            let ends_line = c == '\n' || (c == '\r' && rest[length..].starts_with("\r\n"));
            if ends_line || !wanted(c) {
                break;
            }
            length += c.len_utf8();
            count = count.saturating_add(1);
        }
        if length > 0 {
            self.at += length;
            self.column = self.column.saturating_add(count);
            self.last = (self.at, self.line);
        }
        rest.get(..length).unwrap_or_default()
    }

    /// The position, as a place without length.
    pub fn here(&self) -> Span {
        Span { start: self.at, end: self.at, line: self.line, column: self.column, end_line: self.line }
    }

    /// The place from there to what was taken last.
    pub fn from(&self, start: Span) -> Span {
        let (end, end_line) = self.last;
        Span { end: end.max(start.start), end_line: end_line.max(start.line), ..start }
    }

    /// The place of the next character.
    pub fn next_one(&self) -> Span {
        let here = self.here();
        Span { end: here.start + self.peek().map_or(0, char::len_utf8), ..here }
    }

    /// Whether only blanks are left on this line.
    pub fn is_line_over(&self) -> bool {
        let rest = self.rest().trim_start_matches([' ', '\t']);
        rest.is_empty() || rest.starts_with('\n') || rest.starts_with("\r\n")
    }
}
