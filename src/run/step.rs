//! Does a check's steps: asks services and containers, changes them, keeps what comes back. One file an action.

mod compose;
mod container;
mod edit;
mod exec;
mod files;
mod fill;
mod http;
mod keep;
mod one_off;
mod rebuild;
mod request;
mod wait;

use super::reading::Reading;
use crate::challenge::action::Action;
use crate::challenge::{Challenge, Condition, Step};
use crate::compose::roles::Found;
use crate::engine::build::Built;
use crate::engine::compose::{Stack, State};
use crate::engine::{ApiError, Engine};
use crate::facts::{Fact, Facts, registry};
use crate::judge::StepResult;
use crate::judge::fit::{Captures, Fit, fit};
use crate::place::Place;
use std::collections::BTreeMap;
use std::time::Duration;
use tokio::time::{Instant, sleep};

/// How long is waited before something is asked again.
const PAUSE: Duration = Duration::from_millis(200);

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
    volumes: BTreeMap<String, String>,
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
        Self { engine, stack, roles, graded, doing, made: Made::default() }
    }

    /// Does the steps in their order, whatever comes of each; one result a step. What they made is removed.
    pub async fn run(mut self, steps: &[Step]) -> Vec<StepResult> {
        let (mut results, mut captures) = (Vec::new(), Captures::new());
        for (index, step) in steps.iter().enumerate() {
            let kept: Vec<&str> =
                steps.iter().take(index).flat_map(|step| step.capture.keys()).map(String::as_str).collect();
            let result = match fill::fill(&step.action, &kept, &captures) {
                Err(missing) => NotDone::learners(None, format!("no earlier step could keep `{missing}`")).into(),
                Ok(action) => Box::pin(self.until_it_holds(step, &action, &captures)).await,
            };
            captures.extend(result.captures.clone());
            results.push(result);
        }
        self.undo().await;
        results
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
                keep::keep(step, &mut result);
            }
            if result.error.is_some() || holds(step, &result, captures) || Instant::now() >= deadline {
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
            Action::Compose(what, within) => self.compose(what, *within).await,
            Action::Edit { file, replace, with } => self.edit(file, replace, with),
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
