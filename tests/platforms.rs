//! A run as the platforms start it, GitHub Actions, Gradescope and Classroom 50: what each finds afterwards, and what the
//! tools that grader starts know of it.

#![cfg(unix)]
#![allow(clippy::expect_used, clippy::unwrap_used)] // in helpers of tests too

use crate::common::program;
use crate::runner;
use assert_cmd::Command;
use serde_json::Value;
use std::fs;
use std::path::{Path, PathBuf};
use tempfile::TempDir;

const CHALLENGE: &str = "\
id: small
title: Small
about: Small.
checks:
  - id: pinned
    title: Pinned
    points: 6
    expect: [{ dockerfile.final.base.tag: { equals: \"1\" } }]
    why: It stays the same.
    hints: [Which one is it?]
";
/// A check more, for which there has to be an engine.
const BUILDS: &str = "  - id: builds
    title: Builds
    points: 4
    expect: [{ image.builds: true }]
    why: It has to.
    hints: [What does Docker say?]
";
/// A learner's file that tries to act.
const HOSTILE: &str = "FROM a:2\nRUN \\\n::error::pwned ##[add-mask]x \u{1b}]0;t\u{7}\n";

struct Job(TempDir);

impl Job {
    fn new(dockerfile: &str, challenge: &str) -> Self {
        let folder = tempfile::tempdir().unwrap();
        fs::create_dir(folder.path().join("work")).unwrap();
        fs::write(folder.path().join("work/Dockerfile"), dockerfile).unwrap();
        fs::write(folder.path().join("small.yaml"), challenge).unwrap();
        Self(folder)
    }

    fn path(&self, name: &str) -> PathBuf {
        self.0.path().join(name)
    }

    fn command(&self, args: &[&str]) -> Command {
        let mut command = Command::cargo_bin("grader").unwrap();
        command.args(args).current_dir(self.0.path()).env_clear();
        command.env("PATH", std::env::var_os("PATH").unwrap()).env("XDG_STATE_HOME", self.path("state"));
        command
    }

    fn check(&self, args: &[&str], variables: &[(&str, &str)]) -> (i32, String, String) {
        let mut command = self.command(&[&["check", "work", "--challenge", "small.yaml"], args].concat());
        run(command.envs(variables.iter().copied()))
    }
}

fn run(command: &mut Command) -> (i32, String, String) {
    let output = command.output().unwrap();
    let text = |bytes| String::from_utf8(bytes).unwrap();
    (output.status.code().unwrap(), text(output.stdout), text(output.stderr))
}

const ACTIONS: &[(&str, &str)] = &[("GITHUB_ACTIONS", "true")];

#[test]
fn the_log_obeys_nothing_until_the_annotations() {
    let job = Job::new(HOSTILE, CHALLENGE);
    let mut tokens = Vec::new();
    for format in ["json", "plain"] {
        let (_, stdout, stderr) = job.check(&["--static", "--format", format], ACTIONS);
        assert_eq!(runner::commands(&stdout), [], "stdout is the report: {stdout}");
        let commands = runner::commands(&stderr);
        let fences: Vec<&str> =
            commands.iter().filter(|it| it.name == "stop-commands").map(|it| it.data.as_str()).collect();
        let [first, second] = fences[..] else { panic!("{stderr}") };
        let names: Vec<&str> = commands.iter().map(|it| it.name.as_str()).collect();
        let order = ["group", "stop-commands", first, "endgroup", "stop-commands", second, "error"];
        assert_eq!(names, order, "{stderr}");
        assert!(first.len() > 32, "{first}");
        tokens.extend([first.to_owned(), second.to_owned()]);
        // Even a line that came through is not obeyed.
        let leaked = stderr.replace("grading Small", "::error::pwned\ngrading Small");
        assert_eq!(runner::commands(&leaked), commands);
    }
    tokens.sort();
    tokens.dedup();
    assert_eq!(tokens.len(), 4, "each is used once");
}

#[test]
fn commands_are_obeyed_again_where_nothing_could_be_graded() {
    let job = Job::new("FROM a:1\n", CHALLENGE);
    for (args, expected) in [(&["--challenge", "none.yaml"][..], 2), (&["--only", "none"], 2)] {
        let mut command = job.command(&["check", "work"]);
        command.args(args).envs(ACTIONS.iter().copied());
        if args[0] == "--only" {
            command.args(["--challenge", "small.yaml"]);
        }
        let (code, _, stderr) = run(&mut command);
        assert_eq!(code, expected, "{stderr}");
        runner::commands(&stderr); // it looks at that itself
    }
}

#[test]
fn annotations_that_are_printed_are_obeyed_and_told_once() {
    let job = Job::new("FROM a:2\n", CHALLENGE);
    let (_, stdout, stderr) = job.check(&["--static", "--format", "github"], ACTIONS);
    assert_eq!(runner::commands(&stdout).len(), 1, "{stdout}");
    let names: Vec<String> = runner::commands(&stderr).into_iter().map(|it| it.name).collect();
    assert!(!names.contains(&"error".to_owned()) && names.last().is_some_and(|name| name == "endgroup"), "{stderr}");
}

#[test]
fn gradescope_is_told_whatever_happens() {
    let job = Job::new("FROM a:2\n", &format!("{CHALLENGE}{BUILDS}"));
    fs::write(job.path("broken.yaml"), "id: broken\nchecks: 7\n").unwrap();
    let nowhere = ("DOCKER_HOST", "unix:///nowhere/docker.sock");
    for (args, expected, told) in [
        (&["check", "work"][..], 2, "no challenge is named"),
        (&["check", "work", "--challenge", "none"], 2, "none"),
        (&["check", "work", "--challenge", "broken.yaml"], 2, "broken.yaml:"),
        (&["check", "elsewhere", "--challenge", "small.yaml"], 2, "elsewhere"),
        (&["check", "work", "--challenge", "small.yaml", "--pass-mark", "99"], 2, "more than the 10 points"),
        (&["check", "work", "--challenge", "small.yaml", "--only", "none"], 2, "none"),
        (&["check", "work", "--challenge", "small.yaml"], 3, "Not everything was judged"),
        (&["check", "work", "--challenge", "small.yaml", "--static"], 1, "Not everything was judged"),
    ] {
        let _ = fs::remove_file(job.path("results.json"));
        let mut command = job.command(args);
        let (code, _, stderr) = run(command.args(["--report", "gradescope=results.json"]).envs([nowhere]));
        assert_eq!(code, expected, "{args:?}: {stderr}");
        let text = fs::read_to_string(job.path("results.json")).unwrap_or_else(|error| panic!("{args:?}: {error}"));
        let results: Value = serde_json::from_str(&text).unwrap();
        assert!(results["output"].as_str().unwrap().contains(told), "{args:?}: {text}");
        assert!(results["score"].is_u64() && results["tests"].is_array(), "{text}");
    }
}

#[test]
fn classroom50_hears_by_the_exit_code_whether_grading_ran() {
    let platform = [
        ("CLASSROOM", "docker"),
        ("ASSIGNMENT", "one"),
        ("SUBMISSION_TAG", "submit/20260225T061320Z-3f2a9c1"),
        ("COMMIT_URL", "https://example.org/c"),
        ("RELEASE_URL", "https://example.org/r"),
        ("GITHUB_ACTIONS", "true"),
    ];
    let report = ["--report", "classroom50=result.json"];
    let job = Job::new("FROM a:2\n", CHALLENGE);
    let output = job.path("output");
    let variables = [&platform[..], &[("GITHUB_OUTPUT", output.to_str().unwrap())]].concat();
    let (code, _, stderr) = job.check(&report, &variables);
    assert_eq!(code, 0, "{stderr}");
    let result: Value = serde_json::from_str(&fs::read_to_string(job.path("result.json")).unwrap()).unwrap();
    assert_eq!((result["score"].as_u64(), result["max-score"].as_u64()), (Some(0), Some(6)));
    assert_eq!(result["review"], result["commit"], "older runners say no REVIEW_URL");
    assert_eq!(fs::read_to_string(output).unwrap(), "score=0\nmax-score=6\npassed=false\n", "status is the platform's");

    let job = Job::new("FROM a:2\n", &format!("{CHALLENGE}{BUILDS}"));
    let nowhere = [&platform[..], &[("DOCKER_HOST", "unix:///nowhere/docker.sock")]].concat();
    let (code, _, stderr) = job.check(&report, &nowhere);
    assert!(code == 3 && stderr.contains("no score is written"), "{code}: {stderr}");
    assert!(!job.path("result.json").exists());
    let (code, _, stderr) = job.check(&report, &platform[1..]);
    assert!(code == 2 && stderr.contains("CLASSROOM is not set"), "{code}: {stderr}");
}

/// Puts a program before the real one that writes down what it is told, and then is the real one.
fn record(folder: &Path, name: &str) -> bool {
    let path = std::env::var_os("PATH").unwrap();
    let Some(real) = std::env::split_paths(&path).map(|dir| dir.join(name)).find(|it| it.is_file()) else {
        return false;
    };
    let file = folder.join("bin").join(name);
    let log = folder.join(format!("{name}.log"));
    let script = format!(
        "#!/bin/sh\n{{ /usr/bin/env; for it; do echo \"argument $it\"; done; }} >>'{}'\nexec '{}' \"$@\"\n",
        log.display(),
        real.display()
    );
    program(&file, &script);
    true
}

#[test]
fn what_a_runner_says_reaches_no_child() {
    let job = Job::new("FROM scratch\nCOPY . /\n", &format!("{CHALLENGE}{BUILDS}"));
    fs::create_dir(job.path("bin")).unwrap();
    let tools: Vec<&str> = ["git", "docker"].into_iter().filter(|name| record(job.0.path(), name)).collect();
    if tools.contains(&"git") {
        Command::new("git").args(["init", "--quiet"]).arg(job.path("work")).assert().success();
    }
    let mut command = job.command(&["check", "work", "--challenge", "small.yaml", "--report", "json=report.json"]);
    let folders = std::env::join_paths(
        std::iter::once(job.path("bin")).chain(std::env::split_paths(&std::env::var_os("PATH").unwrap())),
    );
    command.env("PATH", folders.unwrap()).envs(ACTIONS.iter().copied());
    for name in ["HOME", "DOCKER_HOST", "DOCKER_CONTEXT", "DOCKER_CONFIG"] {
        command.envs(std::env::var_os(name).map(|value| (name, value)));
    }
    for name in
        ["GITHUB_TOKEN", "GITHUB_WORKSPACE", "ACTIONS_RUNTIME_TOKEN", "RUNNER_TEMP", "ACTIONS_ID_TOKEN_REQUEST_URL"]
    {
        command.env(name, "secret");
    }
    for name in ["GITHUB_OUTPUT", "GITHUB_ENV", "GITHUB_PATH", "GITHUB_STEP_SUMMARY", "GITHUB_STATE"] {
        command.env(name, job.path(name));
    }
    let (_, _, stderr) = run(&mut command);
    let report: Value = serde_json::from_str(&fs::read_to_string(job.path("report.json")).unwrap()).unwrap();
    let needed: &[&str] = if report["engine"].is_null() { &["git"] } else { &["git", "docker"] };
    if std::env::var("GRADER_REQUIRE_ENGINE").is_ok_and(|value| value == "1") {
        assert!(!report["engine"].is_null(), "{stderr}");
    }
    let tokens: Vec<String> = runner::commands(&stderr)
        .into_iter()
        .filter_map(|it| (it.name == "stop-commands").then_some(it.data))
        .collect();
    assert!(!tokens.is_empty());
    for tool in tools.into_iter().filter(|tool| needed.contains(tool)) {
        let told =
            fs::read_to_string(job.path(&format!("{tool}.log"))).unwrap_or_else(|_| panic!("{tool} ran: {stderr}"));
        for line in told.lines() {
            let is_runner_s = ["GITHUB_", "ACTIONS_", "RUNNER_"].iter().any(|start| line.starts_with(start));
            assert!(!is_runner_s && !line.contains("secret"), "{tool} is told {line}");
            assert!(!tokens.iter().any(|token| line.contains(token)), "{tool} is told {line}");
        }
    }
}
