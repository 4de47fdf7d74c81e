//! What Compose reads and no engine can run: two containers that want one port of the host, or one name.

use super::consistency::{replicas, section};
use super::forms;
use super::schema::Wrong;
use super::value::{At, Data, Entry, Value};
use std::collections::BTreeMap;

/// How many ports are held against each other.
const MAX_PORTS: usize = 1000;

/// A port of the host that a container is to have.
struct Claim<'a> {
    service: &'a str,
    at: At,
    /// The address; without one, all of them.
    address: Option<String>,
    protocol: String,
    /// The first and the last of the ports that it may have.
    from: u16,
    to: u16,
}

/// What two of the services that are run want both. `shown` is a place for the learner.
pub(super) fn check(model: &Value, is_run: &dyn Fn(&Value) -> bool, shown: &dyn Fn(At) -> String) -> Vec<Wrong> {
    let mut wrong = Vec::new();
    let services =
        || section(model, "services").filter(|(_, entry)| is_run(&entry.value) && replicas(&entry.value) > 0);
    names(services(), &mut wrong, shown);
    let mut claims: Vec<Claim<'_>> = Vec::new();
    for (name, entry) in services() {
        let count = replicas(&entry.value);
        for port in entry.value.get("ports").and_then(Value::list).unwrap_or_default() {
            let Some(claim) = claim(name, port).filter(|_| claims.len() < MAX_PORTS && shares_host(&entry.value))
            else {
                continue;
            };
            let free = i128::from(claim.to - claim.from) + 1;
            if count > free {
                let ports =
                    if free == 1 { format!("the host port {}", claim.from) } else { format!("{free} host ports") };
                let place = of_replicas(&entry.value).map_or_else(String::new, |at| format!(" ({})", shown(at)));
                let message = format!(
                    "`{name}` runs {count} containers{place} and publishes {ports} for them; leave the host port out, \
                     or give a range"
                );
                wrong.push((claim.at, message));
            }
            claims.push(claim);
        }
    }
    meet(&mut claims, &mut wrong, shown);
    wrong
}

/// Two that want the same port.
fn meet(claims: &mut [Claim<'_>], wrong: &mut Vec<Wrong>, shown: &dyn Fn(At) -> String) {
    claims.sort_by_key(|claim| claim.at);
    // A range has room for others beside: what is certain is one port that two want.
    let certain: Vec<&Claim<'_>> = claims.iter().filter(|claim| claim.from == claim.to).collect();
    let mut by_port: BTreeMap<(u16, &str), Vec<&Claim<'_>>> = BTreeMap::new();
    for claim in certain {
        let known = by_port.entry((claim.from, &claim.protocol)).or_default();
        if let Some(first) = known.iter().find(|first| overlap(first.address.as_ref(), claim.address.as_ref())) {
            let (port, protocol) = (claim.from, &claim.protocol);
            let protocol = if protocol == "tcp" { String::new() } else { format!("/{protocol}") };
            let whose =
                if first.service == claim.service { "too".to_owned() } else { format!("as `{}` does", first.service) };
            let message = format!(
                "`{}` publishes the host port {port}{protocol}, {whose} ({}); give one of them another port",
                claim.service,
                shown(first.at)
            );
            wrong.push((claim.at, message));
        }
        known.push(claim);
    }
    for range in claims.iter().filter(|claim| claim.from != claim.to) {
        let takers = claims.iter().filter(|claim| {
            claim.at != range.at
                && claim.protocol == range.protocol
                && overlap(claim.address.as_ref(), range.address.as_ref())
                && claim.from >= range.from
                && claim.to <= range.to
        });
        let free = usize::from(range.to - range.from) + 1;
        let takers: Vec<&Claim<'_>> = takers.collect();
        if let Some(first) = takers.first().filter(|_| takers.len() >= free && is_full(&takers, range)) {
            let message = format!(
                "`{}` publishes one of the host ports {}-{}, and others take them all ({}); widen the range",
                range.service,
                range.from,
                range.to,
                shown(first.at)
            );
            wrong.push((range.at, message));
        }
    }
}

/// Whether others take every port of a range, each a single one.
fn is_full(takers: &[&Claim<'_>], range: &Claim<'_>) -> bool {
    (range.from..=range.to).all(|port| takers.iter().any(|taker| taker.from == port && taker.to == port))
}

/// Whether two addresses of a host can't have the same port at once. All addresses include each.
fn overlap(one: Option<&String>, other: Option<&String>) -> bool {
    let is_all = |address: Option<&String>| address.is_none_or(|address| matches!(address.as_str(), "0.0.0.0" | "::"));
    let family = |address: Option<&String>| address.map(|address| address.contains(':'));
    let is_same_family = match (family(one), family(other)) {
        (Some(one), Some(other)) => one == other,
        _ => true,
    };
    one == other || (is_same_family && (is_all(one) || is_all(other)))
}

/// Ports of a service on the host's own network, or another container's, are not published.
fn shares_host(service: &Value) -> bool {
    let mode = service.get("network_mode").and_then(Value::text).unwrap_or_default();
    !(mode == "host" || mode == "none" || mode.starts_with("container:") || mode.starts_with("service:"))
}

fn claim<'a>(service: &'a str, port: &Value) -> Option<Claim<'a>> {
    let published = port.get("published").and_then(Value::printed).filter(|text| !text.is_empty())?;
    let (from, to) = forms::range(&published)?;
    if from == 0 {
        return None; // any that is free
    }
    let text = |key: &str| port.get(key).and_then(Value::text).filter(|text| !text.is_empty());
    let protocol = text("protocol").unwrap_or("tcp").to_ascii_lowercase();
    Some(Claim { service, at: port.at, address: text("host_ip").map(str::to_owned), protocol, from, to })
}

fn of_replicas(service: &Value) -> Option<At> {
    let deployed = || service.get("deploy").and_then(|deploy| deploy.entry("replicas"));
    service.entry("scale").or_else(deployed).map(|entry| entry.key)
}

fn names<'a>(
    services: impl Iterator<Item = (&'a String, &'a Entry)>,
    wrong: &mut Vec<Wrong>,
    shown: &dyn Fn(At) -> String,
) {
    let mut known: BTreeMap<&str, (&String, At)> = BTreeMap::new();
    for (service, entry) in services {
        let Some(named) = entry.value.entry("container_name") else { continue };
        let Data::Text(name) = &named.value.data else { continue };
        if name.is_empty() {
            continue;
        }
        match known.get(name.as_str()) {
            Some((first, at)) => wrong.push((
                named.key,
                format!(
                    "`{service}` has the container name `{name}`, as `{first}` does ({}); a name is there once, so change one",
                    shown(*at)
                ),
            )),
            None => {
                known.insert(name, (service, named.key));
            }
        }
    }
}
