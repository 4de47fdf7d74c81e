//! The files of the built-in challenge fit together.

use std::fs;
use std::path::{Path, PathBuf};

fn folder() -> PathBuf {
    Path::new(env!("CARGO_MANIFEST_DIR")).join("checks/challenges/dockerize-python-app")
}

#[test]
fn the_example_at_the_root_is_the_solution() {
    let example = fs::read(Path::new(env!("CARGO_MANIFEST_DIR")).join("Dockerfile.example")).unwrap();
    assert_eq!(example, fs::read(folder().join("solution/Dockerfile")).unwrap());
}

#[test]
fn the_solution_has_the_given_files_as_they_are() {
    for path in ["src/app.py", "requirements.txt"] {
        let [starter, solution] = ["starter", "solution"].map(|base| fs::read(folder().join(base).join(path)).unwrap());
        assert_eq!(starter, solution, "{path}");
    }
}

#[test]
fn every_case_differs_from_the_solution_and_says_why() {
    for case in fs::read_dir(folder().join("cases")).unwrap() {
        let case = case.unwrap().path();
        let expect = fs::read_to_string(case.join("expect.yaml")).unwrap();
        let is_about = expect.lines().any(|line| line.starts_with("about: ") && line.len() > 20);
        let changes = fs::read_dir(&case).unwrap().count() > 1 || expect.contains("\nremove: ");
        assert!(is_about && changes, "{}", case.display());
    }
}
