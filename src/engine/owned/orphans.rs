//! The tools of runs that were killed: nobody listens to them any more, but a build goes on until it has something to say.
//! They are known by a variable in their environment that says whose they are.

use super::owner::{Life, Owner};

/// The variable that each of our tools is started with.
pub const OWNER_VARIABLE: &str = "GRADER_OWNER";

/// Ends them, and says how many there were.
#[cfg(target_os = "linux")]
pub fn end() -> usize {
    let processes = std::fs::read_dir("/proc").into_iter().flatten().flatten();
    let numbers = processes.filter_map(|entry| entry.file_name().to_str()?.parse::<i32>().ok());
    let kill = |pid: rustix::process::Pid| rustix::process::kill_process(pid, rustix::process::Signal::KILL).is_ok();
    numbers
        .filter(|&number| is_orphan(number))
        .filter_map(rustix::process::Pid::from_raw)
        .filter(|&it| kill(it))
        .count()
}

/// Elsewhere other processes' environments can't be read; there such a tool ends when it next prints something.
#[cfg(not(target_os = "linux"))]
pub fn end() -> usize {
    0
}

/// Whether a process was started by a run whose own process is dead. Those of other users can't be looked at.
#[cfg(target_os = "linux")]
fn is_orphan(number: i32) -> bool {
    let environment = std::fs::read(format!("/proc/{number}/environ")).unwrap_or_default();
    let mut variables = environment.split(|byte| *byte == 0).filter_map(|variable| std::str::from_utf8(variable).ok());
    let owner = variables.find_map(|variable| variable.strip_prefix(OWNER_VARIABLE)?.strip_prefix('='));
    owner.and_then(Owner::parse).is_some_and(|owner| owner.life() == Life::Dead)
}
