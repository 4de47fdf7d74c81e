//! `grader lint`: everything that is wrong with an instructor's files, each with its place.

use super::output::TextOrJson;
use super::{Failure, failure, output};
use crate::lint::{self, Linted, Severity, Shortcoming};
use crate::report::escape;
use clap::Args;
use serde_json::{Value, json};
use std::fmt::Write as _;
use std::path::{Path, PathBuf};

/// Find everything that is wrong with your checks and challenges
#[derive(Debug, Args)]
pub struct LintArgs {
    /// Checks, challenges, or folders of them
    #[arg(default_value = ".")]
    pub paths: Vec<PathBuf>,
    /// First write the table of steps into each challenge's README, between its marks
    #[arg(long)]
    pub fix: bool,
    /// Warnings are errors, too
    #[arg(long)]
    pub strict: bool,
    /// How the problems are printed
    #[arg(long, value_enum, default_value_t = TextOrJson::Text)]
    pub format: TextOrJson,
}

/// Prints what is wrong.
pub fn run(args: &LintArgs) -> Result<u8, Failure> {
    let fixed = if args.fix { lint::fix(&args.paths) } else { Ok(Vec::new()) };
    let fixed = fixed.map_err(|error| Failure::machine(format!("cannot write a README: {error}"), ""))?;
    let linted = lint::lint(&args.paths);
    match args.format {
        TextOrJson::Text => {
            let written = fixed.iter().fold(String::new(), |told, path| told + "wrote " + &shown(path) + "\n\n");
            output::print(&(written + &text(&linted)))?;
        }
        TextOrJson::Json => {
            let text = serde_json::to_string_pretty(&document(&linted))
                .map_err(|error| Failure::machine(format!("cannot write the problems: {error}"), ""))?;
            output::print(&format!("{}\n", escape::json(&text)))?;
        }
    }
    let fails = |problem: &Shortcoming| args.strict || problem.severity == Severity::Error;
    Ok(if linted.problems.iter().any(fails) { failure::WRONG_USE } else { 0 })
}

fn shown(path: &Path) -> String {
    escape::line(&path.strip_prefix(".").unwrap_or(path).display().to_string()).into_owned()
}

fn text(linted: &Linted) -> String {
    let mut text = String::new();
    for problem in &linted.problems {
        let mut diagnostic = problem.diagnostic.clone();
        diagnostic.message = format!("{}: {}", problem.severity.name(), diagnostic.message);
        let _ = write!(text, "{diagnostic}\n\n"); // a string takes all
    }
    let (errors, warnings) = (linted.count(Severity::Error), linted.count(Severity::Warning));
    let told: Vec<String> = [(errors, "error"), (warnings, "warning")]
        .into_iter()
        .filter(|(count, _)| *count > 0)
        .map(|(count, what)| many(count, what))
        .collect();
    let told = if told.is_empty() { "no problems".to_owned() } else { told.join(", ") };
    let _ = writeln!(text, "{}, {told}", many(linted.files, "file"));
    text
}

fn many(count: usize, what: &str) -> String {
    format!("{count} {what}{}", if count == 1 { "" } else { "s" })
}

fn document(linted: &Linted) -> Value {
    let problems = linted.problems.iter().map(|problem| {
        let it = &problem.diagnostic;
        json!({
            "severity": problem.severity.name(),
            "rule": problem.rule,
            "path": it.path,
            "line": it.span.map(|span| span.line),
            "column": it.span.map(|span| span.column),
            "end_line": it.span.map(|span| span.end_line),
            "end_column": it.span.map(|span| span.end_column),
            "message": it.message,
            "nearest": it.nearest,
            "allowed": it.allowed,
            "help": it.help,
        })
    });
    json!({
        "schema": "grader.lint/v1",
        "files": linted.files,
        "errors": linted.count(Severity::Error),
        "warnings": linted.count(Severity::Warning),
        "problems": problems.collect::<Vec<_>>(),
    })
}
