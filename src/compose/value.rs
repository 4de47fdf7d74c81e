//! The values of a Compose file as Compose has them: what its YAML reader (go-yaml, between YAML 1.1 and 1.2) makes of
//! plain text, each with its place. What merges, extends and fills in works on these.

mod plain;

use crate::yaml::{self, Node};
use std::collections::BTreeMap;
use std::fmt::Write as _;

/// Where a value was written: the number of its file, and its line and column.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Default)]
pub struct At {
    /// The number of the file in `Compose::files`.
    pub file: usize,
    /// The line.
    pub line: u32,
    /// The column.
    pub column: u32,
}

/// One value.
#[derive(Debug, Clone, PartialEq)]
pub struct Value {
    /// What it is.
    pub data: Data,
    /// Where it was written.
    pub at: At,
}

/// What a value is.
#[derive(Debug, Clone, PartialEq)]
pub enum Data {
    /// Nothing.
    Null,
    /// `true` or `false`.
    Bool(bool),
    /// A whole number.
    Int(i128),
    /// Any other number.
    Float(f64),
    /// Text.
    Text(String),
    /// A date, as Compose prints it where it takes text.
    Time(String),
    /// A list.
    List(Vec<Value>),
    /// A map.
    Map(Map),
}

/// A map's entries by their keys.
pub type Map = BTreeMap<String, Entry>;

impl Default for Value {
    fn default() -> Self {
        Self { data: Data::Null, at: At::default() }
    }
}

/// One entry of a map.
#[derive(Debug, Clone, PartialEq)]
pub struct Entry {
    /// Where its key was written.
    pub key: At,
    /// Its value.
    pub value: Value,
}

/// A key that is no text, and where.
pub(super) struct OddKey {
    /// The key as written.
    pub key: String,
    /// Where it was written.
    pub at: At,
}

impl Value {
    /// Reads a tree. What is tagged `!reset` is left out.
    pub(super) fn of(node: &Node, file: usize, odd: &mut Vec<OddKey>) -> Self {
        let at = place(node.span, file);
        let data = match &node.value {
            // A tag of one's own makes text of anything.
            yaml::Value::Scalar(text, is_quoted) if *is_quoted || node.tag.is_some() => Data::Text(text.clone()),
            yaml::Value::Scalar(text, _) => plain::read(text),
            yaml::Value::Seq(items) => {
                Data::List(items.iter().filter(|item| !is_reset(item)).map(|item| Self::of(item, file, odd)).collect())
            }
            yaml::Value::Map(entries) => {
                let mut map = Map::new();
                for entry in entries.iter().filter(|entry| !is_reset(&entry.value)) {
                    let key = place(entry.key_span, file);
                    if !entry.key_quoted && !matches!(plain::read(&entry.key), Data::Text(_)) {
                        odd.push(OddKey { key: entry.key.clone(), at: key });
                    }
                    map.insert(entry.key.clone(), Entry { key, value: Self::of(&entry.value, file, odd) });
                }
                Data::Map(map)
            }
        };
        Self { data, at }
    }

    /// A text at a place.
    pub fn new(text: impl Into<String>, at: At) -> Self {
        Self { data: Data::Text(text.into()), at }
    }

    /// The entries, if it is a map.
    pub fn map(&self) -> Option<&Map> {
        match &self.data {
            Data::Map(map) => Some(map),
            _ => None,
        }
    }

    /// The entries, if it is a map.
    pub fn map_mut(&mut self) -> Option<&mut Map> {
        match &mut self.data {
            Data::Map(map) => Some(map),
            _ => None,
        }
    }

    /// The items, if it is a list.
    pub fn list(&self) -> Option<&[Self]> {
        match &self.data {
            Data::List(items) => Some(items),
            _ => None,
        }
    }

    /// The text, if it is text.
    pub fn text(&self) -> Option<&str> {
        match &self.data {
            Data::Text(text) | Data::Time(text) => Some(text),
            _ => None,
        }
    }

    /// The entry of a key, if this is a map that has it.
    pub fn entry(&self, key: &str) -> Option<&Entry> {
        self.map()?.get(key)
    }

    /// The value of a key, if this is a map that has it.
    pub fn get(&self, key: &str) -> Option<&Self> {
        self.entry(key).map(|entry| &entry.value)
    }

    /// The value of a key of a key: `["deploy", "replicas"]`.
    pub fn at_path(&self, path: &[&str]) -> Option<&Self> {
        path.iter().try_fold(self, |value, key| value.get(key))
    }

    /// Whether it is nothing.
    pub fn is_null(&self) -> bool {
        matches!(self.data, Data::Null)
    }

    /// What Compose prints where it takes any scalar for text; nothing for lists, maps and nothing.
    pub fn printed(&self) -> Option<String> {
        Some(match &self.data {
            Data::Null | Data::List(_) | Data::Map(_) => return None,
            Data::Bool(value) => value.to_string(),
            Data::Int(value) => value.to_string(),
            Data::Float(value) => float(*value),
            Data::Text(text) | Data::Time(text) => text.clone(),
        })
    }

    /// Where it has numbers that JSON doesn't have, in which Compose holds files against the schema.
    pub fn beyond_json(&self) -> Vec<At> {
        match &self.data {
            Data::Float(number) if !number.is_finite() => vec![self.at],
            Data::List(items) => items.iter().flat_map(Self::beyond_json).collect(),
            Data::Map(map) => map.values().flat_map(|entry| entry.value.beyond_json()).collect(),
            _ => Vec::new(),
        }
    }

    /// What it is, for messages.
    pub fn kind(&self) -> &'static str {
        match &self.data {
            Data::Null => "nothing",
            Data::Bool(_) => "true or false",
            Data::Int(_) | Data::Float(_) => "a number",
            Data::Text(_) | Data::Time(_) => "text",
            Data::List(_) => "a list",
            Data::Map(_) => "a map of keys and values",
        }
    }

    /// A text that is the same for two values exactly if they are the same, wherever they stand.
    pub(super) fn fingerprint(&self) -> String {
        let mut text = String::new();
        self.write(&mut text);
        text
    }

    fn write(&self, out: &mut String) {
        match &self.data {
            Data::List(items) => {
                out.push('[');
                for item in items {
                    item.write(out);
                }
                out.push(']');
            }
            Data::Map(map) => {
                out.push('{');
                for (key, entry) in map {
                    let _ = write!(out, "{key:?}:");
                    entry.value.write(out);
                }
                out.push('}');
            }
            Data::Text(text) | Data::Time(text) => {
                let _ = write!(out, "{text:?},");
            }
            _ => {
                let _ = write!(out, "{},", self.printed().unwrap_or_else(|| "null".to_owned()));
            }
        }
    }

    /// How many values it holds, itself included.
    pub(super) fn size(&self) -> usize {
        1 + match &self.data {
            Data::List(items) => items.iter().map(Self::size).sum(),
            Data::Map(map) => map.values().map(|entry| entry.value.size()).sum::<usize>(),
            _ => 0,
        }
    }
}

/// Whether a node is tagged `!reset`.
pub(super) fn is_reset(node: &Node) -> bool {
    node.tag.as_deref() == Some("!reset")
}

pub(super) fn place(span: yaml::Span, file: usize) -> At {
    At { file, line: span.line, column: span.column }
}

/// A number as Go prints it (`%v`): the shortest form, with an exponent from a million on and below a ten-thousandth.
fn float(value: f64) -> String {
    if value.is_nan() {
        return "NaN".to_owned();
    }
    if value.is_infinite() {
        return if value > 0.0 { "+Inf" } else { "-Inf" }.to_owned();
    }
    let shortest = format!("{value:e}");
    let (digits, exponent) = shortest.split_once('e').unwrap_or((&shortest, "0"));
    let exponent: i32 = exponent.parse().unwrap_or(0);
    if value != 0.0 && !(-4..6).contains(&exponent) {
        let sign = if exponent < 0 { '-' } else { '+' };
        return format!("{digits}e{sign}{:02}", exponent.abs());
    }
    format!("{value}")
}
