//! Images: building them, and looking into them without running anything.

pub mod build;
pub mod builder;
pub mod contents;
pub mod digest;
pub mod filesystem;
pub mod leaks;
mod saved;
pub mod size;
pub mod stream;
