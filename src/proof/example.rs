//! The examples of checks: those to pass pass, those to fail fail.

use super::{Item, ProofSection, Verdict};
use crate::challenge::{Check, Example};
use crate::commands;
use crate::compose;
use crate::dockerfile::Dockerfiles;
use crate::dockerignore::Ignore;
use crate::facts::dockerfile::{Content, Input, Sent};
use crate::facts::files::Unread;
use crate::facts::{self, Facts};
use crate::judge;
use crate::outcome::{Finding, Outcome};
use std::collections::BTreeMap;
use std::time::Duration;

/// The static facts of an example's files.
pub fn collect(files: &BTreeMap<String, String>) -> Facts {
    let names: Vec<String> = files.keys().cloned().collect();
    let read = |path: &str| Ok(files.get(path).map(|text| text.clone().into_bytes()));
    let near = facts::near_names::dockerfiles("Dockerfile", &names);
    let parsed = files.get("Dockerfile").map(|text| Dockerfiles::default().parse(text.as_bytes()));
    let content = parsed.as_ref().map_or(Content::Missing, |parsed| Content::File(parsed.file()));
    let ignore = files.get(".dockerignore").map(|text| Ignore::parse(text.as_bytes()));
    let sent = Sent { files: &names, folder: ".", ignore: ignore.as_ref() };
    let input = Input { path: "Dockerfile", content, target: None, build_args: &BTreeMap::new(), near: &near, sent };
    let mut all = facts::repo::collect(&names);
    facts::files::put(&mut all, &files.keys().cloned().collect(), &|path| read(path).map_err(Unread::Machine));
    all.merge(facts::dockerfile::collect(&input).facts);
    all.merge(facts::dockerignore::collect(Ok(ignore.as_ref().map(|ignore| (".dockerignore", ignore))), &names));
    all.merge(facts::compose::collect(compose::load(None, &read).as_ref(), &names));
    let commands = files.get(facts::commands::FILE_NAME).map(|text| commands::parse(text.as_bytes()));
    all.merge(facts::commands::collect(facts::commands::FILE_NAME, Ok(commands.as_ref()), &names));
    all
}

/// Judges a check by all of its examples.
pub fn item(check: &Check) -> Item {
    let mut wrong = Vec::new();
    for (wanted, examples) in [("pass", &check.examples.pass), ("fail", &check.examples.fail)] {
        if examples.is_empty() && check.script.is_none() {
            wrong.push(format!("it has no example of what it has to {wanted}: write one below `examples: {wanted}:`"));
        }
        for (number, example) in (1..).zip(examples) {
            let outcome = judge::example(check, example, &collect).outcome;
            wrong.extend(
                amiss(wanted, &outcome).map(|found| format!("{wanted} {number}: {found} ({})", shown(example))),
            );
        }
    }
    Item {
        section: ProofSection::Examples,
        name: check.id.clone(),
        about: check.title.clone(),
        place: String::new(),
        verdict: Verdict::of(wrong),
        elapsed: Duration::ZERO,
    }
}

/// In which way an example is not judged as it says.
fn amiss(wanted: &str, outcome: &Outcome) -> Option<String> {
    match outcome {
        Outcome::Passed => (wanted == "fail").then(|| "passes, and should fail".to_owned()),
        Outcome::Failed(findings) => {
            (wanted == "pass").then(|| format!("fails, and should pass: {}", findings.first().map_or("", message)))
        }
        Outcome::Skipped(why) | Outcome::Errored(why) => {
            Some(format!("should {wanted}, but it cannot be judged: {why}"))
        }
    }
}

fn message(finding: &Finding) -> &str {
    &finding.message
}

/// What an example gives, for who looks for it in the file.
fn shown(example: &Example) -> String {
    let facts = example.facts.iter().map(|(name, value)| format!("{name}: {value}"));
    let files = example.files.keys().map(|path| format!("file {path}"));
    let steps = example.steps.iter().map(|step| {
        let answer: Vec<String> = step.iter().map(|(name, value)| format!("{name}: {value}")).collect();
        format!("step {{ {} }}", answer.join(", "))
    });
    let all: Vec<String> = facts.chain(files).chain(steps).collect();
    let text = if all.is_empty() { "nothing given".to_owned() } else { all.join(", ") };
    super::mutant::short(&text, 120)
}
