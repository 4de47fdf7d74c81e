//! Lines for people: tones, widths, wrapping. All text that a page takes is escaped here, so that no caller can forget to.

use super::escape;
use owo_colors::{OwoColorize, Style as Paint};
use std::borrow::Cow;
use unicode_width::{UnicodeWidthChar, UnicodeWidthStr};

/// The narrowest page that is laid out; a narrower terminal folds the lines itself.
const NARROWEST: usize = 40;
/// The widest: longer lines are hard to read.
const WIDEST: usize = 100;

/// What a piece of text is, and so its colour. Only the terminal's own sixteen are used: they fit its background.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Tone {
    /// Text as it is.
    Text,
    /// A title.
    Strong,
    /// What is read second.
    Quiet,
    /// Passed.
    Good,
    /// Failed.
    Bad,
    /// Could not be judged.
    Doubt,
    /// What can be typed, and where to look.
    Command,
}

impl Tone {
    fn paint(self) -> Paint {
        match self {
            Self::Text => Paint::new(),
            Self::Strong => Paint::new().bold(),
            Self::Quiet => Paint::new().dimmed(),
            Self::Good => Paint::new().green(),
            Self::Bad => Paint::new().red(),
            Self::Doubt => Paint::new().yellow(),
            Self::Command => Paint::new().cyan(),
        }
    }
}

/// Lines being laid out.
#[derive(Debug)]
pub struct Page {
    text: String,
    width: usize,
    color: bool,
    /// Whether marks are words and lines are made of ASCII.
    pub ascii: bool,
}

impl Page {
    /// A page for a terminal of this many columns.
    pub fn terminal(width: usize, color: bool) -> Self {
        Self { text: String::new(), width: width.clamp(NARROWEST, WIDEST), color, ascii: false }
    }

    /// A page for files and pipes: lines are as long as they are, marks are ASCII.
    pub fn plain() -> Self {
        Self { text: String::new(), width: usize::MAX, color: false, ascii: true }
    }

    /// The columns there are.
    pub fn width(&self) -> usize {
        self.width
    }

    /// One of two signs: for a terminal, or in ASCII.
    pub fn sign<'a>(&self, unicode: &'a str, ascii: &'a str) -> &'a str {
        if self.ascii { ascii } else { unicode }
    }

    /// An empty line, unless there is one already.
    pub fn blank(&mut self) {
        if !self.text.is_empty() && !self.text.ends_with("\n\n") {
            self.text.push('\n');
        }
    }

    /// One line of several pieces, not wrapped.
    pub fn line(&mut self, indent: usize, pieces: &[(Tone, &str)]) {
        let blank = |piece: &&(Tone, &str)| piece.1.trim_end().is_empty();
        let pieces = &pieces[..pieces.len() - pieces.iter().rev().take_while(blank).count()];
        let mut line = if pieces.is_empty() { String::new() } else { " ".repeat(indent) };
        for (index, (tone, text)) in pieces.iter().enumerate() {
            let text = if index + 1 == pieces.len() { text.trim_end() } else { text };
            let text = escape::line(text);
            if self.color && *tone != Tone::Text && !text.is_empty() {
                line.push_str(&text.style(tone.paint()).to_string());
            } else {
                line.push_str(&text);
            }
        }
        self.text.push_str(&escape::line_start(&line));
        self.text.push('\n');
    }

    /// Text that may have many lines, wrapped to the width, behind a label; later lines start below the first.
    pub fn prose(&mut self, indent: usize, label: (Tone, &str), tone: Tone, text: &str) {
        self.hanging(indent, &[label], tone, text);
    }

    /// The same behind a label of several pieces.
    pub fn hanging(&mut self, indent: usize, label: &[(Tone, &str)], tone: Tone, text: &str) {
        let hang = label.iter().map(|(_, text)| columns(&escape::line(text))).sum::<usize>();
        let width = self.width.saturating_sub(indent + hang).max(NARROWEST / 2);
        let mut first = true;
        for part in escape::lines(text) {
            for line in wrap(&part, width) {
                if std::mem::take(&mut first) {
                    self.line(indent, &[label, &[(tone, line)]].concat());
                } else {
                    self.line(indent + hang, &[(tone, line)]);
                }
            }
        }
    }

    /// The laid out text.
    pub fn finish(self) -> String {
        self.text
    }
}

/// The columns that a safe text takes on a terminal.
pub fn columns(text: &str) -> usize {
    text.width()
}

/// A safe text, filled up with blanks to a width.
pub fn pad(text: &str, width: usize) -> String {
    format!("{text}{}", " ".repeat(width.saturating_sub(columns(text))))
}

/// A safe text, cut to a width, with `…` if something is missing.
pub fn truncate(text: &str, width: usize) -> Cow<'_, str> {
    if columns(text) <= width {
        return Cow::Borrowed(text);
    }
    let end = fitting(text, width.saturating_sub(1));
    Cow::Owned(format!("{}…", &text[..end]))
}

/// The lines of a safe text, broken between words; words longer than a line are broken too.
pub fn wrap(text: &str, width: usize) -> Vec<&str> {
    let mut lines = Vec::new();
    let mut rest = text.trim_end();
    while columns(rest) > width {
        let end = fitting(rest, width).max(rest.chars().next().map_or(0, char::len_utf8));
        // A blank right behind the line will do as well.
        let until = if rest[end..].starts_with(' ') { end + 1 } else { end };
        let indent = rest.len() - rest.trim_start().len();
        let cut = rest[..until].rfind(' ').filter(|&blank| blank > indent).unwrap_or(end);
        lines.push(rest[..cut].trim_end());
        rest = rest[cut..].trim_start();
    }
    lines.push(rest);
    lines
}

/// The bytes of a text's beginning that fit into so many columns.
fn fitting(text: &str, width: usize) -> usize {
    let mut used = 0;
    for (start, c) in text.char_indices() {
        used += c.width().unwrap_or(0);
        if used > width {
            return start;
        }
    }
    text.len()
}

#[cfg(test)]
mod tests {
    use super::*;
    use proptest::prelude::*;

    #[test]
    fn lines_break_between_words() {
        for (text, width, lines) in [
            ("", 10, &[""][..]),
            ("one two three", 7, &["one two", "three"]),
            ("one two three", 8, &["one two", "three"]),
            ("abcdefghij kl", 4, &["abcd", "efgh", "ij", "kl"]),
            ("  indented text", 10, &["  indented", "text"]),
            ("大きさ大きさ", 6, &["大きさ", "大きさ"]),
        ] {
            assert_eq!(wrap(text, width), lines, "{text:?}");
        }
    }

    #[test]
    fn long_texts_are_cut() {
        assert_eq!(truncate("short", 5), "short");
        assert_eq!(truncate("too long", 5), "too …");
        assert_eq!(truncate("大きさ", 4), "大…");
    }

    #[test]
    fn colours_are_ours_alone() {
        let mut page = Page::terminal(80, true);
        page.line(2, &[(Tone::Bad, "\x1b[0mx"), (Tone::Text, "y")]);
        assert_eq!(page.finish(), "  \x1b[31m␛[0mx\x1b[0my\n");
    }

    proptest! {
        #[test]
        fn wrapped_lines_fit_and_lose_no_word(text in "(\\PC|[ a-z])*", width in 2usize..40) {
            let lines = wrap(&text, width);
            for line in &lines {
                prop_assert!(columns(line) <= width.max(2), "{line:?}");
            }
            let letters = |text: &str| text.split_whitespace().collect::<String>();
            prop_assert_eq!(letters(&lines.concat()), letters(&text));
        }
    }
}
