//! The sizes of layers that were measured before, in the user's cache.
//!
//! A layer is known by its diff id, the SHA-256 of its archive, which is computed from the very bytes that are measured; and
//! by the digest of the blob that it is packed in, by which containerd keeps it. What is known is true of the layer in
//! whatever image it is, so no image can put something wrong here.

use crate::repository::CacheFile;
use std::collections::BTreeMap;

/// The most layers that are remembered; all are forgotten when there are more.
const MOST: usize = 2000;
/// The largest file that is read, in bytes.
const LARGEST: u64 = 512 << 10;

/// The bytes of a layer's files, and those of its symbolic links.
pub(super) type Measured = (u64, u64);

/// What was measured, by digest.
#[derive(Debug, Clone)]
pub(super) struct KnownLayers {
    file: CacheFile,
    sizes: BTreeMap<String, Measured>,
}

impl KnownLayers {
    pub fn load() -> Self {
        Self::load_from(CacheFile::named("layers.json"))
    }

    #[cfg(test)]
    pub fn nothing() -> Self {
        Self::load_from(CacheFile::nowhere())
    }

    fn load_from(file: CacheFile) -> Self {
        let sizes = file.read(LARGEST).and_then(|bytes| serde_json::from_slice(&bytes).ok()).unwrap_or_default();
        Self { file, sizes }
    }

    pub fn of(&self, digest: &str) -> Option<Measured> {
        self.sizes.get(digest).copied()
    }

    /// Adds what was measured, and remembers it.
    pub fn learn(&mut self, measured: BTreeMap<String, Measured>) {
        if self.sizes.len() + measured.len() > MOST {
            self.save(&measured);
            self.sizes.extend(measured); // this run goes on with all of them
            return;
        }
        self.sizes.extend(measured);
        self.save(&self.sizes);
    }

    fn save(&self, sizes: &BTreeMap<String, Measured>) {
        if let Ok(text) = serde_json::to_vec(sizes) {
            self.file.write(&text);
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn layers(from: usize, to: usize) -> BTreeMap<String, Measured> {
        (from..to).map(|n| (format!("sha256:{n:064x}"), (n as u64, 1))).collect()
    }

    #[test]
    fn what_was_measured_is_remembered_and_bounded() {
        let folder = tempfile::tempdir().unwrap();
        let path = folder.path().join("grader/layers.json");
        let load = || KnownLayers::load_from(CacheFile::at(path.clone()));
        let mut known = load();
        known.learn(layers(0, MOST));
        assert_eq!(load().sizes, layers(0, MOST), "the file is not too large to be read");
        known.learn(layers(MOST, MOST + 3));
        assert_eq!(known.sizes, layers(0, MOST + 3));
        assert_eq!(load().sizes, layers(MOST, MOST + 3));
        for broken in ["", "{", "[]", r#"{"sha256:x": 3}"#] {
            std::fs::write(&path, broken).unwrap();
            assert!(load().sizes.is_empty(), "{broken}");
        }
    }
}
