//! Whether a path that a Compose file names stays in the repository, links followed.

use std::ffi::OsStr;
use std::path::{Component, Path, PathBuf};

/// The longest file that Compose may read, besides its own.
const MAX_READ: u64 = 1 << 20;
/// The longest path that Linux takes, in bytes.
const MAX_PATH: usize = 4_096;

/// Whether a path, as Compose would resolve it against a directory of the repository, leads out of it. What is no path
/// of this machine (a URL, a home directory, too long to be one) does. `root` has to be canonical.
pub fn leads_out(root: &Path, directory: &str, path: &str) -> bool {
    path.len() > MAX_PATH
        || is_elsewhere(path)
        || !resolve(root, directory, path).is_some_and(|path| path.starts_with(root))
}

/// Whether it is a file of more than a mebibyte; Compose would read it whole.
pub fn is_huge(root: &Path, directory: &str, path: &str) -> bool {
    clean(&root.join(directory).join(path)).metadata().is_ok_and(|file| file.len() > MAX_READ)
}

/// Whether it is a URL, a git repository, or a path in somebody's home.
pub fn is_elsewhere(path: &str) -> bool {
    let starts = |prefixes: &[&str]| prefixes.iter().any(|prefix| path.starts_with(prefix));
    path.contains("://") || starts(&["~", "git@", "github.com/", "oci:", "\\\\"]) || is_drive(path)
}

fn is_drive(path: &str) -> bool {
    let mut chars = path.chars();
    chars.next().is_some_and(|first| first.is_ascii_alphabetic()) && chars.next() == Some(':') && cfg!(not(windows))
}

/// The path with links followed, as far as it is there.
pub(crate) fn resolve(root: &Path, directory: &str, path: &str) -> Option<PathBuf> {
    let clean = clean(&root.join(directory).join(path));
    let mut missing: Vec<&OsStr> = Vec::new();
    for ancestor in clean.ancestors() {
        match ancestor.canonicalize() {
            Ok(found) => return Some(missing.iter().rev().fold(found, |path, part| path.join(part))),
            // A link that leads nowhere yet may lead anywhere later.
            Err(_) if ancestor.symlink_metadata().is_ok() => return None,
            Err(_) => missing.push(ancestor.file_name()?),
        }
    }
    None
}

/// Without `.` and `..`, as Compose cleans a path before anything follows its links.
fn clean(path: &Path) -> PathBuf {
    let mut clean = PathBuf::new();
    for part in path.components() {
        match part {
            Component::CurDir => {}
            Component::ParentDir => {
                clean.pop();
            }
            part => clean.push(part),
        }
    }
    clean
}

#[cfg(all(test, unix))]
mod tests {
    use super::*;
    use std::os::unix::fs::symlink;

    #[test]
    fn paths_are_followed_to_where_they_lead() {
        let folder = tempfile::tempdir().unwrap();
        let root = folder.path().canonicalize().unwrap().join("repo");
        std::fs::create_dir_all(root.join("app/src")).unwrap();
        symlink("/etc", root.join("etc")).unwrap();
        symlink("app/src", root.join("src")).unwrap();
        symlink("/nowhere/yet", root.join("later")).unwrap();
        for (directory, path, out) in [
            ("", ".", false),
            ("", "./app", false),
            ("", "src", false),
            ("", "new/folder", false),
            ("app", "..", false),
            ("app", "../..", true),
            ("", "..", true),
            ("", "app/../../repo/app", false),
            ("", "new/../../x", true),
            ("", "/etc/shadow", true),
            ("", "etc", true),
            ("", "etc/passwd", true),
            ("", "later", true),
            ("", "later/x", true),
            ("", "~/x", true),
            ("", "https://example.com/x.git", true),
            ("", "git@github.com:x/y.git", true),
            ("", "C:/x", true),
            ("", "../repository", true),
        ] {
            assert_eq!(leads_out(&root, directory, path), out, "{directory} {path}");
        }
        assert!(!leads_out(&root, "", root.join("app").to_str().unwrap()));
        assert!(!leads_out(&root, "", &"a/".repeat(1_000)) && leads_out(&root, "", &"a/".repeat(500_000)));
    }
}
