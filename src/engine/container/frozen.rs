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

/// Signals what descends from process 1, found by the parents that /proc names.
const SHELL: &str = r#"cd /proc; all=" 1 "; more=1
while [ "$more" ]; do
  more=
  for p in [0-9]*; do
    case "$all" in *" $p "*) continue;; esac
    parent=
    while read -r key value; do [ "$key" = PPid: ] && parent=$value && break; done 2>/dev/null <"$p/status"
    case "$all" in *" ${parent:-none} "*) all="$all$p "; more=1;; esac
  done
done
for p in $all; do [ "$p" = 1 ] || kill "-$1" "$p"; done; exit 0"#;
const PYTHON: &str = r#"
import os, signal, sys
all, more = {1}, True
while more:
    more = False
    for p in map(int, filter(str.isdigit, os.listdir("/proc"))):
        try:
            with open("/proc/%d/status" % p) as status:
                parent = [int(line.split()[1]) for line in status if line.startswith("PPid:")]
        except OSError:
            continue
        if p not in all and parent and parent[0] in all:
            all.add(p)
            more = True
for p in all - {1}:
    try:
        os.kill(p, getattr(signal, "SIG" + sys.argv[1]))
    except ProcessLookupError:
        pass
"#;
const NODE: &str = r#"
const fs = require("fs"), all = new Set([1]);
for (let more = true; more;) {
  more = false;
  for (const p of fs.readdirSync("/proc").filter((name) => /^\d+$/.test(name)).map(Number)) {
    let status = "";
    try { status = fs.readFileSync(`/proc/${p}/status`, "utf8"); } catch { continue; }
    const parent = Number((/^PPid:\s*(\d+)/m.exec(status) || [])[1]);
    if (!all.has(p) && all.has(parent)) { all.add(p); more = true; }
  }
}
all.delete(1);
for (const p of all) { try { process.kill(p, "SIG" + process.argv.at(-1)); } catch {} }
"#;

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
        let seen = match frozen.send("STOP").await {
            Ok(()) => processes::list(engine, container, first).await,
            Err(error) => Err(error),
        };
        match seen {
            Ok(seen) if !seen.is_empty() && seen.iter().all(|process| process.is_stopped) => Ok(Some(frozen)),
            // Whatever was stopped goes on, whatever went wrong.
            seen => {
                frozen.thaw().await?;
                seen.map(|_| None)
            }
        }
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

    /// By whatever program the image has for it, each with the signal as its last word. Only those that descend from the
    /// first are meant: Docker may be starting a probe at this moment, and would wait for ever for what it starts that in.
    async fn send_to_children(&self, signal: &str) -> Result<(), ApiError> {
        let tools: [&[&str]; 4] = [
            &["/bin/sh", "-c", SHELL, "sh"],
            &["python3", "-c", PYTHON],
            &["python", "-c", PYTHON],
            &["node", "-e", NODE, "--"],
        ];
        for tool in tools {
            let words: Vec<String> = tool.iter().chain([&signal]).map(|&word| word.to_owned()).collect();
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
