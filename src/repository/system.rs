//! What differs between operating systems: opening without waiting, permissions, and names that are not UTF-8.

use std::fs::{File, Metadata};
use std::io;
use std::path::{Path, PathBuf};

/// Opens a file to read: no link is followed, no pipe or device waited for. Look at its metadata first.
#[cfg(unix)]
pub(super) fn open(path: &Path) -> io::Result<File> {
    use rustix::fs::{Mode, OFlags};
    let flags = OFlags::RDONLY | OFlags::NOFOLLOW | OFlags::NONBLOCK | OFlags::NOCTTY | OFlags::CLOEXEC;
    Ok(File::from(rustix::fs::open(path, flags, Mode::empty())?))
}

#[cfg(not(unix))]
pub(super) fn open(path: &Path) -> io::Result<File> {
    File::open(path)
}

/// Opens a file in a folder to write over it: no link is followed on the way, no pipe or device waited for.
#[cfg(unix)]
pub(super) fn open_to_write(root: &Path, relative: &Path) -> io::Result<File> {
    use rustix::fs::{Mode, OFlags, open, openat};
    let folder = OFlags::RDONLY | OFlags::DIRECTORY | OFlags::NOFOLLOW | OFlags::CLOEXEC;
    let flags = OFlags::WRONLY | OFlags::NOFOLLOW | OFlags::NONBLOCK | OFlags::NOCTTY | OFlags::CLOEXEC;
    let mut at = open(root, folder, Mode::empty())?;
    for part in relative.parent().unwrap_or(Path::new("")) {
        at = openat(&at, part, folder, Mode::empty())?;
    }
    Ok(File::from(openat(&at, relative.file_name().unwrap_or_default(), flags, Mode::empty())?))
}

#[cfg(not(unix))]
pub(super) fn open_to_write(root: &Path, relative: &Path) -> io::Result<File> {
    File::options().write(true).open(root.join(relative))
}

/// Makes a new file in a folder, and the folders that lead to it: no link is followed on the way.
#[cfg(unix)]
pub(super) fn create(root: &Path, relative: &Path) -> io::Result<File> {
    use rustix::fs::{Mode, OFlags, mkdirat, open, openat};
    let folder = OFlags::RDONLY | OFlags::DIRECTORY | OFlags::NOFOLLOW | OFlags::CLOEXEC;
    let flags = OFlags::WRONLY | OFlags::CREATE | OFlags::EXCL | OFlags::NOFOLLOW | OFlags::CLOEXEC;
    let mut at = open(root, folder, Mode::empty())?;
    for part in relative.parent().unwrap_or(Path::new("")) {
        match mkdirat(&at, part, Mode::from_bits_truncate(0o755)) {
            Err(error) if error != rustix::io::Errno::EXIST => return Err(error.into()),
            _ => at = openat(&at, part, folder, Mode::empty())?,
        }
    }
    let name = relative.file_name().unwrap_or_default();
    Ok(File::from(openat(&at, name, flags, Mode::from_bits_truncate(0o644))?))
}

#[cfg(not(unix))]
pub(super) fn create(root: &Path, relative: &Path) -> io::Result<File> {
    let path = root.join(relative);
    std::fs::create_dir_all(path.parent().unwrap_or(root))?;
    File::options().write(true).create_new(true).open(path)
}

/// Removes a file in a folder: no link is followed on the way.
#[cfg(unix)]
pub(super) fn remove(root: &Path, relative: &Path) -> io::Result<()> {
    use rustix::fs::{AtFlags, Mode, OFlags, open, openat, unlinkat};
    let folder = OFlags::RDONLY | OFlags::DIRECTORY | OFlags::NOFOLLOW | OFlags::CLOEXEC;
    let mut at = open(root, folder, Mode::empty())?;
    for part in relative.parent().unwrap_or(Path::new("")) {
        at = openat(&at, part, folder, Mode::empty())?;
    }
    Ok(unlinkat(&at, relative.file_name().unwrap_or_default(), AtFlags::empty())?)
}

#[cfg(not(unix))]
pub(super) fn remove(root: &Path, relative: &Path) -> io::Result<()> {
    std::fs::remove_file(root.join(relative))
}

/// The permission bits, without set-uid and its like.
#[cfg(unix)]
pub(super) fn mode(metadata: &Metadata) -> u32 {
    use std::os::unix::fs::PermissionsExt;
    metadata.permissions().mode() & 0o777
}

#[cfg(not(unix))]
pub(super) fn mode(metadata: &Metadata) -> u32 {
    if metadata.is_dir() { 0o755 } else { 0o644 }
}

/// Sets the permission bits, where there are any.
#[cfg(unix)]
pub(super) fn set_mode(path: &Path, mode: u32) -> io::Result<()> {
    use std::os::unix::fs::PermissionsExt;
    std::fs::set_permissions(path, std::fs::Permissions::from_mode(mode))
}

#[cfg(not(unix))]
pub(super) fn set_mode(_: &Path, _: u32) -> io::Result<()> {
    Ok(())
}

/// Makes a folder that is this user's, and that nobody else writes to; one that is there already has to be like that.
#[cfg(unix)]
pub(super) fn create_own(folder: &Path) -> io::Result<()> {
    use std::os::unix::fs::{DirBuilderExt as _, MetadataExt as _};
    std::fs::create_dir_all(folder.parent().unwrap_or(Path::new("")))?;
    match std::fs::DirBuilder::new().mode(0o700).create(folder) {
        Err(error) if error.kind() != io::ErrorKind::AlreadyExists => return Err(error),
        _ => {}
    }
    let found = folder.symlink_metadata()?;
    let is_own = found.is_dir() && found.uid() == rustix::process::geteuid().as_raw() && found.mode() & 0o002 == 0;
    let others = || io::Error::new(io::ErrorKind::PermissionDenied, "others can write there");
    if is_own { Ok(()) } else { Err(others()) }
}

#[cfg(not(unix))]
pub(super) fn create_own(folder: &Path) -> io::Result<()> {
    std::fs::create_dir_all(folder)
}

/// The name of a folder of this user's where all users have theirs.
#[cfg(unix)]
pub(super) fn own_name() -> String {
    format!("grader-{}", rustix::process::geteuid().as_raw())
}

#[cfg(not(unix))]
pub(super) fn own_name() -> String {
    "grader-runs".to_owned()
}

/// Makes a link of the same target.
#[cfg(unix)]
pub(super) fn link(target: &Path, link: &Path) -> io::Result<()> {
    std::os::unix::fs::symlink(target, link)
}

#[cfg(not(unix))]
pub(super) fn link(target: &Path, link: &Path) -> io::Result<()> {
    std::os::windows::fs::symlink_file(target, link)
}

/// A path as git prints it.
#[cfg(unix)]
pub(super) fn path(bytes: &[u8]) -> PathBuf {
    use std::os::unix::ffi::OsStrExt;
    PathBuf::from(std::ffi::OsStr::from_bytes(bytes))
}

#[cfg(not(unix))]
pub(super) fn path(bytes: &[u8]) -> PathBuf {
    PathBuf::from(String::from_utf8_lossy(bytes).into_owned())
}

/// A relative path as it is shown and matched: with `/`, what is not UTF-8 replaced.
pub(super) fn text(path: &Path) -> String {
    let parts: Vec<_> = path.iter().map(|part| part.to_string_lossy()).collect();
    parts.join("/")
}

/// Where programs keep what they can make again, if the user has such a place. A home that is not there is not made.
pub(super) fn cache() -> Option<PathBuf> {
    let absolute = |name| std::env::var_os(name).map(PathBuf::from).filter(|path| path.is_absolute());
    let home = || absolute("HOME").filter(|home| home.is_dir());
    if cfg!(windows) {
        absolute("LOCALAPPDATA")
    } else if cfg!(target_os = "macos") {
        home().map(|home| home.join("Library/Caches"))
    } else {
        absolute("XDG_CACHE_HOME").or_else(|| home().map(|home| home.join(".cache")))
    }
}
