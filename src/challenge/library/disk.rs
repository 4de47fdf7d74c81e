//! An instructor's own files: read within bounds, links not followed.

use super::is_junk;
use crate::challenge::StarterFile;
use crate::challenge::read::load::Loaded;
use crate::diagnostic::Diagnostic;
use crate::language::file::{Problems, unreadable};
use crate::yaml::MAX_BYTES;
use std::collections::BTreeMap;
use std::fs::{self, File, Metadata};
use std::io::{self, Read};
use std::path::{Path, PathBuf};

/// The most files that a starter, a solution or a case may have.
const MAX_FILES: usize = 2_000;
/// The most bytes that one of their files may have.
const MAX_STARTER_BYTES: usize = 10_000_000;
/// How deep their folders may lie.
const MAX_DEPTH: usize = 32;

/// Reads a file of the check language.
pub(super) fn read(path: &Path, problems: &Problems) -> Option<Loaded> {
    match bytes(path, MAX_BYTES) {
        Ok(bytes) => Some(Loaded::new(path.display().to_string(), &bytes, problems)),
        Err(error) => {
            tell(path, &unreadable(&error), problems);
            None
        }
    }
}

/// The names of the check files in a folder, without `.yaml`.
pub(super) fn stems(folder: &Path) -> Vec<String> {
    let paths = fs::read_dir(folder).into_iter().flatten().flatten().take(MAX_FILES).map(|entry| entry.path());
    let yaml = paths.filter(|path| path.extension().is_some_and(|extension| extension == "yaml"));
    yaml.filter_map(|path| Some(path.file_stem()?.to_str()?.to_owned())).collect()
}

/// The YAML files of a folder, sorted: their paths and bytes.
pub(super) fn texts(folder: &Path, problems: &Problems) -> Vec<(String, Vec<u8>)> {
    let mut stems = stems(folder);
    stems.sort();
    let paths = stems.into_iter().map(|stem| folder.join(format!("{stem}.yaml")));
    let read = paths.filter_map(|path| match bytes(&path, MAX_BYTES) {
        Ok(bytes) => Some((path.display().to_string(), bytes)),
        Err(error) => {
            tell(&path, &unreadable(&error), problems);
            None
        }
    });
    read.collect()
}

/// The files of a starter; none if there is no such folder. What tools leave behind when it is tried out is left aside.
pub(super) fn starter(folder: &Path, problems: &Problems) -> BTreeMap<String, StarterFile> {
    let mut walk = FolderWalk { what: "a starter", junk: false, files: BTreeMap::new(), problems };
    if folder.is_dir() {
        walk.walk(folder, "", 0);
    }
    walk.files
}

/// The files of a folder in which nothing else may lie. `what` it is is told with what is wrong.
pub(super) fn all(folder: &Path, what: &str, problems: &Problems) -> BTreeMap<String, StarterFile> {
    let mut walk = FolderWalk { what, junk: true, files: BTreeMap::new(), problems };
    walk.walk(folder, "", 0);
    walk.files
}

/// What lies in a folder, sorted: what is no folder (links count as that), and the folders.
pub(super) fn entries(folder: &Path) -> (Vec<PathBuf>, Vec<PathBuf>) {
    let entries = fs::read_dir(folder).into_iter().flatten().flatten().take(MAX_FILES);
    let mut paths: Vec<PathBuf> = entries.map(|entry| entry.path()).collect();
    paths.sort();
    paths.into_iter().partition(|path| !path.symlink_metadata().is_ok_and(|meta| meta.is_dir()))
}

struct FolderWalk<'a> {
    what: &'a str,
    /// Whether what tools leave behind is told.
    junk: bool,
    files: BTreeMap<String, StarterFile>,
    problems: &'a Problems,
}

impl FolderWalk<'_> {
    fn walk(&mut self, folder: &Path, prefix: &str, depth: usize) {
        let (what, problems) = (self.what, self.problems);
        let entries = match fs::read_dir(folder) {
            Ok(entries) => entries,
            Err(error) => return tell(folder, &unreadable(&error), problems),
        };
        for entry in entries.flatten() {
            let path = entry.path();
            if is_junk(&path) {
                if self.junk {
                    tell(&path, &format!("a tool has left this behind: it is no part of {what}, remove it"), problems);
                }
                continue;
            }
            let Some(name) = entry.file_name().to_str().map(|name| format!("{prefix}{name}")) else {
                tell(&path, "its name is not UTF-8", problems);
                continue;
            };
            let Ok(meta) = entry.metadata() else { continue };
            if self.files.len() >= MAX_FILES {
                return tell(folder, &format!("{what} has at most {MAX_FILES} files"), problems);
            }
            if meta.is_dir() && depth < MAX_DEPTH {
                self.walk(&path, &format!("{name}/"), depth + 1);
            } else if meta.is_dir() {
                tell(&path, &format!("the folders of {what} lie at most {MAX_DEPTH} deep"), problems);
            } else if meta.is_file() {
                match bytes(&path, MAX_STARTER_BYTES) {
                    Ok(content) => {
                        self.files.insert(name, StarterFile { content, executable: is_executable(&meta) });
                    }
                    Err(error) => tell(&path, &unreadable(&error), problems),
                }
            } else {
                tell(&path, &format!("{what} holds files and folders only, no links"), problems);
            }
        }
    }
}

#[cfg(unix)]
fn is_executable(meta: &Metadata) -> bool {
    std::os::unix::fs::PermissionsExt::mode(&meta.permissions()) & 0o100 != 0
}

#[cfg(not(unix))]
fn is_executable(_: &Metadata) -> bool {
    false
}

pub(super) fn bytes(path: &Path, limit: usize) -> io::Result<Vec<u8>> {
    // Looked at before it is opened: opening a pipe waits for whoever writes to it.
    if !fs::metadata(path)?.is_file() {
        return Err(io::Error::other("is not a file"));
    }
    let mut bytes = Vec::new();
    File::open(path)?.take(limit as u64 + 1).read_to_end(&mut bytes)?;
    if bytes.len() > limit {
        return Err(io::Error::other(format!("is larger than {limit} bytes")));
    }
    Ok(bytes)
}

fn tell(path: &Path, message: &str, problems: &Problems) {
    problems.borrow_mut().push(Diagnostic::of(path.display().to_string(), message));
}
