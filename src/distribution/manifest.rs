//! Manifests: of one image, or the index of those for several platforms; and an image's configuration.

use super::Error;
use serde::Deserialize;
use serde::de::DeserializeOwned;
use std::collections::BTreeMap;

/// What is accepted: OCI's manifests and Docker's.
pub const MEDIA_TYPES: &str = "application/vnd.oci.image.index.v1+json, \
    application/vnd.docker.distribution.manifest.list.v2+json, application/vnd.oci.image.manifest.v1+json, \
    application/vnd.docker.distribution.manifest.v2+json";
/// The most images of an index, and the most layers of an image.
pub const MOST_ENTRIES: usize = 500;

/// A manifest.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum Manifest {
    /// Of images for several platforms.
    Index(Vec<IndexEntry>),
    /// Of one image.
    Image {
        /// The digest of its configuration.
        config: String,
        /// The bytes of its layers, as they are stored.
        size: u64,
    },
}

/// One image of an index.
#[derive(Debug, Clone, PartialEq, Eq, Deserialize)]
pub struct IndexEntry {
    /// The digest of its manifest.
    pub digest: String,
    /// What it runs on.
    pub platform: Option<Platform>,
}

/// What an image runs on.
#[derive(Debug, Clone, PartialEq, Eq, Deserialize)]
pub struct Platform {
    #[serde(default)]
    os: String,
    #[serde(default)]
    architecture: String,
    variant: Option<String>,
}

impl Platform {
    /// `linux/amd64`; nothing for what runs nowhere, like an attestation.
    pub fn name(&self) -> Option<String> {
        let Self { os, architecture, variant } = self;
        let known = |text: &str| !text.is_empty() && text != "unknown";
        // Every arm64 is a v8; Docker leaves that out.
        let variant =
            variant.as_deref().filter(|&variant| known(variant) && (architecture != "arm64" || variant != "v8"));
        let variant = variant.map(|variant| format!("/{variant}")).unwrap_or_default();
        (known(os) && known(architecture)).then(|| format!("{os}/{architecture}{variant}"))
    }
}

/// What is read of an image's configuration.
#[derive(Debug, Clone, PartialEq, Eq, Deserialize)]
pub struct PushedConfig {
    /// When it was made.
    pub created: Option<String>,
    /// What it runs on.
    #[serde(flatten)]
    pub platform: Platform,
    /// How it runs.
    pub config: Option<PushedRun>,
    /// Its files.
    pub rootfs: Option<PushedFiles>,
}

/// What is read of how an image runs.
#[derive(Debug, Clone, Default, PartialEq, Eq, Deserialize)]
pub struct PushedRun {
    /// Its labels.
    #[serde(rename = "Labels")]
    pub labels: Option<BTreeMap<String, String>>,
}

/// What is read of an image's files.
#[derive(Debug, Clone, Default, PartialEq, Eq, Deserialize)]
pub struct PushedFiles {
    /// The digests of its layers, unpacked.
    pub diff_ids: Option<Vec<String>>,
}

#[derive(Deserialize)]
struct ManifestDocument {
    manifests: Option<Vec<IndexEntry>>,
    config: Option<Blob>,
    layers: Option<Vec<Blob>>,
}

#[derive(Deserialize)]
struct Blob {
    digest: String,
    #[serde(default)]
    size: u64,
}

/// Reads JSON of a registry's.
pub fn json<T: DeserializeOwned>(bytes: &[u8]) -> Result<T, Error> {
    serde_json::from_slice(bytes).map_err(|error| Error::Unreadable(error.to_string()))
}

impl Manifest {
    /// Reads one.
    pub fn read(bytes: &[u8]) -> Result<Self, Error> {
        let many = |count: usize| if count > MOST_ENTRIES { Err(Error::Many) } else { Ok(()) };
        match json(bytes)? {
            ManifestDocument { manifests: Some(entries), .. } => {
                many(entries.len())?;
                entries.iter().try_for_each(|entry| check(&entry.digest))?;
                Ok(Self::Index(entries))
            }
            ManifestDocument { config: Some(config), layers: Some(layers), .. } => {
                many(layers.len())?;
                check(&config.digest)?;
                let size = layers.iter().fold(0, |sum: u64, layer| sum.saturating_add(layer.size));
                Ok(Self::Image { config: config.digest, size })
            }
            _ => Err(Error::Unreadable("it is neither an image nor an index of images".to_owned())),
        }
    }
}

/// A digest becomes part of an address, so it may be nothing else.
fn check(digest: &str) -> Result<(), Error> {
    let (algorithm, hash) = digest.split_once(':').unwrap_or_default();
    let valid = matches!((algorithm, hash.len()), ("sha256", 64) | ("sha512", 128))
        && hash.bytes().all(|byte| matches!(byte, b'0'..=b'9' | b'a'..=b'f'));
    if valid { Ok(()) } else { Err(Error::Unreadable("a digest in it is none".to_owned())) }
}

/// The image of an index that this machine runs, else the one for linux/amd64, else the first.
pub fn choose(entries: &[IndexEntry]) -> Option<&IndexEntry> {
    let architecture = match std::env::consts::ARCH {
        "x86_64" => "amd64",
        "aarch64" => "arm64",
        other => other,
    };
    let of = |name: &str| {
        entries.iter().find(|entry| entry.platform.as_ref().and_then(Platform::name).as_deref() == Some(name))
    };
    of(&format!("linux/{architecture}"))
        .or_else(|| of("linux/amd64"))
        .or_else(|| entries.iter().find(|entry| entry.platform.as_ref().is_some_and(|it| it.name().is_some())))
        .or_else(|| entries.first())
}

#[cfg(test)]
mod tests {
    use super::*;
    use serde_json::{Value, json};

    fn digest(byte: char) -> String {
        format!("sha256:{}", byte.to_string().repeat(64))
    }

    fn read(json: &Value) -> Result<Manifest, String> {
        Manifest::read(json.to_string().as_bytes()).map_err(|error| error.to_string())
    }

    #[test]
    fn the_size_is_that_of_the_layers() {
        let image = json!({"config": {"digest": digest('c'), "size": 7}, "layers": [
            {"digest": digest('1'), "size": 1000}, {"digest": digest('2'), "size": 24},
        ]});
        assert_eq!(read(&image), Ok(Manifest::Image { config: digest('c'), size: 1024 }));
    }

    #[test]
    fn an_index_names_platforms_and_one_is_chosen() {
        let entry = |byte, os, architecture, variant: Option<&str>| json!({"digest": digest(byte), "platform": {"os": os, "architecture": architecture, "variant": variant}});
        let index = json!({"manifests": [
            entry('a', "unknown", "unknown", None),
            entry('b', "linux", "s390x", None),
            entry('c', "linux", "arm", Some("v7")),
            entry('d', "linux", "arm64", Some("v8")),
            entry('e', "linux", "amd64", None),
        ]});
        let Ok(Manifest::Index(mut entries)) = read(&index) else { panic!("no index") };
        let names: Vec<_> = entries.iter().filter_map(|entry| entry.platform.as_ref()?.name()).collect();
        assert_eq!(names, ["linux/s390x", "linux/arm/v7", "linux/arm64", "linux/amd64"]);
        let wanted = if cfg!(target_arch = "aarch64") { 'd' } else { 'e' };
        assert_eq!(choose(&entries).map(|entry| entry.digest.clone()), Some(digest(wanted)));
        entries.truncate(2);
        assert_eq!(choose(&entries).map(|entry| entry.digest.clone()), Some(digest('b')), "never an attestation");
        assert_eq!(choose(&[]), None);
    }

    #[test]
    fn what_is_no_manifest_is_refused() {
        let many = vec![json!({"digest": digest('a')}); MOST_ENTRIES + 1];
        for (json, why) in [
            (json!({"manifests": many}), "more than 500"),
            (json!({"schemaVersion": 1, "fsLayers": []}), "neither an image"),
            (json!({"manifests": [{"digest": "sha256:../../x"}]}), "digest"),
            (json!({"config": {"digest": "x"}, "layers": []}), "digest"),
            (json!({"config": {"digest": digest('a')}, "layers": [{"digest": "", "size": -1}]}), "invalid value"),
            (json!([1]), "invalid"),
        ] {
            let error = read(&json).unwrap_err();
            assert!(error.contains(why), "{error}");
        }
    }
}
