//! A tool's output, bounded: what is kept of it, and its lines.

use std::collections::VecDeque;

/// The first and the last bytes of an output, and how many between them were dropped.
#[derive(Debug, Default, Clone)]
pub struct Kept {
    half: usize,
    first: Vec<u8>,
    last: VecDeque<u8>,
    /// How many bytes were dropped.
    pub dropped: u64,
}

impl Kept {
    /// Keeps so many bytes: the first and the last half of them.
    pub fn new(bytes: usize) -> Self {
        Self { half: bytes / 2, ..Self::default() }
    }

    /// Takes in more output.
    pub fn push(&mut self, bytes: &[u8]) {
        let (first, rest) = bytes.split_at(bytes.len().min(self.half - self.first.len()));
        self.first.extend_from_slice(first);
        let (skipped, rest) = rest.split_at(rest.len().saturating_sub(self.half));
        let overflow = (self.last.len() + rest.len()).saturating_sub(self.half);
        self.last.drain(..overflow);
        self.last.extend(rest);
        self.dropped += (skipped.len() + overflow) as u64;
    }

    /// The kept bytes; nothing marks the gap.
    pub fn bytes(&self) -> Vec<u8> {
        self.first.iter().chain(&self.last).copied().collect()
    }

    /// The kept output as text; a line names how much is left out.
    pub fn text(&self) -> String {
        let last: Vec<u8> = self.last.iter().copied().collect();
        if self.dropped == 0 {
            return String::from_utf8_lossy(&[&self.first[..], &last].concat()).into_owned();
        }
        let (first, last) = (String::from_utf8_lossy(&self.first), String::from_utf8_lossy(&last));
        format!("{first}\n[… {} bytes left out …]\n{last}", self.dropped)
    }
}

/// Cuts a stream of bytes into lines. Of a longer line than it keeps, the rest is dropped.
#[derive(Debug)]
pub struct LineCutter {
    line: Vec<u8>,
    longest: usize,
}

impl LineCutter {
    /// Keeps so many bytes of each line.
    pub fn new(longest: usize) -> Self {
        Self { line: Vec::new(), longest }
    }

    /// Takes in more bytes and hands on the lines that end in them, without their ends. Like a terminal, a carriage
    /// return ends a line too; empty lines are left out.
    pub fn push(&mut self, bytes: &[u8], mut on_line: impl FnMut(&str)) {
        let mut pieces = bytes.split(|byte| matches!(byte, b'\n' | b'\r')).peekable();
        while let Some(piece) = pieces.next() {
            let room = self.longest.saturating_sub(self.line.len());
            self.line.extend_from_slice(piece.get(..room).unwrap_or(piece));
            if pieces.peek().is_some() {
                self.end(&mut on_line);
            }
        }
    }

    /// Hands on what is left as the last line.
    pub fn end(&mut self, mut on_line: impl FnMut(&str)) {
        if !self.line.is_empty() {
            on_line(&String::from_utf8_lossy(&self.line));
            self.line.clear();
        }
    }
}

/// The end of an output: so many characters of so many lines.
pub fn end_of(output: &[u8], (characters, lines): (usize, usize)) -> String {
    let said = String::from_utf8_lossy(output);
    let said = said.trim();
    let start = said.char_indices().rev().nth(characters - 1).map_or(0, |(at, _)| at);
    let line = said.rmatch_indices('\n').nth(lines - 1).map_or(0, |(at, _)| at + 1);
    said.get(start.max(line)..).unwrap_or_default().to_owned()
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_first_and_the_last_bytes_are_kept_and_the_gap_is_named() {
        let mut kept = Kept::new(8);
        for piece in ["ab", "cdefg", "hijklmnop", "q"] {
            kept.push(piece.as_bytes());
        }
        assert_eq!(kept.dropped, 9);
        assert_eq!(kept.bytes(), b"abcdnopq");
        assert_eq!(kept.text(), "abcd\n[… 9 bytes left out …]\nnopq");
    }

    #[test]
    fn what_fits_is_kept_whole() {
        let mut kept = Kept::new(8);
        kept.push(b"ab");
        kept.push("cä€".as_bytes());
        assert_eq!((kept.text().as_str(), kept.dropped), ("abcä€", 0));
    }

    #[test]
    fn lines_are_cut_wherever_the_pieces_end_and_long_ones_are_bounded() {
        let mut lines = LineCutter::new(4);
        let mut seen = Vec::new();
        for piece in ["on", "e\ntwo\r\n\nmuch too", " long\n", "end"] {
            lines.push(piece.as_bytes(), |line| seen.push(line.to_owned()));
        }
        lines.end(|line| seen.push(line.to_owned()));
        assert_eq!(seen, ["one", "two", "much", "end"]);
    }

    #[test]
    fn of_many_lines_the_last_are_told() {
        assert_eq!(end_of("y\n".repeat(1000).as_bytes(), (300, 3)), "y\ny\ny");
        assert_eq!(end_of(b"one\ntwo\n", (300, 3)), "one\ntwo");
        assert_eq!(end_of("\u{fffd}".repeat(400).as_bytes(), (3, 1)).chars().count(), 3);
    }
}
