//! Watching while something runs: what it writes, and whether the engine still answers.

pub mod disk;
pub mod guard;
pub mod pulse;
