//! Override files: points that an instructor gives by hand, with the reason.
//!
//! ```yaml
//! - { repository: course/jane, check: image-size, points: 20, reason: Agreed on 12 May. }
//! ```

use super::{disk, done};
use crate::challenge::Challenge;
use crate::challenge::read::load::Loaded;
use crate::diagnostic::Diagnostic;
use crate::diagnostic::{Error, nearest};
use crate::language::file::Problems;
use crate::language::grammar::{MOST_POINTS, OVERRIDE};
use crate::language::parameters::Parameters;
use crate::language::scope::Scope;
use crate::yaml::Node;
use std::collections::BTreeSet;
use std::path::Path;

/// What an instructor decided of one check of one repository.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Override {
    /// The repository: its folder's name, its path, or `owner/name`.
    pub repository: String,
    /// The check's id.
    pub check: String,
    /// The points that it gets.
    pub points: u32,
    /// Why.
    pub reason: String,
}

/// Reads an override file. Checks of other challenges may stand in it; of this one's, the points are held against.
pub fn overrides(path: &Path, challenge: &Challenge) -> Result<Vec<Override>, Error> {
    let problems = Problems::default();
    let source = disk::read(path, &problems);
    let read = source.as_ref().map(|source| all(source, challenge, &problems)).unwrap_or_default();
    done(read, problems)
}

fn all(source: &Loaded, challenge: &Challenge, problems: &Problems) -> Vec<Override> {
    let (unset, nothing) = (Parameters::default(), BTreeSet::new());
    let scope = Scope { file: &source.file, problems, parameters: &unset, captures: &nothing };
    let Some(node) = &source.node else { return Vec::new() };
    if node.is_null() {
        return Vec::new();
    }
    let items = scope.items(node, "a list of overrides");
    items.iter().filter_map(|item| one(&scope, item, challenge)).collect()
}

fn one(scope: &Scope<'_>, node: &Node, challenge: &Challenge) -> Option<Override> {
    let what = "`{ repository: …, check: …, points: 5, reason: … }`";
    let fields = scope.fields(node, what, &[&OVERRIDE]);
    node.as_map()?;
    let text = |key| scope.required(fields, key);
    let (repository, check, reason) = (text("repository"), text("check"), text("reason"));
    let Some(written) = fields.get("points") else {
        scope.problem(fields.start(), "`points` is missing here");
        return None;
    };
    let points = scope.number(written, 0..=MOST_POINTS)?;
    match challenge.checks.iter().find(|known| known.id == check) {
        Some(known) if points > known.points.max(known.bonus) => {
            let most = known.points.max(known.bonus);
            scope.problem(written.span, format!("`{check}` has {most} points in this challenge"));
        }
        Some(_) => {}
        None => {
            // It may be another challenge's; one that is almost this one's is a slip.
            let known = challenge.checks.iter().map(|check| check.id.as_str());
            if let (Some(near), Some(at)) = (nearest(&check, known), fields.get("check")) {
                let message = format!("there is no check `{check}` in this challenge");
                scope.add(Diagnostic { nearest: Some(near), ..scope.file.diagnostic(at.span, message) });
            }
        }
    }
    Some(Override { repository, check, points, reason })
}
