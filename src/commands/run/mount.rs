//! `-v SOURCE:TARGET[:ro]` and `--mount type=…,source=…,target=…`

use crate::commands::error::quoted;

/// A mount of a container.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Mount {
    /// `bind`, `volume` or `tmpfs`.
    pub kind: &'static str,
    /// The path or the volume; nothing for an anonymous volume and a tmpfs.
    pub source: Option<String>,
    /// The path in the container.
    pub target: String,
    /// Whether it can only be read.
    pub read_only: bool,
}

type NoMount = (String, &'static str);

const SHORT: &str = "Write `-v NAME:/PATH` for a volume, `-v \"$(pwd)/FOLDER:/PATH\"` for a folder.";
const LONG: &str = "Write `--mount type=volume,source=NAME,target=/PATH`.";

/// The short form. An error is what is wrong, and what to write.
pub(super) fn short(text: &str) -> Result<Mount, NoMount> {
    let parts: Vec<&str> = text.split(':').collect();
    if let [drive, path, ..] = parts.as_slice()
        && drive.len() == 1
        && drive.starts_with(|c: char| c.is_ascii_alphabetic())
        && path.starts_with(['\\', '/'])
        && parts.len() > 2
    {
        let message = format!("{} is a folder of one Windows computer", quoted(text));
        return Err((message, "Write `$(pwd)` for the folder of commands.sh."));
    }
    let (source, target, mode) = match parts.as_slice() {
        [target] => (None, *target, ""),
        [source, target] => (Some(*source), *target, ""),
        [source, target, mode] => (Some(*source), *target, *mode),
        _ => return Err((format!("{} has more than two colons", quoted(text)), SHORT)),
    };
    if !target.starts_with('/') {
        return Err((format!("{} names no path in the container that begins with `/`", quoted(text)), SHORT));
    }
    if source == Some("") {
        return Err((format!("nothing is before the colon of {}", quoted(text)), SHORT));
    }
    let is_path = source.is_some_and(|source| source.starts_with(['.', '/', '~']));
    if let Some(name) = source.filter(|source| !is_path && source.contains(['/', '\\'])) {
        let message = format!("{} is a path, and Docker takes it for the name of a volume", quoted(name));
        return Err((message, "Begin a path with `./`, or with `$(pwd)/`."));
    }
    Ok(Mount {
        kind: if is_path { "bind" } else { "volume" },
        source: source.map(str::to_owned),
        target: target.to_owned(),
        read_only: mode.split(',').any(|option| option == "ro" || option == "readonly"),
    })
}

/// The long form.
pub(super) fn long(text: &str) -> Result<Mount, NoMount> {
    let mut mount = Mount { kind: "volume", source: None, target: String::new(), read_only: false };
    for field in text.split(',') {
        let (key, value) = field.split_once('=').unwrap_or((field, ""));
        match key.trim().to_ascii_lowercase().as_str() {
            "type" => {
                mount.kind = match value.to_ascii_lowercase().as_str() {
                    "bind" => "bind",
                    "volume" => "volume",
                    "tmpfs" => "tmpfs",
                    _ => {
                        let message = format!("{} isn't a type of mount that grader carries out", quoted(value));
                        return Err((message, "Write `type=bind`, `type=volume` or `type=tmpfs`."));
                    }
                }
            }
            "source" | "src" => mount.source = Some(value.to_owned()),
            "target" | "dst" | "destination" => value.clone_into(&mut mount.target),
            "readonly" | "ro" => mount.read_only = matches!(value, "" | "true" | "1"),
            key if key.starts_with("volume-") || key.starts_with("bind-") || key.starts_with("tmpfs-") => {}
            "consistency" => {}
            other => return Err((format!("`--mount` has no field {}", quoted(other)), LONG)),
        }
    }
    if !mount.target.starts_with('/') {
        return Err(("`--mount` needs a `target` that begins with `/`".to_owned(), LONG));
    }
    if mount.kind == "bind" && mount.source.is_none() {
        return Err(("a bind mount needs a `source`".to_owned(), "Write `source=\"$(pwd)\"/FOLDER`."));
    }
    Ok(mount)
}

/// `--tmpfs /PATH:OPTIONS`
pub(super) fn in_memory(text: &str) -> Mount {
    let target = text.split(':').next().unwrap_or_default();
    Mount { kind: "tmpfs", source: None, target: target.to_owned(), read_only: false }
}
