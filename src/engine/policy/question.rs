//! The questions that the policy's table asks of values.

use super::Judged;
use super::path::{is_elsewhere, leads_out};
use crate::compose::model::Mount;
use crate::compose::mounts;

/// A namespace of the machine or of a foreign container.
pub(super) fn foreign_namespace(value: Judged<'_>) -> bool {
    value.text.is_none_or(|text| text == "host" || text.starts_with("container:"))
}

/// A network that is neither a mode of its own nor another service's.
pub(super) fn foreign_network_mode(value: Judged<'_>) -> bool {
    let known = |text: &str| matches!(text, "none" | "bridge" | "default") || text.starts_with("service:");
    !value.text.is_some_and(known)
}

/// A path that Compose itself reads, and that leads out of the repository or can't be known beforehand.
pub(super) fn reads_outside(value: Judged<'_>) -> bool {
    let unknown = |text: &str| !value.is_resolved && text.contains('$');
    value.text.is_none_or(|text| unknown(text) || leads_out(value.root, value.directory, text))
}

/// A build context, a Dockerfile or the like that leads out of the repository. As written it may hold variables: what
/// Compose makes of it is looked at again.
pub(super) fn leads_outside(value: Judged<'_>) -> bool {
    let unknown = |text: &str| !value.is_resolved && text.contains('$') && !is_elsewhere(text);
    value.text.is_none_or(|text| !unknown(text) && leads_out(value.root, value.directory, text))
}

/// `name=path`, or the value of such a map, for more build contexts than one.
pub(super) fn context_outside(value: Judged<'_>) -> bool {
    let Some(text) = value.text else { return true };
    let path = text.split_once('=').map_or(text, |(_, path)| path);
    let is_name = ["docker-image://", "service:", "target:"].iter().any(|prefix| path.starts_with(prefix));
    !is_name && leads_outside(Judged { text: Some(path), ..value })
}

/// A build's Dockerfile, which is named relative to its context.
pub(super) fn dockerfile_outside(value: Judged<'_>) -> bool {
    let field = |key: &str| value.node.get(key).and_then(|node| node.text()).map(|text| text.replace("$$", "$"));
    let Some(dockerfile) = field("dockerfile") else { return false };
    let context = field("context").unwrap_or_else(|| ".".to_owned());
    let path = if dockerfile.starts_with('/') { dockerfile } else { format!("{context}/{dockerfile}") };
    leads_outside(Judged { text: Some(&path), ..value })
}

fn mount(value: Judged<'_>) -> Option<Mount> {
    if let Some(text) = value.text {
        return Some(mounts::short(text));
    }
    let field = |key: &str| value.node.get(key).and_then(|node| node.text()).map(|text| text.replace("$$", "$"));
    Some(Mount { kind: field("type")?, source: field("source"), target: field("target")?, read_only: false })
}

/// A mount of the engine's socket.
pub(super) fn mounts_socket(value: Judged<'_>) -> bool {
    let is_socket = |path: &str| path.ends_with("docker.sock") || path.contains("docker_engine");
    mount(value).is_some_and(|mount| mount.source.as_deref().is_some_and(is_socket) || mount.kind == "npipe")
}

/// A mount of a path outside of the repository.
pub(super) fn mounts_outside(value: Judged<'_>) -> bool {
    match mount(value) {
        None => true,
        Some(mount) if mount.kind == "bind" => leads_outside(Judged { text: mount.source.as_deref(), ..value }),
        Some(mount) => !matches!(mount.kind.as_str(), "volume" | "tmpfs" | "image"),
    }
}

/// A mount that passes mounts on to the machine.
pub(super) fn propagates(value: Judged<'_>) -> bool {
    let short = value.text.is_some_and(|text| {
        text.rsplit(':').next().is_some_and(|mode| mode.contains("share") || mode.contains("slave"))
    });
    let long = value.node.get("bind").and_then(|bind| bind.get("propagation")).is_some();
    short || long
}

/// A log driver that sends what is printed elsewhere.
pub(super) fn foreign_logging(value: Judged<'_>) -> bool {
    !matches!(value.text, Some("json-file" | "local" | "none"))
}

/// A driver of volumes other than the engine's own.
pub(super) fn foreign_volume_driver(value: Judged<'_>) -> bool {
    value.text != Some("local")
}

/// Options that make a volume of something that is there already; memory is harmless.
pub(super) fn volume_of_something(value: Judged<'_>) -> bool {
    value.node.get("type").and_then(|kind| kind.text()) != Some("tmpfs")
}

/// A driver of networks that reaches beyond the machine's own bridges.
pub(super) fn foreign_network_driver(value: Judged<'_>) -> bool {
    !matches!(value.text, Some("bridge" | "default" | "none"))
}

/// An option other than the one that takes rights away.
pub(super) fn loosens_security(value: Judged<'_>) -> bool {
    !matches!(value.text, Some("no-new-privileges" | "no-new-privileges:true" | "no-new-privileges=true"))
}

/// A runtime other than Docker's usual one.
pub(super) fn foreign_runtime(value: Judged<'_>) -> bool {
    value.text != Some("runc")
}

/// More containers than an exercise needs.
pub(super) fn too_many(value: Judged<'_>) -> bool {
    const MOST: u32 = 10;
    let unknown = |text: &str| !value.is_resolved && text.contains('$');
    value.text.is_none_or(|text| !unknown(text) && text.parse::<u32>().map_or(true, |count| count > MOST))
}

/// A score that makes the system end other programs first.
pub(super) fn negative(value: Judged<'_>) -> bool {
    value.text.is_none_or(|text| text.starts_with('-') || text.contains('$'))
}
