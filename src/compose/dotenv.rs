//! `.env` files and those of `env_file`, as Compose reads them (compose-go, `dotenv`).

use super::env::Env;
use super::template;
use std::cell::Cell;

/// The most bytes of values that a file sets, variables filled in.
pub const MAX_VALUES: usize = 1 << 20;

/// What a file sets, or why it can't be read and in which line.
pub type DotenvPairs = Result<Vec<(String, String)>, (u32, String)>;

/// Reads a file. `known` are the variables that it may name besides its own.
pub fn parse(bytes: &[u8], known: &Env) -> DotenvPairs {
    let text = String::from_utf8_lossy(bytes);
    let text = text.strip_prefix('\u{feff}').unwrap_or(&text);
    let mut parser =
        Parser { whole: text, known: known.clone(), pairs: Vec::new(), bytes: 0, counted: Cell::default() };
    let mut rest = text;
    while let Some(statement) = start(rest) {
        rest = parser.statement(statement)?;
    }
    Ok(parser.pairs)
}

/// Where the next statement starts; nothing if only blanks and comments follow.
fn start(mut text: &str) -> Option<&str> {
    loop {
        text = text.trim_start();
        match text.strip_prefix('#') {
            None => return (!text.is_empty()).then_some(text),
            Some(comment) => text = comment.split_once('\n')?.1,
        }
    }
}

struct Parser<'a> {
    whole: &'a str,
    known: Env,
    pairs: Vec<(String, String)>,
    /// How many bytes the values have.
    bytes: usize,
    /// Up to which byte the line ends were counted, and how many there are.
    counted: Cell<(usize, usize)>,
}

impl<'a> Parser<'a> {
    /// The line in which what is left begins.
    fn line(&self, rest: &str) -> u32 {
        let read = self.whole.len().saturating_sub(rest.len());
        let (from, before) = Some(self.counted.get()).filter(|(from, _)| *from <= read).unwrap_or_default();
        let more = self.whole.as_bytes().get(from..read).unwrap_or_default();
        let lines = before + more.split(|byte| *byte == b'\n').count().saturating_sub(1);
        self.counted.set((read, lines));
        u32::try_from(lines + 1).unwrap_or(u32::MAX)
    }

    /// Whether what is left begins on the line of a value in quotes.
    fn is_after_value(&self, rest: &str) -> bool {
        let read = self.whole.get(..self.whole.len().saturating_sub(rest.len())).unwrap_or_default();
        read.trim_end_matches(is_blank).ends_with(['"', '\''])
    }

    fn statement(&mut self, statement: &'a str) -> Result<&'a str, (u32, String)> {
        let text = match statement.strip_prefix("export") {
            Some(rest) if rest.starts_with(char::is_whitespace) => rest.trim_start_matches(is_blank),
            _ => statement,
        };
        let line = |parser: &Self| parser.line(statement);
        let mut found = None;
        for (at, c) in text.char_indices().filter(|(_, c)| !is_blank(*c)) {
            match c {
                '=' | ':' | '\n' => {
                    found = Some((at, c));
                    break;
                }
                '_' | '.' | '-' | '[' | ']' => {}
                c if c.is_alphanumeric() => {}
                c => {
                    let c = shown(c);
                    let message = if self.is_after_value(statement) {
                        format!("the quotes of this value end before `{c}`; write `\\` before a quote within them")
                    } else {
                        format!("`{c}` can't be part of a variable's name; write NAME=value")
                    };
                    return Err((line(self), message));
                }
            }
        }
        // The last line without a line end and without a value sets nothing.
        let Some((at, separator)) = found else { return Ok("") };
        let name = text.get(..at).unwrap_or_default().trim_end();
        if name.contains(' ') {
            return Err((line(self), format!("the name `{name}` has a space in it; write NAME=value")));
        }
        let rest = text.get(at + 1..).unwrap_or_default();
        if separator == '\n' {
            if let Some(value) = self.known.get(name).cloned() {
                self.set(name, value);
            }
            return Ok(rest);
        }
        let (value, rest) = self.value(rest.trim_start_matches(is_blank), line(self))?;
        self.set(name, value);
        if self.bytes > MAX_VALUES {
            let most = MAX_VALUES >> 10;
            return Err((line(self), format!("the values up to here have more than {most} KiB, variables filled in")));
        }
        Ok(rest)
    }

    fn set(&mut self, name: &str, value: String) {
        self.bytes = self.bytes.saturating_add(value.len());
        self.known.entry(name.to_owned()).or_insert_with(|| value.clone());
        self.pairs.push((name.to_owned(), value));
    }

    fn value(&self, text: &'a str, line: u32) -> Result<(String, &'a str), (u32, String)> {
        let fill = |text: &str| template::fill(text, &self.known).map_err(|fault| (line, fault.to_string()));
        let Some(quote) = text.chars().next().filter(|first| matches!(first, '"' | '\'')) else {
            let (value, rest) = text.split_once('\n').unwrap_or((text, ""));
            let value = value.split(" #").next().unwrap_or(value).trim_end();
            return Ok((fill(value)?, rest));
        };
        let (mut value, mut is_escaped) = (String::new(), false);
        for (at, c) in text.char_indices().skip(1) {
            if c == quote && !is_escaped {
                let value = if quote == '"' { fill(&unescape(&value))? } else { value };
                return Ok((value, text.get(at + 1..).unwrap_or_default()));
            }
            if c == '\\' && !is_escaped {
                is_escaped = true;
                continue;
            }
            if is_escaped && c != quote {
                value.push('\\');
            }
            is_escaped = false;
            value.push(c);
        }
        Err((line, format!("the quote {quote} of this value is never closed")))
    }
}

/// The escapes of a text in double quotes.
fn unescape(text: &str) -> String {
    let mut out = String::new();
    let mut chars = text.chars();
    while let Some(c) = chars.next() {
        match (c, if c == '\\' { chars.next() } else { None }) {
            ('\\', Some('n')) => out.push('\n'),
            ('\\', Some('r')) => out.push('\r'),
            ('\\', Some('t')) => out.push('\t'),
            // A `$` that is escaped stays one.
            ('\\', Some('$')) => out.push_str("$$"),
            ('\\', Some(other)) => out.extend([c, other]),
            _ => out.push(c),
        }
    }
    out
}

/// A character, or its escape if it can't be seen.
fn shown(c: char) -> String {
    if c.is_control() { c.escape_debug().to_string() } else { c.to_string() }
}

/// A blank that ends no line.
fn is_blank(c: char) -> bool {
    matches!(c, '\t' | '\u{b}' | '\u{c}' | '\r' | ' ' | '\u{85}' | '\u{a0}')
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn files_are_read_as_compose_does() {
        for (text, expected) in [
            ("A=1\n# no\nexport B = 'two $A'\nC=\"$A ${B}\" # said\n", "A=1 B=two $A C=1 two $A"),
            ("A: z\nB=x#y\nC=x #y\n\nD=\nE", "A=z B=x#y C=x D="),
            ("A='it\\'s'\nB=\"a\\nb\"\nC=a b", "A=it's B=a\nb C=a b"),
            ("K\nA=$K\n", "K=known A=known"),
            ("U\n", ""),
            ("A=\"one\ntwo\"\nB=1", "A=one\ntwo B=1"),
            ("\u{feff}A=1\r\nB=2\r\n", "A=1 B=2"),
        ] {
            let known = Env::from([("K".to_owned(), "known".to_owned())]);
            let pairs = parse(text.as_bytes(), &known).unwrap();
            let shown: Vec<String> = pairs.iter().map(|(name, value)| format!("{name}={value}")).collect();
            assert_eq!(shown.join(" "), expected, "{text:?}");
        }
    }

    #[test]
    fn a_line_that_is_none_is_named() {
        for (text, line, part) in [
            ("A=1\nB C=2\n", 2, "`B C` has a space"),
            ("A=1\n\n$B=2", 3, "`$` can't be part"),
            ("A=\"x\"\nB='y", 2, "never closed"),
            ("A=${B", 1, "doesn't start a variable"),
            ("A=\"x\"!\n", 1, "end before `!`"),
        ] {
            let (at, message) = parse(text.as_bytes(), &Env::new()).unwrap_err();
            assert!(at == line && message.contains(part), "{text:?}: {at}: {message}");
        }
    }
}
