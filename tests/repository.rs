//! The learner's folder read as hostile input: single files, listings, git, the build context and the snapshot.

#![cfg(unix)] // links, modes and names that are no text
#![allow(clippy::unwrap_used)] // in helpers of tests too

#[path = "repository/context.rs"]
mod context;
#[path = "repository/folder.rs"]
mod folder;
#[path = "repository/git.rs"]
mod git;
#[path = "repository/gitignore.rs"]
mod gitignore;
#[path = "repository/gitignores.rs"]
mod gitignores;
#[path = "repository/snapshot.rs"]
mod snapshot;

use crate::common::write_all as write;
use grader::repository::{Repository, matches_glob};
use std::fs;
use std::path::Path;

/// A pipe that nobody writes to: opening it in the plain way would wait forever.
fn pipe(path: &Path) {
    assert!(std::process::Command::new("mkfifo").arg(path).status().unwrap().success());
}

#[test]
fn reads_files_inside_only() {
    let outer = tempfile::tempdir().unwrap();
    write(outer.path(), &[("secret", "s"), ("repo/Dockerfile", "FROM scratch\n"), ("repo/sub/file", "12345")]);
    let root = outer.path().join("repo");
    let link = |to: &str, name: &str| std::os::unix::fs::symlink(to, root.join(name)).unwrap();
    link("/etc/passwd", "passwd");
    link("../secret", "up");
    link("..", "outside");
    link("sub", "inside");
    link("Dockerfile", "same");
    link("loop", "loop");
    link("nothing", "dead");
    pipe(&root.join("pipe"));
    let repository = Repository::open(&root).unwrap();
    let read = |path: &str| repository.read(path, 100).map_err(|error| error.to_string());

    assert_eq!(read("Dockerfile").unwrap().as_deref(), Some(b"FROM scratch\n".as_slice()));
    assert_eq!(read("./inside/file").unwrap().as_deref(), Some(b"12345".as_slice()));
    assert_eq!(read("same").unwrap().as_deref(), Some(b"FROM scratch\n".as_slice()));
    assert_eq!(read("missing").unwrap(), None);
    assert_eq!(read("Dockerfile/missing").unwrap(), None);
    assert_eq!(read(&"long".repeat(100)).unwrap(), None);
    for (path, message) in [
        ("passwd", "passwd: is a link that leads out of the repository; put the file itself here"),
        ("up", "up: is a link that leads out of the repository; put the file itself here"),
        ("outside/secret", "outside/secret: is a link that leads out of the repository; put the file itself here"),
        ("../secret", "../secret: leads out of the repository; name a file inside of it"),
        ("sub/../../secret", "sub/../../secret: leads out of the repository; name a file inside of it"),
        ("/etc/passwd", "/etc/passwd: leads out of the repository; name a file inside of it"),
        ("a\0b", "a\0b: leads out of the repository; name a file inside of it"),
        ("loop", "loop: is a link that leads nowhere; put the file itself here"),
        ("dead", "dead: is a link that leads nowhere; put the file itself here"),
        ("loop/file", "loop/file: is a link that leads nowhere; put the file itself here"),
        ("sub", "sub: is a folder, not a file; put a plain file here"),
        ("pipe", "pipe: is a pipe or a device, not a file; put a plain file here"),
    ] {
        assert_eq!(read(path).unwrap_err(), message);
    }
    let long = repository.read("sub/file", 4).unwrap_err();
    assert!(long.is_learners());
    assert_eq!(long.to_string(), "sub/file: has 5 bytes, at most 4 are read; is it the right file?");
    assert!(repository.read("sub/file", 5).unwrap().is_some());
}

#[cfg(unix)]
#[test]
fn overwrites_files_inside_only_and_where_they_are() {
    use std::os::unix::fs::{MetadataExt, symlink};
    let (folder, outside) = (tempfile::tempdir().unwrap(), tempfile::tempdir().unwrap());
    write(folder.path(), &[("src/app.py", "Hello, world")]);
    write(outside.path(), &[("secret", "kept")]);
    symlink("src", folder.path().join("inner")).unwrap();
    symlink(outside.path(), folder.path().join("out")).unwrap();
    symlink(outside.path().join("secret"), folder.path().join("file")).unwrap();
    pipe(&folder.path().join("pipe"));
    let repository = Repository::open(folder.path()).unwrap();
    let app = repository.root().join("src/app.py");
    let before = app.metadata().unwrap().ino();
    repository.overwrite("inner/app.py", b"Bye").unwrap();
    assert_eq!(fs::read_to_string(&app).unwrap(), "Bye");
    assert_eq!(app.metadata().unwrap().ino(), before, "what has mounted it sees the change");
    for path in ["out/secret", "file", "../secret", "/etc/hostname", "pipe", "src", "", "none"] {
        assert!(repository.overwrite(path, b"changed").is_err(), "{path}");
    }
    assert_eq!(fs::read_to_string(outside.path().join("secret")).unwrap(), "kept");
}

#[test]
fn opens_folders_only() {
    let folder = tempfile::tempdir().unwrap();
    write(folder.path(), &[("file", "")]);
    let message = |name: &str| Repository::open(folder.path().join(name)).unwrap_err().to_string();
    assert!(
        message("missing").ends_with("missing: there is no such folder; give the folder that your Dockerfile is in")
    );
    assert!(message("file").ends_with("file: this is not a folder; give the folder that your Dockerfile is in"));
    assert!(message("file/below").ends_with("below: this is not a folder; give the folder that your Dockerfile is in"));
    let link = folder.path().join("link");
    std::os::unix::fs::symlink(folder.path(), &link).unwrap();
    assert_eq!(Repository::open(link).unwrap().root(), folder.path().canonicalize().unwrap());
}

#[test]
fn given_files_are_named_by_patterns() {
    let given = ["src/**", "requirements.txt", "!src/notes.md"];
    let matches = |path| matches_glob(given, path);
    assert!(matches("src/app.py"));
    assert!(matches("src/lib/a/b.py"));
    assert!(matches("requirements.txt"));
    assert!(!matches("src/notes.md"));
    assert!(!matches("Dockerfile"));
    assert!(!matches("lib/requirements.txt"));
    assert!(!matches_glob([], "a"));
}
