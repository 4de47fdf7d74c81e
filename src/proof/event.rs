//! What happens while something is proved; progress only listens.

use super::ProofSection;

/// What happens while something is proved.
#[derive(Debug, Clone, PartialEq)]
pub enum ProofEvent<'a> {
    /// A part of a proof begins.
    Section {
        /// What is proved.
        title: &'a str,
        /// The part.
        section: ProofSection,
        /// How many things will be tried.
        of: usize,
        /// Whether each takes but a moment.
        quick: bool,
    },
    /// Something is tried.
    Begin(&'a str),
    /// What it does now.
    Doing(&'a str, String),
    /// It is done, and what came of it.
    End(&'a str, &'static str),
}

/// Takes events as they happen.
pub type ProofListener<'a> = &'a dyn Fn(ProofEvent<'_>);
