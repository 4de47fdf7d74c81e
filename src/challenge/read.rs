//! Reading challenges, checks, examples, cases and overrides from YAML.

pub mod case;
pub(crate) mod check;
pub(crate) mod example;
pub(crate) mod load;
pub mod overrides;
