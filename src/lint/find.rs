//! Which files there are to look at.

use super::Linted;
use super::challenge::own_checks;
use super::source::{bytes, shown};
use crate::challenge::library::{self, COURSE_FILE};
use crate::diagnostic::Diagnostic;
use crate::yaml;
use std::fs;
use std::path::{Path, PathBuf};

/// How deep folders are searched.
const DEEPEST: usize = 8;
/// The most entries of one folder that are looked at.
const MOST_ENTRIES: usize = 2_000;

/// A file or folder of the check language.
#[derive(Debug, Clone, PartialEq, Eq, PartialOrd, Ord)]
pub(super) enum LintedPath {
    /// The file of a check.
    Check(PathBuf),
    /// A challenge's file.
    Challenge(PathBuf),
    /// A course's file.
    Course(PathBuf),
}

/// What a path means: a file is looked at whatever it is called, in a folder those that look like checks and challenges.
pub(super) fn find(path: &Path, found: &mut Vec<LintedPath>, linted: &mut Linted) {
    let before = found.len();
    if path.is_dir() {
        folder(path, 0, found);
        if found.len() == before {
            let mut diagnostic = Diagnostic::of(shown(path), "there is no check and no challenge here");
            diagnostic.help = Some("name a file, or begin with `grader new check ID`".to_owned());
            linted.error("nothing", diagnostic);
        }
    } else if path.exists() {
        if path.ends_with(COURSE_FILE) {
            found.push(LintedPath::Course(path.into()));
        } else if is_challenge(path) {
            challenge(path, found);
        } else {
            found.push(LintedPath::Check(path.into()));
        }
    } else {
        linted.error("nothing", Diagnostic::of(shown(path), "there is no such file or folder"));
    }
    // Named as people name them: without `./` in front.
    for found in found.iter_mut().skip(before) {
        let (LintedPath::Check(path) | LintedPath::Challenge(path) | LintedPath::Course(path)) = found;
        if let Ok(plain) = path.strip_prefix("./") {
            *path = plain.to_owned();
        }
    }
}

fn folder(path: &Path, depth: usize, found: &mut Vec<LintedPath>) {
    let file = path.join("challenge.yaml");
    let is_challenge = file.is_file();
    if is_challenge {
        challenge(&file, found);
    }
    found.extend(library::course_file(path).map(LintedPath::Course));
    let Ok(entries) = fs::read_dir(path) else { return };
    let mut entries: Vec<PathBuf> = entries.flatten().take(MOST_ENTRIES).map(|entry| entry.path()).collect();
    entries.sort();
    for entry in entries {
        let name = entry.file_name().and_then(|name| name.to_str()).unwrap_or_default();
        let Ok(meta) = entry.symlink_metadata() else { continue };
        if meta.is_dir() && depth < DEEPEST && !skipped(name, is_challenge) {
            folder(&entry, depth + 1, found);
        } else if meta.is_file() && entry.extension().is_some_and(|it| it == "yaml") && looks_like_check(&entry) {
            found.push(LintedPath::Check(entry));
        }
    }
}

/// A challenge, and its own checks, whatever they look like.
fn challenge(file: &Path, found: &mut Vec<LintedPath>) {
    found.push(LintedPath::Challenge(file.to_owned()));
    let folder = file.parent().unwrap_or(Path::new(""));
    found.extend(own_checks(folder).into_iter().map(LintedPath::Check));
}

/// Folders that hold no checks, or whose checks are known: a learner's files, what tools keep.
fn skipped(name: &str, in_challenge: bool) -> bool {
    name.starts_with('.')
        || matches!(name, "target" | "node_modules" | "__pycache__")
        || (in_challenge && matches!(name, "checks" | "starter" | "solution" | "cases"))
}

fn is_challenge(path: &Path) -> bool {
    path.ends_with("challenge.yaml") || has(path, |keys| keys.contains(&"checks") && !keys.contains(&"hints"))
}

/// A folder may hold YAML of all kinds: a check has an id and something that only checks have.
fn looks_like_check(path: &Path) -> bool {
    let own = ["expect", "try", "script", "hints", "why"];
    !path.ends_with("challenge.yaml")
        && !path.ends_with(COURSE_FILE)
        && has(path, |keys| keys.contains(&"id") && own.iter().filter(|key| keys.contains(key)).count() >= 2)
}

/// Whether the keys of a file's map are such; by its lines where it is no YAML.
fn has(path: &Path, are: impl Fn(&[&str]) -> bool) -> bool {
    let Ok(text) = bytes(path) else { return false };
    if let Ok(node) = yaml::parse(&text) {
        let keys: Vec<&str> = node.as_map().unwrap_or_default().iter().map(|entry| entry.key.as_str()).collect();
        return are(&keys);
    }
    let text = String::from_utf8_lossy(&text);
    let keys: Vec<&str> = text.lines().filter_map(|line| Some(line.split_once(':')?.0)).collect();
    are(&keys)
}
