//! Where a snapshot lies: a folder of its own in the user's cache, which a lock marks as in use.

use super::SnapshotError;
use crate::repository::{Ongoing, system};
use std::ffi::OsStr;
use std::fs::{self, File};
use std::io;
use std::path::{Path, PathBuf};
use std::sync::{Mutex, PoisonError};
use std::thread::JoinHandle;
use std::time::Duration;

/// A folder for one run. The lock goes with the process, however that ends, so a later run can tell what is abandoned.
#[derive(Debug)]
pub(super) struct RunFolder {
    run: PathBuf,
    dir: PathBuf,
    lock: PathBuf,
    locked: File,
    keep: bool,
    ongoing: Ongoing,
}

impl RunFolder {
    pub(super) fn new(ongoing: &Ongoing) -> Result<Self, SnapshotError> {
        let mut failed = None;
        for runs in runs() {
            match Self::new_in(&runs, ongoing) {
                Ok(place) => return Ok(place),
                Err(source) => failed = Some(SnapshotError::Unwritable { path: runs, source }),
            }
        }
        Err(failed.unwrap_or_else(|| SnapshotError::Unwritable {
            path: PathBuf::from("~/.cache"),
            source: io::ErrorKind::NotFound.into(),
        }))
    }

    fn new_in(runs: &Path, ongoing: &Ongoing) -> io::Result<Self> {
        system::create_own(runs)?;
        // locked before it has the name that another run looks for
        let file = tempfile::Builder::new().prefix("run-").suffix(".new").tempfile_in(runs)?;
        file.as_file().lock()?;
        let run = file.path().with_extension("");
        let lock = file.path().with_extension("lock");
        let locked = file.persist(&lock).map_err(|error| error.error)?;
        let (dir, ongoing) = (run.join("repository"), ongoing.clone());
        let mut place = Self { run, dir, lock, locked, keep: false, ongoing };
        fs::create_dir(&place.run)?;
        system::set_mode(&place.run, 0o700)?;
        fs::create_dir(&place.dir)?;
        place.dir = place.dir.canonicalize()?;
        Ok(place)
    }

    pub(super) fn dir(&self) -> &Path {
        &self.dir
    }

    pub(super) fn run(&self) -> &Path {
        &self.run
    }

    /// Where all snapshots lie.
    pub(super) fn runs(&self) -> &Path {
        self.dir.ancestors().nth(2).unwrap_or(&self.dir)
    }

    pub(super) fn keep(&mut self) {
        self.keep = true;
    }
}

impl Drop for RunFolder {
    fn drop(&mut self) {
        if self.keep {
            let _ = fs::rename(&self.lock, self.lock.with_extension(KEPT));
            return;
        }
        let (run, lock) = (self.run.clone(), self.lock.clone());
        let removal = move || {
            if remove(&run, &Ongoing::default()).is_ok() {
                let _ = fs::remove_file(&lock);
            }
        };
        match self.locked.try_clone() {
            // A report waits for it.
            Ok(locked) if self.ongoing.is_stopped() => {
                let removal = std::thread::spawn(move || {
                    removal();
                    drop(locked);
                });
                REMOVALS.lock().unwrap_or_else(PoisonError::into_inner).push(removal);
            }
            _ => removal(),
        }
    }
}

/// What is being removed still, of runs that were stopped.
static REMOVALS: Mutex<Vec<JoinHandle<()>>> = Mutex::new(Vec::new());

/// Waits until the copies of runs that were stopped are removed. To be called when all else is done.
pub fn finish_removals(waiting: impl FnOnce()) {
    let removals = std::mem::take(&mut *REMOVALS.lock().unwrap_or_else(PoisonError::into_inner));
    if removals.iter().any(|removal| !removal.is_finished()) {
        waiting();
    }
    for removal in removals {
        let _ = removal.join(); // one that has panicked is left to the next run
    }
}

/// What the name of the file ends in that marks a folder as kept by `--keep`, in place of its lock.
const KEPT: &str = "keep";

/// Where runs are kept: the user's cache, then the system's place for temporary files.
fn runs() -> impl Iterator<Item = PathBuf> {
    let own = system::cache().map(|cache| cache.join("grader").join("runs"));
    own.into_iter().chain([std::env::temp_dir().join(system::own_name())])
}

/// Removes what runs left behind that were killed, and with `kept` what `--keep` has kept.
pub(super) fn remove_abandoned(kept: bool, ongoing: &Ongoing) -> Abandoned {
    let mut found = Abandoned::default();
    for entry in runs().filter_map(|runs| fs::read_dir(runs).ok()).flatten().flatten() {
        let lock = entry.path();
        let run = lock.with_extension("");
        match lock.extension().and_then(OsStr::to_str) {
            Some("lock") => {
                if let Some(_held) = held(&lock)
                    && found.remove(&run, ongoing)
                {
                    let _ = fs::remove_file(&lock);
                }
            }
            Some(KEPT) if kept || run.symlink_metadata().is_err() => {
                let before = found.removed;
                if found.remove(&run, ongoing) {
                    let _ = fs::remove_file(&lock);
                }
                found.kept += found.removed - before;
            }
            // Docker makes a folder that it is to mount, also one that a run has just removed.
            None if is_run(&run) && (kept || is_old(&run)) => drop(found.remove(&run, ongoing)),
            // Its run was killed before it was locked.
            Some("new") if is_old(&lock) => drop(fs::remove_file(&lock)),
            _ => {}
        }
    }
    for entry in fs::read_dir(std::env::temp_dir()).into_iter().flatten().flatten() {
        let (folder, name) = (entry.path(), entry.file_name());
        let begins = |with| name.to_str().is_some_and(|name| name.starts_with(with));
        let is_abandoned = || begins(SCRATCH) || (begins(NEW) && is_old(&folder));
        if entry.file_type().is_ok_and(|kind| kind.is_dir())
            && is_abandoned()
            && let Some(_held) = held(&folder)
        {
            found.remove(&folder, ongoing);
        }
    }
    found
}

/// Whether it is the folder of a run that has neither a lock nor was kept.
fn is_run(folder: &Path) -> bool {
    let name = folder.file_name().and_then(OsStr::to_str).unwrap_or_default();
    let is_marked = |mark| folder.with_extension(mark).symlink_metadata().is_ok();
    name.starts_with("run-") && folder.is_dir() && !is_marked("lock") && !is_marked(KEPT)
}

/// What killed runs had left on the disk.
#[derive(Debug, Default)]
pub struct Abandoned {
    /// The number of folders that were removed.
    pub removed: usize,
    /// How many of them `--keep` had kept.
    pub kept: usize,
    /// Folders that could not be, with the reason.
    pub stuck: Vec<(PathBuf, io::Error)>,
}

impl Abandoned {
    fn remove(&mut self, folder: &Path, ongoing: &Ongoing) -> bool {
        let was_there = folder.symlink_metadata().is_ok();
        let gone = remove(folder, ongoing);
        self.removed += usize::from(was_there && gone.is_ok());
        gone.map_err(|why| self.stuck.push((folder.to_owned(), why))).is_ok()
    }
}

/// The lock of something that no process holds any more.
fn held(path: &Path) -> Option<File> {
    File::open(path).ok().filter(|file| file.try_lock().is_ok())
}

/// Whether nobody can be about to lock it.
fn is_old(path: &Path) -> bool {
    let modified = path.symlink_metadata().and_then(|found| found.modified());
    modified.is_ok_and(|time| time.elapsed().is_ok_and(|age| age > Duration::from_secs(3 * 60)))
}

/// What the names of [`Scratch`] folders begin with.
const SCRATCH: &str = "grader-scratch-";
/// The same before they are locked.
const NEW: &str = "grader-new-";

/// A temporary folder, locked as long as its process lives: it goes when it is dropped, or with the next run.
#[derive(Debug)]
pub struct Scratch {
    folder: PathBuf,
    _locked: Option<File>,
}

impl Scratch {
    /// Makes one where the system has its temporary files.
    pub fn new() -> io::Result<Self> {
        let new = tempfile::Builder::new().prefix(NEW).tempdir()?;
        // Not all systems lock folders.
        let locked = held(new.path());
        let random = new.path().file_name().and_then(OsStr::to_str).and_then(|name| name.strip_prefix(NEW));
        let folder = std::env::temp_dir().join(format!("{SCRATCH}{}", random.unwrap_or_default()));
        fs::rename(new.path(), &folder)?;
        let _ = new.keep(); // it is not there any more
        Ok(Self { folder, _locked: locked })
    }

    /// Where it is.
    pub fn path(&self) -> &Path {
        &self.folder
    }
}

impl Drop for Scratch {
    fn drop(&mut self) {
        let _ = remove(&self.folder, &Ongoing::default()); // the next run tries again
    }
}

#[cfg(unix)]
pub(super) use super::tree::remove;

/// Removes a folder and all in it; links are not followed.
#[cfg(not(unix))]
pub(super) fn remove(folder: &Path, _: &Ongoing) -> io::Result<()> {
    match fs::remove_dir_all(folder) {
        Err(error) if error.kind() != io::ErrorKind::NotFound => Err(error),
        _ => Ok(()),
    }
}
