//! Reading a `course.yaml`.

use super::check;
use super::load::{Loaded, limits};
use crate::challenge::{Course, Unit};
use crate::diagnostic::{Diagnostic, nearest};
use crate::language::file::Problems;
use crate::language::grammar::{COURSE, MOST_WEIGHT, PASS, UNIT};
use crate::language::parameters::Parameters;
use crate::language::scope::{Fields, Scope};
use crate::yaml::Node;
use std::collections::BTreeSet;
use std::path::PathBuf;

/// What is beside a course's file.
pub(crate) trait CourseFolder {
    /// What finds a challenge that a unit names, if there is one.
    fn challenge(&self, name: &str) -> Option<String>;
    /// The names of all challenges that a unit could name.
    fn challenges(&self) -> Vec<String>;
    /// A folder.
    fn folder(&self, path: &str) -> Option<PathBuf>;
    /// A file.
    fn file(&self, path: &str) -> Option<PathBuf>;
}

/// Reads a course.
pub(crate) fn course(source: &Loaded, beside: &dyn CourseFolder, problems: &Problems) -> Course {
    let (unset, nothing) = (Parameters::default(), BTreeSet::new());
    let scope = Scope { file: &source.file, problems, parameters: &unset, captures: &nothing };
    let Some(node) = &source.node else { return Course::default() };
    let fields = scope.fields(node, "a course", &[&COURSE]);
    if node.as_map().is_none() {
        return Course::default();
    }
    let units = units(&scope, fields, beside);
    let about = fields.get("about").and_then(|node| scope.prose(node)).unwrap_or_default();
    Course {
        id: check::id(&scope, fields),
        title: scope.required(fields, "title"),
        about,
        checks: place(&scope, fields, "checks", "folder", |path| beside.folder(path)),
        causes: place(&scope, fields, "causes", "folder", |path| beside.folder(path)),
        policy: place(&scope, fields, "policy", "file", |path| beside.file(path)),
        limits: limits(&scope, fields),
        pass_units: fields.get("pass").and_then(|node| pass(&scope, node, units.len())),
        units,
    }
}

/// A folder or file beside the course's file.
fn place(
    scope: &Scope<'_>,
    fields: Fields<'_>,
    key: &str,
    what: &str,
    find: impl Fn(&str) -> Option<PathBuf>,
) -> Option<PathBuf> {
    let node = fields.get(key)?;
    let path = scope.path(node)?;
    let found = find(&path);
    if found.is_none() {
        let mut diagnostic = scope.file.diagnostic(node.span, format!("there is no {what} `{path}` here"));
        diagnostic.help = Some(format!("`{key}` is relative to the course's folder"));
        scope.add(diagnostic);
    }
    found
}

fn units(scope: &Scope<'_>, fields: Fields<'_>, beside: &dyn CourseFolder) -> Vec<Unit> {
    let Some(node) = fields.get("units") else {
        scope.problem(fields.start(), "`units` is missing here: the challenges, in their order");
        return Vec::new();
    };
    let items = scope.items(node, "a list of units");
    if items.is_empty() && node.as_seq().is_some() {
        scope.problem(node.span, "a course has one unit at least");
    }
    let names: Vec<&str> = items.iter().filter_map(|item| item.get("challenge")?.text()).collect();
    let mut units: Vec<Unit> = Vec::new();
    for item in items {
        if let Some(unit) = unit(scope, item, &units, &names, beside) {
            units.push(unit);
        }
    }
    units
}

fn unit(scope: &Scope<'_>, item: &Node, before: &[Unit], names: &[&str], beside: &dyn CourseFolder) -> Option<Unit> {
    let fields = scope.fields(item, "a unit, `{ challenge: … }`,", &[&UNIT]);
    item.as_map()?;
    let Some(node) = fields.get("challenge") else {
        scope.problem(fields.start(), "`challenge` is missing here: the path of its folder, or an id");
        return None;
    };
    let name = scope.path(node)?;
    let selector = beside.challenge(&name);
    if selector.is_none() {
        let all = beside.challenges();
        let near = nearest(&name, all.iter().map(String::as_str));
        let told = scope.file.diagnostic(node.span, format!("there is no challenge `{name}` in the course's folder"));
        let help = format!("begin it with `grader new challenge {name}`, or name one that is built in");
        scope.add(Diagnostic { nearest: near, allowed: all, help: Some(help), ..told });
    }
    if before.iter().any(|unit| unit.name == name) {
        scope.problem(node.span, format!("`{name}` is a unit of this course already"));
    }
    let after = fields.get("after").map(|node| scope.items(node, "a list of units")).unwrap_or_default();
    for (node, other) in after.iter().filter_map(|node| Some((node, node.text()?))) {
        if before.iter().any(|unit| unit.name == other) {
            continue;
        }
        if names.contains(&other) {
            scope.problem(node.span, format!("`{other}` comes no earlier than `{name}`; put it before"));
        } else {
            scope.unknown(node.span, "unit", other, names);
        }
    }
    let url = fields.get("url").and_then(|node| {
        let url = scope.prose(node)?;
        if !["https://", "http://"].iter().any(|scheme| url.starts_with(scheme)) {
            scope.problem(node.span, format!("`{url}` isn't a URL; begin it with `https://`"));
        }
        Some(url)
    });
    Some(Unit {
        selector: selector.unwrap_or_default(),
        lesson: fields.get("lesson").and_then(|node| scope.prose(node)),
        url,
        after: scope.texts(fields, "after"),
        weight: fields.get("weight").and_then(|node| scope.number(node, 1..=MOST_WEIGHT)).unwrap_or(1),
        teaches: scope.texts(fields, "teaches"),
        name,
    })
}

fn pass(scope: &Scope<'_>, node: &Node, units: usize) -> Option<usize> {
    let fields = scope.fields(node, "what makes a pass, `{ units: 5 }`,", &[&PASS]);
    let node = fields.get("units")?;
    let wanted = scope.number(node, 1..=u32::MAX)?;
    let wanted = usize::try_from(wanted).unwrap_or(usize::MAX);
    if wanted > units {
        scope.problem(node.span, format!("the course has only {units} units"));
    }
    Some(wanted)
}
