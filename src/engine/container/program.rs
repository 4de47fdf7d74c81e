//! What a container runs, held against the files that the challenge gives: whether they are in the running container as
//! they were given, mounts included, and whether one of its processes names one of them.

mod naming;

use super::frozen_probe::{self, FrozenProbe};
use super::health::HealthCheck;
use super::processes::{self, RunningProcess};
use crate::engine::Engine;
use crate::engine::connect::api::{ApiError, Doing};
use crate::engine::image::digest;
use crate::engine::image::filesystem::{Filesystem, PlacesInImage, Wanted};
use crate::engine::image::stream::StreamError;
use crate::engine::watch::sockets;
use crate::place::Place;
use bollard::models::ContainerInspectResponse;
use bollard::query_parameters::InspectContainerOptions;
use naming::CommandNames;
use std::collections::BTreeMap;

/// The most given files that are looked at in a running container.
const FILES: usize = 64;
/// How files end that can be run. The others, such as lists of packages, say nothing about what runs.
const CODE: [&str; 12] = ["py", "js", "mjs", "cjs", "ts", "rb", "php", "pl", "sh", "go", "jar", "rs"];
/// What the engine says of a path that can't be one.
const NO_PATH: [&str; 4] = ["not a directory", "file name too long", "too many levels", "too many links"];
/// The longest path that is looked for.
const PATH: usize = 1024;
/// The most scripts that are read to see what they name.
const SCRIPTS: usize = 12;

/// What is looked for.
#[derive(Debug, Clone, Copy)]
pub struct GivenFiles<'a> {
    /// The files that the challenge gives.
    pub files: &'a [Wanted],
    /// Where the image has them.
    pub places: &'a PlacesInImage,
}

/// What was seen of a running container, and where what decides it is written.
#[derive(Debug, Clone, Default)]
pub struct ProgramSeen {
    /// What runs, where files are given; the error is a sentence.
    pub program: Option<Result<Program, String>>,
    /// Where it is written what is started.
    pub start: Option<Place>,
    /// What came of the health check while the application stood still, if that could be tried; the error is a sentence.
    pub frozen: Option<Result<FrozenProbe, String>>,
    /// The health check's command.
    pub test: String,
    /// The shell that the image names for commands.
    pub shell: Option<Vec<String>>,
    /// Where that is written.
    pub test_place: Option<Place>,
}

impl ProgramSeen {
    /// Looks into a container that runs, and tries its health check, where one is named with the image's shell.
    pub async fn of(
        engine: &Engine,
        container: &str,
        given: GivenFiles<'_>,
        check: Option<&HealthCheck>,
        shell: Option<&[String]>,
    ) -> Self {
        let program = async {
            if given.files.is_empty() {
                return None;
            }
            Some(look(engine, container, given).await.map_err(|error| error.to_string()))
        };
        let frozen = async { frozen_probe::of(engine, container, check?, shell).await };
        let (program, frozen) = tokio::join!(Box::pin(program), Box::pin(frozen));
        let test = check.map(|check| check.text(shell)).unwrap_or_default();
        Self { program, frozen, test, shell: shell.map(<[String]>::to_vec), ..Self::default() }
    }
}

/// What was seen.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Program {
    /// The given files, each at each of its places.
    pub given: Vec<SeenFile>,
    /// What runs.
    pub runs: Runs,
}

/// A given file at one of its places in a running container.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct SeenFile {
    /// Its path in the repository.
    pub path: String,
    /// Its path in the container.
    pub at: String,
    /// Whether its bytes are the challenge's.
    pub is_same: bool,
    /// What the place is in.
    pub cover: Cover,
    /// Where that is written, if it is.
    pub place: Option<Place>,
}

/// What a file of a container is in.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Cover {
    /// A layer: the image's, or the container's own.
    Layer,
    /// Something that is mounted.
    Mount,
    /// One of Compose's configs.
    Config,
    /// One of Compose's secrets.
    Secret,
}

impl Cover {
    /// Its name in a fact.
    pub fn word(self) -> &'static str {
        match self {
            Self::Layer => "layer",
            Self::Mount => "mount",
            Self::Config => "config",
            Self::Secret => "secret",
        }
    }
}

/// What a container runs.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum Runs {
    /// A given file; the command that names it.
    Given(String),
    /// Something else: a command.
    Other(String),
    /// That can't be seen, and why.
    Unseen(&'static str),
}

/// Looks into a container that runs.
pub async fn look(engine: &Engine, container: &str, given: GivenFiles<'_>) -> Result<Program, StreamError> {
    let inspected = engine.docker.inspect_container(container, None::<InspectContainerOptions>).await;
    let inspected = inspected.doing(|| format!("inspect container {container}"))?;
    let state = inspected.state.clone().unwrap_or_default();
    let first = state.pid.filter(|pid| state.running == Some(true) && *pid > 0);
    let processes: Result<Vec<RunningProcess>, ApiError> = match first {
        Some(first) => processes::list(engine, container, first).await,
        None => Ok(Vec::new()),
    };
    let filesystem = Filesystem::of_container(engine, container);
    let mut inside = Inside::new(filesystem, &inspected, given);
    let mut seen = Vec::new();
    if first.is_some() {
        for (file, at) in given.all().take(FILES) {
            seen.push(inside.file(file, at).await?);
        }
    }
    let mut runs = inside.runs(&processes?, &seen).await?;
    if let (Runs::Other(_), true) = (&runs, inside.is_wrapped) {
        // The program that a script waits with listens to nobody; one that takes the application's place has to.
        // In a network that it shares, what listens may be another container's.
        let own = first.filter(|_| !shares_network(&inspected));
        let listens = own.and_then(|first| sockets::listens_at_all(container, first));
        if listens != Some(true) {
            runs = Runs::Unseen("a script is at work that starts it later");
        }
    }
    Ok(Program { given: seen, runs })
}

/// Whether a container is in the network of another one.
fn shares_network(inspected: &ContainerInspectResponse) -> bool {
    let mode = inspected.host_config.as_ref().and_then(|config| config.network_mode.as_deref());
    mode.is_some_and(|mode| mode.starts_with("container:"))
}

impl<'a> GivenFiles<'a> {
    fn all(self) -> impl Iterator<Item = (&'a Wanted, &'a str)> {
        let of = move |file: &'a Wanted| {
            self.places.get(&file.path).into_iter().flatten().map(move |at| (file, at.as_str()))
        };
        self.files.iter().flat_map(of)
    }
}

/// The inside of a running container.
struct Inside<'a> {
    filesystem: Filesystem<'a>,
    given: GivenFiles<'a>,
    /// The folder that its processes begin in.
    workdir: String,
    env: BTreeMap<String, String>,
    /// Where something is mounted, and whether it is a memory that the engine does not show.
    mounts: Vec<(String, bool)>,
    /// What was read.
    read: BTreeMap<String, Option<Vec<u8>>>,
    /// Whether a given file is named by a shell around another program.
    is_wrapped: bool,
}

impl<'a> Inside<'a> {
    fn new(filesystem: Filesystem<'a>, inspected: &ContainerInspectResponse, given: GivenFiles<'a>) -> Self {
        let config = inspected.config.clone().unwrap_or_default();
        let env = config.env.unwrap_or_default();
        let env = env.iter().filter_map(|variable| variable.split_once('='));
        let env = env.map(|(name, value)| (name.to_owned(), value.to_owned())).collect();
        let mounted = inspected
            .mounts
            .iter()
            .flatten()
            .filter_map(|mount| Some((mount.destination.clone()?, mount.typ.as_deref() == Some("tmpfs"))));
        let memory = inspected.host_config.as_ref().and_then(|host| host.tmpfs.clone()).unwrap_or_default();
        let mounts = mounted.chain(memory.into_keys().map(|at| (at, true))).collect();
        let workdir = config.working_dir.filter(|folder| !folder.is_empty()).unwrap_or_else(|| "/".to_owned());
        Self { filesystem, given, workdir, env, mounts, read: BTreeMap::new(), is_wrapped: false }
    }

    /// What is mounted over a place, if anything is, and whether that is a memory.
    fn mount(&self, at: &str) -> Option<bool> {
        let is_over = |target: &str| {
            let target = target.trim_end_matches('/');
            at == target || at.strip_prefix(target).is_some_and(|rest| rest.starts_with('/'))
        };
        let over = self.mounts.iter().filter(|(target, _)| is_over(target));
        over.max_by_key(|(target, _)| target.len()).map(|(_, is_memory)| *is_memory)
    }

    async fn file(&mut self, file: &Wanted, at: &str) -> Result<SeenFile, StreamError> {
        let mount = self.mount(at);
        // The engine shows what is below a memory.
        let is_same = mount != Some(true) && self.is(file, at).await?;
        let cover = if mount.is_some() { Cover::Mount } else { Cover::Layer };
        Ok(SeenFile { path: file.path.clone(), at: at.to_owned(), is_same, cover, place: None })
    }

    /// Whether a file of the container is a given one. A checkout on Windows may turn the ends of lines; that changes
    /// nothing.
    async fn is(&mut self, file: &Wanted, at: &str) -> Result<bool, StreamError> {
        let Some(bytes) = self.bytes(at).await? else { return Ok(false) };
        let unix = || bytes.iter().copied().filter(|&byte| byte != b'\r').collect::<Vec<u8>>();
        Ok(digest::sha256(bytes) == file.sha256 || digest::sha256(&unix()) == file.sha256)
    }

    async fn bytes(&mut self, at: &str) -> Result<Option<&[u8]>, StreamError> {
        if !self.read.contains_key(at) {
            let bytes = match self.filesystem.bytes(at).await {
                // The path is what a command line says, so it may be none.
                Err(error) if NO_PATH.iter().any(|it| error.to_string().contains(it)) => None,
                bytes => bytes?,
            };
            self.read.insert(at.to_owned(), bytes);
        }
        Ok(self.read.get(at).and_then(|bytes| bytes.as_deref()))
    }

    /// The given files that can be run.
    fn programs(&self) -> impl Iterator<Item = &'a Wanted> + use<'a> {
        let is_code = |file: &&Wanted| file.path.rsplit_once('.').is_some_and(|(_, ending)| CODE.contains(&ending));
        self.given.files.iter().filter(is_code)
    }

    /// What the processes run. Where there are Python's, they say it: a shell around them may be given anything.
    async fn runs(&mut self, processes: &[RunningProcess], seen: &[SeenFile]) -> Result<Runs, StreamError> {
        if self.programs().next().is_none() {
            return Ok(Runs::Unseen("the challenge gives no program"));
        }
        let Some(first) = processes.first() else { return Ok(Runs::Unseen("no process of the container was seen")) };
        let python: Vec<&RunningProcess> = processes.iter().filter(|it| naming::is_python(&it.command)).collect();
        let telling = if python.is_empty() { processes.iter().collect() } else { python };
        let flask_app = self.env.get("FLASK_APP").cloned();
        let mut scripts = 0;
        for process in &telling {
            let named = naming::read(&process.command, flask_app.as_deref());
            if self.names(&named, seen, &mut scripts).await? {
                return Ok(Runs::Given(process.command.clone()));
            }
        }
        for process in processes.iter().filter(|it| !telling.iter().any(|telling| telling.pid == it.pid)) {
            let named = naming::read(&process.command, flask_app.as_deref());
            self.is_wrapped |= self.names(&named, seen, &mut scripts).await?;
        }
        let stem = |path: &str| naming::base(path).split('.').next().unwrap_or_default().to_owned();
        let executable = telling.iter().map(|it| stem(it.command.split_whitespace().next().unwrap_or_default()));
        let mut packed = executable.filter(|it| self.programs().any(|file| stem(&file.path) == *it));
        if packed.next().is_some() {
            return Ok(Runs::Unseen("its program is made of one file, which can't be looked into"));
        }
        Ok(Runs::Other(telling.first().copied().unwrap_or(first).command.clone()))
    }

    /// Whether one of the given files is named, by the command itself or by a script that it names.
    async fn names(
        &mut self,
        named: &CommandNames,
        seen: &[SeenFile],
        scripts: &mut usize,
    ) -> Result<bool, StreamError> {
        let given: Vec<&Wanted> = self.programs().collect();
        for &file in &given {
            if naming::mentions(&named.code, &file.path) {
                return Ok(true);
            }
            for path in named.of(&file.path) {
                let mut is_there = false;
                for at in self.places(&path, named) {
                    if self.bytes(&at).await?.is_some() {
                        is_there = true;
                        if self.is(file, &at).await? {
                            return Ok(true);
                        }
                        break;
                    }
                }
                // It may have begun in another folder.
                let ending = format!("/{}", path.trim_start_matches("./"));
                let elsewhere = |it: &SeenFile| it.path == file.path && it.is_same && it.at.ends_with(&ending);
                if !is_there && seen.iter().any(elsewhere) {
                    return Ok(true);
                }
            }
        }
        for path in &named.scripts {
            for at in self.places(path, named) {
                if *scripts >= SCRIPTS {
                    return Ok(false);
                }
                *scripts += 1;
                let Some(bytes) = self.bytes(&at).await? else { continue };
                let text = String::from_utf8_lossy(bytes).into_owned();
                if given.iter().any(|file| naming::mentions(&text, &file.path)) {
                    return Ok(true);
                }
                break;
            }
        }
        Ok(false)
    }

    /// Where a path may lead, the first that is there being meant.
    fn places(&self, path: &str, named: &CommandNames) -> Vec<String> {
        if path.len() > PATH {
            return Vec::new();
        }
        if path.starts_with('/') {
            return vec![path.to_owned()];
        }
        let from = |folder: &str| match folder.strip_prefix('/') {
            Some(_) => folder.trim_end_matches('/').to_owned(),
            None => format!("{}/{}", self.workdir.trim_end_matches('/'), folder.trim_end_matches('/')),
        };
        let own = named.folders.iter().map(|folder| from(folder));
        let paths = self.env.get("PYTHONPATH").map(String::as_str).unwrap_or_default();
        let paths = paths.split(':').filter(|folder| !folder.is_empty()).map(from);
        let workdir = self.workdir.trim_end_matches('/').to_owned();
        let folders = own.chain([workdir]).chain(paths);
        folders.map(|folder| format!("{folder}/{}", path.trim_start_matches("./"))).collect()
    }
}
