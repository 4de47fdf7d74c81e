//! What `docker buildx build --progress=rawjson` prints, in any cuts: the same is heard of it, and why it failed is told.

use super::facts;
use grader::engine::image::build::{BuildRequest, Failed, Transcript};
use grader::facts::image::{ImageRequest, explain};
use grader::outcome::Finding;
use grader::run::snippet;
use std::collections::BTreeMap;
use std::path::Path;
use std::time::Duration;

const DOCKERFILE: &[u8] = b"FROM python:3.11 AS builder\nCOPY . .\nRUN pip install x\nUSER app\nCMD [\"python\"]\n";

/// Reads it.
pub fn run(data: &[u8]) {
    let stages = ["builder".to_owned(), "test".to_owned()];
    let whole = heard([data].into_iter());
    let size = usize::from(data.first().copied().unwrap_or(1) % 16) + 1;
    let parts = heard(data.chunks(size));
    let failed = whole.failure(&stages);
    assert_eq!(all(&whole, &failed), all(&parts, &parts.failure(&stages)), "in parts of {size} bytes");
    let step = whole.progress.failed().map(|step| step.log.len());
    assert!(step.is_none_or(|bytes| bytes <= 16 << 10), "{step:?} bytes of output are kept");
    tell(&failed, &stages);
}

fn heard<'a>(parts: impl Iterator<Item = &'a [u8]>) -> Transcript {
    let mut transcript = Transcript::default();
    for part in parts {
        transcript.push(part);
    }
    let _ = transcript.progress.doing();
    let _ = transcript.progress.is_pulling();
    transcript.end();
    transcript
}

/// All that is heard, in words.
fn all(transcript: &Transcript, failed: &Failed) -> String {
    let progress = &transcript.progress;
    format!(
        "{:?} {:?} {:?} {:?} {} {failed:?}",
        progress.done(),
        progress.bases(),
        progress.warnings,
        progress.failed().map(|step| &step.name),
        progress.pulled,
    )
}

/// The finding of a failed build can be made, its lines be shown.
fn tell(failed: &Failed, stages: &[String]) {
    let build = BuildRequest {
        root: Path::new("/"),
        context: Path::new("/"),
        dockerfile: Path::new("/Dockerfile"),
        dockerfiles: &grader::dockerfile::Dockerfiles::default(),
        target: None,
        args: &BTreeMap::new(),
        secrets: &BTreeMap::new(),
        stages,
        tag: "tag",
        platform: None,
        contexts: &BTreeMap::new(),
        limit: Duration::from_secs(1),
    };
    let ignored_by = |_: &str| None;
    let request = ImageRequest { build, path: "Dockerfile", steps: &[], given: &[], ignored_by: &ignored_by };
    let (place, message) = explain(failed, &request);
    let mut finding = Finding { message, place, ..Finding::default() };
    snippet::attach(&mut finding, &|_| Some(DOCKERFILE.to_vec()));
    if let Some(snippet) = finding.snippet {
        assert!(snippet.first_line >= 1 && snippet.lines.len() <= facts::lines(DOCKERFILE));
    }
}
