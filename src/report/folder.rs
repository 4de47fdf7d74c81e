//! The folder that a report goes to, held open: what it is now, it stays. No link is followed in it, nor on the way from
//! its base.

use std::fs::File;
use std::io;
pub use system::Folder;

/// What a name stands for.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Found {
    /// A file, or nothing yet.
    File,
    /// A folder.
    Folder,
    /// A pipe, a device or a link.
    Other,
}

/// A file that takes the place of another when it is whole; until then it goes when it is dropped.
#[derive(Debug)]
pub struct Draft<'a> {
    folder: &'a Folder,
    name: String,
    /// To write into.
    pub file: File,
}

impl<'a> Draft<'a> {
    /// Begins one in a folder.
    pub fn new(folder: &'a Folder) -> io::Result<Self> {
        use std::hash::{BuildHasher as _, Hasher as _, RandomState};
        loop {
            let random = RandomState::new().build_hasher().finish(); // randomly keyed by the standard library
            let name = format!(".grader-{random:016x}");
            match folder.create(&name) {
                Err(error) if error.kind() == io::ErrorKind::AlreadyExists => {}
                created => return Ok(Self { folder, file: created?, name }),
            }
        }
    }

    /// Gives it its name.
    pub fn persist(self, name: &std::ffi::OsStr) -> io::Result<()> {
        self.folder.rename(&self.name, name) // what is dropped then is not there any more
    }
}

impl Drop for Draft<'_> {
    fn drop(&mut self) {
        let _ = self.folder.remove(self.name.as_ref());
    }
}

#[cfg(unix)]
mod system {
    use super::Found;
    use rustix::fs::{AtFlags, FileType, Mode, OFlags, open, openat, renameat, statat, unlinkat};
    use std::ffi::OsStr;
    use std::fs::File;
    use std::io;
    use std::os::fd::OwnedFd;
    use std::path::Path;

    const FOLDER: OFlags = OFlags::RDONLY.union(OFlags::DIRECTORY).union(OFlags::CLOEXEC);

    #[derive(Debug)]
    pub struct Folder(OwnedFd);

    impl Folder {
        /// Opens a folder by its path from a base; of the base alone links are followed.
        pub fn open(base: &Path, inside: &Path) -> io::Result<Self> {
            let mut at = open(base, FOLDER, Mode::empty())?;
            for part in inside {
                at = openat(&at, part, FOLDER | OFlags::NOFOLLOW, Mode::empty())?;
            }
            Ok(Self(at))
        }

        /// What is there.
        pub fn look(&self, name: &OsStr) -> io::Result<Found> {
            match statat(&self.0, name, AtFlags::SYMLINK_NOFOLLOW) {
                Ok(found) => match FileType::from_raw_mode(found.st_mode) {
                    FileType::RegularFile => Ok(Found::File),
                    FileType::Directory => Ok(Found::Folder),
                    _ => Ok(Found::Other),
                },
                Err(rustix::io::Errno::NOENT) => Ok(Found::File),
                Err(error) => Err(error.into()),
            }
        }

        /// Opens what is there to read or write: nobody is waited for, nothing made.
        pub fn get(&self, name: &OsStr, write: bool) -> io::Result<File> {
            let mode = if write { OFlags::WRONLY | OFlags::APPEND } else { OFlags::RDONLY };
            let flags = mode | OFlags::NOFOLLOW | OFlags::NONBLOCK | OFlags::NOCTTY | OFlags::CLOEXEC;
            Ok(File::from(openat(&self.0, name, flags, Mode::empty())?))
        }

        pub(super) fn create(&self, name: &str) -> io::Result<File> {
            let flags = OFlags::WRONLY | OFlags::CREATE | OFlags::EXCL | OFlags::NOFOLLOW | OFlags::CLOEXEC;
            let mode = Mode::from_raw_mode(0o666); // less the umask, as any other file
            Ok(File::from(openat(&self.0, name, flags, mode)?))
        }

        pub(super) fn rename(&self, from: &str, to: &OsStr) -> io::Result<()> {
            Ok(renameat(&self.0, from, &self.0, to)?)
        }

        /// Removes a file.
        pub fn remove(&self, name: &OsStr) -> io::Result<()> {
            Ok(unlinkat(&self.0, name, AtFlags::empty())?)
        }
    }
}

#[cfg(not(unix))]
mod system {
    use super::Found;
    use std::ffi::OsStr;
    use std::fs::{self, File};
    use std::io;
    use std::path::{Path, PathBuf};

    #[derive(Debug)]
    pub struct Folder(PathBuf);

    impl Folder {
        /// Takes a folder by its path from a base.
        pub fn open(base: &Path, inside: &Path) -> io::Result<Self> {
            let folder = base.join(inside);
            fs::read_dir(&folder)?;
            Ok(Self(folder))
        }

        /// What is there.
        pub fn look(&self, name: &OsStr) -> io::Result<Found> {
            match fs::symlink_metadata(self.0.join(name)) {
                Ok(found) if found.is_file() => Ok(Found::File),
                Ok(found) if found.is_dir() => Ok(Found::Folder),
                Ok(_) => Ok(Found::Other),
                Err(error) if error.kind() == io::ErrorKind::NotFound => Ok(Found::File),
                Err(error) => Err(error),
            }
        }

        /// Opens what is there to read or write; nothing is made.
        pub fn get(&self, name: &OsStr, write: bool) -> io::Result<File> {
            File::options().read(!write).append(write).open(self.0.join(name))
        }

        pub(super) fn create(&self, name: &str) -> io::Result<File> {
            File::create_new(self.0.join(name))
        }

        pub(super) fn rename(&self, from: &str, to: &OsStr) -> io::Result<()> {
            fs::rename(self.0.join(from), self.0.join(to))
        }

        /// Removes a file.
        pub fn remove(&self, name: &OsStr) -> io::Result<()> {
            fs::remove_file(self.0.join(name))
        }
    }
}
