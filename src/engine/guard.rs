//! Ends what takes more of the machine than it may: containers that write too much, into themselves or into volumes. Memory,
//! processors and processes the kernel bounds by itself; for what is written there is no such bound.

use super::{Engine, disk};
use crate::facts::size_text;
use bollard::models::{ContainerInspectResponse, ContainerSummary};
use bollard::query_parameters::{KillContainerOptions, ListContainersOptions, StatsOptions};
use futures_util::StreamExt;
use serde::Deserialize;
use std::collections::{BTreeMap, HashMap};
use std::sync::{Arc, Mutex, PoisonError};
use std::time::Duration;
use tokio::time::{sleep, timeout};

/// The time between two looks.
const PAUSE: Duration = Duration::from_secs(1);
/// How long one look may take; the next may be luckier.
const LOOK: Duration = Duration::from_secs(20);

/// How much is read of what the engine's disk holds, in bytes.
const MOST: usize = 16 << 20;

/// Why containers were ended, by their ids.
#[derive(Debug, Clone, Default)]
pub struct Ended(Arc<Mutex<BTreeMap<String, String>>>);

impl Ended {
    fn put(&self, id: &str, why: String) {
        self.0.lock().unwrap_or_else(PoisonError::into_inner).insert(id.to_owned(), why);
    }

    fn get(&self, id: &str) -> Option<String> {
        self.0.lock().unwrap_or_else(PoisonError::into_inner).get(id).cloned()
    }
}

/// Which limit a container was ended at, if it was: the end of a sentence that begins with its name.
pub fn ended_by(engine: &Engine, container: &ContainerInspectResponse) -> Option<String> {
    let guarded = container.id.as_deref().and_then(|id| engine.ended.get(id));
    let is_hungry = container.state.as_ref().is_some_and(|state| state.oom_killed == Some(true));
    let memory = container.host_config.as_ref().and_then(|host| host.memory);
    guarded.or_else(|| {
        is_hungry.then(|| match memory.and_then(|bytes| u64::try_from(bytes).ok()).filter(|&bytes| bytes > 0) {
            Some(bytes) => format!("needs more memory than {}, the most that it may use", size_text(bytes)),
            None => "needs more memory than the machine has".to_owned(),
        })
    })
}

/// Whether a container that runs has as many processes as it may: the end of a sentence about it.
pub async fn is_crowded(engine: &Engine, id: &str) -> Option<String> {
    let options = StatsOptions { stream: false, one_shot: true };
    let stats = timeout(LOOK, engine.docker.stats(id, Some(options)).boxed().next()).await.ok()??.ok()?.pids_stats?;
    let (now, most) = (stats.current?, stats.limit.filter(|&most| most > 0)?);
    (now >= most).then(|| format!("has {most} processes, as many as it may"))
}

/// Watches over the run's containers; never ends.
pub async fn watch(engine: &Engine) {
    let before = disk::free(engine);
    loop {
        sleep(PAUSE).await;
        let _ = timeout(LOOK, look(engine, before)).await;
    }
}

async fn look(engine: &Engine, before: Option<u64>) {
    let label = format!("{}={}", super::owner::RUN_LABEL, engine.run.id);
    let filters = HashMap::from([("label".to_owned(), vec![label]), ("status".to_owned(), vec!["running".to_owned()])]);
    let options = ListContainersOptions { size: true, filters: Some(filters), ..ListContainersOptions::default() };
    let Ok(running) = engine.docker.list_containers(Some(options)).await else { return };
    let most = engine.limits.disk();
    for container in &running {
        let written = container.size_rw.and_then(|bytes| u64::try_from(bytes).ok()).unwrap_or_default();
        if written > most {
            end(engine, container, format!("has written more than {}, the most that it may", size_text(most))).await;
        }
    }
    // To look at volumes is dear, so that is done only when much has been written somewhere.
    let is_less = before.zip(disk::free(engine)).is_none_or(|(before, now)| before.saturating_sub(now) > most);
    if !is_less || running.iter().all(|container| volumes(container).next().is_none()) {
        return;
    }
    let full: Vec<String> = sizes(engine).await.into_iter().filter(|(_, size)| *size > most).map(|it| it.0).collect();
    for container in running.iter().filter(|container| volumes(container).any(|name| full.contains(name))) {
        let why = format!("has written more than {} into a volume, the most that it may", size_text(most));
        end(engine, container, why).await;
    }
}

fn volumes(container: &ContainerSummary) -> impl Iterator<Item = &String> {
    container.mounts.iter().flatten().filter_map(|mount| mount.name.as_ref())
}

async fn end(engine: &Engine, container: &ContainerSummary, why: String) {
    let Some(id) = &container.id else { return };
    engine.ended.put(id, why);
    // It may have ended by itself meanwhile.
    let _ = engine.docker.kill_container(id, None::<KillContainerOptions>).await;
}

#[derive(Debug, Deserialize)]
struct Usage {
    #[serde(rename = "Volumes", default)]
    volumes: Vec<Volume>,
}

#[derive(Debug, Deserialize)]
#[serde(rename_all = "PascalCase")]
struct Volume {
    name: String,
    size: String,
}

/// The engine's volumes and their bytes. By its tool: the API's answer has another form in each version.
async fn sizes(engine: &Engine) -> Vec<(String, u64)> {
    let asked =
        engine.cli.command(["system", "df", "--verbose", "--format", "json"]).limit(LOOK).keep(MOST).run().await;
    let Ok(said) = asked else { return Vec::new() };
    let usage: Usage = serde_json::from_str(&said.stdout.text()).unwrap_or_else(|_| Usage { volumes: Vec::new() });
    let size = |text: &str| text.parse::<bytesize::ByteSize>().map(|size| size.as_u64()).unwrap_or_default();
    usage.volumes.into_iter().map(|volume| (volume.name, size(&volume.size))).collect()
}
