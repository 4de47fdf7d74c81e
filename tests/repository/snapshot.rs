//! The copy that is graded.

use super::git::{committed, git};
use super::{pipe, write};
use grader::repository::{Repository, Snapshot};
use std::fs::{self, File};
use std::os::unix::fs::{PermissionsExt, symlink};
use std::path::Path;

fn take(root: &Path) -> Snapshot {
    let repository = Repository::open(root).unwrap();
    let git = repository.git().unwrap();
    Snapshot::take(&repository, git.as_ref()).unwrap()
}

fn sorted(snapshot: &Snapshot) -> Vec<&str> {
    let mut files: Vec<_> = snapshot.files.iter().map(String::as_str).collect();
    files.sort_unstable();
    files
}

fn mode(path: &Path) -> u32 {
    path.metadata().unwrap().permissions().mode() & 0o7777
}

#[test]
fn copies_a_folder_without_git() {
    let folder = tempfile::tempdir().unwrap();
    let root = folder.path().join("repo");
    write(&root, &[("Dockerfile", "FROM scratch\n"), ("src/app.py", "12"), ("sub/.git/x", ""), ("new\nline", "1")]);
    let set = |name: &str, mode| fs::set_permissions(root.join(name), fs::Permissions::from_mode(mode)).unwrap();
    set("src/app.py", 0o4555);
    set("src", 0o555);
    fs::create_dir(root.join("empty")).unwrap();
    symlink("src/app.py", root.join("inside")).unwrap();
    symlink("/etc/passwd", root.join("passwd")).unwrap();
    symlink(root.join("Dockerfile"), root.join("absolute")).unwrap();
    symlink("../../repo/Dockerfile", root.join("sub/around")).unwrap();
    symlink("../nothing", root.join("up")).unwrap();
    symlink("loop", root.join("loop")).unwrap();
    pipe(&root.join("pipe"));
    let snapshot = take(&root);
    let dir = snapshot.dir().to_owned();
    assert_eq!(
        sorted(&snapshot),
        ["Dockerfile", "absolute", "inside", "loop", "new\nline", "passwd", "src/app.py", "sub/around", "up"]
    );
    assert_eq!(snapshot.outside_links, ["absolute", "passwd", "sub/around", "up"]);
    assert_eq!((snapshot.special.as_slice(), snapshot.bytes), (["pipe".to_owned()].as_slice(), 16));
    assert_eq!(fs::read_link(dir.join("passwd")).unwrap(), Path::new("/etc/passwd"));
    assert_eq!(fs::read(dir.join("inside")).unwrap(), b"12");
    assert_eq!((mode(&dir.join("src/app.py")), mode(&dir.join("src"))), (0o555, 0o755));
    assert_eq!(mode(&dir), mode(&root) | 0o700);
    assert_eq!(mode(dir.parent().unwrap()), 0o700);
    assert!(dir.join("empty").is_dir());
    assert!(!dir.join("sub/.git").exists());

    // goes, folders without permissions too
    fs::create_dir_all(dir.join("made/by/container")).unwrap();
    fs::set_permissions(dir.join("made"), fs::Permissions::from_mode(0o000)).unwrap();
    drop(snapshot);
    assert!(!dir.exists() && !dir.parent().unwrap().exists());
    assert!(!dir.parent().unwrap().with_extension("lock").exists());
    set("src", 0o755);
}

#[test]
fn copies_what_git_does_not_ignore() {
    let folder = tempfile::tempdir().unwrap();
    let root = folder.path();
    committed(
        root,
        &[("a", "1"), ("gone", "1"), ("forced.log", "1"), ("sub/b", "1"), ("sub/c.log", ""), ("swapped/x", "1")],
    );
    write(root, &[(".gitignore", "*.log\n"), ("a", "changed"), ("x.log", ""), ("sub/new", ""), ("sub/y.log", "")]);
    fs::remove_file(root.join("gone")).unwrap();
    // a tracked folder that has become a link to elsewhere
    fs::remove_dir_all(root.join("swapped")).unwrap();
    let elsewhere = tempfile::tempdir().unwrap();
    write(elsewhere.path(), &[("x", "secret")]);
    symlink(elsewhere.path(), root.join("swapped")).unwrap();
    let snapshot = take(root);
    assert_eq!(sorted(&snapshot), [".gitignore", "a", "forced.log", "sub/b", "sub/c.log", "sub/new", "swapped"]);
    assert_eq!(snapshot.outside_links, ["swapped"]);
    assert_eq!(fs::read(snapshot.dir().join("a")).unwrap(), b"changed");
    assert!(!snapshot.dir().join(".git").exists());
    assert_eq!(sorted(&take(&root.join("sub"))), ["b", "c.log", "new"]);
}

#[test]
fn copies_submodules_and_repositories_inside() {
    let folder = tempfile::tempdir().unwrap();
    let (root, other) = (folder.path().join("repo"), folder.path().join("other"));
    committed(&other, &[("lib.py", "1"), (".gitignore", "*.tmp\n")]);
    committed(&root, &[("a", "1")]);
    git(&root, &["-c", "protocol.file.allow=always", "submodule", "add", "-q", "../other", "lib"]);
    committed(&root.join("nested"), &[("n", "1")]);
    write(&root, &[("lib/x.tmp", ""), ("nested/m", "")]);
    let snapshot = take(&root);
    assert_eq!(sorted(&snapshot), [".gitmodules", "a", "lib/.gitignore", "lib/lib.py", "nested/m", "nested/n"]);
}

#[test]
fn restores_given_files() {
    let folder = tempfile::tempdir().unwrap();
    let root = folder.path();
    let elsewhere = tempfile::tempdir().unwrap();
    write(elsewhere.path(), &[("app.py", "mine")]);
    write(root, &[("src/app.py", "changed"), ("src/run", "x"), ("folder/a", "")]);
    fs::set_permissions(root.join("src/run"), fs::Permissions::from_mode(0o755)).unwrap();
    symlink(elsewhere.path(), root.join("lib")).unwrap();
    symlink(elsewhere.path().join("app.py"), root.join("link.py")).unwrap();
    let mut snapshot = take(root);
    for path in ["src/app.py", "src/run", "lib/app.py", "link.py", "folder", "new/deep/file"] {
        snapshot.restore(path, b"given").unwrap();
        let restored = snapshot.dir().join(path);
        assert!(restored.symlink_metadata().unwrap().is_file(), "{path}");
        assert_eq!(fs::read(restored).unwrap(), b"given", "{path}");
    }
    assert_eq!(mode(&snapshot.dir().join("src/run")), 0o755);
    assert_eq!(fs::read(elsewhere.path().join("app.py")).unwrap(), b"mine");
    assert_eq!(fs::read(root.join("src/app.py")).unwrap(), b"changed");
    assert!(snapshot.files.contains(&"new/deep/file".to_owned()) && !snapshot.files.contains(&"folder/a".to_owned()));
    for path in ["../x", "/etc/x", "a/../../x", ""] {
        assert!(snapshot.restore(path, b"").is_err(), "{path}");
    }
}

#[test]
fn refuses_too_much() {
    let folder = tempfile::tempdir().unwrap();
    File::create(folder.path().join("big")).unwrap().set_len(3 << 30).unwrap();
    let error = Snapshot::take(&Repository::open(folder.path()).unwrap(), None).unwrap_err().to_string();
    assert_eq!(
        error,
        "the folder has more than 2147483648 bytes to grade; add what is not yours to write to .gitignore (big)"
    );
}

#[test]
fn removes_what_a_killed_run_left() {
    let folder = tempfile::tempdir().unwrap();
    let mut kept = take(folder.path());
    let runs = kept.dir().ancestors().nth(2).unwrap().to_owned();
    let kept_dir = kept.keep().to_owned();
    let living = take(folder.path());
    drop(kept);
    let abandoned = runs.join(format!("run-test-{}", std::process::id()));
    fs::create_dir(&abandoned).unwrap();
    fs::write(abandoned.with_extension("lock"), "").unwrap();
    // What Docker makes again when its run has been removed: without a lock.
    let (old, new) =
        (runs.join(format!("run-old-{}", std::process::id())), runs.join(format!("run-new-{}", std::process::id())));
    fs::create_dir_all(old.join("repository/src")).unwrap();
    fs::create_dir(&new).unwrap();
    let long_ago = std::time::SystemTime::now() - std::time::Duration::from_secs(600);
    for folder in [&old, kept_dir.parent().unwrap()] {
        File::open(folder).unwrap().set_modified(long_ago).unwrap();
    }
    let _other = take(folder.path());
    assert!(!abandoned.exists() && !abandoned.with_extension("lock").exists());
    assert!(!old.exists() && new.exists());
    assert!(living.dir().exists() && kept_dir.exists());
    fs::remove_dir(new).unwrap();
    // Who has removed it by hand has no mark of it either.
    let run = kept_dir.parent().unwrap();
    assert!(run.with_extension("keep").exists());
    fs::remove_dir_all(run).unwrap();
    let _other = take(folder.path());
    assert!(!run.with_extension("keep").exists());
}

/// Deeper than a path is long, than files can be open, and than a stack is for walking down.
#[test]
fn folders_of_any_depth_go() {
    use rustix::fs::{Mode, OFlags, mkdirat, open, openat};
    const DEPTH: usize = 5_000;
    let folder = tempfile::tempdir().unwrap();
    write(folder.path(), &[("repo/a", "")]);
    fs::write(folder.path().join("kept"), "").unwrap();
    let snapshot = take(&folder.path().join("repo"));
    let run = snapshot.place().to_owned();
    let flags = OFlags::RDONLY | OFlags::DIRECTORY;
    let mut at = open(snapshot.dir(), flags, Mode::empty()).unwrap();
    for level in 0..DEPTH {
        mkdirat(&at, "d", Mode::RWXU).unwrap();
        if level % 1000 == 0 {
            mkdirat(&at, "moved-up-1", Mode::RWXU).unwrap();
            rustix::fs::symlinkat(folder.path(), &at, "link").unwrap();
            drop(openat(&at, "file", OFlags::CREATE | OFlags::WRONLY, Mode::empty()).unwrap());
        }
        let inner = openat(&at, "d", flags, Mode::empty()).unwrap();
        if level % 1000 == 999 {
            rustix::fs::fchmod(&at, Mode::empty()).unwrap();
        }
        at = inner;
    }
    drop(at);
    drop(snapshot);
    assert!(!run.exists());
    assert!(folder.path().join("kept").exists());
}
