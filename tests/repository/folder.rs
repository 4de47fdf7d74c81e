//! Listing a folder.

use super::{pipe, write};
use grader::repository::{EntryKind, MAX_DEPTH, Repository};
use std::ffi::OsStr;
use std::fs;
use std::os::unix::ffi::OsStrExt;
use std::os::unix::fs::{PermissionsExt, symlink};

#[test]
fn lists_everything_and_follows_nothing() {
    let folder = tempfile::tempdir().unwrap();
    let root = folder.path();
    write(root, &[("b/c.txt", "12345"), ("a", "1"), (".git/config", "x"), ("sub/.git", "x"), ("new\nline", "")]);
    fs::write(root.join(OsStr::from_bytes(b"caf\xE9")), "12").unwrap();
    fs::set_permissions(root.join("a"), fs::Permissions::from_mode(0o4750)).unwrap();
    symlink("/etc", root.join("etc")).unwrap();
    symlink(".", root.join("b/loop")).unwrap();
    pipe(&root.join("pipe"));
    let listing = Repository::open(root).unwrap().files();
    let found: Vec<_> = listing.entries.iter().map(|entry| (entry.path.as_str(), entry.kind, entry.size)).collect();
    assert_eq!(
        found,
        [
            ("a", EntryKind::File, 1),
            ("b", EntryKind::Directory, 0),
            ("b/c.txt", EntryKind::File, 5),
            ("b/loop", EntryKind::Link, 0),
            ("caf\u{FFFD}", EntryKind::File, 2),
            ("etc", EntryKind::Link, 0),
            ("new\nline", EntryKind::File, 0),
            ("pipe", EntryKind::Special, 0),
            ("sub", EntryKind::Directory, 0),
        ]
    );
    assert_eq!(listing.entries[0].mode, 0o750);
    assert_eq!(listing.bytes(), 8);
    assert_eq!(listing.paths().collect::<Vec<_>>(), ["a", "b/c.txt", "b/loop", "caf\u{FFFD}", "etc", "new\nline"]);
    assert_eq!((listing.unreadable.len(), listing.truncated), (0, None));
}

#[test]
fn ends_at_its_depth() {
    let folder = tempfile::tempdir().unwrap();
    let deep = "d/".repeat(MAX_DEPTH + 5);
    fs::create_dir_all(folder.path().join(&deep)).unwrap();
    let listing = Repository::open(folder.path()).unwrap().files();
    assert_eq!(listing.entries.len(), MAX_DEPTH);
    assert_eq!(listing.truncated.as_deref(), Some("64 folders deep"));
}

#[test]
fn passes_over_what_it_may_not_read() {
    let folder = tempfile::tempdir().unwrap();
    write(folder.path(), &[("closed/file", "x"), ("open", "x")]);
    let closed = folder.path().join("closed");
    fs::set_permissions(&closed, fs::Permissions::from_mode(0o000)).unwrap();
    let may_read = fs::read_dir(&closed).is_ok(); // root may
    let listing = Repository::open(folder.path()).unwrap().files();
    fs::set_permissions(&closed, fs::Permissions::from_mode(0o700)).unwrap();
    assert_eq!(listing.unreadable, if may_read { vec![] } else { vec!["closed".to_owned()] });
    assert!(listing.paths().any(|path| path == "open"));
}
