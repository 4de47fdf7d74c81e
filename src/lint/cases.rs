//! The cases of a challenge: each has an `expect.yaml` of known keys and of checks that there are.

use super::Linted;
use super::source::{LintedFile, shown};
use crate::diagnostic::{Diagnostic, nearest};
use crate::yaml::{Node, Span};
use std::fs;
use std::path::{Path, PathBuf};

/// The keys of an `expect.yaml`.
pub(crate) const KEYS: [&str; 5] = ["about", "fails", "score", "finding", "remove"];
/// The keys of its `finding`.
pub(crate) const FINDING: [&str; 4] = ["check", "path", "line", "message"];

/// Looks at all cases.
pub(super) fn cases(folder: &Path, ids: &[String], linted: &mut Linted) {
    let entries = fs::read_dir(folder.join("cases")).into_iter().flatten().flatten().map(|entry| entry.path());
    let mut cases: Vec<PathBuf> = entries.filter(|path| path.is_dir()).collect();
    cases.sort();
    for case in cases {
        let file = case.join("expect.yaml");
        if !file.exists() {
            let mut diagnostic = Diagnostic::of(shown(&case), "this case has no `expect.yaml`");
            diagnostic.help = Some("it says what is wrong and which checks fail: `fails: [ID]`".to_owned());
            linted.error("case", diagnostic);
            continue;
        }
        linted.files += 1;
        if let Some(source) = LintedFile::read(&file, linted) {
            expect(&source, &folder.join("solution"), ids, linted);
        }
    }
}

fn expect(source: &LintedFile, solution: &Path, ids: &[String], linted: &mut Linted) {
    let node = source.node();
    keys(source, node, &KEYS, linted);
    for (key, why) in [("about", "what is wrong in this case"), ("fails", "the checks that fail, `[]` if it passes")] {
        if node.get(key).is_none() {
            linted.error("case", source.diagnostic(start(node), format!("`{key}` is missing here: {why}")));
        }
    }
    let texts = |key: &str| node.get(key).and_then(Node::as_seq).unwrap_or_default().iter();
    for (key, node) in ["fails", "remove"].into_iter().filter_map(|key| Some((key, node.get(key)?))) {
        if node.as_seq().is_none() {
            let message = format!("a list is wanted behind `{key}`, not {}", node.kind());
            linted.error("case", source.diagnostic(node.span, message));
        }
    }
    let finding = node.get("finding");
    if let Some(finding) = finding {
        keys(source, finding, &FINDING, linted);
    }
    for named in texts("fails").chain(finding.and_then(|finding| finding.get("check"))) {
        let id = named.text().unwrap_or_default();
        if !ids.iter().any(|known| known == id) {
            let known = || ids.iter().map(String::as_str);
            let diagnostic = source.diagnostic(named.span, format!("this challenge has no check `{id}`"));
            let allowed = ids.to_vec();
            linted.error("case", Diagnostic { nearest: nearest(id, known()), allowed, ..diagnostic });
        }
    }
    for removed in texts("remove") {
        let path = removed.text().unwrap_or_default();
        if solution.is_dir() && solution.join(path).symlink_metadata().is_err() {
            let message = format!("the solution has no `{path}` that could be taken away");
            linted.error("case", source.diagnostic(removed.span, message));
        }
    }
}

fn keys(source: &LintedFile, node: &Node, allowed: &[&str], linted: &mut Linted) {
    let Some(entries) = node.as_map() else {
        linted.error("case", source.diagnostic(node.span, format!("a map is wanted here, not {}", node.kind())));
        return;
    };
    for entry in entries.iter().filter(|entry| !allowed.contains(&entry.key.as_str())) {
        let diagnostic = source.diagnostic(entry.key_span, format!("unknown key `{}`", entry.key));
        let nearest = nearest(&entry.key, allowed.iter().copied());
        let allowed = allowed.iter().map(|&key| key.to_owned()).collect();
        linted.error("case", Diagnostic { nearest, allowed, ..diagnostic });
    }
}

fn start(node: &Node) -> Span {
    node.as_map().and_then(<[_]>::first).map_or(node.span, |entry| entry.key_span)
}
