//! Whether what the files name is there, and nothing contradicts itself (compose-go, `loader/validate.go`, `graph`).

use super::links;
use super::schema::Wrong;
use super::value::{At, Data, Entry, Map, Value};
use std::collections::{BTreeMap, BTreeSet};

/// What services name, by its kind.
struct NamedItems<'a> {
    model: &'a Value,
    /// The services that are run.
    services: BTreeMap<&'a String, &'a Entry>,
    /// Those of inactive profiles.
    idle: BTreeSet<&'a String>,
}

/// What Compose refuses of the services that are run.
pub(super) fn check(model: &Value, is_run: &dyn Fn(&Value) -> bool) -> Vec<Wrong> {
    let all = model.get("services").and_then(Value::map);
    let (services, idle): (Vec<_>, Vec<_>) = all.into_iter().flatten().partition(|(_, entry)| is_run(&entry.value));
    let idle = idle.into_iter().map(|(name, _)| name).collect();
    let names = NamedItems { model, services: services.into_iter().collect(), idle };
    let mut wrong = Vec::new();
    for (name, entry) in &names.services {
        names.origin(name, entry, &mut wrong);
        names.references(name, entry, &mut wrong);
        limits(name, &entry.value, &mut wrong);
    }
    if wrong.is_empty() {
        names.circles(&mut wrong);
    }
    wrong
}

impl NamedItems<'_> {
    fn has(&self, section: &str, name: &str) -> bool {
        self.model.get(section).and_then(|section| section.get(name)).is_some()
    }

    /// Where the service comes from.
    fn origin(&self, name: &str, entry: &Entry, wrong: &mut Vec<Wrong>) {
        let service = &entry.value;
        let mut say = |at: At, message: String| wrong.push((at, message));
        let has_image = service.get("image").and_then(Value::text).is_some_and(|image| !image.is_empty());
        let Some(build) = service.get("build") else {
            // One with a provider is none of Docker's.
            if !has_image && service.get("provider").is_none() {
                say(entry.key, format!("the service `{name}` has neither an `image` nor a `build`"));
            }
            return;
        };
        let is_given = |key: &str| build.get(key).and_then(Value::text).is_some_and(|text| !text.is_empty());
        if is_given("dockerfile") && is_given("dockerfile_inline") {
            let at = build.entry("dockerfile_inline").map_or(entry.key, |entry| entry.key);
            say(at, format!("the build of `{name}` can have only one of `dockerfile` and `dockerfile_inline`"));
        }
        let platforms = build.get("platforms").and_then(Value::list).unwrap_or_default();
        if let Some((platform, at)) = service.entry("platform").and_then(|entry| Some((entry.value.text()?, entry.key)))
            && !platforms.is_empty()
            && !platform.is_empty()
            && !platforms.iter().any(|item| item.text() == Some(platform))
        {
            say(at, format!("`platform: {platform}` is not among the `platforms` of the build of `{name}`"));
        }
        for (context, entry) in pairs(build.get("additional_contexts")) {
            let Some(other) = entry.strip_prefix("service:") else { continue };
            let service = self.services.iter().find(|(name, _)| name.as_str() == other);
            if service.is_none_or(|(_, entry)| entry.value.get("build").is_none()) {
                let at = build.entry("additional_contexts").map_or(build.at, |entry| entry.key);
                say(
                    at,
                    format!(
                        "the build context `{context}` of `{name}` is `{other}`, which isn't a service with a `build`"
                    ),
                );
            }
        }
    }

    /// The things that it names.
    fn references(&self, name: &str, entry: &Entry, wrong: &mut Vec<Wrong>) {
        let service = &entry.value;
        let mode = service.entry("network_mode").filter(|mode| mode.value.text().is_some_and(|mode| !mode.is_empty()));
        let networks = service.entry("networks").and_then(|entry| entry.value.map()).filter(|map| !map.is_empty());
        if let (Some(mode), Some(_)) = (mode, networks) {
            let message = format!("`{name}` has both `network_mode` and `networks`; remove one of them");
            wrong.push((mode.key, message));
        }
        for (network, entry) in networks.into_iter().flatten() {
            if network != "default" && !self.has("networks", network) {
                wrong
                    .push((entry.key, format!("the network `{network}` of `{name}` is not defined under `networks:`")));
            }
        }
        self.waits(name, service, wrong);
        for mount in service.get("volumes").and_then(Value::list).unwrap_or_default() {
            let is_volume = mount.get("type").and_then(Value::text) == Some("volume");
            let Some(source) = mount.get("source").and_then(Value::text).filter(|text| is_volume && !text.is_empty())
            else {
                continue;
            };
            if !self.has("volumes", source) {
                wrong.push((mount.at, format!("the volume `{source}` of `{name}` is not defined under `volumes:`")));
            }
        }
        let granted = [
            (service.get("configs"), "configs", "config"),
            (service.get("secrets"), "secrets", "secret"),
            (service.at_path(&["build", "secrets"]), "secrets", "secret"),
        ];
        for (list, section, kind) in granted {
            for item in list.and_then(Value::list).unwrap_or_default() {
                let source = item.get("source").and_then(Value::text).unwrap_or_default();
                if !self.has(section, source) {
                    let message = format!("the {kind} `{source}` of `{name}` is not defined under `{section}:`");
                    wrong.push((item.at, message));
                }
            }
        }
        let test = service.at_path(&["healthcheck", "test"]);
        if let Some(first) = test.and_then(Value::list).and_then(|items| items.first())
            && !first.text().is_some_and(|first| ["CMD", "CMD-SHELL", "NONE"].contains(&first))
        {
            let at =
                service.get("healthcheck").and_then(|check| check.entry("test")).map_or(first.at, |entry| entry.key);
            let forms = "must be a text, or a list that begins with CMD, CMD-SHELL or NONE";
            wrong.push((at, format!("the `test` of `{name}` {forms}")));
        }
        for watch in service.at_path(&["develop", "watch"]).and_then(Value::list).unwrap_or_default() {
            let action = watch.get("action").and_then(Value::text).unwrap_or_default();
            let has_target = watch.get("target").and_then(Value::text).is_some_and(|target| !target.is_empty());
            if !has_target && !matches!(action, "rebuild" | "restart") {
                wrong.push((watch.at, format!("`action: {action}` needs a `target`: the path in the container")));
            }
        }
    }

    fn waits(&self, name: &str, service: &Value, wrong: &mut Vec<Wrong>) {
        let explicit = service.get("depends_on").and_then(Value::map);
        for (other, entry) in explicit.into_iter().flatten() {
            let is_optional = entry.value.get("required").is_some_and(|required| required.data == Data::Bool(false));
            if self.idle.contains(other) && !is_optional {
                let message = format!("`{name}` depends on `{other}`, which is in a profile that is not active");
                wrong.push((entry.key, message));
            } else if !self.idle.contains(other) && !self.services.contains_key(other) {
                wrong.push((entry.key, format!("`{name}` depends on a service `{other}` that doesn't exist")));
            }
        }
        for (other, at) in links::implied(service) {
            if !explicit.is_some_and(|explicit| explicit.contains_key(&other)) && !self.services.contains_key(&other) {
                wrong.push((at, format!("`{name}` needs a service `{other}` that doesn't exist")));
            }
        }
    }

    /// Circles of services that wait for each other.
    fn circles(&self, wrong: &mut Vec<Wrong>) {
        let edges: BTreeMap<&str, BTreeMap<String, At>> = self
            .services
            .iter()
            .map(|(name, entry)| {
                let mut others = links::implied(&entry.value);
                let explicit = entry.value.get("depends_on").and_then(Value::map).into_iter().flatten();
                others.extend(explicit.map(|(other, entry)| (other.clone(), entry.key)));
                (name.as_str(), others)
            })
            .collect();
        // What waits for nothing that is left is no part of a circle; what is left over, or waits for one, remains.
        let mut waiting: BTreeMap<&str, usize> = edges
            .iter()
            .map(|(name, others)| (*name, others.keys().filter(|other| edges.contains_key(other.as_str())).count()))
            .collect();
        let mut needed_by: BTreeMap<&str, Vec<&str>> = BTreeMap::new();
        for (name, others) in &edges {
            for other in others.keys() {
                needed_by.entry(other).or_default().push(name);
            }
        }
        let mut free: Vec<&str> = waiting.iter().filter(|(_, count)| **count == 0).map(|(name, _)| *name).collect();
        while let Some(name) = free.pop() {
            waiting.remove(name);
            for user in needed_by.get(name).into_iter().flatten() {
                if let Some(count) = waiting.get_mut(user) {
                    *count -= 1;
                    if *count == 0 {
                        free.push(user);
                    }
                }
            }
        }
        let Some(mut name) = waiting.keys().next().copied() else { return };
        let mut path: Vec<&str> = Vec::new();
        while !path.contains(&name) {
            path.push(name);
            let others = edges.get(name).into_iter().flatten().map(|(other, _)| other.as_str());
            let Some(next) = others.into_iter().find(|other| waiting.contains_key(other)) else { return };
            name = next;
        }
        let start = path.iter().position(|part| *part == name).unwrap_or(0);
        let circle: Vec<&str> = path.iter().skip(start).copied().chain([name]).collect();
        let at = circle.iter().rev().nth(1).and_then(|last| edges.get(last)?.get(name)).copied().unwrap_or_default();
        let shown: Vec<String> = circle.iter().take(10).map(|name| format!("`{name}`")).collect();
        wrong.push((
            at,
            format!("services wait for each other in a circle: {}; remove one of the links", shown.join(" → ")),
        ));
    }
}

/// `[A=x]` or `{A: x}`.
fn pairs(value: Option<&Value>) -> Vec<(String, String)> {
    let Some(value) = value else { return Vec::new() };
    let listed =
        value.list().unwrap_or_default().iter().filter_map(Value::text).filter_map(|text| text.split_once('='));
    let mapped = value.map().into_iter().flatten();
    listed
        .map(|(name, value)| (name.to_owned(), value.to_owned()))
        .chain(mapped.filter_map(|(name, entry)| Some((name.clone(), entry.value.printed()?))))
        .collect()
}

/// Limits that are said twice, and replicas.
fn limits(name: &str, service: &Value, wrong: &mut Vec<Wrong>) {
    let number = |path: &[&str]| service.at_path(path).and_then(amount);
    let place = |key: &str| service.entry(key).map_or(service.at, |entry| entry.key);
    let replicas = replicas(service);
    if let (Some(scale), Some(other)) = (count(service.get("scale")), count(service.at_path(&["deploy", "replicas"])))
        && scale != other
    {
        wrong.push((
            place("scale"),
            format!("`{name}` has `scale: {scale}` and `deploy.replicas: {other}`; keep one of them"),
        ));
    }
    for (key, kind, deployed) in [
        ("cpus", "limits", "cpus"),
        ("mem_limit", "limits", "memory"),
        ("mem_reservation", "reservations", "memory"),
        ("pids_limit", "limits", "pids"),
    ] {
        let Some(own) = number(&[key]).filter(|own| *own != 0.0) else { continue };
        if service.at_path(&["deploy", "resources", kind]).and_then(Value::map).is_none() {
            continue;
        }
        let other = number(&["deploy", "resources", kind, deployed]).unwrap_or(0.0);
        if (own - other).abs() > f64::EPSILON * own.abs() {
            let message =
                format!("`{name}` has another `{key}` than `deploy.resources.{kind}.{deployed}`; keep one of them");
            wrong.push((place(key), message));
        }
    }
    if replicas > 1
        && let Some(entry) = service.entry("container_name").filter(|entry| entry.value.text() != Some(""))
    {
        let message = format!("`{name}` runs {replicas} containers, which can't share one `container_name`; remove it");
        wrong.push((entry.key, message));
    }
}

fn count(value: Option<&Value>) -> Option<i128> {
    match value?.data {
        Data::Int(number) => Some(number),
        #[allow(clippy::cast_possible_truncation)] // a count as JSON writes it
        Data::Float(number) => Some(number as i128),
        _ => None,
    }
}

/// How many containers a service runs.
pub(super) fn replicas(service: &Value) -> i128 {
    count(service.get("scale")).or_else(|| count(service.at_path(&["deploy", "replicas"]))).unwrap_or(1)
}

/// A number, or an amount of memory in bytes.
fn amount(value: &Value) -> Option<f64> {
    #[allow(clippy::cast_precision_loss)] // compared only
    match &value.data {
        Data::Int(number) => Some(*number as f64),
        Data::Float(number) => Some(*number),
        Data::Text(text) => {
            let end = text.rfind(|c: char| c.is_ascii_digit() || c == '.').map_or(0, |at| at + 1);
            let (number, unit) = text.split_at(end);
            let power = match unit.trim_start().chars().next().map(|unit| unit.to_ascii_lowercase()) {
                Some('k') => 1,
                Some('m') => 2,
                Some('g') => 3,
                Some('t') => 4,
                Some('p') => 5,
                _ => 0,
            };
            Some((number.parse::<f64>().ok()? * 1024_f64.powi(power)).trunc())
                .filter(|_| power > 0)
                .or_else(|| number.parse().ok())
        }
        _ => None,
    }
}

/// The entries of a section.
pub(super) fn section<'a>(model: &'a Value, name: &str) -> impl Iterator<Item = (&'a String, &'a Entry)> {
    model.get(name).and_then(Value::map).into_iter().flat_map(Map::iter)
}
