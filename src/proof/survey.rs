//! The mutants of a solution, tried: first by files alone, then, if that is asked for, on the engine.

use super::footprint::{Footprint, footprint, is_settled};
use super::mutant::{self, Mutant};
use super::prove::Options;
use super::queue::{Stop, each};
use super::{Fate, Item, Mutated, ProofEvent, ProofListener, ProofSection, Verdict, claim, trial_run};
use crate::challenge::library::Material;
use crate::challenge::read::case::Files;
use crate::diagnostic::nearest;
use crate::report::Report;
use std::collections::BTreeSet;
use std::time::{Duration, Instant};

/// Tries all mutants that are asked for. `blocked` is why the engine is not used, if it is not; `failing` are the checks
/// that fail for the solution itself, as far as it was graded, and `graded` are works that the engine has seen. The items are what is wrong with `mutants.yaml`.
pub(super) async fn survey(
    material: &Material,
    options: &Options,
    blocked: Option<&Verdict>,
    failing: &BTreeSet<String>,
    graded: &[(Files, Report)],
    stop: &Stop,
    listener: ProofListener<'_>,
) -> (Vec<Mutated>, Vec<Item>) {
    let challenge = &material.challenge;
    let all = mutant::all(challenge, &material.solution);
    let known: Vec<&str> = all.iter().map(|mutant| mutant.name.as_str()).collect();
    let asked: Vec<&Mutant> = all.iter().filter(|mutant| options.only.takes(&mutant.name)).collect();
    let title = challenge.title.as_str();
    listener(ProofEvent::Section { title, section: ProofSection::Mutants, of: asked.len(), quick: true });
    // What the solution fails says nothing about a mutant.
    let mut failing = failing.clone();
    if !asked.is_empty() {
        failing.extend(of_solution(material, true, options).await);
    }
    let by_files = each(1, &asked, stop, |mutant| fate(material, mutant, true, &failing, options, listener)).await;
    let needs_engine = trial_run::needs_engine(challenge);
    let own = footprint(challenge, &material.solution);
    let mut prints: Vec<Option<Footprint>> = Vec::new();
    let mut mutants: Vec<Mutated> = Vec::new();
    for (mutant, tried) in asked.iter().zip(by_files) {
        let MutantTrial { fate, elapsed, is_settled } = tried.unwrap_or_default();
        // Of what files have decided, only what the engine sees is left.
        let print = is_settled.then(|| footprint(challenge, &mutant.files)).flatten();
        let is_open = fate == Fate::Survived && needs_engine && (print.is_none() || print != own);
        let fate = if is_open { Fate::NeedsEngine } else { fate };
        mutants.push(Mutated { name: mutant.name.clone(), place: mutant.place.clone(), fate, elapsed });
        prints.push(print);
    }
    let open: Vec<usize> = (0..asked.len()).filter(|&index| mutants[index].fate == Fate::NeedsEngine).collect();
    if options.engine_mutants && blocked.is_none() {
        // Mutants that come to the same for the engine are tried once, and none that a case has tried.
        for &index in &open {
            if let Some((_, report)) = graded.iter().find(|(files, _)| *files == asked[index].files) {
                mutants[index].fate = fate_in(report, &failing);
            }
        }
        let open: Vec<usize> = open.into_iter().filter(|&index| mutants[index].fate == Fate::NeedsEngine).collect();
        let is_same = |one: usize, other: usize| {
            asked[one].files == asked[other].files || (prints[one].is_some() && prints[one] == prints[other])
        };
        let first = |&index: &usize| open.iter().copied().find(|&other| is_same(other, index)).unwrap_or(index);
        let distinct: Vec<usize> = open.iter().copied().filter(|index| first(index) == *index).collect();
        listener(ProofEvent::Section { title, section: ProofSection::Mutants, of: distinct.len(), quick: false });
        // It was graded already, unless only mutants were asked for.
        if !distinct.is_empty() && !options.only.takes("solution") && stop.came().is_none() {
            failing.extend(of_solution(material, false, options).await);
        }
        let tried = each(options.jobs, &distinct, stop, |&index| {
            fate(material, asked[index], false, &failing, options, listener)
        })
        .await;
        for (&index, tried) in distinct.iter().zip(tried) {
            let MutantTrial { fate, elapsed, .. } = tried.unwrap_or_default();
            (mutants[index].fate, mutants[index].elapsed) = (fate, elapsed);
        }
        for &index in &open {
            let same = first(&index);
            if same != index {
                mutants[index].fate = mutants[same].fate.clone();
            }
        }
    } else if let (true, Some(Verdict::Unjudged(why))) = (options.engine_mutants, blocked) {
        for index in open {
            mutants[index].fate = Fate::Unjudged(why.clone());
        }
    }
    let stale = excuse(material, options, &mut mutants, &known);
    (mutants, stale)
}

/// What came of one attempt.
struct MutantTrial {
    fate: Fate,
    elapsed: Duration,
    /// Whether files alone decide all that the files are asked for.
    is_settled: bool,
}

/// It was not begun.
impl Default for MutantTrial {
    fn default() -> Self {
        Self { fate: Fate::Unjudged("interrupted".to_owned()), elapsed: Duration::ZERO, is_settled: false }
    }
}

/// The checks that fail for the unchanged solution.
async fn of_solution(material: &Material, static_only: bool, options: &Options) -> BTreeSet<String> {
    let (files, challenge) = (&material.solution, &material.challenge);
    let graded = trial_run::grade(files, challenge, static_only, &options.policy, &|_| {}).await;
    graded.iter().flat_map(|report| claim::failed(report).map(|(check, _)| check.id.clone())).collect()
}

async fn fate(
    material: &Material,
    mutant: &Mutant,
    static_only: bool,
    failing: &BTreeSet<String>,
    options: &Options,
    listener: ProofListener<'_>,
) -> MutantTrial {
    let clock = Instant::now();
    listener(ProofEvent::Begin(&mutant.name));
    let doing = |what| listener(ProofEvent::Doing(&mutant.name, what));
    let graded = trial_run::grade(&mutant.files, &material.challenge, static_only, &options.policy, &doing).await;
    let (fate, is_settled) = match graded {
        Err(error) => (Fate::Unjudged(error.to_string()), false),
        Ok(report) => (fate_in(&report, failing), is_settled(&material.challenge, &report)),
    };
    listener(ProofEvent::End(&mutant.name, fate.status()));
    MutantTrial { fate, elapsed: clock.elapsed(), is_settled }
}

/// What became of the work that a report is about. `failing` are the checks that fail for the solution.
fn fate_in(report: &Report, failing: &BTreeSet<String>) -> Fate {
    let failed = claim::failed(report).map(|(check, _)| check.id.clone());
    let (silent, noticed): (Vec<String>, Vec<String>) = failed.partition(|id| failing.contains(id));
    match claim::unjudged(report) {
        _ if !noticed.is_empty() => Fate::Noticed(noticed),
        Some(why) => Fate::Unjudged(why),
        None if silent.is_empty() => Fate::Survived,
        None => Fate::Unjudged(format!("the solution itself fails {}", silent.join(", "))),
    }
}

/// Holds the survivors against `mutants.yaml`. What stands there and is not so is told.
fn excuse(material: &Material, options: &Options, mutants: &mut [Mutated], known: &[&str]) -> Vec<Item> {
    let mut stale = Vec::new();
    for fair in &material.fair {
        let wrong = match mutants.iter_mut().find(|mutant| mutant.name == fair.mutant) {
            Some(mutant) => match &mutant.fate {
                Fate::Survived => {
                    mutant.fate = Fate::Fair(fair.reason.clone());
                    continue;
                }
                Fate::Noticed(by) => format!("it no longer survives, {} notices it: remove it", by.join(", ")),
                _ => continue,
            },
            None if known.contains(&fair.mutant.as_str()) || !options.only.takes(&fair.mutant) => continue,
            None => {
                let near = nearest(&fair.mutant, known.iter().copied());
                let near = near.map(|near| format!(": did you mean `{near}`?")).unwrap_or_default();
                format!("there is no such mutant{near}")
            }
        };
        stale.push(Item {
            section: ProofSection::Mutants,
            name: fair.mutant.clone(),
            about: fair.reason.clone(),
            place: fair.place.clone(),
            verdict: Verdict::Failed(vec![wrong]),
            elapsed: Duration::ZERO,
        });
    }
    stale
}
