//! Reading a check, whether it has a file of its own or stands in a challenge.

use super::example::examples;
use crate::challenge::{Check, Says, Script, Teaching};
use crate::diagnostic::nearest;
use crate::language::expectation::{expectations, name};
use crate::language::file::{CheckFile, Problems, unreadable};
use crate::language::grammar::SCRIPT;
use crate::language::parameters::{Parameter, Parameters, is_name};
use crate::language::scope::{Fields, Scope};
use crate::language::shape::FACTS;
use crate::language::values::{LONGEST, duration};
use crate::steps::read::steps;
use crate::yaml::{Node, Span};
use std::time::Duration;

/// Values that a challenge gives to parameters: the name, its place, and the value.
pub(crate) type Given<'a> = Vec<(String, Span, Parameter<'a>)>;

/// The `with:` of a check or of its use: names and values. `outer` are the parameters that the values may have.
pub(crate) fn with<'a>(
    file: &'a CheckFile,
    problems: &'a Problems,
    node: Option<&Node>,
    outer: &Parameters<'a>,
) -> Given<'a> {
    let unset = Parameters::default();
    let scope = Scope { file, problems, parameters: &unset, captures: &std::collections::BTreeSet::new() };
    let Some(node) = node else { return Vec::new() };
    let Some(entries) = node.as_map() else {
        scope.wanted(node, "names and values, `{ max: 200MB }`,");
        return Vec::new();
    };
    let read = entries.iter().filter_map(|entry| {
        if !is_name(&entry.key) {
            scope.problem(entry.key_span, "a name is lower case: letters, digits, `_` and `-`");
        }
        let parameter = value(&scope, file, &outer.spread(&entry.value), outer)?;
        Some((entry.key.clone(), entry.key_span, parameter))
    });
    read.collect()
}

/// A parameter's value: a text, or a list of them.
fn value<'a>(scope: &Scope<'_>, file: &'a CheckFile, node: &Node, outer: &Parameters<'_>) -> Option<Parameter<'a>> {
    let text = |node: &Node| node.text().map(|text| outer.fill(text));
    let learner = |node: &Node| node.text().and_then(|text| outer.learner_in(text)).cloned();
    let (value, items, learner) = if let Some(nodes) = node.as_seq() {
        let mut items = Vec::new();
        for node in nodes {
            let Some(text) = text(node) else {
                scope.wanted(node, "a value");
                return None;
            };
            items.push(Node { value: crate::yaml::Value::Scalar(text, true), ..node.clone() });
        }
        let texts: Vec<&str> = items.iter().filter_map(Node::text).collect();
        (texts.join(", "), Some(items.clone()), nodes.iter().find_map(learner))
    } else if let Some(value) = text(node) {
        (value, None, learner(node))
    } else {
        scope.wanted(node, "a value or a list of values");
        return None;
    };
    Some(Parameter { value, items, learner, file, span: node.span })
}

/// The parameters of a check: its defaults, else what the challenge says of parameters that are called so, else what the
/// use of it gives in their place.
pub(crate) fn parameters<'a>(
    defaults: &Given<'a>,
    given: Given<'a>,
    of_challenge: &Parameters<'a>,
    problems: &Problems,
) -> Parameters<'a> {
    let mut parameters = Parameters::default();
    let is_given = |name: &str| given.iter().any(|(known, ..)| known == name);
    for (name, _, parameter) in defaults {
        let of_challenge = if is_given(name) { None } else { of_challenge.taken(name) };
        parameters.known.insert(name.clone(), of_challenge.unwrap_or(parameter).clone());
    }
    for (name, span, parameter) in given {
        if let Some(known) = parameters.known.get_mut(&name) {
            *known = parameter;
            continue;
        }
        let names = || defaults.iter().map(|(name, ..)| name.as_str());
        let mut diagnostic = parameter.file.diagnostic(span, format!("this check has no parameter `{name}`"));
        diagnostic.nearest = nearest(&name, names());
        diagnostic.allowed = names().map(str::to_owned).collect();
        problems.borrow_mut().push(diagnostic);
    }
    parameters
}

/// Tells which parameters nothing uses.
pub(crate) fn unused(scope: &Scope<'_>, defaults: &Given<'_>) {
    for (name, _) in scope.parameters.unused() {
        let span = defaults.iter().find(|(known, ..)| known == name).map(|(_, span, _)| *span);
        let mut diagnostic = scope.file.diagnostic(span.unwrap_or_default(), format!("nothing uses `{name}`"));
        diagnostic.help = Some(format!("write \"{{{name}}}\" where its value belongs, or take it out"));
        scope.add(diagnostic);
    }
}

/// Reads a check whose keys are already looked at.
pub(crate) fn check(scope: &Scope<'_>, node: &Node, fields: Fields<'_>) -> Check {
    if node.as_map().is_none() {
        return Check::default();
    }
    let facts = &FACTS;
    let list = |key| fields.get(key).map(|node| expectations(scope, node, facts)).unwrap_or_default();
    let (expect, advise) = (list("expect"), list("advise"));
    let steps = fields.get("try").map(|node| steps(scope, node)).unwrap_or_default();
    if ["expect", "try", "script"].into_iter().all(|key| fields.get(key).is_none()) {
        scope.problem(fields.start(), "`expect` is missing here: what has to hold");
    }
    ["title", "why", "task", "message", "expected", "hint", "reflect"]
        .into_iter()
        .filter_map(|key| fields.get(key))
        .for_each(|node| scope.misspelled(node));
    if let Some(node) = fields.get("advise") {
        tips(scope, node);
    }
    let (mut teaching, mut says) = (Teaching::default(), Says::default());
    words(scope, fields, &mut teaching, &mut says);
    Check {
        id: id(scope, fields),
        title: scope.required(fields, "title"),
        why: scope.required(fields, "why"),
        teaching,
        says,
        lacks: None,
        needs: scope.texts(fields, "needs"),
        expect,
        advise,
        changes_stack: fields.get("changes").is_some_and(|node| changes(scope, node)),
        steps,
        script: fields.get("script").and_then(|node| script(scope, node)),
        hints: hints(scope, fields),
        points: 0,
        bonus: 0,
        optional: false,
        show: fields.get("show").and_then(|node| name(scope, node, facts)),
        examples: fields.get("examples").map(|node| examples(scope, node)).unwrap_or_default(),
    }
}

/// `changes: stack`
fn changes(scope: &Scope<'_>, node: &Node) -> bool {
    let written = scope.prose(node).unwrap_or_default();
    if !written.is_empty() && written != "stack" {
        scope.unknown(node.span, "word", &written, &["stack"]);
    }
    written == "stack"
}

/// What a check says besides: what is written takes the place of what is known.
pub(crate) fn words(scope: &Scope<'_>, fields: Fields<'_>, teaching: &mut Teaching, says: &mut Says) {
    let prose = |key, known: &mut Option<String>| {
        *known = fields.get(key).and_then(|node| scope.prose(node)).or(known.take());
    };
    prose("task", &mut teaching.task);
    prose("learn", &mut teaching.learn);
    prose("reflect", &mut teaching.reflect);
    prose("message", &mut says.message);
    prose("expected", &mut says.expected);
    prose("hint", &mut says.hint);
    if let (Some(url), Some(node)) = (&teaching.learn, fields.get("learn"))
        && !is_url(url)
    {
        let mut diagnostic = scope.bad(node, format!("`{url}` isn't the address of a page"));
        diagnostic.help = Some("write it in full: https://docs.docker.com/…".to_owned());
        scope.add(diagnostic);
    }
}

/// Whether a text is the address of a page.
fn is_url(text: &str) -> bool {
    let rest = text.strip_prefix("https://").or_else(|| text.strip_prefix("http://"));
    rest.is_some_and(|rest| rest.starts_with(|c: char| c.is_ascii_alphanumeric()))
        && !text.chars().any(|c| c.is_whitespace() || c.is_control())
}

/// The most facts or sources of facts that a script asks for.
const MOST_FACTS: usize = 100;
/// How long a script may take unless it says so.
const SCRIPT_TIME: Duration = Duration::from_secs(30);

/// A script, and the program beside the check's own file that it runs.
fn script(scope: &Scope<'_>, node: &Node) -> Option<Script> {
    let fields = scope.fields(node, "`{ run: check.sh, image: … }`", &[&SCRIPT]);
    node.as_map()?;
    let (run, image) = (fields.get("run").map(|node| scope.path(node)), scope.required(fields, "image"));
    let asked = fields.get("facts").map(|node| scope.items(node, "a list of facts")).unwrap_or_default();
    if run.is_none() {
        scope.problem(fields.start(), "`run` is missing here");
    }
    let (at, file) = (fields.get("run")?, run??);
    let content = program(scope, at, &file).unwrap_or_default();
    Some(Script {
        name: file,
        content,
        image,
        arguments: scope.texts(fields, "arguments"),
        facts: asked.iter().take(MOST_FACTS).filter_map(|node| name(scope, node, &FACTS)).collect(),
        timeout: fields.get("timeout").and_then(|node| duration(scope, node, LONGEST)).unwrap_or(SCRIPT_TIME),
    })
}

/// A program beside a check's file.
fn program(scope: &Scope<'_>, at: &Node, name: &str) -> Option<Vec<u8>> {
    let read = scope.file.beside.as_ref().map(|files| files.read(name)).transpose();
    let why = match read.map(Option::flatten) {
        Ok(Some(bytes)) if bytes.starts_with(b"#!") || bytes.starts_with(b"\x7fELF") => return Some(bytes),
        Ok(Some(_)) => "its first line must name the program that runs it, such as `#!/bin/sh`".to_owned(),
        Ok(None) => "there is no such file beside this one".to_owned(),
        Err(error) => unreadable(&error),
    };
    scope.add(scope.bad(at, format!("`{name}`: {why}")));
    None
}

/// The id, in lower case with hyphens.
pub(crate) fn id(scope: &Scope<'_>, fields: Fields<'_>) -> String {
    let id = scope.required(fields, "id");
    if let Some(node) = fields.get("id")
        && !id.is_empty()
        && !is_id(&id)
    {
        scope.problem(node.span, "an id is lower case: letters, digits and `-`");
    }
    id
}

/// Whether a text can be an id, and so the name of a file.
pub fn is_id(text: &str) -> bool {
    is_name(text) && !text.contains('_')
}

/// The hints, of which there has to be one.
pub(crate) fn hints(scope: &Scope<'_>, fields: Fields<'_>) -> Vec<String> {
    let hints = scope.texts(fields, "hints");
    match fields.entry("hints") {
        None => scope.problem(fields.start(), "`hints` is missing here: a gentle one first, then a stronger one"),
        Some(entry) if entry.value.as_seq().is_some_and(<[Node]>::is_empty) => {
            scope.problem(entry.value.span, "one hint at least is wanted here");
        }
        Some(_) => {}
    }
    hints
}

pub(crate) fn tips(scope: &Scope<'_>, node: &Node) {
    let items = node.as_seq().unwrap_or_default();
    for item in items.iter().filter(|item| item.as_map().is_some() && item.get("message").is_none()) {
        scope.problem(item.span, "a tip needs a `message`");
    }
    for item in items.iter().filter_map(|item| item.entry("points")) {
        scope.problem(item.key_span, "a tip has no points");
    }
}
