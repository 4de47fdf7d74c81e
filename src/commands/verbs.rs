//! All that a commands file can do, as data: each verb, and each of its options.

mod build;
mod compose;
mod container;
mod image;
mod network;
mod run;
mod system;
pub(super) mod tools;
mod volume;

pub(super) use tools::FILTERS;

use super::flag::Hazard;
use super::verb::Verb;

/// Every table, by what its verbs are about.
const TABLES: [&[Verb]; 9] = [
    run::VERBS,
    container::VERBS,
    image::VERBS,
    build::VERBS,
    network::VERBS,
    volume::VERBS,
    system::VERBS,
    compose::VERBS,
    tools::VERBS,
];

/// All verbs.
pub fn all() -> impl Iterator<Item = &'static Verb> {
    TABLES.into_iter().flatten()
}

/// The verb that `docker` and these words begin, and how many of them are its name.
pub(super) fn find(first: &str, second: Option<&str>) -> Option<(&'static Verb, usize)> {
    let by = |name: &str| all().find(|verb| verb.spellings.contains(&name));
    let two = second.and_then(|second| by(&format!("{first} {second}")));
    two.map(|verb| (verb, 2)).or_else(|| by(first).map(|verb| (verb, 1)))
}

/// Another program than `docker`.
pub(super) fn program(name: &str) -> Option<&'static Verb> {
    tools::VERBS.iter().find(|verb| verb.name == name)
}

/// An option that would write a file of the host's.
pub(super) const WRITES: Hazard = Hazard {
    why: "it would write a file beside those of the repository",
    instead: "Leave it out; `$(docker … -q)` gives an ID, and `> FILE` keeps the output.",
};
/// An option that steers the engine.
pub(super) const ENGINE: Hazard =
    Hazard { why: "it chooses or steers the engine, which grader does itself", instead: "Leave it out." };
/// An option that hands a key of the host's to a build.
pub(super) const KEYS: Hazard =
    Hazard { why: "it hands keys or rights of the host to the build", instead: "Let the build work without it." };
/// A driver that grader doesn't know.
pub(super) const DRIVER: Hazard = Hazard {
    why: "it uses a driver or options that reach beyond this host's Docker",
    instead: "Leave it out; the default will do.",
};
/// Why an option for terminals makes no difference.
pub(super) const NO_TERMINAL: &str = "no terminal is here";
/// Why an option that only shows help makes no difference.
pub(super) const HELP: &str = "it only shows help";
