//! The table of verbs and options, held against the help of the client that carries them out.

use crate::common::docker;
use grader::commands::verb::Verb;
use grader::commands::verbs;
use grader::engine::Engine;
use std::collections::{BTreeMap, BTreeSet};

tests![the_table_knows_every_option_of_the_client];

/// Options that some clients have and others not.
const ELSEWHERE: &[&str] = &[
    // Hidden: old names.
    "run --dns-opt",
    "run --net",
    "run --net-alias",
    "create --dns-opt",
    "create --net",
    "create --net-alias",
    "stop --time",
    "restart --time",
    "volume create --name",
    // Hidden: the engine of another system, or experiments.
    "run --cpu-count",
    "run --cpu-percent",
    "create --cpu-count",
    "create --cpu-percent",
    "start --checkpoint",
    "start --checkpoint-dir",
    "update --kernel-memory",
    // Hidden: clusters.
    "volume create --availability",
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
    // Hidden: without effect since BuildKit.
    "build --compress",
    "build --force-rm",
    "build --rm",
    // Newer, or only for newer engines.
    "commit --no-pause",
    "history --platform",
    "images --tree",
    "inspect --platform",
    "load --platform",
    "push --platform",
    "rmi --platform",
    "save --platform",
    "build --call",
    "build --check",
    "build --debug",
    "build --policy",
    "compose up --abort-on-container-failure",
    "compose up --menu",
    "compose up --quiet-build",
    "compose up --yes",
    "compose exec --interactive",
    "compose exec --no-tty",
    "compose exec --tty",
    "compose build --check",
    "compose build --print",
    "compose build --provenance",
    "compose build --sbom",
    "compose config --environment",
    "compose config --lock-image-digests",
    "compose config --models",
    "compose config --networks",
    "compose config --no-env-resolution",
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
            let flags = || verb.options();
            let Some(flag) = flags().find(|flag| flag.name == name) else {
                wrong.push(format!("{spelling} --{name}: the table lacks it"));
                continue;
            };
            // Compose says `--no-TTY docker compose exec`, as if that were a value.
            if flag.takes_value != *takes_value && name != "no-TTY" {
                wrong.push(format!("{spelling} --{name}: takes a value: {takes_value}"));
            }
            // `-T` is `--no-TTY` for some, and `--no-tty` for others.
            let has = |letter: char| {
                flags().any(|known| known.short == Some(letter) && known.name.eq_ignore_ascii_case(name))
            };
            if letter.is_some_and(|letter| !has(letter)) {
                wrong.push(format!("{spelling} --{name}: its letter is {letter:?}"));
            }
        }
        seen.entry(verb.name).or_default().extend(options.into_iter().map(|(_, name, _)| name));
    }
    for verb in verbs::all().filter(|verb| verb.is_docker()) {
        for flag in verb.options().filter(|flag| !verb.before.contains(flag)) {
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
