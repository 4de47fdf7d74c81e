//! What is read without an engine: the snapshot, the files a learner wrote, and the facts they give.

use super::Error;
use super::{given, plan, subject};
use crate::challenge::Challenge;
use crate::commands;
use crate::compose::{self, Compose, roles};
use crate::dockerfile::{self, Dockerfile, Dockerfiles, MAX_TEXT, Parsed, Target};
use crate::dockerignore::Ignore;
use crate::event::{Event, Listener};
use crate::facts::dockerfile::{Content, Input, Sent};
use crate::facts::files::Unread;
use crate::facts::{self, Fact, Facts, Source, near_names, registry};
use crate::place::Place;
use crate::repository::{Context, Git, ReadError, Repository, Snapshot, SnapshotError, matches_glob};
use crate::run::subject::SubjectBuild;
use std::cell::RefCell;
use std::collections::{BTreeMap, BTreeSet};
use std::sync::Arc;
use std::time::Duration;
use tokio::sync::mpsc;
use tokio::task::spawn_blocking;
use tokio::time::sleep;

/// The longest Compose file or `.env` that is read.
const MAX_COMPOSE: u64 = 1 << 20;
/// The longest file of commands that is read: no longer than one that can be parsed.
const MAX_COMMANDS_FILE: u64 = commands::MAX_BYTES as u64;
/// The most that is said of one kind.
const MOST_NOTES: usize = 5;

/// All that was read.
pub struct Reading {
    /// The learner's folder.
    pub learners: Repository,
    /// What is graded: the snapshot, or the folder itself where nothing is built.
    pub graded: Repository,
    /// Keeps the snapshot.
    pub snapshot: Option<Snapshot>,
    /// What git knows.
    pub git: Option<Git>,
    /// The Compose files.
    pub compose: Option<Compose>,
    /// The Dockerfile, parsed.
    pub dockerfile: Option<Arc<Parsed>>,
    /// The Dockerfiles that were parsed so far, for the policy and for steps.
    pub dockerfiles: Dockerfiles,
    /// The stage of it that is built.
    pub target: Option<Target>,
    /// The ignore file and its path.
    pub ignore: Ignore,
    /// Its path in the repository, if there is one.
    pub ignore_path: Option<String>,
    /// What is built.
    pub build: SubjectBuild,
    /// Which service plays which role.
    pub roles: BTreeMap<String, roles::Found>,
    /// The facts.
    pub facts: Facts,
}

impl Reading {
    /// Of a repository that was not read to the end: nothing is known.
    pub(super) fn none_of(learners: Repository) -> Self {
        Self {
            graded: learners.clone(),
            learners,
            snapshot: None,
            git: None,
            compose: None,
            dockerfile: None,
            dockerfiles: Dockerfiles::default(),
            target: None,
            ignore: Ignore::default(),
            ignore_path: None,
            build: SubjectBuild::default(),
            roles: BTreeMap::new(),
            facts: Facts::default(),
        }
    }
}

/// How often progress is shown while a large repository is read.
const TICK: Duration = Duration::from_millis(250);

/// Reads a repository as [`read`] does, on a thread of its own, and shows how far it has got. It stops soon when the
/// repository's [`crate::repository::Ongoing`] is asked to.
pub async fn read_aside(
    learners: &Repository,
    challenge: &Challenge,
    snapshot: bool,
    context: bool,
    listener: Listener<'_>,
) -> Result<Reading, Error> {
    let (send, mut events) = mpsc::unbounded_channel();
    let (challenge, repository, ongoing) = (challenge.clone(), learners.clone(), learners.ongoing());
    // Dropped together with this future, which nobody may wait for any more.
    let stop = ongoing.stop_on_drop();
    let mut reading = spawn_blocking(move || {
        read(repository, &challenge, snapshot, context, &|event| {
            let _ = send.send(event); // nobody listens any more
        })
    });
    let mut is_slow = false;
    let read = loop {
        tokio::select! {
            biased;
            Some(event) = events.recv() => listener(event),
            read = &mut reading => break read,
            () = sleep(TICK) => {
                is_slow = true;
                let doing = match ongoing.copied() {
                    0 => "read your files".to_owned(),
                    count => format!("copy your files: {count}"),
                };
                listener(Event::Doing(facts::Source::Repo, doing));
            }
        }
    };
    while let Ok(event) = events.try_recv() {
        listener(event);
    }
    if is_slow {
        listener(Event::Done(facts::Source::Repo));
    }
    stop.disarm();
    read.unwrap_or_else(|error| match error.try_into_panic() {
        Ok(panic) => std::panic::resume_unwind(panic),
        Err(_) => Err(SnapshotError::Stopped.into()),
    })
}

/// Reads a repository. Without `snapshot` no process is started and nothing is copied; without `context`, of which a
/// check seldom asks, the build context is not walked.
pub fn read(
    learners: Repository,
    challenge: &Challenge,
    snapshot: bool,
    context: bool,
    listener: Listener<'_>,
) -> Result<Reading, Error> {
    let note = |text: String| listener(Event::Note(text));
    let git = if snapshot {
        learners.git().unwrap_or_else(|error| {
            note(error.to_string());
            None
        })
    } else {
        None
    };
    let mut taken = if snapshot { Some(Snapshot::take(&learners, git.as_ref())?) } else { None };
    restore(challenge, &learners, taken.as_mut(), &note)?;
    let graded = match &taken {
        Some(taken) => Repository::open(taken.dir())?.part_of(learners.ongoing()),
        None => learners.clone().as_git_lists().unwrap_or_else(|error| {
            note(error.to_string());
            learners.clone()
        }),
    };
    let files = taken.as_ref().map_or_else(|| graded.graded_files(), |taken| taken.files.clone());
    let left_out = |path: &str| if graded.has(path) { None } else { learners.left_out_by(path) };
    if let (Some(git), Some(taken)) = (&git, &taken) {
        say_what_ci_will_not_see(git, taken, &note);
    }
    let withheld = RefCell::new(Vec::new());
    let look = |path: &str, longest: u64| {
        let found = match &taken {
            Some(taken) if taken.is_unreadable(path) => learners.read(path, longest),
            _ => graded.read(path, longest),
        };
        if matches!(found, Err(ReadError::Unreadable { .. })) {
            withheld.borrow_mut().push(path.to_owned());
        }
        found
    };
    let mut compose = compose::load(challenge.subject.compose.as_deref(), &|path| {
        look(path, MAX_COMPOSE).map_err(|error| error.to_string())
    });
    let no_compose = withheld.borrow().first().cloned();
    if let Some(compose) = &mut compose {
        compose.activate(&challenge.subject.profiles);
        for (place, warning) in compose.warnings() {
            note(format!("{place}: {warning}"));
        }
        for other in &compose.left_out {
            note(format!("{} is used, as by Docker Compose, and {other} beside it is not", compose.path()));
        }
    }
    let nothing = compose::Project::default();
    let roles = roles::resolve(&challenge.roles, compose.as_ref().map_or(&nothing, |compose| &compose.project));
    let mut build = subject::build(&challenge.subject, compose.as_ref(), &roles);
    let mut bytes = look(&build.dockerfile, MAX_TEXT);
    if let Some(other) = lower_case(&build.dockerfile).filter(|_| matches!(bytes, Ok(None))) {
        let found = look(&other, MAX_TEXT);
        if !matches!(found, Ok(None)) {
            (build.dockerfile, bytes) = (other, found);
        }
    }
    let ignore_file = Context::ignore_file_by(&look, &build.context, &build.dockerfile);
    // A copy without it is not what the learner wrote: only what files tell all the same is judged.
    if let Some(path) = withheld.borrow().first().filter(|_| taken.is_some()) {
        learners.read(path, MAX_TEXT).map_err(SnapshotError::from)?;
    }
    let near = near_dockerfiles(&build.dockerfile, compose.as_ref(), &files);
    let no_dockerfile = matches!(bytes, Ok(None)).then(|| {
        let names = [Some(build.dockerfile.clone()), lower_case(&build.dockerfile)];
        names.into_iter().flatten().find_map(|path| Some((left_out(&path)?, path)))
    });
    if let Some(Some((_, path))) = &no_dockerfile {
        build.dockerfile.clone_from(path);
    }
    let why = bytes.as_ref().err().map(ToString::to_string).unwrap_or_default();
    let dockerfiles = Dockerfiles::default();
    let parsed = bytes.as_ref().ok().and_then(Option::as_ref).map(|text| dockerfiles.parse(text));
    let found = match (&parsed, &bytes) {
        (Some(parsed), _) => Content::File(parsed.file()),
        (None, Ok(_)) => match &no_dockerfile {
            Some(Some((line, _))) => Content::LeftOut(line),
            _ => Content::Missing,
        },
        (None, Err(error)) if error.is_learners() => Content::Refused(&why),
        (None, Err(_)) => Content::Failed(&why),
    };
    let target = build.target.as_deref();
    let (ignore_path, ignore) = match &ignore_file {
        Ok(Some((path, bytes))) => (Some(path.clone()), Ignore::parse(bytes)),
        _ => (None, Ignore::default()),
    };
    let sent = Sent { files: &files, folder: &build.context, ignore: Some(&ignore) };
    let input = Input { path: &build.dockerfile, content: found, target, build_args: &build.args, near: &near, sent };
    let read = facts::dockerfile::collect(&input);
    let asks_for_files = challenge.checks.iter().any(|check| plan::sources(check).contains(&Source::Repo));
    let all_left_out = if asks_for_files { learners.left_out() } else { Vec::new() };
    let mut facts = facts::repo::collect_with(&files, &all_left_out);
    facts::files::put(&mut facts, &plan::files(&challenge.checks), &|path| {
        look(path, facts::files::LARGEST).map_err(|error| {
            let why = error.to_string();
            if error.is_learners() { Unread::Learner(why) } else { Unread::Machine(why) }
        })
    });
    facts.merge(read.facts);
    let ignored = ignore_file.as_ref().map(|_| ignore_path.as_deref().map(|path| (path, &ignore)));
    let ignore_names = Context::ignore_files(&build.context, &build.dockerfile);
    let no_ignore = matches!(ignored, Ok(None))
        .then(|| ignore_names.into_iter().find_map(|path| Some((left_out(&path)?, path))))
        .flatten();
    facts.merge(match &no_ignore {
        Some((line, path)) => facts::dockerignore::left_out(path, line),
        None => facts::dockerignore::collect(ignored, &files),
    });
    if context {
        let context = Context::of(&learners, &build.context, &ignore);
        facts.merge(facts::context::collect(&build.context, context.as_ref(), ignore_path.as_deref()));
    }
    let usual = || compose::FILE_NAMES.to_vec();
    let mut no_compose_file = challenge
        .subject
        .compose
        .as_deref()
        .map_or_else(usual, |path| vec![path])
        .into_iter()
        .filter(|_| compose.is_none());
    facts.merge(match no_compose_file.find_map(|path| Some((left_out(path)?, path))) {
        Some((line, path)) => facts::compose::left_out(path, &line),
        None => facts::compose::collect(compose.as_ref(), &files),
    });
    let commands_file = &challenge.subject.commands;
    let found = look(commands_file, MAX_COMMANDS_FILE);
    let commands = found.as_ref().ok().and_then(Option::as_ref).map(|text| commands::parse(text));
    facts.merge(match left_out(commands_file).filter(|_| matches!(found, Ok(None))) {
        Some(line) => facts::commands::left_out(commands_file, &line),
        None => facts::commands::collect(commands_file, found.as_ref().map(|_| commands.as_ref()), &files),
    });
    facts::compose::put_roles(&mut facts, &roles);
    if let Some(Err(error)) = no_compose.map(|path| learners.read(&path, MAX_COMPOSE)) {
        for entry in registry::REGISTRY.iter().filter(|entry| entry.name.starts_with("compose.")) {
            let shared = entry.name.split(".<").next().unwrap_or(entry.name);
            facts.put(shared, Fact::unknown(error.to_string()));
        }
        facts.set_refused(Source::Compose, None);
    }
    let asked = asked_for(parsed.as_ref().map(|parsed| parsed.file()), compose.as_ref(), &build);
    say_what_is_left_out(&asked, &left_out, &note);
    Ok(Reading {
        learners,
        graded,
        snapshot: taken,
        git,
        compose,
        dockerfile: parsed,
        dockerfiles,
        target: read.target,
        ignore,
        ignore_path,
        build,
        roles,
        facts,
    })
}

/// The Dockerfiles that were probably meant, where there is none at a path: what Compose builds from, then what is called
/// like it.
fn near_dockerfiles(path: &str, compose: Option<&Compose>, files: &[String]) -> Vec<String> {
    let services = compose.into_iter().flat_map(|compose| compose.project.services.values());
    let built = services.filter_map(|service| service.build.as_ref()?.dockerfile_path());
    let mut near: Vec<String> = Vec::new();
    for file in built.filter(|path| files.contains(path)).chain(near_names::dockerfiles(path, files)) {
        if near.len() < MOST_NOTES && !near.contains(&file) {
            near.push(file);
        }
    }
    near
}

/// Docker takes `dockerfile` where there is no `Dockerfile`.
fn lower_case(path: &str) -> Option<String> {
    path.strip_suffix("Dockerfile").map(|folder| format!("{folder}dockerfile"))
}

/// Puts the challenge's own files in the place of changed ones, and says so.
fn restore(
    challenge: &Challenge,
    learners: &Repository,
    taken: Option<&mut Snapshot>,
    note: &dyn Fn(String),
) -> Result<(), Error> {
    let Some(taken) = taken else { return Ok(()) };
    let patterns = || challenge.given.iter().map(String::as_str);
    let given: BTreeMap<String, Vec<u8>> = challenge
        .starter
        .iter()
        .filter(|(path, _)| matches_glob(patterns(), path))
        .map(|(path, file)| (path.clone(), file.content.clone()))
        .collect();
    let longest = given.values().map(Vec::len).max().unwrap_or(0) as u64 + (1 << 16);
    let theirs = |path: &str| match taken.files.iter().any(|file| file == path) {
        true => given::Theirs::from(learners.read(path, longest).ok().flatten()),
        false if taken.is_unreadable(path) => given::Theirs::Unreadable,
        false => given::Theirs::Missing,
    };
    for file in given::restore(&given, theirs) {
        taken.restore(&file.path, &file.content)?;
        note(file.note);
    }
    Ok(())
}

fn say_what_ci_will_not_see(git: &Git, taken: &Snapshot, note: &dyn Fn(String)) {
    for (paths, why) in [
        (&git.uncommitted, "not committed as it is here"),
        (&git.deleted, "deleted here, but not in the commit"),
        (&taken.outside_links, "a link that leads out of the repository"),
        (&taken.special, "no plain file"),
        (&taken.unreadable, "it can't be read on this machine; look who owns it, and at its permissions"),
    ] {
        for path in paths.iter().take(MOST_NOTES) {
            note(format!("CI will not see {path} as you do: {why}"));
        }
        if paths.len() > MOST_NOTES {
            note(format!("… and {} more: {why}", paths.len() - MOST_NOTES));
        }
    }
}

/// The paths of the repository that the Dockerfile copies and that Compose mounts, each with the place that asks for it.
fn asked_for(file: Option<&Dockerfile>, compose: Option<&Compose>, build: &SubjectBuild) -> Vec<(String, Place)> {
    let mut asked = Vec::new();
    for instruction in file.iter().flat_map(|file| &file.instructions) {
        let (dockerfile::Kind::Copy(copy) | dockerfile::Kind::Add(copy)) = &instruction.kind else { continue };
        for source in copy.sources.iter().filter(|_| copy.from.is_none()) {
            let place = Place::line(&build.dockerfile, instruction.span.line);
            asked.extend(compose::join(&build.context, source).map(|path| (path, place)));
        }
    }
    if let Some(compose) = compose {
        for mount in compose.project.services.values().flat_map(|service| &service.volumes) {
            let source = mount.value.source.as_ref().filter(|_| mount.value.kind == "bind");
            let path = source.and_then(|source| compose::join(compose.directory_of(&mount.place.path), source));
            asked.extend(path.map(|path| (path, mount.place.clone())));
        }
        // Compose fills variables in from it.
        asked.extend(compose::join(compose.directory(), ".env").map(|path| (path, Place::file(compose.path()))));
    }
    asked
}

/// Names what is asked for, is here, and is left out by git: in CI it is not there.
fn say_what_is_left_out(asked: &[(String, Place)], left_out: &dyn Fn(&str) -> Option<Place>, note: &dyn Fn(String)) {
    let mut said = BTreeSet::new();
    for (path, place) in asked.iter().filter(|(path, _)| !path.is_empty()) {
        if said.len() < MOST_NOTES
            && let Some(line) = left_out(path)
            && said.insert(path)
        {
            note(format!(
                "{place} needs {path}, but {line} leaves it out: CI doesn't have it, and grader doesn't use it"
            ));
        }
    }
}
