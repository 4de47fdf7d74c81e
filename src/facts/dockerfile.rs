//! `dockerfile.*`: what the Dockerfile says, read as BuildKit reads it.

mod order;
mod stage;

use super::{Fact, Facts, Value, registry};
use crate::dockerfile::{self, Dockerfile, Reference, Source, Span, Target};
use crate::place::Place;
use std::collections::BTreeMap;

/// The Dockerfile, and what of it is built.
#[derive(Debug, Clone, Copy)]
pub struct Input<'a> {
    /// Its path in the repository.
    pub path: &'a str,
    /// What is there.
    pub content: Content<'a>,
    /// The stage that is built: what Compose names, else the last.
    pub target: Option<&'a str>,
    /// The build arguments that Compose gives.
    pub build_args: &'a BTreeMap<String, String>,
    /// Files that were probably meant, where there is none: see [`near_names`].
    pub near: &'a [String],
}

/// What is where the Dockerfile should be.
#[derive(Debug, Clone, Copy)]
pub enum Content<'a> {
    /// Nothing.
    Missing,
    /// Something that can't be a Dockerfile, and why, in a sentence: a folder, too large, a link out of the repository.
    Refused(&'a str),
    /// What the machine can't read, and why: nobody's fault.
    Failed(&'a str),
    /// A regular file.
    Text(&'a [u8]),
}

/// The facts, and what they were made from.
#[derive(Debug, Clone, Default)]
pub struct Collected {
    /// `dockerfile.*`.
    pub facts: Facts,
    /// The file as it was read.
    pub file: Option<Dockerfile>,
    /// The stage that is built.
    pub target: Option<Target>,
}

/// The facts of a Dockerfile.
pub fn collect(input: &Input<'_>) -> Collected {
    let place = Place::file(input.path);
    let name = input.path.rsplit('/').next().unwrap_or(input.path);
    let text = match input.content {
        Content::Text(text) => text,
        Content::Refused(why) => {
            let mut refused = missing(why, Some(&place));
            refused.facts.put("dockerfile.unreadable", Fact::of(why).at(place));
            return refused;
        }
        Content::Failed(why) => return unknown(why),
        Content::Missing if input.near.is_empty() => return missing(&format!("there is no {}", input.path), None),
        Content::Missing => {
            return missing(&format!("Docker looks for {name}, not for {}", input.near.join(", ")), None);
        }
    };
    let file = dockerfile::parse(text);
    let mut facts = Facts::default();
    facts.put("dockerfile.exists", Fact::of(true).at(place.clone()));
    facts.put("dockerfile.unreadable", Fact::absent());
    facts.put("dockerfile.path", Fact::of(input.path).at(place.clone()));
    facts.put("dockerfile.errors", errors(&file.errors, &place));
    let instructions = file.instructions.iter().map(|instruction| {
        let stage = instruction.stage.and_then(|stage| i64::try_from(stage).ok());
        Fact::record([
            ("name", Fact::of(instruction.name.as_str())),
            ("line", line(instruction.span.line)),
            ("end_line", line(instruction.span.end_line)),
            ("stage", Fact::maybe(stage)),
        ])
        .at(at(&place, instruction.span))
    });
    facts.put("dockerfile.instructions", Fact::of(instructions.collect::<Vec<_>>()).at(place.clone()));
    let target = match file.target(input.target, input.build_args) {
        Ok(target) => {
            facts.put("dockerfile.stages", Fact::of(stages(&file, &target, &place)).at(place.clone()));
            stage::put(&mut facts, &file, &target, &place);
            Some(target)
        }
        Err(error) => {
            let because = match error {
                dockerfile::TargetError::NoStages => format!("{name} has no FROM"),
                not_found @ dockerfile::TargetError::NotFound { .. } => not_found.to_string(),
            };
            let all = file.target(None, input.build_args).map(|last| stages(&file, &last, &place)).unwrap_or_default();
            facts.put("dockerfile.stages", Fact::of(all).at(place.clone()));
            // What stops the build before there is a stage is an error of the stage that is wanted.
            let first = file.instructions.first().map_or(place.clone(), |first| at(&place, first.span));
            let error = Fact::record([
                ("message", Fact::of(because.as_str())),
                ("line", Fact::maybe(first.line.map(i64::from))),
                ("column", Fact::maybe(first.column.map(i64::from))),
            ]);
            let errors = if file.errors.is_empty() { vec![error.at(first)] } else { Vec::new() };
            facts.put("dockerfile.final.errors", Fact::of(errors).at(place.clone()));
            absent(&mut facts, &because, Some(&place));
            None
        }
    };
    Collected { facts, file: Some(file), target }
}

/// Of the repository's files, those beside `path` that look like a misspelt `Dockerfile`.
pub fn near_names(path: &str, files: &[String]) -> Vec<String> {
    let folder = path.rsplit_once('/').map_or("", |(folder, _)| folder);
    let is_near = |file: &&String| {
        let (beside, name) = file.rsplit_once('/').unwrap_or(("", file));
        let plain: String = name.to_lowercase().chars().filter(char::is_ascii_alphanumeric).collect();
        let ignores = plain.ends_with("dockerignore");
        beside == folder
            && !ignores
            && (plain.starts_with("dockerfile") || strsim::osa_distance(&plain, "dockerfile") <= 2)
    };
    files.iter().filter(is_near).cloned().collect()
}

fn missing(because: &str, place: Option<&Place>) -> Collected {
    let mut facts = Facts::default();
    facts.put("dockerfile.exists", Fact::of(false).at(place.cloned()).because(because));
    facts.put("dockerfile.errors", Value::List(Vec::new()));
    absent(&mut facts, because, place);
    Collected { facts, ..Collected::default() }
}

fn unknown(why: &str) -> Collected {
    let mut facts = Facts::default();
    for entry in registry::REGISTRY.iter().filter(|entry| entry.name.starts_with("dockerfile.")) {
        facts.put(entry.name, Fact::unknown(why));
    }
    Collected { facts, ..Collected::default() }
}

/// Says of all facts that are not there yet that they have no value.
fn absent(facts: &mut Facts, because: &str, place: Option<&Place>) {
    for entry in registry::REGISTRY.iter().filter(|entry| entry.name.starts_with("dockerfile.")) {
        if facts.get(entry.name).is_none() {
            facts.put(entry.name, Fact::absent().because(because).at(place.cloned()));
        }
    }
}

fn errors(errors: &[dockerfile::Error], file: &Place) -> Fact {
    let errors = errors.iter().map(|error| {
        let fact = Fact::record([
            ("message", Fact::of(error.message.as_str())),
            ("line", line(error.line)),
            ("column", line(error.column)),
        ]);
        let place = Place::line(file.path.as_str(), error.line).column(error.column).to_line(error.end_line);
        let fact = fact.at(place);
        match &error.help {
            Some(help) => fact.because(help.as_str()),
            None => fact,
        }
    });
    Fact::of(errors.collect::<Vec<_>>()).at(file.clone())
}

fn stages(file: &Dockerfile, target: &Target, place: &Place) -> Vec<Fact> {
    let stages = file.stages.iter().map(|stage| {
        let base = target.bases.get(stage.index).unwrap_or(&Source::Unknown);
        let (image, tag, digest) = image(base);
        let parent = match base {
            Source::Stage(index) => i64::try_from(*index).ok(),
            _ => None,
        };
        Fact::record([
            ("name", Fact::maybe(stage.name.as_deref())),
            ("index", Fact::maybe(i64::try_from(stage.index).ok())),
            ("image", Fact::maybe(image)),
            ("tag", Fact::maybe(tag)),
            ("digest", Fact::maybe(digest)),
            ("parent", Fact::maybe(parent)),
            ("platform", Fact::maybe(stage.platform.as_deref())),
            ("line", line(stage.span.line)),
            ("end_line", line(stage.span.end_line)),
        ])
        .at(at(place, stage.span))
    });
    stages.collect()
}

/// Name, tag and digest of an image.
fn image(source: &Source) -> (Option<&str>, Option<&str>, Option<&str>) {
    match source {
        Source::Image(Reference { image, tag, digest }) => (Some(image), tag.as_deref(), digest.as_deref()),
        Source::Scratch => (Some("scratch"), None, None),
        Source::Stage(_) | Source::Unknown => (None, None, None),
    }
}

fn at(file: &Place, span: Span) -> Place {
    Place::line(file.path.as_str(), span.line).column(span.column).to_line(span.end_line)
}

fn line(number: u32) -> Fact {
    Fact::of(i64::from(number))
}
