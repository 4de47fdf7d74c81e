//! Runs git so that nothing of a hostile repository runs with it: commands named in its configuration (file system
//! monitor, hooks, filters) are switched off, the environment is scrubbed, time and output are bounded.

use super::{GitError, Ongoing};
use crate::repository::worktree;
use std::ffi::OsString;
use std::io::{self, Read};
use std::path::Path;
use std::process::{Child, Command, Stdio};
use std::sync::mpsc;
use std::time::{Duration, Instant};

/// How long one command may take.
const LIMIT: Duration = Duration::from_secs(10);
/// How often it is looked whether to stop.
const LOOK: Duration = Duration::from_millis(50);
/// The most that is read of what a command prints.
const MAX_OUTPUT: u64 = 64 << 20;

/// Settings that win over every configuration file. An owner other than us (a container in CI) is no reason to refuse:
/// what that protects from is switched off here.
const SETTINGS: &[&str] = &[
    "core.fsmonitor=false",
    "core.hooksPath=/dev/null",
    "core.untrackedCache=false",
    "core.attributesFile=/dev/null",
    "safe.directory=*",
    "safe.bareRepository=explicit",
    "submodule.recurse=false",
    "protocol.allow=never",
];

/// The settings that switch off the filters which the repository's configuration names.
pub(super) fn filters(root: &Path, ongoing: &Ongoing) -> Result<Vec<String>, GitError> {
    let names = git(root, ongoing, &[], &["config", "--list", "--name-only", "-z"])?;
    let mut settings = Vec::new();
    for name in names.split(|&byte| byte == 0) {
        let name = String::from_utf8_lossy(name);
        let Some((driver, "clean" | "smudge" | "process" | "required")) = name.rsplit_once('.') else { continue };
        if !driver.starts_with("filter.") {
            continue;
        }
        if driver.contains(['=', '\u{FFFD}']) {
            return Err(GitError::Failed(format!("its configuration has the strange name {driver:?}")));
        }
        settings.extend(["clean=", "smudge=", "process=", "required=false"].map(|end| format!("{driver}.{end}")));
    }
    settings.dedup();
    Ok(settings)
}

/// What a git command prints.
pub(super) fn git(root: &Path, ongoing: &Ongoing, filters: &[String], args: &[&str]) -> Result<Vec<u8>, GitError> {
    let mut command = Command::new("git");
    command.arg("--no-pager");
    for setting in SETTINGS.iter().copied().chain(filters.iter().map(String::as_str)) {
        command.args(["-c", setting]);
    }
    // Otherwise a learner's configuration could make git read any folder of the host.
    let (own, top) = worktree::pinned(root)?;
    for (option, path) in [("--git-dir=", own), ("--work-tree=", top)] {
        let mut option = OsString::from(option);
        option.push(path);
        command.arg(option);
    }
    // What the static check reads without git, and nothing else.
    let mut excludes = OsString::from("core.excludesFile=");
    excludes.push(worktree::excludes_file(root).unwrap_or_default());
    command.arg("-c").arg(excludes);
    command.args(args).current_dir(root).env_clear();
    for name in ["PATH", "HOME", "XDG_CONFIG_HOME", "SYSTEMROOT", "USERPROFILE"] {
        command.envs(std::env::var_os(name).map(|value| (name, value)));
    }
    command.envs([
        ("LC_ALL", "C"),
        ("GIT_OPTIONAL_LOCKS", "0"), // writes nothing
        ("GIT_TERMINAL_PROMPT", "0"),
        ("GIT_NO_LAZY_FETCH", "1"),
        ("GIT_ALLOW_PROTOCOL", "none"),
        ("GIT_ATTR_NOSYSTEM", "1"),
    ]);
    command.stdin(Stdio::null()).stdout(Stdio::piped()).stderr(Stdio::piped());
    #[cfg(unix)]
    std::os::unix::process::CommandExt::process_group(&mut command, 0);
    let child = command.spawn().map_err(|error| match error.kind() {
        io::ErrorKind::NotFound => GitError::NotInstalled,
        _ => GitError::Start(error),
    })?;
    finish(child, ongoing)
}

/// Waits for a command within the limit, and ends it there or where it is asked to stop.
fn finish(mut child: Child, ongoing: &Ongoing) -> Result<Vec<u8>, GitError> {
    let deadline = Instant::now() + LIMIT;
    let left = || deadline.saturating_duration_since(Instant::now());
    let output = child.stdout.take().map(|pipe| collect(pipe, MAX_OUTPUT));
    let errors = child.stderr.take().map(|pipe| collect(pipe, 4096));
    let receive = |pipe: Option<mpsc::Receiver<Vec<u8>>>| {
        let pipe = pipe?;
        loop {
            match pipe.recv_timeout(LOOK.min(left())) {
                Ok(bytes) => return Some(bytes),
                Err(mpsc::RecvTimeoutError::Timeout) if !left().is_zero() && !ongoing.is_stopped() => {}
                Err(_) => return None,
            }
        }
    };
    let output = receive(output);
    if output.as_ref().is_some_and(|output| output.len() as u64 > MAX_OUTPUT) {
        end(&mut child);
        return Err(GitError::TooMuch(MAX_OUTPUT));
    }
    let errors = receive(errors).unwrap_or_default();
    let status = loop {
        match child.try_wait().map_err(GitError::Start)? {
            Some(status) => break status,
            None if ongoing.is_stopped() => {
                end(&mut child);
                return Err(GitError::Stopped);
            }
            None if left().is_zero() => {
                end(&mut child);
                return Err(GitError::TimedOut(LIMIT));
            }
            None => std::thread::sleep(Duration::from_millis(1)),
        }
    };
    match output {
        Some(output) if status.success() => Ok(output),
        _ => {
            let errors = String::from_utf8_lossy(&errors);
            Err(GitError::Failed(errors.lines().next().unwrap_or("it gives no reason").chars().take(300).collect()))
        }
    }
}

/// Reads a pipe to its end, or to one byte more than the limit, beside what else is done.
fn collect(pipe: impl Read + Send + 'static, limit: u64) -> mpsc::Receiver<Vec<u8>> {
    let (send, receive) = mpsc::channel();
    std::thread::spawn(move || {
        let mut bytes = Vec::new();
        let _ = pipe.take(limit + 1).read_to_end(&mut bytes);
        let _ = send.send(bytes);
    });
    receive
}

fn end(child: &mut Child) {
    #[cfg(unix)]
    if let Some(group) = i32::try_from(child.id()).ok().and_then(rustix::process::Pid::from_raw) {
        let _ = rustix::process::kill_process_group(group, rustix::process::Signal::KILL);
    }
    let _ = child.kill();
    let _ = child.wait();
}
