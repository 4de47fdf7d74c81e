//! Mutants of a Compose file with one thing worse: a port published, root, the latest image, another name, no waiting.

use super::Change;
use super::cut::replaced;
use crate::yaml::{self, Entry, Node, Span};

/// The ports on which well-known images listen.
const PORTS: [(&str, &str); 7] = [
    ("postgres", "5432"),
    ("redis", "6379"),
    ("valkey", "6379"),
    ("mysql", "3306"),
    ("mariadb", "3306"),
    ("mongo", "27017"),
    ("nginx", "80"),
];
/// The port of a service of which nobody knows where it listens.
const PORT: &str = "8080";

/// All of them.
pub(super) fn changes(text: &str) -> Vec<Change> {
    let Ok(tree) = yaml::parse(text) else { return Vec::new() };
    let services = tree.get("services").and_then(Node::as_map).unwrap_or_default();
    let mut changes = Vec::new();
    let mut put = |what: String, line: u32, text: Option<String>| {
        changes.extend(text.map(|text| Change { what, line: Some(line), text: Some(text) }));
    };
    for service in services {
        let (name, line) = (&service.key, service.key_span.line);
        if service.value.get("ports").is_none() && service.value.get("network_mode").is_none() {
            let port = port(&service.value);
            put(
                format!("{name} with published port {port}"),
                line,
                with(text, service, &format!("ports: [\"{port}\"]")),
            );
        }
        if service.value.get("build").is_some() && service.value.get("user").is_none() {
            put(format!("{name} with user root"), line, with(text, service, "user: root"));
        }
        if let Some(image) = service.value.get("image").filter(|_| service.value.get("build").is_none()) {
            let named = image.text().filter(|image| !image.contains(['$', '@']));
            let tagged = named
                .and_then(|named| named.rsplit_once(':'))
                .filter(|(_, tag)| *tag != "latest" && !tag.contains('/'));
            if let Some((image_name, _)) = tagged {
                let what = format!("{name} with {image_name}:latest");
                put(what, image.span.line, replaced(text, image.span, &format!("{image_name}:latest")));
            }
        }
        for other in service.value.get("depends_on").and_then(Node::as_map).unwrap_or_default() {
            let condition = other.value.get("condition").filter(|node| node.text() == Some("service_healthy"));
            if let Some(node) = condition {
                let what = format!("{name} waits for {} until it is started, not healthy", other.key);
                put(what, node.span.line, replaced(text, node.span, "service_started"));
            }
        }
        let by_name: Vec<Span> = services.iter().flat_map(|other| mentions(&other.value, name)).collect();
        if !by_name.is_empty() {
            let new = format!("{name}-2");
            // From the end on, so that the places before stay where they are.
            let mut spans: Vec<Span> = by_name.into_iter().chain([service.key_span]).collect();
            spans.sort_by_key(|span| std::cmp::Reverse((span.line, span.column)));
            let made = spans.into_iter().try_fold(text.to_owned(), |text, span| replaced(&text, span, &new));
            put(format!("{name} under another name"), line, made);
        }
    }
    changes
}

/// Where it listens, as far as the file says.
fn port(service: &Node) -> String {
    let exposed = service.get("expose").and_then(Node::as_seq).and_then(|ports| ports.first()?.text());
    let image = service.get("image").and_then(Node::text).unwrap_or_default();
    let known = || PORTS.iter().find(|(name, _)| image.contains(name)).map(|(_, port)| *port);
    exposed.or_else(known).unwrap_or(PORT).to_owned()
}

/// Where a service waits for another, by its name.
fn mentions(service: &Node, name: &str) -> Vec<Span> {
    let Some(node) = service.get("depends_on") else { return Vec::new() };
    let listed =
        node.as_seq().unwrap_or_default().iter().filter(|item| item.text() == Some(name)).map(|item| item.span);
    listed.chain(node.entry(name).map(|entry| entry.key_span)).collect()
}

/// The text with an entry added to a service.
fn with(text: &str, service: &Entry, entry: &str) -> Option<String> {
    let first = service.value.as_map()?.first()?.key_span;
    let is_flow = first.line == service.key_span.line;
    let indent = " ".repeat(usize::try_from(first.column).ok()?.checked_sub(1)?);
    let by = if is_flow { format!("{entry}, ") } else { format!("{entry}\n{indent}") };
    let here = Span { end_line: first.line, end_column: first.column, ..first };
    replaced(text, here, &by)
}

#[cfg(test)]
mod tests {
    use super::*;

    const TEXT: &str = "\
services:
  web:
    build: .
    ports: [\"80:80\"]
    depends_on:
      db: { condition: service_healthy }
  db: { image: \"postgres:16-alpine\" }
";

    #[test]
    fn one_thing_is_worse() {
        let made: Vec<(String, String)> =
            changes(TEXT).into_iter().map(|change| (change.what, change.text.unwrap_or_default())).collect();
        let worse = |from: &str, to: &str| TEXT.replace(from, to);
        assert_eq!(
            made,
            [
                ("web with user root", worse("    build: .", "    user: root\n    build: .")),
                ("web waits for db until it is started, not healthy", worse("service_healthy", "service_started")),
                ("db with published port 5432", worse("{ image", "{ ports: [\"5432\"], image")),
                ("db with postgres:latest", worse("\"postgres:16-alpine\"", "postgres:latest")),
                ("db under another name", worse("db: {", "db-2: {")),
            ]
            .map(|(what, text)| (what.to_owned(), text))
        );
        assert!(changes("services: [").is_empty());
    }
}
