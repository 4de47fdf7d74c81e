//! How slow this host is now: waits are in its own measure, so that a verdict is not about the host.

use std::sync::Arc;
use std::sync::atomic::{AtomicU32, Ordering};
use std::time::Duration;

/// How long the engine takes at most to start a container on a host that has time for it; nothing of that is the image's.
const START: Duration = Duration::from_millis(500);
/// The same for its tools to say their versions.
const TOOLS: Duration = Duration::from_millis(400);
/// No wait gets longer than this many times.
const MOST: u32 = 8 * ONCE;
/// Its own measure: thousandths.
const ONCE: u32 = 1000;

/// How many times longer than usual things take on this host, by the slowest of what was seen in this run. Never below 1.
#[derive(Debug, Clone, Default)]
pub struct Pace(Arc<AtomicU32>);

impl Pace {
    /// The pace as it is now, which does not change any more.
    #[must_use]
    pub fn now(&self) -> Self {
        Self(Arc::new(AtomicU32::new(self.thousandths())))
    }

    /// The engine has started a container.
    pub fn saw_start(&self, took: Duration) {
        self.saw(took, START);
    }

    /// The engine's tools have said their versions.
    pub fn saw_tools(&self, took: Duration) {
        self.saw(took, TOOLS);
    }

    fn saw(&self, took: Duration, usual: Duration) {
        let times = took.as_millis() * u128::from(ONCE) / usual.as_millis();
        self.0.fetch_max(u32::try_from(times).unwrap_or(MOST).min(MOST), Ordering::Relaxed);
    }

    fn thousandths(&self) -> u32 {
        self.0.load(Ordering::Relaxed).max(ONCE)
    }

    /// Whether things take clearly longer here than usual: what fails once may be the host's doing.
    pub fn is_slow(&self) -> bool {
        self.thousandths() > ONCE + ONCE / 2
    }

    /// What a time is on this host.
    pub fn here(&self, time: Duration) -> Duration {
        time.checked_mul(self.thousandths()).map_or(Duration::MAX, |time| time / ONCE)
    }

    /// What a time on this host would have been elsewhere.
    pub fn elsewhere(&self, time: Duration) -> Duration {
        time.checked_mul(ONCE).map_or(time, |time| time / self.thousandths())
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    const TEN: Duration = Duration::from_secs(10);

    #[test]
    fn a_wait_is_as_much_longer_as_the_host_is_slower() {
        let pace = Pace::default();
        assert_eq!(pace.here(TEN), TEN);
        pace.saw_start(START / 2);
        assert!(!pace.is_slow());
        assert_eq!(pace.here(TEN), TEN, "a quick host's waits are no shorter");
        pace.saw_start(START * 3);
        pace.saw_tools(TOOLS * 2);
        assert_eq!((pace.here(TEN), pace.elsewhere(TEN * 3)), (TEN * 3, TEN));
        assert!(pace.is_slow());
        let now = pace.now();
        pace.clone().saw_start(START * 1000);
        assert_eq!((pace.here(TEN), now.here(TEN)), (TEN * 8, TEN * 3));
        assert_eq!(pace.here(Duration::MAX), Duration::MAX);
    }
}
