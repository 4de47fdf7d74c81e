//! Findings that a case expects at a line that its file doesn't have.

use super::LintRule;
use crate::challenge::read::case::Case;
use crate::diagnostic::{Diagnostic, nearest};
use crate::lint::source::LintedFile;
use crate::lint::view::LintedChallenge;
use crate::lint::{Linted, Severity};
use crate::yaml::Node;
use std::path::Path;

pub(super) const RULE: LintRule = LintRule { name: "finding-line", severity: Severity::Error, look };

fn look(it: &LintedChallenge<'_>) -> Vec<Diagnostic> {
    it.material.cases.iter().flat_map(|case| of_case(it, case)).collect()
}

fn of_case(it: &LintedChallenge<'_>, case: &Case) -> Vec<Diagnostic> {
    let file = Path::new(&case.place).join("expect.yaml");
    let Some(source) = LintedFile::read(&file, &mut Linted::default()) else { return Vec::new() };
    let files = case.over(&it.material.solution);
    let named = source.node().get("finding").into_iter();
    let listed = source.node().get("findings").and_then(Node::as_seq).unwrap_or_default();
    let mut found = Vec::new();
    for sought in named.chain(listed) {
        let (Some(at), Some(path)) = (sought.get("line"), sought.get("path").and_then(Node::text)) else { continue };
        let Some(file) = files.get(path) else {
            // Given files are the starter's.
            if !it.challenge.starter.contains_key(path) {
                let near = nearest(path, files.keys().map(String::as_str));
                let told = source.diagnostic(at.span, format!("this case has no file `{path}`"));
                found.push(Diagnostic { nearest: near, ..told });
            }
            continue;
        };
        let lines = String::from_utf8_lossy(&file.content).lines().count();
        if at.as_int().and_then(|line| usize::try_from(line).ok()).is_some_and(|line| line > lines) {
            let message = format!("`{path}` has {lines} line{} in this case", if lines == 1 { "" } else { "s" });
            found.push(source.diagnostic(at.span, message));
        }
    }
    found
}
