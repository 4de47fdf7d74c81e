//! What is said without Docker.

use super::{folder, grader};

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
fn a_static_check_says_what_docker_would_not_be_given() {
    let folder = folder();
    for (compose, told) in [
        (
            "services:\n  a:\n    image: x\n    privileged: true\n",
            "compose.yaml:4: `privileged` of the service `a` is not",
        ),
        ("services:\n  a:\n    image: x\n    port: 1\n", "compose.yaml:4: `port` is no key of services"),
    ] {
        std::fs::write(folder.path().join("compose.yaml"), compose).expect("it is written");
        let args = ["check", "--static", "--challenge", "dockerize-python-app", "--format", "plain"];
        let (_, stdout, _) = grader(folder.path(), &args);
        assert!(stdout.contains(&format!("note  {told}")), "{stdout}");
    }
}
