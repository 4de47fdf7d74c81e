//! Whether the arguments are a JSON array, as Go's `encoding/json` decides it: that makes the exec form.

/// Deeper than this Go refuses, and the arguments are taken for words.
const MAX_DEPTH: usize = 10_000;

/// What the arguments are.
#[derive(Debug, PartialEq, Eq)]
pub(super) enum Array {
    Strings(Vec<String>),
    /// An array, but with something in it that is no string: an error.
    Mixed,
    /// Anything else: words.
    No,
}

/// Reads `text` as one JSON array.
pub(super) fn array(text: &str) -> Array {
    let text = text.trim_start();
    if !text.starts_with('[') {
        return Array::No;
    }
    let mut reader = Reader { text, at: 0, open: Vec::new(), strings: Vec::new(), mixed: false };
    match reader.read() {
        None => Array::No,
        Some(()) if reader.mixed => Array::Mixed,
        Some(()) => Array::Strings(reader.strings),
    }
}

/// What may come next.
#[derive(Clone, Copy, PartialEq, Eq)]
enum Next {
    Value,
    ValueOrEnd,
    Key,
    KeyOrEnd,
    CommaOrEnd,
}

struct Reader<'t> {
    text: &'t str,
    at: usize,
    /// The brackets that are open: a list, since a recursion could be made to overflow.
    open: Vec<u8>,
    /// Those of the outermost array.
    strings: Vec<String>,
    mixed: bool,
}

impl Reader<'_> {
    /// `None` for what is no JSON.
    fn read(&mut self) -> Option<()> {
        let mut next = Next::Value;
        loop {
            let byte = self.token()?;
            next = match (byte, next) {
                (b']' | b'}', Next::ValueOrEnd | Next::KeyOrEnd | Next::CommaOrEnd) => {
                    let opening = if byte == b']' { b'[' } else { b'{' };
                    if self.open.pop()? != opening {
                        return None;
                    }
                    self.at += 1;
                    Next::CommaOrEnd
                }
                (b',', Next::CommaOrEnd) => {
                    self.at += 1;
                    if self.open.last() == Some(&b'[') { Next::Value } else { Next::Key }
                }
                (b'"', Next::Key | Next::KeyOrEnd) => {
                    self.string()?;
                    if self.token()? != b':' {
                        return None;
                    }
                    self.at += 1;
                    Next::Value
                }
                (_, Next::Value | Next::ValueOrEnd) => self.value(byte)?,
                _ => return None,
            };
            if self.open.is_empty() {
                return self.token().is_none().then_some(());
            }
        }
    }

    /// The next byte that is no blank.
    fn token(&mut self) -> Option<u8> {
        let rest = self.text.as_bytes().get(self.at..)?;
        self.at += rest.iter().take_while(|byte| matches!(byte, b' ' | b'\t' | b'\r' | b'\n')).count();
        self.text.as_bytes().get(self.at).copied()
    }

    fn value(&mut self, first: u8) -> Option<Next> {
        let outermost = self.open.len() == 1;
        if first == b'"' {
            let string = self.string()?;
            if outermost {
                self.strings.push(string);
            }
            return Some(Next::CommaOrEnd);
        }
        self.mixed |= outermost;
        if matches!(first, b'[' | b'{') {
            self.open.push(first);
            self.at += 1;
            let empty_or_not = if first == b'[' { Next::ValueOrEnd } else { Next::KeyOrEnd };
            return (self.open.len() <= MAX_DEPTH).then_some(empty_or_not);
        }
        let rest = self.text.get(self.at..)?;
        let length =
            rest.find(|c: char| !c.is_ascii_alphanumeric() && !matches!(c, '+' | '-' | '.')).unwrap_or(rest.len());
        let scalar = rest.get(..length)?;
        self.at += length;
        (matches!(scalar, "true" | "false" | "null") || is_number(scalar)).then_some(Next::CommaOrEnd)
    }

    /// A string and its value; half of a surrogate pair becomes `U+FFFD`, as in Go.
    fn string(&mut self) -> Option<String> {
        let mut out = String::new();
        let mut chars = self.text.get(self.at + 1..)?.char_indices();
        let start = self.at + 1;
        while let Some((offset, c)) = chars.next() {
            match c {
                '"' => {
                    self.at = start + offset + 1;
                    return Some(out);
                }
                '\\' => match chars.next()?.1 {
                    c @ ('"' | '\\' | '/') => out.push(c),
                    'b' => out.push('\x08'),
                    'f' => out.push('\x0c'),
                    'n' => out.push('\n'),
                    'r' => out.push('\r'),
                    't' => out.push('\t'),
                    'u' => {
                        let unit = hex(chars.as_str())?;
                        chars.nth(3)?;
                        let low = chars.as_str().strip_prefix("\\u").and_then(hex);
                        let pair = low
                            .and_then(|low| char::decode_utf16([unit, low]).next()?.ok().filter(|c| *c > '\u{FFFF}'));
                        if pair.is_some() {
                            chars.nth(5)?;
                        }
                        out.push(
                            pair.or_else(|| char::from_u32(u32::from(unit))).unwrap_or(char::REPLACEMENT_CHARACTER),
                        );
                    }
                    _ => return None,
                },
                c if c < ' ' => return None,
                c => out.push(c),
            }
        }
        None
    }
}

fn hex(text: &str) -> Option<u16> {
    let digits = text.get(..4).filter(|digits| digits.bytes().all(|byte| byte.is_ascii_hexdigit()))?;
    u16::from_str_radix(digits, 16).ok()
}

/// JSON's grammar for numbers; one that a float can't hold is an error in Go.
fn is_number(text: &str) -> bool {
    let digits = text.strip_prefix('-').unwrap_or(text);
    let well_formed = match digits.as_bytes() {
        [b'0'] | [b'0', b'.' | b'e' | b'E', ..] => true,
        [first, ..] => (b'1'..=b'9').contains(first),
        [] => false,
    };
    let dot = digits.split_once('.').is_none_or(|(_, after)| after.starts_with(|c: char| c.is_ascii_digit()));
    well_formed && dot && text.parse::<f64>().is_ok_and(f64::is_finite)
}

#[cfg(test)]
mod tests {
    use super::{Array, array};

    fn strings(list: &[&str]) -> Array {
        Array::Strings(list.iter().map(ToString::to_string).collect())
    }

    #[test]
    fn decides_as_go_does() {
        for (text, expected) in [
            (r#"["a", "b c"]"#, strings(&["a", "b c"])),
            ("[]", strings(&[])),
            ("[ ]", strings(&[])),
            (r#"["\u00e9\ud83d\ude00\ud800x\n\/"]"#, strings(&["é😀\u{FFFD}x\n/"])),
            (r#"["a",]"#, Array::No),
            (r#"["a"] # no comment"#, Array::No),
            ("['a']", Array::No),
            ("[ -f /x ]", Array::No),
            ("[\"a\tb\"]", Array::No),
            ("[1e999]", Array::No),
            ("[01]", Array::No),
            ("[1.]", Array::No),
            ("[1]", Array::Mixed),
            ("[-1.5e3, null]", Array::Mixed),
            (r#"["a", {"b": [true]}]"#, Array::Mixed),
            ("[[]]", Array::Mixed),
            ("[", Array::No),
            ("[[}]", Array::No),
            (r#""a""#, Array::No),
        ] {
            assert_eq!(array(text), expected, "{text}");
        }
        assert_eq!(array(&"[".repeat(1_000_000)), Array::No);
        assert_eq!(array(&format!("{}{}", "[".repeat(9_000), "]".repeat(9_000))), Array::Mixed);
    }
}
