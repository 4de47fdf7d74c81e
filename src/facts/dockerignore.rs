//! `dockerignore.*`: what the ignore file says, as Docker reads it.

use super::{Fact, Facts, Value};
use crate::dockerignore::{Ignore, Pattern};
use crate::place::Place;
use crate::repository::ReadError;

/// The facts of the ignore file that Docker would read: its path and patterns, nothing, or why it can't be read.
/// `files` are the repository's, for names that were probably meant.
pub fn collect(file: Result<Option<(&str, &Ignore)>, &ReadError>, files: &[String]) -> Facts {
    match file {
        Ok(Some((path, ignore))) => of(path, ignore),
        Ok(None) => match near_names(files).as_slice() {
            [] => none(&Fact::absent().because("there is no .dockerignore: Docker sends the whole folder, .git too")),
            near => {
                none(&Fact::absent().because(format!("Docker looks for .dockerignore, not for {}", near.join(", "))))
            }
        },
        Err(error) if error.is_learners() => {
            let (why, place) = (error.to_string(), Place::file(error.path()));
            let mut facts = none(&Fact::absent().because(why.as_str()).at(place.clone()));
            facts.put("dockerignore.unreadable", Fact::of(why).at(place));
            facts
        }
        Err(error) => none(&Fact::unknown(error.to_string())),
    }
}

/// Without a file; the fact says why.
fn none(why: &Fact) -> Facts {
    let mut facts = Facts::default();
    let unknown = why.because.is_none();
    let exists = Fact { known: Fact::of(false).known, ..why.clone() };
    facts.put("dockerignore.exists", if unknown { why.clone() } else { exists });
    for name in ["dockerignore.unreadable", "dockerignore.path", "dockerignore.patterns"] {
        facts.put(name, why.clone());
    }
    for name in ["dockerignore.errors", "dockerignore.inline_comments"] {
        facts.put(name, if unknown { why.clone() } else { Fact::of(Value::List(Vec::new())) });
    }
    facts
}

fn of(path: &str, ignore: &Ignore) -> Facts {
    let mut facts = Facts::default();
    let file = Place::file(path);
    facts.put("dockerignore.exists", Fact::of(true).at(file.clone()));
    facts.put("dockerignore.unreadable", Fact::absent());
    facts.put("dockerignore.path", Fact::of(path).at(file.clone()));
    let text = |pattern: &Pattern| Fact::of(pattern.text.as_str()).at(Place::line(path, pattern.line));
    let patterns = Fact::of(ignore.patterns.iter().map(text).collect::<Vec<_>>());
    facts.put(
        "dockerignore.patterns",
        match ignore.errors.first() {
            Some(error) => {
                let place = Place::line(path, error.line).column(error.column);
                patterns.because(format!("Docker refuses {path}: {}", error.message)).at(place)
            }
            None if ignore.patterns.is_empty() => patterns.because(format!("{path} has no patterns")).at(file.clone()),
            None => patterns.at(file.clone()),
        },
    );
    let errors = ignore.errors.iter().map(|error| {
        let fields = [
            ("message", Fact::of(error.message.as_str())),
            ("line", Fact::of(i64::from(error.line))),
            ("column", Fact::of(i64::from(error.column))),
        ];
        Fact::record(fields).at(Place::line(path, error.line).column(error.column))
    });
    facts.put("dockerignore.errors", Fact::of(errors.collect::<Vec<_>>()).at(file.clone()));
    let comments = ignore.patterns.iter().filter(|pattern| pattern.inline_comment);
    let comments = comments.map(|pattern| {
        text(pattern)
            .because("a `#` begins a comment only at the very beginning of a line; here it is part of the name")
    });
    facts.put("dockerignore.inline_comments", Fact::of(comments.collect::<Vec<_>>()).at(file));
    facts
}

/// Files of the root that were probably meant to be a `.dockerignore`.
fn near_names(files: &[String]) -> Vec<&str> {
    let meant = |name: &&str| {
        let letters: String = name.chars().filter(char::is_ascii_alphabetic).collect();
        letters.to_ascii_lowercase().starts_with("dockerignore") && *name != ".dockerignore"
    };
    files.iter().map(String::as_str).filter(|name| !name.contains('/')).filter(meant).collect()
}
