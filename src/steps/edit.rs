//! `edit:` changes a file of the graded copy, for as long as the check's steps go on. Where the stack runs on that copy
//! and the check does not, it has a copy of its own.

use super::{Bench, NotDone};
use crate::facts::Facts;
use crate::place::Place;
use crate::repository::{Repository, Snapshot};
use std::path::{Path, PathBuf};
use tokio::task::spawn_blocking;
use tokio::time::Instant;

/// The longest file that is changed.
const MAX_FILE: u64 = 1 << 20;

/// A file that was changed.
#[derive(Debug)]
pub(crate) struct Edited {
    root: PathBuf,
    file: String,
    before: Vec<u8>,
}

impl Bench<'_> {
    pub(super) async fn edit(&mut self, file: &str, replace: &str, with: &str) -> Result<Facts, NotDone> {
        let begin = Instant::now();
        (self.doing)(format!("edit {file}"));
        let root = match &self.stack {
            Some(_) => self.ground.ok_or_else(no_files)?.reading.graded.root().to_owned(),
            None => self.copy().await?,
        };
        let before = text(&root, file)?;
        let after = before.replace(replace, with);
        if !before.contains(replace) {
            return Err(NotDone::learners(Place::file(file), format!("{file} holds no `{replace}`")));
        }
        for (root, path) in self.mounted(&root, file) {
            let before = read(&root, &path, file, MAX_FILE)?;
            overwrite(&root, &path, after.as_bytes())?;
            self.made.edits.push(Edited { root, file: path, before });
        }
        self.made.changed.insert(file.to_owned(), after.into_bytes());
        let mut facts = Facts::default();
        facts.put("seconds", begin.elapsed());
        Ok(facts)
    }

    /// Puts all files back, the last change first.
    pub(super) fn undo_edits(&mut self) {
        for edited in self.made.edits.drain(..).rev() {
            // What a container has taken away can't be put back; the copy is gone at the end of the run anyway.
            let _ = overwrite(&edited.root, &edited.file, &edited.before);
        }
        self.made.changed.clear();
    }

    /// The file, and the copies of it that services mount.
    fn mounted(&self, root: &Path, file: &str) -> Vec<(PathBuf, String)> {
        let mut found = vec![(root.to_owned(), file.to_owned())];
        let copies = self.stack.as_deref().map(crate::engine::stack::Stack::copies).unwrap_or_default();
        let Ok(real) = root.join(file).canonicalize() else { return found };
        for (from, to) in copies {
            let Ok(rest) = real.strip_prefix(from) else { continue };
            let whole = if rest.as_os_str().is_empty() { to.clone() } else { to.join(rest) };
            let folder = if to.is_dir() { Some(to.as_path()) } else { to.parent() };
            let path = folder.and_then(|folder| Some((folder, whole.strip_prefix(folder).ok()?.to_str()?)));
            found.extend(path.map(|(folder, path)| (folder.to_owned(), path.to_owned())));
        }
        found
    }

    /// That copy, with what was edited so far.
    pub(super) async fn copy_as_it_is(&mut self) -> Result<PathBuf, NotDone> {
        let root = self.copy().await?;
        for (file, bytes) in &self.made.changed {
            overwrite(&root, file, bytes)?;
        }
        Ok(root)
    }

    /// A copy of the graded files as they were before anything ran, which no container sees; one for all of the check's
    /// steps.
    pub(super) async fn copy(&mut self) -> Result<PathBuf, NotDone> {
        if let Some(copy) = &self.made.copy {
            return Ok(copy.dir().to_owned());
        }
        let pristine = match self.ground.ok_or_else(no_files)?.pristine {
            Some(Ok(pristine)) => pristine.dir().to_owned(),
            Some(Err(why)) => return Err(NotDone::machines(why.clone())),
            None => return Err(no_files()),
        };
        let copied = spawn_blocking(move || {
            let pristine = Repository::open(pristine).map_err(|error| error.to_string())?;
            Snapshot::take(&pristine, None).map_err(|error| error.to_string())
        });
        let copied = copied.await.map_err(|error| NotDone::machines(error.to_string()))?;
        let copy = copied.map_err(NotDone::Machine)?;
        let dir = copy.dir().to_owned();
        self.made.copy = Some(copy);
        Ok(dir)
    }
}

fn no_files() -> NotDone {
    NotDone::machines("there are no files that could be changed")
}

/// The bytes of a file; `named` is what it is called in what is told.
pub(super) fn read(root: &Path, path: &str, named: &str, longest: u64) -> Result<Vec<u8>, NotDone> {
    let repository = Repository::open(root).map_err(|error| NotDone::machines(error.to_string()))?;
    match repository.read(path, longest) {
        Ok(Some(bytes)) => Ok(bytes),
        Ok(None) => Err(NotDone::learners(Place::file(named), format!("there is no file {named}"))),
        Err(error) if error.is_learners() => Err(NotDone::learners(Place::file(named), error.to_string())),
        Err(error) => Err(NotDone::machines(error.to_string())),
    }
}

fn text(root: &Path, file: &str) -> Result<String, NotDone> {
    String::from_utf8(read(root, file, file, MAX_FILE)?)
        .map_err(|_| NotDone::learners(Place::file(file), format!("{file} is no text")))
}

pub(super) fn overwrite(root: &Path, path: &str, bytes: &[u8]) -> Result<(), NotDone> {
    let repository = Repository::open(root).map_err(|error| NotDone::machines(error.to_string()))?;
    repository
        .overwrite(path, bytes)
        .map_err(|error| NotDone::machines(format!("{path} could not be changed: {error}")))
}
