//! Does a check's steps: asks services and containers, changes them, keeps what comes back. One file an action.

pub mod action;
pub mod answers;
mod capture;
mod compose;
mod container;
mod edit;
mod exec;
mod files;
mod http;
mod interpolate;
mod one_off;
mod output;
pub(crate) mod read;
mod rebuild;
mod request;
mod wait;

pub use action::{Action, Capture, Step};

use crate::challenge::Challenge;
use crate::compose::roles::Found;
use crate::engine::image::build::Built;
use crate::engine::stack::{Stack, State};
use crate::engine::{ApiError, Engine};
use crate::facts::{Fact, Facts, registry};
use crate::matching::StepResult;
use crate::matching::fit::{Captures, Fit, fit};
use crate::language::condition::Condition;
use crate::place::Place;
use crate::repository::Snapshot;
use crate::run::reading::Reading;
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

/// The work that is graded, as far as steps need it.
#[derive(Clone, Copy)]
pub struct Graded<'a> {
    /// The challenge.
    pub challenge: &'a Challenge,
    /// What was read of the repository.
    pub reading: &'a Reading,
    /// The graded image.
    pub built: &'a Built,
    /// The facts of the image, for their places.
    pub image: &'a Facts,
    /// How long a build may take.
    pub build_limit: Duration,
}

/// The files that steps may change, and what is known of them. The bounds of the challenge hold too.
#[derive(Clone, Copy)]
pub struct Ground<'a> {
    /// The challenge.
    pub challenge: &'a Challenge,
    /// What was read of the repository.
    pub reading: &'a Reading,
    /// A copy of it from before anything ran, if a step needs one; or why there is none.
    pub pristine: Option<&'a Result<Snapshot, String>>,
    /// How long a build may take.
    pub build_limit: Duration,
}

/// What the steps of one check work on.
pub struct Bench<'a> {
    /// The engine.
    pub engine: &'a Engine,
    /// The running stack, where a step needs it.
    pub stack: Option<&'a mut Stack>,
    /// Which service plays which role.
    pub roles: &'a BTreeMap<String, Found>,
    /// The work that is graded; without it only the stack can be worked on.
    pub graded: Option<Graded<'a>>,
    /// The files that may be changed.
    ground: Option<Ground<'a>>,
    /// Hears what is done.
    pub doing: &'a dyn Fn(String),
    /// What the steps have made so far.
    made: Made<'a>,
}

/// What the steps of one check have made; it is undone at their end.
#[derive(Debug, Default)]
struct Made<'a> {
    container: Option<container::Container<'a>>,
    edits: Vec<edit::Edited>,
    /// The files that were changed, as they are now.
    changed: BTreeMap<String, Vec<u8>>,
    /// What makes these changes other ones than those of other checks and runs.
    change: Option<u32>,
    /// A copy of the graded files of the check's own.
    copy: Option<Snapshot>,
    volumes: BTreeMap<String, String>,
    /// The ports that its steps ask the container at.
    ports: BTreeSet<u16>,
}

impl<'a> Bench<'a> {
    /// A bench for one check.
    pub fn new(
        engine: &'a Engine,
        stack: Option<&'a mut Stack>,
        roles: &'a BTreeMap<String, Found>,
        graded: Option<Graded<'a>>,
        doing: &'a dyn Fn(String),
    ) -> Self {
        Self { engine, stack, roles, graded, ground: None, doing, made: Made::default() }
    }

    /// The same with files that may be changed.
    #[must_use]
    pub fn on(self, ground: Ground<'a>) -> Self {
        Self { ground: Some(ground), ..self }
    }

    /// Does the steps in their order, whatever comes of each; one result a step. What they made is removed.
    pub async fn run(mut self, steps: &[Step]) -> Vec<StepResult> {
        let (mut results, mut captures) = (Vec::new(), Captures::new());
        self.made.ports = container::asked_ports(steps);
        for (index, step) in steps.iter().enumerate() {
            let kept: Vec<&str> =
                steps.iter().take(index).flat_map(|step| step.capture.keys()).map(String::as_str).collect();
            let result = match interpolate::fill(&step.action, &kept, &captures) {
                Err(missing) => {
                    let why = NotDone::learners(None, format!("no earlier step could keep `{missing}`"));
                    StepResult { follows: true, ..why.into() }
                }
                Ok(action) => self.in_time(step, &action, &captures).await,
            };
            captures.extend(result.captures.clone());
            results.push(result);
        }
        // What an engine does not remove in time is removed at the end of the run.
        let _ = timeout(UNDO, self.undo()).await;
        results
    }

    /// Does a step, if it does not take too long.
    async fn in_time(&mut self, step: &Step, action: &Action, captures: &Captures) -> StepResult {
        let limit = self.limit(action);
        if let Ok(result) = timeout(limit, Box::pin(self.until_it_holds(step, action, captures))).await {
            return result;
        }
        if let Some(stack) = self.stack.as_deref_mut() {
            // What was done half is seen by the next step. An engine that is gone is met there too.
            let _ = stack.refresh().await;
        }
        let why = format!("it took longer than {}, the most that a step may take", humantime::format_duration(limit));
        NotDone::learners(None, why).into()
    }

    /// How long a step may take: what the challenge says, else long enough for what the step says itself.
    fn limit(&self, action: &Action) -> Duration {
        let own = match action {
            Action::Http(http) => http.timeout.unwrap_or_default() + http.retry_for,
            Action::Exec(exec) => exec.timeout.unwrap_or_default() + exec.retry_for,
            Action::Run(run) => run.timeout.unwrap_or_default(),
            Action::Container(_, within) | Action::Compose(_, within) => within.unwrap_or_default(),
            Action::Wait { within, .. } => *within,
            Action::Rebuild { .. } => self.ground.map(|ground| ground.build_limit).unwrap_or_default(),
            Action::Files { .. } | Action::Edit { .. } => Duration::ZERO,
        };
        let limit = self.ground.and_then(|ground| ground.challenge.limits.step);
        limit.unwrap_or_else(|| LIMIT.max(own + MORE))
    }

    /// Does a step, again and again where it says so, until what comes back is as it expects.
    async fn until_it_holds(&mut self, step: &Step, action: &Action, captures: &Captures) -> StepResult {
        let retry_for = match action {
            Action::Http(http) => http.retry_for,
            Action::Exec(exec) => exec.retry_for,
            _ => Duration::ZERO,
        };
        let deadline = Instant::now() + retry_for;
        loop {
            let mut result = self.once(step, action, captures).await;
            if result.failed.is_none() && result.error.is_none() {
                capture::keep(step, &mut result);
            }
            let is_done = result.error.is_some() || holds(step, &result, captures) || Instant::now() >= deadline;
            // What has ended does not come back by being asked again.
            if is_done || self.has_ended(action).await {
                return result;
            }
            sleep(PAUSE).await;
        }
    }

    async fn once(&mut self, step: &Step, action: &Action, captures: &Captures) -> StepResult {
        let came_back = match action {
            Action::Http(http) => self.http(step, http, captures).await,
            Action::Exec(exec) => self.exec(exec).await,
            Action::Run(run) => self.one_off(run).await,
            Action::Files { place, paths } => self.files(place, paths).await,
            Action::Container(what, within) => self.container(what, *within).await,
            Action::Compose(what, within) => self.compose(step, what, *within).await,
            Action::Edit { file, replace, with } => self.edit(file, replace, with).await,
            Action::Rebuild { touch } => self.rebuild(touch.as_deref()).await,
            Action::Wait { condition, within } => self.wait(condition, *within, captures).await,
        };
        came_back.map_or_else(StepResult::from, |facts| StepResult { facts, ..StepResult::default() })
    }

    /// Puts everything back.
    async fn undo(&mut self) {
        self.undo_edits();
        if let Some(container) = self.made.container.take() {
            container.remove().await;
        }
        self.remove_volumes().await;
    }

    /// The service that a role or a name means, and where it stands.
    fn service(&self, name: &str) -> Result<(String, Option<Place>), NotDone> {
        let service = match self.roles.get(name) {
            Some(Err(why)) => return Err(NotDone::learners(None, why.clone())),
            Some(Ok(service)) => service.as_str(),
            None => name,
        };
        let stack = self.stack.as_deref().ok_or_else(NotDone::no_stack)?;
        if !stack.states().contains_key(service) {
            return Err(NotDone::learners(None, format!("there is no service `{service}`")));
        }
        Ok((service.to_owned(), stack.places().get(service).cloned()))
    }

    /// The same, of a service that runs; it may answer even if it is not ready.
    fn running_service(&self, name: &str) -> Result<(String, Option<Place>), NotDone> {
        self.service_if(name, |state| state.is_ready() || state.state == "running")
    }

    /// The same, of a service that is ready.
    fn ready_service(&self, name: &str) -> Result<(String, Option<Place>), NotDone> {
        self.service_if(name, State::is_ready)
    }

    fn service_if(&self, name: &str, fits: impl Fn(&State) -> bool) -> Result<(String, Option<Place>), NotDone> {
        let (service, place) = self.service(name)?;
        let state = self.stack.as_deref().and_then(|stack| stack.states().get(&service));
        match state {
            Some(state) if fits(state) => Ok((service, place)),
            state => {
                let why = state.and_then(|state| state.not_ready.as_ref()).map(ToString::to_string);
                let why = why.unwrap_or_else(|| "has ended".to_owned());
                Err(NotDone::learners(place, format!("`{service}` {why}")))
            }
        }
    }
}

/// Why nothing came back from a step.
#[derive(Debug)]
enum NotDone {
    /// That is the learner's to change: where, and why.
    Learner(Option<Place>, String),
    /// Through no fault of the learner.
    Machine(String),
}

impl NotDone {
    fn learners(place: impl Into<Option<Place>>, because: impl Into<String>) -> Self {
        Self::Learner(place.into(), because.into())
    }

    fn machines(why: impl Into<String>) -> Self {
        Self::Machine(why.into())
    }

    /// A step that needs the stack is only done where there is one.
    fn no_stack() -> Self {
        Self::machines("the stack does not run")
    }
}

impl From<ApiError> for NotDone {
    fn from(error: ApiError) -> Self {
        Self::Machine(error.to_string())
    }
}

impl From<NotDone> for StepResult {
    fn from(why: NotDone) -> Self {
        match why {
            NotDone::Learner(place, because) => {
                Self { failed: Some(Fact::absent().because(because).at(place)), ..Self::default() }
            }
            NotDone::Machine(why) => Self { error: Some(why), ..Self::default() },
        }
    }
}

/// Whether what came back is what the step expects, as far as it is about the answer.
fn holds(step: &Step, result: &StepResult, captures: &Captures) -> bool {
    result.failed.is_none()
        && result.error.is_none()
        && step.expect.iter().all(|expectation| condition(&expectation.condition, result, captures))
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
