//! The fuzzers' targets (`tests/fuzz`) on stable: each over its corpus, over the project's own files, and over as many
//! mutations of them, the same in every run. `scripts/fuzz` lets them look for longer.

#![allow(clippy::unwrap_used)] // helpers of tests

#[path = "fuzz/targets.rs"]
mod targets;

use crate::common::at;
use std::fs;
use std::panic::{AssertUnwindSafe, catch_unwind};
use std::path::{Path, PathBuf};

/// The longest mutation, in bytes.
const LONGEST: usize = 8 << 10;

#[test]
fn checks() {
    try_out("checks", 400);
}

#[test]
fn commands() {
    try_out("commands", 2_000);
}

#[test]
fn compose() {
    try_out("compose", 1_000);
}

#[test]
fn dockerfile() {
    try_out("dockerfile", 1_000);
}

#[test]
fn dockerignore() {
    try_out("dockerignore", 2_000);
}

#[test]
fn rawjson() {
    try_out("rawjson", 500);
}

#[test]
fn report() {
    try_out("report", 200);
}

/// Runs a target over what there is, and over so many mutations of it. `GRADER_FUZZ_SEEDS` names a folder to put there what
/// the fuzzers begin with.
fn try_out(name: &str, mutations: usize) {
    let (_, run) = targets::ALL.iter().find(|(known, _)| *known == name).unwrap();
    let seeds = seeds(name);
    assert!(seeds.len() >= 5, "only {} inputs", seeds.len());
    if let Some(folder) = std::env::var_os("GRADER_FUZZ_SEEDS") {
        let folder = PathBuf::from(folder).join(name);
        fs::create_dir_all(&folder).unwrap();
        for (number, seed) in seeds.iter().enumerate() {
            fs::write(folder.join(format!("seed-{number}")), seed).unwrap();
        }
    }
    let mut numbers = Numbers(0x5eed);
    let mutated = (0..mutations).map(|_| mutate(&seeds, &mut numbers)).collect::<Vec<_>>();
    for input in seeds.iter().chain(&mutated) {
        if let Err(panic) = catch_unwind(AssertUnwindSafe(|| run(input))) {
            let path = std::env::temp_dir().join(format!("fuzz-{name}"));
            fs::write(&path, input).unwrap();
            println!("the input is in {}", path.display());
            std::panic::resume_unwind(panic);
        }
    }
}

/// What the fuzzers begin with: the corpus, and the project's own files of the kind.
fn seeds(name: &str) -> Vec<Vec<u8>> {
    let mut seeds = files(&format!("fixtures/fuzz/{name}"), |_| true);
    match name {
        "dockerfile" => seeds.extend(files("fixtures/conformance/dockerfile", |_| true)),
        "dockerignore" => {
            let cases = fs::read_to_string(at("fixtures/conformance/dockerignore.jsonl")).unwrap();
            seeds.extend(cases.lines().step_by(10).map(|line| {
                let case: serde_json::Value = serde_json::from_str(line).unwrap();
                let text = |key: &str| case[key].as_str().unwrap().as_bytes().to_vec();
                joined(&[&text("dockerignore"), &text("path")])
            }));
        }
        "compose" => seeds.extend(files("checks/challenges", |path| path.ends_with("compose.yaml"))),
        "checks" => {
            let own =
                |path: &Path| path.extension().is_some_and(|it| it == "yaml") && !path.ends_with("challenge.yaml");
            let check = files("fixtures/checks/good", own).remove(0);
            seeds.extend(
                files("checks/challenges", |path| path.ends_with("challenge.yaml"))
                    .iter()
                    .map(|it| joined(&[it, &check])),
            );
            seeds.extend(files("fixtures/checks", own));
            let mut library: Vec<PathBuf> = fs::read_dir(at("checks")).unwrap().map(|it| it.unwrap().path()).collect();
            library.sort();
            seeds.extend(library.iter().filter(|path| own(path)).map(|path| fs::read(path).unwrap()));
        }
        "report" => {
            let compose = fs::read(at("checks/challenges/dockerize-python-app/solution/compose.yaml")).unwrap();
            let odd = "\u{1b}[2J\u{9b}31m\u{202e}::error::x\n##[add-mask]y <b>`|` @z".as_bytes();
            for dockerfile in files("checks/challenges", |path| path.ends_with("Dockerfile")).iter().step_by(8) {
                let choices: Vec<u8> =
                    dockerfile.iter().take(120).map(|byte| byte.wrapping_mul(31) % targets::CUT).collect();
                seeds.push(joined(&[&choices, dockerfile, &compose, b".git\nvenv\n", odd, b"::notice::a"]));
            }
        }
        _ => {}
    }
    seeds
}

fn joined(pieces: &[&[u8]]) -> Vec<u8> {
    pieces.join(&targets::CUT)
}

/// The files below a folder, in the order of their paths.
fn files(folder: &str, wanted: impl Fn(&Path) -> bool) -> Vec<Vec<u8>> {
    let (mut open, mut found) = (vec![at(folder)], Vec::new());
    while let Some(folder) = open.pop() {
        for entry in fs::read_dir(&folder).unwrap_or_else(|error| panic!("{}: {error}", folder.display())) {
            let path = entry.unwrap().path();
            match path.symlink_metadata().unwrap().file_type() {
                kind if kind.is_dir() => open.push(path),
                kind if kind.is_file() && wanted(&path) => found.push(path),
                _ => {}
            }
        }
    }
    found.sort();
    found.iter().map(|path| fs::read(path).unwrap()).collect()
}

/// Random numbers that are the same in every run (SplitMix64).
struct Numbers(u64);

impl Numbers {
    fn below(&mut self, most: usize) -> usize {
        self.0 = self.0.wrapping_add(0x9e37_79b9_7f4a_7c15);
        let mut mixed = self.0;
        mixed = (mixed ^ (mixed >> 30)).wrapping_mul(0xbf58_476d_1ce4_e5b9);
        mixed = (mixed ^ (mixed >> 27)).wrapping_mul(0x94d0_49bb_1331_11eb);
        usize::try_from((mixed ^ (mixed >> 31)) % (most.max(1) as u64)).unwrap()
    }

    fn range(&mut self, length: usize) -> std::ops::Range<usize> {
        let start = self.below(length + 1);
        start..start + self.below((length - start).min(80) + 1)
    }
}

/// One of the seeds with a few parts taken out, put in twice, changed, or taken from another seed.
fn mutate(seeds: &[Vec<u8>], numbers: &mut Numbers) -> Vec<u8> {
    let mut input = seeds[numbers.below(seeds.len())].clone();
    for _ in 0..=numbers.below(6) {
        let range = numbers.range(input.len());
        match numbers.below(5) {
            0 => drop(input.drain(range)),
            1 => {
                let (part, at) = (input[range].to_vec(), numbers.below(input.len() + 1));
                input.splice(at..at, part);
            }
            2 => {
                let other = &seeds[numbers.below(seeds.len())];
                let part = other[numbers.range(other.len())].to_vec();
                input.splice(range, part);
            }
            3 => {
                let odd: [&[u8]; 8] =
                    [b"\n", b"\\", b"$", b"\"", b"{", b"\xf0\x9f", b"4294967295", "\u{202e}".as_bytes()];
                input.splice(range.start..range.start, odd[numbers.below(odd.len())].iter().copied());
            }
            _ if !input.is_empty() => {
                let at = numbers.below(input.len());
                input[at] ^= 1 << numbers.below(8);
            }
            _ => {}
        }
    }
    input.truncate(LONGEST);
    input
}
