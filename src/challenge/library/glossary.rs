//! The glossary: terms that learners meet, in a sentence or two each.

use super::file;
use crate::diagnostic::nearest;
use crate::yaml::{self, Node};

/// Where it is.
const FILE: &str = "glossary/terms.yaml";

/// A term.
#[derive(Debug, Clone, Default, PartialEq, Eq)]
pub struct Term {
    /// Its name: lower case, with `-` for blanks.
    pub name: String,
    /// Other names for it.
    pub also: Vec<String>,
    /// What it means.
    pub says: String,
    /// Related terms.
    pub see: Vec<String>,
    /// A page to read on.
    pub learn: String,
}

/// All terms, in their order.
pub fn terms() -> Vec<Term> {
    // A test holds that it can be read.
    let node = file(FILE).and_then(|file| yaml::parse(file.contents()).ok());
    node.iter().filter_map(Node::as_seq).flatten().filter_map(term).collect()
}

fn term(node: &Node) -> Option<Term> {
    let text = |key: &str| node.get(key).and_then(Node::text).map(str::to_owned);
    let list = |key: &str| {
        let items = node.get(key).and_then(Node::as_seq).unwrap_or_default();
        items.iter().filter_map(Node::text).map(str::to_owned).collect()
    };
    Some(Term { name: text("term")?, also: list("also"), says: text("says")?, see: list("see"), learn: text("learn")? })
}

/// The term of a name, as people write it: `Bind mount`, `HEALTHCHECK`, `depends_on`.
pub fn find(name: &str) -> Option<Term> {
    let name = canonical(name);
    terms().into_iter().find(|term| term.name == name || term.also.iter().any(|also| canonical(also) == name))
}

/// The term with the nearest name, for a hint.
pub fn near(name: &str) -> Option<String> {
    let terms = terms();
    nearest(&canonical(name), terms.iter().map(|term| term.name.as_str()))
}

fn canonical(name: &str) -> String {
    name.trim().to_lowercase().replace([' ', '_'], "-")
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn every_term_is_found_by_its_names_and_leads_on() {
        let terms = terms();
        let written = file(FILE).and_then(|file| file.contents_utf8()).unwrap_or_default().matches("- term:").count();
        assert!(terms.len() == written && written > 30, "{} of {written}", terms.len());
        for term in &terms {
            for name in term.also.iter().chain([&term.name]) {
                assert_eq!(find(name).map(|found| found.name).as_ref(), Some(&term.name), "{name}");
            }
            for other in &term.see {
                assert!(terms.iter().any(|term| term.name == *other), "{}: there is no term {other}", term.name);
            }
            assert!(term.says.ends_with('.') && term.learn.starts_with("https://docs.docker.com/"), "{}", term.name);
            let longest = term.says.split(". ").map(|sentence| sentence.split_whitespace().count()).max();
            assert!(longest.is_some_and(|words| words <= 25), "{}: {}", term.name, term.says);
        }
        assert_eq!(find("Bind Mount").map(|term| term.name).as_deref(), Some("bind-mount"));
        assert_eq!(find("nothing"), None);
        assert_eq!(near("volum").as_deref(), Some("volume"));
    }
}
