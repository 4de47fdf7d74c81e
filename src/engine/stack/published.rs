//! The ports of a stack that runs: which are published, by which line, and where a service can be reached without.

use super::containers::Container;
use super::running::Stack;
use crate::engine::connect::api::{ApiError, Doing};
use crate::place::Place;
use bollard::models::{ContainerInspectResponse, ContainerStateStatusEnum as Status};
use bollard::query_parameters::InspectContainerOptions;
use std::net::IpAddr;

/// A TCP port that a service publishes now.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct PublishedPort {
    /// The service.
    pub service: String,
    /// The port in the container.
    pub own: u16,
    /// The port on this machine; another one after each start.
    pub host: u16,
    /// The line that publishes it.
    pub place: Place,
}

impl Stack {
    /// The TCP ports that a service publishes now: in the container, and on this machine. They change with every start.
    pub async fn published_ports(&self, service: &str) -> Result<Vec<(u16, u16)>, ApiError> {
        let found = self.found().await?;
        let own = found.iter().filter(|it| it.service == service && it.status == Status::RUNNING);
        Ok(own.flat_map(|container| container.ports.iter().copied()).collect())
    }

    /// Every TCP port that any service publishes now.
    pub async fn all_published_ports(&self) -> Result<Vec<PublishedPort>, ApiError> {
        let found = self.found().await?;
        let running = found.iter().filter(|it| it.status == Status::RUNNING);
        let of = |container: &Container| {
            let service = container.service.clone();
            let published = |&(own, host): &(u16, u16)| PublishedPort {
                service: service.clone(),
                own,
                host,
                place: self.place_of_port(&service, own),
            };
            container.ports.iter().map(published).collect::<Vec<_>>()
        };
        let mut ports: Vec<PublishedPort> = running.flat_map(of).collect();
        ports.sort_by(|a, b| (&a.service, a.own, a.host).cmp(&(&b.service, b.own, b.host)));
        Ok(ports)
    }

    /// The line that publishes a port; else where the service stands.
    fn place_of_port(&self, service: &str, own: u16) -> Place {
        let line = self.port_places().get(service).and_then(|ports| ports.get(&u32::from(own)));
        line.or_else(|| self.places().get(service)).unwrap_or(self.file()).clone()
    }

    /// The address of a service's container, or of the one whose network it shares.
    pub async fn address(&self, service: &str) -> Result<Option<IpAddr>, ApiError> {
        let Some(mut id) = self.container(service).await? else { return Ok(None) };
        for _ in 0..2 {
            let found = self.engine().docker.inspect_container(&id, None::<InspectContainerOptions>).await;
            let found = found.doing(|| format!("inspect container {id}"))?;
            let shared = found.host_config.as_ref().and_then(|host| host.network_mode.as_deref());
            match shared.and_then(|mode| mode.strip_prefix("container:")) {
                Some(other) => other.clone_into(&mut id),
                None => return Ok(first_address(found)),
            }
        }
        Ok(None)
    }
}

fn first_address(found: ContainerInspectResponse) -> Option<IpAddr> {
    let networks = found.network_settings?.networks?;
    let mut addresses: Vec<IpAddr> =
        networks.into_values().filter_map(|network| network.ip_address?.parse().ok()).collect();
    addresses.sort_unstable();
    addresses.first().copied()
}
