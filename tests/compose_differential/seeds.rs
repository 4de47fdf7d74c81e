//! Every Compose file of `fixtures` and `checks`, each with what lies beside it.

use super::oracle::Repository;
use std::collections::BTreeMap;
use std::fs;
use std::path::{Path, PathBuf};

/// A folder and the file in it that is mutated.
pub struct Seed {
    /// The file, from the root of the project.
    pub name: String,
    /// The folder.
    pub repository: Repository,
    /// The file, from the folder.
    pub file: String,
}

/// All of them, in the order of their names.
pub fn all() -> Vec<Seed> {
    let root = Path::new(env!("CARGO_MANIFEST_DIR"));
    let mut folders: Vec<PathBuf> = vec![root.join("checks"), root.join("fixtures")];
    let mut seeds = Vec::new();
    while let Some(folder) = folders.pop() {
        let mut entries: Vec<PathBuf> = fs::read_dir(&folder).unwrap().map(|entry| entry.unwrap().path()).collect();
        entries.sort();
        for path in entries {
            let is_link = fs::symlink_metadata(&path).unwrap().is_symlink();
            if path.is_dir() && !is_link {
                folders.push(path);
                continue;
            }
            let name = path.file_name().unwrap().to_string_lossy().into_owned();
            let is_compose = name.contains("compose") && is_yaml(&path);
            let is_fuzz = folder.ends_with("fuzz/compose");
            // Aliases of aliases keep Compose busy for hours, whatever else is wrong.
            let Ok(text) = fs::read_to_string(&path) else { continue };
            if (!is_compose && !is_fuzz) || !text.contains("services") || text.contains("x-bomb") || text.len() > 20_000
            {
                continue;
            }
            let shown = path.strip_prefix(root).unwrap().to_string_lossy().into_owned();
            if is_fuzz {
                let files = BTreeMap::from([("compose.yaml".to_owned(), text)]);
                seeds.push(Seed { name: shown, repository: Repository { files }, file: "compose.yaml".to_owned() });
            } else {
                seeds.push(Seed { name: shown, repository: Repository { files: beside(&folder) }, file: name });
            }
        }
    }
    seeds.retain(|seed| {
        // What is included or laid over is mutated within the folder of the file that names it.
        let is_main =
            ["compose.yaml", "compose.yml", "docker-compose.yml", "docker-compose.yaml"].contains(&seed.file.as_str());
        is_main || seed.file.contains("override")
    });
    let more: Vec<Seed> =
        seeds.iter().filter(|seed| seed.name.starts_with("fixtures/compose/")).flat_map(others).collect();
    seeds.extend(more);
    seeds.sort_by(|one, other| one.name.cmp(&other.name));
    seeds.dedup_by(|one, other| one.name == other.name);
    assert!(seeds.len() > 20, "the Compose files are not where they are looked for");
    seeds
}

fn is_yaml(path: &Path) -> bool {
    path.extension().is_some_and(|extension| extension == "yaml" || extension == "yml")
}

/// The other files of a folder, each to be mutated.
fn others(seed: &Seed) -> Vec<Seed> {
    let files = seed.repository.files.keys().filter(|file| **file != seed.file);
    files
        .map(|file| Seed {
            name: format!("{} {file}", seed.name.rsplit_once('/').map_or("", |(folder, _)| folder)),
            repository: seed.repository.clone(),
            file: file.clone(),
        })
        .collect()
}

/// The small texts of a folder that Compose may read.
fn beside(folder: &Path) -> BTreeMap<String, String> {
    let mut files = BTreeMap::new();
    let mut folders = vec![folder.to_path_buf()];
    while let Some(at) = folders.pop() {
        for entry in fs::read_dir(&at).unwrap() {
            let path = entry.unwrap().path();
            let depth = path.strip_prefix(folder).unwrap().components().count();
            if fs::symlink_metadata(&path).unwrap().is_symlink() {
                continue;
            }
            if path.is_dir() {
                if depth < 3 {
                    folders.push(path);
                }
                continue;
            }
            let name = path.strip_prefix(folder).unwrap().to_string_lossy().into_owned();
            let is_read = (is_yaml(&path) && !name.contains("expect")) || name.rsplit('.').next() == Some("env");
            if let Some(text) = fs::read_to_string(&path).ok().filter(|text| is_read && text.len() < 20_000) {
                files.insert(name, text);
            }
        }
    }
    files
}
