//! Files that do not belong into a challenge: what tools leave behind, what cannot be read, links that lead away.

use super::Linted;
use super::source::shown;
use crate::diagnostic::Diagnostic;
use std::fs::{self, File};
use std::path::Path;

/// How deep folders are searched.
const DEEPEST: usize = 32;
/// The most files that are looked at.
const MOST: usize = 20_000;

/// Looks at all files of a challenge.
pub(super) fn stray(folder: &Path, linted: &mut Linted) {
    let folder = if folder.as_os_str().is_empty() { Path::new(".") } else { folder };
    let Ok(root) = folder.canonicalize() else { return };
    walk(folder, &root, 0, &mut 0, linted);
}

fn walk(folder: &Path, root: &Path, depth: usize, seen: &mut usize, linted: &mut Linted) {
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
            if !path.canonicalize().is_ok_and(|target| target.starts_with(root)) {
                linted.error("stray", Diagnostic::of(shown(&path), "this link leads out of the challenge, or nowhere"));
            }
        } else if meta.is_dir() {
            walk(&path, root, depth + 1, seen, linted);
        } else if !meta.is_file() {
            linted.error("stray", Diagnostic::of(shown(&path), "this is neither a file nor a folder"));
        } else if File::open(&path).is_err() {
            linted.error("unreadable", Diagnostic::of(shown(&path), "cannot be read"));
        }
    }
}

/// What editors, Python, git and desktops leave behind.
fn is_left_behind(name: &str) -> bool {
    matches!(name, "__pycache__" | ".pytest_cache" | ".git" | ".DS_Store" | "Thumbs.db" | "node_modules" | ".idea")
        || [".orig", ".rej", ".swp", ".pyc", ".bak", "~"].iter().any(|end| name.ends_with(end))
}
