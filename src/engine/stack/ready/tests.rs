//! Containers as the engine describes them, and what becomes of their services.

use super::*;

fn container(status: Status) -> Container {
    Container {
        id: "1".into(),
        service: "api".into(),
        number: 1,
        status,
        exit_code: None,
        restarts: 0,
        started_at: String::new(),
        health: None,
        probe: None,
        error: String::new(),
        ended_by: None,
        pid: None,
        listens: None,
        ports: Vec::new(),
        networks: Vec::new(),
        mounts: Vec::new(),
    }
}

fn health() -> Expected {
    let second = Duration::from_secs(1);
    let service = serde_json::json!({"healthcheck": {"test": ["CMD", "x"], "retries": 2}});
    let health = HealthCheck::of_service(&service, None);
    let health = health.map(|it| HealthCheck { start_period: second, interval: second, timeout: second, ..it });
    Expected { health, replicas: 1, ..Expected::default() }
}

fn verdict(expected: &Expected, container: &Container, whole: u64, last: u64) -> String {
    let age = Age { whole: Duration::from_secs(whole), last: Duration::from_secs(last) };
    match service(expected, &[(container, age)]) {
        Readiness::Failed(why) => why.text,
        other => format!("{other:?}"),
    }
}

#[test]
fn without_a_health_check() {
    let expected = Expected { replicas: 1, ..Expected::default() };
    let server = Expected { publishes: true, ..expected.clone() };
    let restarted = |restarts| Container { restarts, ..container(Status::RUNNING) };
    let exited = |code| Container { exit_code: Some(code), ..container(Status::EXITED) };
    let broken = Container { error: "exec: \"x\": not found".into(), ..container(Status::CREATED) };
    let hungry = Container { ended_by: Some("needs more memory".into()), ..exited(137) };
    for (expected, container, whole, last, told) in [
        (&expected, container(Status::CREATED), 0, 0, "NotStarted"),
        (&expected, broken, 0, 0, "could not start: exec: \"x\": not found"),
        (&expected, container(Status::RUNNING), 1, 1, "Waiting"),
        (&expected, container(Status::RUNNING), 2, 2, "Ready"),
        (&server, container(Status::RUNNING), 3, 3, "Waiting"),
        (&server, container(Status::RUNNING), 4, 4, "Ready"),
        (&server, Container { listens: Some(true), ..container(Status::RUNNING) }, 0, 0, "Ready"),
        (&server, Container { listens: Some(false), ..container(Status::RUNNING) }, 3, 3, "Waiting"),
        (&server, Container { listens: Some(true), ..restarted(1) }, 3, 3, "Waiting"),
        (&expected, restarted(1), 5, 5, "Waiting"),
        (&expected, restarted(4), 30, 10, "Ready"),
        (&expected, restarted(5), 8, 0, "crashes and is restarted again and again, 5 times so far"),
        (&expected, Container { restarts: 2, ..container(Status::RESTARTING) }, 9, 0, "Waiting"),
        (
            &expected,
            Container { restarts: 5, exit_code: Some(1), ..container(Status::RESTARTING) },
            9,
            0,
            "crashes and is restarted again and again (exit code 1), 5 times so far",
        ),
        (&expected, restarted(1), 60, 1, "crashes and is restarted again and again, 1 times so far"),
        (&expected, exited(0), 1, 1, "Ready"),
        (&expected, exited(3), 1, 1, "exited with 3"),
        (&expected, exited(137), 1, 1, "was killed (exit code 137)"),
        (&expected, hungry, 1, 1, "was ended: it needs more memory"),
        (&server, exited(0), 1, 1, "ended (exit code 0), but it publishes a port: its program has to go on running"),
    ] {
        assert_eq!(verdict(expected, &container, whole, last), told, "{container:?}");
    }
}

#[test]
fn with_a_health_check() {
    let with = |status, probe: Option<(i64, &str)>| Container {
        health: Some(status),
        probe: probe.map(|(code, output)| (code, output.to_owned())),
        ..container(Status::RUNNING)
    };
    let starting = |probe| with(HealthStatusEnum::STARTING, probe);
    for (container, whole, told) in [
        (with(HealthStatusEnum::HEALTHY, None), 0, "Ready"),
        (with(HealthStatusEnum::HEALTHY, None), 100, "Ready"),
        (starting(None), 3, "Waiting"),
        (
            starting(None),
            4,
            "was not healthy within start period 1s + 2 × interval 1s + timeout 1s = 4s; no probe has ended yet",
        ),
        (starting(Some((-1, "Health check exceeded timeout (1s)"))), 1, "Waiting"),
        (
            starting(Some((127, "\nsh: curl: not found\n\n"))),
            1,
            "has a health check whose command can not run (exit code 127); its last probe said: sh: curl: not found",
        ),
        (
            starting(Some((-1, "exec: \"curl\": executable file not found in $PATH"))),
            1,
            "has a health check whose command can not run; its last probe said: exec: \"curl\": executable file not found in $PATH",
        ),
        (
            with(HealthStatusEnum::UNHEALTHY, Some((1, ""))),
            9,
            "turned unhealthy; its last probe ended with exit code 1",
        ),
        (
            Container { exit_code: Some(0), ..container(Status::EXITED) },
            1,
            "ended (exit code 0), but it has a health check: its program has to go on running, unless another service \
             waits for its end (`service_completed_successfully`)",
        ),
    ] {
        assert_eq!(verdict(&health(), &container, whole, whole), told, "{container:?}");
    }
}

#[test]
fn that_others_wait_for_the_end_of() {
    let expected = Expected { publishes: true, ends_within: Some(LIMIT), ..health() };
    let exited = |code| Container { exit_code: Some(code), ..container(Status::EXITED) };
    let unhealthy = Container { health: Some(HealthStatusEnum::UNHEALTHY), ..container(Status::RUNNING) };
    for (container, whole, told) in [
        (exited(0), 1, "Ready"),
        (exited(3), 1, "exited with 3"),
        (container(Status::RUNNING), 119, "Waiting"),
        (unhealthy, 119, "Waiting"),
        (container(Status::RUNNING), 120, "has not ended within 120s, though another service waits for its end"),
    ] {
        assert_eq!(verdict(&expected, &container, whole, whole), told, "{container:?}");
    }
}

#[test]
fn what_waits_for_a_failure_is_never_started() {
    let needs = |needs: &[(&str, bool)]| Expected {
        needs: needs.iter().map(|(name, is_strict)| ((*name).to_owned(), *is_strict)).collect(),
        ..Expected::default()
    };
    let failed = || Readiness::Failed(Why { text: String::new(), ask_log: false });
    for (db, expected) in [(failed(), true), (Readiness::Ready, false), (Readiness::NotStarted, false)] {
        let all: BTreeMap<String, Expected> = [
            ("bad".to_owned(), needs(&[])),
            ("db".to_owned(), needs(&[])),
            ("api".to_owned(), needs(&[("db", true), ("bad", false)])),
            ("proxy".to_owned(), needs(&[("api", false)])),
        ]
        .into();
        let verdicts: BTreeMap<String, Readiness> = [
            ("bad".to_owned(), failed()),
            ("db".to_owned(), db),
            ("api".to_owned(), Readiness::NotStarted),
            ("proxy".to_owned(), Readiness::NotStarted),
        ]
        .into();
        assert_eq!(is_blocked(&all, &verdicts), expected);
    }
    assert!(!is_blocked(&BTreeMap::new(), &BTreeMap::new()));
}

#[test]
fn the_last_line_is_the_one_that_says_something() {
    let node = "node:internal/modules/cjs/loader:1215\n  throw err;\n  ^\n\nError: Cannot find module 'express'\nRequire stack:\n\
         - /app/server.js\n    at Module._load (node:internal)\n  code: 'MODULE_NOT_FOUND'\n}\n\nNode.js v24.19.0\n";
    for (text, expected) in [
        ("a\nb\n\n", Some("b")),
        ("\n \n", None),
        (node, Some("Error: Cannot find module 'express'")),
        ("hello\nNode.js v24.19.0\n", Some("Node.js v24.19.0")),
        (
            "TypeError: x is not a function\n    at f (/app/a.js:1)\nNode.js v20.1.0",
            Some("TypeError: x is not a function"),
        ),
        ("ValueError: bad\nlast", Some("last")),
    ] {
        assert_eq!(last_line(text).as_deref(), expected, "{text}");
    }
}
