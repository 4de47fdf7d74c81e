//! Takes a stack down: by the API, which is quicker than `docker compose down` and needs no file.

use super::containers::PROJECT_LABEL;
use crate::engine::Engine;
use crate::engine::connect::api::{ApiError, Doing};
use crate::engine::owned::janitor;
use bollard::query_parameters::{ListContainersOptions, ListNetworksOptions, ListVolumesOptions, RemoveVolumeOptions};
use futures_util::future::{join_all, try_join_all};
use std::collections::HashMap;
use std::time::Duration;
use tokio::time::sleep;

/// How often what is still in use is tried to be removed.
const TRIES: usize = 5;

/// Removes all that a project has made; its named volumes only where `volumes` says so.
pub(crate) async fn down(engine: &Engine, project: &str, volumes: bool) -> Result<(), ApiError> {
    let label = format!("{PROJECT_LABEL}={project}");
    let filters = || Some(HashMap::from([("label".to_owned(), vec![label.clone()])]));
    let docker = &engine.docker;
    let mut tries = TRIES;
    loop {
        tries -= 1;
        let removed = async {
            let options = ListContainersOptions { all: true, filters: filters(), ..Default::default() };
            let found = docker.list_containers(Some(options)).await.doing(|| "list the stack's containers".into())?;
            let ids: Vec<String> = found.into_iter().filter_map(|container| container.id).collect();
            try_join_all(ids.iter().map(|id| janitor::remove_container(engine, id))).await
        };
        let listed = async {
            let networks = docker.list_networks(Some(ListNetworksOptions { filters: filters() }));
            let volumes = docker.list_volumes(Some(ListVolumesOptions { filters: filters() }));
            tokio::try_join!(networks, volumes).doing(|| "list what the stack has made".into())
        };
        let (_, listed) = tokio::try_join!(removed, listed)?;
        let networks = listed
            .0
            .into_iter()
            .filter_map(|network| network.id)
            .map(|id| async move { docker.remove_network(&id).await.doing(|| format!("remove network {id}")) });
        let named = listed.1.volumes.unwrap_or_default().into_iter().filter(|_| volumes);
        let named = named.map(|volume| async move {
            let options = RemoveVolumeOptions { force: true };
            docker.remove_volume(&volume.name, Some(options)).await.doing(|| format!("remove volume {}", volume.name))
        });
        let (networks, named) = tokio::join!(join_all(networks), join_all(named));
        let failed = networks.into_iter().chain(named).find_map(|removed| match removed {
            Err(error) if !error.is_missing() => Some(error),
            _ => None,
        });
        match failed {
            None => return Ok(()),
            // An endpoint of a container that was just removed may still be closing.
            Some(_) if tries > 0 => sleep(Duration::from_millis(200)).await,
            Some(error) => return Err(error),
        }
    }
}
