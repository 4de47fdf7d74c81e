//! What is read from its text when it is first asked for: a run holds its files against few of the policy's keys.

use std::ops::Deref;
use std::sync::OnceLock;

/// A value that is there, or the text that it is read from.
#[derive(Debug, Clone)]
pub enum Late<T> {
    /// It was read.
    Read(T),
    /// It is read by the function when it is first asked for.
    Written(&'static str, fn(&'static str) -> T, OnceLock<T>),
}

impl<T> Late<T> {
    /// What `read` will make of a text.
    pub fn written(text: &'static str, read: fn(&'static str) -> T) -> Self {
        Self::Written(text, read, OnceLock::new())
    }
}

impl<T> From<T> for Late<T> {
    fn from(value: T) -> Self {
        Self::Read(value)
    }
}

impl<T> Deref for Late<T> {
    type Target = T;

    fn deref(&self) -> &T {
        match self {
            Self::Read(value) => value,
            Self::Written(text, read, value) => value.get_or_init(|| read(text)),
        }
    }
}
