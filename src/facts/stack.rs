//! `stack.*`: what came of `docker compose up`.

use super::program;
use super::registry::{HEALTH, INTS, TEXTS, Type};
use super::table::{Def, Missing, def, def_or};
use super::{Fact, Facts, Known, Value};
use crate::compose::Compose;
use crate::engine::container::processes::RunningProcess;
use crate::engine::stack::{Stack, State};
use crate::outcome::Finding;
use crate::place::Place;
use std::collections::{BTreeMap, BTreeSet};

type StackRow = Def<fn(&Stack) -> Fact>;
type RunningServiceRow = Def<fn(&StartedService<'_>) -> Fact>;

/// The facts of the whole.
pub(super) static FACTS: &[StackRow] = &[
    def_or(Missing::False, "stack.up", Type::Bool, "Whether `docker compose up` starts every service.", |stack| {
        match &stack.up().failed {
            None => Fact::of(true).at(stack.file().clone()),
            Some(why) => Fact::of(false).because(why.clone()).at(failing_place(stack)),
        }
    }),
    def(
        "stack.seconds_to_ready",
        Type::Duration,
        "How long `docker compose up` took until every service was ready.",
        |stack| {
            let waiting = stack.states().iter().find(|(_, state)| !state.is_ready());
            let fact = match (stack.up().seconds_to_ready, waiting) {
                (Some(time), None) => Fact::of(time),
                (Some(_), Some((name, _))) => Fact::absent().because(format!("`{name}` did not stay ready")),
                (None, Some((name, _))) => Fact::absent().because(format!("`{name}` did not become ready")),
                (None, None) => Fact::absent(),
            };
            fact.at(stack.file().clone())
        },
    ),
];

/// The facts of each service.
pub(super) static SERVICE: &[RunningServiceRow] = &[
    def_or(
        Missing::Word("missing"),
        "stack.services.<name>.state",
        Type::Word(&["running", "restarting", "exited", "missing"]),
        "The service's state: `running`, `restarting`, `exited` or `missing`.",
        |it| it.because(Fact::of(it.state.state)),
    ),
    def_or(
        Missing::Word("none"),
        "stack.services.<name>.health",
        HEALTH,
        "The service's health: `healthy`, `unhealthy`, `starting` or `none`.",
        |it| it.because(Fact::of(it.state.health.as_str())),
    ),
    def_or(
        Missing::False,
        "stack.services.<name>.ready",
        Type::Bool,
        "Whether the service is ready: healthy where there is a health check, otherwise running without a restart, or exited with 0.",
        |it| it.because(Fact::of(it.state.is_ready())),
    ),
    def("stack.services.<name>.restarts", Type::Int, "How often the service was restarted.", |it| {
        Fact::of(it.state.restarts).at(it.place())
    }),
    def("stack.services.<name>.exit_code", Type::Int, "The exit code of the service, if it exited.", |it| {
        it.because(Fact::maybe(it.state.exit_code))
    }),
    def("stack.services.<name>.logs", Type::Text, "The end of what the service printed.", |it| {
        Fact::of(it.state.logs.as_str()).at(it.place())
    }),
    def("stack.services.<name>.networks", TEXTS, "The networks that the running service is on.", |it| {
        let names = it.state.networks.iter().map(|name| Fact::of(it.of_project(name)));
        Fact::of(names.collect::<Vec<_>>()).at(it.place())
    }),
    def("stack.services.<name>.ports", INTS, "The TCP ports of the service's container that are published.", |it| {
        let targets: BTreeSet<u16> = it.state.ports.iter().map(|(target, _)| *target).collect();
        Fact::of(targets.into_iter().map(|port| Fact::of(i64::from(port))).collect::<Vec<_>>()).at(it.place())
    }),
    def(
        "stack.services.<name>.mounts",
        MOUNTS,
        "What is mounted in the running service; `volume` is the name of a volume of the Compose file.",
        |it| it.mounts(),
    ),
    def("stack.services.<name>.uids", INTS, "The user numbers of the service's processes.", |it| {
        it.of_users(|processes| Fact::of(uids(processes).into_iter().map(Fact::of).collect::<Vec<_>>()))
    }),
    def(
        "stack.services.<name>.runs_as_root",
        Type::Bool,
        "Whether one of the service's processes runs as root, or can become root again; absent if none was seen.",
        |it| {
            it.of_users(|processes| {
                let root = processes.iter().find_map(|process| Some((&process.command, process.root()?)));
                let all = uids(processes).iter().map(i64::to_string).collect::<Vec<_>>().join(", ");
                let because = match &root {
                    Some((command, why)) => format!("`{command}` of `{}` {why}", it.name),
                    None => format!("no process of `{}` runs as root (user numbers {all})", it.name),
                };
                Fact::of(root.is_some()).because(because)
            })
        },
    ),
    def(
        "stack.services.<name>.processes",
        program::PROCESSES,
        "The service's own processes: command, executable, effective, real and saved user number, and whether each is root or \
         can become root again.",
        |it| it.of_users(program::processes),
    ),
];

/// A service of a stack that was brought up.
pub(super) struct StartedService<'a> {
    stack: &'a Stack,
    name: &'a str,
    state: &'a State,
}

const MOUNTS: Type = Type::List(&Type::Record(&[
    ("type", Type::Text),
    ("volume", Type::Text),
    ("target", Type::Text),
    ("read_only", Type::Bool),
]));

impl StartedService<'_> {
    /// The name that the Compose file has for a network or volume of the stack.
    fn of_project<'n>(&self, name: &'n str) -> &'n str {
        name.strip_prefix(self.stack.project()).and_then(|rest| rest.strip_prefix('_')).unwrap_or(name)
    }

    fn mounts(&self) -> Fact {
        let mounts = self.state.mounts.iter().map(|mount| {
            Fact::record([
                ("type", Fact::of(mount.kind.as_str())),
                ("volume", Fact::maybe(mount.volume.as_deref().map(|name| self.of_project(name)))),
                ("target", Fact::of(mount.target.as_str())),
                ("read_only", Fact::of(mount.read_only)),
            ])
        });
        Fact::of(mounts.collect::<Vec<_>>()).at(self.place())
    }

    fn place(&self) -> Place {
        self.stack.places().get(self.name).unwrap_or(self.stack.file()).clone()
    }

    /// The fact with why the service is not ready, at its place.
    fn because(&self, fact: Fact) -> Fact {
        let (name, state) = (self.name, self.state);
        let fact = match (&state.not_ready, self.stack.up().failed.as_deref()) {
            (None, _) => fact,
            (Some(why), Some(failed)) if state.state == "missing" => fact.because(format!("`{name}` {why}: {failed}")),
            (Some(why), _) => fact.because(format!("`{name}` {why}")),
        };
        fact.at(self.place())
    }

    /// A fact of the users that its processes run as.
    fn of_users(&self, fact: impl FnOnce(&[RunningProcess]) -> Fact) -> Fact {
        let seen = match self.state.processes.as_slice() {
            _ if self.stack.engine().remaps_users => {
                Fact::unknown("this engine gives users in containers other numbers outside")
            }
            [] => Fact::absent().because(format!("no process of `{}` was seen running", self.name)),
            processes => fact(processes),
        };
        let place = self.stack.users().get(self.name).filter(|_| !self.state.processes.is_empty()).cloned();
        seen.at(place.unwrap_or_else(|| self.place()))
    }
}

fn uids(processes: &[RunningProcess]) -> BTreeSet<i64> {
    processes.iter().map(|process| process.uid).collect()
}

/// The facts of a stack that was brought up, as it was last looked at.
pub fn collect(stack: &Stack) -> Facts {
    let mut facts = Facts::default();
    facts.fill_all(FACTS, |value| value(stack));
    for (name, state) in stack.states() {
        for row in SERVICE {
            facts.fill_of(name, row, (row.value)(&StartedService { stack, name, state }));
        }
        match stack.programs().get(name) {
            None => facts.fill_without_of(name, program::SERVICE, &Fact::absent().because("it was not looked at")),
            Some(seen) => program::SERVICE.iter().for_each(|row| facts.fill_of(name, row, (row.value)(seen))),
        }
    }
    facts
}

/// What a command failed that a service runs after its start; else the first service that is not ready, for it is the
/// reason; else one that is named; else the file.
fn failing_place(stack: &Stack) -> Place {
    let hook = stack.up().failed.as_deref().and_then(failed_hook);
    if let Some(place) = hook.and_then(|name| stack.hooks().get(name)) {
        return place.clone();
    }
    let has_tried = |state: &State| state.state != "missing" || state.could_not_start();
    let failing = stack.states().iter().find(|(_, state)| !state.is_ready() && has_tried(state));
    let failing = failing.map(|(name, _)| name);
    let why = stack.up().failed.as_deref().unwrap_or_default();
    let named = || stack.places().keys().find(|name| why.contains(&format!("`{name}`")));
    failing.or_else(named).and_then(|name| stack.places().get(name)).unwrap_or(stack.file()).clone()
}

/// The service whose command after its start failed, in what Compose says: `api hook exited with status 1`.
fn failed_hook(why: &str) -> Option<&str> {
    let (name, _) = why.split_once(" hook exited with status ")?;
    (!name.contains(' ')).then_some(name)
}

/// The facts of a stack that was not brought up because of something that is told elsewhere: an image that does not build.
pub fn not_started(finding: &Finding, compose: Option<&Compose>) -> Facts {
    down(finding, &[], compose)
}

/// The facts of a stack that was not brought up because of these: what is refused, images that are not there.
pub fn refused(findings: &[Finding], compose: &Compose) -> Facts {
    down(findings.first().unwrap_or(&Finding::default()), findings, Some(compose))
}

fn down(finding: &Finding, told: &[Finding], compose: Option<&Compose>) -> Facts {
    let mut facts = Facts::default();
    let place = finding.place.clone();
    let because = match &finding.hint {
        None => finding.message.clone(),
        Some(hint) => format!("{}. {hint}", finding.message),
    };
    let why = Fact::absent().because(because).at(place.clone()).telling(told);
    facts.fill_without(FACTS, &why);
    for name in compose.iter().flat_map(|compose| compose.project.services.keys()) {
        facts.set(&["stack", "services", name], Fact::of(Value::Map(BTreeMap::new())).at(place.clone()));
        facts.fill_without_of(name, SERVICE, &why);
        facts.fill_without_of(name, program::SERVICE, &why);
    }
    if compose.is_none_or(|compose| compose.project.services.is_empty()) {
        facts.set(&["stack", "services"], Fact { known: Known::Value(Value::Map(BTreeMap::new())), ..why });
    }
    facts
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_hook_that_failed_is_its_services() {
        assert_eq!(failed_hook("api hook exited with status 1"), Some("api")); // Compose 2.40
        for other in ["the web hook exited with status 1", "hook exited with status 1", "`api` exited (1)"] {
            assert_eq!(failed_hook(other), None, "{other}");
        }
    }
}
