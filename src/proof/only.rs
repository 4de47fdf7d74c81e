//! `--only`: names and patterns of what is tried.

use regex::Regex;

/// What is asked for; everything if it is empty.
#[derive(Debug, Clone, Default)]
pub struct Only(Vec<Regex>);

impl Only {
    /// Names, in which `*` stands for any characters.
    pub fn new<S: AsRef<str>>(names: &[S]) -> Self {
        let pattern = |name: &S| Regex::new(&format!("(?s)^{}$", regex::escape(name.as_ref()).replace(r"\*", ".*")));
        Self(names.iter().filter_map(|name| pattern(name).ok()).collect())
    }

    /// Whether everything is asked for.
    pub fn is_everything(&self) -> bool {
        self.0.is_empty()
    }

    /// Whether this is asked for.
    pub fn takes(&self, name: &str) -> bool {
        self.0.is_empty() || self.0.iter().any(|pattern| pattern.is_match(name))
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_star_stands_for_anything() {
        for (asked, name, takes) in [
            (&[][..], "anything", true),
            (&["big-layer"], "big-layer", true),
            (&["big-layer"], "big-layers", false),
            (&["big-*", "x"], "big-layer", true),
            (&["Dockerfile: without*"], "Dockerfile: without COPY src/ src/ (2)", true),
            (&["a.c"], "abc", false),
        ] {
            assert_eq!(Only::new(asked).takes(name), takes, "{asked:?} {name}");
        }
    }
}
