//! `grader test` on a small challenge that files alone decide: what is proved, and each way in which it is not.

#![allow(clippy::expect_used, clippy::unwrap_used)] // in helpers of tests too

use crate::common::{command, folder as common_folder, grader, run, write, write_all};
use serde_json::Value;
use std::fs;
use std::path::Path;
use tempfile::TempDir;

const CHALLENGE: &str = r#"id: tiny
title: Say your port
about: Write a Dockerfile that says its port.
checks:
  - id: exposes
    title: The port is documented
    points: 10
    expect: [{ dockerfile.final.exposes: { contains: "80/tcp" }, message: No port is documented. }]
    why: Others see it at once.
    hints: [One instruction is for documentation only.]
    examples:
      pass: [{ dockerfile.final.exposes: [80/tcp] }]
      fail: [{ dockerfile.final.exposes: [] }]
  - id: ignores
    title: The history stays out
    points: 5
    expect: [{ dockerignore.patterns: { excludes: [.git] } }]
    why: It may hold secrets.
    hints: [Which folder holds the history?]
    examples:
      pass: [{ dockerignore.patterns: [.git] }]
      fail: [{ dockerignore.patterns: [venv] }]
"#;

const EXPECT: &str = "about: The port is not said.\nfails: [exposes]\nscore: 5\n\
    finding: { check: exposes, path: Dockerfile, message: documented }\n";

/// The challenge, whole and right.
fn challenge() -> TempDir {
    let folder = tempfile::tempdir().unwrap();
    write(folder.path(), "challenge.yaml", CHALLENGE);
    write(folder.path(), "starter/Dockerfile", "FROM scratch\nCOPY a /\n");
    write(folder.path(), "solution/Dockerfile", "FROM scratch\nEXPOSE 80\n");
    write(folder.path(), "solution/.dockerignore", ".git\n");
    write(folder.path(), "cases/no-port/Dockerfile", "FROM scratch\n");
    write(folder.path(), "cases/no-port/expect.yaml", EXPECT);
    folder
}

/// The challenge with these files changed or added.
fn challenge_with(files: &[(&str, &str)]) -> TempDir {
    let folder = challenge();
    write_all(folder.path(), files);
    folder
}

/// The exit code, stdout and stderr of `grader test` in a folder; no engine can be found.
fn test(folder: &Path, args: &[&str]) -> (i32, String, String) {
    run(command(folder, &[&["test"], args].concat()).env("DOCKER_HOST", "unix:///nowhere/docker.sock"))
}

#[test]
fn a_challenge_that_is_right_is_proved() {
    let folder = challenge();
    let (code, stdout, stderr) = test(folder.path(), &[]);
    insta::assert_snapshot!(stdout, @"
    Say your port

    OK   examples  2 of 2 checks are judged as their examples say
    OK   starter   does not pass, and says what to do
    OK   solution  gets every point, three times the same
    OK   cases     1 of 1 fail exactly what they name

    Mutants of the solution   4 noticed
    OK   .dockerignore:1 without .git    ignores
    OK   .dockerignore empty             ignores
    OK   .dockerignore not there         ignores
    OK   Dockerfile:2 without EXPOSE 80  exposes

    Proved
    ");
    assert_eq!(code, 0, "{stderr}");
    assert!(stderr.contains("Say your port: 3 solution\nsolution 1/3: solution, 1. time\n"), "{stderr}");
    let (code, json, _) = test(folder.path(), &["--format", "json", "--report", "junit=report.xml"]);
    let report: Value = serde_json::from_str(&json).unwrap();
    assert_eq!((code, &report["schema"], &report["proved"]), (0, &"grader.proof/v1".into(), &true.into()));
    let proof = &report["proofs"][0];
    assert_eq!(proof["tried"].as_array().unwrap().len(), 5);
    assert_eq!(proof["mutants"][0]["name"], ".dockerignore: without .git");
    assert_eq!(proof["mutants"][0]["noticed_by"], serde_json::json!(["ignores"]));
    let xml = fs::read_to_string(folder.path().join("report.xml")).unwrap();
    for part in [r#"<testsuite name="tiny/cases""#, r#"<testcase name="Dockerfile: without EXPOSE 80""#] {
        assert!(xml.contains(part), "{xml}");
    }
}

/// What is told of the challenge with one file changed (or removed, where there is no text).
fn told(path: &str, text: Option<&str>) -> (i32, String) {
    let folder = challenge();
    match text {
        Some(text) => write(folder.path(), path, text),
        None => fs::remove_file(folder.path().join(path)).unwrap(),
    }
    let (code, stdout, stderr) = test(folder.path(), &["."]);
    (code, if code == 2 { stderr } else { stdout })
}

#[test]
fn what_is_not_as_it_should_be_is_told() {
    let wrong_pass = CHALLENGE
        .replace("pass: [{ dockerfile.final.exposes: [80/tcp] }]", "pass: [{ dockerfile.final.exposes: [81/tcp] }]");
    let wrong_fail =
        CHALLENGE.replace("fail: [{ dockerignore.patterns: [venv] }]", "fail: [{ dockerignore.patterns: [.git] }]");
    let no_fail = CHALLENGE.replace("      fail: [{ dockerfile.final.exposes: [] }]\n", "");
    let no_facts = CHALLENGE.replace("pass: [{ dockerignore.patterns: [.git] }]", "pass: [{}]");
    let changed = |from: &str, to: &str| EXPECT.replace(from, to);
    for (path, text, wanted) in [
        ("challenge.yaml", wrong_pass.as_str(), "pass 1: fails, and should pass: No port is documented."),
        ("challenge.yaml", &wrong_fail, "fail 1: passes, and should fail (dockerignore.patterns: [\".git\"])"),
        ("challenge.yaml", &no_fail, "it has no example of what it has to fail"),
        ("challenge.yaml", &no_facts, "pass 1: fails, and should pass"),
        ("starter/Dockerfile", "FROM scratch\nEXPOSE 80\n", "OK   starter"),
        ("starter/.dockerignore", ".git\n", "OK   starter"),
        ("solution/Dockerfile", "FROM scratch\nEXPOSE 81\n", "- it gets 5 of 15 points"),
        ("solution/Dockerfile", "FROM scratch\nEXPOSE 81\n", "- exposes fails: Dockerfile:2: No port is documented"),
        (
            "cases/no-port/expect.yaml",
            &changed("fails: [exposes]", "fails: [exposes, ignores]"),
            "- ignores should fail, and passed",
        ),
        ("cases/no-port/.dockerignore", "venv\n", "- ignores fails: .dockerignore"),
        ("cases/no-port/expect.yaml", &changed("score: 5", "score: 0"), "- expected 0 points, got 5"),
        (
            "cases/no-port/expect.yaml",
            &changed("message: documented", "message: undocumented"),
            "- exposes should find `undocumented` in Dockerfile, and finds Dockerfile",
        ),
        (
            "cases/no-port/expect.yaml",
            &changed("message: documented", "line: 9"),
            "- exposes should find something at Dockerfile:9",
        ),
        ("cases/no-port/expect.yaml", &changed("score: 5\n", ""), "OK   cases"),
        ("cases/no-port/expect.yaml", &changed("score: 5", "findings: 1"), "OK   cases"),
        (
            "cases/no-port/expect.yaml",
            &changed("score: 5", "findings: 2"),
            "- expected 2 findings, got 1 finding: exposes:",
        ),
        ("cases/no-port/expect.yaml", &changed("score: 5", "findings: [{ check: exposes, line: 1 }]"), "OK   cases"),
        (
            "cases/no-port/expect.yaml",
            &changed("score: 5", "findings: [{ check: exposes, line: 2 }]"),
            "- exposes should find something at line 2, and doesn't",
        ),
        ("solution/.dockerignore", ".git\nvenv\n", "- mutant: \".dockerignore: without venv\""),
        (
            "mutants.yaml",
            "- mutant: \"Dockerfile: without EXPOSE 80\"\n  reason: r\n",
            "- it no longer survives, exposes notices it: remove it",
        ),
        (
            "mutants.yaml",
            "- mutant: \"Dockerfile: without EXPOSE 8\"\n  reason: r\n",
            "- there is no such mutant: did you mean `Dockerfile: without EXPOSE 80`?",
        ),
    ] {
        let (code, stdout) = told(path, Some(text));
        assert!(stdout.contains(wanted), "{path}: {wanted}\n{stdout}");
        assert_eq!(code, i32::from(!wanted.starts_with("OK")), "{path}: {wanted}\n{stdout}");
    }
    let folder = challenge();
    write(folder.path(), "starter/Dockerfile", "FROM scratch\nEXPOSE 80\n");
    write(folder.path(), "starter/.dockerignore", ".git\n");
    let (code, stdout, _) = test(folder.path(), &[]);
    assert!(stdout.contains("- it passes with 15 of 15 points: nothing is left to do"), "{stdout}");
    assert!(stdout.ends_with("Not proved: one thing is not as it should be\n"), "{stdout}");
    assert_eq!(code, 1);
}

#[test]
fn a_challenge_with_a_script_loads_wherever_its_program_is() {
    let check = "id: asks\ntitle: t\nwhy: w\nhints: [h]\nscript: { run: asks.sh, image: busybox }\n";
    let challenge = CHALLENGE.replace("checks:\n", "checks:\n  - { use: asks, points: 1 }\n");
    for place in ["checks/asks.sh", "asks.sh"] {
        let folder = challenge_with(&[("challenge.yaml", &challenge), ("checks/asks.yaml", check)]);
        write(folder.path(), place, "#!/bin/sh\n");
        let (code, stdout, stderr) = test(folder.path(), &["--no-engine"]);
        assert_eq!(code, 0, "{place}: {stdout}{stderr}");
        assert!(stdout.contains("3 of 3 checks are judged as their examples say"), "{stdout}");
        let (code, stdout, stderr) = test(folder.path(), &["checks/asks.yaml"]);
        assert_eq!(code, 0, "{place}: {stdout}{stderr}");
        let (_, stdout, _) = grader(folder.path(), &["lint"]);
        assert!(!stdout.contains("asks.sh"), "{place}: {stdout}");
    }
    let folder = challenge_with(&[("challenge.yaml", &challenge), ("checks/asks.yaml", check)]);
    let (code, _, stderr) = test(folder.path(), &["--no-engine"]);
    assert!(code == 2 && stderr.contains("`asks.sh`: there is no such file beside this one"), "{stderr}");
}

/// A check that several challenges share may be a link; lint, check and test take it alike.
#[cfg(unix)]
#[test]
fn a_shared_check_may_be_a_link() {
    let shared = "id: shared\ntitle: t\nwhy: w\nhints: [h]\nexpect: [{ dockerfile.exists: true }]\n\
        examples: { pass: [{ dockerfile.exists: true }], fail: [{ dockerfile.exists: false }] }\n";
    let challenge = CHALLENGE.replace("checks:\n", "checks:\n  - { use: shared, points: 1 }\n");
    let folder = challenge_with(&[("challenge.yaml", &challenge)]);
    let elsewhere = common_folder(&[("shared.yaml", shared)]);
    fs::create_dir(folder.path().join("checks")).unwrap();
    std::os::unix::fs::symlink(elsewhere.path().join("shared.yaml"), folder.path().join("checks/shared.yaml")).unwrap();
    let (code, stdout, stderr) = test(folder.path(), &["--only", "shared"]);
    assert!(code == 0 && stdout.contains("1 of 1 checks"), "{stdout}{stderr}");
    let (_, stdout, _) = grader(folder.path(), &["lint"]);
    assert!(!stdout.contains("this link") && !stdout.contains("error"), "{stdout}");
    let (code, stdout, stderr) = grader(folder.path(), &["check", "--static", "--challenge", ".", "solution"]);
    assert_eq!(code, 0, "{stdout}{stderr}");
}

#[test]
fn a_check_that_the_solution_fails_notices_no_mutant() {
    // The same Dockerfile, and no check that the solution passes looks at it.
    let folder = challenge_with(&[("solution/Dockerfile", "FROM scratch\nEXPOSE 81\n")]);
    let (code, stdout, _) = test(folder.path(), &[]);
    assert!(stdout.contains("Mutants of the solution   3 noticed, 1 not judged\n"), "{stdout}");
    assert!(stdout.contains("without EXPOSE 81  could not be judged: the solution itself fails exposes\n"), "{stdout}");
    assert_eq!(code, 1);
    let (_, stdout, _) = test(folder.path(), &["--only", "Dockerfile: *"]);
    assert!(stdout.contains("Mutants of the solution   1 not judged\n"), "{stdout}");
}

#[test]
fn a_survivor_with_a_reason_is_fair() {
    let folder = challenge();
    write(folder.path(), "solution/.dockerignore", ".git\nvenv\n");
    write(folder.path(), "mutants.yaml", "- mutant: \".dockerignore: without venv\"\n  reason: There is none.\n");
    let (code, stdout, _) = test(folder.path(), &[]);
    assert!(stdout.contains(".dockerignore:2 without venv    survives: There is none.\n"), "{stdout}");
    assert_eq!(code, 0, "{stdout}");
}

#[test]
fn wrong_files_are_told_all_at_once_with_their_places() {
    let folder = challenge();
    let root = folder.path();
    write(root, "cases/not-said/Dockerfile", "FROM scratch\n");
    write(root, "cases/stray.txt", "");
    write(root, "cases/same/expect.yaml", "about: a\nfails: []\n");
    write(root, "cases/keys/Dockerfile", "FROM a\n");
    write(
        root,
        "cases/keys/expect.yaml",
        "about: a\nfail: [exposes]\nfails: [expose]\nremove: [Dockerfil]\nscore: many\n",
    );
    write(root, "cases/sought/Dockerfile", "FROM a\n");
    write(root, "cases/sought/expect.yaml", "about: a\nfails: []\nfinding: { check: exposes }\n");
    write(root, "cases/junk/__pycache__/a.pyc", "");
    write(root, "cases/junk/expect.yaml", "fails: [\n");
    write(root, "solutions/Dockerfile", "FROM a\n");
    write(root, "mutants.yaml", "- mutants: a\n  reason: b\n");
    #[cfg(unix)]
    std::os::unix::fs::symlink("/etc/passwd", root.join("solution/link")).unwrap();
    let (code, stdout, stderr) = test(root, &["."]);
    assert_eq!((code, stdout.as_str()), (2, ""), "{stderr}");
    for told in [
        "./cases/not-said: this case has no expect.yaml",
        "./cases/stray.txt: a case is a folder",
        "./cases/same: this case is the solution itself",
        "./cases/keys/expect.yaml:2:1: unknown key `fail`",
        "./cases/keys/expect.yaml:3:9: unknown check `expose`",
        "did you mean `exposes`?",
        "./cases/keys/expect.yaml:4:10: the solution has no file `Dockerfil` to remove",
        "./cases/keys/expect.yaml:5:8: a whole number from 0 to 10000 is wanted here, not `many`",
        "./cases/sought/expect.yaml:3:19: `exposes` is not among those that fail",
        "./cases/junk/__pycache__: a tool has left this behind",
        "./cases/junk/expect.yaml:",
        "./solutions: grader does not look into this folder: did you mean `solution`?",
        "./mutants.yaml:1:3: unknown key `mutants`",
        #[cfg(unix)]
        "./solution/link: a solution holds files and folders only, no links",
    ] {
        assert!(stderr.contains(told), "{told}\n{stderr}");
    }
    let (code, told) = told("solution/.dockerignore", None);
    assert_eq!(code, 1, "{told}");
    let folder = challenge();
    fs::remove_dir_all(folder.path().join("solution")).unwrap();
    let (code, _, stderr) = test(folder.path(), &[]);
    assert!(code == 2 && stderr.contains("./solution: there is no solution here"), "{stderr}");
}

#[test]
fn only_some_of_it_is_tried() {
    let folder = challenge();
    let (code, stdout, _) = test(folder.path(), &["--only", "no-*", "--only", "Dockerfile: *", "--format", "json"]);
    let report: Value = serde_json::from_str(&stdout).unwrap();
    let names = |key: &str| -> Vec<String> {
        let all = report["proofs"][0][key].as_array().unwrap();
        all.iter().map(|one| one["name"].as_str().unwrap().to_owned()).collect()
    };
    assert_eq!((code, names("tried")), (0, vec!["no-port".to_owned()]));
    assert_eq!(names("mutants"), ["Dockerfile: without EXPOSE 80"]);
    assert_eq!(report["proofs"][0]["partial"], true);
    let (_, stdout, _) = test(folder.path(), &["--only", "no-*"]);
    assert!(stdout.ends_with("What was asked for is as it should be\n"), "{stdout}");
    let (code, _, stderr) = test(folder.path(), &["--only", "nothing"]);
    assert!(code == 2 && stderr.contains("nothing is called nothing"), "{stderr}");
}

#[test]
fn without_an_engine_the_rest_could_not_be_judged() {
    let folder = challenge();
    let check = r"  - id: small
    title: The image is small
    points: 1
    expect: [{ image.size: { below: 1MB } }]
    why: It is sent around.
    hints: [What is in it?]
    examples: { pass: [{ image.size: 1kB }], fail: [{ image.size: 2MB }] }
";
    write(folder.path(), "challenge.yaml", &(CHALLENGE.to_owned() + check));
    write(folder.path(), "cases/no-port/.dockerignore", "x\n");
    let (code, stdout, stderr) = test(folder.path(), &["--only", "*"]);
    // That fails by its files alone.
    assert!(code == 1 && stdout.contains("- ignores fails: .dockerignore"), "{stdout}{stderr}");
    fs::remove_file(folder.path().join("cases/no-port/.dockerignore")).unwrap();
    let (code, stdout, _) = test(folder.path(), &["--engine-mutants"]);
    assert!(stdout.contains("???? solution  could not be judged\n"), "{stdout}");
    assert!(stdout.contains("Dockerfile:2 without EXPOSE 80     exposes"), "{stdout}");
    assert_eq!(code, 3, "{stdout}");
    let (code, stdout, _) = test(folder.path(), &["--no-engine"]);
    assert!(stdout.contains("SKIP solution"), "{stdout}");
    let counted = "Nothing wrong in the files, 4 of 5 mutants judged. Without --no-engine grader judges the rest\n";
    assert!(stdout.ends_with(counted), "{stdout}");
    assert_eq!(code, 0, "{stdout}");
    let (_, json, _) = test(folder.path(), &["--no-engine", "--format", "json"]);
    let report: Value = serde_json::from_str(&json).unwrap();
    assert_eq!((&report["proved"], &report["proofs"][0]["mutants_judged"]), (&false.into(), &4.into()));
}

#[test]
fn checks_are_tested_by_their_files() {
    let folder = tempfile::tempdir().unwrap();
    let (code, _, stderr) = test(folder.path(), &[]);
    assert!(code == 2 && stderr.contains("there is no challenge.yaml here"), "{stderr}");
    let (code, _, stderr) = test(folder.path(), &["no-such"]);
    assert!(code == 2 && stderr.contains("there is no challenge `no-such`"), "{stderr}");
    let check = "id: small\ntitle: t\nwhy: w\nhints: [h]\nexpect: [{ image.size: { below: 1MB } }]\n\
        examples: { pass: [{ image.size: 1kB }], fail: [{ image.size: 2MB }] }\n";
    write(folder.path(), "checks/small.yaml", check);
    for args in [&[][..], &["checks/small.yaml"], &["checks"], &["image-size"]] {
        let (code, stdout, stderr) = test(folder.path(), args);
        assert!(code == 0 && stdout.contains("1 of 1 checks are judged as their examples say"), "{stdout}{stderr}");
    }
    write(folder.path(), "checks/small.yaml", check.replace("2MB", "2kB"));
    let (code, stdout, _) = test(folder.path(), &[]);
    assert!(code == 1 && stdout.contains("FAIL examples of small\n"), "{stdout}");
    write(folder.path(), "checks/wrong.yaml", "id: wrong\n");
    let (code, _, stderr) = test(folder.path(), &[]);
    assert!(code == 2 && stderr.contains("checks/wrong.yaml:1:1"), "{stderr}");
}

#[test]
fn all_that_is_built_in_holds_as_far_as_files_tell() {
    let folder = tempfile::tempdir().unwrap();
    let (code, stdout, _) = test(folder.path(), &["--all", "--no-engine"]);
    assert!(stdout.contains("Dockerize a Python application"), "{stdout}");
    assert_eq!(code, 0, "{stdout}");
}
