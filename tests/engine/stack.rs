//! Stacks on a real engine: what is ready and what is not, why, and that nothing is left of them.

use bollard::query_parameters::{ListContainersOptions, ListNetworksOptions, ListVolumesOptions};
use grader::compose::{self, Compose};
use grader::engine::Engine;
use grader::engine::stack::{Stack, StackRequest, prepare};
use grader::facts::{Facts, Known};
use grader::outcome::Fault;
use std::collections::{BTreeMap, HashMap};
use std::path::Path;
use std::time::{Duration, Instant};

tests![
    healthy_services_are_ready_and_nothing_is_left,
    services_end_as_they_do,
    a_window_that_closes_is_told_with_its_sum,
    a_dependency_that_fails_keeps_the_rest_from_starting,
    what_turns_unhealthy_later_is_seen,
    ports_are_new_after_a_restart,
    what_is_written_arrives_as_it_would_with_compose,
    refusals_come_before_anything_runs,
    what_waits_for_no_build_is_started_beside_it,
    two_at_the_same_time_do_not_clash,
    services_on_the_engines_own_network_have_no_names,
];

/// A repository with these files.
pub fn repository(files: &[(&str, &str)]) -> (tempfile::TempDir, Compose) {
    let folder = crate::common::folder(files);
    let compose = compose::load(None, &|path| Ok(std::fs::read(folder.path().join(path)).ok())).unwrap();
    (folder, compose)
}

pub async fn bring_up(engine: &Engine, root: &Path, compose: &Compose) -> Stack {
    match prepare(engine, &StackRequest { compose, root }, &|_| ()).await {
        Ok(plan) => Stack::launch(plan, engine, &BTreeMap::new(), &|_| ()).await.unwrap(),
        other => panic!("not prepared: {other:?}"),
    }
}

/// Brings a file up; its stack and its facts.
pub async fn up(engine: &Engine, file: &str) -> (Stack, Facts) {
    let (folder, compose) = repository(&[("compose.yaml", file)]);
    let stack = bring_up(engine, folder.path(), &compose).await;
    let facts = grader::facts::stack::collect(&stack);
    (stack, facts)
}

/// A fact as `value (because) @ place`.
pub fn told(facts: &Facts, name: &str) -> String {
    let fact = facts.get(name).unwrap_or_else(|| panic!("no fact {name}"));
    let value = match &fact.known {
        Known::Value(value) => value.to_string(),
        Known::Absent => "-".to_owned(),
        Known::Unknown(why) => format!("? {why}"),
    };
    let because = fact.because.as_ref().map(|because| format!(" ({because})")).unwrap_or_default();
    let place = fact.place.as_ref().map(|place| format!(" @ {place}")).unwrap_or_default();
    format!("{value}{because}{place}")
}

/// All that carries the run's label.
async fn left(engine: &Engine) -> usize {
    let label = format!("{}={}", grader::engine::owned::owner::RUN_LABEL, engine.run.id);
    let filters = || Some(HashMap::from([("label".to_owned(), vec![label.clone()])]));
    let containers = ListContainersOptions { all: true, filters: filters(), ..Default::default() };
    let networks = engine.docker.list_networks(Some(ListNetworksOptions { filters: filters() })).await.unwrap();
    let volumes = engine.docker.list_volumes(Some(ListVolumesOptions { filters: filters() })).await.unwrap();
    let containers = engine.docker.list_containers(Some(containers)).await.unwrap();
    containers.len() + networks.len() + volumes.volumes.unwrap_or_default().len()
}

const SHOP: &str = r#"
name: shop
services:
  api:
    image: python:3.11-slim
    container_name: api
    command: [python, -m, http.server, "5000"]
    user: "1000"
    ports: ["5000:5000"]
    depends_on: {redis: {condition: service_healthy}}
    volumes: ["data:/data"]
    networks: {default: {ipv4_address: 172.31.200.5}}
    healthcheck:
      test: [CMD, python, -c, "import urllib.request as u; u.urlopen('http://localhost:5000')"]
      interval: 5m
  redis:
    image: redis:7-alpine
    healthcheck: {test: redis-cli ping | grep PONG, interval: 30s}
networks: {default: {ipam: {config: [{subnet: 172.31.200.0/24}]}}}
volumes: {data: {name: fixed}}
"#;

async fn healthy_services_are_ready_and_nothing_is_left(engine: Engine) {
    let begin = Instant::now();
    let (stack, facts) = up(&engine, SHOP).await;
    for (name, expected) in [
        ("stack.up", "true @ compose.yaml"),
        ("stack.services.api.state", "running @ compose.yaml:4"),
        ("stack.services.api.health", "healthy @ compose.yaml:4"),
        ("stack.services.api.ready", "true @ compose.yaml:4"),
        ("stack.services.api.restarts", "0 @ compose.yaml:4"),
        ("stack.services.api.exit_code", "- @ compose.yaml:4"),
        ("stack.services.api.uids", "1000 @ compose.yaml:8"),
        (
            "stack.services.api.runs_as_root",
            "false (no process of `api` runs as root (user numbers 1000)) @ compose.yaml:8",
        ),
        ("stack.services.redis.ready", "true @ compose.yaml:16"),
    ] {
        assert_eq!(told(&facts, name), expected, "{name}");
    }
    assert!(begin.elapsed() < Duration::from_secs(120), "an interval of 5m costs no waiting");
    assert!(left(&engine).await >= 4, "two containers, a network and a volume carry the run's label");
    stack.down().await.unwrap();
    assert_eq!(left(&engine).await, 0);
}

async fn services_end_as_they_do(engine: Engine) {
    let (stack, facts) = up(
        &engine,
        r#"
services:
  crash: {image: "python:3.11-slim", command: [python, -c, "import sys; sys.exit('no config')"], restart: always}
  gone: {image: "python:3.11-slim", command: [python, -c, "print('bye'); exit(3)"]}
  done: {image: "python:3.11-slim", command: [python, -c, "print('done')"]}
  meant_to_stay: {image: "python:3.11-slim", command: [python, -c, "print('done')"], ports: ["80"]}
  stays: {image: "redis:7-alpine"}
  no_curl: {image: "python:3.11-slim", command: [sleep, "60"], healthcheck: {test: [CMD, curl, localhost]}}
  no_curl_in_shell: {image: "python:3.11-slim", command: [sleep, "60"], healthcheck: {test: curl localhost}}
"#,
    )
    .await;
    let ready = |name: &str| told(&facts, &format!("stack.services.{name}.ready"));
    assert_eq!(ready("stays"), "true @ compose.yaml:7");
    assert_eq!(ready("done"), "true @ compose.yaml:5");
    assert_eq!(ready("gone"), "false (`gone` exited with 3; its last words: bye) @ compose.yaml:4");
    assert_eq!(
        told(&facts, "stack.services.gone.exit_code"),
        "3 (`gone` exited with 3; its last words: bye) @ compose.yaml:4"
    );
    assert_eq!(
        ready("meant_to_stay"),
        "false (`meant_to_stay` ended (exit code 0), but it publishes a port: its program has to go on running; its last words: done) @ compose.yaml:6"
    );
    let crash = ready("crash");
    assert!(crash.starts_with("false (`crash` crashes and is restarted again and again (exit code 1), "), "{crash}");
    assert!(crash.ends_with("its last words: no config) @ compose.yaml:3"), "{crash}");
    for name in ["no_curl", "no_curl_in_shell"] {
        assert!(ready(name).contains("has a health check whose command can not run"), "{}", ready(name));
        assert!(ready(name).contains("curl"), "{}", ready(name));
    }
    assert_eq!(told(&facts, "stack.up"), "true @ compose.yaml");
    assert!(told(&facts, "stack.seconds_to_ready").starts_with("- (`crash` did not become ready)"));
    stack.down().await.unwrap();
    assert_eq!(left(&engine).await, 0);
}

async fn a_window_that_closes_is_told_with_its_sum(engine: Engine) {
    let (stack, facts) = up(
        &engine,
        r#"
services:
  never:
    image: redis:7-alpine
    healthcheck: {test: "echo not there; exit 1", interval: 1s, retries: 2, timeout: 1s, start_period: 1s}
  slow:
    image: redis:7-alpine
    healthcheck: {test: "test -e /tmp/x || { sleep 1; touch /tmp/x; exit 1; }", interval: 1s, retries: 5, timeout: 3s}
"#,
    )
    .await;
    assert_eq!(
        told(&facts, "stack.services.never.ready"),
        "false (`never` was not healthy within start period 1s + 2 × interval 1s + timeout 1s = 4s; its last probe said: not there) @ compose.yaml:3"
    );
    assert_eq!(told(&facts, "stack.services.slow.ready"), "true @ compose.yaml:6");
    stack.down().await.unwrap();
}

async fn a_dependency_that_fails_keeps_the_rest_from_starting(engine: Engine) {
    let begin = Instant::now();
    let (stack, facts) = up(
        &engine,
        r#"
services:
  api: {image: "redis:7-alpine", depends_on: {db: {condition: service_healthy}}}
  db:
    image: redis:7-alpine
    healthcheck: {test: exit 1, interval: 1s, retries: 1, timeout: 1s}
"#,
    )
    .await;
    let why = "`db` was not healthy within 1 × interval 1s + timeout 1s = 2s; its last probe ended with exit code 1";
    assert_eq!(told(&facts, "stack.up"), format!("false ({why}) @ compose.yaml:4"));
    assert_eq!(
        told(&facts, "stack.services.api.ready"),
        format!("false (`api` was not started: {why}) @ compose.yaml:3")
    );
    assert_eq!(
        told(&facts, "stack.services.api.state"),
        format!("missing (`api` was not started: {why}) @ compose.yaml:3")
    );
    assert!(begin.elapsed() < Duration::from_secs(60), "the window ends it, not Docker's own count");
    stack.down().await.unwrap();
    let (stack, facts) = up(
        &engine,
        r#"
services:
  api: {image: "redis:7-alpine", depends_on: {my-db: {condition: service_healthy}}}
  my-db: {image: "redis:7-alpine", healthcheck: {test: [NONE]}}
"#,
    )
    .await;
    let why = "dependency failed to start: `my-db` has no healthcheck configured";
    assert_eq!(told(&facts, "stack.up"), format!("false ({why}) @ compose.yaml:4"));
    stack.down().await.unwrap();
    assert_eq!(left(&engine).await, 0);
}

async fn what_turns_unhealthy_later_is_seen(engine: Engine) {
    let file = r#"
services:
  api:
    image: redis:7-alpine
    healthcheck: {test: "test ! -e /tmp/broken", interval: 1s, retries: 1}
"#;
    let (folder, compose) = repository(&[("compose.yaml", file)]);
    let mut stack = bring_up(&engine, folder.path(), &compose).await;
    assert!(stack.states()["api"].is_ready());
    let id = only_container(&engine).await;
    let exec = bollard::models::ExecConfig {
        cmd: Some(vec!["touch".into(), "/tmp/broken".into()]),
        attach_stdout: Some(true),
        ..Default::default()
    };
    let exec = engine.docker.create_exec(&id, exec).await.unwrap();
    engine.docker.start_exec(&exec.id, None).await.unwrap();
    let deadline = Instant::now() + Duration::from_secs(10);
    while stack.states()["api"].is_ready() && Instant::now() < deadline {
        stack.refresh().await.unwrap();
    }
    assert_eq!(
        stack.states()["api"].not_ready.as_deref(),
        Some("turned unhealthy; its last probe ended with exit code 1")
    );
    stack.down().await.unwrap();
}

async fn only_container(engine: &Engine) -> String {
    let label = format!("{}={}", grader::engine::owned::owner::RUN_LABEL, engine.run.id);
    let filters = Some(HashMap::from([("label".to_owned(), vec![label])]));
    let options = ListContainersOptions { all: true, filters, ..Default::default() };
    let mut found = engine.docker.list_containers(Some(options)).await.unwrap();
    assert_eq!(found.len(), 1);
    found.remove(0).id.unwrap()
}

async fn ports_are_new_after_a_restart(engine: Engine) {
    let file = r#"
services:
  api: {image: "redis:7-alpine", ports: ["6379:6379", "7000:7000"], healthcheck: {test: redis-cli ping}}
"#;
    let (folder, compose) = repository(&[("compose.yaml", file)]);
    let mut stack = bring_up(&engine, folder.path(), &compose).await;
    let before = stack.published_ports("api").await.unwrap();
    assert_eq!(before.iter().map(|port| port.0).collect::<Vec<_>>(), [6379, 7000]);
    stack.restart("api", None, &|_| ()).await.unwrap();
    assert!(stack.states()["api"].is_ready());
    let after = stack.published_ports("api").await.unwrap();
    assert_eq!(after.len(), 2);
    assert!(std::net::TcpStream::connect(("127.0.0.1", after[0].1)).is_ok());
    stack.down().await.unwrap();
}

async fn what_is_written_arrives_as_it_would_with_compose(engine: Engine) {
    let file = r#"
services:
  api:
    image: redis:7-alpine
    command: ["sh", "-c", "echo \"$$PRICE|$TAG|$HOME|$$0\"; cat /repo/note; exit 1"]
    environment: {PRICE: "5$$", OTHER: "${TAG}"}
    volumes: [".:/repo:ro"]
"#;
    let (folder, compose) = repository(&[
        ("compose.yaml", file),
        ("compose.override.yaml", "services: {api: {environment: {PRICE: '6$$'}}}\n"),
        (".env", "TAG=it's 1\nCOMPOSE_FILE=evil.yaml\nCOMPOSE_PROFILES=x\n"),
        ("note", "from the repository\n"),
    ]);
    let stack = bring_up(&engine, folder.path(), &compose).await;
    let id = only_container(&engine).await;
    let logs = {
        use futures_util::StreamExt;
        let options = bollard::query_parameters::LogsOptions { stdout: true, ..Default::default() };
        let lines: Vec<_> = engine.docker.logs(&id, Some(options)).collect().await;
        lines.into_iter().map(|line| line.unwrap().to_string()).collect::<String>()
    };
    assert_eq!(logs, "6$|it's 1||sh\nfrom the repository\n");
    stack.down().await.unwrap();
}

async fn refusals_come_before_anything_runs(engine: Engine) {
    let file = "services:\n  api:\n    image: redis:7-alpine\n    privileged: true\n  b: {image: x, volumes: ['${X:-/}:/x']}\n";
    let (folder, compose) = repository(&[("compose.yaml", file)]);
    let request = StackRequest { compose: &compose, root: folder.path() };
    let Err(Fault::Learner(findings)) = prepare(&engine, &request, &|_| ()).await else { panic!("not refused") };
    let places: Vec<String> = findings.iter().map(|finding| finding.place.as_ref().unwrap().to_string()).collect();
    assert_eq!(places, ["compose.yaml:4", "compose.yaml:5"]);
    let whole = |finding: &grader::outcome::Finding| finding.message.starts_with("Not run: ") && finding.hint.is_some();
    assert!(findings.iter().all(whole), "{findings:?}");
    let facts = grader::facts::stack::refused(&findings, &compose);
    assert_eq!(facts.get("stack.up").unwrap().findings().len(), 2);
    let (folder, compose) = repository(&[("compose.yaml", "services:\n  api:\n    image: x\n    mem_limit: 5x\n")]);
    let request = StackRequest { compose: &compose, root: folder.path() };
    let Err(Fault::Learner(findings)) = prepare(&engine, &request, &|_| ()).await else { panic!("not refused") };
    assert_eq!(findings[0].place.as_ref().unwrap().to_string(), "compose.yaml:4");
    let told = findings[0].because.as_deref().unwrap_or_default();
    assert!(told.contains("invalid size: '5x'") && findings[0].message.contains("not `5x`"), "{findings:?}");
    assert_eq!(left(&engine).await, 0);
}

async fn what_waits_for_no_build_is_started_beside_it(engine: Engine) {
    let file = r#"
services:
  api: {build: {context: app, args: {A: "1$$"}}, command: [sleep, "60"], depends_on: [redis]}
  redis: {image: "redis:7-alpine", healthcheck: {test: redis-cli ping}}
"#;
    let (folder, compose) = repository(&[("compose.yaml", file), ("app/Dockerfile", "FROM python:3.11-slim\n")]);
    let request = StackRequest { compose: &compose, root: folder.path() };
    let Ok(plan) = prepare(&engine, &request, &|_| ()).await else { panic!("not prepared") };
    let build = &plan.builds["api"];
    assert!(build.context.ends_with("app") && build.dockerfile.ends_with("app/Dockerfile"), "{build:?}");
    assert_eq!(build.args["A"], "1$");
    plan.start_early(&engine, &|_| ()).await;
    let redis = only_container(&engine).await;
    let images = [("api".to_owned(), "python:3.11-slim".to_owned())].into();
    let stack = Stack::launch(plan, &engine, &images, &|_| ()).await.unwrap();
    assert!(stack.states().values().all(grader::engine::stack::State::is_ready), "{:?}", stack.states());
    let found =
        engine.docker.inspect_container(&redis, None::<bollard::query_parameters::InspectContainerOptions>).await;
    assert!(found.unwrap().state.unwrap().running.unwrap(), "it was not made a second time");
    stack.down().await.unwrap();
    assert_eq!(left(&engine).await, 0);
}

async fn two_at_the_same_time_do_not_clash(engine: Engine) {
    let other = Engine::connect(grader::engine::Run::new()).await.unwrap();
    let ((one, _), (two, _)) = tokio::join!(up(&engine, SHOP), up(&other, SHOP));
    for stack in [&one, &two] {
        assert!(stack.states().values().all(grader::engine::stack::State::is_ready), "{:?}", stack.states());
    }
    one.down().await.unwrap();
    assert_eq!(two.published_ports("api").await.unwrap().len(), 1, "the other one still runs");
    two.down().await.unwrap();
    assert_eq!((left(&engine).await, left(&other).await), (0, 0));
}

/// What the real Compose does with this file: `b` and `d` don't find `a`, `c` finds it by its link.
async fn services_on_the_engines_own_network_have_no_names(engine: Engine) {
    let (stack, facts) = up(
        &engine,
        r#"
services:
  a: {image: "redis:7-alpine", network_mode: bridge, command: sleep 60}
  b: {image: "redis:7-alpine", network_mode: bridge, command: getent hosts a, depends_on: [a]}
  c: {image: "redis:7-alpine", network_mode: bridge, command: getent hosts a, links: [a]}
  d: {image: "redis:7-alpine", command: getent hosts a, depends_on: [a]}
"#,
    )
    .await;
    let ended = ["b", "c", "d"].map(|name| told(&facts, &format!("stack.services.{name}.exit_code")));
    let codes = ended.each_ref().map(|told| told.split(' ').next().unwrap_or_default());
    assert_eq!(codes, ["2", "0", "2"], "{ended:?}");
    stack.down().await.unwrap();
}
