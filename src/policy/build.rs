//! What of a build is refused before it begins: its Dockerfile, and what it is sent.

use super::Decision;
use super::dockerfile::judge;
use super::path::leads_out;
use super::rule::{Level, Policy, Rule};
use crate::dockerfile::{Certain, Dockerfile, Dockerfiles, MAX_TEXT, Parsed, Reference, Way};
use crate::dockerignore::Ignore;
use crate::outcome::Finding;
use crate::place::Place;
use crate::repository::{Context, Ongoing, Repository};
use crate::units::size_text;
use std::collections::{BTreeMap, BTreeSet};
use std::io::Read as _;
use std::path::{Path, PathBuf};

pub use super::dockerfile::dockerfile;

/// How many findings of a kind are told at once.
const MAX_FINDINGS: usize = 20;
/// How many base images are looked at.
const MAX_BASES: usize = 20;
/// What the ignore file of one Dockerfile alone is called, behind the Dockerfile's name.
const IGNORE: &str = ".dockerignore";
/// What is to be built, its paths absolute.
#[derive(Debug, Clone, Copy)]
pub struct Build<'a> {
    /// The repository as it is graded.
    pub root: &'a Path,
    /// The build context's folder.
    pub context: &'a Path,
    /// The Dockerfile.
    pub dockerfile: &'a Path,
    /// Build arguments.
    pub args: &'a BTreeMap<String, String>,
    /// What it is built for; the engine's own platform if not said.
    pub platform: Option<&'a str>,
    /// Folders that the Dockerfile knows by name.
    pub contexts: &'a BTreeMap<String, PathBuf>,
}

impl Build<'_> {
    fn certain(&self) -> Certain<'_> {
        let (platform, stages) = (self.platform.is_none(), self.contexts.is_empty());
        Certain { args: self.args, platform, stages, arguments: true }
    }
}

/// What is refused of a build.
pub fn build(policy: &Policy, build: &Build<'_>) -> Decision {
    within(policy, build, &Dockerfiles::default(), &Ongoing::default()).0
}

/// Judges a build, ends early when it is asked to, and lists the images that its stages are built from, as far as they are
/// written out. What is judged is the Dockerfile as it is there now.
pub fn within(
    policy: &Policy,
    build: &Build<'_>,
    dockerfiles: &Dockerfiles,
    ongoing: &Ongoing,
) -> (Decision, Vec<String>) {
    let parsed = dockerfiles.parse(&read(build.dockerfile));
    let certain = build.certain();
    let bases = if parsed.is_too_long() { Vec::new() } else { bases(parsed.file(), certain) };
    (judge_build(policy, build, &parsed, ongoing), bases)
}

fn judge_build(policy: &Policy, build: &Build<'_>, parsed: &Parsed, ongoing: &Ongoing) -> Decision {
    let mut verdict = Decision::default();
    for name in build.contexts.keys().filter(|name| name.contains('=')) {
        let message = format!("`{name}` is no name of a build context, which has no `=` in it");
        let hint = Some("Give it a name of letters and digits.".to_owned());
        verdict.refused.push(Finding { message, hint, ..Finding::default() });
    }
    let mut ignore = build.dockerfile.as_os_str().to_owned();
    ignore.push(IGNORE);
    let folders = build.contexts.values().map(PathBuf::as_path).chain([build.context, build.dockerfile]);
    let folders = folders.chain([Path::new(&ignore)]);
    // What lies beside the repository is the grader's own; Compose files can name nothing there.
    let inside = folders.filter_map(|path| path.strip_prefix(build.root).ok()).map(|path| path.display().to_string());
    let root = build.root.canonicalize().ok();
    for path in inside {
        // The ignore file lies beside the Dockerfile, so that it is outside with it.
        let is_told =
            verdict.refused.iter().any(|it| it.place.as_ref().is_some_and(|it| path == it.path.clone() + IGNORE));
        if !is_told && root.as_ref().is_none_or(|root| leads_out(root, "", &path)) {
            let message = format!("`{path}` is a link that leads out of the repository");
            let hint = Some("Put what is needed into the repository itself.".to_owned());
            verdict.refused.push(Finding { message, hint, place: Some(Place::file(path)), ..Finding::default() });
        }
    }
    if verdict.refused.is_empty() {
        let name = build
            .dockerfile
            .strip_prefix(build.root)
            .map_or_else(|_| "Dockerfile".to_owned(), |path| path.display().to_string());
        verdict.extend(judge(policy, &name, parsed, build.certain()));
        verdict.extend(context(policy, build, ongoing));
    }
    verdict
}

/// A Dockerfile's text, and one byte more of one that is too long; empty if it can't be read.
pub(crate) fn read(path: &Path) -> Vec<u8> {
    let mut bytes = Vec::new();
    if path.is_file() {
        // What can't be read is no Dockerfile for Docker either.
        let _ = std::fs::File::open(path).and_then(|file| file.take(MAX_TEXT + 1).read_to_end(&mut bytes));
    }
    bytes
}

/// What is refused of what would be sent to the builder.
#[allow(clippy::cast_possible_truncation, clippy::cast_sign_loss)] // a bound, told to people
fn context(policy: &Policy, build: &Build<'_>, ongoing: &Ongoing) -> Decision {
    let mut verdict = Decision::default();
    let Ok(repository) = Repository::open(build.root) else { return verdict };
    let repository = repository.part_of(ongoing);
    let relative = |path: &Path| Some(path.strip_prefix(build.root).ok()?.to_str()?.to_owned());
    let Some(folder) = relative(build.context) else { return verdict };
    let dockerfile = relative(build.dockerfile).unwrap_or_else(|| "Dockerfile".to_owned());
    let ignore = Context::ignore_file(&repository, &folder, &dockerfile).ok().flatten();
    let place = Some(Place::file(ignore.as_ref().map_or(&dockerfile, |(path, _)| path)));
    let ignore = ignore.map_or_else(Ignore::default, |(_, bytes)| Ignore::parse(&bytes));
    let Ok(found) = Context::of(&repository, &folder, &ignore) else { return verdict };
    for (key, amount) in [("files", found.files.len() as u64), ("bytes", found.bytes)] {
        if let Some(rule) = policy.of_text("context", key, &amount.to_string()) {
            let most = rule.at_most.map_or_else(String::new, |most| match key {
                "bytes" => format!(" of more than {}", size_text(most.max(0.0) as u64)),
                _ => format!(" of more than {most} {key}"),
            });
            add(&mut verdict, rule, &format!("A build context{most}"), place.clone());
        }
    }
    if let (Some(bound), Some(rule)) = (&found.truncated, policy.rules("context", "files").first()) {
        add(&mut verdict, rule, &format!("A build context of more than {bound}"), place);
    }
    verdict
}

/// The images that a Dockerfile's stages are built from, as far as they are certain: as written, and with their variables.
fn bases(file: &Dockerfile, certain: Certain<'_>) -> Vec<String> {
    let is_stage = |base: &str| file.stages.iter().any(|stage| stage.name.as_deref() == Some(base));
    let filled = file.takings(certain).into_iter().filter(|taking| taking.way == Way::From).map(|taking| taking.text);
    let bases = file.stages.iter().map(|stage| stage.base.clone()).chain(filled);
    let images = bases.filter(|base| !is_stage(&base.to_lowercase()) && Reference::parse(base).is_ok());
    images.take(MAX_BASES).collect::<BTreeSet<String>>().into_iter().collect()
}

/// What is told of the triggers (ONBUILD) that a base image brings along, and what is refused of them.
pub fn triggers(policy: &Policy, base: &str, triggers: &[String], dockerfiles: &Dockerfiles) -> Decision {
    let mut verdict = Decision::default();
    let certain = Certain { args: &BTreeMap::new(), platform: false, stages: false, arguments: false };
    for trigger in triggers {
        if let Some(rule) = policy.rules("dockerfile", "onbuild").first() {
            let shown: String = trigger.chars().take(100).collect();
            add(&mut verdict, rule, &format!("`ONBUILD {shown}` of {base}"), None);
        }
        let parsed = dockerfiles.parse(format!("FROM scratch\n{trigger}").as_bytes());
        let judged = judge(policy, base, &parsed, certain);
        verdict.refused.extend(judged.refused.into_iter().take(MAX_FINDINGS).map(|finding| Finding {
            message: format!("The base image {base} brings along (ONBUILD) what can't be run: {}", finding.message),
            place: None,
            hint: Some("Take a base image without it.".to_owned()),
            ..finding
        }));
    }
    verdict.refused.truncate(MAX_FINDINGS);
    verdict
}

pub(crate) fn add(verdict: &mut Decision, rule: &Rule, what: &str, place: Option<Place>) {
    let (to, message) = match rule.level {
        Level::Refuse => (&mut verdict.refused, format!("{what} is not allowed here: {}", rule.danger.why)),
        Level::Advise => (&mut verdict.advised, format!("{what}: {}", rule.danger.why)),
    };
    // Each for itself: no advice hides what is refused.
    if to.len() < MAX_FINDINGS {
        to.push(Finding { message, place, hint: Some(rule.danger.instead.clone()), ..Finding::default() });
    }
}
