//! `compose:` does something with the stack.

use super::{Bench, NotDone};
use crate::challenge::action::ComposeAction;
use crate::facts::Facts;
use std::time::Duration;
use tokio::time::Instant;

impl Bench<'_> {
    pub(super) async fn compose(&mut self, what: &ComposeAction, _within: Option<Duration>) -> Result<Facts, NotDone> {
        match what {
            ComposeAction::Restart(name) => self.restart(name).await,
            _ => Err(NotDone::machines("not there yet")),
        }
    }

    async fn restart(&mut self, name: &str) -> Result<Facts, NotDone> {
        let begin = Instant::now();
        // What is not ready would only be waited for once more.
        let (service, place) = self.ready_service(name)?;
        let stack = self.stack.as_deref_mut().ok_or_else(NotDone::no_stack)?;
        stack.restart(&service, self.doing).await.map_err(NotDone::Machine)?;
        let not_ready = stack.states().get(&service).and_then(|state| state.not_ready.as_ref());
        if let Some(why) = not_ready {
            return Err(NotDone::learners(place, format!("after it was restarted, `{service}` {why}")));
        }
        let mut facts = Facts::default();
        facts.put("seconds", begin.elapsed());
        Ok(facts)
    }
}
