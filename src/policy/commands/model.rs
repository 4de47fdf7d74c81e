//! A file of commands as the Compose file that would do the same, each value at its place among the commands.

use crate::commands::flag::{ComposeForm, Effect, Flag};
use crate::commands::{Command, CommandFile, GivenOption, Invocation, ShellWord, WordPiece};
use crate::dockerfile::Span;
use crate::yaml::{self, Entry, Node, Value};
use std::collections::BTreeSet;

/// The commands that are judged as services, networks and volumes.
pub(super) struct Model<'a> {
    services: Vec<(&'a Command, &'a Invocation)>,
    networks: Vec<(&'a Command, &'a Invocation)>,
    volumes: Vec<(&'a Command, &'a Invocation)>,
    /// The names that the file gives to containers.
    containers: BTreeSet<String>,
}

/// The key of a Compose service that an option is judged by.
pub(super) fn key_of(flag: &Flag) -> Option<(&'static str, ComposeForm)> {
    match flag.effect {
        Effect::Judged(key, form) => Some((key, form)),
        _ => None,
    }
}

impl<'a> Model<'a> {
    pub fn of(file: &'a CommandFile) -> Self {
        let calls = || file.commands.iter().filter_map(|command| Some((command, command.call()?)));
        let of = |verb: &'static str| calls().filter(move |(_, call)| call.verb.name == verb).collect();
        let is_judged = |call: &Invocation| {
            matches!(call.verb.name, "run" | "create" | "build" | "pull")
                || call.options.iter().any(|given| key_of(given.flag).is_some())
        };
        let containers = calls().filter_map(|(_, call)| match call.verb.name {
            "run" | "create" => Some(call.option("name")?.value.text().into_owned()),
            "rename" => Some(call.operands.get(1)?.text().into_owned()),
            _ => None,
        });
        Self {
            services: calls().filter(|(_, call)| is_judged(call)).collect(),
            networks: of("network create"),
            volumes: of("volume create"),
            containers: containers.collect(),
        }
    }

    /// The Compose file.
    pub fn tree(&self) -> Node {
        let start = Span { line: 1, column: 1, end_line: 1, ..Span::default() };
        let numbered = |calls: &[(&'a Command, &'a Invocation)], node: &dyn Fn(&Command, &Invocation) -> Node| {
            let entries = calls.iter().enumerate().map(|(index, (command, call))| {
                entry(&format!("{}-{index}", call.verb.name), node(command, call), command.span)
            });
            map(entries.collect(), start)
        };
        let last = |calls: &[(&'a Command, &'a Invocation)]| calls.last().map_or(start, |(command, _)| command.span);
        let sections = [
            ("services", numbered(&self.services, &|command, call| self.service(command, call)), last(&self.services)),
            ("networks", numbered(&self.networks, &plain), last(&self.networks)),
            ("volumes", numbered(&self.volumes, &plain), last(&self.volumes)),
        ];
        map(sections.into_iter().map(|(key, node, span)| entry(key, node, span)).collect(), start)
    }

    /// What a finding calls what it is about: the option as it is written.
    pub fn name(&self, key: &str, path: &[String], span: yaml::Span) -> String {
        let all = [&self.services, &self.networks, &self.volumes].into_iter().flatten();
        let mut given = all.flat_map(|(_, call)| &call.options);
        let found = given.find(|given| (given.span.line, given.span.column) == (span.line, span.column));
        match (found, path) {
            (Some(given), _) => format!("`--{}`", given.flag.name),
            (None, [section]) => format!("The number of {section} of this file"),
            (None, _) if key == "image" => "This image".to_owned(),
            (None, _) if key == "context" => "This build context".to_owned(),
            (None, _) => format!("`{key}`"),
        }
    }

    /// A command that starts or builds something, as a service.
    fn service(&self, command: &Command, call: &Invocation) -> Node {
        let mut service = map(Vec::new(), command.span);
        match call.verb.name {
            "run" | "create" | "pull" => {
                // What an earlier command prints is looked at by itself.
                if let Some(image) = call.operands.first().filter(|image| image.known().is_some()) {
                    put(&mut service, "image", scalar(&image.text(), image.span), image.span);
                }
            }
            "build" => {
                if let Some(context) = call.operands.first() {
                    let path = beside(command, context, &context.path());
                    put(&mut service, "build.context", scalar(&path, context.span), context.span);
                }
            }
            _ => {}
        }
        for given in &call.options {
            if let Some((key, form)) = key_of(given.flag).filter(|_| given.is_on()) {
                self.option(&mut service, key, form, given, command);
            }
        }
        service
    }

    fn option(&self, service: &mut Node, key: &str, form: ComposeForm, given: &GivenOption, command: &Command) {
        let (span, text) = (given.span, given.value.path());
        let is_own = |name: &str| self.containers.contains(name);
        match form {
            ComposeForm::Switch => put(service, key, plain_scalar("true", span), span),
            // It is relative to the current folder, and judged by itself.
            ComposeForm::Text if key == "build.dockerfile" => {}
            ComposeForm::Text => put(service, key, scalar(&text, span), span),
            ComposeForm::List => {
                let text = match key {
                    "volumes" => source_beside(command, &given.value, &text),
                    "env_file" | "label_file" => beside(command, &given.value, &text),
                    "build.additional_contexts" => match text.split_once('=') {
                        Some((name, path)) => format!("{name}={}", beside(command, &given.value, path)),
                        None => text.into_owned(),
                    },
                    _ => text.into_owned(),
                };
                push(service, key, scalar(&text, span), span);
            }
            ComposeForm::Map => {
                let (name, value) = text.split_once('=').unwrap_or((&text, ""));
                // The higher of both limits: `nofile=1024:2048`.
                let value = if key.ends_with("ulimits") { value.rsplit(':').next().unwrap_or(value) } else { value };
                push_entry(service, key, entry(name, scalar(value, span), span), span);
            }
            ComposeForm::Namespace => match text.strip_prefix("container:") {
                Some(name) if is_own(name) => put(service, key, scalar(&format!("service:{name}"), span), span),
                _ => put(service, key, scalar(&text, span), span),
            },
            ComposeForm::Containers => {
                let name = text.split(':').next().unwrap_or_default();
                if !is_own(name) {
                    push(service, key, scalar(&text, span), span);
                }
            }
            ComposeForm::Network => {
                let mut fields = text.split(',');
                let name = fields.find_map(|field| field.strip_prefix("name=")).unwrap_or(&text);
                match name.strip_prefix("container:") {
                    Some(name) if is_own(name) => put(service, key, scalar(&format!("service:{name}"), span), span),
                    Some(_) => put(service, key, scalar(name, span), span),
                    // A network of another name is one of the file, or not there.
                    None if matches!(name.to_ascii_lowercase().as_str(), "host" | "none" | "bridge" | "default") => {
                        put(service, key, scalar(name, span), span);
                    }
                    None => {}
                }
            }
            ComposeForm::Mount => push(service, key, long_mount(given, command), span),
        }
    }
}

/// `docker network create` and `docker volume create`.
fn plain(command: &Command, call: &Invocation) -> Node {
    let mut node = map(Vec::new(), command.span);
    for given in &call.options {
        match given.flag.name {
            "driver" => put(&mut node, "driver", scalar(&given.value.text(), given.span), given.span),
            "label" => push(&mut node, "labels", scalar(&given.value.text(), given.span), given.span),
            _ => {}
        }
    }
    node
}

/// `--mount` in Compose's long form.
fn long_mount(given: &GivenOption, command: &Command) -> Node {
    let span = given.span;
    let mut node = map(Vec::new(), span);
    let text = given.value.path();
    let mut kind = "volume";
    for field in text.split(',') {
        let (name, value) = field.split_once('=').unwrap_or((field, "true"));
        match name.trim().to_ascii_lowercase().as_str() {
            "type" => kind = value,
            "source" | "src" => {
                put(&mut node, "source", scalar(&source_beside(command, &given.value, value), span), span);
            }
            "target" | "dst" | "destination" => put(&mut node, "target", scalar(value, span), span),
            "readonly" | "ro" => put(&mut node, "read_only", plain_scalar("true", span), span),
            "bind-propagation" => put(&mut node, "bind.propagation", scalar(value, span), span),
            "tmpfs-size" => put(&mut node, "tmpfs.size", scalar(value, span), span),
            _ => {}
        }
    }
    put(&mut node, "type", scalar(&kind.to_ascii_lowercase(), span), span);
    node
}

/// Whether a word has the current folder in it, as a path that begins at the repository's root.
pub(super) fn begins_at_root(word: &ShellWord) -> bool {
    word.pieces.iter().any(|piece| matches!(piece, WordPiece::Folder(_)))
}

/// A path of the current folder as one of the repository's root.
fn beside(command: &Command, word: &ShellWord, text: &str) -> String {
    let is_elsewhere = text.starts_with(['/', '~']) || text.contains("://");
    if command.folder.is_empty() || begins_at_root(word) || is_elsewhere {
        return text.to_owned();
    }
    format!("./{}/{text}", command.folder)
}

/// The same of a mount's source, which may be the name of a volume.
fn source_beside(command: &Command, word: &ShellWord, text: &str) -> String {
    if text.starts_with('.') { beside(command, word, text) } else { text.to_owned() }
}

fn node(value: Value, span: Span) -> Node {
    let Span { line, column, end_line, .. } = span;
    Node { value, span: yaml::Span { line, column, end_line, end_column: column + 1 }, tag: None }
}

fn scalar(text: &str, span: Span) -> Node {
    node(Value::Scalar(text.to_owned(), true), span)
}

fn plain_scalar(text: &str, span: Span) -> Node {
    node(Value::Scalar(text.to_owned(), false), span)
}

fn map(entries: Vec<Entry>, span: Span) -> Node {
    node(Value::Map(entries), span)
}

fn entry(key: &str, value: Node, span: Span) -> Entry {
    let key_span = node(Value::Seq(Vec::new()), span).span;
    Entry { key: key.to_owned(), key_quoted: true, key_span, value }
}

/// The value of a key, made if it isn't there. A dot parts the keys of maps in each other.
fn at<'n>(map_node: &'n mut Node, key: &str, empty: Value, span: Span) -> Option<&'n mut Node> {
    let (first, rest) = key.split_once('.').map_or((key, None), |(first, rest)| (first, Some(rest)));
    let Value::Map(entries) = &mut map_node.value else { return None };
    let index = entries.iter().position(|entry| entry.key == first).unwrap_or_else(|| {
        let value = if rest.is_some() { map(Vec::new(), span) } else { node(empty.clone(), span) };
        entries.push(entry(first, value, span));
        entries.len() - 1
    });
    let value = &mut entries.get_mut(index)?.value;
    match rest {
        Some(rest) => at(value, rest, empty, span),
        None => Some(value),
    }
}

fn put(map_node: &mut Node, key: &str, value: Node, span: Span) {
    if let Some(place) = at(map_node, key, Value::Map(Vec::new()), span) {
        *place = value;
    }
}

fn push(map_node: &mut Node, key: &str, item: Node, span: Span) {
    if let Some(Node { value: Value::Seq(items), .. }) = at(map_node, key, Value::Seq(Vec::new()), span) {
        items.push(item);
    }
}

fn push_entry(map_node: &mut Node, key: &str, item: Entry, span: Span) {
    if let Some(Node { value: Value::Map(items), .. }) = at(map_node, key, Value::Map(Vec::new()), span) {
        items.push(item);
    }
}
