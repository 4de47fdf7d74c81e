//! How an instruction's text falls into words: the name, the flags, and arguments of each kind.

/// A word and where it starts in the instruction's joined text.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(super) struct Word {
    pub text: String,
    pub at: usize,
}

impl Word {
    pub fn new(text: impl Into<String>, at: usize) -> Self {
        Self { text: text.into(), at }
    }
}

/// A piece of the instruction's text and where it starts.
#[derive(Debug, Clone, Copy)]
pub(super) struct Piece<'t> {
    pub text: &'t str,
    pub at: usize,
}

impl<'t> Piece<'t> {
    /// From byte `from` on; empty where that is no place in it.
    pub fn from(self, from: usize) -> Self {
        Self { text: self.text.get(from..).unwrap_or_default(), at: self.at + from }
    }

    pub fn trim(self) -> Self {
        let text = self.text.trim_start();
        Self { text: text.trim_end(), at: self.at + self.text.len() - text.len() }
    }

    /// At the first run of blanks: what is before it and what is after it.
    pub fn cut(self) -> Option<(&'t str, Self)> {
        let (before, _) = self.text.split_once(is_blank)?;
        let after = self.from(before.len());
        let blanks = after.text.len() - after.text.trim_start_matches(is_blank).len();
        Some((before, after.from(blanks)))
    }
}

/// What separates the name from the rest and most arguments from each other. Unlike elsewhere, only ASCII.
pub(super) fn is_blank(c: char) -> bool {
    matches!(c, '\t' | '\x0b' | '\x0c' | '\r' | ' ')
}

/// Words between blanks; quotes mean nothing.
pub(super) fn fields(mut piece: Piece<'_>) -> Vec<Word> {
    let mut words = Vec::new();
    if piece.text.is_empty() {
        return words;
    }
    while let Some((word, rest)) = piece.cut() {
        words.push(Word::new(word, piece.at));
        piece = rest;
    }
    words.push(Word::new(piece.text, piece.at));
    words
}

/// Words between blanks outside quotes, as `ENV`, `LABEL` and `ARG` have them. Quotes and escapes stay as they are.
pub(super) fn quoted(piece: Piece<'_>, escape: char) -> Vec<Word> {
    let mut words = Vec::new();
    let mut word: Option<Word> = None;
    let mut quote: Option<char> = None;
    let mut chars = piece.text.char_indices();
    while let Some((offset, c)) = chars.next() {
        if quote.is_none() && c.is_whitespace() {
            words.extend(word.take().filter(|word| !word.text.is_empty()));
            continue;
        }
        let word = word.get_or_insert_with(|| Word::new("", piece.at + offset));
        if quote == Some(c) {
            quote = None;
        } else if quote.is_none() && matches!(c, '\'' | '"') {
            quote = Some(c);
        } else if c == escape && quote != Some('\'') {
            // Skipped at the end of the text, else it and what it escapes belong to the word.
            let Some((_, escaped)) = chars.next() else { break };
            word.text.push(c);
            word.text.push(escaped);
            continue;
        }
        word.text.push(c);
    }
    words.extend(word.filter(|word| !word.text.is_empty()));
    words
}

/// The `--flag` words before the arguments, without their quotes, and the arguments.
///
/// BuildKit looks at bytes here, not at characters, so that the second byte of `à` counts as a blank.
pub(super) fn flags(piece: Piece<'_>, escape: char) -> (Vec<Word>, Piece<'_>) {
    let bytes = piece.text.as_bytes();
    let escape = u8::try_from(escape).unwrap_or(b'\\');
    let mut flags = Vec::new();
    let mut at = 0;
    loop {
        at += bytes.iter().skip(at).take_while(|byte| is_space_byte(**byte)).count();
        if !bytes.get(at..).is_some_and(|rest| rest.starts_with(b"--")) {
            return (flags, rest_from(piece, at));
        }
        let start = at;
        let mut word = Vec::new();
        let mut quote = None;
        let mut was_quoted = false;
        while let Some(byte) = bytes.get(at) {
            if quote.is_none() && is_space_byte(*byte) {
                break;
            }
            at += 1;
            if quote == Some(*byte) {
                quote = None;
            } else if quote.is_none() && matches!(byte, b'\'' | b'"') {
                (quote, was_quoted) = (Some(*byte), true);
            } else if *byte == escape {
                word.extend(bytes.get(at));
                at += 1;
            } else {
                word.push(*byte);
            }
        }
        if word == b"--" {
            return (flags, rest_from(piece, at));
        }
        if was_quoted || !word.is_empty() {
            flags.push(Word::new(String::from_utf8_lossy(&word), piece.at + start));
        }
    }
}

/// Where a character was cut in two, the rest starts with the next one.
fn rest_from(piece: Piece<'_>, mut at: usize) -> Piece<'_> {
    while at < piece.text.len() && !piece.text.is_char_boundary(at) {
        at += 1;
    }
    piece.from(at.min(piece.text.len()))
}

/// Go's `unicode.IsSpace` of a byte taken for a character.
pub(super) fn is_space_byte(byte: u8) -> bool {
    matches!(byte, b'\t' | b'\n' | 0x0b | 0x0c | b'\r' | b' ' | 0x85 | 0xa0)
}
