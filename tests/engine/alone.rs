//! Steps on the graded image run alone, and on containers of their own.

use crate::repository::Repository;
use crate::stack::{bring_up, repository};
use grader::challenge::{self, Challenge};
use grader::engine::{Engine, Limits};
use grader::facts::{Fact, Known};
use grader::judge::StepResult;
use grader::outcome::Fault;
use grader::repository::Snapshot;
use grader::run::reading;
use grader::run::recipe::Recipes;
use grader::steps::{Graded, StepLimits, StepRunner, Workspace};
use std::collections::BTreeMap;
use std::time::{Duration, Instant};

tests![
    a_container_that_listens_ends_in_time,
    one_that_ignores_its_signal_is_killed,
    what_is_stopped_is_silent_until_it_starts_again,
    one_that_ends_by_itself_is_the_learners,
    commands_run_in_the_container,
    commands_run_in_a_service,
    one_offs_take_all_that_is_said,
    one_offs_share_the_checks_volumes,
    one_offs_are_bounded,
];

/// A challenge with one check of these steps.
pub fn challenge(subject: &str, steps: &str) -> Challenge {
    let folder = tempfile::tempdir().unwrap();
    let steps = steps.trim_end().replace('\n', "\n      ");
    let text = format!(
        "id: trial\ntitle: Trial\nabout: A trial.\nsubject: {subject}\nchecks:\n  - id: steps\n    title: Steps\n    \
         why: To see.\n    hints: [Look.]\n    points: 1\n    try:\n{steps}"
    );
    std::fs::write(folder.path().join("challenge.yaml"), text).unwrap();
    challenge::library::load(folder.path().to_str().unwrap()).unwrap_or_else(|error| panic!("{error}"))
}

/// Builds an image and does a check's steps on it; nothing of them may be left.
pub async fn done(engine: &Engine, files: &[(&str, &str)], subject: &str, steps: &str) -> Vec<StepResult> {
    let challenge = challenge(subject, steps);
    let made = Repository::new(files).steps_from(1);
    let image = Box::pin(made.build(engine, 1)).await;
    let built = image.built.unwrap_or_else(|| panic!("{:?}", image.failed));
    let learners = grader::repository::Repository::open(made.path()).unwrap();
    let reading = reading::read(learners, &challenge, false, false, &|_| ()).unwrap();
    let build_limit = Duration::from_secs(60);
    let http = challenge.subject.http.as_ref().map(|http| (http.port, http.path.as_str()));
    let dockerfile = reading.build.dockerfile.as_str();
    let graded = Graded { built: &built, image: &image.facts, http, dockerfile };
    let roles = BTreeMap::new();
    let limits = &challenge.limits;
    let bounds = Limits {
        start: limits.start,
        settle: limits.settle,
        memory: limits.memory,
        cpus: limits.cpus,
        pids: limits.pids,
        disk: limits.disk,
        no_egress: false,
    };
    let engine = &Engine { limits: bounds, ..engine.clone() };
    let pristine = Some(Snapshot::take(&reading.graded, None).map_err(Fault::machine));
    let builder = &Recipes { engine, reading: &reading, challenge: &challenge, limit: build_limit };
    let limits = StepLimits { step: limits.step, start: limits.start, build: build_limit };
    let (root, pristine) = (reading.graded.root(), pristine.as_ref());
    let workspace = Workspace { root, pristine, dockerfile, dockerfiles: &reading.dockerfiles, builder, limits };
    let runner = StepRunner::new(engine, None, &roles, Some(graded), &|_| ()).on(workspace).knowing(&image.facts);
    let results = Box::pin(runner.run(&challenge.checks[0].steps)).await;
    nothing_is_left(engine).await;
    results
}

async fn nothing_is_left(engine: &Engine) {
    let label = format!("dev.grader.run={}", engine.run.id);
    let filters = || Some([("label".to_owned(), vec![label.clone()])].into());
    let containers =
        bollard::query_parameters::ListContainersOptions { all: true, filters: filters(), ..Default::default() };
    let containers = engine.docker.list_containers(Some(containers)).await.unwrap();
    let volumes = bollard::query_parameters::ListVolumesOptions { filters: filters() };
    let volumes = engine.docker.list_volumes(Some(volumes)).await.unwrap().volumes.unwrap_or_default();
    assert!(containers.is_empty() && volumes.is_empty(), "{containers:?} {volumes:?}");
}

/// A fact as `value`, `none (why)` or `unknown`.
pub fn told(result: &StepResult, name: &str) -> String {
    assert_eq!(result.error, None);
    if let Some(failed) = &result.failed {
        return format!("failed: {}", failed.because.as_deref().unwrap_or_default());
    }
    let fact = result.facts.get(name).unwrap_or_else(|| panic!("no {name} in {:?}", result.facts));
    match &fact.known {
        Known::Value(value) => value.to_string(),
        Known::Absent => format!("none ({})", fact.because.as_deref().unwrap_or_default()),
        Known::Unknown(why) => format!("unknown: {why}"),
    }
}

pub fn because<'a>(result: &'a StepResult, name: &str) -> &'a str {
    result.facts.get(name).and_then(|fact: &Fact| fact.because.as_deref()).unwrap_or_default()
}

pub fn place(result: &StepResult, name: &str) -> String {
    let fact = result.failed.as_ref().or_else(|| result.facts.get(name));
    fact.and_then(|fact| fact.place.as_ref()).map(ToString::to_string).unwrap_or_default()
}

fn all<'a>(results: &'a [StepResult], names: &[&'a str]) -> Vec<String> {
    results.iter().zip(names).map(|(result, name)| told(result, name)).collect()
}

/// A server that counts, and ends at SIGTERM with 3.
const SERVER: &str = r"
import http.server, signal, sys
signal.signal(signal.SIGTERM, lambda *_: sys.exit(3))
signal.signal(signal.SIGUSR1, lambda *_: print('usr1', flush=True))
http.server.HTTPServer(('0.0.0.0', 5000), http.server.SimpleHTTPRequestHandler).serve_forever()
";

const DOCKERFILE: &str = "FROM python:3.11-slim\nWORKDIR /app\nCOPY app.py .\nRUN useradd --uid 1234 app\nUSER app\nCMD [\"python\", \"app.py\"]\n";

async fn a_container_that_listens_ends_in_time(engine: Engine) {
    let steps = "
- container: kill SIGUSR1
  within: 2s
- container: stop
  within: 60s
- container: stop
- container: kill TERM
- container: start
- container: kill SIGKILL
- container: restart
- container: kill SIGTERM
";
    let files = [("Dockerfile", DOCKERFILE), ("app.py", SERVER)];
    let results = done(&engine, &files, "{ http: { port: 5000, path: / } }", steps).await;
    let state = "container.state";
    assert_eq!(told(&results[0], state), "running", "it is no error that it goes on");
    assert_eq!(because(&results[0], state), "it still runs 2s after SIGUSR1");
    assert_eq!(told(&results[0], "container.logs").lines().last(), Some("usr1"));
    assert_eq!(told(&results[0], "container.uids"), "1234");
    assert_eq!((told(&results[1], state), told(&results[1], "container.exit_code")), ("exited".into(), "3".into()));
    assert_eq!(place(&results[1], "container.exit_code"), "Dockerfile:6");
    assert_eq!(told(&results[1], "container.health"), "none");
    let took = results[1].facts.get("seconds").and_then(|fact| fact.value()).unwrap().to_string();
    assert!(took.trim_end_matches('s').parse::<f64>().unwrap() < 59.0, "{took}");
    assert_eq!(told(&results[2], "container.exit_code"), "3", "it was stopped already");
    let failed = told(&results[3], state);
    assert!(failed.starts_with("failed: the container does not run: it ended with exit code 3; its last words: usr1"));
    assert_eq!(told(&results[4], state), "running");
    assert_eq!(told(&results[4], "container.answers"), "true");
    assert_eq!(told(&results[5], "container.exit_code"), "137");
    assert_eq!(because(&results[5], "container.exit_code"), "it ended after SIGKILL");
    assert_eq!(told(&results[6], "container.answers"), "true");
    assert_eq!(told(&results[7], "container.exit_code"), "3");
}

async fn one_that_ignores_its_signal_is_killed(engine: Engine) {
    let dockerfile =
        "FROM debian:bookworm-slim\nHEALTHCHECK --interval=1s CMD true\nCMD [\"sh\", \"-c\", \"sleep 300; true\"]\n";
    let steps = "
- container: stop
  within: 1500ms
- container: start
";
    let results = done(&engine, &[("Dockerfile", dockerfile)], "{}", steps).await;
    assert_eq!(told(&results[0], "container.exit_code"), "137");
    assert_eq!(because(&results[0], "container.exit_code"), "it did not end within 1s 500ms, so it was killed");
    assert_eq!(place(&results[0], "container.exit_code"), "Dockerfile:3");
    assert_eq!(told(&results[0], "container.health"), "unhealthy");
    assert_eq!(told(&results[1], "container.health"), "healthy");
}

async fn what_is_stopped_is_silent_until_it_starts_again(engine: Engine) {
    let steps = "
- http: { path: /, port: 5000 }
- container: stop
- http: { path: /, port: 5000 }
- http: { path: /, port: 5000 }
  expect: [{ answered: false }]
- exec: { command: [\"true\"] }
- container: start
- http: { path: /app.py, retry_for: 30s }
  expect: [{ status: 200 }]
- http: { path: /, port: 81 }
";
    let files = [("Dockerfile", &format!("{DOCKERFILE}EXPOSE 5000\n")[..]), ("app.py", SERVER)];
    let results = done(
        &engine,
        &files,
        "{}",
        &steps.replace(
            "path: /, port: 5000 }\n- container",
            "path: /, port: 5000, retry_for: 30s }\n  expect: [{ status: 200 }]\n- container",
        ),
    )
    .await;
    let told = all(
        &results,
        &["status", "container.state", "status", "answered", "exit_code", "container.state", "status", "status"],
    );
    let ended = "the container does not run: it ended with exit code 3";
    assert_eq!(told[0], "200");
    assert_eq!(told[1], "exited");
    assert!(told[2].starts_with(&format!("failed: {ended}; its last words: ")), "{}", told[2]);
    assert_eq!(place(&results[2], "status"), "Dockerfile:6");
    assert_eq!(told[3], "false");
    assert!(because(&results[3], "answered").starts_with(ended));
    assert!(told[4].contains(ended));
    assert_eq!(told[5], "running");
    assert_eq!(told[6], "200");
    assert!(told[7].starts_with("failed: the container publishes port 81, but nothing answers there"), "{}", told[7]);
}

async fn one_that_ends_by_itself_is_the_learners(engine: Engine) {
    let steps = "
- container: start
- exec: { command: ls }
- http: { path: / }
  expect: [{ answered: false }]
";
    let dockerfile = "FROM debian:bookworm-slim\nCMD echo no config; exit 4\n";
    let results = done(&engine, &[("Dockerfile", dockerfile)], "{}", steps).await;
    assert_eq!(
        (told(&results[0], "container.state"), told(&results[0], "container.exit_code")),
        ("exited".into(), "4".into())
    );
    let ended = "the container does not run: it ended with exit code 4; its last words: no config";
    assert_eq!(told(&results[1], "exit_code"), format!("failed: {ended}"));
    assert_eq!(because(&results[2], "answered"), ended);
    let dockerfile = "FROM debian:bookworm-slim\nCMD [\"no-such-program\"]\n";
    let results = done(&engine, &[("Dockerfile", dockerfile)], "{}", steps).await;
    assert_eq!(told(&results[0], "container.exit_code"), "127");
    let why = "the container does not start: exec: \"no-such-program\": executable file not found in $PATH";
    assert_eq!(because(&results[2], "answered"), why);
    assert_eq!(place(&results[1], "exit_code"), "Dockerfile:2");
}

async fn commands_run_in_the_container(engine: Engine) {
    let steps = r#"
- exec: { command: "echo out; echo err >&2; exit 5" }
- exec: { command: [no-such-shell] }
- exec: { command: [/etc/passwd] }
- exec: { command: [id, -u] }
- exec: { command: [id, -u], user: root }
- exec: { command: [id], user: nobodyx }
- exec: { command: [cat], stdin: '{"a": 1}' }
- exec: { command: "head -c 100000 /dev/zero | tr '\\0' x" }
- exec: { command: "echo begun; sleep 1000", timeout: 1s }
- exec: { command: [cat] }
"#;
    let dockerfile = "FROM debian:bookworm-slim\nRUN useradd --uid 1234 app\nUSER app\nCMD [\"sleep\", \"300\"]\n";
    let begin = Instant::now();
    let results = done(&engine, &[("Dockerfile", dockerfile)], "{}", steps).await;
    assert!(begin.elapsed() < Duration::from_secs(300), "{:?}", begin.elapsed());
    let code = |n: usize| told(&results[n], "exit_code");
    assert_eq!(
        (code(0), told(&results[0], "stdout"), told(&results[0], "stderr")),
        ("5".into(), "out\n".into(), "err\n".into())
    );
    assert_eq!(told(&results[0], "json"), "none (what it printed is no JSON)");
    assert_eq!(place(&results[0], "exit_code"), "Dockerfile:4");
    assert_eq!((code(1), told(&results[1], "stdout")), ("127".into(), String::new()));
    assert_eq!(told(&results[1], "stderr"), "exec: \"no-such-shell\": executable file not found in $PATH");
    assert_eq!(code(2), "126");
    assert_eq!((told(&results[3], "stdout"), told(&results[4], "stdout")), ("1234\n".into(), "0\n".into()));
    assert!(told(&results[5], "stderr").contains("unable to find user nobodyx"), "{:?}", results[5]);
    assert_eq!(told(&results[6], "json"), "a: 1");
    assert_eq!(told(&results[7], "stdout").len(), 64 << 10);
    assert_eq!(because(&results[7], "stdout"), "only the first 64 KiB of it are here");
    assert_eq!(
        code(8),
        "failed: `sh -c echo begun; sleep 1000` in the container did not end within 1s; it said: begun"
    );
    assert_eq!((code(9), told(&results[9], "stdout")), ("0".into(), String::new()), "nothing to read is an end");
}

async fn commands_run_in_a_service(engine: Engine) {
    let file = r#"
services:
  web: {image: "redis:7-alpine"}
  ended: {image: "redis:7-alpine", command: [sh, -c, "exit 0"]}
networks:
  default: {}
"#;
    let steps = "
- exec: { service: web, command: [redis-cli, set, color, blue] }
- run: { image: \"redis:7-alpine\", command: [redis-cli, -h, web, get, color], network: stack.default }
- run: { image: \"redis:7-alpine\", command: [\"true\"], network: stack.backstage }
- exec: { service: ended, command: [ls] }
";
    let (folder, compose) = repository(&[("compose.yaml", file)]);
    let mut stack = bring_up(&engine, folder.path(), &compose).await;
    let challenge = challenge("{}", steps);
    let roles = BTreeMap::new();
    let results =
        StepRunner::new(&engine, Some(&mut stack), &roles, None, &|_| ()).run(&challenge.checks[0].steps).await;
    assert_eq!(told(&results[0], "stdout"), "OK\n");
    assert_eq!(place(&results[0], "stdout"), "compose.yaml:3");
    assert_eq!(told(&results[1], "stdout"), "blue\n");
    assert_eq!(told(&results[2], "exit_code"), "failed: the running stack has no network `backstage`; it has default");
    assert_eq!(told(&results[3], "exit_code"), "failed: no container of `ended` runs");
    stack.down().await.unwrap();
}

async fn one_offs_take_all_that_is_said(engine: Engine) {
    let steps = r#"
- run: { image: built }
- run: { image: built, command: [two, words] }
- run: { image: built, entrypoint: [sh, -c, 'echo $GREETING $(id -u); exit 7'], env: { GREETING: hello }, user: "42" }
- run: { image: built, entrypoint: [], command: "cat; pwd" , stdin: "given, " }
- run: { image: "debian:bookworm-slim", command: [cat, /repo/note.txt], mounts: ["./folder:/repo:ro"] }
- run: { image: "debian:bookworm-slim", command: "echo x > /repo/note.txt", mounts: ["./folder:/repo:ro"] }
- run: { image: "debian:bookworm-slim", command: "echo new > /repo/other.txt; cat /repo/other.txt", mounts: [".:/repo"] }
- run: { image: built, mounts: ["./none:/x"] }
- run: { image: built, entrypoint: [no-such-program] }
- run: { image: built, entrypoint: [] }
"#;
    let dockerfile =
        "FROM debian:bookworm-slim\nWORKDIR /srv\nENV GREETING=hi\nENTRYPOINT [\"echo\", \"said:\"]\nCMD [\"one\"]\n";
    let files = [("Dockerfile", dockerfile), ("folder/note.txt", "noted\n")];
    let results = done(&engine, &files, "{}", steps).await;
    let out = |n: usize| told(&results[n], "stdout");
    assert_eq!(out(0), "said: one\n");
    assert_eq!(out(1), "said: two words\n");
    assert_eq!((out(2), told(&results[2], "exit_code")), ("hello 42\n".into(), "7".into()));
    assert_eq!(place(&results[2], "exit_code"), "Dockerfile:4");
    assert_eq!(out(3), "given, /srv\n");
    assert_eq!(out(4), "noted\n");
    assert!(told(&results[5], "stderr").contains("Read-only file system"), "{:?}", results[5]);
    assert_eq!(out(6), "new\n");
    assert_eq!(out(7), "failed: there is no `none` in the repository");
    assert_eq!(told(&results[8], "exit_code"), "127");
    assert!(told(&results[8], "stderr").contains("no-such-program"));
    assert_eq!(told(&results[9], "exit_code"), "125");
    assert!(told(&results[9], "stderr").contains("no command specified"), "{:?}", results[9]);
}

async fn one_offs_share_the_checks_volumes(engine: Engine) {
    let steps = r#"
- run: { image: built, command: "echo 41 > /data/count", mounts: ["data:/data"] }
- run: { image: built, command: [cat, /mine/count], mounts: ["data:/mine:ro"] }
- run: { image: built, command: [ls, /mine], mounts: ["other:/mine"] }
"#;
    let files = [("Dockerfile", "FROM debian:bookworm-slim\n")];
    for _ in 0..2 {
        let results = done(&engine, &files, "{}", steps).await;
        assert_eq!(all(&results, &["exit_code", "stdout", "stdout"]), ["0", "41\n", ""]);
    }
}

async fn one_offs_are_bounded(engine: Engine) {
    let steps = r#"
- run: { image: built, command: "echo begun; sleep 1000", timeout: 2s }
- run: { image: built, command: "yes", timeout: 3s }
- run: { image: built, command: "head -c 200000 /dev/zero | tr '\\0' x; echo done >&2" }
- run: { image: built, command: "cat /sys/fs/cgroup/memory.max /sys/fs/cgroup/pids.max || cat /sys/fs/cgroup/memory/memory.limit_in_bytes /sys/fs/cgroup/pids/pids.max" }
- run: { image: built, command: "yes | head -c 40000000; echo done >&2", timeout: 20s }
"#;
    let begin = Instant::now();
    let results = done(&engine, &[("Dockerfile", "FROM debian:bookworm-slim\n")], "{}", steps).await;
    assert!(begin.elapsed() < Duration::from_secs(300), "{:?}", begin.elapsed());
    assert_eq!(told(&results[0], "stdout"), "failed: the container of the image did not end within 2s; it said: begun");
    assert!(
        told(&results[1], "stdout")
            .starts_with("failed: the container of the image did not end within 3s; it said: y\ny")
    );
    assert!(told(&results[1], "stdout").lines().count() < 4, "{:?}", results[1]);
    assert_eq!((told(&results[2], "stdout").len(), told(&results[2], "stderr")), (64 << 10, "done\n".into()));
    assert_eq!(told(&results[3], "stdout").trim(), "1073741824\n512");
    assert_eq!(told(&results[4], "stderr"), "done\n", "a log that nobody reads would make it too slow");
    let limits = "{}\nlimits: { memory: 64MiB, pids: 20 }";
    let results = done(&engine, &[("Dockerfile", "FROM debian:bookworm-slim\n")], limits, steps).await;
    assert_eq!(told(&results[3], "stdout").trim(), "67108864\n20");
}
