//! Why a stack could not be run: always the engine's or the host's fault. What came of its services is in their states.

use crate::engine::connect::api::ApiError;
use crate::engine::process::ProcessError;
use crate::outcome::Fault;
use std::io;
use std::path::PathBuf;

/// Why a stack could not be run or looked at; never the learner's fault.
#[derive(Debug, thiserror::Error)]
pub enum StackError {
    /// The engine failed.
    #[error(transparent)]
    Api(#[from] ApiError),
    /// `docker compose` could not be started or followed.
    #[error(transparent)]
    Process(#[from] ProcessError),
    /// `docker compose` could not be ended.
    #[error(transparent)]
    Unended(#[from] io::Error),
    /// `docker compose up` failed, and it was the host's fault.
    #[error("`docker compose up` failed: {0}")]
    Up(String),
    /// A file for `docker compose` could not be written.
    #[error("{} could not be written: {cause}", path.display())]
    Unwritten {
        /// The file.
        path: PathBuf,
        /// What the system said.
        #[source]
        cause: io::Error,
    },
    /// An image that was built for it is missing.
    #[error("the built image {image} is gone: {why}")]
    ImageGone {
        /// The image.
        image: String,
        /// What the engine said.
        why: String,
    },
}

impl From<StackError> for Fault {
    fn from(error: StackError) -> Self {
        Self::Machine(error.to_string())
    }
}
