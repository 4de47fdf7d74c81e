//! The engine is found as the Docker CLI finds it, and what stands in the way is told apart.

use crate::common::program;
use grader::engine::connect::doctor;
use grader::engine::connect::doctor::Standing;
use grader::engine::{Engine, NoEngine, Run};
use std::io::{Read, Write};
use std::os::unix::fs::PermissionsExt;
use std::os::unix::net::UnixListener;
use std::path::Path;

tests![
    the_engine_and_its_tools_are_described,
    the_doctor_finds_nothing_wrong,
    what_stands_in_the_way_is_told_apart,
    missing_and_old_tools_are_told_apart,
    tools_get_no_variable_of_ours,
];

async fn the_engine_and_its_tools_are_described(engine: Engine) {
    for version in [&engine.versions.version, &engine.versions.api, &engine.versions.buildx, &engine.versions.compose] {
        assert!(version.starts_with(|letter: char| letter.is_ascii_digit()), "{:?}", engine.versions);
    }
    assert!(engine.platform.starts_with("linux/"), "{}", engine.platform);
    assert!(engine.root_dir.starts_with('/'), "{}", engine.root_dir);
}

async fn the_doctor_finds_nothing_wrong(_: Engine) {
    let checks = doctor::examine().await;
    let names: Vec<_> = checks.iter().map(|check| check.name).collect();
    assert_eq!(names, ["context", "engine", "disk", "builds", "containers", "registry"]);
    for check in checks {
        assert_ne!(check.standing, Standing::Fail, "{check:?}");
        assert_eq!(check.standing == Standing::Ok, check.remedy.is_none(), "{check:?}");
    }
}

/// Connects with `DOCKER_HOST` set so.
async fn connect(host: String) -> NoEngine {
    let variable = |name: &str| match name {
        "DOCKER_HOST" => Some(host.clone()),
        name => std::env::var(name).ok(),
    };
    Engine::connect_with(Run::new(), &variable).await.unwrap_err()
}

/// A socket where a canned answer is given to every request.
fn pretend(socket: &Path, version: &'static str) {
    let listener = UnixListener::bind(socket).unwrap();
    std::thread::spawn(move || {
        for stream in listener.incoming() {
            let Ok(mut stream) = stream else { return };
            let _ = stream.read(&mut [0; 4096]);
            let head =
                format!("HTTP/1.1 200 OK\r\nContent-Type: application/json\r\nContent-Length: {}", version.len());
            let _ = write!(stream, "{head}\r\nConnection: close\r\n\r\n{version}");
        }
    });
}

async fn what_stands_in_the_way_is_told_apart(_: Engine) {
    let folder = tempfile::tempdir().unwrap();
    let host = |name: &str| format!("unix://{}", folder.path().join(name).display());
    assert!(matches!(connect(host("nothing")).await, NoEngine::WrongHost { .. }));
    assert!(matches!(connect("tcp://127.0.0.1:1".into()).await, NoEngine::WrongHost { .. }));
    assert!(matches!(connect("ssh://there".into()).await, NoEngine::Unsupported { .. }));

    pretend(&folder.path().join("old"), r#"{"Version":"20.10.24","ApiVersion":"1.41","Os":"linux","Arch":"amd64"}"#);
    let old = connect(host("old")).await;
    assert!(matches!(&old, NoEngine::TooOld { tool: "Docker Engine", .. }), "{old:?}");
    assert!(
        old.sentence().starts_with("Docker Engine 20.10.24 is too old: 25.0 or newer is needed. "),
        "{}",
        old.sentence()
    );
    let podman = r#"{"Components":[{"Name":"Podman Engine","Version":"5.0"}],"Version":"5.0","ApiVersion":"1.41"}"#;
    pretend(&folder.path().join("podman"), podman);
    assert!(matches!(connect(host("podman")).await, NoEngine::NotDocker { .. }));
    pretend(
        &folder.path().join("windows"),
        r#"{"Version":"27.0.1","ApiVersion":"1.46","Os":"windows","Arch":"amd64"}"#,
    );
    assert_eq!(connect(host("windows")).await, NoEngine::WindowsContainers);
    pretend(&folder.path().join("other"), "hello");
    assert!(matches!(connect(host("other")).await, NoEngine::Failed(_)));

    let closed = folder.path().join("closed");
    let _listener = UnixListener::bind(&closed).unwrap();
    std::fs::set_permissions(&closed, PermissionsExt::from_mode(0o000)).unwrap();
    let found = connect(host("closed"));
    if rustix::process::geteuid().is_root() {
        return; // to whom nothing is forbidden
    }
    assert!(matches!(found.await, NoEngine::Permission { .. }));
}

async fn missing_and_old_tools_are_told_apart(_: Engine) {
    for (docker, old_compose, expected) in [
        (None, false, NoEngine::NotInstalled),
        (Some("exit 1"), false, NoEngine::NoBuildx),
        (
            Some("echo github.com/docker/buildx v0.12.1 x"),
            false,
            NoEngine::TooOld { tool: "Buildx", found: "0.12.1".into(), needed: "0.13" },
        ),
        (Some("case $* in *buildx*) echo x v0.13.0;; *) exit 1; esac"), false, NoEngine::NoCompose),
        (Some("case $* in *buildx*) echo x v0.13.0;; *) exit 1; esac"), true, NoEngine::ComposeV1Only),
        (
            Some("case $* in *buildx*) echo x v0.13.0;; *) echo v2.23.3; esac"),
            true,
            NoEngine::TooOld { tool: "Docker Compose", found: "2.23.3".into(), needed: "2.24" },
        ),
    ] {
        let folder = tempfile::tempdir().unwrap();
        if let Some(script) = docker {
            program(&folder.path().join("docker"), &format!("#!/bin/sh\n{script}\n"));
        }
        if old_compose {
            program(&folder.path().join("docker-compose"), "#!/bin/sh\n");
        }
        let variable = |name: &str| match name {
            "PATH" => Some(folder.path().display().to_string()),
            name => std::env::var(name).ok(),
        };
        assert_eq!(Engine::connect_with(Run::new(), &variable).await.unwrap_err(), expected);
    }
}

async fn tools_get_no_variable_of_ours(engine: Engine) {
    let folder = tempfile::tempdir().unwrap();
    let file = folder.path().join("compose.yaml");
    std::fs::write(&file, "services: {a: {image: \"i:$HOME$PATH${CARGO_MANIFEST_DIR}\"}}").unwrap();
    assert!(std::env::var_os("PATH").is_some());
    let file = file.to_str().unwrap();
    let args = ["compose", "--file", file, "config", "--format", "json"];
    let bare = engine.cli.bare(args).run().await.unwrap();
    assert!(bare.stdout.text().contains("\"image\": \"i:\""), "{}", bare.stdout.text());
    let with_dockers = engine.cli.command(args).run().await.unwrap().stdout.text();
    assert!(!with_dockers.contains(env!("CARGO_MANIFEST_DIR")), "{with_dockers}");
}
