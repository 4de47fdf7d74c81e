//! Does the steps of one check in their order, and puts back what they made.

use super::capture;
use super::graded::{self, Graded};
use super::workspace::Workspace;
use super::{Action, Step, Turn, edit, interpolate};
use crate::compose::roles::Found;
use crate::engine::Engine;
use crate::engine::stack::{Stack, State};
use crate::facts::{Fact, Facts, registry};
use crate::language::condition::Condition;
use crate::matching::StepResult;
use crate::matching::fit::{Captures, Fit, fit};
use crate::outcome::Fault;
use crate::place::Place;
use crate::repository::Snapshot;
use std::collections::{BTreeMap, BTreeSet};
use std::time::Duration;
use tokio::time::{Instant, sleep, timeout};

/// How long it may take to put back what the steps of one check have made.
const UNDO: Duration = Duration::from_secs(60);
/// How long is waited before something is asked again.
const PAUSE: Duration = Duration::from_millis(200);
/// How long a step may take unless said otherwise.
const LIMIT: Duration = Duration::from_secs(300);
/// How much longer it may take than it says itself.
const MORE: Duration = Duration::from_secs(60);

/// What the steps of one check work on.
pub struct StepRunner<'a> {
    /// The engine.
    pub engine: &'a Engine,
    /// The running stack, where a step needs it.
    pub stack: Option<&'a mut Stack>,
    /// Which service plays which role.
    pub roles: &'a BTreeMap<String, Found>,
    /// The graded image; without it only the stack can be worked on.
    pub graded: Option<Graded<'a>>,
    /// The files that may be changed.
    pub(super) workspace: Option<Workspace<'a>>,
    /// What is known already, for steps that keep it.
    pub(super) known: Option<&'a Facts>,
    /// Hears what is done.
    pub doing: &'a dyn Fn(String),
    /// What the steps have made so far.
    pub(super) made: Made<'a>,
    /// Whether what the last try found stays as it is however long is waited.
    pub(super) is_certain: bool,
}

/// What the steps of one check have made; it is undone at their end.
#[derive(Debug, Default)]
pub(super) struct Made<'a> {
    pub container: Option<graded::CheckContainer<'a>>,
    pub edits: Vec<edit::Edited>,
    /// The files that were changed, as they are now.
    pub changed: BTreeMap<String, Vec<u8>>,
    /// What makes these changes other ones than those of other checks and runs.
    pub change: Option<u32>,
    /// A copy of the graded files of the check's own.
    pub copy: Option<Snapshot>,
    pub volumes: BTreeMap<String, String>,
    /// The containers that steps have started, by their names.
    pub started: BTreeMap<String, graded::CheckContainer<'a>>,
    /// The ports that its steps ask the container at.
    pub ports: BTreeSet<u16>,
}

impl<'a> StepRunner<'a> {
    /// Makes one for one check.
    pub fn new(
        engine: &'a Engine,
        stack: Option<&'a mut Stack>,
        roles: &'a BTreeMap<String, Found>,
        graded: Option<Graded<'a>>,
        doing: &'a dyn Fn(String),
    ) -> Self {
        Self {
            engine,
            stack,
            roles,
            graded,
            workspace: None,
            known: None,
            doing,
            made: Made::default(),
            is_certain: false,
        }
    }

    /// Adds files that may be changed.
    #[must_use]
    pub fn on(self, workspace: Workspace<'a>) -> Self {
        Self { workspace: Some(workspace), ..self }
    }

    /// Adds the facts that are known already.
    #[must_use]
    pub fn knowing(self, known: &'a Facts) -> Self {
        Self { known: Some(known), ..self }
    }

    /// Does the steps in their order, whatever comes of each; one result a step. What they made is removed.
    pub async fn run(mut self, steps: &[Step]) -> Vec<StepResult> {
        let (mut results, mut captures) = (Vec::new(), Captures::new());
        self.made.ports = steps.iter().filter_map(|step| step.action.needs().port).collect();
        for (index, step) in steps.iter().enumerate() {
            let kept: Vec<&str> =
                steps.iter().take(index).flat_map(|step| step.capture.keys()).map(String::as_str).collect();
            let result = match interpolate::fill(&*step.action, &kept, &captures) {
                Err(missing) => StepResult { follows: true, ..Fault::from(missing).into() },
                Ok(action) => self.in_time(&*action, Turn { step, captures: &captures, tried: Duration::ZERO }).await,
            };
            captures.extend(result.captures.clone());
            results.push(result);
        }
        // What an engine does not remove in time is removed at the end of the run.
        let _ = timeout(UNDO, self.undo()).await;
        results
    }

    /// Does a step, if it does not take too long.
    async fn in_time(&mut self, action: &dyn Action, turn: Turn<'_>) -> StepResult {
        // What the challenge says, else long enough for what the step says itself.
        let limits = self.limits();
        let limit = limits.step.unwrap_or_else(|| LIMIT.max(action.limit(&limits) + MORE));
        if let Ok(result) = timeout(self.engine.pace.here(limit), Box::pin(self.until_it_holds(action, turn))).await {
            return result;
        }
        if let Some(stack) = self.stack.as_deref_mut() {
            // What was done half is seen by the next step. An engine that is gone is met there too.
            let _ = stack.refresh().await;
        }
        let why = format!("it took longer than {}, the most that a step may take", humantime::format_duration(limit));
        Fault::learner(None, why).into()
    }

    /// Does a step, again and again where it says so, until what comes back is as it expects.
    async fn until_it_holds(&mut self, action: &dyn Action, turn: Turn<'_>) -> StepResult {
        let retry_for = self.engine.pace.here(action.retry_for());
        // The first try may have to start the container, which doesn't count as retrying.
        let mut first_ended: Option<Instant> = None;
        loop {
            let tried = first_ended.map(|at: Instant| at.elapsed()).unwrap_or_default();
            let is_over = first_ended.is_some() && tried >= retry_for || retry_for.is_zero();
            // A finding names the written time, however slow this host is.
            let written = if is_over { action.retry_for() } else { self.engine.pace.elsewhere(tried) };
            let turn = Turn { tried: written, ..turn };
            self.is_certain = false;
            let came_back = action.act(self, turn).await;
            let mut result =
                came_back.map_or_else(StepResult::from, |facts| StepResult { facts, ..StepResult::default() });
            if result.failed.is_none() && result.error.is_none() {
                capture::keep(turn.step, &mut result, self.known.map(|known| (known, self.roles)));
            }
            first_ended.get_or_insert_with(Instant::now);
            // What has ended does not come back by being asked again.
            let is_certain = self.is_certain
                || result.error.is_some()
                || holds(turn, &result)
                || action.needs().container && self.container_has_ended().await;
            if is_over || is_certain {
                return result;
            }
            sleep(PAUSE).await;
        }
    }

    /// Puts everything back.
    async fn undo(&mut self) {
        self.undo_edits().await;
        if let Some(container) = self.made.container.take() {
            container.remove().await;
        }
        for (_, container) in std::mem::take(&mut self.made.started) {
            container.remove().await;
        }
        self.remove_volumes().await;
    }

    /// The running stack.
    pub(super) fn stack(&mut self) -> Result<&mut Stack, Fault> {
        self.stack.as_deref_mut().ok_or_else(no_stack)
    }

    /// The running stack, to look at it.
    pub(super) fn stack_as_it_is(&self) -> Result<&Stack, Fault> {
        self.stack.as_deref().ok_or_else(no_stack)
    }

    /// The service that a role or a name means, and where it stands.
    pub(super) fn service(&self, name: &str) -> Result<(String, Option<Place>), Fault> {
        let service = match self.roles.get(name) {
            Some(Err(why)) => return Err(Fault::learner(None, why.clone())),
            Some(Ok(service)) => service.as_str(),
            None => name,
        };
        let stack = self.stack_as_it_is()?;
        if !stack.states().contains_key(service) {
            return Err(Fault::learner(None, format!("there is no service `{service}`")));
        }
        Ok((service.to_owned(), stack.places().get(service).cloned()))
    }

    /// Finds a service that runs; it may answer even if it is not ready.
    pub(super) fn running_service(&self, name: &str) -> Result<(String, Option<Place>), Fault> {
        self.service_if(name, |state| state.is_ready() || state.state == "running")
    }

    /// The same, of a service that is ready.
    pub(super) fn ready_service(&self, name: &str) -> Result<(String, Option<Place>), Fault> {
        self.service_if(name, State::is_ready)
    }

    fn service_if(&self, name: &str, fits: impl Fn(&State) -> bool) -> Result<(String, Option<Place>), Fault> {
        let (service, place) = self.service(name)?;
        let state = self.stack.as_deref().and_then(|stack| stack.states().get(&service));
        match state {
            Some(state) if fits(state) => Ok((service, place)),
            state => {
                let why = state.and_then(|state| state.not_ready.as_ref()).map(ToString::to_string);
                let why = why.unwrap_or_else(|| "has ended".to_owned());
                Err(Fault::learner(place, format!("`{service}` {why}")))
            }
        }
    }
}

/// A step that needs the stack is only done where there is one.
fn no_stack() -> Fault {
    Fault::machine("the stack does not run")
}

/// Whether what came back is what the step expects, as far as it is about the answer.
pub(super) fn holds(turn: Turn<'_>, result: &StepResult) -> bool {
    result.failed.is_none()
        && result.error.is_none()
        && turn.step.expect.iter().all(|expectation| condition(&expectation.condition, result, turn.captures))
}

fn condition(of: &Condition, result: &StepResult, captures: &Captures) -> bool {
    match of {
        Condition::AllOf(all) => all.iter().all(|of| condition(of, result, captures)),
        Condition::AnyOf(any) => any.iter().any(|of| condition(of, result, captures)),
        Condition::Fact(path, matcher) => {
            let is_of_answer = path.first().is_some_and(|first| registry::source_of(first).is_none());
            let absent = Fact::absent();
            !is_of_answer || fit(matcher, result.facts.at(path).unwrap_or(&absent), captures) == Fit::Yes
        }
    }
}
