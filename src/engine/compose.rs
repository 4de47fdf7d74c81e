//! Stacks: a repository's Compose file, checked, rewritten, brought up by `docker compose`, watched and removed.

pub mod rewrite;
pub mod window;
