//! Reading what has to hold: facts with their matchers, `any-of` and `all-of`, points and words.

use super::condition::{Condition, Expectation};
use super::grammar::{MOST_POINTS, TOGETHER, WORDS};
use super::matcher::matcher;
use super::scope::Scope;
use super::shape::Shape;
use crate::diagnostic::nearest;
use crate::distribution::location::Location;
use crate::facts::registry::{self, REGISTRY};
use crate::facts::{Source, files};
use crate::yaml::{Entry, Node, Span};

/// A list of expectations of these facts, in their order.
pub(crate) fn expectations(scope: &Scope<'_>, node: &Node, facts: &Shape) -> Vec<Expectation> {
    let items = scope.items(node, "a list of expectations").iter().enumerate();
    items.flat_map(|(group, item)| together(scope, item, facts, group)).collect()
}

/// The expectations of one item: one, or those that `all:` reports together.
fn together(scope: &Scope<'_>, item: &Node, facts: &Shape, group: usize) -> Vec<Expectation> {
    let Some(entry) = item.entry(TOGETHER) else {
        return expectation(scope, item, facts).map(|read| Expectation { group, ..read }).into_iter().collect();
    };
    for other in item.as_map().unwrap_or_default().iter().filter(|other| other.key != TOGETHER) {
        let mut diagnostic = scope.file.diagnostic(other.key_span, format!("`{}` can't be next to `all`", other.key));
        diagnostic.help = Some("write it in the items of `all`, or give it an item of its own".to_owned());
        scope.add(diagnostic);
    }
    let items = scope.items(&entry.value, "a list of expectations");
    if items.is_empty() && entry.value.as_seq().is_some() {
        scope.problem(entry.value.span, "this list is empty");
    }
    let read = items.iter().filter_map(|item| {
        if let Some(nested) = item.entry(TOGETHER) {
            scope.problem(nested.key_span, "`all` can't be in another `all`");
            return None;
        }
        expectation(scope, item, facts).map(|read| Expectation { group, ..read })
    });
    read.collect()
}

fn expectation(scope: &Scope<'_>, node: &Node, facts: &Shape) -> Option<Expectation> {
    let Some(entries) = node.as_map() else {
        scope.wanted(node, "a fact and what it has to be, `fact: matcher`,");
        return None;
    };
    let (words, rest): (Vec<&Entry>, Vec<&Entry>) = entries.iter().partition(|entry| is_word(entry, facts));
    let word = |key: &str| words.iter().find(|entry| entry.key == key).map(|entry| &entry.value);
    let prose = |key| word(key).and_then(|node| scope.prose(node));
    let points = word("points").and_then(|node| scope.number(node, 1..=MOST_POINTS));
    let see = word("see").and_then(|node| name(scope, node, facts));
    ["message", "expected", "hint"].into_iter().filter_map(word).for_each(|node| scope.misspelled(node));
    let (message, expected, hint) = (prose("message"), prose("expected"), prose("hint"));
    // What stands beside a fact may be a word that is not written rightly.
    let known: Vec<&str> = if rest.len() > 1 { WORDS.iter().map(|word| word.name).collect() } else { Vec::new() };
    let condition = one(scope, node.span, &rest, facts, &known)?;
    Some(Expectation { points, message, expected, hint, see, ..Expectation::from(condition) })
}

/// Whether an entry says something about the expectation; a fact has a dot in its name, or comes of a step.
fn is_word(entry: &Entry, facts: &Shape) -> bool {
    WORDS.iter().any(|word| word.name == entry.key) && facts.find(&[&entry.key]).is_err()
}

/// A fact and what it has to be, nothing beside it.
pub(crate) fn condition_of(scope: &Scope<'_>, node: &Node, facts: &Shape) -> Option<Condition> {
    let Some(entries) = node.as_map() else {
        scope.wanted(node, "a fact and what it has to be, `fact: matcher`,");
        return None;
    };
    one(scope, node.span, &entries.iter().collect::<Vec<_>>(), facts, &[])
}

fn one(scope: &Scope<'_>, span: Span, entries: &[&Entry], facts: &Shape, words: &[&str]) -> Option<Condition> {
    match entries {
        [entry] => condition(scope, entry, facts, words),
        [] => {
            scope.problem(span, "a fact and what it has to be is missing here");
            None
        }
        [first, rest @ ..] => {
            // Every one is read for its own mistakes; only if there are none, that they are several is one.
            let before = scope.problems.borrow().len();
            for entry in entries {
                condition(scope, entry, facts, words);
            }
            if scope.problems.borrow().len() == before {
                let span = rest.first().map_or(first.key_span, |second| second.key_span);
                let mut diagnostic = scope.file.diagnostic(span, "an item expects one fact; this is another one");
                diagnostic.help = Some("give it an item of its own, or put both under `all-of:` or `any-of:`".into());
                scope.add(diagnostic);
            }
            None
        }
    }
}

fn condition(scope: &Scope<'_>, entry: &Entry, facts: &Shape, words: &[&str]) -> Option<Condition> {
    let several = || -> Option<Vec<Condition>> {
        let items = scope.items(&entry.value, "a list of expectations");
        if items.is_empty() && entry.value.as_seq().is_some() {
            scope.problem(entry.value.span, "this list is empty");
        }
        items.iter().map(|item| condition_of(scope, item, facts)).collect()
    };
    match entry.key.as_str() {
        "any-of" => several().map(Condition::AnyOf),
        "all-of" => several().map(Condition::AllOf),
        key => {
            let parts = parts_or(scope, key, entry.key_span, facts, words)?;
            let shape = facts.find(&parts).ok()?;
            Some(Condition::Fact(parts, matcher(scope, &entry.value, shape)?))
        }
    }
}

/// The name of a fact.
pub(crate) fn name(scope: &Scope<'_>, node: &Node, facts: &Shape) -> Option<Vec<String>> {
    let text = scope.prose(node)?;
    parts(scope, &text, node.span, facts)
}

/// The parts of a fact's name, parameters filled in. One that is not known is a problem.
pub(crate) fn parts(scope: &Scope<'_>, written: &str, span: Span, facts: &Shape) -> Option<Vec<String>> {
    parts_or(scope, written, span, facts, &[])
}

/// The same where one of these words could be meant.
fn parts_or(scope: &Scope<'_>, written: &str, span: Span, facts: &Shape, words: &[&str]) -> Option<Vec<String>> {
    let name = &scope.parameters.fill(written);
    let parts: Vec<String> = registry::split(name).into_iter().map(str::to_owned).collect();
    let of_registry = parts.first().map(String::as_str) == Some(Source::Registry.prefix());
    if let Some(learner) = scope.parameters.learner_in(written).filter(|_| !of_registry) {
        let message = format!("`{}` is the learner's to say, so it can't be in the name of a fact", learner.name);
        scope.problem(span, message);
        return None;
    }
    let unknown = match facts.find(&parts) {
        Err(unknown) => unknown,
        Ok(_) if !is_file(scope, &parts, span) => return None,
        Ok(_) if of_registry && !is_image(scope, &parts, written, span) => return None,
        Ok(_) => return Some(parts),
    };
    let mut diagnostic = scope.file.diagnostic(span, format!("unknown fact `{name}`"));
    let known = parts.get(..unknown.known).unwrap_or_default();
    let here = known.join(".");
    let with = |name: &str| if here.is_empty() { name.to_owned() } else { format!("{here}.{name}") };
    // What follows the part that is known, else anything that there is, written with the learner's names as here.
    let mut candidates: Vec<String> = unknown.parent.names().into_iter().map(with).collect();
    candidates.extend(REGISTRY.iter().map(|entry| with_names(entry.name, &parts)));
    let words = || words.iter().filter(|_| here.is_empty()).map(|&word| word.to_owned());
    candidates.extend(words());
    diagnostic.nearest = nearest(name, candidates.iter().map(String::as_str)).or_else(|| {
        let last = parts.last()?;
        let ends = |entry: &&str| entry.rsplit('.').next() == Some(last.as_str());
        REGISTRY.iter().map(|entry| entry.name).find(ends).map(str::to_owned)
    });
    diagnostic.allowed = unknown.parent.names().into_iter().map(with).chain(words()).collect();
    if of_registry {
        let last = parts.last().map_or("", String::as_str);
        diagnostic.nearest = nearest(last, unknown.parent.names()).map(|name| with(&name));
        diagnostic.help = Some("all between `registry.` and the last dot is the image, or a service".to_owned());
        scope.add(diagnostic);
        return None;
    }
    if diagnostic.allowed.is_empty() {
        diagnostic.help = Some(format!("`{here}` is {}; nothing is below it", unknown.parent.words()));
    }
    scope.add(diagnostic);
    None
}

/// Whether a fact of a file names one of the repository. Anything else is a problem.
fn is_file(scope: &Scope<'_>, parts: &[String], span: Span) -> bool {
    let [repo, kind, path, ..] = parts else { return true };
    let why = if repo == "repo" { files::unusable(kind, path) } else { None };
    why.as_ref().inspect(|why| scope.problem(span, why.as_str())).is_none()
}

/// Whether a fact of a registry names an image, a service or a role. Anything else is a problem.
fn is_image(scope: &Scope<'_>, parts: &[String], written: &str, span: Span) -> bool {
    let name = parts.get(1).map_or("", String::as_str);
    let is_service = !name.is_empty() && name.chars().all(|c| c.is_ascii_alphanumeric() || matches!(c, '_' | '-'));
    if is_service {
        return true;
    }
    let Err(why) = Location::of(name) else { return true };
    let (file, span) = scope.parameters.first_in(written).map_or((scope.file, span), |given| (given.file, given.span));
    let mut diagnostic = file.diagnostic(span, format!("`{name}` is no name of an image: {why}"));
    diagnostic.help = Some("write an image or a service: `registry.docker.io/jane/hello:1.0.exists`".to_owned());
    scope.add(diagnostic);
    false
}

fn with_names(pattern: &str, parts: &[String]) -> String {
    let filled = pattern.split('.').enumerate().map(|(index, part)| match parts.get(index) {
        Some(written) if part == "<name>" => written,
        _ => part,
    });
    filled.collect::<Vec<_>>().join(".")
}
