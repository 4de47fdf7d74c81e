//! `grader test` with a real engine, on a challenge that takes a second: what is wrong with it is told.

use crate::common::write;
use grader::engine::Engine;
use serde_json::Value;
use std::path::Path;
use std::process::Command;
use tempfile::TempDir;

const CHALLENGE: &str = r"id: hello
title: Say hello
about: Build an image that says hello.
checks:
  - id: builds
    title: The image builds
    points: 5
    expect: [{ image.builds: true, message: The image doesn't build. }]
    why: Without an image nothing runs.
    hints: [Read the last line of the build.]
    examples: { pass: [{ image.builds: true }], fail: [{ image.builds: false }] }
  - id: user
    title: Not root
    needs: [builds]
    points: 5
    expect: [{ image.user.name: { equals: app }, message: The image runs as root. }]
    why: Root may do anything.
    hints: [Which instruction changes the user?]
    examples: { pass: [{ image.user.name: app }], fail: [{ image.user.name: root }] }
";
const SOLUTION: &str = "FROM debian:bookworm-slim\nRUN useradd app\nLABEL says=hello\nUSER app\n";
const FAIR: &str = "- mutant: \"Dockerfile: without LABEL says=hello\"\n  reason: Nobody reads it.\n\
    - mutant: \"Dockerfile: without RUN useradd app\"\n  reason: The name is all that is asked for.\n\
    - mutant: \"Dockerfile: with a secret in ENV\"\n  reason: Nobody reads it.\n";

tests![
    what_is_right_is_proved_with_its_mutants,
    a_solution_that_loses_points_is_told,
    a_case_that_fails_another_check_is_told,
    a_survivor_that_is_not_named_is_told,
    #[cfg(unix)]
    one_that_is_interrupted_reports_what_it_knows,
];

fn challenge() -> TempDir {
    let folder = tempfile::tempdir().unwrap();
    write(folder.path(), "challenge.yaml", CHALLENGE);
    write(folder.path(), "mutants.yaml", FAIR);
    write(folder.path(), "starter/Dockerfile", "FROM debian:bookworm-slim\n");
    write(folder.path(), "solution/Dockerfile", SOLUTION);
    write(folder.path(), "cases/root/Dockerfile", SOLUTION.replace("USER app", "USER root"));
    write(folder.path(), "cases/root/expect.yaml", "about: Root again.\nfails: [user]\nscore: 5\n");
    folder
}

fn grader(folder: &Path, args: &[&str]) -> Command {
    let mut command = Command::new(env!("CARGO_BIN_EXE_grader"));
    command.args(["test", "--format", "json"]).args(args).current_dir(folder);
    command
}

/// The exit code and the first proof.
fn test(folder: &TempDir, args: &[&str]) -> (Option<i32>, Value) {
    let output = grader(folder.path(), args).output().unwrap();
    let report: Value = serde_json::from_slice(&output.stdout)
        .unwrap_or_else(|error| panic!("{error}: {}", String::from_utf8_lossy(&output.stderr)));
    (output.status.code(), report["proofs"][0].clone())
}

/// What is wrong with one of the things that were tried.
fn wrong(proof: &Value, name: &str) -> String {
    let tried = proof["tried"].as_array().unwrap();
    let item = tried.iter().find(|item| item["name"] == name).unwrap();
    item["wrong"].as_array().unwrap().iter().filter_map(Value::as_str).collect::<Vec<_>>().join("\n")
}

fn fates(proof: &Value) -> Vec<(&str, &str)> {
    let mutants = proof["mutants"].as_array().unwrap().iter();
    mutants.map(|mutant| (mutant["name"].as_str().unwrap(), mutant["status"].as_str().unwrap())).collect()
}

async fn what_is_right_is_proved_with_its_mutants(_: Engine) {
    // Not the latest image of Debian, which may have to be pulled.
    let only = ["builds", "user", "starter", "solution", "root", "*: without*", "*: USER*", "*secret*"];
    let only = only.iter().flat_map(|name| ["--only", name]);
    let args: Vec<&str> = ["--engine-mutants", "--jobs", "2"].into_iter().chain(only).collect();
    let (code, proof) = test(&challenge(), &args);
    let statuses: Vec<&Value> = proof["tried"].as_array().unwrap().iter().map(|item| &item["status"]).collect();
    assert_eq!(statuses, ["held"; 5], "{proof:#}");
    assert_eq!(
        fates(&proof),
        [
            ("Dockerfile: without RUN useradd app", "fair"),
            ("Dockerfile: without LABEL says=hello", "fair"),
            ("Dockerfile: without USER app", "noticed"),
            ("Dockerfile: USER root instead of USER app", "noticed"),
            ("Dockerfile: with a secret in ENV", "fair"),
        ]
    );
    assert_eq!(code, Some(0), "{proof:#}");
    // The engine sees all of them but the one that a case has tried.
    let stderr = String::from_utf8(grader(challenge().path(), &args).output().unwrap().stderr).unwrap();
    let counts: Vec<&str> = stderr.lines().filter(|line| line.ends_with(" mutants")).collect();
    assert_eq!(counts, ["Say hello: 5 mutants", "Say hello: 4 mutants"], "{stderr}");
    let (code, proof) = test(&challenge(), &["--only", "Dockerfile:*"]);
    assert!(fates(&proof).iter().all(|(_, fate)| *fate == "needs-engine"), "{proof:#}");
    assert_eq!(code, Some(0));
}

async fn a_solution_that_loses_points_is_told(_: Engine) {
    let folder = challenge();
    write(folder.path(), "solution/Dockerfile", SOLUTION.replace("USER app\n", ""));
    let (code, proof) = test(&folder, &["--only", "solution"]);
    let told = wrong(&proof, "solution");
    assert!(told.contains("user fails: Dockerfile:1: The image runs as root ("), "{told}");
    assert!(told.contains("it gets 5 of 10 points"), "{told}");
    assert_eq!(code, Some(1));
}

async fn a_case_that_fails_another_check_is_told(_: Engine) {
    let folder = challenge();
    write(folder.path(), "cases/root/Dockerfile", "FROM debian:bookworm-slim\nRUN false\n");
    let (code, proof) = test(&folder, &["--only", "root"]);
    let told = wrong(&proof, "root");
    assert!(told.contains("user should fail, and is skipped: it needs “The image builds” first"), "{told}");
    assert!(told.contains("builds fails: Dockerfile:2: The image doesn't build"), "{told}");
    assert!(told.contains("expected 5 points, got 0"), "{told}");
    assert_eq!(code, Some(1));
}

async fn a_survivor_that_is_not_named_is_told(_: Engine) {
    let folder = challenge();
    write(folder.path(), "mutants.yaml", "- mutant: \"Dockerfile: without USER app\"\n  reason: It is said to be.\n");
    let (code, proof) = test(&folder, &["--engine-mutants", "--only", "*LABEL*", "--only", "*: without USER*"]);
    assert_eq!(fates(&proof)[0], ("Dockerfile: without LABEL says=hello", "survived"));
    assert_eq!(wrong(&proof, "Dockerfile: without USER app"), "it no longer survives, user notices it: remove it");
    assert_eq!(code, Some(1));
}

#[cfg(unix)]
async fn one_that_is_interrupted_reports_what_it_knows(engine: Engine) {
    use std::io::{BufRead as _, BufReader};
    use std::process::Stdio;
    let folder = challenge();
    // Its own, so that no other build has come to its end.
    let slow = format!("FROM debian:bookworm-slim\nRUN sleep 300; : {}\n", engine.run.id);
    write(folder.path(), "starter/Dockerfile", slow);
    let mut child = grader(folder.path(), &[]).stdout(Stdio::piped()).stderr(Stdio::piped()).spawn().unwrap();
    let mut lines = BufReader::new(child.stderr.take().unwrap()).lines();
    assert!(lines.by_ref().map_while(Result::ok).any(|line| line == "starter 1/1: starter"));
    let pid = rustix::process::Pid::from_raw(i32::try_from(child.id()).unwrap()).unwrap();
    rustix::process::kill_process(pid, rustix::process::Signal::INT).unwrap();
    let output = child.wait_with_output().unwrap();
    let report: Value = serde_json::from_slice(&output.stdout).unwrap();
    assert_eq!(report["interrupted"], "interrupted by Ctrl-C");
    let tried = report["proofs"][0]["tried"].as_array().unwrap();
    let statuses: Vec<&Value> = tried.iter().map(|item| &item["status"]).collect();
    assert_eq!(statuses, ["held", "held", "unjudged", "unjudged", "unjudged"]);
    assert_eq!(output.status.code(), Some(130));
}
