//! What is remembered from run to run of one repository: the last score and outcomes, and how far the hints went.
//! It lives in the user's state directory, never in the repository, and losing it costs nothing: all that fails is silent.

use super::destination;
use crate::facts::{Fact, Value};
use crate::outcome::Outcome;
use crate::report::{Before, CheckReport, Report};
use serde::{Deserialize, Serialize};
use sha2::{Digest, Sha256};
use std::collections::BTreeMap;
use std::fmt::Write as _;
use std::fs::{self, File};
use std::io::Read as _;
use std::path::{Path, PathBuf};

/// The largest file that is read, in bytes.
const LARGEST: u64 = 256 * 1024;
/// The most challenges and, of each, checks that are remembered.
const MOST: usize = 200;

/// The most repositories whose runs are looked at for a course.
const MOST_REPOSITORIES: usize = 1_000;

/// What is remembered of one repository.
#[derive(Debug, Default)]
pub struct Memory {
    file: Option<PathBuf>,
    content: Remembrance,
}

#[derive(Debug, Default, Serialize, Deserialize)]
#[serde(default)]
struct Remembrance {
    /// The repository's folder.
    folder: Option<PathBuf>,
    /// The challenge of the last run, as it was named.
    last: Option<Remembered>,
    challenges: BTreeMap<String, Past>,
}

/// A challenge's id, and what finds it again: that id, or a path.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct Remembered {
    /// Its id.
    pub id: String,
    /// What to give to `--challenge`.
    pub named: String,
}

#[derive(Debug, Default, Serialize, Deserialize)]
#[serde(default)]
struct Past {
    /// The score of the last complete run.
    score: Option<u32>,
    /// The best score of all complete runs.
    best: Option<u32>,
    /// The size of the first image, in bytes.
    first_size: Option<u64>,
    /// Whether the first image ran as root.
    first_root: Option<bool>,
    /// Whether a complete run ever passed.
    passed: bool,
    /// Whether it was ever graded, and not only begun.
    graded: bool,
    /// The ids of the checks that failed when they were last judged.
    failed: Vec<String>,
    /// Hints given, by check.
    hints: BTreeMap<String, usize>,
    /// The hints of the cause by which a check failed.
    causes: BTreeMap<String, KnownCause>,
}

/// The cause of a failure.
#[derive(Debug, Clone, Default, PartialEq, Eq, Serialize, Deserialize)]
#[serde(default)]
pub struct KnownCause {
    /// Its id.
    pub id: String,
    /// What it says.
    pub says: String,
    /// Its hints.
    pub hints: Vec<String>,
}

impl Memory {
    /// What is remembered of the repository in this folder; nothing, if anything is wrong.
    pub fn load(repository: &Path) -> Self {
        Self::load_from(state_dir(&usable), repository)
    }

    /// The same, with the state directory given.
    pub fn load_from(state: Option<PathBuf>, repository: &Path) -> Self {
        let Some(file) = state.and_then(|state| Some(state.join("grader").join(name(repository)?))) else {
            return Self::default();
        };
        let mut content = read(&file).unwrap_or_default();
        content.folder = fs::canonicalize(repository).ok();
        Self { file: Some(file), content }
    }

    /// The challenge of the last run.
    pub fn last_challenge(&self) -> Option<&Remembered> {
        self.content.last.as_ref()
    }

    /// What earlier runs of a challenge came to.
    pub fn before(&self, challenge: &str) -> Before {
        let Some(past) = self.content.challenges.get(challenge) else { return Before::default() };
        Before {
            score: past.score,
            best: past.best.max(past.score),
            size: past.first_size,
            was_root: past.first_root == Some(true),
        }
    }

    /// Whether a challenge was ever graded here.
    pub fn knows(&self, challenge: &str) -> bool {
        self.content.challenges.get(challenge).is_some_and(|past| past.graded)
    }

    /// Whether a check failed when it was last judged.
    pub fn failed(&self, challenge: &str, check: &str) -> bool {
        self.content.challenges.get(challenge).is_some_and(|past| past.failed.iter().any(|id| id == check))
    }

    /// Remembers that a challenge was begun here.
    pub fn begin(&mut self, id: &str, named: &str) {
        self.content.last = Some(Remembered { id: id.to_owned(), named: named.to_owned() });
        self.content.challenges.entry(id.to_owned()).or_default();
    }

    /// Takes over a run's outcomes. `named` is what found the challenge. Checks that were not judged stay as they were.
    pub fn record(&mut self, report: &Report, named: &str) {
        let id = &report.challenge.0;
        self.content.last = Some(Remembered { id: id.clone(), named: named.to_owned() });
        if !self.content.challenges.contains_key(id) && self.content.challenges.len() >= MOST {
            self.content.challenges.clear();
        }
        let past = self.content.challenges.entry(id.clone()).or_default();
        past.graded = true;
        if let Some(Value::Size(size)) = report.facts.get("image.size").and_then(Fact::value) {
            past.first_size.get_or_insert(*size);
        }
        if let Some(Value::Bool(is_root)) = report.facts.get("image.user.is_root").and_then(Fact::value) {
            past.first_root.get_or_insert(*is_root);
        }
        if report.complete() {
            past.score = Some(report.score());
            past.best = past.best.max(past.score);
            past.passed |= report.passed();
        }
        let has_failed = |check: &&CheckReport| matches!(check.outcome, Outcome::Failed(_));
        let first = report.checks.iter().find(has_failed).map(|check| &check.id);
        for check in report.checks.iter().filter(|check| check.is_judged()) {
            past.failed.retain(|id| *id != check.id);
            let cause = known_cause(&check.outcome);
            // Another cause: its hints begin with the first.
            if past.causes.get(&check.id).map(|cause| &cause.id) != cause.as_ref().map(|cause| &cause.id) {
                past.hints.remove(&check.id);
            }
            past.causes.remove(&check.id);
            // The report has shown the first hint already, unless a cause spoke in its place.
            if first == Some(&check.id) && cause.is_none() && past.hints.len() < MOST {
                past.hints.entry(check.id.clone()).or_insert(1);
            }
            past.causes.extend(cause.map(|cause| (check.id.clone(), cause)));
            match &check.outcome {
                Outcome::Failed(_) if past.failed.len() < MOST => past.failed.push(check.id.clone()),
                // Solved: who breaks it again starts from the first hint.
                Outcome::Passed => drop(past.hints.remove(&check.id)),
                _ => {}
            }
        }
    }

    /// The cause by which a check failed when it was last judged, if it is known.
    pub fn cause(&self, challenge: &str, check: &str) -> Option<&KnownCause> {
        self.content.challenges.get(challenge)?.causes.get(check)
    }

    /// The place of the next hint of a check among `count` of them, from 0; after the last one, that one again.
    pub fn next_hint(&mut self, challenge: &str, check: &str, count: usize) -> usize {
        let past = self.content.challenges.entry(challenge.to_owned()).or_default();
        if past.hints.len() >= MOST {
            past.hints.clear();
        }
        let given = past.hints.entry(check.to_owned()).or_default();
        let next = (*given).min(count.saturating_sub(1));
        *given = next + 1;
        next
    }

    /// Writes it down, if that can be done.
    pub fn save(&self) {
        let Some(file) = &self.file else { return };
        let Some(folder) = file.parent() else { return };
        if let Ok(text) = serde_json::to_string(&self.content)
            && fs::create_dir_all(folder).is_ok()
        {
            let _ = destination::write(file, &text); // only a comfort is lost
        }
    }
}

fn known_cause(outcome: &Outcome) -> Option<KnownCause> {
    let Outcome::Failed(findings) = outcome else { return None };
    let cause = findings.iter().find_map(|finding| finding.cause.as_deref())?;
    Some(KnownCause { id: cause.cause.clone(), says: cause.says.clone(), hints: cause.hints.clone() })
}

/// What is remembered of a challenge, wherever it was worked on.
#[derive(Debug, Clone, Default, PartialEq, Eq)]
pub struct Run {
    /// The best score.
    pub score: Option<u32>,
    /// Whether it ever passed.
    pub passed: bool,
    /// The repository with that score.
    pub folder: Option<PathBuf>,
}

/// Forgets all that is remembered of all repositories, and says of how many.
pub fn forget() -> std::io::Result<usize> {
    state_dir(&usable).map_or(Ok(0), |state| forget_in(&state))
}

fn forget_in(state: &Path) -> std::io::Result<usize> {
    let mut forgotten = 0;
    for file in remembered(state) {
        fs::remove_file(file)?;
        forgotten += 1;
    }
    Ok(forgotten)
}

/// The files of all repositories.
fn remembered(state: &Path) -> impl Iterator<Item = PathBuf> {
    let entries = fs::read_dir(state.join("grader")).into_iter().flatten().flatten();
    entries.map(|entry| entry.path()).filter(|path| path.extension().is_some_and(|it| it == "json"))
}

/// The best runs of all challenges, in whichever repository, by their ids.
pub fn best_runs() -> BTreeMap<String, Run> {
    state_dir(&usable).map(|state| best_runs_in(&state)).unwrap_or_default()
}

fn best_runs_in(state: &Path) -> BTreeMap<String, Run> {
    let kept = remembered(state).take(MOST_REPOSITORIES).filter_map(|path| read(&path));
    let mut best: BTreeMap<String, Run> = BTreeMap::new();
    for Remembrance { folder, challenges, .. } in kept {
        for (id, past) in challenges {
            let run = best.entry(id).or_default();
            let score = past.best.max(past.score);
            if run.folder.is_none() || score > run.score {
                run.folder.clone_from(&folder);
            }
            run.score = run.score.max(score);
            run.passed |= past.passed;
        }
    }
    best
}

/// A variable that names a folder. A home that is not there is not made.
fn usable(name: &str) -> Option<PathBuf> {
    std::env::var_os(name).map(PathBuf::from).filter(|path| name != "HOME" || path.is_dir())
}

/// Where the user's programs keep their state: an absolute `XDG_STATE_HOME`, else what the system has for it.
fn state_dir(variable: &dyn Fn(&str) -> Option<PathBuf>) -> Option<PathBuf> {
    let absolute = |name: &str| variable(name).filter(|path| path.is_absolute());
    let home = || if cfg!(windows) { absolute("LOCALAPPDATA") } else { Some(absolute("HOME")?.join(".local/state")) };
    absolute("XDG_STATE_HOME").or_else(home)
}

/// The name of a repository's file: a hash of its path.
fn name(repository: &Path) -> Option<String> {
    let path = fs::canonicalize(repository).ok()?;
    let mut name = String::new();
    for byte in Sha256::digest(path.as_os_str().as_encoded_bytes()).iter().take(12) {
        let _ = write!(name, "{byte:02x}"); // writing to a String cannot fail
    }
    Some(name + ".json")
}

fn read(file: &Path) -> Option<Remembrance> {
    let mut text = String::new();
    File::open(file).ok()?.take(LARGEST).read_to_string(&mut text).ok()?;
    serde_json::from_str(&text).ok()
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn hints_go_on_to_the_last_and_survive() -> std::io::Result<()> {
        let (state, repository) = (tempfile::tempdir()?, tempfile::tempdir()?);
        let load = || Memory::load_from(Some(state.path().to_owned()), repository.path());
        for expected in [0, 1, 2, 2, 2] {
            let mut memory = load();
            assert_eq!(memory.next_hint("challenge", "check", 3), expected);
            memory.save();
        }
        assert_eq!(load().next_hint("challenge", "other", 3), 0);
        assert_eq!(load().next_hint("other", "check", 0), 0);
        Ok(())
    }

    #[test]
    fn broken_memory_is_forgotten() -> std::io::Result<()> {
        let (state, repository) = (tempfile::tempdir()?, tempfile::tempdir()?);
        let mut memory = Memory::load_from(Some(state.path().to_owned()), repository.path());
        memory.next_hint("challenge", "check", 3);
        memory.save();
        let file = memory.file.clone().unwrap_or_default();
        assert!(file.starts_with(state.path()));
        for broken in ["", "{", "[]", "{\"challenges\": 3}"] {
            fs::write(&file, broken)?;
            let mut memory = Memory::load_from(Some(state.path().to_owned()), repository.path());
            assert_eq!(memory.next_hint("challenge", "check", 3), 0, "{broken}");
        }
        let mut nowhere = Memory::load_from(None, repository.path());
        assert_eq!(nowhere.next_hint("challenge", "check", 3), 0);
        nowhere.save();
        Ok(())
    }

    #[test]
    fn state_lives_where_the_system_keeps_it() {
        let with = |values: &[(&str, &str)]| {
            let values: BTreeMap<String, PathBuf> = values.iter().map(|(k, v)| ((*k).into(), v.into())).collect();
            state_dir(&move |name| values.get(name).cloned())
        };
        assert_eq!(with(&[]), None);
        if cfg!(unix) {
            assert_eq!(with(&[("XDG_STATE_HOME", "/s"), ("HOME", "/h")]), Some("/s".into()));
            assert_eq!(with(&[("XDG_STATE_HOME", "relative"), ("HOME", "/h")]), Some("/h/.local/state".into()));
        }
    }
}
