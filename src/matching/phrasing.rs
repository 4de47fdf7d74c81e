//! What a matcher expects and what a fact is, in words for a beginner.

use super::fit::Captures;
use crate::facts::{Fact, Known, Value};
use crate::language::matcher::{Literal, Matcher, Tolerance};
use crate::units::{duration_text, size_text};

/// The most characters of a value that are repeated in a finding.
const MOST: usize = 300;

/// The fields that records are told by, with nothing else of them.
const SAYS_ENOUGH: [&str; 3] = ["message", "path", "text"];

/// What a matcher expects: `less than 200MB`.
pub fn expected(matcher: &Matcher, captures: &Captures) -> String {
    let say = |literal: &Literal| self::literal(literal, captures);
    let list = |literals: &[Literal], word: &str| join(literals.iter().map(say).collect(), word);
    let inner = |matcher: &Matcher| expected(matcher, captures);
    let many = |matchers: &[Matcher], word: &str| join(matchers.iter().map(inner).collect(), word);
    match matcher {
        Matcher::Equals(literal) => say(literal),
        Matcher::OneOf(literals) => list(literals, "or"),
        Matcher::Matches(pattern) => format!("text like `{}`", pattern.as_str()),
        Matcher::Contains(literal) => format!("to have {}", say(literal)),
        Matcher::StartsWith(start) => format!("to start with {start}"),
        Matcher::EndsWith(end) => format!("to end with {end}"),
        Matcher::List(matchers) if matchers.is_empty() => "nothing".to_owned(),
        Matcher::List(matchers) => format!("exactly {}", matchers.iter().map(inner).collect::<Vec<_>>().join(", ")),
        Matcher::InOrder(matchers) => matchers.iter().map(inner).collect::<Vec<_>>().join(", then "),
        Matcher::Within(of, Tolerance::Percent(percent)) => format!("{} ± {percent}%", say(of)),
        Matcher::Within(of, Tolerance::Value(by)) => format!("{} ± {}", say(of), say(by)),
        Matcher::Below(literal) => format!("less than {}", say(literal)),
        Matcher::Above(literal) => format!("more than {}", say(literal)),
        Matcher::AtLeast(literal) => format!("{} or more", say(literal)),
        Matcher::AtMost(literal) => format!("{} or less", say(literal)),
        Matcher::Count(matcher) => format!("as many: {}", inner(matcher)),
        Matcher::CountOf(pattern, matcher) => format!("as many of `{}`: {}", pattern.as_str(), inner(matcher)),
        Matcher::Empty(true) => "nothing".to_owned(),
        Matcher::Empty(false) => "something".to_owned(),
        Matcher::Present(true) => "to be there".to_owned(),
        Matcher::Present(false) => "not to be there".to_owned(),
        Matcher::Each(matcher) => format!("each: {}", inner(matcher)),
        Matcher::Any(matcher) => format!("at least one: {}", inner(matcher)),
        Matcher::NoneOf(matcher) => format!("none: {}", inner(matcher)),
        Matcher::Not(matcher) => format!("not {}", inner(matcher)),
        Matcher::AllOf(matchers) => many(matchers, "and"),
        Matcher::AnyOf(matchers) => many(matchers, "or"),
        Matcher::Excludes(paths) => format!("to leave out {}", join(paths.clone(), "and")),
        Matcher::Fields(fields) => {
            join(fields.iter().map(|(name, matcher)| format!("{name}: {}", inner(matcher))).collect(), "and")
        }
    }
}

/// What a fact is: `203MB`, `none`.
pub fn actual(fact: &Fact) -> String {
    let text = match &fact.known {
        Known::Value(Value::Bool(value)) => yes_no(*value).to_owned(),
        // What a mistake, a file or an instruction is known by says enough: its place is shown beside it, and what stands
        // in a file may be a secret.
        Known::Value(Value::Map(fields)) if SAYS_ENOUGH.iter().any(|name| fields.contains_key(*name)) => label(fact),
        Known::Value(Value::List(items)) if items.iter().any(|item| matches!(item.value(), Some(Value::Map(_)))) => {
            join(items.iter().map(label).collect(), "and")
        }
        Known::Value(Value::Text(text)) if text.is_empty() => "nothing".to_owned(),
        Known::Value(value) => value.to_string(),
        Known::Absent => "none".to_owned(),
        Known::Unknown(why) => format!("unknown: {why}"),
    };
    if text.chars().count() <= MOST { text } else { text.chars().take(MOST).chain(['…']).collect() }
}

/// What a record is known by.
fn label(record: &Fact) -> String {
    let Some(Value::Map(fields)) = record.value() else { return actual(record) };
    let known_by = SAYS_ENOUGH.iter().chain(&["name", "from", "source", "target"]);
    let text = known_by.into_iter().find_map(|name| fields.get(*name).filter(|fact| fact.value().is_some()));
    text.map_or_else(|| format!("{} things", fields.len()), actual)
}

fn literal(literal: &Literal, captures: &Captures) -> String {
    match literal {
        Literal::Bool(value) => yes_no(*value).to_owned(),
        Literal::Int(value) => value.to_string(),
        Literal::Size(bytes) => size_text(*bytes),
        Literal::Duration(value) => duration_text(*value),
        Literal::Text(text) => text.clone(),
        Literal::Captured(name) => captures.get(name).map_or_else(|| format!("{{{name}}}"), ToString::to_string),
    }
}

fn yes_no(value: bool) -> &'static str {
    if value { "yes" } else { "no" }
}

/// `a`, `a or b`, `a, b or c`
fn join(mut texts: Vec<String>, word: &str) -> String {
    match texts.pop() {
        None => String::new(),
        Some(last) if texts.is_empty() => last,
        Some(last) => format!("{} {word} {last}", texts.join(", ")),
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn files_are_told_by_their_paths_alone() {
        let record = Fact::record([("path", Fact::of("/app/.env")), ("content", Fact::of("secret"))]);
        assert_eq!(actual(&record), "/app/.env");
        assert_eq!(actual(&Fact::of(vec![record.clone(), record])), "/app/.env and /app/.env");
    }
}
