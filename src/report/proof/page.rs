//! Proofs for people: what was tried, what is not as it should be, and the table of mutants.

use crate::proof::{Fate, Item, Mutated, Proof, Section, Verdict};
use crate::report::escape;
use crate::report::layout::{Page, Tone, columns, pad};

/// Everything stands this far in on a terminal.
const INDENT: usize = 2;
/// The widest column of names.
const NAMES: usize = 56;

/// Draws all proofs; the last line says what came of them.
pub(super) fn draw(page: &mut Page, proofs: &[Proof]) {
    let indent = if page.ascii { 0 } else { INDENT };
    for proof in proofs {
        page.blank();
        one(page, indent, proof);
    }
    page.blank();
    let (tone, text) = verdict(proofs);
    page.prose(indent, (Tone::Text, ""), tone, &text);
}

fn one(page: &mut Page, indent: usize, proof: &Proof) {
    page.prose(indent, (Tone::Text, ""), Tone::Strong, &proof.title);
    if proof.place != proof.title {
        page.prose(indent, (Tone::Text, ""), Tone::Quiet, &proof.place);
    }
    page.blank();
    for section in [Section::Examples, Section::Starter, Section::Solution, Section::Cases] {
        let items: Vec<&Item> = proof.section(section).collect();
        if !items.is_empty() {
            summary(page, indent, section, &items);
        }
    }
    // What the last line says is not said again.
    let told = proof.unjudged();
    for item in &proof.items {
        let wrong = match &item.verdict {
            Verdict::Failed(wrong) => wrong.clone(),
            Verdict::Unjudged(why) if Some(why.as_str()) != told => vec![why.clone()],
            _ => continue,
        };
        page.blank();
        detail(page, indent, item, &wrong);
    }
    if !proof.mutants.is_empty() {
        page.blank();
        mutants(page, indent, &proof.mutants);
        survivors(page, indent, proof);
    }
}

/// What to write for the survivors that are fair.
fn survivors(page: &mut Page, indent: usize, proof: &Proof) {
    let survivors: Vec<&Mutated> = proof.mutants.iter().filter(|mutant| mutant.fate == Fate::Survived).collect();
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

fn mark(page: &Page, verdict: &Verdict) -> (Tone, &'static str) {
    match verdict {
        Verdict::Held => (Tone::Good, if page.ascii { "OK  " } else { "✓" }),
        Verdict::Failed(_) => (Tone::Bad, if page.ascii { "FAIL" } else { "✗" }),
        Verdict::LeftOut(_) => (Tone::Quiet, if page.ascii { "SKIP" } else { "–" }),
        Verdict::Unjudged(_) => (Tone::Doubt, if page.ascii { "????" } else { "!" }),
    }
}

/// One line for a part of the proof.
fn summary(page: &mut Page, indent: usize, section: Section, items: &[&Item]) {
    let rank = |verdict: &Verdict| match verdict {
        Verdict::Held => 0,
        Verdict::LeftOut(_) => 1,
        Verdict::Unjudged(_) => 2,
        Verdict::Failed(_) => 3,
    };
    let Some(worst) = items.iter().map(|item| &item.verdict).max_by_key(|verdict| rank(verdict)) else { return };
    let count = |status: &str| items.iter().filter(|item| item.verdict.status() == status).count();
    let of = format!("{} of {}", count("held"), items.len());
    let mut text = match (section, worst) {
        (_, Verdict::LeftOut(why)) => why.clone(),
        (_, Verdict::Unjudged(_)) if count("unjudged") == items.len() => "could not be judged".to_owned(),
        (Section::Examples, _) => format!("{of} checks are judged as their examples say"),
        (Section::Starter, Verdict::Held) => "does not pass, and says what to do".to_owned(),
        (Section::Solution, Verdict::Held) => "gets every point, three times the same".to_owned(),
        (Section::Starter | Section::Solution, _) => "is not as it should be".to_owned(),
        (Section::Cases | Section::Mutants, _) => format!("{of} fail exactly what they name"),
    };
    if (1..items.len()).contains(&count("unjudged")) {
        text = format!("{text}, {} could not be judged", count("unjudged"));
    }
    let (tone, sign) = mark(page, worst);
    let name = format!(" {:<9} ", section.name());
    page.hanging(indent, &[(tone, sign), (Tone::Text, &name)], Tone::Quiet, &text);
}

fn detail(page: &mut Page, indent: usize, item: &Item, wrong: &[String]) {
    let (tone, sign) = mark(page, &item.verdict);
    let label = match item.section {
        Section::Examples => "examples of ",
        Section::Cases => "case ",
        Section::Mutants => "mutants.yaml: ",
        Section::Starter | Section::Solution => "",
    };
    let name = format!(" {label}{}", item.name);
    page.line(indent, &[(tone, sign), (Tone::Strong, &name)]);
    let inner = indent + columns(sign) + 1;
    if !item.place.is_empty() {
        page.prose(inner, (Tone::Text, ""), Tone::Command, &item.place);
    }
    if !item.about.is_empty() && item.section != Section::Examples {
        page.prose(inner, (Tone::Text, ""), Tone::Quiet, &item.about);
    }
    for text in wrong {
        page.prose(inner, (Tone::Quiet, page.sign("· ", "- ")), Tone::Text, text);
    }
}

/// `Dockerfile:12 without USER app`: the name, with the line in it.
fn named(mutant: &Mutated) -> String {
    let what = mutant.name.split_once(": ").map_or(mutant.name.as_str(), |(_, what)| what);
    escape::line(&format!("{} {what}", mutant.place)).into_owned()
}

fn mutants(page: &mut Page, indent: usize, mutants: &[Mutated]) {
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
}

/// A name as a YAML value.
fn quoted(name: &str) -> String {
    serde_json::Value::from(name).to_string()
}

/// What came of all of it, in a sentence.
fn verdict(proofs: &[Proof]) -> (Tone, String) {
    let count = |fits: &dyn Fn(&Proof) -> usize| proofs.iter().map(fits).sum::<usize>();
    let wrong = count(&|proof| {
        let items = proof.items.iter().filter(|item| matches!(item.verdict, Verdict::Failed(_))).count();
        items + proof.mutants.iter().filter(|mutant| mutant.fate == Fate::Survived).count()
    });
    let open = count(&|proof| proof.mutants.iter().filter(|mutant| mutant.fate == Fate::NeedsEngine).count());
    let left_out = proofs.iter().flat_map(|proof| &proof.items).any(|item| matches!(item.verdict, Verdict::LeftOut(_)));
    let unjudged = proofs.iter().find_map(Proof::unjudged);
    if let Some(why) = proofs.iter().find_map(|proof| proof.interrupted.as_deref()) {
        return (Tone::Doubt, format!("Stopped early: {why}"));
    }
    if wrong > 0 {
        let things = if wrong == 1 { "one thing is" } else { "things are" };
        let number = if wrong == 1 { String::new() } else { format!("{wrong} ") };
        return (Tone::Bad, format!("Not proved: {number}{things} not as it should be"));
    }
    if let Some(why) = unjudged {
        return (Tone::Doubt, format!("Not all could be judged: {why}"));
    }
    let mutants = match open {
        0 => String::new(),
        1 => "; one mutant needs the engine: --engine-mutants".to_owned(),
        open => format!("; {open} mutants need the engine: --engine-mutants"),
    };
    if left_out {
        return (
            Tone::Good,
            "All that files alone tell is as it should be; without --no-engine the rest is judged".to_owned(),
        );
    }
    (Tone::Good, format!("Proved{mutants}"))
}
