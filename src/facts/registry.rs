//! The registry: every fact's name, type and meaning. Checks are held against it when they are loaded.

use super::{Fact, Facts, Source, Value};

/// What kind of value a fact has; it decides which matchers fit.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Type {
    /// True or false.
    Bool,
    /// A whole number.
    Int,
    /// Bytes: `200MB`.
    Size,
    /// A length of time: `30s`.
    Duration,
    /// Text.
    Text,
    /// The patterns of a `.dockerignore`: a list of texts that can also be asked what it `excludes`.
    Patterns,
    /// Values in their order.
    List(&'static Type),
    /// Values by a name that the learner chose.
    Map(&'static Type),
    /// Any JSON value.
    Any,
    /// Values by the names given here.
    Record(&'static [(&'static str, Type)]),
}

/// One fact that checks can ask for.
#[derive(Debug, Clone, Copy)]
pub struct Entry {
    /// Its name; `<name>` stands for one that the learner chose (a service), for which a role may be written.
    pub name: &'static str,
    /// Its type.
    pub kind: Type,
    /// What it is, in a sentence.
    pub doc: &'static str,
}

impl Entry {
    /// Where it comes from.
    pub fn source(&self) -> Source {
        source_of(self.name).unwrap_or(Source::Repo)
    }
}

/// The source that a name belongs to, by its first part.
pub fn source_of(name: &str) -> Option<Source> {
    let first = name.split('.').next()?;
    Source::ALL.into_iter().find(|source| source.prefix() == first)
}

/// The parts of a fact's name. An image's name has dots of its own: it is all between `registry.` and the last dot.
pub fn split(name: &str) -> Vec<&str> {
    let image = name.strip_prefix(Source::Registry.prefix()).and_then(|rest| rest.strip_prefix('.')?.rsplit_once('.'));
    match image {
        Some((image, field)) => vec![Source::Registry.prefix(), image, field],
        None => name.split('.').collect(),
    }
}

const TEXTS: Type = Type::List(&Type::Text);
const INTS: Type = Type::List(&Type::Int);
const TEXT_MAP: Type = Type::Map(&Type::Text);
const ERRORS: Type = Type::List(&Type::Record(&[("message", Type::Text), ("line", Type::Int), ("column", Type::Int)]));
const INSTRUCTIONS: Type = Type::List(&Type::Record(&[
    ("name", Type::Text),
    ("line", Type::Int),
    ("end_line", Type::Int),
    ("stage", Type::Int),
]));
const STAGES: Type = Type::List(&Type::Record(&[
    ("name", Type::Text),
    ("index", Type::Int),
    ("image", Type::Text),
    ("tag", Type::Text),
    ("digest", Type::Text),
    ("parent", Type::Int),
    ("platform", Type::Text),
    ("line", Type::Int),
    ("end_line", Type::Int),
]));
const COPIES: Type = Type::List(&Type::Record(&[
    ("from", Type::Text),
    ("kind", Type::Text),
    ("ancestor", Type::Bool),
    ("by", Type::Text),
    ("line", Type::Int),
]));
const PORTS: Type = Type::List(&Type::Record(&[
    ("target", Type::Int),
    ("published", Type::Text),
    ("host_ip", Type::Text),
    ("protocol", Type::Text),
]));
const MOUNTS: Type = Type::List(&Type::Record(&[
    ("type", Type::Text),
    ("source", Type::Text),
    ("target", Type::Text),
    ("read_only", Type::Bool),
]));
const BUILD: Type =
    Type::Record(&[("context", Type::Text), ("dockerfile", Type::Text), ("target", Type::Text), ("args", TEXT_MAP)]);
const COMPOSE_HEALTHCHECK: Type = Type::Record(&[
    ("kind", Type::Text),
    ("command", Type::Text),
    ("interval", Type::Duration),
    ("timeout", Type::Duration),
    ("start_period", Type::Duration),
    ("retries", Type::Int),
]);
const LAYERS: Type =
    Type::List(&Type::Record(&[("size", Type::Size), ("created_by", Type::Text), ("line", Type::Int)]));

const fn entry(name: &'static str, kind: Type, doc: &'static str) -> Entry {
    Entry { name, kind, doc }
}

/// Every fact there is, by source.
pub static REGISTRY: &[Entry] = &[
    entry(
        "repo.files",
        TEXTS,
        "The files that are graded: tracked or untracked-unignored ones in a git repository, otherwise all.",
    ),
    entry("dockerfile.exists", Type::Bool, "Whether there is a Dockerfile."),
    entry(
        "dockerfile.unreadable",
        Type::Text,
        "Why what is called so can't be read as a Dockerfile: a folder, too large, a link out of the repository.",
    ),
    entry("dockerfile.path", Type::Text, "The Dockerfile's path in the repository."),
    entry("dockerfile.errors", ERRORS, "What BuildKit would refuse in it, each with its place."),
    entry("dockerfile.instructions", INSTRUCTIONS, "All instructions in their order; `stage` counts from 0."),
    entry("dockerfile.stages", STAGES, "All build stages in their order, with what each is built from."),
    entry(
        "dockerfile.final.name",
        Type::Text,
        "The name of the stage that is built: what Compose names, else the last.",
    ),
    entry("dockerfile.final.base.image", Type::Text, "The image that it is built from in the end, without tag."),
    entry("dockerfile.final.base.tag", Type::Text, "That image's tag, as written."),
    entry("dockerfile.final.base.digest", Type::Text, "That image's digest, as written."),
    entry("dockerfile.final.user.name", Type::Text, "The user that its last USER sets, variables filled in."),
    entry(
        "dockerfile.final.user.is_root",
        Type::Bool,
        "Whether that user is written as root: `root`, `0`, `0:0`, or empty; absent where the base image decides.",
    ),
    entry(
        "dockerfile.final.healthcheck.kind",
        Type::Text,
        "How its HEALTHCHECK is written: `cmd` (a list), `shell` or `none`.",
    ),
    entry("dockerfile.final.healthcheck.command", Type::Text, "The command that it runs."),
    entry("dockerfile.final.healthcheck.interval", Type::Duration, "The time between two probes."),
    entry("dockerfile.final.healthcheck.timeout", Type::Duration, "How long one probe may take."),
    entry("dockerfile.final.healthcheck.start_period", Type::Duration, "How long failures at the start do not count."),
    entry("dockerfile.final.healthcheck.retries", Type::Int, "How many failures in a row make it unhealthy."),
    entry(
        "dockerfile.final.copies_from",
        COPIES,
        "What it, or a stage it is built FROM, takes by COPY or mount: `from` a `stage` or an `image` (`kind`), `by` `copy` or `mount`; `ancestor` says whether that stage is one it is built FROM anyway.",
    ),
    entry(
        "dockerfile.final.requirements_before_source",
        Type::Bool,
        "Whether the requirements are installed before the source is copied, so that a change of the source does not install them anew.",
    ),
    entry(
        "dockerfile.final.errors",
        ERRORS,
        "What BuildKit would stop at when it puts this stage together, each with its place.",
    ),
    entry("dockerfile.final.cmd", TEXTS, "Its CMD; a shell form is one text."),
    entry("dockerfile.final.entrypoint", TEXTS, "Its ENTRYPOINT; a shell form is one text."),
    entry("dockerfile.final.exposes", TEXTS, "The ports it EXPOSEs: `5000/tcp`."),
    entry("dockerfile.final.env", TEXT_MAP, "Its ENV, variables filled in."),
    entry("dockerfile.final.workdir", Type::Text, "Its WORKDIR."),
    entry("dockerfile.final.labels", TEXT_MAP, "Its LABELs."),
    entry("dockerignore.exists", Type::Bool, "Whether there is a .dockerignore (`<Dockerfile>.dockerignore` wins)."),
    entry(
        "dockerignore.unreadable",
        Type::Text,
        "Why what is called so can't be read as one, as for `dockerfile.unreadable`.",
    ),
    entry("dockerignore.path", Type::Text, "Its path in the repository."),
    entry("dockerignore.patterns", Type::Patterns, "Its patterns, as Docker reads them."),
    entry("dockerignore.errors", ERRORS, "The patterns that Docker refuses."),
    entry(
        "dockerignore.inline_comments",
        TEXTS,
        "Patterns with a `#` behind a blank: no comment for Docker, which looks for such a file.",
    ),
    entry("context.files", TEXTS, "The files that Docker would send to the builder."),
    entry("context.bytes", Type::Size, "Their size together."),
    entry("context.ignored_bytes", Type::Size, "The size of the files that .dockerignore leaves out."),
    entry("compose.exists", Type::Bool, "Whether there is a Compose file."),
    entry("compose.path", Type::Text, "Its path in the repository."),
    entry("compose.errors", ERRORS, "What makes it unreadable."),
    entry("compose.services.<name>.image", Type::Text, "The image that the service names."),
    entry("compose.services.<name>.build", BUILD, "What the service is built from."),
    entry("compose.services.<name>.ports", PORTS, "Its ports, short and long forms alike."),
    entry("compose.services.<name>.volumes", MOUNTS, "Its mounts: `bind`, `volume` or `tmpfs`."),
    entry("compose.services.<name>.depends_on", TEXT_MAP, "The services it waits for, and the condition of each."),
    entry(
        "compose.services.<name>.healthcheck",
        COMPOSE_HEALTHCHECK,
        "Its own health check; `kind` is `cmd`, `shell` or `none`.",
    ),
    entry("compose.services.<name>.environment", TEXT_MAP, "Its environment, as written."),
    entry("compose.services.<name>.networks", TEXTS, "The networks it joins."),
    entry("compose.services.<name>.restart", Type::Text, "Its restart policy."),
    entry("compose.services.<name>.user", Type::Text, "The user it sets."),
    entry("compose.services.<name>.watch", TEXTS, "The paths that `develop.watch` follows."),
    entry("compose.volumes", TEXTS, "The named volumes."),
    entry("compose.networks", TEXTS, "The named networks."),
    entry(
        "registry.<name>.exists",
        Type::Bool,
        "Whether a registry shows this image to everybody. `<name>` is an image as `docker pull` takes it, or a service (or its role), which stands for the `image` that it names.",
    ),
    entry(
        "registry.<name>.size",
        Type::Size,
        "The bytes of its layers as the registry stores them, compressed: of this machine's platform, else linux/amd64, else the first.",
    ),
    entry("registry.<name>.platforms", TEXTS, "The platforms that it is for: `linux/amd64`."),
    entry("registry.<name>.created", Type::Text, "When it was made, as it says itself: `2026-01-31T12:00:00Z`."),
    entry("registry.<name>.age", Type::Duration, "The time since then."),
    entry("image.builds", Type::Bool, "Whether the image builds."),
    entry("image.size", Type::Size, "The bytes of the image's unpacked layers (MB = 1,000,000 bytes)."),
    entry("image.platform", Type::Text, "What it is built for: `linux/amd64`."),
    entry("image.layers", LAYERS, "Its layers, the base's included, with their size and what made them."),
    entry("image.user.name", Type::Text, "The user it is set to; empty where none is."),
    entry("image.user.uid", Type::Int, "That user's number in the image."),
    entry(
        "image.user.is_root",
        Type::Bool,
        "Whether that user is root: empty, `root`, `0`, `0:0`, or a name whose number is 0.",
    ),
    entry("image.healthcheck", COMPOSE_HEALTHCHECK, "The image's health check; `kind` is `cmd`, `shell` or `none`."),
    entry("image.env", TEXT_MAP, "Its environment."),
    entry("image.exposes", TEXTS, "The ports it exposes: `5000/tcp`."),
    entry("image.cmd", TEXTS, "Its CMD."),
    entry("image.entrypoint", TEXTS, "Its ENTRYPOINT."),
    entry("image.workdir", Type::Text, "Its WORKDIR."),
    entry("image.labels", TEXT_MAP, "Its labels."),
    entry("image.given", TEXTS, "The given files that lie in it unchanged, wherever they are."),
    entry("container.state", Type::Text, "`running` or `exited`, after it was given time to start."),
    entry("container.exit_code", Type::Int, "What it exited with, if it did."),
    entry("container.uids", INTS, "The user numbers of its processes."),
    entry(
        "container.runs_as_root",
        Type::Bool,
        "Whether one of its processes runs as root; if none was seen, whether the image's user is root.",
    ),
    entry("container.health", Type::Text, "`healthy`, `unhealthy` or `none`; after a step also `starting`."),
    entry("container.seconds_to_healthy", Type::Duration, "How long it took to become healthy."),
    entry("container.logs", Type::Text, "The end of what it printed."),
    entry("container.answers", Type::Bool, "Whether it answers on the challenge's `http` port and path with success."),
    entry(
        "container.healthcheck_fails_without_app",
        Type::Bool,
        "Whether the health check fails where the application does not run; one that does not checks nothing.",
    ),
    entry("stack.up", Type::Bool, "Whether `docker compose up` starts every service."),
    entry("stack.seconds_to_ready", Type::Duration, "How long it took until every service was ready."),
    entry("stack.services.<name>.state", Type::Text, "`running`, `restarting`, `exited` or `missing`."),
    entry("stack.services.<name>.health", Type::Text, "`healthy`, `unhealthy`, `starting` or `none`."),
    entry(
        "stack.services.<name>.ready",
        Type::Bool,
        "Healthy where there is a health check, otherwise running without a restart, or exited with 0.",
    ),
    entry("stack.services.<name>.restarts", Type::Int, "How often it was restarted."),
    entry("stack.services.<name>.exit_code", Type::Int, "What it exited with, if it did."),
    entry("stack.services.<name>.uids", INTS, "The user numbers of its processes."),
    entry(
        "stack.services.<name>.runs_as_root",
        Type::Bool,
        "Whether one of its processes runs as root; absent if none was seen.",
    ),
];

/// The entry that a written name means, `<name>` standing for any part: `stack.services.api.ready`.
pub fn find(parts: &[&str]) -> Option<&'static Entry> {
    REGISTRY.iter().find(|entry| {
        entry.name.split('.').count() == parts.len()
            && entry.name.split('.').zip(parts).all(|(pattern, part)| pattern == "<name>" || pattern == *part)
    })
}

/// All facts that are there, each with its full name, in the registry's order.
pub fn flatten(facts: &Facts) -> Vec<(String, &Fact)> {
    let mut found = Vec::new();
    for entry in REGISTRY {
        match entry.name.split_once(".<name>.") {
            None => found.extend(facts.get(entry.name).map(|fact| (entry.name.to_owned(), fact))),
            Some((parent, field)) => {
                let Some(Value::Map(named)) = facts.get(parent).and_then(Fact::value) else { continue };
                for (name, fields) in named {
                    let Some(Value::Map(fields)) = fields.value() else { continue };
                    found.extend(fields.get(field).map(|fact| (format!("{parent}.{name}.{field}"), fact)));
                }
            }
        }
    }
    found
}
