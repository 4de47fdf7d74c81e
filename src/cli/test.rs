//! `grader test`: proves challenges, and judges the examples of checks.

use super::output::{Destinations, color, wait_for, width};
use super::{Failure, course, find, policy};
use crate::challenge::Check;
use crate::challenge::library::{self, Material};
use crate::diagnostic::Error;
use crate::proof::only::Only;
use crate::proof::report;
use crate::proof::report::progress::ProofProgress;
use crate::proof::{self, Options, Proof};
use crate::report::{Format, ReportTarget, Style, escape};
use crate::yaml;
use clap::Args;
use std::fs::{self, File};
use std::io::Read as _;
use std::path::{Path, PathBuf};

/// Prove that a challenge grades fairly: examples, solution, cases, mutants
#[derive(Debug, Args)]
#[allow(clippy::struct_excessive_bools)] // each is a flag of its own
pub struct TestArgs {
    /// Challenges by id, folder or file, courses by their folder, or files of checks [default: the folder you are in]
    #[arg(value_name = "CHALLENGE")]
    pub challenges: Vec<String>,
    /// Test all challenges and checks that are built in
    #[arg(long, conflicts_with = "challenges")]
    pub all: bool,
    /// Only the checks, cases and mutants of these names; * stands for any characters
    #[arg(long, value_name = "NAME")]
    pub only: Vec<String>,
    /// Use no Docker: judge the examples, and what files alone tell
    #[arg(long, conflicts_with = "engine_mutants")]
    pub no_engine: bool,
    /// What the course allows or refuses in Compose files and Dockerfiles beyond checks/policy.yaml, from a file
    #[arg(long, value_name = "FILE")]
    pub policy: Option<PathBuf>,
    /// Also run every mutant that files alone do not tell; takes minutes
    #[arg(long)]
    pub engine_mutants: bool,
    /// How many runs go on at the same time
    #[arg(long, short, value_name = "N", default_value_t = 1, value_parser = clap::value_parser!(u16).range(1..=16))]
    pub jobs: u16,
    /// Also write a report to a file, as in json=report.json (- is stdout); can be repeated
    #[arg(long = "report", value_name = "FORMAT=PATH")]
    pub reports: Vec<ReportTarget>,
    #[arg(long, help = format!("How the result is printed: {}", report::format_names("or")))]
    pub format: Option<Format>,
}

/// What is tested.
enum Tested {
    Challenge(Box<Material>),
    Checks(String, Vec<Check>),
}

/// Proves and reports; the exit code is that of the worst.
pub fn run(args: &TestArgs) -> Result<u8, Failure> {
    let to = Destinations::prepare(args.format, &args.reports, None)?;
    let subjects = subjects(args)?;
    let only = Only::new(&args.only);
    let (policies, subjects): (Vec<_>, Vec<_>) = subjects.into_iter().unzip();
    // A course's own policy holds for its units, unless another one is named.
    let policies =
        policies.iter().map(|own: &Option<PathBuf>| policy::read(args.policy.as_deref().or(own.as_deref()), None));
    let policies = policies.collect::<Result<Vec<_>, _>>()?;
    let mut options = Options {
        jobs: args.jobs.into(),
        only,
        no_engine: args.no_engine,
        engine_mutants: args.engine_mutants,
        policy: policy::read(None, None)?,
    };
    let progress = ProofProgress::on_stderr();
    let listener = |event: proof::ProofEvent<'_>| progress.on(&event);
    let mut proofs: Vec<Proof> = Vec::new();
    for (subject, policy) in subjects.iter().zip(policies) {
        options.policy = policy;
        let proof = match subject {
            Tested::Challenge(material) => wait_for(proof::prove(material, &options, &listener))?,
            Tested::Checks(place, checks) => proof::checks(place, checks, &options, &listener),
        };
        let stopped = proof.interrupted.is_some();
        proofs.push(proof);
        if stopped {
            break;
        }
    }
    progress.finish();
    if !options.only.is_everything() && proofs.iter().all(|it| it.items.is_empty() && it.mutants.is_empty()) {
        let what = format!("nothing is called {}", args.only.join(" or "));
        return Err(Failure::usage(
            what,
            "Write the id of a check, the name of a case or a mutant, `starter` or `solution`; * stands for any characters.",
        ));
    }
    to.write(|format, in_file| {
        let style = Style { width: width(), color: color() && !in_file, ..Style::default() };
        report::render(&proofs, format, &style)
    })?;
    Ok(report::exit_code(&proofs))
}

/// What is tested, each with the policy of its course.
fn subjects(args: &TestArgs) -> Result<Vec<(Option<PathBuf>, Tested)>, Failure> {
    if args.all {
        let mut all = vec![Tested::Checks("checks".to_owned(), library::checks().map_err(|error| wrong(&error))?)];
        for id in library::ids() {
            all.push(subject(id)?);
        }
        return Ok(all.into_iter().map(|tested| (None, tested)).collect());
    }
    if args.challenges.is_empty() {
        let here = Path::new(".");
        let is_some = |name: &str| here.join(name).is_file();
        if !is_some("challenge.yaml") && !is_some(library::COURSE_FILE) && check_files(here).is_empty() {
            return Err(Failure::usage(
                "there is no challenge.yaml here, and no check",
                "Name a challenge, as in grader test my-challenge; grader list shows those that are built in.",
            ));
        }
        return named(".");
    }
    let all: Result<Vec<_>, Failure> = args.challenges.iter().map(|name| named(name)).collect();
    Ok(all?.into_iter().flatten().collect())
}

/// What a name means: the shared checks and the units of a course, or one thing.
fn named(name: &str) -> Result<Vec<(Option<PathBuf>, Tested)>, Failure> {
    let Some(course) = course::course(name)? else { return Ok(vec![(None, subject(name)?)]) };
    let mut all = Vec::new();
    if let Some(folder) = &course.checks {
        let checks: Result<Vec<Check>, Failure> = check_files(folder).iter().map(|path| check(path)).collect();
        all.push((None, Tested::Checks(folder.display().to_string(), checks?)));
    }
    for unit in &course.units {
        all.push((course.policy.clone(), subject(&unit.selector)?));
    }
    Ok(all)
}

/// A challenge by its id, folder or file, or checks by their id, file or folder.
fn subject(name: &str) -> Result<Tested, Failure> {
    let path = Path::new(name);
    let is_id = library::ids().contains(&name);
    if !is_id && path.is_file() && !is_challenge(path)? {
        return Ok(Tested::Checks(name.to_owned(), vec![check(path)?]));
    }
    if !is_id && path.is_dir() && !path.join("challenge.yaml").is_file() {
        let files = check_files(path);
        if files.is_empty() {
            let what = format!("there is no challenge.yaml in {}, and no check", escape::line(name));
            return Err(Failure::usage(what, "A challenge is a folder with a challenge.yaml in it."));
        }
        let checks: Result<Vec<Check>, Failure> = files.iter().map(|path| check(path)).collect();
        return Ok(Tested::Checks(name.to_owned(), checks?));
    }
    if !is_id && !path.exists() && library::check_ids().contains(&name) {
        return Ok(Tested::Checks(name.to_owned(), vec![find::check(name, None)?]));
    }
    library::material(name).map(|material| Tested::Challenge(Box::new(material))).map_err(|error| wrong(&error))
}

/// The files of checks in a folder, and in its folder `checks`.
fn check_files(folder: &Path) -> Vec<PathBuf> {
    let here = |folder: PathBuf| {
        let entries = fs::read_dir(folder).into_iter().flatten().flatten().map(|entry| entry.path());
        entries.filter(|path| path.extension().is_some_and(|it| it == "yaml") && path.is_file())
    };
    let is_check = |path: &PathBuf| {
        let bytes = read(path).unwrap_or_default();
        yaml::parse(bytes).is_ok_and(|node| node.get("id").is_some() && node.get("title").is_some())
    };
    // In `checks` every file is one, a wrong one too.
    let mut files: Vec<PathBuf> = here(folder.to_owned()).filter(is_check).chain(here(folder.join("checks"))).collect();
    files.sort();
    files
}

fn check(path: &Path) -> Result<Check, Failure> {
    library::check(&path.display().to_string(), read(path)?).map_err(|error| wrong(&error))
}

/// Whether a file is a challenge, and not a check.
fn is_challenge(path: &Path) -> Result<bool, Failure> {
    let named = path.file_name().is_some_and(|name| name == "challenge.yaml");
    Ok(named || yaml::parse(read(path)?).is_ok_and(|node| node.get("checks").is_some()))
}

fn read(path: &Path) -> Result<Vec<u8>, Failure> {
    let mut bytes = Vec::new();
    let limit = yaml::MAX_BYTES as u64 + 1;
    let read = File::open(path).and_then(|file| file.take(limit).read_to_end(&mut bytes));
    read.map_err(|error| Failure::usage(format!("{}: cannot be read: {error}", path.display()), ""))?;
    Ok(bytes)
}

fn wrong(error: &Error) -> Failure {
    Failure::usage(error.to_string(), "")
}
