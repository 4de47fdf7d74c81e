//! What tests of several programs do alike: run grader, write a folder of files, ask Docker.

#![allow(dead_code, clippy::unwrap_used)] // each test program uses some of it; all of it is a test

use std::fs;
use std::path::{Path, PathBuf};
use std::process::{Command, Stdio};
use std::time::Duration;
use tempfile::TempDir;

/// Returns a path in the project.
pub fn at(path: &str) -> PathBuf {
    Path::new(env!("CARGO_MANIFEST_DIR")).join(path)
}

/// Writes a file in a folder, with the folders that lead to it.
pub fn write(folder: &Path, path: &str, text: impl AsRef<[u8]>) {
    let path = folder.join(path);
    fs::create_dir_all(path.parent().unwrap()).unwrap();
    fs::write(path, text).unwrap();
}

/// Writes files, each a path and a text, in a folder.
pub fn write_all(folder: &Path, files: &[(&str, &str)]) {
    for (path, text) in files {
        write(folder, path, text);
    }
}

/// Returns a new folder with these files, each a path and a text.
pub fn folder(files: &[(&str, &str)]) -> TempDir {
    let folder = tempfile::tempdir().unwrap();
    write_all(folder.path(), files);
    folder
}

/// Copies a folder and all that is in it.
pub fn copy(from: &Path, to: &Path) {
    fs::create_dir_all(to).unwrap();
    for entry in fs::read_dir(from).unwrap() {
        let entry = entry.unwrap();
        let target = to.join(entry.file_name());
        if entry.file_type().unwrap().is_dir() {
            copy(&entry.path(), &target);
        } else {
            fs::copy(entry.path(), &target).unwrap();
        }
    }
}

/// Returns grader as a command in a folder. It remembers its runs in that folder, and no CI around the tests is seen.
pub fn command(folder: &Path, args: &[&str]) -> Command {
    let mut command = Command::new(env!("CARGO_BIN_EXE_grader"));
    command.args(args).current_dir(folder).stdin(Stdio::null());
    command.env("XDG_STATE_HOME", folder.join(".state")).env_remove("GITHUB_ACTIONS");
    command
}

/// Runs grader in a folder. Returns the exit code, stdout and stderr.
pub fn grader(folder: &Path, args: &[&str]) -> (i32, String, String) {
    run(&mut command(folder, args))
}

/// Runs a command. Returns the exit code, stdout and stderr.
pub fn run(command: &mut Command) -> (i32, String, String) {
    let output = command.output().unwrap();
    let text = |bytes| String::from_utf8(bytes).unwrap();
    (output.status.code().unwrap_or(-1), text(output.stdout), text(output.stderr))
}

/// Writes a script that can be run. Another process writes it: what this one has open for writing, a fork for a
/// neighboring test may hold open for a moment longer, and Linux runs no program that is open for writing.
#[cfg(unix)]
pub fn program(path: &Path, script: &str) {
    fs::create_dir_all(path.parent().unwrap()).unwrap();
    let write = ["-c", r#"printf '%s' "$1" > "$2" && chmod 755 "$2""#, "sh", script];
    assert!(Command::new("/bin/sh").args(write).arg(path).status().unwrap().success());
}

/// Measures work: the processor time of this thread, which grows no faster on a machine that has other work, too.
pub struct Work(Duration);

impl Work {
    /// Begins to measure.
    pub fn begin() -> Self {
        Self(spent())
    }

    /// Returns the time since the beginning.
    pub fn elapsed(&self) -> Duration {
        spent().saturating_sub(self.0)
    }
}

#[cfg(unix)]
fn spent() -> Duration {
    let spent = rustix::time::clock_gettime(rustix::time::ClockId::ThreadCPUTime);
    Duration::new(spent.tv_sec.try_into().unwrap(), spent.tv_nsec.try_into().unwrap())
}

/// By the clock: the bounds are wide.
#[cfg(not(unix))]
fn spent() -> Duration {
    std::time::UNIX_EPOCH.elapsed().unwrap()
}

/// Runs the Docker CLI. Returns what it prints; where it fails, what it complains about.
pub fn docker(args: &[&str]) -> String {
    let output = Command::new("docker").args(args).output().unwrap();
    let text = if output.status.success() { output.stdout } else { output.stderr };
    String::from_utf8_lossy(&text).trim().to_owned()
}
