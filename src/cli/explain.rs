//! `grader explain`: why a check matters, its hints, and examples that pass and fail; or the reference of all there is.

use super::{Failure, find, output, reference};
use crate::challenge::{Check, Example, Teaching};
use crate::report::layout::{Page, Tone};
use clap::{Args, ValueEnum};

/// Explain a check: why it matters, hints, examples; --all is the reference of all there is
#[derive(Debug, Args)]
pub struct ExplainArgs {
    /// The check's id, as `grader list CHALLENGE` shows it
    #[arg(required_unless_present = "all")]
    pub check: Option<String>,
    /// Look in this challenge too, by its id or the path of its folder
    #[arg(long, value_name = "ID|PATH")]
    pub challenge: Option<String>,
    /// Print the reference instead: facts, matchers, steps, keys and all checks
    #[arg(long, conflicts_with_all = ["check", "challenge"])]
    pub all: bool,
    /// How the reference is printed
    #[arg(long, value_enum, requires = "all", default_value_t = ReferenceFormat::Text)]
    pub format: ReferenceFormat,
}

/// How the reference is printed.
#[derive(Debug, Clone, Copy, PartialEq, Eq, ValueEnum)]
pub enum ReferenceFormat {
    /// For a terminal
    Text,
    /// For a page
    Markdown,
}

/// Columns of the labels.
const LABEL: usize = 8;

/// Prints the explanation.
pub fn run(args: &ExplainArgs) -> Result<u8, Failure> {
    let mut page = output::page();
    let Some(id) = &args.check else {
        let reference = reference::reference()?;
        match args.format {
            ReferenceFormat::Text => reference::text::draw(&mut page, &reference),
            ReferenceFormat::Markdown => return output::print(&reference::markdown::text(&reference)).map(|()| 0),
        }
        output::print(&page.finish())?;
        return Ok(0);
    };
    let check = find::check(id, args.challenge.as_deref())?;
    draw(&mut page, &check);
    output::print(&page.finish())?;
    Ok(0)
}

fn draw(page: &mut Page, check: &Check) {
    page.line(0, &[(Tone::Strong, &check.title), (Tone::Quiet, &format!("   {}", check.id))]);
    page.blank();
    let Teaching { task, learn, reflect } = &check.teaching;
    if let Some(task) = task {
        page.prose(0, (Tone::Quiet, &label("task")), Tone::Text, task);
    }
    page.prose(0, (Tone::Quiet, &label("why")), Tone::Text, &check.why);
    for (name, text) in [("learn", learn), ("reflect", reflect)] {
        if let Some(text) = text {
            page.prose(0, (Tone::Quiet, &label(name)), Tone::Text, text);
        }
    }
    if !check.hints.is_empty() {
        page.blank();
    }
    for (index, hint) in check.hints.iter().enumerate() {
        let name = if index == 0 { label("hints") } else { label("") };
        page.hanging(0, &[(Tone::Quiet, &name), (Tone::Command, &format!("{}. ", index + 1))], Tone::Text, hint);
    }
    examples(page, Tone::Good, "passes", &check.examples.pass);
    examples(page, Tone::Bad, "fails", &check.examples.fail);
}

fn label(name: &str) -> String {
    format!("{name:LABEL$}")
}

fn examples(page: &mut Page, tone: Tone, name: &str, examples: &[Example]) {
    page.blank();
    let mut first = true;
    for (index, example) in examples.iter().enumerate() {
        if index > 0 {
            page.blank();
        }
        let mut label = || (tone, label(if std::mem::take(&mut first) { name } else { "" }));
        for (fact, value) in &example.facts {
            let value = value.as_str().map_or_else(|| value.to_string(), ToOwned::to_owned);
            let (tone, label) = label();
            page.prose(0, (tone, &label), Tone::Text, &format!("{fact}: {value}"));
        }
        for (path, text) in &example.files {
            let (tone, label) = label();
            page.prose(0, (tone, &label), Tone::Text, path);
            let gutter = page.sign("│ ", "| ").to_owned();
            for line in text.lines() {
                page.prose(LABEL, (Tone::Quiet, &gutter), Tone::Text, line);
            }
        }
    }
}
