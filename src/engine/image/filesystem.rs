//! Looks into an image's filesystem without running anything: through a container that is never started. Or into that of
//! a container that runs.

pub mod entries;

use super::digest::hex;
use super::stream;
use super::stream::StreamError;
use crate::engine::connect::api::Doing;
use crate::engine::owned::janitor;
use crate::engine::{ApiError, Engine};
use bollard::models::ContainerCreateBody;
use bollard::query_parameters::{CreateContainerOptions, DownloadFromContainerOptions};
use sha2::{Digest, Sha256};
use std::collections::{BTreeMap, BTreeSet, HashMap};
use std::io::{self, Read};

/// The most that is read of one file.
const FILE: u64 = 1 << 20;
/// How many places of one file are kept.
const PLACES: usize = 8;
/// How many links are followed to a file.
const LINKS: usize = 5;

/// An image's filesystem.
#[derive(Debug)]
pub struct Filesystem<'a> {
    engine: &'a Engine,
    container: String,
    /// Whether the container runs, and is another's.
    runs: bool,
}

/// A file to look for, by what is in it.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Wanted {
    /// Its path in the repository.
    pub path: String,
    /// The SHA-256 of its bytes, in lower-case hexadecimal digits.
    pub sha256: String,
    /// How many bytes it has.
    pub size: u64,
}

/// Files that were found, by their path in the repository: where in the image each is.
pub type PlacesInImage = BTreeMap<String, Vec<String>>;

enum FileContent {
    Bytes(Vec<u8>),
    Link(String),
    Nothing,
}

impl<'a> Filesystem<'a> {
    /// Opens an image's filesystem; [`Filesystem::close`] it afterwards.
    pub async fn open(engine: &'a Engine, image: &str) -> Result<Self, ApiError> {
        let body = ContainerCreateBody {
            image: Some(image.to_owned()),
            labels: Some(engine.run.labels().into_iter().collect()),
            entrypoint: Some(vec!["never-started".into()]),
            network_disabled: Some(true),
            ..Default::default()
        };
        let created = engine.docker.create_container(None::<CreateContainerOptions>, body).await;
        let container = created.doing(|| format!("open the image {image}"))?.id;
        Ok(Self { engine, container, runs: false })
    }

    /// Looks into a container that runs.
    pub fn of_container(engine: &'a Engine, id: impl Into<String>) -> Self {
        Self { engine, container: id.into(), runs: true }
    }

    /// Removes what it was opened with.
    pub async fn close(self) -> Result<(), ApiError> {
        if self.runs {
            return Ok(());
        }
        janitor::remove_container(self.engine, &self.container).await
    }

    /// A small text file, links followed; `None` if it is not there.
    pub async fn text(&self, path: &str) -> Result<Option<String>, StreamError> {
        Ok(self.bytes(path).await?.map(|bytes| String::from_utf8_lossy(&bytes).into_owned()))
    }

    /// The bytes of a small file, links followed; `None` if it is not there.
    pub async fn bytes(&self, path: &str) -> Result<Option<Vec<u8>>, StreamError> {
        let mut path = path.to_owned();
        for _ in 0..LINKS {
            let read = stream::read(&format!("read {path} in the image"), self.archive(&path), first).await;
            match read {
                Ok(FileContent::Bytes(bytes)) => return Ok(Some(bytes)),
                Ok(FileContent::Link(target)) => path = beside(&path, &target),
                Ok(FileContent::Nothing) => return Ok(None),
                Err(error) if error.is_missing() => return Ok(None),
                Err(error) => return Err(error),
            }
        }
        Ok(None)
    }

    /// Which of these files lie in the image, and where. They are looked for under `folder` first; the rest of the image is
    /// read only if a whole folder's files, or all, are missing there: a file of the repository's root is often left out on
    /// purpose.
    pub async fn find(&self, wanted: &[Wanted], folder: &str) -> Result<PlacesInImage, StreamError> {
        let mut found = PlacesInImage::new();
        let folder = folder.trim_end_matches('/');
        if !matches!(folder, "" | ".") {
            // The archive of a folder begins with the folder's own name.
            let above = folder.rsplit_once('/').map_or("", |(above, _)| above).to_owned();
            let files = wanted.to_vec();
            let archive = self.archive(folder);
            let under =
                stream::read("look for given files", archive, move |tar| search(tar, &files, &above, true)).await;
            found = match under {
                Err(error) if error.is_missing() => found,
                under => under?,
            };
        }
        if wanted.is_empty() || !misses_a_folder(wanted, &found) {
            return Ok(found);
        }
        let files = wanted.to_vec();
        let export = self.engine.docker.export_container(&self.container);
        stream::read("look for given files", export, move |tar| search(tar, &files, "", false)).await
    }

    fn archive(
        &self,
        path: &str,
    ) -> impl futures_util::Stream<Item = Result<impl AsRef<[u8]> + Send + use<>, bollard::errors::Error>> {
        let options = DownloadFromContainerOptions { path: path.to_owned() };
        self.engine.docker.download_from_container(&self.container, Some(options))
    }
}

/// Whether no file of some folder of the repository was found, or none at all.
fn misses_a_folder(wanted: &[Wanted], found: &PlacesInImage) -> bool {
    let folder = |path: &str| path.split_once('/').map(|(folder, _)| folder.to_owned());
    let have: BTreeSet<_> = found.keys().filter_map(|path| folder(path)).collect();
    found.is_empty() || wanted.iter().filter_map(|file| folder(&file.path)).any(|folder| !have.contains(&folder))
}

/// The path that a link at `path` means.
fn beside(path: &str, target: &str) -> String {
    match path.rsplit_once('/') {
        Some((folder, _)) if !target.starts_with('/') => format!("{folder}/{target}"),
        _ => target.to_owned(),
    }
}

fn first(archive: impl Read) -> io::Result<FileContent> {
    let mut archive = tar::Archive::new(archive);
    let Some(entry) = archive.entries()?.next() else { return Ok(FileContent::Nothing) };
    let entry = entry?;
    let kind = entry.header().entry_type();
    if kind.is_symlink() {
        let target = entry.link_name()?.map(|target| target.to_string_lossy().into_owned());
        return Ok(target.map_or(FileContent::Nothing, FileContent::Link));
    }
    if !kind.is_file() {
        return Ok(FileContent::Nothing);
    }
    let mut bytes = Vec::new();
    entry.take(FILE).read_to_end(&mut bytes)?;
    Ok(FileContent::Bytes(bytes))
}

/// Only files of a wanted size are hashed. An empty file is only known by its name. Their places begin with `above`; each
/// file has all of them if `every` is set, else the search ends with the last file's first.
fn search(archive: impl Read, wanted: &[Wanted], above: &str, every: bool) -> io::Result<PlacesInImage> {
    let mut sizes: HashMap<u64, Vec<&Wanted>> = HashMap::new();
    for file in wanted {
        sizes.entry(file.size).or_default().push(file);
    }
    let mut found = PlacesInImage::new();
    for entry in tar::Archive::new(archive).entries()? {
        if found.len() == wanted.len() && !every {
            break;
        }
        let mut entry = entry?;
        let Some(candidates) = sizes.get(&entry.size()).filter(|_| entry.header().entry_type().is_file()) else {
            continue;
        };
        let place = entry.path()?.to_string_lossy().into_owned();
        let name = place.rsplit('/').next().unwrap_or_default().to_owned();
        let mut hasher = Sha256::new();
        let mut buffer = vec![0; 64 << 10];
        loop {
            match entry.read(&mut buffer)? {
                0 => break,
                count => hasher.update(buffer.get(..count).unwrap_or_default()),
            }
        }
        let sum = hex(&hasher.finalize());
        let same =
            |file: &&&Wanted| file.sha256 == sum && (file.size > 0 || file.path.rsplit('/').next() == Some(&name));
        for file in candidates.iter().filter(same) {
            let places: &mut Vec<String> = found.entry(file.path.clone()).or_default();
            if places.len() < PLACES {
                places.push(format!("{above}/{}", place.trim_start_matches("./")));
            }
        }
    }
    Ok(found)
}

#[cfg(test)]
mod tests {
    use super::*;

    fn wanted(path: &str) -> Wanted {
        Wanted { path: path.into(), sha256: String::new(), size: 1 }
    }

    #[test]
    fn the_whole_image_is_read_only_if_a_folders_files_are_missing() {
        let files = [wanted("src/app.py"), wanted("src/page.html"), wanted("requirements.txt")];
        for (found, misses) in [
            (&[][..], true),
            (&["requirements.txt"], true),
            (&["src/app.py"], false),
            (&["src/app.py", "requirements.txt"], false),
        ] {
            let found = found.iter().map(|&path| (path.to_owned(), Vec::new())).collect();
            assert_eq!(misses_a_folder(&files, &found), misses, "{found:?}");
        }
    }

    #[test]
    fn links_are_followed_from_where_they_lie() {
        assert_eq!(beside("/etc/passwd", "/nix/passwd"), "/nix/passwd");
        assert_eq!(beside("/etc/passwd", "../nix/passwd"), "/etc/../nix/passwd");
    }
}
