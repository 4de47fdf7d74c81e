//! Bounds of all that is run, where the grader's own do not fit.

use super::lone::MEMORY;
use std::time::Duration;

/// Bounds of what is run; the grader's own where `None`.
#[derive(Debug, Clone, Copy, Default, PartialEq)]
pub struct Limits {
    /// How long a service or a container is waited for at most, whatever its health check says.
    pub start: Option<Duration>,
    /// The memory of one container, in bytes.
    pub memory: Option<u64>,
    /// The processors of one container.
    pub cpus: Option<f64>,
    /// The processes of one container.
    pub pids: Option<u32>,
}

impl Limits {
    /// The memory of a container that is run alone, in bytes.
    pub fn lone_memory(self) -> i64 {
        self.memory.and_then(|bytes| i64::try_from(bytes).ok()).unwrap_or(MEMORY)
    }
}
