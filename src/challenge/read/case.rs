//! Reading what a challenge is proved by: the `expect.yaml` of a case, and `mutants.yaml`.

use super::load::Loaded;
use crate::challenge::StarterFile;
use crate::diagnostic::{Diagnostic, nearest};
use crate::language::file::Problems;
use crate::language::grammar::{CASE, FAIR, MOST_FINDINGS, MOST_POINTS, SOUGHT};
use crate::language::parameters::Parameters;
use crate::language::scope::Scope;
use crate::yaml::Node;
use std::collections::{BTreeMap, BTreeSet};

/// Files by their paths.
pub type Files = BTreeMap<String, StarterFile>;

/// Files that are laid over the solution, and what has to come of it.
#[derive(Debug, Clone, Default, PartialEq, Eq)]
pub struct Case {
    /// Its folder's name.
    pub name: String,
    /// Where its folder is.
    pub place: String,
    /// What is wrong in it, or odd and still right.
    pub about: String,
    /// Exactly the checks that fail.
    pub fails: Vec<String>,
    /// The points that it earns, if that is said.
    pub score: Option<u32>,
    /// A finding that has to be among those of a check.
    pub finding: Option<Sought>,
    /// How many findings there are, if that is said.
    pub count: Option<usize>,
    /// All findings, each named, if that is said.
    pub findings: Vec<Sought>,
    /// Files of the solution that are not there.
    pub remove: Vec<String>,
    /// Its files.
    pub files: Files,
}

/// A finding, as far as a case names it.
#[derive(Debug, Clone, Default, PartialEq, Eq)]
pub struct Sought {
    /// The check that finds it.
    pub check: String,
    /// The file that it points at.
    pub path: Option<String>,
    /// The line there.
    pub line: Option<u32>,
    /// Words that stand in it.
    pub message: Option<String>,
    /// The cause that explains it.
    pub cause: Option<String>,
}

/// A change of the solution that no check has to notice.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Fair {
    /// The mutant's name.
    pub mutant: String,
    /// Why that is fair.
    pub reason: String,
    /// Where it is said: `mutants.yaml:3`.
    pub place: String,
}

impl Case {
    /// The solution with this case laid over it.
    pub fn over(&self, solution: &Files) -> Files {
        let kept = solution.iter().filter(|(path, _)| !self.remove.contains(path));
        kept.chain(&self.files).map(|(path, file)| (path.clone(), file.clone())).collect()
    }
}

/// Reads an `expect.yaml`. `checks` are the challenge's.
pub(crate) fn case(source: &Loaded, checks: &[&str], solution: &Files, problems: &Problems) -> Case {
    let (unset, nothing) = (Parameters::default(), BTreeSet::new());
    let scope = Scope { file: &source.file, problems, parameters: &unset, captures: &nothing };
    let Some(node) = &source.node else { return Case::default() };
    let fields = scope.fields(node, "what comes of the case, `about:` and `fails:`,", &[&CASE]);
    if node.as_map().is_none() {
        return Case::default();
    }
    if fields.get("fails").is_none() {
        scope.problem(fields.start(), "`fails` is missing here: the checks that fail, or `[]`");
    }
    let ids = fields.get("fails").map(|node| scope.items(node, "a list of checks")).unwrap_or_default();
    let fails: Vec<String> = ids.iter().filter_map(|node| known(&scope, node, checks)).collect();
    let (count, findings) = fields.get("findings").map(|node| all(&scope, node, checks, &fails)).unwrap_or_default();
    let paths = fields.get("remove").map(|node| scope.items(node, "a list of paths")).unwrap_or_default();
    let remove = paths.iter().filter_map(|node| removed(&scope, node, solution)).collect();
    Case {
        about: scope.required(fields, "about"),
        score: fields.get("score").and_then(|node| scope.number(node, 0..=MOST_POINTS)),
        finding: fields.get("finding").and_then(|node| sought(&scope, node, checks, &fails)),
        count,
        findings,
        fails,
        remove,
        ..Case::default()
    }
}

/// Reads a `mutants.yaml`.
pub(crate) fn fair(source: &Loaded, problems: &Problems) -> Vec<Fair> {
    let (unset, nothing) = (Parameters::default(), BTreeSet::new());
    let scope = Scope { file: &source.file, problems, parameters: &unset, captures: &nothing };
    let Some(node) = source.node.as_ref().filter(|node| !node.is_null()) else { return Vec::new() };
    let items = scope.items(node, "a list of mutants and reasons");
    let mut seen = BTreeSet::new();
    let read = items.iter().filter_map(|item| {
        let fields = scope.fields(item, "`mutant:` and `reason:`", &[&FAIR]);
        item.as_map()?;
        let (mutant, reason) = (scope.required(fields, "mutant"), scope.required(fields, "reason"));
        if !mutant.is_empty() && !seen.insert(mutant.clone()) {
            scope.problem(fields.start(), format!("`{mutant}` stands here already"));
        }
        Some(Fair { mutant, reason, place: format!("{}:{}", source.file.path, item.span.line) })
    });
    read.collect()
}

/// The id of a check that the challenge has.
fn known(scope: &Scope<'_>, node: &Node, checks: &[&str]) -> Option<String> {
    let id = scope.prose(node)?;
    if !checks.contains(&id.as_str()) {
        scope.unknown(node.span, "check", &id, checks);
        return None;
    }
    Some(id)
}

fn removed(scope: &Scope<'_>, node: &Node, solution: &Files) -> Option<String> {
    let path = scope.path(node)?;
    if !solution.contains_key(&path) {
        let message = format!("the solution has no file `{path}` to remove");
        let nearest = nearest(&path, solution.keys().map(String::as_str));
        scope.add(Diagnostic { nearest, ..scope.file.diagnostic(node.span, message) });
        return None;
    }
    Some(path)
}

/// How many findings there are, and those that are named.
fn all(scope: &Scope<'_>, node: &Node, checks: &[&str], fails: &[String]) -> (Option<usize>, Vec<Sought>) {
    if let Some(items) = node.as_seq() {
        let read: Vec<Sought> = items.iter().filter_map(|item| sought(scope, item, checks, fails)).collect();
        return (Some(items.len()), read);
    }
    if node.as_map().is_some() {
        scope.wanted(node, "a number of findings, or a list of them,");
        return (None, Vec::new());
    }
    (scope.number(node, 0..=MOST_FINDINGS).map(|count| count as usize), Vec::new())
}

fn sought(scope: &Scope<'_>, node: &Node, checks: &[&str], fails: &[String]) -> Option<Sought> {
    let fields = scope.fields(node, "a finding, `{ check: …, path: …, line: … }`,", &[&SOUGHT]);
    node.as_map()?;
    let Some(named) = fields.get("check") else {
        scope.problem(fields.start(), "`check` is missing here: the check that finds it");
        return None;
    };
    let check = known(scope, named, checks)?;
    if !fails.contains(&check) {
        scope.problem(named.span, format!("`{check}` is not among those that fail, so it finds nothing"));
    }
    Some(Sought {
        check,
        path: fields.get("path").and_then(|node| scope.path(node)),
        line: fields.get("line").and_then(|node| scope.number(node, 1..=1_000_000)),
        message: fields.get("message").and_then(|node| scope.prose(node)),
        cause: fields.get("cause").and_then(|node| scope.prose(node)),
    })
}
