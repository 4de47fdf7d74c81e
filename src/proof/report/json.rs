//! `grader.proof/v1`: proofs for programs. These types are the format; it only ever grows.

use crate::facts::json::seconds;
use crate::proof::{Fate, Item, Mutated, Proof, Verdict};
use crate::report::escape;
use serde::Serialize;

const SCHEMA: &str = "grader.proof/v1";

/// Proofs as JSON, indented, with a line end.
pub(crate) fn render(proofs: &[Proof]) -> String {
    let document = JsonProof {
        schema: SCHEMA,
        grader: env!("CARGO_PKG_VERSION"),
        proved: proofs.iter().all(Proof::is_proved),
        interrupted: proofs.iter().find_map(|proof| proof.interrupted.as_deref()),
        proofs: proofs.iter().map(One::from).collect(),
    };
    let mut text = match serde_json::to_string_pretty(&document) {
        Ok(text) => escape::json(&text).into_owned(),
        // Only a map with odd keys or a failing Serialize gets here, and there is neither.
        Err(error) => serde_json::json!({"schema": SCHEMA, "error": error.to_string()}).to_string(),
    };
    text.push('\n');
    text
}

#[derive(Serialize)]
struct JsonProof<'a> {
    schema: &'static str,
    grader: &'static str,
    proved: bool,
    interrupted: Option<&'a str>,
    proofs: Vec<One<'a>>,
}

#[derive(Serialize)]
struct One<'a> {
    id: &'a str,
    title: &'a str,
    path: &'a str,
    proved: bool,
    partial: bool,
    seconds: serde_json::Value,
    tried: Vec<Tried<'a>>,
    mutants_judged: usize,
    mutants: Vec<JsonMutant<'a>>,
}

#[derive(Serialize)]
struct Tried<'a> {
    section: &'static str,
    name: &'a str,
    about: &'a str,
    path: &'a str,
    status: &'static str,
    wrong: &'a [String],
    because: Option<&'a str>,
    seconds: serde_json::Value,
}

#[derive(Serialize)]
struct JsonMutant<'a> {
    name: &'a str,
    place: &'a str,
    status: &'static str,
    noticed_by: &'a [String],
    reason: Option<&'a str>,
    because: Option<&'a str>,
    seconds: serde_json::Value,
}

impl<'a> From<&'a Proof> for One<'a> {
    fn from(proof: &'a Proof) -> Self {
        Self {
            id: &proof.id,
            title: &proof.title,
            path: &proof.place,
            proved: proof.is_proved(),
            partial: proof.partial,
            seconds: seconds(proof.elapsed),
            tried: proof.items.iter().map(Tried::from).collect(),
            mutants_judged: proof.judged_mutants(),
            mutants: proof.mutants.iter().map(JsonMutant::from).collect(),
        }
    }
}

impl<'a> From<&'a Item> for Tried<'a> {
    fn from(item: &'a Item) -> Self {
        let (wrong, because) = match &item.verdict {
            Verdict::Held => (&[][..], None),
            Verdict::Failed(wrong) => (wrong.as_slice(), None),
            Verdict::LeftOut(why) | Verdict::Unjudged(why) => (&[][..], Some(why.as_str())),
        };
        Self {
            section: item.section.name(),
            name: &item.name,
            about: &item.about,
            path: &item.place,
            status: item.verdict.status(),
            wrong,
            because,
            seconds: seconds(item.elapsed),
        }
    }
}

impl<'a> From<&'a Mutated> for JsonMutant<'a> {
    fn from(mutant: &'a Mutated) -> Self {
        let (noticed_by, reason, because) = match &mutant.fate {
            Fate::Noticed(by) => (by.as_slice(), None, None),
            Fate::Fair(reason) => (&[][..], Some(reason.as_str()), None),
            Fate::Unjudged(why) => (&[][..], None, Some(why.as_str())),
            Fate::Survived | Fate::NeedsEngine => (&[][..], None, None),
        };
        Self {
            name: &mutant.name,
            place: &mutant.place,
            status: mutant.fate.status(),
            noticed_by,
            reason,
            because,
            seconds: seconds(mutant.elapsed),
        }
    }
}
