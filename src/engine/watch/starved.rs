//! How long a container's processes could have run and had no processor: its own clock stood still meanwhile.
//!
//! Linux counts it for each process (`/proc/PID/schedstat`, the second number, in nanoseconds). It can be seen where the
//! engine runs on this machine and outside of a virtual one.

use std::collections::BTreeMap;
use std::fs;
use std::path::Path;
use std::time::Duration;

/// The most processes of one container that are looked at.
const PROCESSES: usize = 64;

/// What was seen of one container's processes.
#[derive(Debug, Default)]
pub struct Starved(BTreeMap<i64, Duration>);

impl Starved {
    /// Looks again; the whole time so far. `None` where it can't be seen. Of processes that have ended, what was seen last
    /// counts.
    pub fn look(&mut self, container: &str, first: i64) -> Option<Duration> {
        self.look_in(Path::new("/proc"), container, first)
    }

    fn look_in(&mut self, proc: &Path, container: &str, first: i64) -> Option<Duration> {
        if !is_of(proc, container, first) {
            return None;
        }
        let mut open = vec![first];
        let mut seen = 0;
        while let Some(process) = open.pop().filter(|_| seen < PROCESSES) {
            seen += 1;
            let Ok(times) = fs::read_to_string(proc.join(format!("{process}/schedstat"))) else { continue };
            if let Some(waited) = times.split_whitespace().nth(1).and_then(|number| number.parse().ok()) {
                self.0.insert(process, Duration::from_nanos(waited));
            }
            let children = fs::read_to_string(proc.join(format!("{process}/task/{process}/children")));
            open.extend(children.unwrap_or_default().split_whitespace().filter_map(|child| child.parse::<i64>().ok()));
        }
        Some(self.0.values().sum())
    }
}

/// Whether the process with this number is the container's: an engine elsewhere counts other processes.
pub(crate) fn is_of(proc: &Path, container: &str, process: i64) -> bool {
    let groups = fs::read_to_string(proc.join(format!("{process}/cgroup")));
    !container.is_empty() && groups.is_ok_and(|groups| groups.contains(container))
}

#[cfg(test)]
mod tests {
    use super::*;

    fn process(proc: &Path, number: i64, waited: u64, children: &str) {
        let task = proc.join(format!("{number}/task/{number}"));
        fs::create_dir_all(&task).unwrap();
        fs::write(task.join("children"), children).unwrap();
        fs::write(proc.join(format!("{number}/schedstat")), format!("100 {waited} 7\n")).unwrap();
        fs::write(proc.join(format!("{number}/cgroup")), "0::/system.slice/docker-abc.scope\n").unwrap();
    }

    #[test]
    fn all_its_processes_count_those_that_have_ended_too() {
        let proc = tempfile::tempdir().unwrap();
        process(proc.path(), 10, 1_000, "11 ");
        process(proc.path(), 11, 500, "");
        let mut starved = Starved::default();
        assert_eq!(starved.look_in(proc.path(), "abc", 10), Some(Duration::from_nanos(1_500)));
        process(proc.path(), 10, 2_000, "");
        fs::remove_dir_all(proc.path().join("11")).unwrap();
        assert_eq!(starved.look_in(proc.path(), "abc", 10), Some(Duration::from_nanos(2_500)));
    }

    #[test]
    fn a_circle_ends_and_another_machines_number_is_nobodys() {
        let proc = tempfile::tempdir().unwrap();
        process(proc.path(), 10, 1, "10");
        assert!(Starved::default().look_in(proc.path(), "abc", 10).is_some());
        assert_eq!(Starved::default().look_in(proc.path(), "other", 10), None);
        assert_eq!(Starved::default().look_in(proc.path(), "", 10), None);
        assert_eq!(Starved::default().look_in(proc.path(), "abc", 99), None);
    }
}
