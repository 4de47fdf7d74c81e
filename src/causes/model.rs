//! What a cause is. Plain data.

use crate::challenge::Example;
use crate::language::condition::Condition;
use regex::Regex;

/// Why something failed.
#[derive(Debug, Clone)]
pub struct Cause {
    /// Its name, in lower case with dashes.
    pub id: String,
    /// Whether it only explains what no other cause does.
    pub general: bool,
    /// What it is recognized by.
    pub when: Recognition,
    /// The facts of which the first that has a place says which line the fix changes; the finding's own place if none has.
    pub place: Vec<Vec<String>>,
    /// What happened, in a sentence.
    pub says: String,
    /// What that means.
    pub means: String,
    /// What to do next.
    pub next: String,
    /// Three hints: a question, the concept, nearly the line.
    pub hints: Vec<String>,
    /// Where to read on.
    pub learn: Option<String>,
    /// What it explains.
    pub explains: Vec<CauseExample>,
    /// What it leaves alone.
    pub leaves_alone: Vec<CauseExample>,
}

/// What a cause is recognized by: all of it has to fit.
#[derive(Debug, Clone, Default)]
pub struct Recognition {
    /// What was printed.
    pub printed: Option<PrintedLike>,
    /// The facts that the finding may be about, `*` for a part of a name; empty for any.
    pub about: Vec<Vec<String>>,
    /// What has to hold of facts.
    pub facts: Vec<Condition>,
}

/// What was printed, and by whom.
#[derive(Debug, Clone)]
pub struct PrintedLike {
    /// By one of these; empty for any.
    pub by: Vec<Printer>,
    /// What it has to be like.
    pub matches: Regex,
}

/// Who printed something.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Printer {
    /// A build, or BuildKit on the Dockerfile.
    Build,
    /// The container of the image run alone.
    Container,
    /// A service of the stack.
    Service,
    /// Compose, on its files.
    Compose,
    /// A step: what answered a request or a command.
    Step,
}

impl Printer {
    /// Their names, in a cause's file.
    pub const NAMES: [&'static str; 5] = ["build", "container", "service", "compose", "step"];

    /// By its name.
    pub fn named(name: &str) -> Option<Self> {
        let all = [Self::Build, Self::Container, Self::Service, Self::Compose, Self::Step];
        Self::NAMES.iter().zip(all).find_map(|(known, printer)| (*known == name).then_some(printer))
    }

    /// Who prints what is found of a fact.
    pub fn of(fact: &str) -> Self {
        match fact.split('.').next().unwrap_or_default() {
            "dockerfile" | "image" | "build" | "context" | "dockerignore" => Self::Build,
            "container" => Self::Container,
            "stack" => Self::Service,
            "compose" => Self::Compose,
            _ => Self::Step,
        }
    }
}

/// A finding as an example.
#[derive(Debug, Clone, Default)]
pub struct CauseExample {
    /// The fact that it is about.
    pub about: String,
    /// What was printed.
    pub printed: String,
    /// Facts beside it.
    pub facts: Example,
}
