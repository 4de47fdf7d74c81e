//! Whether a matcher holds for every value of its type, or for none. It is tried with a few values that stand for all:
//! what a matcher says of numbers changes only at those it names, what it says of texts only for those.

use crate::facts::{Fact, Value};
use crate::language::matcher::{Literal, Matcher, Tolerance};
use crate::language::shape::Shape;
use crate::matching::fit::{Captures, Fit, fit};
use std::time::Duration;

/// A matcher that names more values than this is not looked at.
const MOST_SAMPLES: usize = 300;

/// What is sure of a matcher.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) enum Sure {
    /// It holds for no value, nor where there is none.
    Never,
    /// It holds for every value, and where there is none.
    Always,
    /// It holds for every value there can be, and so says no more than `present: true`.
    IfPresent,
}

/// A value that stands for others.
#[derive(Debug, Clone)]
enum Sample {
    Absent,
    Value(Value),
    /// Any text that the matcher does not name.
    OtherText,
    /// A list or map of so many values.
    Many(i64),
    /// Any record, or any JSON value.
    Other,
}

/// What is sure of a matcher for facts of this shape.
pub(super) fn sure(matcher: &Matcher, shape: &Shape) -> Option<Sure> {
    sure_within(matcher, shape, (i64::MIN, i64::MAX))
}

/// The same where whole numbers are not less than the first and not more than the second.
pub(super) fn sure_within(matcher: &Matcher, shape: &Shape, (least, most): (i64, i64)) -> Option<Sure> {
    let absent = holds(matcher, &Sample::Absent, shape);
    let mut samples = samples(matcher, shape);
    if *shape == Shape::Int {
        samples.extend([least, most].map(|number| Sample::Value(Value::Int(number))));
        samples.retain(|it| !matches!(it, Sample::Value(Value::Int(number)) if !(least..=most).contains(number)));
    }
    if samples.len() > MOST_SAMPLES {
        return None;
    }
    let present: Vec<Option<bool>> = samples.iter().map(|sample| holds(matcher, sample, shape)).collect();
    let all = |wanted: bool| present.iter().all(|answer| *answer == Some(wanted));
    match absent {
        Some(false) if all(false) => Some(Sure::Never),
        Some(true) if all(true) => Some(Sure::Always),
        Some(false) if all(true) && !only_presence(matcher) => Some(Sure::IfPresent),
        _ => None,
    }
}

/// The part of a matcher, by its name, that asks of every value of a list or of a field what can never hold.
pub(super) fn impossible_part(matcher: &Matcher, shape: &Shape) -> Option<String> {
    let item = item(shape);
    let below = |inner: &Matcher, shape: &Shape, name: &str| {
        let is_impossible = sure(inner, shape) == Some(Sure::Never);
        if is_impossible { Some(name.to_owned()) } else { impossible_part(inner, shape) }
    };
    match matcher {
        Matcher::Each(inner) => below(inner, item, "each"),
        Matcher::Any(inner) => below(inner, item, "any"),
        Matcher::NoneOf(inner) => below(inner, item, "none"),
        Matcher::Fields(fields) => {
            fields.iter().find_map(|(name, inner)| below(inner, shape.find(&[name]).ok()?, name))
        }
        Matcher::AllOf(all) => all.iter().find_map(|inner| impossible_part(inner, shape)),
        Matcher::AnyOf(all) => all.iter().find_map(|inner| below(inner, shape, "any-of")),
        Matcher::Not(inner) => below(inner, shape, "not"),
        _ => None,
    }
}

fn only_presence(matcher: &Matcher) -> bool {
    match matcher {
        Matcher::Present(_) => true,
        Matcher::Not(inner) => only_presence(inner),
        Matcher::AllOf(all) | Matcher::AnyOf(all) => all.iter().all(only_presence),
        _ => false,
    }
}

fn item(shape: &Shape) -> &Shape {
    match shape {
        Shape::List(item) | Shape::Map(item) => item,
        Shape::Any => &Shape::Any,
        _ => &Shape::Text,
    }
}

/// Values that stand for all that there can be.
fn samples(matcher: &Matcher, shape: &Shape) -> Vec<Sample> {
    let mut literals = Vec::new();
    collect(matcher, &mut literals);
    let values = |values: Vec<Value>| values.into_iter().map(Sample::Value).collect();
    match shape {
        Shape::Bool => values(vec![Value::Bool(false), Value::Bool(true)]),
        Shape::Int => values(numbers(&literals, i64::MIN).into_iter().map(Value::Int).collect()),
        Shape::Size => {
            let named = literals.iter().filter_map(|it| if let Literal::Size(size) = it { Some(*size) } else { None });
            let near = named.flat_map(|size| [size.saturating_sub(1), size, size.saturating_add(1)]);
            values(near.chain([0, u64::MAX]).map(Value::Size).collect())
        }
        Shape::Duration => {
            const STEP: Duration = Duration::from_nanos(1);
            let named =
                literals.iter().filter_map(|it| if let Literal::Duration(time) = it { Some(*time) } else { None });
            let near = named.flat_map(|time| [time.saturating_sub(STEP), time, time.saturating_add(STEP)]);
            values(near.chain([Duration::ZERO, Duration::MAX]).map(Value::Duration).collect())
        }
        Shape::Text | Shape::Word(_) | Shape::Mode => {
            let named = literals.iter().filter_map(|it| if let Literal::Text(text) = it { Some(text) } else { None });
            let named = named.map(|text| Sample::Value(Value::from(text.as_str())));
            named.chain([Sample::Value(Value::from("")), Sample::OtherText]).collect()
        }
        Shape::List(_) | Shape::Map(_) | Shape::Patterns => {
            numbers(&literals, 0).into_iter().chain([0, 1, 2]).map(Sample::Many).collect()
        }
        Shape::Record(_) | Shape::Any => vec![Sample::Other],
    }
}

fn numbers(literals: &[Literal], least: i64) -> Vec<i64> {
    let named = literals.iter().filter_map(|it| if let Literal::Int(number) = it { Some(*number) } else { None });
    let near = named.flat_map(|number| [number.saturating_sub(1), number, number.saturating_add(1)]);
    near.chain([least, i64::MAX]).filter(|number| *number >= least).collect()
}

/// The values that a matcher names, those for what is below it included.
fn collect(matcher: &Matcher, literals: &mut Vec<Literal>) {
    match matcher {
        Matcher::Equals(literal)
        | Matcher::Below(literal)
        | Matcher::Above(literal)
        | Matcher::AtLeast(literal)
        | Matcher::AtMost(literal) => literals.push(literal.clone()),
        Matcher::Within(of, by) => literals.extend(ends(of, by)),
        Matcher::OneOf(all) => literals.extend(all.iter().cloned()),
        Matcher::Count(inner) | Matcher::Not(inner) => collect(inner, literals),
        Matcher::AllOf(all) | Matcher::AnyOf(all) => all.iter().for_each(|inner| collect(inner, literals)),
        _ => {}
    }
}

/// The middle of a range and its ends.
#[allow(clippy::cast_precision_loss, clippy::cast_possible_truncation, clippy::cast_sign_loss)] // near enough for samples
fn ends(of: &Literal, by: &Tolerance) -> Vec<Literal> {
    let share = |of: f64| if let Tolerance::Percent(percent) = by { of * percent / 100.0 } else { 0.0 };
    match (of, by) {
        (Literal::Int(of), by) => {
            let by = if let Tolerance::Value(Literal::Int(by)) = by { *by } else { share(*of as f64).abs() as i64 };
            [*of, of.saturating_sub(by), of.saturating_add(by)].map(Literal::Int).into()
        }
        (Literal::Size(of), by) => {
            let by = if let Tolerance::Value(Literal::Size(by)) = by { *by } else { share(*of as f64) as u64 };
            [*of, of.saturating_sub(by), of.saturating_add(by)].map(Literal::Size).into()
        }
        (Literal::Duration(of), by) => {
            let share = || Duration::try_from_secs_f64(share(of.as_secs_f64())).unwrap_or_default();
            let by = if let Tolerance::Value(Literal::Duration(by)) = by { *by } else { share() };
            [*of, of.saturating_sub(by), of.saturating_add(by)].map(Literal::Duration).into()
        }
        _ => vec![of.clone()],
    }
}

/// Whether it holds for a sample; `None` where that depends.
fn holds(matcher: &Matcher, sample: &Sample, shape: &Shape) -> Option<bool> {
    match (matcher, sample) {
        (Matcher::Not(inner), _) => holds(inner, sample, shape).map(|answer| !answer),
        (Matcher::AllOf(all), _) => every(all.iter().map(|inner| holds(inner, sample, shape))),
        (Matcher::AnyOf(all), _) => {
            every(all.iter().map(|inner| holds(inner, sample, shape).map(|answer| !answer))).map(|none| !none)
        }
        (Matcher::Present(wanted), _) => Some(matches!(sample, Sample::Absent) != *wanted),
        (Matcher::Empty(wanted), Sample::Absent) => Some(*wanted),
        (_, Sample::Absent)
        | (Matcher::Equals(Literal::Text(_)), Sample::OtherText)
        | (Matcher::Contains(_) | Matcher::Any(_), Sample::Many(0)) => Some(false),
        (Matcher::Empty(wanted), Sample::Many(count)) => Some((*count == 0) == *wanted),
        (Matcher::Empty(wanted), Sample::OtherText) => Some(!wanted),
        (_, Sample::Value(value)) if matcher.captures().next().is_none() => {
            let fact = Fact::of(value.clone());
            match fit(matcher, &fact, &Captures::new()) {
                Fit::Yes => Some(true),
                Fit::No(_) => Some(false),
                Fit::Unknown(_) => None,
            }
        }
        (Matcher::OneOf(all), Sample::OtherText) => {
            let are_texts = all.iter().all(|literal| matches!(literal, Literal::Text(_)));
            are_texts.then_some(false)
        }
        (Matcher::Matches(pattern), Sample::OtherText) => fits_all(pattern).then_some(true),
        (Matcher::Contains(Literal::Text(text)), Sample::OtherText) => text.is_empty().then_some(true),
        (Matcher::CountOf(_, inner), Sample::OtherText) => of_count(inner),
        (Matcher::Count(inner), Sample::Many(count)) => holds(inner, &Sample::Value(Value::Int(*count)), &Shape::Int),
        (Matcher::Each(_) | Matcher::NoneOf(_), Sample::Many(0)) => Some(true),
        (Matcher::Each(inner) | Matcher::Any(inner), Sample::Many(_)) => of_items(inner, item(shape)),
        (Matcher::NoneOf(inner), Sample::Many(_)) => of_items(inner, item(shape)).map(|answer| !answer),
        (Matcher::Fields(fields), Sample::Other) => {
            every(fields.iter().map(|(name, inner)| of_items(inner, shape.find(&[name]).ok()?)))
        }
        _ => None,
    }
}

/// What a matcher says of whatever a list, a map or a field holds; a value of it may be absent.
fn of_items(matcher: &Matcher, shape: &Shape) -> Option<bool> {
    match sure(matcher, shape)? {
        Sure::Never => Some(false),
        Sure::Always => Some(true),
        Sure::IfPresent => None,
    }
}

/// What a matcher says of any number of things.
fn of_count(matcher: &Matcher) -> Option<bool> {
    let mut literals = Vec::new();
    collect(matcher, &mut literals);
    let answers: Vec<Option<bool>> = numbers(&literals, 0)
        .into_iter()
        .map(|count| holds(matcher, &Sample::Value(Value::Int(count)), &Shape::Int))
        .collect();
    let first = answers.first().copied().flatten()?;
    answers.iter().all(|answer| *answer == Some(first)).then_some(first)
}

/// Patterns that fit every text: there is always an empty place.
fn fits_all(pattern: &regex::Regex) -> bool {
    matches!(pattern.as_str(), "" | "^" | "$" | ".*" | ".*?" | "^.*" | ".*$" | "(?s).*" | "(?s)^.*$")
}

/// All hold; a certain "no" counts before "that depends".
fn every(answers: impl Iterator<Item = Option<bool>>) -> Option<bool> {
    let mut result = Some(true);
    for answer in answers {
        match answer {
            Some(false) => return Some(false),
            None => result = None,
            Some(true) => {}
        }
    }
    result
}
