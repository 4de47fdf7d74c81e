//! What is the machine's, and no fault of the work: permissions, homes.

use super::folder;
use crate::common::grader;
use assert_cmd::Command;
use std::path::Path;

/// Who may read a file is the machine's matter: git keeps no owners, and zips are unpacked as somebody.
#[test]
fn what_this_user_may_not_read_is_not_the_learners_fault() {
    use std::os::unix::fs::PermissionsExt as _;
    use std::os::unix::process::CommandExt as _;
    let folder = folder();
    let mode = |path: &Path, mode| std::fs::set_permissions(path, std::fs::Permissions::from_mode(mode)).unwrap();
    let open = |name: &str| {
        std::fs::create_dir(folder.path().join(name)).unwrap();
        mode(&folder.path().join(name), 0o777);
    };
    mode(folder.path(), 0o755);
    open("cache");
    open("work");
    let work = folder.path().join("work");
    assert_eq!(grader(&work, &["init", "dockerize-python-app", "."]).0, 0);
    std::fs::write(work.join("compose.yaml"), "services:\n  api:\n    build: .\n").unwrap();
    std::fs::write(work.join(".dockerignore"), ".git\n").unwrap();
    let is_root = std::fs::metadata("/proc/self").is_ok_and(|own| std::os::unix::fs::MetadataExt::uid(&own) == 0);
    for (file, check) in
        [("compose.yaml", "compose-up"), (".dockerignore", "dockerignore"), ("Dockerfile", "dockerfile-exists")]
    {
        mode(&work.join(file), 0o000);
        for is_static in [true, false] {
            let mut command = std::process::Command::new(env!("CARGO_BIN_EXE_grader"));
            command.args(["check", "--format", "json"]).args(is_static.then_some("--static")).current_dir(&work);
            command.env("XDG_STATE_HOME", folder.path().join("state")).env_remove("GITHUB_ACTIONS");
            command.env("XDG_CACHE_HOME", folder.path().join("cache"));
            if is_root {
                command.uid(65534).gid(65534); // who may read everything sees nothing of this
            }
            let output = command.output().unwrap();
            let report: serde_json::Value = serde_json::from_slice(&output.stdout).expect("JSON");
            let checks = report["checks"].as_array().unwrap();
            let judged = checks.iter().find(|judged| judged["id"] == check).unwrap();
            let told = format!("{file}: cannot be read (Permission denied");
            let is_told = |judged: &serde_json::Value| {
                judged["status"] == "errored" && judged["because"].as_str().is_some_and(|why| why.starts_with(&told))
            };
            if !(is_static && check == "compose-up") {
                assert!(checks.iter().any(is_told), "{file}, {is_static}: {report:#}");
            }
            assert_ne!(judged["status"], "failed", "{file}, {is_static}: {judged:#}");
            assert!(!checks.iter().any(|judged| judged.to_string().contains("there is no ")), "{file}: {report:#}");
        }
        mode(&work.join(file), 0o644);
    }
}

#[test]
fn a_home_that_is_not_there_is_not_made() {
    let folder = folder();
    assert_eq!(grader(folder.path(), &["init", "dockerize-python-app", "."]).0, 0);
    let home = folder.path().join("nonexistent");
    for args in [&["check", "--static"][..], &["check", "--only", "dockerfile-exists"]] {
        let mut command = Command::cargo_bin("grader").expect("it is built");
        command.args(args).current_dir(folder.path()).env("HOME", &home);
        for name in ["XDG_STATE_HOME", "XDG_CACHE_HOME", "GITHUB_ACTIONS", "DOCKER_CONFIG"] {
            command.env_remove(name);
        }
        command.output().expect("it starts");
        assert!(!home.exists(), "{args:?}");
    }
}
