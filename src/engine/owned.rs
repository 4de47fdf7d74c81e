//! What a run makes on the engine: labelled, and removed at its end or by the next run.

pub mod janitor;
pub mod orphans;
pub mod owner;
pub mod ownership;
