//! Report files: written beside their place and then renamed, so that nobody reads half of one.

use super::folder::{Draft, Folder, Found};
use std::collections::VecDeque;
use std::ffi::{OsStr, OsString};
use std::fs::{self, File};
use std::io::{self, Read as _, Write as _};
use std::path::{Component, Path, PathBuf};
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
    kind: Kind,
}

#[derive(Debug)]
enum Kind {
    /// `/dev/stderr`, a pipe: cannot be replaced. It stays open, or who reads it would take this for the end.
    Special(File),
    /// A file, or none yet.
    Regular(Place),
}

/// A file's place, by the path that no link is in.
#[derive(Debug)]
struct Place {
    folder: Folder,
    name: OsString,
    real: PathBuf,
}

impl Destination {
    /// Finds out whether a report can be written there later. To be called before any work is done. In a repository
    /// that is graded (`within`, paths without links in them) no link is followed: a stranger has put it there.
    pub fn new(path: &Path, within: &[PathBuf]) -> Result<Self, WriteError> {
        let attempt = || {
            let kind = kind(path, within)?;
            match &kind {
                // A device that is full says so even to nothing at all.
                Kind::Special(file) => drop((&*file).write(&[])?),
                Kind::Regular(place) => drop(draft(place, path)?),
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
            Kind::Regular(place) => {
                let mut draft = draft(place, &self.path)?;
                draft.file.write_all(text.as_bytes())?;
                draft.persist(&place.name)
            }
        };
        attempt().map_err(|why| WriteError { path: self.path.clone(), why })
    }

    /// Removes what was there, where no report comes of this run: an old one, or one that a repository brought along, must not
    /// be taken for it.
    pub fn clear(&self) {
        if let Kind::Regular(place) = &self.kind {
            let _ = place.folder.remove(&place.name); // it need not be there
        }
    }

    /// Whether it is the same file as another.
    pub fn is_same(&self, other: &Self) -> bool {
        self.real().is_some_and(|real| other.real() == Some(real))
    }

    /// Its path without links, if it is a file.
    pub fn real(&self) -> Option<&Path> {
        match &self.kind {
            Kind::Special(_) => None,
            Kind::Regular(place) => Some(&place.real),
        }
    }

    /// What is there now, as far as it is read.
    pub fn old(&self) -> Option<Vec<u8>> {
        let Kind::Regular(place) = &self.kind else { return None };
        let mut bytes = Vec::new();
        let file = place.folder.get(&place.name, false);
        file.and_then(|file| file.take(MAX_OLD).read_to_end(&mut bytes)).map(|_| bytes).ok()
    }
}

/// Writes what others read, outside of all repositories.
pub fn write(path: &Path, text: &str) -> Result<(), WriteError> {
    Destination::new(path, &[])?.write(text)
}

fn kind(path: &Path, within: &[PathBuf]) -> io::Result<Kind> {
    let real = resolve(path, within)?;
    if is_open(&real) {
        return special(open(&real)).map(Kind::Special);
    }
    let is_folder = || io::Error::new(io::ErrorKind::IsADirectory, "it is a folder");
    let (Some(parent), Some(name)) = (real.parent(), real.file_name()) else { return Err(is_folder()) };
    let missing = |error: io::Error| match error.kind() {
        io::ErrorKind::NotFound => {
            io::Error::new(error.kind(), format!("there is no folder {}", folder(path).display()))
        }
        _ => error,
    };
    let parent = parent.canonicalize().map_err(missing)?;
    let inside = within.iter().find_map(|root| Some((root, parent.strip_prefix(root).ok()?)));
    let (base, inside) = inside.unwrap_or((&parent, Path::new("")));
    let place =
        Place { folder: Folder::open(base, inside).map_err(missing)?, name: name.into(), real: parent.join(name) };
    match place.folder.look(name)? {
        Found::Folder => Err(is_folder()),
        Found::Other => special(place.folder.get(name, true)).map(Kind::Special),
        Found::File => {
            // One that may not be written to is not replaced either.
            match place.folder.get(name, true) {
                Err(error) if error.kind() != io::ErrorKind::NotFound => Err(error),
                _ => Ok(Kind::Regular(place)),
            }
        }
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

/// Opens it without waiting for somebody who reads.
#[cfg(unix)]
fn open(path: &Path) -> io::Result<File> {
    use std::os::unix::fs::OpenOptionsExt as _;
    let flags = i32::try_from(rustix::fs::OFlags::NONBLOCK.bits()).unwrap_or_default();
    File::options().append(true).custom_flags(flags).open(path)
}

#[cfg(not(unix))]
fn open(path: &Path) -> io::Result<File> {
    File::options().append(true).open(path)
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
fn draft<'a>(place: &'a Place, path: &Path) -> io::Result<Draft<'a>> {
    let draft = Draft::new(&place.folder).map_err(|error| {
        let why = match error.kind() {
            io::ErrorKind::NotFound => String::new(), // such as in /proc
            kind => format!(" ({kind})"),
        };
        io::Error::new(error.kind(), format!("nothing can be written in {}{why}", folder(path).display()))
    })?;
    if let Ok(old) = place.folder.get(&place.name, true).and_then(|old| old.metadata()) {
        draft.file.set_permissions(old.permissions())?;
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

        #[cfg(target_os = "linux")]
        #[test]
        fn a_full_device_is_seen_before() {
            assert!(why(Path::new("/dev/full")).starts_with("No space left on device"));
        }
    }
}
