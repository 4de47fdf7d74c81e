//! Of the items of a list that mean the same, only the last counts (compose-go, `override/uncity.go`).

use super::forms;
use super::schema::Wrong;
use super::value::{Data, Value};
use std::collections::HashMap;

type ItemKey = fn(&Value) -> Result<String, String>;

/// Takes out what a later item replaces.
pub(super) fn enforce(file: &mut Value, wrong: &mut Vec<Wrong>) {
    walk(file, &mut Vec::new(), wrong);
}

fn walk(value: &mut Value, path: &mut Vec<String>, wrong: &mut Vec<Wrong>) {
    match &mut value.data {
        Data::Map(map) => {
            for (name, entry) in map {
                path.push(name.clone());
                walk(&mut entry.value, path, wrong);
                path.pop();
            }
        }
        Data::List(items) => {
            let parts: Vec<&str> = path.iter().map(String::as_str).collect();
            let Some(key) = key_of(&parts) else { return };
            let mut places: HashMap<String, usize> = HashMap::new();
            let mut kept: Vec<Value> = Vec::new();
            for item in std::mem::take(items) {
                match key(&item) {
                    Err(message) => wrong.push((item.at, message)),
                    Ok(key) => {
                        let place = *places.entry(key).or_insert(kept.len());
                        match kept.get_mut(place) {
                            Some(known) => *known = item,
                            None => kept.push(item),
                        }
                    }
                }
            }
            *items = kept;
        }
        _ => {}
    }
}

fn key_of(path: &[&str]) -> Option<ItemKey> {
    Some(match path {
        ["networks", _, "labels"]
        | ["networks", _, "ipam", "options"]
        | ["services", _, "build", "args" | "additional_contexts" | "extra_hosts" | "platform" | "tags" | "labels"]
        | ["services", _, "deploy", "labels"]
        | ["services", _, "networks", _, "aliases" | "link_local_ips"] => pair,
        ["services", _, key] => match *key {
            "annotations" | "cap_add" | "cap_drop" | "dns" | "dns_opt" | "dns_search" | "environment"
            | "extra_hosts" | "labels" | "links" | "profiles" | "sysctls" | "tmpfs" => pair,
            "volumes" => volume,
            "devices" => device,
            "configs" => config,
            "secrets" => secret,
            "env_file" => env_file,
            "expose" => expose,
            "ports" => port,
            _ => return None,
        },
        _ => return None,
    })
}

fn pair(item: &Value) -> Result<String, String> {
    match &item.data {
        Data::Text(text) | Data::Time(text) => Ok(text.split('=').next().unwrap_or(text).to_owned()),
        _ => Err(format!("an item of this list must be text, not {}", item.kind())),
    }
}

fn volume(item: &Value) -> Result<String, String> {
    match &item.data {
        Data::Map(_) => {
            let target = item.get("target").and_then(Value::text);
            target
                .map(str::to_owned)
                .ok_or_else(|| "this mount has no `target`: where is it in the container?".to_owned())
        }
        Data::Text(text) => forms::volume(text).map(|volume| volume.target),
        _ => Ok(String::new()),
    }
}

fn device(item: &Value) -> Result<String, String> {
    match &item.data {
        Data::Map(_) => {
            let target = item.get("target").and_then(Value::text);
            target.map(str::to_owned).ok_or_else(|| "this device has no `target`".to_owned())
        }
        Data::Text(text) => {
            let mut parts = text.split(':');
            Ok(parts.clone().nth(1).or(parts.next()).unwrap_or_default().to_owned())
        }
        _ => Ok(String::new()),
    }
}

fn granted(item: &Value, folder: &str) -> Result<String, String> {
    match &item.data {
        Data::Text(name) => Ok(format!("{folder}/{name}")),
        Data::Map(_) => Ok(match item.get("target") {
            Some(target) => target.printed().unwrap_or_default(),
            None => format!("{folder}/{}", item.get("source").and_then(Value::text).unwrap_or_default()),
        }),
        _ => Err(format!("an item of this list must be a name or a map, not {}", item.kind())),
    }
}

fn config(item: &Value) -> Result<String, String> {
    granted(item, "")
}

fn secret(item: &Value) -> Result<String, String> {
    granted(item, "/run/secrets")
}

fn env_file(item: &Value) -> Result<String, String> {
    match &item.data {
        Data::Text(path) => Ok(path.clone()),
        Data::Map(_) => {
            let path = item.get("path").and_then(Value::text);
            path.map(str::to_owned).ok_or_else(|| "this item of `env_file` has no `path`".to_owned())
        }
        _ => Ok(String::new()),
    }
}

fn expose(item: &Value) -> Result<String, String> {
    match &item.data {
        Data::Text(text) => Ok(text.clone()),
        Data::Int(number) => Ok(number.to_string()),
        _ => Err(format!(
            "a port must be a whole number, not {}",
            item.printed().unwrap_or_else(|| item.kind().to_owned())
        )),
    }
}

fn port(item: &Value) -> Result<String, String> {
    match &item.data {
        Data::Text(text) => Ok(text.clone()),
        Data::Int(number) => Ok(number.to_string()),
        Data::Map(_) => {
            let part =
                |key: &str, default: &str| item.get(key).and_then(Value::printed).unwrap_or_else(|| default.to_owned());
            if item.get("target").is_none() {
                return Err("this port has no `target`: the port in the container".to_owned());
            }
            let (host, published) = (part("host_ip", "0.0.0.0"), part("published", ""));
            Ok(format!("{host}:{published}:{}/{}", part("target", ""), part("protocol", "tcp")))
        }
        _ => Ok(String::new()),
    }
}
