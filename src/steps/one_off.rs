//! `run:` runs a container of its own to its end.

use super::action::{Mount, MountSource, OneOff};
use super::output;
use super::output::MOST;
use super::{Bench, Graded, NotDone};
use crate::engine::container;
use crate::engine::container::{Lone, Output, Printed, Refused, Spec};
use crate::engine::stack::{PROJECT_LABEL, obtain};
use crate::facts::Facts;
use crate::facts::container::{ContainerRequest, start_place};
use crate::outcome::Fault;
use crate::place::Place;
use crate::repository::Repository;
use bollard::models::{HealthConfig, VolumeCreateRequest};
use bollard::query_parameters::{ListNetworksOptions, RemoveVolumeOptions};
use std::collections::HashMap;
use std::path::PathBuf;
use std::time::Duration;
use tokio::time::Instant;

/// How long it may take unless said otherwise.
const LIMIT: Duration = Duration::from_secs(60);
/// The label by which Compose knows its networks.
const NETWORK_LABEL: &str = "com.docker.compose.network";
/// What `docker run` exits with where the engine refuses.
const REFUSED: i64 = 125;

impl Bench<'_> {
    pub(super) async fn one_off(&mut self, run: &OneOff) -> Result<Facts, NotDone> {
        let (image, place) = self.image_of(run.image.as_deref()).await?;
        let mut mounts = Vec::new();
        for mount in &run.mounts {
            mounts.push(self.mount(mount).await?);
        }
        let network = match &run.network {
            Some(name) => Some(self.network(name).await?),
            None => None,
        };
        let own = self.graded.map(|graded| graded.challenge);
        let limit = run.timeout.or(own.and_then(|challenge| challenge.limits.step)).unwrap_or(LIMIT);
        let spec = Spec {
            image,
            entrypoint: run.entrypoint.clone(),
            command: run.command.clone(),
            healthcheck: Some(HealthConfig { test: Some(vec!["NONE".into()]), ..HealthConfig::default() }),
            user: run.user.clone(),
            env: run.env.clone(),
            mounts,
            network,
            ..Spec::default()
        };
        let name = run.image.as_deref().unwrap_or("the image");
        (self.doing)(format!("run {name}"));
        let begin = Instant::now();
        match Lone::run(self.engine, spec, run.stdin.as_deref(), limit, MOST).await? {
            Ok(Output::Ended(printed)) => Ok(output::facts(&printed, begin.elapsed(), place.as_ref())),
            Ok(Output::Late(printed)) => {
                Err(NotDone::Learner(place, output::late(&format!("the container of {name}"), limit, &printed)))
            }
            Ok(Output::NotRunning) => Err(NotDone::machines(format!("the container of {name} was gone"))),
            Err(Refused { why, exit_code }) => {
                let exit_code = exit_code.filter(|code| *code != 0).unwrap_or(REFUSED);
                let printed = Printed { exit_code, stderr: why.into_bytes(), ..Printed::default() };
                Ok(output::facts(&printed, begin.elapsed(), place.as_ref()))
            }
        }
    }

    /// The image that is meant, and where it is written what it starts, if it is the graded one.
    pub(super) async fn image_of(&self, name: Option<&str>) -> Result<(String, Option<Place>), NotDone> {
        let Some(name) = name else {
            let Graded { built, image, .. } = self.graded.ok_or_else(no_image)?;
            return Ok((built.tag.clone(), start_place(&ContainerRequest { image, http: None })));
        };
        match obtain(self.engine, name, None, self.doing).await {
            Ok(_) => Ok((name.to_owned(), None)),
            Err(Fault::Machine(why)) => Err(NotDone::Machine(why)),
            Err(missing) => {
                let why = missing.reason();
                Err(NotDone::machines(format!("the image {name}, which this check asks for, can't be had: {why}")))
            }
        }
    }

    async fn mount(&mut self, mount: &Mount) -> Result<container::Mount, NotDone> {
        let source = match &mount.source {
            MountSource::Volume(name) => container::Source::Volume(self.volume(name).await?),
            MountSource::Path(_) if self.engine.is_remote => {
                let why = "the Docker Engine is on another machine, where nothing of the repository can be mounted";
                return Err(NotDone::machines(why));
            }
            MountSource::Path(path) => {
                // Nothing that runs can write into it, and so turn the path into a link after it was looked at.
                let root = self.copy_as_it_is().await?;
                let copy = Repository::open(root).map_err(|error| NotDone::machines(error.to_string()))?;
                container::Source::Path(inside(&copy, path).map_err(|why| NotDone::learners(None, why))?)
            }
        };
        Ok(container::Mount { source, target: mount.target.clone(), read_only: mount.read_only })
    }

    /// The engine's name of a volume of this check's.
    async fn volume(&mut self, name: &str) -> Result<String, NotDone> {
        if let Some(known) = self.made.volumes.get(name) {
            return Ok(known.clone());
        }
        // Without a name it gets one that no other check's has.
        let labels = Some(self.engine.run.labels().into_iter().collect());
        let request = VolumeCreateRequest { labels, ..VolumeCreateRequest::default() };
        let made = self.engine.docker.create_volume(request).await;
        let made = made.map_err(|error| NotDone::machines(format!("Docker could not create a volume: {error}")))?;
        self.made.volumes.insert(name.to_owned(), made.name.clone());
        Ok(made.name)
    }

    pub(super) async fn remove_volumes(&mut self) {
        for (_, name) in std::mem::take(&mut self.made.volumes) {
            // The end of the run removes it too.
            let _ = self.engine.docker.remove_volume(&name, Some(RemoveVolumeOptions { force: true })).await;
        }
    }

    /// The engine's name of a network of the running stack.
    async fn network(&self, name: &str) -> Result<String, NotDone> {
        let stack = self.stack.as_deref().ok_or_else(NotDone::no_stack)?;
        let label = format!("{PROJECT_LABEL}={}", stack.project());
        let filters = Some(HashMap::from([("label".to_owned(), vec![label])]));
        let listed = self.engine.docker.list_networks(Some(ListNetworksOptions { filters })).await;
        let listed = listed.map_err(|error| NotDone::machines(format!("Docker could not list networks: {error}")))?;
        let known: Vec<(String, String)> = listed
            .into_iter()
            .filter_map(|network| Some((network.labels?.remove(NETWORK_LABEL)?, network.name?)))
            .collect();
        if let Some((_, found)) = known.iter().find(|(known, _)| known == name) {
            return Ok(found.clone());
        }
        let mut names: Vec<&str> = known.iter().map(|(known, _)| known.as_str()).collect();
        names.sort_unstable();
        let names = if names.is_empty() { "none".to_owned() } else { names.join(", ") };
        Err(NotDone::learners(None, format!("the running stack has no network `{name}`; it has {names}")))
    }
}

fn no_image() -> NotDone {
    NotDone::machines("there is no graded image")
}

/// A path of the repository, links resolved; never one outside.
fn inside(repository: &Repository, path: &str) -> Result<PathBuf, String> {
    let shown = if path.is_empty() { "." } else { path };
    let root = repository.root().canonicalize().map_err(|error| format!("the repository can't be read: {error}"))?;
    let real = root.join(path.trim_start_matches('/')).canonicalize();
    let real = real.map_err(|_| format!("there is no `{shown}` in the repository"))?;
    if real.starts_with(&root) { Ok(real) } else { Err(format!("`{shown}` leads out of the repository")) }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[cfg(unix)]
    #[test]
    fn only_what_is_in_the_repository_is_mounted() {
        let folder = tempfile::tempdir().unwrap();
        std::fs::create_dir_all(folder.path().join("src/app")).unwrap();
        std::os::unix::fs::symlink("/etc", folder.path().join("out")).unwrap();
        std::os::unix::fs::symlink("src", folder.path().join("in")).unwrap();
        let repository = Repository::open(folder.path()).unwrap();
        let root = folder.path().canonicalize().unwrap();
        for (path, expected) in [
            ("", Ok(root.clone())),
            ("src/app", Ok(root.join("src/app"))),
            ("in/app", Ok(root.join("src/app"))),
            ("out", Err("`out` leads out of the repository")),
            ("out/passwd", Err("`out/passwd` leads out of the repository")),
            ("/etc", Err("there is no `/etc` in the repository")),
            ("..", Err("`..` leads out of the repository")),
            ("none", Err("there is no `none` in the repository")),
        ] {
            assert_eq!(inside(&repository, path), expected.map_err(str::to_owned), "{path}");
        }
    }
}
