//! Images are built and looked at; a failed build is told with its place, and whose fault it is.

use crate::common::docker;
use crate::repository::Repository;
use grader::engine::connect::internet;
use grader::engine::image::build::BuildFault;
use grader::engine::owned::janitor;
use grader::engine::watch::disk;
use grader::engine::{Engine, Limits};
use grader::facts::{Fact, Facts, Known, Source, Unavailable, Value};
use grader::place::Place;
use grader::policy::Policy;
use std::io::{Read, Write};
use std::net::TcpListener;
use std::sync::Arc;
use std::sync::atomic::{AtomicBool, Ordering};
use std::time::{Duration, Instant};

tests![
    a_good_image_is_described,
    given_files_are_found_wherever_they_lie,
    failures_are_placed_and_explained,
    a_frontend_that_can_not_be_fetched_is_done_without,
    a_build_has_a_time_limit,
    a_network_error_is_the_learners_where_the_network_works,
    a_registry_that_refuses_is_not_one_that_fails,
    only_a_full_disk_is_full,
    #[cfg(target_os = "linux")]
    what_others_write_meanwhile_is_not_the_builds,
    users_of_the_base_image_count,
];

const GOOD: &str = r#"FROM python:3.11-slim AS builder
WORKDIR /build
RUN mkdir /install && echo RUN-ID && head -c 2000000 /dev/zero > /install/library

FROM python:3.11-slim
ENV GREETING=hello=you
RUN useradd --uid 1234 app
WORKDIR /app
COPY --from=builder /install /usr/local/lib/installed
COPY src/ src/
EXPOSE 5000
USER app
HEALTHCHECK --interval=5m --timeout=2s CMD ["python", "-c", "print(1)"]
CMD ["python", "src/app.py"]
"#;

fn text<'a>(facts: &'a Facts, name: &str) -> &'a str {
    facts.get(name).and_then(Fact::text).unwrap_or_else(|| panic!("no {name}: {:?}", facts.get(name)))
}

fn value(facts: &Facts, name: &str) -> Value {
    facts.get(name).and_then(Fact::value).unwrap_or_else(|| panic!("no {name}: {:?}", facts.get(name))).clone()
}

async fn a_good_image_is_described(engine: Engine) {
    let dockerfile = GOOD.replace("RUN-ID", &engine.run.id); // not in the cache
    let files =
        [("Dockerfile", dockerfile.as_str()), ("src/app.py", "print('app')\n"), ("requirements.txt", "flask\n")];
    let repository = Repository::new(&files).steps_from(5).given(&["src/app.py", "requirements.txt"]);
    let image = repository.build(&engine, 1).await;
    let (facts, built) = (&image.facts, image.built.unwrap());
    assert!(facts.get("image.builds").unwrap().is_true());
    assert_eq!(text(facts, "image.platform"), engine.platform);
    assert_eq!(text(facts, "image.user.name"), "app");
    assert_eq!(value(facts, "image.user.uid"), Value::Int(1234));
    assert_eq!(value(facts, "image.user.is_root"), Value::Bool(false));
    assert_eq!(facts.get("image.user.is_root").unwrap().place, Some(Place::line("Dockerfile", 12)));
    assert_eq!(text(facts, "image.env.GREETING"), "hello=you");
    assert_eq!(text(facts, "image.workdir"), "/app");
    assert_eq!(value(facts, "image.exposes").to_string(), "5000/tcp");
    assert_eq!(value(facts, "image.cmd").to_string(), "python, src/app.py");
    assert_eq!(facts.get("image.entrypoint").unwrap().known, Known::Absent);
    assert_eq!(text(facts, "image.healthcheck.kind"), "cmd");
    assert_eq!(text(facts, "image.healthcheck.command"), "python -c print(1)");
    assert_eq!(value(facts, "image.healthcheck.interval"), Value::Duration(Duration::from_secs(300)));
    assert_eq!(value(facts, "image.healthcheck.retries"), Value::Int(3));
    assert_eq!(facts.get("image.healthcheck").unwrap().place, Some(Place::line("Dockerfile", 13)));
    assert_eq!(value(facts, "image.labels").to_string(), "none", "our own labels are no fact");
    assert_eq!(value(facts, "image.given").to_string(), "src/app.py");

    let Value::Size(size) = value(facts, "image.size") else { panic!("no size") };
    let base = engine.docker.inspect_image("python:3.11-slim").await.unwrap().size.unwrap();
    let added = i64::try_from(size).unwrap() - base;
    assert!(engine.containerd_store || (2_000_000..2_100_000).contains(&added), "{size} on {base}");
    let Value::List(layers) = value(facts, "image.layers") else { panic!("no layers") };
    let lines: Vec<u32> = layers.iter().filter_map(|layer| layer.place.as_ref()?.line).collect();
    assert_eq!(lines, [6, 7, 8, 9, 10, 11, 12, 13, 14]);

    assert_eq!(built.bases.keys().collect::<Vec<_>>(), ["python:3.11-slim"]);
    assert!(built.bases["python:3.11-slim"].starts_with("sha256:"), "{:?}", built.bases);

    assert_eq!(janitor::remove_run(&engine).await.unwrap().images, 1);
    assert!(engine.docker.inspect_image(&built.tag).await.is_err());
}

async fn given_files_are_found_wherever_they_lie(engine: Engine) {
    let app = ("src/app.py", "print('somewhere')\n");
    for (dockerfile, found) in [
        ("FROM python:3.11-slim\nWORKDIR /app\nCOPY src/app.py main.py\n", "src/app.py"),
        ("FROM python:3.11-slim\nWORKDIR /app\nCOPY src/app.py /srv/deep/er/\n", "src/app.py"),
        ("FROM python:3.11-slim\nCOPY src/app.py /\n", "src/app.py"),
        ("FROM python:3.11-slim\nCOPY src/app.py /\nRUN echo '#' >> /app.py\n", "none"),
    ] {
        let repository = Repository::new(&[("Dockerfile", dockerfile), app]).given(&["src/app.py"]);
        let image = repository.build(&engine, 1).await;
        assert_eq!(value(&image.facts, "image.given").to_string(), found, "{dockerfile}");
    }
}

async fn failures_are_placed_and_explained(engine: Engine) {
    let line = |number| Some(Place::line("Dockerfile", number));
    for (number, (dockerfile, place, because)) in [
        (
            "FROM python:3.11-slim\nRUN echo on the way; \\\n    exit 3\n",
            line(2).map(|place| place.to_line(3)),
            "`RUN echo on the way; exit 3` ended with exit code 3; it printed last:\non the way",
        ),
        (
            "FROM python:3.11-slim\nCOPY missing.txt /\n",
            line(2),
            "`COPY missing.txt /` finds no `missing.txt` in the build context",
        ),
        (
            "FROM python:3.11-slim\nCOPY ignored.txt /\n",
            Some(Place::line(".dockerignore", 1)),
            "`COPY ignored.txt /` (Dockerfile:2) finds no `ignored.txt` in the build context: `*.txt` leaves it out",
        ),
        (
            "FROM python:3.11-slim AS builder\nFROM python:3.11-slim\nCOPY --from=builder /missing /\n",
            line(3),
            "`COPY --from=builder /missing /` finds no `/missing` in the stage or image that it copies from",
        ),
        (
            "FROM python:3.11-slim AS builder\nFROM python:3.11-slim\nCOPY --from=bilder /etc/passwd /\n",
            line(3),
            "there is no stage and no image `bilder`; did you mean the stage `builder`?",
        ),
        (
            "FROM python:3.11-slim\nUSER nobodyx\nRUN true\n",
            line(2),
            "there is no user `nobodyx` in the image when `RUN true` is to run as that user",
        ),
        (
            "FROM python:3.11-slim\nCOPPY a b\n",
            line(2),
            "dockerfile parse error on line 2: unknown instruction: COPPY (did you mean COPY?)",
        ),
        ("# nothing\n", line(1), "file with no instructions"),
    ]
    .into_iter()
    .enumerate()
    {
        let files = [("Dockerfile", dockerfile), ("ignored.txt", "x"), (".dockerignore", "*.txt\n")];
        let mut repository = Repository::new(&files).steps_from(1);
        repository.stages = vec!["builder".into()];
        let image = repository.build(&engine, u32::try_from(number).unwrap()).await;
        let builds = image.facts.get("image.builds").unwrap_or_else(|| panic!("{dockerfile}: {:?}", image.facts));
        assert_eq!(builds.value(), Some(&Value::Bool(false)), "{dockerfile}");
        assert_eq!(builds.because.as_deref(), Some(because));
        assert_eq!(builds.place, place, "{dockerfile}");
        let size = image.facts.get("image.size").unwrap();
        assert_eq!((&size.known, size.because.as_deref()), (&Known::Absent, Some("the image does not build")));
        assert!(image.built.is_none() && image.failed.is_some());
    }
}

async fn a_frontend_that_can_not_be_fetched_is_done_without(engine: Engine) {
    let dockerfile = "# syntax=docker/dockerfile:1\n# escape=`\nFROM python:3.11-slim\nCOPY . /here\nRUN cd /here && ls && `\n  exit 7\n";
    let files = [("Dockerfile", dockerfile), ("Dockerfile.dockerignore", "left-out\n"), ("left-out", ""), ("kept", "")];
    let failed = Repository::new(&files).build(&engine, 1).await.failed.unwrap();
    assert_eq!(failed.lines, Some((5, 6)));
    assert_eq!(failed.exit_code, Some(7));
    assert_eq!(failed.log, "Dockerfile\nDockerfile.dockerignore\nkept");
    if !internet::reaches("registry-1.docker.io:443", Duration::from_secs(3)).await {
        let note = "`# syntax=docker/dockerfile:1` could not be fetched: the engine's own builder was used instead.";
        assert_eq!(failed.notes, [note]);
    }
}

async fn a_build_has_a_time_limit(engine: Engine) {
    let started = Instant::now();
    let mut repository = Repository::new(&[("Dockerfile", "FROM python:3.11-slim\nRUN echo waiting && sleep 300\n")]);
    repository.limit = Duration::from_secs(8);
    let failed = repository.build(&engine, 1).await.failed.unwrap();
    assert_eq!(failed.fault, Some(BuildFault::Timeout));
    assert_eq!(failed.message, "the build took longer than 8 s during `RUN echo waiting && sleep 300`");
    assert!(started.elapsed() < Duration::from_secs(200), "{:?}", started.elapsed());
    // A step that is quick may have ended before it is heard of; this one has not.
    assert_eq!(repository.heard.take().last().map(String::as_str), Some("build 2/2 RUN echo waiting && sleep 300"));
}

async fn a_network_error_is_the_learners_where_the_network_works(engine: Engine) {
    let dockerfile = "FROM python:3.11-slim\nRUN --network=none python -c \"import urllib.request as r; r.urlopen('http://pypi.org')\"\n";
    let image = Repository::new(&[("Dockerfile", dockerfile)]).build(&engine, 1).await;
    if internet::is_up().await {
        let because = image.facts.get("image.builds").unwrap().because.clone().unwrap();
        assert!(because.contains("Temporary failure in name resolution"), "{because}");
    } else {
        assert!(matches!(image.facts.unavailable(Source::Image), Some(Unavailable::Failed(_))));
    }
}

/// A registry that gives every request the same answer; its host and port.
fn registry(answer: &'static str) -> String {
    let listener = TcpListener::bind("127.0.0.1:0").unwrap();
    let address = listener.local_addr().unwrap().to_string();
    std::thread::spawn(move || {
        for stream in listener.incoming() {
            let Ok(mut stream) = stream else { return };
            let _ = stream.read(&mut [0; 4096]);
            let _ = write!(stream, "HTTP/1.1 {answer}\r\nContent-Length: 0\r\nConnection: close\r\n\r\n");
        }
    });
    address
}

async fn a_registry_that_refuses_is_not_one_that_fails(mut engine: Engine) {
    // Or the policy would refuse a registry of this machine.
    engine.policy = Arc::new(Policy { is_trusting: true, ..Policy::clone(&Policy::built_in()) });
    for (answer, learners) in [
        ("404 Not Found", true),
        ("403 Forbidden", true),
        ("401 Unauthorized", false),
        ("429 Too Many Requests", false),
        ("503 Service Unavailable", false),
    ] {
        let image = format!("{}/no/image:1", registry(answer));
        let repository = Repository::new(&[("Dockerfile", &format!("FROM {image}\n"))]);
        let built = repository.build(&engine, 1).await;
        if learners {
            let because = built.facts.get("image.builds").and_then(|fact| fact.because.clone());
            let expected = format!("image `{image}` doesn't exist or is private");
            assert_eq!(because.as_deref(), Some(expected.as_str()), "{answer}: {:?}", built.failed);
        } else {
            let why = built.facts.unavailable(Source::Image);
            assert!(matches!(why, Some(Unavailable::Failed(_))), "{answer}: {:?}", built.failed);
        }
    }
}

async fn only_a_full_disk_is_full(engine: Engine) {
    let dockerfile = "FROM python:3.11-slim\nRUN echo 'No space left on device'; exit 1\n";
    let failed = Repository::new(&[("Dockerfile", dockerfile)]).build(&engine, 1).await.failed.unwrap();
    assert_eq!(failed.fault == Some(BuildFault::Learner), disk::has_room(&engine), "{:?}", failed.fault);
}

/// Somebody fills the disk while a build goes on, and makes room as soon as it was ended.
#[cfg(target_os = "linux")]
async fn what_others_write_meanwhile_is_not_the_builds(engine: Engine) {
    const MUCH: u64 = 600_000_000;
    let engine = Engine { limits: Limits { disk: Some(MUCH / 2), ..engine.limits }, ..engine };
    let other = format!("other-{}", engine.run.id);
    docker(&["run", "-d", "--name", &other, "debian:bookworm-slim", "sleep", "600"]);
    let (tag, is_over) = (engine.run.image_tag(1), Arc::new(AtomicBool::new(false)));
    let (name, over) = (other.clone(), Arc::clone(&is_over));
    let writer = std::thread::spawn(move || {
        let (mut builds, mut is_building) = (0, false);
        while !over.load(Ordering::Relaxed) {
            if is_building != is_run(&tag) {
                is_building = !is_building;
                builds += usize::from(is_building);
                if builds == 1 && is_building {
                    docker(&["exec", &name, "fallocate", "--length", &MUCH.to_string(), "/much"]);
                } else if builds == 1 {
                    docker(&["exec", &name, "rm", "/much"]);
                }
            }
            std::thread::sleep(Duration::from_millis(20));
        }
        builds
    });
    let dockerfile = format!("FROM debian:bookworm-slim\nRUN sleep 5; : {}\n", engine.run.id);
    let image = Repository::new(&[("Dockerfile", &dockerfile)]).build(&engine, 1).await;
    is_over.store(true, Ordering::Relaxed);
    let builds = writer.join().unwrap();
    docker(&["rm", "-f", &other]);
    assert!(image.built.is_some(), "{:?}", image.failed);
    assert_eq!(builds, 2, "the first was ended");
}

/// Whether a tool runs that has this among its arguments.
#[cfg(target_os = "linux")]
fn is_run(argument: &str) -> bool {
    let processes = std::fs::read_dir("/proc").unwrap().flatten();
    let lines = processes.filter_map(|process| std::fs::read(process.path().join("cmdline")).ok());
    lines.into_iter().any(|line| line.split(|byte| *byte == 0).any(|word| word == argument.as_bytes()))
}

async fn users_of_the_base_image_count(engine: Engine) {
    let dockerfile = "FROM python:3.11-slim AS base\nRUN useradd --non-unique --uid 0 hidden\nUSER hidden\nFROM base\nCMD [\"true\"]\n";
    let mut repository = Repository::new(&[("Dockerfile", dockerfile)]);
    let facts = repository.build(&engine, 1).await.facts;
    assert_eq!(text(&facts, "image.user.name"), "hidden");
    assert!(facts.get("image.user.is_root").unwrap().is_true());
    repository.target = Some("nowhere");
    let image = repository.build(&engine, 2).await;
    let because = image.facts.get("image.builds").unwrap().because.clone();
    assert_eq!(because.as_deref(), Some("target stage \"nowhere\" could not be found"));
}
