//! What git tells of a folder, and that a hostile repository can't make it run anything.

use super::write;
use grader::repository::{Git, Repository, Snapshot};
use std::fs;
use std::os::unix::fs::PermissionsExt;
use std::path::Path;
use std::process::Command;

pub(super) fn git(root: &Path, args: &[&str]) {
    let output = Command::new("git")
        .args(args)
        .current_dir(root)
        .envs([("GIT_CONFIG_GLOBAL", "/dev/null"), ("GIT_CONFIG_SYSTEM", "/dev/null")])
        .envs([("GIT_AUTHOR_NAME", "a"), ("GIT_AUTHOR_EMAIL", "a@b"), ("GIT_COMMITTER_NAME", "a")])
        .env("GIT_COMMITTER_EMAIL", "a@b")
        .output()
        .unwrap();
    assert!(output.status.success(), "git {args:?}: {}", String::from_utf8_lossy(&output.stderr));
}

/// A git repository with one commit of these files.
pub(super) fn committed(root: &Path, files: &[(&str, &str)]) {
    write(root, files);
    git(root, &["init", "-q"]);
    git(root, &["add", "-A"]);
    git(root, &["commit", "-qm", "start"]);
}

fn read(root: &Path) -> Git {
    Repository::open(root).unwrap().git().unwrap().unwrap()
}

#[test]
fn tells_what_ci_will_not_see() {
    let folder = tempfile::tempdir().unwrap();
    let root = folder.path();
    committed(
        root,
        &[
            ("a", "1"),
            ("sub/b", "1"),
            ("gone", "1"),
            ("left", "1"),
            (".gitignore", "*.log\nvenv/\n"),
            ("kept.txt", "1"),
        ],
    );
    let clean = read(root);
    assert!(!clean.is_dirty());
    assert_eq!(clean.commit.as_ref().unwrap().len(), 40);
    write(
        root,
        &[("sub/b", "other"), ("new\nline", "1"), ("sub/new", "1"), ("staged", "1"), ("x.log", ""), ("venv/bin/p", "")],
    );
    git(root, &["add", "staged"]);
    git(root, &["rm", "-q", "--cached", "left"]);
    fs::remove_file(root.join("gone")).unwrap();
    let found = read(root);
    assert!(found.is_dirty());
    assert_eq!(found.commit, clean.commit);
    assert_eq!(found.uncommitted, ["left", "new\nline", "staged", "sub/b", "sub/new"]);
    assert_eq!(found.deleted, ["gone"]);
    assert_eq!(found.ignored, ["venv/", "x.log"]);
    for (path, ignored) in [("venv/bin/p", true), ("venv", true), ("venv2", false), ("x.log", true), ("a", false)] {
        assert_eq!(found.is_ignored(path), ignored, "{path}");
    }
    // only what concerns the folder, and relative to it
    let sub = read(&root.join("sub"));
    assert_eq!((sub.uncommitted, sub.deleted.len(), sub.ignored.len()), (vec!["b".to_owned(), "new".to_owned()], 0, 0));
}

#[test]
fn knows_where_git_does_not_apply() {
    let folder = tempfile::tempdir().unwrap();
    let root = folder.path();
    write(root, &[("a", "")]);
    assert!(Repository::open(root).unwrap().git().unwrap().is_none());
    git(root, &["init", "-q"]);
    let first = read(root);
    assert_eq!((first.commit, first.uncommitted), (None, vec!["a".to_owned()]));
    // a folder that is ignored as a whole is graded as if there were no git
    write(root, &[(".gitignore", "work/\n"), ("work/mine/a", "")]);
    assert!(Repository::open(root.join("work")).unwrap().git().unwrap().is_none());
    assert!(Repository::open(root.join("work/mine")).unwrap().git().unwrap().is_none());
    // what git can't read is said, and no reason to stop
    fs::write(root.join(".git/HEAD"), "nonsense").unwrap();
    let error = Repository::open(root).unwrap().git().unwrap_err().to_string();
    assert!(error.starts_with("git cannot read this repository (it has no valid `.git`)"), "{error}");
    assert!(error.contains("all files are graded"), "{error}");
}

#[test]
fn nothing_leads_out_of_the_repository() {
    let folder = tempfile::tempdir().unwrap();
    let (root, other) = (folder.path().join("mine"), folder.path().join("other"));
    fs::create_dir(&root).unwrap();
    fs::create_dir(&other).unwrap();
    committed(&other, &[("secret", "")]);
    committed(&root, &[("a", "")]);
    // a configuration that names another folder
    git(&root, &["config", "core.worktree", other.to_str().unwrap()]);
    let found = read(&root);
    assert_eq!((found.uncommitted.len(), found.deleted.len(), found.ignored.len()), (0, 0, 0), "{found:?}");
    // a `.git` that is another repository's, as a file and as a link
    fs::remove_dir_all(root.join(".git")).unwrap();
    fs::write(root.join(".git"), format!("gitdir: {}\n", other.join(".git").display())).unwrap();
    let told = || Repository::open(&root).unwrap().git().unwrap_err().to_string();
    assert!(told().contains("(its `.git` leads to another repository)"), "{}", told());
    #[cfg(unix)]
    {
        fs::remove_file(root.join(".git")).unwrap();
        std::os::unix::fs::symlink(other.join(".git"), root.join(".git")).unwrap();
        assert!(told().contains("(its `.git` leads to another repository)"), "{}", told());
    }
}

#[test]
fn runs_nothing_of_the_learners() {
    let folder = tempfile::tempdir().unwrap();
    let root = folder.path().join("repo");
    let canary = folder.path().join("canary");
    fs::create_dir(&root).unwrap();
    committed(&root, &[("a.txt", "one"), (".gitattributes", "*.txt filter=evil diff=evil\n*.bin filter=e=vil\n")]);
    committed(&root.join("inner"), &[("b.txt", "one"), (".gitattributes", "*.txt filter=evil\n")]);
    for repository in [root.clone(), root.join("inner")] {
        let script = repository.join(".git/evil");
        fs::write(&script, format!("#!/bin/sh\necho \"$0 $*\" >>{}\ncat\n", canary.display())).unwrap();
        fs::set_permissions(&script, fs::Permissions::from_mode(0o755)).unwrap();
        fs::create_dir_all(repository.join(".git/hooks")).unwrap();
        fs::copy(&script, repository.join(".git/hooks/post-index-change")).unwrap();
        let script = script.display().to_string();
        for name in [
            "core.fsmonitor",
            "core.pager",
            "core.sshCommand",
            "core.editor",
            "core.askPass",
            "filter.evil.clean",
            "filter.evil.smudge",
            "diff.evil.command",
            "diff.evil.textconv",
            "diff.external",
            "credential.helper",
            "alias.status",
            "alias.ls-files",
        ] {
            git(&repository, &["config", name, &script]);
        }
        git(&repository, &["config", "filter.evil.required", "true"]);
    }
    // changed with the same length, so that git has to read and filter it
    fs::write(root.join("a.txt"), "two").unwrap();
    fs::write(root.join("inner/b.txt"), "two").unwrap();
    let control = Command::new("git").args(["-c", "core.pager=cat", "status"]).current_dir(&root).output().unwrap();
    assert!(control.status.success());
    assert!(canary.exists(), "the trap does not work");
    fs::remove_file(&canary).unwrap();

    let repository = Repository::open(&root).unwrap();
    let found = repository.git().unwrap().unwrap();
    assert_eq!(found.uncommitted, ["a.txt", "inner/"]);
    let snapshot = Snapshot::take(&repository, Some(&found)).unwrap();
    assert!(snapshot.files.contains(&"inner/b.txt".to_owned()), "{:?}", snapshot.files);
    assert_eq!(fs::read_to_string(&canary).unwrap_or_default(), "");

    // a name that can't be switched off is no reason to try
    fs::write(root.join(".git/config"), "[filter \"e=vil\"]\nclean = touch x\n").unwrap();
    let error = repository.git().unwrap_err().to_string();
    assert!(error.contains("strange name \"filter.e=vil\""), "{error}");
}

/// What is said of a repository by both: with git, and of its files alone. All files are graded then.
fn told(root: &Path) -> String {
    let repository = Repository::open(root).unwrap();
    let error = repository.git().unwrap_err().to_string();
    assert!(error.contains("all files are graded"), "{error}");
    let alone = repository.as_git_lists().unwrap_err().to_string();
    assert_eq!(alone, error);
    error
}

#[test]
fn a_pipe_in_place_of_git_files_is_not_waited_for() {
    for path in [
        ".git/config",
        ".git/index",
        ".git/info/exclude",
        ".git/packed-refs",
        ".gitignore",
        ".gitattributes",
        "sub/deep/.gitignore",
    ] {
        let folder = tempfile::tempdir().unwrap();
        committed(folder.path(), &[("a", "1"), ("sub/deep/b", "")]);
        let pipe = folder.path().join(path);
        let _ = fs::remove_file(&pipe);
        super::pipe(&pipe);
        let error = told(folder.path());
        assert!(error.contains(&format!("`{path}` isn't a regular file")), "{error}");
    }
    // In a folder above what is graded, too.
    let folder = tempfile::tempdir().unwrap();
    committed(folder.path(), &[("sub/deep/b", "")]);
    super::pipe(&folder.path().join(".gitignore"));
    let error = Repository::open(folder.path().join("sub/deep")).unwrap().git().unwrap_err().to_string();
    assert!(error.contains("`.gitignore` isn't a regular file"), "{error}");
}

/// What somebody did to a repository.
type Change<'a> = &'a dyn Fn(&Path);

#[test]
fn a_git_directory_leads_nowhere_else() {
    let outside = tempfile::tempdir().unwrap();
    let secret = outside.path().join("secret");
    fs::write(&secret, "*\n").unwrap();
    let (secret, other) = (secret.to_str().unwrap(), outside.path().join("objects"));
    fs::create_dir(&other).unwrap();
    let set = |key: &'static str| move |root: &Path| git(root, &["config", key, secret]);
    let link = |path: &'static str| {
        move |root: &Path| {
            let _ = fs::remove_file(root.join(path));
            let _ = fs::remove_dir_all(root.join(path));
            std::os::unix::fs::symlink(secret, root.join(path)).unwrap();
        }
    };
    let (excludes, include) = (set("core.excludesFile"), set("include.path"));
    let (conditional, nested) = (set("includeIf.gitdir:**.path"), |root: &Path| {
        fs::write(root.join("mine"), format!("[include] path = {secret}\n")).unwrap();
        git(root, &["config", "include.path", "../mine"]);
    });
    let alternates = |root: &Path| {
        let named = format!("{}\n", other.display());
        fs::write(root.join(".git/objects/info/alternates"), named).unwrap();
    };
    let (config, index, exclude, info) =
        (link(".git/config"), link(".git/index"), link(".git/info/exclude"), link(".git/info"));
    let changes: [(Change<'_>, &str); 9] = [
        (&excludes, "its `core.excludesFile` is outside of the repository"),
        (&include, "its configuration includes what isn't a regular file of the repository"),
        (&conditional, "its configuration includes what isn't a regular file of the repository"),
        (&nested, "its configuration includes what isn't a regular file of the repository"),
        (&alternates, "its objects are in another repository"),
        (&config, "its `.git/config` isn't a regular file"),
        (&index, "its `.git/index` isn't a regular file"),
        (&exclude, "its `.git/info/exclude` isn't a regular file"),
        (&info, "its `.git/info` isn't a folder"),
    ];
    for (change, words) in changes {
        let folder = tempfile::tempdir().unwrap();
        committed(folder.path(), &[("a", "1")]);
        change(folder.path());
        assert!(told(folder.path()).contains(words), "{words}: {}", told(folder.path()));
    }
    // What stays in the repository is no reason to refuse.
    let folder = tempfile::tempdir().unwrap();
    let root = folder.path();
    committed(root, &[("a", "1"), ("mine", "[core] fileMode = true\n"), ("patterns", "*.log\n"), ("x.log", "")]);
    git(root, &["config", "include.path", "../mine"]);
    git(root, &["config", "core.excludesFile", "patterns"]);
    git(root, &["rm", "-q", "--cached", "x.log"]);
    assert_eq!(read(root).ignored, ["x.log"]);
    Repository::open(root).unwrap().as_git_lists().unwrap();
}
