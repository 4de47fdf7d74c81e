//! Errors that prevent a build, which then fails by the host's fault.

use super::{BuildFault, Failed};
use crate::engine::ApiError;
use crate::engine::process::ProcessError;

/// An error that prevents the build; never the learner's fault.
#[derive(Debug, thiserror::Error)]
pub enum BuildError {
    /// The tool.
    #[error(transparent)]
    Process(#[from] ProcessError),
    /// The engine.
    #[error(transparent)]
    Api(#[from] ApiError),
    /// A file of ours.
    #[error("{path} could not be read or written for the build: {cause}")]
    File {
        /// The file.
        path: String,
        /// What the system said.
        #[source]
        cause: std::io::Error,
    },
}

impl From<BuildError> for Box<Failed> {
    fn from(error: BuildError) -> Self {
        let message = error.to_string();
        Self::new(Failed { fault: Some(BuildFault::Machine(message.clone())), message, ..Failed::default() })
    }
}
