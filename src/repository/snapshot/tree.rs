//! Removes a folder however deep it is. A container can nest folders deeper than a path is long, and than there are file
//! descriptors or stack to walk down with; so each folder is moved up to the top, and three are open at most.

use crate::repository::Ongoing;
use rustix::fs::{AtFlags, Dir, Mode, OFlags, chmodat, fchmod, open, openat, renameat, unlinkat};
use rustix::io::Errno;
use std::ffi::{CStr, CString};
use std::io;
use std::os::fd::{AsFd, OwnedFd};
use std::path::Path;
use std::time::{Duration, Instant};

const FOLDER: OFlags =
    OFlags::RDONLY.union(OFlags::DIRECTORY).union(OFlags::NOFOLLOW).union(OFlags::NONBLOCK).union(OFlags::CLOEXEC);

/// How long it may take: what still writes there could make more than is removed. The next run goes on with it.
const LONGEST: Duration = Duration::from_secs(5 * 60);

/// Removes a folder and all in it, folders that are not writable too; no link is followed. What is not there is no error.
pub(super) fn remove(folder: &Path, ongoing: &Ongoing) -> io::Result<()> {
    let top = match open(folder, FOLDER, Mode::empty()) {
        Err(Errno::NOENT) => return Ok(()),
        Err(Errno::ACCESS) if folder.symlink_metadata()?.is_dir() => {
            crate::repository::system::set_mode(folder, 0o700)?;
            open(folder, FOLDER, Mode::empty())?
        }
        opened => opened?,
    };
    let mut tree = Tree { top, names: 0 };
    let _ = fchmod(&tree.top, Mode::RWXU); // who may not, may perhaps remove what is in it all the same
    let began = Instant::now();
    loop {
        if began.elapsed() > LONGEST {
            let minutes = LONGEST.as_secs() / 60;
            return Err(io::Error::other(format!(
                "it took longer than {minutes} minutes; does something write there?"
            )));
        }
        let (mut moved, mut failed) = (false, None);
        for name in names(&tree.top)? {
            ongoing.go_on()?;
            match tree.remove(&name, ongoing) {
                Ok(()) => moved = true,
                Err(error) => failed = Some(error),
            }
        }
        match failed {
            None if !moved => break,
            Some(error) if !moved => return Err(error.into()),
            _ => {}
        }
    }
    match std::fs::remove_dir(folder) {
        Err(error) if error.kind() != io::ErrorKind::NotFound => Err(error),
        _ => Ok(()),
    }
}

struct Tree {
    top: OwnedFd,
    /// How many names were given to folders that were moved up.
    names: u64,
}

impl Tree {
    /// Removes what has this name in the top; the folders in it that are not empty are in the top afterwards.
    fn remove(&mut self, name: &CStr, ongoing: &Ongoing) -> Result<(), Errno> {
        if unlink(&self.top, name)? {
            return Ok(());
        }
        let folder = writable(&self.top, name)?;
        let mut failed = None;
        for inner in names(&folder)? {
            if ongoing.is_stopped() {
                return Err(Errno::INTR);
            }
            let done = match unlink(&folder, &inner) {
                Ok(false) => self.move_up(&folder, &inner),
                done => done.map(drop),
            };
            failed = failed.or(done.err());
        }
        match unlinkat(&self.top, name, AtFlags::REMOVEDIR) {
            Err(error) => Err(failed.unwrap_or(error)),
            Ok(()) => Ok(()),
        }
    }

    fn move_up(&mut self, folder: &OwnedFd, name: &CStr) -> Result<(), Errno> {
        // Who moves a folder has to be able to write into it.
        drop(writable(folder, name)?);
        loop {
            self.names += 1;
            match renameat(folder, name, &self.top, format!("moved-up-{}", self.names)) {
                Err(Errno::EXIST | Errno::NOTEMPTY | Errno::NOTDIR) => {} // that name is taken
                done => return done,
            }
        }
    }
}

/// Removes a file or an empty folder; false if it is a folder that holds something.
fn unlink(folder: &OwnedFd, name: &CStr) -> Result<bool, Errno> {
    match unlinkat(folder, name, AtFlags::REMOVEDIR) {
        Ok(()) | Err(Errno::NOENT) => Ok(true),
        Err(Errno::NOTDIR) => unlinkat(folder, name, AtFlags::empty()).map(|()| true),
        Err(Errno::EXIST | Errno::NOTEMPTY) => Ok(false),
        Err(error) => Err(error),
    }
}

/// Opens a folder in another, and lets its owner do everything with it.
fn writable(folder: &OwnedFd, name: &CStr) -> Result<OwnedFd, Errno> {
    let inner = match openat(folder, name, FOLDER, Mode::empty()) {
        Err(Errno::ACCESS) => {
            chmodat(folder, name, Mode::RWXU, AtFlags::empty())?;
            openat(folder, name, FOLDER, Mode::empty())?
        }
        opened => opened?,
    };
    let _ = fchmod(&inner, Mode::RWXU); // who may not, may perhaps remove what is in it all the same
    Ok(inner)
}

/// All that is in a folder.
fn names(folder: impl AsFd) -> Result<Vec<CString>, Errno> {
    let entries = Dir::read_from(folder)?;
    let names = entries.map(|entry| entry.map(|entry| entry.file_name().to_owned()));
    names.filter(|name| !matches!(name.as_ref().map(|name| name.to_bytes()), Ok(b"." | b".."))).collect()
}
