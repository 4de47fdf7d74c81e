//! Brings what has a short form into its long one (compose-go, `transform`), so that all that follows knows one form.

use super::forms;
use super::merge::by_name;
use super::model::Port;
use super::schema::Wrong;
use super::value::{At, Data, Entry, Map, Value};

/// How many ports of a service are looked at.
const MAX_PORTS: usize = 1000;

/// Brings the files into their long forms. What has no long form stays as it is.
pub(super) fn bring(file: &mut Value, wrong: &mut Vec<Wrong>) {
    let Some(sections) = file.map_mut() else { return };
    for (section, entry) in sections {
        let Some(named) = entry.value.map_mut() else { continue };
        for (name, entry) in named {
            match section.as_str() {
                "services" => service(&mut entry.value, wrong),
                "volumes" | "networks" | "secrets" | "configs" => external(name, &mut entry.value, wrong),
                _ => {}
            }
        }
    }
}

fn service(service: &mut Value, wrong: &mut Vec<Wrong>) {
    let Some(map) = service.map_mut() else { return };
    for (key, entry) in map {
        let at = entry.value.at;
        let value = &mut entry.value;
        match key.as_str() {
            "build" => build(value, wrong),
            "depends_on" => depends_on(value),
            "networks" => *value = by_name(std::mem::replace(value, null(at)), false),
            "dns" | "dns_search" | "tmpfs" | "label_file" => listed(value),
            "env_file" => {
                listed(value);
                each(value, |item| named(item, "path"));
            }
            "extends" => named(value, "service"),
            "secrets" | "configs" => each(value, |item| named(item, "source")),
            "volumes" => each(value, |item| mount(item, wrong)),
            "devices" => each(value, |item| device(item, wrong)),
            "ports" => ports(value, wrong),
            "ulimits" => {
                for entry in value.map_mut().into_iter().flat_map(|map| map.values_mut()) {
                    if matches!(entry.value.data, Data::Float(_) | Data::Text(_)) {
                        wrong.push((entry.value.at, "a limit has to be a whole number".to_owned()));
                    }
                }
            }
            _ => {}
        }
    }
}

fn null(at: At) -> Value {
    Value { data: Data::Null, at }
}

fn map_of<const N: usize>(at: At, entries: [(&str, Option<Data>); N]) -> Value {
    let entries = entries
        .into_iter()
        .filter_map(|(key, data)| Some((key.to_owned(), Entry { key: at, value: Value { data: data?, at } })));
    Value { data: Data::Map(entries.collect()), at }
}

fn text(text: impl Into<String>) -> Data {
    Data::Text(text.into())
}

/// A text is a list of one.
fn listed(value: &mut Value) {
    if let Data::Text(_) = value.data {
        let at = value.at;
        let item = std::mem::replace(value, null(at));
        value.data = Data::List(vec![item]);
    }
}

fn each(value: &mut Value, change: impl FnMut(&mut Value)) {
    if let Data::List(items) = &mut value.data {
        items.iter_mut().for_each(change);
    }
}

/// A text is a map of one.
fn named(value: &mut Value, key: &str) {
    if let Data::Text(name) = &value.data {
        *value = map_of(value.at, [(key, Some(text(name.clone())))]);
    }
}

fn build(value: &mut Value, wrong: &mut Vec<Wrong>) {
    named(value, "context");
    let Some(map) = value.map_mut() else { return };
    for (key, entry) in map {
        match key.as_str() {
            "secrets" => each(&mut entry.value, |item| named(item, "source")),
            "ulimits" => {
                for entry in entry.value.map_mut().into_iter().flat_map(|map| map.values_mut()) {
                    if matches!(entry.value.data, Data::Float(_) | Data::Text(_)) {
                        wrong.push((entry.value.at, "a limit has to be a whole number".to_owned()));
                    }
                }
            }
            _ => {}
        }
    }
}

fn depends_on(value: &mut Value) {
    let at = value.at;
    *value = by_name(std::mem::replace(value, null(at)), true);
    for entry in value.map_mut().into_iter().flat_map(|map| map.values_mut()) {
        let at = entry.value.at;
        if let Some(map) = entry.value.map_mut() {
            map.entry("required".to_owned())
                .or_insert_with(|| Entry { key: at, value: Value { data: Data::Bool(true), at } });
        }
    }
}

fn mount(item: &mut Value, wrong: &mut Vec<Wrong>) {
    if let Some(Entry { value: Value { data: Data::Text(target), .. }, .. }) =
        item.map_mut().and_then(|map| map.get_mut("target"))
    {
        *target = clean(target);
    }
    let Data::Text(written) = &item.data else { return };
    match forms::volume(written) {
        Err(message) => wrong.push((item.at, message)),
        Ok(mount) => {
            *item = map_of(
                item.at,
                [
                    ("type", Some(text(mount.kind))),
                    ("source", mount.source.map(Data::Text)),
                    ("target", Some(text(clean(&mount.target)))),
                    ("read_only", mount.read_only.then_some(Data::Bool(true))),
                ],
            );
        }
    }
}

/// A path without what changes nothing in it, as Go's `path.Clean`.
fn clean(path: &str) -> String {
    let mut parts: Vec<&str> = Vec::new();
    let is_rooted = path.starts_with('/');
    for part in path.split('/') {
        match part {
            "" | "." => {}
            ".." if parts.last().is_some_and(|last| *last != "..") => drop(parts.pop()),
            ".." if is_rooted => {}
            part => parts.push(part),
        }
    }
    let joined = parts.join("/");
    match (is_rooted, joined.is_empty()) {
        (true, _) => format!("/{joined}"),
        (false, true) => ".".to_owned(),
        (false, false) => joined,
    }
}

fn device(item: &mut Value, wrong: &mut Vec<Wrong>) {
    let Data::Text(written) = &item.data else { return };
    let parts: Vec<&str> = written.split(':').collect();
    match parts.as_slice() {
        [source] => *item = map_of(item.at, [("source", Some(text(*source))), ("target", Some(text(*source)))]),
        [source, target] | [source, target, _] => {
            *item = map_of(item.at, [("source", Some(text(*source))), ("target", Some(text(*target)))]);
        }
        _ => wrong.push((item.at, format!("`{written}` has too many `:`; write `HOST:CONTAINER`"))),
    }
}

fn ports(value: &mut Value, wrong: &mut Vec<Wrong>) {
    let Data::List(items) = &mut value.data else {
        if !value.is_null() {
            wrong.push((value.at, "`ports` has to be a list".to_owned()));
        }
        return;
    };
    let mut long = Vec::new();
    for item in std::mem::take(items) {
        if let Data::Map(_) = item.data {
            long.push(item);
            continue;
        }
        let written = match &item.data {
            Data::Text(_) | Data::Int(_) => item.printed().unwrap_or_default(),
            _ => {
                wrong.push((item.at, format!("a port has to be a whole number or text, not {}", item.kind())));
                continue;
            }
        };
        match forms::ports(&written, MAX_PORTS.saturating_sub(long.len())) {
            Err(message) => wrong.push((item.at, message)),
            // Compose takes it for none at all.
            Ok(found) if found.iter().any(|port| port.target == 0) => {
                wrong.push((
                    item.at,
                    format!("`{written}` has 0 for a port of the container; a port is a number from 1 to 65535"),
                ));
            }
            Ok(found) => long.extend(found.into_iter().map(|port| of_port(port, item.at))),
        }
    }
    *items = long;
}

fn of_port(port: Port, at: At) -> Value {
    map_of(
        at,
        [
            ("target", Some(Data::Int(i128::from(port.target)))),
            ("published", port.published.map(Data::Text)),
            ("host_ip", port.host_ip.map(Data::Text)),
            ("protocol", Some(text(port.protocol))),
        ],
    )
}

/// `external: {name: x}` is an old form of `external: true` and `name: x`.
fn external(own: &str, value: &mut Value, wrong: &mut Vec<Wrong>) {
    let Some(map) = value.map_mut() else { return };
    let Some(entry) = map.get_mut("external") else { return };
    let at = entry.value.at;
    let Data::Map(outer) = &entry.value.data else { return };
    let name = outer.get("name").cloned();
    entry.value = Value { data: Data::Bool(true), at };
    if let Some(name) = name {
        let other = map.get("name").map(|entry| entry.value.fingerprint());
        if other.is_some_and(|other| other != name.value.fingerprint()) {
            wrong.push((name.key, format!("`{own}` has two names; keep `name` and write `external: true`")));
        }
        map.insert("name".to_owned(), name);
    }
}

/// An empty map, for what may be left out.
pub(super) fn empty(at: At) -> Value {
    Value { data: Data::Map(Map::new()), at }
}
