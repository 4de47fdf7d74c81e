//! `repo.*`: the files that are graded.

use super::registry::TEXTS;
use super::table::{Def, def};
use super::{Fact, Facts};
use crate::place::Place;

type RepositoryRow = Def<fn(&[String]) -> Fact>;

/// The facts.
pub(super) static FACTS: &[RepositoryRow] = &[def(
    "repo.files",
    TEXTS,
    "The files that are graded: tracked or untracked-unignored ones in a git repository, otherwise all.",
    |files| {
        let paths: Vec<_> = files.iter().map(|path| Fact::of(path.as_str()).at(Place::file(path))).collect();
        Fact::of(paths)
    },
)];

/// The most files left out that are named.
const MOST: usize = 5;

/// The facts of a repository, with what git leaves out of it as the reason: single files first.
pub fn collect_with(files: &[String], left_out: &[(String, Place)]) -> Facts {
    let mut paths: Vec<_> = left_out.iter().collect();
    paths.sort_by_key(|(path, _)| path.ends_with('/'));
    let reasons: Vec<_> = paths.iter().take(MOST).map(|(path, line)| format!("{line} leaves {path} out")).collect();
    let mut facts = Facts::default();
    facts.fill_all(FACTS, |value| match reasons.as_slice() {
        [] => value(files),
        reasons => value(files).because(reasons.join("; ")),
    });
    facts
}

/// The facts of a repository, from the paths of its files ([`crate::repository::Snapshot::files`], or a listing of the
/// folder where no copy is made).
pub fn collect(files: &[String]) -> Facts {
    let mut facts = Facts::default();
    facts.fill_all(FACTS, |value| value(files));
    facts
}
