//! How large an image is: the bytes of its unpacked layers, as `docker images` counts them on graph drivers.
//!
//! There the engine knows them. Where containerd keeps the images, `docker images` adds the packed layers to the unpacked
//! ones, and history counts disk blocks: one image of 144.3 MB is shown as 311 and 161.5 MB. So there the image is
//! exported, and the files in its layers are added.
//!
//! A symbolic link is a file whose content is the path that it leads to. Graph drivers count it in the layers that they
//! unpack, which is those of a pulled or loaded base image, and not in those that BuildKit makes.

use super::stream;
use super::stream::StreamError;
use crate::engine::Engine;
use crate::engine::connect::api::Doing;
use serde::Deserialize;
use std::collections::HashMap;
use std::io::{self, Cursor, Read};

/// One layer.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Layer {
    /// The bytes of the files that it adds.
    pub size: u64,
    /// The bytes of its symbolic links, where `size` doesn't have them and would if the layer was unpacked.
    pub links: u64,
    /// The instruction that made it, as BuildKit writes it down: `RUN /bin/sh -c pip install flask # buildkit`.
    pub created_by: String,
}

/// The longest description of an image that is read.
const DESCRIPTION: u64 = 8 << 20;

/// The image's layers and what is empty between them, oldest first.
pub async fn layers(engine: &Engine, image: &str) -> Result<Vec<Layer>, StreamError> {
    if engine.containerd_store {
        return stream::read("export the image", engine.docker.export_image(image), read_export).await;
    }
    let history = engine.docker.image_history(image).await.doing(|| format!("read the history of {image}"))?;
    let layers = history.into_iter().rev();
    Ok(layers
        .map(|item| Layer { size: u64::try_from(item.size).unwrap_or(0), links: 0, created_by: item.created_by })
        .collect())
}

#[derive(Debug, Deserialize)]
#[serde(rename_all = "PascalCase")]
struct SavedManifest {
    config: String,
    #[serde(default)]
    layers: Option<Vec<String>>,
}

#[derive(Debug, Deserialize)]
struct SavedConfig {
    #[serde(default)]
    history: Option<Vec<SavedItem>>,
}

#[derive(Debug, Deserialize)]
struct SavedItem {
    #[serde(default)]
    created_by: String,
    #[serde(default)]
    empty_layer: bool,
}

/// Reads what `docker save` writes: an archive of blobs, and a `manifest.json` that says which is what.
fn read_export(export: impl Read) -> io::Result<Vec<Layer>> {
    let (mut sizes, mut texts) = (HashMap::new(), HashMap::new());
    let mut archive = tar::Archive::new(export);
    for entry in archive.entries()? {
        let mut entry = entry?;
        if !entry.header().entry_type().is_file() {
            continue;
        }
        let path = entry.path()?.to_string_lossy().into_owned();
        let mut head = Vec::new();
        entry.by_ref().take(512).read_to_end(&mut head)?;
        let is_archive = |bytes: &[u8]| bytes.get(257..262) == Some(b"ustar");
        let whole = Cursor::new(head.clone()).chain(&mut entry);
        if head.starts_with(&[0x1f, 0x8b]) {
            sizes.insert(path, files(flate2::read::MultiGzDecoder::new(whole))?);
        } else if head.starts_with(&[0x28, 0xb5, 0x2f, 0xfd]) {
            let decoder = ruzstd::decoding::StreamingDecoder::new(whole).map_err(io::Error::other)?;
            sizes.insert(path, files(decoder)?);
        } else if is_archive(&head) {
            sizes.insert(path, files(whole)?);
        } else {
            let mut text = Vec::new();
            whole.take(DESCRIPTION).read_to_end(&mut text)?;
            texts.insert(path, text);
        }
    }
    let text = |path: &str| texts.get(path).map(Vec::as_slice).unwrap_or_default();
    let manifests: Vec<SavedManifest> = serde_json::from_slice(text("manifest.json")).map_err(io::Error::other)?;
    let manifest = manifests.into_iter().next().ok_or_else(|| io::Error::other("there is no image in it"))?;
    let config: SavedConfig = serde_json::from_slice(text(&manifest.config)).map_err(io::Error::other)?;
    // A layer without a file is an empty archive, which has no mark to know it by.
    let layers = manifest.layers.unwrap_or_default();
    let mut layers = layers.iter().map(|path| sizes.get(path).copied().unwrap_or_default());
    let mut found: Vec<Layer> = Vec::new();
    for item in config.history.unwrap_or_default() {
        let (size, links) = if item.empty_layer { (0, 0) } else { layers.next().unwrap_or_default() };
        found.push(Layer { size, links, created_by: item.created_by });
    }
    found.extend(layers.map(|(size, links)| Layer { size, links, created_by: String::new() }));
    Ok(found)
}

/// The bytes of the files in an archive, and those of its symbolic links.
fn files(archive: impl Read) -> io::Result<(u64, u64)> {
    let (mut files, mut links) = (0, 0);
    for entry in tar::Archive::new(archive).entries()? {
        let entry = entry?;
        let kind = entry.header().entry_type();
        if kind.is_file() {
            files += entry.size();
        } else if kind.is_symlink() {
            links += entry.link_name_bytes().map_or(0, |target| target.len() as u64);
        }
    }
    Ok((files, links))
}

#[cfg(test)]
mod tests {
    use super::*;
    use std::io::Write;

    fn archive(files: &[(&str, &[u8])]) -> Vec<u8> {
        let mut archive = tar::Builder::new(Vec::new());
        for (path, bytes) in files {
            let mut header = tar::Header::new_gnu();
            if let Some(target) = bytes.strip_prefix(b"-> ") {
                header.set_entry_type(tar::EntryType::Symlink);
                header.set_size(0);
                archive.append_link(&mut header, path, std::str::from_utf8(target).unwrap()).unwrap();
                continue;
            }
            header.set_size(bytes.len() as u64);
            header.set_mode(0o644);
            archive.append_data(&mut header, path, *bytes).unwrap();
        }
        archive.into_inner().unwrap()
    }

    #[test]
    fn the_files_of_packed_and_unpacked_layers_are_added() {
        let mut packed = flate2::write::GzEncoder::new(Vec::new(), flate2::Compression::fast());
        let long = format!("-> {}", "x".repeat(150)); // too long for a header
        packed
            .write_all(&archive(&[("a", &[0; 5000]), ("b", b"xyz"), ("c", b"-> b"), ("d", long.as_bytes())]))
            .unwrap();
        let packed = packed.finish().unwrap();
        let config =
            br#"{"history":[{"created_by":"FROM"},{"created_by":"ENV","empty_layer":true},{"created_by":"RUN"}]}"#;
        let export = archive(&[
            ("blobs/one", &packed),
            ("blobs/two", &archive(&[("c", &[1; 700])])),
            ("blobs/config", config),
            ("manifest.json", br#"[{"Config":"blobs/config","RepoTags":["x:1"],"Layers":["blobs/one","blobs/two"]}]"#),
        ]);
        let layer = |created_by: &str, size, links| Layer { size, links, created_by: created_by.to_owned() };
        let found = read_export(&export[..]).unwrap();
        assert_eq!(found, [layer("FROM", 5003, 151), layer("ENV", 0, 0), layer("RUN", 700, 0)]);
    }

    #[test]
    fn what_is_no_export_is_an_error() {
        assert!(read_export(&archive(&[("x", b"y")])[..]).is_err());
        assert!(read_export(&b"nonsense"[..]).is_err());
    }
}
