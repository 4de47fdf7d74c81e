//! The built-in challenge, proved: the solution gets every point, the starter fails, and each case (files laid over the
//! solution) fails exactly the checks that its expect.yaml names.

use grader::yaml::{self, Node};
use libtest_mimic::Trial;
use serde_json::Value;
use std::fs;
use std::path::{Path, PathBuf};
use std::process::Command;

const CHALLENGE: &str = "dockerize-python-app";
/// What the starter fails: it builds and runs, and that is all.
const STARTER_FAILS: &[&str] =
    &["multi-stage", "image-size", "non-root-user", "healthcheck", "dockerignore", "compose-up"];

pub fn trials() -> Vec<Trial> {
    let mut trials = vec![
        Trial::test("case: solution", || {
            judge(&folder().join("solution"), None, &[], Some(100), None);
            Ok(())
        }),
        Trial::test("case: starter", || {
            judge(&folder().join("starter"), None, STARTER_FAILS, Some(10), None);
            Ok(())
        }),
    ];
    let mut cases: Vec<PathBuf> =
        fs::read_dir(folder().join("cases")).unwrap().map(|entry| entry.unwrap().path()).collect();
    cases.sort();
    trials.extend(cases.into_iter().map(|case| {
        let name = format!("case: {}", case.file_name().unwrap_or_default().to_string_lossy());
        Trial::test(name, move || {
            let text = fs::read(case.join("expect.yaml"))?;
            let expected = yaml::parse(&text).map_err(|error| format!("{error:?}"))?;
            let fails = texts(expected.get("fails"));
            let fails: Vec<&str> = fails.iter().map(String::as_str).collect();
            let score = expected.get("score").and_then(Node::as_int);
            judge(&folder().join("solution"), Some((&case, &expected)), &fails, score, expected.get("finding"));
            Ok(())
        })
    }));
    trials
}

fn folder() -> PathBuf {
    Path::new(env!("CARGO_MANIFEST_DIR")).join("checks/challenges").join(CHALLENGE)
}

fn texts(node: Option<&Node>) -> Vec<String> {
    node.and_then(Node::as_seq).unwrap_or_default().iter().filter_map(Node::text).map(str::to_owned).collect()
}

/// Grades a repository made of a folder, with a case laid over it, and compares.
fn judge(base: &Path, case: Option<(&Path, &Node)>, fails: &[&str], score: Option<i64>, finding: Option<&Node>) {
    let repository = tempfile::tempdir().unwrap();
    copy(base, repository.path());
    if let Some((case, expected)) = case {
        copy(case, repository.path());
        fs::remove_file(repository.path().join("expect.yaml")).unwrap();
        for path in texts(expected.get("remove")) {
            fs::remove_file(repository.path().join(path)).unwrap();
        }
    }
    let output = Command::new(env!("CARGO_BIN_EXE_grader"))
        .args(["check", "--challenge", CHALLENGE, "--format", "json"])
        .arg(repository.path())
        .output()
        .unwrap();
    let report: Value = serde_json::from_slice(&output.stdout)
        .unwrap_or_else(|error| panic!("{error}: {}", String::from_utf8_lossy(&output.stderr)));
    let checks = report["checks"].as_array().unwrap();
    let failed: Vec<&str> =
        checks.iter().filter(|check| check["status"] == "failed").filter_map(|check| check["id"].as_str()).collect();
    let shown = serde_json::to_string_pretty(&report["checks"]).unwrap();
    assert_eq!(failed, fails, "{shown}");
    assert_eq!(report["complete"], true, "{shown}");
    assert_eq!(report["score"].as_i64(), score, "{shown}");
    assert_eq!(output.status.code(), Some(i32::from(score != Some(100))));
    if let Some(wanted) = finding {
        let text = |name: &str| wanted.get(name).and_then(Node::text).unwrap_or_default();
        let check = checks.iter().find(|check| check["id"] == text("check")).unwrap();
        let fits = |finding: &Value| {
            (text("path").is_empty() || finding["path"] == text("path"))
                && wanted.get("line").and_then(Node::as_int).is_none_or(|line| finding["line"] == line)
                && finding.to_string().contains(text("message"))
        };
        assert!(check["findings"].as_array().unwrap().iter().any(fits), "{wanted:?} is not among {shown}");
    }
}

pub fn copy(from: &Path, to: &Path) {
    fs::create_dir_all(to).unwrap();
    for entry in fs::read_dir(from).unwrap() {
        let entry = entry.unwrap();
        let target = to.join(entry.file_name());
        if entry.file_type().unwrap().is_dir() {
            copy(&entry.path(), &target);
        } else {
            fs::copy(entry.path(), &target).unwrap();
        }
    }
}
