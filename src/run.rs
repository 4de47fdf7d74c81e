//! One run of `grader check`: snapshot, plan, collect, judge, report.

pub mod explanation;
mod foreseen;
mod given;
pub(crate) mod interruption;
mod last_looks;
mod last_word;
mod learner;
pub mod plan;
mod preview;
mod programs;
pub mod reading;
pub mod recipe;
pub mod runner;
mod scoreboard;
pub mod script;
mod service_images;
pub mod snippet;
mod stages;
pub mod subject;
mod weight;

use crate::repository::{self, SnapshotError};
use thiserror::Error;

/// Why nothing could be graded at all.
#[derive(Debug, Error)]
pub enum Error {
    /// The folder can't be read.
    #[error(transparent)]
    Repository(#[from] repository::Error),
    /// It can't be copied.
    #[error(transparent)]
    Snapshot(#[from] SnapshotError),
    /// `--only` or `--skip` names nothing.
    #[error(transparent)]
    UnknownCheck(#[from] plan::UnknownCheck),
}
