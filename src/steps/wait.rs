//! `wait:` looks at the stack or the container until something holds.

use super::{Bench, NotDone};
use crate::facts::{Facts, stack as stack_facts};
use crate::matching;
use crate::matching::fit::Captures;
use crate::language::condition::Condition;
use std::time::Duration;
use tokio::time::{Instant, sleep};

/// How long is waited before it is looked again.
const PAUSE: Duration = Duration::from_millis(300);

impl Bench<'_> {
    pub(super) async fn wait(
        &mut self,
        condition: &Condition,
        within: Duration,
        captures: &Captures,
    ) -> Result<Facts, NotDone> {
        let begin = Instant::now();
        (self.doing)(format!("wait up to {}", humantime::format_duration(within)));
        loop {
            let mut facts = self.look(condition).await?;
            let unmet = matching::unmet(condition, &facts, self.roles, captures).map_err(NotDone::Machine)?;
            let Some((place, seen)) = unmet else {
                facts.put("seconds", begin.elapsed());
                return Ok(facts);
            };
            let left = within.saturating_sub(begin.elapsed());
            if left.is_zero() {
                let time = humantime::format_duration(within);
                return Err(NotDone::learners(place, format!("it did not come true within {time}: {seen}")));
            }
            sleep(PAUSE.min(left)).await;
        }
    }

    /// The facts that a condition asks for, as they are now.
    async fn look(&mut self, condition: &Condition) -> Result<Facts, NotDone> {
        let mut facts = Facts::default();
        if condition.names("stack") {
            let stack = self.stack()?;
            stack.refresh().await.map_err(NotDone::Machine)?;
            facts.merge(stack_facts::collect(stack));
        }
        if condition.names("container") {
            facts.merge(self.container_facts().await?);
        }
        Ok(facts)
    }
}
