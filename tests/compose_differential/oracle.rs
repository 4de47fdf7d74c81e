//! What Compose says of a folder, and what we say.

use grader::compose::{self, By, Compose};
use serde_json::Value;
use std::collections::BTreeMap;
use std::fs;
use std::process::{Command, Stdio};

/// A folder.
#[derive(Debug, Clone, PartialEq, Eq, PartialOrd, Ord)]
pub struct Repository {
    /// Its files by their paths.
    pub files: BTreeMap<String, String>,
}

impl Repository {
    pub fn shown(&self) -> String {
        let files: Vec<String> = self.files.iter().map(|(path, text)| format!("== {path}\n{text}")).collect();
        files.join("\n")
    }
}

/// What Compose says.
pub enum Answer {
    /// The resolved model; `/repository` stands for the folder.
    Accepted(Box<Value>),
    /// Its last words.
    Refused(String),
}

/// What we say.
pub struct Ours {
    pub compose: Compose,
    pub refused: Vec<String>,
}

pub fn is_there() -> bool {
    let version =
        Command::new("docker").args(["compose", "version"]).stdout(Stdio::null()).stderr(Stdio::null()).status();
    version.is_ok_and(|status| status.success())
}

pub fn ours(repository: &Repository) -> Ours {
    let read = |path: &str| Ok(repository.files.get(path).map(|text| text.as_bytes().to_vec()));
    let compose = compose::load(None, &read).expect("a Compose file");
    let refused = compose.problems.iter().filter(|problem| problem.by == By::Compose);
    let refused = refused.map(|problem| format!("{} ({})", problem.message, problem.place)).collect();
    Ours { compose, refused }
}

pub fn theirs(repository: &Repository) -> Answer {
    let folder = tempfile::tempdir().unwrap();
    let root = folder.path().canonicalize().unwrap().join("repository");
    for (path, text) in &repository.files {
        let path = root.join(path);
        fs::create_dir_all(path.parent().unwrap()).unwrap();
        fs::write(path, text).unwrap();
    }
    let mut command = Command::new("docker");
    command
        .env_clear()
        .envs(std::env::var_os("PATH").map(|path| ("PATH", path)))
        .env("HOME", folder.path())
        .env("PWD", &root);
    for name in ["DOCKER_CONFIG", "SYSTEMROOT"] {
        command.envs(std::env::var_os(name).map(|value| (name, value)));
    }
    let output = command.args(["compose", "config", "--format", "json"]).current_dir(&root).output().unwrap();
    if output.status.success() {
        let text = String::from_utf8(output.stdout).unwrap();
        let text = text.replace(root.to_str().unwrap(), "/repository");
        let text = text.replace(root.parent().unwrap().to_str().unwrap(), "/outside");
        return Answer::Accepted(Box::new(serde_json::from_str(&text).unwrap()));
    }
    let said = String::from_utf8_lossy(&output.stderr).replace(root.to_str().unwrap(), "/repository");
    let said = said.replace(root.parent().unwrap().to_str().unwrap(), "/outside");
    let lines: Vec<&str> = said.lines().filter(|line| !line.contains("level=warning") && !line.is_empty()).collect();
    Answer::Refused(lines.iter().rev().take(3).rev().copied().collect::<Vec<_>>().join(" / "))
}
