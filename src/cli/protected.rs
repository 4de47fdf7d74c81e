//! Files that no report may replace: git's own, and what is graded. An older report may be, also where it is tracked.

use super::destination::Destination;
use crate::report::Format;
use crate::repository::Repository;
use std::ffi::OsStr;
use std::path::Path;

/// What Docker, git and grader themselves read in a repository, whether it is there yet or not.
const NAMES: [&str; 9] = [
    "dockerfile",
    "compose.yaml",
    "compose.yml",
    "docker-compose.yaml",
    "docker-compose.yml",
    ".env",
    ".gitignore",
    ".gitattributes",
    "grader.yaml",
];

/// Why a report can't go there; nothing if it can.
pub fn why(repository: &Repository, destination: &Destination) -> Option<&'static str> {
    let path = destination.real()?.strip_prefix(repository.top()).ok()?;
    if path.iter().any(|part| part.eq_ignore_ascii_case(".git")) {
        return Some("it would break the git repository");
    }
    let old = destination.old();
    let is_old_report = old.as_deref().is_some_and(|old| Format::wrote_any(&String::from_utf8_lossy(old)));
    (is_named(path) || (old.is_some() && !is_old_report && repository.is_tracked(path)))
        .then_some("that file is graded itself")
}

fn is_named(path: &Path) -> bool {
    let name = path.file_name().and_then(OsStr::to_str).unwrap_or_default().to_ascii_lowercase();
    let is_one = |suffix: &str| Path::new(&name).extension().is_some_and(|found| found == suffix);
    NAMES.contains(&name.as_str()) || is_one("dockerfile") || is_one("dockerignore") || name == ".dockerignore"
}
