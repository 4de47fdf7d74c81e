//! What is wrong with an instructor's files, all at once: what keeps a challenge from grading rightly is an error, what
//! makes it a worse teacher a warning.

mod cases;
mod challenge;
mod course;
mod expectations;
mod find;
mod guards;
mod leftovers;
mod rules;
mod source;
mod spoilers;
mod vacuous;
mod view;

use crate::diagnostic::Diagnostic;
use find::LintedPath;
use source::LintedFile;
use std::collections::BTreeSet;
use std::path::PathBuf;

/// How bad it is.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord)]
pub enum Severity {
    /// It does not load, or does not grade rightly.
    Error,
    /// It grades, but could do better.
    Warning,
}

impl Severity {
    /// Its name.
    pub fn name(self) -> &'static str {
        match self {
            Self::Error => "error",
            Self::Warning => "warning",
        }
    }
}

/// One thing that is wrong.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Shortcoming {
    /// How bad it is.
    pub severity: Severity,
    /// Which rule says so: `load`, `never-holds`.
    pub rule: &'static str,
    /// What and where.
    pub diagnostic: Diagnostic,
}

/// What was looked at, and what is wrong with it.
#[derive(Debug, Clone, Default)]
pub struct Linted {
    /// The files of the check language that were read.
    pub files: usize,
    /// What is wrong, file by file, from top to bottom.
    pub problems: Vec<Shortcoming>,
}

impl Linted {
    /// How many problems are this bad.
    pub fn count(&self, severity: Severity) -> usize {
        self.problems.iter().filter(|problem| problem.severity == severity).count()
    }

    fn add(&mut self, severity: Severity, rule: &'static str, diagnostic: Diagnostic) {
        self.problems.push(Shortcoming { severity, rule, diagnostic });
    }

    fn error(&mut self, rule: &'static str, diagnostic: Diagnostic) {
        self.add(Severity::Error, rule, diagnostic);
    }

    fn warning(&mut self, rule: &'static str, diagnostic: Diagnostic) {
        self.add(Severity::Warning, rule, diagnostic);
    }

    fn load(&mut self, error: crate::diagnostic::Error) {
        for diagnostic in error.diagnostics {
            self.error("load", diagnostic);
        }
    }
}

/// Looks at files and folders: checks, challenges, folders of them.
pub fn lint(paths: &[PathBuf]) -> Linted {
    let mut linted = Linted::default();
    let mut found = Vec::new();
    for path in paths {
        find::find(path, &mut found, &mut linted);
    }
    found.sort();
    found.dedup();
    for found in &found {
        match found {
            LintedPath::Check(path) => check(path, &mut linted),
            LintedPath::Challenge(folder) => challenge::challenge(folder, &mut linted),
            LintedPath::Course(file) => course::course(file, &mut linted),
        }
    }
    // What can't be read is reported once, also where it is a leftover.
    let unread: BTreeSet<String> =
        linted.problems.iter().filter(|it| it.rule == "case").map(|it| it.diagnostic.path.clone()).collect();
    linted.problems.retain(|it| it.rule != "stray" || !unread.contains(&it.diagnostic.path));
    linted.problems.sort_by(|a, b| key(a).cmp(&key(b)));
    linted.problems.dedup_by(|a, b| a.diagnostic == b.diagnostic);
    linted
}

/// Writes the table of steps into the README of each challenge that loads. Returns the files that were written.
pub fn fix(paths: &[PathBuf]) -> std::io::Result<Vec<PathBuf>> {
    let mut found = Vec::new();
    for path in paths {
        find::find(path, &mut found, &mut Linted::default());
    }
    let mut written = Vec::new();
    for found in found {
        let LintedPath::Challenge(file) = found else { continue };
        written.extend(rules::write_table(&file)?);
    }
    Ok(written)
}

fn key(problem: &Shortcoming) -> (&str, (u32, u32), Severity, &str) {
    let place = problem.diagnostic.span.map_or((0, 0), |span| (span.line, span.column));
    (&problem.diagnostic.path, place, problem.severity, &problem.diagnostic.message)
}

/// A check in a file of its own.
fn check(path: &std::path::Path, linted: &mut Linted) {
    linted.files += 1;
    let Some(source) = LintedFile::read(path, linted) else { return };
    expectations::hints(&source, source.node(), linted);
    match crate::challenge::library::check(&source.path, &source.text) {
        Err(error) => linted.load(error),
        Ok(check) => {
            let stem = path.file_stem().and_then(|stem| stem.to_str()).unwrap_or_default();
            if let Some(id) = source.node().get("id").filter(|_| check.id != stem) {
                let message = format!("the file is called `{stem}.yaml`, so its id is `{stem}`");
                linted.error("id", source.diagnostic(id.span, message));
            }
            challenge::script(&source, source.node(), &check, path, linted);
            expectations::check(&source, source.node(), &check, linted);
        }
    }
}
