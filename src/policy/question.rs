//! The questions that the policy asks of values by their names; they are code because they look at the repository.

use super::Judged;
use super::path::{is_elsewhere, is_huge, leads_out};
use super::registry::is_near;
use crate::compose::env;
use crate::compose::model::Mount;
use crate::compose::mounts;

/// A question to a value.
#[derive(Debug)]
pub struct Question {
    /// Its name.
    pub name: &'static str,
    /// Whether it is asked of the value as a whole and not of each item.
    pub of_whole: bool,
    /// Whether it is asked of maps too, though their keys have rules of their own.
    pub reads_maps: bool,
    /// Yes speaks against the value.
    pub ask: fn(&Judged<'_>) -> bool,
}

/// All questions.
pub static QUESTIONS: [Question; 15] = [
    Question { name: "file-outside", of_whole: false, reads_maps: false, ask: file_outside },
    Question { name: "file-huge", of_whole: false, reads_maps: false, ask: file_huge },
    Question { name: "path-outside", of_whole: false, reads_maps: false, ask: path_outside },
    Question { name: "context-outside", of_whole: false, reads_maps: false, ask: context_outside },
    Question { name: "dockerfile-outside", of_whole: false, reads_maps: false, ask: dockerfile_outside },
    Question { name: "registry-near", of_whole: false, reads_maps: false, ask: registry_near },
    Question { name: "context-near", of_whole: false, reads_maps: false, ask: context_near },
    Question { name: "mount-near", of_whole: false, reads_maps: true, ask: mount_near },
    Question { name: "mount-outside", of_whole: false, reads_maps: true, ask: mount_outside },
    Question { name: "mount-clock", of_whole: false, reads_maps: true, ask: mount_clock },
    Question { name: "mount-socket", of_whole: false, reads_maps: true, ask: mount_socket },
    Question { name: "mount-shared", of_whole: false, reads_maps: true, ask: mount_shared },
    Question { name: "foreign-device", of_whole: true, reads_maps: true, ask: foreign_device },
    Question { name: "ports-wide", of_whole: false, reads_maps: false, ask: ports_wide },
    Question { name: "ports-many", of_whole: true, reads_maps: false, ask: ports_many },
];

/// A path that Compose itself reads, and that leads out of the repository or can't be known beforehand.
fn file_outside(value: &Judged<'_>) -> bool {
    let Some(text) = value.text else { return true };
    let written = value.node.text().unwrap_or_default();
    let is_known = value.is_resolved || (!text.contains('$') && (!value.may_vary || !written.contains('$')));
    !is_known || (!value.is_resolved && !env::is_certain(written)) || leads_out(value.root, value.directory, text)
}

/// A file that Compose itself reads, and that is larger than a mebibyte.
fn file_huge(value: &Judged<'_>) -> bool {
    value.text.is_some_and(|text| is_huge(value.root, value.directory, text))
}

/// A build context or the like that leads out of the repository. As written it may hold variables: what Compose makes of
/// it is looked at again.
fn path_outside(value: &Judged<'_>) -> bool {
    value.text.is_none_or(|text| is_outside(value, text))
}

fn is_outside(value: &Judged<'_>, text: &str) -> bool {
    let is_unknown = !value.is_resolved && text.contains('$') && !is_elsewhere(text);
    !is_unknown && leads_out(value.root, value.directory, text)
}

/// `name=path`, for more build contexts than one.
fn context_outside(value: &Judged<'_>) -> bool {
    let Some(text) = value.text else { return true };
    let path = text.split_once('=').map_or(text, |(_, path)| path);
    let is_name = ["docker-image://", "service:", "target:"].iter().any(|prefix| path.starts_with(prefix));
    !is_name && is_outside(value, path)
}

/// A build's Dockerfile, which is named relative to its context.
fn dockerfile_outside(value: &Judged<'_>) -> bool {
    let Some(dockerfile) = value.text else { return true };
    let context = value.field(value.parent, "context").unwrap_or_else(|| ".".to_owned());
    // A context outside is told itself.
    let is_told = is_outside(value, &context);
    let path = if dockerfile.starts_with('/') { dockerfile.to_owned() } else { format!("{context}/{dockerfile}") };
    !is_told && is_outside(value, &path)
}

/// An image of a registry on this machine or beside it. What a service builds, for itself or for others, only gets that
/// name.
fn registry_near(value: &Judged<'_>) -> bool {
    let own = value.parent.and_then(|service| service.get("build")).is_some_and(|build| !build.is_null());
    let is_pulled = value.field(value.parent, "pull_policy").as_deref() == Some("always");
    let is_built = own || (!is_pulled && value.node.text().is_some_and(|image| value.built.contains(image)));
    !is_built && value.text.is_some_and(|image| is_image_near(value, image))
}

fn is_image_near(value: &Judged<'_>, image: &str) -> bool {
    (value.is_resolved || !image.contains('$')) && is_near(image)
}

/// A build context that is such an image.
fn context_near(value: &Judged<'_>) -> bool {
    let image = value.text.and_then(|text| text.split_once("docker-image://"));
    image.is_some_and(|(_, image)| is_image_near(value, image))
}

/// The most ports that a service publishes or exposes.
const MAX_PORTS: u32 = 50;

/// How many ports a range has: `8000-8100`, `127.0.0.1:8000-8100:80/tcp`. As written, one with variables counts for one.
fn ports(text: &str) -> u32 {
    let range = |part: &str| {
        let (first, last) = part.split_once('-')?;
        let (first, last): (u32, u32) = (first.trim().parse().ok()?, last.trim().parse().ok()?);
        Some(last.saturating_sub(first).saturating_add(1))
    };
    let ranges = text.split('/').next().unwrap_or_default().split(':').filter_map(range);
    ranges.max().unwrap_or(1)
}

/// A range of more ports than an exercise needs.
fn ports_wide(value: &Judged<'_>) -> bool {
    value.text.is_some_and(|text| ports(text) > MAX_PORTS)
}

/// More ports than an exercise needs, in ranges none of which is too wide by itself.
fn ports_many(value: &Judged<'_>) -> bool {
    let texts = value.node.as_seq().into_iter().flatten().filter_map(|item| item.text().map(value.fill));
    let counts: Vec<u32> = texts.map(|text| ports(&text)).collect();
    counts.iter().all(|&count| count <= MAX_PORTS) && counts.iter().sum::<u32>() > MAX_PORTS
}

/// A mount of such an image.
fn mount_near(value: &Judged<'_>) -> bool {
    let mount = value.node.as_map().and_then(|_| mount(value)).filter(|mount| mount.kind == "image");
    mount.and_then(|mount| mount.source).is_some_and(|image| is_image_near(value, &image))
}

fn mount(value: &Judged<'_>) -> Option<Mount> {
    if value.node.as_map().is_none() {
        return value.text.map(mounts::short);
    }
    let field = |key: &str| value.field(Some(value.node), key);
    Some(Mount { kind: field("type")?, source: field("source"), target: field("target")?, read_only: false })
}

/// A mount of an engine's socket, or of a folder that holds it.
fn mount_socket(value: &Judged<'_>) -> bool {
    const HOLDING: [&str; 4] = ["/run", "/var/run", "/run/docker", "/run/containerd"];
    let is_socket = |path: &str| {
        let path = path.trim_end_matches('/');
        let ends = ["docker.sock", "containerd.sock", "podman.sock", "docker_engine"];
        ends.iter().any(|end| path.ends_with(end)) || HOLDING.contains(&path)
    };
    mount(value).is_some_and(|mount| mount.source.as_deref().is_some_and(is_socket) || mount.kind == "npipe")
}

/// A mount of a path outside of the repository.
fn mount_outside(value: &Judged<'_>) -> bool {
    match mount(value) {
        None => true,
        Some(mount) if mount.kind == "bind" => mount.source.is_none_or(|source| is_outside(value, &source)),
        Some(mount) => !matches!(mount.kind.as_str(), "volume" | "tmpfs" | "image"),
    }
}

/// A mount of what says in which time zone the machine is.
fn mount_clock(value: &Judged<'_>) -> bool {
    let is_clock = |source: &str| ["/etc/localtime", "/etc/timezone"].contains(&source);
    mount(value).is_some_and(|mount| mount.kind == "bind" && mount.source.as_deref().is_some_and(is_clock))
}

/// A mount, in its short form, that passes mounts on to the machine; the long form has a key for that.
fn mount_shared(value: &Judged<'_>) -> bool {
    let mode = value.text.filter(|_| value.node.as_map().is_none()).and_then(|text| text.rsplit(':').next());
    mode.is_some_and(|mode| mode.split(',').any(|option| option.contains("shared") || option.contains("slave")))
}

/// Options that make a volume of something that is there already. Memory is not, as long as no option says `bind`: then
/// the kernel forgets about the type.
fn foreign_device(value: &Judged<'_>) -> bool {
    const HARMLESS: [&str; 8] = ["nodev", "noexec", "nosuid", "noatime", "ro", "rw", "mode", "size"];
    let field = |key: &str| value.field(Some(value.node), key);
    let is_harmless = |option: &str| {
        let name = option.split('=').next().unwrap_or_default().trim();
        HARMLESS.contains(&name) || ["uid", "gid", "nr_inodes", "nr_blocks"].contains(&name)
    };
    let options = field("o").unwrap_or_default();
    field("type").as_deref() != Some("tmpfs") || !options.split(',').filter(|it| !it.is_empty()).all(is_harmless)
}
