//! Who runs in a container: the user numbers of its own processes.

use crate::engine::Engine;
use crate::engine::connect::api::{ApiError, Doing, status};
use bollard::query_parameters::TopOptions;
use std::collections::{BTreeMap, BTreeSet};

/// One process of a container.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct RunningProcess {
    /// The number of the user that it runs as.
    pub uid: i64,
    /// Its command line.
    pub command: String,
}

/// The processes that have come from the container's first one, whose number on the engine's machine is `first`. Probes of
/// a health check, which Docker starts from outside and as another user, are left out. None if the container has ended.
pub async fn list(engine: &Engine, container: &str, first: i64) -> Result<Vec<RunningProcess>, ApiError> {
    let options = TopOptions { ps_args: "-eo pid,ppid,uid,args".into() };
    match engine.docker.top_processes(container, Some(options)).await {
        Ok(top) => Ok(descendants(&top.processes.unwrap_or_default(), first)),
        Err(error) if matches!(status(&error), Some(404 | 409)) => Ok(Vec::new()),
        Err(error) => Err(error).doing(|| "list the container's processes".into()),
    }
}

fn descendants(rows: &[Vec<String>], first: i64) -> Vec<RunningProcess> {
    let number = |row: &[String], column: usize| row.get(column)?.parse::<i64>().ok();
    let mut children: BTreeMap<i64, Vec<i64>> = BTreeMap::new();
    let mut processes = BTreeMap::new();
    for row in rows {
        let (Some(pid), Some(parent), Some(uid)) = (number(row, 0), number(row, 1), number(row, 2)) else { continue };
        children.entry(parent).or_default().push(pid);
        processes.insert(pid, RunningProcess { uid, command: row.get(3..).unwrap_or_default().join(" ") });
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
        let rows =
            ["10 5 0 /entrypoint.sh", "11 10 1000 python app.py", "12 11 1000 worker", "20 5 0 /bin/sh -c curl", "x"];
        let rows: Vec<Vec<String>> = rows.iter().map(|row| row.splitn(4, ' ').map(str::to_owned).collect()).collect();
        let found: Vec<_> = descendants(&rows, 10).into_iter().map(|it| (it.uid, it.command)).collect();
        assert_eq!(found, [(0, "/entrypoint.sh".into()), (1000, "python app.py".into()), (1000, "worker".into())]);
        assert!(descendants(&rows, 99).is_empty());
    }
}
