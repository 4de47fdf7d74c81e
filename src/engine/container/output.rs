//! What a command prints: in a container that runs, or in one of its own that is run to its end.

use super::start;
use super::{Refused, Spec, Standalone, StartError};
use crate::engine::Engine;
use crate::engine::connect::api::{ApiError, Doing, reason, status};
use bollard::container::LogOutput;
use bollard::errors::Error;
use bollard::exec::{CreateExecOptions, StartExecOptions, StartExecResults};
use bollard::query_parameters::AttachContainerOptions;
use futures_util::{Stream, StreamExt};
use std::pin::Pin;
use std::time::Duration;
use tokio::io::{AsyncWrite, AsyncWriteExt};
use tokio::time::{Instant, sleep, timeout_at};

/// The time between two looks at a command whose output has ended.
const PAUSE: Duration = Duration::from_millis(20);
/// What the engine says before why it could not run a command.
const NOT_RUN: [&str; 3] = ["OCI runtime exec failed", "unable to find user", "unable to find group"];

/// What came of a command.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum Output {
    /// It has ended.
    Ended(Printed),
    /// It has not ended in time; what it had printed until then.
    Late(Printed),
    /// There is nothing that runs, so nothing could be run in it.
    NotRunning,
}

/// What a command printed, and what it exited with.
#[derive(Debug, Clone, Default, PartialEq, Eq)]
pub struct Printed {
    /// What it exited with.
    pub exit_code: i64,
    /// What it printed.
    pub stdout: Vec<u8>,
    /// What it printed on standard error; or why it could not be run.
    pub stderr: Vec<u8>,
    /// Whether there was more than was kept of the first.
    pub stdout_is_cut: bool,
    /// The same of the second.
    pub stderr_is_cut: bool,
    /// The limit that it was ended at, if it was: the end of a sentence about it.
    pub ended_by: Option<String>,
}

/// A command for a container that runs.
#[derive(Debug, Clone, Copy)]
pub struct ExecCommand<'a> {
    /// Its words.
    pub words: &'a [String],
    /// The user; the container's own unless said.
    pub user: Option<&'a str>,
    /// What it reads.
    pub stdin: Option<&'a str>,
    /// How long it may take.
    pub limit: Duration,
    /// How many bytes are kept of each of its outputs.
    pub most: usize,
}

/// Runs a command in a container. What has not ended in time is left to itself: it goes with the container, since the
/// engine has no way to end it alone.
pub async fn exec(engine: &Engine, container: &str, command: &ExecCommand<'_>) -> Result<Output, ApiError> {
    let doing = || format!("run a command in container {container}");
    let options = CreateExecOptions {
        attach_stdin: Some(command.stdin.is_some()),
        attach_stdout: Some(true),
        attach_stderr: Some(true),
        cmd: Some(command.words.to_vec()),
        user: command.user.map(str::to_owned),
        ..CreateExecOptions::default()
    };
    let id = match engine.docker.create_exec(container, options).await {
        Ok(created) => created.id,
        Err(error) if is_not_running(&error) => return Ok(Output::NotRunning),
        Err(error) => return Err(error).doing(doing),
    };
    let deadline = Instant::now() + command.limit;
    let mut printed = Printed::default();
    match engine.docker.start_exec(&id, Some(StartExecOptions::default())).await {
        Ok(StartExecResults::Attached { output, input }) => {
            let reading = read(&mut printed, output, input, command.stdin, command.most);
            match timeout_at(deadline, reading).await {
                Ok(read) => read.doing(doing)?,
                Err(_) => return Ok(Output::Late(printed)),
            }
        }
        Ok(StartExecResults::Detached) => {}
        Err(error) if is_not_running(&error) => return Ok(Output::NotRunning),
        Err(error) if NOT_RUN.iter().any(|it| reason(&error).contains(it)) || Refused::by(&error).is_some() => {
            printed.stderr = reason(&error).into_bytes();
        }
        Err(error) => return Err(error).doing(doing),
    }
    loop {
        let now = engine.docker.inspect_exec(&id).await.doing(doing)?;
        if let (Some(false) | None, Some(code)) = (now.running, now.exit_code) {
            printed.exit_code = code;
            break;
        }
        if Instant::now() >= deadline {
            return Ok(Output::Late(printed));
        }
        sleep(PAUSE).await;
    }
    Ok(Output::Ended(tidied(printed)))
}

/// Why a command could not be run comes as if it had printed that.
fn tidied(mut printed: Printed) -> Printed {
    let said = [&printed.stdout, &printed.stderr].map(|output| String::from_utf8_lossy(output).into_owned());
    let is_why = |said: &&String| NOT_RUN.iter().any(|it| said.starts_with(it));
    let why = said.iter().find(is_why).filter(|_| matches!(printed.exit_code, 126 | 127));
    if let Some(why) = why {
        // Some engines say 126 of both.
        let is_missing = ["executable file not found", "no such file or directory"].iter().any(|it| why.contains(it));
        printed.exit_code = if is_missing { 127 } else { printed.exit_code };
        printed.stdout.clear();
        printed.stderr = start::short(why).into_bytes();
    }
    printed
}

fn is_not_running(error: &Error) -> bool {
    matches!(status(error), Some(404 | 409))
}

impl Standalone<'_> {
    /// Runs an image to its end; it is removed afterwards. What has not ended in time is killed.
    pub async fn run(
        engine: &Engine,
        spec: Spec,
        stdin: Option<&str>,
        limit: Duration,
        most: usize,
    ) -> Result<Output, StartError> {
        let image = spec.image.clone();
        let spec = Spec { reads: stdin.is_some(), is_heard: true, ..spec };
        let standalone = Standalone::create(engine, spec).await?;
        let output = standalone.to_its_end(&image, stdin, limit, most).await;
        standalone.remove().await?;
        output
    }

    async fn to_its_end(
        &self,
        image: &str,
        stdin: Option<&str>,
        limit: Duration,
        most: usize,
    ) -> Result<Output, StartError> {
        let doing = || format!("listen to container {}", self.id);
        let options = AttachContainerOptions {
            stream: true,
            stdin: stdin.is_some(),
            stdout: true,
            stderr: true,
            ..Default::default()
        };
        let attached = self.engine.docker.attach_container(&self.id, Some(options)).await.doing(doing)?;
        self.begin(image).await?;
        let deadline = Instant::now() + limit;
        let mut printed = Printed::default();
        let reading = read(&mut printed, attached.output, attached.input, stdin, most);
        match timeout_at(deadline, reading).await {
            Ok(read) => read.doing(doing)?,
            Err(_) => return Ok(Output::Late(printed)),
        }
        if !self.ends(deadline.saturating_duration_since(Instant::now()).max(PAUSE)).await? {
            return Ok(Output::Late(printed));
        }
        printed.exit_code = self.state().await?.exit_code.unwrap_or_default();
        printed.ended_by = self.ended_by().await?;
        Ok(Output::Ended(printed))
    }
}

type LogPieces = Pin<Box<dyn Stream<Item = Result<LogOutput, Error>> + Send>>;

/// Reads all that is printed, and gives what is to be read meanwhile; keeps the first bytes of each output.
async fn read(
    printed: &mut Printed,
    mut output: LogPieces,
    mut input: Pin<Box<dyn AsyncWrite + Send>>,
    stdin: Option<&str>,
    most: usize,
) -> Result<(), Error> {
    let give = async {
        if let Some(stdin) = stdin {
            // What does not read to the end closes its input.
            let _ = input.write_all(stdin.as_bytes()).await;
            let _ = input.shutdown().await;
        }
        std::future::pending::<()>().await; // dropping it would end the connection
    };
    let take = async {
        while let Some(piece) = output.next().await {
            let (bytes, kept, is_cut) = match piece? {
                LogOutput::StdErr { message } => (message, &mut printed.stderr, &mut printed.stderr_is_cut),
                LogOutput::StdOut { message } | LogOutput::StdIn { message } | LogOutput::Console { message } => {
                    (message, &mut printed.stdout, &mut printed.stdout_is_cut)
                }
            };
            let room = most.saturating_sub(kept.len()).min(bytes.len());
            kept.extend_from_slice(bytes.get(..room).unwrap_or_default());
            *is_cut |= room < bytes.len();
        }
        Ok(())
    };
    tokio::select! {
        done = take => done,
        () = give => Ok(()),
    }
}
