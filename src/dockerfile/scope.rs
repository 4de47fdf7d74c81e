//! Variables: `ARG` before the first `FROM`, and those of a stage.

use std::collections::{BTreeMap, HashMap, HashSet};

use super::lex::Variables;
use super::platform;

/// Names and values.
#[derive(Debug, Clone, Default)]
pub(super) struct Scope {
    values: HashMap<String, String>,
    /// Declared without a value: they are known to be unset.
    declared: HashSet<String>,
}

impl Scope {
    /// What is set without any `ARG`: visible in `FROM`, and in a stage once it declares it.
    pub fn predefined(target: &str, build_args: &BTreeMap<String, String>) -> Self {
        let mut scope = Self::default();
        for (name, value) in platform::variables().into_iter().chain([("TARGETSTAGE", target.to_owned())]) {
            scope.set(name, build_args.get(name).cloned().unwrap_or(value));
        }
        scope
    }

    pub fn set(&mut self, name: &str, value: String) {
        self.values.insert(name.to_owned(), value);
    }

    pub fn declare(&mut self, name: &str) {
        self.declared.insert(name.to_owned());
    }

    /// Of these names, those that the base image may have set: neither declared here nor a shell's special parameters.
    pub fn foreign(&self, unset: Vec<String>) -> Vec<String> {
        let is_name = |name: &String| name.starts_with(|c: char| c.is_alphabetic() || c == '_');
        unset.into_iter().filter(|name| is_name(name) && !self.declared.contains(name)).collect()
    }
}

impl Variables for Scope {
    fn get(&self, name: &str) -> Option<&str> {
        self.values.get(name).map(String::as_str)
    }
}
