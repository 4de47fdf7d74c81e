//! What happens during a run. The run emits events, progress reporters only listen.

use crate::outcome::Outcome;
use crate::source::Source;

/// One thing that happened. Texts may hold what a learner wrote: escape them before they are shown.
#[derive(Debug, Clone, PartialEq)]
pub enum Event {
    /// The run begins: how many checks it will judge.
    Started {
        /// The challenge's title.
        title: String,
        /// The number of checks.
        checks: usize,
    },
    /// A source of facts is being collected, and what it does now: `build 3/9 RUN pip install`.
    Doing(Source, String),
    /// A source is done.
    Done(Source),
    /// A check, by its id, is judged but for the last look at what runs.
    Tried(String),
    /// A check is judged.
    Judged {
        /// Its id.
        id: String,
        /// Its title.
        title: String,
        /// Which step of the challenge it is.
        step: Option<u32>,
        /// What came of it.
        outcome: Outcome,
    },
    /// All is judged or stopped; what the run made is being removed.
    Tidying,
    /// Something to know that is no finding.
    Note(String),
}

/// Takes events as they happen.
pub type Listener<'a> = &'a dyn Fn(Event);
