//! Whole runs of the program: what is left after one that was stopped, and what is not touched.

use bollard::models::{ContainerCreateBody, HostConfig};
use bollard::query_parameters::{
    CreateContainerOptionsBuilder, ListContainersOptionsBuilder, ListImagesOptionsBuilder, ListNetworksOptionsBuilder,
    ListVolumesOptionsBuilder,
};
use grader::engine::Engine;
use grader::engine::owned::janitor;
use std::collections::HashMap;
use std::io::{BufRead, BufReader};
use std::path::Path;
use std::process::{Child, Command, Stdio};
use tempfile::TempDir;

const CHALLENGE: &str = "dockerize-python-app";

tests![
    one_that_is_interrupted_tidies_up_and_reports,
    an_explanation_that_builds_can_be_interrupted,
    what_a_killed_one_leaves_is_removed_by_the_next,
];

/// A copy of the solution.
fn solution() -> TempDir {
    let folder = tempfile::tempdir().unwrap();
    let from = Path::new(env!("CARGO_MANIFEST_DIR")).join("checks/challenges").join(CHALLENGE).join("solution");
    crate::common::copy(&from, folder.path());
    folder
}

fn grader(repository: &TempDir) -> Command {
    let mut command = Command::new(env!("CARGO_BIN_EXE_grader"));
    command.args(["check", "--challenge", CHALLENGE, "--format", "json"]).arg(repository.path());
    command.stdout(Stdio::piped()).stderr(Stdio::piped());
    command
}

/// Starts a run and waits until its stack is being brought up.
fn started(repository: &TempDir) -> Child {
    let mut child = grader(repository).spawn().unwrap();
    let mut lines = BufReader::new(child.stderr.take().unwrap()).lines();
    assert!(lines.by_ref().map_while(Result::ok).any(|line| line.starts_with("stack: api starting")));
    std::thread::spawn(move || lines.for_each(drop)); // so that it can go on writing
    child
}

/// What carries the labels of runs of a process.
pub async fn left(engine: &Engine, pid: u32) -> Vec<String> {
    let owned = |labels: &HashMap<String, String>| {
        labels.get("dev.grader.owner").is_some_and(|owner| owner.split(';').nth(2) == Some(&pid.to_string()))
    };
    let filter = || HashMap::from([("label", vec!["dev.grader.run"])]);
    let docker = &engine.docker;
    let containers = ListContainersOptionsBuilder::new().all(true).filters(&filter()).build();
    let containers = docker.list_containers(Some(containers)).await.unwrap();
    let networks = ListNetworksOptionsBuilder::new().filters(&filter()).build();
    let networks = docker.list_networks(Some(networks)).await.unwrap();
    let volumes = ListVolumesOptionsBuilder::new().filters(&filter()).build();
    let volumes = docker.list_volumes(Some(volumes)).await.unwrap().volumes.unwrap_or_default();
    let images = ListImagesOptionsBuilder::new().filters(&filter()).build();
    let images = docker.list_images(Some(images)).await.unwrap();
    let containers = containers.into_iter().map(|it| {
        let name = format!("container {:?}, {}", it.names.unwrap_or_default(), it.status.unwrap_or_default());
        (it.labels.unwrap_or_default(), name)
    });
    let networks = networks
        .into_iter()
        .map(|it| (it.labels.unwrap_or_default(), format!("network {}", it.name.unwrap_or_default())));
    let volumes = volumes.into_iter().map(|it| (it.labels, format!("volume {}", it.name)));
    let images = images.into_iter().map(|it| (it.labels, format!("image {} {:?}", it.id, it.repo_tags)));
    let all = containers.chain(networks).chain(volumes).chain(images);
    all.filter(|(labels, _)| owned(labels)).map(|(_, name)| name).collect()
}

fn send(child: &Child, signal: rustix::process::Signal) {
    let pid = rustix::process::Pid::from_raw(i32::try_from(child.id()).unwrap()).unwrap();
    rustix::process::kill_process(pid, signal).unwrap();
}

async fn one_that_is_interrupted_tidies_up_and_reports(engine: Engine) {
    let repository = solution();
    let child = started(&repository);
    let pid = child.id();
    assert!(!left(&engine, pid).await.is_empty());
    send(&child, rustix::process::Signal::INT);
    let output = child.wait_with_output().unwrap();
    assert_eq!(output.status.code(), Some(130));
    let report: serde_json::Value = serde_json::from_slice(&output.stdout).unwrap();
    assert_eq!(report["complete"], false);
    assert_eq!(left(&engine, pid).await, [""; 0]);
}

async fn an_explanation_that_builds_can_be_interrupted(engine: Engine) {
    let repository = solution();
    let mut command = Command::new(env!("CARGO_BIN_EXE_grader"));
    command.args(["explain", "image-size", "--challenge", CHALLENGE, "--path"]).arg(repository.path());
    let mut child = command.stdout(Stdio::piped()).stderr(Stdio::piped()).spawn().unwrap();
    let mut lines = BufReader::new(child.stderr.take().unwrap()).lines();
    assert!(lines.by_ref().map_while(Result::ok).any(|line| line.starts_with("image: ")));
    std::thread::spawn(move || lines.for_each(drop));
    let pid = child.id();
    send(&child, rustix::process::Signal::INT);
    let output = child.wait_with_output().unwrap();
    assert_eq!(output.status.code(), Some(130));
    assert_eq!(left(&engine, pid).await, [""; 0]);
}

async fn what_a_killed_one_leaves_is_removed_by_the_next(engine: Engine) {
    let mut child = started(&solution());
    let pid = child.id();
    // Looked at before it is dead: after that, any run that begins may remove it.
    assert!(!left(&engine, pid).await.is_empty());
    child.kill().unwrap();
    child.wait().unwrap();
    // a container of the user's, under a name that runs use
    let name = format!("grader-{}-api-1", engine.run.id);
    let options = CreateContainerOptionsBuilder::new().name(&name).build();
    let body = ContainerCreateBody {
        image: Some("python:3.11-slim".into()),
        host_config: Some(HostConfig::default()),
        ..ContainerCreateBody::default()
    };
    engine.docker.create_container(Some(options), body).await.unwrap();
    janitor::remove_dead(&engine, janitor::FOREIGN_AGE, false).await.unwrap();
    assert_eq!(left(&engine, pid).await, [""; 0]);
    engine.docker.remove_container(&name, None).await.unwrap(); // it is still there
}
