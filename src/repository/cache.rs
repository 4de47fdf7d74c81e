//! Small files in the user's cache: what can be found out again and is quicker remembered. All that fails is silent.

use super::system;
use std::fs::File;
use std::io::{Read as _, Write as _};
use std::path::PathBuf;

/// A file in the user's cache, if there is such a place.
#[derive(Debug, Clone)]
pub struct CacheFile(Option<PathBuf>);

impl CacheFile {
    /// The one of this name.
    pub fn named(name: &str) -> Self {
        Self(system::cache().map(|cache| cache.join("grader").join(name)))
    }

    /// None: what is written is forgotten.
    pub fn nowhere() -> Self {
        Self(None)
    }

    /// One at this path.
    pub fn at(path: PathBuf) -> Self {
        Self(Some(path))
    }

    /// What is in it; nothing of a longer one.
    pub fn read(&self, longest: u64) -> Option<Vec<u8>> {
        let mut bytes = Vec::new();
        let file = File::open(self.0.as_ref()?).ok()?;
        file.take(longest + 1).read_to_end(&mut bytes).ok()?;
        (bytes.len() as u64 <= longest).then_some(bytes)
    }

    /// Puts something else in it, as a whole: who reads it meanwhile sees the one or the other.
    pub fn write(&self, bytes: &[u8]) {
        let Some((path, folder)) = self.0.as_ref().and_then(|path| Some((path, path.parent()?))) else { return };
        let written = system::create_own(folder).and_then(|()| {
            let mut file = tempfile::NamedTempFile::new_in(folder)?;
            file.write_all(bytes)?;
            file.persist(path).map_err(|error| error.error)
        });
        drop(written); // only a comfort is lost
    }
}
