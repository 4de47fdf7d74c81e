//! From one file's YAML tree to services. What does not fit is left out: Compose says what is wrong with it.

use super::env::{Env, interpolate};
use super::model::{Build, Extends, Pairs, Project, Service, Spot};
use super::{health, mounts, ports};
use crate::place::Place;
use crate::yaml::{Node, Span};
use std::collections::BTreeMap;

/// How many ports, and how many mounts, of a service are looked at.
pub(super) const MAX_ITEMS: usize = 1000;

/// Reads one file.
pub(super) struct Reader<'a> {
    /// The file's path.
    pub path: &'a str,
    /// What its paths are resolved against.
    pub directory: &'a str,
    /// The variables.
    pub env: &'a Env,
}

impl Reader<'_> {
    pub fn place(&self, span: Span) -> Place {
        Place::line(self.path, span.line).column(span.column)
    }

    /// The text of a scalar, variables filled in.
    pub fn text(&self, node: &Node) -> Option<String> {
        node.text().map(|text| interpolate(text, self.env))
    }

    /// The text of a key, with the key's place.
    pub fn field(&self, map: &Node, key: &str) -> Option<Spot<String>> {
        let entry = map.entry(key)?;
        Some(Spot { value: self.text(&entry.value)?, place: self.place(entry.key_span) })
    }

    /// `[A=1, B]` or `{A: 1, B: }`.
    pub fn pairs(&self, node: Option<&Node>) -> Pairs {
        let Some(node) = node else { return Pairs::new() };
        let from_map = node.as_map().into_iter().flatten().map(|entry| {
            let value = Spot { value: self.text(&entry.value), place: self.place(entry.key_span) };
            (entry.key.clone(), value)
        });
        let from_list = node.as_seq().into_iter().flatten().filter_map(|item| {
            let text = self.text(item)?;
            let (name, value) = match text.split_once('=') {
                Some((name, value)) => (name.to_owned(), Some(value.to_owned())),
                None => (text, None),
            };
            Some((name, Spot { value, place: self.place(item.span) }))
        });
        from_map.chain(from_list).collect()
    }

    /// The names of a list or of a map's keys.
    pub fn names(&self, node: Option<&Node>) -> BTreeMap<String, Place> {
        let Some(node) = node else { return BTreeMap::new() };
        let from_map = node.as_map().into_iter().flatten().map(|entry| (entry.key.clone(), self.place(entry.key_span)));
        let from_list =
            node.as_seq().into_iter().flatten().filter_map(|item| Some((self.text(item)?, self.place(item.span))));
        from_map.chain(from_list).collect()
    }

    pub fn project(&self, tree: &Node) -> Project {
        let services = tree.get("services").and_then(Node::as_map).unwrap_or_default();
        Project {
            services: services
                .iter()
                .map(|entry| (entry.key.clone(), self.service(&entry.value, self.place(entry.key_span))))
                .collect(),
            volumes: self.names(tree.get("volumes")),
            networks: self.names(tree.get("networks")),
        }
    }

    fn service(&self, node: &Node, place: Place) -> Service {
        let tagged = |tag: &Option<String>| matches!(tag.as_deref(), Some("!reset" | "!override"));
        let entries = node.as_map().unwrap_or_default();
        let is_reset = |key: &str| node.get(key).is_some_and(|value| value.tag.as_deref() == Some("!reset"));
        let get = |key: &str| node.get(key).filter(|value| value.tag.as_deref() != Some("!reset"));
        let field = |key: &str| if is_reset(key) { None } else { self.field(node, key) };
        Service {
            place,
            keys: entries.iter().map(|entry| (entry.key.clone(), self.place(entry.key_span))).collect(),
            image: field("image"),
            build: node.entry("build").filter(|_| !is_reset("build")).map(|entry| self.build(entry)),
            ports: items(get("ports")).iter().flat_map(|item| ports::read(self, item)).take(MAX_ITEMS).collect(),
            volumes: mounts::read(self, get("volumes"), get("tmpfs")),
            depends_on: self.depends_on(get("depends_on")),
            healthcheck: node
                .entry("healthcheck")
                .filter(|_| !is_reset("healthcheck"))
                .map(|entry| health::read(self, &entry.value, self.place(entry.key_span))),
            environment: self.pairs(get("environment")),
            networks: self.names(get("networks")),
            restart: field("restart"),
            user: field("user"),
            profiles: items(get("profiles")).iter().filter_map(|profile| self.text(profile)).take(MAX_ITEMS).collect(),
            watch: items(get("develop").and_then(|develop| develop.get("watch")))
                .iter()
                .filter_map(|watch| self.field(watch, "path"))
                .collect(),
            extends: node.entry("extends").and_then(|entry| self.extends(&entry.value, self.place(entry.key_span))),
            cleared: entries.iter().filter(|entry| tagged(&entry.value.tag)).map(|entry| entry.key.clone()).collect(),
        }
    }

    fn build(&self, entry: &crate::yaml::Entry) -> Build {
        let node = &entry.value;
        let place = self.place(entry.key_span);
        let short = self.text(node).map(|value| Spot { value, place: place.clone() });
        Build {
            directory: self.directory.to_owned(),
            context: short.or_else(|| self.field(node, "context")),
            dockerfile: self.field(node, "dockerfile"),
            is_inline: node.get("dockerfile_inline").is_some(),
            target: self.field(node, "target"),
            args: self.pairs(node.get("args")),
            place,
        }
    }

    fn depends_on(&self, node: Option<&Node>) -> BTreeMap<String, Spot<String>> {
        let Some(node) = node else { return BTreeMap::new() };
        let conditions: BTreeMap<&str, String> = node
            .as_map()
            .into_iter()
            .flatten()
            .filter_map(|entry| Some((entry.key.as_str(), self.text(entry.value.get("condition")?)?)))
            .collect();
        let started = || "service_started".to_owned();
        self.names(Some(node))
            .into_iter()
            .map(|(name, place)| {
                let value = conditions.get(name.as_str()).cloned().unwrap_or_else(started);
                (name, Spot { value, place })
            })
            .collect()
    }

    fn extends(&self, node: &Node, place: Place) -> Option<Extends> {
        let service = self.text(node).or_else(|| self.text(node.get("service")?))?;
        Some(Extends { service, file: node.get("file").and_then(|file| self.text(file)), place })
    }
}

/// The items of a list, or the one value that stands for a list of one.
pub(super) fn items(node: Option<&Node>) -> &[Node] {
    node.map_or(&[], |node| node.as_seq().unwrap_or(std::slice::from_ref(node)))
}
