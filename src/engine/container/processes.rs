//! Who runs in a container: its own processes, and the users that each of them is or can become again.

use crate::engine::Engine;
use crate::engine::connect::api::{ApiError, Doing, status};
use crate::engine::watch::starved::is_of;
use bollard::query_parameters::TopOptions;
use std::collections::{BTreeMap, BTreeSet};
use std::fs;
use std::path::Path;

/// What `ps` on the engine's host is asked for.
const COLUMNS: &str = "-eo pid,ppid,stat,uid,ruid,suid,args";
/// The columns before the command line.
const NUMBERS: usize = 6;
/// The capabilities with which a process can become root, or act as root: `CAP_SETUID`, `CAP_SYS_MODULE`, `CAP_SYS_PTRACE`
/// and `CAP_SYS_ADMIN` (Linux, `include/uapi/linux/capability.h`).
const ROOT_CAPABILITIES: [(u32, &str); 4] =
    [(7, "CAP_SETUID"), (16, "CAP_SYS_MODULE"), (19, "CAP_SYS_PTRACE"), (21, "CAP_SYS_ADMIN")];

/// One process of a container.
#[derive(Debug, Clone, Default, PartialEq, Eq)]
pub struct RunningProcess {
    /// Its number on the engine's host.
    pub pid: i64,
    /// The number of the user that it runs as: the effective one.
    pub uid: i64,
    /// The number of the user that started it: the real one.
    pub real: i64,
    /// The number of the user that it can become again: the saved one.
    pub saved: i64,
    /// Its command line.
    pub command: String,
    /// Its executable, where that can be seen.
    pub executable: Option<String>,
    /// Its permitted capabilities as Linux counts them, where those can be seen.
    pub capabilities: Option<u64>,
    /// Whether it is stopped by a signal, or has ended and waits for its parent.
    pub is_stopped: bool,
}

impl RunningProcess {
    /// Why it is root, or can become root again: the end of a sentence that begins with its command.
    pub fn root(&self) -> Option<String> {
        if self.uid == 0 {
            return Some("runs with the user number 0".to_owned());
        }
        let again = |which: &str| {
            format!("runs with the user number {}, but its {which} user is root: it can become root again", self.uid)
        };
        if self.saved == 0 {
            return Some(again("saved"));
        }
        if self.real == 0 {
            return Some(again("real"));
        }
        let held = self.capabilities.unwrap_or_default();
        let (_, name) = ROOT_CAPABILITIES.iter().find(|(bit, _)| held >> bit & 1 == 1)?;
        Some(format!("runs with the user number {}, but holds {name}: it can become root again", self.uid))
    }
}

/// The processes that have come from the container's first one, whose number on the engine's machine is `first`. Probes of
/// a health check, which Docker starts from outside and as another user, are left out. None if the container has ended.
pub async fn list(engine: &Engine, container: &str, first: i64) -> Result<Vec<RunningProcess>, ApiError> {
    let options = TopOptions { ps_args: COLUMNS.into() };
    let mut found = match engine.docker.top_processes(container, Some(options)).await {
        Ok(top) => descendants(&top.processes.unwrap_or_default(), first),
        Err(error) if matches!(status(&error), Some(404 | 409)) => return Ok(Vec::new()),
        Err(error) => return Err(error).doing(|| "list the container's processes".into()),
    };
    let proc = Path::new("/proc");
    for process in &mut found {
        if is_of(proc, container, process.pid) {
            process.capabilities = capabilities(proc, process.pid);
            let executable = fs::read_link(proc.join(format!("{}/exe", process.pid))).ok();
            process.executable = executable.map(|path| path.to_string_lossy().into_owned());
        }
    }
    Ok(found)
}

/// The capabilities that a process may use.
fn capabilities(proc: &Path, pid: i64) -> Option<u64> {
    let text = fs::read_to_string(proc.join(format!("{pid}/status"))).ok()?;
    let line = text.lines().find_map(|line| line.strip_prefix("CapPrm:"))?;
    u64::from_str_radix(line.trim(), 16).ok()
}

fn descendants(rows: &[Vec<String>], first: i64) -> Vec<RunningProcess> {
    let mut children: BTreeMap<i64, Vec<i64>> = BTreeMap::new();
    let mut processes = BTreeMap::new();
    for row in rows {
        let number = |column: usize| row.get(column)?.parse::<i64>().ok();
        let (Some(pid), Some(parent), Some(uid)) = (number(0), number(1), number(3)) else { continue };
        let (Some(real), Some(saved)) = (number(4), number(5)) else { continue };
        let is_stopped = row.get(2).is_some_and(|state| state.starts_with(['T', 'Z']));
        let command = row.get(NUMBERS..).unwrap_or_default().join(" ");
        children.entry(parent).or_default().push(pid);
        processes.insert(pid, RunningProcess { pid, uid, real, saved, command, is_stopped, ..Default::default() });
    }
    let (mut found, mut open, mut seen) = (Vec::new(), vec![first], BTreeSet::new());
    while let Some(pid) = open.pop() {
        if seen.insert(pid) {
            found.extend(processes.get(&pid).cloned());
            open.extend(children.get(&pid).into_iter().flatten());
        }
    }
    found
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn probes_from_outside_are_left_out() {
        let rows = [
            "10 5 Ss 0 0 0 /entrypoint.sh",
            "11 10 Sl 1000 1000 1000 python app.py",
            "12 11 T 1000 1000 1000 worker",
            "20 5 S 0 0 0 /bin/sh -c curl",
            "x",
        ];
        let rows: Vec<Vec<String>> = rows.iter().map(|row| row.splitn(7, ' ').map(str::to_owned).collect()).collect();
        let found: Vec<_> = descendants(&rows, 10).into_iter().map(|it| (it.uid, it.command, it.is_stopped)).collect();
        assert_eq!(
            found,
            [(0, "/entrypoint.sh".into(), false), (1000, "python app.py".into(), false), (1000, "worker".into(), true)]
        );
        assert!(descendants(&rows, 99).is_empty());
    }

    #[test]
    fn what_can_become_root_again_is_root() {
        let process =
            |uid, real, saved, capabilities| RunningProcess { uid, real, saved, capabilities, ..Default::default() };
        for (process, why) in [
            (process(1000, 1000, 1000, None), None),
            (process(1000, 1000, 1000, Some(1 << 10)), None), // it may open ports below 1024
            (process(0, 0, 0, None), Some("user number 0")),
            (process(1000, 1000, 0, None), Some("saved")),
            (process(1000, 0, 1000, None), Some("real")),
            (process(1000, 1000, 1000, Some(1 << 7)), Some("CAP_SETUID")),
        ] {
            let root = process.root();
            assert_eq!(root.is_some(), why.is_some(), "{process:?}");
            assert!(why.is_none_or(|why| root.is_some_and(|root| root.contains(why))), "{process:?}");
        }
    }
}
