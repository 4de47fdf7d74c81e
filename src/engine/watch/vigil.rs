//! Listens to what becomes of containers that are to go on running. What happens between two looks is not lost.

use crate::engine::Engine;
use bollard::models::EventMessage;
use bollard::query_parameters::EventsOptions;
use futures_util::StreamExt;
use std::collections::HashMap;
use std::sync::{Arc, Mutex, PoisonError};
use tokio::task::JoinHandle;

/// The most that is kept: what restarts for ever says no more by it.
const MOST: usize = 256;

/// Something that became of a container.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Incident {
    /// The container's id.
    pub container: String,
    /// What.
    pub what: IncidentKind,
}

/// What became of it.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum IncidentKind {
    /// It ended with this exit code.
    Ended(i64),
    /// Its health check failed as often in a row as it says.
    Unhealthy,
}

/// Listens until it is dropped.
#[derive(Debug)]
pub struct Vigil {
    heard: Arc<Mutex<Vec<Incident>>>,
    task: JoinHandle<()>,
}

impl Vigil {
    /// Listens from now on to the containers that this filter of the engine's means: `label`, `container`.
    pub fn begin(engine: &Engine, filter: &str, value: String) -> Self {
        let heard = Arc::<Mutex<Vec<Incident>>>::default();
        let kinds = ["die", "health_status"].map(str::to_owned).to_vec();
        let filters = HashMap::from([(filter.to_owned(), vec![value]), ("event".to_owned(), kinds)]);
        let options = EventsOptions { filters: Some(filters), ..EventsOptions::default() };
        let (docker, ours) = (engine.docker.clone(), Arc::clone(&heard));
        let task = tokio::spawn(async move {
            let mut events = Box::pin(docker.events(Some(options)));
            while let Some(Ok(event)) = events.next().await {
                let Some(incident) = incident(event) else { continue };
                let mut heard = ours.lock().unwrap_or_else(PoisonError::into_inner);
                if heard.len() < MOST {
                    heard.push(incident);
                }
            }
        });
        Self { heard, task }
    }

    /// Forgets what was heard: it was looked at in another way.
    pub fn forget(&self) {
        self.heard.lock().unwrap_or_else(PoisonError::into_inner).clear();
    }

    /// Forgets that a container was unhealthy: its health check was made to fail.
    pub fn forget_illness(&self, container: &str) {
        let mut heard = self.heard.lock().unwrap_or_else(PoisonError::into_inner);
        heard.retain(|incident| incident.container != container || incident.what != IncidentKind::Unhealthy);
    }

    /// What became of a container first.
    pub fn first(&self, container: &str) -> Option<IncidentKind> {
        let heard = self.heard.lock().unwrap_or_else(PoisonError::into_inner);
        heard.iter().find(|incident| incident.container == container).map(|incident| incident.what)
    }
}

impl Drop for Vigil {
    fn drop(&mut self) {
        self.task.abort();
    }
}

fn incident(event: EventMessage) -> Option<Incident> {
    let actor = event.actor?;
    let what = match event.action?.as_str() {
        "die" => {
            let code = actor.attributes.unwrap_or_default().get("exitCode").and_then(|code| code.parse().ok());
            IncidentKind::Ended(code.unwrap_or_default())
        }
        "health_status: unhealthy" => IncidentKind::Unhealthy,
        _ => return None,
    };
    Some(Incident { container: actor.id?, what })
}

#[cfg(test)]
mod tests {
    use super::*;
    use bollard::models::EventActor;

    #[test]
    fn ends_and_ill_health_are_incidents() {
        let event = |action: &str| EventMessage {
            action: Some(action.to_owned()),
            actor: Some(EventActor {
                id: Some("abc".to_owned()),
                attributes: Some(HashMap::from([("exitCode".to_owned(), "3".to_owned())])),
            }),
            ..EventMessage::default()
        };
        let what = |action| incident(event(action)).map(|incident| incident.what);
        assert_eq!(what("die"), Some(IncidentKind::Ended(3)));
        assert_eq!(what("health_status: unhealthy"), Some(IncidentKind::Unhealthy));
        assert_eq!(what("health_status: healthy"), None);
        assert_eq!(what("start"), None);
        assert_eq!(incident(EventMessage::default()), None);
    }
}
