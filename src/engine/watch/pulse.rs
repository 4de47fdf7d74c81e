//! Whether the engine still answers: one that hangs would keep each request for minutes, and its tools for ever.

use crate::engine::Engine;
use std::cell::Cell;
use std::time::{Duration, Instant};
use tokio::time::{sleep, timeout};

/// The time between two questions.
const PAUSE: Duration = Duration::from_secs(1);
/// How long the engine may be silent. A busy one is slow to do things, but not to say that it is there.
const SILENCE: Duration = Duration::from_secs(30);
/// How long it may take to come back in the end, so that what was made can be removed.
const RETURN: Duration = Duration::from_secs(10);

/// How long before an engine goes away it may have ended its containers.
const BEFORE: Duration = Duration::from_secs(5);

/// What is known of an engine's life.
#[derive(Debug, Default)]
pub struct Pulse {
    /// When it last answered.
    seen: Cell<Option<Instant>>,
    /// When it last answered before it first did not.
    gone: Cell<Option<Instant>>,
}

impl Pulse {
    /// Ends, with the reason in a sentence, when the engine has not answered for long.
    pub async fn lost(&self, engine: &Engine) -> String {
        let begin = Instant::now();
        loop {
            sleep(PAUSE).await;
            let is_there = self.ask(engine, SILENCE).await;
            if !is_there && self.seen.get().unwrap_or(begin).elapsed() > SILENCE {
                return format!("the Docker Engine has not answered for {} s", SILENCE.as_secs());
            }
        }
    }

    /// If there was no engine for a while: since when its containers may have ended with it. What was found after that says
    /// nothing about who wrote them.
    pub async fn gone(&self, engine: &Engine) -> Option<Instant> {
        self.ask(engine, RETURN).await;
        let last = self.gone.get()?;
        Some(last.checked_sub(BEFORE).unwrap_or(last))
    }

    /// Whether it answers. A silent one is not gone yet.
    async fn ask(&self, engine: &Engine, within: Duration) -> bool {
        let asked = Instant::now();
        match timeout(within, engine.docker.ping()).await {
            Ok(Ok(_)) => {
                self.seen.set(Some(Instant::now()));
                true
            }
            Ok(Err(_)) => {
                self.gone.set(self.gone.get().or(self.seen.get()).or(Some(asked)));
                false
            }
            Err(_) => false,
        }
    }
}

/// An engine that does not answer any more.
#[derive(Debug, thiserror::Error)]
#[error("the Docker Engine does not answer within {} s", RETURN.as_secs())]
pub struct Silent;

/// Waits a short while for the engine to answer.
pub async fn answers(engine: &Engine) -> Result<(), Silent> {
    let asked = timeout(RETURN, async {
        while engine.docker.ping().await.is_err() {
            sleep(PAUSE / 4).await;
        }
    });
    asked.await.map_err(|_| Silent)
}
