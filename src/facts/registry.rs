//! The registry: the entries of all sources' tables. Checks are held against it when they are loaded.

pub use super::table::{FactEntry, Type};

use super::table::Def;
use super::{Fact, Facts, Source, Value};
use super::{
    commands, compose, container, context, distribution, dockerfile, dockerignore, files, image, program, repo, stack,
};
use std::sync::LazyLock;

/// Every fact there is, by source.
pub static REGISTRY: LazyLock<Vec<FactEntry>> = LazyLock::new(|| {
    let tables = [
        of(repo::FACTS),
        of(files::FACTS),
        of(dockerfile::FACTS),
        of(dockerfile::stage::FACTS),
        of(dockerignore::FACTS),
        of(context::FACTS),
        of(compose::FILE),
        of(compose::SERVICE),
        of(compose::settings::SERVICE),
        of(compose::settings::NETWORK),
        of(compose::settings::VOLUME),
        of(compose::settings::ROLE),
        of(compose::NAMES),
        of(commands::FACTS),
        of(distribution::FACTS),
        of(image::FACTS),
        of(image::contents::FACTS),
        of(container::findings::FACTS),
        of(container::health_probe::FACTS),
        of(program::CONTAINER),
        of(stack::FACTS),
        of(stack::SERVICE),
        of(program::SERVICE),
    ];
    tables.concat()
});

fn of<F>(table: &[Def<F>]) -> Vec<FactEntry> {
    table.iter().map(|row| row.entry).collect()
}

/// Texts in their order.
pub(super) const TEXTS: Type = Type::List(&Type::Text);
/// Texts by name.
pub(super) const TEXT_MAP: Type = Type::Map(&Type::Text);
/// Numbers in their order.
pub(super) const INTS: Type = Type::List(&Type::Int);
/// What is wrong with a file, each with its place.
pub(super) const ERRORS: Type =
    Type::List(&Type::Record(&[("message", Type::Text), ("line", Type::Int), ("column", Type::Int)]));
/// How a health check is written.
pub(super) const HEALTHCHECK_KIND: Type = Type::Word(&["cmd", "shell", "none"]);
/// How a health check goes.
pub(super) const HEALTH: Type = Type::Word(&["healthy", "unhealthy", "starting", "none"]);
/// A health check of a service or an image.
pub(super) const HEALTHCHECK: Type = Type::Record(&[
    ("kind", HEALTHCHECK_KIND),
    ("command", Type::Text),
    ("interval", Type::Duration),
    ("timeout", Type::Duration),
    ("start_period", Type::Duration),
    ("retries", Type::Int),
]);

/// The source that a name belongs to, by its first part.
pub fn source_of(name: &str) -> Option<Source> {
    let first = name.split('.').next()?;
    Source::ALL.into_iter().find(|source| source.prefixes().contains(&first))
}

/// The parts of a fact's name. An image's name has dots of its own: it is all between `registry.` and the last dot. So has a
/// file's path, which is all after `repo.text.`, and after `repo.yaml.` all up to its ending.
pub fn split(name: &str) -> Vec<&str> {
    let image = name.strip_prefix(Source::Registry.prefix()).and_then(|rest| rest.strip_prefix('.')?.rsplit_once('.'));
    if let Some(path) = name.strip_prefix("repo.text.") {
        return vec!["repo", "text", path];
    }
    if let Some((path, key)) = name.strip_prefix("repo.yaml.").and_then(files::path_and_key) {
        return ["repo", "yaml", path].into_iter().chain(key.into_iter().flat_map(|key| key.split('.'))).collect();
    }
    match image {
        Some((image, field)) => vec![Source::Registry.prefix(), image, field],
        None => name.split('.').collect(),
    }
}

/// The entry that a written name means, `<name>` standing for any part: `stack.services.api.ready`.
pub fn find(parts: &[&str]) -> Option<&'static FactEntry> {
    REGISTRY.iter().find(|entry| {
        entry.name.split('.').count() == parts.len()
            && entry.name.split('.').zip(parts).all(|(pattern, part)| pattern == "<name>" || pattern == *part)
    })
}

/// All facts that are there, each with its full name, in the registry's order.
pub fn flatten(facts: &Facts) -> Vec<(String, &Fact)> {
    let mut found = Vec::new();
    for entry in REGISTRY.iter() {
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
