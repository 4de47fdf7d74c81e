//! Images are run alone and watched.

use crate::repository::Repository;
use bollard::query_parameters::ListContainersOptions;
use grader::engine::Engine;
use grader::engine::owned::owner::RUN_LABEL;
use grader::facts::container::{self, ContainerRequest};
use grader::facts::{Fact, Facts, Known, Source, Unavailable};
use grader::place::Place;
use std::collections::HashMap;
use std::time::{Duration, Instant};

tests![
    a_good_container_is_seen_soon,
    users_are_those_of_its_own_processes,
    an_end_is_told_with_code_and_output,
    what_does_not_start_is_told_why,
    health_checks_are_judged_by_their_own_terms,
    an_application_for_itself_alone_does_not_answer,
    without_an_image_there_is_nothing_to_see,
];

const SERVER: &str = r#"["python", "-m", "http.server", "5000"]"#;
const PROBE: &str = "python -c 'import urllib.request as r; r.urlopen(\"http://localhost:5000/\")'";

/// Builds and runs the rest of a Dockerfile; nothing of it may be left on the engine.
async fn run(engine: &Engine, dockerfile: &str, http: Option<(u16, &str)>) -> Facts {
    let dockerfile = format!("FROM python:3.11-slim\n{dockerfile}\n");
    let repository = Repository::new(&[("Dockerfile", &dockerfile)]).steps_from(1);
    let image = repository.build(engine, 1).await;
    let built = image.built.unwrap_or_else(|| panic!("{:?}", image.failed));
    let request = ContainerRequest { image: &image.facts, http, given: &[] };
    let (facts, on_watch) = container::collect(engine, &built, &request, &|_| ()).await;
    if let Some(on_watch) = on_watch {
        on_watch.remove().await.unwrap();
    }
    let label = format!("{RUN_LABEL}={}", engine.run.id);
    let options = ListContainersOptions {
        all: true,
        filters: Some(HashMap::from([("label".to_owned(), vec![label])])),
        ..Default::default()
    };
    assert!(engine.docker.list_containers(Some(options)).await.unwrap().is_empty(), "a container is left: {facts:?}");
    facts
}

/// A fact as text: its value, `none` or `unknown`.
fn told(facts: &Facts, name: &str) -> String {
    let fact = facts.get(name).unwrap_or_else(|| panic!("no {name} in {facts:?}"));
    match &fact.known {
        Known::Value(value) => value.to_string(),
        Known::Absent => "none".into(),
        Known::Unknown(why) => format!("unknown: {why}"),
    }
}

fn because<'a>(facts: &'a Facts, name: &str) -> &'a str {
    facts.get(name).and_then(|fact: &Fact| fact.because.as_deref()).unwrap_or_default()
}

async fn a_good_container_is_seen_soon(engine: Engine) {
    let started = Instant::now();
    let dockerfile = format!(
        "RUN useradd --uid 1234 app\nUSER app\nWORKDIR /tmp\nHEALTHCHECK --interval=5m CMD {PROBE}\nCMD {SERVER}"
    );
    let facts = run(&engine, &dockerfile, Some((5000, "/"))).await;
    assert_eq!(told(&facts, "container.state"), "running");
    assert_eq!(told(&facts, "container.exit_code"), "none");
    assert_eq!(told(&facts, "container.health"), "healthy");
    assert_ne!(told(&facts, "container.seconds_to_healthy"), "none");
    assert_eq!(told(&facts, "container.answers"), "true");
    assert_eq!(told(&facts, "container.uids"), "1234");
    assert_eq!(told(&facts, "container.runs_as_root"), "false");
    assert_eq!(told(&facts, "container.healthcheck_fails_without_app"), "true");
    assert!(told(&facts, "container.logs").contains("GET / HTTP/1.1"));
    assert_eq!(facts.get("container.health").unwrap().place, Some(Place::line("Dockerfile", 5)));
    assert!(started.elapsed() < Duration::from_secs(200), "an interval of 5m was waited for: {:?}", started.elapsed());
}

async fn users_are_those_of_its_own_processes(engine: Engine) {
    let facts = run(&engine, "CMD [\"sleep\", \"300\"]", None).await;
    assert_eq!((told(&facts, "container.uids").as_str(), told(&facts, "container.health").as_str()), ("0", "none"));
    assert_eq!(told(&facts, "container.runs_as_root"), "true");
    assert_eq!(because(&facts, "container.runs_as_root"), "`sleep 300` runs with the user number 0");
    assert_eq!(told(&facts, "container.answers"), "none", "nobody asked");

    // The probe runs as root meanwhile, the application does not.
    let dockerfile = format!(
        "HEALTHCHECK --interval=1s CMD {PROBE}; sleep 1\nCMD [\"setpriv\", \"--reuid=1234\", \"--clear-groups\", \"python\", \"-m\", \"http.server\", \"5000\"]"
    );
    let facts = run(&engine, &dockerfile, None).await;
    assert_eq!(
        (told(&facts, "container.uids").as_str(), told(&facts, "container.runs_as_root").as_str()),
        ("1234", "false")
    );
}

async fn an_end_is_told_with_code_and_output(engine: Engine) {
    let facts =
        run(&engine, "USER 1000\nHEALTHCHECK CMD true\nCMD echo it goes wrong; exit 3", Some((5000, "/"))).await;
    assert_eq!(told(&facts, "container.state"), "exited");
    assert_eq!(told(&facts, "container.exit_code"), "3");
    assert_eq!(told(&facts, "container.logs"), "it goes wrong\n");
    assert_eq!(told(&facts, "container.health"), "unhealthy");
    assert_eq!(
        because(&facts, "container.health"),
        "the container ended before it was healthy; its last words: it goes wrong"
    );
    assert_eq!(told(&facts, "container.answers"), "false");
    assert_eq!(told(&facts, "container.uids"), "none");
    assert_eq!(told(&facts, "container.runs_as_root"), "false", "the image's user decides");
    assert!(because(&facts, "container.runs_as_root").starts_with("no process of the container was seen; `USER 1000`"));
}

async fn what_does_not_start_is_told_why(engine: Engine) {
    let facts = run(&engine, "CMD [\"no-such-program\"]", Some((5000, "/"))).await;
    assert_eq!(
        (told(&facts, "container.state").as_str(), told(&facts, "container.exit_code").as_str()),
        ("exited", "127")
    );
    let why = "the container does not start: exec: \"no-such-program\": executable file not found in $PATH";
    assert_eq!(because(&facts, "container.state"), why);
    assert_eq!(because(&facts, "container.answers"), why);

    // Nobody's health check: it never came to that.
    let health = "HEALTHCHECK CMD true\n";
    let denied = format!("{health}RUN echo > /start.sh\nENTRYPOINT [\"/start.sh\"]");
    let facts = run(&engine, &denied, None).await;
    let fact = facts.get("container.health").unwrap();
    assert_eq!(fact.place, Some(Place::line("Dockerfile", 4)));
    assert_eq!(fact.findings().len(), 1);
    let (message, actual) = (&fact.findings()[0].message, fact.findings()[0].actual.as_deref().unwrap_or_default());
    assert_eq!(message, "The container doesn't start.");
    assert!(actual.starts_with("exec: \"/start.sh\": permission denied (the file has no right"), "{actual}");
    let windows = format!(
        "{health}RUN printf '#!/bin/sh\\r\\nsleep 9' > /start.sh && chmod +x /start.sh\nENTRYPOINT [\"/start.sh\"]"
    );
    let facts = run(&engine, &windows, None).await;
    assert!(because(&facts, "container.health").contains("(CRLF)"), "{}", because(&facts, "container.health"));
    let facts = run(&engine, &format!("{health}USER 99999999999\nCMD [\"true\"]"), None).await;
    assert_eq!(facts.get("container.health").unwrap().place, Some(Place::line("Dockerfile", 3)));

    let facts = run(&engine, "USER nobodyx\nCMD [\"sleep\", \"300\"]", None).await;
    assert_eq!(told(&facts, "container.state"), "exited");
    assert_eq!(facts.get("container.state").unwrap().place, Some(Place::line("Dockerfile", 2)));
    assert_eq!(told(&facts, "container.runs_as_root"), "none");
    assert_eq!(because(&facts, "container.runs_as_root"), "there is no user `nobodyx` in the image's /etc/passwd");
}

async fn health_checks_are_judged_by_their_own_terms(engine: Engine) {
    let sleep = "CMD [\"sleep\", \"300\"]";
    let started = Instant::now();
    for check in
        ["HEALTHCHECK --interval=5m CMD curl-is-not-here http://localhost", "HEALTHCHECK CMD [\"curl-is-not-here\"]"]
    {
        let facts = run(&engine, &format!("{check}\n{sleep}"), None).await;
        assert_eq!(told(&facts, "container.health"), "unhealthy", "{check}");
        let why = because(&facts, "container.health");
        assert!(why.starts_with("the health check can't be run in the container; its last probe: "), "{why}");
        assert!(why.contains("curl-is-not-here"), "{why}");
        assert_eq!(told(&facts, "container.healthcheck_fails_without_app"), "true");
    }
    assert!(started.elapsed() < Duration::from_secs(110), "its whole time was waited for: {:?}", started.elapsed());

    let started = Instant::now();
    let check = "HEALTHCHECK --interval=2s --timeout=1s --retries=2 CMD echo not yet; exit 1";
    let facts = run(&engine, &format!("{check}\n{sleep}"), None).await;
    assert!(started.elapsed() > Duration::from_secs(5));
    assert_eq!(told(&facts, "container.health"), "unhealthy");
    let why = "it was not healthy within its own time (2 × interval 2s + timeout 1s = 5s); \
               its last probe: exit code 1: not yet";
    assert_eq!(because(&facts, "container.health"), why);
    assert_eq!(told(&facts, "container.seconds_to_healthy"), "none");

    let facts = run(&engine, &format!("HEALTHCHECK CMD exit 0\n{sleep}"), None).await;
    assert_eq!(told(&facts, "container.health"), "healthy");
    assert_eq!(told(&facts, "container.healthcheck_fails_without_app"), "false");
    let why = "`exit 0` succeeds in a container where no application runs";
    assert_eq!(because(&facts, "container.healthcheck_fails_without_app"), why);

    let check = "HEALTHCHECK --interval=1s --retries=1 --timeout=2s CMD sleep 200";
    let facts = run(&engine, &format!("{check}\n{sleep}"), None).await;
    assert_eq!(told(&facts, "container.healthcheck_fails_without_app"), "true");
    let why = "`sleep 200` does not end in time where no application runs";
    assert_eq!(because(&facts, "container.healthcheck_fails_without_app"), why);
}

async fn an_application_for_itself_alone_does_not_answer(engine: Engine) {
    let dockerfile = format!(
        "HEALTHCHECK CMD {PROBE}\nCMD [\"python\", \"-m\", \"http.server\", \"5000\", \"--bind\", \"127.0.0.1\"]"
    );
    let facts = run(&engine, &dockerfile, Some((5000, "/"))).await;
    assert_eq!(told(&facts, "container.health"), "healthy");
    assert_eq!(told(&facts, "container.answers"), "false");
    let why = "GET / on port 5000: the connection is closed without an answer";
    assert_eq!(because(&facts, "container.answers"), why);
    let facts = run(&engine, &format!("CMD {SERVER}"), Some((5000, "/missing"))).await;
    assert_eq!(because(&facts, "container.answers"), "it answers with status 404");
}

async fn without_an_image_there_is_nothing_to_see(engine: Engine) {
    let image = Repository::new(&[("Dockerfile", "FROM python:3.11-slim\nRUN false\n")]).build(&engine, 1).await;
    let facts = container::not_built(&image.facts);
    assert_eq!(told(&facts, "container.runs_as_root"), "none");
    assert_eq!(because(&facts, "container.health"), "the image does not build");
    let mut broken = Facts::default();
    broken.set_unavailable(Source::Image, Unavailable::Failed("no network".into()));
    let facts = container::not_built(&broken);
    assert_eq!(facts.unavailable(Source::Container), Some(&Unavailable::Failed("no network".into())));
}
