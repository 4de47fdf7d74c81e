//! Reads one file of the repository, and only if it is one.

use super::system;
use std::io::{self, Read, Write};
use std::path::{Component, Path};

/// Why a file that is there is not read.
#[derive(Debug, thiserror::Error)]
pub enum ReadError {
    /// The path is absolute or has `..` in it.
    #[error("{path}: leads out of the repository; name a file inside of it")]
    Path {
        /// As it was asked for.
        path: String,
    },
    /// A link on the way leads out of the repository.
    #[error("{path}: is a link that leads out of the repository; put the file itself here")]
    Outside {
        /// The path.
        path: String,
    },
    /// A link to nothing, or to itself.
    #[error("{path}: is a link that leads nowhere; put the file itself here")]
    Nowhere {
        /// The path.
        path: String,
    },
    /// A folder, a pipe, a device or a socket.
    #[error("{path}: is {kind}, not a file; put a plain file here")]
    NotAFile {
        /// The path.
        path: String,
        /// `a folder`, `a pipe or a device`.
        kind: &'static str,
    },
    /// Longer than what is read.
    #[error("{path}: has {bytes} bytes, at most {max_bytes} are read; is it the right file?")]
    TooLong {
        /// The path.
        path: String,
        /// Its length.
        bytes: u64,
        /// The most that is read.
        max_bytes: u64,
    },
    /// The system refuses.
    #[error("{path}: cannot be read ({source}); check who owns it and its permissions")]
    Unreadable {
        /// The path.
        path: String,
        /// What the system says.
        source: io::Error,
    },
}

impl ReadError {
    /// The path that was asked for.
    pub fn path(&self) -> &str {
        match self {
            Self::Path { path }
            | Self::Outside { path }
            | Self::Nowhere { path }
            | Self::NotAFile { path, .. }
            | Self::TooLong { path, .. }
            | Self::Unreadable { path, .. } => path,
        }
    }

    /// Whether it is of the learner's making; otherwise the machine's. Who may read a file is the machine's: git keeps no
    /// owners, and of the permissions only whether a file can be run.
    pub fn is_learners(&self) -> bool {
        !matches!(self, Self::Unreadable { .. })
    }
}

/// Whether a relative path stays inside by its letters alone.
pub(super) fn is_inside(path: &Path) -> bool {
    path.components().all(|part| matches!(part, Component::Normal(_) | Component::CurDir))
}

pub(super) fn read(root: &Path, path: &str, max_bytes: u64) -> Result<Option<Vec<u8>>, ReadError> {
    let unreadable = |source| ReadError::Unreadable { path: path.to_owned(), source };
    if !is_inside(Path::new(path)) || path.contains('\0') {
        return Err(ReadError::Path { path: path.to_owned() });
    }
    let asked = root.join(path);
    let real = match asked.canonicalize() {
        Ok(real) => real,
        Err(_) if is_dead_link(root, Path::new(path)) => return Err(ReadError::Nowhere { path: path.to_owned() }),
        Err(error) if is_missing(&error) => return Ok(None),
        Err(error) => return Err(unreadable(error)),
    };
    if !real.starts_with(root) {
        return Err(ReadError::Outside { path: path.to_owned() });
    }
    check(path, &real.symlink_metadata().map_err(unreadable)?, max_bytes)?;
    let file = system::open(&real).map_err(unreadable)?;
    let metadata = file.metadata().map_err(unreadable)?;
    check(path, &metadata, max_bytes)?;
    // One more than there are, so that one look finds the end.
    let mut bytes = Vec::with_capacity(usize::try_from(metadata.len()).map_or(0, |length| length.saturating_add(1)));
    file.take(max_bytes.saturating_add(1)).read_to_end(&mut bytes).map_err(unreadable)?;
    if bytes.len() as u64 > max_bytes {
        return Err(ReadError::TooLong { path: path.to_owned(), bytes: bytes.len() as u64, max_bytes });
    }
    Ok(Some(bytes))
}

pub(super) fn overwrite(root: &Path, path: &str, bytes: &[u8]) -> io::Result<()> {
    let outside = || io::Error::other("it is no file in the repository");
    if !is_inside(Path::new(path)) {
        return Err(outside());
    }
    let real = root.join(path).canonicalize()?;
    // What it is now may be another thing a moment later: no link is followed from here on.
    let mut file = system::open_to_write(root, real.strip_prefix(root).map_err(|_| outside())?)?;
    if !file.metadata()?.is_file() {
        return Err(outside());
    }
    file.write_all(bytes)?;
    file.set_len(bytes.len() as u64)
}

/// Makes a new file, and the folders that lead to it.
pub(super) fn create(root: &Path, path: &str, bytes: &[u8]) -> io::Result<()> {
    within(path)?;
    system::create(root, Path::new(path))?.write_all(bytes)
}

/// Removes a file.
pub(super) fn remove(root: &Path, path: &str) -> io::Result<()> {
    within(path)?;
    system::remove(root, Path::new(path))
}

fn within(path: &str) -> io::Result<()> {
    let is_plain = Path::new(path).components().all(|part| matches!(part, std::path::Component::Normal(_)));
    if is_plain { Ok(()) } else { Err(io::Error::other("it is no file in the repository")) }
}

fn is_missing(error: &io::Error) -> bool {
    matches!(error.kind(), io::ErrorKind::NotFound | io::ErrorKind::NotADirectory | io::ErrorKind::InvalidFilename)
}

/// Whether the first part of a path that leads nowhere is a link.
fn is_dead_link(root: &Path, path: &Path) -> bool {
    let mut current = root.to_owned();
    path.components().any(|part| {
        current.push(part);
        current.canonicalize().is_err() && current.symlink_metadata().is_ok_and(|metadata| metadata.is_symlink())
    })
}

fn check(path: &str, metadata: &std::fs::Metadata, max_bytes: u64) -> Result<(), ReadError> {
    if !metadata.is_file() {
        let kind = if metadata.is_dir() { "a folder" } else { "a pipe or a device" };
        return Err(ReadError::NotAFile { path: path.to_owned(), kind });
    }
    if metadata.len() > max_bytes {
        return Err(ReadError::TooLong { path: path.to_owned(), bytes: metadata.len(), max_bytes });
    }
    Ok(())
}
