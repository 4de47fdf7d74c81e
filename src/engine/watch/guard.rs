//! Ends what takes more of the machine than it may: containers that write too much, into themselves, into volumes or
//! into what they mount. Memory,
//! processors and processes the kernel bounds by itself; for what is written there is no such bound.

use super::disk;
use crate::engine::Engine;
use crate::units::size_text;
use bollard::models::{ContainerInspectResponse, ContainerSummary};
use bollard::query_parameters::{KillContainerOptions, ListContainersOptions, StatsOptions};
use futures_util::StreamExt;
use serde::Deserialize;
use std::collections::{BTreeMap, BTreeSet, HashMap};
use std::path::{Path, PathBuf};
use std::sync::{Arc, Mutex, PoisonError};
use std::time::Duration;
use tokio::task::spawn_blocking;
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

/// Watches over the run's containers; never ends. `place` is where the copies lie that they mount.
pub async fn watch(engine: &Engine, place: Option<&Path>) {
    let free = || (disk::free(engine), place.and_then(disk::of));
    let before = free();
    loop {
        sleep(PAUSE).await;
        let now = free();
        let grown = |before: Option<u64>, now: Option<u64>| {
            before.zip(now).is_none_or(|(before, now)| before.saturating_sub(now) > engine.limits.disk())
        };
        let _ = timeout(LOOK, look(engine, grown(before.0, now.0), place.filter(|_| grown(before.1, now.1)))).await;
    }
}

/// To look at volumes and at what is mounted is dear, so that is done only when much has been written on their disk.
async fn look(engine: &Engine, volumes: bool, place: Option<&Path>) {
    let label = format!("{}={}", crate::engine::owned::owner::RUN_LABEL, engine.run.id);
    let filters = HashMap::from([("label".to_owned(), vec![label]), ("status".to_owned(), vec!["running".to_owned()])]);
    let options = ListContainersOptions { size: true, filters: Some(filters), ..ListContainersOptions::default() };
    let Ok(running) = engine.docker.list_containers(Some(options)).await else { return };
    let has_volumes = |container: &ContainerSummary| self::volumes(container).next().is_some();
    let volumes = if volumes && running.iter().any(has_volumes) { sizes(engine).await } else { BTreeMap::new() };
    let folders: BTreeSet<PathBuf> = running.iter().flat_map(|container| folders_in(container, place)).collect();
    let measured = spawn_blocking(move || folders.into_iter().map(|folder| (disk::taken(&folder), folder)).collect());
    let measured: Vec<(u64, PathBuf)> = measured.await.unwrap_or_default();
    let most = engine.limits.disk();
    for container in &running {
        let own = container.size_rw.and_then(|bytes| u64::try_from(bytes).ok()).unwrap_or_default();
        let kept: u64 = self::volumes(container).filter_map(|name| volumes.get(name)).sum();
        let own_folders: Vec<PathBuf> = folders_in(container, place).collect();
        let mounted: u64 =
            measured.iter().filter(|(_, folder)| own_folders.contains(folder)).map(|(size, _)| size).sum();
        if own.saturating_add(kept).saturating_add(mounted) > most {
            let place = [(own, ""), (kept, " into a volume"), (mounted, " into a mounted folder")].into_iter().max();
            let place = place.map_or("", |(_, place)| place);
            end(engine, container, format!("has written more than {}{place}, the most that it may", size_text(most)))
                .await;
        }
    }
}

fn volumes(container: &ContainerSummary) -> impl Iterator<Item = &String> {
    container.mounts.iter().flatten().filter_map(|mount| mount.name.as_ref())
}

/// The folders of a place that a container may write to.
fn folders_in(container: &ContainerSummary, place: Option<&Path>) -> impl Iterator<Item = PathBuf> {
    let mounts = container.mounts.iter().flatten().filter(|mount| mount.rw == Some(true));
    let sources = mounts.filter_map(|mount| mount.source.as_deref().map(PathBuf::from));
    sources.filter(move |source| place.is_some_and(|place| source.starts_with(place)))
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
async fn sizes(engine: &Engine) -> BTreeMap<String, u64> {
    let asked =
        engine.cli.command(["system", "df", "--verbose", "--format", "json"]).limit(LOOK).keep(MOST).run().await;
    let Ok(said) = asked else { return BTreeMap::new() };
    let usage: Usage = serde_json::from_str(&said.stdout.text()).unwrap_or_else(|_| Usage { volumes: Vec::new() });
    let size = |text: &str| text.parse::<bytesize::ByteSize>().map(|size| size.as_u64()).unwrap_or_default();
    usage.volumes.into_iter().map(|volume| (volume.name, size(&volume.size))).collect()
}
