//! What `docker save` writes: an archive of blobs, and a `manifest.json` that says which is what.

use super::Layer;
use super::known::{KnownLayers, Measured};
use crate::engine::image::digest::hex;
use serde::Deserialize;
use sha2::{Digest as _, Sha256};
use std::collections::{BTreeMap, BTreeSet, HashMap};
use std::io::{self, Cursor, Read};

/// The longest description of an image that is read.
const DESCRIPTION: u64 = 8 << 20;

#[derive(Debug, Deserialize)]
#[serde(rename_all = "PascalCase")]
pub(in crate::engine::image) struct SavedManifest {
    pub config: String,
    #[serde(default)]
    pub layers: Option<Vec<String>>,
}

#[derive(Debug, Deserialize)]
pub(in crate::engine::image) struct SavedConfig {
    #[serde(default)]
    pub history: Option<Vec<SavedItem>>,
}

#[derive(Debug, Deserialize)]
pub(in crate::engine::image) struct SavedItem {
    #[serde(default)]
    pub created_by: String,
    #[serde(default)]
    pub empty_layer: bool,
}

/// The layers of the image, and what is empty between them.
pub(super) fn whole(export: impl Read) -> io::Result<Vec<Layer>> {
    let (mut sizes, mut texts) = (HashMap::new(), HashMap::new());
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
            sizes.insert(path, files(unpack(packing, bytes)?)?);
        } else {
            let mut text = Vec::new();
            bytes.take(DESCRIPTION).read_to_end(&mut text)?;
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

/// Measures the layers with these diff ids, and what else comes before the last of them. What is known is not unpacked.
pub(super) fn measure(
    export: impl Read,
    wanted: &BTreeSet<String>,
    known: &KnownLayers,
) -> io::Result<BTreeMap<String, Measured>> {
    let mut measured = BTreeMap::new();
    let mut archive = tar::Archive::new(export);
    for entry in archive.entries()? {
        if wanted.iter().all(|diff_id| measured.contains_key(diff_id)) {
            break;
        }
        let mut entry = entry?;
        let path = entry.path()?.to_string_lossy().into_owned();
        let Some(blob) = path.strip_prefix("blobs/sha256/").map(|digest| format!("sha256:{digest}")) else { continue };
        if known.of(&blob).is_some() || !entry.header().entry_type().is_file() {
            continue;
        }
        let head = head(&mut entry)?;
        // An empty archive has no mark to know it by; but as it is not packed, its own digest is wanted.
        let Some(packing) = packing(&head).or_else(|| wanted.contains(&blob).then_some(Packing::No)) else { continue };
        let mut layer = Hashing { inner: unpack(packing, Cursor::new(head).chain(&mut entry))?, hasher: Sha256::new() };
        let sizes = files(&mut layer)?;
        io::copy(&mut layer, &mut io::sink())?; // what follows an archive's end belongs to the layer
        measured.insert(blob, sizes);
        measured.insert(format!("sha256:{}", hex(&layer.hasher.finalize())), sizes);
    }
    Ok(measured)
}

/// Bytes on their way, and their digest so far.
struct Hashing<R> {
    inner: R,
    hasher: Sha256,
}

impl<R: Read> Read for Hashing<R> {
    fn read(&mut self, into: &mut [u8]) -> io::Result<usize> {
        let count = self.inner.read(into)?;
        self.hasher.update(into.get(..count).unwrap_or_default());
        Ok(count)
    }
}

/// How a layer comes.
#[derive(Clone, Copy)]
pub(in crate::engine::image) enum Packing {
    Gzip,
    Zstd,
    No,
}

/// The first bytes of a blob, enough to tell what it is.
pub(in crate::engine::image) fn head(blob: &mut impl Read) -> io::Result<Vec<u8>> {
    let mut head = Vec::new();
    blob.take(512).read_to_end(&mut head)?;
    Ok(head)
}

/// How a layer is packed; nothing of what is no archive.
pub(in crate::engine::image) fn packing(head: &[u8]) -> Option<Packing> {
    if head.starts_with(&[0x1f, 0x8b]) {
        return Some(Packing::Gzip);
    }
    if head.starts_with(&[0x28, 0xb5, 0x2f, 0xfd]) {
        return Some(Packing::Zstd);
    }
    (head.get(257..262) == Some(b"ustar")).then_some(Packing::No)
}

pub(in crate::engine::image) fn unpack<'r>(packing: Packing, blob: impl Read + 'r) -> io::Result<Box<dyn Read + 'r>> {
    Ok(match packing {
        Packing::Gzip => Box::new(flate2::read::MultiGzDecoder::new(blob)),
        Packing::Zstd => Box::new(ruzstd::decoding::StreamingDecoder::new(blob).map_err(io::Error::other)?),
        Packing::No => Box::new(blob),
    })
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
        let found = whole(&export[..]).unwrap();
        assert_eq!(found, [layer("FROM", 5003, 151), layer("ENV", 0, 0), layer("RUN", 700, 0)]);
    }

    fn zipped(bytes: &[u8]) -> Vec<u8> {
        let mut packed = flate2::write::GzEncoder::new(Vec::new(), flate2::Compression::fast());
        packed.write_all(bytes).unwrap();
        packed.finish().unwrap()
    }

    fn sha256(bytes: &[u8]) -> String {
        format!("sha256:{}", hex(&Sha256::digest(bytes)))
    }

    #[test]
    fn layers_are_measured_by_their_diff_ids_and_what_is_known_is_passed_over() {
        let mut first = archive(&[("a", &[0; 5000]), ("c", b"-> b")]);
        first.extend([0; 4096]); // more of its end than is needed
        let (second, empty) = (archive(&[("d", &[1; 700])]), vec![0; 1024]);
        let packed = zipped(&first);
        let path = |blob: &[u8]| sha256(blob).replace("sha256:", "blobs/sha256/");
        let paths = [path(&packed), path(&second), path(&empty), path(b"{}")];
        let blobs: [&[u8]; 4] = [&packed, &second, &empty, b"{}"];
        let files: Vec<(&str, &[u8])> = paths.iter().map(String::as_str).zip(blobs).collect();
        let export = archive(&files);
        let mut known = KnownLayers::nothing();
        let wanted: BTreeSet<String> = [&first, &second, &empty].map(|layer| sha256(layer)).into();
        let measured = measure(&export[..], &wanted, &known).unwrap();
        let sizes = [(sha256(&first), (5000, 1)), (sha256(&second), (700, 0)), (sha256(&empty), (0, 0))];
        let expected = sizes.into_iter().chain([(sha256(&packed), (5000, 1))]).collect();
        assert_eq!(measured, expected);

        known.learn(measured);
        let third = archive(&[("e", &[1; 30])]);
        let third_path = path(&third);
        // What is known could not be unpacked, and what follows what was wanted could not be read.
        let broken = b"\x1f\x8bnonsense";
        let mut export = archive(&[(paths[0].as_str(), broken), (third_path.as_str(), third.as_slice())]);
        export.truncate(export.len() - 1024);
        export.extend([b'x'; 512]);
        let measured = measure(&export[..], &[sha256(&third)].into(), &known).unwrap();
        assert_eq!(measured, [(sha256(&third), (30, 0))].into());
        assert!(measure(&export[..], &[sha256(b"another")].into(), &known).is_err());
    }

    #[test]
    fn what_is_no_export_is_an_error() {
        assert!(whole(&archive(&[("x", b"y")])[..]).is_err());
        assert!(whole(&b"nonsense"[..]).is_err());
    }
}
