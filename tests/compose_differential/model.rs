//! Our model beside the one that Compose resolved.

use grader::compose::model::{Pairs, Test};
use grader::compose::{Compose, Service};
use serde_json::Value;
use std::collections::BTreeSet;

type Set = BTreeSet<String>;

/// Where the two differ first; nothing if they are the same.
pub fn differs(compose: &Compose, resolved: &Value) -> Option<String> {
    let services = resolved.get("services").and_then(Value::as_object).cloned().unwrap_or_default();
    let mut ours = compose.clone();
    ours.activate(&[]);
    let names: Set = ours.project.services.keys().cloned().collect();
    let theirs: Set = services.keys().cloned().collect();
    if names != theirs {
        return Some(format!("services: we have {names:?}, Compose has {theirs:?}"));
    }
    ours.project.services.iter().find_map(|(name, service)| {
        let other = &services[name];
        let pairs = [
            ("ports", ports(service), their_ports(other, &ports(service))),
            ("volumes", volumes(service), their_volumes(other)),
            ("depends_on", depends_on(service), their_depends_on(other)),
            ("environment", known(&service.environment), their_environment(service, other)),
            ("build", build(service), their_build(other)),
            ("healthcheck", health(service), their_health(other)),
            ("networks", networks(service), their_networks(other)),
            ("texts", texts(service), their_texts(other)),
        ];
        let differs = pairs.into_iter().find(|(_, ours, theirs)| ours != theirs);
        differs.map(|(key, ours, theirs)| format!("{name}.{key}: we have {ours:?}, Compose has {theirs:?}"))
    })
}

fn text(value: Option<&Value>) -> String {
    let text = match value {
        Some(Value::String(text)) => text.clone(),
        Some(Value::Null) | None => String::new(),
        Some(other) => other.to_string(),
    };
    text.replace("$$", "$")
}

fn entries<'a>(value: &'a Value, key: &str) -> impl Iterator<Item = &'a Value> {
    value.get(key).and_then(Value::as_array).into_iter().flatten()
}

fn ports(service: &Service) -> Set {
    let one = |port: &grader::compose::Port| {
        let (ip, published) = (port.host_ip.clone().unwrap_or_default(), port.published.clone().unwrap_or_default());
        format!("{ip}:{published}:{}/{}", port.target, port.protocol)
    };
    service.ports.iter().map(|spot| one(&spot.value)).collect()
}

/// How many ports of a range are listed; the policy refuses far fewer.
const LISTED: usize = 1000;

fn their_ports(service: &Value, ours: &Set) -> Set {
    let one = |port: &Value| {
        let part = |key: &str| text(port.get(key));
        format!("{}:{}:{}/{}", part("host_ip"), part("published"), part("target"), part("protocol"))
    };
    let theirs: Set = entries(service, "ports").map(one).collect();
    if theirs.len() <= LISTED { theirs } else { theirs.intersection(ours).cloned().collect() }
}

/// A path as Compose has it: absolute.
fn absolute(directory: &str, path: &str) -> String {
    let mut chars = path.chars();
    let is_drive = chars.next().is_some_and(char::is_alphabetic)
        && chars.next() == Some(':')
        && chars.next().is_some_and(|c| ['\\', '/'].contains(&c));
    match grader::compose::join(directory, path) {
        _ if is_drive => path.to_owned(),
        Some(path) if path.is_empty() => "/repository".to_owned(),
        Some(path) => format!("/repository/{path}"),
        None if path == ".." || path == "~" => "/outside".to_owned(),
        None if !path.starts_with(['.', '~']) => path.to_owned(),
        None => outside(path),
    }
}

/// A path that leads out of the folder: into the home folder or the one above, which are the same here.
fn outside(path: &str) -> String {
    let path = path.strip_prefix("~/").or_else(|| path.strip_prefix("../"));
    match path {
        Some(rest) if !rest.contains("..") => format!("/outside/{rest}").trim_end_matches('/').to_owned(),
        _ => path.unwrap_or_default().to_owned(),
    }
}

fn volumes(service: &Service) -> Set {
    let mounts = service.volumes.iter().map(|spot| (&spot.value, directory(&spot.place.path)));
    mounts
        .map(|(mount, directory)| {
            let source = mount.source.clone().unwrap_or_default();
            let source = if mount.kind == "bind" { absolute(&directory, &source) } else { source };
            format!("{} {source} {} {}", mount.kind, mount.target, mount.read_only)
        })
        .collect()
}

/// The folder of a file: what its paths are relative to, here.
fn directory(path: &str) -> String {
    path.rsplit_once('/').map_or("", |(directory, _)| directory).to_owned()
}

fn their_volumes(service: &Value) -> Set {
    let mounts = entries(service, "volumes").map(|mount| {
        let part = |key: &str| text(mount.get(key));
        format!("{} {} {} {}", part("type"), part("source"), part("target"), part("read_only") == "true")
    });
    let tmpfs = entries(service, "tmpfs").map(|item| {
        let target = text(Some(item));
        format!("tmpfs  {} false", target.split(':').next().unwrap())
    });
    mounts.chain(tmpfs).collect()
}

fn depends_on(service: &Service) -> Set {
    service.depends_on.iter().map(|(name, condition)| format!("{name} {}", condition.value)).collect()
}

fn their_depends_on(service: &Value) -> Set {
    let entries = service.get("depends_on").and_then(Value::as_object).into_iter().flatten();
    entries.map(|(name, entry)| format!("{name} {}", text(entry.get("condition")))).collect()
}

fn known(pairs: &Pairs) -> Set {
    pairs.iter().filter_map(|(name, spot)| Some(format!("{name}={}", spot.value.as_ref()?))).collect()
}

/// What files of variables add is not said by the service itself.
fn their_environment(ours: &Service, service: &Value) -> Set {
    let entries = service.get("environment").and_then(Value::as_object).into_iter().flatten();
    let own = entries.map(|(name, value)| (name.replace("$$", "$"), value)).filter(|(_, value)| !value.is_null());
    // A name without a value takes it from such a file.
    let given = own.filter(|(name, _)| ours.environment.get(name).is_some_and(|spot| spot.value.is_some()));
    given.map(|(name, value)| format!("{name}={}", text(Some(value)))).collect()
}

fn build(service: &Service) -> Set {
    let Some(build) = &service.build else { return Set::new() };
    let written = build.context.as_ref().map_or(".", |context| &context.value);
    let target = build.target.as_ref().map(|target| target.value.clone()).unwrap_or_default();
    let dockerfile = match (&build.dockerfile, build.is_inline) {
        (Some(dockerfile), _) => dockerfile.value.clone(),
        (None, true) => String::new(),
        (None, false) => "Dockerfile".to_owned(),
    };
    let mut set = known(&build.args);
    let context = build.context_path().map_or_else(|| absolute("", written), |path| absolute("", &path));
    let context = if written.starts_with("service:") { written.to_owned() } else { context };
    set.extend([format!("context {context}"), format!("dockerfile {dockerfile}")]);
    set.insert(format!("target {target}"));
    set
}

fn their_build(service: &Value) -> Set {
    let Some(build) = service.get("build") else { return Set::new() };
    let part = |key: &str| text(build.get(key));
    let args = build.get("args").and_then(Value::as_object).into_iter().flatten();
    let args = args.filter(|(_, value)| !value.is_null());
    let mut set: Set = args.map(|(name, value)| format!("{name}={}", text(Some(value)))).collect();
    let context = part("context");
    let context = if context.is_empty() { "/repository".to_owned() } else { context };
    set.extend([format!("context {context}"), format!("dockerfile {}", part("dockerfile"))]);
    set.insert(format!("target {}", part("target")));
    set
}

fn health(service: &Service) -> Set {
    let Some(check) = &service.healthcheck else { return Set::new() };
    let time = |spot: &Option<grader::compose::Spot<std::time::Duration>>| {
        spot.as_ref().map(|spot| format!("{:?}", spot.value)).unwrap_or_default()
    };
    let test = match check.test.as_ref().map(|test| &test.value) {
        None => String::new(),
        Some(Test::None) => "none".to_owned(),
        Some(Test::Cmd(words)) => format!("CMD {}", words.join(" ")),
        Some(Test::Shell(line)) => format!("CMD-SHELL {line}"),
    };
    let retries = check.retries.as_ref().map(|retries| retries.value).filter(|retries| *retries != 0);
    [
        test,
        format!("interval {}", time(&check.interval)),
        format!("timeout {}", time(&check.timeout)),
        format!("start_period {}", time(&check.start_period)),
        format!("retries {}", retries.map(|retries| retries.to_string()).unwrap_or_default()),
    ]
    .into()
}

fn their_health(service: &Value) -> Set {
    let Some(check) = service.get("healthcheck") else { return Set::new() };
    let time = |key: &str| {
        let written = text(check.get(key));
        grader::compose::duration::parse(&written).map_or(written, |time| format!("{time:?}"))
    };
    let words: Vec<String> = entries(check, "test").map(|word| text(Some(word))).collect();
    let is_off = text(check.get("disable")) == "true" || words.first().is_some_and(|word| word == "NONE");
    let retries = text(check.get("retries"));
    [
        if is_off { "none".to_owned() } else { words.join(" ") },
        format!("interval {}", time("interval")),
        format!("timeout {}", time("timeout")),
        format!("start_period {}", time("start_period")),
        format!("retries {}", if retries == "0" { "" } else { &retries }),
    ]
    .into()
}

fn networks(service: &Service) -> Set {
    service.networks.keys().filter(|name| *name != "default").cloned().collect()
}

fn their_networks(service: &Value) -> Set {
    let entries = service.get("networks").and_then(Value::as_object).into_iter().flatten();
    entries.map(|(name, _)| name.clone()).filter(|name| name != "default").collect()
}

fn texts(service: &Service) -> Set {
    let spots = [("image", &service.image), ("restart", &service.restart), ("user", &service.user)];
    spots
        .into_iter()
        .map(|(key, spot)| format!("{key} {}", spot.as_ref().map(|spot| spot.value.as_str()).unwrap_or_default()))
        .collect()
}

fn their_texts(service: &Value) -> Set {
    ["image", "restart", "user"].into_iter().map(|key| format!("{key} {}", text(service.get(key)))).collect()
}
