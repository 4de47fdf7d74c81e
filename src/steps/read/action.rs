//! Reading what a step does.

use super::phrase::{LONGEST, compose, duration, lifecycle, mount};
use crate::language::expectation::condition_of;
use crate::language::grammar::{EDIT, EXEC, FILES, HTTP, REBUILD, RUN, WAIT};
use crate::language::parameters::placeholders;
use crate::language::scope::{Fields, Scope};
use crate::language::shape::FACTS;
use crate::steps::action::{Action, Exec, FilesIn, Http, OneOff, Target};
use crate::yaml::{Entry, Node, Value};
use std::collections::BTreeMap;
use std::time::Duration;

/// The most characters of a text that a step sends or writes.
const MOST_TEXT: usize = 64 << 10;

/// What a step does, by the key that names it.
pub(crate) fn action(scope: &Scope<'_>, entry: &Entry, within: Option<Duration>) -> Option<Action> {
    let node = &entry.value;
    match entry.key.as_str() {
        "http" => http(scope, node).map(Action::Http),
        "exec" => exec(scope, node).map(Action::Exec),
        "run" => run(scope, node).map(Action::Run),
        "files" => files(scope, node),
        "container" => lifecycle(scope, node).map(|what| Action::Container(what, within)),
        "compose" => compose(scope, node).map(|what| Action::Compose(what, within)),
        "edit" => edit(scope, node),
        "rebuild" => {
            let fields = scope.fields(node, "`{ touch: FILE }`", &[&REBUILD]);
            Some(Action::Rebuild { touch: fields.get("touch").and_then(|node| scope.path(node)) })
        }
        _ => wait(scope, node),
    }
}

fn target(scope: &Scope<'_>, fields: Fields<'_>) -> Option<Target> {
    if let Some(node) = fields.get("container") {
        built(scope, node)?;
        if let Some(other) = fields.entry("service") {
            scope.problem(other.key_span, "either a `service` or the `container` is meant");
        }
        return Some(Target::Container);
    }
    match fields.get("service") {
        Some(node) => scope.prose(node).map(Target::Service),
        None => Some(Target::Container),
    }
}

fn built(scope: &Scope<'_>, node: &Node) -> Option<()> {
    let written = scope.prose(node)?;
    if written == "built" {
        return Some(());
    }
    scope.unknown(node.span, "container", &written, &["built"]);
    None
}

fn http(scope: &Scope<'_>, node: &Node) -> Option<Http> {
    let fields = scope.fields(node, "`{ service: …, path: … }`", &[&HTTP]);
    node.as_map()?;
    let port = fields.get("port").and_then(|node| scope.number(node, 1..=65_535)).and_then(|port| port.try_into().ok());
    let path = match fields.get("path") {
        Some(node) => url_path(scope, node),
        None => Some(scope.required(fields, "path")),
    };
    let method = fields.get("method").and_then(|node| {
        let written = scope.prose(node)?;
        let known = ["GET", "HEAD", "POST", "PUT", "PATCH", "DELETE", "OPTIONS"];
        if !known.contains(&written.as_str()) {
            scope.unknown(node.span, "method", &written, &known);
        }
        Some(written)
    });
    let headers = map(scope, fields, "headers");
    for (name, value) in &headers {
        let is_token = |c: char| c.is_ascii_alphanumeric() || "!#$%&'*+-.^_`|~".contains(c);
        if !name.chars().all(is_token) || value.chars().any(char::is_control) {
            let at = fields.get("headers").map_or(node.span, |node| node.span);
            scope.problem(at, format!("`{name}` is no header that can be sent"));
        }
    }
    Some(Http {
        target: target(scope, fields)?,
        port,
        method: method.unwrap_or_else(|| "GET".to_owned()),
        path: path?,
        headers,
        body: verbatim(scope, fields, "body"),
        timeout: bound(scope, fields, "timeout"),
        retry_for: bound(scope, fields, "retry_for").unwrap_or_default(),
    })
}

fn exec(scope: &Scope<'_>, node: &Node) -> Option<Exec> {
    let fields = scope.fields(node, "`{ service: …, command: [ … ] }`", &[&EXEC]);
    node.as_map()?;
    if fields.get("command").is_none() {
        scope.problem(fields.start(), "`command` is missing here");
    }
    let command = fields.get("command").and_then(|node| command(scope, node));
    Some(Exec {
        target: target(scope, fields)?,
        command: command?,
        user: prose(scope, fields, "user"),
        stdin: verbatim(scope, fields, "stdin"),
        timeout: bound(scope, fields, "timeout"),
        retry_for: bound(scope, fields, "retry_for").unwrap_or_default(),
    })
}

fn run(scope: &Scope<'_>, node: &Node) -> Option<OneOff> {
    let fields = scope.fields(node, "`{ image: built }`", &[&RUN]);
    node.as_map()?;
    let image = prose(scope, fields, "image");
    let network = fields.get("network").and_then(|node| {
        let written = scope.prose(node)?;
        let name = written.strip_prefix("stack.").filter(|name| !name.is_empty()).map(str::to_owned);
        if name.is_none() {
            scope.add(scope.bad(node, "a network of the stack is written `stack.default`"));
        }
        name
    });
    let words = |node: &Node| -> Vec<String> {
        scope.items(node, "a list of texts").iter().filter_map(|node| text(scope, node)).collect()
    };
    let mounts = fields.get("mounts").map(|node| scope.items(node, "a list of mounts")).unwrap_or_default();
    Some(OneOff {
        image: image.filter(|image| image != "built"),
        command: fields.get("command").and_then(|node| command(scope, node)),
        entrypoint: fields.get("entrypoint").map(words),
        env: map(scope, fields, "env"),
        mounts: mounts.iter().filter_map(|node| mount(scope, node)).collect(),
        network,
        user: prose(scope, fields, "user"),
        stdin: verbatim(scope, fields, "stdin"),
        timeout: bound(scope, fields, "timeout"),
    })
}

fn files(scope: &Scope<'_>, node: &Node) -> Option<Action> {
    let fields = scope.fields(node, "`{ image: built, paths: [ … ] }`", &[&FILES]);
    node.as_map()?;
    let paths = scope.texts(fields, "paths");
    match fields.get("paths") {
        None => scope.problem(fields.start(), "`paths` is missing here"),
        Some(node) if paths.is_empty() && node.as_seq().is_some() => scope.problem(node.span, "this list is empty"),
        Some(node) => {
            for path in paths.iter().filter(|path| !path.starts_with('/')) {
                scope.add(scope.bad(node, format!("`{path}` has to start with `/`")));
            }
        }
    }
    let named = ["service", "container", "image"].into_iter().filter_map(|key| fields.entry(key)).collect::<Vec<_>>();
    if let [_, second, ..] = named.as_slice() {
        scope.problem(second.key_span, "files are looked for in one place: a `service`, the `container` or an `image`");
    }
    let place = match fields.get("image") {
        Some(node) => FilesIn::Image(Some(scope.prose(node)?).filter(|image| image != "built")),
        None if named.is_empty() => FilesIn::Image(None),
        None => FilesIn::In(target(scope, fields)?),
    };
    Some(Action::Files { place, paths })
}

fn edit(scope: &Scope<'_>, node: &Node) -> Option<Action> {
    let fields = scope.fields(node, "`{ file: …, replace: …, with: … }`", &[&EDIT]);
    node.as_map()?;
    for key in EDIT.iter().filter(|key| fields.get(key.name).is_none()) {
        scope.problem(fields.start(), format!("`{}` is missing here", key.name));
    }
    let file = scope.path(fields.get("file")?);
    let replace = verbatim(scope, fields, "replace")?;
    if replace.is_empty() {
        scope.problem(fields.start(), "the text to replace is empty");
    }
    Some(Action::Edit { file: file?, replace, with: verbatim(scope, fields, "with")? })
}

fn wait(scope: &Scope<'_>, node: &Node) -> Option<Action> {
    let fields = scope.fields(node, "`{ for: { fact: matcher }, within: 30s }`", &[&WAIT]);
    node.as_map()?;
    for key in WAIT.iter().filter(|key| fields.get(key.name).is_none()) {
        scope.problem(fields.start(), format!("`{}` is missing here", key.name));
    }
    let within = fields.get("within").and_then(|node| duration(scope, node, LONGEST));
    let written = fields.get("for")?;
    let condition = condition_of(scope, written, &FACTS)?;
    if !condition.names("stack") && !condition.names("container") {
        scope.problem(written.span, "only facts of `stack` and `container` change while one waits");
        return None;
    }
    Some(Action::Wait { condition, within: within? })
}

/// A path from `/`, in which captured values may stand.
pub(crate) fn url_path(scope: &Scope<'_>, node: &Node) -> Option<String> {
    let path = scope.prose(node)?;
    for name in placeholders(&path).into_iter().filter(|name| !scope.captures.contains(*name)) {
        scope.add(
            scope.bad(node, format!("`{{{name}}}` is no parameter of this check, and no earlier step captures it")),
        );
    }
    if !path.starts_with('/') || path.chars().any(|c| c.is_whitespace() || c.is_control()) {
        scope.add(scope.bad(node, "a path on a server starts with `/` and holds no blanks"));
        return None;
    }
    Some(path)
}

/// The words of a command; one text is a line for the shell.
fn command(scope: &Scope<'_>, node: &Node) -> Option<Vec<String>> {
    match node.as_seq() {
        Some([]) => {
            scope.problem(node.span, "this list is empty");
            None
        }
        Some(items) => items.iter().map(|node| text(scope, node)).collect(),
        None => Some(vec!["sh".to_owned(), "-c".to_owned(), text(scope, node)?]),
    }
}

/// Text as it is written, parameters filled in.
fn text(scope: &Scope<'_>, node: &Node) -> Option<String> {
    let Value::Scalar(written, _) = &node.value else {
        scope.wanted(node, "text");
        return None;
    };
    if written.len() > MOST_TEXT {
        scope.problem(node.span, format!("a text of a step has at most {MOST_TEXT} bytes"));
        return None;
    }
    Some(scope.parameters.fill(written))
}

fn verbatim(scope: &Scope<'_>, fields: Fields<'_>, key: &str) -> Option<String> {
    fields.get(key).and_then(|node| text(scope, node))
}

fn prose(scope: &Scope<'_>, fields: Fields<'_>, key: &str) -> Option<String> {
    fields.get(key).and_then(|node| scope.prose(node))
}

fn bound(scope: &Scope<'_>, fields: Fields<'_>, key: &str) -> Option<Duration> {
    fields.get(key).and_then(|node| duration(scope, node, LONGEST))
}

/// Texts by names.
fn map(scope: &Scope<'_>, fields: Fields<'_>, key: &str) -> BTreeMap<String, String> {
    fields.get(key).map(|node| scope.map(node)).unwrap_or_default()
}
