//! Gives containers copies of what they may write to.
//!
//! What is graded is never mounted writable: a container could put a link in the place of something that is mounted, built
//! or read later, and so lead it out of the repository. Each file or folder that a service mounts writable is copied
//! beside the repository, once for all services that mount it, and no part of a copy's own path lies in a mount. What
//! nobody writes to is mounted as it is, like the files of secrets and configs, with all links followed beforehand.

use crate::policy::path::resolve;
use crate::repository::{MAX_BYTES, MAX_FILES, Ongoing};
use crate::units::size_text;
use serde_json::{Value, json};
use std::collections::{BTreeMap, BTreeSet};
use std::fs::File;
use std::io;
use std::path::{Path, PathBuf};

/// Why mounts could not be made ready.
#[derive(Debug, thiserror::Error)]
pub(crate) enum NoCopy {
    /// More is mounted than is copied: the bound.
    #[error("the folders that are mounted hold more than {0} in all; mount less")]
    TooMuch(String),
    /// The machine's fault.
    #[error("what is mounted could not be copied: {0}")]
    Machine(#[from] io::Error),
}

/// Copies what is mounted writable into the folder, and names in the model what is mounted instead, its links followed.
/// What was copied, and where to. What lies outside of the root, which only a user's own policy allows, stays as it is.
pub(crate) fn move_out_of_reach(
    model: &mut Value,
    root: &Path,
    folder: &Path,
    ongoing: &Ongoing,
) -> Result<Vec<(PathBuf, PathBuf)>, NoCopy> {
    let writable = binds(model).filter(|bind| !is_read_only(bind));
    let writable: BTreeSet<PathBuf> = writable.filter_map(|bind| source(bind, root)).collect();
    let mut copies = Copies { folder, ongoing, made: BTreeMap::new(), bytes: 0, files: 0 };
    for bind in binds_mut(model) {
        let Some(path) = source(bind, root) else { continue };
        let mounted = match path.exists() {
            true if writable.contains(&path) => copies.of(&path)?,
            // The engine would make a folder there.
            false if is_made(bind) => copies.of(&path)?,
            _ => path,
        };
        if let Some(bind) = bind.as_object_mut() {
            bind.insert("source".to_owned(), named(&mounted));
        }
    }
    for kind in ["secrets", "configs"] {
        for (_, granted) in model.get_mut(kind).and_then(Value::as_object_mut).into_iter().flatten() {
            let file = granted.get("file").and_then(Value::as_str).and_then(|file| inside(file, root));
            if let (Some(path), Some(granted)) = (file, granted.as_object_mut()) {
                granted.insert("file".to_owned(), named(&path));
            }
        }
    }
    Ok(copies.made.into_iter().collect())
}

/// Whether something of the repository is mounted at all.
pub(crate) fn has_any(model: &Value) -> bool {
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

/// Whether a folder is made where nothing is.
fn is_made(mount: &Value) -> bool {
    mount.get("bind").and_then(|bind| bind.get("create_host_path")).and_then(Value::as_bool) == Some(true)
}

fn source(mount: &Value, root: &Path) -> Option<PathBuf> {
    inside(mount.get("source")?.as_str()?, root)
}

/// A path of the model with its links followed, as far as it is there, if that lies in the root. A `$` is written twice.
fn inside(text: &str, root: &Path) -> Option<PathBuf> {
    resolve(root, "", &text.replace("$$", "$")).filter(|path| path.starts_with(root))
}

fn named(path: &Path) -> Value {
    json!(path.display().to_string().replace('$', "$$"))
}

/// What was copied: each source once, so that services that share it still do.
struct Copies<'a> {
    folder: &'a Path,
    ongoing: &'a Ongoing,
    made: BTreeMap<PathBuf, PathBuf>,
    bytes: u64,
    files: usize,
}

impl Copies<'_> {
    fn of(&mut self, path: &Path) -> Result<PathBuf, NoCopy> {
        if let Some(copy) = self.made.get(path) {
            return Ok(copy.clone());
        }
        let copy = self.folder.join(format!("mount-{}", self.made.len()));
        if path.exists() {
            self.copy(path, &copy)?;
        } else {
            std::fs::create_dir(&copy)?;
        }
        self.made.insert(path.to_owned(), copy.clone());
        Ok(copy)
    }

    /// Copies a file or a folder; links are copied as links, what is neither is left out.
    fn copy(&mut self, from: &Path, to: &Path) -> Result<(), NoCopy> {
        self.ongoing.go_on()?;
        let metadata = from.symlink_metadata()?;
        self.files += 1;
        self.bytes = self.bytes.saturating_add(if metadata.is_file() { metadata.len() } else { 0 });
        if self.files > MAX_FILES {
            return Err(NoCopy::TooMuch(format!("{MAX_FILES} files")));
        }
        if self.bytes > MAX_BYTES {
            return Err(NoCopy::TooMuch(size_text(MAX_BYTES)));
        }
        if metadata.is_dir() {
            std::fs::create_dir(to)?;
            for entry in std::fs::read_dir(from)? {
                let entry = entry?;
                self.copy(&entry.path(), &to.join(entry.file_name()))?;
            }
            std::fs::set_permissions(to, metadata.permissions())?;
        } else if metadata.is_file() {
            let mut copy = File::create_new(to)?;
            self.ongoing.copy(File::open(from)?, &mut copy, metadata.len())?;
            copy.set_permissions(metadata.permissions())?;
        } else {
            link(from, to)?;
        }
        Ok(())
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
    use std::fs;

    struct Ground {
        _folder: tempfile::TempDir,
        repo: PathBuf,
        own: PathBuf,
    }

    fn ground() -> Ground {
        let folder = tempfile::tempdir().unwrap();
        let root = folder.path().canonicalize().unwrap();
        let (repo, own) = (root.join("repo"), root.join("own"));
        fs::create_dir_all(repo.join("data/deep")).unwrap();
        fs::create_dir(&own).unwrap();
        fs::write(repo.join("data/deep/x"), "x").unwrap();
        fs::write(repo.join("key"), "k").unwrap();
        Ground { _folder: folder, repo, own }
    }

    fn bind(repo: &Path, path: &str, read_only: bool) -> Value {
        let source = repo.join(path).display().to_string();
        json!({"type": "bind", "source": source, "target": "/x", "read_only": read_only, "bind": {"create_host_path": true}})
    }

    fn mounted(model: &Value, service: &str, at: usize) -> PathBuf {
        PathBuf::from(model["services"][service]["volumes"][at]["source"].as_str().unwrap())
    }

    #[test]
    fn what_is_written_is_a_copy_that_is_shared() {
        let Ground { _folder, repo, own } = ground();
        let mut model = json!({"services": {
            "a": {"volumes": [bind(&repo, "", false), {"type": "volume", "source": "v"}]},
            "b": {"volumes": [bind(&repo, "data", false), bind(&repo, "new", true)]},
            "c": {"volumes": [bind(&repo, "data", true), bind(&repo, "key", true)]},
        }});
        let copies = move_out_of_reach(&mut model, &repo, &own, &Ongoing::default()).unwrap();
        assert_eq!(copies.len(), 3);
        for (service, at, file) in [("a", 0, "data/deep/x"), ("b", 0, "deep/x")] {
            let source = mounted(&model, service, at);
            assert_eq!(source.parent(), Some(own.as_path()), "no part of its path lies in a mount");
            assert_eq!(fs::read_to_string(source.join(file)).unwrap(), "x");
        }
        assert_eq!(mounted(&model, "b", 0), mounted(&model, "c", 0), "what one writes the other reads");
        assert!(mounted(&model, "b", 1).starts_with(&own), "the engine makes nothing in what is graded");
        assert_eq!(mounted(&model, "c", 1), repo.join("key"), "what nobody writes is no copy");
    }

    #[test]
    #[cfg(unix)]
    fn links_are_followed_before_anything_runs() {
        use std::os::unix::fs::symlink;
        let Ground { _folder, repo, own } = ground();
        // From a copy elsewhere the same steps up would lead to another file.
        symlink("../../data/deep/x", repo.join("data/deep/far")).unwrap();
        symlink("data", repo.join("link")).unwrap();
        symlink("/etc", repo.join("out")).unwrap();
        fs::write(repo.join("x"), "wrong").unwrap();
        let far = repo.join("data/deep/far").display().to_string();
        let mut model = json!({
            "services": {
                "a": {"volumes": [bind(&repo, "link", false), bind(&repo, "link/new/sub", false)]},
                "b": {"volumes": [bind(&repo, "link/deep", true), bind(&repo, "out/passwd", true)]},
            },
            "secrets": {"s": {"file": far}}, "configs": {"c": {"file": far}},
        });
        move_out_of_reach(&mut model, &repo, &own, &Ongoing::default()).unwrap();
        let x = repo.join("data/deep/x").display().to_string();
        assert_eq!((&model["secrets"]["s"]["file"], &model["configs"]["c"]["file"]), (&json!(x), &json!(x)));
        assert_eq!(fs::read_to_string(mounted(&model, "a", 0).join("deep/x")).unwrap(), "x");
        assert_eq!(mounted(&model, "a", 1).parent(), Some(own.as_path()));
        assert_eq!(mounted(&model, "b", 0), repo.join("data/deep"));
        assert_eq!(mounted(&model, "b", 1), repo.join("out/passwd"), "the policy's to judge");
    }

    #[test]
    fn copies_are_bounded_in_all() {
        let Ground { _folder, repo, own } = ground();
        fs::File::create(repo.join("data/big")).unwrap().set_len(MAX_BYTES / 2 + 1).unwrap();
        let ongoing = Ongoing::default();
        let mut copies =
            Copies { folder: &own, ongoing: &ongoing, made: BTreeMap::new(), bytes: MAX_BYTES / 2, files: 0 };
        let told = copies.of(&repo.join("data")).unwrap_err().to_string();
        assert_eq!(told, "the folders that are mounted hold more than 2.15GB in all; mount less");
        let mut copies = Copies { folder: &own, ongoing: &ongoing, made: BTreeMap::new(), bytes: 0, files: MAX_FILES };
        assert!(matches!(copies.of(&repo.join("key")), Err(NoCopy::TooMuch(_))));
    }
}
