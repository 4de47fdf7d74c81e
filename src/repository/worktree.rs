//! What git would list of a folder, read without running it: the tracked files, and the others that no pattern leaves
//! out. The static check starts no process, and has to grade what the full run grades.

mod config;
mod enclosed;
mod index;

use super::gitignore::{self, GitIgnore, GitPattern, Steps, TooManySteps};
use super::walk::{self, EntryKind};
use super::{GitError, Ongoing, system};
use crate::place::Place;
use config::GitSettings;
use index::GitIndex;
use std::cell::RefCell;
use std::collections::{BTreeSet, HashMap};
use std::fs;
use std::io::Read as _;
use std::path::{Path, PathBuf};
use std::rc::Rc;

/// How many repositories in the repository (submodules) are looked into; more are taken whole, as by the snapshot.
const MAX_INNER: usize = 20;
/// The most that is kept of what is left out.
const MAX_NAMED: usize = 100;
/// The most levels of nested repositories that are read.
const MAX_DEPTH: usize = 8;

/// A repository's working tree.
pub(super) struct WorkingTree {
    /// Its top.
    top: PathBuf,
    index: GitIndex,
    fold: bool,
    /// The patterns for the whole repository, the weakest first: the user's, then its own.
    general: Vec<(PathBuf, GitIgnore)>,
    /// The ignore file of each folder, by its path from the top.
    own: RefCell<HashMap<PathBuf, Rc<GitIgnore>>>,
    steps: Steps,
}

/// What is listed of a folder.
#[derive(Debug, Default)]
pub(super) struct Listed {
    /// The files and links, relative to the folder.
    pub files: BTreeSet<PathBuf>,
    /// The first that are left out, each with the line that does it; a folder ends in `/`.
    pub left_out: Vec<(String, Place)>,
    /// A file of git's that is no regular one: git itself would wait for who writes into a pipe.
    pub special: Option<PathBuf>,
    inner: usize,
}

/// Reads a regular file; nothing if it is none, or longer.
fn plain(path: &Path, max_bytes: u64) -> Option<Vec<u8>> {
    let real = path.canonicalize().ok()?;
    if !real.symlink_metadata().ok()?.is_file() {
        return None;
    }
    let file = system::open(&real).ok()?;
    let metadata = file.metadata().ok()?;
    let mut bytes = Vec::new();
    if !metadata.is_file() || metadata.len() > max_bytes {
        return None;
    }
    file.take(max_bytes).read_to_end(&mut bytes).ok()?;
    Some(bytes)
}

/// Where git keeps a repository: its own directory, and the one that it shares with other working trees.
fn git_directory(top: &Path) -> Option<(PathBuf, PathBuf)> {
    let dot = top.join(".git");
    let own = match plain(&dot, 4096) {
        Some(text) => top.join(system::path(text.strip_prefix(b"gitdir: ")?.trim_ascii_end())),
        None => dot,
    };
    plain(&own.join("HEAD"), 4096).filter(|head| is_head(head))?;
    let common = match plain(&own.join("commondir"), 4096) {
        Some(text) => own.join(system::path(text.trim_ascii_end())),
        None => own.clone(),
    };
    (common.join("objects").is_dir() && common.join("refs").is_dir()).then_some((own, common))
}

/// Returns the git directory and the top of the working tree for a folder. A learner's configuration could name any folder of
/// the host as its working tree (`core.worktree`), and a learner's `.git` file any repository. So `.git` must be a folder, or
/// a file that names a git directory which names this working tree in turn.
pub(super) fn pinned(root: &Path) -> Result<(PathBuf, PathBuf), GitError> {
    let found = root.ancestors().find_map(|top| Some((top, git_directory(top)?)));
    let (top, (own, common)) = found.ok_or_else(|| failed("it has no valid `.git`"))?;
    let dot = top.join(".git");
    let is_ours = match dot.symlink_metadata() {
        Ok(kind) if kind.is_dir() => true,
        Ok(kind) => kind.is_file() && leads_back(&own, top) == Some(true),
        Err(_) => false,
    };
    if !is_ours {
        return Err(failed("its `.git` leads to another repository"));
    }
    enclosed::check(&own, &common, top)?;
    Ok((own, top.to_owned()))
}

/// Whether a directory of git's is that of this working tree: of a linked one it holds the way back, of a submodule its
/// configuration does.
fn leads_back(own: &Path, top: &Path) -> Option<bool> {
    let top = top.canonicalize().ok()?;
    let back = match plain(&own.join("gitdir"), 4096) {
        Some(text) => own.join(system::path(text.trim_ascii_end())).parent()?.to_owned(),
        None => own.join(GitSettings::of(&own.join("config")).worktree?),
    };
    Some(back.canonicalize().ok()? == top)
}

fn is_head(text: &[u8]) -> bool {
    let is_reference = text.strip_prefix(b"ref:").is_some_and(|name| name.trim_ascii_start().starts_with(b"refs/"));
    is_reference || text.get(..40).is_some_and(|commit| commit.iter().all(u8::is_ascii_hexdigit))
}

/// The file of patterns that hold in all repositories, for the one that a folder is part of: what git has to take, too.
pub(super) fn excludes_file(root: &Path) -> Option<PathBuf> {
    let (top, (_, common)) = root.ancestors().find_map(|top| Some((top, git_directory(top)?)))?;
    let file = top.join(GitSettings::read(Some(&common)).excludes_file()?);
    file.is_file().then_some(file)
}

/// Fails where git itself would wait for who writes into a pipe. What else can't be read is for git to say.
pub(super) fn without_pipes(root: &Path, ongoing: &Ongoing) -> Result<(), GitError> {
    let Ok(tree) = WorkingTree::of(root) else { return Ok(()) };
    let from_top = root.strip_prefix(&tree.top).unwrap_or(Path::new(""));
    let mut listed = Listed::default();
    let _ = tree.collect(from_top, Path::new(""), ongoing, &mut listed, 0);
    // Git reads those of the folders above, too.
    let above = from_top.ancestors().map(|folder| tree.top.join(folder));
    let files = above.flat_map(|folder| enclosed::READ.map(|name| folder.join(name)));
    let is_special =
        |path: &PathBuf| path.symlink_metadata().is_ok_and(|it| !it.is_file() && !it.is_symlink() && !it.is_dir());
    match listed.special.or_else(|| files.into_iter().find(is_special)) {
        Some(path) => Err(not_regular(path.strip_prefix(&tree.top).unwrap_or(&path))),
        None => Ok(()),
    }
}

fn not_regular(path: &Path) -> GitError {
    failed(format!("`{}` isn't a regular file", path.display()))
}

fn failed(why: impl Into<String>) -> GitError {
    GitError::Failed(why.into())
}

impl From<TooManySteps> for GitError {
    fn from(_: TooManySteps) -> Self {
        failed("its .gitignore files take too long")
    }
}

impl WorkingTree {
    /// The working tree that a folder is part of.
    pub(super) fn of(root: &Path) -> Result<Self, GitError> {
        let found = root.ancestors().find_map(|top| Some((top, git_directory(top)?)));
        let (top, (own, common)) = found.ok_or_else(|| failed("it has no valid `.git`"))?;
        pinned(root)?;
        let settings = GitSettings::read(Some(&common));
        let index = own.join("index");
        let index = match plain(&index, index::MAX_BYTES) {
            Some(bytes) => {
                GitIndex::parse(&bytes, settings.sha256).map_err(|why| failed(format!("its index {why}")))?
            }
            None if index.symlink_metadata().is_err() => GitIndex::default(),
            None => return Err(failed("its index can't be read")),
        };
        let everywhere = settings.excludes_file().map(|file| top.join(file));
        let mut general = Vec::new();
        for file in everywhere.into_iter().chain([common.join("info/exclude")]) {
            if let Some(patterns) = patterns(&file, settings.fold)? {
                general.push((file, patterns));
            }
        }
        let (own, steps) = (RefCell::default(), Steps::default());
        Ok(Self { top: top.to_owned(), index, fold: settings.fold, general, own, steps })
    }

    /// What is listed of a folder of it; nothing if it is left out as a whole.
    pub(super) fn list(&self, root: &Path, ongoing: &Ongoing) -> Result<Option<Listed>, GitError> {
        let from_top = root.strip_prefix(&self.top).unwrap_or(Path::new(""));
        if !self.index.has_in(&bytes(from_top)) && self.left_out_by(from_top, true)?.is_some() {
            return Ok(None);
        }
        let mut listed = Listed::default();
        self.collect(from_top, Path::new(""), ongoing, &mut listed, 0)?;
        match &listed.special {
            Some(path) => Err(not_regular(path)),
            None => Ok(Some(listed)),
        }
    }

    /// Lists a folder, by its path from the top. What is found is put below `to`.
    fn collect(
        &self,
        folder: &Path,
        to: &Path,
        ongoing: &Ongoing,
        listed: &mut Listed,
        depth: usize,
    ) -> Result<(), GitError> {
        let root = self.top.join(folder);
        let mut result = Ok(());
        // Whether all in a folder on the way is left out.
        let mut above = vec![self.left_out_by(folder, true)?.is_some()];
        walk::walk(&root, ongoing, &mut |entry| {
            if result.is_err() || entry.real.file_name().is_some_and(|name| name == ".git") {
                return false;
            }
            above.truncate(entry.path.matches('/').count() + 1);
            let path = folder.join(&entry.real);
            let raw = bytes(&path);
            let is_folder = entry.kind == EntryKind::Directory;
            let by = if above.last() == Some(&true) { Ok(None) } else { self.says(&path, is_folder) };
            let by = by.unwrap_or_else(|why| {
                result = Err(why);
                None
            });
            let is_out = by.is_some() || above.last() == Some(&true);
            let is_kept = self.index.has(&raw) || is_folder && self.index.has_in(&raw);
            if let Some((file, line)) = by.filter(|_| depth == 0 && !is_kept && listed.left_out.len() < MAX_NAMED) {
                let path = entry.path.clone() + if is_folder { "/" } else { "" };
                listed.left_out.push((path, Place::line(shown(&file, &root), line)));
            }
            if !is_folder {
                let is_gits =
                    entry.real.file_name().is_some_and(|name| enclosed::READ.iter().any(|read| name == *read));
                if is_gits && entry.kind == EntryKind::Special && listed.special.is_none() {
                    listed.special = Some(to.join(&entry.real));
                }
                if entry.kind != EntryKind::Special && (!is_out || self.index.has(&raw)) {
                    listed.files.insert(to.join(&entry.real));
                }
                return false;
            }
            let is_tracked = self.index.has(&raw);
            let real = self.top.join(&path);
            if is_tracked || !is_out && real.join(".git").symlink_metadata().is_ok() && git_directory(&real).is_some() {
                if let Err(why) = inner(&real, &to.join(&entry.real), ongoing, listed, depth) {
                    result = Err(why);
                }
                return false;
            }
            above.push(is_out);
            !is_out || self.index.has_in(&raw)
        });
        result
    }

    /// The line that leaves a path from the top out: of it, or of a folder that it is in.
    fn left_out_by(&self, path: &Path, is_folder: bool) -> Result<Option<(PathBuf, u32)>, GitError> {
        let folders: Vec<&Path> = path.ancestors().collect();
        for above in folders.into_iter().rev().filter(|above| !above.as_os_str().is_empty()) {
            let found = self.says(above, is_folder || above != path)?;
            if found.is_some() {
                return Ok(found);
            }
        }
        Ok(None)
    }

    /// The line that leaves a path from the top out, if none of the folders above is left out.
    fn says(&self, path: &Path, is_folder: bool) -> Result<Option<(PathBuf, u32)>, GitError> {
        let by = |file: PathBuf, pattern: &GitPattern| (!pattern.negated).then_some((file, pattern.line));
        for folder in path.ancestors().skip(1) {
            let own = self.own(folder)?;
            let relative = bytes(path.strip_prefix(folder).unwrap_or(path));
            if let Some(pattern) = own.last_word(&relative, is_folder, &self.steps)? {
                return Ok(by(self.top.join(folder).join(".gitignore"), pattern));
            }
        }
        for (file, patterns) in self.general.iter().rev() {
            if let Some(pattern) = patterns.last_word(&bytes(path), is_folder, &self.steps)? {
                return Ok(by(file.clone(), pattern));
            }
        }
        Ok(None)
    }

    /// A folder's own patterns. Git follows no link of that name.
    fn own(&self, folder: &Path) -> Result<Rc<GitIgnore>, GitError> {
        if let Some(own) = self.own.borrow().get(folder) {
            return Ok(Rc::clone(own));
        }
        let file = self.top.join(folder).join(".gitignore");
        let is_file = fs::symlink_metadata(&file).is_ok_and(|found| found.is_file());
        let own = Rc::new(if is_file { patterns(&file, self.fold)?.unwrap_or_default() } else { GitIgnore::default() });
        self.own.borrow_mut().insert(folder.to_owned(), Rc::clone(&own));
        Ok(own)
    }

    /// The line that leaves a path of a folder out, with the file's path from there. A tracked path isn't left out.
    pub(super) fn line_that_leaves_out(&self, root: &Path, path: &str) -> Option<Place> {
        let from_top = root.strip_prefix(&self.top).unwrap_or(Path::new("")).join(path);
        let raw = bytes(&from_top);
        if self.index.has(&raw) || self.index.has_in(&raw) {
            return None;
        }
        let is_folder = root.join(path).symlink_metadata().is_ok_and(|found| found.is_dir());
        let (file, line) = self.left_out_by(&from_top, is_folder).ok()??;
        Some(Place::line(shown(&file, root), line))
    }
}

/// Lists a repository in the repository, or a folder that git tracks as if it were one, as the snapshot does.
fn inner(real: &Path, to: &Path, ongoing: &Ongoing, listed: &mut Listed, depth: usize) -> Result<(), GitError> {
    let is_own = real.join(".git").symlink_metadata().is_ok() && listed.inner < MAX_INNER && depth < MAX_DEPTH;
    listed.inner += usize::from(is_own);
    if let Some(tree) = is_own.then(|| WorkingTree::of(real)).and_then(Result::ok)
        && tree.top == real
    {
        return tree.collect(Path::new(""), to, ongoing, listed, depth + 1);
    }
    walk::walk(real, ongoing, &mut |entry| {
        let is_git = entry.real.file_name().is_some_and(|name| name == ".git");
        if !is_git && matches!(entry.kind, EntryKind::File | EntryKind::Link) {
            listed.files.insert(to.join(&entry.real));
        }
        !is_git
    });
    Ok(())
}

/// The patterns of a file; nothing if it is no regular file.
fn patterns(file: &Path, fold: bool) -> Result<Option<GitIgnore>, GitError> {
    if fs::metadata(file).is_ok_and(|found| found.is_file() && found.len() > gitignore::MAX_BYTES) {
        let most = gitignore::MAX_BYTES >> 20;
        return Err(failed(format!("{} is longer than {most} MiB", file.display())));
    }
    Ok(plain(file, gitignore::MAX_BYTES).map(|bytes| GitIgnore::parse(&bytes, fold)))
}

/// A path as git has it: bytes, with `/`.
fn bytes(path: &Path) -> Vec<u8> {
    let parts: Vec<&[u8]> = path.iter().map(std::ffi::OsStr::as_encoded_bytes).collect();
    parts.join(&b'/')
}

/// A file as a user of a folder would name it.
fn shown(file: &Path, root: &Path) -> String {
    if let Ok(inside) = file.strip_prefix(root) {
        return system::text(inside);
    }
    let above = root.ancestors().skip(1).zip(1..).find_map(|(folder, up)| Some((file.strip_prefix(folder).ok()?, up)));
    match above {
        Some((below, up)) if up <= 8 && file.file_name().is_some_and(|name| name == ".gitignore") => {
            "../".repeat(up) + &system::text(below)
        }
        _ => file.display().to_string(),
    }
}
