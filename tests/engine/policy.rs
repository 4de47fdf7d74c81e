//! What is refused is not run: a canary on this machine hears nothing of it. What is let pass does run.

use crate::repository::Repository;
use crate::stack::{bring_up, repository};
use grader::engine::Engine;
use grader::engine::stack::{Stack, StackRequest, prepare};
use grader::facts::Facts;
use grader::outcome::Fault;
use grader::policy::Policy;
use std::collections::BTreeMap;
use std::net::TcpListener;
use std::sync::Arc;

tests![
    builds_that_reach_out_do_not_begin,
    a_context_that_is_a_link_is_not_sent,
    links_in_a_context_lead_nowhere,
    compose_reads_nothing_outside,
    what_is_let_pass_runs,
    trust_runs_what_is_refused_and_says_so,
    triggers_of_a_base_image_are_told,
];

fn because(facts: &Facts) -> (String, String) {
    let fact = facts.get("image.builds").unwrap();
    assert_eq!(fact.value(), Some(&false.into()), "it was built");
    (fact.because.clone().unwrap_or_default(), fact.place.as_ref().map(ToString::to_string).unwrap_or_default())
}

async fn builds_that_reach_out_do_not_begin(engine: Engine) {
    let canary = TcpListener::bind("127.0.0.1:0").unwrap();
    canary.set_nonblocking(true).unwrap();
    let address = canary.local_addr().unwrap();
    for (number, (text, line)) in [
        (format!("# syntax={address}/evil/frontend\nFROM debian:bookworm-slim\n"), 1),
        (format!("// syntax={address}/evil/frontend\n"), 1),
        (format!("FROM debian:bookworm-slim\nADD http://{address}/x /x\n"), 2),
        (format!("FROM debian:bookworm-slim\nARG U=http://{address}/x\nADD $U /x\n"), 3),
        (format!("FROM debian:bookworm-slim\nRUN --network=host id\nADD http://{address}/x /x\n"), 2),
    ]
    .into_iter()
    .enumerate()
    {
        let image = Repository::new(&[("Dockerfile", &text)]).build(&engine, u32::try_from(number).unwrap() + 1).await;
        let (why, place) = because(&image.facts);
        let told = image.facts.get("image.builds").unwrap().findings();
        assert_eq!(told.len(), if text.contains("--network") { 2 } else { 1 }, "{told:?}");
        assert!(told.iter().all(|finding| finding.message.starts_with("Not run: ")), "{told:?}");
        assert!(why.contains("is not allowed here") && place == format!("Dockerfile:{line}"), "{why} @ {place}");
    }
    assert!(canary.accept().is_err(), "somebody came");
}

#[cfg(unix)]
async fn a_context_that_is_a_link_is_not_sent(engine: Engine) {
    use grader::engine::image::build;
    use grader::engine::image::build::BuildRequest;
    let (folder, _) = repository(&[
        ("repo/compose.yaml", "services: {}"),
        ("repo/Dockerfile", "FROM debian:bookworm-slim\nCOPY . /x\n"),
        ("secret/secret", "s"),
        ("compose.yaml", "services: {}"),
    ]);
    let root = folder.path().join("repo");
    std::os::unix::fs::symlink(folder.path().join("secret"), root.join("link")).unwrap();
    let request = BuildRequest {
        root: &root,
        context: &root.join("link"),
        dockerfile: &root.join("Dockerfile"),
        dockerfiles: &grader::dockerfile::Dockerfiles::default(),
        target: None,
        args: &BTreeMap::new(),
        secrets: &BTreeMap::new(),
        stages: &[],
        tag: &engine.run.image_tag(1),
        platform: None,
        contexts: &BTreeMap::new(),
        limit: build::LIMIT,
    };
    let failed = build::build(&engine, &request, &|_| ()).await.unwrap_err();
    assert!(failed.message.contains("`link` is a link that leads out of the repository"), "{}", failed.message);
    assert!(engine.docker.inspect_image(request.tag).await.is_err());
}

/// A link in a context arrives as a link, and leads nowhere there.
#[cfg(unix)]
async fn links_in_a_context_lead_nowhere(engine: Engine) {
    let (outside, _) = repository(&[("secret", "s"), ("compose.yaml", "services: {}")]);
    let text = format!(
        "FROM debian:bookworm-slim\nCOPY . /w\nRUN echo {} && test -L /w/link && ! test -e /w/link\n",
        engine.run.id
    );
    let work = Repository::new(&[("Dockerfile", &text)]);
    std::os::unix::fs::symlink(outside.path().join("secret"), work.path().join("link")).unwrap();
    assert!(work.build(&engine, 1).await.built.is_some());
    let copied = Repository::new(&[("Dockerfile", "FROM debian:bookworm-slim\nCOPY link /w\n")]);
    std::os::unix::fs::symlink(outside.path().join("secret"), copied.path().join("link")).unwrap();
    assert!(copied.build(&engine, 2).await.built.is_none());
}

#[cfg(not(unix))]
async fn links_in_a_context_lead_nowhere(_: Engine) {}

#[cfg(not(unix))]
async fn a_context_that_is_a_link_is_not_sent(_: Engine) {}

/// Each of these makes Compose read a file outside; it must not even be started.
async fn compose_reads_nothing_outside(engine: Engine) {
    let (secret, _) = repository(&[("secret.env", "SECRET=1\n"), ("compose.yaml", "services: {}")]);
    let outside = secret.path().join("secret.env").display().to_string();
    let binary = "!!binary L2V0Yy9lbnZpcm9ubWVudA==";
    for line in [
        format!("image: x\n    env_file: {outside}\n"),
        format!("image: x # \u{85}    env_file: {outside}\n"),
        format!("image: x\n    env_file: {binary}\n"),
        format!("image: x\n    env_file: '${{DOCKER_CLI_PLUGIN_ORIGINAL_CLI_COMMAND:+{outside}}}'\n"),
        format!("image: x\n    env_file: '${{ODD:-{outside}}}'\n"),
        "image: x\n    volumes: [v:/x]\nvolumes: {v: {driver_opts: {type: tmpfs, o: bind, device: /}}}\n".to_owned(),
        "image: x\n    volumes: [/var/run/docker.sock:/s]\n".to_owned(),
    ] {
        let file = format!("services:\n  api:\n    {line}");
        let (folder, compose) = repository(&[("compose.yaml", &file), (".env", "ODD=a\\b\n")]);
        let request = StackRequest { compose: &compose, root: folder.path() };
        match prepare(&engine, &request, &|doing| assert!(!doing.contains("read the Compose file"), "{file}")).await {
            Err(Fault::Learner(findings)) => assert!(!findings.is_empty()),
            other => panic!("{file}: {other:?}"),
        }
    }
}

const LET_PASS: &str = r#"
services:
  api:
    image: debian:bookworm-slim
    command: [sleep, "60"]
    init: true
    cap_drop: [ALL]
    cap_add: [NET_BIND_SERVICE, CAP_CHOWN, setuid]
    security_opt: ["no-new-privileges:true"]
    sysctls: {net.core.somaxconn: 1024, net.ipv4.tcp_syncookies: 0}
    ulimits: {nofile: {soft: 1024, hard: 2048}}
    shm_size: 64m
    tmpfs: ["/x:size=1m"]
    volumes: ["/etc/localtime:/etc/localtime:ro", "kept:/kept"]
    logging: {driver: json-file}
    annotations: {com.example.team: blue}
    extra_hosts: ["db.example.org:10.0.0.1"]
volumes:
  kept: {driver: local}
"#;

async fn what_is_let_pass_runs(engine: Engine) {
    let (folder, compose) = repository(&[("compose.yaml", LET_PASS)]);
    let stack = bring_up(&engine, folder.path(), &compose).await;
    assert_eq!(stack.up().failed, None);
    assert!(stack.states().values().all(grader::engine::stack::State::is_ready), "{:?}", stack.states());
    stack.down().await.unwrap();
}

async fn trust_runs_what_is_refused_and_says_so(mut engine: Engine) {
    let file = "services:\n  api: {image: 'debian:bookworm-slim', command: [sleep, '60'], init: true, pid: host, ports: ['7:7']}\n";
    let (folder, compose) = repository(&[("compose.yaml", file)]);
    let request = StackRequest { compose: &compose, root: folder.path() };
    assert!(matches!(prepare(&engine, &request, &|_| ()).await, Err(Fault::Learner(_))));
    engine.policy = Arc::new(Policy { is_trusting: true, ..Policy::clone(&Policy::built_in()) });
    let Ok(plan) = prepare(&engine, &request, &|_| ()).await else { panic!("not prepared") };
    assert_eq!(plan.notes.len(), 1);
    assert!(plan.notes[0].starts_with("let pass by --trust: compose.yaml:2: `pid` of the service `api`"));
    let stack = Stack::launch(plan, &engine, &BTreeMap::new(), &|_| ()).await.unwrap();
    assert_eq!(stack.up().failed, None);
    // What grader itself changes, it changes all the same.
    let containers = bollard::query_parameters::ListContainersOptionsBuilder::new()
        .filters(&[("label", vec![format!("{}={}", grader::engine::owned::owner::RUN_LABEL, engine.run.id)])].into())
        .build();
    let containers = engine.docker.list_containers(Some(containers)).await.unwrap();
    assert_eq!(containers.len(), 1);
    for port in containers[0].ports.iter().flatten() {
        assert_eq!(port.ip.as_deref(), Some("127.0.0.1"));
        assert_ne!(port.public_port, Some(7));
    }
    stack.down().await.unwrap();
}

async fn triggers_of_a_base_image_are_told(engine: Engine) {
    let base = Repository::new(&[("Dockerfile", "FROM debian:bookworm-slim\nONBUILD RUN touch /trigger\n")]);
    let tag = base.build(&engine, 1).await.built.unwrap().tag;
    let image = Repository::new(&[("Dockerfile", &format!("FROM {tag}\n"))]).build(&engine, 2).await;
    let notes = image.built.unwrap().notes;
    assert!(notes.iter().any(|note| note.starts_with("`ONBUILD RUN touch /trigger` of ")), "{notes:?}");
}
