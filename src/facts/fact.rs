//! One fact, and the values that facts have.

use crate::outcome::Finding;
use crate::place::Place;
use crate::units::{duration_text, size_text};
use std::collections::BTreeMap;
use std::fmt;
use std::time::Duration;

/// A value as the checks see it.
#[derive(Debug, Clone, PartialEq)]
pub enum Value {
    /// True or false.
    Bool(bool),
    /// A whole number.
    Int(i64),
    /// A number of bytes.
    Size(u64),
    /// A length of time.
    Duration(Duration),
    /// Text that a learner or a tool wrote: escape it before it is shown.
    Text(String),
    /// Values in their order, each with its own place.
    List(Vec<Fact>),
    /// Values by name: a record's fields, or things that the learner named.
    Map(BTreeMap<String, Fact>),
}

/// What is known of a value.
#[derive(Debug, Clone, PartialEq)]
pub enum Known {
    /// It is there.
    Value(Value),
    /// It is known that there is none: no USER instruction, no running container.
    Absent,
    /// It could not be found out, through no fault of the learner; why.
    Unknown(String),
}

/// One value about the learner's work, where it comes from and why it is so.
#[derive(Debug, Clone, PartialEq)]
pub struct Fact {
    /// The value.
    pub known: Known,
    /// The place in the repository that decides it.
    pub place: Option<Place>,
    /// Why it is so, for a beginner: `no USER in the final stage; python:3.11-slim runs as root`.
    pub because: Option<String>,
    /// What is told where this is not as it is expected, in place of the check's own words: what was refused.
    pub told: Option<Box<[Finding]>>,
}

impl Fact {
    const fn new(known: Known) -> Self {
        Self { known, place: None, because: None, told: None }
    }

    /// [`Fact::absent`], as a constant.
    pub const ABSENT: Self = Self::new(Known::Absent);

    /// A known value.
    pub fn of(value: impl Into<Value>) -> Self {
        Self::new(Known::Value(value.into()))
    }

    /// A value, or [`Known::Absent`].
    pub fn maybe(value: Option<impl Into<Value>>) -> Self {
        value.map_or_else(Self::absent, Self::of)
    }

    /// Known not to be there.
    pub fn absent() -> Self {
        Self::ABSENT
    }

    /// Could not be found out, and why: never the learner's fault.
    pub fn unknown(why: impl Into<String>) -> Self {
        Self::new(Known::Unknown(why.into()))
    }

    /// A record from its fields.
    pub fn record<'a>(fields: impl IntoIterator<Item = (&'a str, Fact)>) -> Self {
        Self::of(Value::Map(fields.into_iter().map(|(name, fact)| (name.to_owned(), fact)).collect()))
    }

    /// The same fact with its place.
    #[must_use]
    pub fn at(mut self, place: impl Into<Option<Place>>) -> Self {
        self.place = place.into();
        self
    }

    /// The same fact with its reason.
    #[must_use]
    pub fn because(mut self, why: impl Into<String>) -> Self {
        self.because = Some(why.into());
        self
    }

    /// The same fact with what is told of it in place of a check's own words.
    #[must_use]
    pub fn telling(mut self, findings: &[Finding]) -> Self {
        self.told = Some(findings).filter(|findings| !findings.is_empty()).map(Into::into);
        self
    }

    /// What is told of it in place of a check's own words.
    pub fn findings(&self) -> &[Finding] {
        self.told.as_deref().unwrap_or_default()
    }

    /// The value, if it is there.
    pub fn value(&self) -> Option<&Value> {
        match &self.known {
            Known::Value(value) => Some(value),
            Known::Absent | Known::Unknown(_) => None,
        }
    }

    /// The text, if it is one.
    pub fn text(&self) -> Option<&str> {
        match self.value() {
            Some(Value::Text(text)) => Some(text),
            _ => None,
        }
    }

    /// Whether it is known to be true.
    pub fn is_true(&self) -> bool {
        self.value() == Some(&Value::Bool(true))
    }
}

impl From<bool> for Value {
    fn from(value: bool) -> Self {
        Self::Bool(value)
    }
}
impl From<i64> for Value {
    fn from(value: i64) -> Self {
        Self::Int(value)
    }
}
impl From<&str> for Value {
    fn from(value: &str) -> Self {
        Self::Text(value.to_owned())
    }
}
impl From<String> for Value {
    fn from(value: String) -> Self {
        Self::Text(value)
    }
}
impl From<Duration> for Value {
    fn from(value: Duration) -> Self {
        Self::Duration(value)
    }
}
impl<T: Into<Fact>> From<Vec<T>> for Value {
    fn from(values: Vec<T>) -> Self {
        Self::List(values.into_iter().map(Into::into).collect())
    }
}
impl<T: Into<Value>> From<T> for Fact {
    fn from(value: T) -> Self {
        Self::of(value)
    }
}

/// As people write it: `144MB`, `30s`, `"text"` without quotes.
impl fmt::Display for Value {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            Self::Bool(value) => write!(f, "{value}"),
            Self::Int(value) => write!(f, "{value}"),
            Self::Size(bytes) => f.write_str(&size_text(*bytes)),
            Self::Duration(value) => f.write_str(&duration_text(*value)),
            Self::Text(value) => f.write_str(value),
            Self::List(values) => join(f, values.iter().map(|fact| (None, fact))),
            Self::Map(values) => join(f, values.iter().map(|(name, fact)| (Some(name.as_str()), fact))),
        }
    }
}

fn join<'a>(f: &mut fmt::Formatter<'_>, facts: impl Iterator<Item = (Option<&'a str>, &'a Fact)>) -> fmt::Result {
    let mut separator = "";
    for (name, fact) in facts {
        f.write_str(separator)?;
        separator = ", ";
        if let Some(name) = name {
            write!(f, "{name}: ")?;
        }
        match &fact.known {
            Known::Value(value) => write!(f, "{value}")?,
            Known::Absent => f.write_str("none")?,
            Known::Unknown(_) => f.write_str("unknown")?,
        }
    }
    if separator.is_empty() { f.write_str("none") } else { Ok(()) }
}
