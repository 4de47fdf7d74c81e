//! Colons without a space after them within braces and brackets: `{data:}`, `[db:]`. YAML 1.2 ends a key there, the YAML
//! of Compose takes the colon for a part of the name.

use crate::yaml::{Node, Span, Value};

/// The text of a file, by its lines.
struct Text<'a>(Vec<&'a str>);

/// Makes the colons parts of the names, as Compose does. The error is the place of one that Compose stumbles over.
pub(super) fn read(bytes: &[u8], trees: &mut [Node]) -> Result<(), Span> {
    let text = String::from_utf8_lossy(bytes);
    let text = text.strip_prefix('\u{feff}').unwrap_or(&text);
    if ![":,", ":}", ":]", ":{", ":["].iter().any(|pair| text.contains(pair)) {
        return Ok(());
    }
    let text = Text(text.split('\n').collect());
    trees.iter_mut().try_for_each(|tree| text.node(tree))
}

impl Text<'_> {
    /// The characters behind a span.
    fn behind(&self, span: Span) -> (Option<char>, Option<char>) {
        let line = span.end_line.checked_sub(1).and_then(|at| self.0.get(at as usize)).copied().unwrap_or_default();
        let mut rest = line.chars().skip((span.end_column as usize).saturating_sub(1));
        (rest.next(), rest.next())
    }

    fn node(&self, node: &mut Node) -> Result<(), Span> {
        match &mut node.value {
            Value::Scalar(..) => {}
            Value::Seq(items) => {
                for item in items {
                    self.node(item)?;
                    // `[a:]` is a list of texts then, and `[{a:}]` is not.
                    if let Value::Map(entries) = &item.value
                        && let [entry] = entries.as_slice()
                        && (entry.key_span.line, entry.key_span.column) == (item.span.line, item.span.column)
                        && self.is_close(entry.key_quoted, entry.key_span)
                    {
                        item.value = Value::Scalar(entry.key.clone(), false);
                    }
                }
            }
            Value::Map(entries) => {
                for entry in entries {
                    if self.is_close(entry.key_quoted, entry.key_span) {
                        if matches!(self.behind(entry.key_span).1, Some('{' | '[')) {
                            return Err(entry.key_span);
                        }
                        entry.key.push(':');
                    }
                    self.node(&mut entry.value)?;
                }
            }
        }
        Ok(())
    }

    /// Whether a key's colon has no space after it.
    fn is_close(&self, is_quoted: bool, key: Span) -> bool {
        !is_quoted && matches!(self.behind(key), (Some(':'), Some(',' | '}' | ']' | '{' | '[')))
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn read(text: &str) -> Result<Node, Span> {
        let mut trees = crate::yaml::parse_all(text).unwrap();
        super::read(text.as_bytes(), &mut trees).map(|()| trees.remove(0))
    }

    #[test]
    fn a_colon_without_a_space_is_part_of_the_name() {
        for (text, keys) in [
            ("{a:, b: , c:}", &["a:", "b", "c:"][..]),
            ("{\"a\":, 'b':}", &["a", "b"]),
            ("{a: [b:, c]}", &["a"]),
            ("a:\nb: {c: d}\nc:", &["a", "b", "c"]),
            ("{é:, ü: x}", &["é:", "ü"]),
        ] {
            let found = read(text).unwrap();
            let Value::Map(entries) = found.value else { panic!("{text}") };
            let found: Vec<&str> = entries.iter().map(|entry| entry.key.as_str()).collect();
            assert_eq!(found, keys, "{text}");
        }
        let list = read("[a:, b, {c:}]").unwrap();
        let Value::Seq(items) = list.value else { panic!("no list") };
        assert!(matches!(&items[0].value, Value::Scalar(text, false) if text == "a:"));
        assert!(matches!(&items[2].value, Value::Map(entries) if entries[0].key == "c:"));
        assert_eq!(read("{a: 1, b:{}}").map_err(|span| (span.line, span.column)), Err((1, 8)));
    }
}
