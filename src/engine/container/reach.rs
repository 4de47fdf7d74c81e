//! Whether a container that ended could reach what it wanted, asked from another one of its image on its network: a program
//! that finds no server where no container finds any is not the learner's fault.

use super::{Spec, Standalone};
use crate::engine::Engine;
use crate::engine::connect::internet;
use crate::engine::image::build::fault;
use crate::engine::image::build::reach::{self, Reached};
use crate::engine::image::build::server::{self, Server};
use bollard::query_parameters::{InspectContainerOptions, WaitContainerOptions};
use futures_util::StreamExt;
use std::time::Duration;
use tokio::time::timeout;

/// How long all of it may take. A resolver that is silent takes tens of seconds.
const LIMIT: Duration = Duration::from_secs(40);
/// How much of what was printed is read, in bytes.
const LOGS: usize = 64 << 10;

/// Returns why a container that ended reached nothing, if it is so. `said` is what it printed; `has_neighbors` says whether
/// other containers are on its network, whose names only the learner can get wrong.
pub async fn broken(engine: &Engine, id: &str, said: &str, has_neighbors: bool) -> Option<String> {
    if engine.limits.no_egress || !fault::is_network(said) {
        return None; // it was to reach nothing, or wanted nothing
    }
    let named = asked_for(said, has_neighbors)?;
    let found = engine.docker.inspect_container(id, None::<InspectContainerOptions>).await.ok()?;
    let networks = found.network_settings.and_then(|settings| settings.networks).unwrap_or_default();
    let (image, network) = (found.image?, networks.into_keys().min()?);
    let why = match ask(engine, image, network, &named).await {
        Some(reached) => reach::verdict(&named, &reached),
        None => (!internet::is_up().await).then(|| "this host doesn't reach the internet".to_owned()),
    };
    why.map(|why| match last(said) {
        None => why,
        Some(line) => format!("{why}: the container ended with `{line}`"),
    })
}

/// Returns the servers that a program wanted to reach, if it can be the network's fault that it did not.
fn asked_for(said: &str, has_neighbors: bool) -> Option<Vec<Server>> {
    let (all, public) = (server::all(said), server::public(said));
    let is_neighbor = |it: &Server| !it.host.contains('.') && it.host != "localhost";
    let is_unnamed = all.is_empty() && !has_neighbors;
    (!all.iter().any(is_neighbor) && (is_unnamed || !public.is_empty())).then_some(public)
}

/// Returns what a container of this image reaches on this network; `None` if that can't be known.
async fn ask(engine: &Engine, image: String, network: String, named: &[Server]) -> Option<Reached> {
    let entrypoint = Some(reach::command(named));
    let spec = Spec { image, network: Some(network), entrypoint, ..Spec::default() };
    let asking = Standalone::start(engine, spec).await.ok()?;
    let ended = WaitContainerOptions { condition: "not-running".to_owned() };
    let answer = timeout(LIMIT, engine.docker.wait_container(&asking.id, Some(ended)).next()).await;
    let has_asked = answer.is_err() || asking.state().await.is_ok_and(|state| state.exit_code == Some(0));
    let said = asking.logs(LOGS).await;
    // What is left is removed at the end of the run.
    let _ = asking.remove().await;
    said.ok().filter(|_| has_asked).map(|said| Reached::read(&said))
}

fn last(said: &str) -> Option<&str> {
    said.lines().map(str::trim).rfind(|line| !line.is_empty())
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn only_what_is_outside_can_be_the_networks_fault() {
        for (said, has_neighbors, expected) in [
            ("http://api.example.com/: Temporary failure in name resolution", true, Some(1)),
            ("gaierror: [Errno -3] Temporary failure in name resolution", false, Some(0)),
            ("gaierror: [Errno -3] Temporary failure in name resolution", true, None),
            ("Error -3 connecting to cache:6379. Temporary failure in name resolution", false, None),
            ("connect ECONNREFUSED 127.0.0.1:6379", false, None),
        ] {
            assert_eq!(asked_for(said, has_neighbors).map(|it| it.len()), expected, "{said}");
        }
    }
}
