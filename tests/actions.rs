//! A run under GitHub Actions: what reaches the log, the summary and the outputs, and the action's own steps as a runner
//! executes them.

#![cfg(unix)]
#![allow(clippy::expect_used, clippy::unwrap_used)] // in helpers of tests too

use crate::common::program;
use assert_cmd::Command;
use grader::report::{FORMATS, Format};
use std::collections::BTreeMap;
use std::fs;
use std::path::{Path, PathBuf};
use std::sync::OnceLock;
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
        for name in ["output", "summary", "env", "added-path"] {
            fs::write(folder.path().join(name), "").unwrap();
        }
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
        command.env("GITHUB_ENV", self.path("env")).env("GITHUB_PATH", self.path("added-path"));
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
fn work_in_a_folder_of_the_repository_is_annotated_where_it_is() {
    let job = Job::new("FROM a:2\n");
    fs::create_dir(job.path(".git")).unwrap();
    let reports = ["sarif=s.json", "junit=j.xml", "json=r.json"];
    let (_, _, stderr) = job.check(&reports.map(|report| format!("--report={report}")).each_ref().map(String::as_str));
    assert!(stderr.contains("::error file=work/Dockerfile,line=1"), "{stderr}");
    assert!(job.read("s.json").contains("\"work/Dockerfile\""), "{}", job.read("s.json"));
    assert!(job.read("j.xml").contains("file=\"work/Dockerfile\""), "{}", job.read("j.xml"));
    // What a learner reads is seen from the folder that is graded.
    assert!(job.read("r.json").contains("\"path\": \"Dockerfile\""), "{}", job.read("r.json"));
    // A repository of its own is its own top.
    fs::create_dir(job.path("work/.git")).unwrap();
    let (_, _, stderr) = job.check(&[]);
    assert!(stderr.contains("::error file=Dockerfile,line=1"), "{stderr}");
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
    let known = action.get("inputs").unwrap();
    for (input, _) in inputs {
        assert!(known.get(input).is_some(), "action.yml has no input `{input}`");
    }
    let value = |name: &str| {
        let typed = inputs.iter().find(|(input, _)| *input == name).map(|(_, typed)| *typed);
        let default = || known.get(name).unwrap_or_else(|| panic!("no input `{name}`")).get("default").unwrap().text();
        typed.or_else(default).unwrap().to_owned()
    };
    let steps = action.get("runs").unwrap().get("steps").unwrap().as_seq().unwrap();
    let read = |step: &grader::yaml::Node| {
        let run = step.get("run").unwrap().text().unwrap().to_owned();
        assert!(!run.contains("${{"), "no expression stands in a script: {run}");
        assert_eq!(step.get("shell").unwrap().text(), Some("bash"));
        let variables = step.get("env").unwrap().as_map().unwrap().iter().map(|entry| {
            let written = entry.value.text().unwrap();
            let name = written.strip_prefix("${{ inputs.").and_then(|rest| rest.strip_suffix(" }}"));
            (entry.key.clone(), value(name.unwrap_or_else(|| panic!("{written} is no input"))))
        });
        (run, variables.collect())
    };
    steps.iter().map(read).collect()
}

/// A folder with a release of this very build, as install.sh finds it; made once, for it is large.
fn releases() -> String {
    static RELEASES: OnceLock<TempDir> = OnceLock::new();
    let folder = RELEASES.get_or_init(|| {
        let folder = tempfile::tempdir().unwrap();
        let download = folder.path().join(concat!("download/v", env!("CARGO_PKG_VERSION")));
        fs::create_dir_all(&download).unwrap();
        let machine = std::env::consts::ARCH;
        let target = if cfg!(target_os = "macos") { "apple-darwin" } else { "unknown-linux-musl" };
        let archive = download.join(format!("grader-{machine}-{target}.tar.gz"));
        let packed = flate2::write::GzEncoder::new(fs::File::create(&archive).unwrap(), flate2::Compression::none());
        let mut tar = tar::Builder::new(packed);
        tar.append_path_with_name(assert_cmd::cargo::cargo_bin("grader"), "grader").unwrap();
        tar.into_inner().unwrap().finish().unwrap();
        let mut sums = Command::new("sh");
        sums.args(["-c", "{ sha256sum grader-* || shasum -a 256 grader-*; } 2>/dev/null >SHA256SUMS"]);
        sums.current_dir(&download).assert().success();
        folder
    });
    format!("file://{}", folder.path().display())
}

/// Runs the action's steps as a runner does; the first exit code that is not 0, and all that was said.
fn act(job: &Job, inputs: &[(&str, &str)]) -> (i32, String) {
    let mut said = String::new();
    let downloads = releases();
    for (index, (run, variables)) in steps(inputs).into_iter().enumerate() {
        // It is large: installed once a job, unless a version is typed.
        if index == 0 && job.path("temp/grader").exists() && inputs.iter().all(|(name, _)| *name != "version") {
            continue;
        }
        let script = job.path(&format!("step-{index}.sh"));
        fs::write(&script, run).unwrap();
        let mut command = Command::new("bash");
        command.args(["--noprofile", "--norc", "-eo", "pipefail"]).arg(&script);
        let root = env!("CARGO_MANIFEST_DIR");
        let mut more = vec![("GITHUB_ACTION_PATH", root), ("GRADER_DOWNLOADS", downloads.as_str())];
        more.extend(variables.iter().map(|(name, value)| (name.as_str(), value.as_str())));
        let (code, stdout, stderr) = job.run(command, &more);
        said += &(stdout + &stderr);
        if code != 0 {
            return (code, said);
        }
    }
    (0, said)
}

/// What every call of the action below says.
const INPUTS: [(&str, &str); 3] = [("challenge", "small.yaml"), ("path", "work"), ("static", "true")];

fn with<'a>(more: &[(&'a str, &'a str)]) -> Vec<(&'a str, &'a str)> {
    let is_kept = |input: &&(&str, &str)| more.iter().all(|(name, _)| *name != input.0);
    INPUTS.iter().filter(is_kept).chain(more).copied().collect()
}

#[test]
fn the_action_installs_its_own_version_and_grades() {
    let job = Job::new("FROM a:2\n");
    let reports = "json=grade.json\r\n\n  \njunit=out put=.xml";
    let (code, said) = act(&job, &with(&[("reports", reports)]));
    assert_eq!(code, 1, "{said}");
    assert!(said.contains(concat!("grader ", env!("CARGO_PKG_VERSION"), " is in ")), "{said}");
    assert!(said.contains("::error file="), "{said}");
    let outputs = job.read("output");
    for line in ["score=4", "max-score=10", "passed=false", "status=failed", "json=grade.json", "junit=out put=.xml"] {
        assert_eq!(outputs.lines().filter(|it| *it == line).count(), 1, "{line}: {outputs}");
    }
    assert_eq!(outputs.lines().count(), 6, "{outputs}");
    assert!(job.read("grade.json").contains("grader.report/v1") && job.read("out put=.xml").contains("<testsuites"));
    assert!(job.read("summary").starts_with("## "));
    assert_eq!((job.read("env"), job.read("added-path")), (String::new(), String::new()));
}

#[test]
fn each_input_of_the_action_does_what_it_says() {
    let job = Job::new("FROM a:2\n");
    for (inputs, expected) in [
        (vec![("fail-on", "failed")], 1),
        (vec![("fail-on", "error")], 0),
        (vec![("fail-on", "never")], 0),
        (vec![("fail-on", "sometimes")], 2),
        (vec![("pass-mark", "4"), ("static", "false")], 0),
        (vec![("pass-mark", "4")], 2), // not everything is judged
        (vec![("pass-mark", "-1")], 2),
        (vec![("static", "yes")], 2),
        (vec![("summary", "no")], 2),
        (vec![("annotations", "")], 2),
        (vec![("challenge", "none")], 2),
        // What is wrong use is never waved through.
        (vec![("challenge", "none"), ("fail-on", "never")], 2),
        (vec![("challenge", "--help")], 2),
        (vec![("path", "--help")], 2),
        (vec![("reports", "json")], 2),
        (vec![("reports", "json=-")], 2),
        (vec![("reports", "yaml=a")], 2),
        (vec![("reports", "json=a\u{1b}b")], 2),
    ] {
        let (code, said) = act(&job, &with(&inputs));
        assert_eq!(code, expected, "{inputs:?}: {said}");
    }
    for name in ["summary", "output"] {
        fs::write(job.path(name), "").unwrap();
    }
    let (_, said) = act(&job, &with(&[("summary", "false"), ("annotations", "false")]));
    assert!(job.read("summary").is_empty() && !said.contains("::error"), "{said}");
    assert!(job.read("output").contains("score=4"));
}

#[test]
fn every_format_has_an_output_of_the_action() {
    let action =
        grader::yaml::parse(fs::read(Path::new(env!("CARGO_MANIFEST_DIR")).join("action.yml")).unwrap()).unwrap();
    let outputs = action.get("outputs").unwrap();
    for entry in outputs.as_map().unwrap() {
        let value = entry.value.get("value").unwrap().text().unwrap();
        assert_eq!(value, format!("${{{{ steps.grade.outputs.{} }}}}", entry.key));
    }
}

/// What stands between two texts of a file, for another text there; `GRADER_UPDATE=1` writes it.
fn made(path: &str, start: &str, end: &str, text: &str) {
    let path = Path::new(env!("CARGO_MANIFEST_DIR")).join(path);
    let kept = fs::read_to_string(&path).unwrap();
    let (before, rest) = kept.split_once(start).unwrap();
    let (_, after) = rest.split_once(end).unwrap();
    let whole = format!("{before}{start}{text}{end}{after}");
    if std::env::var_os("GRADER_UPDATE").is_some() {
        fs::write(&path, &whole).unwrap();
    }
    let is_kept = fs::read_to_string(&path).unwrap() == whole;
    assert!(is_kept, "{} is stale: GRADER_UPDATE=1 cargo test --test quick actions::", path.display());
}

#[test]
fn the_formats_of_the_action_are_those_there_are() {
    let names = FORMATS.map(|format| format.name).join(", ");
    let reports = format!("{names}.\n      ");
    made("action.yml", "as in json=grade.json:\n      ", "Paths are seen from the workspace.", &reports);
    let output = |Format { name, title, .. }: &Format| {
        let about = format!("The path of the {title} report, if it was asked for and written.");
        format!("  {name}:\n    description: {about}\n    value: ${{{{ steps.grade.outputs.{name} }}}}\n")
    };
    let outputs: String = FORMATS.iter().map(output).collect();
    made("action.yml", "    value: ${{ steps.grade.outputs.status }}\n", "\nruns:\n", &outputs);
    let row = |it: &Format| format!("| `{}` | {} |\n", it.name, it.about);
    let rows: String = FORMATS.iter().map(row).collect();
    made(".github/workflows/README.md", "| format | is for |\n|---|---|\n", "\n`passed` is", &rows);
}

#[test]
fn a_report_that_a_repository_brings_along_is_none() {
    let job = Job::new("FROM a:1\n");
    fs::write(job.path("grade.json"), r#"{"score": 100}"#).unwrap();
    let (code, said) = act(&job, &with(&[("reports", "json=grade.json"), ("challenge", "none")]));
    assert_eq!(code, 2, "{said}");
    assert!(!job.path("grade.json").exists(), "{said}");
    assert_eq!(job.read("output"), "passed=false\nstatus=error\n");
    assert!(said.contains("::error title=grader::") && job.read("summary").contains("Nothing was graded"), "{said}");
}

#[test]
fn a_link_that_a_repository_brings_along_is_not_followed() {
    let job = Job::new("FROM a:1\n");
    fs::create_dir(job.path("outside")).unwrap();
    fs::write(job.path("outside/grade.json"), r#"{"score": 100}"#).unwrap();
    std::os::unix::fs::symlink(job.path("outside"), job.path("work/reports")).unwrap();
    let (code, said) = act(&job, &with(&[("reports", "json=work/reports/grade.json")]));
    assert_eq!(code, 2, "{said}");
    assert_eq!(job.read("outside/grade.json"), r#"{"score": 100}"#);
    assert_eq!(job.read("output"), "passed=false\nstatus=error\n");
}

#[test]
fn a_job_that_is_cancelled_lets_grader_tidy_up() {
    use std::io::{BufRead as _, BufReader};
    let job = Job::new("FROM a:1\n");
    let script = "#!/bin/sh\ntrap 'echo tidied; exit 130' TERM\necho begun\nwhile :; do sleep 0.1; done\n";
    program(&job.path("temp/grader/bin/grader"), script);
    let (run, variables) = steps(&INPUTS).remove(1);
    let script = job.path("step.sh");
    fs::write(&script, run).unwrap();
    for signal in ["INT", "TERM"] {
        let mut command = std::process::Command::new("bash");
        command.args(["--noprofile", "--norc", "-eo", "pipefail"]).arg(&script).current_dir(job.folder.path());
        command.envs(&variables).env("GITHUB_ACTION_PATH", env!("CARGO_MANIFEST_DIR"));
        command.env("RUNNER_TEMP", job.path("temp")).env("GITHUB_OUTPUT", job.path("output"));
        let mut step = command.stdout(std::process::Stdio::piped()).spawn().unwrap();
        let mut lines = BufReader::new(step.stdout.take().unwrap()).lines().map_while(Result::ok);
        assert_eq!(lines.next().as_deref(), Some("begun"));
        // A runner tells the step's own shell and nobody else.
        Command::new("kill").args([format!("-{signal}"), step.id().to_string()]).assert().success();
        assert_eq!(lines.next().as_deref(), Some("tidied"), "{signal}");
        assert_eq!(step.wait().unwrap().code(), Some(130), "{signal}");
    }
}

#[test]
fn what_is_typed_into_the_action_is_never_a_script() {
    let job = Job::new("FROM a:1\n");
    let evil = "$(touch pwned)`touch pwned`; touch pwned #\nx=\ny";
    let action =
        grader::yaml::parse(fs::read(Path::new(env!("CARGO_MANIFEST_DIR")).join("action.yml")).unwrap()).unwrap();
    for input in action.get("inputs").unwrap().as_map().unwrap() {
        let (code, said) = act(&job, &with(&[(&input.key, evil)]));
        assert_ne!(code, 0, "{}: {said}", input.key);
        assert!(!job.path("pwned").exists() && !job.path("work/pwned").exists(), "{}", input.key);
    }
    assert!(job.read("output").lines().all(|line| !line.starts_with('x')));
}
