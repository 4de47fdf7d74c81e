//! How long containers have been there.

use super::containers::Container;
use super::ready::Age;
use bollard::models::ContainerStateStatusEnum as Status;
use std::collections::HashMap;
use tokio::time::Instant;

/// When each container was started, by this process's clock: the engine's may be another.
#[derive(Debug, Default)]
pub(crate) struct Clocks(HashMap<String, (Instant, Instant, String)>);

impl Clocks {
    pub fn update(&mut self, found: &[Container]) {
        let now = Instant::now();
        for container in found.iter().filter(|it| !matches!(it.status, Status::CREATED | Status::EMPTY)) {
            let clock = self.0.entry(container.id.clone()).or_insert_with(|| (now, now, container.started_at.clone()));
            if clock.2 != container.started_at {
                (clock.1, clock.2) = (now, container.started_at.clone());
            }
        }
    }

    pub fn age(&self, id: &str) -> Age {
        self.0.get(id).map_or_else(Age::default, |clock| Age { whole: clock.0.elapsed(), last: clock.1.elapsed() })
    }

    pub fn forget(&mut self, id: &str) {
        self.0.remove(id);
    }
}
