//! What of a build is refused before it begins: who builds it, what its instructions reach for, what it is sent.

use super::Verdict;
use super::frontend::frontend;
use super::path::leads_out;
use super::registry::is_near;
use super::rule::{Level, Policy, Rule};
use crate::dockerfile::{self, Certain, Instruction, Kind, Reference, Taking, Way};
use crate::dockerignore::Ignore;
use crate::facts::size_text;
use crate::outcome::Finding;
use crate::place::Place;
use crate::repository::{Context, Repository};
use std::collections::{BTreeMap, BTreeSet};
use std::io::Read as _;
use std::path::{Path, PathBuf};

/// The longest Dockerfile that is read.
const MAX_DOCKERFILE: u64 = 4 << 20;
/// How many findings of a kind are told at once.
const MAX_FINDINGS: usize = 20;
/// How many base images are looked at.
const MAX_BASES: usize = 20;
/// What the ignore file of one Dockerfile alone is called, behind the Dockerfile's name.
const IGNORE: &str = ".dockerignore";
/// How the sources begin where BuildKit takes something for an address and not for a path of the context.
const ADDRESSES: [&str; 6] = ["http://", "https://", "git://", "ssh://", "git@", "github.com/"];

/// The frontends whose variables are those of the engine's own.
const NEW: [&str; 3] = ["docker/dockerfile", "docker/dockerfile:1", "docker/dockerfile:latest"];

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

/// What is refused of a build.
pub fn build(policy: &Policy, build: &Build<'_>) -> Verdict {
    let mut verdict = Verdict::default();
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
        let (platform, stages) = (build.platform.is_none(), build.contexts.is_empty());
        let certain = Certain { args: build.args, platform, stages, arguments: true };
        verdict.extend(judge(policy, &name, &read(build.dockerfile), certain));
        verdict.extend(context(policy, build));
    }
    verdict
}

fn read(path: &Path) -> Vec<u8> {
    let mut bytes = Vec::new();
    if path.is_file() {
        // What can't be read is no Dockerfile for Docker either.
        let _ = std::fs::File::open(path).and_then(|file| file.take(MAX_DOCKERFILE + 1).read_to_end(&mut bytes));
    }
    bytes
}

/// What is refused of a Dockerfile's text, by its name.
pub fn dockerfile(policy: &Policy, name: &str, text: &[u8], args: &BTreeMap<String, String>) -> Verdict {
    let certain = Certain { args, platform: true, stages: true, arguments: true };
    judge(policy, name, text, certain)
}

fn judge(policy: &Policy, name: &str, text: &[u8], certain: Certain<'_>) -> Verdict {
    let mut told = Told { policy, name, verdict: Verdict::default() };
    if text.len() as u64 > MAX_DOCKERFILE {
        let message = format!("`{name}` is longer than {}, the most that is read", size_text(MAX_DOCKERFILE));
        let (hint, place) = (Some("Leave out what is no instruction.".to_owned()), Some(Place::file(name)));
        told.verdict.refused.push(Finding { message, place, hint, ..Finding::default() });
        return told.verdict;
    }
    let (mut frontends, args) = (Vec::new(), certain.args);
    // As it is handed on: the name may hold a `=` itself.
    for argument in args.iter().map(|(name, value)| format!("{name}={value}")) {
        if let Some(value) = argument.strip_prefix("BUILDKIT_SYNTAX=") {
            let frontend = value.split_whitespace().next().unwrap_or_default();
            told.judge("syntax", frontend, "The build argument `BUILDKIT_SYNTAX`", None);
            frontends.push(frontend.to_owned());
        }
    }
    if let Some((frontend, line)) = frontend(text) {
        told.judge("syntax", &frontend, &format!("`syntax={frontend}`"), Some(line));
        frontends.push(frontend);
    }
    let file = dockerfile::parse(text);
    for instruction in &file.instructions {
        told.instruction(&instruction.kind, instruction.span.line);
        // Another frontend may know what ours does not.
        if instruction.kind == Kind::Invalid && !frontends.is_empty() {
            told.unread(instruction);
        }
    }
    if file.errors.len() >= dockerfile::MAX_ERRORS && !frontends.is_empty() {
        let line = file.errors.last().map(|error| error.line);
        told.judge("add", "", "What follows, behind so many mistakes,", line);
    }
    let is_new = |frontend: &String| NEW.iter().any(|new| frontend.trim_start_matches("docker.io/") == *new);
    let certain = Certain { arguments: certain.arguments && frontends.iter().all(is_new), ..certain };
    for taking in file.takings(certain) {
        told.taking(&taking);
    }
    told.verdict
}

struct Told<'a> {
    policy: &'a Policy,
    name: &'a str,
    verdict: Verdict,
}

impl Told<'_> {
    fn judge(&mut self, key: &str, value: &str, what: &str, line: Option<u32>) {
        if let Some(rule) = self.policy.of_text("dockerfile", key, value) {
            let place = line.map_or_else(|| Place::file(self.name), |line| Place::line(self.name, line));
            add(&mut self.verdict, rule, what, Some(place));
        }
    }

    /// An instruction that can't be read: it is refused if it could reach out, whatever it means.
    fn unread(&mut self, instruction: &Instruction) {
        let is_plain = |c: &char| !matches!(c, '"' | '\'' | '\\' | '`' | '[' | ']');
        let plain: String = instruction.original.chars().filter(is_plain).collect();
        let shown: String = instruction.original.chars().take(100).collect();
        let (what, line) = (format!("`{shown}`"), Some(instruction.span.line));
        for (flag, key) in [("--network", "run.network"), ("--security", "run.security")] {
            if plain.contains(flag) {
                self.judge(key, "", &what, line);
            }
        }
        let words: Vec<&str> = plain.split(|c: char| c.is_whitespace() || c == ',').collect();
        let is = |name: &str| words.iter().take(2).any(|word| word.eq_ignore_ascii_case(name));
        let images = plain.split("from=").skip(1).filter_map(|rest| rest.split([' ', '\t', ',']).next());
        let mut sources = words.iter().filter(|word| !word.starts_with("--"));
        if is("ADD") && sources.any(|word| may_be_address(word)) {
            self.judge("add", "", &what, line);
        } else if images.chain(words.iter().copied().filter(|_| is("FROM"))).any(is_near) {
            self.judge("image", "$", &what, line);
        }
    }

    fn taking(&mut self, taking: &Taking) {
        let shown: String = taking.written.chars().take(200).collect();
        let (key, what) = match taking.way {
            Way::Add if !may_be_address(&taking.text) => return,
            Way::Add => ("add", format!("`ADD {shown}`")),
            Way::From => ("image", format!("`FROM {shown}`")),
            Way::Copy => ("image", format!("`COPY --from={shown}`")),
            Way::Mount => ("image", format!("`RUN --mount=from={shown}`")),
        };
        self.judge(key, &taking.text, &what, Some(taking.line));
    }

    fn instruction(&mut self, kind: &Kind, line: u32) {
        match kind {
            Kind::Run(run) => {
                for flag in ["security", "network"] {
                    for value in run.flags.all(flag).map(str::to_owned).collect::<Vec<_>>() {
                        self.judge(&format!("run.{flag}"), &value, &format!("`RUN --{flag}={value}`"), Some(line));
                    }
                }
                for mount in &run.mounts {
                    let kind = mount.get(&["type"]).unwrap_or("bind").to_lowercase();
                    self.judge("run.mount", &kind, &format!("`RUN --mount=type={kind}`"), Some(line));
                }
            }
            // It runs in the stages that are built from this one.
            Kind::Onbuild(onbuild) => {
                if let Ok(kind) = &onbuild.trigger {
                    self.instruction(kind, line);
                }
            }
            _ => {}
        }
    }
}

/// Whether BuildKit could take what is added for an address. A `$` may stand for anything.
fn may_be_address(source: &str) -> bool {
    let source = source.trim().to_lowercase();
    if source.contains("://") || ADDRESSES.iter().any(|address| source.starts_with(address)) {
        return true;
    }
    let is_begun = |before: &str| ADDRESSES.iter().any(|address| address.starts_with(before));
    let is_name = |name: &str| name.chars().all(|c| c.is_alphanumeric() || matches!(c, '-' | '_'));
    match source.split_once('$') {
        // `user@host:path`, by ssh
        None => source.split_once('@').is_some_and(|(user, rest)| is_name(user) && rest.contains(':')),
        Some((before, _)) => is_name(before.split_once('@').map_or(before, |(user, _)| user)) || is_begun(before),
    }
}

/// What is refused of what would be sent to the builder.
#[allow(clippy::cast_possible_truncation, clippy::cast_sign_loss)] // a bound, told to people
fn context(policy: &Policy, build: &Build<'_>) -> Verdict {
    let mut verdict = Verdict::default();
    let Ok(repository) = Repository::open(build.root) else { return verdict };
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

/// The images that a Dockerfile's stages are built from, as far as they are written out.
pub fn bases(dockerfile: &Path) -> Vec<String> {
    let file = dockerfile::parse(&read(dockerfile));
    let is_stage = |base: &str| file.stages.iter().any(|stage| stage.name.as_deref() == Some(base));
    let bases = file.stages.iter().map(|stage| stage.base.as_str());
    let images = bases.filter(|base| !is_stage(&base.to_lowercase()) && Reference::parse(base).is_ok());
    let distinct: BTreeSet<String> = images.take(MAX_BASES).map(str::to_owned).collect();
    distinct.into_iter().collect()
}

/// What is told of the triggers (ONBUILD) that a base image brings along.
pub fn triggers(policy: &Policy, base: &str, triggers: &[String]) -> Verdict {
    let mut verdict = Verdict::default();
    for trigger in triggers {
        if let Some(rule) = policy.rules("dockerfile", "onbuild").first() {
            let shown: String = trigger.chars().take(100).collect();
            add(&mut verdict, rule, &format!("`ONBUILD {shown}` of {base}"), None);
        }
    }
    verdict
}

fn add(verdict: &mut Verdict, rule: &Rule, what: &str, place: Option<Place>) {
    let (to, message) = match rule.level {
        Level::Refuse => (&mut verdict.refused, format!("{what} is not allowed here: {}", rule.danger.why)),
        Level::Advise => (&mut verdict.advised, format!("{what}: {}", rule.danger.why)),
    };
    // Each for itself: no advice hides what is refused.
    if to.len() < MAX_FINDINGS {
        to.push(Finding { message, place, hint: Some(rule.danger.instead.clone()), ..Finding::default() });
    }
}
