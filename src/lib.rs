//! `grader` grades the Docker work of people who are learning it, and teaches while it does.
#![forbid(unsafe_code)]

pub mod dockerfile;
