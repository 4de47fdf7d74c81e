//! Whether the arguments are a JSON array, as Go's `encoding/json` decides it: that makes the exec form.

use serde_json::Value;

/// What the arguments are.
#[derive(Debug, PartialEq, Eq)]
pub(super) enum Array {
    Strings(Vec<String>),
    /// An array, but with something in it that is no string: an error.
    Mixed,
    /// Anything else: words.
    No,
}

/// Reads `text` as one JSON array. Half of a surrogate pair, and arrays deeper than 128 in each other, make it words:
/// Go reads both, and no command has either.
pub(super) fn array(text: &str) -> Array {
    let Ok(items) = serde_json::from_str::<Vec<Value>>(text.trim_start()) else { return Array::No };
    let strings = items.into_iter().map(|item| if let Value::String(text) = item { Some(text) } else { None });
    strings.collect::<Option<_>>().map_or(Array::Mixed, Array::Strings)
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
            (r#"["\u00e9\ud83d\ude00x\n\/"]"#, strings(&["é😀x\n/"])),
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
        assert_eq!(array(&format!("{}{}", "[".repeat(100), "]".repeat(100))), Array::Mixed);
    }
}
