//! Who made something on the engine: the labels of a run, and whether the process behind them still lives.

use std::collections::BTreeMap;
use std::fmt;
use std::hash::{BuildHasher, Hasher, RandomState};
use std::time::SystemTime;

/// What our labels begin with.
pub const LABEL_PREFIX: &str = "dev.grader.";
/// The label that holds a run's id.
pub const RUN_LABEL: &str = "dev.grader.run";
/// The label that holds a run's process: `<host>;<boot id>;<pid>;<start time>`.
pub const OWNER_LABEL: &str = "dev.grader.owner";

/// The label that holds when the run started, in seconds since 1970.
pub const STARTED_LABEL: &str = "dev.grader.started";

/// The label of what stays after its run, until the user removes it: the run's id.
pub const KEPT_LABEL: &str = "dev.grader.kept";

/// One run: all that it makes on the engine carries its labels.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Run {
    /// Twelve hexadecimal digits, fit for names of images, networks and projects.
    pub id: String,
    /// The process that runs.
    pub owner: Owner,
    /// When it started.
    pub started: SystemTime,
    /// Whether what it makes stays (`--keep`), until the user removes it.
    pub keep: bool,
}

impl Run {
    /// A run of this process, with an id that no other run has.
    pub fn new() -> Self {
        let mut hasher = RandomState::new().build_hasher(); // randomly keyed by the standard library
        hasher.write_u32(std::process::id());
        Self {
            id: format!("{:012x}", hasher.finish() & 0xffff_ffff_ffff),
            owner: Owner::this_process(),
            started: SystemTime::now(),
            keep: false,
        }
    }

    /// The labels of all that the run makes.
    pub fn labels(&self) -> BTreeMap<String, String> {
        let started = self.started.duration_since(SystemTime::UNIX_EPOCH).unwrap_or_default().as_secs();
        let (id, owner, started) = (self.id.clone(), self.owner.to_string(), started.to_string());
        let kept = self.keep.then(|| (KEPT_LABEL, self.id.clone()));
        let all = [(RUN_LABEL, id), (OWNER_LABEL, owner), (STARTED_LABEL, started)].into_iter().chain(kept);
        all.map(|(name, value)| (name.into(), value)).collect()
    }

    /// The name of its `n`th image.
    pub fn image_tag(&self, n: u32) -> String {
        format!("grader/{}:{n}", self.id)
    }
}

impl Default for Run {
    fn default() -> Self {
        Self::new()
    }
}

/// A process, told apart from all others, even after a reboot and where process numbers are given out again.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Owner {
    /// The machine's name.
    pub host: String,
    /// What this boot of the machine, and this space of process numbers on it, is known by; empty if unknown.
    pub boot: String,
    /// The process's number.
    pub pid: u32,
    /// When it started, in whatever unit the system has; empty if unknown.
    pub started: String,
}

/// Whether a process still lives.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Life {
    /// It does.
    Alive,
    /// It does not.
    Dead,
    /// It ran on another machine, or before a reboot: it can't be seen from here.
    Elsewhere,
}

impl Owner {
    /// The process that asks.
    pub fn this_process() -> Self {
        let pid = std::process::id();
        Self { host: system::host(), boot: system::boot(), pid, started: system::started(pid).unwrap_or_default() }
    }

    /// Reads what [`fmt::Display`] writes.
    pub fn parse(text: &str) -> Option<Self> {
        let mut parts = text.split(';');
        let (host, boot, pid, started) = (parts.next()?, parts.next()?, parts.next()?, parts.next()?);
        let pid = pid.parse().ok()?;
        parts.next().is_none().then(|| Self { host: host.into(), boot: boot.into(), pid, started: started.into() })
    }

    /// Whether it still lives, as far as that can be seen from here.
    pub fn life(&self) -> Life {
        if self.host != system::host() || self.boot != system::boot() || self.boot.is_empty() || self.started.is_empty()
        {
            return Life::Elsewhere;
        }
        match system::started(self.pid) {
            Some(started) if started == self.started => Life::Alive,
            _ => Life::Dead,
        }
    }
}

/// This machine's name.
pub fn host() -> String {
    system::host()
}

impl fmt::Display for Owner {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "{};{};{};{}", self.host, self.boot, self.pid, self.started)
    }
}

#[cfg(target_os = "linux")]
mod system {
    //! From `/proc`.
    use std::fs;

    pub fn host() -> String {
        fs::read_to_string("/proc/sys/kernel/hostname").unwrap_or_default().trim().replace(';', "-")
    }

    /// With the space of process numbers: the distributions of WSL share a name and a boot, but not these.
    pub fn boot() -> String {
        let Ok(boot) = fs::read_to_string("/proc/sys/kernel/random/boot_id") else { return String::new() };
        let space = fs::read_link("/proc/self/ns/pid").unwrap_or_default();
        let space: String = space.to_string_lossy().chars().filter(char::is_ascii_digit).collect();
        format!("{}/{space}", boot.trim())
    }

    /// The 22nd field of `/proc/<pid>/stat`, in clock ticks since the boot; the 2nd may hold blanks and brackets.
    pub fn started(pid: u32) -> Option<String> {
        let stat = fs::read_to_string(format!("/proc/{pid}/stat")).ok()?;
        let fields: Vec<&str> = stat.rsplit_once(')')?.1.split_whitespace().collect();
        let ended = matches!(fields.first(), Some(&("Z" | "X")));
        fields.get(19).filter(|_| !ended).map(|&started| started.to_owned())
    }
}

#[cfg(all(unix, not(target_os = "linux")))]
mod system {
    //! From the system's own tools; macOS has no `/proc`.
    use std::process::Command;

    fn ask(program: &str, args: &[&str]) -> Option<String> {
        let output = Command::new(program).args(args).env_clear().env("LC_ALL", "C").output().ok()?;
        let text = String::from_utf8_lossy(&output.stdout).trim().replace(';', "-");
        (output.status.success() && !text.is_empty()).then_some(text)
    }

    pub fn host() -> String {
        ask("/bin/hostname", &[]).unwrap_or_default()
    }

    pub fn boot() -> String {
        ask("/usr/sbin/sysctl", &["-n", "kern.bootsessionuuid"]).unwrap_or_default()
    }

    pub fn started(pid: u32) -> Option<String> {
        ask("/bin/ps", &["-o", "lstart=", "-p", &pid.to_string()])
    }
}

#[cfg(not(unix))]
mod system {
    //! Nothing tells processes apart here without unsafe code: what they leave is removed after a day.
    pub fn host() -> String {
        std::env::var("COMPUTERNAME").unwrap_or_default().replace(';', "-")
    }

    pub fn boot() -> String {
        String::new()
    }

    pub fn started(_: u32) -> Option<String> {
        None
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn this_process_lives_and_a_later_one_of_its_number_is_another() {
        let owner = Owner::this_process();
        assert_eq!(Owner::parse(&owner.to_string()), Some(owner.clone()));
        assert_eq!(owner.life(), if owner.boot.is_empty() { Life::Elsewhere } else { Life::Alive });
    }

    #[cfg(target_os = "linux")]
    #[test]
    fn dead_and_foreign_processes_are_told_apart() {
        let this = Owner::this_process();
        assert_eq!(Owner { started: "1".into(), ..this.clone() }.life(), Life::Dead);
        assert_eq!(Owner { pid: u32::MAX, ..this.clone() }.life(), Life::Dead);
        assert_eq!(Owner { host: "elsewhere".into(), ..this.clone() }.life(), Life::Elsewhere);
        assert_eq!(Owner { boot: "before".into(), ..this }.life(), Life::Elsewhere);
    }

    #[test]
    fn labels_of_others_are_not_read_as_a_process() {
        for text in ["", "a;b;c;d", "a;b;1", "a;b;1;d;e"] {
            assert_eq!(Owner::parse(text), None, "{text}");
        }
    }

    #[test]
    fn runs_have_ids_of_their_own() {
        let (one, other) = (Run::new(), Run::new());
        assert_ne!(one.id, other.id);
        assert_eq!(one.id.len(), 12);
        assert_eq!(one.labels().len(), 3);
    }
}
