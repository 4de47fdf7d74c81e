//! The workflows of .github, action.yml and what `grader init` writes, read by actionlint and zizmor, and held to our own
//! rules. Where the two are not installed (`scripts/readers` does it) theirs are listed as ignored; with
//! `GRADER_REQUIRE_READERS=1` they fail.

#![allow(clippy::unwrap_used)] // no test attribute here that clippy would know them by

use grader::yaml::{self, Node};
use libtest_mimic::{Arguments, Trial};
use std::fs;
use std::path::{Path, PathBuf};
use std::process::{Command, ExitCode};
use tempfile::TempDir;

/// What this actionlint, of 2022, does not know yet: runners and a permission that came later.
const NEWER: [&str; 7] = [
    "label \"macos-15\" is unknown",
    "label \"macos-15-intel\" is unknown",
    "label \"ubuntu-22.04-arm\" is unknown",
    "label \"ubuntu-24.04\" is unknown",
    "label \"ubuntu-24.04-arm\" is unknown",
    "label \"windows-2025\" is unknown",
    "unknown permission scope \"attestations\"",
];
const CONFIG: &str = "--config=.github/zizmor.yml";
const HOME: &str = env!("CARGO_PKG_REPOSITORY");
const VERSION: &str = env!("CARGO_PKG_VERSION");

fn main() -> ExitCode {
    let mut trials = vec![
        trial("every_workflow_says_its_permissions_and_pins_its_actions", pinned),
        trial("a_start_brings_the_workflow_for_its_challenge", started),
        trial("the_home_and_the_version_are_the_same_everywhere", home),
        trial("the_guide_names_every_input_and_output", described),
        trial("what_the_action_is_given_and_asked_for_is_there", fitting),
        trial("a_tag_that_is_not_the_version_makes_no_release", tagged),
    ];
    let required = std::env::var("GRADER_REQUIRE_READERS").is_ok_and(|value| value == "1");
    for (name, program, test) in [
        ("actionlint_finds_nothing", "actionlint", actionlint as fn()),
        ("zizmor_finds_nothing", "zizmor", zizmor),
        ("the_readers_find_what_is_wrong", "zizmor", wrong),
    ] {
        let missing = !required && !reader(program).exists();
        let reason = if missing { "scripts/readers was not run" } else { "" };
        trials.push(trial(name, test).with_kind(reason).with_ignored_flag(missing));
    }
    libtest_mimic::run(&Arguments::from_args(), trials).exit_code()
}

fn trial(name: &str, test: fn()) -> Trial {
    Trial::test(name, move || {
        test();
        Ok(())
    })
}

fn root() -> &'static Path {
    Path::new(env!("CARGO_MANIFEST_DIR"))
}

/// A program that `scripts/readers` installs, beside what Cargo builds.
fn reader(name: &str) -> PathBuf {
    let built = Path::new(env!("CARGO_BIN_EXE_grader"));
    built.ancestors().nth(2).unwrap().join("readers/bin").join(name)
}

/// `owner/grader`.
fn owner() -> &'static str {
    HOME.strip_prefix("https://github.com/").unwrap()
}

fn workflows() -> Vec<PathBuf> {
    let entries = fs::read_dir(root().join(".github/workflows")).unwrap().map(|entry| entry.unwrap().path());
    let mut found: Vec<PathBuf> = entries.filter(|path| path.extension().is_some_and(|it| it == "yml")).collect();
    found.sort();
    assert_eq!(found.len(), 4, "{found:?}");
    found
}

/// A folder in which a challenge was started, and the workflow that came with it.
fn start(challenge: &str) -> (TempDir, PathBuf) {
    let folder = tempfile::tempdir().unwrap();
    let output =
        Command::new(env!("CARGO_BIN_EXE_grader")).args(["init", challenge]).arg(folder.path()).output().unwrap();
    assert!(output.status.success(), "{}", String::from_utf8_lossy(&output.stderr));
    let stdout = String::from_utf8(output.stdout).unwrap();
    assert!(stdout.contains(".github/workflows/grade.yml grades each push in GitHub Actions."), "{stdout}");
    let workflow = folder.path().join(".github/workflows/grade.yml");
    (folder, workflow)
}

fn parse(path: &Path) -> Node {
    yaml::parse(fs::read(path).unwrap()).unwrap()
}

/// Every `uses:` of a file, with its line.
fn uses(path: &Path) -> Vec<String> {
    let text = fs::read_to_string(path).unwrap();
    let lines = text.lines().filter_map(|line| line.trim_start_matches([' ', '-']).strip_prefix("uses: "));
    lines.map(str::to_owned).collect()
}

fn pinned() {
    let (_folder, started) = start("hello-container");
    for path in workflows().into_iter().chain([started]) {
        let workflow = parse(&path);
        let permissions = workflow.get("permissions").unwrap_or_else(|| panic!("{} says none", path.display()));
        let [only] = permissions.as_map().unwrap() else { panic!("{}: more than one", path.display()) };
        assert_eq!((only.key.as_str(), only.value.text()), ("contents", Some("read")), "{}", path.display());
        for job in workflow.get("jobs").unwrap().as_map().unwrap() {
            assert!(job.value.get("timeout-minutes").is_some(), "{}: {} may go on for hours", path.display(), job.key);
        }
        for used in uses(&path) {
            let (action, pin) = used.split_once('@').unwrap_or((&used, ""));
            if action.starts_with("./") {
                continue;
            }
            let (commit, comment) = pin.split_once(" # ").unwrap_or((pin, ""));
            let is_commit = commit.len() == 40 && commit.bytes().all(|byte| byte.is_ascii_hexdigit());
            let is_named = comment.strip_prefix('v').is_some_and(|rest| rest.starts_with(|c: char| c.is_ascii_digit()));
            let is_ours = action == owner() && pin == format!("v{VERSION}");
            assert!(is_ours || (is_commit && is_named), "{}: {used}", path.display());
        }
    }
}

fn started() {
    for challenge in ["hello-container", "dockerize-python-app", "data-that-lasts"] {
        let (_folder, path) = start(challenge);
        let ours = fs::read_to_string(root().join(".github/workflows/grade.yml")).unwrap();
        let expected = ours.replace("challenge: dockerize-python-app", &format!("challenge: {challenge}"));
        assert_eq!(fs::read_to_string(path).unwrap(), expected);
    }
}

/// Who sets the home or the version in Cargo.toml is told here where else it stands.
fn home() {
    for path in ["install.sh", "install.ps1", "README.md", ".github/workflows/README.md"] {
        let text = fs::read_to_string(root().join(path)).unwrap();
        let addresses: Vec<&str> = text.match_indices("https://github.com/").map(|(at, _)| &text[at..]).collect();
        assert!(addresses.iter().any(|it| it.starts_with(&format!("{HOME}/"))), "{path} does not name {HOME}");
        for address in addresses {
            let is_ours = address.split('/').nth(4).is_some_and(|name| name.starts_with("grader"));
            assert!(!is_ours || address.starts_with(HOME), "{path}: {}", address.lines().next().unwrap());
        }
    }
    let ours = format!("uses: {}@v{VERSION}\n", owner());
    for path in [".github/workflows/grade.yml", ".github/workflows/grade-trusted.yml", "README.md"] {
        assert!(fs::read_to_string(root().join(path)).unwrap().contains(&ours), "{path} has no {ours}");
    }
    let grade = fs::read_to_string(root().join(".github/workflows/grade.yml")).unwrap();
    assert!(grade.contains(&format!("if: github.repository != '{}'", owner())), "it would grade grader");
    let zizmor = fs::read_to_string(root().join(".github/zizmor.yml")).unwrap();
    assert!(zizmor.contains(&format!(" {}: ref-pin", owner())));
}

/// What the guide says of the action is all there is.
fn described() {
    let guide = fs::read_to_string(root().join(".github/workflows/README.md")).unwrap();
    let action = parse(&root().join("action.yml"));
    for kind in ["inputs", "outputs"] {
        for entry in action.get(kind).unwrap().as_map().unwrap() {
            let is_said = guide.split('`').skip(1).step_by(2).any(|code| code.split(' ').any(|word| word == entry.key));
            assert!(is_said, "the guide does not name {} of the {kind}", entry.key);
        }
    }
}

/// What our workflows give to the action is an input of it, and what they take from it is an output.
fn fitting() {
    let action = parse(&root().join("action.yml"));
    let is_known = |kind: &str, name: &str| action.get(kind).unwrap().get(name).is_some();
    let shown = ["README.md", ".github/workflows/README.md"].into_iter().flat_map(shown);
    let texts = workflows().into_iter().map(|path| fs::read_to_string(path).unwrap()).chain(shown);
    let mut calls = 0;
    for text in texts {
        let workflow = yaml::parse(&text).unwrap();
        for job in workflow.get("jobs").unwrap().as_map().unwrap() {
            for step in job.value.get("steps").and_then(Node::as_seq).unwrap_or_default() {
                let used = step.get("uses").and_then(Node::text).unwrap_or_default();
                if used == "./" || used.starts_with(&format!("{}@", owner())) {
                    calls += 1;
                    for input in step.get("with").and_then(Node::as_map).unwrap_or_default() {
                        assert!(is_known("inputs", &input.key), "{used}: {}", input.key);
                    }
                }
            }
        }
        for rest in text.split("steps.grade.outputs.").skip(1) {
            let name = rest.split(' ').next().unwrap();
            assert!(is_known("outputs", name), "{name}");
        }
    }
    assert_eq!(calls, 4);
    let trusted = parse(&root().join(".github/workflows/grade-trusted.yml"));
    let outputs = trusted.get("on").unwrap().get("workflow_call").unwrap().get("outputs").unwrap();
    let of_job = trusted.get("jobs").unwrap().get("grade").unwrap().get("outputs").unwrap();
    for output in outputs.as_map().unwrap() {
        let expected = |from: &str| format!("${{{{ {from}.outputs.{} }}}}", output.key);
        assert_eq!(output.value.get("value").unwrap().text(), Some(expected("jobs.grade").as_str()));
        assert_eq!(of_job.get(&output.key).unwrap().text(), Some(expected("steps.grade").as_str()));
    }
}

/// The workflows that a guide shows.
fn shown(path: &str) -> Vec<String> {
    let text = fs::read_to_string(root().join(path)).unwrap();
    let blocks = text.split("```yaml\n").skip(1).map(|rest| rest.split("```").next().unwrap().to_owned());
    blocks.filter(|block| block.contains("jobs:")).collect()
}

/// Runs the script of the release that looks at the tag.
fn tagged() {
    let release = parse(&root().join(".github/workflows/release.yml"));
    let steps = release.get("jobs").unwrap().get("version").unwrap().get("steps").unwrap().as_seq().unwrap();
    let script = steps.iter().find_map(|step| step.get("run")).unwrap().text().unwrap();
    let run = |tag: &str, cargo: &str| {
        let folder = tempfile::tempdir().unwrap();
        fs::write(folder.path().join("Cargo.toml"), cargo).unwrap();
        let mut bash = Command::new("bash");
        bash.args(["--noprofile", "--norc", "-eo", "pipefail", "-c", script]).current_dir(folder.path());
        bash.env("TAG", tag).output().unwrap().status.success()
    };
    let cargo = fs::read_to_string(root().join("Cargo.toml")).unwrap().replace("/OWNER/", "/somebody/");
    assert!(run(&format!("v{VERSION}"), &cargo));
    for tag in [VERSION, "v9.9.9", "v", ""] {
        assert!(!run(tag, &cargo), "{tag}");
    }
    assert!(!run(&format!("v{VERSION}"), &cargo.replace("/somebody/", "/OWNER/")));
}

/// What actionlint says of a file, less what it is too old for.
fn lint(path: &Path) -> Vec<String> {
    let output = Command::new(reader("actionlint")).arg(path).output().unwrap();
    let said = String::from_utf8(output.stdout).unwrap();
    assert!(output.status.success() || !said.is_empty(), "{}", String::from_utf8_lossy(&output.stderr));
    let is_new = |line: &&str| !NEWER.iter().any(|known| line.contains(known));
    said.lines().filter(is_new).map(str::to_owned).collect()
}

/// What zizmor says of files or folders, and whether it has nothing to say.
fn audit(config: &str, paths: &[&Path]) -> (bool, String) {
    let mut zizmor = Command::new(reader("zizmor"));
    zizmor.args(["--offline", "--persona", "regular", "--no-progress", config]).args(paths).current_dir(root());
    let output = zizmor.env("NO_COLOR", "1").output().unwrap();
    let said = String::from_utf8_lossy(&output.stdout) + String::from_utf8_lossy(&output.stderr);
    (output.status.success(), said.into_owned())
}

fn actionlint() {
    let (_folder, started) = start("hello-container");
    for path in workflows().into_iter().chain([started]) {
        assert_eq!(lint(&path), Vec::<String>::new());
    }
    let folder = tempfile::tempdir().unwrap();
    for (guide, count) in [("README.md", 1), (".github/workflows/README.md", 2)] {
        let shown = shown(guide);
        assert_eq!(shown.len(), count, "{guide}");
        for block in shown {
            let path = folder.path().join("shown.yml");
            fs::write(&path, &block).unwrap();
            assert_eq!(lint(&path), Vec::<String>::new(), "{guide}: {block}");
        }
    }
}

fn zizmor() {
    let (_folder, started) = start("hello-container");
    let (is_clean, said) = audit(CONFIG, &[&root().join(".github"), &root().join("action.yml"), &started]);
    assert!(is_clean && said.contains("No findings to report"), "{said}");
    // As a release writes it, which knows its commit: nothing has to be allowed.
    let commit = format!("@{} # v{VERSION}\n", "0".repeat(40));
    let released = fs::read_to_string(&started).unwrap().replace(&format!("@v{VERSION}\n"), &commit);
    assert!(released.contains(&commit));
    fs::write(&started, released).unwrap();
    let (is_clean, alone) = audit("--no-config", &[&started]);
    assert!(is_clean, "{alone}");
    for path in ["ci.yml", "grade.yml", "grade-trusted.yml", "release.yml", "action.yml"] {
        assert!(said.contains(path), "{path} was not read: {said}");
    }
}

/// They are no good if they let everything pass.
fn wrong() {
    let folder = tempfile::tempdir().unwrap();
    let path = folder.path().join(".github/workflows/wrong.yml");
    fs::create_dir_all(path.parent().unwrap()).unwrap();
    let text = fs::read_to_string(root().join(".github/workflows/grade.yml")).unwrap();
    for (from, to, by_actionlint) in [
        ("actions/checkout@08c6903cd8c0fde910a37f88322edcfb5dd907a8", "actions/checkout@v5", false),
        ("        with:\n          persist-credentials: false\n", "", false),
        (
            "      - if: always()\n",
            "      - run: echo ${{ github.event.head_commit.message }}\n      - if: always()\n",
            true,
        ),
        ("on: [push, workflow_dispatch]", "on: [pull_request_target]", false),
    ] {
        assert!(text.contains(from), "{from}");
        fs::write(&path, text.replace(from, to)).unwrap();
        let (is_clean, said) = audit(CONFIG, &[&path]);
        assert!(!is_clean, "{to}: {said}");
        assert_eq!(!lint(&path).is_empty(), by_actionlint, "{to}: {:?}", lint(&path));
    }
    fs::write(&path, text.replace("timeout-minutes: 30", "timeout: 30")).unwrap();
    assert_eq!(lint(&path).len(), 1);
}
