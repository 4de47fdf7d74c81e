//! The words of a resolved model: what its services need, publish and wait for.

use serde_json::{Map, Value};
use std::collections::BTreeSet;

/// How many containers a service of the model has.
pub(crate) fn replicas(service: &Value) -> usize {
    let replicas = service.get("deploy").and_then(|deploy| deploy.get("replicas")).or(service.get("scale"));
    replicas.and_then(Value::as_u64).and_then(|count| usize::try_from(count).ok()).unwrap_or(1)
}

/// The services that a service waits for, and whether for more than their start. What is not required holds nothing up.
pub(crate) fn needs(service: &Value) -> Vec<(String, bool)> {
    let needed = service.get("depends_on").and_then(Value::as_object).into_iter().flatten();
    let required = needed.filter(|(_, need)| need.get("required").and_then(Value::as_bool) != Some(false));
    let is_strict = |need: &Value| need.get("condition").and_then(Value::as_str) != Some("service_started");
    required.map(|(name, need)| (name.clone(), is_strict(need))).collect()
}

/// Whether a service publishes a port, but is only on networks that are `internal`, or on none.
pub(crate) fn is_shut_in(model: &Value, service: &Value) -> bool {
    let publishes = service.get("ports").and_then(Value::as_array).is_some_and(|ports| !ports.is_empty());
    let is_internal = |name: &String| {
        let network = model.get("networks").and_then(|networks| networks.get(name));
        network.and_then(|network| network.get("internal")).and_then(Value::as_bool) == Some(true)
    };
    let networks = service.get("networks").and_then(Value::as_object).filter(|networks| !networks.is_empty());
    let on_none = service.get("network_mode").and_then(Value::as_str) == Some("none");
    publishes && (on_none || networks.is_some_and(|networks| networks.keys().all(is_internal)))
}

/// Whether a service waits for the end of another.
pub(crate) fn waits_for_end(service: &Value, other: &str) -> bool {
    let condition = service.get("depends_on").and_then(|needs| needs.get(other)?.get("condition"));
    condition.and_then(Value::as_str) == Some("service_completed_successfully")
}

/// The services that are not built and wait for none that is. What runs already when all are started runs no command
/// after its start again, so whether that fails would be missed.
pub(crate) fn independent(services: &Map<String, Value>) -> Vec<&str> {
    let needs = |service: &Value, late: &BTreeSet<&str>| {
        let mut needed = service.get("depends_on").and_then(Value::as_object).into_iter().flat_map(Map::keys);
        let has_hooks = service.get("post_start").and_then(Value::as_array).is_some_and(|hooks| !hooks.is_empty());
        has_hooks || service.get("build").is_some() || needed.any(|name| late.contains(name.as_str()))
    };
    let mut late = BTreeSet::new();
    loop {
        let before = late.len();
        for (name, service) in services {
            if !late.contains(name.as_str()) && needs(service, &late) {
                late.insert(name.as_str());
            }
        }
        if late.len() == before {
            return services.keys().map(String::as_str).filter(|name| !late.contains(name)).collect();
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use serde_json::json;

    #[test]
    fn what_waits_for_no_build_can_start_early() {
        let services = json!({
            "api": {"build": {}, "depends_on": {"redis": {}}},
            "redis": {"depends_on": {"init": {}}},
            "init": {},
            "proxy": {"depends_on": {"api": {}}},
            "after": {"depends_on": {"proxy": {}, "redis": {}}},
            "hooked": {"post_start": [{"command": ["true"]}]},
            "plain": {"post_start": []},
        });
        assert_eq!(independent(services.as_object().unwrap()), ["init", "plain", "redis"]);
    }
}
