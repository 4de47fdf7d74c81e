//! One truth with and without `--static`: what git leaves out is graded by neither, and the line that does it is named.
//! And what files alone show is said once.

#![allow(clippy::unwrap_used)] // in helpers of tests

use crate::common::{command, copy, grader, write, write_all};
use serde_json::Value;
use std::path::Path;
use tempfile::TempDir;

const CHALLENGE: &str = "id: own\ntitle: Own\nabout: Own.\nchecks:\n  - { use: dockerfile-exists, points: 1 }\n  - { use: dockerignore, points: 1 }\n  - { use: compose, points: 1 }\n  - { use: source, points: 1 }\n";
const COMPOSE: &str = "id: compose\ntitle: Compose\nexpect:\n  - compose.exists: true\n    message: There is no Compose file.\nwhy: So.\nhints: [One, Two]\n";
const SOURCE: &str = "id: source\ntitle: Source\nexpect:\n  - repo.files: { any: app.py }\n    message: There is no app.py.\nwhy: So.\nhints: [One, Two]\n";

/// A repository in which all checks pass, and the challenge beside it.
fn work() -> TempDir {
    let folder = tempfile::tempdir().unwrap();
    write_all(
        folder.path(),
        &[
            ("challenge/challenge.yaml", CHALLENGE),
            ("challenge/checks/compose.yaml", COMPOSE),
            ("challenge/checks/source.yaml", SOURCE),
            ("work/Dockerfile", "FROM python:3.12-slim\nCOPY app.py .\nCMD [\"python\", \"app.py\"]\n"),
            ("work/.dockerignore", ".git\n**/__pycache__\nvenv\n"),
            ("work/compose.yaml", "services: { web: { build: . } }\n"),
            ("work/app.py", ""),
        ],
    );
    git(&folder.path().join("work"), &["init", "-q"]);
    folder
}

fn git(folder: &Path, args: &[&str]) {
    assert!(std::process::Command::new("git").args(args).current_dir(folder).status().unwrap().success());
}

/// The findings of each check, and the notes; with the engine out of reach where it is not static.
fn graded(folder: &Path, is_static: bool) -> (Vec<(String, Vec<Value>)>, Vec<String>) {
    let run = |format: &str| {
        let mut args = vec!["check", "work", "--challenge", "challenge", "--format", format];
        args.extend(is_static.then_some("--static"));
        command(folder, &args).env("DOCKER_HOST", "unix:///nonexistent").output().unwrap().stdout
    };
    let report: Value = serde_json::from_slice(&run("json")).unwrap();
    let texts = |value: &Value| value.as_array().cloned().unwrap_or_default();
    let checks = texts(&report["checks"]).into_iter().map(|check| {
        let id = format!("{} {}", check["id"].as_str().unwrap(), check["status"].as_str().unwrap());
        (id, check["findings"].as_array().cloned().unwrap_or_default())
    });
    let plain = String::from_utf8(run("plain")).unwrap();
    let notes = plain.lines().filter_map(|line| line.strip_prefix("note  ")).map(str::to_owned).collect();
    (checks.collect(), notes)
}

#[test]
fn the_line_that_leaves_a_file_out_is_named_by_both() {
    for (lines, check, place, message) in [
        ("# a\n\n*.log\n\n\n\n\nDockerfile\n", 0, Some(8), ".gitignore:8 leaves your Dockerfile out."),
        (
            "*\n!.gitignore\n!app.py\n!.dockerignore\n!compose.yaml\n",
            0,
            Some(1),
            ".gitignore:1 leaves your Dockerfile out.",
        ),
        ("venv/\n.docker*\n", 1, Some(2), ".gitignore:2 leaves your .dockerignore out."),
        ("*.yaml\n", 2, Some(1), ".gitignore:1 leaves your compose.yaml out."),
        ("venv/\n*.py\n", 3, None, "There is no app.py."),
    ] {
        let folder = work();
        let root = folder.path();
        write(root, "work/.gitignore", lines);
        let (by_files, notes) = graded(root, true);
        let (in_full, _) = graded(root, false);
        assert_eq!(by_files, in_full, "{lines}");
        let (_, findings) = &by_files[check];
        assert_eq!(findings.len(), 1, "{by_files:?}");
        assert_eq!(findings[0]["message"], message);
        assert_eq!(findings[0]["line"].as_u64(), place, "{findings:?}");
        if check == 3 {
            assert_eq!(findings[0]["because"], ".gitignore:2 leaves app.py out", "{findings:?}");
            assert!(notes[0].starts_with("Dockerfile:2 needs app.py, but .gitignore:2 leaves it out"), "{notes:?}");
        } else {
            assert_eq!(findings[0]["path"], ".gitignore");
        }
        // The others pass, and so do all once git tracks the file: no pattern leaves out what is tracked.
        let passed = |checks: &[(String, Vec<Value>)]| checks.iter().filter(|(id, _)| id.ends_with(" passed")).count();
        assert_eq!(passed(&by_files), 3, "{by_files:?}");
        git(&root.join("work"), &["add", "-f", "."]);
        let (by_files, in_full) = (graded(root, true).0, graded(root, false).0);
        assert_eq!((passed(&by_files), passed(&in_full)), (4, 4), "{by_files:?} {in_full:?}");
    }
}

#[test]
fn a_damaged_index_is_said_and_all_is_graded() {
    let folder = work();
    let root = folder.path();
    write(root, "work/.gitignore", "Dockerfile\n");
    write(root, "work/.git/index", "DIRC, or nothing like it");
    for is_static in [true, false] {
        let (checks, notes) = graded(root, is_static);
        assert!(checks.iter().all(|(id, _)| id.ends_with(" passed")), "{checks:?}");
        assert!(notes.iter().any(|note| note.contains("so all files are graded")), "{is_static}: {notes:?}");
    }
}

#[test]
fn a_terminal_shows_the_place_once() {
    let folder = work();
    write(folder.path(), "work/.gitignore", "Dockerfile\n");
    let (code, out, err) = grader(folder.path(), &["check", "work", "--challenge", "challenge", "--static"]);
    assert_eq!(code, 1, "{err}");
    assert!(out.contains("\n  .gitignore:1 leaves your Dockerfile out.\n"), "{out}");
    assert_eq!(out.matches(".gitignore:1").count(), 1, "{out}");
}

#[test]
fn what_compose_refuses_is_said_once() {
    let folder = tempfile::tempdir().unwrap();
    copy(&crate::common::at("checks/challenges/data-that-lasts/solution"), &folder.path().join("work"));
    let file = folder.path().join("work/compose.yaml");
    let good = std::fs::read_to_string(&file).unwrap();
    std::fs::write(&file, format!("version: 3.8\n{good}")).unwrap();
    let args = ["check", "work", "--challenge", "data-that-lasts", "--static"];
    let (code, out, err) = grader(folder.path(), &args);
    assert_eq!(code, 1, "{err}");
    assert_eq!(out.matches("`version` must be text").count(), 1, "{out}");
    // One that only engines refuse, and what Compose only warns of.
    std::fs::write(&file, format!("version: '3.8'\n{}", good.replace("\"5000:5000\"", "\"${PORT}5000:5000\"")))
        .unwrap();
    let (code, out, err) = grader(folder.path(), &args);
    assert_eq!(code, 0, "{out}{err}");
    assert_eq!(out.matches("note  compose.yaml:1: Compose doesn't use `version` any more.").count(), 1, "{out}");
    assert_eq!(out.matches("`PORT` isn't set, so Compose leaves it empty.").count(), 1, "{out}");
}
