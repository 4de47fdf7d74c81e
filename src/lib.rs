//! `grader` grades the Docker work of people who are learning it, and teaches while it does.
//!
//! A grader is a test runner outside (every check has a result) and a linter inside (a failure points at a place and
//! says what to do). So facts are code, and checks are data:
//!
//! ```text
//! repository ──collect──▶ facts ──judge──▶ outcomes ──▶ report ──write──▶ terminal, plain, JSON, JUnit
//!                (engine)         (checks/*.yaml)   events ──▶ progress
//! ```
//!
//! - [`facts`]: typed, documented values about the learner's work, each with its place and its reason. One file a
//!   source, cheapest first: the repository's files, the image built, the image run, the stack brought up.
//! - [`challenge`]: checks and challenges, read from YAML. A check says what it expects of facts; it never touches Docker.
//! - [`matching`]: whether a fact fits a matcher. Pure.
//! - [`judge`]: check × facts → outcome and findings. Pure.
//! - [`run`]: one run: what is needed, in which order, what happens meanwhile.
//! - [`report`]: the result as plain data, and one file a format.
//! - [`proof`]: whether a challenge grades fairly: its examples, solution, cases, and mutants of the solution.
//! - [`engine`]: the only place that talks to Docker. It knows no check.
//! - [`distribution`]: the only place that asks image registries.
//! - [`dockerfile`], [`dockerignore`], [`compose`], [`yaml`], [`repository`]: reading what a learner wrote, as Docker does.
//!
//! Three faults are never mixed up: the learner's is a finding, the instructor's is a diagnostic of the check file,
//! and the grader's or the machine's is [`outcome::Outcome::Errored`], which takes no points.
#![forbid(unsafe_code)]

pub mod challenge;
pub mod cli;
pub mod compose;
pub mod diagnostic;
pub mod distribution;
pub mod dockerfile;
pub mod dockerignore;
pub mod engine;
pub mod event;
pub mod facts;
pub mod http;
pub mod judge;
pub mod language;
pub mod lint;
pub mod matching;
pub mod outcome;
pub mod place;
pub mod policy;
pub mod proof;
pub mod report;
pub mod repository;
pub mod run;
pub mod schema;
pub mod source;
pub mod steps;
pub mod units;
pub mod yaml;
