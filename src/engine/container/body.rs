//! What the engine is asked for: every container bounded, labelled and with a log that can't fill the disk.

use super::limits::{DROPPED, LOG_FILE, NO_NAMES, NO_NEW_PRIVILEGES};
use super::{ContainerMount, MountFrom, PIDS, Spec};
use crate::engine::Engine;
use crate::engine::Limits;
use bollard::models::{
    ContainerCreateBody, EndpointSettings, HostConfig, HostConfigLogConfig, Mount as EngineMount, MountType,
    NetworkingConfig, PortBinding,
};
use std::collections::HashMap;

/// What a container that is shut off has to write to, in memory.
const TMP: &str = "rw,nosuid,nodev,size=64m";

pub(crate) fn body(engine: &Engine, spec: Spec) -> ContainerCreateBody {
    let ports: Vec<String> = spec.ports.iter().map(|port| format!("{port}/tcp")).collect();
    let host = host(&spec, engine.limits, &ports);
    // One empty word takes the image's own entrypoint away, as it does on the command line.
    let entrypoint = spec.entrypoint.map(|words| if words.is_empty() { vec![String::new()] } else { words });
    let networking_config = spec.network.clone().zip(spec.alias).map(|(network, alias)| NetworkingConfig {
        endpoints_config: Some(
            [(network, EndpointSettings { aliases: Some(vec![alias]), ..Default::default() })].into(),
        ),
    });
    ContainerCreateBody {
        image: Some(spec.image),
        labels: Some(engine.run.labels().into_iter().collect()),
        entrypoint,
        cmd: spec.command,
        healthcheck: spec.healthcheck,
        exposed_ports: Some(ports).filter(|ports| !ports.is_empty()),
        user: spec.user,
        env: Some(spec.env.into_iter().map(|(name, value)| format!("{name}={value}")).collect()),
        working_dir: spec.folder,
        attach_stdin: Some(spec.reads),
        open_stdin: Some(spec.reads),
        stdin_once: Some(spec.reads),
        host_config: Some(host),
        networking_config,
        ..ContainerCreateBody::default()
    }
}

/// A folder in memory of a container that a check runs.
const TMPFS: &str = "rw,noexec,nosuid,nodev,size=64m";

fn host(spec: &Spec, limits: Limits, ports: &[String]) -> HostConfig {
    let binding = PortBinding { host_ip: Some("127.0.0.1".into()), host_port: Some(String::new()) };
    let bindings = ports.iter().map(|port| (port.clone(), Some(vec![binding.clone()]))).collect();
    let (driver, options) =
        if spec.is_heard { ("none", None) } else { ("json-file", Some([("max-size".into(), LOG_FILE.into())].into())) };
    let log = HostConfigLogConfig { typ: Some(driver.into()), config: options };
    let mut host = HostConfig {
        memory: Some(limits.lone_memory()),
        memory_swap: Some(limits.lone_memory()),
        pids_limit: Some(limits.pids.map_or(PIDS, i64::from)),
        nano_cpus: limits.cpus.map(nano),
        port_bindings: Some(bindings).filter(|_| !ports.is_empty()),
        mounts: Some(spec.mounts.iter().map(mount).collect()),
        network_mode: spec.network.clone(),
        dns: limits.no_egress.then(|| vec![NO_NAMES.to_owned()]),
        log_config: Some(log),
        cap_drop: Some(DROPPED.map(str::to_owned).to_vec()),
        security_opt: Some(vec![NO_NEW_PRIVILEGES.to_owned()]),
        readonly_rootfs: spec.read_only.then_some(true),
        tmpfs: Some(spec.tmpfs.iter().map(|path| (path.clone(), TMPFS.to_owned())).collect::<HashMap<_, _>>())
            .filter(|all| !all.is_empty()),
        ..HostConfig::default()
    };
    if spec.is_shut_off {
        host.network_mode = Some("none".into());
        host.cap_drop = Some(vec!["ALL".into()]);
        host.cap_add = Some(vec!["DAC_OVERRIDE".into()]);
        host.readonly_rootfs = Some(true);
        host.tmpfs = Some(HashMap::from([("/tmp".into(), TMP.into())]));
    }
    host
}

#[allow(clippy::cast_possible_truncation)] // bounded where it is read
fn nano(cpus: f64) -> i64 {
    (cpus * 1e9).round() as i64
}

fn mount(mount: &ContainerMount) -> EngineMount {
    let (typ, source) = match &mount.source {
        MountFrom::Volume(name) => (MountType::VOLUME, name.clone()),
        MountFrom::Path(path) => (MountType::BIND, path.to_string_lossy().into_owned()),
    };
    EngineMount {
        typ: Some(typ),
        source: Some(source),
        target: Some(mount.target.clone()),
        read_only: Some(mount.read_only),
        ..EngineMount::default()
    }
}
