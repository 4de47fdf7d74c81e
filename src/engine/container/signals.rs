//! Ends a container, starts it again, and waits for its end.

use super::{Standalone, StartError, since};
use crate::engine::connect::api::{ApiError, Doing, status};
use crate::engine::watch::starved::Starved;
use bollard::query_parameters::{KillContainerOptions, WaitContainerOptions};
use futures_util::StreamExt;
use std::time::Duration;
use tokio::time::{Instant, sleep, timeout_at};

/// The time between two looks where the engine does not say when the end comes.
const PAUSE: Duration = Duration::from_millis(100);
/// How many times longer than it has something is waited for that has no processor.
const MOST: u32 = 8;
/// How long what was killed may take to be gone.
const LAST: Duration = Duration::from_secs(10);

impl Standalone<'_> {
    /// Asks it to end, by its own stop signal, and kills it if it has not ended in time. Whether it had to be killed.
    pub async fn stop(&self, within: Duration) -> Result<bool, ApiError> {
        let config = self.inspect().await?.config.unwrap_or_default();
        let signal = config.stop_signal.filter(|signal| !signal.is_empty()).unwrap_or_else(|| "SIGTERM".into());
        if !self.signal(&signal).await? || self.ends(within).await? {
            return Ok(false);
        }
        let was_killed = self.signal("SIGKILL").await?;
        self.ends(LAST).await?;
        Ok(was_killed)
    }

    /// Sends it a signal; `false` if it does not run.
    pub async fn signal(&self, signal: &str) -> Result<bool, ApiError> {
        let options = KillContainerOptions { signal: signal.to_owned() };
        match self.engine.docker.kill_container(&self.id, Some(options)).await {
            Ok(()) => Ok(true),
            Err(error) if status(&error) == Some(409) => Ok(false),
            Err(error) => Err(error).doing(|| format!("send {signal} to container {}", self.id)),
        }
    }

    /// Waits for its end; `false` if that does not come in time. While it has no processor its time stands still, `MOST`
    /// times as long as it has at most.
    pub async fn ends(&self, within: Duration) -> Result<bool, ApiError> {
        let begin = Instant::now();
        let mut starved = Starved::default();
        let waits = |starved: &mut Starved, pid: Option<i64>| pid.and_then(|pid| starved.look(&self.id, pid));
        let before = waits(&mut starved, self.state().await?.pid).unwrap_or_default();
        let mut deadline = begin + within;
        loop {
            let ended = WaitContainerOptions { condition: "not-running".into() };
            // What comes back is looked up below: an exit code other than 0 is an error here.
            let _ = timeout_at(deadline, self.engine.docker.wait_container(&self.id, Some(ended)).next()).await;
            let state = self.state().await?;
            if state.running != Some(true) {
                return Ok(true);
            }
            let stood_still = waits(&mut starved, state.pid).unwrap_or_default().saturating_sub(before);
            deadline = begin + within + stood_still.min(within * MOST);
            if Instant::now() >= deadline {
                return Ok(false);
            }
            sleep(PAUSE).await;
        }
    }

    /// Starts it again; nothing happens if it runs. What it does is told from then on.
    pub async fn start_again(&mut self) -> Result<(), StartError> {
        if self.state().await?.running == Some(true) {
            return Ok(());
        }
        self.begin("the image").await?;
        self.since = since(&self.state().await?.started_at.unwrap_or_default());
        Ok(())
    }
}
