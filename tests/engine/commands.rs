//! The table of verbs and options, held against the help of the client that carries them out.

use crate::common::docker;
use grader::commands::flag::Flag;
use grader::commands::verb::Verb;
use grader::commands::verbs;
use grader::engine::Engine;
use std::collections::{BTreeMap, BTreeSet};

tests![the_table_knows_every_option_of_the_client];

/// Options that some clients have and others not: of an older or newer Docker, or of builds without BuildKit.
const ELSEWHERE: &[&str] = &[
    "run --cpu-count", // Windows
    "run --cpu-percent",
    "start --checkpoint",
    "start --checkpoint-dir",
    "volume create --availability", // clusters
    "volume create --group",
    "volume create --limit-bytes",
    "volume create --required-bytes",
    "volume create --scope",
    "volume create --secret",
    "volume create --sharing",
    "volume create --topology-preferred",
    "volume create --topology-required",
    "volume create --type",
    "volume ls --cluster",
];

async fn the_table_knows_every_option_of_the_client(_engine: Engine) {
    let mut wrong = Vec::new();
    let mut seen: BTreeMap<&str, BTreeSet<String>> = BTreeMap::new();
    let mut spellings: Vec<(&str, &Verb)> = Vec::new();
    for verb in verbs::all() {
        spellings.extend(verb.spellings.iter().map(|spelling| (*spelling, verb)));
    }
    for (spelling, verb) in &spellings {
        let mut words: Vec<&str> = spelling.split(' ').collect();
        words.push("--help");
        let help = docker(&words);
        let options = options(&help);
        assert!(help.contains("Usage:"), "docker {spelling} --help: {help}");
        for (letter, name, takes_value) in &options {
            let flags = || verb.flags.iter().chain(verb.before);
            let Some(flag) = flags().find(|flag| flag.name == name) else {
                wrong.push(format!("{spelling} --{name}: the table lacks it"));
                continue;
            };
            if flag.takes_value != *takes_value {
                wrong.push(format!("{spelling} --{name}: takes a value: {takes_value}"));
            }
            // `-T` is `--no-TTY` for some, and `--no-tty` for others.
            let has = |letter: char| {
                let named = |known: &&Flag| known.short == Some(letter);
                flags().find(named).is_some_and(|known| known.name.eq_ignore_ascii_case(name))
            };
            if letter.is_some_and(|letter| !has(letter)) {
                wrong.push(format!("{spelling} --{name}: its letter is {letter:?}"));
            }
        }
        seen.entry(verb.name).or_default().extend(options.into_iter().map(|(_, name, _)| name));
    }
    for verb in verbs::all().filter(|verb| verb.is_docker()) {
        for flag in verb.flags {
            let option = format!("{} --{}", verb.name, flag.name);
            let is_known = seen[verb.name].contains(flag.name) || flag.name == "help";
            if !is_known && !ELSEWHERE.contains(&option.as_str()) {
                wrong.push(format!("{option}: no client has it, as far as ELSEWHERE knows"));
            }
        }
    }
    assert!(spellings.len() > 90, "{}", spellings.len());
    assert!(wrong.is_empty(), "{}", wrong.join("\n"));
}

/// The options of a help text: letter, name, and whether a value follows.
fn options(help: &str) -> Vec<(Option<char>, String, bool)> {
    let lines = help.lines().filter_map(|line| {
        let line = line.strip_prefix("  ")?.trim_start_matches(' ');
        let (letter, rest) = match line.split_once(", --") {
            Some((letter, rest)) => (letter.strip_prefix('-')?.chars().next(), rest),
            None => (None, line.strip_prefix("--")?),
        };
        let name: String = rest.chars().take_while(|c| c.is_ascii_alphanumeric() || *c == '-').collect();
        let after = rest.get(name.len()..)?;
        Some((letter, name, after.starts_with(' ') && !after.starts_with("  ")))
    });
    lines.collect()
}
