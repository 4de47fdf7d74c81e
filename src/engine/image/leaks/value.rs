//! A value that is to be secret, and what counts as having it. A value that could be any word is only looked for where it is
//! set: `postgres` and `secret` are in the files of many packages.

use regex::Regex;
use std::io::{self, Read};

/// A value of as many bytes, of more than one kind of characters, is in no file by chance.
const LONG: usize = 8;
/// A value of as many is in none, whatever its characters.
const VERY_LONG: usize = 16;
/// Names of variables that hold secrets.
const NAMES: &str = "(?:pass|pwd|secret|token|key|cred|auth)";

/// A value that is looked for.
#[derive(Debug, Clone)]
pub struct SecretValue {
    text: String,
    /// It is in no text by chance.
    is_certain: bool,
    /// Where a value that could be any word is set: by a name, or in an address.
    set: Option<Regex>,
    line: Option<Regex>,
}

/// How sure it is that a file holds the value.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) enum Trace {
    /// It holds the value, which can't be by chance, or nothing but the value.
    Certain,
    /// A line of it sets a secret to the value.
    Set,
}

impl SecretValue {
    /// A value, blanks around it left out.
    pub fn new(text: &str) -> Self {
        let text = text.trim().to_owned();
        let kinds: [fn(&char) -> bool; 4] =
            [char::is_ascii_lowercase, char::is_ascii_uppercase, char::is_ascii_digit, |c| !c.is_ascii_alphanumeric()];
        let kinds = kinds.iter().filter(|is| text.chars().any(|c| is(&c))).count();
        let is_certain = text.len() >= VERY_LONG || (text.len() >= LONG && kinds > 1);
        let value = regex::escape(&text);
        let named = format!(r#"[\w.-]*{NAMES}[\w.-]*["']?\s*[=:]\s*["']?{value}(?:["'\s;&,}}]|$)"#);
        let address = format!("://[^\\s:/@]*:{value}@");
        let set = Regex::new(&format!("(?im)(?:^|[\\s\"'|;&,{{]){named}|{address}")).ok();
        let line = Regex::new(&format!("(?im)^\\s*(?:export\\s+|-\\s+|ENV\\s+|ARG\\s+)?[\"']?{named}|{address}")).ok();
        Self { text, is_certain, set, line }
    }

    /// Whether there is anything to look for: `no`, `true` and `1` are switches.
    pub fn is_secret(&self) -> bool {
        const SWITCHES: [&str; 9] = ["", "0", "1", "yes", "no", "none", "on", "off", "true"];
        !SWITCHES.contains(&self.text.to_lowercase().as_str()) && !self.text.eq_ignore_ascii_case("false")
    }

    /// Whether a variable or a label of this name is set to the value.
    pub(super) fn is_in_setting(&self, name: &str, text: &str) -> bool {
        self.is_secret() && (self.is_in_text(text) || self.is_in_text(&format!("{name}={text}")))
    }

    /// Whether a command has it.
    pub(super) fn is_in_text(&self, text: &str) -> bool {
        self.is_secret()
            && if self.is_certain {
                text.contains(&self.text)
            } else {
                self.set.as_ref().is_some_and(|it| it.is_match(text))
            }
    }

    /// Whether a file has it. Of a value that could be any word, only the first bytes of a text are looked at.
    pub(super) fn is_in_file(&self, file: &mut impl Read, most_text: u64) -> io::Result<Option<Trace>> {
        if !self.is_secret() {
            return Ok(None);
        }
        if self.is_certain {
            return Ok(self.is_in_bytes(file)?.then_some(Trace::Certain));
        }
        let mut bytes = Vec::new();
        file.take(most_text).read_to_end(&mut bytes)?;
        let Ok(text) = String::from_utf8(bytes) else { return Ok(None) };
        if text.trim() == self.text {
            return Ok(Some(Trace::Certain));
        }
        Ok(self.line.as_ref().is_some_and(|line| line.is_match(&text)).then_some(Trace::Set))
    }

    /// Piece by piece; the end of each is looked at with the next.
    fn is_in_bytes(&self, file: &mut impl Read) -> io::Result<bool> {
        let finder = memchr::memmem::Finder::new(&self.text);
        let overlap = self.text.len().saturating_sub(1);
        let mut buffer = vec![0; (64 << 10) + overlap];
        let mut kept = 0;
        loop {
            let count = file.read(buffer.get_mut(kept..).unwrap_or_default())?;
            if count == 0 {
                return Ok(false);
            }
            let filled = kept + count;
            if finder.find(buffer.get(..filled).unwrap_or_default()).is_some() {
                return Ok(true);
            }
            kept = overlap.min(filled);
            buffer.copy_within(filled - kept..filled, 0);
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn trace(value: &str, text: &str) -> Option<Trace> {
        SecretValue::new(value).is_in_file(&mut text.as_bytes(), 1 << 20).unwrap()
    }

    #[test]
    fn a_word_counts_where_a_secret_is_set_to_it() {
        use Trace::{Certain, Set};
        for (value, text, expected) in [
            ("only-for-development", "x only-for-development", Some(Certain)),
            ("s3cr3t99", "\0\u{1}s3cr3t99\0", Some(Certain)),
            ("secret", "this is a secret", None),
            ("secret", "secret\n", Some(Certain)),
            ("secret", "A=1\nPOSTGRES_PASSWORD=secret\n", Some(Set)),
            ("secret", "  POSTGRES_PASSWORD: \"secret\"\n", Some(Set)),
            ("secret", "URL=postgres://app:secret@db/app", Some(Set)),
            ("secret", "PASSWORD=secretary\n", None),
            ("postgres", "POSTGRES_USER=postgres", None),
            ("postgres", "    user = setting(\"POSTGRES_USER\", \"postgres\")\n", None),
            ("no", "PASSWORD=no", None),
            ("1", "PASSWORD=1", None),
            ("", "PASSWORD=", None),
        ] {
            assert_eq!(trace(value, text), expected, "{value} {text:?}");
        }
    }

    #[test]
    fn settings_and_commands() {
        let (word, certain) = (SecretValue::new("postgres"), SecretValue::new("s3cr3t-word"));
        assert!(word.is_in_setting("DB_PASS", "postgres") && !word.is_in_setting("POSTGRES_USER", "postgres"));
        assert!(certain.is_in_setting("ANYTHING", "a s3cr3t-word"));
        assert!(word.is_in_text("RUN |1 DB_PASSWORD=postgres /bin/sh -c pip install flask"));
        assert!(!word.is_in_text("RUN apt-get install postgres"));
        assert!(!SecretValue::new("no").is_in_setting("ALLOW_EMPTY_PASSWORD", "no"));
    }

    #[test]
    fn a_value_across_two_pieces_is_found() {
        struct Slow<'a>(&'a [u8]);
        impl Read for Slow<'_> {
            fn read(&mut self, into: &mut [u8]) -> io::Result<usize> {
                let count = self.0.len().min(3).min(into.len());
                into[..count].copy_from_slice(&self.0[..count]);
                self.0 = &self.0[count..];
                Ok(count)
            }
        }
        let value = SecretValue::new("s3cr3t-word");
        assert!(value.is_in_bytes(&mut Slow(b"aaaaaas3cr3t-wordbbb")).unwrap());
        assert!(!value.is_in_bytes(&mut Slow(b"aaaaaas3cr3t-worbbb")).unwrap());
    }
}
