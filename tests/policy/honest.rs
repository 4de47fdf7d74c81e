//! What a learner may well write: it passes.

use super::stand::stand;
use grader::compose;
use grader::dockerfile::Dockerfiles;
use grader::policy;
use grader::policy::Policy;
use std::path::Path;

const HARMLESS: &[&str] = &[
    "privileged: false",
    "cap_add: []",
    "cap_add: [NET_BIND_SERVICE, CHOWN, SETUID, CAP_SETGID, dac_override, NET_RAW, cap_net_raw]",
    "cap_drop: [ALL]",
    "security_opt: ['no-new-privileges:true', 'apparmor:docker-default', 'seccomp=builtin']",
    "network_mode: none",
    "network_mode: 'service:api'",
    "network_mode: ${MODE}",
    "ipc: shareable",
    "pid: 'service:api'",
    "cgroup: private",
    "runtime: runc",
    "sysctls: {net.core.somaxconn: 1024}",
    "sysctls: [net.core.somaxconn=1024, net.ipv4.tcp_syncookies=0]",
    "ulimits: {nofile: {soft: 20000, hard: 40000}, nproc: 65535, memlock: {soft: -1, hard: -1}, core: 0}",
    "shm_size: 128mb",
    "mem_limit: 512m",
    "mem_limit: ${MEMORY:-1g}",
    "pids_limit: -1",
    "tmpfs: /run",
    "tmpfs: ['/run', '/tmp:size=64m,mode=1777', '/x:noexec']",
    "volumes: ['.:/app', 'data:/data', /cache, './app:/x:ro', './new/file:/x', '${PWD}/app:/y', './app:/z:ro,z']",
    "volumes: [{type: tmpfs, target: /x, tmpfs: {size: 64m}}, {type: volume, source: data, target: /y}]",
    "volumes: [{type: bind, source: ./app, target: /x, read_only: true, bind: {create_host_path: false}}]",
    "volumes: ['/etc/localtime:/etc/localtime:ro', '/etc/timezone:/etc/timezone:ro']",
    "volumes: [{type: bind, source: /etc/localtime, target: /etc/localtime, read_only: true}]",
    "env_file: .env",
    "env_file: [{path: app/x.env, required: false}]",
    "env_file: '.env.${STAGE:-dev}'",
    "label_file: ./labels",
    "extends: {service: x}",
    "extends: other",
    "build: .",
    "build: ./app",
    "build: {context: app, dockerfile: ../Dockerfile, target: x, args: {A: '${B}'}}",
    "build: {context: ., additional_contexts: {x: ./app, y: 'docker-image://alpine', z: 'service:api'}}",
    "build: {context: ., args: [A=1], cache_from: ['example/app:latest', 'type=registry,ref=x'], network: none}",
    "build: {dockerfile_inline: 'FROM x', secrets: [key], platforms: [linux/amd64]}",
    "logging: {driver: json-file, options: {max-size: 1m}}",
    "annotations: {com.example.team: blue}",
    "labels: {traefik.enable: 'true', com.example.x: y}",
    "deploy: {replicas: 2, resources: {limits: {cpus: '0.5', memory: 64M}, reservations: {memory: 1M}}}",
    "deploy: {replicas: '${N:-2}', restart_policy: {condition: on-failure}}",
    "develop: {watch: [{path: ., action: rebuild}]}",
    "post_start: [{command: x, user: root}]",
    "x-mine: {privileged: true}",
    "user: root",
    "group_add: [video]",
    "dns: [1.1.1.1]",
    "extra_hosts: ['db.example.org:10.0.0.1']",
    "ports: ['8000-8010:8000-8010', '127.0.0.1:9000:80/tcp']",
    "expose: ['8000-8049']",
    "labels: {dev.graders: x}",
    "mac_address: 02:42:ac:11:00:02",
    "platform: linux/arm64",
    "pull_policy: always",
    "stop_grace_period: 1m30s",
    "blkio_config: {weight: 300}",
    "storage_opt: {size: 1G}",
    "healthcheck: {test: [CMD, 'true'], interval: 1s}",
    "ports: ['80:80', '127.0.0.1:8000-8010:8000-8010/udp', {target: 80, published: '8080'}]",
    "depends_on: {db: {condition: service_healthy}}",
    "secrets: [{source: key, target: /run/key, mode: 0400}]",
    "networks: {default: {aliases: [x], ipv4_address: 10.0.0.2}}",
];

#[test]
fn what_a_learner_may_well_write_passes() {
    let stand = stand();
    for line in HARMLESS {
        assert_eq!(stand.service(line), Vec::<String>::new(), "{line}");
    }
}

#[test]
fn whole_files_as_documentation_has_them_pass() {
    let stand = stand();
    for file in [
        "version: '3.8'\nname: blog\nservices:\n  db:\n    image: mysql:8\n    command: --default-authentication-plugin=mysql_native_password\n    volumes: [db_data:/var/lib/mysql]\n    restart: always\n    environment: {MYSQL_ROOT_PASSWORD: x}\n    expose: [3306]\n  wordpress:\n    image: wordpress\n    ports: ['80:80']\nvolumes:\n  db_data:\n",
        "x-base: &base\n  restart: unless-stopped\n  logging: {driver: json-file}\nservices:\n  web: {<<: *base, build: .}\n  db: {<<: *base, image: 'postgres:${TAG:-16}', shm_size: 128mb}\nsecrets: {key: {file: ./app/key}}\nconfigs: {c: {content: 'a: b'}, d: {file: ./app/d}}\n",
        "services:\n  cache:\n    image: redis\n    sysctls: {net.core.somaxconn: 511}\n    networks: [back]\nnetworks:\n  back: {driver: bridge, internal: true, ipam: {config: [{subnet: 172.30.0.0/16}]}}\nvolumes: {a: , b: {driver: local}, c: {external: false}}\n",
        "include: [app/other.yaml]\nservices: {a: {image: x, extends: {file: app/other.yaml, service: b}}}\n",
    ] {
        let other = ("app/other.yaml", "services: {b: {image: x, env_file: ./x.env, volumes: [../app:/x]}}");
        assert_eq!(stand.written(file, &[other]), Vec::<String>::new(), "{file}");
    }
}

#[test]
fn the_solutions_of_the_challenges_pass() {
    let challenges = Path::new(env!("CARGO_MANIFEST_DIR")).join("checks/challenges");
    let mut seen = 0;
    for challenge in std::fs::read_dir(challenges).unwrap() {
        let root = challenge.unwrap().path().join("solution").canonicalize().unwrap();
        let policy = Policy::built_in();
        let read = |path: &str| Ok(std::fs::read(root.join(path)).ok());
        if let Some(compose) = compose::load(None, &read) {
            assert_eq!(policy::written(&policy, &compose, &root).refused, Vec::new());
        }
        for name in ["Dockerfile", "app/Dockerfile"] {
            let Ok(text) = std::fs::read(root.join(name)) else { continue };
            let verdict = policy::build::dockerfile(
                &policy,
                name,
                &Dockerfiles::default().parse(&text),
                &std::collections::BTreeMap::new(),
            );
            assert!(verdict.refused.is_empty() && verdict.advised.is_empty(), "{verdict:?}");
        }
        seen += 1;
    }
    assert!(seen >= 3);
}
