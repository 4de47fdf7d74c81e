//! `grader new`: a check or a challenge to begin with, which is right already. It never overwrites a file.

use super::init::{in_the_way, write_all};
use super::{Failure, output};
use crate::challenge::{StarterFile, library};
use crate::report::escape;
use crate::report::layout::Tone;
use crate::schema;
use clap::{Args, Subcommand};
use include_dir::{Dir, include_dir};
use std::collections::BTreeMap;
use std::path::{Path, PathBuf};

/// Begin a check or a challenge of your own
#[derive(Debug, Args)]
pub struct NewArgs {
    /// What to begin
    #[command(subcommand)]
    pub what: New,
}

/// What can be begun.
#[derive(Debug, Subcommand)]
pub enum New {
    Check(NewCheckArgs),
    Challenge(NewChallengeArgs),
}

/// A check: one file
#[derive(Debug, Args)]
pub struct NewCheckArgs {
    /// Its id: lower case, digits and hyphens
    pub id: String,
    /// The folder that it is written to [default: checks, if there is such a folder, else this one]
    pub dir: Option<PathBuf>,
}

/// A challenge: a folder with a starter, a solution, a case and a check of its own
#[derive(Debug, Args)]
pub struct NewChallengeArgs {
    /// Its id: lower case, digits and hyphens
    pub id: String,
    /// Where to begin it [default: a new folder named like it]
    pub dir: Option<PathBuf>,
}

static CHALLENGE: Dir<'_> = include_dir!("$CARGO_MANIFEST_DIR/src/cli/new/challenge");
static CHECK: &str = include_str!("new/check.yaml");

/// The schema's file, which the first line of a check names.
const SCHEMA: &str = "schema.json";
/// The schema's file of cases.
const CASE_SCHEMA: &str = "case.schema.json";

/// Writes the files and says what to do next.
pub fn run(args: &NewArgs) -> Result<u8, Failure> {
    match &args.what {
        New::Check(args) => check(args),
        New::Challenge(args) => challenge(args),
    }
}

fn check(args: &NewCheckArgs) -> Result<u8, Failure> {
    id(&args.id)?;
    let checks = Path::new("checks");
    let here = || if checks.is_dir() { checks } else { Path::new(".") }.to_owned();
    let folder = args.dir.clone().unwrap_or_else(here);
    let name = format!("{}.yaml", args.id);
    let mut files = BTreeMap::new();
    // In a challenge the schema lies beside challenge.yaml.
    let is_above = folder.join("..").join(SCHEMA).is_file();
    let schema = if is_above { format!("../{SCHEMA}") } else { SCHEMA.to_owned() };
    let text = filled(CHECK, &args.id).replace("SCHEMA_HERE", &schema);
    files.insert(name.clone(), file(text.into_bytes()));
    if !is_above && !folder.join(SCHEMA).exists() {
        files.insert(SCHEMA.to_owned(), file(schema::text().into_bytes()));
    }
    in_the_way(&folder, &files, "grader new check ID DIR")?;
    write_all(&folder, &files)?;
    let path = shown(&folder.join(name));
    done(&files, &folder, &[&format!("grader lint {path}"), "grader facts --list"])
}

fn challenge(args: &NewChallengeArgs) -> Result<u8, Failure> {
    id(&args.id)?;
    let folder = args.dir.clone().unwrap_or_else(|| PathBuf::from(&args.id));
    let mut files = BTreeMap::new();
    collect(&CHALLENGE, &args.id, &mut files);
    files.insert(SCHEMA.to_owned(), file(schema::text().into_bytes()));
    files.insert(CASE_SCHEMA.to_owned(), file(schema::case_text().into_bytes()));
    in_the_way(&folder, &files, "grader new challenge ID DIR")?;
    write_all(&folder, &files)?;
    let path = shown(&folder);
    // A name alone would mean one that is built in.
    let named = if path.contains('/') { path.clone() } else { format!("./{path}") };
    done(
        &files,
        &folder,
        &[
            &format!("grader lint {path}"),
            &format!("grader test {named}"),
            &format!("grader check --challenge {named} {path}/solution"),
        ],
    )
}

fn collect(dir: &Dir<'_>, id: &str, files: &mut BTreeMap<String, StarterFile>) {
    for entry in dir.files() {
        let Some(path) = entry.path().to_str() else { continue };
        let text = filled(&String::from_utf8_lossy(entry.contents()), id);
        files.insert(path.replace('\\', "/"), file(text.into_bytes()));
    }
    for dir in dir.dirs() {
        collect(dir, id, files);
    }
}

fn file(content: Vec<u8>) -> StarterFile {
    StarterFile { content, executable: false }
}

/// A template with its id, and a title made of it.
fn filled(template: &str, id: &str) -> String {
    let title = id.replace('-', " ");
    let mut letters = title.chars();
    let first: String = letters.next().into_iter().flat_map(char::to_uppercase).collect();
    template.replace("ID_HERE", id).replace("TITLE_HERE", &format!("{first}{}", letters.as_str()))
}

fn id(id: &str) -> Result<(), Failure> {
    if library::is_id(id) {
        return Ok(());
    }
    Err(Failure::usage(format!("`{id}` is no id"), "Write it in lower case, with digits and hyphens: exposes-port"))
}

fn shown(path: &Path) -> String {
    escape::shell_word(&path.strip_prefix(".").unwrap_or(path).display().to_string()).into_owned()
}

fn done(files: &BTreeMap<String, StarterFile>, folder: &Path, next: &[&str]) -> Result<u8, Failure> {
    let mut page = output::page();
    let many = if files.len() == 1 { "1 file".to_owned() } else { format!("{} files", files.len()) };
    let told = format!("{many} written to {}", folder.display());
    page.prose(0, (Tone::Good, page.sign("✓ ", "")), Tone::Text, &told);
    page.blank();
    for (index, command) in next.iter().enumerate() {
        page.line(0, &[(Tone::Strong, if index == 0 { "Next    " } else { "        " }), (Tone::Command, command)]);
    }
    output::print(&page.finish())?;
    Ok(0)
}
