//! What a plain scalar means: YAML 1.2's core schema (10.3.2), whose only booleans are `true` and `false`.

/// What a scalar means.
#[derive(Debug, Clone, Copy, PartialEq)]
pub enum Scalar<'a> {
    /// `null`, `~` or nothing at all.
    Null,
    /// `true` or `false`.
    Bool(bool),
    /// A whole number: `5`, `-5`, `0x1f`, `0o17`.
    Int(i64),
    /// Any other number.
    Float(f64),
    /// Text, quoted or not.
    Text(&'a str),
}

impl<'a> Scalar<'a> {
    pub(super) fn read(text: &'a str, quoted: bool) -> Self {
        if quoted {
            return Self::Text(text);
        }
        match text {
            "" | "~" | "null" | "Null" | "NULL" => Self::Null,
            "true" | "True" | "TRUE" => Self::Bool(true),
            "false" | "False" | "FALSE" => Self::Bool(false),
            _ => int(text).map(Self::Int).or_else(|| float(text).map(Self::Float)).unwrap_or(Self::Text(text)),
        }
    }
}

fn int(text: &str) -> Option<i64> {
    let radix = |digits: &str, radix| {
        let plain = digits.bytes().all(|byte| byte.is_ascii_hexdigit());
        if plain { i64::from_str_radix(digits, radix).ok() } else { None }
    };
    match text.get(..2) {
        Some("0x") => radix(&text[2..], 16),
        Some("0o") => radix(&text[2..], 8),
        _ => text.parse().ok(),
    }
}

fn float(text: &str) -> Option<f64> {
    match text.trim_start_matches(['-', '+']) {
        ".inf" | ".Inf" | ".INF" => Some(if text.starts_with('-') { f64::NEG_INFINITY } else { f64::INFINITY }),
        ".nan" | ".NaN" | ".NAN" => Some(f64::NAN),
        number if number.starts_with(|first: char| first == '.' || first.is_ascii_digit()) => text.parse().ok(),
        _ => None,
    }
}
