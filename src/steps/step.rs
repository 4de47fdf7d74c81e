//! A step as it was read. Plain data. In its texts `{name}` stands for a value that an earlier step captured.

use super::Action;
use crate::language::condition::Expectation;
use std::collections::BTreeMap;

/// One thing to do, and what has to come back.
#[derive(Debug, Clone)]
pub struct Step {
    /// What to do.
    pub action: Box<dyn Action>,
    /// What has to hold of what came back (`crate::steps::answers`), and of all other facts.
    pub expect: Vec<Expectation>,
    /// Values to keep for later steps, which write `{name}`.
    pub capture: BTreeMap<String, Capture>,
    /// The points for it and for all before it that have none of their own.
    pub points: Option<u32>,
}

/// What to keep of an answer. The value is a number if it reads as one, otherwise text.
#[derive(Debug, Clone)]
pub enum Capture {
    /// A fact of the step: `["json", "count"]`.
    Fact(Vec<String>),
    /// The first group of a pattern, found in the body, or in what was printed.
    Pattern(regex::Regex),
}
