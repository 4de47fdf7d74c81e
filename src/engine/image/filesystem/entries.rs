//! Looks for files by patterns, in an image or in a container; links are told, not followed.

use super::{Filesystem, LINKS, beside};
use crate::engine::image::stream;
use crate::engine::image::stream::StreamError;
use bollard::query_parameters::DownloadFromContainerOptions;
use regex::Regex;
use std::collections::BTreeMap;
use std::io::{self, Read};

/// The most files that are found.
pub const MOST_FOUND: usize = 1_000;
/// The most files that are read.
pub const MOST_READ: usize = 20;
/// The most bytes of a file that is read.
pub const MOST_TEXT: u64 = 64 << 10;
/// What Docker itself puts into every container.
const DOCKERS: [&str; 8] = [
    "/.dockerenv",
    "/dev/console",
    "/dev/pts",
    "/dev/shm",
    "/etc/hostname",
    "/etc/hosts",
    "/etc/mtab",
    "/etc/resolv.conf",
];

/// One thing that was found.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct FoundEntry {
    /// Its path, from `/`, as the pattern names it.
    pub path: String,
    /// What it is.
    pub kind: FoundKind,
    /// Who may do what with it.
    pub mode: u32,
    /// The number of its owner.
    pub uid: u64,
    /// How many bytes it has.
    pub size: u64,
    /// Its text, if it is a file that was read.
    pub text: Text,
}

/// What lies at a path.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum FoundKind {
    /// A file.
    File,
    /// A folder.
    Folder,
    /// A symbolic link.
    Link,
    /// A device, a pipe or a socket.
    Other,
}

/// The text of a file.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum Text {
    /// It was read.
    Read(String),
    /// It was not, and why.
    Unread(&'static str),
}

/// What fits the patterns.
#[derive(Debug, Clone, Default, PartialEq, Eq)]
pub struct Entries {
    /// By their paths.
    pub found: BTreeMap<String, FoundEntry>,
    /// Whether there is more than was kept.
    pub is_cut: bool,
}

impl Filesystem<'_> {
    /// What fits a pattern: a path from `/`, in which `*` stands for anything but `/`, `**` for anything.
    pub async fn entries(&self, pattern: &str) -> Result<Entries, StreamError> {
        let pattern = pattern.trim_end_matches('/');
        let (folder, shape) = (literal(pattern).to_owned(), shape(pattern));
        let doing = format!("look for {pattern}");
        let skips_dockers = !self.runs;
        if is_anywhere(pattern) {
            return self.anywhere(&doing, shape).await;
        }
        // From the nearest folder on, with what is mounted there; a link to it is followed as the system would.
        let exact = !pattern.contains('*');
        let mut real = if exact { pattern.to_owned() } else { folder.clone() };
        for _ in 0..LINKS {
            let options =
                DownloadFromContainerOptions { path: if real.is_empty() { "/".into() } else { real.clone() } };
            let archive = self.engine.docker.download_from_container(&self.container, Some(options));
            let search = Search {
                shape: shape.clone(),
                found: Entries::default(),
                skips_dockers,
                folder: folder.clone(),
                exact,
            };
            match stream::read(&doing, archive, move |tar| search.below(tar)).await {
                Ok(Below::Found(entries)) => return Ok(entries),
                Ok(Below::Link(target)) => real = beside(&real, &target),
                Err(error) if error.is_missing() => break,
                Err(error) => return Err(error),
            }
        }
        Ok(Entries::default())
    }

    /// What fits any of several patterns, all of which need the whole filesystem: it is read once.
    pub async fn entries_of_any(&self, patterns: &[&str]) -> Result<Entries, StreamError> {
        let shapes: Vec<String> =
            patterns.iter().filter_map(|pattern| shape(pattern)).map(|it| format!("(?s:{it})")).collect();
        let any = Regex::new(&shapes.join("|")).ok().filter(|_| !shapes.is_empty());
        self.anywhere(&format!("look for {}", patterns.join(" ")), any).await
    }

    async fn anywhere(&self, doing: &str, shape: Option<Regex>) -> Result<Entries, StreamError> {
        let (folder, found) = (String::new(), Entries::default());
        let search = Search { shape, found, skips_dockers: !self.runs, folder, exact: false };
        let export = self.engine.docker.export_container(&self.container);
        stream::read(doing, export, move |tar| search.of(tar)).await
    }
}

/// Whether a pattern can fit in any folder.
pub fn is_anywhere(pattern: &str) -> bool {
    let pattern = pattern.trim_end_matches('/');
    literal(pattern).is_empty() && pattern.contains('*')
}

/// Whether a path fits a pattern.
pub fn fits(pattern: &str, path: &str) -> bool {
    shape(pattern.trim_end_matches('/')).is_some_and(|shape| shape.is_match(path))
}

/// The folders at the start of a pattern that hold no `*`.
fn literal(pattern: &str) -> &str {
    let end = pattern.find('*').unwrap_or(pattern.len());
    let start = pattern.get(..end).unwrap_or_default();
    start.rsplit_once('/').map_or("", |(folder, _)| folder)
}

/// A pattern as a regular expression for whole paths; `None` if it can't be one, and nothing fits it.
fn shape(pattern: &str) -> Option<Regex> {
    let mut text = String::from("^");
    let mut rest = pattern;
    while let Some(at) = rest.find('*') {
        text.push_str(&regex::escape(rest.get(..at).unwrap_or_default()));
        let stars = rest.get(at..).unwrap_or_default();
        let after = stars.trim_start_matches('*');
        let many = stars.len() - after.len() > 1;
        rest = match after.strip_prefix('/') {
            // `**/` is no folder as well.
            Some(below) if many && (text.ends_with('/') || text == "^") => {
                text.push_str("(?:.*/)?");
                below
            }
            _ => {
                text.push_str(if many { ".*" } else { "[^/]*" });
                after
            }
        };
    }
    text.push_str(&regex::escape(rest));
    text.push('$');
    regex::RegexBuilder::new(&text).dot_matches_new_line(true).build().ok()
}

/// What lies below a folder.
enum Below {
    Found(Entries),
    /// The folder is a link to this.
    Link(String),
}

struct Search {
    shape: Option<Regex>,
    found: Entries,
    skips_dockers: bool,
    /// The folder whose archive is read, as the pattern names it.
    folder: String,
    /// Whether only the first entry is asked for.
    exact: bool,
}

impl Search {
    /// An archive of everything.
    fn of(mut self, tar: impl Read) -> io::Result<Entries> {
        let mut archive = tar::Archive::new(tar);
        for entry in archive.entries()? {
            let mut entry = entry?;
            let path = entry.path()?.to_string_lossy().trim_matches('/').to_owned();
            let path = format!("/{}", path.strip_prefix("./").unwrap_or(&path));
            if !self.take(path, &mut entry)? {
                break;
            }
        }
        Ok(self.found)
    }

    /// The archive of a folder, whose first part is the folder's own name.
    fn below(mut self, tar: impl Read) -> io::Result<Below> {
        let mut archive = tar::Archive::new(tar);
        for (index, entry) in archive.entries()?.enumerate() {
            let mut entry = entry?;
            let path = entry.path()?.to_string_lossy().trim_matches('/').to_owned();
            if index == 0 && !self.exact && entry.header().entry_type().is_symlink() {
                let target = entry.link_name()?.map(|target| target.to_string_lossy().into_owned());
                return Ok(target.map_or(Below::Found(self.found.clone()), Below::Link));
            }
            let inner = match path.split_once('/') {
                _ if self.exact => format!("/{path}"),
                None => String::new(),
                Some((_, inner)) => format!("/{inner}"),
            };
            let path = format!("{}{inner}", self.folder);
            if !self.take(path, &mut entry)? || self.exact {
                break;
            }
        }
        Ok(Below::Found(self.found))
    }

    /// Keeps an entry that fits; `false` when there are enough.
    fn take(&mut self, path: String, entry: &mut tar::Entry<'_, impl Read>) -> io::Result<bool> {
        let fits = self.shape.as_ref().is_some_and(|shape| shape.is_match(&path));
        if !fits || self.found.found.contains_key(&path) || self.skips_dockers && DOCKERS.contains(&path.as_str()) {
            return Ok(true);
        }
        if self.found.found.len() >= MOST_FOUND {
            self.found.is_cut = true;
            return Ok(false);
        }
        let header = entry.header().clone();
        let kind = match header.entry_type() {
            tar::EntryType::Regular | tar::EntryType::Continuous | tar::EntryType::Link => FoundKind::File,
            tar::EntryType::Directory => FoundKind::Folder,
            tar::EntryType::Symlink => FoundKind::Link,
            _ => FoundKind::Other,
        };
        let read = self.found.found.values().filter(|entry| matches!(entry.text, Text::Read(_))).count();
        let text = match kind {
            FoundKind::File if header.entry_type() == tar::EntryType::Link => {
                Text::Unread("another name of the same file stands before it")
            }
            FoundKind::File if entry.size() > MOST_TEXT => Text::Unread("it has more than 64 KiB"),
            FoundKind::File if read >= MOST_READ => Text::Unread("only the first 20 files that fit are read"),
            FoundKind::File => {
                let mut bytes = Vec::new();
                entry.take(MOST_TEXT).read_to_end(&mut bytes)?;
                String::from_utf8(bytes).map_or(Text::Unread("it is no text"), Text::Read)
            }
            FoundKind::Folder | FoundKind::Link | FoundKind::Other => Text::Unread("it is no file"),
        };
        let (mode, uid, size) = (header.mode()? & 0o7777, header.uid()?, entry.size());
        self.found.found.insert(path.clone(), FoundEntry { path, kind, mode, uid, size, text });
        Ok(true)
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn one_star_stays_in_its_folder_and_two_do_not() {
        for (pattern, path, fits) in [
            ("/usr/bin/gcc*", "/usr/bin/gcc", true),
            ("/usr/bin/gcc*", "/usr/bin/gcc-12", true),
            ("/usr/bin/gcc*", "/usr/bin/gcc/x", false),
            ("/usr/*/gcc", "/usr/bin/gcc", true),
            ("/usr/*/gcc", "/usr/a/b/gcc", false),
            ("/usr/**/gcc", "/usr/a/b/gcc", true),
            ("/usr/**/gcc", "/usr/gcc", true),
            ("/**/*.pyc", "/a.pyc", true),
            ("/**/*.pyc", "/a/b/c.pyc", true),
            ("/**/*.pyc", "/a/b/c.py", false),
            ("/app/**", "/app/x/y", true),
            ("/app/**", "/apple", false),
            ("/a.b", "/a.b", true),
            ("/a.b", "/axb", false),
            ("/a[1]*", "/a[1]x", true),
            ("/a**b", "/a/x/b", true),
            ("/line*", "/line\nbreak", true),
        ] {
            assert_eq!(shape(pattern).unwrap().is_match(path), fits, "{pattern} {path}");
        }
    }

    #[test]
    fn only_the_nearest_folder_is_read() {
        for (pattern, folder) in [
            ("/usr/bin/gcc*", "/usr/bin"),
            ("/usr/*/gcc", "/usr"),
            ("/**", ""),
            ("/root/.cache/pip", "/root/.cache"),
            ("/x", ""),
        ] {
            assert_eq!(literal(pattern), folder, "{pattern}");
        }
    }

    fn archive(files: &[(&str, &[u8])]) -> Vec<u8> {
        let mut builder = tar::Builder::new(Vec::new());
        for (path, bytes) in files {
            let mut header = tar::Header::new_gnu();
            header.set_size(bytes.len() as u64);
            header.set_mode(0o100_640);
            header.set_uid(7);
            builder.append_data(&mut header, path, *bytes).unwrap();
        }
        builder.into_inner().unwrap()
    }

    fn search(pattern: &str, skips_dockers: bool) -> Search {
        let (shape, folder) = (shape(pattern), literal(pattern).to_owned());
        Search { shape, found: Entries::default(), skips_dockers, folder, exact: false }
    }

    #[test]
    fn what_docker_adds_is_not_the_images() {
        let tar = archive(&[(".dockerenv", b""), ("etc/hosts", b""), ("etc/passwd", b"root:x:0:0")]);
        let found = |skips| search("/**", skips).of(&tar[..]).unwrap().found.into_keys().collect::<Vec<_>>();
        assert_eq!(found(true), ["/etc/passwd"]);
        assert_eq!(found(false), ["/.dockerenv", "/etc/hosts", "/etc/passwd"]);
    }

    #[test]
    fn bounds_are_kept() {
        let names: Vec<String> = (0..1100).map(|n| format!("a/{n:04}")).collect();
        let files: Vec<(&str, &[u8])> = names.iter().map(|name| (name.as_str(), &b"x"[..])).collect();
        let found = search("/**", true).of(&archive(&files)[..]).unwrap();
        assert_eq!((found.found.len(), found.is_cut), (MOST_FOUND, true));
        let read = found.found.values().filter(|entry| entry.text == Text::Read("x".into())).count();
        assert_eq!(read, MOST_READ);
        let large = vec![b'x'; 70_000];
        let found = search("/**", true).of(&archive(&[("large", &large), ("bytes", &[0xff, 0xfe])])[..]).unwrap();
        let entry = |path: &str| found.found[path].clone();
        assert_eq!(entry("/large").text, Text::Unread("it has more than 64 KiB"));
        assert_eq!((entry("/large").size, entry("/large").mode, entry("/large").uid), (70_000, 0o640, 7));
        assert_eq!(entry("/bytes").text, Text::Unread("it is no text"));
    }
}
