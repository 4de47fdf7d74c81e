//! The disk that the engine keeps its data on: how much of it is free, where that can be seen from here.

use crate::engine::Engine;
use std::fs;
use std::path::Path;

/// The free bytes of the engine's disk; `None` where it is another machine's.
pub fn free(engine: &Engine) -> Option<u64> {
    if engine.is_remote { None } else { of(Path::new(&engine.root_dir)) }
}

/// Whether more is free there than a run may write.
pub fn has_room(engine: &Engine) -> bool {
    free(engine).is_some_and(|free| free > engine.limits.disk())
}

/// The bytes that the files in a folder take up, links not followed; a file of many names counts with each.
pub fn taken(folder: &Path) -> u64 {
    let mut taken: u64 = 0;
    let mut open = vec![folder.to_owned()];
    while let Some(path) = open.pop() {
        let Ok(metadata) = path.symlink_metadata() else { continue };
        taken = taken.saturating_add(blocks(&metadata));
        if metadata.is_dir() {
            open.extend(fs::read_dir(path).into_iter().flatten().flatten().map(|entry| entry.path()));
        }
    }
    taken
}

#[cfg(unix)]
fn blocks(metadata: &fs::Metadata) -> u64 {
    use std::os::unix::fs::MetadataExt as _;
    metadata.blocks().saturating_mul(512)
}

#[cfg(not(unix))]
fn blocks(metadata: &fs::Metadata) -> u64 {
    metadata.len()
}

/// The free bytes of a folder's disk, where the system tells.
#[cfg(unix)]
pub fn of(folder: &Path) -> Option<u64> {
    let disk = rustix::fs::statvfs(folder).ok()?;
    Some(disk.f_bavail.saturating_mul(disk.f_frsize))
}

/// The free bytes of a folder's disk, where the system tells.
#[cfg(not(unix))]
pub fn of(_: &Path) -> Option<u64> {
    None
}
