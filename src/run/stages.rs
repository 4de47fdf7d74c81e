//! What needs an engine, everything independent at the same time: the image is built beside the stack's own preparation,
//! then the image is run beside the stack.

use super::last_word;
use super::reading::Reading;
use super::recipe::{Recipe, Recipes};
use super::runner::Request;
use super::scoreboard::Board;
use crate::challenge::{Challenge, Check};
use crate::engine::image::build::Built;
use crate::engine::image::filesystem::Wanted;
use crate::engine::stack::{Plan, Resolution, Stack, StackRequest, Unresolved, prepare_resolved, resolve};
use crate::engine::{ApiError, Engine, Versions};
use crate::event::{Event, Listener};
use crate::facts::container::{self, ContainerRequest, OnWatch};
use crate::facts::image;
use crate::facts::{Fact, Facts, Source, Unavailable, stack as stack_facts};
use crate::judge::StepResult;
use crate::outcome::{Fault, Finding};
use crate::repository::Snapshot;
use crate::steps::{Graded, StepLimits, StepRunner, Workspace};
use std::cell::RefCell;
use std::collections::BTreeMap;
use tokio::sync::OnceCell;
use tokio::task::spawn_blocking;

/// What is known of the build and the engine in the end.
#[derive(Debug, Clone, Default)]
pub struct BuildRecord {
    /// The engine's versions.
    pub engine: Option<Versions>,
    /// What was built for.
    pub platform: String,
    /// Base images and their digests.
    pub bases: BTreeMap<String, String>,
}

/// All that the parts of the work share.
pub struct Work<'a> {
    /// The engine.
    pub engine: &'a Engine,
    /// What was asked for.
    pub request: &'a Request,
    /// The challenge.
    pub challenge: &'a Challenge,
    /// What was read.
    pub reading: &'a Reading,
    /// Where the facts go.
    pub board: &'a Board<'a>,
    /// The files that the challenge gives.
    pub given: Vec<Wanted>,
    /// Who hears of it.
    pub listener: Listener<'a>,
    /// The graded copy as it is before anything runs, where a step needs it.
    pub pristine: OnceCell<Result<Snapshot, Fault>>,
}

impl Work<'_> {
    pub(super) fn doing(&self, source: Source) -> impl Fn(String) + '_ {
        move |text| (self.listener)(Event::Doing(source, text))
    }

    /// Collects what the board wants. `doubted` are the facts of a Dockerfile that our parser refuses, `files` those of the
    /// Compose files, of which Compose has the last word.
    pub async fn collect(&self, doubted: Option<Facts>, files: Option<Facts>, outcome: &mut BuildRecord) {
        self.keep_pristine().await;
        let doubted = RefCell::new(doubted);
        let cell = OnceCell::new();
        let image = || cell.get_or_init(|| self.image(&doubted));
        let container = async {
            let built =
                if doubted.borrow().is_some() || self.board.wants(Source::Image) || self.board.wants(Source::Container)
                {
                    image().await.as_ref()
                } else {
                    None
                };
            self.container(built).await
        };
        let stack = async {
            let resolution = self.compose(files).await;
            if !self.board.wants(Source::Stack) {
                return None;
            }
            self.board.begin(Source::Stack);
            let plan = self.prepare(resolution).await?;
            for note in &plan.notes {
                (self.listener)(Event::Note(note.clone()));
            }
            // What waits for no build is started beside it.
            let doing = self.doing(Source::Stack);
            let (built, ()) = tokio::join!(image(), plan.start_early(self.engine, &doing));
            match built {
                Some(built) => self.stack(plan, Some(built)).await,
                None if self.reading.build.service.is_none() => self.stack(plan, None).await,
                None => self.stack_without_image(),
            }
        };
        let (on_watch, stack) = tokio::join!(container, stack);
        tokio::join!(self.last_look(on_watch), self.last_look_at(stack));
        self.scripts().await;
        if let Some(built) = cell.get().and_then(Option::as_ref) {
            outcome.bases.clone_from(&built.bases);
            for note in &built.notes {
                (self.listener)(Event::Note(note.clone()));
            }
            outcome.platform = self
                .board
                .with_facts(|facts| facts.get("image.platform").and_then(Fact::text).unwrap_or_default().to_owned());
        }
    }

    /// Builds the image and puts its facts on the board.
    async fn image(&self, doubted: &RefCell<Option<Facts>>) -> Option<Built> {
        let reading = self.reading;
        let Some(parsed) = &reading.dockerfile else {
            let mut facts = Facts::default();
            facts.put("image.builds", Fact::of(false).because("there is no Dockerfile to build"));
            self.board.put(&[Source::Image], facts);
            return None;
        };
        self.board.begin(Source::Image);
        let recipe = Recipe::new(reading, self.challenge, reading.graded.root(), parsed.file());
        let ignored_by = |path: &str| recipe.ignored_by(path);
        let tag = self.engine.run.image_tag(1);
        let request = recipe.request(&tag, self.request.limit, &ignored_by);
        let image = image::collect(self.engine, &request, &self.doing(Source::Image)).await;
        if let Some(facts) = doubted.borrow_mut().take() {
            self.board.put(&[Source::Dockerfile], last_word::of_build(facts, image.built.is_some()));
        }
        let mut facts = image.facts;
        if let Some(built) = &image.built {
            self.weigh(built, &mut facts).await;
        }
        self.board.put(&[Source::Image], facts);
        for note in image.failed.iter().flat_map(|failed| &failed.notes) {
            (self.listener)(Event::Note(note.clone()));
        }
        image.built
    }

    /// Runs the image, and does the steps in containers of it. What is to go on running until the end comes back.
    async fn container(&self, built: Option<&Built>) -> Option<OnWatch<'_>> {
        if !self.board.wants(Source::Container) {
            return None;
        }
        self.board.begin(Source::Container);
        let Some(built) = built else {
            let facts = self.board.with_facts(container::not_built);
            self.board.put(&[Source::Container], facts);
            return None;
        };
        let image = self.board.with_facts(Facts::clone);
        let request = self.container_request(&image);
        let doing = self.doing(Source::Container);
        let (facts, on_watch) = container::collect(self.engine, built, &request, &doing).await;
        self.board.begin_steps(Source::Container);
        match &on_watch {
            Some(_) => self.board.put_watched(Source::Container, facts),
            None => self.board.put(&[Source::Container], facts),
        }
        for check in self.with_steps(Source::Container) {
            if self.board.is_open(&check.id) {
                let graded = Some(self.graded(built, &image));
                let runner = StepRunner::new(self.engine, None, self.board.roles(), graded, &doing);
                let recipes = self.recipes();
                let runner = runner.on(self.workspace(&recipes)).knowing(&image);
                let results = runner.run(&check.steps).await;
                self.board.put_steps(&check.id, results);
            }
        }
        self.board.end_steps(Source::Container);
        on_watch
    }

    pub(super) fn container_request<'b>(&'b self, image: &'b Facts) -> ContainerRequest<'b> {
        let http = self.challenge.subject.http.as_ref().map(|http| (http.port, http.path.as_str()));
        ContainerRequest { image, http, given: &self.given }
    }

    /// The checks whose steps are done on a source, as far as they still wait.
    fn with_steps(&self, source: Source) -> Vec<&Check> {
        let open = self.board.open().into_iter().map(|planned| planned.check);
        let mut found: Vec<&Check> = open.filter(|check| check.step_source() == Some(source)).collect();
        // A check that says that it changes the stack comes last. Any other that changes it is followed by a fresh one.
        found.sort_by_key(|check| check.changes_stack);
        found
    }

    fn graded<'b>(&'b self, built: &'b Built, image: &'b Facts) -> Graded<'b> {
        let http = self.challenge.subject.http.as_ref().map(|http| (http.port, http.path.as_str()));
        Graded { built, image, http, dockerfile: &self.reading.build.dockerfile }
    }

    /// Asks Compose for its verdict on the files, and puts their facts on the board.
    async fn compose(&self, files: Option<Facts>) -> Option<Result<Resolution, Unresolved>> {
        let compose = self.reading.compose.as_ref()?;
        let request = StackRequest { compose, root: self.reading.graded.root() };
        let resolution = resolve(self.engine, &request, &self.doing(Source::Compose)).await;
        for warning in resolution.iter().flat_map(|resolution| &resolution.warnings) {
            (self.listener)(Event::Note(warning.clone()));
        }
        if let Some(mut facts) = files {
            last_word::of_compose(&mut facts, compose, resolution.as_ref().map(|_| ()));
            self.board.put(&[Source::Compose], facts);
        }
        Some(resolution)
    }

    async fn prepare(&self, resolution: Option<Result<Resolution, Unresolved>>) -> Option<Plan> {
        let (Some(compose), Some(resolution)) = (&self.reading.compose, resolution) else {
            let facts = stack_facts::not_started(
                &Finding { message: "there is no Compose file".into(), ..Finding::default() },
                None,
            );
            self.board.put(&[Source::Stack], facts);
            return None;
        };
        let request = StackRequest { compose, root: self.reading.graded.root() };
        let prepared = match resolution {
            Ok(resolution) => prepare_resolved(self.engine, &request, resolution, &self.doing(Source::Stack)).await,
            Err(why) => Err(why.into()),
        };
        match prepared {
            Ok(plan) => Some(plan),
            Err(Fault::Learner(findings)) => {
                self.board.put(&[Source::Stack], stack_facts::refused(&findings, compose));
                None
            }
            Err(Fault::Machine(why)) => {
                self.board.put_unavailable(&[Source::Stack], &Unavailable::Failed(why));
                None
            }
        }
    }

    /// The image that a service needs could not be built.
    fn stack_without_image(&self) -> Option<Stack> {
        let why = self.board.with_facts(|facts| facts.unavailable(Source::Image).cloned());
        if let Some(why) = why {
            self.board.put_unavailable(&[Source::Stack], &why);
            return None;
        }
        let finding = Finding { message: "the image does not build".into(), ..Finding::default() };
        self.board.put(&[Source::Stack], stack_facts::not_started(&finding, self.reading.compose.as_ref()));
        None
    }

    /// Brings the stack up and does the steps on it. It comes back if no step has disturbed it.
    async fn stack(&self, plan: Plan, built: Option<&Built>) -> Option<Stack> {
        let compose = self.reading.compose.as_ref()?;
        let doing = self.doing(Source::Stack);
        let failed = |why: String| {
            self.board.put_unavailable(&[Source::Stack], &Unavailable::Failed(why));
            None
        };
        let images = match self.images(&plan, built, &doing).await {
            Ok(images) => images,
            Err(Fault::Machine(why)) => return failed(why),
            Err(Fault::Learner(findings)) => {
                let finding = findings.into_iter().next().unwrap_or_default();
                self.board.put(&[Source::Stack], stack_facts::not_started(&finding, Some(compose)));
                return None;
            }
        };
        let mut stack = match Stack::launch(plan, self.engine, &images, &doing).await {
            Ok(stack) => stack,
            Err(error) => return failed(error.to_string()),
        };
        if let Some(why) = stack.cut_off().await {
            return failed(why);
        }
        if let Some(built) = built
            && stack.up().failed.is_none()
            && let Err(error) = self.see_program(&mut stack, built, compose).await
        {
            return failed(error.to_string());
        }
        let facts = self.board.with_facts(Facts::clone);
        let graded = built.map(|built| self.graded(built, &facts));
        self.board.begin_steps(Source::Stack);
        let facts = stack_facts::collect(&stack);
        if stack.up().failed.is_some() {
            self.board.put(&[Source::Stack], facts);
        } else {
            self.board.put_watched(Source::Stack, facts);
        }
        let was_settled = self.steps_on(&mut stack, graded, &doing).await;
        self.board.end_steps(Source::Stack);
        match was_settled {
            Ok(was_settled) => Some(stack).filter(|_| !was_settled),
            Err(error) => failed(error.to_string()),
        }
    }

    /// Does the steps of all checks that need the stack, each on it as it was in the beginning. Whether the last look at that was
    /// taken, because they disturb it.
    async fn steps_on(
        &self,
        stack: &mut Stack,
        graded: Option<Graded<'_>>,
        doing: &dyn Fn(String),
    ) -> Result<bool, ApiError> {
        if stack.up().failed.is_some() {
            return Ok(false);
        }
        let (mut is_changed, mut was_changed, mut was_settled) = (false, false, false);
        for check in self.with_steps(Source::Stack) {
            if !self.board.is_open(&check.id) {
                continue; // another check has decided it
            }
            if let Err(why) = self.as_first(stack, is_changed, doing).await {
                self.board.put_steps(&check.id, vec![why; check.steps.len()]);
                continue;
            }
            is_changed = check.changes_stack();
            if !was_settled && check.steps.iter().any(|step| step.action.disturbs_stack()) {
                self.settle(stack).await; // nothing can be said afterwards of what it was
                was_settled = true;
            }
            was_changed |= is_changed;
            let runner = StepRunner::new(self.engine, Some(&mut *stack), self.board.roles(), graded, doing);
            let known = self.board.with_facts(Facts::clone);
            let results = runner.on(self.workspace(&self.recipes())).knowing(&known).run(&check.steps).await;
            // What holds of the stack is what holds after it was asked, and before a check changes it.
            if !was_changed {
                stack.refresh().await?;
                self.board.renew(stack_facts::collect(stack));
            }
            self.board.put_steps(&check.id, results);
        }
        Ok(was_settled)
    }

    /// Brings a stack that an earlier check has changed up anew; the error is what each step of the next check comes to.
    async fn as_first(&self, stack: &mut Stack, is_changed: bool, doing: &dyn Fn(String)) -> Result<(), StepResult> {
        if !is_changed {
            return Ok(());
        }
        stack.renew(doing).await.map_err(|error| StepResult::from(Fault::from(error)))?;
        let Some(why) = &stack.up().failed else { return Ok(()) };
        let why = Fact::absent().because(format!("the stack did not come up a second time: {why}"));
        Err(StepResult { failed: Some(why.at(stack.file().clone())), ..StepResult::default() })
    }

    /// What steps may change.
    fn workspace<'b>(&'b self, builder: &'b Recipes<'b>) -> Workspace<'b> {
        let (root, dockerfile) = (self.reading.graded.root(), self.reading.build.dockerfile.as_str());
        let limits = &self.challenge.limits;
        let limits = StepLimits { step: limits.step, start: limits.start, build: self.request.limit };
        let dockerfiles = &self.reading.dockerfiles;
        Workspace { root, pristine: self.pristine.get(), dockerfile, dockerfiles, builder, limits }
    }

    /// How the image is built after a change.
    fn recipes(&self) -> Recipes<'_> {
        let limit = self.request.limit;
        Recipes { engine: self.engine, reading: self.reading, challenge: self.challenge, limit }
    }

    /// Copies the graded copy before a container can write into it, if a step will need it.
    async fn keep_pristine(&self) {
        let open = self.board.open();
        let mut steps = open.iter().flat_map(|planned| &planned.check.steps);
        if steps.any(|step| step.action.needs().files) {
            let graded = self.reading.graded.clone();
            let copied = spawn_blocking(move || Snapshot::take(&graded, None).map_err(Fault::machine));
            let _ = self.pristine.set(copied.await.unwrap_or_else(|error| Err(Fault::machine(error))));
        }
    }
}
