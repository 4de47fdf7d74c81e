//! What the schema leaves open and Compose's own types do not: durations, amounts of memory, commands, hosts
//! (compose-go, `types` and `validation`).

use super::cast;
use super::duration;
use super::forms;
use super::schema::Wrong;
use super::value::{At, Data, Value};

/// What a value is decoded as.
#[derive(Clone, Copy)]
enum Form {
    Duration,
    Bytes,
    Bool,
    Unsigned,
    Int,
    /// A number that text may not stand for.
    Plain,
    Cpus,
    Count,
    Command,
    Hosts,
    Texts,
    TextMap,
}

use Form::{Bool, Bytes, Command, Count, Cpus, Duration, Hosts, Int, Plain, TextMap, Texts, Unsigned};

/// In a service; `*` is any name, `[]` any item.
const SERVICE: &[(&[&str], Form)] = &[
    (&["healthcheck", "interval"], Duration),
    (&["healthcheck", "timeout"], Duration),
    (&["healthcheck", "start_period"], Duration),
    (&["healthcheck", "start_interval"], Duration),
    (&["healthcheck", "retries"], Unsigned),
    (&["stop_grace_period"], Duration),
    (&["deploy", "update_config", "delay"], Duration),
    (&["deploy", "update_config", "monitor"], Duration),
    (&["deploy", "update_config", "parallelism"], Unsigned),
    (&["deploy", "rollback_config", "delay"], Duration),
    (&["deploy", "rollback_config", "monitor"], Duration),
    (&["deploy", "rollback_config", "parallelism"], Unsigned),
    (&["deploy", "restart_policy", "delay"], Duration),
    (&["deploy", "restart_policy", "window"], Duration),
    (&["deploy", "restart_policy", "max_attempts"], Unsigned),
    (&["deploy", "placement", "max_replicas_per_node"], Unsigned),
    (&["deploy", "resources", "limits", "cpus"], Cpus),
    (&["deploy", "resources", "limits", "memory"], Bytes),
    (&["deploy", "resources", "limits", "pids"], Int),
    (&["deploy", "resources", "reservations", "cpus"], Cpus),
    (&["deploy", "resources", "reservations", "memory"], Bytes),
    (&["deploy", "resources", "reservations", "devices", "[]", "count"], Count),
    (&["deploy", "resources", "reservations", "generic_resources", "[]", "discrete_resource_spec", "value"], Int),
    (&["gpus", "[]", "count"], Count),
    (&["mem_limit"], Bytes),
    (&["mem_reservation"], Bytes),
    (&["memswap_limit"], Bytes),
    (&["mem_swappiness"], Bytes),
    (&["shm_size"], Bytes),
    (&["build", "shm_size"], Bytes),
    (&["volumes", "[]", "tmpfs", "size"], Bytes),
    (&["volumes", "[]", "bind", "create_host_path"], Bool),
    (&["blkio_config", "weight"], Plain),
    (&["blkio_config", "weight_device", "[]", "weight"], Plain),
    (&["blkio_config", "device_read_bps", "[]", "rate"], Bytes),
    (&["blkio_config", "device_read_iops", "[]", "rate"], Bytes),
    (&["blkio_config", "device_write_bps", "[]", "rate"], Bytes),
    (&["blkio_config", "device_write_iops", "[]", "rate"], Bytes),
    (&["attach"], Bool),
    (&["build", "no_cache"], Bool),
    (&["build", "pull"], Bool),
    (&["build", "privileged"], Bool),
    (&["depends_on", "*", "restart"], Bool),
    (&["env_file", "[]", "required"], Bool),
    (&["post_start", "[]", "privileged"], Bool),
    (&["pre_stop", "[]", "privileged"], Bool),
    (&["ports", "[]", "target"], Unsigned),
    (&["command"], Command),
    (&["entrypoint"], Command),
    (&["post_start", "[]", "command"], Command),
    (&["pre_stop", "[]", "command"], Command),
    (&["extra_hosts"], Hosts),
    (&["build", "extra_hosts"], Hosts),
    (&["group_add"], Texts),
    (&["storage_opt"], TextMap),
];

/// Maps whose values may be dates: Compose makes text of any scalar in them.
const OF_SCALARS: [&str; 8] =
    ["additional_contexts", "annotations", "args", "driver_opts", "environment", "labels", "options", "sysctls"];

/// Dates where text is expected, which a date is not for Compose.
fn dates(value: &Value, key: &str, within: &str, wrong: &mut Vec<Wrong>) {
    match &value.data {
        Data::Time(text)
            if !(OF_SCALARS.contains(&within) || (within.is_empty() && ["name", "version"].contains(&key))) =>
        {
            let date = text.split(' ').next().unwrap_or(text);
            wrong.push((value.at, format!("`{date}` is a date for YAML; put it in quotes: \"{date}\"")));
        }
        Data::List(items) => items.iter().for_each(|item| dates(item, key, "", wrong)),
        Data::Map(map) => {
            for (name, entry) in map.iter().filter(|(name, _)| !name.starts_with("x-")) {
                dates(&entry.value, name, key, wrong);
            }
        }
        _ => {}
    }
}

/// What Compose can't decode.
pub(super) fn check(file: &Value, wrong: &mut Vec<Wrong>) {
    dates(file, "", "", wrong);
    for entry in file.get("services").and_then(Value::map).into_iter().flat_map(|map| map.values()) {
        for (path, form) in SERVICE {
            find(&entry.value, path, &mut |key, value| {
                if let Some(message) = form.fault(value) {
                    wrong.push((value.at, format!("`{key}` {message}")));
                }
            });
        }
        volumes(&entry.value, wrong);
        // The schema takes it, and Compose stumbles over it.
        if let Some(pid) = entry.value.entry("pid").filter(|pid| pid.value.is_null()) {
            wrong.push((pid.key, "`pid` is empty; give it a value or take it out".to_owned()));
        }
    }
    for (section, of) in [("volumes", &[][..]), ("secrets", &["file", "environment"]), ("configs", FILE)] {
        for (name, entry) in file.get(section).and_then(Value::map).into_iter().flatten() {
            thing(section, name, &entry.value, entry.key, of, wrong);
        }
    }
    for entry in file.get("services").and_then(Value::map).into_iter().flat_map(|map| map.values()) {
        find(&entry.value, &["develop", "watch", "[]", "path"], &mut |_, value| {
            if value.text() == Some("") {
                wrong.push((value.at, "the `path` to watch is empty".to_owned()));
            }
        });
    }
}

const FILE: &[&str] = &["file", "environment", "content"];

/// Calls for every value of a path, with the last key of the path.
fn find(value: &Value, path: &[&str], found: &mut dyn FnMut(&str, &Value)) {
    go(value, path, "", found);
}

fn go(value: &Value, path: &[&str], key: &str, found: &mut dyn FnMut(&str, &Value)) {
    match path {
        [] => found(key, value),
        ["[]", rest @ ..] => value.list().unwrap_or_default().iter().for_each(|item| go(item, rest, key, found)),
        ["*", rest @ ..] => {
            for (name, entry) in value.map().into_iter().flatten() {
                go(&entry.value, rest, name, found);
            }
        }
        [name, rest @ ..] => {
            if let Some(inner) = value.get(name) {
                go(inner, rest, name, found);
            }
        }
    }
}

impl Form {
    /// What is wrong with a value; nothing if it can be decoded.
    fn fault(self, value: &Value) -> Option<String> {
        let found = || value.printed().unwrap_or_default();
        let text = value.text();
        match self {
            Duration => {
                let text = text?;
                let is_one = duration::parse(text.strip_prefix(['-', '+']).unwrap_or(text)).is_some();
                (!is_one).then(|| format!("has to be a duration such as `30s` or `1m30s`, not `{text}`"))
            }
            Bytes => {
                let text = text?;
                (!forms::is_bytes(text)).then(|| format!("has to be an amount such as `512m` or `2g`, not `{text}`"))
            }
            Bool => {
                let text = text?;
                cast::truth(text).is_none().then(|| format!("has to be true or false, not `{text}`"))
            }
            Unsigned => {
                let number = match &value.data {
                    Data::Int(number) => *number < 0,
                    Data::Float(number) => *number < 0.0,
                    Data::Text(text) => cast::whole(text).is_none_or(|number| number < 0),
                    _ => false,
                };
                number.then(|| format!("has to be a whole number of 0 or more, not `{}`", found()))
            }
            Int => {
                let text = text?;
                cast::whole(text).is_none().then(|| format!("has to be a whole number, not `{text}`"))
            }
            Plain => match &value.data {
                Data::Text(text) => Some(format!("has to be a number without quotes, not \"{text}\"")),
                Data::Int(number) if *number < 0 => Some(format!("has to be 0 or more, not {number}")),
                _ => None,
            },
            Cpus => {
                let text = text?;
                cast::number(text).is_none().then(|| format!("has to be a number of processors, not `{text}`"))
            }
            Count => {
                let text = text?;
                let is_one = text.eq_ignore_ascii_case("all") || cast::whole(text).is_some();
                (!is_one).then(|| format!("has to be `all` or a whole number, not `{text}`"))
            }
            Command => {
                let text = text?;
                let hint = "has a quote or a bracket that is never closed; write it as a list instead";
                (!forms::is_command(text)).then(|| hint.to_owned())
            }
            Hosts => hosts(value),
            Texts => {
                let odd = value.list()?.iter().find(|item| matches!(item.data, Data::Float(_) | Data::Bool(_)))?;
                Some(format!("has to be a list of texts; put {} in quotes", odd.printed().unwrap_or_default()))
            }
            TextMap => {
                let is_odd = |value: &Value| !matches!(value.data, Data::Text(_) | Data::Int(_) | Data::Null);
                let odd = value.map()?.values().find(|entry| is_odd(&entry.value))?;
                Some(format!("takes texts only, not {}", odd.value.kind()))
            }
        }
    }
}

fn hosts(value: &Value) -> Option<String> {
    let bad = |host: &str| format!("names no host: `{host}`; write `NAME=ADDRESS`");
    let is_host = |host: &str| !host.is_empty() && !host.contains([':', '=']);
    match &value.data {
        Data::List(items) => items.iter().filter_map(Value::printed).find_map(|item| {
            let host = item.split_once('=').or_else(|| item.split_once(':'));
            host.is_none_or(|(host, _)| !is_host(host)).then(|| bad(&item))
        }),
        Data::Map(map) => map.keys().find(|host| !is_host(host)).map(|host| bad(host)),
        _ => None,
    }
}

fn volumes(service: &Value, wrong: &mut Vec<Wrong>) {
    for mount in service.get("volumes").and_then(Value::list).unwrap_or_default() {
        let has_source = mount.get("source").and_then(Value::text).is_some_and(|source| !source.is_empty());
        if mount.get("type").and_then(Value::text) == Some("bind") && !has_source {
            wrong.push((mount.at, "a mount of type `bind` needs a `source`: the path on the host".to_owned()));
        }
    }
}

/// A volume, a secret or a config.
fn thing(section: &str, name: &str, value: &Value, at: At, of: &[&str], wrong: &mut Vec<Wrong>) {
    let Some(map) = value.map() else { return };
    let is_external = map.get("external").is_some_and(|entry| entry.value.data == Data::Bool(true));
    if section == "volumes" && is_external {
        let other = map.iter().find(|(key, _)| !matches!(key.as_str(), "name" | "external") && !key.starts_with("x-"));
        if let Some((key, entry)) = other {
            let message = format!("the volume `{name}` is external, so it can't have `{key}`; take one of them out");
            wrong.push((entry.key, message));
        }
    }
    if of.is_empty() {
        return;
    }
    let given: Vec<&&str> = of.iter().filter(|key| map.contains_key(**key)).collect();
    let all = of.join("`, `");
    match given.as_slice() {
        [] if !map.contains_key("external") && !map.contains_key("driver") => {
            wrong.push((at, format!("`{name}` under `{section}` needs one of `{all}`")));
        }
        [_, second, ..] => {
            let at = map.get(**second).map_or(at, |entry| entry.key);
            wrong.push((at, format!("`{name}` under `{section}` can have only one of `{all}`")));
        }
        _ => {}
    }
}
