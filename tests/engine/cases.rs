//! Every challenge in checks/challenges, proved: its solution, its starter, and each of its cases.

use grader::challenge::library::{Material, material};
use grader::policy::Policy;
use grader::proof::only::Only;
use grader::proof::{Options, ProofSection, Verdict, prove};
use libtest_mimic::{Failed, Trial};
use std::fs;
use std::path::{Path, PathBuf};
use std::sync::Arc;

pub fn trials() -> Vec<Trial> {
    let challenges = Path::new(env!("CARGO_MANIFEST_DIR")).join("checks/challenges");
    let mut folders: Vec<PathBuf> = fs::read_dir(challenges).unwrap().map(|entry| entry.unwrap().path()).collect();
    folders.sort();
    folders.iter().flat_map(|folder| of_challenge(folder)).collect()
}

fn of_challenge(folder: &Path) -> Vec<Trial> {
    let id = folder.file_name().unwrap_or_default().to_string_lossy().into_owned();
    let material = match material(&folder.display().to_string()) {
        Ok(material) => Arc::new(material),
        Err(error) => return vec![Trial::test(format!("case: {id}"), move || Err(Failed::from(error.to_string())))],
    };
    let cases = material.cases.iter().map(|case| case.name.clone());
    let names: Vec<String> = ["solution", "starter"].map(str::to_owned).into_iter().chain(cases).collect();
    let trial = |name: String| {
        let material = Arc::clone(&material);
        crate::timed(format!("case: {id}/{name}"), move || holds(&material, &name))
    };
    names.into_iter().map(trial).collect()
}

fn holds(material: &Material, name: &str) -> Result<(), Failed> {
    let options = Options {
        jobs: 1,
        only: Only::new(&[name]),
        no_engine: false,
        engine_mutants: false,
        policy: Policy::built_in(),
    };
    let proof = super::block_on(prove(material, &options, &|_| {}));
    // A check may be called like a case.
    let item = proof.items.iter().find(|item| item.name == name && item.section != ProofSection::Examples);
    match item.map(|item| &item.verdict) {
        Some(Verdict::Held) => Ok(()),
        Some(Verdict::Failed(wrong)) => Err(wrong.join("\n").into()),
        other => Err(format!("{other:?}").into()),
    }
}
