//! That a git directory keeps to itself: git would follow a link, an alternate and an `include` to any file of the host, and
//! would wait at a pipe for who writes into it.

use super::config::GitSettings;
use super::{failed, plain};
use crate::repository::GitError;
use std::path::{Path, PathBuf};

/// The files of a working tree that git itself reads.
pub(super) const READ: [&str; 4] = [".gitignore", ".gitattributes", ".gitmodules", ".mailmap"];
/// The files of a git directory that are read.
const FILES: [&str; 7] =
    ["HEAD", "index", "config", "config.worktree", "packed-refs", "info/exclude", "info/attributes"];
/// The folders in it.
const FOLDERS: [&str; 5] = ["objects", "objects/info", "objects/pack", "refs", "info"];
/// How deep files may include others.
const MAX_INCLUDES: usize = 5;

/// Fails where a git directory, or the one that it shares with others, leads out of itself and its working tree.
pub(super) fn check(own: &Path, common: &Path, top: &Path) -> Result<(), GitError> {
    for directory in [own, common] {
        let odd = |name: &str, is: &dyn Fn(&std::fs::Metadata) -> bool| {
            directory.join(name).symlink_metadata().is_ok_and(|found| !is(&found))
        };
        if let Some(name) = FILES.into_iter().find(|name| odd(name, &std::fs::Metadata::is_file)) {
            return Err(failed(format!("its `.git/{name}` isn't a regular file")));
        }
        if let Some(name) = FOLDERS.into_iter().find(|name| odd(name, &std::fs::Metadata::is_dir)) {
            return Err(failed(format!("its `.git/{name}` isn't a folder")));
        }
        for name in ["objects/info/alternates", "objects/info/http-alternates"] {
            if directory.join(name).symlink_metadata().is_ok_and(|found| !found.is_file() || found.len() > 0) {
                return Err(failed(
                    "its objects are in another repository, which `.git/objects/info/alternates` names",
                ));
            }
        }
        for name in ["config", "config.worktree"] {
            config(&directory.join(name), &[top, own, common], MAX_INCLUDES)?;
        }
    }
    Ok(())
}

/// Fails where a configuration names a file outside of these folders.
fn config(file: &Path, folders: &[&Path], depth: usize) -> Result<(), GitError> {
    let settings = GitSettings::of(file);
    let inside = |path: &Path| -> bool {
        let Ok(real) = path.canonicalize() else { return false };
        folders.iter().filter_map(|folder| folder.canonicalize().ok()).any(|folder| real.starts_with(folder))
    };
    // What is not there is followed nowhere.
    let leads_out =
        |path: &PathBuf| path.symlink_metadata().is_ok() && !(inside(path) && plain(path, u64::MAX).is_some());
    // What isn't a file is none.
    let is_outside = |path: &Path| path.is_file() && !inside(path);
    let top = folders.first().copied().unwrap_or(Path::new(""));
    if settings.excludes.is_some_and(|path| is_outside(&top.join(path))) {
        return Err(failed("its `core.excludesFile` is outside of the repository"));
    }
    for path in settings.includes.iter().map(|path| file.parent().unwrap_or(Path::new("")).join(path)) {
        if leads_out(&path) {
            return Err(failed("its configuration includes what isn't a regular file of the repository"));
        }
        if depth == 0 {
            return Err(failed(format!("its configuration includes files more than {MAX_INCLUDES} deep")));
        }
        config(&path, folders, depth - 1)?;
    }
    Ok(())
}
