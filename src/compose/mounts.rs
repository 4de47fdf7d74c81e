//! The short form of a mount, whatever Compose says of it: `data:/data`, `./src:/app:ro`, `/cache`.

use super::model::Mount;

/// A short form (compose-go, `format.ParseVolume`).
pub fn short(text: &str) -> Mount {
    let mut parts: Vec<&str> = text.split(':').collect();
    let is_drive = |first: &str| first.len() == 1 && first.starts_with(|c: char| c.is_ascii_alphabetic());
    let drive = match parts.as_slice() {
        [first, second, ..] if is_drive(first) && second.starts_with(['\\', '/']) => Some(parts.remove(0)),
        _ => None,
    };
    let named = |source: &str| drive.map_or_else(|| source.to_owned(), |drive| format!("{drive}:{source}"));
    let (source, target, mode) = match parts.as_slice() {
        [target] => (None, named(target), ""),
        [source, target, rest @ ..] => (Some(named(source)), (*target).to_owned(), rest.first().copied().unwrap_or("")),
        [] => (None, String::new(), ""),
    };
    let is_path = source.as_ref().is_some_and(|source| is_path(source)) || (drive.is_some() && source.is_some());
    Mount {
        kind: if is_path { "bind" } else { "volume" }.to_owned(),
        source,
        target,
        read_only: mode.split(',').any(|option| option == "ro"),
    }
}

/// Whether the source of a short form is a path of the host and not the name of a volume.
fn is_path(source: &str) -> bool {
    source.starts_with(['.', '/', '~', '\\'])
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn short_forms() {
        for (text, kind, source, target, read_only) in [
            ("/data", "volume", None, "/data", false),
            ("data:/data", "volume", Some("data"), "/data", false),
            (".:/app", "bind", Some("."), "/app", false),
            ("./src:/app/src:ro", "bind", Some("./src"), "/app/src", true),
            ("/etc:/x:rw,z", "bind", Some("/etc"), "/x", false),
            ("~/x:/x", "bind", Some("~/x"), "/x", false),
            (r"C:\data:/data:ro", "bind", Some(r"C:\data"), "/data", true),
            ("", "volume", None, "", false),
        ] {
            let expected =
                Mount { kind: kind.into(), source: source.map(Into::into), target: target.into(), read_only };
            assert_eq!(short(text), expected, "{text}");
        }
    }
}
