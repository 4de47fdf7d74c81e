//! `compose.errors` beside `docker compose config`: every Compose file of `fixtures` and `checks`, mutated, is accepted or
//! refused alike, and where both accept they have the same model. No engine is needed, but Docker Compose is; without it
//! the test is listed as ignored, and with `GRADER_REQUIRE_ENGINE=1` it fails. `GRADER_COMPOSE_FILES=2000` tries as many,
//! `GRADER_COMPOSE_SEED=2` others, `GRADER_COMPOSE_TABLE=1` prints what was refused by its kind.

#![allow(clippy::unwrap_used, clippy::expect_used)] // no test attribute here that clippy would know them by

mod model;
mod mutation;
mod oracle;
mod seeds;

use libtest_mimic::{Arguments, Failed, Trial};
use oracle::{Answer, Repository};
use std::collections::BTreeMap;
use std::process::ExitCode;
use std::sync::Mutex;
use std::sync::atomic::{AtomicUsize, Ordering};

/// How many files are tried by default.
const FILES: usize = 300;

/// Where the two may differ, by what Compose says, and why.
const KNOWN: [(&str, &str); 8] = [
    ("/outside/", "a file outside the repository, which is not read; the policy says so"),
    ("git remote resource is disabled", "a file from elsewhere, which is not read; the policy says so"),
    ("Additional property provider is not allowed", "a key of Compose 2.36"),
    ("Additional property models is not allowed", "a key of Compose 2.38"),
    ("Additional property use_api_socket is not allowed", "a key of Compose 2.37"),
    ("Additional property interface_name is not allowed", "a key of Compose 2.37"),
    ("Additional property include is not allowed", "a key of `develop.watch` of Compose 2.37"),
    ("Additional property initial_sync is not allowed", "a key of `develop.watch` of Compose 2.38"),
];

fn main() -> ExitCode {
    let arguments = Arguments::from_args();
    let required = std::env::var("GRADER_REQUIRE_ENGINE").is_ok_and(|value| value == "1");
    let missing = !oracle::is_there() && !required;
    let trial = Trial::test("files_are_refused_as_compose_refuses_them", files)
        .with_kind(if missing { "Docker Compose is missing" } else { "" })
        .with_ignored_flag(missing);
    libtest_mimic::run(&arguments, vec![trial]).exit_code()
}

fn number(name: &str, default: usize) -> usize {
    std::env::var(name).ok().and_then(|text| text.parse().ok()).unwrap_or(default)
}

fn files() -> Result<(), Failed> {
    let (count, seed) = (number("GRADER_COMPOSE_FILES", FILES), number("GRADER_COMPOSE_SEED", 1) as u64);
    let cases = mutation::cases(&seeds::all(), count, seed);
    let next = AtomicUsize::new(0);
    let results = Mutex::new(Vec::new());
    std::thread::scope(|scope| {
        for _ in 0..4 {
            scope.spawn(|| {
                while let Some(case) = cases.get(next.fetch_add(1, Ordering::Relaxed)) {
                    let found = compare(&case.repository);
                    results.lock().unwrap().push((case.name.clone(), found));
                }
            });
        }
    });
    let mut results = results.into_inner().unwrap();
    results.sort_by(|one, other| one.0.cmp(&other.0));
    let (mut accepted, mut refused, mut known) = (0, 0, 0);
    let (mut differ, mut kinds) = (Vec::new(), BTreeMap::<String, usize>::new());
    for (name, found) in &results {
        match found {
            Found::Accepted => accepted += 1,
            Found::Refused(message) => {
                refused += 1;
                *kinds.entry(message.clone()).or_default() += 1;
            }
            Found::Known => known += 1,
            Found::Differs(how) => differ.push(format!("--- {name}\n{how}")),
        }
    }
    if std::env::var_os("GRADER_COMPOSE_TABLE").is_some() {
        for (kind, count) in &kinds {
            println!("{count:5}  {kind}");
        }
    }
    println!(
        "{} files: {accepted} accepted alike, {refused} refused alike, {known} differ for a known reason, {} differ",
        results.len(),
        differ.len()
    );
    if differ.is_empty() { Ok(()) } else { Err(differ.join("\n").into()) }
}

enum Found {
    Accepted,
    Refused(String),
    Known,
    Differs(String),
}

fn compare(repository: &Repository) -> Found {
    let ours = oracle::ours(repository);
    // Compose has no bounds: it may take hours for what we don't read.
    if ours.refused.iter().any(|message| message.contains("is read") || message.contains("is not read")) {
        return Found::Known;
    }
    let has_home = repository.files.values().any(|text| text.contains("$HOME") || text.contains("${HOME"));
    match (ours.refused.first(), oracle::theirs(repository)) {
        // Where a learner's home folder is, files don't tell.
        (None, Answer::Accepted(_)) if has_home => Found::Known,
        (None, Answer::Accepted(resolved)) => match model::differs(&ours.compose, &resolved) {
            None => Found::Accepted,
            Some(how) => Found::Differs(format!("{how}\n{}", repository.shown())),
        },
        (Some(ours), Answer::Refused(_)) => Found::Refused(kind(ours)),
        (Some(ours), Answer::Accepted(_)) => {
            Found::Differs(format!("Compose accepts it, grader says: {ours}\n{}", repository.shown()))
        }
        (None, Answer::Refused(said)) if KNOWN.iter().any(|(known, _)| said.contains(known)) => Found::Known,
        (None, Answer::Refused(said)) => {
            Found::Differs(format!("grader accepts it, Compose says: {said}\n{}", repository.shown()))
        }
    }
}

/// A message without the names in it.
fn kind(message: &str) -> String {
    let (mut kind, mut quoted) = (String::new(), false);
    for c in message.split(": ").next().unwrap_or_default().chars() {
        if c == '`' {
            quoted = !quoted;
            kind.push_str(if quoted { "`…" } else { "`" });
        } else if !quoted && !c.is_ascii_digit() {
            kind.push(c);
        }
    }
    kind
}
