//! Whether services ended because containers here do not reach what they wanted on the internet.

use super::containers;
use super::running::Stack;
use crate::engine::container::reach;
use bollard::models::ContainerStateStatusEnum as Status;

impl Stack {
    /// Returns why a service reached nothing, if one ended by that: the host's fault.
    pub(crate) async fn cut_off(&self) -> Option<String> {
        if self.states().values().all(super::State::is_ready) {
            return None;
        }
        for container in self.found().await.ok()? {
            let has_failed =
                container.exit_code.is_some_and(|code| code != 0) || container.status == Status::RESTARTING;
            let is_ready = self.states().get(&container.service).is_none_or(super::State::is_ready);
            if is_ready || !has_failed || container.ended_by.is_some() {
                continue;
            }
            let log = containers::log(self.engine(), &container.id).await;
            let why = Box::pin(reach::broken(self.engine(), &container.id, &log, true)).await;
            if let Some(why) = why {
                return Some(format!("{why} (service `{}`)", container.service));
            }
        }
        None
    }
}
