//! The health check's command, run in a container whose application stands still: one that succeeds there never asks it.

use super::frozen::Frozen;
use super::health::HealthCheck;
use super::{ExecCommand, Output, exec};
use crate::engine::Engine;
use crate::engine::connect::api::{ApiError, Doing};
use bollard::models::{ContainerState, HealthStatusEnum};
use bollard::query_parameters::InspectContainerOptions;
use std::time::Duration;
use tokio::time::{Instant, sleep};

/// What the command gets at least while the application is stopped, on a slow host (times its pace) and on any.
const LIMIT: Duration = Duration::from_secs(2);
const LEAST: Duration = Duration::from_secs(1);
/// The longest that a multiple of its usual time may be.
const MOST: Duration = Duration::from_secs(20);
/// How many times as long as usual it gets. A command that is still running then is waiting for the application.
const TIMES: u32 = 4;
/// The time between two looks.
const LOOK: Duration = Duration::from_millis(200);

/// What came of the command while the application stood still.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum FrozenProbe {
    /// It succeeded.
    Succeeded,
    /// It failed with this exit code.
    Failed(i64),
    /// It was still waiting when its time was over.
    Waiting,
    /// It was tried where the image runs alone, and did not succeed.
    TriedAlone,
}

/// What comes of [`probe`]; the error is a sentence.
pub async fn of(
    engine: &Engine,
    container: &str,
    check: &HealthCheck,
    shell: Option<&[String]>,
) -> Option<Result<FrozenProbe, String>> {
    probe(engine, container, check, shell).await.map_err(|error| error.to_string()).transpose()
}

/// Stops a healthy container's own processes, runs its health check's command as Docker does, and lets them go on. `None`
/// where they can't be stopped. The container is as healthy afterwards as it was.
pub async fn probe(
    engine: &Engine,
    container: &str,
    check: &HealthCheck,
    shell: Option<&[String]>,
) -> Result<Option<FrozenProbe>, ApiError> {
    let words = check.command(shell);
    let command = |limit| ExecCommand { words: &words, user: None, stdin: None, limit, most: 1 << 10 };
    let begin = Instant::now();
    match exec(engine, container, &command(engine.pace.here(check.timeout))).await? {
        Output::Ended(printed) if printed.exit_code == 0 => {}
        // It isn't healthy any more, so nothing can be learned from it.
        _ => return Ok(None),
    }
    let usual = begin.elapsed();
    let before = state(engine, container).await?;
    let Some(frozen) = Frozen::freeze(engine, container).await? else { return Ok(None) };
    let output = exec(engine, container, &command(limit(usual, engine.pace.here(LIMIT)))).await;
    frozen.thaw().await?;
    let seen = match output? {
        Output::Ended(printed) if printed.exit_code == 0 => FrozenProbe::Succeeded,
        Output::Ended(printed) => FrozenProbe::Failed(printed.exit_code),
        Output::Late(_) => FrozenProbe::Waiting,
        Output::NotRunning => return Ok(None),
    };
    recovered(engine, container, check, &before).await?;
    Ok(Some(seen))
}

/// How long the command gets that usually takes so long, given the longest here. A host that is slow is slow in fits, so there
/// it gets all of it: too short a time would take a command that asks nobody for one that waits.
fn limit(usual: Duration, longest: Duration) -> Duration {
    let times = (usual * TIMES).clamp(LEAST, MOST);
    if longest > LIMIT * 2 { times.max(longest) } else { times }
}

/// Waits until Docker, whose own probes fail meanwhile too, calls the container healthy. Where one failure makes it ill, also
/// until the next probe has succeeded: one may have been on its way.
async fn recovered(
    engine: &Engine,
    container: &str,
    check: &HealthCheck,
    before: &ContainerState,
) -> Result<(), ApiError> {
    let probed = |state: &ContainerState| {
        let last = state.health.as_ref().and_then(|health| health.log.as_ref()?.last());
        last.map(|probe| (probe.start.clone(), probe.exit_code))
    };
    let deadline = Instant::now() + engine.pace.here(check.wait());
    while Instant::now() < deadline {
        let now = state(engine, container).await?;
        let is_healthy = now.health.as_ref().and_then(|health| health.status) == Some(HealthStatusEnum::HEALTHY);
        let next = probed(&now);
        let was_probed = next.as_ref().is_some_and(|(_, code)| *code == Some(0)) && next != probed(before);
        if now.running != Some(true) || (is_healthy && (check.retries > 1 || was_probed)) {
            break;
        }
        sleep(LOOK).await;
    }
    Ok(())
}

async fn state(engine: &Engine, container: &str) -> Result<ContainerState, ApiError> {
    let inspected = engine.docker.inspect_container(container, None::<InspectContainerOptions>).await;
    Ok(inspected.doing(|| format!("inspect container {container}"))?.state.unwrap_or_default())
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_quick_host_waits_a_few_times_as_long_as_usual_and_a_slow_one_as_long_as_it_may() {
        let ms = Duration::from_millis;
        assert_eq!(limit(ms(300), LIMIT), ms(1200));
        assert_eq!(limit(ms(10), LIMIT), LEAST);
        assert_eq!(limit(ms(3000), LIMIT), ms(12_000), "it is slow here, however quick containers start");
        assert_eq!(limit(ms(9000), LIMIT), MOST);
        assert_eq!(limit(ms(300), LIMIT * 2), ms(1200));
        assert_eq!(limit(ms(250), LIMIT * 3), LIMIT * 3);
        assert_eq!(limit(ms(2000), LIMIT * 3), ms(8000));
    }
}
