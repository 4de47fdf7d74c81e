//! `dockerignore.*`: what the ignore file says, as Docker reads it.

use super::registry::{ERRORS, TEXTS, Type};
use super::table::{Def, Missing, def, def_or};
use super::{Fact, Facts, Known, near_names};
use crate::dockerignore::{Ignore, IgnorePattern};
use crate::place::Place;
use crate::repository::ReadError;

/// An ignore file that was read.
pub(super) struct ReadIgnore<'a> {
    path: &'a str,
    ignore: &'a Ignore,
}

type DockerignoreRow = Def<fn(&ReadIgnore<'_>) -> Fact>;

const UNREADABLE: DockerignoreRow = def(
    "dockerignore.unreadable",
    Type::Text,
    "Why the file called .dockerignore can't be read as one: a folder, too large, a link out of the repository.",
    |_| Fact::absent(),
);

/// The facts.
pub(super) static FACTS: &[DockerignoreRow] = &[
    def_or(
        Missing::False,
        "dockerignore.exists",
        Type::Bool,
        "Whether there is a .dockerignore (`<Dockerfile>.dockerignore` wins).",
        |read| Fact::of(true).at(read.file()),
    ),
    UNREADABLE,
    def("dockerignore.path", Type::Text, "The .dockerignore's path in the repository.", |read| {
        Fact::of(read.path).at(read.file())
    }),
    def("dockerignore.patterns", Type::Patterns, "The .dockerignore's patterns, as Docker reads them.", |it| {
        it.patterns()
    }),
    def_or(
        Missing::NoItems,
        "dockerignore.errors",
        ERRORS,
        "The patterns of the .dockerignore that Docker refuses.",
        |it| it.errors(),
    ),
    def_or(
        Missing::NoItems,
        "dockerignore.inline_comments",
        TEXTS,
        "Patterns of the .dockerignore with a `#` behind a blank: no comment for Docker, which looks for such a file.",
        |it| it.inline_comments(),
    ),
];

/// The facts of the ignore file that Docker would read: its path and patterns, nothing, or why it can't be read.
/// `files` are the repository's, for names that were probably meant.
pub fn collect(file: Result<Option<(&str, &Ignore)>, &ReadError>, files: &[String]) -> Facts {
    match file {
        Ok(Some((path, ignore))) => {
            let mut facts = Facts::default();
            facts.fill_all(FACTS, |value| value(&ReadIgnore { path, ignore }));
            facts
        }
        Ok(None) => match similar(files).as_slice() {
            [] => none(&Fact::absent().because("there is no .dockerignore: Docker sends the whole folder, .git too")),
            near => {
                let near = near_names::quoted(near);
                none(&Fact::absent().because(format!("Docker looks for .dockerignore, not for {near}")))
            }
        },
        Err(error) if error.is_learners() => {
            let (why, place) = (error.to_string(), Place::file(error.path()));
            let mut facts = none(&Fact::absent().because(why.as_str()).at(place.clone()));
            facts.fill(&UNREADABLE, Fact::of(why).at(place));
            facts
        }
        Err(error) => none(&Fact::unknown(error.to_string())),
    }
}

/// The facts where a line of a `.gitignore` leaves the ignore file out.
pub fn left_out(path: &str, line: &Place) -> Facts {
    none(&super::left_out(path, line))
}

/// Without a file; the fact says why.
fn none(why: &Fact) -> Facts {
    let mut facts = Facts::default();
    match why.known {
        Known::Unknown(_) => facts.fill_all(FACTS, |_| why.clone()),
        _ => facts.fill_without(FACTS, why),
    }
    facts
}

impl ReadIgnore<'_> {
    fn file(&self) -> Place {
        Place::file(self.path)
    }

    fn text(&self, pattern: &IgnorePattern) -> Fact {
        Fact::of(pattern.text.as_str()).at(Place::line(self.path, pattern.line))
    }

    fn patterns(&self) -> Fact {
        let patterns = Fact::of(self.ignore.patterns.iter().map(|pattern| self.text(pattern)).collect::<Vec<_>>());
        match self.ignore.errors.first() {
            Some(error) => {
                let place = Place::line(self.path, error.line).column(error.column);
                patterns.because(format!("Docker refuses {}: {}", self.path, error.message)).at(place)
            }
            None if self.ignore.patterns.is_empty() => {
                patterns.because(format!("{} has no patterns", self.path)).at(self.file())
            }
            None => patterns.at(self.file()),
        }
    }

    fn errors(&self) -> Fact {
        let errors = self.ignore.errors.iter().map(|error| {
            let fields = [
                ("message", Fact::of(error.message.as_str())),
                ("line", Fact::of(i64::from(error.line))),
                ("column", Fact::of(i64::from(error.column))),
            ];
            Fact::record(fields).at(Place::line(self.path, error.line).column(error.column))
        });
        Fact::of(errors.collect::<Vec<_>>()).at(self.file())
    }

    fn inline_comments(&self) -> Fact {
        let comments = self.ignore.patterns.iter().filter(|pattern| pattern.inline_comment);
        let comments = comments.map(|pattern| {
            self.text(pattern)
                .because("a `#` begins a comment only at the very beginning of a line; here it is part of the name")
        });
        Fact::of(comments.collect::<Vec<_>>()).at(self.file())
    }
}

/// Files of the root that were probably meant to be a `.dockerignore`.
fn similar(files: &[String]) -> Vec<String> {
    let meant = |name: &&str| {
        let letters: String = name.chars().filter(char::is_ascii_alphabetic).collect();
        letters.to_ascii_lowercase().starts_with("dockerignore") && *name != ".dockerignore"
    };
    files.iter().map(String::as_str).filter(|name| !name.contains('/')).filter(meant).map(str::to_owned).collect()
}
