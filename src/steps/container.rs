//! `container:` starts, stops, restarts or signals the container of the graded image.

use super::graded::{CheckContainer, does_not_run, no_image};
use super::{Acting, Action, Needs, StepKind, StepLimits, StepRunner, Turn, kind};
use crate::diagnostic::nearest;
use crate::dockerfile::signal::is_known;
use crate::facts::{Fact, Facts, Source, container};
use crate::language::grammar::ValueKind;
use crate::language::scope::Scope;
use crate::outcome::Fault;
use crate::yaml::Node;
use std::time::Duration;
use tokio::time::Instant;

/// `container:`
pub static KIND: StepKind = StepKind {
    name: "container",
    doc: "Stops, starts, restarts or signals the container: `kill SIGTERM`.",
    takes: ValueKind::Words(&WORDS),
    one_of: &[],
    answers: &[],
    afresh: &[Source::Container],
    read: |scope, node, within| kind::boxed(read(scope, node).map(|what| ContainerChange { what, within })),
};

static WORDS: [&str; 4] = ["start", "stop", "restart", "kill SIGNAL"];

/// How long an end is waited for unless said otherwise; Docker's own default for `docker stop`.
const END: Duration = Duration::from_secs(10);
/// How long it may take to be ready again unless said otherwise.
const READY: Duration = Duration::from_secs(60);

/// Something done with the container.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct ContainerChange {
    /// What is done with the container.
    pub what: Lifecycle,
    /// How long an end, or being ready, is waited for.
    pub within: Option<Duration>,
}

/// What is done with the container.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum Lifecycle {
    /// Started.
    Start,
    /// Asked to stop, then killed.
    Stop,
    /// Stopped and started.
    Restart,
    /// Sent this signal.
    Kill(String),
}

/// What is done with the container.
fn read(scope: &Scope<'_>, node: &Node) -> Option<Lifecycle> {
    let written = scope.prose(node)?;
    let read = match written.split_whitespace().collect::<Vec<_>>().as_slice() {
        ["start"] => Some(Lifecycle::Start),
        ["stop"] => Some(Lifecycle::Stop),
        ["restart"] => Some(Lifecycle::Restart),
        ["kill", signal] if is_signal(signal) => Some(Lifecycle::Kill((*signal).to_owned())),
        _ => None,
    };
    read.or_else(|| unknown(scope, node, &written, "the container", &WORDS))
}

/// `SIGTERM`, `TERM`, `15`, as the engine takes them.
fn is_signal(text: &str) -> bool {
    match text.parse::<u8>() {
        Ok(number) => (1..=64).contains(&number),
        Err(_) => is_known(text) && text.starts_with(|c: char| c.is_ascii_uppercase()),
    }
}

/// Tells that a word is none of those that are allowed.
pub(super) fn unknown<T>(scope: &Scope<'_>, node: &Node, written: &str, with: &str, allowed: &[&str]) -> Option<T> {
    let mut diagnostic = scope.bad(node, format!("`{written}` is nothing that can be done with {with}"));
    diagnostic.nearest = nearest(written, allowed.iter().copied());
    diagnostic.allowed = allowed.iter().map(|&text| text.to_owned()).collect();
    scope.add(diagnostic);
    None
}

impl Action for ContainerChange {
    fn needs(&self) -> Needs {
        Needs { container: true, ..Needs::default() }
    }

    fn texts(&mut self) -> Vec<&mut String> {
        Vec::new()
    }

    fn limit(&self, _: &StepLimits) -> Duration {
        self.within.unwrap_or_default()
    }

    fn act<'r>(&'r self, runner: &'r mut StepRunner<'_>, _: Turn<'r>) -> Acting<'r, Facts> {
        Box::pin(runner.change_container(&self.what, self.within))
    }
}

impl StepRunner<'_> {
    async fn change_container(&mut self, what: &Lifecycle, within: Option<Duration>) -> Result<Facts, Fault> {
        self.container_is_made().await?;
        let begin = Instant::now();
        let request = self.container_request()?;
        let (engine, doing) = (self.engine, self.doing);
        let Some(CheckContainer { standalone, check }) = &mut self.made.container else { return Err(no_image()) };
        let standalone = match standalone {
            Ok(standalone) => standalone,
            Err(refused) => {
                let mut facts = container::put_refused(refused, &request, check.as_ref());
                facts.put("seconds", begin.elapsed());
                return Ok(facts);
            }
        };
        let mut ended = None;
        match what {
            Lifecycle::Start => doing("start the container".into()),
            Lifecycle::Stop => {
                doing("stop the container".into());
                let within = within.unwrap_or(END);
                let time = humantime::format_duration(within);
                ended =
                    standalone.stop(within).await?.then(|| format!("it did not end within {time}, so it was killed"));
            }
            Lifecycle::Restart => {
                doing("restart the container".into());
                standalone.stop(END).await?;
            }
            Lifecycle::Kill(signal) => {
                doing(format!("send {signal} to the container"));
                let within = within.unwrap_or(END);
                if !standalone.signal(signal).await? {
                    return Err(does_not_run(standalone, "the container", container::start_place(&request)).await?);
                }
                let time = humantime::format_duration(within);
                let has_ended = standalone.ends(within).await?;
                let late = format!("it still runs {time} after {signal}");
                ended = Some(if has_ended { format!("it ended after {signal}") } else { late });
            }
        }
        let mut facts = match what {
            Lifecycle::Start | Lifecycle::Restart => match standalone.start_again().await {
                Ok(()) => {
                    let most = Some(within.unwrap_or(READY));
                    container::watched(engine, standalone, &request, check.as_ref(), most, doing).await?
                }
                Err(error) => container::put_refused(&error.refused()?, &request, check.as_ref()),
            },
            Lifecycle::Stop | Lifecycle::Kill(_) => {
                container::now(engine, standalone, &request, check.as_ref()).await?
            }
        };
        if let Some(why) = ended {
            for name in ["container.state", "container.exit_code"] {
                let fact = facts.get(name).cloned().filter(|fact| fact.value().is_some());
                if let Some(fact) = fact.filter(|fact| !is_told(fact)) {
                    facts.put(name, fact.because(why.clone()));
                }
            }
        }
        facts.put("seconds", begin.elapsed());
        Ok(facts)
    }
}

/// Whether it is told already which limit the container was ended at.
fn is_told(fact: &Fact) -> bool {
    fact.because.as_deref().is_some_and(|why| why.contains("was ended: it"))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn signals_are_those_that_the_engine_takes() {
        for (signal, taken) in [
            ("SIGTERM", true),
            ("TERM", true),
            ("15", true),
            ("SIGRTMIN+3", true),
            ("0", false),
            ("65", false),
            ("-9", false),
            ("SIGFOO", false),
            ("sigterm", false),
            ("", false),
        ] {
            assert_eq!(is_signal(signal), taken, "{signal}");
        }
    }
}
