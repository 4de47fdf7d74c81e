//! Mutants of a Compose file: without a service, a port, a volume, a health check, a variable, a dependency.

use super::cut::{TreeStep, without, without_all};
use super::{Change, short};
use crate::challenge::Challenge;
use crate::challenge::read::case::Files;
use crate::compose;
use crate::yaml::{self, Entry, Node};

/// The Compose files of a solution.
pub(super) fn paths(challenge: &Challenge, solution: &Files) -> Vec<String> {
    let read = |path: &str| Ok(solution.get(path).map(|file| file.content.clone()));
    let compose = compose::load(challenge.subject.compose.as_deref(), &read);
    compose.into_iter().flat_map(|compose| compose.files).map(|file| file.path).collect()
}

/// All of them. What a removed service or volume is mentioned by goes with it.
pub(super) fn changes(text: &str) -> Vec<Change> {
    let text = text.strip_prefix('\u{feff}').unwrap_or(text);
    let Ok(tree) = yaml::parse(text) else { return Vec::new() };
    let mut changes = Vec::new();
    let services = tree.get("services").and_then(Node::as_map).unwrap_or_default();
    for service in services.iter().filter(|_| services.len() > 1) {
        let made = without(text, &tree, &[key("services"), key(&service.key)]);
        let made = made.and_then(|text| without_all(&text, |tree| mention(tree, &service.key)));
        changes.push(change(format!("without service {}", service.key), service.key_span.line, made));
    }
    for service in services {
        changes.extend(of_service(text, &tree, service));
    }
    for volume in tree.get("volumes").and_then(Node::as_map).unwrap_or_default() {
        let made = without(text, &tree, &[key("volumes"), key(&volume.key)]);
        let made = made.and_then(|text| without_all(&text, |tree| mount(tree, &volume.key)));
        changes.push(change(format!("without volume {}", volume.key), volume.key_span.line, made));
    }
    changes.retain(|change| change.text.is_some());
    changes
}

fn change(what: String, line: u32, text: Option<String>) -> Change {
    Change { what, line: Some(line), text }
}

fn key(name: &str) -> TreeStep {
    TreeStep::Key(name.to_owned())
}

fn of_service(text: &str, tree: &Node, service: &Entry) -> Vec<Change> {
    let name = &service.key;
    let mut changes = Vec::new();
    let mut drop = |path: &[TreeStep], what: &str, line: u32| {
        let path: Vec<TreeStep> = [key("services"), key(name)].into_iter().chain(path.iter().cloned()).collect();
        changes.push(change(format!("{name} without {what}"), line, without(text, tree, &path)));
    };
    for (section, what) in
        [("ports", "port"), ("volumes", "volume"), ("environment", "variable"), ("depends_on", "depends_on")]
    {
        let Some(node) = service.value.get(section) else { continue };
        for (index, item) in node.as_seq().unwrap_or_default().iter().enumerate() {
            let what = format!("{what} {}", short(&described(item), 48));
            drop(&[key(section), TreeStep::Item(index)], &what, item.span.line);
        }
        for entry in node.as_map().unwrap_or_default() {
            drop(&[key(section), key(&entry.key)], &format!("{what} {}", entry.key), entry.key_span.line);
        }
    }
    for (section, what) in [("healthcheck", "health check"), ("restart", "restart")] {
        if let Some(entry) = service.value.entry(section) {
            drop(&[key(section)], what, entry.key_span.line);
        }
    }
    changes
}

/// An item in a word: as written, or what tells it from others. Of a variable only its name.
fn described(item: &Node) -> String {
    if let Some(text) = item.text() {
        return text.split_once('=').map_or(text, |(name, _)| name).to_owned();
    }
    let part = |name: &str| item.get(name).and_then(Node::text).map(str::to_owned);
    let parts: Vec<String> = ["source", "published", "target"].into_iter().filter_map(part).collect();
    parts.join(":")
}

/// Where another service mentions this one.
fn mention(tree: &Node, service: &str) -> Option<Vec<TreeStep>> {
    let services = tree.get("services")?.as_map()?;
    let of = |section: &'static str| {
        services.iter().find_map(|other| {
            let node = other.value.get(section)?;
            let is_it = |item: &Node| item.text().is_some_and(|text| text.split(':').next() == Some(service));
            let listed = node.as_seq().and_then(|items| items.iter().position(is_it)).map(TreeStep::Item);
            let step = listed.or_else(|| node.entry(service).map(|_| key(service)))?;
            Some(vec![key("services"), key(&other.key), key(section), step])
        })
    };
    of("depends_on").or_else(|| of("links"))
}

/// Where a service mounts this volume.
fn mount(tree: &Node, volume: &str) -> Option<Vec<TreeStep>> {
    let services = tree.get("services")?.as_map()?;
    services.iter().find_map(|service| {
        let items = service.value.get("volumes")?.as_seq()?;
        let is_it = |item: &Node| {
            let source = item.text().and_then(|text| text.split(':').next());
            source.or_else(|| item.get("source")?.text()) == Some(volume)
        };
        let index = items.iter().position(is_it)?;
        Some(vec![key("services"), key(&service.key), key("volumes"), TreeStep::Item(index)])
    })
}

#[cfg(test)]
mod tests {
    use super::*;

    const TEXT: &str = "\
services:
  # the application
  api:
    build: .
    ports: [\"80:80\"]
    environment:
      A: x # first
      B: y
    depends_on:
      db: { condition: service_healthy }
  db:
    image: db
    restart: always
    volumes:
      - data:/data
    healthcheck:
      test: [CMD, ok]
volumes:
  data:
";

    #[test]
    fn each_part_is_cut_with_what_mentions_it() {
        let made = changes(TEXT);
        let names: Vec<String> =
            made.iter().map(|change| format!("{} {}", change.line.unwrap_or(0), change.what)).collect();
        assert_eq!(
            names,
            [
                "3 without service api",
                "11 without service db",
                "5 api without port 80:80",
                "7 api without variable A",
                "8 api without variable B",
                "10 api without depends_on db",
                "15 db without volume data:/data",
                "16 db without health check",
                "13 db without restart",
                "19 without volume data",
            ]
        );
        let text = |index: usize| made.get(index).and_then(|change| change.text.clone()).unwrap_or_default();
        let before_db = TEXT.split("    depends_on").next().unwrap_or_default();
        assert_eq!(text(1), format!("{before_db}volumes:\n  data:\n"));
        assert_eq!(text(3), TEXT.replace("      A: x # first\n", ""));
        let no_mount = TEXT.replace("    volumes:\n      - data:/data\n", "");
        assert_eq!(text(6), no_mount);
        assert_eq!(text(9), no_mount.replace("volumes:\n  data:\n", ""));
        assert!(changes("services: [").is_empty());
    }
}
