//! Whether the engine reaches registries, asked through the engine: it may be behind another network than this process, or a
//! proxy, or in a machine of its own.

use super::api::reason;
use crate::engine::Engine;
use crate::engine::image::build::fault;
use std::time::Duration;
use tokio::time::timeout;

/// How long it may take to answer.
const ANSWER: Duration = Duration::from_secs(20);
/// An image that Docker Hub has had for ever. Only its description is asked for, which no limit counts.
const IMAGE: &str = "docker.io/library/busybox:latest";

/// Returns whether Docker Hub answers the engine, whatever it says.
pub async fn answers(engine: &Engine) -> bool {
    match timeout(ANSWER, engine.docker.inspect_registry_image(IMAGE, None)).await {
        Ok(Ok(_)) => true,
        Ok(Err(error)) => !fault::is_network(&reason(&error)),
        Err(_) => false,
    }
}
