//! The disk that the engine keeps its data on: how much of it is free, where that can be seen from here.

use super::Engine;
use std::path::Path;

/// The free bytes of the engine's disk; `None` where it is another machine's.
pub fn free(engine: &Engine) -> Option<u64> {
    if engine.is_remote { None } else { of(Path::new(&engine.root_dir)) }
}

#[cfg(unix)]
fn of(folder: &Path) -> Option<u64> {
    let disk = rustix::fs::statvfs(folder).ok()?;
    Some(disk.f_bavail.saturating_mul(disk.f_frsize))
}

#[cfg(not(unix))]
fn of(_: &Path) -> Option<u64> {
    None
}
