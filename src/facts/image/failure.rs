//! A failed build in a beginner's words, with its place.

use super::ImageRequest;
use crate::diagnostic::nearest;
use crate::engine::image::build::{BuildFault, Failed};
use crate::outcome::Finding;
use crate::place::Place;
use std::fs;
use std::path::Path;

/// How many of the last lines that a failed command printed are told.
const LINES: usize = 8;
/// The most names of a folder that are compared with a missing one.
const MOST_NAMES: usize = 10_000;

/// Where the build failed, and why.
pub(super) fn explain(failed: &Failed, request: &ImageRequest<'_>) -> (Option<Place>, String) {
    let place = place(failed, request);
    let step = failed.step.as_deref().unwrap_or("the build");
    match &failed.fault {
        Some(BuildFault::MissingFile { path }) if step.contains("--from=") => {
            (place, format!("`{step}` finds no `/{path}` in the stage or image that it copies from"))
        }
        Some(BuildFault::MissingFile { path }) => {
            missing_file(step, path, place, request.ignored_by, request.build.context)
        }
        Some(BuildFault::MissingImage { image, meant: Some(stage) }) => {
            (place, format!("there is no stage and no image `{image}`; did you mean the stage `{stage}`?"))
        }
        Some(BuildFault::MissingImage { image, meant: None }) => {
            (place, format!("image `{image}` doesn't exist or is private"))
        }
        Some(BuildFault::UnknownUser { name }) => {
            let user = user_before(failed, request).or(place);
            (user, format!("there is no user `{name}` in the image when `{step}` is to run as that user"))
        }
        _ => (place, with_output(failed)),
    }
}

/// What to say of a file that an instruction copies and that the build context doesn't have, and where.
pub fn missing_file(
    step: &str,
    path: &str,
    place: Option<Place>,
    ignored_by: &dyn Fn(&str) -> Option<(Place, String)>,
    context: &Path,
) -> (Option<Place>, String) {
    let missing = format!("`{step}` finds no `{path}` in the build context");
    if let Some((line, pattern)) = ignored_by(path) {
        // The line to change is that of the pattern.
        let copy = place.map(|place| format!(" ({place})")).unwrap_or_default();
        return (
            Some(line),
            format!("`{step}`{copy} finds no `{path}` in the build context: `{pattern}` leaves it out"),
        );
    }
    match beside(context, path) {
        Some(near) => (place, format!("{missing}; did you mean `{near}`?")),
        None => (place, missing),
    }
}

/// The path of a file beside a missing one whose name is nearly the same.
fn beside(root: &Path, path: &str) -> Option<String> {
    let (folder, name) = path.trim_matches('/').rsplit_once('/').unwrap_or(("", path));
    let root = root.canonicalize().ok()?;
    // A link must not lead out of the context.
    let place = root.join(folder).canonicalize().ok().filter(|place| place.starts_with(&root))?;
    let names =
        fs::read_dir(place).ok()?.take(MOST_NAMES).filter_map(|entry| entry.ok()?.file_name().into_string().ok());
    let names: Vec<String> = names.collect();
    let near = nearest(name, names.iter().map(String::as_str))?;
    Some(if folder.is_empty() { near } else { format!("{folder}/{near}") })
}

/// What is refused of a build, at its place in the repository: the builder may be given a copy of the Dockerfile.
pub(super) fn refused(finding: &Finding, request: &ImageRequest<'_>) -> Finding {
    let line = finding.place.as_ref().filter(|place| place.line.is_some());
    let place = line.map(|place| Place { path: request.path.to_owned(), ..place.clone() });
    Finding { place: place.or_else(|| finding.place.clone()), ..finding.clone() }
}

fn place(failed: &Failed, request: &ImageRequest<'_>) -> Option<Place> {
    // What is refused may stand in another file.
    if let Some(refused) = failed.refused.first() {
        return refused.place.clone();
    }
    let (first, last) = failed.lines?;
    Some(Place::line(request.path, first).to_line(last))
}

/// The USER that holds where the build failed, if that is one of the target's own instructions.
fn user_before(failed: &Failed, request: &ImageRequest<'_>) -> Option<Place> {
    let (line, _) = failed.lines?;
    let failing = request.steps.iter().position(|step| step.place.line == Some(line))?;
    let before = request.steps.get(..failing)?;
    before.iter().rfind(|step| step.name == "USER").map(|step| step.place.clone())
}

fn with_output(failed: &Failed) -> String {
    let lines: Vec<&str> = failed.log.lines().collect();
    match lines.get(lines.len().saturating_sub(LINES)..).unwrap_or_default() {
        [] => failed.message.clone(),
        last => format!("{}; it printed last:\n{}", failed.message, last.join("\n")),
    }
}
