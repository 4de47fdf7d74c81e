//! Errors of the Docker API, with what was being done.

use crate::outcome::Fault;
use bollard::errors::Error;

/// A request that the engine refused, or did not answer.
#[derive(Debug, thiserror::Error)]
#[error("Docker could not {doing}: {}", reason(cause))]
pub struct ApiError {
    /// What was asked for: `remove container 3f2a…`.
    pub doing: String,
    /// What came back.
    #[source]
    pub cause: Error,
}

impl ApiError {
    /// Whether what was asked for is not there.
    pub fn is_missing(&self) -> bool {
        status(&self.cause) == Some(404)
    }
}

impl From<ApiError> for Fault {
    fn from(error: ApiError) -> Self {
        Self::Machine(error.to_string())
    }
}

/// Adds to an error what was being done.
pub trait Doing<T> {
    /// Adds to an error what was being done: `remove container 3f2a…`.
    fn doing(self, what: impl FnOnce() -> String) -> Result<T, ApiError>;
}

impl<T> Doing<T> for Result<T, Error> {
    fn doing(self, what: impl FnOnce() -> String) -> Result<T, ApiError> {
        self.map_err(|cause| ApiError { doing: what(), cause })
    }
}

/// The HTTP status of an answer that refuses.
pub fn status(error: &Error) -> Option<u16> {
    match error {
        Error::DockerResponseServerError { status_code, .. } => Some(*status_code),
        _ => None,
    }
}

/// What the engine said, without the frame around it.
pub fn reason(error: &Error) -> String {
    match error {
        Error::DockerResponseServerError { message, .. } => message.trim().to_owned(),
        Error::RequestTimeoutError => "the engine did not answer in time".to_owned(),
        Error::HyperLegacyError { .. } | Error::HyperResponseError { .. } => {
            format!("the engine can't be reached any more ({})", innermost(error))
        }
        other => other.to_string(),
    }
}

/// The first cause of an error, which says most.
fn innermost(error: &dyn std::error::Error) -> String {
    error.source().map_or_else(|| error.to_string(), innermost)
}
