//! Where reports go in a repository that a stranger has written.

use super::folder;
use crate::common::grader;
use std::path::Path;

/// A started challenge in a git repository, everything committed.
fn committed(folder: &Path) {
    assert_eq!(grader(folder, &["init", "dockerize-python-app", "."]).0, 0);
    for args in [
        &["init", "-q", "."][..],
        &["add", "-A"],
        &["-c", "user.name=a", "-c", "user.email=a@b", "commit", "-q", "-m", "all"],
    ] {
        std::process::Command::new("git").args(args).current_dir(folder).output().expect("git");
    }
}

#[test]
fn a_report_follows_no_link_of_the_repository() {
    use std::os::unix::fs::symlink;
    let (folder, outside) = (folder(), folder());
    let work = folder.path().join("work");
    std::fs::create_dir_all(work.join("deep")).unwrap();
    let victim = outside.path().join("victim.txt");
    std::fs::write(&victim, r#"{"score": 1}"#).unwrap();
    symlink(&victim, work.join("grade.json")).unwrap();
    symlink(outside.path(), work.join("reports")).unwrap();
    symlink("deep", work.join("near")).unwrap();
    symlink(outside.path().join("none.txt"), work.join("none.json")).unwrap();
    symlink(outside.path(), folder.path().join("mine")).unwrap();
    committed(&work);
    for (report, link) in [
        ("json=grade.json", "grade.json"),
        ("plain=reports/x.txt", "reports"),
        ("plain=deep/../reports/x.txt", "reports"),
        ("gradescope=near/x.json", "near"),
        ("json=none.json", "none.json"),
        ("gradescope=grade.json", "grade.json"),
    ] {
        for more in [&["--static"][..], &["--challenge", "nosuch"]] {
            let args = [&["check"][..], more, &["--report", report]].concat();
            let (code, _, stderr) = grader(&work, &args);
            assert_eq!(code, 2, "{args:?}: {stderr}");
            let told = format!("{} is a link in the repository that is graded", work.join(link).display());
            assert!(stderr.contains(&told), "{args:?}: {stderr}");
        }
    }
    // In a folder of the repository, too: the rest of it is the learner's as well.
    let (code, _, stderr) = grader(&work, &["check", "deep", "--static", "--report", "json=grade.json"]);
    assert_eq!(code, 2, "{stderr}");
    // Nor where the folder to grade is not there, or leads elsewhere.
    std::fs::create_dir(outside.path().join("else")).unwrap();
    symlink(outside.path().join("else"), work.join("away")).unwrap();
    for path in ["gone", "gone/deep", "away", "away/gone"] {
        let (code, _, stderr) = grader(&work, &["check", path, "--static", "--report", "json=grade.json"]);
        assert_eq!(code, 2, "{path}: {stderr}");
        assert!(stderr.contains("is a link in the repository that is graded"), "{path}: {stderr}");
    }
    std::fs::remove_dir(outside.path().join("else")).unwrap();
    assert_eq!(std::fs::read_to_string(&victim).unwrap(), r#"{"score": 1}"#);
    assert_eq!(std::fs::read_dir(outside.path()).unwrap().count(), 1);
    assert!(std::fs::read_dir(work.join("deep")).unwrap().next().is_none());
    // The user's own link is followed.
    let (code, _, stderr) = grader(&work, &["check", "--static", "--report", "json=../mine/own.json"]);
    assert_eq!(code, 1, "{stderr}");
    assert!(outside.path().join("own.json").is_file());
}

#[test]
fn a_report_replaces_nothing_that_is_graded() {
    let folder = folder();
    let at = |name: &str| folder.path().join(name);
    std::fs::write(at("old.json"), r#"{"schema": "grader.report/v1"}"#).unwrap();
    std::fs::write(at("notes.md"), "# Mine\n").unwrap();
    committed(folder.path());
    std::fs::write(at("untracked"), "mine").unwrap();
    for name in [
        "Dockerfile",
        "compose.yaml",
        ".dockerignore",
        "dev.Dockerfile",
        "sub/../grader.yaml",
        ".git/config",
        ".git/new",
        "src/app.py",
        "notes.md",
    ] {
        std::fs::create_dir_all(at("sub")).unwrap();
        let before = std::fs::read(at(name)).ok();
        for more in [&["--static"][..], &["--challenge", "nosuch"]] {
            let report = format!("gradescope={name}");
            let (code, _, stderr) = grader(folder.path(), &[&["check"][..], more, &["--report", &report]].concat());
            assert_eq!(code, 2, "{name}: {stderr}");
            assert!(stderr.contains(&format!("cannot write the report {name}: ")), "{name}: {stderr}");
            assert_eq!(std::fs::read(at(name)).ok(), before, "{name}");
        }
    }
    for name in ["old.json", "old.json", "new.json", "untracked"] {
        let (code, _, stderr) = grader(folder.path(), &["check", "--static", "--report", &format!("json={name}")]);
        assert_eq!(code, 1, "{name}: {stderr}");
        assert!(std::fs::read_to_string(at(name)).unwrap().contains("\"max_score\""), "{name}");
    }
    // Without git everything is graded.
    std::fs::remove_dir_all(at(".git")).unwrap();
    assert_eq!(grader(folder.path(), &["check", "--static", "--report", "json=src/app.py"]).0, 2);
}
