//! The proof itself: what is tried, in which order, and what is left out where there is no engine.

use super::only::Only;
use super::queue::{Stop, each};
use super::trial_run::Ungraded;
use super::{Item, Proof, ProofEvent, ProofListener, ProofSection, Verdict, claim, example, survey, trial_run};
use crate::challenge::Check;
use crate::challenge::library::Material;
use crate::challenge::read::case::{Case, Files};
use crate::engine::{Engine, Run};
use crate::policy::Policy;
use crate::report::Report;
use crate::run::interruption::{self, signal};
use std::collections::BTreeSet;
use std::convert::Infallible;
use std::sync::Arc;
use std::time::{Duration, Instant};

/// How often the solution is graded: it has to come out the same each time.
const TIMES: usize = 3;

/// What is proved, and how.
#[derive(Debug, Clone)]
pub struct Options {
    /// How many things are tried at the same time on the engine.
    pub jobs: usize,
    /// Only what has these names.
    pub only: Only,
    /// Use no engine.
    pub no_engine: bool,
    /// Try the mutants on the engine that files alone do not tell.
    pub engine_mutants: bool,
    /// What of the files is run.
    pub policy: Arc<Policy>,
}

/// Judges the examples of checks that are in no challenge.
pub fn checks(id: &str, checks: &[Check], options: &Options, listener: ProofListener<'_>) -> Proof {
    let clock = Instant::now();
    let items = examples(id, checks, options, listener);
    let (elapsed, partial) = (clock.elapsed(), !options.only.is_everything());
    let named = || id.to_owned();
    Proof { id: named(), title: named(), place: named(), items, partial, elapsed, ..Proof::default() }
}

/// Proves a challenge. A signal ends it: what runs tidies up, and nothing else is begun.
pub async fn prove(material: &Material, options: &Options, listener: ProofListener<'_>) -> Proof {
    interruption::listen();
    let (clock, stop) = (Instant::now(), Stop::default());
    let asked_to_stop = async {
        stop.come(signal().await);
        std::future::pending::<Infallible>().await
    };
    let mut proof = tokio::select! {
        // Listens before anything is begun.
        biased;
        never = asked_to_stop => match never {},
        proof = Box::pin(all(material, options, &stop, listener)) => proof,
    };
    proof.partial = !options.only.is_everything();
    proof.interrupted = stop.came().map(|signal| format!("interrupted by {signal}"));
    proof.elapsed = clock.elapsed();
    proof
}

async fn all(material: &Material, options: &Options, stop: &Stop, listener: ProofListener<'_>) -> Proof {
    let challenge = &material.challenge;
    let mut items = examples(&challenge.title, &material.checks, options, listener);
    let blocked = blocked(material, options).await;
    let (mut failing, mut seen) = (BTreeSet::new(), Vec::new());
    for section in [ProofSection::Starter, ProofSection::Solution, ProofSection::Cases] {
        let tries = tries(material, section, options);
        listener(ProofEvent::Section { title: &challenge.title, section, of: tries.len(), quick: blocked.is_some() });
        let reports = each(options.jobs, &tries, stop, |attempt| async {
            listener(ProofEvent::Begin(&attempt.name));
            let doing = |what| listener(ProofEvent::Doing(&attempt.name, what));
            let began = Instant::now();
            let graded = trial_run::grade(&attempt.files, challenge, blocked.is_some(), &options.policy, &doing).await;
            listener(ProofEvent::End(&attempt.name, "done"));
            (graded, began.elapsed())
        });
        let reports = reports.await.into_iter();
        let reports: Vec<_> =
            reports.map(|report| report.unwrap_or((Err(Ungraded::Interrupted), Duration::ZERO))).collect();
        if section == ProofSection::Solution && !tries.is_empty() {
            let graded = reports.iter().filter_map(|(graded, _)| graded.as_ref().ok());
            failing.extend(graded.flat_map(|report| claim::failed(report).map(|(check, _)| check.id.clone())));
            items.push(solution(material, reports, blocked.as_ref()));
            continue;
        }
        for (attempt, (graded, elapsed)) in tries.iter().zip(reports) {
            if let (Ok(report), None) = (&graded, &blocked) {
                seen.push((attempt.files.clone(), report.clone()));
            }
            let verdict = match (graded, &blocked) {
                (Err(error), _) => Verdict::Unjudged(error.to_string()),
                (Ok(report), None) => {
                    attempt.case.map_or_else(|| claim::starter(&report), |case| claim::case(case, &report))
                }
                (Ok(report), Some(blocked)) => {
                    let wrong = attempt.case.map(|case| claim::case_files(case, &report)).unwrap_or_default();
                    if wrong.is_empty() { blocked.clone() } else { Verdict::Failed(wrong) }
                }
            };
            let about = attempt.case.map(|case| case.about.clone()).unwrap_or_default();
            let place = attempt.case.map_or_else(|| format!("{}/starter", material.place), |case| case.place.clone());
            items.push(Item { section, name: attempt.name.clone(), about, place, verdict, elapsed });
        }
    }
    let (mutants, stale) = survey::survey(material, options, blocked.as_ref(), &failing, &seen, stop, listener).await;
    items.extend(stale);
    let (id, title, place) = (challenge.id.clone(), challenge.title.clone(), material.place.clone());
    Proof { id, title, place, items, mutants, ..Proof::default() }
}

/// Some work that is graded.
struct Try<'m> {
    name: String,
    files: Files,
    case: Option<&'m Case>,
}

fn tries<'m>(material: &'m Material, section: ProofSection, options: &Options) -> Vec<Try<'m>> {
    let takes = |name: &str| options.only.takes(name);
    match section {
        ProofSection::Starter if takes("starter") => {
            vec![Try { name: "starter".to_owned(), files: material.challenge.starter.clone(), case: None }]
        }
        ProofSection::Solution if takes("solution") => {
            let time =
                |time| Try { name: format!("solution, {time}. time"), files: material.solution.clone(), case: None };
            (1..=TIMES).map(time).collect()
        }
        ProofSection::Cases => {
            let cases = material.cases.iter().filter(|case| takes(&case.name));
            let made = |case: &'m Case| Try {
                name: case.name.clone(),
                files: case.over(&material.solution),
                case: Some(case),
            };
            cases.map(made).collect()
        }
        _ => Vec::new(),
    }
}

fn examples(title: &str, checks: &[Check], options: &Options, listener: ProofListener<'_>) -> Vec<Item> {
    let asked: Vec<&Check> = checks.iter().filter(|check| options.only.takes(&check.id)).collect();
    listener(ProofEvent::Section { title, section: ProofSection::Examples, of: asked.len(), quick: true });
    let judged = asked.into_iter().map(|check| {
        listener(ProofEvent::Begin(&check.id));
        let item = example::item(check);
        listener(ProofEvent::End(&check.id, item.verdict.status()));
        item
    });
    judged.collect()
}

fn solution(material: &Material, graded: Vec<(Result<Report, Ungraded>, Duration)>, blocked: Option<&Verdict>) -> Item {
    let elapsed = graded.iter().map(|(_, elapsed)| *elapsed).sum();
    let reports: Result<Vec<Report>, Ungraded> = graded.into_iter().map(|(graded, _)| graded).collect();
    let verdict = match (reports, blocked) {
        (Err(error), _) => Verdict::Unjudged(error.to_string()),
        (Ok(reports), None) => claim::solution(&reports),
        (Ok(reports), Some(blocked)) => {
            let wrong = reports.first().map(claim::solution_files).unwrap_or_default();
            if wrong.is_empty() { blocked.clone() } else { Verdict::Failed(wrong) }
        }
    };
    Item {
        section: ProofSection::Solution,
        name: "solution".to_owned(),
        about: String::new(),
        place: format!("{}/solution", material.place),
        verdict,
        elapsed,
    }
}

/// What is said of all that needs the engine, if it is not used.
async fn blocked(material: &Material, options: &Options) -> Option<Verdict> {
    if !trial_run::needs_engine(&material.challenge) {
        return None;
    }
    if options.no_engine {
        return Some(Verdict::LeftOut("needs the engine".to_owned()));
    }
    Engine::connect(Run::new()).await.err().map(|none| Verdict::Unjudged(none.sentence()))
}
