//! `repo.*`: the files that are graded.

use super::{Fact, Facts};
use crate::place::Place;

/// The facts of a repository, from the paths of its files ([`crate::repository::Snapshot::files`], or a listing of the
/// folder where no copy is made).
pub fn collect(files: &[String]) -> Facts {
    let mut facts = Facts::default();
    let paths: Vec<_> = files.iter().map(|path| Fact::of(path.as_str()).at(Place::file(path))).collect();
    facts.put("repo.files", Fact::of(paths));
    facts
}
