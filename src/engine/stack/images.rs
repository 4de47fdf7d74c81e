//! The images that a stack names: looked for on the engine, and pulled where they are not there.

use crate::engine::Engine;
use crate::engine::connect::api::{reason, status};
use crate::engine::connect::hub;
use crate::engine::image::build::BuildFault;
use crate::engine::image::build::fault::of_pull;
use crate::outcome::{Fault, Finding};
use bollard::models::{CreateImageInfo, HealthConfig};
use bollard::query_parameters::CreateImageOptions;
use futures_util::StreamExt;
use std::collections::HashMap;
use std::time::Duration;
use tokio::time::timeout;

/// How long a pull may go without any progress.
const STANDSTILL: Duration = Duration::from_secs(120);

/// The health check of an image, which is pulled if it is not there.
///
/// The learner's fault: the image doesn't exist or is private. `because` is the registry's answer.
pub async fn obtain(
    engine: &Engine,
    image: &str,
    platform: Option<&str>,
    doing: &dyn Fn(String),
) -> Result<Option<HealthConfig>, Fault> {
    match inspect(engine, image).await {
        Err(Fault::Learner(_)) => {}
        found => return found,
    }
    pull(engine, image, platform, doing).await?;
    inspect(engine, image).await
}

/// The health check of an image on the engine.
pub async fn inspect(engine: &Engine, image: &str) -> Result<Option<HealthConfig>, Fault> {
    match engine.docker.inspect_image(image).await {
        Ok(found) => Ok(found.config.and_then(|config| config.healthcheck)),
        Err(error) if matches!(status(&error), Some(404 | 400)) => Err(missing(image, &reason(&error))),
        Err(error) => Err(Fault::Machine(format!("Docker could not inspect the image {image}: {}", reason(&error)))),
    }
}

fn missing(image: &str, said: &str) -> Fault {
    let finding = Finding {
        message: format!("Docker can't pull the image `{image}`"),
        actual: Some("the image doesn't exist or is private".to_owned()),
        because: Some(said.to_owned()),
        hint: Some("Check its name and tag. hub.docker.com lists the images and tags that exist.".to_owned()),
        ..Finding::default()
    };
    finding.into()
}

async fn pull(engine: &Engine, image: &str, platform: Option<&str>, doing: &dyn Fn(String)) -> Result<(), Fault> {
    // Without a tag the engine would pull all of them.
    let has_tag = image.contains('@') || image.rsplit('/').next().is_some_and(|name| name.contains(':'));
    let options = CreateImageOptions {
        from_image: Some(if has_tag { image.to_owned() } else { format!("{image}:latest") }),
        platform: platform.unwrap_or_default().to_owned(),
        ..CreateImageOptions::default()
    };
    let mut stream = Box::pin(engine.docker.create_image(Some(options), None, None));
    let mut progress = PullProgress::default();
    doing(format!("pull {image}"));
    loop {
        match timeout(STANDSTILL, stream.next()).await {
            Err(_) => {
                let standstill = STANDSTILL.as_secs();
                return Err(Fault::Machine(format!("nothing came from the registry for {standstill} s: {image}")));
            }
            Ok(None) => return Ok(()),
            Ok(Some(Ok(info))) => {
                if let Some(text) = progress.take(info) {
                    doing(format!("pull {image} {text}"));
                }
            }
            Ok(Some(Err(error))) => {
                drop(stream);
                return by_tool(engine, image, platform, &reason(&error)).await;
            }
        }
    }
}

/// Asks again through the `docker` program, which knows who is logged in to which registry.
async fn by_tool(engine: &Engine, image: &str, platform: Option<&str>, said: &str) -> Result<(), Fault> {
    let mut command = engine.cli.command(["pull", "--quiet"]).limit(STANDSTILL);
    if let Some(platform) = platform {
        command = command.args(["--platform", platform]);
    }
    // The name is the learner's, and could be taken for an option.
    match command.args(["--", image]).run().await {
        Ok(finished) if finished.success() => Ok(()),
        Ok(finished) => {
            let stderr = finished.stderr.text();
            Err(fault(engine, image, if stderr.trim().is_empty() { said } else { stderr.trim() }).await)
        }
        Err(_) => Err(fault(engine, image, said).await),
    }
}

async fn fault(engine: &Engine, image: &str, reason: &str) -> Fault {
    match of_pull(image, reason) {
        BuildFault::UnknownRegistry { .. } if hub::answers(engine).await => missing(image, reason),
        BuildFault::UnknownRegistry { why, .. } | BuildFault::Machine(why) => Fault::Machine(why),
        _ => missing(image, reason),
    }
}

/// The bytes of all layers together.
#[derive(Default)]
struct PullProgress {
    layers: HashMap<String, (i64, i64)>,
    said: i64,
}

impl PullProgress {
    /// `12/80 MB`, whenever another megabyte has come.
    fn take(&mut self, info: CreateImageInfo) -> Option<String> {
        const MB: i64 = 1_000_000;
        let (id, detail) = (info.id?, info.progress_detail?);
        if info.status.as_deref() != Some("Downloading") {
            return None;
        }
        self.layers.insert(id, (detail.current.unwrap_or_default(), detail.total.unwrap_or_default()));
        let sum = self.layers.values().fold((0, 0), |sum, layer| (sum.0 + layer.0, sum.1 + layer.1));
        let done = sum.0 / MB;
        let is_new = done != self.said;
        self.said = done;
        is_new.then(|| format!("{done}/{} MB", sum.1 / MB))
    }
}
