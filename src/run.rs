//! One run of `grader check`: snapshot, plan, collect, judge, report.

mod board;
pub mod event;
pub mod given;
pub mod plan;
pub mod snippet;
pub mod step;
pub mod subject;
