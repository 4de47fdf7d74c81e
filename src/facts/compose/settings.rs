//! Keys of services that say how they run and what they may do, and how networks and volumes are made.

use super::{ServiceRow, WrittenService, spot};
use crate::compose::model::{Defined, OtherKey, Resources};
use crate::compose::roles::Found;
use crate::facts::registry::{TEXTS, Type};
use crate::facts::table::{Def, def};
use crate::facts::{Fact, Facts, Value};
use std::collections::BTreeMap;

/// The facts of each service.
pub(in crate::facts) static SERVICE: &[ServiceRow] = &[
    def("compose.services.<name>.command", TEXTS, "The service's command; one text where it is no list.", |it| {
        it.setting("command")
    }),
    def("compose.services.<name>.entrypoint", TEXTS, "The service's entrypoint; one text where it is no list.", |it| {
        it.setting("entrypoint")
    }),
    def("compose.services.<name>.container_name", Type::Text, "The service's container name.", |it| {
        it.setting("container_name")
    }),
    def("compose.services.<name>.network_mode", Type::Text, "The service's network mode: `host`.", |it| {
        it.setting("network_mode")
    }),
    def("compose.services.<name>.read_only", Type::Bool, "Whether the service's root filesystem is read-only.", |it| {
        it.truth("read_only")
    }),
    def("compose.services.<name>.privileged", Type::Bool, "Whether the service runs privileged.", |it| {
        it.truth("privileged")
    }),
    def("compose.services.<name>.cap_add", TEXTS, "The capabilities that the service adds.", |it| {
        it.setting("cap_add")
    }),
    def("compose.services.<name>.cap_drop", TEXTS, "The capabilities that the service drops: `ALL`.", |it| {
        it.setting("cap_drop")
    }),
    def(
        "compose.services.<name>.security_opt",
        TEXTS,
        "The service's security options: `no-new-privileges:true`.",
        |it| it.setting("security_opt"),
    ),
    def("compose.services.<name>.expose", TEXTS, "The ports that the service exposes to other services.", |it| {
        it.setting("expose")
    }),
    def("compose.services.<name>.env_file", TEXTS, "The files that the service's environment comes from.", |it| {
        it.setting("env_file")
    }),
    def("compose.services.<name>.secrets", TEXTS, "The secrets that the service can read.", |it| it.setting("secrets")),
    def("compose.services.<name>.profiles", TEXTS, "The profiles that the service belongs to.", |it| {
        it.setting("profiles")
    }),
    def(
        "compose.services.<name>.resources",
        Type::Record(&[("memory", Type::Size), ("cpus", Type::Text), ("pids", Type::Int)]),
        "What the service may use at most, by `deploy.resources.limits` or `mem_limit`, `cpus` and `pids_limit`.",
        |it| it.resources(),
    ),
];

impl WrittenService<'_> {
    /// The fact of a key that is only looked at.
    fn setting(&self, key: &str) -> Fact {
        let fact = self.service.settings.get(key).map(|setting| match setting {
            OtherKey::Text(text) => spot(text),
            OtherKey::Texts(texts) => Fact::of(texts.iter().map(spot).collect::<Vec<_>>()),
        });
        self.key(key, fact)
    }

    /// The same of one that is true or false; false where it says nothing.
    fn truth(&self, key: &str) -> Fact {
        let is_true = matches!(self.service.settings.get(key), Some(OtherKey::Text(text)) if text.value == "true");
        self.key(key, Some(Fact::of(is_true)))
    }

    fn resources(&self) -> Fact {
        let resources = &self.service.resources;
        if *resources == Resources::default() {
            let because = format!("the service `{}` sets no limits", self.name);
            return Fact::absent().because(because).at(self.service.place.clone());
        }
        let place = [&resources.memory.as_ref().map(|it| &it.place), &resources.cpus.as_ref().map(|it| &it.place)];
        let place = place.into_iter().flatten().next().copied().unwrap_or(&self.service.place);
        let memory = resources.memory.as_ref().map(|it| Fact::of(Value::Size(it.value)).at(it.place.clone()));
        let pids = resources.pids.as_ref().map(|it| Fact::of(it.value).at(it.place.clone()));
        Fact::record([
            ("memory", memory.unwrap_or_else(Fact::absent)),
            ("cpus", resources.cpus.as_ref().map_or_else(Fact::absent, spot)),
            ("pids", pids.unwrap_or_else(Fact::absent)),
        ])
        .at(place.clone())
    }
}

type DefinedRow = Def<fn(&Defined) -> Fact>;

/// The facts of each named network.
pub(in crate::facts) static NETWORK: &[DefinedRow] = &[
    def("compose.network.<name>.internal", Type::Bool, "Whether the network reaches nothing outside of it.", |it| {
        Fact::of(it.is_internal).at(it.place.clone())
    }),
    def("compose.network.<name>.external", Type::Bool, "Whether the network is there before the stack.", external),
    def("compose.network.<name>.driver", Type::Text, "The network's driver.", driver),
];

/// The facts of each named volume.
pub(in crate::facts) static VOLUME: &[DefinedRow] = &[
    def("compose.volume.<name>.external", Type::Bool, "Whether the volume is there before the stack.", external),
    def("compose.volume.<name>.driver", Type::Text, "The volume's driver.", driver),
];

type RoleRow = Def<fn(&Found) -> Fact>;

/// The facts of each role.
pub(in crate::facts) static ROLE: &[RoleRow] = &[
    def(
        "roles.<name>.present",
        Type::Bool,
        "Whether a service, network or volume of the Compose file plays this role of the challenge.",
        |found| match found {
            Ok(_) => Fact::of(true),
            Err(why) => Fact::of(false).because(why.as_str()),
        },
    ),
    def("roles.<name>.name", Type::Text, "The name of what plays the role.", |found| match found {
        Ok(name) => Fact::of(name.as_str()),
        Err(why) => Fact::absent().because(why.as_str()),
    }),
];

/// Puts the facts of all roles, at what plays them.
pub fn put_roles(facts: &mut Facts, roles: &BTreeMap<String, Found>) {
    let services = facts.at(&["compose", "services"]).cloned().unwrap_or_else(Fact::absent);
    for (name, found) in roles {
        let thing = found.as_ref().ok().and_then(|found| {
            let place = |path: &[&str]| facts.at(path)?.place.clone();
            let other = |kind: &str| place(&["compose", kind, found, "external"]);
            place(&["compose", "services", found]).or_else(|| ["network", "volume"].into_iter().find_map(other))
        });
        // Without a Compose file that is the reason.
        let none = services.because.clone().filter(|_| services.value().is_none());
        let found = match (none, found) {
            (Some(why), Err(_)) => Err(why),
            _ => found.clone(),
        };
        for row in ROLE {
            let place = thing.clone().or_else(|| services.place.clone());
            facts.fill_of(name, row, (row.value)(&found).at(place));
        }
    }
}

fn external(made: &Defined) -> Fact {
    Fact::of(made.is_external).at(made.place.clone())
}

fn driver(made: &Defined) -> Fact {
    made.driver.as_ref().map_or_else(|| Fact::absent().at(made.place.clone()), spot)
}
