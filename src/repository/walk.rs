//! Walks a folder within bounds: links are not followed, what can't be read is noted and passed over.

use super::{Ongoing, system};
use std::path::{Path, PathBuf};

/// The most files and folders that a walk takes in.
pub const MAX_ENTRIES: usize = 200_000;
/// How many folders deep a walk goes.
pub const MAX_DEPTH: usize = 64;

/// What kind of thing an entry is.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum EntryKind {
    /// A regular file.
    File,
    /// A folder.
    Directory,
    /// A symbolic link, wherever it leads.
    Link,
    /// A pipe, a device or a socket.
    Special,
}

/// One thing in a folder.
#[derive(Debug, Clone)]
pub struct FolderEntry {
    /// Its path relative to the folder, with `/`; what is not UTF-8 is replaced.
    pub path: String,
    /// The same as the system has it.
    pub real: PathBuf,
    /// What it is.
    pub kind: EntryKind,
    /// The bytes of a regular file, otherwise 0.
    pub size: u64,
    /// Its permission bits.
    pub mode: u32,
}

/// What a walk found.
#[derive(Debug, Clone, Default)]
pub struct Listing {
    /// Everything, each folder before what lies in it, by name.
    pub entries: Vec<FolderEntry>,
    /// What could not be looked at.
    pub unreadable: Vec<String>,
    /// The bound at which the walk ended early, as a sentence's part: `200000 files and folders`.
    pub truncated: Option<String>,
}

impl Listing {
    /// The paths of the files and links.
    pub fn paths(&self) -> impl Iterator<Item = &str> {
        let is_file = |entry: &&FolderEntry| matches!(entry.kind, EntryKind::File | EntryKind::Link);
        self.entries.iter().filter(is_file).map(|entry| entry.path.as_str())
    }

    /// The bytes of all regular files.
    pub fn bytes(&self) -> u64 {
        self.entries.iter().map(|entry| entry.size).sum()
    }
}

/// Shows every entry to `visit`, which says of a folder whether to look into it. The listing's entries are left to it.
/// What is stopped ends early without a word: nobody reads it.
pub(super) fn walk(root: &Path, ongoing: &Ongoing, visit: &mut dyn FnMut(&FolderEntry) -> bool) -> Listing {
    let mut walk = RepositoryWalk { root, ongoing, visit, left: MAX_ENTRIES, listing: Listing::default() };
    walk.folder(Path::new(""), 0);
    walk.listing
}

struct RepositoryWalk<'a> {
    root: &'a Path,
    ongoing: &'a Ongoing,
    visit: &'a mut dyn FnMut(&FolderEntry) -> bool,
    left: usize,
    listing: Listing,
}

impl RepositoryWalk<'_> {
    fn folder(&mut self, folder: &Path, depth: usize) {
        if depth == MAX_DEPTH {
            self.listing.truncated.get_or_insert(format!("{MAX_DEPTH} folders deep"));
            return;
        }
        let Ok(found) = std::fs::read_dir(self.root.join(folder)) else {
            self.listing.unreadable.push(system::text(folder));
            return;
        };
        let mut names = Vec::new();
        for entry in found {
            match entry {
                _ if self.ongoing.is_stopped() => return,
                Ok(_) if names.len() == self.left => {
                    self.listing.truncated.get_or_insert(format!("{MAX_ENTRIES} files and folders"));
                    break;
                }
                Ok(entry) => names.push(entry.file_name()),
                Err(_) => self.listing.unreadable.push(system::text(folder)),
            }
        }
        self.left -= names.len();
        names.sort();
        for name in names {
            if self.ongoing.is_stopped() {
                return;
            }
            let real = folder.join(name);
            match entry(self.root, real) {
                Ok(entry) => {
                    if (self.visit)(&entry) && entry.kind == EntryKind::Directory {
                        self.folder(&entry.real, depth + 1);
                    }
                }
                Err(real) => self.listing.unreadable.push(system::text(&real)),
            }
        }
    }
}

/// Looks at one thing, without following it; the path back if that fails.
pub(super) fn entry(root: &Path, real: PathBuf) -> Result<FolderEntry, PathBuf> {
    let Ok(metadata) = root.join(&real).symlink_metadata() else { return Err(real) };
    let kind = match metadata.file_type() {
        kind if kind.is_file() => EntryKind::File,
        kind if kind.is_dir() => EntryKind::Directory,
        kind if kind.is_symlink() => EntryKind::Link,
        _ => EntryKind::Special,
    };
    let size = if kind == EntryKind::File { metadata.len() } else { 0 };
    Ok(FolderEntry { path: system::text(&real), real, kind, size, mode: system::mode(&metadata) })
}
