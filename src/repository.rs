//! The learner's folder, read as hostile input: nothing in it is run, nothing outside of it is read, nothing in it blocks.
//!
//! [`Repository`] reads single files and lists all, [`Git`] tells what is tracked, [`Context`] what Docker would send to
//! the builder, and [`Snapshot`] copies what is graded.

mod cache;
mod context;
mod git;
mod gitignore;
mod ongoing;
mod read;
mod snapshot;
mod system;
mod walk;
mod worktree;

pub use cache::CacheFile;
pub use context::{Context, ContextError};
pub use git::{Git, GitError};
pub use ongoing::{Ongoing, StopOnDrop};
pub use read::ReadError;
pub use snapshot::{
    Abandoned, MAX_BYTES, MAX_FILES, Scratch, Snapshot, SnapshotError, finish_removals, remove_abandoned,
};
pub use walk::{EntryKind, FolderEntry, Listing, MAX_DEPTH, MAX_ENTRIES};

use crate::dockerignore::Ignore;
use crate::place::Place;
use std::collections::BTreeSet;
use std::io;
use std::path::{Component, Path, PathBuf};
use std::sync::Arc;
use worktree::WorkingTree;

/// Why a folder can't be graded at all: wrong use, or the machine's fault.
#[derive(Debug, thiserror::Error)]
pub enum Error {
    /// There is nothing of that name.
    #[error("{}: there is no such folder; give the folder that your Dockerfile is in", .0.display())]
    Missing(PathBuf),
    /// It is a file.
    #[error("{}: this is not a folder; give the folder that your Dockerfile is in", .0.display())]
    NotAFolder(PathBuf),
    /// The system does not let us look.
    #[error("{}: cannot be opened ({source}); check who owns it and its permissions", path.display())]
    Unreadable {
        /// The folder.
        path: PathBuf,
        /// What the system says.
        source: io::Error,
    },
}

/// A learner's folder.
#[derive(Debug, Clone)]
pub struct Repository {
    root: PathBuf,
    ongoing: Ongoing,
    /// The files and links that are graded, where that are not all.
    listed: Option<Arc<BTreeSet<PathBuf>>>,
}

impl Repository {
    /// Where it lies in the git repository that it belongs to: empty if it is its top or belongs to none, else `work/`.
    /// Starts no process.
    pub fn folder(&self) -> String {
        let folder = self.root.strip_prefix(self.top()).unwrap_or(Path::new(""));
        let parts = folder.components().map(|part| part.as_os_str().to_string_lossy());
        parts.fold(String::new(), |folder, part| folder + &part + "/")
    }

    /// The top of the git repository that it belongs to, or itself if it belongs to none. Starts no process.
    pub fn top(&self) -> &Path {
        let top = self.root.ancestors().find(|folder| folder.join(".git").symlink_metadata().is_ok());
        top.unwrap_or(&self.root)
    }

    /// Opens a folder; starts no process.
    pub fn open(path: impl AsRef<Path>) -> Result<Self, Error> {
        let path = path.as_ref();
        let root = path.canonicalize().map_err(|source| match source.kind() {
            io::ErrorKind::NotFound => Error::Missing(path.to_owned()),
            io::ErrorKind::NotADirectory => Error::NotAFolder(path.to_owned()),
            _ => Error::Unreadable { path: path.to_owned(), source },
        })?;
        if !root.is_dir() {
            return Err(Error::NotAFolder(path.to_owned()));
        }
        std::fs::read_dir(&root).map_err(|source| Error::Unreadable { path: path.to_owned(), source })?;
        Ok(Self { root, ongoing: Ongoing::default(), listed: None })
    }

    /// Makes its walks and copies part of work that goes on already.
    #[must_use]
    pub fn part_of(self, ongoing: &Ongoing) -> Self {
        Self { ongoing: ongoing.clone(), ..self }
    }

    /// Its walks and copies, to look at them and to stop them.
    pub fn ongoing(&self) -> &Ongoing {
        &self.ongoing
    }

    /// Its absolute path, without links in it.
    pub fn root(&self) -> &Path {
        &self.root
    }

    /// Leaves out what a copy of it would leave out: what git ignores. Starts no process. All of it is graded where no git
    /// repository is, or one that ignores the folder as a whole.
    pub fn as_git_lists(self) -> Result<Self, GitError> {
        if !self.is_in_git() {
            return Ok(self);
        }
        let listed = WorkingTree::of(&self.root)?.list(&self.root, &self.ongoing)?;
        Ok(Self { listed: listed.map(|listed| Arc::new(listed.files)), ..self })
    }

    /// The line of a `.gitignore` (or of git's other files of patterns) that leaves a path out, if one does; starts no
    /// process.
    pub fn left_out_by(&self, path: &str) -> Option<Place> {
        let is_here = || self.root.join(path).symlink_metadata().is_ok();
        let tree =
            (self.is_in_git() && read::is_inside(Path::new(path)) && is_here()).then(|| WorkingTree::of(&self.root));
        tree?.ok()?.line_that_leaves_out(&self.root, path)
    }

    /// Some of the paths that git leaves out, each with the line that does it; a folder ends in `/`. Starts no process.
    pub fn left_out(&self) -> Vec<(String, Place)> {
        let tree = self.is_in_git().then(|| WorkingTree::of(&self.root));
        let listed = tree.and_then(|tree| tree.ok()?.list(&self.root, &self.ongoing).ok()?);
        listed.map(|listed| listed.left_out).unwrap_or_default()
    }

    /// Whether there is a file, a link or a folder at a path, and not left out.
    pub fn has(&self, path: &str) -> bool {
        let path = plainly(path);
        let asked = self.root.join(&path);
        let (Some(folder), Some(name)) = (asked.parent(), asked.file_name()) else { return asked.exists() };
        let folder = folder.canonicalize().ok();
        let real =
            folder.as_ref().and_then(|folder| folder.strip_prefix(&self.root).ok()).map(|folder| folder.join(name));
        asked.symlink_metadata().is_ok()
            && self.is_listed(self.first_link(&path))
            && real.is_none_or(|real| self.is_listed(&real))
    }

    /// The first link on a path, or the path if there is none.
    fn first_link<'a>(&self, path: &'a Path) -> &'a Path {
        let is_link = |path: &&Path| self.root.join(path).symlink_metadata().is_ok_and(|found| found.is_symlink());
        path.ancestors().filter(is_link).last().unwrap_or(path)
    }

    fn is_listed(&self, path: &Path) -> bool {
        let Some(listed) = &self.listed else { return true };
        // What is in a folder follows its path.
        listed.range(path.to_owned()..).next().is_some_and(|first| first.starts_with(path))
    }

    /// The bytes of a file, by its path relative to the root: none if there is no such file. A link is followed as long
    /// as it stays in the repository; what is no regular file, or longer than `max_bytes`, is refused.
    pub fn read(&self, path: &str, max_bytes: u64) -> Result<Option<Vec<u8>>, ReadError> {
        if self.listed.is_some() && read::is_inside(Path::new(path)) {
            let asked = plainly(path);
            let real = self.root.join(&asked).canonicalize();
            let real = real.as_ref().ok().and_then(|real| real.strip_prefix(&self.root).ok());
            // A copy has neither what is left out, nor what a link in it leads to there.
            if !self.is_listed(self.first_link(&asked)) {
                return Ok(None);
            }
            if real.is_some_and(|real| !self.is_listed(real)) {
                return Err(ReadError::Nowhere { path: path.to_owned() });
            }
        }
        read::read(&self.root, path, max_bytes)
    }

    /// Overwrites a file where it is, so that what has mounted it sees the change. A link is followed as long as it stays
    /// in the repository.
    pub fn overwrite(&self, path: &str, bytes: &[u8]) -> io::Result<()> {
        read::overwrite(&self.root, path, bytes)
    }

    /// Makes a new file, and the folders that lead to it. No link is followed.
    pub fn create(&self, path: &str, bytes: &[u8]) -> io::Result<()> {
        read::create(&self.root, path, bytes)
    }

    /// Removes a file. No link is followed.
    pub fn remove(&self, path: &str) -> io::Result<()> {
        read::remove(&self.root, path)
    }

    /// The paths of the files and links in it that are graded, `.git` left aside.
    pub fn graded_files(&self) -> Vec<String> {
        match &self.listed {
            Some(listed) => listed.iter().map(|path| system::text(path)).collect(),
            None => self.files().paths().map(str::to_owned).collect(),
        }
    }

    /// All that lies in it, `.git` left aside; links are listed, not followed.
    pub fn files(&self) -> Listing {
        let mut entries = Vec::new();
        let mut listing = walk::walk(&self.root, &self.ongoing, &mut |entry| {
            let git = entry.path == ".git" || entry.path.ends_with("/.git");
            if !git {
                entries.push(entry.clone());
            }
            !git
        });
        listing.entries = entries;
        listing
    }

    /// Whether it is, or lies in, a git repository; starts no process.
    pub fn is_in_git(&self) -> bool {
        self.root.ancestors().any(|directory| directory.join(".git").symlink_metadata().is_ok())
    }

    /// The tops of all repositories that a path to grade leads to or through: if it is there, of where it leads, and of each
    /// folder in which a link turns it elsewhere or in which it ends too early. Starts no process.
    pub fn tops_of(path: &Path) -> Vec<PathBuf> {
        let absolute = std::env::current_dir().unwrap_or_default().join(path);
        let is_turned = |path: &&Path| path.symlink_metadata().map_or(true, |found| found.is_symlink());
        let turns = absolute.ancestors().filter(is_turned).filter_map(|path| Self::open(path.parent()?).ok());
        turns.chain(Self::open(&absolute)).map(|repository| repository.top().to_owned()).collect()
    }

    /// Whether git tracks a file (by its path from [`Self::top`]), by running git; without git all files are as good as
    /// tracked.
    pub fn is_tracked(&self, path: &Path) -> bool {
        !self.is_in_git() || git::is_tracked(self.top(), path)
    }

    /// What git knows of it, by running git; nothing if it is in no git repository, or in one that ignores it as a whole.
    pub fn git(&self) -> Result<Option<Git>, GitError> {
        if self.is_in_git() { git::read(&self.root, &self.ongoing) } else { Ok(None) }
    }
}

/// A path without the `.` in it.
fn plainly(path: &str) -> PathBuf {
    Path::new(path).components().filter(|part| *part != Component::CurDir).collect()
}

/// Whether one of the patterns (as in a `.dockerignore`: `src/**`, `requirements.txt`, `!src/notes.md`) names a path.
pub fn matches_glob<'a>(patterns: impl IntoIterator<Item = &'a str>, path: &str) -> bool {
    Ignore::from_patterns(patterns.into_iter()).excludes(path).is_ok_and(|by| by.is_some())
}
