//! Whether the engine still answers: one that hangs would keep each request for minutes, and its tools for ever.

use super::Engine;
use std::time::Duration;
use tokio::time::{Instant, sleep, timeout};

/// The time between two questions.
const PAUSE: Duration = Duration::from_secs(2);
/// How long the engine may be silent. A busy one is slow to do things, but not to say that it is there.
const SILENCE: Duration = Duration::from_secs(30);
/// How long it may take to come back in the end, so that what was made can be removed.
const RETURN: Duration = Duration::from_secs(10);

/// Ends, with the reason in a sentence, when the engine has not answered for long.
pub async fn lost(engine: &Engine) -> String {
    let mut last = Instant::now();
    loop {
        sleep(PAUSE).await;
        match timeout(SILENCE, engine.docker.ping()).await {
            Ok(Ok(_)) => last = Instant::now(),
            _ if last.elapsed() > SILENCE => {
                return format!("the Docker Engine has not answered for {} s", SILENCE.as_secs());
            }
            _ => {}
        }
    }
}

/// Waits a short while for the engine to answer; the error is the reason that it does not.
pub async fn answers(engine: &Engine) -> Result<(), String> {
    let mut why = format!("the Docker Engine does not answer within {} s", RETURN.as_secs());
    let asked = timeout(RETURN, async {
        while let Err(error) = engine.docker.ping().await {
            why = format!("the Docker Engine does not answer: {error}");
            sleep(PAUSE / 4).await;
        }
    });
    asked.await.map_err(|_| why)
}
