//! Image registries, asked by the OCI Distribution API without an account: is an image there, how large, for what?
//!
//! Learners name registries, so the machine that grades asks hosts of their choice. It sends nothing but GET and HEAD,
//! over TLS; without TLS only to this machine, if the image is named there. A registry may lead elsewhere, for a token or
//! a blob, by the same rules; at most [`MOST_REDIRECTS`] times each, and a token goes to no other host. Of what comes
//! back, [`MAX_BODY`] bytes are read and only a size, platforms, a date, digests and labels are kept.

mod challenge;
mod client;
pub mod location;
mod manifest;

use client::{Client, Fetched};
use location::Location;
use manifest::{Manifest, PushedConfig, choose, json};
use sha2::{Digest as _, Sha256};
use std::collections::BTreeMap;
use std::time::Duration;
use thiserror::Error;

/// How long everything about one image may take.
pub const LIMIT: Duration = Duration::from_secs(30);
/// The bytes of one answer that are read.
pub const MAX_BODY: usize = 4 << 20;
/// How often a request is led on.
pub const MOST_REDIRECTS: usize = 5;

/// What a registry says of an image.
#[derive(Debug)]
pub enum RegistryAnswer {
    /// It is not there, or not for everybody; why, without a full stop.
    No(String),
    /// It is there; more if that was asked for.
    Yes(Option<Result<Details, Error>>),
}

/// More of an image.
#[derive(Debug, Clone, Default, PartialEq, Eq)]
pub struct Details {
    /// The platforms that it is for: `linux/amd64`.
    pub platforms: Vec<String>,
    /// Of which platform the rest is: this machine's, else linux/amd64, else the first.
    pub platform: Option<String>,
    /// The bytes of its layers as they are stored, so compressed.
    pub size: u64,
    /// When it was made, as its configuration says.
    pub created: Option<String>,
    /// The digest of what the name leads to.
    pub digest: String,
    /// Its labels.
    pub labels: BTreeMap<String, String>,
    /// The digests of its layers, unpacked: those of the image that was pushed.
    pub layers: Vec<String>,
}

/// Why a registry could not be asked: not the learner's fault. A sentence that goes on from the registry's name.
#[derive(Debug, Error, PartialEq, Eq)]
pub enum Error {
    /// Nothing came back.
    #[error("could not be reached: {0}")]
    Unreachable(String),
    /// This machine trusts nobody.
    #[error("can't be asked over TLS from here ({0}); is the package ca-certificates installed?")]
    Tls(String),
    /// It took too long.
    #[error("did not answer within {} s", LIMIT.as_secs())]
    Late,
    /// It wants an account.
    #[error("needs a login, and grader has none")]
    Login,
    /// Too many requests.
    #[error("has had too many requests from here (status 429); try again later")]
    Busy,
    /// It answered with another status.
    #[error("answered with the status {0}")]
    Status(u16),
    /// It answered with too much.
    #[error("answered with more than {} MiB", MAX_BODY >> 20)]
    Long,
    /// A manifest has too many entries.
    #[error("names more than {} parts of an image", manifest::MOST_ENTRIES)]
    Many,
    /// It leads where grader does not go.
    #[error("leads to {0}, where grader does not go")]
    Elsewhere(String),
    /// What came back is not what the API says.
    #[error("answered with what grader can't read: {0}")]
    Unreadable(String),
}

/// Asks for an image; without `details` only whether it is there, which Docker Hub does not count as a pull.
pub async fn ask(image: &Location, details: bool) -> Result<RegistryAnswer, Error> {
    tokio::time::timeout(LIMIT, answer(image, details)).await.unwrap_or(Err(Error::Late))
}

async fn answer(image: &Location, details: bool) -> Result<RegistryAnswer, Error> {
    let mut client = Client::new(image)?;
    let Location { registry, repository, reference, .. } = image;
    Ok(match client.manifest(reference, details).await? {
        Fetched::Missing => {
            RegistryAnswer::No(format!("{registry} has no `{reference}` of {repository}; was it pushed?"))
        }
        Fetched::Refused => RegistryAnswer::No(format!(
            "{registry} shows no {repository} to someone who is not logged in; was it pushed, and is it public?"
        )),
        Fetched::There(_) if !details => RegistryAnswer::Yes(None),
        Fetched::There(body) => RegistryAnswer::Yes(Some(more(&mut client, &body).await)),
    })
}

async fn more(client: &mut Client<'_>, body: &[u8]) -> Result<Details, Error> {
    let mut manifest = Manifest::read(body)?;
    let digest = digest(body);
    let mut platforms = None;
    if let Manifest::Index(entries) = &manifest {
        let names = entries.iter().filter_map(|entry| entry.platform.as_ref()?.name());
        platforms = Some(names.collect::<Vec<_>>());
        let chosen = choose(entries).ok_or_else(|| Error::Unreadable("the index is empty".to_owned()))?;
        manifest = Manifest::read(&there(client.manifest(&chosen.digest, true).await?)?)?;
    }
    let Manifest::Image { config, size } = manifest else {
        return Err(Error::Unreadable("an index in an index".to_owned()));
    };
    let PushedConfig { created, platform, config, rootfs } = json(&there(client.blob(&config).await?)?)?;
    let platform = platform.name();
    let platforms = platforms.unwrap_or_else(|| platform.clone().into_iter().collect());
    let labels = config.unwrap_or_default().labels.unwrap_or_default().into_iter().take(manifest::MOST_ENTRIES);
    let layers = rootfs.unwrap_or_default().diff_ids.unwrap_or_default();
    let layers = layers.into_iter().take(manifest::MOST_ENTRIES).collect();
    Ok(Details { platforms, platform, size, created, digest, labels: labels.collect(), layers })
}

/// The digest of a manifest.
fn digest(manifest: &[u8]) -> String {
    let hash = Sha256::digest(manifest);
    hash.iter().fold("sha256:".to_owned(), |text, byte| format!("{text}{byte:02x}"))
}

/// What a manifest names has to be there.
fn there(fetched: Fetched) -> Result<Vec<u8>, Error> {
    match fetched {
        Fetched::There(body) => Ok(body),
        Fetched::Missing | Fetched::Refused => Err(Error::Unreadable("a part of the image is missing".to_owned())),
    }
}
