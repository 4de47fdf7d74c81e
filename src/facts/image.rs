//! Facts about the image: it is built, then looked at.

pub mod contents;
mod failure;
mod layers;
mod user;
mod warnings;

pub use failure::missing_file;
pub use layers::InstructionStep;

use super::registry::{HEALTHCHECK, TEXT_MAP, TEXTS, Type};
use super::table::{Def, Missing, def, def_or};
use super::{Fact, Facts, Source, Unavailable, Value};
use crate::engine::Engine;
use crate::engine::container::health::HealthCheck;
use crate::engine::image::build;
use crate::engine::image::build::{BuildFault, BuildRequest, Built, Failed};
use crate::engine::image::filesystem::{Filesystem, PlacesInImage, Wanted};
use crate::engine::image::size::{self, Layer};
use crate::engine::image::stream::StreamError;
use crate::engine::owned::owner::LABEL_PREFIX;
use crate::outcome::{Fault, Finding};
use crate::place::Place;
use bollard::models::{HealthConfig, ImageConfig};
use std::collections::BTreeMap;
use std::time::Duration;
use tokio::time::timeout;
use user::User;

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
    pub steps: &'a [InstructionStep],
    /// The files that the challenge supplies.
    pub given: &'a [Wanted],
    /// The line of the `.dockerignore` that leaves a path out, and the pattern there.
    pub ignored_by: &'a dyn Fn(&str) -> Option<(Place, String)>,
}

/// An image that was built, and what was found in it.
pub(super) struct BuiltImage<'a> {
    config: &'a ImageConfig,
    platform: &'a str,
    created: Option<String>,
    steps: &'a [InstructionStep],
    user: User,
    warnings: Fact,
    layers: Result<Vec<Layer>, Fault>,
    given: Result<PlacesInImage, Fault>,
}

type ImageRow = Def<fn(&BuiltImage<'_>) -> Fact>;

const BUILDS: ImageRow =
    def_or(Missing::False, "image.builds", Type::Bool, "Whether the image builds.", |_| Fact::of(true));

const WARNINGS: ImageRow = def(
    "build.warnings",
    warnings::WARNINGS,
    "What BuildKit itself warns of in the Dockerfile, each with its place. Rules have names since Engine 27; an older one \
     warns of empty lines after a `\\` alone.",
    |image| image.warnings.clone(),
);

const SIZE: ImageRow =
    def("image.size", Type::Size, "The bytes of the image's unpacked layers (MB = 1,000,000 bytes).", |image| {
        image.of_layers(|layers| layers::size(layers, image.steps, image.platform))
    });

/// The facts.
pub(super) static FACTS: &[ImageRow] = &[
    BUILDS,
    WARNINGS,
    SIZE,
    def("image.platform", Type::Text, "The platform that the image is built for: `linux/amd64`.", |image| {
        Fact::of(image.platform)
    }),
    def(
        "image.layers",
        layers::LAYERS,
        "The image's layers, those of its base included, with their size and what made them; `takes` says whether that takes files from an earlier stage, `instruction` is its name: `RUN`.",
        |image| image.of_layers(|layers| layers::list(layers, image.steps)),
    ),
    def("image.user.name", Type::Text, "The image's user, without the group; empty where none is set.", |image| {
        image.user.name.clone()
    }),
    def(
        "image.user.group",
        Type::Text,
        "The group that the image's user is set with: `staff` in `app:staff`; absent where none is.",
        |image| image.user.group.clone(),
    ),
    def("image.user.uid", Type::Int, "The user number of the image's user.", |image| image.user.uid.clone()),
    def(
        "image.user.is_root",
        Type::Bool,
        "Whether the image's user is root: empty, `root`, `0`, `0:0`, or a name whose number is 0.",
        |image| image.user.is_root.clone(),
    ),
    def("image.healthcheck", HEALTHCHECK, "The image's health check; `kind` is `cmd`, `shell` or `none`.", |image| {
        match image.config.healthcheck.as_ref().and_then(healthcheck) {
            Some(fact) => fact.at(image.place("HEALTHCHECK")),
            None => Fact::absent()
                .because("there is no HEALTHCHECK in the Dockerfile, and the base image has none")
                .at(image.place("FROM")), // the stage that lacks it
        }
    }),
    def("image.env", TEXT_MAP, "The image's environment.", |image| {
        let variables = image.config.env.iter().flatten();
        map(variables.map(|variable| variable.split_once('=').unwrap_or((variable, ""))))
    }),
    def("image.exposes", TEXTS, "The ports that the image exposes: `5000/tcp`.", |image| {
        let mut exposes = image.config.exposed_ports.clone().unwrap_or_default();
        exposes.sort();
        texts(&exposes).at(image.place("EXPOSE"))
    }),
    def("image.cmd", TEXTS, "The image's CMD.", |image| {
        texts(image.config.cmd.as_deref().unwrap_or_default()).at(image.place("CMD"))
    }),
    def("image.entrypoint", TEXTS, "The image's ENTRYPOINT.", |image| {
        texts(image.config.entrypoint.as_deref().unwrap_or_default()).at(image.place("ENTRYPOINT"))
    }),
    def("image.workdir", Type::Text, "The image's WORKDIR.", |image| {
        let workdir = image.config.working_dir.as_deref().filter(|path| !path.is_empty());
        Fact::maybe(workdir).at(image.place("WORKDIR"))
    }),
    def("image.labels", TEXT_MAP, "The image's labels.", |image| {
        let labels = image.config.labels.iter().flatten().map(|(name, value)| (name.as_str(), value.as_str()));
        map(labels.filter(|(name, _)| !name.starts_with(LABEL_PREFIX)))
    }),
    def("image.volumes", TEXTS, "The paths that the image makes volumes: `/data`.", |image| {
        let mut volumes = image.config.volumes.clone().unwrap_or_default();
        volumes.sort();
        texts(&volumes).at(image.place("VOLUME"))
    }),
    def(
        "image.stop_signal",
        Type::Text,
        "The signal that stops the image's containers; SIGTERM unless said.",
        |image| {
            let signal = image.config.stop_signal.as_deref().filter(|signal| !signal.is_empty());
            Fact::of(signal.unwrap_or("SIGTERM")).at(image.place("STOPSIGNAL"))
        },
    ),
    def("image.architecture", Type::Text, "The processor that the image is built for: `amd64`.", |image| {
        Fact::maybe(image.platform.split('/').nth(1))
    }),
    def("image.created", Type::Text, "When the image was made: `2026-01-31T12:00:00Z`.", |image| {
        Fact::maybe(image.created.as_deref())
    }),
    def("image.given", TEXTS, "The given files that are in the image unchanged, wherever they are.", |image| {
        let given = image.given.as_ref();
        given.map_or_else(unseen, |given| Fact::of(given.keys().cloned().map(Value::Text).collect::<Vec<_>>()))
    }),
    def(
        "image.given_at",
        Type::Map(&TEXTS),
        "Where the image has each given file unchanged, by its path in the repository.",
        |image| {
            let places = |places: &Vec<String>| Fact::of(places.iter().cloned().map(Value::Text).collect::<Vec<_>>());
            let all = |given: &PlacesInImage| given.iter().map(|(path, at)| (path.clone(), places(at))).collect();
            image.given.as_ref().map_or_else(unseen, |given| Fact::of(Value::Map(all(given))))
        },
    ),
];

impl BuiltImage<'_> {
    /// Where the last instruction of this name is.
    fn place(&self, name: &str) -> Option<Place> {
        last(self.steps, name).map(|step| step.place.clone())
    }

    fn of_layers(&self, fact: impl FnOnce(&[Layer]) -> Fact) -> Fact {
        self.layers.as_deref().map_or_else(unseen, fact)
    }
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
    facts.fill_without(FACTS, &Fact::absent().because("the image does not build"));
    contents::leave_out(&mut facts, "the image does not build");
    let (place, why) = failure::explain(failed, request);
    let refused: Vec<Finding> = failed.refused.iter().map(|finding| failure::refused(finding, request)).collect();
    facts.fill(&BUILDS, Fact::of(false).at(place).because(why).telling(&refused));
    facts.fill(&WARNINGS, warnings::list(&failed.warnings, request.path));
    facts
}

async fn look(engine: &Engine, built: &Built, request: &ImageRequest<'_>) -> Facts {
    let image = &built.image;
    let platform = [&image.os, &image.architecture, &image.variant].into_iter().flatten().map(String::as_str);
    let platform: Vec<&str> = platform.filter(|part| !part.is_empty()).collect();
    let config = image.config.clone().unwrap_or_default();
    let workdir = config.working_dir.as_deref().unwrap_or_default();
    let layers = timeout(LOOKING, size::layers(engine, &built.tag));
    let inside = timeout(LOOKING, inside(engine, built, request.given, workdir));
    let (layers, inside) = tokio::join!(layers, inside);
    let late = |_| Fault::machine(format!("looking at the image took longer than {} s", LOOKING.as_secs()));
    let layers = layers.map_err(late).and_then(|layers| layers.map_err(Fault::machine));
    let inside = inside.map_err(late).and_then(|inside| inside.map_err(Fault::machine));
    let (passwd, given) = match inside {
        Ok((passwd, given)) => (Ok(passwd), Ok(given)),
        Err(fault) => (Err(fault.clone()), Err(fault)),
    };
    let user = User::of(config.user.as_deref().unwrap_or_default(), &passwd, request.steps);
    let warnings = warnings::list(&built.warnings, request.path);
    let platform = platform.join("/");
    let created = image.created.as_ref().map(ToString::to_string);
    let steps = request.steps;
    let seen = BuiltImage { config: &config, platform: &platform, created, steps, user, warnings, layers, given };
    let mut facts = Facts::default();
    facts.fill_all(FACTS, |value| value(&seen));
    facts
}

/// What could not be looked at.
fn unseen(fault: &Fault) -> Fact {
    Fact::unknown(fault.reason())
}

/// The image's `/etc/passwd`, and the given files that lie in it.
async fn inside(
    engine: &Engine,
    built: &Built,
    given: &[Wanted],
    workdir: &str,
) -> Result<(Option<String>, PlacesInImage), StreamError> {
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
) -> Result<(Option<String>, PlacesInImage), StreamError> {
    let passwd = filesystem.text("/etc/passwd").await?;
    Ok((passwd, filesystem.find(given, workdir).await?))
}

/// The last instruction of this name.
fn last<'a>(steps: &'a [InstructionStep], name: &str) -> Option<&'a InstructionStep> {
    steps.iter().rev().find(|step| step.name == name)
}

/// Texts, if there are any.
fn texts(values: &[String]) -> Fact {
    let texts = values.iter().cloned().map(Value::Text).collect::<Vec<_>>();
    Fact::maybe(Some(texts).filter(|texts| !texts.is_empty()))
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
