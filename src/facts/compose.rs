//! `compose.*`: what the Compose files say, as written, variables filled in from the repository's `.env`.

use super::{Fact, Facts, Source, Value};
use crate::compose::model::{Pairs, Test};
use crate::compose::{Build, By, Compose, Healthcheck, Mount, Port, Problem, Service, Spot, near_names};
use crate::outcome::Finding;
use crate::place::Place;
use std::collections::BTreeMap;

/// The facts of the Compose files; `files` are the repository's, for names that were probably meant.
pub fn collect(compose: Option<&Compose>, files: &[String]) -> Facts {
    let mut facts = Facts::default();
    let Some(compose) = compose else {
        let because = match near_names(files).as_slice() {
            [] => "there is no compose.yaml in the repository".to_owned(),
            near => format!("Compose looks for compose.yaml, not for {}", near.join(", ")),
        };
        facts.put("compose.exists", Fact::of(false).because(because.clone()));
        for name in ["compose.path", "compose.services", "compose.volumes", "compose.networks"] {
            facts.put(name, Fact::absent().because(because.clone()));
        }
        facts.put("compose.errors", Value::List(Vec::new()));
        return facts;
    };
    let file = Place::file(compose.path());
    facts.put("compose.exists", Fact::of(true).at(file.clone()));
    facts.put("compose.path", Fact::of(compose.path()).at(file.clone()));
    put_errors(&mut facts, &compose.problems, &file);
    let unreadable = compose.problems.iter().find(|_| compose.files.first().is_none_or(|file| file.tree.is_none()));
    if let Some(problem) = unreadable {
        for name in ["compose.services", "compose.volumes", "compose.networks"] {
            let because = format!("{} can not be read: {}", compose.path(), problem.message);
            facts.put(name, Fact::absent().because(because).at(problem.place.clone()));
        }
        return facts;
    }
    let project = &compose.project;
    let services = project.services.iter().map(|(name, made)| (name.clone(), service(name, made))).collect();
    facts.put("compose.services", Fact::of(Value::Map(services)).at(compose.place_of(&["services"])));
    facts.put("compose.volumes", names(&project.volumes).at(compose.place_of(&["volumes"])));
    facts.put("compose.networks", names(&project.networks).at(compose.place_of(&["networks"])));
    facts
}

/// Puts what Compose, or every engine, refuses. No expectation of the files holds then but those of their errors.
pub fn put_errors(facts: &mut Facts, problems: &[Problem], file: &Place) {
    let first = problems.first().map_or(file, |problem| &problem.place);
    let errors = Fact::of(problems.iter().map(problem).collect::<Vec<_>>());
    facts.put("compose.errors", errors.at(first.clone()));
    facts.set_refused(Source::Compose, problems.first().map(finding));
}

/// What a problem is in the words of a report.
pub fn finding(problem: &Problem) -> Finding {
    let who = match problem.by {
        By::Compose => "Docker Compose refuses the file",
        By::Engine => "The stack can't start on any machine",
    };
    Finding {
        message: format!("{who}: {}", problem.message),
        place: Some(problem.place.clone()),
        hint: Some(
            "Everything about your Compose file waits for this; `docker compose config` reads it again.".to_owned(),
        ),
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

fn service(name: &str, service: &Service) -> Fact {
    let place = |key: &str| service.keys.get(key).unwrap_or(&service.place).clone();
    let field = |key: &str, fact: Fact| {
        let fact = if fact.place.is_some() { fact } else { fact.at(place(key)) };
        let said = service.keys.contains_key(key);
        if said { fact } else { fact.because(format!("the service `{name}` says no `{key}`")) }
    };
    let watched = service.watch.iter().map(spot).collect::<Vec<_>>();
    let fields = [
        ("image", Fact::maybe(None::<Value>), service.image.as_ref().map(spot)),
        ("build", Fact::absent(), service.build.as_ref().map(build)),
        ("ports", Fact::of(service.ports.iter().map(port).collect::<Vec<_>>()), None),
        ("volumes", Fact::of(service.volumes.iter().map(mount).collect::<Vec<_>>()), None),
        ("depends_on", map(service.depends_on.iter().map(|(name, condition)| (name, spot(condition)))), None),
        ("healthcheck", Fact::absent(), service.healthcheck.as_ref().map(healthcheck)),
        ("environment", pairs(&service.environment), None),
        ("networks", names(&service.networks), None),
        ("restart", Fact::absent(), service.restart.as_ref().map(spot)),
        ("user", Fact::absent(), service.user.as_ref().map(spot)),
    ];
    let mut facts: BTreeMap<String, Fact> =
        fields.into_iter().map(|(key, none, some)| (key.to_owned(), field(key, some.unwrap_or(none)))).collect();
    facts.insert("watch".to_owned(), field("develop", Fact::of(watched)));
    Fact::of(Value::Map(facts)).at(service.place.clone())
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

fn port(port: &Spot<Port>) -> Fact {
    Fact::record([
        ("target", Fact::of(i64::from(port.value.target))),
        ("published", Fact::maybe(port.value.published.as_deref())),
        ("host_ip", Fact::maybe(port.value.host_ip.as_deref())),
        ("protocol", Fact::of(port.value.protocol.as_str())),
    ])
    .at(port.place.clone())
}

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
