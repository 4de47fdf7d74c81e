//! Whose fault a failed build or pull is: the learner's, or the machine's (network, registry, disk, an old engine).

use super::progress::familiar;
use crate::dockerfile::split_domain;

/// Whose fault it is.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum BuildFault {
    /// The learner's: something to change in the Dockerfile or the files.
    Learner,
    /// An image that the registry does not have, or not for everybody: the learner's.
    MissingImage {
        /// The image as written.
        image: String,
        /// The build stage that was probably meant.
        meant: Option<String>,
    },
    /// A file that is not in the build context, or not in the stage it is copied from: the learner's.
    MissingFile {
        /// Its path as BuildKit looked for it, without a leading `/`.
        path: String,
    },
    /// A user that the image does not know: the learner's.
    UnknownUser {
        /// The user's name.
        name: String,
    },
    /// The time is over: the learner's.
    Timeout,
    /// A network error, which is the learner's only if the network works.
    Network,
    /// An image of a registry whose name does not resolve, which is the learner's only if the engine resolves others.
    UnknownRegistry {
        /// The image as written.
        image: String,
        /// What it is if the engine resolves no others, in a sentence.
        why: String,
    },
    /// The machine's; why, in a sentence.
    Machine(String),
}

impl BuildFault {
    /// Whether the build said that the engine's disk is full.
    pub fn is_full_disk(&self) -> bool {
        matches!(self, Self::Machine(why) if why == DISK_FULL)
    }
}

/// What is said of a disk that is full.
pub const DISK_FULL: &str = "the disk of the Docker Engine is full";

/// Traces of a network that does not answer, in what tools print.
const NETWORK: &[&str] = &[
    "Could not resolve",
    "Temporary failure in name resolution",
    "Temporary failure resolving",
    "Name or service not known",
    "Network is unreachable",
    "No route to host",
    "Failed to establish a new connection",
    "NewConnectionError",
    "ConnectTimeoutError",
    "ReadTimeoutError",
    "Connection timed out",
    "Connection reset by peer",
    "connection refused",
    "Connection refused",
    "i/o timeout",
    "TLS handshake timeout",
    "no such host",
    "bad address",
    "getaddrinfo",
    "EAI_AGAIN",
    "ETIMEDOUT",
    "ECONNRESET",
    "ENETUNREACH",
    "dial tcp",
    "unable to access 'https://",
    "Could not connect to",
];
/// A registry's answers that mean: there is no such image for you.
const MISSING: &[&str] = &[
    "not found",
    "pull access denied",
    "insufficient_scope",
    "403 Forbidden",
    "requested access to the resource is denied",
    "invalid reference format",
    "no match for platform",
    "no matching manifest",
    "manifest unknown",
    "name unknown",
    "registry: denied",
    "repository name must be",
];
/// A registry's answers to those who are not logged in, or as somebody it does not know.
const LOGIN: &[&str] = &["401 Unauthorized", "no basic auth credentials", "authentication required"];
/// Traces of an engine that can't be talked to any more, or whose own network is broken.
const ENGINE: &[&str] = &[
    "Cannot connect to the Docker daemon",
    "error during connect",
    "failed to dial",
    "transport is closing",
    "error reading from server",
    "code = Unavailable",
    "permission denied while trying to connect",
    "network bridge not found",
    "failed to create endpoint",
    "failed to set up container networking",
];
/// Flags that newer builders know: `COPY --parents` is refused by an old one.
const NEWER_FLAGS: &[&str] = &[
    "checksum",
    "device",
    "exclude",
    "keep-git-dir",
    "link",
    "mount",
    "network",
    "parents",
    "security",
    "start-interval",
    "unpack",
];

/// Whose fault a failed build is.
///
/// `message` is what BuildKit says, `log` the end of the failed step's output, and `stages` the names of the Dockerfile's
/// stages: an image that can't be had and whose name is nearly that of a stage is a slip, whatever the registry says.
pub fn of_build(message: &str, log: &str, stages: &[String]) -> BuildFault {
    if message.contains("no space left on device") || log.contains("No space left on device") {
        return BuildFault::Machine(DISK_FULL.into());
    }
    if let Some(flag) = between(message, "unknown flag: ", "").map(|flag| flag.trim_start_matches('-'))
        && NEWER_FLAGS.contains(&flag)
    {
        return BuildFault::Machine(format!("this Docker Engine's builder is too old for the flag `--{flag}`"));
    }
    if let Some((image, reason)) = unresolved(message) {
        return match nearest(&image, stages) {
            Some(meant) => BuildFault::MissingImage { image, meant: Some(meant) },
            None => of_pull(&image, reason),
        };
    }
    if let Some(name) = between(message, "unable to find user ", ":") {
        return BuildFault::UnknownUser { name: name.to_owned() };
    }
    if let Some(path) = missing_file(message) {
        return BuildFault::MissingFile { path: path.trim_start_matches('/').to_owned() };
    }
    if log.contains("exec format error") {
        return BuildFault::Machine("this machine can't run programs for the platform that the image is for".into());
    }
    if ENGINE.iter().any(|trace| message.contains(trace)) {
        return BuildFault::Machine(format!("the Docker Engine failed during the build: {message}"));
    }
    if is_network(log) || is_network(message) {
        return BuildFault::Network;
    }
    BuildFault::Learner
}

/// Whose fault it is that an image can't be pulled, from what the engine or Compose says.
pub fn of_pull(image: &str, reason: &str) -> BuildFault {
    let registry = split_domain(image).0.unwrap_or("docker.io");
    let answered = MISSING.iter().any(|trace| reason.contains(trace));
    if reason.contains("no space left on device") {
        BuildFault::Machine(DISK_FULL.into())
    } else if reason.contains("429 Too Many Requests") || reason.contains("toomanyrequests") {
        BuildFault::Machine(format!(
            "the pull limit of the registry {registry} is reached for {image}: wait, or run `docker login {registry}` for a \
             higher one"
        ))
    } else if wants_login(reason) {
        BuildFault::Machine(format!("the registry {registry} needs a login for {image}: run `docker login {registry}`"))
    } else if answered && !is_network(reason) {
        BuildFault::MissingImage { image: image.to_owned(), meant: None }
    } else {
        let why = format!("the registry could not be asked for {image}: {}", short(reason));
        if reason.contains("no such host") && registry != "docker.io" {
            BuildFault::UnknownRegistry { image: image.to_owned(), why }
        } else {
            BuildFault::Machine(why)
        }
    }
}

/// Whether a program or the engine says that it reached no server.
pub fn is_network(said: &str) -> bool {
    NETWORK.iter().any(|trace| said.contains(trace))
}

/// Whether a registry gives an image only to those who are logged in. Docker's own says of one that does not exist that it may
/// need a login, too: that is no such answer.
pub fn wants_login(reason: &str) -> bool {
    let is_either = ["insufficient_scope", "may require"].iter().any(|trace| reason.contains(trace));
    !is_either && LOGIN.iter().any(|trace| reason.contains(trace))
}

/// The image that could not be resolved, as written, and why.
fn unresolved(message: &str) -> Option<(String, &str)> {
    for marker in ["failed to resolve source metadata for ", "pull access denied"] {
        let Some(at) = message.find(marker) else { continue };
        let (before, after) = message.split_at(at);
        let written = before.trim_end_matches([':', ' ']).rsplit(' ').next().unwrap_or_default();
        let reference = after.strip_prefix(marker).unwrap_or(after).split(": ").next().unwrap_or_default().trim();
        let image = if written.is_empty() { familiar(reference) } else { familiar(written) };
        return Some((image, after));
    }
    None
}

/// The file that COPY did not find: in what was sent, or in a stage as it lies on the engine's disk.
fn missing_file(message: &str) -> Option<&str> {
    if message.contains("failed to calculate checksum") && message.trim_end().ends_with(": not found") {
        return message.rsplit('"').nth(1);
    }
    if let Some(path) = between(message, "/buildkit-mount", ": no such file or directory") {
        return Some(path.trim_start_matches(|letter: char| letter.is_ascii_digit()));
    }
    // Since BuildKit 0.25 without the folder that the stage is mounted on, and nothing else.
    message.strip_prefix("lstat /")?.strip_suffix(": no such file or directory")
}

/// The stage whose name is nearly this, if it can be one.
fn nearest(image: &str, stages: &[String]) -> Option<String> {
    let name = image.strip_suffix(":latest").unwrap_or(image);
    if name.contains(['/', ':', '@']) {
        return None;
    }
    let distance = |stage: &str| strsim::damerau_levenshtein(&name.to_lowercase(), &stage.to_lowercase());
    let near = stages.iter().map(|stage| (distance(stage), stage)).min()?;
    (near.0 <= 1.max(near.1.chars().count() / 3)).then(|| near.1.clone())
}

fn between<'a>(text: &'a str, before: &str, after: &str) -> Option<&'a str> {
    let (_, rest) = text.split_once(before)?;
    let end = if after.is_empty() { rest.find(char::is_whitespace) } else { rest.find(after) };
    rest.get(..end.unwrap_or(rest.len()))
}

/// The last part of a chain of reasons, which is what happened.
fn short(reason: &str) -> &str {
    reason.rsplit(": ").next().unwrap_or(reason)
}

#[cfg(test)]
mod tests {
    use super::*;

    /// Messages as BuildKit 0.12 to 0.26 print them.
    #[test]
    fn faults_are_told_apart() {
        let machine = |why: &str| BuildFault::Machine(why.to_owned());
        let missing = |image: &str, meant: Option<&str>| BuildFault::MissingImage {
            image: image.to_owned(),
            meant: meant.map(str::to_owned),
        };
        let exit = r#"process "/bin/sh -c pip install x" did not complete successfully: exit code: 1"#;
        let no_host = "failed to do request: Head \"https://registry-1.docker.io/v2/library/bilder/manifests/latest\": \
                       dial tcp: lookup registry-1.docker.io on 10.0.0.1:53: no such host";
        let denied = "pull access denied, repository does not exist or may require authorization: server message: \
                      insufficient_scope: authorization failed";
        let unresolved = |written: &str, image: &str, why: &str| {
            format!("{written}: failed to resolve source metadata for docker.io/library/{image}: {why}")
        };
        for (message, log, fault) in [
            (exit.to_owned(), "ERROR: No matching distribution found for x", BuildFault::Learner),
            (exit.to_owned(), "Temporary failure in name resolution", BuildFault::Network),
            (
                exit.to_owned(),
                "OSError: [Errno 28] No space left on device",
                machine("the disk of the Docker Engine is full"),
            ),
            (unresolved("bilder", "bilder:latest", no_host), "", missing("bilder", Some("builder"))),
            (unresolved("bilder", "bilder:latest", denied), "", missing("bilder", Some("builder"))),
            (unresolved("pyton:3.11", "pyton:3.11", denied), "", missing("pyton:3.11", None)),
            (
                unresolved(
                    "dhi.io/python:3",
                    "x",
                    "failed to authorize: failed to fetch anonymous token: 401 Unauthorized",
                ),
                "",
                machine("the registry dhi.io needs a login for dhi.io/python:3: run `docker login dhi.io`"),
            ),
            (
                unresolved("python:9", "python:9", "docker.io/library/python:9: not found"),
                "",
                missing("python:9", None),
            ),
            (
                unresolved("redis:7", "redis:7", no_host),
                "",
                machine("the registry could not be asked for redis:7: no such host"),
            ),
            (
                unresolved(
                    "redis:7",
                    "redis:7",
                    "unexpected status from HEAD request to https://x: 503 Service Unavailable",
                ),
                "",
                machine("the registry could not be asked for redis:7: 503 Service Unavailable"),
            ),
            (
                unresolved("redis:7", "redis:7", "429 Too Many Requests - Server message: toomanyrequests: slow down"),
                "",
                machine(
                    "the pull limit of the registry docker.io is reached for redis:7: wait, or run `docker login \
                     docker.io` for a higher one",
                ),
            ),
            (
                "failed to compute cache key: failed to calculate checksum of ref a::b: \"/src/app.py\": not found"
                    .into(),
                "",
                BuildFault::MissingFile { path: "src/app.py".into() },
            ),
            (
                "lstat /var/lib/docker/tmp/buildkit-mount195237736/missing: no such file or directory".into(),
                "",
                BuildFault::MissingFile { path: "missing".into() },
            ),
            (
                "lstat /nope/a b: no such file or directory".into(),
                "",
                BuildFault::MissingFile { path: "nope/a b".into() },
            ),
            ("lstat /nope: permission denied".into(), "", BuildFault::Learner),
            (
                "process \"/bin/sh -c true\" did not complete successfully: unable to find user x: no matching entries"
                    .into(),
                "",
                BuildFault::UnknownUser { name: "x".into() },
            ),
            (
                "dockerfile parse error on line 2: unknown flag: parents".into(),
                "",
                machine("this Docker Engine's builder is too old for the flag `--parents`"),
            ),
            ("dockerfile parse error on line 2: unknown flag: --paretns".into(), "", BuildFault::Learner),
            (
                "process \"/bin/sh -c true\" did not complete successfully: network bridge not found".into(),
                "",
                machine(
                    "the Docker Engine failed during the build: process \"/bin/sh -c true\" did not complete \
                     successfully: network bridge not found",
                ),
            ),
            ("target stage \"b\" could not be found".into(), "", BuildFault::Learner),
            (
                "Cannot connect to the Docker daemon at unix:///x".into(),
                "",
                machine("the Docker Engine failed during the build: Cannot connect to the Docker daemon at unix:///x"),
            ),
        ] {
            assert_eq!(of_build(&message, log, &["builder".into(), "b".into()]), fault, "{message} | {log}");
        }
    }
}
