//! From the model to services, each thing with its place. What does not fit is left out: it is a problem of the file.

use super::env::Env;
use super::health;
use super::links;
use super::model::{Build, Mount, Pairs, Port, Project, Service, Spot};
use super::value::{At, Data, Entry, Value};
use super::{File, mounts};
use crate::place::Place;
use std::collections::BTreeMap;

/// How many ports, and how many mounts, of a service are looked at.
pub(super) const MAX_ITEMS: usize = 1000;

/// Reads the model.
pub(super) struct Reader<'a> {
    /// The files that it is of.
    pub files: &'a [File],
    /// The variables, for those that are named without a value.
    pub env: &'a Env,
}

impl Reader<'_> {
    pub fn place(&self, at: At) -> Place {
        let path = self.files.get(at.file).map_or("", |file| file.path.as_str());
        Place::line(path, at.line.max(1)).column(at.column.max(1))
    }

    /// The text of a key, with the key's place.
    pub fn field(&self, map: &Value, key: &str) -> Option<Spot<String>> {
        let entry = map.entry(key)?;
        Some(Spot { value: entry.value.printed()?, place: self.place(entry.key) })
    }

    /// `[A=1, B]` or `{A: 1, B: }`.
    pub fn pairs(&self, value: Option<&Value>) -> Pairs {
        let Some(value) = value else { return Pairs::new() };
        let from_map = value.map().into_iter().flatten().map(|(name, entry)| {
            let value = entry.value.printed().or_else(|| self.env.get(name).cloned());
            (name.clone(), Spot { value, place: self.place(entry.key) })
        });
        let from_list = value.list().into_iter().flatten().filter_map(|item| {
            let text = item.printed()?;
            let (name, value) = if let Some((name, value)) = text.split_once('=') {
                (name.to_owned(), Some(value.to_owned()))
            } else {
                let value = self.env.get(&text).cloned();
                (text, value)
            };
            Some((name, Spot { value, place: self.place(item.at) }))
        });
        from_map.chain(from_list).collect()
    }

    /// The names of a map's keys, or of a list.
    pub fn names(&self, value: Option<&Value>) -> BTreeMap<String, Place> {
        let Some(value) = value else { return BTreeMap::new() };
        let from_map = value.map().into_iter().flatten().map(|(name, entry)| (name.clone(), self.place(entry.key)));
        let from_list =
            value.list().into_iter().flatten().filter_map(|item| Some((item.printed()?, self.place(item.at))));
        from_map.chain(from_list).collect()
    }

    pub fn project(&self, model: &Value) -> Project {
        let services = model.get("services").and_then(Value::map);
        Project {
            services: services.into_iter().flatten().map(|(name, entry)| (name.clone(), self.service(entry))).collect(),
            volumes: self.names(model.get("volumes")),
            networks: self.names(model.get("networks")),
            network_settings: self.made(model.get("networks")),
            volume_settings: self.made(model.get("volumes")),
        }
    }

    fn service(&self, entry: &Entry) -> Service {
        let service = &entry.value;
        let get = |key: &str| service.get(key);
        let field = |key: &str| self.field(service, key);
        Service {
            place: self.place(entry.key),
            keys: service
                .map()
                .into_iter()
                .flatten()
                .map(|(key, entry)| (key.clone(), self.place(entry.key)))
                .collect(),
            image: field("image"),
            build: service.entry("build").map(|entry| self.build(entry)),
            ports: items(get("ports")).iter().filter_map(|item| self.port(item)).take(MAX_ITEMS).collect(),
            volumes: self.mounts(service),
            depends_on: self.depends_on(service),
            healthcheck: service
                .entry("healthcheck")
                .map(|entry| health::read(self, &entry.value, self.place(entry.key))),
            environment: self.pairs(get("environment")),
            networks: self.names(get("networks")),
            restart: field("restart"),
            user: field("user"),
            profiles: items(get("profiles")).iter().filter_map(Value::printed).take(MAX_ITEMS).collect(),
            watch: items(get("develop").and_then(|develop| develop.get("watch")))
                .iter()
                .filter_map(|watch| self.field(watch, "path"))
                .collect(),
            settings: self.settings(service),
            resources: self.resources(service),
        }
    }

    fn build(&self, entry: &Entry) -> Build {
        let value = &entry.value;
        let context = value.entry("context");
        // Its paths are those of the file that names the context, or of the one that names the build.
        let at = context.map_or(entry.key, |context| context.value.at);
        Build {
            directory: self.files.get(at.file).map(|file| file.directory.clone()).unwrap_or_default(),
            context: self.field(value, "context").filter(|context| !context.value.is_empty()),
            dockerfile: self.field(value, "dockerfile").filter(|dockerfile| !dockerfile.value.is_empty()),
            is_inline: value.get("dockerfile_inline").is_some(),
            target: self.field(value, "target"),
            args: self.pairs(value.get("args")),
            place: self.place(entry.key),
        }
    }

    fn port(&self, item: &Value) -> Option<Spot<Port>> {
        let text = |key: &str| item.get(key).and_then(Value::printed).filter(|text| !text.is_empty());
        let value = Port {
            target: text("target")?.parse().ok()?,
            published: text("published"),
            host_ip: text("host_ip"),
            protocol: text("protocol").unwrap_or_else(|| "tcp".to_owned()),
        };
        Some(Spot { value, place: self.place(item.at) })
    }

    fn mounts(&self, service: &Value) -> Vec<Spot<Mount>> {
        let volumes = items(service.get("volumes")).iter().filter_map(|item| {
            let text = |key: &str| item.get(key).and_then(Value::printed);
            let value = match &item.data {
                Data::Text(text) => mounts::short(text),
                _ => Mount {
                    kind: text("type")?,
                    source: text("source"),
                    target: text("target")?,
                    read_only: text("read_only").as_deref() == Some("true"),
                },
            };
            Some(Spot { value, place: self.place(item.at) })
        });
        let tmpfs = items(service.get("tmpfs")).iter().filter_map(|item| {
            let target = item.text()?.split(':').next().unwrap_or_default().to_owned();
            let value = Mount { kind: "tmpfs".to_owned(), source: None, target, read_only: false };
            Some(Spot { value, place: self.place(item.at) })
        });
        volumes.chain(tmpfs).take(MAX_ITEMS).collect()
    }

    fn depends_on(&self, service: &Value) -> BTreeMap<String, Spot<String>> {
        let started = || "service_started".to_owned();
        let implied = links::implied(service);
        let mut found: BTreeMap<String, Spot<String>> =
            implied.into_iter().map(|(name, at)| (name, Spot { value: started(), place: self.place(at) })).collect();
        for (name, entry) in service.get("depends_on").and_then(Value::map).into_iter().flatten() {
            let condition = entry.value.get("condition").and_then(Value::printed).unwrap_or_else(started);
            found.insert(name.clone(), Spot { value: condition, place: self.place(entry.key) });
        }
        found
    }
}

/// The items of a list, or the one value that stands for a list of one.
pub(super) fn items(value: Option<&Value>) -> &[Value] {
    value.map_or(&[], |value| value.list().unwrap_or(std::slice::from_ref(value)))
}
