//! The cases of a challenge and its `mutants.yaml`: what `grader test` would refuse of them, by the same reading.

use super::Linted;
use super::source::shown;
use crate::challenge::library::{self, Material};
use std::path::Path;

/// Reads what proves a challenge, and reports what can't be read. `ids` are those of its checks.
pub(super) fn read(file: &Path, ids: &[String], linted: &mut Linted) -> Material {
    let ids: Vec<&str> = ids.iter().map(String::as_str).collect();
    let (material, wrong) = library::examine_material(file, &ids);
    linted.files += material.cases.len();
    for mut diagnostic in wrong {
        diagnostic.path = shown(Path::new(&diagnostic.path));
        linted.error("case", diagnostic);
    }
    material
}
