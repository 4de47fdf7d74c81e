//! Reading challenges, checks, examples and cases from YAML.

pub mod case;
pub(crate) mod check;
pub(crate) mod course;
pub(crate) mod example;
pub mod learner;
pub(crate) mod load;
mod roles;
