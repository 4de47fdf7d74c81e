//! `commands.networks`, `.volumes`, `.builds` and `.pushes`: what commands make besides containers.

use super::WrittenCommand;
use crate::commands::ShellWord;
use crate::commands::verb::Operand;
use crate::dockerfile::{Reference, Span, split_domain};
use crate::facts::registry::{TEXT_MAP, TEXTS, Type};
use crate::facts::{Fact, Known};

pub(super) const NETWORKS: Type = Type::List(&Type::Record(&[
    ("line", Type::Int),
    ("name", Type::Text),
    ("driver", Type::Text),
    ("internal", Type::Bool),
    ("subnet", Type::Text),
]));

pub(super) fn network(it: &WrittenCommand<'_>) -> Vec<(&'static str, Fact)> {
    vec![
        ("line", it.line()),
        ("name", it.operand(&[Operand::Network])),
        ("driver", it.option("driver")),
        ("internal", it.is_on("internal")),
        ("subnet", it.option("subnet")),
    ]
}

pub(super) const VOLUMES: Type =
    Type::List(&Type::Record(&[("line", Type::Int), ("name", Type::Text), ("driver", Type::Text)]));

pub(super) fn volume(it: &WrittenCommand<'_>) -> Vec<(&'static str, Fact)> {
    let name = match it.operand(&[Operand::Volume]) {
        Fact { known: Known::Absent, .. } => it.option("name"),
        named => named,
    };
    vec![("line", it.line()), ("name", name), ("driver", it.option("driver"))]
}

pub(super) const BUILDS: Type = Type::List(&Type::Record(&[
    ("line", Type::Int),
    ("context", Type::Text),
    ("dockerfile", Type::Text),
    ("tags", TEXTS),
    ("target", Type::Text),
    ("args", TEXT_MAP),
    ("platforms", TEXTS),
    ("no_cache", Type::Bool),
    ("push", Type::Bool),
]));

pub(super) fn build(it: &WrittenCommand<'_>) -> Vec<(&'static str, Fact)> {
    let context = it.call.operands.first();
    vec![
        ("line", it.line()),
        ("context", context.map_or_else(Fact::absent, |word| Fact::of(&*word.path()).at(it.place(word.span)))),
        ("dockerfile", it.option("file")),
        ("tags", it.values("tag")),
        ("target", it.option("target")),
        ("args", it.pairs("build-arg")),
        ("platforms", it.values("platform")),
        ("no_cache", it.is_on("no-cache")),
        ("push", it.is_on("push")),
    ]
}

pub(super) const PUSHES: Type = Type::List(&Type::Record(&[
    ("line", Type::Int),
    ("image", Type::Text),
    ("registry", Type::Text),
    ("repository", Type::Text),
    ("tag", Type::Text),
]));

/// The images that a command pushes, each as a record at its place.
pub(super) fn pushes(it: &WrittenCommand<'_>) -> Vec<Fact> {
    let pushed: Vec<(&ShellWord, Span)> = match it.call.verb.name {
        "push" => it.call.operands.iter().map(|word| (word, word.span)).collect(),
        "build" if it.call.has("push") => it.call.values("tag").map(|given| (&given.value, given.span)).collect(),
        _ => Vec::new(),
    };
    let records = pushed.into_iter().map(|(word, span)| {
        let text = word.text();
        let reference = Reference::parse(&text).ok();
        let (registry, repository) = reference.as_ref().map_or((None, None), |it| {
            let (registry, repository) = split_domain(&it.image);
            (registry, Some(repository))
        });
        Fact::record([
            ("line", it.line()),
            ("image", Fact::of(&*text)),
            ("registry", Fact::maybe(registry)),
            ("repository", Fact::maybe(repository)),
            ("tag", Fact::maybe(reference.as_ref().and_then(|it| it.tag.as_deref()))),
        ])
        .at(it.place(span))
    });
    records.collect()
}
