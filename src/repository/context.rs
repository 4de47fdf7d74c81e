//! The build context: what Docker would send to the builder, and what `.dockerignore` keeps back.

use super::walk::{self, EntryKind};
use super::{ReadError, Repository};
use crate::dockerignore::{self, Ignore, MAX_BYTES, Matched};
use std::path::Path;

/// How much matching is spent on one context: about a second.
const MAX_STEPS: u64 = 100_000_000;

/// What Docker would send.
#[derive(Debug, Clone, Default)]
pub struct Context {
    /// The files and links that are sent, relative to the context, with `/`; folders are not listed.
    pub files: Vec<String>,
    /// The bytes of the regular files among them.
    pub bytes: u64,
    /// How many files and links are kept back.
    pub ignored: usize,
    /// The bytes of the regular files among those.
    pub ignored_bytes: u64,
    /// What could not be looked at; Docker would stop at it.
    pub unreadable: Vec<String>,
    /// The bound at which the walk ended early.
    pub truncated: Option<String>,
}

/// Why there is no context: Docker would stop as well.
#[derive(Debug, thiserror::Error)]
pub enum ContextError {
    /// The context is no folder, or not in the repository.
    #[error("{0}: the build context has to be a folder of the repository")]
    NotAFolder(String),
    /// Docker refuses the ignore file.
    #[error(".dockerignore {0}")]
    Refused(#[from] dockerignore::Error),
}

/// Reads a file by its path in the repository, up to a length; nothing if it is not there.
pub type ReadFile<'a> = &'a dyn Fn(&str, u64) -> Result<Option<Vec<u8>>, ReadError>;

impl Context {
    /// The ignore file that Docker reads for a Dockerfile (a path in the repository) and a context: its path and bytes.
    /// `<Dockerfile>.dockerignore` wins over the one at the context's root, even if it is empty.
    pub fn ignore_file(
        repository: &Repository,
        context: &str,
        dockerfile: &str,
    ) -> Result<Option<(String, Vec<u8>)>, ReadError> {
        Self::ignore_file_by(&|path, longest| repository.read(path, longest), context, dockerfile)
    }

    /// The paths at which Docker looks for it, in their order.
    pub fn ignore_files(context: &str, dockerfile: &str) -> [String; 2] {
        let context = context.trim_start_matches("./").trim_end_matches('/');
        let root = if matches!(context, "" | ".") { String::new() } else { format!("{context}/") };
        [format!("{dockerfile}.dockerignore"), format!("{root}.dockerignore")]
    }

    /// The same, of files that are read in another way.
    pub fn ignore_file_by(
        read: ReadFile<'_>,
        context: &str,
        dockerfile: &str,
    ) -> Result<Option<(String, Vec<u8>)>, ReadError> {
        for path in Self::ignore_files(context, dockerfile) {
            if let Some(bytes) = read(&path, MAX_BYTES as u64)? {
                return Ok(Some((path, bytes)));
            }
        }
        Ok(None)
    }

    /// Walks a context, a folder of the repository, as `BuildKit` does.
    pub fn of(repository: &Repository, context: &str, ignore: &Ignore) -> Result<Self, ContextError> {
        let not_a_folder = || ContextError::NotAFolder(context.to_owned());
        let folder = repository.root().join(Path::new(context)).canonicalize().map_err(|_| not_a_folder())?;
        if !folder.starts_with(repository.root()) || !folder.is_dir() {
            return Err(not_a_folder());
        }
        let mut found = Self::default();
        let mut refused = ignore.refusal().cloned();
        let mut steps = MAX_STEPS;
        // what the patterns said of the folders on the way; none where all in it is kept back
        let mut above: Vec<Option<Matched>> = vec![Some(Matched::default())];
        let listing = walk::walk(&folder, repository.ongoing(), &mut |entry| {
            if refused.is_some() || steps == 0 {
                return false;
            }
            above.truncate(entry.path.matches('/').count() + 1);
            let said = match above.last() {
                Some(Some(parent)) => match ignore.step(&entry.path, parent, &mut steps) {
                    Ok((by, matched)) => Some((by.is_some(), matched)),
                    Err(error) => {
                        refused = Some(error);
                        return false;
                    }
                },
                _ => None,
            };
            let kept_back = said.as_ref().is_none_or(|(kept_back, _)| *kept_back);
            match entry.kind {
                EntryKind::Directory => {
                    let look = |&(kept_back, _): &(bool, _)| !kept_back || ignore.looks_into(&entry.path);
                    above.push(said.filter(look).map(|(_, matched)| matched));
                }
                EntryKind::File | EntryKind::Link if kept_back => {
                    found.ignored += 1;
                    found.ignored_bytes += entry.size;
                }
                EntryKind::File | EntryKind::Link => {
                    found.bytes += entry.size;
                    found.files.push(entry.path.clone());
                }
                EntryKind::Special => {}
            }
            true
        });
        found.unreadable = listing.unreadable;
        found.truncated = listing.truncated;
        match refused {
            _ if steps == 0 => found.truncated = Some("as many steps as matching may take".to_owned()),
            Some(error) => return Err(error.into()),
            None => {}
        }
        Ok(found)
    }
}
