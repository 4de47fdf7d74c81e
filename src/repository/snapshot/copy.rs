//! Copies files into a snapshot: links as links, permissions kept, nothing followed, nothing waited for.

use super::{MAX_BYTES, MAX_FILES, Snapshot, SnapshotError};
use crate::repository::Ongoing;
use crate::repository::walk::{self, EntryKind, FolderEntry, MAX_DEPTH};
use crate::repository::{git, read::is_inside, system};
use std::collections::BTreeMap;
use std::fs::{self, File};
use std::io;
use std::path::{Component, Path, PathBuf};

/// How many repositories in the repository (submodules) git is asked about; more are copied whole.
const MAX_INNER: usize = 20;

/// Copies the paths that git lists, or all.
pub(super) fn copy(
    root: &Path,
    ongoing: &Ongoing,
    listed: Option<&[PathBuf]>,
    snapshot: Snapshot,
) -> Result<Snapshot, SnapshotError> {
    let mut copy = Copying { root, ongoing, snapshot, folders: BTreeMap::new(), inner: 0 };
    match listed {
        Some(paths) => copy.listed(Path::new(""), paths, 0)?,
        None => copy.all(Path::new(""))?,
    }
    copy.finish()
}

struct Copying<'a> {
    root: &'a Path,
    ongoing: &'a Ongoing,
    snapshot: Snapshot,
    /// The folders made, with the permissions that they get in the end; none if it is no folder in the repository.
    folders: BTreeMap<PathBuf, Option<u32>>,
    /// How many repositories in the repository git was asked about.
    inner: usize,
}

impl Copying<'_> {
    /// Takes what git lists for a folder. A submodule, or a repository in the repository, is listed as one path.
    fn listed(&mut self, folder: &Path, paths: &[PathBuf], depth: usize) -> Result<(), SnapshotError> {
        for path in paths {
            let real = folder.join(path);
            if !is_inside(&real) || self.is_left_out(&real) {
                continue; // an index can be made to name anything
            }
            match walk::entry(self.root, real) {
                Ok(entry) if entry.kind == EntryKind::Directory && depth < MAX_DEPTH => {
                    let inner = self.root.join(&entry.real);
                    let own = inner.join(".git").symlink_metadata().is_ok() && self.inner < MAX_INNER;
                    self.inner += usize::from(own);
                    match own.then(|| git::read(&inner, self.ongoing)) {
                        Some(Ok(Some(git))) => self.listed(&entry.real, &git.files, depth + 1)?,
                        _ => self.all(&entry.real)?,
                    }
                }
                Ok(entry) => self.entry(&entry)?,
                Err(real) => self.snapshot.unreadable.push(system::text(&real)),
            }
        }
        Ok(())
    }

    /// Takes all in a folder but `.git`.
    fn all(&mut self, folder: &Path) -> Result<(), SnapshotError> {
        let mut result = Ok(());
        let listing = walk::walk(&self.root.join(folder), self.ongoing, &mut |entry| {
            let real = folder.join(&entry.real);
            if result.is_err() || self.is_left_out(&real) {
                return false;
            }
            result = self.entry(&FolderEntry { path: system::text(&real), real, ..entry.clone() });
            true
        });
        let inside = |path: String| system::text(&folder.join(path));
        self.snapshot.unreadable.extend(listing.unreadable.into_iter().map(inside));
        self.snapshot.truncated = self.snapshot.truncated.take().or(listing.truncated);
        result
    }

    /// Whether it is git's own, or where snapshots lie; of a snapshot there are copies too.
    fn is_left_out(&self, real: &Path) -> bool {
        let runs = self.snapshot.place.runs();
        let is_run = self.root.join(real).starts_with(runs) && !self.root.starts_with(runs);
        is_run || real.iter().any(|part| part == ".git")
    }

    fn entry(&mut self, entry: &FolderEntry) -> Result<(), SnapshotError> {
        self.look()?;
        let parent = entry.real.parent().unwrap_or(Path::new(""));
        if !self.folder(parent)? {
            return Ok(());
        }
        if self.snapshot.files.len() == MAX_FILES {
            return Err(too_big(format!("{MAX_FILES} files"), entry));
        }
        let target = self.snapshot.dir().join(&entry.real);
        match entry.kind {
            EntryKind::Directory => drop(self.folder(&entry.real)?),
            EntryKind::Special => self.snapshot.special.push(entry.path.clone()),
            EntryKind::Link => {
                let Ok(to) = fs::read_link(self.root.join(&entry.real)) else {
                    self.snapshot.unreadable.push(entry.path.clone());
                    return Ok(());
                };
                system::link(&to, &target).map_err(|source| unwritable(&target, source))?;
                if self.leads_out(parent, &to) {
                    self.snapshot.outside_links.push(entry.path.clone());
                }
                self.snapshot.files.push(entry.path.clone());
            }
            EntryKind::File => {
                if entry.size > MAX_BYTES - self.snapshot.bytes {
                    return Err(too_big(format!("{MAX_BYTES} bytes"), entry));
                }
                let Ok(source) = system::open(&self.root.join(&entry.real)) else {
                    self.snapshot.unreadable.push(entry.path.clone());
                    return Ok(());
                };
                // as much as was seen: a file that grows meanwhile doesn't matter
                self.snapshot.bytes += self.write(source, entry.size, &target, entry.mode)?;
                self.snapshot.files.push(entry.path.clone());
            }
        }
        Ok(())
    }

    /// Makes a folder and those above it; false if one of them is none in the repository, such as a link.
    fn folder(&mut self, folder: &Path) -> Result<bool, SnapshotError> {
        if let Some(mode) = self.folders.get(folder) {
            return Ok(mode.is_some());
        }
        let above = match folder.parent() {
            Some(parent) => self.folder(parent)?,
            None => true,
        };
        let metadata = self.root.join(folder).symlink_metadata().ok().filter(|metadata| above && metadata.is_dir());
        if metadata.is_some() && folder.parent().is_some() {
            let target = self.snapshot.dir().join(folder);
            fs::create_dir(&target).map_err(|source| unwritable(&target, source))?;
        }
        self.folders.insert(folder.to_owned(), metadata.as_ref().map(system::mode));
        Ok(metadata.is_some())
    }

    /// Whether a link in a folder of the repository leads out of it, or would from the snapshot.
    fn leads_out(&self, folder: &Path, to: &Path) -> bool {
        let mut depth = folder.iter().count();
        let climbs = to.components().any(|part| match part {
            Component::Normal(_) => {
                depth += 1;
                false
            }
            Component::CurDir => false,
            Component::ParentDir => depth.checked_sub(1).map(|up| depth = up).is_none(),
            Component::RootDir | Component::Prefix(_) => true,
        });
        let real = self.root.join(folder).join(to).canonicalize();
        climbs || real.is_ok_and(|real| !real.starts_with(self.root))
    }

    fn write(&self, source: File, size: u64, target: &Path, mode: u32) -> Result<u64, SnapshotError> {
        let copied = File::create_new(target).and_then(|mut file| self.ongoing.copy(source, &mut file, size));
        self.look()?;
        let copied = copied.map_err(|source| unwritable(target, source))?;
        system::set_mode(target, mode).map_err(|source| unwritable(target, source))?;
        Ok(copied)
    }

    fn look(&self) -> Result<(), SnapshotError> {
        if self.ongoing.is_stopped() { Err(SnapshotError::Stopped) } else { Ok(()) }
    }

    /// Gives the folders their permissions, but for us to write in them: git knows none of folders.
    fn finish(self) -> Result<Snapshot, SnapshotError> {
        self.look()?;
        for (folder, mode) in &self.folders {
            let target = self.snapshot.dir().join(folder);
            if let Some(mode) = mode {
                system::set_mode(&target, mode | 0o700).map_err(|source| unwritable(&target, source))?;
            }
        }
        Ok(self.snapshot)
    }
}

fn unwritable(path: &Path, source: io::Error) -> SnapshotError {
    SnapshotError::Unwritable { path: path.to_owned(), source }
}

fn too_big(bound: String, entry: &FolderEntry) -> SnapshotError {
    SnapshotError::TooBig { bound, example: entry.path.clone() }
}
