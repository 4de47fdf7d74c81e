//! Causes: why something failed, recognized from what was found and said to a beginner. They are data, checks/causes/*.yaml;
//! reading, recognizing and filling in are here. Pure: a cause never runs anything.
//!
//! A cause looks at one finding: the fact that it is about, and what was found there, in the words that builds, containers,
//! probes and Compose printed. The cause with the most conditions that fits explains the finding.

mod example;
mod library;
mod model;
mod read;
mod recognize;
mod template;

pub use example::{explains, leaves_alone};
pub use library::{all, cause, ids, of_challenge};
pub use model::{Cause, CauseExample, PrintedLike, Printer, Recognition};
pub use recognize::{Evidence, explain, of};
