//! A challenge's folder: the file itself, its own checks, and what has to lie beside them.

use super::source::{LintedFile, shown};
use super::view::{self, LintedChallenge};
use super::{Linted, cases, expectations, leftovers, rules, spoilers};
use crate::challenge::{Challenge, Check, library};
use crate::diagnostic::Diagnostic;
use crate::yaml::{Node, Span};
use std::fs;
use std::path::{Path, PathBuf};

/// Looks at a challenge by its file.
pub(super) fn challenge(file: &Path, linted: &mut Linted) {
    linted.files += 1;
    let folder = file.parent().unwrap_or(Path::new(""));
    let Some(source) = LintedFile::read(file, linted) else { return };
    let items = source.node().get("checks").and_then(Node::as_seq).unwrap_or_default();
    let used: Vec<&str> = items.iter().filter_map(|item| item.get("use")?.text()).collect();
    let own = own_checks(folder);
    let lines = spoilers::lines(folder);
    spoilers::texts(&source, source.node(), &lines, linted);
    for path in &own {
        let id = path.file_stem().and_then(|stem| stem.to_str()).unwrap_or_default();
        if !used.contains(&id) {
            let mut diagnostic = Diagnostic::of(shown(path), format!("the challenge does not use `{id}`"));
            diagnostic.help = Some(format!("add `- {{ use: {id}, points: 5 }}` to its checks, or take the file away"));
            linted.warning("unused-check", diagnostic);
        }
        if let Some(source) = LintedFile::read(path, &mut Linted::default()) {
            spoilers::texts(&source, source.node(), &lines, linted);
        }
    }
    let (challenge, wrong) = library::examine(file);
    let named = |item: &Node| item.get("use").or_else(|| item.get("id"))?.text().map(str::to_owned);
    let ids: Vec<String> = items.iter().filter_map(named).collect();
    for item in items {
        // A check of which something cannot be read is looked at when it can.
        let is_whole = wrong.iter().all(|it| it.path != source.path || !it.span.is_some_and(|at| is_in(at, item.span)));
        let loaded = named(item).and_then(|id| challenge.checks.iter().find(|check| check.id == id));
        match (item.get("use"), loaded.filter(|_| is_whole)) {
            (None, Some(check)) => {
                script(&source, item, check, file, linted);
                expectations::check(&source, item, check, linted);
            }
            // Those in files of their own are looked at as such.
            (Some(used), Some(check)) if !own.iter().any(|path| is_called(path, &check.id)) => {
                spoilers::used(&source, used.span, check, &lines, linted);
            }
            _ => {}
        }
        expectations::hints(&source, item, linted);
    }
    for diagnostic in wrong {
        linted.error("load", diagnostic);
    }
    folder_name(&source, &challenge, file, linted);
    beside(&source, folder, linted);
    let before = linted.problems.len();
    let material = cases::read(file, &ids, linted);
    let cases_are_whole = linted.problems.len() == before;
    let written = view::written(&source, folder, &own);
    let checks = view::checks(&source, &written);
    rules::judge(
        &LintedChallenge {
            source: &source,
            folder,
            challenge: &challenge,
            material: &material,
            cases_are_whole,
            checks,
        },
        linted,
    );
    leftovers::stray(folder, linted);
}

/// The files of the challenge's own checks, in `checks/`.
pub(super) fn own_checks(folder: &Path) -> Vec<PathBuf> {
    let mut found = Vec::new();
    let checks = folder.join("checks");
    if checks.is_dir() {
        let entries = fs::read_dir(&checks).into_iter().flatten().flatten().map(|entry| entry.path());
        found.extend(entries.filter(|path| path.extension().is_some_and(|it| it == "yaml") && path.is_file()));
    }
    found.sort();
    found
}

fn is_called(path: &Path, id: &str) -> bool {
    path.file_stem().is_some_and(|stem| stem == id)
}

fn is_in(span: Span, item: Span) -> bool {
    let start = (span.line, span.column);
    start >= (item.line, item.column) && start < (item.end_line, item.end_column)
}

/// A challenge is called like its folder.
fn folder_name(source: &LintedFile, challenge: &Challenge, file: &Path, linted: &mut Linted) {
    let folder = whole_folder(file);
    let name = folder.as_deref().and_then(Path::file_name).and_then(|name| name.to_str());
    if let (Some(name), Some(id)) = (name, source.node().get("id"))
        && name != challenge.id
        && !challenge.id.is_empty()
    {
        let mut diagnostic = source.diagnostic(id.span, format!("its folder is called `{name}`"));
        diagnostic.help = Some("a challenge is found by its folder; give both the same name".to_owned());
        linted.warning("id", diagnostic);
    }
}

/// The whole path of the folder that a file is in.
fn whole_folder(file: &Path) -> Option<PathBuf> {
    let folder = file.parent()?;
    let folder = if folder.as_os_str().is_empty() { Path::new(".") } else { folder };
    folder.canonicalize().ok()
}

/// The program of a check lies beside it, or in the challenge's folder.
pub(super) fn script(source: &LintedFile, node: &Node, check: &Check, file: &Path, linted: &mut Linted) {
    let Some(script) = &check.script else { return };
    let folder = file.parent().unwrap_or(Path::new(""));
    let above = folder.parent().unwrap_or(Path::new(""));
    let places = [folder.to_owned(), folder.join("checks"), above.to_owned()];
    if places.iter().any(|place| place.join(&script.name).is_file()) {
        return;
    }
    if let Some(run) = node.get("script").and_then(|script| script.get("run")) {
        linted.error("script", source.diagnostic(run.span, format!("there is no `{}` beside the check", script.name)));
    }
}

/// What a challenge needs to be tried and proved.
fn beside(source: &LintedFile, folder: &Path, linted: &mut Linted) {
    for (name, why) in [
        ("starter", "what a learner begins with"),
        ("solution", "what proves that every point can be had"),
        ("cases", "what proves that each mistake is told"),
    ] {
        let place = folder.join(name);
        let has_any = fs::read_dir(&place).is_ok_and(|mut entries| entries.next().is_some());
        if !has_any {
            let message = format!("there is no folder `{name}` with files: {why}");
            linted.warning("missing", Diagnostic::of(&source.path, message));
        }
    }
}
