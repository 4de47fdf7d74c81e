//! The floors of the house: a module uses only what is on floors below its own. A circle between two modules is an
//! upward `use`, too. The names of the floors are those of `src/lib.rs`.

#![allow(clippy::unwrap_used)] // helpers of tests
use std::collections::BTreeMap;
use std::fs;
use std::path::{Path, PathBuf};

/// From the ground up. Modules of one floor don't use each other.
const FLOORS: &[&[&str]] = &[
    &["place", "seed", "source", "units"],
    &["outcome", "yaml", "http"],
    &["event", "diagnostic", "dockerfile", "dockerignore"],
    &["commands", "compose", "repository", "distribution"],
    &["policy"],
    &["engine"],
    &["facts"],
    &["language"],
    &["matching"],
    &["steps"],
    &["challenge"],
    &["judge"],
    &["causes"],
    &["lint", "schema", "report"],
    &["run"],
    &["proof"],
    &["cli"],
];

#[test]
fn a_module_uses_only_floors_below_its_own() {
    let floors: BTreeMap<&str, usize> =
        FLOORS.iter().enumerate().flat_map(|(floor, names)| names.iter().map(move |&name| (name, floor))).collect();
    let mut wrong = Vec::new();
    for (file, module) in files() {
        let Some(&own) = floors.get(module.as_str()) else {
            wrong.push(format!("{}: `{module}` is on no floor", file.display()));
            continue;
        };
        let text = fs::read_to_string(&file).unwrap();
        // A path that climbs by `super` to the crate's root would not be seen below.
        let depth = file.strip_prefix(Path::new(env!("CARGO_MANIFEST_DIR")).join("src")).unwrap().iter().count();
        let climbs = format!("use {}", "super::".repeat(depth));
        if text.lines().any(|line| line.starts_with(&climbs)) {
            wrong.push(format!("{}: write `crate::` for what is in another module", file.display()));
        }
        for used in uses(&text) {
            match floors.get(used.as_str()) {
                Some(_) if used == module => {}
                Some(&floor) if floor < own => {}
                Some(_) => wrong.push(format!("{}: `{module}` uses `{used}`, which is not below it", file.display())),
                None => wrong.push(format!("{}: `{used}` is on no floor", file.display())),
            }
        }
    }
    assert!(wrong.is_empty(), "{}", wrong.join("\n"));
}

/// Who may begin to keep Dockerfiles: the reading of a run, which hands them to facts, policy and steps; and what is no run.
const KEEPERS: [&str; 5] =
    ["run/reading.rs", "cli/policy.rs", "policy/build.rs", "proof/example.rs", "proof/mutant/dockerfile.rs"];

#[test]
fn a_dockerfile_is_parsed_once_a_run() {
    let src = Path::new(env!("CARGO_MANIFEST_DIR")).join("src");
    let parses = regex::Regex::new(r"dockerfile::(parse\b|\{[^}]*\bparse\b)").unwrap();
    let mut wrong = Vec::new();
    for (file, module) in files() {
        let name = file.strip_prefix(&src).unwrap().to_string_lossy().replace('\\', "/");
        let text = fs::read_to_string(&file).unwrap();
        let (product, _) = text.split_once("#[cfg(test)]").unwrap_or((&text, ""));
        if module != "dockerfile" && parses.is_match(product) {
            wrong.push(format!("{name}: let the run's `Dockerfiles` parse, which do it once for each text"));
        }
        if product.contains("Dockerfiles::default()") && !KEEPERS.contains(&name.as_str()) {
            wrong.push(format!("{name}: take the `Dockerfiles` of the run, which know what was parsed"));
        }
    }
    assert!(wrong.is_empty(), "{}", wrong.join("\n"));
}

/// The files of `src`, each with the name of the module right below the crate that it belongs to.
fn files() -> Vec<(PathBuf, String)> {
    let src = Path::new(env!("CARGO_MANIFEST_DIR")).join("src");
    let (mut folders, mut found) = (vec![src.clone()], Vec::new());
    while let Some(folder) = folders.pop() {
        for entry in fs::read_dir(folder).unwrap() {
            let path = entry.unwrap().path();
            if path.is_dir() {
                folders.push(path);
            } else if path.extension().is_some_and(|it| it == "rs") {
                let below = path.strip_prefix(&src).unwrap();
                let first = below.iter().next().unwrap().to_string_lossy().into_owned();
                let module = first.trim_end_matches(".rs").to_owned();
                // lib.rs and main.rs are above all floors.
                if !["lib", "main"].contains(&module.as_str()) {
                    found.push((path, module));
                }
            }
        }
    }
    assert!(found.len() > 100, "the files of src are not where they are looked for");
    found.sort();
    found
}

/// Names that more than one type may have: a module's own error, and the words that a Dockerfile, a Compose file and YAML
/// share with each other or with what reads them.
const SHARED: &[&str] = &[
    "Error",
    "Build",
    "Command",
    "Entry",
    "Healthcheck",
    "Kind",
    "Mount",
    "Node",
    "Port",
    "Run",
    "Scope",
    "Source",
    "Span",
    "Value",
];

#[test]
fn a_type_name_has_one_meaning() {
    let mut declared: BTreeMap<String, Vec<String>> = BTreeMap::new();
    for (file, _) in files().into_iter().filter(|(file, _)| !file.ends_with("tests.rs")) {
        for name in types(&fs::read_to_string(&file).unwrap()) {
            declared.entry(name).or_default().push(file.display().to_string());
        }
    }
    let is_shared = |name: &str| SHARED.contains(&name);
    let wrong: Vec<_> = declared.iter().filter(|(name, files)| files.len() > 1 && !is_shared(name)).collect();
    assert!(wrong.is_empty(), "name what each of these is: {wrong:#?}");
    let stale = SHARED.iter().filter(|name| declared.get(**name).is_none_or(|files| files.len() < 2));
    assert_eq!(stale.collect::<Vec<_>>(), Vec::<&&str>::new(), "only one type has this name now");
}

/// The types that a file declares at its top level, before its tests.
fn types(text: &str) -> Vec<String> {
    let tests = text.find("#[cfg(test)]\nmod tests {").unwrap_or(text.len());
    let words = text[..tests].lines().map(|line| {
        let line = line.strip_prefix("pub").map_or(line, |rest| rest.trim_start_matches(|c| c != ' ').trim_start());
        line.split(|c: char| !c.is_alphanumeric() && c != '_').collect::<Vec<_>>()
    });
    let declared = words.filter_map(|words| match words.as_slice() {
        ["struct" | "enum" | "trait" | "type" | "union", name, ..] => Some((*name).to_owned()),
        _ => None,
    });
    declared.collect()
}

#[test]
fn declarations_are_seen_whatever_their_visibility() {
    let text = "pub struct A;\npub(super) enum B<'a> {}\nimpl A {\n    type Err = ();\n}\ntrait C: D {}\npub(crate) type E<T> = T;\n\
        // struct F\n#[cfg(test)]\nmod tests {\nstruct G;\n}\n";
    assert_eq!(types(text), ["A", "B", "C", "E"]);
}

/// The modules right below the crate that a text names: `crate::engine::…`, also in `use crate::{engine, facts::Fact};`.
fn uses(text: &str) -> Vec<String> {
    let mut found = Vec::new();
    for (at, _) in text.match_indices("crate::") {
        let rest = &text[at + "crate::".len()..];
        let part =
            |text: &str| text.trim().chars().take_while(|c| c.is_alphanumeric() || *c == '_').collect::<String>();
        match rest.strip_prefix('{') {
            None => found.push(part(rest)),
            Some(group) => {
                let mut depth = 0;
                let mut name = String::new();
                for c in group.chars() {
                    match c {
                        '{' => depth += 1,
                        '}' if depth == 0 => break,
                        '}' => depth -= 1,
                        ',' if depth == 0 => found.push(part(&std::mem::take(&mut name))),
                        c if depth == 0 => name.push(c),
                        _ => {}
                    }
                }
                found.push(part(&name));
            }
        }
    }
    found.retain(|name| !name.is_empty());
    found
}

#[test]
fn uses_are_seen_in_groups_too() {
    let seen =
        uses("use crate::facts::Fact;\nuse crate::{engine::{self, Run}, judge};\nfn f() { crate::yaml::load() }");
    assert_eq!(seen, ["facts", "engine", "judge", "yaml"]);
}
