//! The tests that need nothing but this crate: no engine, no registry, no program from elsewhere. They are one program,
//! because linking the crate takes longer than most of them. `cargo test --test quick lint::` runs those of lint.rs.

mod actions;
mod causes;
mod challenge;
mod challenge_files;
mod checks;
mod cli;
mod commands;
mod common;
mod compose;
mod compose_bounds;
mod compose_refusals;
mod conformance_dockerfile;
mod conformance_dockerignore;
mod counting;
mod course;
mod distribution;
mod dockerfile;
mod dockerignore;
mod facts_commands;
mod facts_dockerfile;
mod facts_folder;
mod formats;
mod fuzz;
mod hostile;
mod house;
mod install;
mod interrupted;
mod judge;
mod left_out;
mod lint;
mod lint_rules;
mod memory;
mod platforms;
mod policy;
mod process;
mod proof;
mod report;
mod repository;
mod rewrite;
mod schema;
mod scripts;
mod steps;
mod tutorial;
mod words;
mod workshop;
mod yaml;

// Reports and texts that several of these files use.
#[path = "report/hostile.rs"]
mod hostile_texts;
#[path = "report/runner.rs"]
mod runner;
#[path = "report/sample.rs"]
mod sample;

/// Cargo looks for no tests by itself (`autotests = false`), so a forgotten file would never run.
#[test]
fn every_file_here_is_run() {
    let programs = std::fs::read_to_string(common::at("Cargo.toml")).unwrap();
    let own = include_str!("quick.rs");
    for entry in std::fs::read_dir(common::at("tests")).unwrap() {
        let path = entry.unwrap().path();
        if path.extension().is_none_or(|it| it != "rs") {
            continue;
        }
        let name = path.file_stem().unwrap().to_string_lossy().into_owned();
        let is_run = own.contains(&format!("\nmod {name};")) || programs.contains(&format!("name = \"{name}\"\n"));
        assert!(is_run, "tests/{name}.rs: add `mod {name};` to tests/quick.rs");
    }
}
