//! What the static check leaves out is what git leaves out: compared with git itself.

use super::git::{committed, git};
use super::gitignores::{FILES, Random, TREE};
use super::write;
use grader::repository::{Repository, Snapshot};
use std::fs;
use std::os::unix::fs::symlink;
use std::path::Path;
use std::process::Command;

fn tree(root: &Path) {
    write(root, &TREE.iter().map(|path| (*path, "")).collect::<Vec<_>>());
}

/// What git lists of a folder, as the full run asks for it.
fn by_git(root: &Path) -> Vec<String> {
    let listed = Command::new("git")
        .args(["ls-files", "-z", "--cached", "--others", "--exclude-standard"])
        .current_dir(root)
        .output()
        .unwrap();
    let listed = String::from_utf8(listed.stdout).unwrap();
    let mut paths: Vec<String> = listed.split_terminator('\0').map(str::to_owned).collect();
    paths.retain(|path| root.join(path).symlink_metadata().is_ok());
    paths.sort();
    paths.dedup();
    paths
}

fn by_us(root: &Path) -> Vec<String> {
    let mut files = Repository::open(root).unwrap().as_git_lists().unwrap().graded_files();
    files.sort();
    files
}

/// What the full run would copy.
fn copied(root: &Path) -> Vec<String> {
    let repository = Repository::open(root).unwrap();
    let git = repository.git().unwrap();
    let mut files = Snapshot::take(&repository, git.as_ref()).unwrap().files.clone();
    files.sort();
    files
}

fn same(root: &Path, what: &str) {
    assert_eq!(by_us(root), copied(root), "{what}");
}

#[test]
fn leaves_out_what_git_leaves_out() {
    let folder = tempfile::tempdir().unwrap();
    let root = folder.path();
    tree(root);
    git(root, &["init", "-q"]);
    let mut random = Random(0x9e37_79b9_7f4a_7c15);
    let mut files: Vec<[String; 4]> =
        FILES.iter().map(|text| [(*text).to_owned(), String::new(), String::new(), String::new()]).collect();
    let count = std::env::var("GRADER_GITIGNORES").map_or(150, |count| count.parse().unwrap());
    for round in 0..count {
        let mut file = |often| if round % often == 0 { random.file() } else { String::new() };
        files.push([file(1), file(2), file(5), file(7)]);
    }
    let places = [".gitignore", "sub/.gitignore", ".git/info/exclude", "sub/deep/.gitignore"];
    for (number, texts) in files.iter().enumerate() {
        for (place, text) in places.iter().zip(texts) {
            fs::write(root.join(place), text).unwrap();
        }
        match number % 40 {
            10 => git(root, &["add", "-f", "build/out", "sub/deep/b.log", "b.log", "foo/bar/baz"]),
            20 => git(root, &["config", "core.ignoreCase", "true"]),
            30 => git(root, &["rm", "-q", "-r", "--cached", "."]),
            39 => git(root, &["config", "core.ignoreCase", "false"]),
            _ => {}
        }
        let named = |root: &Path| (by_us(root), by_git(root));
        let (ours, gits) = named(root);
        assert_eq!(ours, gits, "{number}: {texts:?}");
        let (ours, gits) = named(&root.join("sub"));
        if !gits.is_empty() {
            assert_eq!(ours, gits, "sub of {number}: {texts:?}");
        }
    }
}

#[test]
fn what_is_graded_without_git_is_what_is_copied_with_it() {
    let outer = tempfile::tempdir().unwrap();
    let new = |name: &str, files: &[(&str, &str)]| {
        let root = outer.path().join(name);
        fs::create_dir(&root).unwrap();
        tree(&root);
        committed(&root, files);
        root
    };
    // tracked, though a pattern that came later leaves it out
    let root = new("tracked", &[]);
    fs::remove_file(root.join("sub/a")).unwrap();
    write(&root, &[(".gitignore", "sub/\n*.log\nnew\n"), ("new", ""), ("sub/new", "")]);
    same(&root, "tracked");
    same(&root.join("sub"), "a folder of it");
    // a folder that is left out as a whole, with and without something tracked in it
    let root = new("whole", &[("kept/in/a", "")]);
    write(
        &root,
        &[(".gitignore", "/work/\nkept\n"), ("work/a", ""), ("work/mine/a", ""), ("kept/in/b", ""), ("kept/out/b", "")],
    );
    for folder in ["", "work", "work/mine", "kept", "kept/in", "kept/out"] {
        same(&root.join(folder), folder);
    }
    // repositories in it: with a commit, without one, left out, none in truth; and a submodule
    let root = new("inner", &[("own/.gitignore", "*.o\n")]);
    for inner in ["one", "sub/two", "out"] {
        committed(
            &{
                fs::create_dir_all(root.join(inner)).unwrap();
                root.join(inner)
            },
            &[(".gitignore", "*.o\n"), ("a", ""), ("a.o", ""), ("in/a", "")],
        );
    }
    fs::create_dir(root.join("empty")).unwrap();
    git(&root.join("empty"), &["init", "-q"]);
    write(
        &root,
        &[
            (".gitignore", "out\n*.tmp\n"),
            ("empty/a", ""),
            ("empty/a.tmp", ""),
            ("one/a.tmp", ""),
            ("bogus/.git/a", ""),
            ("bogus/a.tmp", ""),
            ("bogus/a", ""),
        ],
    );
    same(&root, "inner");
    git(&root, &["add", "one", "sub"]);
    same(&root, "inner, added");
    fs::remove_dir_all(root.join("one/.git")).unwrap();
    same(&root, "a submodule that isn't there");
    // another working tree, whose `.git` is a file, and whose patterns are those of the first
    let root = new("first", &[(".gitignore", "x*\n")]);
    write(&root, &[(".git/info/exclude", "a\n")]);
    git(&root, &["worktree", "add", "-q", "../second"]);
    let second = outer.path().join("second");
    write(&second, &[("a", ""), ("sub/a", ""), ("new", ""), ("xyz", "")]);
    same(&second, "second");
    assert!(!by_us(&second).contains(&"xyz".to_owned()));
    // links: of an ignore file, which git doesn't follow; to what is left out
    let root = new("links", &[]);
    write(&root, &[("patterns", "new\n"), ("new", "")]);
    symlink("patterns", root.join(".gitignore")).unwrap();
    symlink("../patterns", root.join("sub/.gitignore")).unwrap();
    symlink("sub", root.join("linked")).unwrap();
    symlink("nothing", root.join("dead")).unwrap();
    super::pipe(&root.join("deep-pipe"));
    same(&root, "links");
    // other formats of the index
    for (name, args) in
        [("4", ["update-index", "--index-version", "4"]), ("3", ["update-index", "--skip-worktree", "app.py"])]
    {
        let root = new(name, &[]);
        git(&root, &args);
        write(&root, &[(".gitignore", "*\n"), ("new", "")]);
        same(&root, name);
        assert!(by_us(&root).len() > 10);
    }
    let root = outer.path().join("sha256");
    tree(&root);
    git(&root, &["init", "-q", "--object-format=sha256"]);
    git(&root, &["add", "app.py"]);
    write(&root, &[(".gitignore", "*\n")]);
    same(&root, "sha256");
    // no commit, nothing tracked, no index
    let root = outer.path().join("fresh");
    tree(&root);
    git(&root, &["init", "-q"]);
    write(&root, &[("sub/.gitignore", "*\n")]);
    same(&root, "fresh");
    // the file of patterns for all repositories, as a setting of this one; what is no file is none
    write(&root, &[("everywhere", "*.log\n")]);
    for file in ["everywhere", root.join("everywhere").to_str().unwrap(), "/dev/zero", "sub", "nothing"] {
        git(&root, &["config", "core.excludesFile", file]);
        same(&root, file);
    }
}

#[test]
fn what_can_not_be_read_is_said_and_all_is_graded() {
    let folder = tempfile::tempdir().unwrap();
    let root = folder.path();
    tree(root);
    committed(root, &[(".gitignore", "a\n")]);
    let index = fs::read(root.join(".git/index")).unwrap();
    let said = |root: &Path| Repository::open(root).unwrap().as_git_lists().unwrap_err().to_string();
    for (number, bytes) in
        [&index[..100], b"DIRC\0\0\0\x09\0\0\0\0", b"", b"DIRC\0\0\0\x02\xff\xff\xff\xff"].iter().enumerate()
    {
        fs::write(root.join(".git/index"), bytes).unwrap();
        assert!(said(root).contains("its index is damaged"), "{number}");
        // Git doesn't mind an empty one.
        let _ = Repository::open(root).unwrap().git();
    }
    fs::remove_file(root.join(".git/index")).unwrap();
    super::pipe(&root.join(".git/index"));
    assert!(said(root).contains("its `.git/index` isn't a regular file"));
    fs::remove_file(root.join(".git/index")).unwrap();
    // patterns that are made to take long, and more of them than anyone writes
    let slow = "**/*a*a*a*a*a*a*a*b\n".repeat(50_000);
    write(root, &[(&"a/".repeat(40), "")].map(|_| ("long/name", "")));
    for number in 0..200 {
        write(root, &[(&format!("long/{}{number}", "a".repeat(200)), "")]);
    }
    fs::write(root.join(".gitignore"), slow).unwrap();
    assert!(said(root).contains("take too long"));
    fs::write(root.join(".gitignore"), "x\n".repeat(3 << 20)).unwrap();
    assert!(said(root).contains("is longer than 4 MiB"));
    fs::remove_dir_all(root.join(".git")).unwrap();
    fs::create_dir(root.join(".git")).unwrap();
    assert!(said(root).contains("git cannot read this repository (it has no valid `.git`)"));
}

#[test]
fn names_the_line_that_leaves_a_path_out() {
    let folder = tempfile::tempdir().unwrap();
    let root = folder.path();
    tree(root);
    committed(root, &[("tracked", "")]);
    write(
        root,
        &[
            (".gitignore", "# caches\n*.log\n!b.log\n/build\ntracked\n"),
            ("sub/.gitignore", "Dockerfile\n"),
            (".git/info/exclude", "app.py\n"),
        ],
    );
    git(root, &["rm", "-q", "-r", "--cached", "."]);
    git(root, &["add", "-f", "tracked"]);
    let line =
        |root: &Path, path: &str| Repository::open(root).unwrap().left_out_by(path).map(|place| place.to_string());
    for (path, place) in [
        ("b.log", None),
        ("build/sub/out.log", Some(".gitignore:4")),
        ("build", Some(".gitignore:4")),
        ("sub/Dockerfile", Some("sub/.gitignore:1")),
        ("app.py", Some(".git/info/exclude:1")),
        ("tracked", None),
        ("nothing.log", None),
        ("../app.py", None),
    ] {
        assert_eq!(line(root, path).as_deref(), place, "{path}");
    }
    write(root, &[("sub/x.log", "")]);
    assert_eq!(line(&root.join("sub"), "x.log").as_deref(), Some("../.gitignore:2"));
    assert_eq!(line(&root.join("sub"), "Dockerfile").as_deref(), Some(".gitignore:1"));
}

#[test]
fn what_is_left_out_is_not_read() {
    let folder = tempfile::tempdir().unwrap();
    let root = folder.path();
    tree(root);
    git(root, &["init", "-q"]);
    write(root, &[(".gitignore", "sub\nvenv/\n"), ("kept/a", "1")]);
    for (to, name) in [("sub/a", "in"), ("kept/a", "out"), ("kept", "folder"), ("sub", "ignored"), ("app.py", "venv2")]
    {
        symlink(to, root.join(name)).unwrap();
    }
    let all = Repository::open(root).unwrap();
    let copy = Snapshot::take(&all, all.git().unwrap().as_ref()).unwrap();
    let copy = Repository::open(copy.dir()).unwrap();
    let listed = Repository::open(root).unwrap().as_git_lists().unwrap();
    let read = |repository: &Repository, path: &str| repository.read(path, 10).map_err(|error| error.to_string());
    for path in [
        "sub/a",
        "sub",
        "in",
        "out",
        "folder/a",
        "ignored/a",
        "ignored",
        "kept",
        "./app.py",
        "venv2",
        "nothing",
        "../x",
        "venv/bin/python",
        "app.py/x",
    ] {
        assert_eq!(read(&listed, path), read(&copy, path), "{path}");
        assert_eq!(listed.has(path), copy.has(path), "{path}");
    }
}
