//! Stacks: a repository's Compose file, checked, rewritten, brought up by `docker compose`, watched and removed.
//!
//! [`resolve`] has Compose read the files, [`prepare`] makes a [`Plan`] of that beside the image build;
//! [`Stack::launch`] makes it a [`Stack`], which is watched until every service is ready or never will be.

mod binds;
mod change;
mod clocks;
mod config;
mod containers;
mod cut_off;
mod down;
mod error;
mod images;
mod last_look;
mod model;
mod plan;
mod published;
pub mod ready;
pub mod rewrite;
mod running;
mod shared;
mod state;
mod up;

pub use containers::PROJECT_LABEL;
pub use error::StackError;
pub use images::obtain;
pub use plan::{Plan, Resolution, ServiceBuild, StackRequest, Unresolved, prepare, prepare_resolved, resolve};
pub use published::PublishedPort;
pub use running::Stack;
pub use state::{State, Up};
