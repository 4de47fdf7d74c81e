//! `grader` grades the Docker work of people who are learning it, and teaches while it does.
//!
//! A grader is a test runner outside (every check has a result) and a linter inside (a failure points at a place and
//! says what to do). So facts are code, and checks are data:
//!
//! ```text
//! repository ──collect──▶ facts ──judge──▶ outcomes ──explain──▶ findings ──▶ report ──write──▶ terminal, plain, JSON, JUnit
//!                (engine)         (checks/*.yaml)      (checks/causes/*.yaml)   events ──▶ progress
//! ```
//!
//! A module uses only the modules below its own; `tests/house.rs` holds the floors. From the ground up:
//!
//! - [`place`], [`source`], [`units`], [`outcome`], [`event`], [`diagnostic`]: words that most floors use. [`http`]: clients.
//!   [`seed`]: what differs between runs.
//! - [`yaml`], [`dockerfile`], [`dockerignore`], [`compose`], [`commands`]: what a learner wrote, read as Docker and shells
//!   read it. Pure.
//! - [`repository`]: the learner's folder. [`distribution`]: image registries.
//! - [`policy`]: what of a learner's files may run. It asks Docker nothing.
//! - [`engine`]: the only place that talks to Docker. It knows no check.
//! - [`facts`]: typed, documented values about the learner's work, each with its place and its reason. One file a
//!   source, cheapest first: the repository's files, the image built, the image run, the stack brought up.
//! - [`language`], [`matching`], [`steps`], [`challenge`], [`judge`]: the check language's toolkit; matcher × fact; what a
//!   check does before it looks; the checks and challenges made of these; check × facts → outcome.
//! - [`causes`]: why a check failed, from what was found and printed; data, too. Pure.
//! - [`lint`], [`schema`], [`report`]: an instructor's mistakes, editors' schemas, one file a report format.
//! - [`run`]: one run: what is needed, in which order, what happens meanwhile.
//! - [`proof`]: whether a challenge grades fairly: its examples, solution, cases, and mutants of the solution.
//! - [`cli`]: one file a subcommand.
//!
//! Three faults are never mixed up: the learner's is a finding, the instructor's is a diagnostic of the check file,
//! and the grader's or the machine's is [`outcome::Outcome::Errored`], which takes no points.
#![forbid(unsafe_code)]

pub mod causes;
pub mod challenge;
pub mod cli;
pub mod commands;
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
pub mod seed;
pub mod source;
pub mod steps;
pub mod units;
pub mod yaml;
