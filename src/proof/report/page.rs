//! Proofs for people: what was tried, what is not as it should be, and the table of mutants.

mod mutants;

use crate::proof::{Fate, Item, Proof, ProofSection, Verdict};
use crate::report::layout::{Page, Tone, columns};

/// Everything stands this far in on a terminal.
const INDENT: usize = 2;

/// Draws all proofs; the last line says what came of them.
pub(crate) fn draw(page: &mut Page, proofs: &[Proof]) {
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
    if proof.place != proof.title && proof.place != "." {
        page.prose(indent, (Tone::Text, ""), Tone::Quiet, &proof.place);
    }
    page.blank();
    for section in [ProofSection::Examples, ProofSection::Starter, ProofSection::Solution, ProofSection::Cases] {
        let items: Vec<&Item> = proof.section(section).collect();
        if !items.is_empty() {
            summary(page, indent, section, &items);
        }
    }
    // What the last line says is not said again.
    let told = proof.unjudged().filter(|_| !proof.failed());
    for item in &proof.items {
        let wrong = match &item.verdict {
            Verdict::Failed(wrong) => wrong.clone(),
            Verdict::Unjudged(why) if proof.interrupted.is_none() && Some(why.as_str()) != told => vec![why.clone()],
            _ => continue,
        };
        page.blank();
        detail(page, indent, item, &wrong);
    }
    if !proof.mutants.is_empty() {
        page.blank();
        mutants::draw(page, indent, proof);
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
fn summary(page: &mut Page, indent: usize, section: ProofSection, items: &[&Item]) {
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
        (ProofSection::Examples, _) => format!("{of} checks are judged as their examples say"),
        (ProofSection::Starter, Verdict::Held) => "does not pass, and says what to do".to_owned(),
        (ProofSection::Solution, Verdict::Held) => "gets every point, three times the same".to_owned(),
        (ProofSection::Starter | ProofSection::Solution, _) => "is not as it should be".to_owned(),
        (ProofSection::Cases | ProofSection::Mutants, _) => format!("{of} fail exactly what they name"),
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
        ProofSection::Examples => "examples of ",
        ProofSection::Cases => "case ",
        ProofSection::Mutants => "mutants.yaml: ",
        ProofSection::Starter | ProofSection::Solution => "",
    };
    let name = format!(" {label}{}", item.name);
    page.line(indent, &[(tone, sign), (Tone::Strong, &name)]);
    let inner = indent + columns(sign) + 1;
    if !item.place.is_empty() {
        page.prose(inner, (Tone::Text, ""), Tone::Command, &item.place);
    }
    if !item.about.is_empty() && item.section != ProofSection::Examples {
        page.prose(inner, (Tone::Text, ""), Tone::Quiet, &item.about);
    }
    for text in wrong {
        page.prose(inner, (Tone::Quiet, page.sign("· ", "- ")), Tone::Text, text);
    }
}

/// What came of all of it, in a sentence.
fn verdict(proofs: &[Proof]) -> (Tone, String) {
    let count = |fits: &dyn Fn(&Proof) -> usize| proofs.iter().map(fits).sum::<usize>();
    let wrong = count(&|proof| {
        let items = proof.items.iter().filter(|item| matches!(item.verdict, Verdict::Failed(_))).count();
        items + proof.mutants.iter().filter(|mutant| mutant.fate == Fate::Survived).count()
    });
    let (all, judged) = (count(&|proof| proof.mutants.len()), count(&|proof| proof.judged_mutants()));
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
    let mutants = if all == 0 { String::new() } else { format!(", {judged} of {all} mutants judged") };
    if left_out {
        return (
            Tone::Text,
            format!("Nothing wrong in the files{mutants}. Without --no-engine grader judges the rest"),
        );
    }
    if judged < all {
        let text = format!("Nothing wrong so far{mutants}. --engine-mutants judges the rest");
        return (Tone::Text, text);
    }
    let proved =
        if proofs.iter().any(|proof| proof.partial) { "What was asked for is as it should be" } else { "Proved" };
    (Tone::Good, proved.to_owned())
}
