//! The program as it is called: what it prints where, and its exit codes.

#![allow(clippy::expect_used, clippy::unwrap_used)] // in helpers of tests too

#[cfg(unix)]
#[path = "cli/destinations.rs"]
mod destinations;
#[cfg(unix)]
#[path = "cli/machine.rs"]
mod machine;
#[path = "cli/static_check.rs"]
mod static_check;

use crate::common::grader;
use assert_cmd::Command;
use std::process::Stdio;
use tempfile::TempDir;

fn folder() -> TempDir {
    tempfile::tempdir().expect("a folder")
}

#[test]
fn wrong_use_is_2_and_says_what_to_do() {
    let folder = folder();
    for (args, told) in [
        (&[][..], "Usage: grader <COMMAND>"),
        (&["chek"], "'check'"),
        (&["check", "--report", "json"], "write FORMAT=PATH"),
        (&["check", "--report", "yaml=a"], "there are terminal, plain, json, junit, sarif, github"),
        (&["check", "--format", "xml"], "no format `xml`"),
        (&["check", "--timeout", "long"], "--timeout"),
        (&["check", "--report", "json=none/a.json"], "there is no folder none"),
        (&["check", "--report", "json=-", "--format", "junit"], "two reports for stdout"),
        (&["check", "--report", "json=a", "--report", "junit=./a"], "two reports for ./a"),
        #[cfg(target_os = "linux")]
        (&["check", "--report", "json=/proc/x.json"], "nothing can be written in /proc\n"),
        (&["check", "--report", "json=.."], "cannot write the report ..: it is a folder"),
        #[cfg(target_os = "linux")]
        (&["check", "--report", "json=/dev/full"], "cannot write the report /dev/full: No space left on device"),
        (&["check", "--challenge", "no-such"], "no-such"),
        (&["check"], "no challenge is named"),
        (&["hint"], "Run grader check first"),
        (&["list", "no-such"], "no-such"),
        (&["explain", "no-such"], "no-such"),
        (&["init", "no-such"], "no-such"),
        (&["facts", "--format", "yaml"], "[possible values: text, json]"),
    ] {
        let (code, stdout, stderr) = grader(folder.path(), args);
        assert_eq!((code, stdout.as_str()), (2, ""), "{args:?}: {stderr}");
        assert!(stderr.contains(told), "{args:?}: {stderr}");
    }
}

#[test]
fn help_tells_the_exit_codes() {
    let (code, stdout, stderr) = grader(folder().path(), &["--help"]);
    assert_eq!((code, stderr.as_str()), (0, ""));
    for line in ["0    passed", "1    checks failed", "2    wrong use", "3    could not judge", "130  interrupted"] {
        assert!(stdout.contains(line), "{stdout}");
    }
}

#[test]
fn completions_know_the_commands() {
    for shell in ["bash", "zsh", "fish", "powershell", "elvish"] {
        let (code, stdout, _) = grader(folder().path(), &["completions", shell]);
        assert_eq!(code, 0);
        assert!(stdout.contains("check") && stdout.contains("hint"), "{shell}");
    }
}

#[test]
fn the_registry_is_listed() {
    let (code, stdout, _) = grader(folder().path(), &["facts", "--list"]);
    assert_eq!(code, 0);
    for entry in grader::facts::registry::REGISTRY.iter() {
        assert!(stdout.contains(entry.name) && stdout.contains(entry.doc), "{}", entry.name);
    }
}

#[test]
fn a_reader_that_goes_away_is_no_error() {
    let mut child = std::process::Command::new(assert_cmd::cargo::cargo_bin("grader"))
        .args(["facts", "--list"])
        .stdout(Stdio::piped())
        .stderr(Stdio::piped())
        .spawn()
        .expect("it starts");
    drop(child.stdout.take());
    let output = child.wait_with_output().expect("it ends");
    assert_eq!((output.status.code(), output.stderr.as_slice()), (Some(0), &b""[..]));
}

#[test]
fn a_challenge_is_started_and_never_written_over() {
    let folder = folder();
    let (code, stdout, stderr) = grader(folder.path(), &["init", "dockerize-python-app"]);
    assert_eq!((code, stderr.as_str()), (0, ""));
    assert!(stdout.contains("cd dockerize-python-app\n") && stdout.contains("grader check"), "{stdout}");
    let started = folder.path().join("dockerize-python-app");
    let settings = std::fs::read_to_string(started.join("grader.yaml")).expect("it is there");
    assert!(settings.ends_with("\nchallenge: dockerize-python-app\n"), "{settings}");
    assert!(started.join("src/app.py").is_file());
    let workflow = std::fs::read_to_string(started.join(".github/workflows/grade.yml")).expect("it is there");
    assert!(workflow.contains("challenge: dockerize-python-app\n"), "{workflow}");

    std::fs::write(started.join("src/app.py"), "mine").expect("writable");
    let (code, stdout, stderr) = grader(folder.path(), &["init", "dockerize-python-app"]);
    assert_eq!((code, stdout.as_str()), (2, ""));
    assert!(stderr.contains("these are in the way") && stderr.contains("\n  src/app.py\n"), "{stderr}");
    assert_eq!(std::fs::read_to_string(started.join("src/app.py")).expect("it is there"), "mine");
}

#[test]
fn a_workflow_is_written_only_where_it_is_read_and_never_over_another() {
    let folder = folder();
    let path = ".github/workflows/grade.yml";
    std::fs::create_dir(folder.path().join(".git")).expect("writable");
    let (code, stdout, _) = grader(folder.path(), &["init", "hello-container"]);
    assert_eq!(code, 0);
    assert!(stdout.contains("No workflow for GitHub Actions") && stdout.contains("path: hello-container"), "{stdout}");
    assert!(!folder.path().join("hello-container/.github").exists() && !folder.path().join(path).exists());

    std::fs::create_dir_all(folder.path().join(".github/workflows")).expect("writable");
    std::fs::write(folder.path().join(path), "mine").expect("writable");
    let (code, stdout, _) = grader(folder.path(), &["init", "hello-container", "."]);
    assert_eq!(code, 0, "{stdout}");
    assert!(stdout.contains(&format!("{path} was there")), "{stdout}");
    assert_eq!(std::fs::read_to_string(folder.path().join(path)).expect("it is there"), "mine");

    assert_eq!(grader(folder.path(), &["new", "challenge", "my-own"]).0, 0);
    let (code, stdout, _) = grader(folder.path(), &["init", "./my-own", "started"]);
    assert_eq!(code, 0, "{stdout}");
    assert!(stdout.contains("GitHub does not have the challenge's folder"), "{stdout}");
    assert!(!folder.path().join("started/.github").exists());
}

#[cfg(unix)]
#[test]
fn a_start_does_not_follow_a_link_out_of_its_folder() {
    let (folder, elsewhere) = (folder(), folder());
    std::os::unix::fs::symlink(elsewhere.path(), folder.path().join("src")).expect("a link");
    let (code, _, stderr) = grader(folder.path(), &["init", "dockerize-python-app", "."]);
    assert_eq!(code, 2);
    assert!(stderr.contains("\n  src\n"), "{stderr}");
    assert_eq!(std::fs::read_dir(elsewhere.path()).expect("a folder").count(), 0);
    assert!(!folder.path().join("grader.yaml").exists());
}

#[test]
fn challenges_and_their_steps_are_listed() {
    let folder = folder();
    let (code, stdout, _) = grader(folder.path(), &["list"]);
    assert_eq!(code, 0);
    assert!(stdout.contains("dockerize-python-app") && stdout.contains("7 steps, 100 points"), "{stdout}");
    assert!(stdout.ends_with("Next    grader next   (first-image)\n"), "the first unit comes first: {stdout}");
    let (code, stdout, _) = grader(folder.path(), &["list", "dockerize-python-app"]);
    assert_eq!(code, 0);
    assert!(stdout.contains(" 3  image-size") && stdout.contains("20 points  Image size < 200MB"), "{stdout}");
}

#[test]
fn a_term_is_explained_unless_a_check_has_its_name() {
    let folder = folder();
    let (code, stdout, _) = grader(folder.path(), &["explain", "Bind mount"]);
    assert!(code == 0 && stdout.starts_with("bind-mount   also: mount\n"), "{stdout}");
    assert!(stdout.contains("see     volume\n"), "{stdout}");
    let (_, stdout, _) = grader(folder.path(), &["explain", "healthcheck"]);
    assert!(stdout.starts_with("Health check defined   healthcheck\n"), "{stdout}");
    let (code, _, stderr) = grader(folder.path(), &["explain", "volum"]);
    assert!(code == 2 && stderr.contains("The glossary has `volume`."), "{stderr}");
}

#[test]
fn a_check_is_explained() {
    let folder = folder();
    let (code, stdout, _) = grader(folder.path(), &["explain", "image-size", "--facts"]);
    assert_eq!(code, 0);
    for part in
        ["Image size < 200MB", "why     ", "hints   1. ", "passes  image.size: 144MB", "fails   image.size: 200MB"]
    {
        assert!(stdout.contains(part), "{part}: {stdout}");
    }
    let (code, _, stderr) = grader(folder.path(), &["explain", "image-sise"]);
    assert_eq!(code, 2);
    assert!(stderr.contains("did you mean `image-size`?"), "{stderr}");
}

#[test]
fn every_check_is_explained_with_reasons_hints_and_examples() {
    let folder = folder();
    for id in grader::challenge::library::check_ids() {
        let (code, stdout, stderr) = grader(folder.path(), &["explain", id, "--facts"]);
        assert_eq!(code, 0, "{id}: {stderr}");
        for part in ["why     ", "hints   ", "passes  ", "fails   "] {
            assert!(stdout.contains(part), "{id} {part}: {stdout}");
        }
    }
}

#[test]
fn hints_begin_with_the_first_failed_step_and_grow_stronger() {
    let folder = folder();
    assert_eq!(grader(folder.path(), &["init", "dockerize-python-app", "."]).0, 0);
    let (code, _, stderr) = grader(folder.path(), &["hint"]);
    assert_eq!(code, 2);
    assert!(stderr.contains("nothing was graded here yet"), "{stderr}");
    assert_eq!(grader(folder.path(), &["check", "--static"]).0, 1);

    let hint = |args: &[&str]| grader(folder.path(), args).1;
    let (first, second) = (hint(&["hint"]), hint(&["hint"]));
    assert!(first.contains("hint 2 of 2"), "the report has shown the first: {first}");
    assert!(second.contains("hint 2 of 2") && second.contains("That was the last hint."), "{second}");
    let title = first.lines().next().expect("a title");
    assert!(title.starts_with("2  Multi-stage"), "{first}");
    assert_eq!(second.lines().next(), Some(title));
    assert!(hint(&["hint", "dockerignore"]).contains("hint 1 of "));
    assert!(hint(&["hint", "6"]).contains("hint 2 of "));
    let (code, _, stderr) = grader(folder.path(), &["hint", "dockerignor"]);
    assert_eq!(code, 2);
    assert!(stderr.contains("dockerignore"), "{stderr}");
}

#[cfg(unix)]
#[test]
fn a_report_that_is_cut_short_is_told_and_keeps_no_other() {
    let folder = folder();
    assert_eq!(grader(folder.path(), &["init", "dockerize-python-app", "."]).0, 0);
    let old = r#"{"schema": "grader.report/v1"}"#;
    std::fs::write(folder.path().join("a.json"), old).expect("a file");
    // No file may be longer than this many blocks of 512 bytes; the program is told so when it writes on.
    let limited = "trap '' XFSZ; ulimit -f 8; exec \"$0\" \"$@\"";
    let output = Command::new("sh")
        .args(["-c", limited, env!("CARGO_BIN_EXE_grader"), "check", "--static", "--format", "plain"])
        .args(["--report", "json=a.json", "--report", "sarif=a.sarif", "--report", "plain=a.txt"])
        .current_dir(folder.path())
        .env("XDG_STATE_HOME", folder.path().join(".state"))
        .output()
        .expect("it starts");
    let stderr = String::from_utf8_lossy(&output.stderr);
    assert_eq!(output.status.code(), Some(3), "{stderr}");
    for told in ["cannot write the report a.json: File too large", "cannot write the report a.sarif: File too large"] {
        assert!(stderr.contains(told), "{stderr}");
    }
    let stdout = String::from_utf8_lossy(&output.stdout);
    assert!(stdout.contains("/100"), "{stdout}");
    assert_eq!(std::fs::read_to_string(folder.path().join("a.json")).expect("the old one"), old);
    assert_eq!(std::fs::read_to_string(folder.path().join("a.txt")).expect("the short one"), stdout);
    let left = std::fs::read_dir(folder.path()).expect("the folder").flatten().map(|entry| entry.file_name());
    let odd: Vec<_> =
        left.filter(|name| name.to_string_lossy().starts_with(".grader-") || *name == "a.sarif").collect();
    assert!(odd.is_empty(), "{odd:?}");
}

#[cfg(unix)]
#[test]
fn without_a_place_for_a_copy_what_files_tell_is_judged() {
    let folder = folder();
    assert_eq!(grader(folder.path(), &["init", "dockerize-python-app", "."]).0, 0);
    let output = Command::cargo_bin("grader")
        .expect("it is built")
        .args(["check", "--format", "json", "--report", "junit=a.xml"])
        .current_dir(folder.path())
        .envs([
            ("XDG_CACHE_HOME", "/dev/null/cache"),
            ("TMPDIR", "/dev/null/tmp"),
            ("XDG_STATE_HOME", "/dev/null/state"),
        ])
        .env_remove("GITHUB_ACTIONS")
        .output()
        .expect("it starts");
    assert_eq!(output.status.code(), Some(3), "{}", String::from_utf8_lossy(&output.stderr));
    let report: serde_json::Value = serde_json::from_slice(&output.stdout).expect("JSON");
    let checks = report["checks"].as_array().expect("checks");
    let of = |status: &str| checks.iter().filter(|check| check["status"] == status).count();
    assert!(of("failed") > 0 && of("errored") > 0, "{report:#}");
    let is_told = |check: &serde_json::Value| {
        check["because"].as_str().is_some_and(|why| {
            why.contains("the copy that is graded cannot be written")
                && why.ends_with("; set TMPDIR to a folder that is there")
        })
    };
    assert!(checks.iter().filter(|check| check["status"] == "errored").all(is_told), "{report:#}");
    assert!(folder.path().join("a.xml").is_file());
}

/// A repository that wants more than is allowed, and a folder beside it.
fn greedy() -> TempDir {
    let folder = folder();
    std::fs::create_dir(folder.path().join("work")).unwrap();
    let write = |name: &str, text: &str| std::fs::write(folder.path().join(name), text).unwrap();
    write("work/compose.yaml", "services:\n  api:\n    build: .\n    privileged: true\n");
    write("work/Dockerfile", "FROM scratch\nADD http://localhost/x /x\n");
    write("work/policy.yaml", "services.<name>: { privileged: allow }\n");
    write("wrong.yaml", "services.<name>:\n  privleged: allow\n");
    folder
}

#[test]
fn a_wrong_policy_is_the_instructors_fault() {
    let folder = greedy();
    for command in [
        &["check", "work", "--challenge", "dockerize-python-app"][..],
        &["facts", "work", "--all"],
        &["test", "dockerize-python-app"],
    ] {
        let (code, stdout, stderr) = grader(folder.path(), &[command, &["--policy", "wrong.yaml"]].concat());
        assert_eq!((code, stdout.as_str()), (2, ""), "{command:?}: {stderr}");
        assert!(stderr.contains("wrong.yaml:2:3: unknown key `privleged`"), "{stderr}");
        assert!(stderr.contains("did you mean `privileged`?"), "{stderr}");
        let (code, _, stderr) = grader(folder.path(), &[command, &["--policy", "none.yaml"]].concat());
        assert!(code == 2 && stderr.contains("none.yaml: cannot be read"), "{stderr}");
    }
}

#[test]
fn the_work_itself_can_not_say_what_of_it_is_run() {
    let folder = greedy();
    let check = |more: &[&str]| {
        grader(folder.path(), &[&["check", "work", "--challenge", "dockerize-python-app"], more].concat())
    };
    let (code, _, stderr) = check(&["--policy", "work/policy.yaml"]);
    assert!(code == 2 && stderr.contains("the file lies in the work that it is to judge"), "{stderr}");
    for line in ["policy: policy.yaml", "trust: true", "options: [--trust]"] {
        std::fs::write(folder.path().join("work/grader.yaml"), format!("challenge: dockerize-python-app\n{line}\n"))
            .unwrap();
        let (code, _, stderr) = grader(folder.path(), &["check", "work"]);
        assert!(code == 2 && stderr.contains("unknown key"), "{stderr}");
    }
}

#[test]
fn trust_says_what_it_lets_pass() {
    let folder = greedy();
    let (_, _, stderr) = grader(
        folder.path(),
        &["check", "work", "--challenge", "dockerize-python-app", "--trust", "--only", "dockerfile-exists"],
    );
    assert!(
        stderr.contains("--trust: what the policy refuses is run, on this machine:\n  compose.yaml:4: `privileged`"),
        "{stderr}"
    );
    assert!(stderr.contains("  Dockerfile:2: `ADD http://localhost/x`"), "{stderr}");
}

#[test]
fn an_old_report_is_not_taken_for_one_of_a_run_that_made_none() {
    let folder = tempfile::tempdir().unwrap();
    let old = folder.path().join("old.json");
    for (report, more, code) in [("json", &["--challenge", "none"][..], 2), ("classroom50", &[], 2)] {
        std::fs::write(&old, r#"{"score": 100}"#).unwrap();
        let mut command = assert_cmd::Command::cargo_bin("grader").unwrap();
        command.arg("check").arg(folder.path()).args(more).arg(format!("--report={report}={}", old.display()));
        for name in ["CLASSROOM", "ASSIGNMENT", "COMMIT_URL", "RELEASE_URL", "REVIEW_URL"] {
            command.env(name, "https://example.com");
        }
        command.env("SUBMISSION_TAG", "submit/1").assert().code(code);
        assert!(!old.exists(), "{report}");
    }
}

#[test]
fn gradescope_is_told_that_another_report_cannot_be_written() {
    let folder = tempfile::tempdir().unwrap();
    let results = folder.path().join("results.json");
    let mut command = assert_cmd::Command::cargo_bin("grader").unwrap();
    command.arg("check").arg(folder.path()).arg("--report=json=/nowhere/at/all.json");
    command.arg(format!("--report=gradescope={}", results.display())).assert().code(2);
    assert!(std::fs::read_to_string(&results).unwrap().contains("/nowhere/at/all.json"));
}

#[test]
fn a_cause_is_explained_and_a_step_by_its_number() {
    let folder = folder();
    let (code, stdout, stderr) = grader(folder.path(), &["explain", "listens-on-localhost"]);
    assert_eq!(code, 0, "{stderr}");
    for part in [
        "Your app listens on 127.0.0.1",
        "means   ",
        "next    Let the app listen on 0.0.0.0.",
        "hints   1. ",
        "learn   https://",
    ] {
        assert!(stdout.contains(part), "{part}: {stdout}");
    }
    let (code, stdout, stderr) = grader(folder.path(), &["explain", "3", "--challenge", "dockerize-python-app"]);
    assert_eq!(code, 0, "{stderr}");
    assert!(stdout.starts_with("Image size < 200MB"), "{stdout}");
    assert!(!stdout.contains("image.size:"), "facts only with --facts: {stdout}");
    let (code, _, stderr) = grader(folder.path(), &["explain", "33", "--challenge", "dockerize-python-app"]);
    assert_eq!(code, 2);
    assert!(stderr.contains("dockerize-python-app has no step 33"), "{stderr}");
    let (code, _, stderr) = grader(folder.path(), &["explain"]);
    assert_eq!(code, 2);
    assert!(stderr.contains("nothing was graded here yet"), "{stderr}");
}
