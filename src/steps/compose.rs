//! `compose:` does something with the stack.

use super::container::unknown;
use super::{Acting, Action, Needs, StepKind, StepLimits, StepRunner, Turn, kind};
use crate::engine::stack::{Stack, State};
use crate::facts::{Facts, Source, stack as stack_facts};
use crate::language::grammar::ValueKind;
use crate::language::scope::Scope;
use crate::outcome::Fault;
use crate::place::Place;
use crate::yaml::Node;
use std::time::Duration;
use tokio::time::Instant;

/// `compose:`
pub static KIND: StepKind = StepKind {
    name: "compose",
    doc: "Does something with the stack: `down`, `restart api`, `scale api=2`.",
    takes: ValueKind::Words(&WORDS),
    one_of: &[],
    answers: &[],
    afresh: &[Source::Stack],
    read: |scope, node, within| kind::boxed(read(scope, node).map(|what| StackChange { what, within })),
};

static WORDS: [&str; 8] = [
    "up",
    "down",
    "down-with-volumes",
    "restart SERVICE",
    "stop SERVICE",
    "start SERVICE",
    "kill SERVICE",
    "scale SERVICE=N",
];

/// The most containers of one service.
const MOST_REPLICAS: u32 = 10;

/// Something done with the stack.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct StackChange {
    /// What is done with the stack.
    pub what: ComposeAction,
    /// How long it may take until all that it concerns is ready.
    pub within: Option<Duration>,
}

/// What is done with the stack.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum ComposeAction {
    /// `docker compose up`
    Up,
    /// `docker compose down`
    Down,
    /// `docker compose down --volumes`
    DownWithVolumes,
    /// `docker compose restart SERVICE`
    Restart(String),
    /// `docker compose stop SERVICE`
    Stop(String),
    /// `docker compose start SERVICE`
    Start(String),
    /// `docker compose kill SERVICE`
    Kill(String),
    /// So many containers of a service.
    Scale(String, u32),
}

/// What is done with the stack.
fn read(scope: &Scope<'_>, node: &Node) -> Option<ComposeAction> {
    let written = scope.prose(node)?;
    let read = match written.split_whitespace().collect::<Vec<_>>().as_slice() {
        ["up"] => Some(ComposeAction::Up),
        ["down"] => Some(ComposeAction::Down),
        ["down-with-volumes"] => Some(ComposeAction::DownWithVolumes),
        ["restart", service] => Some(ComposeAction::Restart((*service).to_owned())),
        ["stop", service] => Some(ComposeAction::Stop((*service).to_owned())),
        ["start", service] => Some(ComposeAction::Start((*service).to_owned())),
        ["kill", service] => Some(ComposeAction::Kill((*service).to_owned())),
        ["scale", scale] => scale.split_once('=').and_then(|(service, count)| {
            let count = count.parse().ok().filter(|count| *count <= MOST_REPLICAS)?;
            (!service.is_empty()).then(|| ComposeAction::Scale(service.to_owned(), count))
        }),
        _ => None,
    };
    read.or_else(|| unknown(scope, node, &written, "the stack", &WORDS))
}

impl Action for StackChange {
    fn needs(&self) -> Needs {
        Needs { stack: true, ..Needs::default() }
    }

    fn texts(&mut self) -> Vec<&mut String> {
        Vec::new()
    }

    fn changes_stack(&self) -> bool {
        !matches!(self.what, ComposeAction::Restart(_))
    }

    fn disturbs_stack(&self) -> bool {
        true
    }

    fn limit(&self, _: &StepLimits) -> Duration {
        self.within.unwrap_or_default()
    }

    fn act<'r>(&'r self, runner: &'r mut StepRunner<'_>, turn: Turn<'r>) -> Acting<'r, Facts> {
        Box::pin(runner.compose(&self.what, self.within, turn))
    }
}

impl StepRunner<'_> {
    /// A service that is not ready afterwards is told as a fact.
    async fn compose(
        &mut self,
        what: &ComposeAction,
        within: Option<Duration>,
        turn: Turn<'_>,
    ) -> Result<Facts, Fault> {
        let begin = Instant::now();
        let doing = self.doing;
        match what {
            ComposeAction::Up => self.stack()?.bring_up(within, doing).await,
            ComposeAction::Down => self.stack()?.take_down(false, within, doing).await,
            ComposeAction::DownWithVolumes => self.stack()?.take_down(true, within, doing).await,
            ComposeAction::Restart(name) => return self.restart(name, within, begin, turn).await,
            ComposeAction::Stop(name) => {
                let (service, _) = self.service(name)?;
                self.stack()?.stop(&service, within, doing).await
            }
            ComposeAction::Start(name) => {
                let (service, place) = self.service(name)?;
                match self.stack()?.start_again(&service, within, doing).await {
                    Ok(false) => {
                        return Err(Fault::learner(place, format!("`{service}` has no container to start")));
                    }
                    done => done.map(drop),
                }
            }
            ComposeAction::Kill(name) => {
                let (service, _) = self.service(name)?;
                self.stack()?.kill(&service, doing).await
            }
            ComposeAction::Scale(name, count) => {
                let (service, _) = self.service(name)?;
                self.stack()?.scale(&service, *count, within, doing).await
            }
        }?;
        Ok(afresh(self.stack()?, begin))
    }

    async fn restart(
        &mut self,
        name: &str,
        within: Option<Duration>,
        begin: Instant,
        turn: Turn<'_>,
    ) -> Result<Facts, Fault> {
        let (service, place) = self.service(name)?;
        // What is not ready by itself would only be waited for once more.
        if !self.stack()?.was_ended(&service) {
            self.ready_service(name)?;
        }
        let doing = self.doing;
        let stack = self.stack()?;
        stack.restart(&service, within, doing).await?;
        let asks = turn.step.expect.iter().any(|expectation| expectation.condition.names("stack"));
        match why_not_ready(stack, &service).filter(|_| !asks) {
            Some(why) => Err(not_ready(place, &service, &why)),
            None => Ok(afresh(stack, begin)),
        }
    }
}

fn why_not_ready(stack: &Stack, service: &str) -> Option<String> {
    stack.states().get(service).and_then(|state: &State| state.not_ready.clone())
}

fn not_ready(place: Option<Place>, service: &str, why: &str) -> Fault {
    Fault::learner(place, format!("after it was restarted, `{service}` {why}"))
}

/// The facts of the stack as it is now, and how long it took.
pub(super) fn afresh(stack: &Stack, begin: Instant) -> Facts {
    let mut facts = stack_facts::collect(stack);
    facts.put("seconds", begin.elapsed());
    facts
}
