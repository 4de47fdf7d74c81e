//! What is fuzzed: for each kind of input a function that takes any bytes and asserts what has to hold whatever they are.
//! The fuzzers of `bin` call them, and so does `tests/fuzz.rs`: on stable, in every run of the tests, without any tool.

#![allow(clippy::expect_used, clippy::unwrap_used, dead_code)] // all of it is a test

#[path = "targets/checks.rs"]
pub mod checks;
#[path = "targets/commands.rs"]
pub mod commands;
#[path = "targets/compose.rs"]
pub mod compose;
#[path = "targets/dockerfile.rs"]
pub mod dockerfile;
#[path = "targets/dockerignore.rs"]
pub mod dockerignore;
#[path = "targets/facts.rs"]
mod facts;
#[path = "targets/formats.rs"]
mod formats;
#[path = "targets/pieces.rs"]
mod pieces;
#[path = "targets/rawjson.rs"]
pub mod rawjson;
#[path = "targets/report.rs"]
pub mod report;
#[path = "targets/shown.rs"]
mod shown;

pub use pieces::CUT;

/// What takes any bytes, and panics where something does not hold.
pub type Target = fn(&[u8]);

/// All targets by their names.
pub const ALL: [(&str, Target); 7] = [
    ("checks", checks::run),
    ("commands", commands::run),
    ("compose", compose::run),
    ("dockerfile", dockerfile::run),
    ("dockerignore", dockerignore::run),
    ("rawjson", rawjson::run),
    ("report", report::run),
];
