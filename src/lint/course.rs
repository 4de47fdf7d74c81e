//! A course: its file, and terms that a unit needs before one has taught them.

use super::source::LintedFile;
use super::{Linted, rules};
use crate::challenge::library;
use crate::challenge::read::case::Files;
use crate::challenge::{Course, Unit};
use crate::diagnostic::Diagnostic;
use crate::yaml::Node;
use std::collections::BTreeSet;
use std::path::Path;

/// The instructions of a Dockerfile, which are terms of their own.
const INSTRUCTIONS: [&str; 16] = [
    "ADD",
    "ARG",
    "CMD",
    "COPY",
    "ENTRYPOINT",
    "ENV",
    "EXPOSE",
    "FROM",
    "HEALTHCHECK",
    "LABEL",
    "RUN",
    "SHELL",
    "STOPSIGNAL",
    "USER",
    "VOLUME",
    "WORKDIR",
];

/// Looks at a course by its file.
pub(super) fn course(file: &Path, linted: &mut Linted) {
    linted.files += 1;
    let Some(source) = LintedFile::read(file, linted) else { return };
    let (course, wrong) = library::examine_course(file);
    let is_whole = wrong.is_empty();
    for diagnostic in wrong {
        linted.error("load", diagnostic);
    }
    if let Some(diagnostic) = rules::schema_line(&source, "course.schema.json") {
        linted.warning("schema-line", diagnostic);
    }
    // Who teaches nothing by name wants no order of terms.
    if is_whole && course.units.iter().any(|unit| !unit.teaches.is_empty()) {
        teaches(&source, &course, linted);
    }
}

/// Terms that a unit's solution needs, and that neither its starter shows nor it or a unit before teaches.
fn teaches(source: &LintedFile, course: &Course, linted: &mut Linted) {
    let words: BTreeSet<&str> =
        course.units.iter().flat_map(|unit| &unit.teaches).map(String::as_str).chain(INSTRUCTIONS).collect();
    let mut taught: BTreeSet<&str> = BTreeSet::new();
    let items = source.node().get("units").and_then(Node::as_seq).unwrap_or_default();
    for (unit, item) in course.units.iter().zip(items) {
        taught.extend(unit.teaches.iter().map(String::as_str));
        let Some((starter, solution)) = files(unit) else { continue };
        let shown = used(&starter, &words);
        let needed = used(&solution, &words).into_iter().filter(|term| !shown.contains(term) && !taught.contains(term));
        let needed: Vec<&str> = needed.collect();
        let Some(at) = item.get("challenge").filter(|_| !needed.is_empty()) else { continue };
        let terms = needed.join("`, `");
        let message = format!("the solution of `{}` needs `{terms}`, which no unit up to it teaches", unit.name);
        let later = course.units.iter().find(|other| other.teaches.iter().any(|term| needed.contains(&term.as_str())));
        let help = match later {
            Some(later) => format!("put it behind `{}`, or teach these terms before", later.name),
            None => format!("add to the `teaches` of this unit, or of one before: [{}]", needed.join(", ")),
        };
        linted.warning("teaches", Diagnostic { help: Some(help), ..source.diagnostic(at.span, message) });
        // What is reported once is known from then on.
        taught.extend(needed);
    }
}

/// The starter and the solution of a unit.
fn files(unit: &Unit) -> Option<(Files, Files)> {
    let material = library::material(&unit.selector).ok()?;
    Some((material.challenge.starter, material.solution))
}

/// The terms in the Dockerfiles and Compose files: instructions where they begin a line, other words anywhere.
fn used<'w>(files: &Files, words: &BTreeSet<&'w str>) -> BTreeSet<&'w str> {
    let mut found = BTreeSet::new();
    for (path, file) in files {
        let name = path.rsplit('/').next().unwrap_or(path);
        let is_dockerfile = name.starts_with("Dockerfile") || name.ends_with(".Dockerfile");
        let is_compose =
            name.contains("compose") && name.rsplit('.').next().is_some_and(|end| ["yaml", "yml"].contains(&end));
        if !is_dockerfile && !is_compose {
            continue;
        }
        let text = String::from_utf8_lossy(&file.content);
        for line in text.lines().map(str::trim_start).filter(|line| !line.starts_with('#')) {
            let mut parts = line.split(|c: char| !(c.is_alphanumeric() || "_-".contains(c))).peekable();
            let first = parts.peek().copied().unwrap_or_default().to_ascii_uppercase();
            if is_dockerfile {
                found.extend(words.get(first.as_str()));
            }
            let is_other = |word: &&str| !INSTRUCTIONS.contains(word);
            found.extend(parts.filter(is_other).filter_map(|word| words.get(word)));
        }
    }
    found
}
