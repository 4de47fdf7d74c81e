//! `container:` starts, stops, restarts or signals the container of the graded image, and what other steps ask of it.

use super::Step;
use super::action::{Action, Exec, Http, Lifecycle, Target};
use super::http::Asked;
use super::{Bench, Graded, NotDone};
use crate::engine::container::health::HealthCheck;
use crate::engine::container::{Lone, Refused, Spec};
use crate::facts::container::{self, ContainerRequest};
use crate::facts::{Fact, Facts};
use crate::place::Place;
use std::collections::BTreeSet;
use std::time::Duration;
use tokio::time::Instant;

/// How long an end is waited for unless said otherwise; Docker's own default for `docker stop`.
const END: Duration = Duration::from_secs(10);
/// How long it may take to be ready again unless said otherwise.
const READY: Duration = Duration::from_secs(60);
/// How much of its last words is told.
const LAST_WORDS: usize = 300;

/// The container of one check.
#[derive(Debug)]
pub(crate) struct Container<'a> {
    lone: Result<Lone<'a>, Refused>,
    check: Option<HealthCheck>,
}

impl Container<'_> {
    pub async fn remove(self) {
        if let Ok(lone) = self.lone {
            let _ = lone.remove().await; // the end of the run removes it too
        }
    }
}

/// The ports that steps ask the container at.
pub(super) fn asked_ports(steps: &[Step]) -> BTreeSet<u16> {
    let asked = steps.iter().filter_map(|step| match &step.action {
        Action::Http(Http { target: Target::Container, port, .. }) => *port,
        _ => None,
    });
    asked.collect()
}

impl<'a> Bench<'a> {
    pub(super) async fn container(&mut self, what: &Lifecycle, within: Option<Duration>) -> Result<Facts, NotDone> {
        self.container_is_made().await?;
        let begin = Instant::now();
        let request = self.container_request()?;
        let (engine, doing) = (self.engine, self.doing);
        let Some(Container { lone, check }) = &mut self.made.container else { return Err(no_image()) };
        let lone = match lone {
            Ok(lone) => lone,
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
                ended = lone.stop(within).await?.then(|| format!("it did not end within {time}, so it was killed"));
            }
            Lifecycle::Restart => {
                doing("restart the container".into());
                lone.stop(END).await?;
            }
            Lifecycle::Kill(signal) => {
                doing(format!("send {signal} to the container"));
                let within = within.unwrap_or(END);
                if !lone.signal(signal).await? {
                    return Err(does_not_run(lone, &request).await?);
                }
                let time = humantime::format_duration(within);
                let has_ended = lone.ends(within).await?;
                let late = format!("it still runs {time} after {signal}");
                ended = Some(if has_ended { format!("it ended after {signal}") } else { late });
            }
        }
        let mut facts = match what {
            Lifecycle::Start | Lifecycle::Restart => match lone.start_again().await? {
                Ok(()) => {
                    let most = Some(within.unwrap_or(READY));
                    container::watched(engine, lone, &request, check.as_ref(), most, doing).await?
                }
                Err(refused) => container::put_refused(&refused, &request, check.as_ref()),
            },
            Lifecycle::Stop | Lifecycle::Kill(_) => container::now(engine, lone, &request, check.as_ref()).await?,
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

    /// The facts of the container as it is now.
    pub(super) async fn container_facts(&mut self) -> Result<Facts, NotDone> {
        self.container_is_made().await?;
        let request = self.container_request()?;
        let Some(Container { lone, check }) = &self.made.container else { return Err(no_image()) };
        match lone {
            Ok(lone) => Ok(container::now(self.engine, lone, &request, check.as_ref()).await?),
            Err(refused) => Ok(container::put_refused(refused, &request, check.as_ref())),
        }
    }

    /// The id of the container, which runs, and where it is written what it starts.
    pub(super) async fn running_container(&mut self) -> Result<(String, Option<Place>), NotDone> {
        self.container_is_made().await?;
        let request = self.container_request()?;
        let Some(Container { lone, .. }) = &self.made.container else { return Err(no_image()) };
        match lone {
            Ok(lone) if lone.state().await?.running == Some(true) => {
                Ok((lone.id.clone(), container::start_place(&request)))
            }
            Ok(lone) => Err(does_not_run(lone, &request).await?),
            Err(refused) => {
                let facts = container::put_refused(refused, &request, None);
                let state = facts.get("container.state").cloned().unwrap_or_else(Fact::absent);
                Err(NotDone::Learner(state.place, state.because.unwrap_or_default()))
            }
        }
    }

    /// Whether an action is about the container, and that runs no more.
    pub(super) async fn has_ended(&self, action: &Action) -> bool {
        let (Action::Http(Http { target, .. }) | Action::Exec(Exec { target, .. })) = action else { return false };
        match &self.made.container {
            Some(Container { lone: Ok(lone), .. }) if *target == Target::Container => {
                lone.state().await.is_ok_and(|state| state.running == Some(false) && state.restarting != Some(true))
            }
            Some(Container { lone: Err(_), .. }) => *target == Target::Container,
            _ => false,
        }
    }

    /// The ports of the container that are published now.
    pub(super) async fn container_ports(&mut self, port: Option<u16>) -> Result<Asked, NotDone> {
        let (_, place) = self.running_container().await?;
        let Some(Container { lone: Ok(lone), .. }) = &self.made.container else { return Err(no_image()) };
        let ports = lone.ports().await?;
        if ports.is_empty() && port.is_none() {
            let because = "nothing says at which port the container can be asked; add `EXPOSE` with its port";
            return Err(NotDone::learners(place, because));
        }
        Ok(Asked { name: "the container".into(), place, ports })
    }

    /// Starts it at the first need, and waits until it is ready or never will be.
    async fn container_is_made(&mut self) -> Result<(), NotDone> {
        if self.made.container.is_some() {
            return Ok(());
        }
        let request = self.container_request()?;
        let Graded { challenge, built, .. } = self.graded.ok_or_else(no_image)?;
        let config = built.image.config.clone().unwrap_or_default();
        let check = HealthCheck::of(config.healthcheck.as_ref());
        let exposed = config.exposed_ports.unwrap_or_default();
        let exposed = exposed.iter().filter_map(|port| port.strip_suffix("/tcp").unwrap_or(port).parse().ok());
        let subject = challenge.subject.http.as_ref().map(|http| http.port);
        let ports: BTreeSet<u16> = self.made.ports.iter().copied().chain(exposed).chain(subject).collect();
        let spec = Spec {
            image: built.tag.clone(),
            healthcheck: check.as_ref().map(HealthCheck::sooner),
            ports: ports.into_iter().filter(|_| !self.engine.is_remote).take(MOST_PORTS).collect(),
            ..Spec::default()
        };
        (self.doing)("run the image".into());
        let lone = Lone::start(self.engine, spec).await?;
        let watched = match &lone {
            Ok(lone) => {
                container::watched(self.engine, lone, &request, check.as_ref(), challenge.limits.start, self.doing)
                    .await
                    .map(|_| ())
            }
            Err(_) => Ok(()),
        };
        // Kept whatever comes of the watching: so it is removed.
        self.made.container = Some(Container { lone, check });
        Ok(watched?)
    }

    fn container_request(&self) -> Result<ContainerRequest<'a>, NotDone> {
        let graded = self.graded.ok_or_else(no_image)?;
        let http = graded.challenge.subject.http.as_ref().map(|http| (http.port, http.path.as_str()));
        Ok(ContainerRequest { image: graded.image, http })
    }
}

/// The most ports that are published: an image may expose thousands.
const MOST_PORTS: usize = 32;

fn no_image() -> NotDone {
    NotDone::machines("there is no graded image to run")
}

/// Whether it is told already which limit the container was ended at.
fn is_told(fact: &Fact) -> bool {
    fact.because.as_deref().is_some_and(|why| why.contains("was ended: it"))
}

/// Why nothing can be done in a container that has ended.
async fn does_not_run(lone: &Lone<'_>, request: &ContainerRequest<'_>) -> Result<NotDone, NotDone> {
    let code = lone.state().await?.exit_code.unwrap_or_default();
    let said = lone.logs(LAST_WORDS).await?;
    let last = said.lines().rev().find(|line| !line.trim().is_empty());
    let last = last.map(|line| format!("; its last words: {}", line.trim())).unwrap_or_default();
    let because = format!("the container does not run: it ended with exit code {code}{last}");
    Ok(NotDone::Learner(container::start_place(request), because))
}
