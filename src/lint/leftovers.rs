//! Files that do not belong into a challenge: what tools leave behind, what cannot be read, links that lead nowhere.

use super::Linted;
use super::source::shown;
use crate::diagnostic::Diagnostic;
use std::fs::{self, File};
use std::path::Path;

/// How deep folders are searched.
const DEEPEST: usize = 32;
/// The most files that are looked at.
const MOST: usize = 20_000;

/// Looks at all files of a challenge. A challenge's own checks and folders may be links to what several challenges share;
/// within its starter, its solution and its cases nothing may be one, as `grader check` and `grader test` take none.
pub(super) fn stray(folder: &Path, linted: &mut Linted) {
    let folder = if folder.as_os_str().is_empty() { Path::new(".") } else { folder };
    walk(folder, None, 0, &mut 0, linted);
}

/// What holds files and folders only, by the name of a challenge's folder.
fn holds_no_links(name: &str) -> Option<&'static str> {
    match name {
        "starter" => Some("a starter"),
        "solution" => Some("a solution"),
        "cases" => Some("a case"),
        _ => None,
    }
}

fn walk(folder: &Path, within: Option<&str>, depth: usize, seen: &mut usize, linted: &mut Linted) {
    let Ok(entries) = fs::read_dir(folder) else {
        linted.error("unreadable", Diagnostic::of(shown(folder), "cannot be read"));
        return;
    };
    for path in entries.flatten().map(|entry| entry.path()) {
        *seen += 1;
        let Ok(meta) = path.symlink_metadata() else { continue };
        if *seen > MOST || depth > DEEPEST {
            return;
        }
        let name = path.file_name().and_then(|name| name.to_str());
        if name.is_none_or(is_left_behind) {
            let mut diagnostic = Diagnostic::of(shown(&path), "this does not belong here");
            diagnostic.help = Some("a tool has left it behind; take it away".to_owned());
            linted.warning("stray", diagnostic);
        } else if meta.is_symlink() {
            link(&path, within, linted);
        } else if meta.is_dir() {
            let part = name.filter(|_| depth == 0).and_then(holds_no_links);
            walk(&path, within.or(part), depth + 1, seen, linted);
        } else if !meta.is_file() {
            linted.error("stray", Diagnostic::of(shown(&path), "this is neither a file nor a folder"));
        } else if File::open(&path).is_err() {
            linted.error("unreadable", Diagnostic::of(shown(&path), "cannot be read"));
        }
    }
}

fn link(path: &Path, within: Option<&str>, linted: &mut Linted) {
    if let Some(what) = within {
        let mut diagnostic = Diagnostic::of(shown(path), format!("{what} holds files and folders only, no links"));
        diagnostic.help = Some("put a copy of the file in its place".to_owned());
        linted.error("stray", diagnostic);
    } else if !path.exists() {
        linted.error("stray", Diagnostic::of(shown(path), "this link leads nowhere"));
    }
}

/// What editors, Python, git and desktops leave behind.
fn is_left_behind(name: &str) -> bool {
    matches!(name, "__pycache__" | ".pytest_cache" | ".git" | ".DS_Store" | "Thumbs.db" | "node_modules" | ".idea")
        || [".orig", ".rej", ".swp", ".pyc", ".bak", "~"].iter().any(|end| name.ends_with(end))
}
