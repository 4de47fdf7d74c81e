//! Where a snapshot lies: a folder of its own in the user's cache, which a lock marks as in use.

use super::SnapshotError;
use crate::repository::system;
use std::fs::{self, File};
use std::io;
use std::path::{Path, PathBuf};

/// A folder for one run. The lock goes with the process, however that ends, so a later run can tell what is abandoned.
#[derive(Debug)]
pub(super) struct Place {
    run: PathBuf,
    dir: PathBuf,
    lock: PathBuf,
    _locked: File,
    keep: bool,
}

impl Place {
    pub(super) fn new() -> Result<Self, SnapshotError> {
        let mut failed = None;
        for runs in runs() {
            match Self::new_in(&runs) {
                Ok(place) => return Ok(place),
                Err(source) => failed = Some(SnapshotError::Unwritable { path: runs, source }),
            }
        }
        Err(failed.unwrap_or_else(|| SnapshotError::Unwritable {
            path: PathBuf::from("~/.cache"),
            source: io::ErrorKind::NotFound.into(),
        }))
    }

    fn new_in(runs: &Path) -> io::Result<Self> {
        fs::create_dir_all(runs)?;
        // locked before it has the name that another run looks for
        let file = tempfile::Builder::new().prefix("run-").suffix(".new").tempfile_in(runs)?;
        file.as_file().lock()?;
        let run = file.path().with_extension("");
        let lock = file.path().with_extension("lock");
        let locked = file.persist(&lock).map_err(|error| error.error)?;
        let mut place = Self { dir: run.join("repository"), run, lock, _locked: locked, keep: false };
        fs::create_dir(&place.run)?;
        system::set_mode(&place.run, 0o700)?;
        fs::create_dir(&place.dir)?;
        place.dir = place.dir.canonicalize()?;
        Ok(place)
    }

    pub(super) fn dir(&self) -> &Path {
        &self.dir
    }

    /// Where all snapshots lie.
    pub(super) fn runs(&self) -> &Path {
        self.dir.ancestors().nth(2).unwrap_or(&self.dir)
    }

    pub(super) fn keep(&mut self) {
        self.keep = true;
    }
}

impl Drop for Place {
    fn drop(&mut self) {
        // what is kept loses its lock's file, so that no later run takes it for abandoned
        if self.keep || remove(&self.run).is_ok() {
            let _ = fs::remove_file(&self.lock);
        }
    }
}

/// Where runs are kept: the user's cache, then the system's place for temporary files.
fn runs() -> impl Iterator<Item = PathBuf> {
    system::cache().into_iter().chain([std::env::temp_dir()]).map(|cache| cache.join("grader").join("runs"))
}

/// Removes what runs left behind that were killed.
pub(super) fn remove_abandoned() {
    for entry in runs().filter_map(|runs| fs::read_dir(runs).ok()).flatten().flatten() {
        let lock = entry.path();
        if lock.extension().is_none_or(|extension| extension != "lock") {
            continue;
        }
        let Ok(file) = File::open(&lock) else { continue };
        if file.try_lock().is_ok() && remove(&lock.with_extension("")).is_ok() {
            let _ = fs::remove_file(&lock);
        }
    }
}

/// Removes a folder and all in it, folders that are not writable too; links are not followed.
pub(super) fn remove(folder: &Path) -> io::Result<()> {
    match fs::remove_dir_all(folder) {
        Ok(()) => return Ok(()),
        Err(error) if error.kind() == io::ErrorKind::NotFound => return Ok(()),
        Err(_) => {}
    }
    open_up(folder);
    fs::remove_dir_all(folder)
}

fn open_up(folder: &Path) {
    let _ = system::set_mode(folder, 0o700);
    for entry in fs::read_dir(folder).into_iter().flatten().flatten() {
        if entry.file_type().is_ok_and(|kind| kind.is_dir()) {
            open_up(&entry.path());
        }
    }
}
