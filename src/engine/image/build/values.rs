//! Cuts what `--progress=rawjson` prints into JSON values and lines of text.
//!
//! Buildx prints indented objects one after the other, not one a line, and after a failure plain text.

/// The longest value or line that is taken in; of longer ones nothing is handed on.
const LONGEST: usize = 8 << 20;

/// One part of the output.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Part<'a> {
    /// A JSON object.
    Value(&'a [u8]),
    /// A line of text, without its end.
    Text(&'a [u8]),
}

/// The cutter. It looks at every byte once, however the output is cut up.
#[derive(Debug, Default)]
pub struct StringValues {
    buffer: Vec<u8>,
    /// How many objects and arrays are open; 0 in text.
    depth: usize,
    in_string: bool,
    escaped: bool,
    /// Whether what is read now is too long.
    overflowed: bool,
}

impl StringValues {
    /// Takes in more output and hands on what is whole.
    pub fn push(&mut self, bytes: &[u8], mut on_part: impl FnMut(Part<'_>)) {
        for &byte in bytes {
            if self.depth > 0 {
                self.keep(byte);
                self.step(byte);
                if self.depth == 0 {
                    self.hand_on(true, &mut on_part);
                }
            } else if byte == b'\n' {
                self.hand_on(false, &mut on_part);
            } else if byte == b'{' && self.buffer.is_empty() {
                self.keep(byte);
                self.depth = 1;
            } else {
                self.keep(byte);
            }
        }
    }

    /// Hands on what is left, as text.
    pub fn end(&mut self, mut on_part: impl FnMut(Part<'_>)) {
        self.depth = 0;
        let rest = std::mem::take(&mut self.buffer);
        rest.split(|&byte| byte == b'\n').filter(|line| !line.is_empty()).for_each(|line| on_part(Part::Text(line)));
    }

    fn step(&mut self, byte: u8) {
        if self.in_string {
            match byte {
                _ if self.escaped => self.escaped = false,
                b'\\' => self.escaped = true,
                b'"' => self.in_string = false,
                _ => {}
            }
            return;
        }
        match byte {
            b'"' => self.in_string = true,
            b'{' | b'[' => self.depth += 1,
            b'}' | b']' => self.depth -= 1,
            _ => {}
        }
    }

    fn keep(&mut self, byte: u8) {
        if self.buffer.len() < LONGEST {
            self.buffer.push(byte);
        } else {
            self.overflowed = true;
        }
    }

    fn hand_on(&mut self, value: bool, on_part: &mut impl FnMut(Part<'_>)) {
        if value && !self.overflowed {
            on_part(Part::Value(&self.buffer));
        } else if !value && !self.buffer.is_empty() {
            on_part(Part::Text(&self.buffer));
        }
        self.buffer.clear();
        self.overflowed = false;
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use proptest::prelude::*;

    fn cut(pieces: &[&[u8]]) -> Vec<String> {
        let (mut values, mut seen) = (StringValues::default(), Vec::new());
        let mut see = |part: Part<'_>| {
            let (kind, bytes) = match part {
                Part::Value(bytes) => ('V', bytes),
                Part::Text(bytes) => ('T', bytes),
            };
            seen.push(format!("{kind}{}", String::from_utf8_lossy(bytes)));
        };
        for piece in pieces {
            values.push(piece, &mut see);
        }
        values.end(&mut see);
        seen
    }

    #[test]
    fn objects_and_lines_are_told_apart() {
        let output =
            "{\n  \"a\": [\"}{\\\"]\", {}]\n}\n{}{\"b\":1}\nDockerfile:4\n----\n   1 | >>> RUN {\nERROR: x\n{\"half";
        let expected = [
            "V{\n  \"a\": [\"}{\\\"]\", {}]\n}",
            "V{}",
            "V{\"b\":1}",
            "TDockerfile:4",
            "T----",
            "T   1 | >>> RUN {",
            "TERROR: x",
            "T{\"half",
        ];
        assert_eq!(cut(&[output.as_bytes()]), expected);
    }

    proptest! {
        #[test]
        fn how_the_output_is_cut_up_does_not_matter(output in "[{}\"\\\\a\\[\\]\n ]{0,60}", at in 0usize..60) {
            let (one, two) = output.as_bytes().split_at(at.min(output.len()));
            prop_assert_eq!(cut(&[one, two]), cut(&[output.as_bytes()]));
        }
    }
}
