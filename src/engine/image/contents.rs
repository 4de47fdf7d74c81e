//! What takes the space in an image: the largest paths of each layer, and files that a later layer removes or replaces. Those
//! stay in their layer, so they count. The image is exported and read as it comes.

mod tree;

use super::saved::{self, SavedLayer};
use super::stream::{self, StreamError};
use crate::engine::Engine;
use std::collections::{BTreeMap, BTreeSet};
use std::io::{self, Read};
use std::path::Component;
pub use tree::LargePath;

/// The most files of an image that are counted.
const MOST_FILES: usize = 1_000_000;
/// The longest path that is counted by itself, in bytes; the files below share their folder's.
const LONGEST_PATH: usize = 1024;
/// What marks a path as removed, before its name.
const REMOVED: &str = ".wh.";
/// What marks a folder as replaced, within it.
const REPLACED: &str = ".wh..wh..opq";

/// One layer.
#[derive(Debug, Clone, Default, PartialEq, Eq)]
pub struct LayerContents {
    /// Its largest paths, largest first.
    pub largest: Vec<LargePath>,
    /// What later layers remove or replace of it.
    pub wasted: Vec<Waste>,
}

/// What one layer removes or replaces of an earlier one.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Waste {
    /// Which item of the history does it, counted from the oldest.
    pub by: usize,
    /// The bytes.
    pub size: u64,
    /// The largest of its paths.
    pub largest: Vec<LargePath>,
}

/// A layer's files with their sizes, and the paths that it removes.
#[derive(Debug, Clone, Default)]
struct LayerFiles {
    files: BTreeMap<String, u64>,
    removed: BTreeSet<String>,
    replaced: BTreeSet<String>,
}

/// Looks into all layers of an image; one item for each of its history, oldest first.
pub async fn of_image(engine: &Engine, image: &str) -> Result<Vec<LayerContents>, StreamError> {
    stream::read("export the image", engine.docker.export_image(image), contents).await
}

fn contents(export: impl Read) -> io::Result<Vec<LayerContents>> {
    let mut left = MOST_FILES;
    let layers = saved::layers(export, |layer| files(layer, &mut left))?;
    Ok(weigh(layers))
}

/// The files of a layer.
fn files(layer: &mut dyn Read, left: &mut usize) -> io::Result<LayerFiles> {
    let mut found = LayerFiles::default();
    for entry in tar::Archive::new(layer).entries()? {
        let entry = entry?;
        let Some(path) = name(&entry.path()?) else { continue };
        *left = left
            .checked_sub(1)
            .ok_or_else(|| io::Error::other(format!("its layers have more than {MOST_FILES} files")))?;
        let (folder, last) = path.rsplit_once('/').unwrap_or(("", &path));
        if last == REPLACED {
            found.replaced.insert(folder.to_owned());
        } else if let Some(removed) = last.strip_prefix(REMOVED) {
            found.removed.insert(format!("{folder}/{removed}"));
        } else if !entry.header().entry_type().is_dir() {
            // Of links only the first name has the bytes.
            *found.files.entry(path).or_default() += entry.size();
        }
    }
    Ok(found)
}

/// A path from `/`. What leads elsewhere is no file of an image.
fn name(path: &std::path::Path) -> Option<String> {
    let mut name = String::new();
    for part in path.components() {
        match part {
            Component::Normal(part) if name.len() < LONGEST_PATH => {
                name.push('/');
                name.push_str(&part.to_string_lossy());
            }
            Component::Normal(_) | Component::CurDir | Component::RootDir => {}
            Component::ParentDir | Component::Prefix(_) => return None,
        }
    }
    Some(name).filter(|name| !name.is_empty())
}

/// Lays the layers on each other, as a container sees them, and notes what is hidden by it.
fn weigh(layers: Vec<SavedLayer<LayerFiles>>) -> Vec<LayerContents> {
    let mut seen: BTreeMap<String, (usize, u64)> = BTreeMap::new();
    let mut hidden: BTreeMap<(usize, usize), BTreeMap<String, u64>> = BTreeMap::new();
    let mut hide = |path: String, (from, size): (usize, u64), by: usize| {
        *hidden.entry((from, by)).or_default().entry(path).or_default() += size;
    };
    let mut largest = Vec::new();
    for (number, SavedLayer { read: layer, .. }) in layers.into_iter().enumerate() {
        for removed in &layer.removed {
            if let Some(was) = seen.remove(removed) {
                hide(removed.clone(), was, number);
            }
        }
        for folder in layer.removed.iter().chain(&layer.replaced) {
            let within = format!("{folder}/");
            let paths = seen.range(within.clone()..).map(|(path, _)| path).take_while(|path| path.starts_with(&within));
            for path in paths.cloned().collect::<Vec<_>>() {
                if let Some(was) = seen.remove(&path) {
                    hide(path, was, number);
                }
            }
        }
        largest.push(tree::largest(layer.files.iter().map(|(path, size)| (path.as_str(), *size))));
        for (path, size) in layer.files {
            if let Some(was) = seen.insert(path.clone(), (number, size)) {
                hide(path, was, number);
            }
        }
    }
    let mut contents: Vec<LayerContents> =
        largest.into_iter().map(|largest| LayerContents { largest, wasted: Vec::new() }).collect();
    for ((from, by), paths) in hidden {
        let size = paths.values().sum();
        let largest = tree::largest(paths.iter().map(|(path, size)| (path.as_str(), *size)));
        if let Some(layer) = contents.get_mut(from).filter(|_| size > 0) {
            layer.wasted.push(Waste { by, size, largest });
        }
    }
    contents
}

#[cfg(test)]
mod tests {
    use super::*;

    fn layer(paths: &[(&str, usize)]) -> Vec<u8> {
        let mut archive = tar::Builder::new(Vec::new());
        for (path, size) in paths {
            let mut header = tar::Header::new_gnu();
            header.set_size(*size as u64);
            header.set_mode(0o644);
            archive.append_data(&mut header, path, vec![0; *size].as_slice()).unwrap();
        }
        archive.into_inner().unwrap()
    }

    #[test]
    fn what_a_later_layer_hides_is_wasted() {
        let layers = [
            layer(&[("base/a", 100), ("base/b", 50), ("opt/cache/x", 70), ("opt/cache/y", 7)]),
            layer(&[("base/a", 40), ("opt/.wh.cache", 0), ("app/data", 900)]),
            layer(&[("app/.wh.data", 0), ("app/.wh..wh..opq", 0), ("app/data2", 5)]),
        ];
        let read = |bytes: &Vec<u8>| SavedLayer {
            created_by: String::new(),
            read: files(&mut bytes.as_slice(), &mut MOST_FILES.clone()).unwrap(),
        };
        let contents = weigh(layers.iter().map(read).collect());
        let wasted: Vec<Vec<(usize, u64)>> =
            contents.iter().map(|layer| layer.wasted.iter().map(|waste| (waste.by, waste.size)).collect()).collect();
        assert_eq!(wasted, [vec![(1, 177)], vec![(2, 900)], vec![]]);
        let shown = |paths: &[LargePath]| paths.iter().map(|it| format!("{} {}", it.path, it.size)).collect::<Vec<_>>();
        assert_eq!(shown(&contents[1].largest), ["/app/data 900", "/base/a 40"]);
        assert_eq!(shown(&contents[0].wasted[0].largest), ["/base/a 100", "/opt/cache/x 70", "/opt/cache/y 7"]);
    }

    #[test]
    fn too_many_files_are_named() {
        let bytes = layer(&[("a", 1), ("b", 1), ("c", 1)]);
        let error = files(&mut bytes.as_slice(), &mut 2).unwrap_err();
        assert_eq!(error.to_string(), "its layers have more than 1000000 files");
    }
}
