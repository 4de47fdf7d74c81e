//! `wait:` looks at the stack or the container until something holds.

use super::{Acting, Action, Needs, StepKind, StepLimits, StepRunner, Turn, kind};
use crate::facts::{Facts, Source, stack as stack_facts};
use crate::language::condition::Condition;
use crate::language::expectation::condition_of;
use crate::language::grammar::{Key, ValueKind, may, must};
use crate::language::scope::Scope;
use crate::language::shape::FACTS;
use crate::language::values::{LONGEST, duration};
use crate::matching;
use crate::matching::fit::Captures;
use crate::outcome::Fault;
use crate::yaml::Node;
use std::time::Duration;
use tokio::time::{Instant, sleep};

/// `wait:`
pub static KIND: StepKind = StepKind {
    name: "wait",
    doc: "Waits until something holds, or for a time: `{ for: 2s }`.",
    takes: ValueKind::Record(&KEYS),
    one_of: &[],
    answers: &[],
    afresh: &[Source::Container, Source::Stack],
    read: |scope, node, _| kind::boxed(read(scope, node)),
};

static KEYS: [Key; 2] = [
    must(
        "for",
        ValueKind::ExpectationOrDuration,
        "What has to hold, as in `expect`, of the stack or the container; or a length of time.",
    ),
    may("within", ValueKind::Duration, "How long is waited for something to hold."),
];

/// How long is waited before it is looked again.
const PAUSE: Duration = Duration::from_millis(300);

/// The longest pause.
const LONGEST_PAUSE: Duration = Duration::from_secs(60);

/// Waiting for something.
#[derive(Debug, Clone)]
pub struct Wait {
    /// What has to hold; `None` for a pause.
    pub condition: Option<Condition>,
    /// How long is waited.
    pub within: Duration,
}

fn read(scope: &Scope<'_>, node: &Node) -> Option<Wait> {
    let fields = scope.fields(node, "`{ for: { fact: matcher }, within: 30s }`", &[&KEYS]);
    node.as_map()?;
    let pause = fields.get("for").filter(|node| node.text().is_some());
    for key in KEYS.iter().filter(|key| fields.get(key.name).is_none() && (key.required || pause.is_none())) {
        scope.problem(fields.start(), format!("`{}` is missing here", key.name));
    }
    if let Some(node) = pause {
        if let Some(within) = fields.entry("within") {
            scope.problem(within.key_span, "a pause has no bound: write `within` where something has to hold");
        }
        return Some(Wait { condition: None, within: duration(scope, node, LONGEST_PAUSE)? });
    }
    let within = fields.get("within").and_then(|node| duration(scope, node, LONGEST));
    let written = fields.get("for")?;
    let condition = condition_of(scope, written, &FACTS)?;
    if !condition.names("stack") && !condition.names("container") {
        scope.problem(written.span, "only facts of `stack` and `container` change while one waits");
        return None;
    }
    Some(Wait { condition: Some(condition), within: within? })
}

impl Action for Wait {
    fn needs(&self) -> Needs {
        let names = |source| self.condition.as_ref().is_some_and(|condition| condition.names(source));
        Needs { stack: names("stack"), container: names("container"), ..Needs::default() }
    }

    fn texts(&mut self) -> Vec<&mut String> {
        Vec::new()
    }

    fn limit(&self, _: &StepLimits) -> Duration {
        self.within
    }

    fn condition(&self) -> Option<(&'static str, &Condition)> {
        self.condition.as_ref().map(|condition| ("for", condition))
    }

    fn act<'r>(&'r self, runner: &'r mut StepRunner<'_>, turn: Turn<'r>) -> Acting<'r, Facts> {
        Box::pin(async move {
            match &self.condition {
                Some(condition) => runner.wait(condition, self.within, turn.captures).await,
                None => Ok(runner.pause(self.within).await),
            }
        })
    }
}

impl StepRunner<'_> {
    async fn pause(&mut self, time: Duration) -> Facts {
        let begin = Instant::now();
        (self.doing)(format!("wait {}", humantime::format_duration(time)));
        sleep(time).await;
        let mut facts = Facts::default();
        facts.put("seconds", begin.elapsed());
        facts
    }

    async fn wait(&mut self, condition: &Condition, within: Duration, captures: &Captures) -> Result<Facts, Fault> {
        let (begin, here) = (Instant::now(), self.engine.pace.here(within));
        (self.doing)(format!("wait up to {}", humantime::format_duration(within)));
        loop {
            let mut facts = self.look(condition).await?;
            let Some(unmet) = matching::unmet(condition, &facts, self.roles, captures)? else {
                facts.put("seconds", begin.elapsed());
                return Ok(facts);
            };
            let left = here.saturating_sub(begin.elapsed());
            if left.is_zero() {
                let time = humantime::format_duration(within);
                let why = format!("it did not come true within {time}: {}", unmet.message);
                return Err(Fault::learner(unmet.place, why));
            }
            sleep(PAUSE.min(left)).await;
        }
    }

    /// The facts that a condition asks for, as they are now.
    async fn look(&mut self, condition: &Condition) -> Result<Facts, Fault> {
        let mut facts = Facts::default();
        if condition.names("stack") {
            let stack = self.stack()?;
            stack.refresh().await?;
            facts.merge(stack_facts::collect(stack));
        }
        if condition.names("container") {
            facts.merge(self.container_facts().await?);
        }
        Ok(facts)
    }
}
