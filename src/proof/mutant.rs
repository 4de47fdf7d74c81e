//! Mutants: the solution with one thing less, or with one thing worse. A good challenge notices each of them.

mod commands;
mod compose;
mod compose_worse;
mod cut;
mod dockerfile;
mod ignore;
mod worse;

use super::trial_run;
use crate::challenge::Challenge;
use crate::challenge::StarterFile;
use crate::challenge::read::case::Files;
use crate::repository::matches_glob;
use std::collections::BTreeMap;

/// The solution, changed in one way.
#[derive(Debug, Clone)]
pub struct Mutant {
    /// The file and what is changed, without a line: it stays the same when lines move.
    pub name: String,
    /// The file that is changed, and the line.
    pub place: String,
    /// All files.
    pub files: Files,
}

/// A change of one file.
struct Change {
    /// What is changed, in a few words.
    what: String,
    /// The line that is changed, if it is not the whole file.
    line: Option<u32>,
    /// The file's new text; `None` if it is removed.
    text: Option<String>,
}

/// The most mutants that are made of one file.
const MOST: usize = 500;

/// All mutants of a solution. Files that the challenge supplies stay as they are.
pub fn all(challenge: &Challenge, solution: &Files) -> Vec<Mutant> {
    let mut mutants = Vec::new();
    let mut names: BTreeMap<String, u32> = BTreeMap::new();
    let composes = compose::paths(challenge, solution);
    for (path, file) in solution {
        if matches_glob(challenge.given.iter().map(String::as_str), path) {
            continue;
        }
        let Ok(text) = std::str::from_utf8(&file.content) else { continue };
        let changes = if is_dockerfile(challenge, path) {
            dockerfile::changes(text, trial_run::needs_engine(challenge))
        } else if path.rsplit('/').next().is_some_and(|name| name.ends_with(".dockerignore")) {
            ignore::changes(text)
        } else if *path == challenge.subject.commands {
            commands::changes(text)
        } else if composes.contains(path) {
            compose::changes(text).into_iter().chain(compose_worse::changes(text)).collect()
        } else {
            continue;
        };
        for change in changes.into_iter().take(MOST) {
            let mut files = solution.clone();
            files.remove(path);
            if let Some(text) = change.text {
                if text == String::from_utf8_lossy(&file.content) {
                    continue;
                }
                files.insert(path.clone(), StarterFile { content: text.into_bytes(), executable: file.executable });
            }
            let name = format!("{path}: {}", change.what);
            let count = names.entry(name.clone()).or_default();
            *count += 1;
            let name = if *count == 1 { name } else { format!("{name} ({count})") };
            let line = change.line.map(|line| format!(":{line}")).unwrap_or_default();
            mutants.push(Mutant { name, place: format!("{path}{line}"), files });
        }
    }
    mutants
}

/// The Dockerfile that is graded, and others by their names.
fn is_dockerfile(challenge: &Challenge, path: &str) -> bool {
    let subject = crate::compose::join(&challenge.subject.context, &challenge.subject.dockerfile);
    let name = path.rsplit('/').next().unwrap_or(path);
    let is_ignore = name.ends_with(".dockerignore");
    let by_name = name == "Dockerfile" || name.starts_with("Dockerfile.") || name.ends_with(".Dockerfile");
    subject.as_deref() == Some(path) || (by_name && !is_ignore)
}

/// A text in one line of at most so many characters.
pub(super) fn short(text: &str, most: usize) -> String {
    let line: String = text.split_whitespace().collect::<Vec<_>>().join(" ");
    if line.chars().count() <= most {
        return line;
    }
    let kept: String = line.chars().take(most.saturating_sub(1)).collect();
    format!("{}…", kept.trim_end())
}

/// A text with these lines (from 1) replaced.
fn with_lines(text: &str, lines: std::ops::RangeInclusive<u32>, by: &str) -> String {
    let mut made = String::with_capacity(text.len());
    for (number, line) in (1u32..).zip(text.split_inclusive('\n')) {
        if number == *lines.start() && !by.is_empty() {
            made.push_str(by);
            made.push('\n');
        }
        if !lines.contains(&number) {
            made.push_str(line);
        }
    }
    made
}

#[cfg(test)]
mod tests {
    use super::*;

    fn file(text: &str) -> StarterFile {
        StarterFile { content: text.as_bytes().to_vec(), executable: false }
    }

    #[test]
    fn names_differ_and_given_files_stay() {
        let challenge = Challenge { given: vec!["given/**".to_owned()], ..Challenge::default() };
        let text = "FROM a\nCOPY x y\nCOPY x y\n";
        let solution = Files::from([
            ("Dockerfile".to_owned(), file(text)),
            ("given/Dockerfile".to_owned(), file(text)),
            ("notes.txt".to_owned(), file(text)),
        ]);
        let mutants = all(&challenge, &solution);
        let names: Vec<&str> = mutants.iter().map(|mutant| mutant.name.as_str()).collect();
        assert_eq!(names, ["Dockerfile: without COPY x y", "Dockerfile: without COPY x y (2)"]);
        assert_eq!(mutants[1].place, "Dockerfile:3");
        assert_eq!(mutants[1].files["Dockerfile"], file("FROM a\nCOPY x y\n"));
        assert_eq!(mutants[1].files["given/Dockerfile"], file(text));
    }
}
