//! `grader` grades the Docker work of people who are learning it, and teaches while it does.
#![forbid(unsafe_code)]

pub mod challenge;
pub mod dockerignore;
pub mod facts;
pub mod outcome;
pub mod place;
pub mod report;
pub mod repository;
pub mod run;
