//! Report files: written beside their place and then renamed, so that nobody reads half of one.

use std::collections::VecDeque;
use std::ffi::OsStr;
use std::fs::{self, File};
use std::io::{self, Read as _, Write as _};
use std::path::{Component, Path, PathBuf};
use tempfile::NamedTempFile;
use thiserror::Error;

/// As many links in a path as Linux follows.
const MAX_LINKS: usize = 40;
/// The longest file that is looked at for what it is; of a longer one only the beginning is.
const MAX_OLD: u64 = 16 << 20;

/// A report file cannot be written: a wrong `--report`, or a disk that has no room.
#[derive(Debug, Error)]
#[error("cannot write the report {}: {why}", path.display())]
pub struct WriteError {
    /// The file.
    pub path: PathBuf,
    /// Why not.
    #[source]
    pub why: io::Error,
}

/// A place that a report can be written to.
#[derive(Debug)]
pub struct Destination {
    path: PathBuf,
    /// The repositories that are graded.
    within: Vec<PathBuf>,
    kind: DestinationKind,
}

#[derive(Debug)]
enum DestinationKind {
    /// `/dev/stderr`, a pipe: cannot be replaced. It stays open, or who reads it would take this for the end.
    Special(File),
    /// A file, or none yet, by the path that no link is in.
    Regular(PathBuf),
}

impl Destination {
    /// Finds out whether a report can be written there later. To be called before any work is done. In a repository
    /// that is graded (`within`, paths without links in them) no link is followed: a stranger has put it there.
    pub fn new(path: &Path, within: &[PathBuf]) -> Result<Self, WriteError> {
        let attempt = || {
            let kind = kind(path, within)?;
            match &kind {
                // A device that is full says so even to nothing at all.
                DestinationKind::Special(file) => drop((&*file).write(&[])?),
                DestinationKind::Regular(real) => drop(draft(real, path)?),
            }
            Ok(kind)
        };
        let kind = attempt().map_err(|why| WriteError { path: path.to_owned(), why })?;
        Ok(Self { path: path.to_owned(), within: within.to_vec(), kind })
    }

    /// Writes a report. A file that was there is replaced as a whole, or stays.
    pub fn write(&self, text: &str) -> Result<(), WriteError> {
        let attempt = || match &self.kind {
            DestinationKind::Special(file) => (&*file).write_all(text.as_bytes()),
            DestinationKind::Regular(real) => {
                self.unmoved(real)?;
                let mut draft = draft(real, &self.path)?;
                draft.write_all(text.as_bytes())?;
                draft.persist(real).map(drop).map_err(|error| error.error)
            }
        };
        attempt().map_err(|why| WriteError { path: self.path.clone(), why })
    }

    /// Removes what was there, where no report comes of this run: an old one, or one that a repository brought along, must not
    /// be taken for it.
    pub fn clear(&self) {
        if let DestinationKind::Regular(real) = &self.kind {
            let _ = self.unmoved(real).and_then(|()| fs::remove_file(real)); // it need not be there
        }
    }

    /// Sees to it that the path still leads where it led before the work began.
    fn unmoved(&self, real: &Path) -> io::Result<()> {
        match kind(&self.path, &self.within)? {
            DestinationKind::Regular(now) if now == real => Ok(()),
            _ => Err(io::Error::other("its path leads to another place than before")),
        }
    }

    /// Whether it is the same file as another.
    pub fn is_same(&self, other: &Self) -> bool {
        self.real().is_some_and(|real| other.real() == Some(real))
    }

    /// Its path without links, if it is a file.
    pub fn real(&self) -> Option<&Path> {
        match &self.kind {
            DestinationKind::Special(_) => None,
            DestinationKind::Regular(real) => Some(real),
        }
    }

    /// What is there now, as far as it is read.
    pub fn old(&self) -> Option<Vec<u8>> {
        let mut bytes = Vec::new();
        let file = open(self.real()?, File::options().read(true), false);
        file.and_then(|file| file.take(MAX_OLD).read_to_end(&mut bytes)).map(|_| bytes).ok()
    }
}

/// Writes what others read, outside of all repositories.
pub fn write(path: &Path, text: &str) -> Result<(), WriteError> {
    Destination::new(path, &[])?.write(text)
}

fn kind(path: &Path, within: &[PathBuf]) -> io::Result<DestinationKind> {
    let real = resolve(path, within)?;
    let append = |real: &Path| open(real, File::options().append(true), is_open(real));
    if is_open(&real) {
        return special(append(&real)).map(DestinationKind::Special);
    }
    let is_folder = || io::Error::new(io::ErrorKind::IsADirectory, "it is a folder");
    let (Some(parent), Some(name)) = (real.parent(), real.file_name()) else { return Err(is_folder()) };
    let missing = |error: io::Error| match error.kind() {
        io::ErrorKind::NotFound => {
            io::Error::new(error.kind(), format!("there is no folder {}", folder(path).display()))
        }
        _ => error,
    };
    let real = parent.canonicalize().map_err(missing)?.join(name);
    match real.symlink_metadata() {
        Ok(found) if found.is_dir() => Err(is_folder()),
        // One that may not be written to is not replaced either.
        Ok(found) if found.is_file() => append(&real).map(|_| DestinationKind::Regular(real)),
        Ok(_) => special(append(&real)).map(DestinationKind::Special),
        Err(error) if error.kind() == io::ErrorKind::NotFound => Ok(DestinationKind::Regular(real)),
        Err(error) => Err(error),
    }
}

/// Where a path leads: its links followed, but for those in the repository that is graded. What is not there is no error.
fn resolve(path: &Path, within: &[PathBuf]) -> io::Result<PathBuf> {
    let owned = |path: &Path| path.components().map(|part| part.as_os_str().to_owned()).collect::<Vec<_>>();
    let mut rest = VecDeque::from(owned(path));
    let mut at = std::env::current_dir()?;
    let mut links = 0;
    while let Some(part) = rest.pop_front() {
        match Path::new(&part).components().next() {
            Some(Component::ParentDir) => drop(at.pop()),
            Some(Component::Normal(name)) => {
                let next = at.join(name);
                if is_open(&next) && rest.is_empty() {
                    return Ok(next);
                }
                if !next.symlink_metadata().is_ok_and(|found| found.is_symlink()) {
                    at = next;
                    continue;
                }
                if at.canonicalize().is_ok_and(|at| within.iter().any(|root| at.starts_with(root))) {
                    let what =
                        format!("{} is a link in the repository that is graded, and is not followed", next.display());
                    return Err(io::Error::other(what));
                }
                links += 1;
                if links > MAX_LINKS {
                    return Err(io::Error::other(format!("there are more than {MAX_LINKS} links in its path")));
                }
                for part in owned(&fs::read_link(&next)?).into_iter().rev() {
                    rest.push_front(part);
                }
            }
            _ => at.push(part), // a root replaces all before it
        }
    }
    Ok(at)
}

/// Whether it is what a shell has opened for us, which is written to even where it is a file.
fn is_open(path: &Path) -> bool {
    let mut parts = path.parent().unwrap_or(path).iter().map(OsStr::to_str);
    let parts = [(); 5].map(|()| parts.next().flatten());
    matches!(
        parts,
        [Some("/"), Some("dev"), Some("fd"), None, None] | [Some("/"), Some("proc"), Some(_), Some("fd"), None]
    )
}

/// Opens it without waiting for somebody who reads or writes, and no link but one that a shell has made.
#[cfg(unix)]
fn open(path: &Path, how: &mut fs::OpenOptions, follow: bool) -> io::Result<File> {
    use rustix::fs::OFlags;
    use std::os::unix::fs::OpenOptionsExt as _;
    let flags = OFlags::NONBLOCK | OFlags::NOCTTY | if follow { OFlags::empty() } else { OFlags::NOFOLLOW };
    how.custom_flags(i32::try_from(flags.bits()).unwrap_or_default()).open(path)
}

#[cfg(not(unix))]
fn open(path: &Path, how: &mut fs::OpenOptions, _: bool) -> io::Result<File> {
    how.open(path)
}

/// A pipe or a device that was opened without waiting for somebody who reads.
#[cfg(unix)]
fn special(opened: io::Result<File>) -> io::Result<File> {
    use rustix::fs::OFlags;
    let file = opened.map_err(|error| match rustix::io::Errno::from_io_error(&error) {
        Some(rustix::io::Errno::NXIO) => io::Error::new(error.kind(), "nobody reads from it"),
        _ => error,
    })?;
    // From here on there is somebody: a slow reader is waited for.
    rustix::fs::fcntl_setfl(&file, OFlags::APPEND)?;
    Ok(file)
}

#[cfg(not(unix))]
fn special(opened: io::Result<File>) -> io::Result<File> {
    opened
}

fn folder(path: &Path) -> &Path {
    path.parent().filter(|folder| !folder.as_os_str().is_empty()).unwrap_or(Path::new("."))
}

/// A file beside it that takes its place later, and may be read and written by the same.
fn draft(real: &Path, path: &Path) -> io::Result<NamedTempFile> {
    let mut builder = tempfile::Builder::new();
    builder.prefix(".grader-");
    #[cfg(unix)]
    let mode = std::os::unix::fs::PermissionsExt::from_mode(0o666); // less the umask, as any other file
    #[cfg(unix)]
    builder.permissions(mode);
    let draft = builder.tempfile_in(real.parent().unwrap_or(real)).map_err(|error| {
        let why = match error.kind() {
            io::ErrorKind::NotFound => String::new(), // such as in /proc
            kind => format!(" ({kind})"),
        };
        io::Error::new(error.kind(), format!("nothing can be written in {}{why}", folder(path).display()))
    })?;
    if let Some(old) = real.symlink_metadata().ok().filter(fs::Metadata::is_file) {
        draft.as_file().set_permissions(old.permissions())?;
    }
    Ok(draft)
}

#[cfg(test)]
mod tests {
    use super::*;

    type Tested = Result<(), Box<dyn std::error::Error>>;

    /// Why no report can be written there.
    fn why(path: &Path) -> String {
        Destination::new(path, &[]).map_or_else(|error| error.why.to_string(), |_| "it can".to_owned())
    }

    #[test]
    fn a_report_replaces_the_old_one_and_leaves_nothing_else() -> Tested {
        let folder = tempfile::tempdir()?;
        let path = folder.path().join("report.json");
        for text in ["old and longer", "new"] {
            write(&path, text)?;
            assert_eq!(fs::read_to_string(&path)?, text);
        }
        assert_eq!(fs::read_dir(folder.path())?.count(), 1);
        Ok(())
    }

    #[test]
    fn what_cannot_be_written_is_said_before() -> Tested {
        let folder = tempfile::tempdir()?;
        let missing = folder.path().join("none/report.json");
        assert_eq!(why(&missing), format!("there is no folder {}", folder.path().join("none").display()));
        assert_eq!(why(folder.path()), "it is a folder");
        fs::write(folder.path().join("file"), "")?;
        assert_ne!(why(&folder.path().join("file/report.json")), "it can");
        assert_eq!(fs::read_dir(folder.path())?.count(), 1);
        Ok(())
    }

    #[test]
    fn two_names_of_one_file_are_seen() -> Tested {
        let folder = tempfile::tempdir()?;
        fs::create_dir(folder.path().join("in"))?;
        let at = |path: &str| Destination::new(&folder.path().join(path), &[]);
        assert!(at("a")?.is_same(&at("in/../a")?));
        assert!(!at("a")?.is_same(&at("in/a")?));
        Ok(())
    }

    #[cfg(unix)]
    mod unix {
        use super::*;
        use std::os::unix::fs::{PermissionsExt as _, symlink};

        #[test]
        fn links_and_devices_stay_what_they_are() -> Tested {
            let folder = tempfile::tempdir()?;
            let (real, link) = (folder.path().join("real"), folder.path().join("link"));
            symlink("real", &link)?;
            for text in ["where there is nothing yet", "text"] {
                write(&link, text)?;
                assert_eq!(fs::read_to_string(&real)?, text);
                assert!(fs::symlink_metadata(&link)?.is_symlink());
            }
            write(Path::new("/dev/null"), "text")?;
            assert!(!fs::metadata("/dev/null")?.is_file());
            symlink("round", folder.path().join("round"))?;
            assert_ne!(why(&folder.path().join("round")), "it can");
            Ok(())
        }

        #[test]
        fn who_may_read_the_old_report_may_read_the_new_one() -> Tested {
            let folder = tempfile::tempdir()?;
            let path = folder.path().join("report");
            fs::write(&path, "")?;
            fs::set_permissions(&path, fs::Permissions::from_mode(0o600))?;
            write(&path, "text")?;
            assert_eq!(fs::metadata(&path)?.permissions().mode() & 0o777, 0o600);
            Ok(())
        }

        #[test]
        fn a_pipe_is_not_waited_for_and_stays_open() -> Tested {
            let folder = tempfile::tempdir()?;
            let pipe = folder.path().join("pipe");
            assert!(std::process::Command::new("mkfifo").arg(&pipe).status()?.success());
            assert_eq!(why(&pipe), "nobody reads from it");
            let reader = std::thread::spawn({
                let pipe = pipe.clone();
                move || {
                    let mut text = String::new();
                    File::open(pipe).and_then(|mut pipe| pipe.read_to_string(&mut text)).map(|_| text)
                }
            });
            let destination = loop {
                match Destination::new(&pipe, &[]) {
                    Ok(destination) => break destination,
                    Err(_) => std::thread::yield_now(), // it is not there yet
                }
            };
            let long = "x".repeat(1 << 20); // more than a pipe holds
            destination.write(&long)?;
            drop(destination);
            assert_eq!(reader.join().map_err(|_| "the reader failed")??, long);
            Ok(())
        }

        #[test]
        fn a_place_that_leads_elsewhere_since_is_not_written_to() -> Tested {
            let (folder, outside) = (tempfile::tempdir()?, tempfile::tempdir()?);
            let reports = folder.path().join("reports");
            fs::create_dir(&reports)?;
            fs::write(outside.path().join("report"), "mine")?;
            let destination = Destination::new(&reports.join("report"), &[folder.path().canonicalize()?])?;
            fs::remove_dir(&reports)?;
            symlink(outside.path(), &reports)?;
            assert!(destination.write("text").is_err());
            destination.clear();
            assert_eq!(fs::read_to_string(outside.path().join("report"))?, "mine");
            Ok(())
        }

        #[cfg(target_os = "linux")]
        #[test]
        fn a_full_device_is_seen_before() {
            assert!(why(Path::new("/dev/full")).starts_with("No space left on device"));
        }
    }
}
