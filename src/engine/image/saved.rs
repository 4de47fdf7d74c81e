//! Walks through the layers of an exported image, in the order of its history. Nothing of the export is kept or run.

use super::size::export::{SavedConfig, SavedManifest, head, packing, unpack};
use std::collections::{BTreeMap, HashMap};
use std::io::{self, Cursor, Read};

/// The most bytes of all unpacked layers that are read.
const MOST_BYTES: u64 = 16 << 30;
/// The longest description of an image that is read.
const DESCRIPTION: u64 = 8 << 20;

/// An item of an image's history, and what was read of its layer; the default where it made none.
#[derive(Debug, Clone, Default, PartialEq, Eq)]
pub(super) struct SavedLayer<T> {
    /// What made it.
    pub created_by: String,
    /// What was read.
    pub read: T,
}

/// Reads each layer with `read`, which gets it unpacked.
pub(super) fn layers<T: Clone + Default>(
    export: impl Read,
    mut read: impl FnMut(&mut dyn Read) -> io::Result<T>,
) -> io::Result<Vec<SavedLayer<T>>> {
    let (mut found, mut texts) = (HashMap::new(), BTreeMap::new());
    let mut left = MOST_BYTES;
    let mut archive = tar::Archive::new(export);
    for entry in archive.entries()? {
        let mut entry = entry?;
        if !entry.header().entry_type().is_file() {
            continue;
        }
        let path = entry.path()?.to_string_lossy().into_owned();
        let head = head(&mut entry)?;
        let is_packed = packing(&head);
        let bytes = Cursor::new(head).chain(&mut entry);
        if let Some(packing) = is_packed {
            let mut layer = unpack(packing, bytes)?.take(left);
            found.insert(path, read(&mut layer)?);
            left = layer.limit();
        } else {
            let mut text = Vec::new();
            bytes.take(DESCRIPTION).read_to_end(&mut text)?;
            texts.insert(path, text);
        }
    }
    if left == 0 {
        return Err(io::Error::other(format!("its layers have more than {} GiB", MOST_BYTES >> 30)));
    }
    let text = |path: &str| texts.get(path).map(Vec::as_slice).unwrap_or_default();
    let manifests: Vec<SavedManifest> = serde_json::from_slice(text("manifest.json")).map_err(io::Error::other)?;
    let manifest = manifests.into_iter().next().ok_or_else(|| io::Error::other("there is no image in it"))?;
    let config: SavedConfig = serde_json::from_slice(text(&manifest.config)).map_err(io::Error::other)?;
    let mut paths = manifest.layers.unwrap_or_default().into_iter();
    // The same layer may be in an image twice.
    let of = |path: Option<String>| path.and_then(|path| found.get(&path).cloned()).unwrap_or_default();
    let mut layers: Vec<SavedLayer<T>> = Vec::new();
    for item in config.history.unwrap_or_default() {
        let read = if item.empty_layer { T::default() } else { of(paths.next()) };
        layers.push(SavedLayer { created_by: item.created_by, read });
    }
    layers.extend(paths.map(|path| SavedLayer { created_by: String::new(), read: of(Some(path)) }));
    Ok(layers)
}
