//! A run that is interrupted before anything is graded: a large repository is still being copied.

#![cfg(unix)]
#![allow(clippy::unwrap_used)] // in helpers of tests too

use std::fs;
use std::io::{BufRead as _, BufReader, Read as _};
use std::os::unix::process::CommandExt as _;
use std::path::Path;
use std::process::{Command, Stdio};
use std::time::{Duration, Instant};

/// So many files take seconds to copy, and are quickly made: most are further names of one.
const FILES: usize = 40_000;
/// So many names a file may have on every file system.
const NAMES: usize = 20_000;
/// Well below what the whole copy takes, on a busy machine too.
const SOON: Duration = Duration::from_secs(2);

#[test]
fn the_first_interrupt_during_the_snapshot_ends_the_run_at_once_with_a_report() {
    let folder = tempfile::tempdir().unwrap();
    let (repository, cache) = (folder.path().join("repository"), folder.path().join("cache"));
    fill(&repository);
    fs::create_dir(&cache).unwrap();
    let mut child = Command::new(env!("CARGO_BIN_EXE_grader"))
        .args(["check", "--challenge", "hello-container", "--format", "json"])
        .arg(&repository)
        .env("XDG_CACHE_HOME", &cache)
        .env("HOME", &cache)
        .env("XDG_STATE_HOME", folder.path())
        .env("DOCKER_HOST", "unix:///nonexistent/docker.sock")
        .env_remove("GITHUB_ACTIONS")
        .stdout(Stdio::piped())
        .stderr(Stdio::piped())
        .process_group(0)
        .spawn()
        .unwrap();
    let mut progress = BufReader::new(child.stderr.take().unwrap()).lines().map_while(Result::ok);
    let copies = progress.find(|line| line.starts_with("repo: copy your files: "));
    assert!(copies.is_some(), "the copy was over before its progress was shown");
    let pid = rustix::process::Pid::from_raw(i32::try_from(child.id()).unwrap()).unwrap();
    let began = Instant::now();
    rustix::process::kill_process(pid, rustix::process::Signal::INT).unwrap();
    let mut stdout = child.stdout.take().unwrap();
    let mut report = vec![0];
    stdout.read_exact(&mut report).unwrap();
    let took = began.elapsed();
    stdout.read_to_end(&mut report).unwrap();
    assert_eq!(child.wait().unwrap().code(), Some(130));
    assert!(took < SOON, "the report was written after {took:?}");
    let report: serde_json::Value = serde_json::from_slice(&report).unwrap();
    assert_eq!(report["complete"], false);
    // After the copy the files would have been read, and checks that need no engine judged.
    for check in report["checks"].as_array().unwrap() {
        assert_eq!((&check["status"], &check["because"]), (&"errored".into(), &"interrupted by Ctrl-C".into()));
    }
    let left = below(&cache);
    assert_eq!(left, 0, "{left} files and folders are left");
}

fn fill(repository: &Path) {
    for folder in 0..FILES / NAMES {
        let folder = repository.join(folder.to_string());
        fs::create_dir_all(&folder).unwrap();
        let first = folder.join("0");
        fs::write(&first, "x").unwrap();
        for name in 1..NAMES {
            fs::hard_link(&first, folder.join(name.to_string())).unwrap();
        }
    }
    fs::write(repository.join("Dockerfile"), "FROM scratch\n").unwrap();
}

/// How many files and folders the folder of runs holds.
fn below(cache: &Path) -> usize {
    let folders = [cache.join("grader/runs"), cache.join("Library/Caches/grader/runs")];
    folders.iter().filter_map(|folder| fs::read_dir(folder).ok()).flatten().count()
}
