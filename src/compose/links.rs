//! What a service waits for without saying so: `links`, `volumes_from`, and what it shares (compose-go, `normalize`).

use super::value::{At, Value};
use std::collections::BTreeMap;

/// Keys with which a service shares a part of another.
const SHARED: [&str; 5] = ["network_mode", "ipc", "pid", "uts", "cgroup"];

/// The services that one waits for beyond its `depends_on`, each with the place that says so.
pub(super) fn implied(service: &Value) -> BTreeMap<String, At> {
    let mut implied = BTreeMap::new();
    let mut add = |name: &str, at: At| {
        implied.entry(name.to_owned()).or_insert(at);
    };
    let items = |key: &str| service.get(key).and_then(Value::list).unwrap_or_default();
    for item in items("links") {
        let Some(link) = item.text() else { continue };
        let parts: Vec<&str> = link.split(':').collect();
        add(if let [name, _] = parts.as_slice() { name } else { link }, item.at);
    }
    for key in SHARED {
        let Some(entry) = service.entry(key) else { continue };
        if let Some(name) = entry.value.text().and_then(|text| text.strip_prefix("service:")) {
            add(name, entry.key);
        }
    }
    for item in items("volumes_from") {
        let Some(from) = item.text().filter(|from| !from.starts_with("container:")) else { continue };
        add(from.split(':').next().unwrap_or(from), item.at);
    }
    implied
}
