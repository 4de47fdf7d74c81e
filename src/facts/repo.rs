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

/// The facts of a repository, from the paths of its files ([`crate::repository::Snapshot::files`], or a listing of the
/// folder where no copy is made).
pub fn collect(files: &[String]) -> Facts {
    let mut facts = Facts::default();
    facts.fill_all(FACTS, |value| value(files));
    facts
}
