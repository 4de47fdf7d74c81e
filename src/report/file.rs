//! Report files: written beside their place and then renamed, so that nobody reads half of one.

use std::fs::{self, File};
use std::io::{self, Write as _};
use std::path::{Path, PathBuf};
use thiserror::Error;

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
    kind: Kind,
}

#[derive(Debug)]
enum Kind {
    /// `/dev/stderr`, a pipe: cannot be replaced. It stays open, or who reads it would take this for the end.
    Special(File),
    /// A file, or none yet; behind a link, what it points at.
    Regular(PathBuf),
}

impl Destination {
    /// Finds out whether a report can be written there later. To be called before any work is done.
    pub fn new(path: &Path) -> Result<Self, WriteError> {
        let attempt = || {
            let kind = kind(path)?;
            match &kind {
                // A device that is full says so even to nothing at all.
                Kind::Special(file) => drop((&*file).write(&[])?),
                Kind::Regular(target) => drop(beside(target)?),
            }
            Ok(kind)
        };
        let kind = attempt().map_err(|why| WriteError { path: path.to_owned(), why })?;
        Ok(Self { path: path.to_owned(), kind })
    }

    /// Writes a report. A file that was there is replaced as a whole, or stays.
    pub fn write(&self, text: &str) -> Result<(), WriteError> {
        let attempt = || match &self.kind {
            Kind::Special(file) => (&*file).write_all(text.as_bytes()),
            Kind::Regular(target) => {
                let mut file = beside(target)?;
                file.write_all(text.as_bytes())?;
                file.persist(target).map(drop).map_err(|error| error.error)
            }
        };
        attempt().map_err(|why| WriteError { path: self.path.clone(), why })
    }

    /// Removes what was there, where no report comes of this run: an old one, or one that a repository brought along, must not
    /// be taken for it.
    pub fn clear(&self) {
        if let Kind::Regular(target) = &self.kind {
            let _ = fs::remove_file(target); // it need not be there
        }
    }

    /// Whether it is the same file as another.
    pub fn is_same(&self, other: &Self) -> bool {
        let file = |it: &Self| match &it.kind {
            Kind::Special(_) => None,
            Kind::Regular(target) => Some((fs::canonicalize(folder(target)).ok()?, target.file_name()?.to_owned())),
        };
        file(self).is_some_and(|this| file(other) == Some(this))
    }
}

/// Writes a report, or anything that others read.
pub fn write(path: &Path, text: &str) -> Result<(), WriteError> {
    Destination::new(path)?.write(text)
}

fn kind(path: &Path) -> io::Result<Kind> {
    // What a shell has opened for us is written to, even where it is a file.
    let is_open = ["/dev/fd", "/dev/stdout", "/dev/stderr", "/proc"].iter().any(|folder| path.starts_with(folder));
    match fs::metadata(path) {
        Ok(found) if found.is_dir() => Err(io::Error::new(io::ErrorKind::IsADirectory, "it is a folder")),
        Ok(found) if found.is_file() && !is_open => {
            // One that may not be written to is not replaced either.
            File::options().write(true).open(path)?;
            Ok(Kind::Regular(fs::canonicalize(path)?))
        }
        Ok(_) => special(path).map(Kind::Special),
        Err(error) if error.kind() == io::ErrorKind::NotFound => match fs::read_link(path) {
            Ok(target) => kind(&folder(path).join(target)),
            Err(_) => Ok(Kind::Regular(path.to_owned())),
        },
        Err(error) => Err(error),
    }
}

/// Opens it without waiting for somebody who reads.
#[cfg(unix)]
fn special(path: &Path) -> io::Result<File> {
    use rustix::fs::OFlags;
    use std::os::unix::fs::OpenOptionsExt as _;
    let flags = i32::try_from(OFlags::NONBLOCK.bits()).unwrap_or_default();
    let opened = File::options().append(true).custom_flags(flags).open(path);
    let file = opened.map_err(|error| match rustix::io::Errno::from_io_error(&error) {
        Some(rustix::io::Errno::NXIO) => io::Error::new(error.kind(), "nobody reads from it"),
        _ => error,
    })?;
    // From here on there is somebody: a slow reader is waited for.
    rustix::fs::fcntl_setfl(&file, OFlags::APPEND)?;
    Ok(file)
}

#[cfg(not(unix))]
fn special(path: &Path) -> io::Result<File> {
    File::options().write(true).open(path)
}

fn folder(path: &Path) -> &Path {
    path.parent().filter(|folder| !folder.as_os_str().is_empty()).unwrap_or(Path::new("."))
}

/// A file beside it that takes its place later, and may be read and written by the same.
fn beside(path: &Path) -> io::Result<tempfile::NamedTempFile> {
    let folder = folder(path);
    let mut builder = tempfile::Builder::new();
    builder.prefix(".grader-");
    #[cfg(unix)]
    {
        use std::os::unix::fs::PermissionsExt as _;
        builder.permissions(fs::Permissions::from_mode(0o666)); // less the umask, as any other file
    }
    let file = builder.tempfile_in(folder).map_err(|error| match error.kind() {
        io::ErrorKind::NotFound => io::Error::new(error.kind(), format!("there is no folder {}", folder.display())),
        kind => io::Error::new(kind, format!("nothing can be written in {} ({kind})", folder.display())),
    })?;
    if let Ok(old) = fs::metadata(path) {
        file.as_file().set_permissions(old.permissions())?;
    }
    Ok(file)
}

#[cfg(test)]
mod tests {
    use super::*;

    type Tested = Result<(), Box<dyn std::error::Error>>;

    /// Why no report can be written there.
    fn why(path: &Path) -> String {
        Destination::new(path).map_or_else(|error| error.why.to_string(), |_| "it can".to_owned())
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
        let at = |path: &str| Destination::new(&folder.path().join(path));
        assert!(at("a")?.is_same(&at("in/../a")?));
        assert!(!at("a")?.is_same(&at("in/a")?));
        Ok(())
    }

    #[cfg(unix)]
    mod unix {
        use super::*;
        use std::io::Read as _;
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
                match Destination::new(&pipe) {
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

        #[cfg(target_os = "linux")]
        #[test]
        fn a_full_device_is_seen_before() {
            assert!(why(Path::new("/dev/full")).starts_with("No space left on device"));
        }
    }
}
