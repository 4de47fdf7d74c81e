//! What Compose refuses, and what every engine does: each with its place and a sentence, without either.

#![allow(clippy::expect_used)] // helpers of tests

use grader::compose::{self, By, Compose};
use std::collections::BTreeMap;

fn load(files: &[(&str, &str)]) -> Compose {
    let files: BTreeMap<&str, &str> = files.iter().copied().collect();
    compose::load(None, &|path| Ok(files.get(path).map(|text| text.as_bytes().to_vec()))).expect("a Compose file")
}

fn problems(files: &[(&str, &str)], by: By) -> Vec<String> {
    let compose = load(files);
    let found = compose.problems.iter().filter(|problem| problem.by == by);
    found.map(|problem| format!("{}: {}", problem.place, problem.message)).collect()
}

#[test]
fn what_compose_refuses_is_told_with_its_line() {
    for (file, line, words) in [
        (
            "version: 3.8\nservices: {a: {image: x}}",
            1,
            "`version` must be text, not a number; put it in quotes: \"3.8\"",
        ),
        (
            "services:\n  a:\n    image: x\n    user: 1000",
            4,
            "`user` must be text, not a number; put it in quotes: \"1000\"",
        ),
        (
            "services:\n  a:\n    image: x\n    depends_on:\n      b: {condition: healthy}\n  b: {image: x}",
            5,
            "`condition` must be `service_started`, `service_healthy` or `service_completed_successfully`, not `healthy`",
        ),
        (
            "services:\n  a: {image: x, depends_on: [b]}\n  b:\n    image: x\n    depends_on: [a]",
            5,
            "services wait for each other in a circle: `a` → `b` → `a`; remove one of the links",
        ),
        ("services:\n  a:\n    image: x\n    links: [a]", 4, "in a circle: `a` → `a`"),
        ("services:\n  a:\n    image: ${B:?no}", 3, "the variable `B` has to have a value (no); set it in `.env`"),
        ("services:\n  a:\n    image: \"${B\"", 3, "`$` doesn't start a variable here"),
        ("services:\n  a:\n    image: x\n    env_file: no.env", 4, "`env_file` names no.env, which doesn't exist"),
        (
            "services:\n  a:\n    image: x\n    ports: 5000:5000",
            4,
            "`ports` must be a list, not text; write it as one: [\"5000:5000\"]",
        ),
        (
            "services:\n  a:\n    image: x\n    healthcheck:\n      test: x\n      interval: 30",
            6,
            "`interval` must be text, not a number; put it in quotes: \"30\"",
        ),
        (
            "services:\n  a:\n    image: x\n    healthcheck:\n      test: x\n      interval: \"30\"",
            6,
            "`interval` must be a duration such as `30s`",
        ),
        ("services:\n  a:\n    image: x\n    links: [b]", 4, "`a` needs a service `b` that doesn't exist"),
        ("services:\n  a:\n    image: x\n    secrets: [b]", 4, "the secret `b` of `a` is not defined under `secrets:`"),
        ("services:\n  a:\n    image: x\n    configs: [b]", 4, "the config `b` of `a` is not defined"),
        ("services:\n  a b: {image: x}", 2, "`a b` isn't a valid name for a service; use letters, digits"),
        ("services:\n  a:\n    image: x\n    ports:\n      - \"abc:80\"", 5, "`abc` isn't a host port"),
        ("services:\n  a:\n    image: x\n    ports:\n      - \"5000:99999\"", 5, "`99999` isn't a container port"),
        ("services:\n  a:\n    image: x\n    ports:\n      - \"80:${P}\"", 5, "`80:` has no container port"),
        (
            "services:\n  a:\n    image: x\n    network_mode: host\n    networks: [default]",
            4,
            "`a` has both `network_mode` and `networks`",
        ),
        ("services:\n  a:\n    image: x\n    network_mode: service:b", 4, "needs a service `b`"),
        (
            "services:\n  a:\n    image: x\n    scale: 2\n    container_name: one",
            5,
            "which can't share one `container_name`",
        ),
        ("services:\n  a:\n    image: x\n    mem_limit: lots", 4, "`mem_limit` must be an amount such as `512m`"),
        ("services:\n  a:\n    image: x\n    privileged: maybe", 4, "`privileged` must be true or false, not `maybe`"),
        (
            "services:\n  a:\n    image: x\n    command: sh -c 'a",
            4,
            "`command` has a quote or a bracket that is never closed",
        ),
        (
            "services:\n  a:\n    image: x\n    environment: {1: b}",
            4,
            "YAML doesn't read the key `1` as text; put it in quotes",
        ),
        (
            "services:\n  a:\n    image: x\n    environment:",
            4,
            "`environment` must be a map of keys and values or a list, not empty",
        ),
        ("services:\n  a:\n    image: x\n    extends: b", 4, "compose.yaml has no service `b` to extend"),
        ("include: more.yaml\nservices: {a: {image: x}}", 1, "`include` must be a list; write `- more.yaml` under it"),
        ("volumes:\nservices: {a: {image: x}}", 1, "`volumes` must be a map of keys and values, not empty"),
        ("name: ${A}\nservices: {a: {image: x}}", 1, "the `name` of the project has no letter"),
        ("volumes: {v: {external: true, driver: x}}", 1, "the volume `v` is external, so it can't have `driver`"),
        ("secrets:\n  s: {}", 2, "`s` under `secrets` needs one of `file`, `environment`"),
    ] {
        let found = problems(&[("compose.yaml", file)], By::Compose);
        let place = format!("compose.yaml:{line}: ");
        assert!(found.len() == 1 && found[0].starts_with(&place) && found[0].contains(words), "{file}\n{found:?}");
    }
}

#[test]
fn other_files_have_places_of_their_own() {
    let service = "services:\n  a:\n    image: x\n";
    for (files, words) in [
        (&[("compose.yaml", service), (".env", "A=1\nB C=2\n")][..], ".env:2: the name `B C` has a space in it"),
        (
            &[("compose.yaml", "services:\n  a: {image: x, env_file: a.env}"), ("a.env", "A=\"x\"y!\n")],
            "a.env:1: the quotes of this value end before `!`",
        ),
        (
            &[
                ("compose.yaml", "include: [b.yaml]\nservices:\n  a: {image: x}"),
                ("b.yaml", "services:\n  a: {image: y}"),
            ],
            "compose.yaml:3: the service `a` is in b.yaml:2, too, which is included; rename one of them",
        ),
        (
            &[("compose.yaml", "include: [b.yaml]"), ("b.yaml", "services:\n  a: {image: x, user: 5}")],
            "b.yaml:2: `user` must be text",
        ),
        (
            &[("compose.yaml", service), ("compose.override.yaml", "services:\n  a:\n    ports: {a: b}")],
            "compose.override.yaml:3: ",
        ),
        (
            &[("compose.yaml", "include: [b.yaml]"), ("b.yaml", "include: [compose.yaml]")],
            "b.yaml:1: compose.yaml includes itself",
        ),
    ] {
        let found = problems(files, By::Compose);
        assert!(found.len() == 1 && found[0].starts_with(words), "{files:?}\n{found:?}");
    }
}

#[test]
fn what_compose_takes_is_taken() {
    for file in [
        "services: {a: {image: x, ports: [\"${P}:5432\", \"127.0.0.1:${P}:80\"]}}",
        "services: {a: {image: x, environment: {A: 3.10, B: 0755}}}",
        "services: {a: {image: x, env_file: [{path: no.env, required: false}]}}",
        "services: {a: {image: x, profiles: [p], depends_on: [nope], env_file: no.env}, b: {image: x}}",
        "services: {a: {image: x, depends_on: {b: {condition: service_started, required: false}}}, b: {image: x, profiles: [p]}}",
        "services: {a: {image: x, extends: b}, b: {user: \"1\", image: y}}",
        "services: {a: {build: {}}}",
        "services: {a: {image: x, command: a | b, healthcheck: {test: [CMD, x], retries: \"3\"}}}",
        "x-a: {b: [c]}\nservices: {a: {image: x, x-b: 5}}",
        "name: x",
        "services: {a: {provider: {type: x}}}",
    ] {
        assert_eq!(problems(&[("compose.yaml", file)], By::Compose), Vec::<String>::new(), "{file}");
    }
}

#[test]
fn a_service_of_an_inactive_profile_is_named_as_such() {
    let file = "services:\n  a: {image: x, depends_on: [b]}\n  b: {image: x, profiles: [p], env_file: no.env}";
    let told = |compose: &Compose| compose.problems.iter().map(|problem| problem.message.clone()).collect::<Vec<_>>();
    let mut compose = load(&[("compose.yaml", file)]);
    assert_eq!(told(&compose), ["`a` depends on `b`, which is in a profile that is not active"]);
    compose.activate(&["p".to_owned()]);
    assert_eq!(told(&compose), ["`env_file` names no.env, which doesn't exist"]);
}

#[test]
fn what_no_engine_can_run_is_told_with_both_lines() {
    let two = |one: &str, other: &str| format!("services:\n  a:\n    image: x\n{one}\n  b:\n    image: x\n{other}\n");
    let port = |port: &str| format!("    ports: [{port}]");
    for (one, other) in [
        ("\"80:80\"", "\"80:81\""),
        ("\"80:80\"", "\"127.0.0.1:80:80\""),
        ("\"80:80/udp\"", "{target: 5, published: 80, protocol: udp}"),
        ("\"[::]:80:80\"", "\"[::1]:80:80\""),
        ("\"80-82:80-82\"", "\"82:5\""),
        ("\"80-81:5\"", "\"80:5\", \"81:5\""),
    ] {
        let found = problems(&[("compose.yaml", &two(&port(one), &port(other)))], By::Engine);
        assert_eq!(found.len(), 1, "{one} {other}: {found:?}");
        assert!(found[0].contains("compose.yaml:7") && found[0].contains("compose.yaml:4"), "{found:?}");
    }
    for (one, other) in [
        ("\"80:80\"", "\"81:80\""),
        ("\"80:80\"", "\"80:80/udp\""),
        ("\"127.0.0.1:80:80\"", "\"127.0.0.2:80:80\""),
        ("\"127.0.0.1:80:80\"", "\"[::1]:80:80\""),
        ("\"80\"", "\"80\""),
        ("\"80-82:5\"", "\"80:5\""),
        ("\"${P}:80\"", "\"${P}:80\""),
    ] {
        let found = problems(&[("compose.yaml", &two(&port(one), &port(other)))], By::Engine);
        assert_eq!(found, Vec::<String>::new(), "{one} {other}");
    }
    let names = two("    container_name: web", "    container_name: web");
    let told = [
        "compose.yaml:7: `b` has the container name `web`, as `a` does (compose.yaml:4); container names are unique, so change one",
    ];
    assert_eq!(problems(&[("compose.yaml", &names)], By::Engine), told);
    let idle = two("    container_name: web", "    container_name: web\n    profiles: [p]");
    assert_eq!(problems(&[("compose.yaml", &idle)], By::Engine), Vec::<String>::new());
}

#[test]
fn replicas_need_a_host_port_each() {
    let file = |more: &str| format!("services:\n  a:\n    image: x\n{more}\n");
    for (more, is_told) in [
        ("    ports: [\"80:80\"]\n    scale: 2", true),
        ("    ports: [\"80:80\"]\n    deploy: {replicas: 2}", true),
        ("    ports: [\"80-81:80\"]\n    scale: 3", true),
        ("    ports: [\"80-81:80\"]\n    scale: 2", false),
        ("    ports: [\"80\"]\n    scale: 2", false),
        ("    ports: [\"80:80\"]\n    scale: 1", false),
        ("    expose: [\"80\"]\n    scale: 2", false),
        ("    network_mode: host\n    ports: [\"80:80\"]\n    scale: 2", false),
    ] {
        let found = problems(&[("compose.yaml", &file(more))], By::Engine);
        assert_eq!(!found.is_empty(), is_told, "{more}: {found:?}");
        assert!(found.iter().all(|told| told.contains("compose.yaml:5")), "{found:?}");
    }
}

#[test]
fn what_others_say_implies_depends_on() {
    let file = "services:\n  a:\n    image: x\n    links: [b, 'c:see']\n    volumes_from: ['d:ro']\n    pid: service:e\n    depends_on: {b: {condition: service_healthy}}\n  b: {image: x}\n  c: {image: x}\n  d: {image: x}\n  e: {image: x}\n";
    let compose = load(&[("compose.yaml", file)]);
    assert_eq!(compose.problems, []);
    let found: Vec<String> = compose.project.services["a"]
        .depends_on
        .iter()
        .map(|(name, condition)| format!("{name} {} {}", condition.value, condition.place))
        .collect();
    let started = "service_started compose.yaml";
    assert_eq!(
        found,
        [
            "b service_healthy compose.yaml:7".to_owned(),
            format!("c {started}:4"),
            format!("d {started}:5"),
            format!("e {started}:6"),
        ]
    );
}

#[test]
fn environment_is_what_the_container_gets() {
    // Each as `docker compose config` 2.26 prints it.
    for (written, expected) in [
        ("3.10", "3.1"),
        ("0755", "493"),
        ("-0755", "-493"),
        ("08", "8"),
        ("0x1F", "31"),
        ("0o17", "15"),
        ("0b11", "3"),
        ("1_000", "1000"),
        ("1e3", "1000"),
        ("1e5", "100000"),
        ("1e6", "1e+06"),
        ("123456.5", "123456.5"),
        ("1234567.5", "1.2345675e+06"),
        ("123456789.0", "1.23456789e+08"),
        ("0.0001", "0.0001"),
        ("0.00001", "1e-05"),
        ("-0.0", "-0"),
        ("12345678901234567890", "12345678901234567890"),
        ("100000000000000000000000", "1e+23"),
        ("._5", "._5"),
        ("yes", "yes"),
        ("True", "true"),
        ("1:30", "1:30"),
        ("2024-01-01", "2024-01-01 00:00:00 +0000 UTC"),
        ("2001-12-14T21:59:43Z", "2001-12-14 21:59:43 +0000 UTC"),
        ("2001-12-14t2:9:3-05:00", "2001-12-14 02:09:03 -0500 -0500"),
        ("2001-12-14 21:59:43.50", "2001-12-14 21:59:43.5 +0000 UTC"),
        ("2001-12-14T21:59:43", "2001-12-14T21:59:43"),
        ("2001-12-14 25:00:00", "2001-12-14 25:00:00"),
        ("\"0755\"", "0755"),
        ("", "given"),
    ] {
        let file = format!("services:\n  a:\n    image: x\n    environment:\n      A: {written}\n");
        let compose = load(&[("compose.yaml", &file), (".env", "A=given\n")]);
        assert_eq!(compose.problems, [], "{written}");
        let found = &compose.project.services["a"].environment["A"];
        assert_eq!(found.value.as_deref(), Some(expected), "{written}");
    }
    let file = "services:\n  a:\n    image: x\n    environment:\n      A: .inf\n";
    let refused = problems(&[("compose.yaml", file)], By::Compose);
    assert_eq!(refused, ["compose.yaml:5: Compose takes no `.inf` and no `.nan`; put it in quotes if it is text"]);
}

#[test]
fn paths_of_included_files_are_relative_to_them() {
    let more = "services:\n  db:\n    build: .\n    env_file: db.env\n    volumes: [\"./init:/init\"]\n";
    let files = [("compose.yaml", "include: [sub/more.yaml]\n"), ("sub/more.yaml", more), ("sub/db.env", "A=1\n")];
    let compose = load(&files);
    assert_eq!(compose.problems, []);
    let db = &compose.project.services["db"];
    assert_eq!(db.build.as_ref().and_then(compose::Build::dockerfile_path).as_deref(), Some("sub/Dockerfile"));
    assert_eq!(compose.directory_of(&db.volumes[0].place.path), "sub");
    let missing = problems(&files[..2], By::Compose);
    assert_eq!(missing, ["sub/more.yaml:4: `env_file` names sub/db.env, which doesn't exist"]);
}

#[test]
fn unset_variables_are_empty_where_a_port_is_published() {
    let compose = load(&[(
        "compose.yaml",
        "services:\n  db:\n    image: x\n    ports: [\"${DB_PORT}:5432\", \"127.0.0.1:${P}:80\"]\n",
    )]);
    let ports = &compose.project.services["db"].ports;
    let found: Vec<_> = ports.iter().map(|port| (port.value.target, port.value.published.clone())).collect();
    assert_eq!(found, [(5432, None), (80, None)]);
}
