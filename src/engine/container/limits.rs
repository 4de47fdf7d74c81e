//! Bounds of all that is run, where the grader's own do not fit.

use super::MEMORY;
use std::time::Duration;

/// What may be written unless said otherwise, in bytes.
pub const DISK: u64 = 10_000_000_000;

/// The shortest time that grader watches a container without a health check. Time without a processor doesn't count.
pub const SETTLE: Duration = Duration::from_secs(10);

/// How much of what a container prints the engine keeps.
pub const LOG_FILE: &str = "10m";
/// What Docker gives to every container and ordinary ones have no use for: to make device files, to give rights to files.
/// Raw packets stay: `ping` is what many a health check does, and a run's networks are its own.
pub const DROPPED: [&str; 2] = ["MKNOD", "SETFCAP"];
/// The option of a network that lets its containers reach the world under the machine's own address. Without it they
/// publish ports all the same, which those on an `internal` network do not.
pub const MASQUERADE: &str = "com.docker.network.bridge.enable_ip_masquerade";
/// A name server that refuses: names of services are known without one.
pub const NO_NAMES: &str = "127.0.0.1";
/// A program can't gain rights that who started it has not: `sudo` and the like do nothing.
pub const NO_NEW_PRIVILEGES: &str = "no-new-privileges:true";

/// Bounds of what is run; the grader's own where `None`.
#[derive(Debug, Clone, Copy, Default, PartialEq)]
pub struct Limits {
    /// How long a service or a container is waited for at most, whatever its health check says.
    pub start: Option<Duration>,
    /// The shortest time that grader watches a container without a health check; [`SETTLE`] if `None`.
    pub settle: Option<Duration>,
    /// The memory of one container, in bytes.
    pub memory: Option<u64>,
    /// The processors of one container.
    pub cpus: Option<f64>,
    /// The processes of one container.
    pub pids: Option<u32>,
    /// What one container, one volume or one build may write, in bytes.
    pub disk: Option<u64>,
    /// Whether containers reach nothing but each other and this machine.
    pub no_egress: bool,
}

impl Limits {
    /// Returns the shortest time that grader watches a container without a health check.
    pub fn settle(self) -> Duration {
        self.settle.unwrap_or(SETTLE)
    }

    /// What one container, one volume or one build may write, in bytes.
    pub fn disk(self) -> u64 {
        self.disk.unwrap_or(DISK)
    }

    /// The memory of a container that is run alone, in bytes.
    pub fn lone_memory(self) -> i64 {
        self.memory.and_then(|bytes| i64::try_from(bytes).ok()).unwrap_or(MEMORY)
    }
}
