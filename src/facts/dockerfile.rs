//! `dockerfile.*`: what the Dockerfile says, read as BuildKit reads it.

mod form;
mod order;
pub(super) mod stage;
mod user;

pub use order::Sent;

use super::registry::{ERRORS, Type};
use super::table::{Def, Missing, def, def_or};
use super::{Fact, Facts, left_out, near_names};
use crate::dockerfile::{self, Dockerfile, Instruction, Reference, Source, Span, Target};
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
    /// Files that were probably meant, where there is none: see [`near_names::dockerfiles`].
    pub near: &'a [String],
    /// The files that it can copy.
    pub sent: Sent<'a>,
}

/// What is where the Dockerfile should be.
#[derive(Debug, Clone, Copy)]
pub enum Content<'a> {
    /// Nothing.
    Missing,
    /// Nothing that is graded: this line of a `.gitignore` leaves it out.
    LeftOut(&'a Place),
    /// Something that can't be a Dockerfile, and why, in a sentence: a folder, too large, a link out of the repository.
    Refused(&'a str),
    /// What the machine can't read, and why: nobody's fault.
    Failed(&'a str),
    /// A Dockerfile.
    File(&'a Dockerfile),
}

/// The facts, and the stage that they are about.
#[derive(Debug, Clone, Default)]
pub struct Collected {
    /// `dockerfile.*`.
    pub facts: Facts,
    /// The stage that is built.
    pub target: Option<Target>,
}

/// A Dockerfile that was read.
pub(super) struct ReadDockerfile<'a> {
    path: &'a str,
    file: &'a Dockerfile,
    place: &'a Place,
    /// The stage that is built; where there is none such, the last.
    target: Option<&'a Target>,
}

type DockerfileRow = Def<fn(&ReadDockerfile<'_>) -> Fact>;

const UNREADABLE: DockerfileRow = def(
    "dockerfile.unreadable",
    Type::Text,
    "Why the file called Dockerfile can't be read as one: a folder, too large, a link out of the repository.",
    |_| Fact::absent(),
);

/// The facts of the file.
pub(super) static FACTS: &[DockerfileRow] = &[
    def_or(Missing::False, "dockerfile.exists", Type::Bool, "Whether there is a Dockerfile.", |read| {
        Fact::of(true).at(read.place.clone())
    }),
    UNREADABLE,
    def("dockerfile.path", Type::Text, "The Dockerfile's path in the repository.", |read| {
        Fact::of(read.path).at(read.place.clone())
    }),
    def_or(
        Missing::NoItems,
        "dockerfile.errors",
        ERRORS,
        "What BuildKit would refuse in the Dockerfile, each with its place.",
        |read| errors(&read.file.errors, read.place),
    ),
    def(
        "dockerfile.instructions",
        INSTRUCTIONS,
        "All instructions of the Dockerfile in their order; `stage` counts from 0, `form` is that of a command, `text` is all of it without comments, `mounts` are those of a RUN.",
        |it| it.instructions(),
    ),
    def_or(
        Missing::NoItems,
        "dockerfile.after_lists",
        form::AFTER_LISTS,
        "What follows the list of an instruction: `CMD [\"x\"] # text` is a list for older versions of Docker, and text for newer ones.",
        |read| form::after_lists(read.file, read.place),
    ),
    def(
        "dockerfile.stages",
        STAGES,
        "All build stages of the Dockerfile in their order, with what each is built from.",
        |read| {
            let all = read.target.map(|target| stages(read.file, target, read.place)).unwrap_or_default();
            Fact::of(all).at(read.place.clone())
        },
    ),
];

/// The facts of a Dockerfile.
pub fn collect(input: &Input<'_>) -> Collected {
    let place = Place::file(input.path);
    let name = input.path.rsplit('/').next().unwrap_or(input.path);
    let file = match input.content {
        Content::File(file) => file,
        Content::Refused(why) => {
            let mut refused = missing(why, Some(&place));
            refused.facts.fill(&UNREADABLE, Fact::of(why).at(place));
            return refused;
        }
        Content::Failed(why) => return unknown(why),
        Content::LeftOut(line) => {
            return without(&left_out(input.path, line));
        }
        Content::Missing if input.near.is_empty() => return missing(&format!("there is no {}", input.path), None),
        Content::Missing => {
            return missing(&format!("Docker looks for {name}, not for {}", near_names::quoted(input.near)), None);
        }
    };
    let found = file.target(input.target, input.build_args);
    let last = if found.is_err() { file.target(None, input.build_args).ok() } else { None };
    let mut facts = Facts::default();
    let target = found.as_ref().ok().or(last.as_ref());
    let read = ReadDockerfile { path: input.path, file, place: &place, target };
    facts.fill_all(FACTS, |value| value(&read));
    match &found {
        Ok(target) => {
            let stage = stage::FinalStage { file, target, place: &place, sent: &input.sent };
            facts.fill_all(stage::FACTS, |value| value(&stage));
        }
        Err(error) => {
            let because = match error {
                dockerfile::TargetError::NoStages => format!("{name} has no FROM"),
                not_found @ dockerfile::TargetError::NotFound { .. } => not_found.to_string(),
            };
            facts.fill_without(stage::FACTS, &Fact::absent().because(because.as_str()).at(place.clone()));
            // What stops the build before there is a stage is an error of the stage that is wanted.
            let first = file.instructions.first().map_or(place.clone(), |first| at(&place, first.span));
            let error = Fact::record([
                ("message", Fact::of(because.as_str())),
                ("line", Fact::maybe(first.line.map(i64::from))),
                ("column", Fact::maybe(first.column.map(i64::from))),
            ]);
            let errors = if file.errors.is_empty() { vec![error.at(first)] } else { Vec::new() };
            facts.fill(&stage::ERRORS, Fact::of(errors).at(place));
        }
    }
    Collected { facts, target: found.ok() }
}

fn missing(because: &str, place: Option<&Place>) -> Collected {
    without(&Fact::absent().because(because).at(place.cloned()))
}

fn without(why: &Fact) -> Collected {
    let mut facts = Facts::default();
    facts.fill_without(FACTS, why);
    facts.fill_without(stage::FACTS, why);
    Collected { facts, ..Collected::default() }
}

fn unknown(why: &str) -> Collected {
    let mut facts = Facts::default();
    facts.fill_all(FACTS, |_| Fact::unknown(why));
    facts.fill_all(stage::FACTS, |_| Fact::unknown(why));
    Collected { facts, ..Collected::default() }
}

const INSTRUCTIONS: Type = Type::List(&Type::Record(&[
    ("name", Type::Text),
    ("line", Type::Int),
    ("end_line", Type::Int),
    ("stage", Type::Int),
    ("form", form::FORM),
    ("text", Type::Text),
    ("mounts", form::MOUNTS),
]));

impl ReadDockerfile<'_> {
    fn instructions(&self) -> Fact {
        let all = self.file.instructions.iter().map(|it| instruction(it, self.place));
        Fact::of(all.collect::<Vec<_>>()).at(self.place.clone())
    }
}

/// An instruction as a record.
fn instruction(instruction: &Instruction, place: &Place) -> Fact {
    let stage = instruction.stage.and_then(|stage| i64::try_from(stage).ok());
    Fact::record([
        ("name", Fact::of(instruction.name.as_str())),
        ("line", line(instruction.span.line)),
        ("end_line", line(instruction.span.end_line)),
        ("stage", Fact::maybe(stage)),
        ("form", Fact::maybe(form::of_instruction(instruction))),
        ("text", Fact::of(form::text(instruction))),
        ("mounts", form::mounts(instruction)),
    ])
    .at(at(place, instruction.span))
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

const STAGES: Type = Type::List(&Type::Record(&[
    ("name", Type::Text),
    ("index", Type::Int),
    ("image", Type::Text),
    ("tag", Type::Text),
    ("digest", Type::Text),
    ("parent", Type::Int),
    ("platform", Type::Text),
    ("line", Type::Int),
    ("end_line", Type::Int),
]));

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
