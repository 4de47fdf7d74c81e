//! What has to hold: facts with their matchers. Plain data.

use super::matcher::Matcher;

/// One thing that has to hold. In a list of them, what fails first is reported, and what follows waits.
#[derive(Debug, Clone)]
pub struct Expectation {
    /// What has to hold.
    pub condition: Condition,
    /// The item of the list that it belongs to. Those of one `all:` share it, and are reported together.
    pub group: usize,
    /// The points for it and for all before it that have none of their own.
    pub points: Option<u32>,
    /// What to say if it does not hold; otherwise made from the fact's description.
    pub message: Option<String>,
    /// What was expected, in words; otherwise made from the matcher.
    pub expected: Option<String>,
    /// A hint of its own.
    pub hint: Option<String>,
    /// Another fact that a finding should point at if its own has no place.
    pub see: Option<Vec<String>>,
}

/// A condition without a word beside it.
impl From<Condition> for Expectation {
    fn from(condition: Condition) -> Self {
        Self { condition, group: 0, points: None, message: None, expected: None, hint: None, see: None }
    }
}

/// What has to hold.
#[derive(Debug, Clone)]
pub enum Condition {
    /// A fact, by the parts of its name, fits a matcher.
    Fact(Vec<String>, Matcher),
    /// One of these holds.
    AnyOf(Vec<Condition>),
    /// All of these hold.
    AllOf(Vec<Condition>),
}

impl Condition {
    /// Whether it asks for facts of a source, by the first part of their names.
    pub fn names(&self, source: &str) -> bool {
        match self {
            Self::Fact(path, _) => path.first().is_some_and(|first| first == source),
            Self::AnyOf(all) | Self::AllOf(all) => all.iter().any(|condition| condition.names(source)),
        }
    }
}
