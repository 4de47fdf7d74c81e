//! The policy as data: for each key of the Compose specification whether it is harmless, refused, or looked into.
//!
//! The keys are those of compose-go's `schema/compose-spec.json`; a test holds the table against [`crate::compose::keys`].

use super::{Judged, question as is};

/// Why something is not run, and what to write instead.
#[derive(Debug, Clone, Copy)]
pub struct Danger {
    /// What could come of it, behind "`key` is not allowed here: ".
    pub why: &'static str,
    /// What to write instead, a sentence.
    pub instead: &'static str,
}

/// A question to a value; true refuses it.
pub type Question = fn(Judged<'_>) -> bool;

/// What is thought of a key's value.
pub enum Verdict {
    /// Nothing to fear.
    Allow,
    /// Refused, unless it is empty or `false`.
    Refuse(Danger),
    /// Refused where one of these says so; the first that does gives the reason.
    When(&'static [(Question, Danger)]),
    /// Several of these.
    All(&'static [Verdict]),
    /// A map with these keys.
    Inside(&'static Scope),
    /// Each value of a list or a map.
    Each(&'static Verdict),
}

/// The keys of one kind of map.
pub struct Scope {
    /// What it is, for `no key of …`.
    pub what: &'static str,
    /// The keys that need no look.
    pub harmless: &'static [&'static str],
    /// The keys that do.
    pub rules: &'static [(&'static str, Verdict)],
    /// What is thought of a short form: a text where a map could be.
    pub short: Verdict,
}

const OUTSIDE: Danger = Danger {
    why: "it names a file or folder outside of the repository",
    instead: "Put what is needed into the repository and name it by a path relative to the Compose file.",
};
const HOST: Danger = Danger {
    why: "it takes down the wall between the container and the machine, or another container",
    instead: "Leave it out; services of one Compose file reach each other by their names.",
};
const MACHINE: Danger = Danger {
    why: "it gives the container power over the machine that it runs on",
    instead: "Leave it out: an application needs no rights over its machine.",
};
const DEVICE: Danger = Danger {
    why: "it hands a device of the machine to the container",
    instead: "Leave it out; the exercise needs no devices.",
};
const SOCKET: Danger = Danger {
    why: "who holds Docker's socket holds the whole machine",
    instead: "Leave this mount out; no service needs to steer Docker.",
};
const FOREIGN: Danger = Danger {
    why: "it reaches for something that was made outside of this Compose file",
    instead: "Let this file define it itself, without `external`.",
};
const PROGRAM: Danger = Danger {
    why: "it makes Compose start a program on the machine itself",
    instead: "Run what is needed as a service with an `image` or a `build`.",
};
const SECRET: Danger = Danger {
    why: "it takes something from the environment of whoever runs it",
    instead: "Use `file:` with a file of the repository that holds an example value.",
};
const KERNEL: Danger =
    Danger { why: "it changes how the machine's kernel works", instead: "Leave it out; the defaults will do." };
const LOGS: Danger = Danger {
    why: "it sends what the service prints somewhere else, so that nobody here can read it",
    instead: "Leave `driver` out; Docker keeps the logs itself.",
};
const DRIVER: Danger = Danger {
    why: "it uses a driver that reaches beyond this machine's Docker",
    instead: "Leave `driver` out; the default one will do.",
};
const BUILD: Danger = Danger {
    why: "it gives the build rights or keys of the machine",
    instead: "Leave it out; the build needs no more than its context.",
};
const MANY: Danger = Danger {
    why: "so many containers are more than an exercise needs",
    instead: "Ask for ten at most; one will usually do.",
};
const MODEL: Danger =
    Danger { why: "it runs a language model on the machine, outside of any container", instead: "Leave it out." };

const OUTSIDE_FILE: Verdict = Verdict::When(&[(is::reads_outside, OUTSIDE)]);
const NAMESPACE: Verdict = Verdict::When(&[(is::foreign_namespace, HOST)]);
const OUTSIDE_MOUNT: Verdict =
    Verdict::When(&[(is::mounts_socket, SOCKET), (is::mounts_outside, OUTSIDE), (is::propagates, MACHINE)]);

/// A Compose file.
pub static ROOT: Scope = Scope {
    what: "Compose files",
    harmless: &["version", "name"],
    rules: &[
        ("include", Verdict::Each(&Verdict::Inside(&INCLUDE))),
        ("services", Verdict::Each(&Verdict::Inside(&SERVICE))),
        ("models", Verdict::Refuse(MODEL)),
        ("networks", Verdict::Each(&Verdict::Inside(&NETWORK))),
        ("volumes", Verdict::Each(&Verdict::Inside(&VOLUME))),
        ("secrets", Verdict::Each(&Verdict::Inside(&GRANT))),
        ("configs", Verdict::Each(&Verdict::Inside(&GRANT))),
    ],
    short: Verdict::Allow,
};

static INCLUDE: Scope = Scope {
    what: "`include`",
    harmless: &[],
    rules: &[
        ("path", Verdict::Each(&OUTSIDE_FILE)),
        ("env_file", Verdict::Each(&OUTSIDE_FILE)),
        ("project_directory", OUTSIDE_FILE),
    ],
    short: OUTSIDE_FILE,
};

/// A service.
pub static SERVICE: Scope = Scope {
    what: "services",
    harmless: &[
        "annotations",
        "attach",
        "blkio_config",
        "cap_drop",
        "command",
        "configs",
        "container_name",
        "cpu_count",
        "cpu_percent",
        "cpu_period",
        "cpu_quota",
        "cpu_shares",
        "cpus",
        "cpuset",
        "depends_on",
        "develop",
        "dns",
        "dns_opt",
        "dns_search",
        "domainname",
        "entrypoint",
        "environment",
        "expose",
        "extra_hosts",
        "group_add",
        "healthcheck",
        "hostname",
        "image",
        "init",
        "isolation",
        "labels",
        "links",
        "mac_address",
        "mem_limit",
        "mem_reservation",
        "mem_swappiness",
        "memswap_limit",
        "networks",
        "pids_limit",
        "platform",
        "ports",
        "profiles",
        "pull_policy",
        "pull_refresh_after",
        "read_only",
        "restart",
        "secrets",
        "shm_size",
        "stdin_open",
        "stop_grace_period",
        "stop_signal",
        "storage_opt",
        "tmpfs",
        "tty",
        "ulimits",
        "user",
        "working_dir",
    ],
    rules: &[
        ("build", Verdict::All(&[Verdict::Inside(&BUILDING), Verdict::When(&[(is::dockerfile_outside, OUTSIDE)])])),
        ("cap_add", Verdict::Refuse(MACHINE)),
        ("cgroup", NAMESPACE),
        ("cgroup_parent", Verdict::Refuse(MACHINE)),
        ("cpu_rt_period", Verdict::Refuse(KERNEL)),
        ("cpu_rt_runtime", Verdict::Refuse(KERNEL)),
        ("credential_spec", Verdict::Refuse(MACHINE)),
        ("deploy", Verdict::Inside(&DEPLOY)),
        ("device_cgroup_rules", Verdict::Refuse(DEVICE)),
        ("devices", Verdict::Refuse(DEVICE)),
        ("env_file", Verdict::Each(&Verdict::Inside(&ENV_FILE))),
        ("extends", Verdict::Inside(&EXTENDS)),
        ("external_links", Verdict::Refuse(FOREIGN)),
        ("gpus", Verdict::Refuse(DEVICE)),
        ("ipc", NAMESPACE),
        ("label_file", Verdict::Each(&OUTSIDE_FILE)),
        ("logging", Verdict::Inside(&LOGGING)),
        ("models", Verdict::Refuse(MODEL)),
        ("network_mode", Verdict::When(&[(is::foreign_network_mode, HOST)])),
        ("oom_kill_disable", Verdict::Refuse(KERNEL)),
        ("oom_score_adj", Verdict::When(&[(is::negative, KERNEL)])),
        ("pid", NAMESPACE),
        ("post_start", Verdict::Each(&Verdict::Inside(&HOOK))),
        ("pre_stop", Verdict::Each(&Verdict::Inside(&HOOK))),
        ("privileged", Verdict::Refuse(MACHINE)),
        ("provider", Verdict::Refuse(PROGRAM)),
        ("runtime", Verdict::When(&[(is::foreign_runtime, MACHINE)])),
        ("scale", Verdict::When(&[(is::too_many, MANY)])),
        ("security_opt", Verdict::Each(&Verdict::When(&[(is::loosens_security, MACHINE)]))),
        ("sysctls", Verdict::Refuse(KERNEL)),
        ("use_api_socket", Verdict::Refuse(SOCKET)),
        ("userns_mode", NAMESPACE),
        ("uts", NAMESPACE),
        ("volumes", Verdict::Each(&OUTSIDE_MOUNT)),
        ("volumes_from", Verdict::Refuse(HOST)),
    ],
    short: Verdict::Allow,
};

/// A service's `build`.
pub static BUILDING: Scope = Scope {
    what: "`build`",
    harmless: &[
        "args",
        "dockerfile", // relative to the context: looked at together with it
        "dockerfile_inline",
        "extra_hosts",
        "isolation",
        "labels",
        "no_cache",
        "platforms",
        "provenance",
        "pull",
        "sbom",
        "secrets",
        "shm_size",
        "tags",
        "target",
        "ulimits",
    ],
    rules: &[
        ("additional_contexts", Verdict::Each(&Verdict::When(&[(is::context_outside, OUTSIDE)]))),
        ("cache_from", Verdict::Refuse(BUILD)),
        ("cache_to", Verdict::Refuse(BUILD)),
        ("context", Verdict::When(&[(is::leads_outside, OUTSIDE)])),
        ("entitlements", Verdict::Refuse(BUILD)),
        ("network", NAMESPACE),
        ("privileged", Verdict::Refuse(BUILD)),
        ("ssh", Verdict::Refuse(BUILD)),
    ],
    short: Verdict::When(&[(is::leads_outside, OUTSIDE)]),
};

static DEPLOY: Scope = Scope {
    what: "`deploy`",
    harmless: &["mode", "endpoint_mode", "labels", "rollback_config", "update_config", "restart_policy", "placement"],
    rules: &[("replicas", Verdict::When(&[(is::too_many, MANY)])), ("resources", Verdict::Inside(&RESOURCES))],
    short: Verdict::Allow,
};

static RESOURCES: Scope = Scope {
    what: "`deploy.resources`",
    harmless: &["limits"],
    rules: &[("reservations", Verdict::Inside(&RESERVATIONS))],
    short: Verdict::Allow,
};

static RESERVATIONS: Scope = Scope {
    what: "`deploy.resources.reservations`",
    harmless: &["cpus", "memory"],
    rules: &[("devices", Verdict::Refuse(DEVICE)), ("generic_resources", Verdict::Refuse(DEVICE))],
    short: Verdict::Allow,
};

static ENV_FILE: Scope = Scope {
    what: "`env_file`",
    harmless: &["required", "format"],
    rules: &[("path", OUTSIDE_FILE)],
    short: OUTSIDE_FILE,
};

static EXTENDS: Scope =
    Scope { what: "`extends`", harmless: &["service"], rules: &[("file", OUTSIDE_FILE)], short: Verdict::Allow };

static LOGGING: Scope = Scope {
    what: "`logging`",
    harmless: &["options"],
    rules: &[("driver", Verdict::When(&[(is::foreign_logging, LOGS)]))],
    short: Verdict::Allow,
};

static HOOK: Scope = Scope {
    what: "hooks",
    harmless: &["command", "user", "working_dir", "environment"],
    rules: &[("privileged", Verdict::Refuse(MACHINE))],
    short: Verdict::Allow,
};

/// A network.
pub static NETWORK: Scope = Scope {
    what: "networks",
    harmless: &["name", "driver_opts", "ipam", "internal", "enable_ipv4", "enable_ipv6", "attachable", "labels"],
    rules: &[
        ("driver", Verdict::When(&[(is::foreign_network_driver, DRIVER)])),
        ("external", Verdict::Refuse(FOREIGN)),
    ],
    short: Verdict::Allow,
};

/// A volume.
pub static VOLUME: Scope = Scope {
    what: "volumes",
    harmless: &["name", "labels"],
    rules: &[
        ("driver", Verdict::When(&[(is::foreign_volume_driver, DRIVER)])),
        ("driver_opts", Verdict::When(&[(is::volume_of_something, OUTSIDE)])),
        ("external", Verdict::Refuse(FOREIGN)),
    ],
    short: Verdict::Allow,
};

/// A secret or a config.
pub static GRANT: Scope = Scope {
    what: "secrets and configs",
    harmless: &["name", "content", "labels"],
    rules: &[
        ("driver", Verdict::Refuse(FOREIGN)),
        ("driver_opts", Verdict::Refuse(FOREIGN)),
        ("environment", Verdict::Refuse(SECRET)),
        ("external", Verdict::Refuse(FOREIGN)),
        ("file", OUTSIDE_FILE),
        ("template_driver", Verdict::Refuse(FOREIGN)),
    ],
    short: Verdict::Allow,
};

#[cfg(test)]
mod tests {
    use super::*;
    use crate::compose::keys;
    use std::collections::BTreeSet;

    #[test]
    fn every_key_of_the_specification_has_a_verdict() {
        for (scope, specified) in [
            (&ROOT, vec![keys::ROOT]),
            (&SERVICE, vec![keys::SERVICE]),
            (&BUILDING, vec![keys::BUILD]),
            (&NETWORK, vec![keys::NETWORK]),
            (&VOLUME, vec![keys::VOLUME]),
            (&GRANT, vec![keys::SECRET, keys::CONFIG]),
        ] {
            let judged: Vec<&str> =
                scope.harmless.iter().copied().chain(scope.rules.iter().map(|(key, _)| *key)).collect();
            let distinct: BTreeSet<&str> = judged.iter().copied().collect();
            assert_eq!(distinct.len(), judged.len(), "{} names a key twice", scope.what);
            assert_eq!(distinct, specified.concat().into_iter().collect(), "{}", scope.what);
        }
    }
}
