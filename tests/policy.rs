//! What of a Compose file is not run: each key that is refused, with its line, before and after Compose has resolved it.

#[path = "policy/build.rs"]
mod build;
#[path = "policy/commands.rs"]
mod commands;
#[path = "policy/course.rs"]
mod course;
#[path = "policy/honest.rs"]
mod honest;
#[path = "policy/idle.rs"]
mod idle;
#[path = "policy/raw.rs"]
mod raw;
#[path = "policy/resolved.rs"]
mod resolved;
#[path = "policy/specification.rs"]
mod specification;
#[path = "policy/stand.rs"]
mod stand;
