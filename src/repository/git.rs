//! What git knows of the folder: what is tracked, changed, ignored. A learner's git configuration can execute nothing.

mod command;

use super::{Ongoing, system, worktree};
use command::git;
use std::collections::BTreeSet;
use std::io;
use std::path::{Path, PathBuf};
use std::time::Duration;

/// The most ignored paths that are kept.
const MAX_IGNORED: usize = 10_000;

/// Why git can't tell: the machine's fault. Grading goes on with all files of the folder.
#[derive(Debug, thiserror::Error)]
pub enum GitError {
    /// There is no git.
    #[error("git is not installed, so all files are graded, ignored ones too; install git to grade what CI will see")]
    NotInstalled,
    /// It can't be started.
    #[error("git cannot be started ({0}), so all files are graded, ignored ones too")]
    Start(io::Error),
    /// It says no.
    #[error("git cannot read this repository ({0}), so all files are graded, ignored ones too; try `git status` here")]
    Failed(String),
    /// The run was interrupted.
    #[error("git was stopped")]
    Stopped,
    /// It does not come to an end.
    #[error("git took longer than {} s, so all files are graded, ignored ones too; try `git status` here", .0.as_secs())]
    TimedOut(Duration),
    /// There is more than anyone reads.
    #[error("git lists more than {0} bytes of paths, so all files are graded, ignored ones too")]
    TooMuch(u64),
}

/// What git knows of a folder. All paths are relative to that folder.
#[derive(Debug, Clone, Default)]
pub struct Git {
    /// The commit that is checked out; none before the first one.
    pub commit: Option<String>,
    /// `owner/name` of the place that it was cloned from, by its address.
    pub origin: Option<String>,
    /// Files that differ from the commit, or are not in it: CI will not see them as they are here.
    pub uncommitted: Vec<String>,
    /// Files that the commit has and the folder has not: CI will see them still.
    pub deleted: Vec<String>,
    /// What git ignores and is there; a folder ends in `/`. At most 10,000.
    pub ignored: Vec<String>,
    /// Tracked files that are there, and untracked ones that are not ignored.
    pub(super) files: Vec<PathBuf>,
}

impl Git {
    /// Whether anything differs from the commit.
    pub fn is_dirty(&self) -> bool {
        !self.uncommitted.is_empty() || !self.deleted.is_empty()
    }

    /// Whether git ignores a path that is there (a file, or what lies in an ignored folder).
    pub fn is_ignored(&self, path: &str) -> bool {
        self.ignored.iter().any(|ignored| match ignored.strip_suffix('/') {
            Some(folder) => path.strip_prefix(folder).is_some_and(|rest| rest.is_empty() || rest.starts_with('/')),
            None => path == ignored,
        })
    }
}

/// Runs git on a folder that lies in a git repository; nothing if that repository ignores the folder as a whole.
pub(super) fn read(root: &Path, ongoing: &Ongoing) -> Result<Option<Git>, GitError> {
    worktree::without_pipes(root, ongoing)?;
    let filters = command::filters(root, ongoing)?;
    let run = |args: &[&str]| git(root, ongoing, &filters, args);
    let prefix = run(&["rev-parse", "--show-prefix"])?;
    let prefix = prefix.strip_suffix(b"\n").unwrap_or(&prefix).to_vec();
    let status = run(&[
        "status",
        "--porcelain=v1",
        "-z",
        "--no-renames",
        "--untracked-files=all",
        "--ignored=matching",
        "--ignore-submodules=all",
        "--",
        ".",
    ])?;
    let mut found = Git::default();
    for line in status.split(|&byte| byte == 0) {
        let (Some(state), Some(path)) = (line.get(..2), line.get(3..)) else { continue };
        if state == b"!!" && path.ends_with(b"/") && prefix.starts_with(path) {
            return Ok(None); // the folder itself is ignored
        }
        let Some(path) = path.strip_prefix(prefix.as_slice()) else { continue };
        let path = String::from_utf8_lossy(path).into_owned();
        match state {
            b"!!" if found.ignored.len() < MAX_IGNORED => found.ignored.push(path),
            b"!!" => {}
            _ if state.contains(&b'D') && root.join(&path).symlink_metadata().is_err() => found.deleted.push(path),
            _ => found.uncommitted.push(path),
        }
    }
    found.uncommitted.sort();
    found.uncommitted.dedup();
    // fails before the first commit
    found.commit = run(&["rev-parse", "--verify", "--quiet", "HEAD^{commit}"])
        .ok()
        .map(|commit| String::from_utf8_lossy(&commit).trim().to_owned());
    // fails where there is none
    found.origin = run(&["config", "--get", "remote.origin.url"])
        .ok()
        .and_then(|address| owner_and_name(String::from_utf8_lossy(&address).trim()));
    let listed = run(&["ls-files", "-z", "--cached", "--others", "--exclude-standard"])?;
    let paths = listed.split(|&byte| byte == 0).filter(|path| !path.is_empty());
    found.files = paths.map(system::path).collect::<BTreeSet<_>>().into_iter().collect();
    found.files.retain(|path| root.join(path).symlink_metadata().is_ok());
    Ok(Some(found))
}

/// Whether git tracks a file; what it can't tell is taken for tracked.
pub(super) fn is_tracked(root: &Path, path: &Path) -> bool {
    let Some(path) = path.to_str() else { return true };
    let path = format!(":(top,literal){}", path.replace('\\', "/"));
    git(root, &Ongoing::default(), &[], &["ls-files", "-z", "--cached", "--", &path])
        .map_or(true, |listed| !listed.is_empty())
}

/// The last two parts of an address: `https://host/jane/app.git`, `git@host:jane/app`.
fn owner_and_name(address: &str) -> Option<String> {
    let address = address.trim_end_matches('/').trim_end_matches(".git");
    let mut parts = address.rsplit(['/', ':']);
    let (name, owner) = (parts.next()?, parts.next()?);
    (!name.is_empty() && !owner.is_empty()).then(|| format!("{owner}/{name}"))
}

#[cfg(test)]
mod tests {
    use super::owner_and_name;

    #[test]
    fn an_address_ends_in_owner_and_name() {
        for address in ["https://host/jane/app.git", "git@host:jane/app.git", "ssh://git@host:22/jane/app/"] {
            assert_eq!(owner_and_name(address).as_deref(), Some("jane/app"), "{address}");
        }
        assert_eq!(owner_and_name("app"), None);
        assert_eq!(owner_and_name(""), None);
    }
}
