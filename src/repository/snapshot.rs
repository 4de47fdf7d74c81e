//! The snapshot: a copy of what is graded, so that a laptop judges what CI can see and no container writes into the
//! learner's folder. It lies where Docker Desktop can mount it, and goes when it is dropped.

mod copy;
mod place;
#[cfg(unix)]
mod tree;

pub use place::{Abandoned, Scratch, finish_removals};

use super::read::is_inside;
use super::{Git, Ongoing, ReadError, Repository, system};
use place::RunFolder;
use std::fs;
use std::io;
use std::path::{Path, PathBuf};

/// The most files that are copied.
pub const MAX_FILES: usize = 100_000;
/// The most bytes that are copied.
pub const MAX_BYTES: u64 = 2 << 30;

/// Why there is no snapshot.
#[derive(Debug, thiserror::Error)]
pub enum SnapshotError {
    /// More than is copied: the learner's to mend.
    #[error("the folder has more than {bound} to grade; add what is not yours to write to .gitignore ({example})")]
    TooBig {
        /// The bound: `100000 files`.
        bound: String,
        /// Where it was passed.
        example: String,
    },
    /// There is no place to copy to, or no room.
    #[error("{}: the copy that is graded cannot be written ({source}); {}", path.display(), advice(source))]
    Unwritable {
        /// Where it was to be.
        path: PathBuf,
        /// What the system says.
        source: io::Error,
    },
    /// Something that decides what is graded can't be read: the machine's fault.
    #[error(transparent)]
    Unreadable(#[from] ReadError),
    /// The run was interrupted.
    #[error("the copy that is graded was not finished: the run was interrupted")]
    Stopped,
    /// A path to restore that leads out of the snapshot: the challenge's fault.
    #[error("{0}: leads out of the repository; name a file inside of it")]
    Path(String),
}

/// What to do where nothing can be written.
fn advice(error: &io::Error) -> &'static str {
    match error.kind() {
        io::ErrorKind::StorageFull | io::ErrorKind::QuotaExceeded => "make room on that disk",
        io::ErrorKind::ReadOnlyFilesystem | io::ErrorKind::PermissionDenied => {
            "set TMPDIR to a folder that you can write to"
        }
        io::ErrorKind::NotFound | io::ErrorKind::NotADirectory => "set TMPDIR to a folder that is there",
        _ => "look at that disk",
    }
}

/// Removes the copies of runs that were killed, and with `kept` those that `--keep` has kept.
pub fn remove_abandoned(kept: bool) -> Abandoned {
    place::remove_abandoned(kept, &Ongoing::default())
}

/// A copy of what is graded; removed when dropped.
#[derive(Debug)]
pub struct Snapshot {
    place: RunFolder,
    /// The files and links in it, relative, with `/`.
    pub files: Vec<String>,
    /// The bytes of its files.
    pub bytes: u64,
    /// Links that lead out of the repository, copied as they are: nothing may follow them.
    pub outside_links: Vec<String>,
    /// Pipes, devices and sockets, which are not copied.
    pub special: Vec<String>,
    /// What could not be read, and is not copied.
    pub unreadable: Vec<String>,
    /// The bound at which listing the folder ended early, if it did.
    pub truncated: Option<String>,
}

impl Snapshot {
    /// Copies what is graded: in a git repository the tracked and the untracked-unignored files as they are now, otherwise
    /// all but `.git`.
    pub fn take(repository: &Repository, git: Option<&Git>) -> Result<Self, SnapshotError> {
        place::remove_abandoned(false, repository.ongoing());
        let place = RunFolder::new(repository.ongoing())?;
        let snapshot = Self {
            place,
            files: Vec::new(),
            bytes: 0,
            outside_links: Vec::new(),
            special: Vec::new(),
            unreadable: Vec::new(),
            truncated: None,
        };
        copy::copy(repository.root(), repository.ongoing(), git.map(|git| git.files.as_slice()), snapshot)
    }

    /// Where it is: the copy of the repository's root.
    pub fn dir(&self) -> &Path {
        self.place.dir()
    }

    /// The folder of its own that it lies in, which no container sees.
    pub fn place(&self) -> &Path {
        self.place.run()
    }

    /// Whether a path is not in it because it, or a folder above it, could not be read.
    pub fn is_unreadable(&self, path: &str) -> bool {
        let is_in =
            |folder: &String| path.strip_prefix(folder).is_some_and(|rest| rest.is_empty() || rest.starts_with('/'));
        self.unreadable.iter().any(is_in)
    }

    /// Leaves it where it is when dropped (`--keep`), for the user to look at, until `grader clean`.
    pub fn keep(&mut self) -> &Path {
        self.place.keep();
        self.place.dir()
    }

    /// Overwrites a file, or makes it, with what a challenge supplies; a link in its way is replaced, not followed.
    pub fn restore(&mut self, path: &str, bytes: &[u8]) -> Result<(), SnapshotError> {
        let relative = Path::new(path);
        if !is_inside(relative) || relative.file_name().is_none() {
            return Err(SnapshotError::Path(path.to_owned()));
        }
        let target = self.dir().join(relative);
        let unwritable = |source| SnapshotError::Unwritable { path: target.clone(), source };
        let mut folder = self.dir().to_owned();
        for part in relative.parent().unwrap_or(Path::new("")) {
            folder.push(part);
            if !folder.symlink_metadata().is_ok_and(|metadata| metadata.is_dir()) {
                let _ = fs::remove_file(&folder);
                fs::create_dir(&folder).map_err(unwritable)?;
            }
        }
        let mode = match target.symlink_metadata() {
            Ok(old) if old.is_dir() => {
                place::remove(&target, &Ongoing::default()).map_err(unwritable)?;
                0o644
            }
            Ok(old) => {
                fs::remove_file(&target).map_err(unwritable)?;
                if old.is_file() { system::mode(&old) } else { 0o644 }
            }
            Err(_) => 0o644,
        };
        fs::write(&target, bytes).and_then(|()| system::set_mode(&target, mode)).map_err(unwritable)?;
        let path = system::text(relative);
        self.files.retain(|file| !file.starts_with(&format!("{path}/")));
        if !self.files.contains(&path) {
            self.files.push(path);
        }
        Ok(())
    }
}
