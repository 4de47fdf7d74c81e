//! The graded image, and the container of it that the steps of one check share.

use super::http::Asked;
use super::{Needs, StepRunner, StepTarget};
use crate::engine::container::health::HealthCheck;
use crate::engine::container::{Refused, Spec, Standalone};
use crate::engine::image::build::Built;
use crate::engine::stack::ready::last_line;
use crate::facts::container::{self, ContainerRequest};
use crate::facts::{Fact, Facts};
use crate::outcome::Fault;
use crate::place::Place;
use std::collections::BTreeSet;

/// How much of its last words is told.
const LAST_WORDS: usize = 2_000;

/// The graded image, as far as steps need it.
#[derive(Clone, Copy)]
pub struct Graded<'a> {
    /// The image.
    pub built: &'a Built,
    /// Its facts, for their places.
    pub image: &'a Facts,
    /// Where the application answers in its container: the port and the path.
    pub http: Option<(u16, &'a str)>,
    /// The Dockerfile's path in the repository.
    pub dockerfile: &'a str,
}

/// The container of one check.
#[derive(Debug)]
pub(crate) struct CheckContainer<'a> {
    pub standalone: Result<Standalone<'a>, Refused>,
    pub check: Option<HealthCheck>,
}

impl CheckContainer<'_> {
    pub async fn remove(self) {
        if let Ok(standalone) = self.standalone {
            let _ = standalone.remove().await; // the end of the run removes it too
        }
    }
}

impl StepTarget {
    /// What a step in this container has to have.
    pub(super) fn needs(&self) -> Needs {
        let needs = Needs::default();
        match self {
            Self::Service(_) => Needs { stack: true, ..needs },
            Self::Container => Needs { container: true, ..needs },
            Self::Started(_) => needs,
        }
    }

    /// The name of the step `start` that it is from.
    pub(super) fn started(&self) -> Option<&str> {
        match self {
            Self::Started(name) => Some(name),
            Self::Service(_) | Self::Container => None,
        }
    }
}

impl<'a> StepRunner<'a> {
    /// The facts of the container as it is now.
    pub(super) async fn container_facts(&mut self) -> Result<Facts, Fault> {
        self.container_is_made().await?;
        let request = self.container_request()?;
        let Some(CheckContainer { standalone, check }) = &self.made.container else { return Err(no_image()) };
        match standalone {
            Ok(standalone) => Ok(container::now(self.engine, standalone, &request, check.as_ref()).await?),
            Err(refused) => Ok(container::put_refused(refused, &request, check.as_ref())),
        }
    }

    /// The id of the container, which runs, and where it is written what it starts.
    pub(super) async fn running_container(&mut self) -> Result<(String, Option<Place>), Fault> {
        self.container_is_made().await?;
        let request = self.container_request()?;
        let Some(CheckContainer { standalone, .. }) = &self.made.container else { return Err(no_image()) };
        match standalone {
            Ok(standalone) if standalone.state().await?.running == Some(true) => {
                Ok((standalone.id.clone(), container::start_place(&request)))
            }
            Ok(standalone) => Err(does_not_run(standalone, "the container", container::start_place(&request)).await?),
            Err(refused) => {
                let facts = container::put_refused(refused, &request, None);
                let state = facts.get("container.state").cloned().unwrap_or_else(Fact::absent);
                Err(Fault::learner(state.place, state.because.unwrap_or_default()))
            }
        }
    }

    /// Whether the container was started, and runs no more.
    pub(super) async fn container_has_ended(&self) -> bool {
        match &self.made.container {
            Some(CheckContainer { standalone: Ok(standalone), .. }) => standalone
                .state()
                .await
                .is_ok_and(|state| state.running == Some(false) && state.restarting != Some(true)),
            Some(CheckContainer { standalone: Err(_), .. }) => true,
            None => false,
        }
    }

    /// The ports of the container that are published now.
    pub(super) async fn container_ports(&mut self, port: Option<u16>) -> Result<Asked, Fault> {
        let (_, place) = self.running_container().await?;
        let Some(CheckContainer { standalone: Ok(standalone), .. }) = &self.made.container else {
            return Err(no_image());
        };
        ports(standalone, "the container", place, port).await
    }

    /// Starts it at the first need, and waits until it is ready or never will be.
    pub(super) async fn container_is_made(&mut self) -> Result<(), Fault> {
        if self.made.container.is_some() {
            return Ok(());
        }
        let request = self.container_request()?;
        let Graded { built, http, .. } = self.graded.ok_or_else(no_image)?;
        let config = built.image.config.clone().unwrap_or_default();
        let check = HealthCheck::of(config.healthcheck.as_ref());
        let spec = Spec {
            image: built.tag.clone(),
            healthcheck: check.clone().map(|check| check.here(&self.engine.pace).sooner()),
            ports: self.ports_to_publish(config.exposed_ports, http.map(|(port, _)| port)),
            ..Spec::default()
        };
        (self.doing)("run the image".into());
        let standalone = match Standalone::start(self.engine, spec).await {
            Ok(standalone) => Ok(standalone),
            Err(error) => Err(error.refused()?),
        };
        let watched = match &standalone {
            Ok(standalone) => {
                container::watched(self.engine, standalone, &request, check.as_ref(), self.limits().start, self.doing)
                    .await
                    .map(|_| ())
            }
            Err(_) => Ok(()),
        };
        // Kept whatever comes of the watching: so it is removed.
        self.made.container = Some(CheckContainer { standalone, check });
        Ok(watched?)
    }

    /// The ports that are published of a container: those that steps ask at, and those that its image exposes.
    pub(super) fn ports_to_publish(&self, exposed: Option<Vec<String>>, subject: Option<u16>) -> Vec<u16> {
        let exposed = exposed.unwrap_or_default();
        let exposed = exposed.iter().filter_map(|port| port.strip_suffix("/tcp").unwrap_or(port).parse().ok());
        let ports: BTreeSet<u16> = self.made.ports.iter().copied().chain(exposed).chain(subject).collect();
        ports.into_iter().filter(|_| !self.engine.is_remote).take(MOST_PORTS).collect()
    }

    pub(super) fn container_request(&self) -> Result<ContainerRequest<'a>, Fault> {
        let graded = self.graded.ok_or_else(no_image)?;
        Ok(ContainerRequest { image: graded.image, http: graded.http, given: &[] })
    }
}

/// The ports of a container that are published now.
pub(super) async fn ports(
    standalone: &Standalone<'_>,
    name: &str,
    place: Option<Place>,
    port: Option<u16>,
) -> Result<Asked, Fault> {
    let ports = standalone.ports().await?;
    if ports.is_empty() && port.is_none() {
        let because = format!("nothing says at which port {name} can be asked; add `EXPOSE` with its port");
        return Err(Fault::learner(place, because));
    }
    Ok(Asked { name: name.into(), place, ports })
}

/// The most ports that are published: an image may expose thousands.
const MOST_PORTS: usize = 32;

pub(super) fn no_image() -> Fault {
    Fault::machine("there is no graded image to run")
}

/// Why nothing can be done in a container that has ended.
pub(super) async fn does_not_run(
    standalone: &Standalone<'_>,
    name: &str,
    place: Option<Place>,
) -> Result<Fault, Fault> {
    let code = standalone.state().await?.exit_code.unwrap_or_default();
    let said = standalone.logs(LAST_WORDS).await?;
    let last = last_line(&said).map(|line| format!("; its last words: {line}")).unwrap_or_default();
    let because = format!("{name} does not run: it ended with exit code {code}{last}");
    Ok(Fault::learner(place, because))
}
