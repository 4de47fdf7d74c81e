//! The build context, as BuildKit walks it.

use super::{pipe, write};
use grader::dockerignore::Ignore;
use grader::repository::{Context, Repository};
use std::fs;
use std::os::unix::fs::symlink;

fn context(repository: &Repository, folder: &str, ignore: &str) -> Context {
    Context::of(repository, folder, &Ignore::parse(ignore.as_bytes())).unwrap()
}

#[test]
fn sends_what_is_not_left_out() {
    let folder = tempfile::tempdir().unwrap();
    let root = folder.path();
    write(
        root,
        &[
            ("Dockerfile", "FROM scratch\n"),
            (".dockerignore", "x"),
            (".git/HEAD", "12345678"),
            ("src/app.py", "123"),
            ("src/x.pyc", "1234"),
            ("src/lib/y.pyc", "12"),
            ("docs/a.md", "1"),
            ("docs/keep/b.md", "12"),
        ],
    );
    fs::create_dir(root.join("empty")).unwrap();
    symlink("/etc/passwd", root.join("link")).unwrap();
    symlink("..", root.join("src/up")).unwrap();
    pipe(&root.join("pipe"));
    let repository = Repository::open(root).unwrap();

    let all = context(&repository, ".", "");
    assert_eq!(
        all.files,
        [
            ".dockerignore",
            ".git/HEAD",
            "Dockerfile",
            "docs/a.md",
            "docs/keep/b.md",
            "link",
            "src/app.py",
            "src/lib/y.pyc",
            "src/up",
            "src/x.pyc"
        ]
    );
    assert_eq!((all.bytes, all.ignored, all.ignored_bytes), (34, 0, 0));

    // `!src` does not bring back src/x.pyc: so does a real BuildKit
    let some = context(&repository, "", ".git\n**/*.pyc\n!src\nDockerfile\ndocs\n!docs/keep\nlink\n");
    assert_eq!(some.files, [".dockerignore", "docs/keep/b.md", "src/app.py", "src/up"]);
    assert_eq!((some.bytes, some.ignored, some.ignored_bytes), (6, 6, 28));

    let none = context(&repository, "./", "*");
    assert_eq!((none.files.len(), none.bytes, none.ignored_bytes), (0, 0, 34));

    let sub = context(&repository, "./src/", "lib");
    assert_eq!(sub.files, ["app.py", "up", "x.pyc"]);
    assert_eq!(sub.ignored, 1);
}

#[test]
fn is_a_folder_of_the_repository() {
    let outer = tempfile::tempdir().unwrap();
    write(outer.path(), &[("secret", ""), ("repo/file", "")]);
    let root = outer.path().join("repo");
    symlink("..", root.join("up")).unwrap();
    symlink(".", root.join("here")).unwrap();
    let repository = Repository::open(&root).unwrap();
    for folder in ["..", "up", "/", "file", "missing"] {
        let error = Context::of(&repository, folder, &Ignore::default()).unwrap_err().to_string();
        assert_eq!(error, format!("{folder}: the build context has to be a folder of the repository"));
    }
    assert_eq!(context(&repository, "here", "").files, ["file", "here", "up"]);
    let refused = Context::of(&repository, ".", &Ignore::parse(b"file\na[\n")).unwrap_err().to_string();
    assert!(refused.starts_with(".dockerignore line 2: `a[`"), "{refused}");
    // one that is only asked on the way, and here is not
    assert!(context(&repository, ".", "*\n[z-a]\n").files.is_empty());
    assert!(Context::of(&repository, ".", &Ignore::parse(b"[z-a]\n")).is_err());
}

#[test]
fn reads_the_ignore_file_of_the_dockerfile_first() {
    let folder = tempfile::tempdir().unwrap();
    let root = folder.path();
    write(root, &[(".dockerignore", "a"), ("docker/api.Dockerfile.dockerignore", ""), ("app/.dockerignore", "b")]);
    let repository = Repository::open(root).unwrap();
    let found = |context, dockerfile| Context::ignore_file(&repository, context, dockerfile).unwrap();
    let file = |path: &str, text: &str| Some((path.to_owned(), text.as_bytes().to_vec()));
    assert_eq!(found(".", "Dockerfile"), file(".dockerignore", "a"));
    assert_eq!(found("./", "docker/api.Dockerfile"), file("docker/api.Dockerfile.dockerignore", ""));
    assert_eq!(found("./app/", "Dockerfile"), file("app/.dockerignore", "b"));
    assert_eq!(found("docker", "Dockerfile"), None);
    pipe(&root.join("Dockerfile.dockerignore"));
    let error = Context::ignore_file(&repository, ".", "Dockerfile").unwrap_err();
    assert!(error.is_learners());
    assert!(error.to_string().starts_with("Dockerfile.dockerignore: is a pipe or a device"));
}

#[test]
fn ends_where_matching_takes_too_long() {
    let folder = tempfile::tempdir().unwrap();
    for number in 0..400 {
        write(folder.path(), &[(&format!("{}{number}", "a".repeat(240)), "")]);
    }
    let repository = Repository::open(folder.path()).unwrap();
    let ignore = ("*a".repeat(500) + "b\n").repeat(15);
    let found = context(&repository, ".", &ignore);
    assert_eq!(found.truncated.as_deref(), Some("as many steps as matching may take"));
}
