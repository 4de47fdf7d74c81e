//! `compose:` does something with the stack.

use super::Step;
use super::action::ComposeAction;
use super::{Bench, NotDone};
use crate::engine::stack::{Stack, State};
use crate::facts::{Facts, stack as stack_facts};
use crate::place::Place;
use std::time::Duration;
use tokio::time::Instant;

impl Bench<'_> {
    /// A service that is not ready afterwards is told as a fact.
    pub(super) async fn compose(
        &mut self,
        step: &Step,
        what: &ComposeAction,
        within: Option<Duration>,
    ) -> Result<Facts, NotDone> {
        let begin = Instant::now();
        let doing = self.doing;
        match what {
            ComposeAction::Up => self.stack()?.bring_up(within, doing).await,
            ComposeAction::Down => self.stack()?.take_down(false, within, doing).await,
            ComposeAction::DownWithVolumes => self.stack()?.take_down(true, within, doing).await,
            ComposeAction::Restart(name) => return self.restart(step, name, within, begin).await,
            ComposeAction::Stop(name) => {
                let (service, _) = self.service(name)?;
                self.stack()?.stop(&service, within, doing).await
            }
            ComposeAction::Start(name) => {
                let (service, place) = self.service(name)?;
                match self.stack()?.start_again(&service, within, doing).await {
                    Ok(false) => {
                        return Err(NotDone::learners(place, format!("`{service}` has no container to start")));
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
        }
        .map_err(NotDone::Machine)?;
        Ok(afresh(self.stack()?, begin))
    }

    async fn restart(
        &mut self,
        step: &Step,
        name: &str,
        within: Option<Duration>,
        begin: Instant,
    ) -> Result<Facts, NotDone> {
        let (service, place) = self.service(name)?;
        // What is not ready by itself would only be waited for once more.
        if !self.stack()?.was_ended(&service) {
            self.ready_service(name)?;
        }
        let doing = self.doing;
        let stack = self.stack()?;
        stack.restart(&service, within, doing).await.map_err(NotDone::Machine)?;
        let asks = step.expect.iter().any(|expectation| expectation.condition.names("stack"));
        match why_not_ready(stack, &service).filter(|_| !asks) {
            Some(why) => Err(not_ready(place, &service, &why)),
            None => Ok(afresh(stack, begin)),
        }
    }

    /// The running stack.
    pub(super) fn stack(&mut self) -> Result<&mut Stack, NotDone> {
        self.stack.as_deref_mut().ok_or_else(NotDone::no_stack)
    }
}

fn why_not_ready(stack: &Stack, service: &str) -> Option<String> {
    stack.states().get(service).and_then(|state: &State| state.not_ready.clone())
}

fn not_ready(place: Option<Place>, service: &str, why: &str) -> NotDone {
    NotDone::learners(place, format!("after it was restarted, `{service}` {why}"))
}

/// The facts of the stack as it is now, and how long it took.
pub(super) fn afresh(stack: &Stack, begin: Instant) -> Facts {
    let mut facts = stack_facts::collect(stack);
    facts.put("seconds", begin.elapsed());
    facts
}
