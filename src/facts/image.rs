//! Facts about the image: it is built, then looked at.

mod failure;
mod layers;
mod user;

pub use layers::Step;

use super::{Fact, Facts, Source, Unavailable, Value, registry};
use crate::engine::Engine;
use crate::engine::container::health::HealthCheck;
use crate::engine::image::build;
use crate::engine::image::build::{BuildFault, BuildRequest, Built, Failed};
use crate::engine::image::filesystem::{Filesystem, Wanted};
use crate::engine::image::size;
use crate::engine::image::stream::StreamError;
use crate::engine::owned::owner::LABEL_PREFIX;
use crate::outcome::Finding;
use crate::place::Place;
use bollard::models::{HealthConfig, ImageConfig};
use std::collections::BTreeMap;
use std::time::Duration;
use tokio::time::timeout;

/// How long looking into the built image may take.
const LOOKING: Duration = Duration::from_secs(120);

/// What to build, and what is known of it already.
pub struct ImageRequest<'a> {
    /// What to build.
    pub build: BuildRequest<'a>,
    /// The Dockerfile's path in the repository.
    pub path: &'a str,
    /// The instructions that make the target, from its base on, through the stages it is built FROM; each `FROM` included.
    /// Empty where the Dockerfile could not be read.
    pub steps: &'a [Step],
    /// The files that the challenge supplies.
    pub given: &'a [Wanted],
    /// The line of the `.dockerignore` that leaves a path out, and the pattern there.
    pub ignored_by: &'a dyn Fn(&str) -> Option<(Place, String)>,
}

/// What came of it.
#[derive(Debug)]
pub struct Image {
    /// The facts, all of `image`.
    pub facts: Facts,
    /// The image, if it was built.
    pub built: Option<Built>,
    /// Why it was not, if it could be tried.
    pub failed: Option<Failed>,
}

/// Builds the image and looks at it. `doing` hears what is done now: `build 3/9 RUN pip install flask`.
pub async fn collect(engine: &Engine, request: &ImageRequest<'_>, doing: &dyn Fn(String)) -> Image {
    match build::build(engine, &request.build, doing).await {
        Ok(built) => {
            doing("look at the image".into());
            Image { facts: look(engine, &built, request).await, built: Some(built), failed: None }
        }
        Err(failed) => Image { facts: not_built(&failed, request), built: None, failed: Some(*failed) },
    }
}

fn unavailable(why: String) -> Facts {
    let mut facts = Facts::default();
    facts.set_unavailable(Source::Image, Unavailable::Failed(why));
    facts
}

/// Where a build failed, and why, in a beginner's words.
pub fn explain(failed: &Failed, request: &ImageRequest<'_>) -> (Option<Place>, String) {
    failure::explain(failed, request)
}

/// A failed build is one finding; that there is nothing to look at is no second one.
fn not_built(failed: &Failed, request: &ImageRequest<'_>) -> Facts {
    if let Some(BuildFault::Machine(why)) = &failed.fault {
        return unavailable(why.clone());
    }
    let mut facts = Facts::default();
    for entry in registry::REGISTRY.iter().filter(|entry| entry.source() == Source::Image) {
        facts.put(entry.name, Fact::absent().because("the image does not build"));
    }
    let (place, why) = failure::explain(failed, request);
    let refused: Vec<Finding> = failed.refused.iter().map(|finding| failure::refused(finding, request)).collect();
    facts.put("image.builds", Fact::of(false).at(place).because(why).telling(&refused));
    facts
}

async fn look(engine: &Engine, built: &Built, request: &ImageRequest<'_>) -> Facts {
    let mut facts = Facts::default();
    let image = &built.image;
    let platform: Vec<&str> =
        [&image.os, &image.architecture, &image.variant].into_iter().flatten().map(String::as_str).collect();
    let platform: Vec<&str> = platform.into_iter().filter(|part| !part.is_empty()).collect();
    facts.put("image.builds", true);
    facts.put("image.platform", platform.join("/"));
    let config = image.config.clone().unwrap_or_default();
    put_config(&mut facts, &config, request.steps);
    let workdir = config.working_dir.as_deref().unwrap_or_default();
    let layers = timeout(LOOKING, size::layers(engine, &built.tag));
    let inside = timeout(LOOKING, inside(engine, built, request.given, workdir));
    let (layers, inside) = tokio::join!(layers, inside);
    let late = || format!("looking at the image took longer than {} s", LOOKING.as_secs());
    match layers.map_err(|_| late()).and_then(|layers| layers.map_err(|error| error.to_string())) {
        Ok(layers) => layers::put(&mut facts, &layers, request.steps, &platform.join("/")),
        Err(why) => {
            facts.put("image.size", Fact::unknown(why.clone()));
            facts.put("image.layers", Fact::unknown(why));
        }
    }
    let inside = inside.map_err(|_| late()).and_then(|inside| inside.map_err(|error| error.to_string()));
    let (passwd, given) = match inside {
        Ok(inside) => (Ok(inside.0), Ok(inside.1)),
        Err(why) => (Err(why.clone()), Err(why)),
    };
    user::put(&mut facts, config.user.as_deref().unwrap_or_default(), &passwd, request.steps);
    let given = given.map(|given| Fact::of(given.into_iter().map(Value::Text).collect::<Vec<_>>()));
    facts.put("image.given", given.unwrap_or_else(Fact::unknown));
    facts
}

/// The image's `/etc/passwd`, and the given files that lie in it.
async fn inside(
    engine: &Engine,
    built: &Built,
    given: &[Wanted],
    workdir: &str,
) -> Result<(Option<String>, Vec<String>), StreamError> {
    let filesystem = Filesystem::open(engine, &built.tag).await?;
    let found = read(&filesystem, given, workdir).await;
    filesystem.close().await?;
    found
}

/// One after the other: with containerd's images, Docker unmounts the filesystem after each, under the feet of the other.
async fn read(
    filesystem: &Filesystem<'_>,
    given: &[Wanted],
    workdir: &str,
) -> Result<(Option<String>, Vec<String>), StreamError> {
    let passwd = filesystem.text("/etc/passwd").await?;
    let given = filesystem.find(given, workdir).await?;
    Ok((passwd, given.into_iter().collect()))
}

/// The last instruction of this name.
fn last<'a>(steps: &'a [Step], name: &str) -> Option<&'a Step> {
    steps.iter().rev().find(|step| step.name == name)
}

fn put_config(facts: &mut Facts, config: &ImageConfig, steps: &[Step]) {
    let place = |name: &str| last(steps, name).map(|step| step.place.clone());
    let texts = |values: &Option<Vec<String>>| {
        let values = values.as_ref().filter(|values| !values.is_empty());
        Fact::maybe(values.map(|values| values.iter().map(|value| Value::Text(value.clone())).collect::<Vec<_>>()))
    };
    facts.put("image.cmd", texts(&config.cmd).at(place("CMD")));
    facts.put("image.entrypoint", texts(&config.entrypoint).at(place("ENTRYPOINT")));
    let mut exposes = config.exposed_ports.clone();
    exposes.get_or_insert_default().sort();
    facts.put("image.exposes", texts(&exposes).at(place("EXPOSE")));
    let workdir = config.working_dir.clone().filter(|path| !path.is_empty());
    facts.put("image.workdir", Fact::maybe(workdir).at(place("WORKDIR")));
    let variables = config.env.iter().flatten().map(|variable| variable.split_once('=').unwrap_or((variable, "")));
    facts.put("image.env", map(variables));
    let labels = config.labels.iter().flatten().map(|(name, value)| (name.as_str(), value.as_str()));
    facts.put("image.labels", map(labels.filter(|(name, _)| !name.starts_with(LABEL_PREFIX))));
    let healthcheck = match config.healthcheck.as_ref().and_then(healthcheck) {
        Some(fact) => fact.at(place("HEALTHCHECK")),
        None => Fact::absent()
            .because("there is no HEALTHCHECK in the Dockerfile, and the base image has none")
            .at(place("FROM")), // the stage that lacks it
    };
    facts.put("image.healthcheck", healthcheck);
}

fn map<'a>(pairs: impl Iterator<Item = (&'a str, &'a str)>) -> Fact {
    let pairs: BTreeMap<String, Fact> = pairs.map(|(name, value)| (name.to_owned(), value.into())).collect();
    Fact::of(Value::Map(pairs))
}

/// A health check as the engine will use it: what is not said has Docker's default.
fn healthcheck(config: &HealthConfig) -> Option<Fact> {
    let test = config.test.as_ref()?;
    let (kind, command) = match test.split_first()? {
        (kind, _) if kind == "NONE" => return Some(Fact::record([("kind", "none".into())])),
        (kind, command) if kind == "CMD-SHELL" => ("shell", command),
        (_, command) => ("cmd", command),
    };
    let check = HealthCheck::of(Some(config))?;
    Some(Fact::record([
        ("kind", kind.into()),
        ("command", command.join(" ").into()),
        ("interval", Fact::of(check.interval)),
        ("timeout", Fact::of(check.timeout)),
        ("start_period", Fact::of(check.start_period)),
        ("retries", i64::from(check.retries).into()),
    ]))
}
