//! What of a learner's Compose file and Dockerfile is not run, because it would reach out of its containers: to the
//! machine, its files, other containers, or the network's owner. An allowlist: a key that the policy does not name is
//! refused. The policy is data (`checks/policy.yaml`); what it asks of values is code ([`question`]).
//!
//! Compose files are checked twice: as written, before any tool loads them ([`written`]), and as Compose has resolved
//! them ([`resolved`]). Builds are checked before they begin ([`build`]).

pub mod build;
mod built_in;
mod commands;
mod dockerfile;
mod file;
mod frontend;
mod late;
pub mod path;
pub mod question;
pub mod registry;
pub mod rule;
mod size;
mod walk;

pub use commands::commands;
pub use rule::{Danger, Policy};

use crate::compose::{self, Compose, Kind, env::interpolate};
use crate::outcome::Finding;
use crate::place::Place;
use crate::yaml::{self, Node};
use std::collections::BTreeSet;
use std::path::Path;
use walk::{Walk, named};

/// A value that is judged, and what it is judged by.
#[derive(Clone, Copy)]
pub struct Judged<'a> {
    /// The value.
    pub node: &'a Node,
    /// The map that it stands in.
    pub parent: Option<&'a Node>,
    /// Its text with variables filled in, if it has one.
    pub text: Option<&'a str>,
    /// The repository as it is graded; a canonical path.
    pub root: &'a Path,
    /// What relative paths are resolved against, relative to `root`.
    pub directory: &'a str,
    /// Whether Compose has filled in all variables; otherwise a `$` may still stand for anything.
    pub is_resolved: bool,
    /// Whether Compose may know other variables than we do, from the `.env` of an included project.
    pub may_vary: bool,
    /// The images that services of the same files build.
    pub built: &'a BTreeSet<String>,
    /// Fills variables in.
    pub fill: &'a dyn Fn(&str) -> String,
}

impl Judged<'_> {
    /// The text of a map's key, variables filled in.
    fn field(&self, map: Option<&Node>, key: &str) -> Option<String> {
        map?.get(key)?.text().map(self.fill)
    }
}

/// What the policy says of something.
#[derive(Debug, Clone, Default)]
pub struct Decision {
    /// What is not run.
    pub refused: Vec<Finding>,
    /// What is run, and said.
    pub advised: Vec<Finding>,
}

impl Decision {
    /// Adds another one.
    pub fn extend(&mut self, other: Self) {
        self.refused.extend(other.refused);
        self.advised.extend(other.advised);
    }

    /// What is refused; and what is only said. Under `--trust` that is all.
    pub fn settle(self, policy: &Policy) -> (Vec<Finding>, Vec<String>) {
        let mut notes: Vec<String> = self.advised.iter().map(told).collect();
        if !policy.is_trusting {
            return (self.refused, notes);
        }
        notes.extend(self.refused.iter().map(|finding| format!("let pass by --trust: {}", told(finding))));
        (Vec::new(), notes)
    }
}

/// What is refused, as it is told: that it was not run, though the learner's own machine may run it.
pub fn not_run(finding: Finding) -> Finding {
    Finding {
        message: format!("Not run: {}", finding.message),
        actual: finding.actual.or_else(|| Some("refused before anything was run".to_owned())),
        ..finding
    }
}

/// A finding in one line.
pub fn told(finding: &Finding) -> String {
    match &finding.place {
        Some(place) => format!("{place}: {}", finding.message),
        None => finding.message.clone(),
    }
}

/// What is refused of the files as written. `root` is the canonical path of the repository as it is graded.
pub fn written(policy: &Policy, compose: &Compose, root: &Path) -> Decision {
    let mut verdict = Decision::default();
    let idle = idle(compose);
    let built = built(compose.files.iter().filter_map(|file| file.tree.as_ref()));
    let nothing = BTreeSet::new();
    let may_vary = compose.files.iter().any(|file| file.kind == Kind::Included);
    for file in &compose.files {
        let Some(tree) = &file.tree else { continue };
        let at = |span: yaml::Span| Place::line(file.path.clone(), span.line).column(span.column);
        let text = |text: &str| interpolate(text, &compose.env);
        if let Some((span, tag)) = foreign_tag(tree) {
            verdict.refused.push(Finding {
                message: format!("`{tag}` makes another value of what is written here"),
                place: Some(at(span)),
                hint: Some("Write the value itself, without a tag.".to_owned()),
                ..Finding::default()
            });
        }
        // Compose reads it for what is included, though nothing names it.
        let env = compose::join(&file.directory, ".env").unwrap_or_default();
        let fault = match file.kind {
            Kind::Included if path::leads_out(root, "", &env) => Some("is a link that leads out of the repository"),
            Kind::Included if path::is_huge(root, "", &env) => Some("is larger than 1 MiB"),
            _ => None,
        };
        if let Some(fault) = fault {
            verdict.refused.push(Finding {
                message: format!("{env} {fault}"),
                place: Some(Place::file(env)),
                hint: Some("Make it a small file of its own.".to_owned()),
                ..Finding::default()
            });
        }
        let walk = Walk {
            policy,
            root,
            directory: &file.directory,
            is_resolved: false,
            may_vary,
            idle: if file.kind == Kind::Extended { &nothing } else { &idle },
            built: &built,
            place: &|_, span| at(span),
            name: &named,
            text: &text,
        };
        verdict.extend(walk.file(tree));
    }
    verdict
}

/// What is refused of the model that `docker compose config --format json` printed; the places are those of the files.
pub fn resolved(policy: &Policy, model: &str, compose: &Compose, root: &Path) -> Decision {
    let tree = match yaml::parse(model) {
        Ok(tree) => tree,
        Err(error) => {
            let message = format!("What Compose makes of {} is more than is run: {}", compose.path(), error.message);
            let hint = Some("Take out what is repeated.".to_owned());
            let finding = Finding { message, hint, place: Some(Place::file(compose.path())), ..Finding::default() };
            return Decision { refused: vec![finding], advised: Vec::new() };
        }
    };
    let walk = Walk {
        policy,
        root,
        directory: compose.directory(),
        is_resolved: true,
        may_vary: false,
        idle: &BTreeSet::new(),
        built: &built([&tree].into_iter()),
        name: &named,
        place: &|path, _| compose.place_of(&path.iter().map(String::as_str).collect::<Vec<_>>()),
        text: &|text| text.replace("$$", "$"),
    };
    walk.file(&tree)
}

/// The images that services build: others that name them get what was built.
fn built<'a>(trees: impl Iterator<Item = &'a Node>) -> BTreeSet<String> {
    let services = trees.filter_map(|tree| tree.get("services")?.as_map()).flatten();
    let built = services.filter(|entry| entry.value.get("build").is_some_and(|build| !build.is_null()));
    built.filter_map(|entry| Some(entry.value.get("image")?.text()?.to_owned())).collect()
}

/// The services that are in profiles which nobody asks for, and that none extends. Were one started all the same, it would
/// be in the model that Compose makes of the files, and all of that is judged.
fn idle(compose: &Compose) -> BTreeSet<&str> {
    let trees = compose.files.iter().filter_map(|file| file.tree.as_ref());
    let services: Vec<_> = trees.filter_map(|tree| tree.get("services")?.as_map()).flatten().collect();
    let text = |node: &Node| node.text().map(|text| interpolate(text, &compose.env));
    let extends = services.iter().filter_map(|entry| entry.value.get("extends"));
    let extended: BTreeSet<String> =
        extends.filter_map(|extends| text(extends.get("service").unwrap_or(extends))).collect();
    let profiled = services.iter().filter(|entry| entry.value.get("profiles").is_some());
    let idle = profiled.map(|entry| entry.key.as_str());
    idle.filter(|name| !compose.project.services.contains_key(*name) && !extended.contains(*name)).collect()
}

/// A tag that is none of Compose's own, such as `!!binary`: it would make something of the text that nobody sees here.
fn foreign_tag(node: &Node) -> Option<(yaml::Span, &str)> {
    let own = node.tag.as_deref().filter(|tag| !matches!(*tag, "!reset" | "!override"));
    let in_map = || node.as_map().into_iter().flatten().find_map(|entry| foreign_tag(&entry.value));
    let in_list = || node.as_seq().into_iter().flatten().find_map(foreign_tag);
    own.map(|tag| (node.span, tag)).or_else(in_map).or_else(in_list)
}
