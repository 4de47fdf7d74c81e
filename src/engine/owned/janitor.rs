//! Removes what runs have made on the engine: all of one run at its end, and what dead runs have left behind.
//!
//! Only things that carry the labels of [`super::owner`] are touched, and of those only what is known to be nobody's:
//! of a process of this machine and boot that has ended, or of another machine or boot after a day.

use super::orphans;
use super::owner::{KEPT_LABEL, Life, OWNER_LABEL, Owner, RUN_LABEL, STARTED_LABEL};
use crate::engine::Engine;
use crate::engine::connect::api::{ApiError, Doing, status};
use crate::engine::image::builder;
use bollard::errors::Error;
use bollard::query_parameters::{
    ListContainersOptions, ListImagesOptions, ListNetworksOptions, ListVolumesOptions, RemoveContainerOptions,
    RemoveImageOptions, RemoveVolumeOptions, WaitContainerOptions,
};
use futures_util::future::join_all;
use futures_util::{FutureExt, StreamExt};
use std::collections::HashMap;
use std::sync::atomic::Ordering;
use std::time::{Duration, Instant, SystemTime};
use tokio::time::{sleep, timeout};

/// After this time what another machine's run, or one before a reboot, has made is taken for left behind.
pub const FOREIGN_AGE: Duration = Duration::from_secs(24 * 60 * 60);
/// How long a removal that is already under way is waited for.
const REMOVAL: Duration = Duration::from_secs(30);
/// How often the engine is looked over again, in case something was made meanwhile.
const ROUNDS: usize = 3;
/// How long the engine may go on making what a tool has asked for that was ended.
const SETTLING: Duration = Duration::from_secs(1);
/// The longest wait for the export of an abandoned build. Other runs' builds look the same.
const EXPORT: Duration = Duration::from_secs(15);

/// What was removed.
#[derive(Debug, Clone, Copy, Default, PartialEq, Eq)]
pub struct Removed {
    /// The number of containers.
    pub containers: usize,
    /// The number of networks.
    pub networks: usize,
    /// The number of named volumes; a container's anonymous ones go with it, uncounted.
    pub volumes: usize,
    /// The number of images.
    pub images: usize,
    /// How many of all were to stay (`--keep`) until now.
    pub kept: usize,
}

impl Removed {
    /// All of it together.
    pub fn total(self) -> usize {
        self.containers + self.networks + self.volumes + self.images
    }

    /// This, and more.
    #[must_use]
    pub fn and(self, more: Self) -> Self {
        Self {
            containers: self.containers + more.containers,
            networks: self.networks + more.networks,
            volumes: self.volumes + more.volumes,
            images: self.images + more.images,
            kept: self.kept + more.kept,
        }
    }
}

/// Removes all that this run has made; the build cache stays.
pub async fn remove_run(engine: &Engine) -> Result<Removed, ApiError> {
    let removed = remove_all(engine).await?;
    if !engine.cut.load(Ordering::Relaxed) {
        return Ok(removed);
    }
    Ok(removed.and(once_built(engine, async || remove_all(engine).await).await?))
}

async fn remove_all(engine: &Engine) -> Result<Removed, ApiError> {
    let label = format!("{RUN_LABEL}={}", engine.run.id);
    let mut removed = Removed::default();
    let mut failed = None;
    for _ in 0..ROUNDS {
        let found = list(engine, &label).await?;
        if found.is_empty() {
            return Ok(removed);
        }
        // What is still being made, or still in use, may go in the next round.
        failed = found.remove(engine, &mut removed).await.err();
    }
    failed.map_or(Ok(removed), Err)
}

/// The same for a run that was stopped: what the engine was about to make then, it makes all the same.
pub async fn remove_stopped_run(engine: &Engine) -> Result<Removed, ApiError> {
    let removed = remove_all(engine).await?;
    sleep(SETTLING).await;
    Ok(removed.and(remove_run(engine).await?))
}

/// The same as [`remove_dead`] for what the engine goes on to build though the run that wanted it is dead.
pub async fn remove_late(engine: &Engine, foreign_age: Duration) -> Result<Removed, ApiError> {
    once_built(engine, async || remove_dead(engine, foreign_age, true).await).await
}

/// Removes until an image was removed or no build is going on: an engine ends the export of an image that it has begun,
/// whether the build is wanted any more or not.
async fn once_built(engine: &Engine, remove: impl AsyncFn() -> Result<Removed, ApiError>) -> Result<Removed, ApiError> {
    let (begin, mut removed) = (Instant::now(), Removed::default());
    loop {
        let is_idle = builder::is_idle(engine).await;
        removed = removed.and(remove().await?);
        if is_idle || removed.images > 0 || begin.elapsed() > EXPORT {
            return Ok(removed);
        }
        sleep(SETTLING).await;
    }
}

/// Removes what runs have left whose process is dead, and ends their tools; of processes that can't be seen from here, what
/// is older than `foreign_age`. What was kept (`--keep`) goes only with `kept`.
pub async fn remove_dead(engine: &Engine, foreign_age: Duration, kept: bool) -> Result<Removed, ApiError> {
    let mut removed = Removed::default();
    let mut failed = None;
    for _ in 0..ROUNDS {
        let ended = orphans::end();
        let mut found = list(engine, RUN_LABEL).await?;
        found.keep(|labels| is_left(labels, foreign_age) && (kept || !is_kept(labels)));
        if found.is_empty() && ended == 0 {
            return Ok(removed);
        }
        failed = found.remove(engine, &mut removed).await.err();
        if ended > 0 || failed.is_some() {
            sleep(SETTLING).await; // another run may be removing the same
        }
    }
    failed.map_or(Ok(removed), Err)
}

/// An image's own labels are its containers', too: what a Dockerfile says of itself keeps nothing.
fn is_kept(labels: &HashMap<String, String>) -> bool {
    labels.get(KEPT_LABEL).is_some_and(|run| labels.get(RUN_LABEL) == Some(run))
}

fn is_left(labels: &HashMap<String, String>, foreign_age: Duration) -> bool {
    let Some(owner) = labels.get(OWNER_LABEL).and_then(|text| Owner::parse(text)) else { return false };
    match owner.life() {
        Life::Alive => false,
        Life::Dead => true,
        Life::Elsewhere => {
            let seconds = labels.get(STARTED_LABEL).and_then(|text| text.parse().ok());
            let started = seconds.and_then(|seconds| SystemTime::UNIX_EPOCH.checked_add(Duration::from_secs(seconds)));
            started.is_some_and(|started| started.elapsed().is_ok_and(|age| age > foreign_age))
        }
    }
}

/// One thing on the engine: its id or name, and its labels.
type Thing = (String, HashMap<String, String>);

#[derive(Debug, Default)]
struct Leftovers {
    containers: Vec<Thing>,
    networks: Vec<Thing>,
    volumes: Vec<Thing>,
    /// With their tags.
    images: Vec<(Thing, Vec<String>)>,
}

async fn list(engine: &Engine, label: &str) -> Result<Leftovers, ApiError> {
    let docker = &engine.docker;
    let filters = || Some(HashMap::from([("label".to_owned(), vec![label.to_owned()])]));
    let containers = ListContainersOptions { all: true, filters: filters(), ..Default::default() };
    let images = ListImagesOptions { filters: filters(), ..Default::default() };
    let (containers, networks, volumes, images) = tokio::try_join!(
        docker.list_containers(Some(containers)),
        docker.list_networks(Some(ListNetworksOptions { filters: filters() })),
        docker.list_volumes(Some(ListVolumesOptions { filters: filters() })),
        docker.list_images(Some(images)),
    )
    .doing(|| "list what grader has made".into())?;
    Ok(Leftovers {
        containers: containers.into_iter().filter_map(|it| Some((it.id?, it.labels.unwrap_or_default()))).collect(),
        networks: networks.into_iter().filter_map(|it| Some((it.id?, it.labels.unwrap_or_default()))).collect(),
        volumes: volumes.volumes.unwrap_or_default().into_iter().map(|it| (it.name, it.labels)).collect(),
        images: images.into_iter().map(|it| ((it.id, it.labels), it.repo_tags)).collect(),
    })
}

impl Leftovers {
    fn is_empty(&self) -> bool {
        self.containers.is_empty() && self.networks.is_empty() && self.volumes.is_empty() && self.images.is_empty()
    }

    fn keep(&mut self, wanted: impl Fn(&HashMap<String, String>) -> bool) {
        for things in [&mut self.containers, &mut self.networks, &mut self.volumes] {
            things.retain(|(_, labels)| wanted(labels));
        }
        self.images.retain(|((_, labels), _)| wanted(labels));
    }

    /// How many of all were to stay.
    fn kept(&self) -> usize {
        let images = self.images.iter().map(|(image, _)| image);
        let all = self.containers.iter().chain(&self.networks).chain(&self.volumes).chain(images);
        all.filter(|(_, labels)| is_kept(labels)).count()
    }

    /// Containers first: they hold the others. One failure does not keep the rest.
    async fn remove(&self, engine: &Engine, removed: &mut Removed) -> Result<(), ApiError> {
        let docker = &engine.docker;
        let mut failures = Vec::new();
        removed.kept = removed.kept.max(self.kept());
        let done = join_all(self.containers.iter().map(|(id, _)| remove_container(engine, id))).await;
        count(done, &mut removed.containers, &mut failures);
        let networks = self.networks.iter().map(|(id, _)| docker.remove_network(id).map(move |done| (id, done)));
        let volumes = self.volumes.iter().map(|(name, _)| {
            docker.remove_volume(name, Some(RemoveVolumeOptions { force: true })).map(move |done| (name, done))
        });
        let images = self.images.iter().map(|((id, _), tags)| remove_image(engine, id, tags));
        let (networks, volumes, images) = tokio::join!(join_all(networks), join_all(volumes), join_all(images));
        let named = |what: &'static str| {
            move |(name, done): (&String, Result<(), Error>)| done.doing(|| format!("remove {what} {name}"))
        };
        count(networks.into_iter().map(named("network")), &mut removed.networks, &mut failures);
        count(volumes.into_iter().map(named("volume")), &mut removed.volumes, &mut failures);
        count(images, &mut removed.images, &mut failures);
        failures.into_iter().next().map_or(Ok(()), Err)
    }
}

fn count(done: impl IntoIterator<Item = Result<(), ApiError>>, counter: &mut usize, failures: &mut Vec<ApiError>) {
    for done in done {
        match done {
            Ok(()) => *counter += 1,
            Err(error) if error.is_missing() => {}
            Err(error) => failures.push(error),
        }
    }
}

/// Kills and removes a container with its anonymous volumes.
pub async fn remove_container(engine: &Engine, id: &str) -> Result<(), ApiError> {
    let options = RemoveContainerOptions { force: true, v: true, ..Default::default() };
    match engine.docker.remove_container(id, Some(options)).await {
        // Its removal is already under way.
        Err(error) if status(&error) == Some(409) => {
            let gone = WaitContainerOptions { condition: "removed".into() };
            let _ = timeout(REMOVAL, engine.docker.wait_container(id, Some(gone)).next()).await;
            Ok(())
        }
        done => done.doing(|| format!("remove container {id}")),
    }
}

/// Takes our tags off an image; with the last one it is deleted. A tag of the learner's own keeps it.
async fn remove_image(engine: &Engine, id: &str, tags: &[String]) -> Result<(), ApiError> {
    let ours: Vec<&str> = tags.iter().map(String::as_str).filter(|tag| tag.starts_with("grader/")).collect();
    let names = if tags.is_empty() { vec![id] } else { ours };
    for name in names {
        let options = RemoveImageOptions { force: true, ..Default::default() };
        engine.docker.remove_image(name, Some(options), None).await.doing(|| format!("remove image {name}"))?;
    }
    Ok(())
}
