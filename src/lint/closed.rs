//! Facts whose values are known beforehand: a word outside of them, or a number, is never there.

use super::source::Source;
use super::{Linted, expectations};
use crate::diagnostic::Diagnostic;
use crate::diagnostic::nearest;
use crate::language::condition::Condition;
use crate::language::matcher::{Literal, Matcher};
use crate::language::shape::Shape;
use crate::yaml::{Entry, Node, Span};

/// What values a fact can have.
#[derive(Debug, Clone, Copy)]
enum Values {
    /// One of these words.
    Words(&'static [&'static str]),
    /// The rights of a file: `0644`.
    Mode,
}

use Values::{Mode, Words};

const KINDS: Values = Words(&["cmd", "shell", "none"]);
const HEALTH: Values = Words(&["healthy", "unhealthy", "starting", "none"]);

/// The facts, by the end of their names; a list's items are named like the list.
const CLOSED: [(&[&str], Values); 13] = [
    (&["container", "state"], Words(&["running", "exited"])),
    (&["container", "health"], HEALTH),
    (&["services", "<name>", "state"], Words(&["running", "restarting", "exited", "missing"])),
    (&["services", "<name>", "health"], HEALTH),
    (&["dockerfile", "final", "healthcheck", "kind"], KINDS),
    (&["image", "healthcheck", "kind"], KINDS),
    (&["services", "<name>", "healthcheck", "kind"], KINDS),
    (&["services", "<name>", "volumes", "type"], Words(&["bind", "volume", "tmpfs"])),
    (
        &["services", "<name>", "depends_on", "<name>"],
        Words(&["service_started", "service_healthy", "service_completed_successfully"]),
    ),
    (&["copies_from", "kind"], Words(&["stage", "image"])),
    (&["copies_from", "by"], Words(&["copy", "mount"])),
    (&["found", "kind"], Words(&["file", "folder", "link", "other"])),
    (&["found", "mode"], Mode),
];

/// The least and the greatest number that a fact can be.
const BOUNDS: [(&str, i64, i64); 2] = [("status", 100, 599), ("exit_code", 0, 255)];

/// The bounds of a number, by the last part of its name.
pub(super) fn bounds(path: &[String], shape: &Shape) -> (i64, i64) {
    let found = BOUNDS.iter().find(|(name, ..)| *shape == Shape::Int && path.last().is_some_and(|last| last == name));
    found.map_or((i64::MIN, i64::MAX), |(_, least, most)| (*least, *most))
}

/// Tells words that a fact can never be; whether there are any.
pub(super) fn words(source: &Source, entry: &Entry, condition: &Condition, facts: &Shape, linted: &mut Linted) -> bool {
    match condition {
        Condition::Fact(path, matcher) => {
            let Some((mut name, shape)) = named(path, facts) else { return false };
            let mut wrong = Vec::new();
            look(matcher, &mut name, shape, &mut wrong);
            for (word, values) in &wrong {
                let span = place(&entry.value, word).unwrap_or(entry.key_span);
                linted.error("never-holds", told(source, span, word, *values));
            }
            !wrong.is_empty()
        }
        Condition::AnyOf(all) | Condition::AllOf(all) => {
            let items = entry.value.as_seq().unwrap_or_default();
            all.iter().zip(items).fold(false, |any, (part, item)| {
                let entry = expectations::fact(item, facts);
                entry.is_some_and(|entry| words(source, entry, part, facts, linted)) || any
            })
        }
    }
}

fn told(source: &Source, span: Span, word: &str, values: Values) -> Diagnostic {
    let mut diagnostic = source.diagnostic(span, format!("this can never be `{word}`"));
    match values {
        Words(words) => {
            diagnostic.nearest = nearest(word, words.iter().copied());
            diagnostic.allowed = words.iter().map(|&word| word.to_owned()).collect();
        }
        Mode => diagnostic.help = Some("a mode is four octal digits; write it as text: \"0644\"".to_owned()),
    }
    diagnostic
}

/// A fact's name with `<name>` for names that learners choose, and its shape.
fn named<'s>(path: &[String], facts: &'s Shape) -> Option<(Vec<&'s str>, &'s Shape)> {
    let (mut name, mut shape) = (Vec::new(), facts);
    for part in path {
        name.push(match shape {
            Shape::Record(fields) => fields.iter().find(|(field, _)| field == part)?.0,
            _ => "<name>",
        });
        shape = shape.find(&[part]).ok()?;
    }
    Some((name, shape))
}

fn look<'s>(matcher: &Matcher, name: &mut Vec<&'s str>, shape: &'s Shape, wrong: &mut Vec<(String, Values)>) {
    match matcher {
        Matcher::Equals(literal) => literals(std::slice::from_ref(literal), name, shape, wrong),
        Matcher::OneOf(all) => literals(all, name, shape, wrong),
        Matcher::Not(inner) => look(inner, name, shape, wrong),
        Matcher::AllOf(all) | Matcher::AnyOf(all) => all.iter().for_each(|inner| look(inner, name, shape, wrong)),
        Matcher::Each(inner) | Matcher::Any(inner) | Matcher::NoneOf(inner) => match shape {
            Shape::List(item) => look(inner, name, item, wrong),
            Shape::Map(item) => {
                name.push("<name>");
                look(inner, name, item, wrong);
                name.pop();
            }
            _ => {}
        },
        Matcher::Fields(fields) => {
            let Shape::Record(known) = shape else { return };
            for (field, shape) in known {
                let Some(inner) = fields.get(*field) else { continue };
                name.push(field);
                look(inner, name, shape, wrong);
                name.pop();
            }
        }
        _ => {}
    }
}

fn literals(all: &[Literal], name: &[&str], shape: &Shape, wrong: &mut Vec<(String, Values)>) {
    let Some((_, values)) = CLOSED.iter().find(|(end, _)| *shape == Shape::Text && name.ends_with(end)) else { return };
    for literal in all {
        let Literal::Text(word) = literal else { continue };
        let is_known = match values {
            Words(words) => words.contains(&word.as_str()),
            Mode => word.len() == 4 && word.chars().all(|c| c.is_digit(8)),
        };
        if !is_known {
            wrong.push((word.clone(), *values));
        }
    }
}

/// Where a word stands.
fn place(node: &Node, word: &str) -> Option<Span> {
    if node.text() == Some(word) {
        return Some(node.span);
    }
    let below = node.as_map().unwrap_or_default().iter().map(|entry| &entry.value);
    below.chain(node.as_seq().unwrap_or_default()).find_map(|node| place(node, word))
}
