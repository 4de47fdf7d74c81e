//! `grader explain`: why a check matters, its hints, and examples that pass and fail; or the reference of all there is.

use super::memory::Memory;
use super::{Failure, find, output, reference, settings, weight};
use crate::causes::{self, Cause};
use crate::challenge::library::glossary::{self, Term};
use crate::challenge::{Check, Example, Teaching};
use crate::report::layout::{Page, Tone};
use crate::run::plan;
use clap::{Args, ValueEnum};
use std::path::PathBuf;

/// Explain a check, a cause or a term: why it matters, hints, examples; --all prints the reference
#[derive(Debug, Args)]
pub struct ExplainArgs {
    /// A check or a cause by its id, a step by its number, or a term of Docker's [default: the first step that failed last time]
    #[arg(value_name = "CHECK|STEP|CAUSE|TERM")]
    pub name: Option<String>,
    /// The folder with your work
    #[arg(long, default_value = ".")]
    pub path: PathBuf,
    /// Show the facts with which the check passes and fails, too
    #[arg(long)]
    pub facts: bool,
    /// Look in this challenge too, by its id or the path of its folder
    #[arg(long, value_name = "ID|PATH")]
    pub challenge: Option<String>,
    /// Print the reference instead: facts, matchers, steps, keys and all checks
    #[arg(long, conflicts_with_all = ["name", "challenge", "facts"])]
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
    if args.all {
        let reference = reference::reference()?;
        match args.format {
            ReferenceFormat::Text => reference::text::draw(&mut page, &reference),
            ReferenceFormat::Markdown => return output::print(&reference::markdown::text(&reference)).map(|()| 0),
        }
        output::print(&page.finish())?;
        return Ok(0);
    }
    let mut code = 0;
    let memory = Memory::load(&args.path);
    let named = args.challenge.clone().or(settings::challenge(&args.path)?);
    let named = named.or_else(|| memory.last_challenge().map(|last| last.named.clone()));
    if let Some(cause) = args.name.as_deref().and_then(|id| cause(id, named.as_deref())) {
        draw_cause(&mut page, &cause);
    } else if let Some(term) = args.name.as_deref().and_then(|name| term(name, args.challenge.as_deref())) {
        draw_term(&mut page, &term);
    } else {
        let check = match (&args.name, &named) {
            (Some(id), _) if id.parse::<u32>().is_err() => {
                find::check(id, args.challenge.as_deref()).map_err(|failure| Failure {
                    next: glossary::near(id).map_or(failure.next, |near| format!("The glossary has `{near}`.")),
                    ..failure
                })?
            }
            (name, Some(named)) => step(name.as_deref(), named, &memory)?,
            (_, None) => {
                let help = "Name a check or a cause, or a challenge with --challenge. grader list shows them.";
                return Err(Failure::usage("nothing was graded here yet", help));
            }
        };
        draw(&mut page, &check, args.facts);
        let known =
            named.as_deref().and_then(|named| memory.cause(find::challenge(named).ok()?.id.as_str(), &check.id));
        if let Some(cause) = known {
            page.blank();
            page.prose(0, (Tone::Quiet, &label("cause")), Tone::Text, &cause.says);
            page.line(LABEL, &[(Tone::Command, &format!("grader explain {}", cause.id))]);
        }
        if let Some(named) = named.as_deref().filter(|_| weight::is_about_size(&check)) {
            code = weight::draw(&mut page, &check, named, &args.path);
        }
    }
    output::print(&page.finish())?;
    Ok(code)
}

/// The check of a step, or the first that failed last time.
fn step(number: Option<&str>, named: &str, memory: &Memory) -> Result<Check, Failure> {
    let challenge = find::challenge(named)?;
    let all = plan::select(&challenge, &[], &[]).unwrap_or_default();
    let wanted = all.iter().find(|planned| match number {
        Some(number) => planned.step.is_some_and(|step| step.to_string() == number),
        None => memory.failed(&challenge.id, &planned.check.id),
    });
    match (wanted, number) {
        (Some(planned), _) => find::check(&planned.check.id, Some(named)),
        (None, Some(number)) => Err(Failure::usage(
            format!("{} has no step {number}", challenge.id),
            "grader list CHALLENGE shows its steps.",
        )),
        (None, None) => Err(Failure::usage("no step failed last time", "Name one: grader explain 1")),
    }
}

/// A term of the glossary, unless a check has that name.
fn term(name: &str, challenge: Option<&str>) -> Option<Term> {
    glossary::find(name).filter(|_| find::check(name, challenge).is_err())
}

/// A cause of the challenge, or one that comes with grader.
fn cause(id: &str, challenge: Option<&str>) -> Option<Cause> {
    let challenge = challenge.and_then(|named| find::challenge(named).ok()).unwrap_or_default();
    causes::of_challenge(&challenge).0.into_iter().find(|cause| cause.id == id)
}

fn draw_cause(page: &mut Page, cause: &Cause) {
    page.line(0, &[(Tone::Strong, &cause.says), (Tone::Quiet, &format!("   {}", cause.id))]);
    page.blank();
    page.prose(0, (Tone::Quiet, &label("means")), Tone::Text, &cause.means);
    page.prose(0, (Tone::Quiet, &label("next")), Tone::Text, &cause.next);
    page.blank();
    hints(page, &cause.hints);
    page.prose(0, (Tone::Quiet, &label("learn")), Tone::Command, cause.learn.as_deref().unwrap_or("-"));
}

fn draw_term(page: &mut Page, term: &Term) {
    let also = if term.also.is_empty() { String::new() } else { format!("   also: {}", term.also.join(", ")) };
    page.line(0, &[(Tone::Strong, &term.name), (Tone::Quiet, &also)]);
    page.blank();
    page.prose(0, (Tone::Text, ""), Tone::Text, &term.says);
    page.blank();
    page.prose(0, (Tone::Quiet, &label("see")), Tone::Command, &term.see.join(", "));
    page.prose(0, (Tone::Quiet, &label("learn")), Tone::Command, &term.learn);
}

fn draw(page: &mut Page, check: &Check, with_facts: bool) {
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
    hints(page, &check.hints);
    examples(page, Tone::Good, "passes", &check.examples.pass, with_facts);
    examples(page, Tone::Bad, "fails", &check.examples.fail, with_facts);
}

fn hints(page: &mut Page, hints: &[String]) {
    for (index, hint) in hints.iter().enumerate() {
        let name = if index == 0 { label("hints") } else { label("") };
        page.hanging(0, &[(Tone::Quiet, &name), (Tone::Command, &format!("{}. ", index + 1))], Tone::Text, hint);
    }
}

fn label(name: &str) -> String {
    format!("{name:LABEL$}")
}

fn examples(page: &mut Page, tone: Tone, name: &str, examples: &[Example], with_facts: bool) {
    let examples: Vec<&Example> = examples.iter().filter(|example| with_facts || !example.files.is_empty()).collect();
    page.blank();
    let mut first = true;
    for (index, example) in examples.iter().enumerate() {
        if index > 0 {
            page.blank();
        }
        let mut label = || (tone, label(if std::mem::take(&mut first) { name } else { "" }));
        for (fact, value) in example.facts.iter().filter(|_| with_facts) {
            let value = value.as_str().map_or_else(|| value.to_string(), ToOwned::to_owned);
            let (tone, label) = label();
            page.prose(0, (tone, &label), Tone::Text, &format!("{fact}: {value}"));
        }
        let answers = example.steps.iter().enumerate().filter(|_| with_facts);
        for (index, (fact, value)) in answers.flat_map(|(index, facts)| facts.iter().map(move |it| (index, it))) {
            let value = value.as_str().map_or_else(|| value.to_string(), ToOwned::to_owned);
            let (tone, label) = label();
            page.prose(0, (tone, &label), Tone::Text, &format!("step {}: {fact}: {value}", index + 1));
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
