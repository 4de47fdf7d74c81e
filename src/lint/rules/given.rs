//! Patterns of `given:` that fit no file of the starter or the solution: nothing is restored by them.

use super::LintRule;
use crate::diagnostic::{Diagnostic, nearest};
use crate::lint::Severity;
use crate::lint::view::LintedChallenge;
use crate::repository::matches_glob;
use crate::yaml::Node;

pub(super) const RULE: LintRule = LintRule { name: "given", severity: Severity::Error, look };

fn look(it: &LintedChallenge<'_>) -> Vec<Diagnostic> {
    let files = it.files();
    let patterns = it.source.node().get("given").and_then(Node::as_seq).unwrap_or_default();
    let unfit = patterns.iter().filter_map(|node| Some((node, node.text()?))).filter(|(_, pattern)| {
        !files.is_empty() && !files.keys().any(|path| matches_glob(std::iter::once(*pattern), path))
    });
    let told = unfit.map(|(node, pattern)| Diagnostic {
        nearest: nearest(pattern, files.keys().map(String::as_str)),
        help: Some("name a file as it is called in the repository, or a folder's files: `src/**`".to_owned()),
        ..it.source.diagnostic(node.span, format!("`{pattern}` fits no file of the starter or the solution"))
    });
    told.collect()
}
