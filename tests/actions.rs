//! A run under GitHub Actions: what reaches the log, the summary and the outputs, and the action's own steps as a runner
//! executes them.

#![cfg(unix)]
#![allow(clippy::expect_used, clippy::unwrap_used)] // in helpers of tests too

use assert_cmd::Command;
use std::collections::BTreeMap;
use std::fs;
use std::path::{Path, PathBuf};
use tempfile::TempDir;

const CHALLENGE: &str = "\
id: small
title: Small
about: Small.
checks:
  - id: there
    title: There
    points: 4
    expect: [{ dockerfile.exists: true }]
    why: It is the start.
    hints: [Begin.]
  - id: pinned
    title: Pinned
    points: 6
    expect: [{ dockerfile.final.base.tag: { equals: \"1\" } }]
    why: It stays the same.
    hints: [Which one is it?]
";

/// A job's folder: the repository, the challenge, and the files that a runner gives.
struct Job {
    folder: TempDir,
}

impl Job {
    fn new(dockerfile: &str) -> Self {
        let folder = tempfile::tempdir().unwrap();
        fs::create_dir(folder.path().join("work")).unwrap();
        fs::create_dir(folder.path().join("temp")).unwrap();
        fs::write(folder.path().join("small.yaml"), CHALLENGE).unwrap();
        fs::write(folder.path().join("work/Dockerfile"), dockerfile).unwrap();
        fs::write(folder.path().join("output"), "").unwrap();
        fs::write(folder.path().join("summary"), "").unwrap();
        Self { folder }
    }

    fn path(&self, name: &str) -> PathBuf {
        self.folder.path().join(name)
    }

    fn read(&self, name: &str) -> String {
        fs::read_to_string(self.path(name)).unwrap()
    }

    /// Runs a program in the job's environment; its exit code, stdout and stderr.
    fn run(&self, mut command: Command, more: &[(&str, &str)]) -> (i32, String, String) {
        command.current_dir(self.folder.path()).env_clear();
        command.env("PATH", std::env::var_os("PATH").unwrap()).env("XDG_STATE_HOME", self.path("state"));
        command.env("GITHUB_ACTIONS", "true").env("RUNNER_TEMP", self.path("temp"));
        command.env("GITHUB_OUTPUT", self.path("output")).env("GITHUB_STEP_SUMMARY", self.path("summary"));
        let output = command.envs(more.iter().copied()).output().unwrap();
        let text = |bytes| String::from_utf8(bytes).unwrap();
        (output.status.code().unwrap(), text(output.stdout), text(output.stderr))
    }

    fn check(&self, more: &[&str]) -> (i32, String, String) {
        let mut command = Command::cargo_bin("grader").expect("it is built");
        command.args(["check", "work", "--static", "--challenge", "small.yaml", "--format", "json"]).args(more);
        self.run(command, &[])
    }
}

#[test]
fn a_run_under_actions_tells_everything_and_its_report_stays_pure() {
    let job = Job::new("FROM a:2\n");
    let (code, stdout, stderr) = job.check(&[]);
    assert_eq!(code, 1, "{stderr}");
    assert!(serde_json::from_str::<serde_json::Value>(&stdout).is_ok(), "{stdout}");
    assert!(stderr.starts_with("::group::grader check: Small\n") && stderr.contains("\n::endgroup::\n"), "{stderr}");
    assert!(stderr.contains("::error file=Dockerfile,line=1"), "{stderr}");
    assert_eq!(job.read("output"), "score=4\nmax-score=10\npassed=false\nstatus=failed\n");
    let summary = job.read("summary");
    assert!(summary.starts_with("## ❌ Small: 4/10\n") && summary.contains("<details>"), "{summary}");
}

#[test]
fn what_is_not_wanted_is_not_written() {
    let job = Job::new("FROM a:2\n");
    let (_, _, stderr) = job.check(&["--no-github"]);
    assert!(!stderr.contains("::") && job.read("output").is_empty() && job.read("summary").is_empty(), "{stderr}");
    let (_, _, stderr) = job.check(&["--no-annotations"]);
    assert!(!stderr.contains("::error") && !job.read("summary").is_empty(), "{stderr}");
}

#[test]
fn a_summary_that_has_no_room_left_is_said() {
    let job = Job::new("FROM a:1\n");
    fs::write(job.path("summary"), "x".repeat(1 << 20)).unwrap();
    let (code, _, stderr) = job.check(&[]);
    assert_eq!(code, 0, "{stderr}");
    assert!(stderr.contains("leaves no room (1 MiB)"), "{stderr}");
    assert!(job.read("output").contains("passed=true"), "the outputs are there all the same");
}

#[test]
fn nothing_of_a_learner_s_is_a_command() {
    let job = Job::new("FROM a:2\nRUN \\\n::error::pwned ##[add-mask]x \u{1b}]0;t\u{7}\n");
    let (_, stdout, stderr) = job.check(&["--verbose"]);
    for line in stdout.lines().chain(stderr.lines()) {
        let ours = [
            "::group::grader",
            "::endgroup::",
            "::error ",
            "::warning ",
            "::notice ",
            "::stop-commands::",
            "::grader-",
        ];
        let is_command = line.trim_start().starts_with("::");
        assert!(!is_command || ours.iter().any(|start| line.starts_with(start)), "{line}");
        assert!(!line.contains("##[") && !line.contains('\u{1b}'), "{line}");
    }
}

/// The steps of action.yml: the command of each, and its variables as the inputs make them.
fn steps(inputs: &[(&str, &str)]) -> Vec<(String, BTreeMap<String, String>)> {
    let root = Path::new(env!("CARGO_MANIFEST_DIR"));
    let action = grader::yaml::parse(fs::read(root.join("action.yml")).unwrap()).unwrap();
    let default = |name: &str| {
        let written = action.get("inputs").and_then(|all| all.get(name)?.get("default")?.text());
        written.unwrap_or_default().to_owned()
    };
    let steps = action.get("runs").unwrap().get("steps").unwrap().as_seq().unwrap();
    let read = |step: &grader::yaml::Node| {
        let run = step.get("run").unwrap().text().unwrap().to_owned();
        assert!(!run.contains("${{"), "no expression stands in a script: {run}");
        assert_eq!(step.get("shell").unwrap().text(), Some("bash"));
        let variables = step.get("env").unwrap().as_map().unwrap().iter().map(|entry| {
            let written = entry.value.text().unwrap();
            let value = match written.strip_prefix("${{ inputs.").and_then(|rest| rest.strip_suffix(" }}")) {
                Some(name) => inputs
                    .iter()
                    .find(|(input, _)| *input == name)
                    .map_or_else(|| default(name), |(_, it)| (*it).into()),
                None => "github".to_owned(),
            };
            (entry.key.clone(), value)
        });
        (run, variables.collect())
    };
    steps.iter().map(read).collect()
}

/// A release of this very build, as install.sh finds it.
fn release(folder: &Path, is_right: bool) -> String {
    let download = folder.join("releases/latest/download");
    fs::create_dir_all(&download).unwrap();
    let machine = std::env::consts::ARCH;
    let target = if cfg!(target_os = "macos") {
        format!("{machine}-apple-darwin")
    } else {
        format!("{machine}-unknown-linux-musl")
    };
    let archive = format!("grader-{target}.tar.gz");
    let program = assert_cmd::cargo::cargo_bin("grader");
    let mut tar = Command::new("tar");
    tar.arg("-czf").arg(download.join(&archive)).arg("-C").arg(program.parent().unwrap()).arg("grader");
    tar.assert().success();
    let mut hex = grader::engine::digest::sha256(&fs::read(download.join(&archive)).unwrap());
    if !is_right {
        hex = hex.chars().rev().collect();
    }
    fs::write(download.join("SHA256SUMS"), format!("{hex}  {archive}\n")).unwrap();
    format!("file://{}", folder.join("releases").display())
}

/// Runs the action's steps as a runner does; the first exit code that is not 0, and all that was said.
fn act(job: &Job, inputs: &[(&str, &str)], downloads: &str) -> (i32, String) {
    let mut said = String::new();
    for (index, (run, variables)) in steps(inputs).into_iter().enumerate() {
        let script = job.path(&format!("step-{index}.sh"));
        fs::write(&script, run).unwrap();
        let mut command = Command::new("bash");
        command.args(["--noprofile", "--norc", "-eo", "pipefail"]).arg(&script);
        let root = env!("CARGO_MANIFEST_DIR");
        let mut more = vec![("GITHUB_ACTION_PATH", root), ("GRADER_DOWNLOADS", downloads)];
        more.extend(variables.iter().map(|(name, value)| (name.as_str(), value.as_str())));
        let (code, stdout, stderr) = job.run(command, &more);
        said += &(stdout + &stderr);
        if code != 0 {
            return (code, said);
        }
    }
    (0, said)
}

#[test]
fn the_action_installs_what_is_right_and_grades() {
    let job = Job::new("FROM a:2\n");
    let downloads = release(job.folder.path(), true);
    let reports = "json=grade.json\r\njunit=grade.xml\n";
    let inputs = [("challenge", "small.yaml"), ("path", "work"), ("static", "true"), ("reports", reports)];
    let (code, said) = act(&job, &inputs, &downloads);
    assert_eq!(code, 1, "{said}");
    assert_eq!(
        job.read("output"),
        "json=grade.json\njunit=grade.xml\nscore=4\nmax-score=10\npassed=false\nstatus=failed\n"
    );
    assert!(job.read("grade.json").contains("grader.report/v1") && job.read("grade.xml").contains("<testsuites"));
    for (fail_on, expected) in [("failed", 1), ("error", 0), ("never", 0), ("sometimes", 2)] {
        let inputs = [inputs.as_slice(), &[("fail-on", fail_on)]].concat();
        assert_eq!(act(&job, &inputs, &downloads).0, expected, "{fail_on}");
    }
}

#[test]
fn what_is_typed_into_the_action_is_never_a_script() {
    let job = Job::new("FROM a:1\n");
    let downloads = release(job.folder.path(), true);
    let evil = "$(touch pwned)`touch pwned`; touch pwned #\nx=\ny";
    for input in ["challenge", "path", "pass-mark", "reports"] {
        let base = [("challenge", "small.yaml"), ("path", "work"), ("static", "true")];
        let mut inputs: Vec<_> = base.into_iter().filter(|(name, _)| *name != input).collect();
        inputs.push((input, evil));
        let (code, said) = act(&job, &inputs, &downloads);
        assert_ne!(code, 0, "{input}: {said}");
        assert!(!job.path("pwned").exists(), "{input}");
    }
}

#[test]
fn a_release_that_is_not_what_it_says_is_not_installed() {
    let job = Job::new("FROM a:1\n");
    let downloads = release(job.folder.path(), false);
    let (code, said) = act(&job, &[], &downloads);
    assert_ne!(code, 0);
    assert!(said.contains("nothing was installed"), "{said}");
    assert!(!job.path("temp/grader/bin/grader").exists());
}
