//! How Compose lays one file over another (docs.docker.com/reference/compose-file/merge; compose-go, `override`): texts are
//! replaced, maps are merged by their keys, lists are appended.

use super::schema::Wrong;
use super::value::{At, Data, Entry, Map, Value};

/// Lays a later file over this one, or the extending service over the extended. `path` is where in a file this is.
pub(super) fn lay_over(base: &mut Value, over: Value, path: &mut Vec<String>, wrong: &mut Vec<Wrong>) {
    let parts: Vec<&str> = path.iter().map(String::as_str).collect();
    match parts.as_slice() {
        ["services", _, "command" | "entrypoint"]
        | ["services", _, "healthcheck", "test"]
        | ["services", _, "ulimits", _] => *base = over,
        ["services", _, "build"] => {
            let (mut left, right) = (build(std::mem::replace(base, nothing(over.at))), build(over));
            lay_maps(&mut left, right, path, wrong);
            *base = left;
        }
        ["services", _, "depends_on"] => named(base, over, true, path, wrong),
        ["services", _, "networks"] => named(base, over, false, path, wrong),
        ["services", _, "logging"] => logging(base, over, path, wrong),
        ["services", _, last] if is_sequence(last) => sequence(base, over),
        ["services", _, "build", "args" | "additional_contexts" | "labels"] | ["services", _, "deploy", "labels"] => {
            sequence(base, over);
        }
        _ if over.is_null() => {}
        _ => match (&mut base.data, over.data) {
            (Data::Map(_), data @ Data::Map(_)) => lay_maps(base, Value { data, at: over.at }, path, wrong),
            (Data::List(items), Data::List(more)) => items.extend(more),
            (Data::Map(_) | Data::List(_), _) => {
                let (kind, name) = (base.kind(), path.last().map_or("the file", String::as_str));
                wrong.push((over.at, format!("`{name}` is {kind} in the file before; it has to be one here, too")));
            }
            (data, other) => {
                *data = other;
                base.at = over.at;
            }
        },
    }
}

fn is_sequence(key: &str) -> bool {
    [
        "annotations",
        "dns",
        "dns_opt",
        "dns_search",
        "env_file",
        "environment",
        "extra_hosts",
        "labels",
        "sysctls",
        "tmpfs",
    ]
    .contains(&key)
}

fn nothing(at: At) -> Value {
    Value { data: Data::Null, at }
}

fn lay_maps(base: &mut Value, over: Value, path: &mut Vec<String>, wrong: &mut Vec<Wrong>) {
    let Data::Map(over) = over.data else { return };
    let Some(map) = base.map_mut() else {
        base.data = Data::Map(over);
        return;
    };
    for (key, entry) in over {
        match map.get_mut(&key) {
            Some(known) if !key.starts_with("x-") => {
                path.push(key);
                // What a service says wins, and its place is that of what was said last; a service keeps its first.
                if path.len() > 2 {
                    known.key = entry.key;
                }
                lay_over(&mut known.value, entry.value, path, wrong);
                path.pop();
            }
            _ => {
                map.insert(key, entry);
            }
        }
    }
}

/// The long form of `build`.
fn build(value: Value) -> Value {
    match value.data {
        Data::Text(_) => {
            let at = value.at;
            Value { data: Data::Map(Map::from([("context".to_owned(), Entry { key: at, value })])), at }
        }
        _ => value,
    }
}

/// The map form of a list of names.
pub(super) fn by_name(value: Value, depends: bool) -> Value {
    let at = value.at;
    let Data::List(items) = value.data else { return value };
    let named = items.into_iter().filter_map(|item| {
        let at = item.at;
        let data = if depends {
            let entry = |data| Entry { key: at, value: Value { data, at } };
            Data::Map(Map::from([
                ("condition".to_owned(), entry(Data::Text("service_started".to_owned()))),
                ("required".to_owned(), entry(Data::Bool(true))),
            ]))
        } else {
            Data::Null
        };
        Some((item.text()?.to_owned(), Entry { key: at, value: Value { data, at } }))
    });
    Value { data: Data::Map(named.collect()), at }
}

fn named(base: &mut Value, over: Value, depends: bool, path: &mut Vec<String>, wrong: &mut Vec<Wrong>) {
    let at = over.at;
    let mut left = by_name(std::mem::replace(base, nothing(at)), depends);
    lay_maps(&mut left, by_name(over, depends), path, wrong);
    *base = left;
}

/// The options of a driver are merged where both mean the same.
fn logging(base: &mut Value, over: Value, path: &mut Vec<String>, wrong: &mut Vec<Wrong>) {
    let driver = |value: &Value| value.get("driver").map(Value::fingerprint);
    let (ours, theirs) = (driver(base), driver(&over));
    if ours == theirs || ours.is_none() || theirs.is_none() {
        lay_maps(base, over, path, wrong);
    } else {
        *base = over;
    }
}

fn sequence(base: &mut Value, over: Value) {
    let at = over.at;
    let mut items = as_list(std::mem::replace(base, nothing(at)));
    items.extend(as_list(over));
    *base = Value { data: Data::List(items), at };
}

/// The list form: `A=1` for each entry of a map.
fn as_list(value: Value) -> Vec<Value> {
    match value.data {
        Data::List(items) => items,
        Data::Text(text) => vec![Value::new(text, value.at)],
        Data::Map(map) => map
            .into_iter()
            .map(|(key, entry)| match entry.value.printed() {
                Some(text) => Value::new(format!("{key}={text}"), entry.key),
                None => Value::new(key, entry.key),
            })
            .collect(),
        _ => Vec::new(),
    }
}
