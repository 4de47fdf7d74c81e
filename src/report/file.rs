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

/// Finds out before any work is done whether a report can be written there later.
pub fn check_writable(path: &Path) -> Result<(), WriteError> {
    let attempt = || match kind(path)? {
        Kind::Special => fs::OpenOptions::new().write(true).open(path).map(drop),
        Kind::Regular(target) => beside(&target).map(drop),
    };
    attempt().map_err(|why| WriteError { path: path.to_owned(), why })
}

/// Writes a report. A file that was there is replaced as a whole, or stays.
pub fn write(path: &Path, text: &str) -> Result<(), WriteError> {
    let attempt = || match kind(path)? {
        Kind::Special => File::options().write(true).open(path)?.write_all(text.as_bytes()),
        Kind::Regular(target) => {
            let mut file = beside(&target)?;
            file.write_all(text.as_bytes())?;
            file.persist(&target).map(drop).map_err(|error| error.error)
        }
    };
    attempt().map_err(|why| WriteError { path: path.to_owned(), why })
}

enum Kind {
    /// `/dev/stderr`, a pipe: cannot be replaced.
    Special,
    /// A file, or none yet; behind a link, what it points at.
    Regular(PathBuf),
}

fn kind(path: &Path) -> io::Result<Kind> {
    match fs::metadata(path) {
        Ok(found) if found.is_dir() => Err(io::Error::new(io::ErrorKind::IsADirectory, "it is a folder")),
        Ok(found) if found.is_file() => Ok(Kind::Regular(fs::canonicalize(path)?)),
        Ok(_) => Ok(Kind::Special),
        Err(error) if error.kind() == io::ErrorKind::NotFound => Ok(Kind::Regular(path.to_owned())),
        Err(error) => Err(error),
    }
}

fn beside(path: &Path) -> io::Result<tempfile::NamedTempFile> {
    let folder = path.parent().filter(|folder| !folder.as_os_str().is_empty()).unwrap_or(Path::new("."));
    let mut builder = tempfile::Builder::new();
    builder.prefix(".grader-");
    #[cfg(unix)]
    {
        use std::os::unix::fs::PermissionsExt as _;
        builder.permissions(fs::Permissions::from_mode(0o666)); // less the umask, as any other file
    }
    builder.tempfile_in(folder).map_err(|error| match error.kind() {
        io::ErrorKind::NotFound => io::Error::new(error.kind(), format!("there is no folder {}", folder.display())),
        kind => io::Error::new(kind, error.to_string()),
    })
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_report_replaces_the_old_one_and_leaves_nothing_else() -> Result<(), Box<dyn std::error::Error>> {
        let folder = tempfile::tempdir()?;
        let path = folder.path().join("report.json");
        for text in ["old and longer", "new"] {
            check_writable(&path)?;
            write(&path, text)?;
            assert_eq!(fs::read_to_string(&path)?, text);
        }
        assert_eq!(fs::read_dir(folder.path())?.count(), 1);
        Ok(())
    }

    #[test]
    fn what_cannot_be_written_is_said_before() -> Result<(), Box<dyn std::error::Error>> {
        let folder = tempfile::tempdir()?;
        let missing = folder.path().join("none/report.json");
        assert!(check_writable(&missing).is_err_and(|error| error.to_string().contains("there is no folder")));
        assert!(check_writable(folder.path()).is_err_and(|error| error.to_string().ends_with("it is a folder")));
        Ok(())
    }

    #[cfg(unix)]
    #[test]
    fn links_and_devices_stay_what_they_are() -> Result<(), Box<dyn std::error::Error>> {
        let folder = tempfile::tempdir()?;
        let (real, link) = (folder.path().join("real"), folder.path().join("link"));
        fs::write(&real, "")?;
        std::os::unix::fs::symlink(&real, &link)?;
        write(&link, "text")?;
        assert_eq!(fs::read_to_string(&real)?, "text");
        assert!(fs::symlink_metadata(&link)?.is_symlink());
        write(Path::new("/dev/null"), "text")?;
        assert!(!fs::metadata("/dev/null")?.is_file());
        Ok(())
    }
}
