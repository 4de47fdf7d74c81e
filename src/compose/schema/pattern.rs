//! What a text has to be like. The few patterns that nearly every file meets need no regular expression.

use regex::Regex;
use serde::Deserialize;
use serde::de::Deserializer;
use std::borrow::Cow;
use std::sync::OnceLock;

/// A pattern of the schema; its regular expression is made when it is first needed.
#[derive(Debug)]
pub(super) struct SchemaPattern {
    text: String,
    regex: OnceLock<Option<Regex>>,
}

impl SchemaPattern {
    pub fn fits(&self, text: &str) -> bool {
        let all = |is_one: fn(u8) -> bool| !text.is_empty() && text.bytes().all(is_one);
        match self.text.as_str() {
            "^x-" => text.starts_with("x-"),
            ".+" => text.bytes().any(|byte| byte != b'\n'),
            "^.+$" => all(|byte| byte != b'\n'),
            "^[a-zA-Z0-9._-]+$" => all(|byte| byte.is_ascii_alphanumeric() || b"._-".contains(&byte)),
            _ => self.expression().is_some_and(|regex| regex.is_match(text)),
        }
    }

    /// Whether it can be read.
    #[cfg(test)]
    pub fn is_valid(&self) -> bool {
        self.expression().is_some()
    }

    fn expression(&self) -> Option<&Regex> {
        self.regex.get_or_init(|| Regex::new(&self.text).ok()).as_ref()
    }
}

impl<'de> Deserialize<'de> for SchemaPattern {
    fn deserialize<D: Deserializer<'de>>(deserializer: D) -> Result<Self, D::Error> {
        let text = Cow::<str>::deserialize(deserializer)?.into_owned();
        Ok(Self { text, regex: OnceLock::new() })
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn what_is_compared_by_hand_is_what_the_expression_says() {
        let texts = [
            "", "\n\n", "x", "x-", "x-y", "ax-", "X-y", "a", "a b", "a.b_c-d", "A9", "é", "aé", "\n", "a\n", "\nx-",
            "a\nb", "a\r", "/", "a/", "-", ".", "_", "a:", "\u{0}", "\u{85}", "\u{2028}",
        ];
        for pattern in ["^x-", "^.+$", "^[a-zA-Z0-9._-]+$", ".+"] {
            let pattern = SchemaPattern { text: pattern.to_owned(), regex: OnceLock::new() };
            for text in texts {
                let expected = pattern.expression().unwrap().is_match(text);
                assert_eq!(pattern.fits(text), expected, "{} {text:?}", pattern.text);
            }
        }
    }
}
