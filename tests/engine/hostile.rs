//! Repositories of people who mean harm, one attack each (`fixtures/hostile`): each is told as what it is, within its time, and
//! nothing outside of it is touched: a file, a port, an environment variable, a container, a volume and a network.

use crate::common::{docker, write};
use grader::challenge::library::{Material, material};
use grader::challenge::read::case::Case;
use libtest_mimic::{Failed, Trial};
use serde_json::Value;
use std::fs;
use std::net::TcpListener;
use std::path::{Path, PathBuf};
use std::process::{Command, Stdio};
use std::sync::{Arc, Mutex};
use std::time::{Duration, Instant};
use tempfile::TempDir;

/// What is kept from everybody.
const SECRET: &str = "the-secret-of-the-machine";
/// How long one may take at most: every limit of the challenge together, and what this machine needs.
const LONGEST: Duration = Duration::from_secs(480);

pub fn trials() -> Vec<Trial> {
    let folder = Path::new(env!("CARGO_MANIFEST_DIR")).join("fixtures/hostile");
    let material = match material(&folder.display().to_string()) {
        Ok(material) => Arc::new(material),
        Err(error) => return vec![Trial::test("hostile", move || Err(Failed::from(error.to_string())))],
    };
    let trial = |number: usize| {
        let material = Arc::clone(&material);
        let name = format!("hostile: {}", material.cases[number].name);
        crate::timed(name, move || attack(&material, &material.cases[number]))
    };
    (0..material.cases.len()).map(trial).collect()
}

fn attack(material: &Material, case: &Case) -> Result<(), Failed> {
    let is_named = |file: &[u8]| String::from_utf8_lossy(file).contains("CANARY_NAME");
    let canary = if case.over(&material.solution).values().any(|file| is_named(&file.content)) {
        Canary::new(&case.name)
    } else {
        Canary::beside(Neighbor::shared())
    };
    let report = grade(material, case, &canary);
    let touched = canary.touched();
    let report = report?;
    let failed: Vec<&str> = checks(&report).filter(|check| check["status"] == "failed").filter_map(id).collect();
    let errored: Vec<&str> = checks(&report).filter(|check| check["status"] == "errored").filter_map(id).collect();
    let wanted: Vec<&str> = case.fails.iter().map(String::as_str).collect();
    let mut wrong = touched;
    if failed != wanted || !errored.is_empty() {
        wrong.push(format!("failed: {failed:?}, errored: {errored:?}; failed should have {wanted:?}"));
    }
    if let Some(sought) = &case.finding {
        let of = checks(&report).find(|check| check["id"] == sought.check.as_str());
        let findings = of.into_iter().flat_map(|check| check["findings"].as_array().into_iter().flatten());
        let fits = |finding: &&Value| {
            let told = finding.to_string();
            sought.message.as_ref().is_none_or(|message| told.contains(message.as_str()))
                && sought.path.as_ref().is_none_or(|path| finding["path"] == path.as_str())
                && sought.line.is_none_or(|line| finding["line"] == line)
        };
        if findings.filter(fits).count() == 0 {
            wrong.push(format!("no finding is {sought:?}"));
        }
    }
    if wrong.is_empty() { Ok(()) } else { Err(format!("{}\n{report:#}", wrong.join("\n")).into()) }
}

fn checks(report: &Value) -> impl Iterator<Item = &Value> {
    report["checks"].as_array().into_iter().flatten()
}

fn id(check: &Value) -> Option<&str> {
    check["id"].as_str()
}

/// Grades the case as a stranger's repository is graded: by the program, in a folder of its own.
fn grade(material: &Material, case: &Case, canary: &Canary) -> Result<Value, Failed> {
    let folder = canary.repository();
    for (path, file) in case.over(&material.solution) {
        let text = String::from_utf8(file.content.clone()).map(|text| canary.named(&text).into_bytes());
        write(&folder, &path, text.unwrap_or(file.content));
    }
    // What no file of ours can be.
    let script = folder.join("make.sh");
    if script.exists() {
        let made = Command::new("sh").arg("make.sh").current_dir(&folder).status().unwrap();
        assert!(made.success(), "{}/make.sh", case.name);
        fs::remove_file(script).unwrap();
    }
    let challenge = Path::new(env!("CARGO_MANIFEST_DIR")).join("fixtures/hostile/challenge.yaml");
    let mut command = Command::new(env!("CARGO_BIN_EXE_grader"));
    command.args(["check", "--format", "json", "--challenge"]).arg(challenge).arg(&folder);
    // What passes with the solution is not of interest again: each takes seconds.
    command.args(case.fails.iter().flat_map(|check| ["--only", check.as_str()]));
    command.env("CANARY_SECRET", SECRET).stdin(Stdio::null());
    let begin = Instant::now();
    let output = command.output().unwrap();
    let (stdout, stderr) = (String::from_utf8_lossy(&output.stdout), String::from_utf8_lossy(&output.stderr));
    if begin.elapsed() > LONGEST {
        return Err(format!("it took {:?}\n{stderr}", begin.elapsed()).into());
    }
    if stdout.contains(SECRET) || stderr.contains(SECRET) {
        return Err(format!("the secret was told\n{stdout}\n{stderr}").into());
    }
    let wanted = i32::from(!case.fails.is_empty());
    if output.status.code() != Some(wanted) {
        return Err(format!("{} instead of exit code {wanted}\n{stdout}\n{stderr}", output.status).into());
    }
    serde_json::from_str(&stdout).map_err(|error| format!("{error}\n{stdout}\n{stderr}").into())
}

/// What belongs to somebody else. A case may name it: `CANARY_FILE`, `CANARY_FOLDER`, `CANARY_PORT`, and `CANARY_NAME` for the
/// container, the volume and the network.
pub struct Canary {
    folder: TempDir,
    listener: TcpListener,
    neighbor: Arc<Neighbor>,
}

const SONG: &str = "tweet\n";

impl Canary {
    /// With a neighbor of its own.
    pub fn new(case: &str) -> Self {
        Self::beside(Arc::new(Neighbor::new(case)))
    }

    fn beside(neighbor: Arc<Neighbor>) -> Self {
        let folder = tempfile::tempdir().unwrap();
        fs::write(folder.path().join("canary.txt"), SONG).unwrap();
        let listener = TcpListener::bind("127.0.0.1:0").unwrap();
        listener.set_nonblocking(true).unwrap();
        Self { folder, listener, neighbor }
    }

    /// Where a repository is to lie, beside the file.
    pub fn repository(&self) -> PathBuf {
        self.folder.path().join("repository")
    }

    fn file(&self) -> PathBuf {
        self.folder.path().join("canary.txt")
    }

    /// A case's text with the canary's real names.
    pub fn named(&self, text: &str) -> String {
        text.replace("CANARY_FILE", &self.file().display().to_string())
            .replace("CANARY_FOLDER", &self.folder.path().display().to_string())
            .replace("CANARY_PORT", &self.listener.local_addr().unwrap().port().to_string())
            .replace("CANARY_NAME", &self.neighbor.name)
    }

    /// What was done to it.
    pub fn touched(&self) -> Vec<String> {
        let mut wrong = Vec::new();
        if fs::read_to_string(self.file()).ok().as_deref() != Some(SONG) {
            wrong.push("the file outside of the repository was changed".to_owned());
        }
        let beside = fs::read_dir(self.folder.path()).unwrap().count();
        if beside != 2 {
            wrong.push(format!("beside the repository there are {beside} things"));
        }
        if self.listener.accept().is_ok() {
            wrong.push("somebody has knocked at the machine's own port".to_owned());
        }
        let (before, now) = (&self.neighbor.before, self.neighbor.seen());
        if now != *before {
            wrong.push(format!("the user's own were\n{before}\nand are\n{now}"));
        }
        wrong
    }
}

/// A container, a volume and a network of somebody else's.
pub struct Neighbor {
    name: String,
    before: String,
}

/// That of the cases that don't name it.
static SHARED: Mutex<Option<Arc<Neighbor>>> = Mutex::new(None);

impl Neighbor {
    fn new(case: &str) -> Self {
        let name = format!("canary-{}-{case}", std::process::id());
        docker(&["volume", "create", &name]);
        docker(&["network", "create", &name]);
        let volume = format!("{name}:/data");
        let sleep = ["debian:bookworm-slim", "sleep", "7200"]; // the longest test with one takes minutes, more on a busy machine
        docker(&[&["run", "-d", "--name", &name, "--network", &name, "-v", &volume], &sleep[..]].concat());
        docker(&["exec", &name, "sh", "-c", "echo tweet > /data/song"]);
        let mut neighbor = Self { name, before: String::new() };
        neighbor.before = neighbor.seen();
        neighbor
    }

    fn shared() -> Arc<Self> {
        Arc::clone(SHARED.lock().unwrap().get_or_insert_with(|| Arc::new(Self::new("shared"))))
    }

    /// Removes the one that is shared.
    pub fn leave() {
        SHARED.lock().unwrap().take();
    }

    /// The container, its volume and its network, as they are now.
    fn seen(&self) -> String {
        let network = "{{.Id}} {{len .Containers}}";
        [
            docker(&["container", "inspect", "-f", "{{.Id}} {{.State.Running}} {{.State.StartedAt}}", &self.name]),
            docker(&["network", "inspect", "-f", network, &self.name]),
            docker(&["volume", "inspect", "-f", "{{.CreatedAt}} {{.Labels}}", &self.name]),
            docker(&["exec", &self.name, "sh", "-c", "ls /data; cat /data/song"]),
        ]
        .join("\n")
    }
}

impl Drop for Neighbor {
    fn drop(&mut self) {
        docker(&["rm", "-f", "-v", &self.name]);
        docker(&["volume", "rm", "-f", &self.name]);
        docker(&["network", "rm", &self.name]);
    }
}
