//! Attacks as they are written: one a line, each refused at its line, in words that name the danger.

use super::stand::{load, stand};
use grader::policy;
use grader::policy::Policy;

/// Each stands in a service on line 4; what is refused has to be found there, and these words in what is said.
const REFUSED: &[(&str, &str)] = &[
    ("privileged: true", "`privileged` of the service `api` is not allowed here: it gives the container power over"),
    ("privileged: 'true'", "power over the machine"),
    ("privileged: yes", "power over the machine"),
    ("privileged: 1", "power over the machine"),
    ("privileged: TRUE", "power over the machine"),
    ("privileged: ${P}", "power over the machine"),
    ("privileged: !reset true", "power over the machine"),
    ("Privileged: true", "`Privileged` isn't a key of services"),
    ("cap_add: [SYS_ADMIN]", "power over the machine"),
    ("cap_add: [CHOWN, cap_sys_admin]", "power over the machine"),
    ("cap_add: [ALL]", "power over the machine"),
    ("cap_add: [NET_ADMIN]", "power over the machine"),
    ("devices: [/dev/sda]", "a device of the machine"),
    ("devices: [{source: /dev/mem, target: /x}]", "a device of the machine"),
    ("device_cgroup_rules: ['c 1:3 mr']", "a device of the machine"),
    ("gpus: all", "a device of the machine"),
    ("blkio_config: {device_read_bps: [{path: /dev/sda, rate: 1mb}]}", "a device of the machine"),
    ("security_opt: ['seccomp:unconfined']", "power over the machine"),
    ("security_opt: ['no-new-privileges:false']", "power over the machine"),
    ("security_opt: ['apparmor=unconfined']", "power over the machine"),
    ("runtime: kata", "power over the machine"),
    ("annotations: {run.oci.hooks: x}", "power over the machine"),
    ("cgroup_parent: /x", "power over the machine"),
    ("cgroup: host", "the wall between"),
    ("network_mode: host", "the wall between"),
    ("network_mode: Host", "the wall between"),
    ("network_mode: 'container:db'", "the wall between"),
    ("network_mode: other_default", "the wall between"),
    ("pid: host", "the wall between"),
    ("pid: 'container:x'", "the wall between"),
    ("ipc: host", "the wall between"),
    ("ipc: 'container:x'", "the wall between"),
    ("uts: host", "the wall between"),
    ("userns_mode: host", "the wall between"),
    ("sysctls: {kernel.msgmax: 1}", "the machine's kernel"),
    (
        "sysctls: [net.ipv4.ip_forward=1]",
        "`sysctls` of the service `api` is not allowed here: it changes how the machine's kernel",
    ),
    ("sysctls: {net.core.somaxconn: 1, kernel.shmmax: 1}", "the machine's kernel"),
    ("cpu_rt_runtime: 95000", "the machine's kernel"),
    ("oom_kill_disable: true", "the machine's kernel"),
    ("oom_score_adj: -500", "the machine's kernel"),
    (
        "ulimits: {rtprio: 99}",
        "`ulimits.rtprio` of the service `api` is not allowed here: it changes how the machine's kernel",
    ),
    ("ulimits: {nofile: 99999999}", "more than an exercise needs"),
    (
        "ulimits: {nofile: {soft: 1024, hard: -1}}",
        "`ulimits.nofile` of the service `api` is not allowed here: it asks for more than an exercise needs",
    ),
    ("shm_size: 64gb", "more than an exercise needs"),
    ("mem_limit: 900t", "more than an exercise needs"),
    ("memswap_limit: -1", "more than an exercise needs"),
    ("tmpfs: '/run:size=500g,mode=755'", "more than an exercise needs"),
    ("volumes: [{type: tmpfs, target: /x, tmpfs: {size: 500g}}]", "more than an exercise needs"),
    ("deploy: {replicas: 1000}", "more than an exercise needs"),
    ("scale: 11", "more than an exercise needs"),
    ("scale: -1", "more than an exercise needs"),
    ("volumes_from: [other]", "the wall between"),
    ("volumes_from: ['container:x']", "the wall between"),
    ("volumes: ['/var/run/docker.sock:/s']", "holds Docker's socket"),
    ("volumes: ['/run/docker.sock:/s:ro']", "holds Docker's socket"),
    ("volumes: ['/var/run:/s']", "holds Docker's socket"),
    ("volumes: ['/run/:/s']", "holds Docker's socket"),
    ("volumes: ['/run/user/1000/podman/podman.sock:/s']", "holds Docker's socket"),
    ("volumes: [{type: bind, source: /var/run/docker.sock, target: /s}]", "holds Docker's socket"),
    ("volumes: [{type: npipe, source: x, target: /x}]", "holds Docker's socket"),
    ("volumes: ['./engine:/s']", "outside of the repository"),
    ("volumes: ['/:/host']", "outside of the repository"),
    ("volumes: ['../x:/x']", "outside of the repository"),
    ("volumes: ['~/.ssh:/x']", "outside of the repository"),
    ("volumes: ['./link:/x']", "outside of the repository"),
    ("volumes: ['./link/ssh:/x']", "outside of the repository"),
    ("volumes: ['./app/up:/x']", "outside of the repository"),
    ("volumes: ['./app/../../x:/x']", "outside of the repository"),
    ("volumes: ['${HOST}:/x']", "outside of the repository"),
    ("volumes: ['${NONE:-/etc}:/x']", "outside of the repository"),
    ("volumes: [{type: bind, source: /etc, target: /x}]", "outside of the repository"),
    ("volumes: [{type: bind, source: '${HOST}/ssh', target: /x}]", "outside of the repository"),
    ("volumes: [{type: cluster, source: x, target: /x}]", "outside of the repository"),
    ("volumes: [{type: volume, source: x, target: /x, from: y}]", "`from` isn't a key of `volumes`"),
    ("volumes: ['/etc/localtime:/x']", "could change the machine's time zone"),
    ("volumes: ['/etc/timezone:/x:rw']", "could change the machine's time zone"),
    ("volumes: [{type: bind, source: /etc/localtime, target: /x}]", "could change the machine's time zone"),
    ("volumes: ['/etc/localtime/:/x']", "outside of the repository"),
    ("volumes: [{type: bind, source: ./app, target: /x, bind: {propagation: rshared}}]", "power over the machine"),
    (
        "volumes: [{type: bind, source: ./app, target: /x, bind: {selinux: Z}}]",
        "`volumes.bind.selinux` of the service `api` is not allowed here: it gives the container power over the machine",
    ),
    ("volumes: ['./app:/x:rshared']", "power over the machine"),
    ("volumes: ['./app:/x:ro,rslave']", "power over the machine"),
    ("use_api_socket: true", "holds Docker's socket"),
    ("provider: {type: sh}", "start a program on the machine"),
    ("env_file: /etc/passwd", "outside of the repository"),
    ("env_file: [.env, ../x.env]", "outside of the repository"),
    ("env_file: [{path: link/passwd, required: false}]", "outside of the repository"),
    ("env_file: ${NONE}", "outside of the repository"),
    // Set by Docker's tools themselves, so that Compose would take the other way than we do.
    ("env_file: '${DOCKER_CLI_PLUGIN_ORIGINAL_CLI_COMMAND:+/etc/passwd}'", "outside of the repository"),
    // A value that could not be handed on as it is.
    ("env_file: '${ODD:-/etc/passwd}'", "outside of the repository"),
    // Go takes the Kelvin sign for a letter of a name.
    ("env_file: '$A\u{212a}/../../../etc/passwd'", "outside of the repository"),
    ("env_file: !!binary L2V0Yy9wYXNzd2Q=", "`!!binary` makes another value"),
    // A large file that Compose would read whole.
    ("env_file: sparse", "more than an exercise needs"),
    ("env_file: [{path: app/../sparse}]", "more than an exercise needs"),
    ("label_file: ./sparse", "more than an exercise needs"),
    ("label_file: ../labels", "outside of the repository"),
    ("extends: {file: ../other.yaml, service: x}", "outside of the repository"),
    ("extends: {file: 'https://example.com/x.yaml', service: x}", "outside of the repository"),
    ("build: ..", "outside of the repository"),
    ("build: https://github.com/x/y.git", "outside of the repository"),
    ("build: git@github.com:x/y.git", "outside of the repository"),
    ("build: link", "outside of the repository"),
    ("build: {context: ., dockerfile: ../Dockerfile}", "outside of the repository"),
    ("build: {context: ., dockerfile: /etc/Dockerfile}", "outside of the repository"),
    ("build: {context: ., dockerfile: link/Dockerfile}", "outside of the repository"),
    ("build: {dockerfile: ../Dockerfile}", "outside of the repository"),
    ("build: {context: ., additional_contexts: {x: /etc}}", "outside of the repository"),
    ("build: {context: ., additional_contexts: ['x=../y']}", "outside of the repository"),
    ("build: {context: ., additional_contexts: {x: 'https://example.com'}}", "outside of the repository"),
    ("build: {context: ., privileged: true}", "rights or keys of the machine"),
    ("build: {context: ., entitlements: [security.insecure]}", "rights or keys of the machine"),
    ("build: {context: ., ssh: [default]}", "rights or keys of the machine"),
    ("build: {context: ., network: host}", "the wall between"),
    ("build: {context: ., network: 'container:x'}", "the wall between"),
    ("build: {context: ., cache_to: ['type=local,dest=/etc']}", "rights or keys of the machine"),
    ("build: {context: ., cache_from: ['type=local,src=/etc']}", "rights or keys of the machine"),
    ("build: {context: ., args: {BUILDKIT_SYNTAX: evil/frontend}}", "somebody else wrote"),
    ("build: {context: ., args: [BUILDKIT_SYNTAX=evil/frontend]}", "somebody else wrote"),
    ("build: {context: ., additional_contexts: {x: 'docker-image://127.0.0.1:5000/x'}}", "private network"),
    ("volumes: [{type: image, source: 'localhost:5000/x', target: /x}]", "private network"),
    ("logging: {driver: syslog}", "`logging.driver` of the service `api` is not allowed here: it sends what"),
    ("logging: {driver: gelf, options: {gelf-address: 'udp://1.2.3.4:1'}}", "somewhere else"),
    ("labels: {com.docker.compose.project: other}", "act on this label"),
    ("labels: [dev.grader.run=1]", "act on this label"),
    ("labels: ['${L:-dev.grader.kept}=1']", "act on this label"),
    (
        "build: {context: ., labels: {dev.grader.kept: 'true'}}",
        "`build.labels` of the service `api` is not allowed here",
    ),
    ("build: {context: ., labels: [dev.grader.owner=x]}", "act on this label"),
    ("deploy: {labels: {dev.grader.kept: 'true'}}", "act on this label"),
    ("extra_hosts: ['host.docker.internal:host-gateway']", "a name for the host"),
    ("extra_hosts: {h: host-gateway}", "a name for the host"),
    ("extra_hosts: ['h=${G:-host-gateway}']", "a name for the host"),
    ("build: {context: ., extra_hosts: ['h=host-gateway']}", "a name for the host"),
    ("ports: ['1-65535:1-65535']", "`ports` of the service `api` is not allowed here: so many ports"),
    ("ports: ['80:80', '127.0.0.1:${PORT:-8000}-8100:8000-8100/udp']", "so many ports"),
    ("ports: ['1-40', '41-80']", "so many ports"),
    ("expose: ['1-65535']", "`expose` of the service `api` is not allowed here: so many ports"),
    ("credential_spec: {file: x}", "power over the machine"),
    ("models: [llm]", "a language model"),
    ("external_links: [db]", "outside of this Compose file"),
    ("pre_start: [{image: x, privileged: true}]", "not watched"),
    ("post_start: [{command: x, privileged: true}]", "power over the machine"),
    ("pre_stop: [{command: x, privileged: true}]", "power over the machine"),
    ("deploy: {resources: {reservations: {devices: [{capabilities: [gpu]}]}}}", "a device of the machine"),
    ("deploy: {resources: {reservations: {generic_resources: [{discrete_resource_spec: {kind: x}}]}}}", "a device"),
    ("made_up: 1", "`made_up` isn't a key of services"),
    // A merge that only Compose would see.
    ("!!merge \"<<\": {privileged: true}", "`<<` isn't a key of services"),
    ("<<: [{privileged: true}, {image: y}]", "power over the machine"),
    ("!!binary cHJpdmlsZWdlZA==: true", "isn't a key of services"),
];

#[test]
fn what_is_refused_of_a_service_is_told_with_its_line() {
    let stand = stand();
    assert!(REFUSED.len() > 100);
    for (line, words) in REFUSED {
        let found = stand.service(line);
        assert_eq!(found.len(), 1, "{line}: {found:?}");
        assert!(found[0].starts_with("compose.yaml:4: ") && found[0].contains(words), "{line}: {found:?}");
    }
}

#[test]
fn images_of_this_machine_and_its_neighbours_are_refused() {
    let stand = stand();
    let judge = |image: &str, more: &str| {
        let near = stand.written(&format!("services:\n  api:\n    image: {image}\n{more}"), &[]);
        assert!(near.len() < 2 && near.iter().all(|it| it.starts_with("compose.yaml:3: ")), "{near:?}");
        near.first().is_some_and(|it| it.contains("at an address of its own or of its private network"))
    };
    for image in ["127.0.0.1:48123/x/y:1", "localhost/x", "'[::1]:5000/x'", "registry:5000/x", "${NONE:-10.0.0.1}/x"] {
        assert!(judge(image, ""), "{image}");
    }
    for image in
        ["redis", "redis:7-alpine", "bitnami/redis", "ghcr.io/o/x", "$NONE/x", "${NONE:-registry.example.org}/x"]
    {
        assert!(!judge(image, ""), "{image}");
    }
    // It is built here and only called so.
    assert!(!judge("localhost:5000/x", "    build: .\n"));
    assert!(judge("localhost:5000/x", "    build:\n"));
    let built = "  web: {build: ., image: 'localhost:5000/x'}\n";
    assert!(!judge("localhost:5000/x", built));
    assert!(judge("localhost:5000/x:1", built));
    assert!(judge("localhost:5000/x", &format!("    pull_policy: always\n{built}")));
}

#[test]
fn what_is_refused_beside_the_services_is_told_with_its_line() {
    let stand = stand();
    for (lines, words) in [
        ("include: [../x.yaml]", "outside of the repository"),
        ("include: ['oci://example.com/x']", "outside of the repository"),
        ("include: ['https://github.com/x/y.git']", "outside of the repository"),
        ("include: ['git@github.com:x/y.git']", "outside of the repository"),
        ("include: [{path: [app/ok.yaml, /etc/x.yaml]}]", "outside of the repository"),
        ("include: [{path: app/ok.yaml, env_file: /etc/x}]", "outside of the repository"),
        ("include: [{path: app/ok.yaml, project_directory: ..}]", "outside of the repository"),
        ("volumes: {a: {external: true}}", "outside of this Compose file"),
        ("volumes: {a: {external: {name: x}}}", "outside of this Compose file"),
        ("volumes: {a: {driver: nfs}}", "reaches beyond"),
        ("volumes: {a: {driver_opts: {type: none, o: bind, device: /}}}", "outside of the repository"),
        ("volumes: {a: {driver_opts: {o: bind, device: /etc, type: ''}}}", "outside of the repository"),
        // The kernel forgets about the type where it is to bind.
        ("volumes: {a: {driver_opts: {type: tmpfs, o: bind, device: /}}}", "outside of the repository"),
        ("volumes: {a: {driver_opts: {type: tmpfs, o: 'size=1m,rbind', device: /}}}", "outside of the repository"),
        ("volumes: {a: {driver_opts: {type: nfs, o: addr=1.2.3.4, device: ':/x'}}}", "outside of the repository"),
        ("volumes: {a: {driver_opts: {type: tmpfs, device: tmpfs, o: size=1500m}}}", "counts for no container"),
        ("volumes: {a: {driver_opts: {type: TMPFS, device: none}}}", "outside of the repository"),
        ("networks: {a: {external: true}}", "outside of this Compose file"),
        ("networks: {a: {driver: host}}", "reaches beyond"),
        ("networks: {a: {driver: macvlan, driver_opts: {parent: eth0}}}", "reaches beyond"),
        ("networks: {a: {labels: {com.docker.compose.network: x}}}", "act on this label"),
        ("networks: {a: , b: , c: , d: , e: , f: , g: , h: , i: , j: , k: }", "more than an exercise needs"),
        ("secrets: {a: {file: /etc/shadow}}", "outside of the repository"),
        ("secrets: {a: {file: link/shadow}}", "outside of the repository"),
        ("secrets: {a: {environment: GITHUB_TOKEN}}", "environment of whoever runs it"),
        ("secrets: {a: {external: true}}", "outside of this Compose file"),
        ("configs: {a: {file: ~/.netrc}}", "outside of the repository"),
        ("configs: {a: {environment: HOME}}", "environment of whoever runs it"),
        ("configs: {a: {external: true}}", "outside of this Compose file"),
        ("models: {a: {model: ai/x}}", "a language model"),
        ("jobs: {a: {image: x, triggers: {manual: true}}}", "not watched"),
        // A service may be called like this, though a key of a service may not.
        ("services: {x-hidden: {image: x, privileged: true}}", "power over the machine"),
        ("surprise: 1", "`surprise` isn't a key of Compose files"),
    ] {
        let found = stand.written(
            &format!("{lines}{}", if lines.starts_with("services") { "" } else { "\nservices: {}\n" }),
            &[("app/ok.yaml", "services: {}")],
        );
        assert!(!found.is_empty(), "{lines}");
        let told = found.iter().any(|it| it.starts_with("compose.yaml:1: ") && it.contains(words));
        assert!(told, "{lines}: {found:?}");
    }
}

#[test]
fn what_other_files_hide_is_found_where_it_stands() {
    let stand = stand();
    let service = |lines: &str| format!("services:\n  b:\n    image: x\n    {lines}\n");
    let extends = "services: {a: {extends: {file: app/x.yaml, service: b}}}";
    let include = "include: [app/x.yaml]\nservices: {}";
    for (file, hidden, place, words) in [
        (extends, service("privileged: true"), "app/x.yaml:4", "power over"),
        (extends, service("volumes: [../..:/x]"), "app/x.yaml:4", "outside of the repository"),
        (extends, service("env_file: ../../x"), "app/x.yaml:4", "outside of the repository"),
        (include, service("pid: host"), "app/x.yaml:4", "the wall between"),
        (include, "include: [../../y.yaml]\nservices: {}".to_owned(), "app/x.yaml:1", "outside of the repository"),
        // The included project's own `.env` may say something else.
        (include, service("env_file: '${NONE:-x.env}'"), "app/x.yaml:4", "outside of the repository"),
        // The same file, but its paths begin elsewhere.
        (
            "include:\n  - {path: app/x.yaml, project_directory: deep/er/still}\n  - {path: app/x.yaml}\nservices: {}",
            service("env_file: ../../x.env"),
            "app/x.yaml:4",
            "outside of the repository",
        ),
        // Files that are included together have the paths of the first.
        (
            "include: [{path: [first.yaml, deep/er/x.yaml]}]\nservices: {}",
            service("env_file: ../x.env"),
            "deep/er/x.yaml:4",
            "outside of the repository",
        ),
        // The `.env` of an included project, which Compose reads by itself.
        (
            "include: [{path: app/x.yaml, project_directory: deep}]\nservices: {}",
            service("environment: ['A=${SECRET}']"),
            "deep/.env",
            "leads out of the repository",
        ),
        // Behind what some readers of YAML take for the comment's end.
        (
            "services:\n  a:\n    image: x # \u{85}    env_file: /etc/passwd\n",
            String::new(),
            "compose.yaml:3",
            "U+0085",
        ),
        ("services:\n  a:\n    image: x # \r    env_file: /etc/passwd\n", String::new(), "compose.yaml:3", "U+000D"),
        ("services: {a: {image: x}}\nservices: {}", String::new(), "compose.yaml:2", "stands twice"),
    ] {
        let found = stand
            .written(file, &[("app/x.yaml", &hidden), ("deep/er/x.yaml", &hidden), ("first.yaml", "services: {}")]);
        let told = found.iter().any(|it| it.starts_with(place) && it.contains(words));
        assert!(told, "{file}\n{hidden}: {found:?}");
    }
}

#[test]
fn a_chain_of_extends_is_followed_to_its_end() {
    let files: Vec<(String, String)> = (0..14)
        .map(|n| {
            let next = n + 1;
            let end = if n == 13 {
                "privileged: true".to_owned()
            } else {
                format!("extends: {{file: {next}.yaml, service: s}}")
            };
            (format!("{n}.yaml"), format!("services:\n  s:\n    {end}\n"))
        })
        .collect();
    let files: Vec<(&str, &str)> = files.iter().map(|(name, text)| (name.as_str(), text.as_str())).collect();
    let found = stand().written("services: {a: {extends: {file: 0.yaml, service: s}}}", &files);
    assert!(found.iter().any(|it| it.starts_with("13.yaml:3: `privileged`")), "{found:?}");
}

#[test]
fn a_refusal_says_what_could_happen_and_what_to_write() {
    let stand = stand();
    let compose = load("services:\n  api:\n    image: x\n    volumes:\n      - /var/run/docker.sock:/s\n", &[]);
    let finding = policy::written(&Policy::built_in(), &compose, &stand.root).refused.remove(0);
    insta::assert_snapshot!(finding.message, @"`volumes` of the service `api` is not allowed here: who holds Docker's socket holds the whole machine");
    insta::assert_snapshot!(finding.hint.unwrap_or_default(), @"Leave this mount out; no service needs to steer Docker.");
    assert_eq!(finding.place.map(|place| place.to_string()).as_deref(), Some("compose.yaml:5"));
    assert_eq!(finding.actual.as_deref(), Some("/var/run/docker.sock:/s"));
}

proptest::proptest! {
    #[test]
    fn no_path_that_is_let_through_leads_out(path in "[./a-z~$]{0,30}") {
        let stand = stand();
        let found = stand.service(&format!("build: '{path}'"));
        let clean = path.trim();
        if found.is_empty() && !clean.contains('$') && !clean.is_empty() {
            let joined = stand.root.join(clean);
            let found = joined.canonicalize().unwrap_or(stand.root.clone());
            proptest::prop_assert!(found.starts_with(&stand.root), "{found:?}");
        }
    }

    #[test]
    fn no_file_makes_it_panic(text in "(services|volumes|include|a|build|[ \n:{}\\[\\],*&!<$'\"#~-]|extends|file|0x1|/etc|<<){0,60}") {
        let compose = load(&text, &[]);
        policy::written(&Policy::built_in(), &compose, std::path::Path::new("/nowhere"));
        policy::resolved(&Policy::built_in(), &text, &compose, std::path::Path::new("/nowhere"));
    }
}
