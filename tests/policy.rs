//! What of a Compose file is not run: each key that is refused, with its line, before and after Compose has resolved it.

#![allow(clippy::expect_used)] // helpers of tests

use grader::compose;
use grader::engine::policy;
use std::path::Path;

/// What is refused of a file in a repository of its own, as `line: message`.
fn written(root: &Path, file: &str) -> Vec<String> {
    let compose = load(file);
    policy::written(&compose, root).into_iter().map(shown).collect()
}

fn load(file: &str) -> compose::Compose {
    let env = "HOST=/etc\nCOMPOSE_FILE=evil.yaml\n";
    let read = |path: &str| match path {
        "compose.yaml" => Ok(Some(file.as_bytes().to_vec())),
        ".env" => Ok(Some(env.as_bytes().to_vec())),
        _ => Ok(None),
    };
    compose::load(None, &read).expect("a Compose file")
}

fn shown(finding: grader::outcome::Finding) -> String {
    let line = finding.place.and_then(|place| place.line).unwrap_or_default();
    assert!(finding.hint.is_some() || finding.message.contains("is no key"), "nothing to do: {}", finding.message);
    format!("{line}: {}", finding.message)
}

/// A repository with links that lead out of it.
fn repository() -> (tempfile::TempDir, std::path::PathBuf) {
    let folder = tempfile::tempdir().expect("a folder");
    let root = folder.path().canonicalize().expect("its path").join("repository");
    std::fs::create_dir_all(root.join("app")).expect("a folder in it");
    #[cfg(unix)]
    std::os::unix::fs::symlink("/etc", root.join("link")).expect("a link");
    (folder, root)
}

/// Each stands in a service on line 4; what is refused has to be found there.
const REFUSED: &[&str] = &[
    "privileged: true",
    "privileged: 'true'",
    "privileged: ${P}",
    "cap_add: [SYS_ADMIN]",
    "devices: [/dev/sda]",
    "device_cgroup_rules: ['c 1:3 mr']",
    "gpus: all",
    "security_opt: ['seccomp:unconfined']",
    "runtime: kata",
    "cgroup_parent: /x",
    "cgroup: host",
    "network_mode: host",
    "network_mode: 'container:db'",
    "network_mode: ${MODE}",
    "pid: host",
    "pid: 'container:x'",
    "ipc: host",
    "uts: host",
    "userns_mode: host",
    "sysctls: {net.core.somaxconn: 1024}",
    "sysctls: ['net.core.somaxconn=1']",
    "volumes_from: [other]",
    "volumes_from: ['container:x']",
    "volumes: ['/var/run/docker.sock:/s']",
    "volumes: ['/:/host']",
    "volumes: ['../x:/x']",
    "volumes: ['~/.ssh:/x']",
    "volumes: ['./link:/x']",
    "volumes: ['./link/ssh:/x']",
    "volumes: ['app/../../x:/x', './app/../../x:/x']",
    "volumes: ['${HOST}:/x']",
    "volumes: ['${NONE:-/etc}:/x']",
    "volumes: [{type: bind, source: /etc, target: /x}]",
    "volumes: [{type: bind, source: ./app, target: /x, bind: {propagation: rshared}}]",
    "volumes: ['./app:/x:rshared']",
    "volumes: [{type: npipe, source: x, target: /x}]",
    "volumes: [{type: cluster, source: x, target: /x}]",
    "use_api_socket: true",
    "provider: {type: sh}",
    "env_file: /etc/passwd",
    "env_file: [.env, ../x.env]",
    "env_file: [{path: link/passwd, required: false}]",
    "env_file: ${NONE}",
    "label_file: ../labels",
    "extends: {file: ../other.yaml, service: x}",
    "extends: {file: 'https://example.com/x.yaml', service: x}",
    "build: ..",
    "build: https://github.com/x/y.git",
    "build: git@github.com:x/y.git",
    "build: link",
    "build: {context: ., dockerfile: ../Dockerfile}",
    "build: {context: ., dockerfile: /etc/Dockerfile}",
    "build: {context: ., additional_contexts: {x: /etc}}",
    "build: {context: ., additional_contexts: ['x=../y']}",
    "build: {context: ., additional_contexts: {x: 'https://example.com'}}",
    "build: {context: ., privileged: true}",
    "build: {context: ., entitlements: [security.insecure]}",
    "build: {context: ., ssh: [default]}",
    "build: {context: ., network: host}",
    "build: {context: ., cache_to: ['type=local,dest=/etc']}",
    "build: {context: ., cache_from: ['type=local,src=/etc']}",
    "logging: {driver: syslog}",
    "credential_spec: {file: x}",
    "models: [llm]",
    "external_links: [db]",
    "post_start: [{command: x, privileged: true}]",
    "pre_stop: [{command: x, privileged: true}]",
    "deploy: {replicas: 1000}",
    "deploy: {resources: {reservations: {devices: [{capabilities: [gpu]}]}}}",
    "scale: 11",
    "oom_kill_disable: true",
    "oom_score_adj: -500",
    "made_up: 1",
];

/// What a learner may well write.
const HARMLESS: &[&str] = &[
    "privileged: false",
    "cap_add: []",
    "cap_drop: [ALL]",
    "security_opt: ['no-new-privileges:true']",
    "network_mode: none",
    "network_mode: 'service:api'",
    "ipc: shareable",
    "pid: 'service:api'",
    "volumes: ['.:/app', 'data:/data', /cache, './app:/x:ro', './new/file:/x']",
    "volumes: [{type: tmpfs, target: /x}, {type: volume, source: data, target: /y}]",
    "env_file: .env",
    "env_file: [{path: app/x.env, required: false}]",
    "extends: {service: x}",
    "build: .",
    "build: {context: app, dockerfile: ../Dockerfile, target: x, args: {A: ${B}}}",
    "build: {context: ., additional_contexts: {x: ./app, y: 'docker-image://alpine', z: 'service:api'}}",
    "logging: {driver: json-file, options: {max-size: 1m}}",
    "deploy: {replicas: 2, resources: {limits: {memory: 64M}, reservations: {memory: 1M}}}",
    "deploy: {replicas: '${N:-2}'}",
    "develop: {watch: [{path: ., action: rebuild}]}",
    "post_start: [{command: x}]",
    "x-mine: {privileged: true}",
    "user: root",
];

#[test]
fn what_is_refused_of_a_service_is_told_with_its_line() {
    let (_folder, root) = repository();
    for line in REFUSED {
        let found = written(&root, &format!("services:\n  api:\n    image: x\n    {line}\n"));
        assert_eq!(found.len(), 1, "{line}: {found:?}");
        assert!(found[0].starts_with("4: "), "{line}: {found:?}");
    }
    for line in HARMLESS {
        let found = written(&root, &format!("services:\n  api:\n    image: x\n    {line}\n"));
        assert_eq!(found, Vec::<String>::new(), "{line}");
    }
}

#[test]
fn what_is_refused_beside_the_services_is_told_with_its_line() {
    let (_folder, root) = repository();
    for lines in [
        "include: [../x.yaml]",
        "include: ['oci://example.com/x']",
        "include: ['https://github.com/x/y.git']",
        "include: [{path: [ok.yaml, /etc/x.yaml]}]",
        "include: [{path: ok.yaml, env_file: /etc/x}]",
        "include: [{path: ok.yaml, project_directory: ..}]",
        "volumes: {a: {external: true}}",
        "volumes: {a: {external: {name: x}}}",
        "volumes: {a: {driver: nfs}}",
        "volumes: {a: {driver_opts: {type: none, o: bind, device: /}}}",
        "volumes: {a: {driver_opts: {o: bind, device: /etc, type: ''}}}",
        "networks: {a: {external: true}}",
        "networks: {a: {driver: host}}",
        "networks: {a: {driver: macvlan, driver_opts: {parent: eth0}}}",
        "secrets: {a: {file: /etc/shadow}}",
        "secrets: {a: {file: link/shadow}}",
        "secrets: {a: {environment: GITHUB_TOKEN}}",
        "secrets: {a: {external: true}}",
        "configs: {a: {file: ~/.netrc}}",
        "configs: {a: {environment: HOME}}",
        "models: {a: {model: ai/x}}",
        "surprise: 1",
    ] {
        let found = written(&root, &format!("{lines}\nservices: {{}}\n"));
        assert_eq!(found.len(), 1, "{lines}: {found:?}");
        assert!(found[0].starts_with("1: "), "{lines}: {found:?}");
    }
    let fine = "volumes: {a: , b: {driver: local, driver_opts: {type: tmpfs, device: tmpfs}}}\nnetworks: {n: {driver: bridge, ipam: {config: []}}}\nsecrets: {s: {file: ./app/s}}\nconfigs: {c: {content: x}}\n";
    assert_eq!(written(&root, fine), Vec::<String>::new());
}

#[test]
fn a_refusal_says_what_could_happen_and_what_to_write() {
    let (_folder, root) = repository();
    let compose = load("services:\n  api:\n    image: x\n    volumes:\n      - /var/run/docker.sock:/s\n");
    let finding = policy::written(&compose, &root).remove(0);
    insta::assert_snapshot!(finding.message, @"`volumes` of the service `api` is not allowed here: who holds Docker's socket holds the whole machine");
    insta::assert_snapshot!(finding.hint.unwrap_or_default(), @"Leave this mount out; no service needs to steer Docker.");
    assert_eq!(finding.place.map(|place| place.to_string()).as_deref(), Some("compose.yaml:5"));
    assert_eq!(finding.actual.as_deref(), Some("/var/run/docker.sock:/s"));
}

#[test]
fn the_resolved_model_is_looked_at_again() {
    let (_folder, root) = repository();
    let compose = load("services:\n  api:\n    image: x\n    volumes:\n      - ${WHERE}:/x\n");
    assert!(policy::written(&compose, &root).is_empty(), "not known yet");
    let inside = root.join("app").display().to_string();
    let model = |source: &str, name: &str| {
        format!(
            r#"{{"name":"p","services":{{"api":{{"command":null,"image":"x","{name}":[{{"type":"bind","source":"{source}","target":"/x"}}]}}}}}}"#
        )
    };
    let resolved = |model: &str| policy::resolved(model, &compose, &root).into_iter().map(shown).collect::<Vec<_>>();
    assert_eq!(resolved(&model(&inside, "volumes")), Vec::<String>::new());
    assert_eq!(resolved(&model("/etc", "volumes")).len(), 1);
    assert!(resolved(&model("/etc", "volumes"))[0].starts_with("5: "), "{:?}", resolved(&model("/etc", "volumes")));
    assert_eq!(resolved(&model(&format!("{inside}/$$x/../../../y"), "volumes")).len(), 1);
    assert!(resolved(&model("/etc", "mounts"))[0].contains("is no key"));
    assert_eq!(resolved("{"), ["0: What Compose makes of compose.yaml is more than is run: this `{` is never closed"]);
}

proptest::proptest! {
    #[test]
    fn no_path_that_is_let_through_leads_out(path in "[./a-z~$]{0,30}") {
        let (_folder, root) = repository();
        let file = format!("services:\n  api:\n    image: x\n    build: '{path}'\n");
        let clean = path.trim();
        if written(&root, &file).is_empty() && !clean.contains('$') && !clean.is_empty() {
            let joined = root.join(clean);
            let found = joined.canonicalize().unwrap_or(root.clone());
            proptest::prop_assert!(found.starts_with(&root), "{found:?}");
        }
    }
}
