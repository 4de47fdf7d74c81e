//! What a run has made is removed at its end or after its death; nothing else is touched.

use crate::home::CLEANING;
use bollard::models::{ContainerCreateBody, NetworkCreateRequest, VolumeCreateRequest};
use bollard::query_parameters::{CreateContainerOptions, InspectContainerOptions};
use futures_util::StreamExt;
use grader::engine::container::{ContainerMount, MountFrom, Spec, Standalone};
use grader::engine::owned::janitor::{FOREIGN_AGE, remove_container, remove_dead, remove_run};
use grader::engine::owned::owner::{KEPT_LABEL, Owner, RUN_LABEL};
use grader::engine::owned::ownership::give;
use grader::engine::{Engine, Run};
use std::collections::HashMap;
use std::path::Path;
use std::time::{Duration, SystemTime};

tests![a_runs_things_are_removed_with_it, only_dead_runs_things_are_removed, folders_of_others_are_given_back,];

/// Creates a container that is never started; its id.
async fn container(engine: &Engine, labels: HashMap<String, String>, volume: Option<&str>) -> String {
    let volumes = volume.map(|path| vec![path.to_owned()]);
    let body = ContainerCreateBody {
        image: Some("redis:7-alpine".into()),
        labels: Some(labels),
        volumes,
        ..Default::default()
    };
    engine.docker.create_container(None::<CreateContainerOptions>, body).await.unwrap().id
}

async fn exists(engine: &Engine, id: &str) -> bool {
    engine.docker.inspect_container(id, None::<InspectContainerOptions>).await.is_ok()
}

fn labels(run: &Run) -> HashMap<String, String> {
    run.labels().into_iter().collect()
}

async fn a_runs_things_are_removed_with_it(engine: Engine) {
    let (docker, labels) = (&engine.docker, labels(&engine.run));
    let bystander = container(&engine, HashMap::new(), None).await;
    let id = container(&engine, labels.clone(), Some("/anonymous")).await;
    docker.start_container(&id, None).await.unwrap();
    let inspected = docker.inspect_container(&id, None::<InspectContainerOptions>).await.unwrap();
    let anonymous: Vec<String> = inspected.mounts.unwrap().into_iter().filter_map(|mount| mount.name).collect();
    assert_eq!(anonymous.len(), 2, "one of the image, one of ours: {anonymous:?}");
    let name = format!("grader-test-{}", engine.run.id);
    let network = NetworkCreateRequest { name: name.clone(), labels: Some(labels.clone()), ..Default::default() };
    docker.create_network(network).await.unwrap();
    let volume = VolumeCreateRequest { name: Some(name.clone()), labels: Some(labels), ..Default::default() };
    docker.create_volume(volume).await.unwrap();

    let removed = remove_run(&engine).await.unwrap();

    assert_eq!((removed.containers, removed.networks, removed.volumes), (1, 1, 1));
    assert!(!exists(&engine, &id).await);
    for volume in anonymous.iter().chain([&name]) {
        assert!(docker.inspect_volume(volume).await.is_err(), "volume {volume} is left");
    }
    assert_eq!(remove_run(&engine).await.unwrap().total(), 0, "nothing is left to remove");
    assert!(exists(&engine, &bystander).await, "a container of somebody else's was removed");
    remove_container(&engine, &bystander).await.unwrap();
}

async fn only_dead_runs_things_are_removed(engine: Engine) {
    let _no_cleaning = CLEANING.write().await;
    let alive = engine.run.clone();
    let of = |owner: Owner, hours: u64| {
        let started = SystemTime::now() - Duration::from_secs(hours * 3600);
        labels(&Run { owner, started, ..Run::new() })
    };
    let with_kept = |mut labels: HashMap<String, String>| {
        labels.insert(KEPT_LABEL.to_owned(), "true".to_owned());
        labels
    };
    let dead = Run { owner: Owner { started: "1".into(), ..alive.owner.clone() }, ..Run::new() };
    let foreign = Owner { host: "another-machine".into(), ..alive.owner.clone() };
    let cases = [
        ("a dead process's", labels(&dead), false),
        ("what a dead process has kept", labels(&Run { keep: true, ..dead.clone() }), true),
        // What a Dockerfile says of its image, its containers say, too.
        ("what says itself that it is kept", with_kept(labels(&dead)), false),
        ("another machine's of yesterday", of(foreign.clone(), 25), false),
        ("another machine's of today", of(foreign, 23), true),
        ("a live run's", of(alive.owner.clone(), 100), true),
        ("one whose process can't be read", HashMap::from([(RUN_LABEL.to_owned(), "x".to_owned())]), true),
        ("somebody else's", HashMap::new(), true),
    ];
    let mut made = Vec::new();
    for (whose, labels, stays) in cases {
        made.push((whose, container(&engine, labels, None).await, stays));
    }
    // How many it removes is not only up to this test: every run that begins removes what the dead have left.
    remove_dead(&engine, FOREIGN_AGE, false).await.unwrap();
    for (whose, id, stays) in &made {
        assert_eq!(exists(&engine, id).await, *stays, "{whose} container");
    }
    let removed = remove_dead(&engine, Duration::from_secs(22 * 3600), true).await.unwrap();
    assert!(removed.kept >= 1, "{removed:?}");
    for (whose, id, stays) in made {
        let stays = stays && !["another machine's of today", "what a dead process has kept"].contains(&whose);
        assert_eq!(exists(&engine, &id).await, stays, "{whose} container, of runs that are seen and of 22 hours");
        if stays {
            remove_container(&engine, &id).await.unwrap();
        }
    }
}

/// Folders that a container's root made for somebody else, closed to all but their owner, one in another.
async fn folders_of_others_are_given_back(engine: Engine) {
    let outside = tempfile::tempdir().unwrap();
    let folder = outside.path().join("run");
    std::fs::create_dir(&folder).unwrap();
    let made = "mkdir -p /run-folder/data/base/1 && echo kept >/run-folder/data/base/1/file \
                && ln -s /etc /run-folder/data/base/link && chown -R 999:999 /run-folder/data \
                && chmod -R u=rwX,go= /run-folder/data";
    let spec = Spec {
        image: "redis:7-alpine".into(),
        entrypoint: Some(vec!["sh".into(), "-c".into(), made.into()]),
        mounts: vec![ContainerMount {
            source: MountFrom::Path(folder.clone()),
            target: "/run-folder".into(),
            read_only: false,
        }],
        ..Spec::default()
    };
    let standalone = Standalone::start(&engine, spec).await.unwrap();
    engine.docker.wait_container(&standalone.id, None).for_each(|_| async {}).await;
    standalone.remove().await.unwrap();
    assert_eq!(owner(&folder.join("data")), 999);
    let etc = owner(Path::new("/etc"));

    let own = owner(outside.path());
    give(&engine, outside.path(), own).await.unwrap();

    for path in ["run", "run/data", "run/data/base", "run/data/base/1"] {
        assert_eq!(owner(&outside.path().join(path)), own, "{path}");
    }
    let file = folder.join("data/base/1/file");
    assert_eq!(owner(&file), 999, "files stay as they are: they can be removed all the same");
    assert_eq!(owner(Path::new("/etc")), etc, "a link was followed");
    assert_eq!(
        remove_run(&engine).await.unwrap().total(),
        usize::from(engine.network.initialized()),
        "something is left"
    );
    std::fs::remove_dir_all(&folder).unwrap();
}

fn owner(path: &Path) -> u32 {
    use std::os::unix::fs::MetadataExt as _;
    path.symlink_metadata().unwrap().uid()
}
