//! The steps of a check: asking services and containers, changing them, capturing what comes back.
//!
//! Each kind of step has one file, with all there is to it: its name, its keys, how it is read, what it needs, what it
//! does and what it brings back. [`STEPS`] lists the kinds. The schema for editors, the reference and the table in
//! `checks/README.md` are made of it.

pub mod answers;
mod capture;
pub mod compose;
pub mod container;
pub mod edit;
pub mod exec;
pub mod files;
mod graded;
pub mod http;
mod interpolate;
mod keys;
pub mod kind;
pub mod leaks;
mod output;
pub mod probe;
pub(crate) mod read;
pub mod rebuild;
mod request;
pub mod run;
pub mod runner;
pub mod spec;
pub mod start;
pub mod step;
pub mod wait;
mod workspace;
pub mod write;

pub use graded::Graded;
pub use keys::StepTarget;
pub use kind::{Acting, Action, Needs, StepKind, Turn};
pub use runner::StepRunner;
pub use step::{Capture, Step};
pub use workspace::{ImageBuilder, StepLimits, Workspace};

/// All kinds of steps, in the order in which they are listed.
pub static STEPS: &[&StepKind] = &[
    &http::KIND,
    &probe::KIND,
    &exec::KIND,
    &run::KIND,
    &start::KIND,
    &files::KIND,
    &leaks::KIND,
    &container::KIND,
    &compose::KIND,
    &edit::KIND,
    &write::KIND,
    &rebuild::KIND,
    &wait::KIND,
];
