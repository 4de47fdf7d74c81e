//! `compose.*`: what the Compose files say, as written, variables filled in from the repository's `.env`.

pub(super) mod settings;

pub use settings::put_roles;

use super::registry::{ERRORS, HEALTHCHECK, TEXT_MAP, TEXTS, Type};
use super::table::{Def, Missing, def, def_or};
use super::{Fact, Facts, Source, Value, near_names};
use crate::compose::model::{Pairs, Test};
use crate::compose::{Build, By, Compose, Healthcheck, Mount, Port, Problem, Service, Spot};
use crate::outcome::Finding;
use crate::place::Place;
use std::collections::BTreeMap;

type FileRow = Def<fn(&Compose) -> Fact>;
pub(super) type ServiceRow = Def<fn(&WrittenService<'_>) -> Fact>;

const REFUSALS: FileRow = def_or(
    Missing::NoItems,
    "compose.errors",
    ERRORS,
    "Why Docker Compose or Docker itself refuses the Compose files.",
    |it| errors(&it.problems, &file(it)),
);

/// The facts of the file.
pub(super) static FILE: &[FileRow] = &[
    def_or(Missing::False, "compose.exists", Type::Bool, "Whether there is a Compose file.", |it| {
        Fact::of(true).at(file(it))
    }),
    def("compose.path", Type::Text, "The Compose file's path in the repository.", |it| {
        Fact::of(it.path()).at(file(it))
    }),
    REFUSALS,
];

/// The facts of each service.
pub(super) static SERVICE: &[ServiceRow] = &[
    def("compose.services.<name>.image", Type::Text, "The image that the service names.", |it| {
        it.key("image", it.service.image.as_ref().map(spot))
    }),
    def("compose.services.<name>.build", BUILD, "What the service is built from.", |it| {
        it.key("build", it.service.build.as_ref().map(build))
    }),
    def("compose.services.<name>.ports", PORTS, "The service's ports, short and long forms alike.", |it| {
        it.key("ports", Some(Fact::of(it.service.ports.iter().map(port).collect::<Vec<_>>())))
    }),
    def("compose.services.<name>.volumes", MOUNTS, "The service's mounts: `bind`, `volume` or `tmpfs`.", |it| {
        it.key("volumes", Some(Fact::of(it.service.volumes.iter().map(mount).collect::<Vec<_>>())))
    }),
    def(
        "compose.services.<name>.depends_on",
        Type::Map(&CONDITION),
        "The services that the service waits for, and the condition of each.",
        |it| it.key("depends_on", Some(map(it.service.depends_on.iter().map(|(name, it)| (name, spot(it)))))),
    ),
    def(
        "compose.services.<name>.healthcheck",
        HEALTHCHECK,
        "The service's own health check; `kind` is `cmd`, `shell` or `none`.",
        |it| it.key("healthcheck", it.service.healthcheck.as_ref().map(healthcheck)),
    ),
    def("compose.services.<name>.environment", TEXT_MAP, "The service's environment, as written.", |it| {
        it.key("environment", Some(pairs(&it.service.environment)))
    }),
    def("compose.services.<name>.networks", TEXTS, "The networks that the service joins.", |it| {
        it.key("networks", Some(names(&it.service.networks)))
    }),
    def("compose.services.<name>.restart", Type::Text, "The service's restart policy.", |it| {
        it.key("restart", it.service.restart.as_ref().map(spot))
    }),
    def("compose.services.<name>.user", Type::Text, "The user that the service sets.", |it| {
        it.key("user", it.service.user.as_ref().map(spot))
    }),
    def("compose.services.<name>.watch", TEXTS, "The paths that the service's `develop.watch` follows.", |it| {
        it.key("develop", Some(Fact::of(it.service.watch.iter().map(spot).collect::<Vec<_>>())))
    }),
];

/// What the file names besides its services.
pub(super) static NAMES: &[FileRow] = &[
    def("compose.volumes", TEXTS, "The named volumes of the Compose file.", |it| {
        names(&it.project.volumes).at(it.place_of(&["volumes"]))
    }),
    def("compose.networks", TEXTS, "The named networks of the Compose file.", |it| {
        names(&it.project.networks).at(it.place_of(&["networks"]))
    }),
];

const CONDITION: Type = Type::Word(&["service_started", "service_healthy", "service_completed_successfully"]);

/// The facts of the Compose files; `files` are the repository's, for names that were probably meant.
pub fn collect(compose: Option<&Compose>, files: &[String]) -> Facts {
    let Some(compose) = compose else {
        let because = match near_names::compose_files(files).as_slice() {
            [] => "there is no compose.yaml in the repository".to_owned(),
            near => format!("Compose looks for compose.yaml, not for {}", near_names::quoted(near)),
        };
        return missing(&Fact::absent().because(because));
    };
    let mut facts = Facts::default();
    facts.fill_all(FILE, |value| value(compose));
    facts.set_refused(Source::Compose, compose.problems.first().map(finding));
    let unreadable = compose.problems.iter().find(|_| compose.files.first().is_none_or(|file| file.tree.is_none()));
    if let Some(problem) = unreadable {
        let because = format!("{} can not be read: {}", compose.path(), problem.message);
        let why = Fact::absent().because(because).at(problem.place.clone());
        facts.fill_without(NAMES, &why);
        facts.set(SERVICES, why);
        return facts;
    }
    facts.set(SERVICES, Fact::of(Value::Map(BTreeMap::new())).at(compose.place_of(&["services"])));
    for (name, service) in &compose.project.services {
        let of_service = Fact::of(Value::Map(BTreeMap::new())).at(service.place.clone());
        facts.set(&["compose", "services", name], of_service);
        for row in SERVICE {
            facts.fill_of(name, row, (row.value)(&WrittenService { name, service }));
        }
        for row in settings::SERVICE {
            facts.fill_of(name, row, (row.value)(&WrittenService { name, service }));
        }
    }
    let made =
        [(settings::NETWORK, &compose.project.network_settings), (settings::VOLUME, &compose.project.volume_settings)];
    for (rows, all) in made {
        for (name, made) in all {
            for row in rows {
                facts.fill_of(name, row, (row.value)(made));
            }
        }
    }
    facts.fill_all(NAMES, |value| value(compose));
    facts
}

/// The facts where a line of a `.gitignore` leaves the Compose file out.
pub fn left_out(path: &str, line: &Place) -> Facts {
    missing(&super::left_out(path, line))
}

fn missing(why: &Fact) -> Facts {
    let mut facts = Facts::default();
    facts.fill_without(FILE, why);
    facts.fill_without(NAMES, why);
    facts.set(SERVICES, why.clone());
    facts
}

const SERVICES: &[&str] = &["compose", "services"];

fn file(compose: &Compose) -> Place {
    Place::file(compose.path())
}

/// A service as it is written.
pub(super) struct WrittenService<'a> {
    name: &'a str,
    service: &'a Service,
}

impl WrittenService<'_> {
    /// The fact of one of its keys, at the key's place.
    fn key(&self, key: &str, fact: Option<Fact>) -> Fact {
        let fact = fact.unwrap_or_else(Fact::absent);
        let own = self.service.keys.get(key);
        let fact = if fact.place.is_some() { fact } else { fact.at(own.unwrap_or(&self.service.place).clone()) };
        if own.is_some() { fact } else { fact.because(format!("the service `{}` says no `{key}`", self.name)) }
    }
}

/// Puts what Compose, or every engine, refuses. No expectation of the files holds then but those of their errors.
pub fn put_errors(facts: &mut Facts, problems: &[Problem], file: &Place) {
    facts.fill(&REFUSALS, errors(problems, file));
    facts.set_refused(Source::Compose, problems.first().map(finding));
}

/// What Compose, or every engine, refuses, at the first of it.
fn errors(problems: &[Problem], file: &Place) -> Fact {
    let first = problems.first().map_or(file, |problem| &problem.place);
    Fact::of(problems.iter().map(problem).collect::<Vec<_>>()).at(first.clone())
}

/// What a problem is in the words of a report.
pub fn finding(problem: &Problem) -> Finding {
    let (who, hint) = match problem.by {
        By::Compose => {
            ("Docker Compose refuses the file", "`docker compose config` checks it without starting anything.")
        }
        By::Engine => ("Docker can't start this stack", "`docker compose up` fails with it on every host."),
    };
    Finding {
        message: format!("{who}: {}", problem.message),
        place: Some(problem.place.clone()),
        hint: Some(format!("Fix this first. {hint}")),
        ..Finding::default()
    }
}

fn problem(problem: &Problem) -> Fact {
    let number = |number: Option<u32>| Fact::maybe(number.map(i64::from));
    Fact::record([
        ("message", Fact::of(problem.message.as_str())),
        ("line", number(problem.place.line)),
        ("column", number(problem.place.column)),
    ])
    .at(problem.place.clone())
}

fn spot(spot: &Spot<String>) -> Fact {
    Fact::of(spot.value.as_str()).at(spot.place.clone())
}

fn map<'a>(fields: impl Iterator<Item = (&'a String, Fact)>) -> Fact {
    Fact::of(Value::Map(fields.map(|(name, fact)| (name.clone(), fact)).collect()))
}

fn pairs(pairs: &Pairs) -> Fact {
    map(pairs.iter().map(|(name, spot)| (name, Fact::maybe(spot.value.as_deref()).at(spot.place.clone()))))
}

fn names(names: &BTreeMap<String, Place>) -> Fact {
    Fact::of(names.iter().map(|(name, place)| Fact::of(name.as_str()).at(place.clone())).collect::<Vec<_>>())
}

const BUILD: Type =
    Type::Record(&[("context", Type::Text), ("dockerfile", Type::Text), ("target", Type::Text), ("args", TEXT_MAP)]);

fn build(build: &Build) -> Fact {
    let text = |field: &Option<Spot<String>>| field.as_ref().map_or_else(Fact::absent, spot);
    let default = |name: &str| Fact::of(name).at(build.place.clone());
    Fact::record([
        ("context", build.context.as_ref().map_or_else(|| default("."), spot)),
        (
            "dockerfile",
            match &build.dockerfile {
                Some(dockerfile) => spot(dockerfile),
                None if build.is_inline => Fact::absent(),
                None => default("Dockerfile"),
            },
        ),
        ("target", text(&build.target)),
        ("args", pairs(&build.args)),
    ])
    .at(build.place.clone())
}

const PORTS: Type = Type::List(&Type::Record(&[
    ("target", Type::Int),
    ("published", Type::Text),
    ("host_ip", Type::Text),
    ("protocol", Type::Text),
]));

fn port(port: &Spot<Port>) -> Fact {
    Fact::record([
        ("target", Fact::of(i64::from(port.value.target))),
        ("published", Fact::maybe(port.value.published.as_deref())),
        ("host_ip", Fact::maybe(port.value.host_ip.as_deref())),
        ("protocol", Fact::of(port.value.protocol.as_str())),
    ])
    .at(port.place.clone())
}

const MOUNTS: Type = Type::List(&Type::Record(&[
    ("type", Type::Word(&["bind", "volume", "tmpfs"])),
    ("source", Type::Text),
    ("target", Type::Text),
    ("read_only", Type::Bool),
]));

fn mount(mount: &Spot<Mount>) -> Fact {
    Fact::record([
        ("type", Fact::of(mount.value.kind.as_str())),
        ("source", Fact::maybe(mount.value.source.as_deref())),
        ("target", Fact::of(mount.value.target.as_str())),
        ("read_only", Fact::of(mount.value.read_only)),
    ])
    .at(mount.place.clone())
}

fn healthcheck(check: &Healthcheck) -> Fact {
    let time = |time: &Option<Spot<std::time::Duration>>| {
        time.as_ref().map_or_else(Fact::absent, |time| Fact::of(time.value).at(time.place.clone()))
    };
    let (kind, command) = match check.test.as_ref().map(|test| &test.value) {
        None => (None, None),
        Some(Test::None) => (Some("none"), None),
        Some(Test::Cmd(words)) => (Some("cmd"), Some(words.join(" "))),
        Some(Test::Shell(line)) => (Some("shell"), Some(line.clone())),
    };
    let place = check.test.as_ref().map_or(&check.place, |test| &test.place);
    Fact::record([
        ("kind", Fact::maybe(kind).at(place.clone())),
        ("command", Fact::maybe(command).at(place.clone())),
        ("interval", time(&check.interval)),
        ("timeout", time(&check.timeout)),
        ("start_period", time(&check.start_period)),
        (
            "retries",
            check.retries.as_ref().map_or_else(Fact::absent, |tries| Fact::of(tries.value).at(tries.place.clone())),
        ),
    ])
    .at(check.place.clone())
}
