//! How long containers have been there, in their own time.

use super::containers::Container;
use super::ready::Age;
use crate::engine::watch::pace::Pace;
use crate::engine::watch::starved::Starved;
use bollard::models::ContainerStateStatusEnum as Status;
use std::collections::HashMap;
use std::time::Duration;
use tokio::time::Instant;

/// How many times longer than it would take elsewhere a container's time may seem at most.
const MOST: u32 = 8;

/// When each container was started, by this process's clock: the engine's may be another.
#[derive(Debug, Default)]
pub(crate) struct Clocks(HashMap<String, Clock>);

#[derive(Debug)]
struct Clock {
    whole: Instant,
    last: Instant,
    started_at: String,
    starved: Starved,
    /// How long it had no processor until its last start, and until now; nothing where that can't be seen.
    stood_still: Option<(Duration, Duration)>,
}

impl Clocks {
    pub fn update(&mut self, found: &[Container]) {
        let now = Instant::now();
        for container in found.iter().filter(|it| !matches!(it.status, Status::CREATED | Status::EMPTY)) {
            let clock = self.0.entry(container.id.clone()).or_insert_with(|| Clock {
                whole: now,
                last: now,
                started_at: container.started_at.clone(),
                starved: Starved::default(),
                stood_still: None,
            });
            let seen = container.pid.and_then(|pid| clock.starved.look(&container.id, pid));
            if clock.started_at != container.started_at {
                (clock.last, clock.started_at) = (now, container.started_at.clone());
                clock.stood_still = seen.map(|seen| (seen, seen));
            } else if let Some(seen) = seen {
                let before = clock.stood_still.map_or(Duration::ZERO, |(before, _)| before);
                clock.stood_still = Some((before, seen));
            }
        }
    }

    pub fn age(&self, id: &str, pace: &Pace) -> Age {
        self.0.get(id).map_or_else(Age::default, |clock| {
            let last = clock.last.elapsed();
            let own = clock.stood_still.map_or_else(
                || pace.elsewhere(last),
                |(before, now)| last.saturating_sub(now.saturating_sub(before)).max(last / MOST),
            );
            Age { whole: pace.elsewhere(clock.whole.elapsed()), last: own }
        })
    }

    pub fn forget(&mut self, id: &str) {
        self.0.remove(id);
    }
}
