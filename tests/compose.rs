//! Compose files: which are read, what they say, where it stands, what Compose would refuse, and who plays which role.

#![allow(clippy::expect_used)] // helpers of tests

use grader::compose::roles::Role;
use grader::compose::{self, Compose, roles};
use grader::facts::{self, Fact, Known, registry};
use std::collections::BTreeMap;

fn load(files: &[(&str, &str)]) -> Option<Compose> {
    load_at(None, files)
}

fn load_at(path: Option<&str>, files: &[(&str, &str)]) -> Option<Compose> {
    let files: BTreeMap<&str, &str> = files.iter().copied().collect();
    compose::load(path, &|path| Ok(files.get(path).map(|text| text.as_bytes().to_vec())))
}

/// All facts of a service, a line each: `ports = … @ line`.
fn service(compose: &Compose, name: &str) -> Vec<String> {
    let facts = grader::facts::compose::collect(Some(compose), &[]);
    let prefix = format!("compose.services.{name}.");
    registry::flatten(&facts)
        .into_iter()
        .filter_map(|(fact, value)| Some((fact.strip_prefix(&prefix)?.to_owned(), value)))
        .filter(|(_, fact)| fact.because.is_none())
        .map(|(name, fact)| shown(&name, fact))
        .collect()
}

fn shown(name: &str, fact: &Fact) -> String {
    let value = match &fact.known {
        Known::Value(value) => value.to_string(),
        Known::Absent => "-".to_owned(),
        Known::Unknown(why) => format!("? {why}"),
    };
    format!("{name} = {value} @ {}", fact.place.as_ref().map(ToString::to_string).unwrap_or_default())
}

fn problems(files: &[(&str, &str)]) -> Vec<String> {
    let compose = load(files).expect("a Compose file");
    compose.problems.iter().map(|problem| format!("{}: {}", problem.place, problem.message)).collect()
}

#[test]
fn files_are_found_as_compose_finds_them() {
    let file = "services: {}";
    let handed_on = |files: &[&str]| {
        let files: Vec<_> = files.iter().map(|&name| (name, file)).collect();
        load(&files).map(|compose| compose.handed_on().map(|file| file.path.clone()).collect::<Vec<_>>().join(" "))
    };
    for (files, expected) in [
        (&["docker-compose.yaml", "docker-compose.yml"][..], Some("docker-compose.yml")),
        (&["docker-compose.yml", "compose.yml", "compose.yaml"], Some("compose.yaml")),
        (&["compose.yml", "docker-compose.override.yaml"], Some("compose.yml docker-compose.override.yaml")),
        (&["compose.yaml", "compose.override.yaml", "compose.override.yml"], Some("compose.yaml compose.override.yml")),
        (&["Compose.yaml", "compose.override.yaml"], None),
        (&[], None),
    ] {
        assert_eq!(handed_on(files).as_deref(), expected, "{files:?}");
    }
    let named = load_at(Some("deploy/prod.yaml"), &[("deploy/prod.yaml", file), ("compose.override.yaml", file)]);
    let named = named.expect("the named file");
    assert_eq!((named.path(), named.directory(), named.handed_on().count()), ("deploy/prod.yaml", "deploy", 1));
}

#[test]
fn what_compose_leaves_out_beside_its_file_is_known() {
    let file = "services: {a: {image: x}}";
    let both = [("docker-compose.yml", file), ("compose.yaml", file), ("compose.override.yaml", file)];
    let left_out = |path, files: &[_]| load_at(path, files).unwrap().left_out;
    assert_eq!(left_out(None, &both), ["docker-compose.yml"]);
    assert!(left_out(None, &both[1..]).is_empty());
    assert!(left_out(Some("compose.yaml"), &both).is_empty(), "one that is named is meant");
}

#[test]
fn a_file_of_another_name_is_named() {
    let files = ["src/app.py", "docker-compose.yaml.txt", "Compose.yml", "a/b/c/compose.yaml"].map(String::from);
    let facts = grader::facts::compose::collect(None, &files);
    let exists = facts.get("compose.exists").expect("the fact");
    assert_eq!(
        exists.because.as_deref(),
        Some(
            r#"Compose looks for compose.yaml, not for "Compose.yml", "docker-compose.yaml.txt", "a/b/c/compose.yaml""#
        )
    );
    assert!(!exists.is_true());
}

const LONG: &str = r#"
services:
  api:
    image: ${NAME:-shop}/api:${TAG}
    build:
      context: ./app
      dockerfile: ../docker/Dockerfile
      target: run
      args: [A=1, B]
    ports:
      - target: 5000
        published: 8080
        protocol: tcp
    volumes:
      - {type: bind, source: ./src, target: /app/src, read_only: true}
    depends_on:
      redis: {condition: service_healthy}
    healthcheck:
      test: [CMD, curl, -f, http://localhost:5000]
      interval: 1m30s
      retries: 5
    environment: {DEBUG: true, TOKEN: , PORT: 5000}
    networks: {back: {aliases: [x]}}
    restart: unless-stopped
    user: "1000"
    develop: {watch: [{path: ./src, action: sync, target: /app}]}
networks: {back: }
"#;

#[test]
fn long_forms() {
    let compose = load(&[("compose.yaml", LONG), (".env", "TAG=2\nCOMPOSE_FILE=x\n")]).expect("a file");
    insta::assert_snapshot!(service(&compose, "api").join("\n"), @"
image = shop/api:2 @ compose.yaml:4
build = args: A: 1, B: none, context: ./app, dockerfile: ../docker/Dockerfile, target: run @ compose.yaml:5
ports = host_ip: none, protocol: tcp, published: 8080, target: 5000 @ compose.yaml:10
volumes = read_only: true, source: ./src, target: /app/src, type: bind @ compose.yaml:14
depends_on = redis: service_healthy @ compose.yaml:16
healthcheck = command: curl -f http://localhost:5000, interval: 1m 30s, kind: cmd, retries: 5, start_period: none, timeout: none @ compose.yaml:18
environment = DEBUG: true, PORT: 5000, TOKEN: none @ compose.yaml:22
networks = back @ compose.yaml:23
restart = unless-stopped @ compose.yaml:24
user = 1000 @ compose.yaml:25
watch = ./src @ compose.yaml:26
");
    assert_eq!(compose.project.services["api"].build.as_ref().unwrap().dockerfile_path().unwrap(), "docker/Dockerfile");
}

const SHORT: &str = r#"
version: "3.8"
x-common: &common
  restart: always
  environment: &env [A=1, "B=$$x"]
services:
  api:
    <<: *common
    build: .
    ports: ["8080:5000", 9000]
    volumes: [".:/app", "data:/data:ro", /cache]
    tmpfs: /tmp
    depends_on: [redis]
    healthcheck: {test: curl -f localhost}
  redis:
    image: redis:7
    healthcheck: {disable: true}
volumes:
  data:
"#;

#[test]
fn short_forms_anchors_and_merge_keys() {
    let compose = load(&[("docker-compose.yml", SHORT)]).expect("a file");
    insta::assert_snapshot!(service(&compose, "api").join("\n"), @"
build = args: none, context: ., dockerfile: Dockerfile, target: none @ docker-compose.yml:9
ports = host_ip: none, protocol: tcp, published: 8080, target: 5000, host_ip: none, protocol: tcp, published: none, target: 9000 @ docker-compose.yml:10
volumes = read_only: false, source: ., target: /app, type: bind, read_only: true, source: data, target: /data, type: volume, read_only: false, source: none, target: /cache, type: volume, read_only: false, source: none, target: /tmp, type: tmpfs @ docker-compose.yml:11
depends_on = redis: service_started @ docker-compose.yml:13
healthcheck = command: curl -f localhost, interval: none, kind: shell, retries: none, start_period: none, timeout: none @ docker-compose.yml:14
environment = A: 1, B: $x @ docker-compose.yml:5
restart = always @ docker-compose.yml:4
");
    insta::assert_snapshot!(service(&compose, "redis").join("\n"), @"
image = redis:7 @ docker-compose.yml:16
healthcheck = command: none, interval: none, kind: none, retries: none, start_period: none, timeout: none @ docker-compose.yml:17
");
    assert_eq!(compose.problems, []);
}

#[test]
fn an_override_is_laid_over() {
    let over = r#"
services:
  api:
    image: other
    ports: ["8080:5000", "1:1"]
    volumes: ["./x:/data"]
    environment: {A: 2}
    depends_on: !reset []
    healthcheck: !override {test: [NONE]}
  extra: {image: x}
"#;
    let compose = load(&[("compose.yaml", SHORT), ("compose.override.yaml", over)]).expect("a file");
    insta::assert_snapshot!(service(&compose, "api").join("\n"), @"
image = other @ compose.override.yaml:4
build = args: none, context: ., dockerfile: Dockerfile, target: none @ compose.yaml:9
ports = host_ip: none, protocol: tcp, published: 8080, target: 5000, host_ip: none, protocol: tcp, published: none, target: 9000, host_ip: none, protocol: tcp, published: 1, target: 1 @ compose.override.yaml:5
volumes = read_only: false, source: ., target: /app, type: bind, read_only: false, source: ./x, target: /data, type: bind, read_only: false, source: none, target: /cache, type: volume, read_only: false, source: none, target: /tmp, type: tmpfs @ compose.override.yaml:6
healthcheck = command: none, interval: none, kind: none, retries: none, start_period: none, timeout: none @ compose.override.yaml:9
environment = A: 2, B: $x @ compose.override.yaml:7
restart = always @ compose.yaml:4
");
    assert_eq!(compose.project.services.len(), 3);
    assert_eq!(compose.problems, []);
}

#[test]
fn services_are_extended_and_included() {
    let main = "include: [more/compose.yaml]\nservices:\n  a: {extends: {file: base.yaml, service: b}, user: me}\n  c: {extends: {service: a}, restart: always}\n";
    let base = "services:\n  b: {image: redis, user: you, ports: [1]}\n";
    let more = "services:\n  d: {build: .}\n";
    let compose =
        load(&[("compose.yaml", main), ("base.yaml", base), ("more/compose.yaml", more)]).expect("a Compose file");
    assert_eq!(compose.problems, []);
    let c = &compose.project.services["c"];
    let said = (c.image.as_ref().map(|image| image.value.as_str()), c.user.as_ref().map(|user| user.value.as_str()));
    assert_eq!(said, (Some("redis"), Some("me")));
    assert_eq!(c.place.to_string(), "compose.yaml:4");
    assert_eq!(compose.project.services["d"].build.as_ref().unwrap().dockerfile_path().unwrap(), "more/Dockerfile");
    let itself = load(&[("compose.yaml", "services:\n  a: {extends: b}\n  b: {extends: a}\n")]);
    assert!(itself.is_some());
}

#[test]
fn a_missing_file_is_told_where_it_is_named() {
    let main =
        "include:\n  - path: [more.yaml]\nservices:\n  a: {image: x, extends: {file: no/base.yaml, service: b}}\n";
    insta::assert_snapshot!(problems(&[("compose.yaml", main)]).join("\n"), @r"
    compose.yaml:2: the file more.yaml doesn't exist
    compose.yaml:4: the file no/base.yaml doesn't exist
    ");
}

#[test]
fn what_is_taken_over_is_taken_over_once_and_bounded() {
    let times = |line: &dyn Fn(usize) -> String, count: usize| (0..count).map(line).collect::<String>();
    let links = times(&|n| format!("  s{:02}: {{extends: s{n:02}}}\n", n + 1), 16);
    let chain = format!("services:\n  s00: {{image: x, profiles: [a, b], ports: [1]}}\n{links}");
    let compose = load(&[("compose.yaml", &chain)]).expect("a Compose file");
    assert_eq!(compose.project.services["s09"].profiles, ["a", "b"]);
    assert!(compose.project.services.values().all(|service| service.profiles.len() <= 2));

    let (base, many) =
        (times(&|n| format!("k{n}: v,"), 1_000), times(&|n| format!("  s{n}: {{extends: base}}\n"), 1_000));
    let bomb = format!("services:\n  base: {{image: x, environment: {{{base}}}}}\n{many}");
    let told = problems(&[("compose.yaml", &bomb)]);
    assert!(told[0].contains("services take over more than 40000 values from others here"), "{told:?}");

    let extended = times(&|n| format!("  s{n}: {{extends: {{file: f{n}, service: a}}}}\n"), 3_000);
    for file in [format!("include: [{}]\n", times(&|n| format!("f{n},"), 15_000)), format!("services:\n{extended}")] {
        let told = problems(&[("compose.yaml", &file)]);
        assert_eq!(told.len(), compose::MAX_FILES, "{told:?}");
        assert!(told[compose::MAX_FILES - 1].contains("more than 20 Compose files"), "{told:?}");
    }
}

#[test]
fn what_compose_would_refuse_is_found_with_its_place() {
    for (file, expected) in [
        ("", &["compose.yaml: the file is empty"][..]),
        ("- a", &["compose.yaml:1: a Compose file must be a map of keys and values, not a list"]),
        ("services: [a]", &["compose.yaml:1: `services` must be a map of names, not a list"]),
        (
            "service:\n  a: {image: x}",
            &["compose.yaml:1: `service` isn't a key of Compose files; did you mean `services`?"],
        ),
        (
            "services:\n  a:\n    image: x\n    prots: [1]",
            &["compose.yaml:4: `prots` isn't a key of services; did you mean `ports`?"],
        ),
        ("services:\n  a: {image: x, x-y: 1}\nx-z: 2", &[]),
        ("services:\n  a:\n    ports: [1]", &["compose.yaml:2: the service `a` has neither an `image` nor a `build`"]),
        (
            "services:\n  a: {image: x, depends_on: [b]}",
            &["compose.yaml:2: `a` depends on a service `b` that doesn't exist"],
        ),
        (
            "services:\n  a: {image: x, volumes: [data:/d]}",
            &["compose.yaml:2: the volume `data` of `a` is not defined under `volumes:`"],
        ),
        (
            "services:\n  a: {image: x, networks: [n]}",
            &["compose.yaml:2: the network `n` of `a` is not defined under `networks:`"],
        ),
        (
            "services:\n  a: {image: x, build: {contxt: .}}",
            &["compose.yaml:2: `contxt` isn't a key of `build`; did you mean `context`?"],
        ),
        (
            "services:\n  a:\n    image: x\n    healthcheck:\n      test: [curl, x]",
            &["compose.yaml:5: the `test` of `a` must be a text, or a list that begins with CMD, CMD-SHELL or NONE"],
        ),
        ("services:\n  a: {image: x}\n  a: {image: y}", &["compose.yaml:3: the key `a` stands twice in this map"]),
    ] {
        assert_eq!(problems(&[("compose.yaml", file)]), expected, "{file}");
    }
}

#[test]
fn a_file_that_cannot_be_read_is_said_to_be_so() {
    let refuse = |path: &str| match path {
        "compose.yaml" => Err("it is no regular file".to_owned()),
        _ => Ok(None),
    };
    let compose = compose::load(None, &refuse).expect("it is there");
    let facts = grader::facts::compose::collect(Some(&compose), &[]);
    assert!(facts.get("compose.exists").is_some_and(Fact::is_true));
    let services = facts.get("compose.services").expect("the fact");
    assert_eq!(services.because.as_deref(), Some("compose.yaml can not be read: it is no regular file"));
    let big = "#".repeat(grader::yaml::MAX_BYTES + 1);
    assert!(problems(&[("compose.yaml", &big)])[0].contains("1024 KiB"));
}

#[test]
fn roles_are_found_by_what_services_are() {
    let roles: BTreeMap<String, Role> = [
        ("api".to_owned(), Role::BuiltFrom("Dockerfile".to_owned())),
        ("redis".to_owned(), Role::Image(vec!["redis*".to_owned()])),
    ]
    .into();
    for (services, api, redis) in [
        ("web: {build: .}\n  cache: {image: 'docker.io/library/redis:7'}", Ok("web"), Ok("cache")),
        (
            "web: {build: {context: app, dockerfile: ../Dockerfile}}",
            Ok("web"),
            Err("no service has an image that fits `redis*`"),
        ),
        (
            "web: {build: app}\n  redis: {build: ., image: redis}",
            Ok("redis"),
            Err("no service has an image that fits `redis*`"),
        ),
        ("web: {build: .}\n  api: {build: .}\n  r: {image: redis/redis-stack}", Ok("api"), Ok("r")),
        (
            "web: {build: .}\n  worker: {build: ., ports: [5000]}",
            Ok("worker"),
            Err("no service has an image that fits `redis*`"),
        ),
        (
            "a: {build: .}\n  b: {build: ./}\n  c: {image: 'registry:5000/redis@sha256:00'}",
            Err("`a` and `b` could each be the api; call one of them `api`"),
            Ok("c"),
        ),
    ] {
        let compose = load(&[("compose.yaml", &format!("services:\n  {services}\n"))]).expect("a file");
        let found = roles::resolve(&roles, &compose.project);
        let text = |expected: Result<&str, &str>| expected.map(str::to_owned).map_err(str::to_owned);
        assert_eq!((&found["api"], &found["redis"]), (&text(api), &text(redis)), "{services}");
    }
}

#[test]
fn image_patterns() {
    for (pattern, image, fits) in [
        ("redis*", "redis", true),
        ("redis*", "redis:7-alpine", true),
        ("redis", "localhost/redis:7", true),
        ("redis*", "bitnami/redis", false),
        ("*redis", "ghcr.io/bitnami/redis:7", true),
        ("redis:7*", "redis:7-alpine", true),
        ("redis:7*", "redis", false),
        ("redis:latest", "redis", true),
        ("a*b*c", "axxbyyc", true),
        ("a*b*c", "axxc", false),
    ] {
        assert_eq!(roles::image_fits(pattern, image), fits, "{pattern} {image}");
    }
}

proptest::proptest! {
    #[test]
    fn nothing_a_learner_writes_makes_it_panic(main in "[a-z:{}\\[\\]$\"'&*<!| \n-]{0,200}", env in "[A-Z=${}\"'\n#]{0,60}") {
        let _ = load(&[("compose.yaml", &main), (".env", &env)]);
    }

    #[test]
    fn forms_of_services_never_panic(text in "[a-z0-9:/.\\-$\\[\\]]{0,40}") {
        let file = format!("services:\n  a:\n    image: '{text}'\n    ports: ['{text}']\n    volumes: ['{text}']\n    healthcheck: {{test: ['{text}'], interval: '{text}'}}\n");
        let compose = load(&[("compose.yaml", &file)]).expect("a file");
        let _ = grader::facts::compose::collect(Some(&compose), &[]);
    }
}

#[test]
fn what_a_service_may_do_is_known() {
    let file = "\
services:
  web:
    image: web
    read_only: true
    cap_drop: [ALL]
    cap_add: [NET_BIND_SERVICE]
    command: [serve, --port, 80]
    entrypoint: /run.sh now
    env_file: [.env.web]
    container_name: site
    expose: [80]
    profiles: [tools]
    secrets: [token]
    deploy: { resources: { limits: { memory: 64M, cpus: '0.5' } } }
    pids_limit: 50
  db: { image: db, network_mode: host, mem_limit: 1gb }
secrets: { token: { file: token.txt } }
networks: { back: { internal: true, driver: bridge }, shared: { external: true } }
volumes: { data: , old: { external: true } }
";
    let compose = load(&[("compose.yaml", file), (".env.web", ""), ("token.txt", "x")]).unwrap();
    let facts = facts::compose::collect(Some(&compose), &[]);
    for (name, value, line) in [
        ("services.web.read_only", "true", Some(4)),
        ("services.db.read_only", "false", Some(16)),
        ("services.web.privileged", "false", Some(2)),
        ("services.web.cap_drop", r#"["ALL"]"#, Some(5)),
        ("services.web.cap_add", r#"["NET_BIND_SERVICE"]"#, Some(6)),
        ("services.web.command", r#"["serve","--port","80"]"#, Some(7)),
        ("services.web.entrypoint", r#"["/run.sh now"]"#, Some(8)),
        ("services.web.env_file", r#"[".env.web"]"#, Some(9)),
        ("services.web.container_name", r#""site""#, Some(10)),
        ("services.web.expose", r#"["80"]"#, Some(11)),
        ("services.web.profiles", r#"["tools"]"#, Some(12)),
        ("services.web.secrets", r#"["token"]"#, Some(13)),
        ("services.web.resources", r#"{"cpus":"0.5","memory":67108864,"pids":50}"#, Some(14)),
        ("services.db.resources.memory", "1073741824", Some(16)),
        ("services.db.network_mode", r#""host""#, Some(16)),
        ("services.db.command", "null", Some(16)),
        ("network.back.internal", "true", Some(18)),
        ("network.back.driver", r#""bridge""#, Some(18)),
        ("network.shared.external", "true", Some(18)),
        ("volume.data.external", "false", Some(19)),
        ("volume.old.external", "true", Some(19)),
    ] {
        let path: Vec<&str> = std::iter::once("compose").chain(name.split('.')).collect();
        let fact = facts.at(&path).unwrap_or_else(|| panic!("no {name}"));
        let place = fact.place.as_ref().and_then(|place| place.line);
        assert_eq!((facts::json::value(fact).to_string().as_str(), place), (value, line), "{name}");
    }
}

#[test]
fn networks_and_volumes_play_roles() {
    let file = "\
services:
  web: { image: web, networks: [front, back] }
  store: { image: postgres, networks: [back], volumes: ['data:/var/lib/postgresql/data/', '/cache'] }
  lone: { image: lone }
networks: { front: , back: { internal: true } }
volumes: { data: }
";
    let compose = load(&[("compose.yaml", file)]).unwrap();
    let names = |names: &[&str]| names.iter().map(|&name| name.to_owned()).collect::<Vec<_>>();
    let wanted: BTreeMap<String, Role> = [
        ("db", Role::Image(names(&["postgres*"]))),
        ("cache", Role::Image(names(&["redis*"]))),
        ("between", Role::Network(names(&["web", "db"]))),
        ("apart", Role::Network(names(&["lone", "db"]))),
        ("alone", Role::Network(names(&["lone"]))),
        ("front", Role::Network(names(&["web"]))),
        ("rows", Role::Volume("db".into(), "/var/lib/postgresql/data".into())),
        ("none", Role::Volume("db".into(), "/data".into())),
        ("nameless", Role::Volume("db".into(), "/cache".into())),
        ("nobody", Role::Network(names(&["web", "cache"]))),
    ]
    .map(|(name, role)| (name.to_owned(), role))
    .into();
    let found = roles::resolve(&wanted, &compose.project);
    let mut facts = facts::compose::collect(Some(&compose), &[]);
    facts::compose::put_roles(&mut facts, &found);
    for (role, expected, line) in [
        ("db", Ok("store"), 3),
        ("cache", Err("no service has an image that fits `redis*`"), 1),
        ("between", Ok("back"), 5),
        ("apart", Err("no network has `lone` and `db`"), 1),
        ("alone", Ok("default"), 1),
        ("front", Ok("front"), 5),
        ("rows", Ok("data"), 6),
        ("none", Err("`db` has no volume at /data"), 1),
        ("nameless", Err("`db` has a volume without a name at /cache"), 1),
        ("nobody", Err("no service has an image that fits `redis*`"), 1),
    ] {
        assert_eq!(found[role].as_deref().map_err(String::as_str), expected, "{role}");
        let present = facts.at(&["roles", role, "present"]).unwrap();
        assert_eq!((present.is_true(), present.because.as_deref()), (expected.is_ok(), expected.err()), "{role}");
        assert_eq!(present.place.as_ref().and_then(|place| place.line), Some(line), "{role}");
    }
    // Without a Compose file, that is why.
    let mut facts = facts::compose::collect(None, &[]);
    facts::compose::put_roles(&mut facts, &roles::resolve(&wanted, &compose::Project::default()));
    let present = facts.at(&["roles", "db", "present"]).unwrap();
    assert_eq!(present.because.as_deref(), Some("there is no compose.yaml in the repository"));
}
