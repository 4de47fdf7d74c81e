//! `grader facts`: what grader sees in a repository.

use super::output::{TextOrJson, print, wait_for};
use super::policy::PolicyArgs;
use super::{Failure, check, fact_table, output};
use crate::challenge::{Challenge, Check, Subject};
use crate::compose::roles::Role;
use crate::engine::image::build;
use crate::facts::Facts;
use crate::facts::json::FactsDocument;
use crate::language::condition::{Condition, Expectation};
use crate::language::matcher::Matcher;
use crate::report::escape;
use crate::report::progress::Progress;
use crate::repository::Repository;
use crate::run::{reading, runner};
use clap::Args;
use std::collections::BTreeMap;
use std::path::{Path, PathBuf};

/// Show what grader sees in your work
#[derive(Debug, Args)]
pub struct FactsArgs {
    /// The folder with your work
    #[arg(default_value = ".")]
    pub path: PathBuf,
    /// Read this Dockerfile
    #[arg(long, value_name = "FILE")]
    pub dockerfile: Option<PathBuf>,
    /// How the facts are printed
    #[arg(long, value_enum, default_value_t = TextOrJson::Text)]
    pub format: TextOrJson,
    /// Build and run too, for the facts that need Docker
    #[arg(long)]
    pub all: bool,
    /// What is run at all
    #[command(flatten)]
    pub policy: PolicyArgs,
    /// List the facts there are, with their types, instead
    #[arg(long, conflicts_with_all = ["dockerfile", "all"])]
    pub list: bool,
}

/// Prints the facts of a repository, or the list of those there are.
pub fn run(args: &FactsArgs) -> Result<u8, Failure> {
    let mut page = output::page();
    if args.list {
        fact_table::draw_registry(&mut page);
        print(&page.finish())?;
        return Ok(0);
    }
    let facts = if args.all { collect_all(args)? } else { read(args)? };
    match args.format {
        TextOrJson::Text => {
            fact_table::draw(&mut page, &facts);
            print(&page.finish())?;
        }
        TextOrJson::Json => {
            let text = serde_json::to_string_pretty(&FactsDocument(&facts))
                .map_err(|error| Failure::machine(format!("cannot write the facts: {error}"), ""))?;
            print(&format!("{}\n", escape::json(&text)))?;
        }
    }
    Ok(0)
}

/// The facts that need no engine; starts no process.
fn read(args: &FactsArgs) -> Result<Facts, Failure> {
    let (path, dockerfile) = place(args)?;
    let repository = Repository::open(path).map_err(|error| Failure::usage(error.to_string(), ""))?;
    let reading = reading::read(repository, &everything(dockerfile), false, true, &|_| ());
    reading.map(|reading| reading.facts).map_err(check::failure)
}

/// All facts: builds, runs, brings up.
fn collect_all(args: &FactsArgs) -> Result<Facts, Failure> {
    let (path, dockerfile) = place(args)?;
    let request = runner::Request {
        path,
        only: Vec::new(),
        skip: Vec::new(),
        static_only: false,
        pass_mark: None,
        limit: build::LIMIT,
        no_egress: false,
        keep: false,
        seed: None,
        policy: args.policy.read(&args.path)?,
    };
    let progress = Progress::on_stderr();
    let challenge = everything(dockerfile);
    let report = wait_for(runner::check(&request, &challenge, &|event| progress.on(&event)));
    progress.finish();
    Ok(report?.map_err(check::failure)?.facts)
}

/// The folder, and the Dockerfile in it: one that is named may also be given as seen from here, or lie elsewhere.
fn place(args: &FactsArgs) -> Result<(PathBuf, Option<String>), Failure> {
    let Some(named) = &args.dockerfile else { return Ok((args.path.clone(), None)) };
    let missing = |error| {
        Failure::usage(format!("{}: {error}", named.display()), "Name a file, as in --dockerfile Dockerfile.dev")
    };
    let below = args.path.join(named);
    let file = if below.symlink_metadata().is_ok() { below } else { named.clone() };
    let folder = file.parent().filter(|folder| !folder.as_os_str().is_empty()).unwrap_or(Path::new("."));
    let folder = folder.canonicalize().map_err(missing)?;
    let name = Path::new(file.file_name().unwrap_or_default());
    let root = args.path.canonicalize().unwrap_or_default();
    let (root, relative) = match folder.strip_prefix(&root) {
        Ok(inside) if !root.as_os_str().is_empty() => (args.path.clone(), inside.join(name)),
        _ => (folder, name.to_owned()),
    };
    let parts: Vec<_> = relative.iter().map(|part| part.to_string_lossy()).collect();
    Ok((root, Some(parts.join("/"))))
}

/// A challenge that asks for nothing but to look at all there is.
fn everything(dockerfile: Option<String>) -> Challenge {
    let dockerfile = dockerfile.unwrap_or_else(|| "Dockerfile".to_owned());
    let look = |name: &str| {
        Expectation::from(Condition::Fact(name.split('.').map(str::to_owned).collect(), Matcher::Present(true)))
    };
    let check = Check {
        id: "facts".into(),
        title: "Facts".into(),
        expect: ["context.bytes", "image.builds", "image.largest", "container.state", "stack.up"].map(look).into(),
        ..Check::default()
    };
    Challenge {
        id: "facts".into(),
        title: "Facts".into(),
        subject: Subject { dockerfile: dockerfile.clone(), service: Some("app".into()), ..Subject::default() },
        roles: BTreeMap::from([("app".to_owned(), Role::BuiltFrom(dockerfile))]),
        checks: vec![check],
        ..Challenge::default()
    }
}
