//! Reading a challenge: what it grades, the roles, and its checks, from the library or its own.

use super::check;
use super::check::is_id;
use super::learner::{LearnerValues, Learners, lacking, own_parameters};
use super::roles::roles;
use crate::challenge::{Challenge, ChallengeLimits, Check, Endpoint, Says, Subject};
use crate::compose::roles::Role;
use crate::diagnostic::{Diagnostic, nearest};
use crate::language::expectation::expectations;
use crate::language::file::{CheckFile, Problems, SiblingFiles};
use crate::language::grammar::{CHALLENGE, CHECK, COUNTED, ENDPOINT, LIMITS, MOST_POINTS, SUBJECT, USE};
use crate::language::matcher::size;
use crate::language::parameters::{Parameters, is_name};
use crate::language::scope::{Fields, Scope};
use crate::language::shape::FACTS;
use crate::language::values::{duration, url_path};
use crate::yaml::{self, Node, Span};
use std::collections::btree_map::Entry;
use std::collections::{BTreeMap, BTreeSet};
use std::ops::RangeInclusive;
use std::rc::Rc;
use std::time::Duration;

/// The longest that a part of the work may take.
const LONGEST: Duration = Duration::from_secs(3600);
/// The least memory that the engine gives a container.
const LEAST_MEMORY: u64 = 6 << 20;
const MOST_MEMORY: u64 = 64 << 30;
const LEAST_DISK: u64 = 10_000_000;
const MOST_DISK: u64 = 1_000_000_000_000;

/// A file that was read, and its tree if it is one.
#[derive(Debug)]
pub(crate) struct Loaded {
    pub file: CheckFile,
    pub node: Option<Node>,
}

impl Loaded {
    /// Reads a file's bytes. What is no YAML is a problem.
    pub fn new(path: impl Into<String>, bytes: &[u8], problems: &Problems) -> Self {
        let file = CheckFile::new(path, bytes);
        let node = yaml::parse(bytes).map_err(|error| {
            let (line, column) = (error.line, error.column);
            let span = Span { line, column, end_line: line, end_column: column + 1 };
            problems.borrow_mut().push(file.diagnostic(span, error.message));
        });
        Self { node: node.ok(), file }
    }

    /// Adds the files beside it, which it may name.
    pub fn beside(mut self, files: impl SiblingFiles + 'static) -> Self {
        self.file.beside = Some(Rc::new(files));
        self
    }
}

/// The checks that a challenge uses by their ids.
pub(crate) fn uses(node: &Node) -> BTreeSet<String> {
    let items = node.get("checks").and_then(Node::as_seq).unwrap_or_default();
    items.iter().filter_map(|item| item.get("use")?.text()).filter(|id| is_id(id)).map(str::to_owned).collect()
}

/// Reads a challenge. `library` holds the checks that it uses; `ids` are all that it could.
pub(crate) fn challenge(
    source: &Loaded,
    library: &BTreeMap<String, Loaded>,
    ids: &[&str],
    values: Option<&LearnerValues>,
    problems: &Problems,
) -> Challenge {
    let Some(written) = &source.node else { return Challenge::default() };
    let nothing = BTreeSet::new();
    let (parameters, learner) = own_parameters(source, written, values, problems);
    let scope = Scope { file: &source.file, problems, parameters: &parameters, captures: &nothing };
    let spread;
    let node = if parameters.has_lists() {
        spread = parameters.spread(written);
        &spread
    } else {
        written
    };
    let fields = scope.fields(node, "a challenge", &[&CHALLENGE]);
    if node.as_map().is_none() {
        return Challenge::default();
    }
    let roles = roles(&scope, fields);
    let mut checks = Vec::new();
    let mut places = Vec::new();
    match fields.get("checks") {
        None => scope.problem(fields.start(), "`checks` is missing here"),
        Some(list) => {
            for item in scope.items(list, "a list of checks") {
                if let Some(check) = one(&scope, item, library, ids, &learner) {
                    checks.push(check);
                    places.push(item);
                }
            }
        }
    }
    needs(&scope, &checks, &places);
    let subject = subject(&scope, fields, &roles);
    let given = given(&scope, fields);
    let (title, about) = (scope.required(fields, "title"), scope.required(fields, "about"));
    for (name, parameter) in parameters.unused() {
        let mut diagnostic = source.file.diagnostic(parameter.span, format!("nothing uses `{name}`"));
        diagnostic.help = Some(format!("write \"{{{name}}}\" where its value belongs, or take it out"));
        scope.add(diagnostic);
    }
    let total: u32 = checks.iter().map(|check| check.points).sum();
    if total == 0 && problems.borrow().is_empty() {
        scope.problem(fields.start(), "no check of this challenge has points");
    }
    if let Some(node) = fields.get("total")
        && let Some(promised) = scope.number(node, 1..=MOST_POINTS)
        && promised != total
        && problems.borrow().is_empty()
    {
        scope.problem(node.span, format!("{promised} points are promised, but those of the checks sum to {total}"));
    }
    Challenge {
        id: check::id(&scope, fields),
        title,
        about,
        subject,
        roles,
        given,
        learner,
        selector: String::new(),
        limits: limits(&scope, fields),
        pass_mark: fields.get("pass_mark").and_then(|node| pass_mark(&scope, node, total)),
        checks,
        starter: BTreeMap::new(),
        causes: Vec::new(),
    }
}

fn one(
    scope: &Scope<'_>,
    item: &Node,
    library: &BTreeMap<String, Loaded>,
    ids: &[&str],
    learners: &Learners,
) -> Option<Check> {
    let Some(used) = item.get("use") else { return inline(scope, item, learners) };
    let fields = scope.fields(item, "a check", &[&USE]);
    let id = scope.prose(used)?;
    let Some(source) = library.get(&id) else {
        let mut ids = ids.to_vec();
        ids.sort_unstable();
        scope.unknown(used.span, "check", &id, &ids);
        return None;
    };
    // A file that is no YAML is told already.
    let node = source.node.as_ref()?;
    let (problems, captures) = (scope.problems, scope.captures);
    let unset = Parameters::default();
    let given = check::with(scope.file, problems, fields.get("with"), scope.parameters);
    let defaults = check::with(&source.file, problems, node.get("with"), &unset);
    let parameters = check::parameters(&defaults, given, scope.parameters, problems);
    let own = Scope { file: &source.file, problems, parameters: &parameters, captures };
    let spread = parameters.has_lists().then(|| parameters.spread(node));
    let node = spread.as_ref().unwrap_or(node);
    let mut check = check::check(&own, node, own.fields(node, "a check", &[&CHECK]));
    if let Some(written) = node.get("id").filter(|node| is_id(node.text().unwrap_or_default()) && check.id != id) {
        own.problem(written.span, format!("the file is called `{id}.yaml`, so its id is `{id}`"));
    }
    check.id = id;
    let both = parameters.clone().within(scope.parameters);
    let here = Scope { parameters: &both, ..*scope };
    let prose = |key| fields.get(key).and_then(|node| here.prose(node));
    check.title = prose("title").unwrap_or(check.title);
    check.why = prose("why").unwrap_or(check.why);
    let mut says = Says::default();
    check::words(&here, fields, &mut check.teaching, &mut says);
    check.say(&says);
    if let Some(node) = fields.get("advise") {
        check.advise = expectations(&here, node, &FACTS);
        check::tips(&here, node);
    }
    if fields.get("hints").is_some() {
        check.hints = check::hints(&here, fields);
    }
    if fields.get("needs").is_some() {
        check.needs = here.texts(fields, "needs");
    }
    counted(scope, fields, &mut check);
    check::unused(&own, &defaults);
    lacking(&parameters, learners, &mut check);
    lacking(&both, learners, &mut check);
    Some(check)
}

/// A check that stands in the challenge itself.
fn inline(scope: &Scope<'_>, item: &Node, learners: &Learners) -> Option<Check> {
    if item.as_map().is_some() && item.get("id").is_none() && item.get("expect").is_none() {
        let span = item.as_map().and_then(<[_]>::first).map_or(item.span, |entry| entry.key_span);
        scope.problem(span, "`use` is missing here, or the `id` of a check that stands here itself");
        return None;
    }
    let fields = scope.fields(item, "a check, `use: …`,", &[&CHECK, &COUNTED]);
    item.as_map()?;
    let defaults = check::with(scope.file, scope.problems, fields.get("with"), scope.parameters);
    let parameters = check::parameters(&defaults, Vec::new(), &Parameters::default(), scope.problems);
    let parameters = parameters.within(scope.parameters);
    let own = Scope { parameters: &parameters, ..*scope };
    let spread = parameters.has_lists().then(|| parameters.spread(item));
    let item = spread.as_ref().unwrap_or(item);
    let fields = own.fields(item, "a check", &[&CHECK, &COUNTED]);
    let mut check = check::check(&own, item, fields);
    counted(scope, fields, &mut check);
    check::unused(&own, &defaults);
    lacking(&parameters, learners, &mut check);
    Some(check)
}

/// Reads a check file for itself: with its defaults, without points.
pub(crate) fn alone(source: &Loaded, problems: &Problems) -> Option<Check> {
    let node = source.node.as_ref()?;
    let unset = Parameters::default();
    let defaults = check::with(&source.file, problems, node.get("with"), &unset);
    let parameters = check::parameters(&defaults, Vec::new(), &unset, problems);
    let nothing = BTreeSet::new();
    let scope = Scope { file: &source.file, problems, parameters: &parameters, captures: &nothing };
    let spread = parameters.has_lists().then(|| parameters.spread(node));
    let node = spread.as_ref().unwrap_or(node);
    let fields = scope.fields(node, "a check", &[&CHECK]);
    let check = check::check(&scope, node, fields);
    check::unused(&scope, &defaults);
    Some(check)
}

/// How a check counts in its challenge.
fn counted(scope: &Scope<'_>, fields: Fields<'_>, check: &mut Check) {
    let points = |key| fields.get(key).and_then(|node| scope.number(node, 1..=MOST_POINTS)).unwrap_or(0);
    check.points = points("points");
    check.bonus = points("bonus");
    check.optional = fields.get("optional").and_then(|node| scope.boolean(node)).unwrap_or_default();
    let ways = COUNTED.iter().filter_map(|key| fields.entry(key.name)).collect::<Vec<_>>();
    if let [_, second, ..] = ways.as_slice() {
        scope.problem(second.key_span, "a check counts in one way: `points`, `bonus` or `optional`");
    }
}

/// Ids stand once; what is needed is there, and needs nothing that waits for it.
fn needs(scope: &Scope<'_>, checks: &[Check], places: &[&Node]) {
    let ids: Vec<&str> = checks.iter().map(|check| check.id.as_str()).collect();
    for ((index, check), item) in checks.iter().enumerate().zip(places) {
        let place = |key: &str| item.get(key).map_or(item.span, |node| node.span);
        let named = item.get("use").or_else(|| item.get("id")).map_or(item.span, |node| node.span);
        if let Some(first) = ids.iter().take(index).position(|id| *id == check.id).and_then(|at| places.get(at)) {
            let message = format!("the check `{}` stands on line {} already", check.id, first.span.line);
            scope.problem(named, message);
        }
        for need in check.needs.iter().filter(|need| !ids.contains(&need.as_str())) {
            let message = format!("`{}` needs `{need}`, which this challenge does not have", check.id);
            let at = if item.get("needs").is_some() { place("needs") } else { named };
            let help = format!("add the check `{need}`, or say here what it needs instead: `needs: []`");
            let nearest = nearest(need, ids.iter().copied());
            scope.add(Diagnostic { nearest, help: Some(help), ..scope.file.diagnostic(at, message) });
        }
        if let Some(circle) = circle(checks, index) {
            let at = if item.get("needs").is_some() { place("needs") } else { named };
            scope.problem(at, format!("these checks need each other in a circle: {}", circle.join(" → ")));
        }
    }
}

/// The way from a check over what it needs back to itself, told at the first of its checks.
fn circle(checks: &[Check], start: usize) -> Option<Vec<&str>> {
    let position = |id: &str| checks.iter().position(|check| check.id == id);
    let mut from: BTreeMap<usize, usize> = BTreeMap::new();
    let mut open = vec![start];
    while let Some(at) = open.pop() {
        for next in checks.get(at)?.needs.iter().filter_map(|need| position(need)).filter(|next| *next >= start) {
            if next == start {
                let way = std::iter::successors(Some(at), |at| from.get(at).copied());
                let mut ids: Vec<&str> = way.filter_map(|at| checks.get(at)).map(|check| check.id.as_str()).collect();
                ids.reverse();
                ids.push(&checks.get(start)?.id);
                return Some(ids);
            }
            if let Entry::Vacant(entry) = from.entry(next) {
                entry.insert(at);
                open.push(next);
            }
        }
    }
    None
}

fn pass_mark(scope: &Scope<'_>, node: &Node, total: u32) -> Option<u32> {
    let mark = scope.number(node, 1..=u32::MAX)?;
    if mark > total {
        scope.problem(node.span, format!("nobody can pass: the checks have {total} points in all"));
    }
    Some(mark)
}

fn subject(scope: &Scope<'_>, fields: Fields<'_>, roles: &BTreeMap<String, Role>) -> Subject {
    let Some(node) = fields.get("subject") else { return Subject::default() };
    let fields = scope.fields(node, "what is graded, `{ dockerfile: Dockerfile }`,", &[&SUBJECT]);
    let path = |key| fields.get(key).and_then(|node| scope.path(node));
    let standard = Subject::default();
    let service = fields.get("service").and_then(|node| {
        let role = scope.prose(node)?;
        if !roles.contains_key(&role) {
            let names: Vec<&str> = roles.keys().map(String::as_str).collect();
            scope.unknown(node.span, "role", &role, &names);
        }
        Some(role)
    });
    Subject {
        dockerfile: path("dockerfile").unwrap_or(standard.dockerfile),
        context: path("context").unwrap_or(standard.context),
        target: fields.get("target").and_then(|node| scope.prose(node)),
        args: fields.get("args").map(|node| scope.map(node)).unwrap_or_default(),
        secrets: secrets(scope, fields),
        profiles: scope.texts(fields, "profiles"),
        service,
        compose: path("compose"),
        commands: path("commands").unwrap_or(standard.commands),
        http: endpoint(scope, fields),
    }
}

/// The secrets of the build.
fn secrets(scope: &Scope<'_>, fields: Fields<'_>) -> BTreeMap<String, String> {
    let Some(node) = fields.get("secrets") else { return BTreeMap::new() };
    for entry in node.as_map().unwrap_or_default().iter().filter(|entry| !is_name(&entry.key)) {
        scope.problem(entry.key_span, "the id of a secret is lower case: letters, digits, `_` and `-`");
    }
    scope.map(node)
}

/// Where the application answers.
fn endpoint(scope: &Scope<'_>, fields: Fields<'_>) -> Option<Endpoint> {
    let node = fields.get("http")?;
    let fields = scope.fields(node, "`{ port: 5000, path: / }`", &[&ENDPOINT]);
    let path = fields.get("path").and_then(|node| url_path(scope, node));
    let port = fields.get("port").and_then(|node| scope.number(node, 1..=65_535));
    if node.as_map().is_some() {
        for key in ["port", "path"].into_iter().filter(|key| fields.get(key).is_none()) {
            scope.problem(fields.start(), format!("`{key}` is missing here"));
        }
    }
    Some(Endpoint { port: port?.try_into().ok()?, path: path? })
}

pub(crate) fn limits(scope: &Scope<'_>, fields: Fields<'_>) -> ChallengeLimits {
    let Some(node) = fields.get("limits") else { return ChallengeLimits::default() };
    let fields = scope.fields(node, "bounds, `{ build: 5m }`,", &[&LIMITS]);
    let time = |key| fields.get(key).and_then(|node| duration(scope, node, LONGEST));
    let bytes = |key, bounds: RangeInclusive<u64>, wanted| {
        let node = fields.get(key)?;
        let read = node.text().and_then(size).filter(|bytes| bounds.contains(bytes));
        if read.is_none() {
            scope.wanted(node, wanted);
        }
        read
    };
    let cpus = fields.get("cpus").and_then(|node| {
        let read = node.text().and_then(|text| text.parse().ok()).filter(|cpus| (0.01..=64.0).contains(cpus));
        if read.is_none() {
            scope.wanted(node, "a number of processors from 0.01 to 64, `1.5`,");
        }
        read
    });
    ChallengeLimits {
        build: time("build"),
        start: time("start"),
        settle: time("settle"),
        step: time("step"),
        memory: bytes("memory", LEAST_MEMORY..=MOST_MEMORY, "a size from 6MiB to 64GiB, `1GiB`,"),
        disk: bytes("disk", LEAST_DISK..=MOST_DISK, "a size from 10MB to 1TB, `5GB`,"),
        run: time("run"),
        cpus,
        pids: fields.get("pids").and_then(|node| scope.number(node, 1..=100_000)),
    }
}

fn given(scope: &Scope<'_>, fields: Fields<'_>) -> Vec<String> {
    let Some(node) = fields.get("given") else { return Vec::new() };
    scope.items(node, "a list of patterns").iter().filter_map(|item| scope.path(item)).collect()
}
