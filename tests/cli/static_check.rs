//! What is said without Docker.

use super::folder;
use crate::common::grader;

#[test]
fn a_static_check_writes_every_report() {
    let folder = folder();
    assert_eq!(grader(folder.path(), &["init", "dockerize-python-app", "."]).0, 0);
    let args = ["check", "--static", "--report", "json=a.json", "--report", "junit=a.xml", "--report", "plain=a.txt"];
    let (code, stdout, _) = grader(folder.path(), &args);
    assert_eq!(code, 1);
    let read = |name: &str| std::fs::read_to_string(folder.path().join(name)).expect("it was written");
    let json: serde_json::Value = serde_json::from_str(&read("a.json")).expect("JSON");
    assert_eq!(json["schema"], "grader.report/v1");
    assert_eq!(json["complete"], false);
    assert!(read("a.xml").contains("<testsuite name=\"Dockerize a Python application\""));
    assert!(stdout.contains("FAIL  2  Multi-stage build used"), "{stdout}");
    assert_eq!(read("a.txt").lines().nth(3), stdout.lines().nth(3));

    let (_, stdout, _) = grader(folder.path(), &["check", "--static", "--format", "json"]);
    assert!(serde_json::from_str::<serde_json::Value>(&stdout).is_ok(), "{stdout}");
    let (_, stdout, _) = grader(folder.path(), &["check", "--static", "--report", "junit=-"]);
    assert!(stdout.starts_with("<?xml") && stdout.trim_end().ends_with("</testsuites>"), "{stdout}");
}

#[test]
fn without_docker_it_is_said_what_would_not_be_run() {
    let folder = folder();
    for (compose, told) in [
        (
            "services:\n  a:\n    image: x\n    privileged: true\n",
            "note  compose.yaml:4: `privileged` of the service `a` is not",
        ),
        // In the check that fails by it, and in no note.
        ("services:\n  a:\n    image: x\n    port: 1\n", "found     `port` isn't a key of services"),
    ] {
        std::fs::write(folder.path().join("compose.yaml"), compose).expect("it is written");
        let args = ["check", "--static", "--challenge", "dockerize-python-app", "--format", "plain"];
        let (_, stdout, _) = grader(folder.path(), &args);
        assert!(stdout.contains(told), "{stdout}");
        assert!(stdout.matches("isn't a key of services").count() <= 1, "{stdout}");
        // Nor is there anything that it could be given to where no engine answers.
        std::fs::write(folder.path().join("Dockerfile"), "FROM python:3.11-slim\n").expect("it is written");
        let mut without_engine = assert_cmd::Command::cargo_bin("grader").expect("it is built");
        without_engine.args(["check", "--challenge", "dockerize-python-app", "--format", "plain"]);
        without_engine.env("DOCKER_HOST", "unix:///nowhere").env("XDG_STATE_HOME", folder.path().join(".state"));
        let output = without_engine.current_dir(folder.path()).output().expect("it starts");
        let stdout = String::from_utf8_lossy(&output.stdout);
        assert_eq!(output.status.code(), Some(3));
        assert!(stdout.contains(told), "{stdout}");
        assert!(stdout.matches("isn't a key of services").count() <= 1, "{stdout}");
    }
}

#[test]
fn a_seed_is_taken_and_reported() {
    let folder = folder();
    let mut without_engine = assert_cmd::Command::cargo_bin("grader").expect("it is built");
    without_engine.args(["check", "--challenge", "dockerize-python-app", "--seed", "7", "--format", "json"]);
    without_engine.env("DOCKER_HOST", "unix:///nowhere").env("XDG_STATE_HOME", folder.path().join(".state"));
    let output = without_engine.current_dir(folder.path()).output().expect("it starts");
    let json: serde_json::Value = serde_json::from_slice(&output.stdout).expect("JSON");
    assert_eq!(json["seed"], 7);
    // Files are read the same way each time.
    let args = ["check", "--static", "--challenge", "dockerize-python-app", "--format", "json"];
    let json: serde_json::Value = serde_json::from_str(&grader(folder.path(), &args).1).expect("JSON");
    assert_eq!(json["seed"], serde_json::Value::Null);
    let args = ["check", "--challenge", "dockerize-python-app", "--seed", "x"];
    assert_eq!(grader(folder.path(), &args).0, 2);
}

#[test]
fn a_value_of_the_learner_s_comes_from_grader_yaml() {
    let challenge = "id: own\ntitle: t\nabout: a\nwith: { tag: { from: learner, example: 1.0 } }\nchecks:\n  \
                     - { id: tagged, title: t, why: w, hints: [h], points: 5, expect: [{ dockerfile.final.base.tag: \"{tag}\" }] }\n";
    let folder = crate::common::folder(&[("own/challenge.yaml", challenge), ("work/Dockerfile", "FROM python:3.11\n")]);
    let work = folder.path().join("work");
    let check = || crate::common::grader(&work, &["check", "--static", "--challenge", "../own", "--format", "json"]);
    for (file, code, message) in [
        (None, 1, Some("grader.yaml doesn't have a value for `tag` yet.")),
        (Some("with: { tag: '{tag}' }\n"), 1, Some("grader.yaml has a value for `tag` that may have only letters")),
        (Some("with: { tag: 1.0 }\n"), 1, Some("`dockerfile.final.base.tag` is not as expected")),
        (Some("with: { tag: 3.11 }\n"), 0, None),
    ] {
        if let Some(text) = file {
            crate::common::write(&work, "grader.yaml", text);
        }
        let (found, stdout, stderr) = check();
        let report: serde_json::Value = serde_json::from_str(&stdout).expect(&stderr);
        let said = report["checks"][0]["findings"][0]["message"].as_str();
        assert_eq!(found, code, "{file:?}: {stdout}{stderr}");
        assert_eq!(
            said.is_some_and(|said| message.is_some_and(|start| said.starts_with(start))),
            message.is_some(),
            "{said:?}"
        );
    }
}

#[test]
fn a_file_that_is_copied_and_missing_is_found_without_docker() {
    let folder = folder();
    assert_eq!(grader(folder.path(), &["init", "dockerize-python-app", "."]).0, 0);
    let write = |name: &str, text: &str| std::fs::write(folder.path().join(name), text).expect("it can be written");
    let built = |dockerfile: &str| {
        write("Dockerfile", dockerfile);
        let (_, stdout, _) = grader(folder.path(), &["check", "--static", "--format", "json"]);
        let json: serde_json::Value = serde_json::from_str(&stdout).expect("JSON");
        let checks = json["checks"].as_array().expect("checks").clone();
        let check = checks.into_iter().find(|check| check["id"] == "image-works").expect("the check");
        let finding = &check["findings"][0];
        (check["status"].clone(), finding["line"].clone(), finding["cause"].clone())
    };
    let base = "FROM python:3.11-slim\n";
    for (copy, cause) in [
        ("COPY requirement.txt .", "copy-source-misspelled"),
        ("ADD none/ /app/", "copy-source-missing"),
        ("COPY src/ none.py /app/", "copy-source-missing"),
    ] {
        assert_eq!(built(&format!("{base}{copy}\n")), ("failed".into(), 2.into(), cause.into()), "{copy}");
    }
    // Another stage's, a pattern, a variable, an address, text of its own, a stage that nothing needs, what is there.
    for copy in [
        "COPY --from=python:3.11-slim /none /app/",
        "COPY none* src/ /app/",
        "ARG A=src\nCOPY $A /app/",
        "ADD https://example.org/none /app/",
        "COPY <<none /app/\ntext\nnone",
        "FROM python:3.11-slim AS other\nCOPY none /\nFROM python:3.11-slim",
        "COPY ./src/ requirements.txt /app/",
    ] {
        assert_ne!(built(&format!("{base}{copy}\n")).0, "failed", "{copy}");
    }
    std::fs::remove_file(folder.path().join("requirements.txt")).expect("it was there");
    assert_ne!(built(&format!("{base}COPY requirements.txt .\n")).0, "failed", "the given file is put back");
    write(".dockerignore", "*.md\n");
    let told = built(&format!("{base}COPY README.md /\n"));
    assert_eq!(told, ("failed".into(), 1.into(), "copy-source-ignored".into()));
    // The same where no engine answers.
    let mut without_engine = crate::common::command(folder.path(), &["check", "--format", "json"]);
    let output = without_engine.env("DOCKER_HOST", "unix:///nowhere").output().expect("it starts");
    let json: serde_json::Value = serde_json::from_slice(&output.stdout).expect("JSON");
    let checks = json["checks"].as_array().expect("checks");
    let check = checks.iter().find(|check| check["id"] == "image-works").expect("the check");
    assert_eq!((&check["status"], &check["findings"][0]["line"]), (&"failed".into(), &1.into()), "{check}");
}
