//! What is certain of a build before there is one: a file that is copied and isn't there. BuildKit refuses it on every host,
//! so that it needs no Docker to say so.

use super::reading::Reading;
use super::recipe::{Recipe, given};
use crate::challenge::Challenge;
use crate::compose;
use crate::dockerfile::{Copy, Kind};
use crate::engine::image::filesystem::Wanted;
use crate::facts::image::missing_file;
use crate::facts::{Fact, Facts};
use crate::place::Place;

/// What is certain, as facts.
pub(super) fn facts(challenge: &Challenge, reading: &Reading) -> Facts {
    let mut facts = Facts::default();
    if let Some(fact) = failed_build(challenge, reading) {
        facts.put("image.builds", fact);
    }
    facts
}

/// The fact that the image doesn't build, if that is certain.
fn failed_build(challenge: &Challenge, reading: &Reading) -> Option<Fact> {
    let (parsed, target) = (reading.dockerfile.as_ref()?, reading.target.as_ref()?);
    let file = parsed.file();
    let recipe = Recipe::new(reading, challenge, reading.graded.root(), file);
    let given = given(challenge);
    let context = reading.graded.root().join(&reading.build.context);
    let needed = target.needed.iter().filter_map(|&stage| file.stages.get(stage));
    let mut instructions =
        needed.flat_map(|stage| file.instructions.get(stage.instructions.clone()).unwrap_or_default());
    instructions.find_map(|instruction| {
        let (Kind::Copy(copy) | Kind::Add(copy)) = &instruction.kind else { return None };
        let path = sources(copy).find(|path| is_missing(path, reading, &given))?;
        let place =
            Place::line(reading.build.dockerfile.clone(), instruction.span.line).to_line(instruction.span.end_line);
        let step = instruction.original.split_whitespace().collect::<Vec<_>>().join(" ");
        let (place, why) = missing_file(&step, path, Some(place), &|path| recipe.ignored_by(path), &context);
        Some(Fact::of(false).because(why).at(place))
    })
}

/// The files and folders of the build context that it copies, by their names; none where a name isn't certain.
fn sources(copy: &Copy) -> impl Iterator<Item = &str> {
    let is_certain =
        |path: &&String| !path.contains(['$', '*', '?', '[', ']', '\\', ':', '"', '\'']) && !path.is_empty();
    let of_context = copy.from.is_none().then_some(&copy.sources).into_iter().flatten();
    of_context
        .filter(is_certain)
        .map(|path| path.trim_start_matches("./").trim_matches('/'))
        .filter(|path| !path.is_empty())
}

/// Whether nothing in the build context has this path, by a reason that is certain.
fn is_missing(path: &str, reading: &Reading, given: &[Wanted]) -> bool {
    if path.split('/').any(|part| part == ".." || part == ".") {
        return false;
    }
    let ignored = matches!(reading.ignore.excludes(path), Ok(Some(_)));
    let Some(path) = compose::join(&reading.build.context, path) else { return false };
    // Of a folder an exception may let something in.
    if ignored && reading.graded.root().join(&path).is_file() {
        return true;
    }
    // A full run puts the given files back.
    let is_given = |file: &Wanted| file.path == path || file.path.starts_with(&format!("{path}/"));
    !given.iter().any(is_given) && !reading.graded.has(&path) && !reading.graded.root().join(&path).exists()
}
