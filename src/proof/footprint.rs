//! What of files a run on the engine depends on, so that works that differ in nothing else are built once.

use crate::challenge::Challenge;
use crate::challenge::read::case::Files;
use crate::compose;
use crate::dockerignore::Ignore;
use crate::facts::Source;
use crate::report::{Coverage, Report};
use crate::run::plan;
use std::collections::BTreeSet;

/// Files by which two works are told apart: without the `.dockerignore`, but with the names of those that it sends.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(super) struct Footprint {
    files: Files,
    sent: BTreeSet<String>,
}

/// The sources that see a `.dockerignore` itself.
const OF_FILES: [Source; 3] = [Source::Repo, Source::Dockerignore, Source::Context];

/// What of these files counts on the engine; nothing if more than the one `.dockerignore` may say what is sent.
pub(super) fn footprint(challenge: &Challenge, files: &Files) -> Option<Footprint> {
    let context = compose::join("", &challenge.subject.context)?;
    let ignore = compose::join(&challenge.subject.context, ".dockerignore")?;
    let is_other = |path: &String| path.ends_with(".dockerignore") && *path != ignore;
    if files.keys().any(is_other) || builds_elsewhere(challenge, files, &context) {
        return None;
    }
    let mut rest = files.clone();
    let patterns = rest.get(&ignore).map(|file| Ignore::parse(&file.content));
    let prefix = if context.is_empty() { String::new() } else { format!("{context}/") };
    let is_sent = |path: &str| match &patterns {
        None => Some(true),
        Some(ignore) => ignore.excludes(path).ok().map(|pattern| pattern.is_none()),
    };
    let mut sent = BTreeSet::new();
    for path in files.keys().filter_map(|path| path.strip_prefix(&prefix)) {
        if is_sent(path)? {
            sent.insert(path.to_owned());
        }
    }
    if !sent.remove(".dockerignore") {
        rest.remove(&ignore);
    }
    Some(Footprint { files: rest, sent })
}

/// Whether a service is built from another folder, or from what can't be said.
fn builds_elsewhere(challenge: &Challenge, files: &Files, context: &str) -> bool {
    let read = |path: &str| Ok(files.get(path).map(|file| file.content.clone()));
    let compose = compose::load(challenge.subject.compose.as_deref(), &read);
    let mut services = compose.iter().flat_map(|compose| compose.project.services.values());
    services.any(|service| service.build.as_ref().is_some_and(|build| build.context_path().as_deref() != Some(context)))
}

/// Whether files alone have decided all that a `.dockerignore` is asked for.
pub(super) fn is_settled(challenge: &Challenge, report: &Report) -> bool {
    let looks = challenge
        .checks
        .iter()
        .filter(|check| check.script.is_some() || plan::sources(check).iter().any(|source| OF_FILES.contains(source)));
    let mut ids = looks.map(|check| &check.id);
    ids.all(|id| report.checks.iter().any(|it| it.id == *id && it.judged == Coverage::Yes && it.is_judged()))
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::challenge::StarterFile;

    fn of(files: &[(&str, &str)]) -> Option<Footprint> {
        let file = |text: &str| StarterFile { content: text.as_bytes().to_vec(), executable: false };
        let files: Files = files.iter().map(|(path, text)| ((*path).to_owned(), file(text))).collect();
        footprint(&Challenge::default(), &files)
    }

    #[test]
    fn an_ignore_file_counts_by_what_it_sends() {
        let with = |ignore: &str| of(&[("Dockerfile", "FROM a"), ("a.md", ""), (".dockerignore", ignore)]);
        let own = ".dockerignore\n*.md\n";
        assert_eq!(with(own), with(".dockerignore\n*.md\nvenv\n"));
        assert_ne!(with(own), with(".dockerignore\n"), "a file more is sent");
        assert_ne!(with("*.md\n"), with("*.md\nvenv\n"), "it is sent itself");
        assert_eq!(of(&[("Dockerfile", "FROM a"), (".dockerignore", "x"), ("web/.dockerignore", "")]), None);
        let elsewhere = "services: { web: { build: web } }\n";
        assert_eq!(of(&[("compose.yaml", elsewhere), (".dockerignore", "x")]), None);
        assert!(of(&[("compose.yaml", "services: { web: { build: . } }\n"), (".dockerignore", "x")]).is_some());
    }
}
