//! The program as it is called: what it prints where, and its exit codes.

#![allow(clippy::expect_used, clippy::unwrap_used)] // in helpers of tests too

use assert_cmd::Command;
use std::path::Path;
use std::process::Stdio;
use tempfile::TempDir;

/// The program in a folder of its own, with a memory of its own.
fn grader(folder: &Path, args: &[&str]) -> (i32, String, String) {
    let output = Command::cargo_bin("grader")
        .expect("it is built")
        .args(args)
        .current_dir(folder)
        .env("XDG_STATE_HOME", folder.join(".state"))
        .output()
        .expect("it starts");
    let text = |bytes: Vec<u8>| String::from_utf8(bytes).expect("UTF-8");
    (output.status.code().unwrap_or(-1), text(output.stdout), text(output.stderr))
}

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
        (&["check", "--report", "yaml=a"], "there are terminal, plain, json and junit"),
        (&["check", "--format", "xml"], "no format `xml`"),
        (&["check", "--timeout", "long"], "--timeout"),
        (&["check", "--report", "json=none/a.json"], "there is no folder none"),
        (&["check", "--report", "json=-", "--format", "junit"], "two reports for stdout"),
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
    for entry in grader::facts::registry::REGISTRY {
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
