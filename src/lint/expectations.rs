//! Expectations that can never fail, or never hold; hints that say the same twice.

use super::guards::guards;
use super::source::LintedFile;
use super::vacuous::{Sure, impossible_part, sure_within};
use super::{Linted, spoilers};
use crate::challenge::Check;
use crate::language::condition::{Condition, Expectation};
use crate::language::grammar::TOGETHER;
use crate::language::matcher::Matcher;
use crate::language::shape::{FACTS, Shape};
use crate::steps::STEPS;
use crate::steps::answers::step_facts;
use crate::yaml::{Entry, Node, Span};
use std::collections::BTreeMap;

/// The least and the greatest number that a fact can be.
const BOUNDS: [(&str, i64, i64); 2] = [("status", 100, 599), ("exit_code", 0, 255)];

/// The bounds of a number, by the last part of its name.
fn bounds(path: &[String], shape: &Shape) -> (i64, i64) {
    let found = BOUNDS.iter().find(|(name, ..)| *shape == Shape::Int && path.last().is_some_and(|last| last == name));
    found.map_or((i64::MIN, i64::MAX), |(_, least, most)| (*least, *most))
}

/// Looks at a check that has loaded, and at its tree.
pub(super) fn check(source: &LintedFile, node: &Node, check: &Check, linted: &mut Linted) {
    in_order(source, node.get("expect"), (&check.expect, &[]), &FACTS, linted);
    expectations(source, node.get("advise"), &check.advise, &FACTS, linted);
    let steps = node.get("try").and_then(Node::as_seq).unwrap_or_default();
    for (step, item) in check.steps.iter().zip(steps) {
        let action = item.as_map().unwrap_or_default().iter();
        let action = action.map(|entry| entry.key.as_str()).find(|key| is_action(key)).unwrap_or_default();
        in_order(source, item.get("expect"), (&step.expect, &check.expect), step_facts(action), linted);
        if let Some((key, condition)) = step.action.condition()
            && let Some(written) = item.get(action).and_then(|action| action.get(key))
        {
            whole(source, written, condition, &FACTS, linted);
        }
    }
}

fn is_action(key: &str) -> bool {
    STEPS.iter().any(|kind| kind.name == key)
}

fn expectations(source: &LintedFile, node: Option<&Node>, list: &[Expectation], facts: &Shape, linted: &mut Linted) {
    for (expectation, item) in list.iter().zip(items(node)) {
        whole(source, item, &expectation.condition, facts, linted);
    }
}

/// Looks at expectations of which each waits for those before it, and all of them for those of another list.
fn in_order(
    source: &LintedFile,
    node: Option<&Node>,
    (list, earlier): (&[Expectation], &[Expectation]),
    facts: &Shape,
    linted: &mut Linted,
) {
    expectations(source, node, list, facts, linted);
    for (expectation, item) in list.iter().zip(items(node)) {
        let before = list.iter().take_while(|before| before.group < expectation.group).chain(earlier);
        let before = before.filter(|before| before.points.is_none());
        guards(source, item, expectation, &before, facts, linted);
    }
}

/// The items of a list, those of `all:` one by one.
fn items(node: Option<&Node>) -> impl Iterator<Item = &Node> {
    let items = node.and_then(Node::as_seq).unwrap_or_default();
    items.iter().flat_map(|item| match item.get(TOGETHER).and_then(Node::as_seq) {
        Some(together) => together,
        None => std::slice::from_ref(item),
    })
}

/// The entry of an item that says what has to hold.
pub(super) fn fact<'n>(item: &'n Node, facts: &Shape) -> Option<&'n Entry> {
    let is_fact =
        |key: &str| matches!(key, "any-of" | "all-of") || facts.find(&key.split('.').collect::<Vec<_>>()).is_ok();
    item.as_map()?.iter().find(|entry| is_fact(&entry.key))
}

fn whole(source: &LintedFile, item: &Node, condition: &Condition, facts: &Shape, linted: &mut Linted) {
    let Some(entry) = fact(item, facts) else { return };
    match of_condition(condition, facts) {
        Some(Sure::Never) => {
            linted.error("never-holds", told(source, entry.key_span, "this can never hold, so nobody can pass"));
        }
        Some(Sure::Always) => {
            linted.error("never-fails", told(source, entry.key_span, "this always holds, so it says nothing"));
        }
        Some(Sure::IfPresent) => {
            let mut diagnostic = source.diagnostic(entry.key_span, "every value that there can be fits this");
            diagnostic.help = Some("`present: true` says the same; if something else is meant, say what".to_owned());
            linted.warning("fits-all", diagnostic);
        }
        None => parts(source, entry, condition, facts, linted),
    }
}

/// What is sure of a condition; what is said of one fact in several places is taken together.
pub(super) fn of_condition(condition: &Condition, facts: &Shape) -> Option<Sure> {
    let (all, join): (_, fn(Vec<Matcher>) -> Matcher) = match condition {
        Condition::Fact(path, matcher) => return of_fact(path, matcher, facts),
        Condition::AnyOf(all) => (all, Matcher::AnyOf),
        Condition::AllOf(all) => (all, Matcher::AllOf),
    };
    let is_any = matches!(condition, Condition::AnyOf(_));
    let mut by_fact: BTreeMap<&[String], Vec<Matcher>> = BTreeMap::new();
    let mut answers = Vec::new();
    for part in all {
        match part {
            Condition::Fact(path, matcher) => by_fact.entry(path).or_default().push(matcher.clone()),
            other => answers.push(of_condition(other, facts)),
        }
    }
    answers.extend(by_fact.into_iter().map(|(path, matchers)| of_fact(path, &join(matchers), facts)));
    if let [only] = answers.as_slice() {
        return *only;
    }
    let (one, every) = if is_any { (Sure::Always, Sure::Never) } else { (Sure::Never, Sure::Always) };
    if answers.contains(&Some(one)) {
        return Some(one);
    }
    answers.iter().all(|answer| *answer == Some(every)).then_some(every)
}

fn of_fact(path: &[String], matcher: &Matcher, facts: &Shape) -> Option<Sure> {
    let shape = facts.find(path).ok()?;
    sure_within(matcher, shape, bounds(path, shape))
}

/// Branches that change nothing, and parts of matchers that ask for what cannot be.
fn parts(source: &LintedFile, entry: &Entry, condition: &Condition, facts: &Shape, linted: &mut Linted) {
    match condition {
        Condition::Fact(path, matcher) => {
            let Ok(shape) = facts.find(path) else { return };
            if let Some(part) = impossible_part(matcher, shape) {
                let message = format!("what stands behind `{part}` here can never hold");
                linted.error("never-holds", told(source, entry.key_span, &message));
            }
        }
        Condition::AnyOf(all) | Condition::AllOf(all) => {
            let items = entry.value.as_seq().unwrap_or_default();
            for (part, item) in all.iter().zip(items) {
                let Some(entry) = fact(item, facts) else { continue };
                match of_condition(part, facts) {
                    Some(Sure::Never) => {
                        linted.warning("never-holds", told(source, entry.key_span, "this part can never hold"));
                    }
                    Some(Sure::Always) => {
                        linted.warning("never-fails", told(source, entry.key_span, "this part always holds"));
                    }
                    _ => parts(source, entry, part, facts, linted),
                }
            }
        }
    }
}

fn told(source: &LintedFile, span: Span, message: &str) -> crate::diagnostic::Diagnostic {
    source.diagnostic(span, message)
}

/// A hint that says what another has said is a step that leads nowhere.
pub(super) fn hints(source: &LintedFile, node: &Node, linted: &mut Linted) {
    let mut seen: Vec<(String, Span)> = Vec::new();
    for hint in node.get("hints").and_then(Node::as_seq).unwrap_or_default() {
        let Some(text) = hint.text().map(spoilers::plain) else { continue };
        match seen.iter().find(|(known, _)| *known == text) {
            Some((_, first)) => {
                let message = format!("the hint on line {} says the same", first.line);
                linted.warning("hints-repeat", source.diagnostic(hint.span, message));
            }
            None => seen.push((text, hint.span)),
        }
    }
}
