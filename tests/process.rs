//! Tools are bounded: in time, with all they start, in what is kept of their output, and in what they know of us.
#![cfg(unix)]
#![allow(clippy::unwrap_used)] // helpers of the tests too

use grader::engine::process::{Command, Finished, Stream};
use std::fs;
use std::path::Path;
use std::time::{Duration, Instant};

fn shell(script: &str) -> Command {
    Command::new("/bin/sh").args(["-c", script])
}

fn run(command: &Command) -> Finished {
    let runtime = tokio::runtime::Builder::new_current_thread().enable_all().build().unwrap();
    runtime.block_on(command.run()).unwrap()
}

/// Waits until no process has this number; the test's own time limit is the engine's patience.
fn is_gone(pid: &str) -> bool {
    let deadline = Instant::now() + Duration::from_secs(5);
    while Instant::now() < deadline {
        let stat = fs::read_to_string(format!("/proc/{}/stat", pid.trim())).unwrap_or_default();
        if stat.is_empty() || stat.contains(") Z ") {
            return true;
        }
        std::thread::yield_now();
    }
    false
}

fn read_when_written(path: &Path) -> String {
    loop {
        match fs::read_to_string(path) {
            Ok(text) if text.ends_with('\n') => return text,
            _ => std::thread::yield_now(),
        }
    }
}

#[test]
fn both_outputs_and_the_exit_code_are_told() {
    let finished = run(&shell("echo out; echo err >&2; exit 3"));
    assert_eq!(finished.status.code(), Some(3));
    assert_eq!((finished.stdout.text().as_str(), finished.stderr.text().as_str()), ("out\n", "err\n"));
    assert!(!finished.timed_out && !finished.success());
}

#[test]
fn at_the_limit_the_tool_and_its_children_end() {
    let dir = tempfile::tempdir().unwrap();
    let pids = dir.path().join("pids");
    let script = format!("sh -c 'sleep 300 & echo $! > {}; wait' & wait", pids.display());
    let started = Instant::now();
    let finished = run(&shell(&script).limit(Duration::from_millis(300)).envs([("PATH", "/bin:/usr/bin")]));
    assert!(finished.timed_out);
    assert!(started.elapsed() < Duration::from_secs(20), "{:?}", started.elapsed());
    assert!(is_gone(&read_when_written(&pids)), "the grandchild lives on");
}

#[test]
fn what_does_not_stop_when_asked_is_killed() {
    let dir = tempfile::tempdir().unwrap();
    let pids = dir.path().join("pids");
    let script = format!("trap '' TERM; echo $$ > {}; while :; do sleep 300; done", pids.display());
    let finished = run(&shell(&script).limit(Duration::from_millis(300)).envs([("PATH", "/bin:/usr/bin")]));
    assert!(finished.timed_out);
    assert!(is_gone(&read_when_written(&pids)), "it lives on");
}

#[test]
fn a_dropped_run_leaves_nothing() {
    let dir = tempfile::tempdir().unwrap();
    let pids = dir.path().join("pids");
    let script = format!("sh -c 'sleep 300 & echo $! > {}; wait' & wait", pids.display());
    let command = shell(&script).envs([("PATH", "/bin:/usr/bin")]);
    let runtime = tokio::runtime::Builder::new_current_thread().enable_all().build().unwrap();
    let pid = runtime.block_on(async {
        let written = async {
            while !pids.exists() {
                tokio::task::yield_now().await;
            }
            read_when_written(&pids)
        };
        tokio::select! {
            _ = command.run() => panic!("it ended by itself"),
            pid = written => pid,
        }
    });
    assert!(is_gone(&pid), "the grandchild lives on");
}

#[test]
fn a_child_that_keeps_the_output_open_is_not_waited_for() {
    let started = Instant::now();
    let finished = run(&shell("sleep 300 & echo $!").envs([("PATH", "/bin:/usr/bin")]));
    assert!(finished.success());
    assert!(is_gone(&finished.stdout.text()), "it runs still");
    assert!(started.elapsed() < Duration::from_secs(60), "{:?}", started.elapsed());
}

#[test]
fn the_environment_is_only_what_was_given() {
    let finished = run(&Command::new("/usr/bin/env").envs([("GIVEN", "yes")]));
    assert_eq!(finished.stdout.text(), "GIVEN=yes\n");
}

#[test]
fn output_is_bounded_and_what_is_left_out_is_named() {
    let command =
        shell("head -c 3000000 /dev/zero | tr '\\0' a; echo end").keep(1000).envs([("PATH", "/bin:/usr/bin")]);
    let finished = run(&command);
    assert_eq!(finished.stdout.bytes().len(), 1000);
    assert_eq!(finished.stdout.dropped, 2_999_004);
    assert!(finished.stdout.text().ends_with("aend\n"));
}

#[test]
fn output_is_handed_on_as_it_comes() {
    let runtime = tokio::runtime::Builder::new_current_thread().enable_all().build().unwrap();
    let mut seen = (String::new(), String::new());
    let finished = runtime.block_on(shell("echo a; echo b >&2; echo c").run_with(|stream, bytes| {
        let into = if stream == Stream::Stdout { &mut seen.0 } else { &mut seen.1 };
        into.push_str(&String::from_utf8_lossy(bytes));
    }));
    assert!(finished.unwrap().success());
    assert_eq!(seen, ("a\nc\n".into(), "b\n".into()));
}

#[test]
fn a_missing_tool_is_named() {
    let runtime = tokio::runtime::Builder::new_current_thread().enable_all().build().unwrap();
    let error = runtime.block_on(Command::new("/nowhere/tool").run()).unwrap_err();
    assert!(error.to_string().starts_with("`/nowhere/tool` could not be run: "), "{error}");
}
