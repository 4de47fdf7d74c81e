//! One run of `grader check`: snapshot, plan, collect, judge, report.

pub mod event;
