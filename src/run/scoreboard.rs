//! The board of a run: facts as they come in, and checks judged as soon as all that they need is there.

use super::plan::{self, Planned};
use crate::challenge::Check;
use crate::compose::roles::Found;
use crate::event::{Event, Listener};
use crate::facts::{Facts, Source, Unavailable};
use crate::judge::{self, Inputs, Judgement, ScriptResult, StepResult};
use crate::outcome::Outcome;
use std::cell::RefCell;
use std::collections::{BTreeMap, BTreeSet};
use std::time::{Duration, Instant};
use tokio::sync::Notify;

/// Facts, steps and judgements of one run.
pub struct Board<'a> {
    planned: Vec<Planned<'a>>,
    roles: BTreeMap<String, Found>,
    listener: Listener<'a>,
    state: RefCell<BoardState>,
    news: Notify,
}

#[derive(Default)]
struct BoardState {
    facts: Facts,
    known: BTreeSet<Source>,
    steps: BTreeMap<String, Vec<StepResult>>,
    stepping: BTreeSet<Source>,
    /// The sources that are looked at once more in the end.
    watched: BTreeSet<Source>,
    /// The checks whose judgement hangs on that last look.
    tentative: BTreeSet<String>,
    scripts: BTreeMap<String, ScriptResult>,
    judged: BTreeMap<String, (String, Judgement)>,
    judged_at: BTreeMap<String, Instant>,
    began: BTreeMap<Source, Instant>,
    took: BTreeMap<Source, Duration>,
}

impl<'a> Board<'a> {
    /// A board without facts. Checks that were not asked for are left out at once.
    pub fn new(planned: Vec<Planned<'a>>, roles: BTreeMap<String, Found>, listener: Listener<'a>) -> Self {
        let board = Self { planned, roles, listener, state: RefCell::default(), news: Notify::new() };
        for Planned { check, selected, .. } in &board.planned {
            if !selected {
                let judgement = Judgement::left_out("it was not asked for");
                board.state.borrow_mut().judged.insert(check.id.clone(), (check.title.clone(), judgement));
            }
        }
        board
    }

    /// Which service plays which role.
    pub fn roles(&self) -> &BTreeMap<String, Found> {
        &self.roles
    }

    /// Says that a source is being collected from now on.
    pub fn begin(&self, source: Source) {
        self.state.borrow_mut().began.insert(source, Instant::now());
    }

    /// Takes the facts of sources that are now known, and judges what can be judged.
    pub fn put(&self, sources: &[Source], facts: Facts) {
        {
            let mut state = self.state.borrow_mut();
            state.facts.merge(facts);
            state.known.extend(sources);
            for source in sources {
                let took = state.began.get(source).map(Instant::elapsed).unwrap_or_default();
                state.took.insert(*source, took);
            }
        }
        self.judge();
        self.news.notify_waiters();
        for source in sources {
            (self.listener)(Event::Done(*source));
        }
    }

    /// Takes the facts of a source that gets a last look ([`Board::settle`]). Until then, checks that pass because of them,
    /// and checks that need those, count as tried only.
    pub fn put_watched(&self, source: Source, facts: Facts) {
        self.state.borrow_mut().watched.insert(source);
        self.put(&[source], facts);
    }

    /// Waits until a source is known, if somebody asks for it.
    pub async fn known(&self, source: Source) {
        loop {
            let news = self.news.notified();
            if self.state.borrow().known.contains(&source) || !self.wants(source) {
                return;
            }
            news.await;
        }
    }

    /// Whether a last look at a source can change anything.
    pub fn hangs_on(&self, source: Source) -> bool {
        let state = self.state.borrow();
        let hangs = |planned: &Planned<'_>| {
            let waits = state.tentative.contains(&planned.check.id) || !state.judged.contains_key(&planned.check.id);
            waits && plan::sources(planned.check).contains(&source)
        };
        state.watched.contains(&source) && self.planned.iter().any(hangs)
    }

    /// Takes what came of the last look at a source, if anything has changed, and judges again what hangs on it.
    pub fn settle(&self, source: Source, changed: Option<Facts>) {
        {
            let mut state = self.state.borrow_mut();
            state.watched.remove(&source);
            state.facts.merge(changed.unwrap_or_default());
        }
        loop {
            let next = {
                let state = self.state.borrow();
                let is_certain = |planned: &&Planned<'a>| {
                    state.tentative.contains(&planned.check.id) && !hangs(planned.check, &state)
                };
                self.planned.iter().find(is_certain).map(|planned| (planned.check, planned.step))
            };
            let Some((check, step)) = next else { break };
            let judgement = self.judgement(check); // by what the last looks at other sources have changed, too
            let outcome = {
                let mut state = self.state.borrow_mut();
                state.tentative.remove(&check.id);
                if let Some(judgement) = judgement {
                    state.judged.insert(check.id.clone(), (check.title.clone(), judgement));
                    state.judged_at.insert(check.id.clone(), Instant::now());
                }
                state.judged.get(&check.id).map(|(_, judgement)| judgement.outcome.clone())
            };
            if let Some(outcome) = outcome {
                (self.listener)(Event::Judged { id: check.id.clone(), title: check.title.clone(), step, outcome });
            }
        }
        self.judge();
    }

    /// Says that the last look at a source could not be had, and why.
    pub fn lose(&self, source: Source, why: String) {
        let mut facts = Facts::default();
        facts.set_unavailable(source, Unavailable::Failed(why));
        self.settle(source, Some(facts));
    }

    /// Says that nothing of these sources can be had.
    pub fn put_unavailable(&self, sources: &[Source], why: &Unavailable) {
        let mut facts = Facts::default();
        for source in sources {
            facts.set_unavailable(*source, why.clone());
        }
        self.put(sources, facts);
    }

    /// Says that steps are done on a source from now on: a check that has some is judged when they are done, and they
    /// need not be done if another check decides it.
    pub fn begin_steps(&self, source: Source) {
        self.state.borrow_mut().stepping.insert(source);
    }

    /// Says that no steps are done on a source any more: what was not done by now never is.
    pub fn end_steps(&self, source: Source) {
        self.state.borrow_mut().stepping.remove(&source);
        self.judge();
    }

    /// Takes what came back from a check's steps.
    pub fn put_steps(&self, check: &str, results: Vec<StepResult>) {
        self.state.borrow_mut().steps.insert(check.to_owned(), results);
        self.judge();
    }

    /// Takes facts that have changed since they were put.
    pub fn renew(&self, facts: Facts) {
        self.state.borrow_mut().facts.merge(facts);
    }

    /// Whether a check still waits.
    pub fn is_open(&self, check: &str) -> bool {
        !self.state.borrow().judged.contains_key(check)
    }

    /// Takes what a check's script says, and judges the check.
    pub fn put_script(&self, check: &str, result: ScriptResult) {
        self.state.borrow_mut().scripts.insert(check.to_owned(), result);
        self.judge();
    }

    /// Whether a check that still waits has a script.
    pub fn wants_scripts(&self) -> bool {
        self.open().iter().any(|planned| planned.check.script.is_some())
    }

    /// The next check that waits for nothing but its script.
    pub fn next_script(&self) -> Option<&'a Check> {
        let is_ready = |check: &Check, state: &BoardState| {
            check.script.is_some()
                && !state.scripts.contains_key(&check.id)
                && !self.needs_are_open(check, state)
                && plan::sources(check).iter().all(|source| state.known.contains(source))
        };
        let open = self.open();
        let state = self.state.borrow();
        open.into_iter().map(|planned| planned.check).find(|check| is_ready(check, &state))
    }

    /// Whether a check with a script waits for this source.
    pub fn script_waits_for(&self, source: Source) -> bool {
        let known = self.state.borrow().known.contains(&source);
        let waits = |planned: &&Planned<'a>| planned.check.script.is_some();
        !known && self.open().into_iter().filter(waits).any(|planned| plan::sources(planned.check).contains(&source))
    }

    fn needs_are_open(&self, check: &Check, state: &BoardState) -> bool {
        check.needs.iter().any(|id| {
            let in_challenge = self.planned.iter().any(|planned| planned.check.id == *id);
            in_challenge && !state.judged.contains_key(id)
        })
    }

    /// Looks at the facts so far.
    pub fn with_facts<T>(&self, look: impl FnOnce(&Facts) -> T) -> T {
        look(&self.state.borrow().facts)
    }

    /// The checks that still wait for facts.
    pub fn open(&self) -> Vec<&Planned<'a>> {
        let state = self.state.borrow();
        self.planned.iter().filter(|planned| !state.judged.contains_key(&planned.check.id)).collect()
    }

    /// Whether a check that still waits needs this source.
    pub fn wants(&self, source: Source) -> bool {
        self.open().iter().any(|planned| plan::sources(planned.check).contains(&source))
    }

    /// Judges, in the challenge's order, every check whose needs are judged and whose sources are known.
    fn judge(&self) {
        for Planned { check, step, .. } in self.open() {
            let Some(judgement) = self.judgement(check) else { continue };
            let outcome = judgement.outcome.clone();
            {
                let mut state = self.state.borrow_mut();
                state.judged.insert(check.id.clone(), (check.title.clone(), judgement));
                state.judged_at.insert(check.id.clone(), Instant::now());
                if hangs(check, &state) {
                    state.tentative.insert(check.id.clone());
                }
            }
            if self.state.borrow().tentative.contains(&check.id) {
                (self.listener)(Event::Tried(check.id.clone()));
                continue;
            }
            (self.listener)(Event::Judged { id: check.id.clone(), title: check.title.clone(), step: *step, outcome });
        }
    }

    /// What comes of a check by what is known now; nothing if that does not do.
    fn judgement(&self, check: &Check) -> Option<Judgement> {
        let state = self.state.borrow();
        if self.needs_are_open(check, &state) {
            return None;
        }
        let scriptless = check.script.is_none()
            || state.scripts.contains_key(&check.id)
            || matches!(
                state.facts.unavailable(Source::Container),
                Some(Unavailable::NotAsked | Unavailable::NoEngine(_))
            );
        let known = plan::sources(check).iter().all(|source| state.known.contains(source));
        match judge::by_needs(check, &state.judged) {
            Some(judgement) if judgement.judged => Some(judgement),
            Some(judgement) => Some(judge::by_files(check, &state.facts, &self.roles).unwrap_or(judgement)),
            None if !(known && scriptless) => None,
            None if !state.steps.contains_key(&check.id)
                && check.step_source().is_some_and(|source| state.stepping.contains(&source)) =>
            {
                None
            }
            None => Some(judge::judge(
                check,
                &Inputs {
                    facts: &state.facts,
                    roles: &self.roles,
                    steps: state.steps.get(&check.id).map_or(&[], Vec::as_slice),
                    earlier: &state.judged,
                    script: state.scripts.get(&check.id),
                },
            )),
        }
    }

    /// Takes back what was found wrong from then on with the help of an engine that was gone, and what hung on it.
    pub fn doubt(&self, since: Instant) {
        let mut state = self.state.borrow_mut();
        let mut doubted: BTreeSet<&str> = BTreeSet::new();
        loop {
            let before = doubted.len();
            for Planned { check, .. } in &self.planned {
                let engine = |source: &Source| matches!(source, Source::Image | Source::Container | Source::Stack);
                let by_engine = plan::sources(check).iter().any(engine) || check.script.is_some();
                let is_late = state.judged_at.get(&check.id).is_some_and(|at| *at >= since);
                let is_doubtful = match state.judged.get(&check.id).map(|(_, judgement)| &judgement.outcome) {
                    Some(Outcome::Failed(_)) => is_late && by_engine,
                    Some(Outcome::Skipped(_)) => check.needs.iter().any(|need| doubted.contains(need.as_str())),
                    _ => false,
                };
                if is_doubtful {
                    state.judged.remove(&check.id);
                    doubted.insert(&check.id);
                }
            }
            if doubted.len() == before {
                return;
            }
        }
    }

    /// All checks with their judgements and times, and all facts. What is still open could not be judged, and why.
    ///
    /// The time of a source counts for the first check that needs it.
    pub fn finish(self, why_open: &str) -> (Vec<(Planned<'a>, Judgement, Duration)>, Facts) {
        let mut state = self.state.into_inner();
        let judged = self.planned.into_iter().map(|planned| {
            let judgement = state.judged.remove(&planned.check.id);
            let judgement = judgement.filter(|_| !state.tentative.contains(&planned.check.id));
            let judgement = judgement.map_or_else(|| Judgement::errored(why_open), |(_, judgement)| judgement);
            let sources = plan::sources(planned.check);
            let took = sources.iter().filter(|_| planned.selected).filter_map(|source| state.took.remove(source)).sum();
            (planned, judgement, took)
        });
        let judged = judged.collect();
        (judged, state.facts)
    }
}

/// Whether a check that was judged hangs on a last look: it earns something by what is still watched, or needs a check that
/// does.
fn hangs(check: &Check, state: &BoardState) -> bool {
    let earns = state
        .judged
        .get(&check.id)
        .is_some_and(|(_, judgement)| judgement.outcome == Outcome::Passed || judgement.points > 0);
    let is_watched = || plan::sources(check).iter().any(|source| state.watched.contains(source));
    (earns && is_watched()) || check.needs.iter().any(|need| state.tentative.contains(need))
}
