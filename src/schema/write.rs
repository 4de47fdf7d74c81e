//! Writing a schema: keys in an order that does not depend on how they are kept, short parts on one line.

use serde_json::Value;

/// The widest line on which a whole part is written.
const WIDTH: usize = 110;
/// The keywords that come before all others.
const FIRST: [&str; 6] = ["$schema", "title", "description", "type", "$ref", "const"];
/// The keyword that comes behind all others.
const LAST: &str = "definitions";

/// The schema's text, with a line break at its end.
pub(super) fn text(schema: &Value) -> String {
    let mut out = String::new();
    part(schema, 0, &mut out);
    out.push('\n');
    out
}

fn part(value: &Value, depth: usize, out: &mut String) {
    let line = compact(value);
    if depth > 0 && depth * 2 + line.len() <= WIDTH {
        out.push_str(&line);
        return;
    }
    let inner = "  ".repeat(depth + 1);
    let (open, close, parts): (_, _, Vec<(String, &Value)>) = match value {
        Value::Object(_) => {
            ('{', '}', sorted(value).map(|(key, value)| (format!("{}: ", quoted(key)), value)).collect())
        }
        Value::Array(items) => ('[', ']', items.iter().map(|item| (String::new(), item)).collect()),
        _ => return out.push_str(&line),
    };
    out.push(open);
    for (index, (key, value)) in parts.into_iter().enumerate() {
        out.push_str(if index == 0 { "\n" } else { ",\n" });
        out.push_str(&inner);
        out.push_str(&key);
        part(value, depth + 1, out);
    }
    out.push('\n');
    out.push_str(&"  ".repeat(depth));
    out.push(close);
}

fn compact(value: &Value) -> String {
    match value {
        Value::Object(fields) if !fields.is_empty() => {
            let fields: Vec<String> =
                sorted(value).map(|(key, value)| format!("{}: {}", quoted(key), compact(value))).collect();
            format!("{{ {} }}", fields.join(", "))
        }
        Value::Array(items) => format!("[{}]", items.iter().map(compact).collect::<Vec<_>>().join(", ")),
        other => other.to_string(),
    }
}

fn quoted(text: &str) -> String {
    Value::from(text).to_string()
}

fn sorted(value: &Value) -> impl Iterator<Item = (&str, &Value)> {
    let fields = value.as_object().into_iter().flatten();
    let mut fields: Vec<(&str, &Value)> = fields.map(|(key, value)| (key.as_str(), value)).collect();
    fields.sort_by_key(|&(key, value)| {
        // A property may be called like a keyword.
        let is_keyword = !value.is_object();
        let rank = FIRST.iter().position(|first| *first == key && is_keyword).unwrap_or(FIRST.len());
        (key == LAST, rank, key)
    });
    fields.into_iter()
}
