//! Whose fault it is that a container does not start, from what the engine says. Pure.

use crate::engine::connect::api::{ApiError, reason, status};
use bollard::errors::Error;

/// Why a container does not start, by whose fault it is.
#[derive(Debug, thiserror::Error)]
pub enum StartError {
    /// Its image can't be run.
    #[error("{}", .0.why)]
    Refused(Refused),
    /// The engine failed.
    #[error(transparent)]
    Api(#[from] ApiError),
}

/// An image that can't be started: its own fault.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Refused {
    /// What the engine says.
    pub why: String,
    /// The exit code that stands for it: 127 for a missing command, 126 for one that may not be run.
    pub exit_code: Option<i64>,
}

impl StartError {
    /// The image's own fault, for callers that go on with it; the engine's stays an error.
    pub fn refused(self) -> Result<Refused, ApiError> {
        match self {
            Self::Refused(refused) => Ok(refused),
            Self::Api(error) => Err(error),
        }
    }
}

impl Refused {
    /// What the engine says, if it is in the image that it can't be run: its command, its user, its folder, its volumes.
    pub(super) fn by(error: &Error) -> Option<Self> {
        let said = reason(error);
        let is_images = status(error).is_some() && fault(&said) == StartFault::Learner;
        is_images.then(|| Self { why: short(&said), exit_code: None })
    }
}

/// Whose fault it is.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum StartFault {
    /// The learner's: the image, or what the Compose file says of the service.
    Learner,
    /// The machine's.
    Machine,
    /// It can't be told.
    Unknown,
}

/// What the engine says of an image or a service that can't be run: its command, its user, its folder, its mounts.
const LEARNER: [&str; 21] = [
    "no command specified",
    "unable to find user",
    "unable to find group",
    "no matching entries in",
    "uids and gids must be in range",
    "executable file not found",
    "exec: ",
    "exec format error",
    "not a directory",
    "chdir to cwd",
    "invalid working directory",
    "working directory",
    "invalid mount config",
    "invalid volume",
    "invalid specification",
    "source path does not exist",
    "Duplicate mount point",
    "error mounting",
    "destination can't be '/'",
    "invalid signal",
    "Invalid signal",
];
/// What it says of a machine that can't run it.
const MACHINE: [&str; 7] = [
    "no space left on device",
    "Cannot connect to the Docker daemon",
    "error during connect",
    "could not find an available, non-overlapping",
    "all predefined address pools",
    "permission denied while trying to connect",
    "is not a docker command",
];
/// What may come of either, where a container's first program is prepared.
const UNCLEAR: [&str; 9] = [
    "cgroup",
    "keyring",
    "quota exceeded",
    "cannot allocate memory",
    "resource temporarily unavailable",
    "too many open files",
    "input/output error",
    "apparmor",
    "seccomp",
];

/// Whose fault it is. What stands in quotes is the learner's own text, and decides nothing.
pub fn fault(said: &str) -> StartFault {
    let said = unquoted(said);
    let has = |traces: &[&str]| traces.iter().any(|trace| said.contains(trace));
    if has(&LEARNER) && !ends_on_a_full_disk(&said) {
        StartFault::Learner
    } else if has(&MACHINE) {
        StartFault::Machine
    } else if said.contains("unable to start container process") && !has(&UNCLEAR) {
        // All of the machine's was there by then: what is missing is missing in the container.
        StartFault::Learner
    } else {
        StartFault::Unknown
    }
}

/// What happened, without the names of the engine's inner parts before it; the engine likes to say it twice.
pub fn short(said: &str) -> String {
    let said = said.trim();
    let inner = said.rsplit_once("unable to start container process: ").map_or(said, |(_, inner)| inner);
    // Since runc 1.2 it says which half of it failed.
    let inner = inner.strip_prefix("error during container init: ").unwrap_or(inner);
    let inner = inner.trim_end_matches(": unknown");
    let half = inner.len().saturating_sub(2) / 2;
    match (inner.get(..half), inner.get(half..)) {
        (Some(once), Some(again)) if again.strip_prefix(": ") == Some(once) => once.to_owned(),
        _ => inner.to_owned(),
    }
}

/// What that means, where it is not what it seems: the end of a sentence.
pub fn meaning(said: &str) -> Option<&'static str> {
    let said = said.trim().trim_end_matches(": unknown");
    // With `exec: "/x": stat /x` it is the file itself that is not there.
    if said.starts_with("exec /") && said.ends_with("no such file or directory") {
        Some("the program that its first line names is not there: does that line end as on Windows (CRLF)?")
    } else if said.starts_with("exec") && said.ends_with("permission denied") {
        Some("the file has no right to be executed, which `ls -l` shows as x")
    } else if said.starts_with("exec") && said.contains("exec format error") {
        Some("it is a program for another platform, or a script whose first line (`#!`) names no program")
    } else {
        None
    }
}

/// Adds to what is said what it means.
pub fn explained(said: &str) -> String {
    meaning(said).map_or_else(|| said.to_owned(), |meaning| format!("{said} ({meaning})"))
}

/// Whether the system's own error, which comes last, is that the disk is full: `mkdir /x: no space left on device`.
fn ends_on_a_full_disk(said: &str) -> bool {
    let inner = said.trim_end().trim_end_matches(": unknown");
    inner
        .strip_suffix("no space left on device")
        .is_some_and(|before| before.ends_with(": ") && before.contains("error mounting"))
}

/// Without what stands in double quotes; `\"` ends none.
fn unquoted(text: &str) -> String {
    let (mut kept, mut is_quoted, mut is_escaped) = (String::new(), false, false);
    for letter in text.chars() {
        match letter {
            '"' if !is_escaped => is_quoted = !is_quoted,
            _ if is_quoted => {}
            _ => kept.push(letter),
        }
        is_escaped = is_quoted && letter == '\\' && !is_escaped;
    }
    kept
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn it_is_told_once_and_explained() {
        let runc = "failed to create task: runc create failed: unable to start container process: ";
        let denied = "exec: \"/entrypoint.sh\": permission denied";
        for said in [
            denied.to_owned(),
            format!("{runc}{denied}: unknown"),
            format!("{runc}{denied}: unknown: {runc}{denied}: unknown"),
            format!("{denied}: {denied}"),
            format!("{runc}error during container init: {denied}: unknown"), // runc 1.2
        ] {
            assert_eq!(short(&said), denied);
        }
        assert_eq!(short("é: é"), "é");
        assert_eq!(short("uids: 1"), "uids: 1");
        for (said, word) in [
            (denied, Some("ls -l")),
            ("exec /entrypoint.sh: no such file or directory", Some("CRLF")),
            ("exec: \"/x\": stat /x: no such file or directory", None),
            ("exec /x: exec format error", Some("another platform")),
        ] {
            assert_eq!(
                meaning(said).map(|meaning| word.is_some_and(|word| meaning.contains(word))),
                word.map(|_| true)
            );
        }
    }

    #[test]
    fn what_the_engine_says() {
        const RUNC: &str = "failed to create task for container: failed to create shim task: OCI runtime create failed: \
                            runc create failed: unable to start container process: ";
        let runc = |said: &str| format!("{RUNC}{said}: unknown");
        for (said, expected) in [
            ("uids and gids must be in range 0-2147483647".to_owned(), StartFault::Learner),
            (
                "unable to find user no space left on device: no matching entries in passwd file".into(),
                StartFault::Learner,
            ),
            (runc("exec: \"no space left on device\": executable file not found in $PATH"), StartFault::Learner),
            (runc("exec: \"a\\\"no space left on device\": executable file not found in $PATH"), StartFault::Learner),
            (
                runc(
                    "error during container init: error mounting \"/v/_data\" to rootfs at \"/proc\": \"/o/merged/proc\" \
                     cannot be mounted because it is not of type proc",
                ),
                StartFault::Learner,
            ),
            (
                runc(
                    "error during container init: open /proc/sys/net/ipv4/ip_unprivileged_port_start: no such file or \
                     directory",
                ),
                StartFault::Learner,
            ),
            (
                runc("error during container init: error mounting \"a\" to \"b\": no space left on device"),
                StartFault::Machine,
            ),
            (runc("unable to apply cgroup configuration: no such file or directory"), StartFault::Unknown),
            ("mkdir /var/lib/docker/overlay2/1: no space left on device".into(), StartFault::Machine),
            (
                "failed to create network x: could not find an available, non-overlapping IPv4 address pool among the \
                 defaults to assign to the network"
                    .into(),
                StartFault::Machine,
            ),
            ("dependency failed to start: container non-overlapping-1 exited (1)".into(), StartFault::Unknown),
            ("No such image: grader/x:1".into(), StartFault::Unknown),
        ] {
            assert_eq!(fault(&said), expected, "{said}");
        }
    }
}
