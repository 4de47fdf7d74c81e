//! The specification's own JSON schema, as far as it goes: which keys there are, and what each may hold.
//!
//! `specification/` holds the newest one. What a Compose of two years takes and the newest does not is taken, too: the
//! Compose that runs the files has the last word.

mod keywords;
mod pattern;

use super::suggestion;
use super::value::{At, Data, Value};
use keywords::{SPECIFICATION, Schema};
use pattern::SchemaPattern;
use std::collections::{BTreeSet, HashSet};
use std::sync::LazyLock;

/// What is wrong, and where.
pub(super) type Wrong = (At, String);

/// How many faults of one file are gathered.
const MAX_WRONG: usize = 50;

/// Reads the schema, which every Compose file is held against, before the first one is there.
pub fn prepare() {
    LazyLock::force(&SPECIFICATION);
}

/// Holds the files together against the schema.
pub(super) fn check(value: &Value) -> Vec<Wrong> {
    let mut check = SchemaCheck { root: &SPECIFICATION, path: Vec::new(), wrong: Vec::new() };
    check.node(check.root, value, value.at);
    for at in value.beyond_json() {
        check.say(at, "Compose takes no `.inf` and no `.nan`; put it in quotes if it is text".to_owned());
    }
    check.wrong
}

struct SchemaCheck<'a> {
    root: &'a Schema,
    path: Vec<String>,
    wrong: Vec<Wrong>,
}

impl<'a> SchemaCheck<'a> {
    fn say(&mut self, at: At, message: String) {
        if self.wrong.len() < MAX_WRONG {
            self.wrong.push((at, message));
        }
    }

    /// What the value is called: its key, or that it is an item of one.
    fn name(&self) -> String {
        let is_item = |part: &&String| part.starts_with('[');
        let items = self.path.iter().rev().take_while(is_item).count();
        match self.path.iter().rev().find(|part| !is_item(part)) {
            None => "a Compose file".to_owned(),
            Some(key) if items > 0 => format!("an item of `{key}`"),
            Some(key) => match self.path.as_slice() {
                [section, _] if is_named(section) => format!("{} `{key}`", one_of(section)),
                _ => format!("`{key}`"),
            },
        }
    }

    fn resolve(&self, schema: &'a Schema) -> &'a Schema {
        let target = schema.reference.and_then(|name| name.strip_prefix("#/$defs/"));
        target.and_then(|name| self.root.definitions.get(name)).unwrap_or(schema)
    }

    /// Whether a value holds against a schema.
    fn holds(&self, schema: &'a Schema, value: &Value) -> bool {
        let mut check = SchemaCheck { root: self.root, path: Vec::new(), wrong: Vec::new() };
        check.node(schema, value, value.at);
        check.wrong.is_empty()
    }

    fn node(&mut self, schema: &'a Schema, value: &Value, at: At) {
        let schema = self.resolve(schema);
        if !schema.one_of.is_empty() {
            self.one_of(&schema.one_of, value, at);
        }
        if let Some(kinds) = kinds(schema).filter(|kinds| !kinds.iter().any(|kind| is_a(kind, value))) {
            return self.kind(kinds, value, at);
        }
        if let Some(words) = &schema.words
            && let Some(text) = value.text().filter(|text| !words.contains(text))
        {
            self.word(text, words, value.at);
        }
        if let (Some(pattern), Some(text)) = (&schema.pattern, value.text()) {
            self.pattern(pattern, text, value.at);
        }
        self.bounds(schema, value);
        match &value.data {
            Data::Map(_) => self.map(schema, value, at),
            Data::List(items) => self.list(schema, items),
            _ => {}
        }
    }

    fn one_of(&mut self, alternatives: &'a [Schema], value: &Value, at: At) {
        let fits = alternatives.iter().filter(|one| self.holds(one, value)).count();
        if fits == 1 {
            return;
        }
        let alternatives: Vec<&Schema> = alternatives.iter().map(|one| self.resolve(one)).collect();
        let all: Vec<&str> = alternatives.iter().flat_map(|one| kinds(one).unwrap_or_default()).copied().collect();
        // What is of the right kind is wrong further in.
        let meant =
            alternatives.iter().find(|one| kinds(one).is_some_and(|kinds| kinds.iter().any(|it| is_a(it, value))));
        match meant {
            Some(meant) if fits == 0 => {
                let before = self.wrong.len();
                self.node(meant, value, at);
                if self.wrong.len() == before {
                    self.kind(&all, value, at);
                }
            }
            _ => self.kind(&all, value, at),
        }
    }

    fn kind(&mut self, kinds: &[&str], value: &Value, at: At) {
        let name = self.name();
        let mut words: Vec<&str> = Vec::new();
        for kind in kinds {
            let word = match *kind {
                "string" => "text",
                "integer" => "a whole number",
                "number" => "a number",
                "boolean" => "true or false",
                "array" => "a list",
                "object" => "a map of keys and values",
                _ => continue,
            };
            if !words.contains(&word) {
                words.push(word);
            }
        }
        let found = if value.is_null() { "empty".to_owned() } else { value.kind().to_owned() };
        let mut message = format!("{name} must be {}, not {found}", either(&words));
        let takes = |kind: &str| kinds.contains(&kind);
        match &value.data {
            Data::Bool(_) | Data::Int(_) | Data::Float(_) if takes("string") => {
                let text = value.printed().unwrap_or_default();
                message = format!("{message}; put it in quotes: \"{text}\"");
            }
            Data::Text(text) if takes("array") && text.chars().count() < 60 => {
                message = format!("{message}; write it as one: [\"{text}\"]");
            }
            Data::Null => message.push_str("; give it a value or remove it"),
            _ => {}
        }
        self.say(at, message);
    }

    fn word(&mut self, text: &str, words: &[&str], at: At) {
        let quoted: Vec<String> = words.iter().map(|word| format!("`{word}`")).collect();
        let quoted: Vec<&str> = quoted.iter().map(String::as_str).collect();
        let name = self.name();
        self.say(at, format!("{name} must be {}, not `{}`", either(&quoted), short(text)));
    }

    fn pattern(&mut self, pattern: &SchemaPattern, text: &str, at: At) {
        if !pattern.fits(text) {
            let name = self.name();
            self.say(
                at,
                format!("{name} can't be `{}`; docs.docker.com/reference/compose-file lists its words", short(text)),
            );
        }
    }

    fn bounds(&mut self, schema: &Schema, value: &Value) {
        let Data::Int(number) = value.data else { return };
        let (least, most) = (schema.minimum.map(i128::from), schema.maximum.map(i128::from));
        if least.is_some_and(|least| number < least) || most.is_some_and(|most| number > most) {
            let name = self.name();
            let range = match (least, most) {
                (Some(least), Some(most)) => format!("from {least} to {most}"),
                (Some(least), None) => format!("{least} or more"),
                (None, Some(most)) => format!("{most} or less"),
                (None, None) => return,
            };
            self.say(value.at, format!("{name} must be {range}, not {number}"));
        }
    }

    fn list(&mut self, schema: &'a Schema, items: &[Value]) {
        let mut seen = HashSet::new();
        for (index, item) in items.iter().enumerate() {
            if schema.unique_items && !seen.insert(item.fingerprint()) {
                let name = self.name();
                self.say(item.at, format!("{name} has the same item twice; take this one out"));
            }
            if let Some(schema) = &schema.items {
                self.path.push(format!("[{index}]"));
                self.node(schema, item, item.at);
                self.path.pop();
            }
        }
    }

    fn map(&mut self, schema: &'a Schema, value: &Value, at: At) {
        let Some(map) = value.map() else { return };
        for required in &schema.required {
            if !map.contains_key(*required) {
                let name = self.name();
                self.say(at, format!("{name} has no `{required}`, which it needs"));
            }
        }
        let parts = self.parts(schema);
        let is_closed = schema.is_closed();
        for (key, entry) in map {
            let mut is_known = false;
            for part in &parts {
                let own = part.properties.get(key);
                let patterned = part.pattern_properties.0.iter().filter(|(pattern, _)| pattern.fits(key));
                let schemas: Vec<&Schema> = own.into_iter().chain(patterned.map(|(_, schema)| schema)).collect();
                for schema in schemas {
                    is_known = true;
                    let place = if matches!(entry.value.data, Data::Map(_) | Data::List(_) | Data::Null) {
                        entry.key
                    } else {
                        entry.value.at
                    };
                    self.path.push(key.clone());
                    self.node(schema, &entry.value, place);
                    self.path.pop();
                }
            }
            if !is_known && is_closed {
                self.unknown(key, entry.key, &parts);
            }
        }
    }

    /// A schema and those that it is made of.
    fn parts(&self, schema: &'a Schema) -> Vec<&'a Schema> {
        [schema].into_iter().chain(schema.all_of.iter().map(|part| self.resolve(part))).collect()
    }

    fn unknown(&mut self, key: &str, at: At, parts: &[&Schema]) {
        if self.wrong.len() >= MAX_WRONG {
            return;
        }
        let known: BTreeSet<&str> = parts.iter().flat_map(|part| &part.properties.0).map(|(known, _)| *known).collect();
        let message = match (self.path.last(), self.path.as_slice()) {
            _ if key.ends_with(':') => {
                format!("write a space after the `:`: Docker Compose takes `{}` for the name", short(key))
            }
            (Some(section), [_]) if is_named(section) => format!(
                "`{}` isn't a valid name for a {}; use letters, digits, `.`, `_` and `-`",
                short(key),
                one_of(section)
            ),
            _ if known.is_empty() => format!("`{}` can't be a key of {}", short(key), self.name()),
            _ => {
                let known: Vec<&str> = known.into_iter().collect();
                let of = match self.path.as_slice() {
                    [] => "Compose files".to_owned(),
                    [section, _] if is_named(section) => section.clone(),
                    _ => self.name(),
                };
                format!("`{}` isn't a key of {of}{}", short(key), suggestion::of(key, &known))
            }
        };
        self.say(at, message);
    }
}

fn is_named(section: &str) -> bool {
    ["services", "networks", "volumes", "secrets", "configs", "models", "jobs"].contains(&section)
}

fn one_of(section: &str) -> &str {
    section.strip_suffix('s').unwrap_or(section)
}

/// The types that a schema takes, without what it refers to.
fn kinds(schema: &Schema) -> Option<&[&'static str]> {
    schema.kinds.as_ref().map(|kinds| kinds.0.as_slice())
}

fn is_a(kind: &str, value: &Value) -> bool {
    match (&value.data, kind) {
        (Data::Null, "null")
        | (Data::Bool(_), "boolean")
        | (Data::Int(_), "integer" | "number")
        | (Data::Float(_), "number")
        | (Data::Text(_) | Data::Time(_), "string")
        | (Data::List(_), "array")
        | (Data::Map(_), "object") => true,
        (Data::Float(number), "integer") => number.fract() == 0.0,
        _ => false,
    }
}

fn either(words: &[&str]) -> String {
    match words {
        [] => "another value".to_owned(),
        [one] => (*one).to_owned(),
        [first @ .., last] => format!("{} or {last}", first.join(", ")),
    }
}

/// The beginning of a text, for messages.
fn short(text: &str) -> String {
    let start: String = text.chars().take(60).collect();
    if start.len() < text.len() { format!("{start}…") } else { start }
}
