//! Moves what is mounted out of reach of the containers that could change where it leads.
//!
//! A container that may write to a mounted folder could put a link in the place of another mount's source in it; the next
//! start of that other service would follow it out of the repository. So sources that lie within a folder that is mounted
//! writable are copied beside the repository, as are the files of secrets and configs.

use serde_json::{Value, json};
use std::collections::BTreeMap;
use std::io;
use std::path::{Path, PathBuf};

/// Copies such sources into the folder and names the copies in the model. What was copied, and where to.
pub(super) fn move_out_of_reach(model: &mut Value, folder: &Path) -> io::Result<Vec<(PathBuf, PathBuf)>> {
    let writable: Vec<PathBuf> = binds(model).filter(|bind| !is_read_only(bind)).filter_map(source).collect();
    let mut copies = Copies { folder, made: BTreeMap::new() };
    for bind in binds_mut(model) {
        let Some(path) = source(bind) else { continue };
        if writable.iter().any(|outer| path != *outer && path.starts_with(outer)) {
            let copy = copies.of(&path)?;
            if let Some(bind) = bind.as_object_mut() {
                bind.insert("source".to_owned(), copy);
            }
        }
    }
    for kind in ["secrets", "configs"] {
        for (_, granted) in model.get_mut(kind).and_then(Value::as_object_mut).into_iter().flatten() {
            let file = granted.get("file").and_then(Value::as_str).map(plain);
            if let (Some(path), Some(granted)) = (file, granted.as_object_mut()) {
                granted.insert("file".to_owned(), copies.of(&path)?);
            }
        }
    }
    Ok(copies.made.into_iter().collect())
}

/// Whether something of the repository is mounted at all.
pub(super) fn has_any(model: &Value) -> bool {
    let granted = |kind: &str| model.get(kind).and_then(Value::as_object).is_some_and(|granted| !granted.is_empty());
    binds(model).next().is_some() || granted("secrets") || granted("configs")
}

fn binds(model: &Value) -> impl Iterator<Item = &Value> {
    let services = model.get("services").and_then(Value::as_object).into_iter().flat_map(|services| services.values());
    let mounts = services.filter_map(|service| service.get("volumes").and_then(Value::as_array)).flatten();
    mounts.filter(|mount| is_bind(mount))
}

fn binds_mut(model: &mut Value) -> impl Iterator<Item = &mut Value> {
    let services = model.get_mut("services").and_then(Value::as_object_mut).into_iter().flatten();
    let mounts = services.filter_map(|(_, service)| service.get_mut("volumes").and_then(Value::as_array_mut)).flatten();
    mounts.filter(|mount| is_bind(mount))
}

fn is_bind(mount: &Value) -> bool {
    mount.get("type").and_then(Value::as_str) == Some("bind")
}

fn is_read_only(mount: &Value) -> bool {
    mount.get("read_only").and_then(Value::as_bool) == Some(true)
}

/// The source with its links followed, as far as it is there.
fn source(mount: &Value) -> Option<PathBuf> {
    let path = plain(mount.get("source")?.as_str()?);
    Some(path.canonicalize().unwrap_or(path))
}

/// In the model a `$` is written twice.
fn plain(text: &str) -> PathBuf {
    PathBuf::from(text.replace("$$", "$"))
}

/// What was copied: each source once, so that services that share it still do.
struct Copies<'a> {
    folder: &'a Path,
    made: BTreeMap<PathBuf, PathBuf>,
}

impl Copies<'_> {
    fn of(&mut self, path: &Path) -> io::Result<Value> {
        let named = |copy: &Path| json!(copy.display().to_string().replace('$', "$$"));
        if let Some(copy) = self.made.get(path) {
            return Ok(named(copy));
        }
        let copy = self.folder.join(format!("mount-{}", self.made.len()));
        if path.exists() {
            copy_all(path, &copy)?;
        } else {
            std::fs::create_dir(&copy)?;
        }
        let value = named(&copy);
        self.made.insert(path.to_owned(), copy);
        Ok(value)
    }
}

/// Copies a file or a folder; links are copied as links, what is neither is left out.
fn copy_all(from: &Path, to: &Path) -> io::Result<()> {
    let kind = from.symlink_metadata()?.file_type();
    if kind.is_dir() {
        std::fs::create_dir(to)?;
        for entry in std::fs::read_dir(from)? {
            let entry = entry?;
            copy_all(&entry.path(), &to.join(entry.file_name()))?;
        }
        std::fs::set_permissions(to, from.metadata()?.permissions())
    } else if kind.is_file() {
        std::fs::copy(from, to).map(drop)
    } else {
        link(from, to)
    }
}

#[cfg(unix)]
fn link(from: &Path, to: &Path) -> io::Result<()> {
    std::fs::read_link(from).map_or(Ok(()), |target| std::os::unix::fs::symlink(target, to))
}

#[cfg(not(unix))]
fn link(_: &Path, _: &Path) -> io::Result<()> {
    Ok(())
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn sources_within_writable_mounts_are_copied() {
        let folder = tempfile::tempdir().unwrap();
        let root = folder.path().canonicalize().unwrap();
        let (repo, own) = (root.join("repo"), root.join("own"));
        std::fs::create_dir_all(repo.join("data/deep")).unwrap();
        std::fs::create_dir(&own).unwrap();
        std::fs::write(repo.join("data/deep/x"), "x").unwrap();
        std::fs::write(repo.join("key"), "k").unwrap();
        let bind = |path: &str, read_only: bool| json!({"type": "bind", "source": repo.join(path).display().to_string(), "target": "/x", "read_only": read_only});
        let mut model = json!({
            "services": {
                "a": {"volumes": [bind("", false), {"type": "volume", "source": "v"}]},
                "b": {"volumes": [bind("data", false), bind("new", true)]},
                "c": {"volumes": [bind("data", true)]},
            },
            "secrets": {"key": {"file": repo.join("key").display().to_string()}},
        });
        move_out_of_reach(&mut model, &own).unwrap();
        let source =
            |service: &str, at: usize| model["services"][service]["volumes"][at]["source"].as_str().unwrap().to_owned();
        assert_eq!(Path::new(&source("a", 0)), repo);
        assert_eq!(source("b", 0), source("c", 0));
        assert_eq!(std::fs::read_to_string(Path::new(&source("b", 0)).join("deep/x")).unwrap(), "x");
        assert!(Path::new(&source("b", 1)).starts_with(&own), "what is made later is out of reach too");
        assert_eq!(std::fs::read_to_string(model["secrets"]["key"]["file"].as_str().unwrap()).unwrap(), "k");
        let mut alone =
            json!({"services": {"a": {"volumes": [bind("", true)]}, "b": {"volumes": [bind("data", false)]}}});
        let before = alone.clone();
        move_out_of_reach(&mut alone, &own).unwrap();
        assert_eq!(alone, before);
    }
}
