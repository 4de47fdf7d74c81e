//! A container whose own processes are stopped by a signal while what is run in it from outside goes on. (`docker pause`
//! stops both.)

use super::processes;
use super::{ExecCommand, Output, exec};
use crate::engine::Engine;
use crate::engine::connect::api::{ApiError, Doing, status};
use bollard::query_parameters::{InspectContainerOptions, KillContainerOptions};
use std::time::Duration;

/// How long sending a signal may take.
const LIMIT: Duration = Duration::from_secs(5);

/// A container that stands still; [`Frozen::thaw`] it afterwards.
#[derive(Debug)]
pub struct Frozen<'a> {
    engine: &'a Engine,
    container: &'a str,
    has_children: bool,
}

impl<'a> Frozen<'a> {
    /// Stops a container's own processes. `None` if that can't be done, or not be seen: then they go on.
    pub async fn freeze(engine: &'a Engine, container: &'a str) -> Result<Option<Self>, ApiError> {
        let Some(first) = first(engine, container).await? else { return Ok(None) };
        let has_children = processes::list(engine, container, first).await?.len() > 1;
        let frozen = Self { engine, container, has_children };
        frozen.send("STOP").await?;
        let seen = processes::list(engine, container, first).await?;
        if !seen.is_empty() && seen.iter().all(|process| process.is_stopped) {
            return Ok(Some(frozen));
        }
        frozen.thaw().await?;
        Ok(None)
    }

    /// Lets the processes go on.
    pub async fn thaw(self) -> Result<(), ApiError> {
        self.send("CONT").await
    }

    /// Sends a signal to all processes: to the first by the engine, which reaches no other; to its children from inside,
    /// where the first can't be reached.
    async fn send(&self, signal: &str) -> Result<(), ApiError> {
        if self.has_children {
            self.send_to_children(signal).await?;
        }
        let options = KillContainerOptions { signal: format!("SIG{signal}") };
        match self.engine.docker.kill_container(self.container, Some(options)).await {
            Err(error) if !matches!(status(&error), Some(404 | 409)) => {
                Err(error).doing(|| format!("send SIG{signal} to container {}", self.container))
            }
            _ => Ok(()),
        }
    }

    /// By whatever program the image has for it.
    async fn send_to_children(&self, signal: &str) -> Result<(), ApiError> {
        let python = format!("import os, signal; os.kill(-1, signal.SIG{signal})");
        let tools: [&[&str]; 4] = [
            &["/bin/sh", "-c", &format!("kill -{signal} -1")],
            &["python3", "-c", &python],
            &["python", "-c", &python],
            &["node", "-e", &format!("process.kill(-1, 'SIG{signal}')")],
        ];
        for tool in tools {
            let words: Vec<String> = tool.iter().map(|&word| word.to_owned()).collect();
            let command = ExecCommand { words: &words, user: Some("0"), stdin: None, limit: LIMIT, most: 1 << 10 };
            match exec(self.engine, self.container, &command).await? {
                Output::Ended(printed) if printed.exit_code == 0 => return Ok(()),
                Output::NotRunning => return Ok(()),
                Output::Ended(_) | Output::Late(_) => {}
            }
        }
        Ok(())
    }
}

/// The number of the first process, if the container runs.
async fn first(engine: &Engine, container: &str) -> Result<Option<i64>, ApiError> {
    let inspected = engine.docker.inspect_container(container, None::<InspectContainerOptions>).await;
    let state = inspected.doing(|| format!("inspect container {container}"))?.state.unwrap_or_default();
    Ok(state.pid.filter(|_| state.running == Some(true)).filter(|pid| *pid > 0))
}
