//! Images: building them, and looking into them without running anything.

pub mod build;
pub mod builder;
pub mod digest;
pub mod filesystem;
pub mod leaks;
pub mod size;
pub mod stream;
