//! The check language: its keys, parameters, matchers and expectations, and reading them with everything that is wrong
//! told at its place. Checks, steps and challenges are made of these.

pub mod condition;
pub(crate) mod expectation;
pub(crate) mod file;
pub mod grammar;
pub mod matcher;
pub(crate) mod parameters;
pub(crate) mod scope;
pub mod shape;
pub(crate) mod values;
