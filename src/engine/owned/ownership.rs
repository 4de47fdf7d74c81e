//! Gives folders in which containers wrote as other users back to the user who has to remove them.
//!
//! Who is not root can't remove what root of a container wrote into a mounted folder. The engine can change the owners of
//! folders, as it does when it copies files into a container; the container never runs, and nothing of the learner's does.

use super::janitor;
use crate::engine::Engine;
use crate::engine::connect::api::{ApiError, Doing};
use bollard::models::{ContainerCreateBody, HostConfig, Mount, MountType};
use bollard::query_parameters::{
    CreateContainerOptions, CreateImageOptions, RemoveImageOptions, UploadToContainerOptions,
};
use futures_util::TryStreamExt;
use std::fs;
use std::io;
use std::path::{Path, PathBuf};

/// How deep folders may lie in each other that nobody but their owner can look into.
const ROUNDS: usize = 40;
/// How many folders are given back at once.
const MOST: usize = 20_000;
/// Where the folder is mounted.
const TARGET: &str = "/folder";

/// Makes every folder in one of this machine's this user's own, unless they are root, who needs none of this.
#[cfg(unix)]
pub async fn take_back(engine: &Engine, folder: &Path) -> Result<(), ApiError> {
    match rustix::process::geteuid() {
        user if user.is_root() => Ok(()),
        user => give(engine, folder, user.as_raw()).await,
    }
}

/// No user of this system's can be told.
#[cfg(not(unix))]
pub async fn take_back(_: &Engine, _: &Path) -> Result<(), ApiError> {
    Ok(())
}

/// Makes every folder in one of this machine's that of a user, by number; the owners of files stay as they are.
#[cfg(unix)]
pub async fn give(engine: &Engine, folder: &Path, user: u32) -> Result<(), ApiError> {
    let others = others(folder, user);
    if others.is_empty() || engine.is_remote {
        return Ok(());
    }
    let image = engine.run.image_tag(0);
    let (repo, tag) = image.split_once(':').unwrap_or((&image, "0"));
    let empty = CreateImageOptions {
        from_src: Some("-".into()),
        repo: Some(repo.into()),
        tag: Some(tag.into()),
        changes: engine.run.labels().into_iter().map(|(name, value)| format!("LABEL {name}=\"{value}\"")).collect(),
        ..Default::default()
    };
    let body = bollard::body_full(archive(&[], user).unwrap_or_default().into());
    let made = engine.docker.create_image(Some(empty), Some(body), None).try_for_each(|_| async { Ok(()) }).await;
    made.doing(|| "make an empty image".into())?;
    let given = give_with(engine, folder, user, &image, others).await;
    let options = RemoveImageOptions { force: true, ..Default::default() };
    let removed = engine.docker.remove_image(&image, Some(options), None).await;
    given.and(removed.map(drop).doing(|| format!("remove image {image}")))
}

#[cfg(unix)]
async fn give_with(
    engine: &Engine,
    folder: &Path,
    user: u32,
    image: &str,
    mut others: Vec<PathBuf>,
) -> Result<(), ApiError> {
    let mount = Mount {
        typ: Some(MountType::BIND),
        source: Some(folder.to_string_lossy().into_owned()),
        target: Some(TARGET.into()),
        ..Default::default()
    };
    let body = ContainerCreateBody {
        image: Some(image.to_owned()),
        cmd: Some(vec!["never-run".into()]),
        labels: Some(engine.run.labels().into_iter().collect()),
        host_config: Some(HostConfig {
            mounts: Some(vec![mount]),
            network_mode: Some("none".into()),
            ..Default::default()
        }),
        ..Default::default()
    };
    let created = engine.docker.create_container(None::<CreateContainerOptions>, body).await;
    let id = created.doing(|| format!("create a container with {}", folder.display()))?.id;
    let mut given = Ok(());
    for _ in 0..ROUNDS {
        let Ok(archive) = archive(&others, user) else { break };
        let options = UploadToContainerOptions { path: TARGET.into(), ..Default::default() };
        given = engine
            .docker
            .upload_to_container(&id, Some(options), bollard::body_full(archive.into()))
            .await
            .doing(|| format!("give {} back to its owner", folder.display()));
        // What they hide is seen now.
        others = self::others(folder, user);
        if given.is_err() || others.is_empty() {
            break;
        }
    }
    given.and(janitor::remove_container(engine, &id).await)
}

/// The folders in one that are not a user's, as far as they can be seen; relative, the outer ones first.
#[cfg(unix)]
fn others(folder: &Path, user: u32) -> Vec<PathBuf> {
    use std::os::unix::fs::MetadataExt as _;
    let mut found = Vec::new();
    let mut open = vec![folder.to_owned()];
    while let Some(folder_there) = open.pop() {
        for entry in fs::read_dir(folder_there).into_iter().flatten().flatten() {
            let path = entry.path();
            // of the entry itself, never of what a link means
            let Some(metadata) = entry.metadata().ok().filter(fs::Metadata::is_dir) else { continue };
            if metadata.uid() != user {
                found.extend(path.strip_prefix(folder).map(Path::to_owned));
            }
            if found.len() == MOST {
                return found;
            }
            open.push(path);
        }
    }
    found
}

/// An archive of folders alone, each of them the user's.
#[cfg(unix)]
fn archive(folders: &[PathBuf], user: u32) -> io::Result<Vec<u8>> {
    let mut archive = tar::Builder::new(Vec::new());
    for folder in folders {
        let mut header = tar::Header::new_gnu();
        header.set_entry_type(tar::EntryType::Directory);
        header.set_size(0);
        header.set_mode(0o700);
        header.set_uid(user.into());
        header.set_gid(user.into());
        archive.append_data(&mut header, folder, io::empty())?;
    }
    archive.into_inner()
}
