//! What else a run needs besides an engine that answers: room on its disk, and a registry that it can pull from.

use super::Engine;
use std::time::Duration;
use tokio::time::timeout;

/// An image that every registry of Docker's own has: it is looked up, not pulled.
const KNOWN_IMAGE: &str = "docker.io/library/hello-world:latest";
/// How long the registry may take to answer the engine.
const ANSWER: Duration = Duration::from_secs(15);
/// Room that a build and its bases need, in bytes.
const ROOM: u64 = 2_000_000_000;

/// One thing that was looked at.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Symptom {
    /// How it is, in a sentence without a full stop.
    pub what: String,
    /// What to do about it, if it is not well.
    pub remedy: Option<&'static str>,
}

/// Looks at what surrounds an engine that answers.
pub async fn examine(engine: &Engine) -> Vec<Symptom> {
    let mut found = Vec::new();
    if engine.is_remote {
        found.push(Symptom {
            what: "the engine runs on another machine, whose ports and folders are not here".into(),
            remedy: Some(
                "Choose a local one with `docker context use default`; what needs ports can't be judged there.",
            ),
        });
    }
    found.extend(room(engine).map(disk));
    found.push(registry(engine).await);
    found
}

/// Asked through the engine, which may have a proxy or mirrors of its own.
async fn registry(engine: &Engine) -> Symptom {
    let failed = |why: String| Symptom {
        what: format!("no answer from Docker Hub: {why}"),
        remedy: Some("Look at the network, a proxy or a VPN. Images that are here already will do without it."),
    };
    match timeout(ANSWER, engine.docker.inspect_registry_image(KNOWN_IMAGE, None)).await {
        Ok(Ok(_)) => Symptom { what: "Docker Hub answers".into(), remedy: None },
        Ok(Err(bollard::errors::Error::DockerResponseServerError { status_code: 429, .. })) => Symptom {
            what: "Docker Hub lets this address pull no more for now".into(),
            remedy: Some("Sign in with `docker login`, or wait some hours."),
        },
        Ok(Err(bollard::errors::Error::DockerResponseServerError { message, .. })) => failed(message),
        Ok(Err(error)) => failed(error.to_string()),
        Err(_) => failed(format!("none within {} s", ANSWER.as_secs())),
    }
}

fn disk(free: u64) -> Symptom {
    let what = format!("{} free where the engine keeps its data", crate::facts::size_text(free));
    let remedy = "Make room: `docker system prune` removes what no container uses.";
    Symptom { what, remedy: (free < ROOM).then_some(remedy) }
}

/// The free bytes where a local engine keeps its data, if that can be seen from here.
#[cfg(unix)]
fn room(engine: &Engine) -> Option<u64> {
    if engine.is_remote || engine.root_dir.is_empty() {
        return None;
    }
    let disk = rustix::fs::statvfs(engine.root_dir.as_str()).ok()?;
    Some(disk.f_bavail.saturating_mul(disk.f_frsize))
}

#[cfg(not(unix))]
fn room(_: &Engine) -> Option<u64> {
    None
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn little_room_has_a_remedy() {
        let little = disk(300_000_000);
        assert_eq!(little.what, "300MB free where the engine keeps its data");
        assert!(little.remedy.is_some());
        assert_eq!(disk(20_000_000_000).remedy, None);
    }
}
