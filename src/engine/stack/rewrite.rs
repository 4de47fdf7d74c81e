//! From the model that Compose resolved to the one that is run: under a name of its own, on free ports of this machine
//! only, within limits, with the images that were built. Pure.
//!
//! In the resolved model, as in any Compose file, `$$` stands for a `$`: texts are carried over as they are.

use crate::engine::Limits;
use crate::engine::container::health::{HealthCheck, LEAST_INTERVAL, START_INTERVAL};
use crate::engine::container::limits::{DROPPED, LOG_FILE, MASQUERADE, NO_NAMES, NO_NEW_PRIVILEGES};
use serde_json::{Map, Value, json};
use std::collections::BTreeMap;

/// The memory that one container may use, in bytes.
pub const MEMORY: u64 = 2 << 30;
/// The processes that one container may have.
pub const PIDS: u64 = 1024;

/// Options of a network's driver that stay; others name things of the machine.
const NETWORK_OPTIONS: [&str; 3] =
    ["com.docker.network.driver.mtu", "com.docker.network.bridge.enable_icc", MASQUERADE];

/// How the network of a service that is to be on the engine's own begins.
const LONE: &str = "grader-lone-";

/// What the model is changed to.
#[derive(Debug, Clone, Copy)]
pub struct Rewrite<'a> {
    /// The project's name.
    pub project: &'a str,
    /// The labels of all that is made.
    pub labels: &'a BTreeMap<String, String>,
    /// Images in place of the `build` of services.
    pub images: &'a BTreeMap<String, String>,
    /// The services with a health check, as it is run.
    pub health: &'a BTreeMap<String, HealthCheck>,
    /// The bounds of each container.
    pub limits: Limits,
}

/// The model as it is run.
pub fn rewrite(model: &Value, to: &Rewrite<'_>) -> Value {
    let mut model = model.clone();
    let Some(root) = model.as_object_mut() else { return model };
    root.insert("name".to_owned(), json!(to.project));
    lone(root, to.limits.no_egress);
    for (name, service) in section(root, "services") {
        change(service, |service| to.service(name, service));
    }
    // What is external is there already (with `--trust`): it keeps its name, and is nobody's to label.
    for (_, network) in section(root, "networks").filter(|(_, network)| !is_external(network)) {
        change(network, |network| to.network(network));
    }
    for (_, volume) in section(root, "volumes").filter(|(_, volume)| !is_external(volume)) {
        change(volume, |volume| {
            volume.remove("name");
            to.label(volume);
        });
    }
    for kind in ["secrets", "configs"] {
        for (_, granted) in section(root, kind) {
            change(granted, |granted| drop(granted.remove("name")));
        }
    }
    model
}

/// Moves services off the engine's own network: it is that of all its containers, and reaches the world. It has no names
/// either, so each gets a network to itself; what it `links` to is on it, too.
fn lone(root: &mut Map<String, Value>, no_egress: bool) {
    let mut moved: Vec<(String, Vec<String>)> = Vec::new();
    for (name, service) in section(root, "services") {
        if matches!(service.get("network_mode").and_then(Value::as_str), Some("bridge" | "default")) {
            let links = service.get("links").and_then(Value::as_array).into_iter().flatten().filter_map(Value::as_str);
            let linked = links.map(|link| link.split(':').next().unwrap_or(link).to_owned()).collect();
            moved.push((name.clone(), linked));
        }
    }
    for (name, linked) in &moved {
        let own = format!("{LONE}{name}");
        for (other, service) in section(root, "services") {
            let is_lone = moved.iter().any(|(moved, _)| moved == other);
            if other == name || (is_lone && linked.contains(other)) {
                change(service, |service| {
                    service.remove("network_mode");
                    change(service.entry("networks").or_insert(Value::Null), |networks| {
                        networks.insert(own.clone(), json!({}));
                    });
                });
            }
        }
        change(root.entry("networks").or_insert(Value::Null), |networks| {
            networks.insert(own, Value::Null);
        });
    }
    if no_egress {
        change(root.entry("networks").or_insert(Value::Null), |networks| {
            networks.entry("default").or_insert(Value::Null);
        });
    }
}

/// The entries of a part of the model.
fn section<'m>(root: &'m mut Map<String, Value>, name: &str) -> impl Iterator<Item = (&'m String, &'m mut Value)> {
    root.get_mut(name).and_then(Value::as_object_mut).into_iter().flatten()
}

fn is_external(thing: &Value) -> bool {
    thing.get("external").is_some_and(|external| *external != json!(false))
}

/// Changes a map; where there was none, an empty one.
fn change(value: &mut Value, change: impl FnOnce(&mut Map<String, Value>)) {
    let mut map = match value.take() {
        Value::Object(map) => map,
        _ => Map::new(),
    };
    change(&mut map);
    *value = Value::Object(map);
}

impl Rewrite<'_> {
    fn service(&self, name: &str, service: &mut Map<String, Value>) {
        // A fixed name would clash with another run's; others may still reach the service by it.
        if let Some(name) = service.remove("container_name") {
            for (_, network) in service.get_mut("networks").and_then(Value::as_object_mut).into_iter().flatten() {
                change(network, |network| {
                    if let Some(aliases) = network.entry("aliases").or_insert_with(|| json!([])).as_array_mut() {
                        aliases.push(name.clone());
                    }
                });
            }
        }
        // What is in the model is run, whatever profile it belongs to.
        for key in ["develop", "mac_address", "profiles"] {
            service.remove(key);
        }
        self.label(service);
        if let Some(image) = self.images.get(name) {
            service.remove("build");
            service.insert("image".to_owned(), json!(image));
        }
        // What is not there by now is not there: it has been built or pulled before.
        service.insert("pull_policy".to_owned(), json!("never"));
        ports(service);
        for (_, network) in service.get_mut("networks").and_then(Value::as_object_mut).into_iter().flatten() {
            if let Some(network) = network.as_object_mut() {
                network.retain(|key, _| matches!(key.as_str(), "aliases" | "priority"));
            }
        }
        let memory = self.limits.memory.unwrap_or(MEMORY);
        limit(service, "mem_limit", "memory", memory, |bytes| json!(bytes.to_string()));
        limit(service, "pids_limit", "pids", self.limits.pids.map_or(PIDS, u64::from), |count| json!(count));
        let deployed = limits(service).and_then(|limits| limits.get("memory"));
        if let Some(memory) = service.get("mem_limit").or(deployed).cloned() {
            service.insert("memswap_limit".to_owned(), memory); // none beyond it
        }
        let reserved = service.get_mut("deploy").and_then(|it| it.get_mut("resources")?.get_mut("reservations"));
        if let Some(reserved) = reserved.and_then(Value::as_object_mut) {
            lower(reserved, "memory", memory);
        }
        lower(service, "mem_reservation", memory);
        confine(service);
        if self.limits.no_egress {
            service.insert("dns".to_owned(), json!([NO_NAMES]));
        }
        if let Some(cpus) = self.limits.cpus {
            limit_cpus(service, cpus);
        }
        if let Some(health) = self.health.get(name) {
            let start_period = format!("{}s", health.patient_start_period().as_secs());
            let start_interval = format!("{}ms", START_INTERVAL.as_millis());
            change(service.entry("healthcheck").or_insert(Value::Null), |check| {
                check.insert("start_period".to_owned(), json!(start_period));
                check.insert("timeout".to_owned(), json!(format!("{}ms", health.timeout.as_millis())));
                check.insert("start_interval".to_owned(), json!(start_interval));
                if health.interval < LEAST_INTERVAL {
                    check.insert("interval".to_owned(), json!(format!("{}s", LEAST_INTERVAL.as_secs())));
                }
            });
        }
    }

    fn network(&self, network: &mut Map<String, Value>) {
        // An address of IPv6 would have to be chosen; what it is for is reached without.
        for key in ["name", "ipam", "enable_ipv6"] {
            network.remove(key);
        }
        if let Some(options) = network.get_mut("driver_opts").and_then(Value::as_object_mut) {
            options.retain(|key, _| NETWORK_OPTIONS.contains(&key.as_str()));
        }
        if self.limits.no_egress {
            change(network.entry("driver_opts").or_insert(Value::Null), |options| {
                options.insert(MASQUERADE.to_owned(), json!("false"));
            });
        }
        self.label(network);
    }

    /// Adds the run's labels; they win over the learner's.
    fn label(&self, thing: &mut Map<String, Value>) {
        change(thing.entry("labels").or_insert(Value::Null), |labels| {
            for (name, value) in self.labels {
                labels.insert(name.clone(), json!(value.replace('$', "$$")));
            }
        });
    }
}

/// Takes away what ordinary services do not need, and what would fill the disk.
fn confine(service: &mut Map<String, Value>) {
    let dropped = service.entry("cap_drop").or_insert_with(|| json!([]));
    if let Some(dropped) = dropped.as_array_mut().filter(|dropped| !dropped.contains(&json!("ALL"))) {
        dropped.extend(
            DROPPED.map(|name| json!(name)).into_iter().filter(|name| !dropped.contains(name)).collect::<Vec<_>>(),
        );
    }
    // What else stands there was let pass, by `--trust` or a policy.
    let options = service.entry("security_opt").or_insert_with(|| json!([]));
    if let Some(options) = options.as_array_mut() {
        let name = NO_NEW_PRIVILEGES.split(':').next().unwrap_or_default();
        if !options.iter().filter_map(Value::as_str).any(|option| option.starts_with(name)) {
            options.push(json!(NO_NEW_PRIVILEGES));
        }
    }
    let driver = service.get("logging").and_then(|logging| logging.get("driver")).and_then(Value::as_str);
    if matches!(driver, None | Some("json-file" | "local")) {
        service.insert("logging".to_owned(), json!({"driver": "json-file", "options": {"max-size": LOG_FILE}}));
    }
}

/// Any free port of this machine, reached from this machine only.
fn ports(service: &mut Map<String, Value>) {
    let Some(ports) = service.get_mut("ports").and_then(Value::as_array_mut) else { return };
    let mut moved: Vec<Value> = Vec::new();
    for port in ports.iter() {
        let Some(target) = port.get("target") else { continue };
        let protocol = port.get("protocol").and_then(Value::as_str).unwrap_or("tcp");
        let port = json!({"mode": "ingress", "host_ip": "127.0.0.1", "target": target, "protocol": protocol});
        if !moved.contains(&port) {
            moved.push(port);
        }
    }
    *ports = moved;
}

/// Sets a limit in the form that the service uses already: beside `deploy.resources.limits`, whatever is in it, Compose
/// takes no value of another form that differs.
fn limit(service: &mut Map<String, Value>, key: &str, deployed: &str, most: u64, write: fn(u64) -> Value) {
    let is_within = |now: &Value| number(now).is_some_and(|now| now > 0 && now <= most);
    let now = limits(service).and_then(|limits| limits.get(deployed)).or(service.get(key)).cloned();
    set_limit(service, key, deployed, &now.filter(is_within).unwrap_or_else(|| write(most)));
}

/// The same for processors, which may be parts of one.
fn limit_cpus(service: &mut Map<String, Value>, most: f64) {
    let is_within = |now: &Value| {
        let now = now.as_f64().or_else(|| now.as_str()?.parse().ok());
        now.is_some_and(|now| now > 0.0 && now <= most)
    };
    let deploys = limits(service).is_some();
    let now = limits(service).and_then(|limits| limits.get("cpus")).or(service.get("cpus")).cloned();
    let value = if deploys { json!(most.to_string()) } else { json!(most) };
    set_limit(service, "cpus", "cpus", &now.filter(is_within).unwrap_or(value));
}

/// The limits under `deploy`, if there are any.
fn limits(service: &Map<String, Value>) -> Option<&Map<String, Value>> {
    service.get("deploy")?.get("resources")?.get("limits")?.as_object()
}

fn set_limit(service: &mut Map<String, Value>, key: &str, deployed: &str, value: &Value) {
    let limits = service.get_mut("deploy").and_then(|deploy| deploy.get_mut("resources")?.get_mut("limits"));
    let limits = limits.and_then(Value::as_object_mut);
    let deploys = limits.is_some();
    if let Some(limits) = limits {
        limits.insert(deployed.to_owned(), value.clone());
    }
    if !deploys || service.contains_key(key) {
        service.insert(key.to_owned(), value.clone());
    }
}

/// Lowers an amount of memory that is there.
fn lower(map: &mut Map<String, Value>, key: &str, most: u64) {
    if map.get(key).and_then(number).is_some_and(|bytes| bytes > most) {
        map.insert(key.to_owned(), json!(most.to_string()));
    }
}

/// A number, or a text that is one.
fn number(value: &Value) -> Option<u64> {
    value.as_u64().or_else(|| value.as_str().and_then(|text| text.parse().ok()))
}
