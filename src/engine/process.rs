//! Runs a tool: an argument vector, an environment that was chosen, a time limit, bounded output, and nothing of it left
//! running afterwards.

mod leader;
mod output;

pub use output::{Kept, LineCutter, end_of};

use leader::Leader;
use std::ffi::{OsStr, OsString};
use std::io;
use std::path::{Path, PathBuf};
use std::process::{ExitStatus, Stdio};
use std::time::Duration;
use tokio::io::AsyncReadExt;
use tokio::process::{Child, ChildStderr, ChildStdout};
use tokio::time::{Instant, sleep_until, timeout};

/// How many bytes of each output are kept unless said otherwise: the first and the last half of them.
const KEEP: usize = 1 << 20;
/// How long a tool may take to stop after it was asked to.
const GRACE: Duration = Duration::from_secs(2);
/// How long what a tool has started may hold its outputs open once the tool itself has ended.
const DRAIN: Duration = Duration::from_millis(500);

/// A tool that could not be started or followed.
#[derive(Debug, thiserror::Error)]
#[error("`{program}` could not be run: {cause}")]
pub struct ProcessError {
    /// The tool, as its path.
    pub program: String,
    /// What the system said.
    #[source]
    pub cause: io::Error,
}

/// Which output some bytes came from.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Stream {
    /// Standard output.
    Stdout,
    /// Standard error.
    Stderr,
}

/// A tool to run. It starts with an empty environment and no input.
#[derive(Debug, Clone)]
pub struct Command {
    program: PathBuf,
    args: Vec<OsString>,
    env: Vec<(OsString, OsString)>,
    dir: Option<PathBuf>,
    limit: Option<Duration>,
    keep: usize,
}

/// What came of a tool.
#[derive(Debug)]
pub struct Finished {
    /// How it ended.
    pub status: ExitStatus,
    /// The kept part of its standard output.
    pub stdout: Kept,
    /// The kept part of its standard error.
    pub stderr: Kept,
    /// Whether it was ended because its time was over.
    pub timed_out: bool,
}

impl Finished {
    /// Whether it ended by itself and with 0.
    pub fn success(&self) -> bool {
        self.status.success() && !self.timed_out
    }
}

impl Command {
    /// A tool by its path.
    pub fn new(program: impl Into<PathBuf>) -> Self {
        Self { program: program.into(), args: Vec::new(), env: Vec::new(), dir: None, limit: None, keep: KEEP }
    }

    /// Adds one argument.
    #[must_use]
    pub fn arg(mut self, arg: impl Into<OsString>) -> Self {
        self.args.push(arg.into());
        self
    }

    /// Adds arguments.
    #[must_use]
    pub fn args<S: AsRef<OsStr>>(mut self, args: impl IntoIterator<Item = S>) -> Self {
        self.args.extend(args.into_iter().map(|arg| arg.as_ref().to_owned()));
        self
    }

    /// Sets variables of its environment.
    #[must_use]
    pub fn envs<S: AsRef<OsStr>>(mut self, variables: impl IntoIterator<Item = (S, S)>) -> Self {
        self.env
            .extend(variables.into_iter().map(|(name, value)| (name.as_ref().to_owned(), value.as_ref().to_owned())));
        self
    }

    /// Sets its working directory; otherwise it has ours.
    #[must_use]
    pub fn dir(mut self, dir: impl AsRef<Path>) -> Self {
        self.dir = Some(dir.as_ref().to_owned());
        self
    }

    /// Ends it, and all it has started, after this time.
    #[must_use]
    pub fn limit(mut self, limit: Duration) -> Self {
        self.limit = Some(limit);
        self
    }

    /// Keeps this many bytes of each output: the first and the last half of them.
    #[must_use]
    pub fn keep(mut self, bytes: usize) -> Self {
        self.keep = bytes;
        self
    }

    /// Runs it to its end. If the future is dropped, the tool and all it has started are killed.
    pub async fn run(&self) -> Result<Finished, ProcessError> {
        self.run_with(|_, _| ()).await
    }

    /// Runs it to its end and hands on its output as it comes, in pieces of at most some kilobytes.
    pub async fn run_with(&self, mut on_output: impl FnMut(Stream, &[u8])) -> Result<Finished, ProcessError> {
        let mut running = self.start()?;
        let follow = async {
            while let Some((stream, bytes)) = running.next().await? {
                on_output(stream, bytes);
            }
            Ok(())
        };
        let in_time = match self.limit {
            None => follow.await.map(|()| true),
            Some(limit) => timeout(limit, follow).await.map_or(Ok(false), |followed| followed.map(|()| true)),
        };
        let in_time = in_time.map_err(|cause| self.error(cause))?;
        running.finish(!in_time).await.map_err(|cause| self.error(cause))
    }

    /// Starts it, for callers that keep the time themselves; [`Command::limit`] is not looked at.
    pub fn start(&self) -> Result<Running, ProcessError> {
        let mut command = tokio::process::Command::new(&self.program);
        command.args(&self.args).env_clear().envs(self.env.iter().map(|(name, value)| (name, value)));
        command.stdin(Stdio::null()).stdout(Stdio::piped()).stderr(Stdio::piped()).kill_on_drop(true);
        if let Some(dir) = &self.dir {
            command.current_dir(dir);
        }
        #[cfg(unix)]
        command.process_group(0);
        let mut child = command.spawn().map_err(|cause| self.error(cause))?;
        Ok(Running {
            stdout: child.stdout.take(),
            stderr: child.stderr.take(),
            leader: Leader::of(&child),
            group: child.id(),
            child,
            status: None,
            ended: None,
            kept: (Kept::new(self.keep), Kept::new(self.keep)),
            buffers: (vec![0; 16 << 10], vec![0; 16 << 10]),
        })
    }

    fn error(&self, cause: io::Error) -> ProcessError {
        ProcessError { program: self.program.display().to_string(), cause }
    }
}

/// A tool that runs. Dropping it kills it and all it has started.
#[derive(Debug)]
pub struct Running {
    child: Child,
    leader: Leader,
    stdout: Option<ChildStdout>,
    stderr: Option<ChildStderr>,
    /// The id of its process group, which is that of its first process.
    group: Option<u32>,
    status: Option<ExitStatus>,
    ended: Option<Instant>,
    kept: (Kept, Kept),
    buffers: (Vec<u8>, Vec<u8>),
}

impl Running {
    /// The next piece of its output; `None` once it has ended. May be cancelled without losing output.
    pub async fn next(&mut self) -> io::Result<Option<(Stream, &[u8])>> {
        loop {
            if self.stdout.is_none() && self.stderr.is_none() {
                if self.status.is_none() {
                    self.status = Some(self.child.wait().await?);
                }
                return Ok(None);
            }
            let drained = self.ended.map(|ended| ended + DRAIN);
            tokio::select! {
                biased;
                read = read(self.stdout.as_mut(), &mut self.buffers.0) => match read? {
                    0 => self.stdout = None,
                    count => {
                        let bytes = self.buffers.0.get(..count).unwrap_or_default();
                        self.kept.0.push(bytes);
                        return Ok(Some((Stream::Stdout, bytes)));
                    }
                },
                read = read(self.stderr.as_mut(), &mut self.buffers.1) => match read? {
                    0 => self.stderr = None,
                    count => {
                        let bytes = self.buffers.1.get(..count).unwrap_or_default();
                        self.kept.1.push(bytes);
                        return Ok(Some((Stream::Stderr, bytes)));
                    }
                },
                // It is waited for only when no signal is sent to its group any more: see `finish`.
                () = self.leader.ended(&mut self.child), if self.ended.is_none() => self.ended = Some(Instant::now()),
                () = sleep_until(drained.unwrap_or_else(Instant::now)), if drained.is_some() => {
                    self.kill();
                    (self.stdout, self.stderr) = (None, None);
                }
            }
        }
    }

    /// What came of it. If it still runs it is asked to stop, and after a short while killed, with all it has started.
    pub async fn finish(mut self, timed_out: bool) -> io::Result<Finished> {
        if self.status.is_none() {
            self.signal(Signal::Stop);
            // Its outputs close when the last of its processes ends. The first one is waited for only after the others
            // are killed: until then its number, which is the group's, can't be given to another process.
            let deadline = Instant::now() + GRACE;
            while let Ok(true) = tokio::time::timeout_at(deadline, self.drain()).await {}
            self.kill();
            self.status = Some(self.child.wait().await?);
        }
        let kept = (std::mem::take(&mut self.kept.0), std::mem::take(&mut self.kept.1));
        let status = self.status.unwrap_or_default();
        Ok(Finished { status, stdout: kept.0, stderr: kept.1, timed_out })
    }

    /// Reads on without waiting for the process; false once both outputs are closed.
    async fn drain(&mut self) -> bool {
        tokio::select! {
            count = read(self.stdout.as_mut(), &mut self.buffers.0), if self.stdout.is_some() => {
                match count {
                    Ok(count @ 1..) => self.kept.0.push(self.buffers.0.get(..count).unwrap_or_default()),
                    _ => self.stdout = None,
                }
            }
            count = read(self.stderr.as_mut(), &mut self.buffers.1), if self.stderr.is_some() => {
                match count {
                    Ok(count @ 1..) => self.kept.1.push(self.buffers.1.get(..count).unwrap_or_default()),
                    _ => self.stderr = None,
                }
            }
            else => return false,
        }
        self.stdout.is_some() || self.stderr.is_some()
    }

    fn kill(&mut self) {
        self.signal(Signal::Kill);
        let _ = self.child.start_kill(); // already dead is fine
    }

    #[cfg(unix)]
    fn signal(&self, signal: Signal) {
        let Some(group) = self.group.and_then(|id| rustix::process::Pid::from_raw(i32::try_from(id).ok()?)) else {
            return;
        };
        let signal = match signal {
            Signal::Stop => rustix::process::Signal::TERM,
            Signal::Kill => rustix::process::Signal::KILL,
        };
        let _ = rustix::process::kill_process_group(group, signal); // already gone is fine
    }

    #[cfg(not(unix))]
    #[allow(clippy::unused_self)] // there are no process groups: the tool itself is killed
    fn signal(&self, _: Signal) {}
}

impl Drop for Running {
    fn drop(&mut self) {
        if self.status.is_none() {
            self.kill();
        }
    }
}

#[derive(Debug, Clone, Copy)]
enum Signal {
    Stop,
    Kill,
}

/// Reads what is there; waits for ever where there is nothing to read from.
async fn read(from: Option<&mut (impl AsyncReadExt + Unpin)>, into: &mut [u8]) -> io::Result<usize> {
    match from {
        Some(from) => from.read(into).await,
        None => std::future::pending().await,
    }
}
