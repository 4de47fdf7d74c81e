//! The disks that the engine keeps its data on: how much of them is free, where that can be seen from here.

use crate::engine::Engine;
use std::fs;
use std::path::Path;

/// Where the system's own containerd, rather than one that the engine starts for itself, keeps what it has.
const CONTAINERD: &str = "/var/lib/containerd";

/// Where the engine's images are, if not with the rest of its data: containerd has them, and the engine talks to it at
/// `address`.
pub fn image_dir(containerd_store: bool, address: &str) -> Option<&'static str> {
    let is_its_own = address.is_empty() || address.contains("/docker/");
    (containerd_store && !is_its_own).then_some(CONTAINERD)
}

/// The free bytes of the engine's disks together; `None` where they are another machine's.
pub fn free(engine: &Engine) -> Option<u64> {
    let mut seen = Vec::new();
    rooms(engine)
        .into_iter()
        .filter(|(_, folder)| is_new(folder, &mut seen))
        .map(|(free, _)| free)
        .reduce(u64::saturating_add)
}

/// The free bytes of the one of the engine's disks that has the fewest, and its folder there.
pub fn tightest(engine: &Engine) -> Option<(u64, &Path)> {
    rooms(engine).into_iter().min_by_key(|(free, _)| *free)
}

/// Whether more is free on each than a run may write.
pub fn has_room(engine: &Engine) -> bool {
    tightest(engine).is_some_and(|(free, _)| free > engine.limits.disk())
}

/// The folders that the engine keeps its data in, with what is free there.
fn rooms(engine: &Engine) -> Vec<(u64, &Path)> {
    let folders = [Some(&engine.root_dir), engine.image_dir.as_ref()].into_iter().flatten().map(Path::new);
    folders.filter(|_| !engine.is_remote).filter_map(|folder| Some((of(folder)?, folder))).collect()
}

/// Whether a folder is on another disk than those before it.
#[cfg(unix)]
fn is_new(folder: &Path, seen: &mut Vec<u64>) -> bool {
    use std::os::unix::fs::MetadataExt as _;
    let Ok(metadata) = folder.metadata() else { return false };
    let is_new = !seen.contains(&metadata.dev());
    seen.push(metadata.dev());
    is_new
}

#[cfg(not(unix))]
fn is_new(_: &Path, seen: &mut Vec<u64>) -> bool {
    seen.push(0);
    seen.len() == 1
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

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_images_of_the_systems_containerd_are_elsewhere() {
        let system = "/run/containerd/containerd.sock"; // Engine 29, and 28 as Debian starts it
        for (containerd_store, address, expected) in [
            (true, system, Some("/var/lib/containerd")),
            (false, system, None),
            (true, "/var/run/docker/containerd/containerd.sock", None),
            (true, "", None), // engines before 28 don't say
        ] {
            assert_eq!(image_dir(containerd_store, address), expected, "{containerd_store} {address}");
        }
    }

    #[cfg(unix)]
    #[test]
    fn a_disk_counts_once() {
        let folder = tempfile::tempdir().unwrap();
        let below = folder.path().join("below");
        fs::create_dir(&below).unwrap();
        let mut seen = Vec::new();
        assert!(is_new(folder.path(), &mut seen));
        assert!(!is_new(&below, &mut seen));
        assert!(is_new(Path::new("/proc"), &mut seen) || !Path::new("/proc").exists());
        assert!(!is_new(&folder.path().join("missing"), &mut seen));
    }
}
