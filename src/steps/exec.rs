//! `exec:` runs a command in a service's container, or in the container of the graded image.

use super::action::{Exec, Target};
use super::output;
use super::output::MOST;
use super::{Bench, NotDone};
use crate::engine::container;
use crate::engine::container::{Command, Output};
use crate::facts::Facts;
use crate::place::Place;
use std::time::Duration;
use tokio::time::Instant;

/// How long a command may take unless said otherwise.
const LIMIT: Duration = Duration::from_secs(30);

impl Bench<'_> {
    pub(super) async fn exec(&mut self, exec: &Exec) -> Result<Facts, NotDone> {
        let (id, place, name) = self.container_of(&exec.target).await?;
        (self.doing)(format!("run a command in {}", name.trim_matches('`')));
        let own = self.graded.and_then(|graded| graded.challenge.limits.step);
        let limit = exec.timeout.or(own).unwrap_or(LIMIT);
        let (user, stdin) = (exec.user.as_deref(), exec.stdin.as_deref());
        let command = Command { words: &exec.command, user, stdin, limit, most: MOST };
        let begin = Instant::now();
        match container::exec(self.engine, &id, &command).await? {
            Output::Ended(printed) => Ok(output::facts(&printed, begin.elapsed(), place.as_ref())),
            Output::Late(printed) => {
                let words = exec.command.join(" ");
                Err(NotDone::Learner(place, output::late(&format!("`{words}` in {name}"), limit, &printed)))
            }
            Output::NotRunning => Err(NotDone::learners(place, format!("{name} does not run"))),
        }
    }

    /// The id of a container that runs, where it is written, and its name for people.
    pub(super) async fn container_of(&mut self, target: &Target) -> Result<(String, Option<Place>, String), NotDone> {
        match target {
            Target::Container => {
                let (id, place) = self.running_container().await?;
                Ok((id, place, "the container".to_owned()))
            }
            Target::Service(name) => {
                let (service, place) = self.running_service(name)?;
                let stack = self.stack.as_deref().ok_or_else(NotDone::no_stack)?;
                match stack.container(&service).await.map_err(NotDone::Machine)? {
                    Some(id) => Ok((id, place, format!("`{service}`"))),
                    None => Err(NotDone::learners(place, format!("no container of `{service}` runs"))),
                }
            }
        }
    }
}
