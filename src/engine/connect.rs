//! Which engine is meant, whether it will do, and what is missing where it doesn't.

pub mod api;
pub mod bridge;
pub mod cli;
pub mod context;
pub mod doctor;
pub mod hub;
pub mod internet;
pub(crate) mod no_engine;
pub(crate) mod version;
