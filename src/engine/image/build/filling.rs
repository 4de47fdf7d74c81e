//! Bounds what a build writes. Its steps run inside the engine, which doesn't say how much each wrote. What grader sees is
//! how much the engine's disk loses while the build goes on, and gets back when it ends.

use crate::engine::Engine;
use crate::engine::watch::disk;
use std::time::Duration;
use tokio::time::{Instant, sleep};

/// The time between two looks at the disk.
const LOOK: Duration = Duration::from_secs(1);
/// How long the engine may take to remove what a build has written that was ended.
const GOING: Duration = Duration::from_secs(10);

/// Ends when the engine's disk has lost more than a build may write.
pub async fn fills(engine: &Engine, before: Option<u64>) {
    loop {
        sleep(LOOK).await;
        if before.zip(disk::free(engine)).is_some_and(|(before, now)| before.saturating_sub(now) > engine.limits.disk())
        {
            return;
        }
    }
}

/// Whether most of what a build may write is free again once it was ended: then it was the one that wrote it.
pub async fn is_freed(engine: &Engine, left: u64) -> bool {
    let begin = Instant::now();
    loop {
        let back = disk::free(engine).unwrap_or_default().saturating_sub(left);
        if back > engine.limits.disk() / 2 || begin.elapsed() > GOING {
            return back > engine.limits.disk() / 2;
        }
        sleep(LOOK / 4).await;
    }
}
