//! Reading matchers: which there are, which fit a fact's type, and what each takes.

use super::literal::literal;
use super::{Literal, Matcher, Tolerance};
use crate::diagnostic::nearest;
use crate::language::grammar::{COUNT_OF, WITHIN};
use crate::language::scope::Scope;
use crate::language::shape::Shape;
use crate::yaml::{Entry, Node};
use regex::RegexBuilder;
use std::collections::BTreeMap;

/// A regular expression may take this many bytes when it is compiled.
const REGEX_LIMIT: usize = 1 << 20;

const ALL: [&str; 22] = [
    "equals",
    "one-of",
    "matches",
    "contains",
    "starts-with",
    "ends-with",
    "below",
    "above",
    "at-least",
    "at-most",
    "within",
    "count",
    "empty",
    "present",
    "each",
    "any",
    "none",
    "in-order",
    "not",
    "all-of",
    "any-of",
    "excludes",
];

/// The matchers that fit values of this shape.
pub fn allowed(shape: &Shape) -> Vec<&'static str> {
    let own: &[&str] = match shape {
        Shape::Bool => &["equals"],
        Shape::Int | Shape::Size | Shape::Duration => {
            &["equals", "one-of", "below", "above", "at-least", "at-most", "within"]
        }
        Shape::Text | Shape::Word(_) | Shape::Mode => {
            &["equals", "one-of", "matches", "contains", "starts-with", "ends-with", "count", "empty"]
        }
        Shape::Patterns => &["excludes", "equals", "contains", "count", "empty", "each", "any", "none", "in-order"],
        Shape::List(item) if is_scalar(item) => {
            &["equals", "contains", "count", "empty", "each", "any", "none", "in-order"]
        }
        Shape::List(_) => &["equals", "count", "empty", "each", "any", "none", "in-order"],
        Shape::Map(_) => &["contains", "count", "empty", "each", "any", "none"],
        Shape::Record(_) => &[],
        Shape::Any => {
            return ALL.into_iter().filter(|name| *name != "excludes").collect();
        }
    };
    own.iter().copied().chain(["present", "not", "all-of", "any-of"]).collect()
}

fn is_scalar(shape: &Shape) -> bool {
    matches!(shape, Shape::Bool | Shape::Int | Shape::Size | Shape::Duration) || is_text(shape)
}

/// Whether values of this shape are texts, of all kinds or of some.
fn is_text(shape: &Shape) -> bool {
    matches!(shape, Shape::Text | Shape::Word(_) | Shape::Mode)
}

/// The matcher that is written here, for values of this shape. Wrong ones are problems of the scope.
pub(crate) fn matcher(scope: &Scope<'_>, node: &Node, shape: &Shape) -> Option<Matcher> {
    let Some(entries) = node.as_map() else { return bare(scope, node, shape) };
    let (mut matchers, mut fields) = (Vec::new(), BTreeMap::new());
    if entries.is_empty() || is_braced_name(entries) {
        scope.wanted(node, &format!("a matcher for {}", shape.words()));
        return None;
    }
    for entry in entries {
        match shape.find(&[&entry.key]) {
            Ok(below) if matches!(shape, Shape::Record(_)) => {
                fields.extend(matcher(scope, &entry.value, below).map(|inner| (entry.key.clone(), inner)));
            }
            _ => matchers.extend(named(scope, entry, shape)),
        }
    }
    if !fields.is_empty() {
        matchers.push(Matcher::Fields(fields));
    }
    if matchers.len() > 1 { Some(Matcher::AllOf(matchers)) } else { matchers.pop() }
}

/// `{max}` without quotes.
fn is_braced_name(entries: &[Entry]) -> bool {
    matches!(entries, [only] if only.value.is_null() && !ALL.contains(&only.key.as_str()))
}

/// A value alone: it equals this.
fn bare(scope: &Scope<'_>, node: &Node, shape: &Shape) -> Option<Matcher> {
    if let (Some(items), Some(item)) = (node.as_seq(), items_of(shape)) {
        return each(scope, items, item).map(Matcher::List);
    }
    if node.text().is_some() && (is_scalar(shape) || *shape == Shape::Any) {
        return literal(scope, node, shape).map(Matcher::Equals);
    }
    let message = match node.as_seq() {
        Some(_) => format!("a matcher for {} is wanted here, not a list", shape.words()),
        None => format!("a matcher for {} is wanted here, not {}", shape.words(), node.kind()),
    };
    let mut diagnostic = scope.file.diagnostic(node.span, message);
    diagnostic.allowed = choices(shape);
    scope.add(diagnostic);
    None
}

/// The shape of a list's values; `None` if it isn't one.
fn items_of(shape: &Shape) -> Option<&Shape> {
    match shape {
        Shape::List(item) => Some(item),
        Shape::Patterns => Some(&Shape::Text),
        Shape::Any => Some(&Shape::Any),
        _ => None,
    }
}

/// A matcher for each value of a list.
fn each(scope: &Scope<'_>, nodes: &[Node], shape: &Shape) -> Option<Vec<Matcher>> {
    nodes.iter().map(|node| matcher(scope, node, shape)).collect()
}

fn choices(shape: &Shape) -> Vec<String> {
    shape.names().into_iter().chain(allowed(shape)).map(str::to_owned).collect()
}

fn named(scope: &Scope<'_>, entry: &Entry, shape: &Shape) -> Option<Matcher> {
    let (key, node) = (entry.key.as_str(), &entry.value);
    if !allowed(shape).contains(&key) {
        let message = if ALL.contains(&key) {
            format!("`{key}` does not fit {}", shape.words())
        } else {
            format!("unknown matcher `{key}`")
        };
        let choices = choices(shape);
        let mut diagnostic = scope.file.diagnostic(entry.key_span, message);
        diagnostic.nearest = nearest(key, choices.iter().map(String::as_str)).filter(|_| !ALL.contains(&key));
        diagnostic.allowed = choices;
        scope.add(diagnostic);
        return None;
    }
    let item = match shape {
        Shape::List(item) | Shape::Map(item) => item.as_ref(),
        Shape::Any => &Shape::Any,
        _ => &Shape::Text,
    };
    let value = || literal(scope, node, shape);
    let inner = |shape: &Shape| matcher(scope, node, shape).map(Box::new);
    let all = |shape: &Shape| each(scope, some(scope, node)?, shape);
    match key {
        "equals" if node.as_seq().is_some() || items_of(shape).is_some_and(|_| *shape != Shape::Any) => {
            bare(scope, node, shape)
        }
        "equals" => value().map(Matcher::Equals),
        "one-of" => {
            some(scope, node)?.iter().map(|node| literal(scope, node, shape)).collect::<Option<_>>().map(Matcher::OneOf)
        }
        "matches" => regex(scope, node).map(Matcher::Matches),
        "contains" => {
            let of = if matches!(shape, Shape::Map(_)) { &Shape::Text } else { item };
            literal(scope, node, of).map(Matcher::Contains)
        }
        "starts-with" => plain(scope, node).map(Matcher::StartsWith),
        "ends-with" => plain(scope, node).map(Matcher::EndsWith),
        "within" => within(scope, node, shape),
        "in-order" => all(item).map(Matcher::InOrder),
        "below" => value().map(Matcher::Below),
        "above" => value().map(Matcher::Above),
        "at-least" => value().map(Matcher::AtLeast),
        "at-most" => value().map(Matcher::AtMost),
        "count" if is_text(shape) || node.get("of").is_some() => count_of(scope, node),
        "count" => inner(&Shape::Int).map(Matcher::Count),
        "empty" => boolean(scope, node).map(Matcher::Empty),
        "present" => boolean(scope, node).map(Matcher::Present),
        "each" => inner(item).map(Matcher::Each),
        "any" => inner(item).map(Matcher::Any),
        "none" => inner(item).map(Matcher::NoneOf),
        "not" => inner(shape).map(Matcher::Not),
        "all-of" => all(shape).map(Matcher::AllOf),
        "any-of" => all(shape).map(Matcher::AnyOf),
        "excludes" => some(scope, node)?
            .iter()
            .map(|node| scope.path(node).and_then(|_| plain(scope, node)))
            .collect::<Option<_>>()
            .map(Matcher::Excludes),
        _ => None,
    }
}

/// `{ of: PATTERN, is: MATCHER }`
fn count_of(scope: &Scope<'_>, node: &Node) -> Option<Matcher> {
    let fields = scope.fields(node, "`{ of: PATTERN, is: 3 }`", &[&COUNT_OF]);
    node.as_map()?;
    for key in COUNT_OF.iter().filter(|key| fields.get(key.name).is_none()) {
        scope.problem(fields.start(), format!("`{}` is missing here", key.name));
    }
    let pattern = fields.get("of").and_then(|node| regex(scope, node));
    let number = fields.get("is").and_then(|node| matcher(scope, node, &Shape::Int));
    Some(Matcher::CountOf(pattern?, Box::new(number?)))
}

/// `{ of: 100MB, by: 10% }`
fn within(scope: &Scope<'_>, node: &Node, shape: &Shape) -> Option<Matcher> {
    // Any JSON value may be a number.
    let shape = if *shape == Shape::Any { &Shape::Int } else { shape };
    let fields = scope.fields(node, "`{ of: 100, by: 10% }`", &[&WITHIN]);
    node.as_map()?;
    for key in WITHIN.iter().filter(|key| fields.get(key.name).is_none()) {
        scope.problem(fields.start(), format!("`{}` is missing here", key.name));
    }
    let of = fields.get("of").and_then(|node| literal(scope, node, shape));
    let by = fields.get("by").and_then(|node| tolerance(scope, node, shape));
    Some(Matcher::Within(of?, by?))
}

fn tolerance(scope: &Scope<'_>, node: &Node, shape: &Shape) -> Option<Tolerance> {
    let written = node.text().map(|text| scope.parameters.fill(text)).unwrap_or_default();
    let Some(percent) = written.strip_suffix('%') else {
        return literal(scope, node, shape).map(Tolerance::Value);
    };
    let read = percent.trim().parse().ok().filter(|percent| (0.0..=1000.0).contains(percent));
    if read.is_none() {
        scope.add(scope.bad(node, format!("`{written}` is not a percentage from 0% to 1000%")));
    }
    read.map(Tolerance::Percent)
}

/// A list of one at least.
fn some<'n>(scope: &Scope<'_>, node: &'n Node) -> Option<&'n [Node]> {
    let items = node.as_seq().filter(|items| !items.is_empty());
    if items.is_none() {
        match node.as_seq() {
            Some(_) => scope.problem(node.span, "this list is empty"),
            None => scope.wanted(node, "a list"),
        }
    }
    items
}

fn boolean(scope: &Scope<'_>, node: &Node) -> Option<bool> {
    match literal(scope, node, &Shape::Bool)? {
        Literal::Bool(value) => Some(value),
        _ => None,
    }
}

/// Text in which no captured value can stand.
fn plain(scope: &Scope<'_>, node: &Node) -> Option<String> {
    match literal(scope, node, &Shape::Text)? {
        Literal::Text(text) if !text.is_empty() => Some(text),
        Literal::Text(_) => {
            scope.wanted(node, "text that is not empty");
            None
        }
        _ => {
            scope.problem(node.span, "a captured value cannot stand here");
            None
        }
    }
}

/// A regular expression of bounded size. Names in braces that are no parameters are its own: `\p{lower}`.
pub(crate) fn regex(scope: &Scope<'_>, node: &Node) -> Option<regex::Regex> {
    let Some(written) = node.text() else {
        scope.wanted(node, "a regular expression");
        return None;
    };
    // What a learner says is no pattern.
    let pattern = scope.parameters.fill_with(written, &|parameter| match parameter.learner {
        Some(_) => regex::escape(&parameter.value),
        None => parameter.value.clone(),
    });
    match RegexBuilder::new(&pattern).size_limit(REGEX_LIMIT).dfa_size_limit(REGEX_LIMIT).build() {
        Ok(regex) => Some(regex),
        Err(error) => {
            let error = error.to_string();
            let why = error.lines().last().unwrap_or_default().trim();
            let why = why.strip_prefix("error: ").unwrap_or(why);
            scope.add(scope.bad(node, format!("no regular expression: {why}")));
            None
        }
    }
}
