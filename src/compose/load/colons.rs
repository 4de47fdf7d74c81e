//! Colons without a space after them within braces and brackets: `{data:}`, `[db:]`. YAML 1.2 ends a key there, the YAML
//! of Compose takes the colon for a part of the name.

use crate::yaml::{Node, Span, Value};

/// The text of a file, by its lines.
struct FileLines<'a>(Vec<&'a str>);

/// Makes the colons parts of the names, as Compose does. Before a bracket neither YAML takes one.
pub(super) fn read(bytes: &[u8], trees: &mut [Node]) {
    let text = String::from_utf8_lossy(bytes);
    let text = text.strip_prefix('\u{feff}').unwrap_or(&text);
    if ![":,", ":}", ":]"].iter().any(|pair| text.contains(pair)) {
        return;
    }
    let text = FileLines(text.split('\n').collect());
    for tree in trees {
        text.node(tree);
    }
}

impl FileLines<'_> {
    /// The characters behind a span.
    fn behind(&self, span: Span) -> (Option<char>, Option<char>) {
        let line = span.end_line.checked_sub(1).and_then(|at| self.0.get(at as usize)).copied().unwrap_or_default();
        let mut rest = line.chars().skip((span.end_column as usize).saturating_sub(1));
        (rest.next(), rest.next())
    }

    fn node(&self, node: &mut Node) {
        match &mut node.value {
            Value::Scalar(..) => {}
            Value::Seq(items) => {
                for item in items {
                    self.node(item);
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
                        entry.key.push(':');
                    }
                    self.node(&mut entry.value);
                }
            }
        }
    }

    /// Whether a key's colon has no space after it.
    fn is_close(&self, is_quoted: bool, key: Span) -> bool {
        !is_quoted && matches!(self.behind(key), (Some(':'), Some(',' | '}' | ']')))
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn read(text: &str) -> Node {
        let mut trees = crate::yaml::parse_all(text).unwrap();
        super::read(text.as_bytes(), &mut trees);
        trees.remove(0)
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
            let found = read(text);
            let Value::Map(entries) = found.value else { panic!("{text}") };
            let found: Vec<&str> = entries.iter().map(|entry| entry.key.as_str()).collect();
            assert_eq!(found, keys, "{text}");
        }
        let list = read("[a:, b, {c:}]");
        let Value::Seq(items) = list.value else { panic!("no list") };
        assert!(matches!(&items[0].value, Value::Scalar(text, false) if text == "a:"));
        assert!(matches!(&items[2].value, Value::Map(entries) if entries[0].key == "c:"));
        for text in ["{a: 1, b:{}}", "{a: 1, b:[]}", "[b:{}]", "[b:[]]"] {
            assert!(crate::yaml::parse_all(text).is_err(), "{text}");
        }
    }
}
