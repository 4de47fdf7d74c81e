//! A kind of step: its name, its keys, how it is read, and what it brings back; and what every action can say and do.

use super::answers::{SECONDS, StepFact};
use super::capture::SAID;
use super::{Step, StepRunner};
use crate::facts::{Facts, Source};
use crate::language::condition::Condition;
use crate::language::grammar::{Key, ValueKind, may};
use crate::language::scope::Scope;
use crate::matching::fit::Captures;
use crate::outcome::Fault;
use crate::yaml::Node;
use std::any::Any;
use std::fmt;
use std::pin::Pin;
use std::time::Duration;

/// A kind of step, such as `http:`.
pub struct StepKind {
    /// The key that names it.
    pub name: &'static str,
    /// What it does, in a sentence.
    pub doc: &'static str,
    /// The keys under its name, or the words after it. A kind written in words has its bound beside it: `within: 5s`.
    pub takes: ValueKind,
    /// Of these keys a step has one at most.
    pub one_of: &'static [&'static str],
    /// The facts that it brings back, besides `seconds`.
    pub answers: &'static [StepFact],
    /// The sources whose facts it looks at afresh.
    pub afresh: &'static [Source],
    /// Reads it. What is wrong with it is added to the scope's problems.
    pub(crate) read: ReadStep,
}

/// Reads what a step does: what stands under its name, and the bound beside it.
pub(crate) type ReadStep = fn(&Scope<'_>, &Node, Option<Duration>) -> Option<Box<dyn Action>>;

impl StepKind {
    /// Returns the key that names it.
    pub fn key(&self) -> Key {
        may(self.name, self.takes, self.doc)
    }

    /// Returns all facts that it brings back.
    pub fn brings(&self) -> impl Iterator<Item = &'static StepFact> {
        self.answers.iter().chain([&SECONDS])
    }

    /// Whether `within:` beside it bounds it.
    pub fn is_bounded_beside(&self) -> bool {
        matches!(self.takes, ValueKind::Words(_))
    }

    /// Whether it brings back a text that a pattern can be searched in.
    pub fn says_something(&self) -> bool {
        self.answers.iter().any(|answer| SAID.contains(&answer.name))
    }
}

/// What one step does.
pub trait Action: Any + fmt::Debug + Send + Sync + BoxClone {
    /// Returns what it has to have.
    fn needs(&self) -> Needs;

    /// Returns the name of the container that it starts, for later steps.
    fn starts(&self) -> Option<&str> {
        None
    }

    /// Returns the name of the container that it works on, which an earlier step has to have started.
    fn started(&self) -> Option<&str> {
        None
    }

    /// Returns its texts in which `{name}` stands for a captured value.
    fn texts(&mut self) -> Vec<&mut String>;

    /// Whether the stack may be another one afterwards, so that it has to be brought up again for the next check.
    fn changes_stack(&self) -> bool {
        false
    }

    /// Returns whether it stops a service of the stack, even if only to start it again. The stack gets its last look before.
    fn disturbs_stack(&self) -> bool {
        self.changes_stack()
    }

    /// Returns how long it may take by its own words. `limits` are those of the run.
    fn limit(&self, _limits: &super::StepLimits) -> Duration {
        Duration::ZERO
    }

    /// Returns how long it is repeated until what comes back is as expected.
    fn retry_for(&self) -> Duration {
        Duration::ZERO
    }

    /// Returns the condition that it waits for, and the key that holds it.
    fn condition(&self) -> Option<(&'static str, &Condition)> {
        None
    }

    /// Does it.
    fn act<'r>(&'r self, runner: &'r mut StepRunner<'_>, turn: Turn<'r>) -> Acting<'r, Facts>;
}

/// What an action has to have.
#[derive(Debug, Clone, Copy, Default, PartialEq, Eq)]
pub struct Needs {
    /// The running stack.
    pub stack: bool,
    /// The container of the graded image.
    pub container: bool,
    /// This port of that container, published.
    pub port: Option<u16>,
    /// The repository's files as they were before anything ran.
    pub files: bool,
}

/// What a step knows when its turn comes.
#[derive(Clone, Copy)]
pub struct Turn<'r> {
    /// The step.
    pub step: &'r Step,
    /// What earlier steps captured.
    pub captures: &'r Captures,
    /// How long it has been retried; zero at the first try.
    pub tried: Duration,
}

/// Something that goes on and comes to a value, or to a fault.
pub type Acting<'r, T> = Pin<Box<dyn Future<Output = Result<T, Fault>> + 'r>>;

/// Clones what is boxed.
pub trait BoxClone {
    /// Returns a clone in a box of its own.
    fn box_clone(&self) -> Box<dyn Action>;
}

impl<T: Action + Clone> BoxClone for T {
    fn box_clone(&self) -> Box<dyn Action> {
        Box::new(self.clone())
    }
}

impl Clone for Box<dyn Action> {
    fn clone(&self) -> Self {
        // Of what is in the box, not of the box, which is clonable itself.
        (**self).box_clone()
    }
}

/// Puts what was read in a box.
pub(super) fn boxed(action: Option<impl Action>) -> Option<Box<dyn Action>> {
    action.map(|action| Box::new(action) as Box<dyn Action>)
}
