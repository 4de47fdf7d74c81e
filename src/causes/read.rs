//! Reading a cause from YAML.

use super::model::{Cause, CauseExample, PrintedLike, Printer, Recognition};
use super::template;
use crate::challenge::read::check::is_id;
use crate::challenge::read::example::example;
use crate::challenge::read::load::Loaded;
use crate::diagnostic::Error;
use crate::facts::registry;
use crate::language::expectation::{condition_of, name};
use crate::language::file::Problems;
use crate::language::grammar::{Key, ValueKind, may, must};
use crate::language::matcher::regex;
use crate::language::parameters::Parameters;
use crate::language::scope::{Fields, Scope};
use crate::language::shape::FACTS;
use crate::steps::answers::STEP_FACTS;
use crate::yaml::Node;
use std::collections::BTreeSet;
use std::path::Path;

/// How many hints a cause has: a question, the concept, nearly the line.
const HINTS: usize = 3;

/// A cause's keys.
pub static CAUSE: [Key; 10] = [
    must("id", ValueKind::Id, "The cause's name; its file is called like it."),
    may("general", ValueKind::Bool, "Whether it only explains what no other cause does."),
    must("when", ValueKind::Record(&WHEN), "What it is recognized by: all of it has to fit."),
    may("place", ValueKind::TextOrTexts, "Facts; the first of them that has a place says which line the fix changes."),
    must(
        "says",
        ValueKind::Text,
        "What happened, in a sentence. `{name}` stands for what the pattern found, `{a.fact}` for a fact.",
    ),
    must("means", ValueKind::Text, "What that means, for somebody who meets it for the first time."),
    must("next", ValueKind::Text, "What to do next."),
    must("hints", ValueKind::Texts, "Three: a question, the concept and the command that shows it, nearly the line."),
    may("learn", ValueKind::Text, "A page to read on."),
    must("examples", ValueKind::Record(&EXAMPLES), "What it explains, and what it leaves alone: tests."),
];

static WHEN: [Key; 3] = [
    may("printed", ValueKind::Record(&PRINTED), "What was printed."),
    may("about", ValueKind::TextOrTexts, "The facts that the finding may be about; `*` stands for a part of a name."),
    may("facts", ValueKind::List(&ValueKind::Expectation), "What has to hold of facts."),
];

static PRINTED: [Key; 2] = [
    may("by", ValueKind::Texts, "By whom: build, container, service, compose, step; by any of them unless said."),
    must("matches", ValueKind::Text, "A regular expression; its named groups can be used in the texts."),
];

static EXAMPLES: [Key; 2] = [
    must("explains", ValueKind::List(&ValueKind::Record(&ONE)), "Findings that it explains."),
    must("leaves-alone", ValueKind::List(&ValueKind::Record(&ONE)), "Findings that it does not."),
];

static ONE: [Key; 3] = [
    may("about", ValueKind::Fact, "The fact that the finding is about."),
    may("printed", ValueKind::Verbatim, "What was printed."),
    may("facts", ValueKind::Parameters, "Facts beside it."),
];

/// Reads a cause's file.
pub fn cause(path: &str, text: &[u8]) -> Result<Cause, Error> {
    let problems = Problems::default();
    let source = Loaded::new(path, text, &problems);
    let (unset, nothing) = (Parameters::default(), BTreeSet::new());
    let scope = Scope { file: &source.file, problems: &problems, parameters: &unset, captures: &nothing };
    let cause = source.node.as_ref().and_then(|node| read(&scope, node, path));
    let diagnostics = problems.into_inner();
    match cause {
        Some(cause) if diagnostics.is_empty() => Ok(cause),
        _ => Err(Error { diagnostics }),
    }
}

fn read(scope: &Scope<'_>, node: &Node, path: &str) -> Option<Cause> {
    let fields = scope.fields(node, "a cause", &[&CAUSE]);
    node.as_map()?;
    let id = scope.required(fields, "id");
    let stem = Path::new(path).file_stem().and_then(|stem| stem.to_str()).unwrap_or_default();
    if let Some(node) = fields.get("id")
        && (id != stem || !is_id(&id))
    {
        scope.problem(node.span, format!("a cause has the name of its file, `{stem}`"));
    }
    let when = when(scope, fields);
    let place = texts(scope, fields, "place").iter().filter_map(|node| name(scope, node, &FACTS)).collect();
    let hints = scope.texts(fields, "hints");
    if hints.len() != HINTS {
        let span = fields.get("hints").map_or(fields.start(), |node| node.span);
        scope.problem(span, "three hints are wanted: a question, the concept, nearly the line");
    }
    for node in ["says", "means", "next", "hints"].into_iter().filter_map(|key| fields.get(key)) {
        placeholders(scope, node, &when);
    }
    let learn = fields.get("learn").and_then(|node| scope.prose(node).map(|text| (node, text)));
    if let Some((node, _)) = learn.as_ref().filter(|(_, text)| !text.starts_with("https://")) {
        scope.problem(node.span, "a page begins with https:// here");
    }
    let (explains, leaves_alone) = examples(scope, fields);
    Some(Cause {
        id,
        general: fields.get("general").and_then(|node| scope.boolean(node)).unwrap_or(false),
        when,
        place,
        says: scope.required(fields, "says"),
        means: scope.required(fields, "means"),
        next: scope.required(fields, "next"),
        hints,
        learn: learn.map(|(_, text)| text),
        explains,
        leaves_alone,
    })
}

fn when(scope: &Scope<'_>, fields: Fields<'_>) -> Recognition {
    let Some(node) = fields.get("when") else {
        scope.problem(fields.start(), "`when` is missing here");
        return Recognition::default();
    };
    let fields = scope.fields(node, "`printed`, `about` or `facts`", &[&WHEN]);
    let when = Recognition {
        printed: fields.get("printed").and_then(|node| printed(scope, node)),
        about: texts(scope, fields, "about").iter().filter_map(|node| about(scope, node)).collect(),
        facts: match fields.get("facts") {
            None => Vec::new(),
            Some(node) => {
                let items = scope.items(node, "a list of facts and what they have to be").iter();
                items.filter_map(|item| condition_of(scope, item, &FACTS)).collect()
            }
        },
    };
    if when.printed.is_none() && when.about.is_empty() {
        scope.problem(node.span, "it would explain everything: say what is `printed`, or what it is `about`");
    }
    when
}

fn printed(scope: &Scope<'_>, node: &Node) -> Option<PrintedLike> {
    let fields = scope.fields(node, "`{ by: [container], matches: … }`", &[&PRINTED]);
    let by = fields.get("by").map(|node| scope.items(node, "a list of who prints")).unwrap_or_default();
    let by = by.iter().filter_map(|node| {
        let name = scope.prose(node)?;
        let printer = Printer::named(&name);
        if printer.is_none() {
            scope.unknown(node.span, "printer", &name, &Printer::NAMES);
        }
        printer
    });
    let by = by.collect();
    let Some(matches) = fields.get("matches") else {
        scope.problem(fields.start(), "`matches` is missing here");
        return None;
    };
    Some(PrintedLike { by, matches: regex(scope, matches)? })
}

/// A fact's name in which `*` stands for any part: one of a step's, too.
fn about(scope: &Scope<'_>, node: &Node) -> Option<Vec<String>> {
    let text = scope.prose(node)?;
    let parts: Vec<String> = text.split('.').map(str::to_owned).collect();
    let tried: Vec<String> =
        parts.iter().map(|part| if part == "*" { "any".to_owned() } else { part.clone() }).collect();
    if FACTS.find(&tried).is_err() && STEP_FACTS.find(&tried).is_err() {
        scope.problem(node.span, format!("there is no fact `{text}`"));
        return None;
    }
    Some(parts)
}

/// Every name in braces is a group of the pattern or a fact.
fn placeholders(scope: &Scope<'_>, node: &Node, when: &Recognition) {
    let texts = node.as_seq().map_or_else(|| vec![node], |items| items.iter().collect());
    for node in texts {
        for written in template::names(node.text().unwrap_or_default()) {
            let pattern = when.printed.as_ref().map(|printed| &printed.matches);
            let is_group = pattern.is_some_and(|pattern| pattern.capture_names().flatten().any(|name| name == written));
            let parts: Vec<String> = registry::split(written).into_iter().map(str::to_owned).collect();
            if !is_group && FACTS.find(&parts).is_err() {
                scope.problem(node.span, format!("`{{{written}}}` is no group of the pattern and no fact"));
            }
        }
    }
}

fn examples(scope: &Scope<'_>, fields: Fields<'_>) -> (Vec<CauseExample>, Vec<CauseExample>) {
    let Some(node) = fields.get("examples") else {
        scope.problem(fields.start(), "`examples` is missing here");
        return Default::default();
    };
    let fields = scope.fields(node, "`explains:` and `leaves-alone:`", &[&EXAMPLES]);
    let list = |key| -> Vec<CauseExample> {
        let items = fields.get(key).map(|node| scope.items(node, "a list of findings")).unwrap_or_default();
        if items.is_empty() {
            scope.problem(fields.start(), format!("`{key}` wants an example"));
        }
        items.iter().map(|node| one(scope, node)).collect()
    };
    (list("explains"), list("leaves-alone"))
}

fn one(scope: &Scope<'_>, node: &Node) -> CauseExample {
    let fields = scope.fields(node, "`{ about: container.health, printed: … }`", &[&ONE]);
    let about = fields.get("about").and_then(Node::text).unwrap_or_default().to_owned();
    CauseExample {
        about,
        printed: fields.get("printed").and_then(Node::text).unwrap_or_default().to_owned(),
        facts: fields.get("facts").map(|node| example(scope, node)).unwrap_or_default(),
    }
}

/// One text, or several.
fn texts<'n>(scope: &Scope<'_>, fields: Fields<'n>, key: &str) -> Vec<&'n Node> {
    match fields.get(key) {
        None => Vec::new(),
        Some(node) if node.text().is_some() => vec![node],
        Some(node) => scope.items(node, "a list of facts").iter().collect(),
    }
}
