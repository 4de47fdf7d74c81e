//! Keys of services, networks and volumes that nothing depends on but what is said of them.

use super::forms;
use super::model::{Defined, OtherKey, Resources, Spot};
use super::reader::{MAX_ITEMS, Reader, items};
use super::value::{Data, Value};
use std::collections::BTreeMap;

/// Keys with one value.
const ONE: [&str; 4] = ["read_only", "privileged", "container_name", "network_mode"];
/// Keys with several, and the key of an item that is written in full.
const SEVERAL: [(&str, &str); 9] = [
    ("cap_add", ""),
    ("cap_drop", ""),
    ("security_opt", ""),
    ("command", ""),
    ("entrypoint", ""),
    ("expose", ""),
    ("profiles", ""),
    ("env_file", "path"),
    ("secrets", "source"),
];

impl Reader<'_> {
    /// The keys of a service that are only looked at.
    pub(super) fn settings(&self, service: &Value) -> BTreeMap<&'static str, OtherKey> {
        let one = ONE.iter().filter_map(|&key| Some((key, OtherKey::Text(self.field(service, key)?))));
        let several = SEVERAL.iter().filter_map(|&(key, part)| {
            let value = service.get(key).filter(|value| !value.is_null())?;
            let text = |item: &Value| item.printed().or_else(|| item.get(part)?.printed());
            let texts = items(Some(value)).iter().take(MAX_ITEMS);
            let texts = texts.filter_map(|item| Some(Spot { value: text(item)?, place: self.place(item.at) }));
            Some((key, OtherKey::Texts(texts.collect())))
        });
        one.chain(several).collect()
    }

    /// What a service may use at most. The newer keys come first, as for Compose.
    pub(super) fn resources(&self, service: &Value) -> Resources {
        let limits = service.at_path(&["deploy", "resources", "limits"]);
        let field = |key: &str, older: &str| {
            let newer = limits.and_then(|limits| self.field(limits, key));
            newer.or_else(|| self.field(service, older))
        };
        let memory = field("memory", "mem_limit");
        let memory = memory.and_then(|it| Some(Spot { value: forms::bytes(&it.value)?, place: it.place }));
        let pids = field("pids", "pids_limit");
        let pids = pids.and_then(|it| Some(Spot { value: it.value.parse().ok()?, place: it.place }));
        Resources { memory, cpus: field("cpus", "cpus"), pids }
    }

    /// How named networks or volumes are made.
    pub(super) fn made(&self, all: Option<&Value>) -> BTreeMap<String, Defined> {
        let made = all.and_then(Value::map).into_iter().flatten().take(MAX_ITEMS).map(|(name, entry)| {
            let is = |key: &str| entry.value.get(key).is_some_and(|value| value.data == Data::Bool(true));
            let is_external = is("external") || entry.value.get("external").is_some_and(|it| it.map().is_some());
            let driver = self.field(&entry.value, "driver");
            let place = self.place(entry.key);
            (name.clone(), Defined { place, is_internal: is("internal"), is_external, driver })
        });
        made.collect()
    }
}
