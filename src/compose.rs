//! Compose files, read: what a learner wrote, with places, before any tool loads it. Pure.
//!
//! [`load`] finds the files as Compose does, reads them and what they include, and makes one [`Project`] of them: short and
//! long forms alike, variables filled in from the repository's `.env`, the override file laid over the first.

mod canonical;
mod cast;
mod clashes;
mod consistency;
mod covers;
mod decode;
mod dotenv;
pub mod duration;
pub mod env;
mod env_files;
mod forms;
pub mod health;
mod links;
mod load;
mod merge;
pub mod model;
pub mod mounts;
mod reader;
pub mod roles;
mod schema;
mod settings;
pub mod suggestion;
mod template;
mod unique;
mod value;
mod warnings;

pub use covers::Laid;
pub use load::{MAX_BYTES, MAX_FILES, MAX_VALUES, load};
pub use model::{Build, Healthcheck, Mount, Port, Project, Service, Spot};
pub use schema::prepare;

use crate::place::Place;
use crate::yaml::Node;
use std::collections::BTreeMap;
use value::{At, Value};
use warnings::Unset;

/// The names that Compose looks for, the preferred first (compose-go, `cli.DefaultFileNames`).
pub const FILE_NAMES: [&str; 4] = ["compose.yaml", "compose.yml", "docker-compose.yml", "docker-compose.yaml"];

/// The names of the file that Compose lays over it (compose-go, `cli.DefaultOverrideFileNames`).
pub const OVERRIDE_NAMES: [&str; 4] =
    ["compose.override.yml", "compose.override.yaml", "docker-compose.override.yml", "docker-compose.override.yaml"];

/// Reads a file by its path relative to the repository. `Ok(None)` where there is none; the error is a sentence for the
/// learner (a link out of the repository, a fifo, too large).
pub type Read<'a> = &'a dyn Fn(&str) -> Result<Option<Vec<u8>>, String>;

/// The Compose files of a repository.
#[derive(Debug, Clone, Default)]
pub struct Compose {
    /// All that was read: the Compose file, its override, then what they include or extend. The first is always there.
    pub files: Vec<File>,
    /// What makes them unusable, in the order it was found.
    pub problems: Vec<Problem>,
    /// What they say together.
    pub project: Project,
    /// The profiles that are run; see [`Compose::activate`].
    pub profiles: Vec<String>,
    /// Other files beside the first that Compose would take if that were not there: it leaves them out.
    pub left_out: Vec<String>,
    /// The variables of the repository's `.env`, without those that steer tools.
    pub env: BTreeMap<String, String>,
    /// The variables that have no value, each where it is first used.
    unset: Vec<Unset>,
    /// What they say together, as Compose has it before it looks at profiles.
    model: Value,
    /// What is wrong whatever the profiles.
    unreadable: Vec<Problem>,
    /// What is wrong with the variables' files of each service.
    env_files: BTreeMap<String, Vec<Problem>>,
}

/// One file.
#[derive(Debug, Clone)]
pub struct File {
    /// Its path, relative to the repository.
    pub path: String,
    /// What Compose resolves its paths against, relative to the repository; empty for the root.
    pub directory: String,
    /// Why it is read.
    pub kind: Kind,
    /// Its tree, if it could be read.
    pub tree: Option<Node>,
}

/// Why a file is read.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Kind {
    /// It is the Compose file.
    Main,
    /// It lies beside it and is laid over it.
    Override,
    /// `include` names it.
    Included,
    /// An `extends` names it.
    Extended,
}

/// Something that Compose, or every engine, refuses.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Problem {
    /// Who refuses it.
    pub by: By,
    /// What, in a sentence without its full stop.
    pub message: String,
    /// Where.
    pub place: Place,
}

/// Who refuses a file.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum By {
    /// Compose, when it reads it.
    Compose,
    /// The engine, on any host, when it is brought up.
    Engine,
}

impl Compose {
    /// Says which profiles are run. What belongs to others only is not started, and is no part of the project.
    pub fn activate(&mut self, profiles: &[String]) {
        self.profiles = profiles.to_vec();
        self.settle();
        let is_run = |profiles: &[String]| is_active(profiles.iter().map(String::as_str), &self.profiles);
        self.project.services.retain(|_, service| is_run(&service.profiles));
    }

    /// Reads the project, and finds what Compose refuses with these profiles, or an engine on any host.
    fn settle(&mut self) {
        self.project = reader::Reader { files: &self.files, env: &self.env }.project(&self.model);
        self.problems.clone_from(&self.unreadable);
        if !self.problems.is_empty() {
            return self.sort();
        }
        let is_run = |service: &Value| {
            let profiles = service.get("profiles").and_then(Value::list).unwrap_or_default();
            is_active(profiles.iter().filter_map(Value::text), &self.profiles)
        };
        let wrong = consistency::check(&self.model, &is_run);
        if wrong.is_empty() {
            let services = consistency::section(&self.model, "services").filter(|(_, entry)| is_run(&entry.value));
            let missing = services.filter_map(|(name, _)| self.env_files.get(name)).flatten().cloned();
            self.problems.extend(missing);
            let clashes = clashes::check(&self.model, &is_run, &|at| self.place(at).to_string());
            let clashes: Vec<Problem> =
                clashes.into_iter().map(|wrong| Problem { by: By::Engine, ..self.problem(wrong) }).collect();
            self.problems.extend(clashes);
        }
        self.problems.extend(wrong.into_iter().map(|wrong| self.problem(wrong)).collect::<Vec<_>>());
        self.sort();
    }

    /// In the order of the files and their lines; what is said twice, once.
    fn sort(&mut self) {
        let files = &self.files;
        let number = |path: &str| files.iter().position(|file| file.path == path).unwrap_or(usize::MAX);
        self.problems.sort_by_key(|problem| (number(&problem.place.path), problem.place.line, problem.place.column));
        self.problems.dedup();
        self.problems.truncate(MAX_PROBLEMS);
    }

    fn problem(&self, (at, message): (At, String)) -> Problem {
        Problem { by: By::Compose, message, place: self.place(at) }
    }

    fn place(&self, at: At) -> Place {
        let path = self.files.get(at.file).map_or_else(|| self.path(), |file| file.path.as_str());
        Place::line(path, at.line.max(1)).column(at.column.max(1))
    }

    /// The Compose file's path.
    pub fn path(&self) -> &str {
        self.files.first().map_or("", |file| file.path.as_str())
    }

    /// The files to hand to Compose with `-f`: the Compose file and its override.
    pub fn handed_on(&self) -> impl Iterator<Item = &File> {
        self.files.iter().filter(|file| matches!(file.kind, Kind::Main | Kind::Override))
    }

    /// The directory that Compose resolves paths against, relative to the repository; empty for the root.
    pub fn directory(&self) -> &str {
        self.files.first().map_or("", |file| file.directory.as_str())
    }

    /// What the paths in a file are resolved against: its own folder where it is included.
    pub fn directory_of(&self, path: &str) -> &str {
        self.files.iter().find(|file| file.path == path).map_or("", |file| file.directory.as_str())
    }

    /// Where the key at a path stands (`["services", "api", "ports"]`), or the nearest of its parents that is written.
    /// What a later file says wins. A part may be an index into a list.
    pub fn place_of(&self, path: &[&str]) -> Place {
        let mut best: Option<(usize, Place)> = None;
        for file in &self.files {
            let Some(tree) = &file.tree else { continue };
            let (depth, line, column) = deepest(tree, path);
            if depth > 0 && best.as_ref().is_none_or(|(most, _)| depth >= *most) {
                best = Some((depth, Place::line(file.path.clone(), line).column(column)));
            }
        }
        best.map_or_else(|| Place::file(self.path()), |(_, place)| place)
    }
}

/// How many problems are told.
const MAX_PROBLEMS: usize = 50;

/// Whether what belongs to these profiles is run: it belongs to none, or to an active one.
fn is_active<'a>(mut profiles: impl Iterator<Item = &'a str>, active: &[String]) -> bool {
    let mut belongs = false;
    let found = profiles.any(|profile| {
        belongs = true;
        active.iter().any(|active| active == "*" || active == profile)
    });
    found || !belongs
}

/// How many parts of the path a tree has, and where the last of them stands.
fn deepest(tree: &Node, path: &[&str]) -> (usize, u32, u32) {
    let mut node = tree;
    let mut found = (0, 1, 1);
    for (depth, part) in path.iter().enumerate() {
        let next = match (node.as_map(), node.as_seq()) {
            (Some(_), _) => node.entry(part).map(|entry| (&entry.value, entry.key_span)),
            (None, Some(items)) => {
                part.parse().ok().and_then(|index: usize| items.get(index)).map(|item| (item, item.span))
            }
            (None, None) => None,
        };
        let Some((next, span)) = next else { break };
        node = next;
        found = (depth + 1, span.line, span.column);
    }
    found
}

/// A path of the repository, from a directory of it and a path as written: `a/b` and `../c` make `a/c`. `None` where it
/// leads out of the repository or is none of its paths (absolute, in a home directory, a URL).
pub fn join(directory: &str, path: &str) -> Option<String> {
    if path.starts_with(['/', '~', '\\']) || path.contains("://") || path.starts_with("git@") {
        return None;
    }
    let mut parts: Vec<&str> = directory.split('/').filter(|part| !matches!(*part, "" | ".")).collect();
    for part in path.split('/') {
        match part {
            "" | "." => {}
            ".." => {
                parts.pop()?;
            }
            name => parts.push(name),
        }
    }
    Some(parts.join("/"))
}
