//! A repository that is graded by the program itself, as a user does it, with places of its own for all that is kept.

use super::run::left;
use serde_json::Value;
use std::fs;
use std::io::{BufRead, BufReader};
use std::path::{Path, PathBuf};
use std::process::{Child, Command, Output, Stdio};
use std::time::Duration;
use tempfile::TempDir;
use tokio::sync::RwLock;

/// Patient enough for a machine that has a lot to do.
const HEALTH: &str = "HEALTHCHECK --interval=1s --timeout=20s --start-period=60s --retries=30";

pub struct Home {
    folder: TempDir,
}

impl Home {
    /// With the solution of `fixtures/hostile` as the repository, and its challenge.
    pub fn new() -> Self {
        let home = Self { folder: tempfile::tempdir().unwrap() };
        let fixture = Path::new(env!("CARGO_MANIFEST_DIR")).join("fixtures/hostile");
        crate::common::copy(&fixture.join("solution"), &home.repository());
        home.change("repository/Dockerfile", |text| {
            let check = text.lines().find(|line| line.starts_with("HEALTHCHECK")).unwrap().to_owned();
            text.replace(check.split(" CMD").next().unwrap(), HEALTH)
        });
        let challenge = fs::read_to_string(fixture.join("challenge.yaml")).unwrap();
        let (before, rest) = challenge.split_once("limits: {").unwrap();
        let (_, after) = rest.split_once('}').unwrap();
        let limits = "limits: { build: 300s, start: 180s, step: 60s, memory: 128MB, pids: 64 }";
        home.write("challenge.yaml", &format!("{before}{limits}{after}"));
        for folder in ["tmp", "cache", "state"] {
            fs::create_dir(home.path(folder)).unwrap();
        }
        home
    }

    /// The same with a build that goes on for long, and that no other has done.
    pub fn slow() -> Self {
        let home = Self::new();
        let name = home.folder.path().file_name().unwrap().to_string_lossy().into_owned();
        home.change("repository/Dockerfile", |text| format!("{text}RUN sleep 300; : {name}\n"));
        home
    }

    pub fn path(&self, path: &str) -> PathBuf {
        self.folder.path().join(path)
    }

    pub fn repository(&self) -> PathBuf {
        self.path("repository")
    }

    pub fn write(&self, path: &str, text: &str) {
        fs::write(self.path(path), text).unwrap();
    }

    pub fn change(&self, path: &str, change: impl FnOnce(String) -> String) {
        let before = fs::read_to_string(self.path(path)).unwrap();
        let after = change(before.clone());
        assert_ne!(after, before, "{path} stays as it is");
        self.write(path, &after);
    }

    pub fn command(&self, name: &str) -> Command {
        let mut command = Command::new(env!("CARGO_BIN_EXE_grader"));
        command.arg(name).stdin(Stdio::null()).stdout(Stdio::piped()).stderr(Stdio::piped());
        for (variable, folder) in [("TMPDIR", "tmp"), ("XDG_CACHE_HOME", "cache"), ("XDG_STATE_HOME", "state")] {
            command.env(variable, self.path(folder));
        }
        command
    }

    /// `grader check` on the repository, as JSON.
    pub fn check(&self) -> Command {
        let mut command = self.command("check");
        command.args(["--format", "json", "--challenge"]).arg(self.path("challenge.yaml")).arg(self.repository());
        command
    }

    /// What temporary files there are.
    pub fn files(&self) -> Vec<PathBuf> {
        let of = |folder: &str| fs::read_dir(self.path(folder)).into_iter().flatten().flatten().map(|it| it.path());
        of("tmp").chain(of("cache/grader/runs")).collect()
    }

    /// What of a process is left, on the engine and on the disk.
    pub fn left(&self, pid: u32) -> Vec<String> {
        let files = self.files().into_iter().map(|path| path.display().to_string());
        on_engine(pid).into_iter().chain(files).collect()
    }

    /// `grader clean`
    pub fn clean(&self) -> String {
        let _cleaning = apart(|| super::block_on(CLEANING.read()));
        let output = self.command("clean").output().unwrap();
        let (said, complaint) = (String::from_utf8_lossy(&output.stdout), String::from_utf8_lossy(&output.stderr));
        assert!(output.status.success(), "{said}{complaint}");
        said.into_owned()
    }
}

/// `grader clean` removes also what a dead run was to keep, whoever's it is: not while a test looks whether that stays.
pub static CLEANING: RwLock<()> = RwLock::const_new(());

/// The things on the engine that are a process's.
pub fn on_engine(pid: u32) -> Vec<String> {
    apart(|| super::block_on(async { left(&super::connect().await.unwrap(), pid).await }))
}

/// Does it on a thread of its own: a test may be in a runtime already.
fn apart<T: Send>(work: impl FnOnce() -> T + Send) -> T {
    std::thread::scope(|scope| scope.spawn(work).join()).unwrap()
}

/// Starts it and waits until it has said so many lines and a while has gone by, or it has ended.
pub fn at(command: Command, lines: usize, then: Duration) -> Child {
    let mut seen = 0;
    let child = until(command, |_, _| {
        seen += 1;
        seen == lines
    });
    if seen == lines {
        std::thread::sleep(then);
    }
    child
}

/// Starts it and waits until it has said a line like this, or has ended.
pub fn until(mut command: Command, mut is_it: impl FnMut(u32, &str) -> bool) -> Child {
    let mut child = command.spawn().unwrap();
    let mut said = BufReader::new(child.stderr.take().unwrap()).lines().map_while(Result::ok);
    let pid = child.id();
    said.by_ref().any(|line| is_it(pid, &line));
    std::thread::spawn(move || said.for_each(drop)); // so that it can go on writing
    child
}

pub fn report(output: &Output) -> Value {
    serde_json::from_slice(&output.stdout)
        .unwrap_or_else(|error| panic!("{error}: {}", String::from_utf8_lossy(&output.stdout)))
}

/// The checks with a status, in their order.
pub fn with_status<'r>(report: &'r Value, status: &str) -> Vec<&'r str> {
    let checks = report["checks"].as_array().unwrap().iter();
    checks.filter(|check| check["status"] == status).filter_map(|check| check["id"].as_str()).collect()
}

/// A series of numbers that can be had again, to choose moments by.
pub struct Dice(u64);

impl Dice {
    /// By `GRADER_SEED`, or another one each time.
    pub fn new() -> Self {
        let named = std::env::var("GRADER_SEED").ok().and_then(|seed| seed.parse().ok());
        let now = std::time::SystemTime::UNIX_EPOCH.elapsed().unwrap().as_secs();
        let seed = named.unwrap_or(now);
        eprintln!("the moments are those of GRADER_SEED={seed}");
        Self(seed.wrapping_mul(0x9e37_79b9_7f4a_7c15) | 1)
    }

    /// One from 0 up to less than this.
    pub fn below(&mut self, end: u64) -> u64 {
        self.0 ^= self.0 << 13;
        self.0 ^= self.0 >> 7;
        self.0 ^= self.0 << 17;
        self.0 % end
    }
}

/// Does all of them, a few at a time, and tells what went wrong.
pub fn each<T: Send + std::fmt::Debug>(tries: Vec<T>, at_once: usize, one: impl Fn(&T) -> Result<(), String> + Sync) {
    let (open, wrong) = (std::sync::Mutex::new(tries), std::sync::Mutex::new(Vec::new()));
    std::thread::scope(|scope| {
        for _ in 0..at_once {
            scope.spawn(|| {
                loop {
                    let Some(next) = open.lock().unwrap().pop() else { break };
                    let result = std::panic::catch_unwind(std::panic::AssertUnwindSafe(|| one(&next)));
                    let why = result.unwrap_or_else(|_| Err("it panicked, see above".to_owned())).err();
                    wrong.lock().unwrap().extend(why.map(|why| format!("{next:?}: {why}")));
                }
            });
        }
    });
    let wrong = wrong.into_inner().unwrap();
    assert!(wrong.is_empty(), "{}", wrong.join("\n"));
}
