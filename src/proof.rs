//! Proving that a challenge grades fairly, before a learner sees it: the examples of its checks, its starter, its
//! solution, its cases, and mutants of the solution. `grader test` shows what came of it.

pub mod claim;
mod event;
pub mod example;
mod footprint;
pub mod mutant;
pub mod only;
mod prove;
mod queue;
pub mod report;
mod survey;
mod trial_run;

pub use event::{ProofEvent, ProofListener};
pub use prove::{Options, checks, prove};
pub use queue::Stop;
pub use trial_run::{Ungraded, grade, needs_engine};

use std::time::Duration;

/// What came of proving one challenge, or the checks of a file or folder.
#[derive(Debug, Clone, Default)]
pub struct Proof {
    /// The challenge's id, or the file's or folder's path.
    pub id: String,
    /// Its title.
    pub title: String,
    /// Where it is.
    pub place: String,
    /// All that was tried, but for the mutants.
    pub items: Vec<Item>,
    /// The mutants of the solution.
    pub mutants: Vec<Mutated>,
    /// Whether only some of it was asked for, by name.
    pub partial: bool,
    /// The signal that stopped it before its end, if one did.
    pub interrupted: Option<String>,
    /// How long it took.
    pub elapsed: Duration,
}

/// A part of a proof.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord)]
pub enum ProofSection {
    /// The examples of the checks.
    Examples,
    /// The starter does not pass.
    Starter,
    /// The solution gets every point.
    Solution,
    /// Each case fails exactly what it names.
    Cases,
    /// The solution with one thing less.
    Mutants,
}

/// One thing that was tried.
#[derive(Debug, Clone, PartialEq)]
pub struct Item {
    /// The part that it belongs to.
    pub section: ProofSection,
    /// Its name in that part: a check's id, a case's name.
    pub name: String,
    /// What it is about, in a sentence; empty if there is nothing to say.
    pub about: String,
    /// Where it is written.
    pub place: String,
    /// What came of it.
    pub verdict: Verdict,
    /// How long it took.
    pub elapsed: Duration,
}

/// What came of something that was tried.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum Verdict {
    /// It is as it should be.
    Held,
    /// It is not, and in which ways.
    Failed(Vec<String>),
    /// It was not asked for.
    LeftOut(String),
    /// It could not be found out, and why.
    Unjudged(String),
}

/// What became of a mutant.
#[derive(Debug, Clone, PartialEq)]
pub struct Mutated {
    /// Its name, which no line number is part of.
    pub name: String,
    /// Where the solution was changed: `Dockerfile:12`.
    pub place: String,
    /// What became of it.
    pub fate: Fate,
    /// How long it took.
    pub elapsed: Duration,
}

/// What became of a mutant.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum Fate {
    /// These checks fail with it.
    Noticed(Vec<String>),
    /// No check fails with it, and `mutants.yaml` says why that is fair.
    Fair(String),
    /// No check fails with it.
    Survived,
    /// Only the engine can tell, and it was not asked.
    NeedsEngine,
    /// It could not be found out, and why.
    Unjudged(String),
}

impl ProofSection {
    /// All parts, in their order.
    pub const ALL: [Self; 5] = [Self::Examples, Self::Starter, Self::Solution, Self::Cases, Self::Mutants];

    /// Its name.
    pub fn name(self) -> &'static str {
        match self {
            Self::Examples => "examples",
            Self::Starter => "starter",
            Self::Solution => "solution",
            Self::Cases => "cases",
            Self::Mutants => "mutants",
        }
    }
}

impl Verdict {
    /// Its name: `held`, `failed`, `left-out` or `unjudged`.
    pub fn status(&self) -> &'static str {
        match self {
            Self::Held => "held",
            Self::Failed(_) => "failed",
            Self::LeftOut(_) => "left-out",
            Self::Unjudged(_) => "unjudged",
        }
    }

    /// Held, unless something is wrong.
    fn of(wrong: Vec<String>) -> Self {
        if wrong.is_empty() { Self::Held } else { Self::Failed(wrong) }
    }
}

impl Fate {
    /// Its name: `noticed`, `fair`, `survived`, `needs-engine` or `unjudged`.
    pub fn status(&self) -> &'static str {
        match self {
            Self::Noticed(_) => "noticed",
            Self::Fair(_) => "fair",
            Self::Survived => "survived",
            Self::NeedsEngine => "needs-engine",
            Self::Unjudged(_) => "unjudged",
        }
    }
}

impl Proof {
    /// The things tried in one part.
    pub fn section(&self, section: ProofSection) -> impl Iterator<Item = &Item> {
        self.items.iter().filter(move |item| item.section == section)
    }

    /// Whether something is not as it should be.
    pub fn failed(&self) -> bool {
        self.items.iter().any(|item| matches!(item.verdict, Verdict::Failed(_)))
            || self.mutants.iter().any(|mutant| mutant.fate == Fate::Survived)
    }

    /// The mutants whose fate is known.
    pub fn judged_mutants(&self) -> usize {
        self.mutants.iter().filter(|it| !matches!(it.fate, Fate::NeedsEngine | Fate::Unjudged(_))).count()
    }

    /// Whether all that there is was tried, and is as it should be.
    pub fn is_proved(&self) -> bool {
        let nothing_left_out = self.items.iter().all(|item| item.verdict == Verdict::Held);
        self.exit_code() == 0 && nothing_left_out && self.judged_mutants() == self.mutants.len()
    }

    /// Why something could not be judged, if that is so.
    pub fn unjudged(&self) -> Option<&str> {
        let items = self.items.iter().filter_map(|item| match &item.verdict {
            Verdict::Unjudged(why) => Some(why.as_str()),
            _ => None,
        });
        let mutants = self.mutants.iter().filter_map(|mutant| match &mutant.fate {
            Fate::Unjudged(why) => Some(why.as_str()),
            _ => None,
        });
        items.chain(mutants).next()
    }

    /// The exit code: 0 proved, 1 something is not as it should be, 3 could not be judged, 130 interrupted.
    pub fn exit_code(&self) -> u8 {
        if self.interrupted.is_some() {
            130
        } else if self.failed() {
            1
        } else if self.unjudged().is_some() {
            3
        } else {
            0
        }
    }
}
