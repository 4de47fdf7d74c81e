//! Matchers: what a check can say of a fact. A closed, typed set; which of them fit is decided when a check is loaded.

pub mod about;
mod literal;
mod read;

pub(crate) use literal::{is_mode, size, text};
pub use read::allowed;
pub(crate) use read::{matcher, regex};

use std::collections::BTreeMap;
use std::time::Duration;

/// What a fact's value has to be. All but `present: false` and `not` fail on a value that is absent.
#[derive(Debug, Clone)]
pub enum Matcher {
    /// Exactly this value (also written bare).
    Equals(Literal),
    /// One of these values.
    OneOf(Vec<Literal>),
    /// The text fits a regular expression, anywhere unless anchored.
    Matches(regex::Regex),
    /// The text holds this text; the list holds this value; the map has this name.
    Contains(Literal),
    /// The text starts with this one.
    StartsWith(String),
    /// The text ends with this one.
    EndsWith(String),
    /// A list of exactly so many values, each of which fits its matcher (a list written bare).
    List(Vec<Matcher>),
    /// Values of the list fit these, one after the other; others may be between them.
    InOrder(Vec<Matcher>),
    /// The number is no further than this from another one.
    Within(Literal, Tolerance),
    /// Less than.
    Below(Literal),
    /// More than.
    Above(Literal),
    /// This or more.
    AtLeast(Literal),
    /// This or less.
    AtMost(Literal),
    /// The number of values fits.
    Count(Box<Matcher>),
    /// The number of places in the text that fit a regular expression fits.
    CountOf(regex::Regex, Box<Matcher>),
    /// Whether there are no values, or no text.
    Empty(bool),
    /// Whether it is there at all.
    Present(bool),
    /// Every value fits. Holds where there are none.
    Each(Box<Matcher>),
    /// At least one value fits.
    Any(Box<Matcher>),
    /// No value fits.
    NoneOf(Box<Matcher>),
    /// It does not fit.
    Not(Box<Matcher>),
    /// It fits all.
    AllOf(Vec<Matcher>),
    /// It fits one at least.
    AnyOf(Vec<Matcher>),
    /// The patterns leave out every one of these paths (files in the build context).
    Excludes(Vec<String>),
    /// The record's fields fit, each its matcher.
    Fields(BTreeMap<String, Matcher>),
}

impl Matcher {
    /// The names of all captured values that it holds a fact against.
    pub fn captures(&self) -> impl Iterator<Item = &str> {
        let mut names = Vec::new();
        self.collect(&mut names);
        names.into_iter()
    }

    fn collect<'a>(&'a self, names: &mut Vec<&'a str>) {
        let literals: &[Literal] = match self {
            Self::Within(literal, _)
            | Self::Equals(literal)
            | Self::Contains(literal)
            | Self::Below(literal)
            | Self::Above(literal)
            | Self::AtLeast(literal)
            | Self::AtMost(literal) => std::slice::from_ref(literal),
            Self::OneOf(literals) => literals,
            Self::Count(inner)
            | Self::CountOf(_, inner)
            | Self::Each(inner)
            | Self::Any(inner)
            | Self::NoneOf(inner)
            | Self::Not(inner) => {
                return inner.collect(names);
            }
            Self::AllOf(inner) | Self::AnyOf(inner) | Self::List(inner) | Self::InOrder(inner) => {
                return inner.iter().for_each(|inner| inner.collect(names));
            }
            Self::Fields(fields) => return fields.values().for_each(|inner| inner.collect(names)),
            _ => &[],
        };
        names.extend(literals.iter().filter_map(|literal| match literal {
            Literal::Captured(name) => Some(name.as_str()),
            _ => None,
        }));
    }
}

/// How far a number may be from another one.
#[derive(Debug, Clone, PartialEq)]
pub enum Tolerance {
    /// `10%` of it.
    Percent(f64),
    /// `5MB`: a value of the same type.
    Value(Literal),
}

/// A value as a check writes it, of its fact's type.
#[derive(Debug, Clone, PartialEq)]
pub enum Literal {
    /// `true`, `false`
    Bool(bool),
    /// `5`
    Int(i64),
    /// `200MB`, in bytes
    Size(u64),
    /// `30s`
    Duration(Duration),
    /// `text`
    Text(String),
    /// `{name}`: a value captured by an earlier step.
    Captured(String),
}
