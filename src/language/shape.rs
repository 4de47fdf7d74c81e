//! The registry as one tree, so that any part of it can be asked for: `image.size`, `stack.services`, `image.healthcheck.kind`.

use crate::facts::registry::{REGISTRY, Type};
use std::sync::LazyLock;

/// What values there are below a name.
#[derive(Debug, Clone, PartialEq)]
pub enum Shape {
    /// True or false.
    Bool,
    /// A whole number.
    Int,
    /// Bytes.
    Size,
    /// A length of time.
    Duration,
    /// Text.
    Text,
    /// One of these words.
    Word(&'static [&'static str]),
    /// The rights of a file.
    Mode,
    /// The patterns of a `.dockerignore`.
    Patterns,
    /// Values in their order.
    List(Box<Shape>),
    /// Values by names that the learner chose.
    Map(Box<Shape>),
    /// Values by these names.
    Record(Vec<(&'static str, Shape)>),
    /// Any JSON value.
    Any,
}

/// All facts.
pub static FACTS: LazyLock<Shape> = LazyLock::new(|| {
    let mut root = Shape::Record(Vec::new());
    for entry in REGISTRY.iter() {
        root.insert(entry.name, entry.kind);
    }
    root
});

/// A name that is not there: how many parts of it are, and what could follow them.
#[derive(Debug, Clone, PartialEq)]
pub struct Unknown<'s> {
    /// The number of known parts.
    pub known: usize,
    /// What they lead to.
    pub parent: &'s Shape,
}

impl Shape {
    fn of(kind: Type) -> Self {
        match kind {
            Type::Bool => Self::Bool,
            Type::Int => Self::Int,
            Type::Size => Self::Size,
            Type::Duration => Self::Duration,
            Type::Text => Self::Text,
            Type::Word(words) => Self::Word(words),
            Type::Mode => Self::Mode,
            Type::Patterns => Self::Patterns,
            Type::Any => Self::Any,
            Type::List(item) => Self::List(Box::new(Self::of(*item))),
            Type::Map(item) => Self::Map(Box::new(Self::of(*item))),
            Type::Record(fields) => Self::Record(fields.iter().map(|&(name, kind)| (name, Self::of(kind))).collect()),
        }
    }

    /// Adds a fact.
    pub(crate) fn insert(&mut self, name: &'static str, kind: Type) {
        self.insert_shape(name, Self::of(kind));
    }

    fn insert_shape(&mut self, name: &'static str, leaf: Shape) {
        let (first, rest) = name.split_once('.').map_or((name, None), |(first, rest)| (first, Some(rest)));
        let below = match (first, &mut *self) {
            ("<name>", Self::Map(item)) => item.as_mut(),
            ("<name>", other) => {
                *other = Self::Map(Box::new(Self::Record(Vec::new())));
                let Self::Map(item) = other else { return };
                item.as_mut()
            }
            (_, Self::Record(fields)) => {
                let at = fields.iter().position(|(name, _)| *name == first).unwrap_or_else(|| {
                    fields.push((first, Self::Record(Vec::new())));
                    fields.len() - 1
                });
                &mut fields[at].1
            }
            _ => return,
        };
        match rest {
            Some(rest) => below.insert_shape(rest, leaf),
            None => *below = leaf,
        }
    }

    /// What a name, part by part, leads to.
    pub fn find<S: AsRef<str>>(&self, parts: &[S]) -> Result<&Self, Unknown<'_>> {
        parts.iter().enumerate().try_fold(self, |parent, (known, part)| {
            let below = match parent {
                _ if part.as_ref().is_empty() => None,
                Self::Any => Some(parent),
                Self::Map(item) => Some(item.as_ref()),
                Self::Record(fields) => fields.iter().find(|(name, _)| *name == part.as_ref()).map(|(_, shape)| shape),
                _ => None,
            };
            below.ok_or(Unknown { known, parent })
        })
    }

    /// The names below it, if they are known.
    pub fn names(&self) -> Vec<&'static str> {
        match self {
            Self::Record(fields) => fields.iter().map(|(name, _)| *name).collect(),
            _ => Vec::new(),
        }
    }

    /// What it is, in words: `a size`, `a list of texts`.
    pub fn words(&self) -> String {
        match self {
            Self::Bool => "true or false".to_owned(),
            Self::Int => "a whole number".to_owned(),
            Self::Size => "a size".to_owned(),
            Self::Duration => "a length of time".to_owned(),
            Self::Text => "text".to_owned(),
            Self::Word(words) => format!("one of {}", words.join(", ")),
            Self::Mode => "the rights of a file, such as 0644".to_owned(),
            Self::Patterns => "a list of patterns".to_owned(),
            Self::List(_) => "a list".to_owned(),
            Self::Map(_) => "a map by names".to_owned(),
            Self::Record(fields) => {
                let names: Vec<&str> = fields.iter().map(|(name, _)| *name).collect();
                format!("a record of {}", names.join(", "))
            }
            Self::Any => "any JSON value".to_owned(),
        }
    }
}
