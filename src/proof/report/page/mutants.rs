//! The table of mutants: what is changed, and which checks notice it.

use super::mark;
use crate::proof::{Fate, Mutated, Proof, Verdict};
use crate::report::escape;
use crate::report::layout::{Page, Tone, columns, pad};

/// The widest column of names.
const NAMES: usize = 56;

/// `Dockerfile:12 without USER app`: the name, with the line in it.
fn named(mutant: &Mutated) -> String {
    let what = mutant.name.split_once(": ").map_or(mutant.name.as_str(), |(_, what)| what);
    escape::line(&format!("{} {what}", mutant.place)).into_owned()
}

/// Draws the table, and what to write for the survivors that are fair.
pub(crate) fn draw(page: &mut Page, indent: usize, proof: &Proof) {
    let (mutants, told) = (&proof.mutants, proof.unjudged().filter(|_| !proof.failed()));
    let count = |status: &str| mutants.iter().filter(|mutant| mutant.fate.status() == status).count();
    let counts = [
        ("noticed", "noticed"),
        ("fair", "left alone with a reason"),
        ("needs-engine", "need the engine"),
        ("unjudged", "not judged"),
        ("survived", "not noticed"),
    ];
    let counts = counts.map(|(status, words)| (count(status), words));
    let counts: Vec<String> =
        counts.iter().filter(|(count, _)| *count > 0).map(|(count, words)| format!("{count} {words}")).collect();
    page.prose(indent, (Tone::Strong, "Mutants of the solution   "), Tone::Quiet, &counts.join(", "));
    let names: Vec<String> = mutants.iter().map(named).collect();
    let widest = names.iter().map(|name| columns(name)).filter(|width| *width <= NAMES).max().unwrap_or(NAMES);
    for (mutant, name) in mutants.iter().zip(&names) {
        let (tone, sign) = match &mutant.fate {
            Fate::Noticed(_) => mark(page, &Verdict::Held),
            Fate::Fair(_) | Fate::NeedsEngine => mark(page, &Verdict::LeftOut(String::new())),
            Fate::Survived => mark(page, &Verdict::Failed(Vec::new())),
            Fate::Unjudged(_) => mark(page, &Verdict::Unjudged(String::new())),
        };
        let fate = match &mutant.fate {
            Fate::Noticed(by) => by.join(", "),
            Fate::Fair(reason) => format!("survives: {reason}"),
            Fate::Survived => "no check notices it".to_owned(),
            Fate::NeedsEngine => "needs the engine".to_owned(),
            Fate::Unjudged(_) if proof.interrupted.is_some() => continue,
            // The last line says why.
            Fate::Unjudged(why) if Some(why.as_str()) == told => "could not be judged".to_owned(),
            Fate::Unjudged(why) => format!("could not be judged: {why}"),
        };
        let start = indent + columns(sign) + 1;
        let inline = columns(name) <= widest && start + widest + 2 + columns(&escape::line(&fate)) <= page.width();
        let gap = pad(name, widest);
        if inline {
            page.line(
                indent,
                &[(tone, sign), (Tone::Text, " "), (Tone::Text, &gap), (Tone::Text, "  "), (Tone::Quiet, &fate)],
            );
        } else {
            page.prose(indent, (tone, &format!("{sign} ")), Tone::Text, name);
            page.prose(start + 2, (Tone::Text, ""), Tone::Quiet, &fate);
        }
    }
    survivors(page, indent, mutants);
}

/// What to write for the survivors that are fair.
fn survivors(page: &mut Page, indent: usize, mutants: &[Mutated]) {
    let survivors: Vec<&Mutated> = mutants.iter().filter(|mutant| mutant.fate == Fate::Survived).collect();
    if survivors.is_empty() {
        return;
    }
    page.blank();
    let text = "A mutant that no check notices is a hole in the challenge, or it is fair. Name those that are fair in \
        mutants.yaml, each with its reason:";
    page.prose(indent, (Tone::Text, ""), Tone::Text, text);
    for mutant in survivors {
        let name = format!("- mutant: {}", quoted(&mutant.name));
        page.line(indent + 2, &[(Tone::Command, &name)]);
        page.line(indent + 2, &[(Tone::Command, "  reason: …")]);
    }
}

/// A name as a YAML value.
fn quoted(name: &str) -> String {
    serde_json::Value::from(name).to_string()
}
