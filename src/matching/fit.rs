//! Whether a fact fits a matcher. Three answers: it does, it does not (and which fact of a list it was), nobody knows.

use crate::dockerignore::Ignore;
use crate::facts::{Fact, Known, Value};
use crate::language::matcher::{Literal, Matcher, Tolerance};
use std::cell::RefCell;
use std::cmp::Ordering;
use std::collections::BTreeMap;
use std::rc::Rc;

/// Values that earlier steps kept.
pub type Captures = BTreeMap<String, Value>;

/// The answer.
#[derive(Debug, Clone, Copy, PartialEq)]
pub enum Fit<'f> {
    /// It fits.
    Yes,
    /// It does not: this fact, or this one of its values, is why.
    No(&'f Fact),
    /// It could not be found out, and why.
    Unknown(&'f str),
}

static ABSENT: Fact = Fact::ABSENT;

/// Holds a fact against a matcher.
pub fn fit<'f>(matcher: &Matcher, fact: &'f Fact, captures: &Captures) -> Fit<'f> {
    let value = match &fact.known {
        Known::Unknown(why) => return Fit::Unknown(why),
        Known::Absent => None,
        Known::Value(value) => Some(value),
    };
    let answer = |holds: bool| if holds { Fit::Yes } else { Fit::No(fact) };
    match (matcher, value) {
        (Matcher::Present(wanted), _) => answer(value.is_some() == *wanted),
        (Matcher::Empty(wanted), _) => answer(value.is_none_or(|value| len(value) == Some(0)) == *wanted),
        (Matcher::Not(inner), _) => match fit(inner, fact, captures) {
            Fit::Yes => Fit::No(fact),
            Fit::No(_) => Fit::Yes,
            unknown @ Fit::Unknown(_) => unknown,
        },
        (Matcher::AllOf(inner), _) => all(inner.iter().map(|matcher| fit(matcher, fact, captures))),
        (Matcher::AnyOf(inner), _) => any(inner.iter().map(|matcher| fit(matcher, fact, captures)), fact),
        (Matcher::Equals(literal), Some(value)) => answer(equals(value, literal, captures)),
        (Matcher::OneOf(literals), Some(value)) => {
            answer(literals.iter().any(|literal| equals(value, literal, captures)))
        }
        (Matcher::Matches(pattern), Some(Value::Text(text))) => answer(pattern.is_match(text)),
        (Matcher::StartsWith(start), Some(Value::Text(text))) => answer(text.starts_with(start.as_str())),
        (Matcher::EndsWith(end), Some(Value::Text(text))) => answer(text.ends_with(end.as_str())),
        (Matcher::Within(of, by), Some(value)) => answer(is_within(value, of, by, captures)),
        (Matcher::List(matchers), Some(value)) => {
            if len(value) != Some(matchers.len()) {
                return Fit::No(fact);
            }
            all(matchers.iter().zip(items(value)).map(|(matcher, item)| fit(matcher, item, captures)))
        }
        (Matcher::InOrder(matchers), Some(value)) => in_order(matchers, fact, value, captures),
        (Matcher::Contains(literal), Some(value)) => answer(contains(value, literal, captures)),
        (Matcher::Below(literal), Some(value)) => answer(compare(value, literal, captures) == Some(Ordering::Less)),
        (Matcher::Above(literal), Some(value)) => answer(compare(value, literal, captures) == Some(Ordering::Greater)),
        (Matcher::AtLeast(literal), Some(value)) => {
            answer(compare(value, literal, captures).is_some_and(Ordering::is_ge))
        }
        (Matcher::AtMost(literal), Some(value)) => {
            answer(compare(value, literal, captures).is_some_and(Ordering::is_le))
        }
        (Matcher::Count(inner), Some(value)) => {
            let count = Fact::of(i64::try_from(len(value).unwrap_or(1)).unwrap_or(i64::MAX));
            answer(fit(inner, &count, captures) == Fit::Yes)
        }
        (Matcher::CountOf(pattern, inner), Some(Value::Text(text))) => {
            let count = Fact::of(i64::try_from(pattern.find_iter(text).count()).unwrap_or(i64::MAX));
            answer(fit(inner, &count, captures) == Fit::Yes)
        }
        (Matcher::Each(inner), Some(value)) => all(items(value).map(|item| fit(inner, item, captures))),
        (Matcher::Any(inner), Some(value)) => any(items(value).map(|item| fit(inner, item, captures)), fact),
        (Matcher::NoneOf(inner), Some(value)) => all(items(value).map(|item| match fit(inner, item, captures) {
            Fit::Yes => Fit::No(item),
            Fit::No(_) => Fit::Yes,
            unknown @ Fit::Unknown(_) => unknown,
        })),
        (Matcher::Excludes(paths), Some(value)) => {
            let patterns = patterns(value);
            answer(paths.iter().all(|path| patterns.excludes(path).is_ok_and(|pattern| pattern.is_some())))
        }
        (Matcher::Fields(fields), Some(Value::Map(values))) => {
            let answer =
                all(fields.iter().map(|(name, inner)| fit(inner, values.get(name).unwrap_or(&ABSENT), captures)));
            // A record is pointed at as a whole unless its field has a place of its own.
            match answer {
                Fit::No(field) if field.place.is_none() && field.because.is_none() => Fit::No(fact),
                answer => answer,
            }
        }
        // Nothing is there, or a value of another type, which the loader refuses.
        _ => Fit::No(fact),
    }
}

/// The patterns of a `.dockerignore`. Those that were asked last are kept: a check asks the same ones for many paths.
fn patterns(value: &Value) -> Rc<Ignore> {
    thread_local! {
        static LAST: RefCell<(Vec<String>, Rc<Ignore>)> = RefCell::default();
    }
    let texts: Vec<String> = items(value).filter_map(Fact::text).map(str::to_owned).collect();
    LAST.with_borrow_mut(|(last, patterns)| {
        if *last != texts {
            *patterns = Rc::new(Ignore::from_patterns(texts.iter().map(String::as_str)));
            *last = texts;
        }
        Rc::clone(patterns)
    })
}

/// The values of a list that keep it from fitting, the one that [`fit`] names first; not more than `most`.
pub fn offenders<'f>(matcher: &Matcher, fact: &'f Fact, captures: &Captures, most: usize) -> Vec<&'f Fact> {
    let wrong = |answer| if let Fit::No(culprit) = answer { Some(culprit) } else { None };
    match (matcher, fact.value()) {
        (Matcher::Each(inner), Some(value)) => {
            items(value).filter_map(|item| wrong(fit(inner, item, captures))).take(most).collect()
        }
        (Matcher::NoneOf(inner), Some(value)) => {
            items(value).filter(|item| fit(inner, item, captures) == Fit::Yes).take(most).collect()
        }
        (Matcher::AllOf(all), _) => {
            let failing = all.iter().find(|matcher| matches!(fit(matcher, fact, captures), Fit::No(_)));
            failing.map(|matcher| offenders(matcher, fact, captures, most)).unwrap_or_default()
        }
        _ => wrong(fit(matcher, fact, captures)).into_iter().collect(),
    }
}

/// All fit; a certain "no" counts before an "unknown".
fn all<'f>(answers: impl Iterator<Item = Fit<'f>>) -> Fit<'f> {
    let mut result = Fit::Yes;
    for answer in answers {
        match answer {
            Fit::No(_) => return answer,
            Fit::Unknown(_) => result = answer,
            Fit::Yes => {}
        }
    }
    result
}

/// One fits; a certain "yes" counts before an "unknown".
fn any<'f>(answers: impl Iterator<Item = Fit<'f>>, whole: &'f Fact) -> Fit<'f> {
    let mut result = Fit::No(whole);
    for answer in answers {
        match answer {
            Fit::Yes => return Fit::Yes,
            Fit::Unknown(_) => result = answer,
            Fit::No(_) => {}
        }
    }
    result
}

/// Each matcher fits a value after the one that the matcher before it fits; the first of them is taken.
fn in_order<'f>(matchers: &[Matcher], whole: &'f Fact, value: &'f Value, captures: &Captures) -> Fit<'f> {
    let (mut rest, mut unknown) = (items(value), None);
    for matcher in matchers {
        let found = rest.find(|item| match fit(matcher, item, captures) {
            Fit::Yes => true,
            Fit::No(_) => false,
            answer @ Fit::Unknown(_) => {
                unknown = Some(answer);
                false
            }
        });
        if found.is_none() {
            return unknown.unwrap_or(Fit::No(whole));
        }
    }
    Fit::Yes
}

/// Whether a number is near another one.
fn is_within(value: &Value, of: &Literal, by: &Tolerance, captures: &Captures) -> bool {
    let (Some(value), Some(of)) = (number(value), literal_number(of, captures)) else { return false };
    let distance = value.abs_diff(of);
    match by {
        Tolerance::Value(by) => literal_number(by, captures).is_some_and(|by| distance <= by.unsigned_abs()),
        // As far as a `f64` is exact: what is measured is not more exact than that.
        #[allow(clippy::cast_precision_loss)]
        Tolerance::Percent(percent) => distance as f64 <= of.unsigned_abs() as f64 * percent / 100.0,
    }
}

/// A number of any type, in the least unit of its type.
fn number(value: &Value) -> Option<i128> {
    match value {
        Value::Int(number) => Some((*number).into()),
        Value::Size(bytes) => Some((*bytes).into()),
        Value::Duration(time) => time.as_nanos().try_into().ok(),
        _ => None,
    }
}

fn literal_number(literal: &Literal, captures: &Captures) -> Option<i128> {
    match literal {
        Literal::Int(number) => Some((*number).into()),
        Literal::Size(bytes) => Some((*bytes).into()),
        Literal::Duration(time) => time.as_nanos().try_into().ok(),
        Literal::Captured(name) => number(captures.get(name)?),
        Literal::Bool(_) | Literal::Text(_) => None,
    }
}

fn items(value: &Value) -> Box<dyn Iterator<Item = &Fact> + '_> {
    match value {
        Value::List(items) => Box::new(items.iter()),
        Value::Map(items) => Box::new(items.values()),
        _ => Box::new(std::iter::empty()),
    }
}

fn len(value: &Value) -> Option<usize> {
    match value {
        Value::List(items) => Some(items.len()),
        Value::Map(items) => Some(items.len()),
        Value::Text(text) => Some(text.len()),
        _ => None,
    }
}

fn contains(value: &Value, literal: &Literal, captures: &Captures) -> bool {
    match (value, text_of(literal, captures)) {
        (Value::Text(text), Some(wanted)) => text.contains(&wanted),
        (Value::Map(items), Some(wanted)) => items.contains_key(&wanted),
        (Value::List(items), _) => items.iter().filter_map(Fact::value).any(|item| equals(item, literal, captures)),
        _ => false,
    }
}

fn text_of(literal: &Literal, captures: &Captures) -> Option<String> {
    match literal {
        Literal::Text(text) => Some(text.clone()),
        Literal::Captured(name) => captures.get(name).map(ToString::to_string),
        Literal::Int(number) => Some(number.to_string()),
        _ => None,
    }
}

fn equals(value: &Value, literal: &Literal, captures: &Captures) -> bool {
    match (value, literal) {
        (Value::Bool(value), Literal::Bool(wanted)) => value == wanted,
        (Value::Text(value), Literal::Text(wanted)) => value == wanted,
        (value, Literal::Captured(name)) => captures.get(name) == Some(value),
        _ => compare(value, literal, captures) == Some(Ordering::Equal),
    }
}

fn compare(value: &Value, literal: &Literal, captures: &Captures) -> Option<Ordering> {
    match (value, literal) {
        (Value::Int(value), Literal::Int(wanted)) => Some(value.cmp(wanted)),
        (Value::Size(value), Literal::Size(wanted)) => Some(value.cmp(wanted)),
        (Value::Duration(value), Literal::Duration(wanted)) => Some(value.cmp(wanted)),
        (value, Literal::Captured(name)) => match (value, captures.get(name)?) {
            (Value::Int(value), Value::Int(wanted)) => Some(value.cmp(wanted)),
            (Value::Duration(value), Value::Duration(wanted)) => Some(value.cmp(wanted)),
            _ => None,
        },
        _ => None,
    }
}
