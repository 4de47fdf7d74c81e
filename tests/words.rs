//! The words that texts for learners don't use: docs/style.md.

#![allow(clippy::unwrap_used)] // helpers of tests
use std::fs;
use std::path::{Path, PathBuf};

/// A word, and what to write instead.
const WORDS: &[(&str, &str)] = &[
    ("anew", "again"),
    ("all the same", "still, or nothing"),
    ("at last", "finally"),
    ("begun with", "name what begins"),
    ("for everybody", "for everyone, or public"),
    ("everybody", "everyone"),
    ("in vain", "say what happened"),
    ("is to be", "say who does it"),
    ("nobody", "say what doesn't happen"),
    ("whoever", "say who"),
    ("on your machine", "on your computer"),
    ("the machine", "the host"),
    (" lies in", "is in"),
    ("stands in", "is in"),
    ("what is called", "name the thing"),
];

#[test]
fn checks_and_causes_speak_as_people_do() {
    let root = Path::new(env!("CARGO_MANIFEST_DIR")).join("checks");
    let mut wrong = Vec::new();
    for file in files(&root) {
        let text = fs::read_to_string(&file).unwrap();
        // Examples are data, and comments are for those who change a check.
        let read = text.split("\nexamples:\n").next().unwrap();
        for (number, line) in read.lines().enumerate().filter(|(_, line)| !line.trim_start().starts_with('#')) {
            let line = line.to_lowercase();
            for (word, instead) in WORDS.iter().filter(|(word, _)| has(&line, word)) {
                let place = file.strip_prefix(&root).unwrap().display();
                wrong.push(format!("checks/{place}:{}: `{}` ({instead})", number + 1, word.trim()));
            }
        }
    }
    assert!(wrong.is_empty(), "{}", wrong.join("\n"));
}

/// Whether a text has a word by itself.
fn has(line: &str, word: &str) -> bool {
    let is_end = |c: Option<char>| c.is_none_or(|c| !c.is_alphanumeric());
    line.match_indices(word).any(|(at, _)| {
        let is_start = word.starts_with(' ') || is_end(line[..at].chars().next_back());
        is_start && is_end(line[at + word.len()..].chars().next())
    })
}

/// The library's checks and causes, and the checks of the challenges.
fn files(root: &Path) -> Vec<PathBuf> {
    let list = |folder: PathBuf| fs::read_dir(folder).into_iter().flatten().map(|entry| entry.unwrap().path());
    let challenges: Vec<PathBuf> = list(root.join("challenges")).collect();
    let own = challenges.iter().flat_map(|folder| list(folder.join("checks")).chain([folder.join("challenge.yaml")]));
    let all = list(root.to_owned()).chain(list(root.join("causes"))).chain(list(root.join("glossary"))).chain(own);
    let mut files: Vec<PathBuf> = all.filter(|path| path.extension().is_some_and(|it| it == "yaml")).collect();
    files.retain(|path| path.is_file() && !path.ends_with("policy.yaml"));
    files.sort();
    assert!(files.len() > 60, "{files:?}");
    files
}
