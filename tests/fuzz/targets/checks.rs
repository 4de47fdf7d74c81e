//! A check's file, or in two pieces a challenge's and a check's beside it: loading and lint tell what is wrong at a place of
//! the file, and what loads is judged by its own examples.

use super::{facts, pieces, shown};
use grader::challenge::library;
use grader::diagnostic::Diagnostic;
use grader::facts::Facts;
use grader::facts::dockerfile::{Content, Input, Sent};
use grader::{facts as sources, judge, lint};
use std::collections::BTreeMap;
use std::fs;

/// Reads it.
pub fn run(data: &[u8]) {
    let folder = tempfile::tempdir().expect("a folder");
    let pieces = pieces::cut(data);
    let (challenge, check) = match pieces.as_slice() {
        [challenge, check, ..] => (Some(*challenge), *check),
        [check] => (None, *check),
        [] => return,
    };
    let lines = |path: &str| {
        let text = if path.ends_with("challenge.yaml") { challenge? } else { check };
        Some(facts::yaml_lines(text))
    };
    match library::check("nowhere/it.yaml", check) {
        Err(error) => {
            assert!(!error.diagnostics.is_empty());
            for diagnostic in &error.diagnostics {
                told(diagnostic, &lines);
            }
            shown::check("diagnostics", &error.to_string(), &[]);
        }
        Ok(check) => {
            for example in check.examples.pass.iter().chain(&check.examples.fail) {
                let _ = judge::example(&check, example, &collect);
            }
        }
    }
    fs::write(folder.path().join("it.yaml"), check).expect("it can be written");
    let mut looked_at = vec![folder.path().join("it.yaml")];
    if let Some(challenge) = challenge {
        fs::write(folder.path().join("challenge.yaml"), challenge).expect("it can be written");
        let (_, diagnostics) = library::examine(folder.path());
        for diagnostic in &diagnostics {
            told(diagnostic, &lines);
        }
        looked_at.push(folder.path().to_owned());
    }
    let linted = lint::lint(&looked_at);
    assert!(linted.files > 0, "something was looked at");
    for problem in &linted.problems {
        told(&problem.diagnostic, &lines);
    }
}

/// A diagnostic says something, of a place of the file, and shows nothing that acts.
fn told(diagnostic: &Diagnostic, lines: &dyn Fn(&str) -> Option<usize>) {
    assert!(!diagnostic.message.is_empty(), "{diagnostic:?}");
    shown::check("a diagnostic", &diagnostic.to_string(), &[]);
    let Some(span) = diagnostic.span.filter(|_| !diagnostic.path.starts_with("checks/")) else { return };
    let most = lines(&diagnostic.path).expect("a file that was read");
    assert!(span.column >= 1 && (1..=most).contains(&(span.line as usize)), "{diagnostic:?} of {most} lines");
}

/// The static facts of an example's files.
fn collect(files: &BTreeMap<String, String>) -> Facts {
    let names: Vec<String> = files.keys().cloned().collect();
    let mut found = sources::repo::collect(&names);
    let file = files.get("Dockerfile").map(|text| grader::dockerfile::parse(text.as_bytes()));
    let content = file.as_ref().map_or(Content::Missing, Content::File);
    let input = Input {
        path: "Dockerfile",
        content,
        target: None,
        build_args: &BTreeMap::new(),
        near: &[],
        sent: Sent::default(),
    };
    found.merge(sources::dockerfile::collect(&input).facts);
    found
}
