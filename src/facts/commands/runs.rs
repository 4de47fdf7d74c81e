//! `commands.runs`: what each `docker run` and `docker create` sets.

use super::WrittenCommand;
use crate::commands::run::{AtPlace, Mount, NewContainer, Port};
use crate::facts::registry::{TEXT_MAP, TEXTS, Type};
use crate::facts::{Fact, Value};

pub(super) const RUNS: Type = Type::List(&Type::Record(&[
    ("line", Type::Int),
    ("verb", Type::Word(&["run", "create"])),
    ("name", Type::Text),
    ("image", Type::Text),
    ("repository", Type::Text),
    ("tag", Type::Text),
    ("digest", Type::Text),
    ("command", TEXTS),
    ("entrypoint", Type::Text),
    ("detach", Type::Bool),
    ("interactive", Type::Bool),
    ("tty", Type::Bool),
    ("rm", Type::Bool),
    ("init", Type::Bool),
    ("read_only", Type::Bool),
    ("privileged", Type::Bool),
    ("ports", PORTS),
    ("mounts", MOUNTS),
    ("networks", TEXTS),
    ("aliases", TEXTS),
    ("environment", TEXT_MAP),
    ("env_files", TEXTS),
    ("user", Type::Text),
    ("workdir", Type::Text),
    ("hostname", Type::Text),
    ("restart", Type::Text),
    ("memory", Type::Text),
    ("cpus", Type::Text),
    ("platform", Type::Text),
    ("health_command", Type::Text),
]));

const PORTS: Type = Type::List(&Type::Record(&[
    ("target", Type::Int),
    ("published", Type::Text),
    ("host_ip", Type::Text),
    ("protocol", Type::Text),
]));

const MOUNTS: Type = Type::List(&Type::Record(&[
    ("type", Type::Word(&["bind", "volume", "tmpfs"])),
    ("source", Type::Text),
    ("target", Type::Text),
    ("read_only", Type::Bool),
]));

pub(super) fn run(it: &WrittenCommand<'_>) -> Vec<(&'static str, Fact)> {
    let container = NewContainer { invocation: it.call, folder: &it.command.folder };
    let reference = container.reference();
    let image = container.image().map(|word| (word.text().into_owned(), it.place(word.span)));
    let of_image = |text: Option<String>| Fact::maybe(text).at(image.as_ref().map(|(_, place)| place.clone()));
    let names = |names: Vec<AtPlace<String>>| {
        Fact::of(names.into_iter().map(|(name, span)| Fact::of(name).at(it.place(span))).collect::<Vec<_>>())
    };
    let environment = container.environment().into_iter();
    let environment = environment.map(|(name, value, span)| (name, Fact::maybe(value).at(it.place(span))));
    vec![
        ("line", it.line()),
        ("verb", Fact::of(it.call.verb.name)),
        ("name", it.option("name")),
        ("image", of_image(image.as_ref().map(|(text, _)| text.clone()))),
        ("repository", of_image(reference.as_ref().map(|it| it.image.clone()))),
        ("tag", of_image(reference.as_ref().and_then(|it| it.tag.clone()))),
        ("digest", of_image(reference.as_ref().and_then(|it| it.digest.clone()))),
        ("command", it.operands(1)),
        ("entrypoint", it.option("entrypoint")),
        ("detach", it.is_on("detach")),
        ("interactive", it.is_on("interactive")),
        ("tty", it.is_on("tty")),
        ("rm", it.is_on("rm")),
        ("init", it.is_on("init")),
        ("read_only", it.is_on("read-only")),
        ("privileged", it.is_on("privileged")),
        ("ports", each(it, container.ports().unwrap_or_default(), port)),
        ("mounts", each(it, container.mounts().unwrap_or_default(), mount)),
        ("networks", names(container.networks())),
        ("aliases", names(container.aliases())),
        ("environment", Fact::of(Value::Map(environment.collect()))),
        ("env_files", it.values("env-file")),
        ("user", it.option("user")),
        ("workdir", it.option("workdir")),
        ("hostname", it.option("hostname")),
        ("restart", it.option("restart")),
        ("memory", it.option("memory")),
        ("cpus", it.option("cpus")),
        ("platform", it.option("platform")),
        ("health_command", it.option("health-cmd")),
    ]
}

/// Records at their places.
fn each<T>(it: &WrittenCommand<'_>, items: Vec<AtPlace<T>>, record: fn(&T) -> Fact) -> Fact {
    Fact::of(items.into_iter().map(|(item, span)| record(&item).at(it.place(span))).collect::<Vec<_>>())
}

fn port(port: &Port) -> Fact {
    Fact::record([
        ("target", Fact::of(i64::from(port.target))),
        ("published", Fact::maybe(port.published.as_deref())),
        ("host_ip", Fact::maybe(port.host_ip.as_deref())),
        ("protocol", Fact::of(port.protocol.as_str())),
    ])
}

fn mount(mount: &Mount) -> Fact {
    Fact::record([
        ("type", Fact::of(mount.kind)),
        ("source", Fact::maybe(mount.source.as_deref())),
        ("target", Fact::of(mount.target.as_str())),
        ("read_only", Fact::of(mount.read_only)),
    ])
}
