//! How a step runs a container of its own: its image, command, environment, mounts and network.

use super::keys::{USER, command, map, prose, text};
use super::{Graded, Needs, StepRunner};
use crate::engine::container::{self, Spec};
use crate::engine::stack::{PROJECT_LABEL, obtain};
use crate::facts::container::{ContainerRequest, start_place};
use crate::language::grammar::{Key, ValueKind, may};
use crate::language::scope::{Fields, Scope};
use crate::outcome::Fault;
use crate::place::Place;
use crate::repository::Repository;
use crate::yaml::Node;
use bollard::models::{HealthConfig, VolumeCreateRequest};
use bollard::query_parameters::{ListNetworksOptions, RemoveVolumeOptions};
use std::collections::{BTreeMap, HashMap};
use std::path::PathBuf;

/// The keys that say it.
pub(super) const KEYS: [Key; 9] = [
    may("image", ValueKind::Text, "The name of an image. The default, `built`, is the graded one."),
    may("command", ValueKind::Command, "In place of the image's own command."),
    may("entrypoint", ValueKind::Texts, "In place of the image's own entrypoint; `[]` for none."),
    may("env", ValueKind::TextMap, "Its environment."),
    may(
        "mounts",
        ValueKind::Texts,
        "`name:/target` a volume of this check's, `./path:/target` of the repository; `:ro`.",
    ),
    may(
        "network",
        ValueKind::Text,
        "`stack.<name>`, a network of the stack. By default the container gets a network of the run.",
    ),
    may("read_only", ValueKind::Bool, "Whether its root filesystem is read-only."),
    may("tmpfs", ValueKind::Texts, "Folders in memory that it can write to: `[/tmp]`."),
    USER,
];

/// The label by which Compose knows its networks.
const NETWORK_LABEL: &str = "com.docker.compose.network";

/// A container of a check's own.
#[derive(Debug, Clone, Default, PartialEq, Eq)]
pub struct CheckSpec {
    /// The image; `None` is the graded one.
    pub image: Option<String>,
    /// In place of the image's own command.
    pub command: Option<Vec<String>>,
    /// In place of its entrypoint; empty for none.
    pub entrypoint: Option<Vec<String>>,
    /// Its environment.
    pub env: BTreeMap<String, String>,
    /// What is mounted.
    pub mounts: Vec<RunMount>,
    /// The stack's network that it joins, by its name in the Compose file.
    pub network: Option<String>,
    /// Whether its root filesystem is read-only.
    pub read_only: bool,
    /// Its folders in memory.
    pub tmpfs: Vec<String>,
    /// The user, if it isn't the image's own.
    pub user: Option<String>,
}

/// Something mounted into a container.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct RunMount {
    /// The volume or path that is mounted.
    pub source: MountSource,
    /// Where, from `/`.
    pub target: String,
    /// Whether it can only be read.
    pub read_only: bool,
}

/// What is mounted.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum MountSource {
    /// A volume of the check's own: all its steps share it, it is gone afterwards.
    Volume(String),
    /// A path in the repository.
    Path(String),
}

/// Reads it; what is wrong with it is added to the scope's problems.
pub(super) fn read(scope: &Scope<'_>, fields: Fields<'_>) -> CheckSpec {
    let image = prose(scope, fields, "image");
    let network = fields.get("network").and_then(|node| {
        let written = scope.prose(node)?;
        let name = written.strip_prefix("stack.").filter(|name| !name.is_empty()).map(str::to_owned);
        if name.is_none() {
            scope.add(scope.bad(node, "a network of the stack is written `stack.default`"));
        }
        name
    });
    let words = |node: &Node| -> Vec<String> {
        scope.items(node, "a list of texts").iter().filter_map(|node| text(scope, node)).collect()
    };
    let tmpfs = scope.texts(fields, "tmpfs");
    if let Some(path) = tmpfs.iter().find(|path| !path.starts_with('/') || path.contains([':', ','])) {
        scope.problem(fields.start(), format!("`{path}` is no folder of a container: it has to start with `/`"));
    }
    let mounts = fields.get("mounts").map(|node| scope.items(node, "a list of mounts")).unwrap_or_default();
    CheckSpec {
        image: image.filter(|image| image != "built"),
        command: fields.get("command").and_then(|node| command(scope, node)),
        entrypoint: fields.get("entrypoint").map(words),
        env: map(scope, fields, "env"),
        mounts: mounts.iter().filter_map(|node| mount(scope, node)).collect(),
        network,
        read_only: fields.get("read_only").and_then(|node| scope.boolean(node)).unwrap_or_default(),
        tmpfs,
        user: prose(scope, fields, "user"),
    }
}

/// `data:/data` or `./src:/app/src:ro`
fn mount(scope: &Scope<'_>, node: &Node) -> Option<RunMount> {
    let written = scope.prose(node)?;
    let mut parts = written.split(':');
    let (source, target, mode, rest) = (parts.next(), parts.next(), parts.next(), parts.next());
    let source = source.and_then(|source| match source.strip_prefix("./").or((source == ".").then_some("")) {
        Some(path) if path.split('/').all(|part| part != "..") => Some(MountSource::Path(path.to_owned())),
        None if !source.is_empty() && source.chars().all(|c| c.is_ascii_alphanumeric() || "_-".contains(c)) => {
            Some(MountSource::Volume(source.to_owned()))
        }
        _ => None,
    });
    let target = target.filter(|target| target.starts_with('/') && target.len() > 1);
    let is_known = matches!(mode, None | Some("ro" | "rw")) && rest.is_none();
    let (Some(source), Some(target), true) = (source, target, is_known) else {
        let mut diagnostic = scope.bad(node, format!("`{written}` is no mount"));
        diagnostic.help = Some(
            "write `name:/target` for a volume, `./path:/target` for a path of the repository, `:ro` behind it".into(),
        );
        scope.add(diagnostic);
        return None;
    };
    Some(RunMount { source, target: target.to_owned(), read_only: mode == Some("ro") })
}

impl CheckSpec {
    /// Returns what it has to have.
    pub(super) fn needs(&self) -> Needs {
        let files = self.mounts.iter().any(|mount| matches!(mount.source, MountSource::Path(_)));
        Needs { stack: self.network.is_some(), files, ..Needs::default() }
    }

    /// Returns its texts that may hold captured values.
    pub(super) fn texts(&mut self) -> Vec<&mut String> {
        let words = self.command.iter_mut().chain(&mut self.entrypoint).flatten();
        words.chain(self.env.values_mut()).collect()
    }

    /// Returns what the image is called in messages.
    pub(super) fn image_name(&self) -> &str {
        self.image.as_deref().unwrap_or("the image")
    }

    /// Whether it runs the graded image as that says itself.
    pub(super) fn is_as_built(&self) -> bool {
        self.image.is_none() && self.command.is_none() && self.entrypoint.is_none()
    }
}

impl StepRunner<'_> {
    /// What the engine is asked for, without a health check, and where it is written what is started.
    pub(super) async fn engine_spec(&mut self, spec: &CheckSpec) -> Result<(Spec, Option<Place>), Fault> {
        let (image, place) = self.image_of(spec.image.as_deref()).await?;
        let mut mounts = Vec::new();
        for mount in &spec.mounts {
            mounts.push(self.mount(mount).await?);
        }
        let network = match &spec.network {
            Some(name) => Some(self.network(name).await?),
            None => None,
        };
        let spec = Spec {
            image,
            entrypoint: spec.entrypoint.clone(),
            command: spec.command.clone(),
            healthcheck: Some(HealthConfig { test: Some(vec!["NONE".into()]), ..HealthConfig::default() }),
            user: spec.user.clone(),
            env: spec.env.clone(),
            mounts,
            network,
            read_only: spec.read_only,
            tmpfs: spec.tmpfs.clone(),
            ..Spec::default()
        };
        Ok((spec, place))
    }

    /// The image that is meant, and where it is written what it starts, if it is the graded one.
    pub(super) async fn image_of(&self, name: Option<&str>) -> Result<(String, Option<Place>), Fault> {
        let Some(name) = name else {
            let Graded { built, image, .. } = self.graded.ok_or_else(no_image)?;
            return Ok((built.tag.clone(), start_place(&ContainerRequest { image, http: None, given: &[] })));
        };
        match obtain(self.engine, name, None, self.doing).await {
            Ok(_) => Ok((name.to_owned(), None)),
            Err(fault @ Fault::Machine(_)) => Err(fault),
            Err(missing) => {
                let why = missing.reason();
                Err(Fault::machine(format!("the image {name}, which this check asks for, can't be had: {why}")))
            }
        }
    }

    async fn mount(&mut self, mount: &RunMount) -> Result<container::ContainerMount, Fault> {
        let source = match &mount.source {
            MountSource::Volume(name) => container::MountFrom::Volume(self.volume(name).await?),
            MountSource::Path(_) if self.engine.is_remote => {
                let why = "the Docker Engine is on another machine, where nothing of the repository can be mounted";
                return Err(Fault::machine(why));
            }
            MountSource::Path(path) => {
                // Nothing that runs can write into it, and so turn the path into a link after it was looked at.
                let root = self.copy_as_it_is().await?;
                let copy = Repository::open(root).map_err(Fault::machine)?;
                container::MountFrom::Path(inside(&copy, path)?)
            }
        };
        Ok(container::ContainerMount { source, target: mount.target.clone(), read_only: mount.read_only })
    }

    /// The engine's name of a volume of this check's.
    async fn volume(&mut self, name: &str) -> Result<String, Fault> {
        if let Some(known) = self.made.volumes.get(name) {
            return Ok(known.clone());
        }
        // Without a name it gets one that no other check's has.
        let labels = Some(self.engine.run.labels().into_iter().collect());
        let request = VolumeCreateRequest { labels, ..VolumeCreateRequest::default() };
        let made = self.engine.docker.create_volume(request).await;
        let made = made.map_err(|error| Fault::machine(format!("Docker could not create a volume: {error}")))?;
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
    async fn network(&self, name: &str) -> Result<String, Fault> {
        let stack = self.stack_as_it_is()?;
        let label = format!("{PROJECT_LABEL}={}", stack.project());
        let filters = Some(HashMap::from([("label".to_owned(), vec![label])]));
        let listed = self.engine.docker.list_networks(Some(ListNetworksOptions { filters })).await;
        let listed = listed.map_err(|error| Fault::machine(format!("Docker could not list networks: {error}")))?;
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
        Err(Fault::learner(None, format!("the running stack has no network `{name}`; it has {names}")))
    }
}

fn no_image() -> Fault {
    Fault::machine("there is no graded image")
}

/// A path of the repository, links resolved; never one outside.
fn inside(repository: &Repository, path: &str) -> Result<PathBuf, Fault> {
    let shown = if path.is_empty() { "." } else { path };
    let unread = |error| Fault::machine(format!("the repository can't be read: {error}"));
    let root = repository.root().canonicalize().map_err(unread)?;
    let real = root.join(path.trim_start_matches('/')).canonicalize();
    let real = real.map_err(|_| Fault::learner(None, format!("there is no `{shown}` in the repository")))?;
    if !real.starts_with(&root) {
        return Err(Fault::learner(None, format!("`{shown}` leads out of the repository")));
    }
    Ok(real)
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
            assert_eq!(inside(&repository, path), expected.map_err(|why| Fault::learner(None, why)), "{path}");
        }
    }
}
