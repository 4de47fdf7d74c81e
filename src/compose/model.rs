//! What Compose files say, short and long forms alike, each thing with its place.

use crate::place::Place;
use std::collections::BTreeMap;
use std::time::Duration;

/// A value and where it stands.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Spot<T> {
    /// The value.
    pub value: T,
    /// Where it stands.
    pub place: Place,
}

/// What the files say together.
#[derive(Debug, Clone, Default, PartialEq)]
pub struct Project {
    /// The services, by name.
    pub services: BTreeMap<String, Service>,
    /// The named volumes.
    pub volumes: BTreeMap<String, Place>,
    /// The named networks.
    pub networks: BTreeMap<String, Place>,
    /// How each named network is made.
    pub network_settings: BTreeMap<String, Defined>,
    /// How each named volume is made.
    pub volume_settings: BTreeMap<String, Defined>,
}

/// How a named network or volume is made.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Defined {
    /// Where its name stands.
    pub place: Place,
    /// `internal`: a network that reaches nothing outside.
    pub is_internal: bool,
    /// `external`: one that is there already.
    pub is_external: bool,
    /// `driver`
    pub driver: Option<Spot<String>>,
}

/// A key of a service that is only looked at.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum OtherKey {
    /// One text, number or truth.
    Text(Spot<String>),
    /// A list of texts.
    Texts(Vec<Spot<String>>),
}

/// What a service may use at most, by `deploy.resources.limits` or the older keys.
#[derive(Debug, Clone, Default, PartialEq, Eq)]
pub struct Resources {
    /// Bytes of memory.
    pub memory: Option<Spot<u64>>,
    /// Processors, as written.
    pub cpus: Option<Spot<String>>,
    /// Processes.
    pub pids: Option<Spot<i64>>,
}

/// Names and values, `None` where only a name is given (it is taken from the environment).
pub type Pairs = BTreeMap<String, Spot<Option<String>>>;

/// One service.
#[derive(Debug, Clone, PartialEq)]
pub struct Service {
    /// Where its name stands.
    pub place: Place,
    /// Its keys, and where each stands.
    pub keys: BTreeMap<String, Place>,
    /// `image`
    pub image: Option<Spot<String>>,
    /// `build`
    pub build: Option<Build>,
    /// `ports`
    pub ports: Vec<Spot<Port>>,
    /// `volumes` and `tmpfs`
    pub volumes: Vec<Spot<Mount>>,
    /// `depends_on`: services and the condition of each.
    pub depends_on: BTreeMap<String, Spot<String>>,
    /// `healthcheck`
    pub healthcheck: Option<Healthcheck>,
    /// `environment`
    pub environment: Pairs,
    /// `networks`
    pub networks: BTreeMap<String, Place>,
    /// `restart`
    pub restart: Option<Spot<String>>,
    /// `user`
    pub user: Option<Spot<String>>,
    /// `profiles`: it is only run with one of them.
    pub profiles: Vec<String>,
    /// The paths of `develop.watch`.
    pub watch: Vec<Spot<String>>,
    /// Keys that are only looked at: `read_only`, `cap_drop`.
    pub settings: BTreeMap<&'static str, OtherKey>,
    /// What it may use at most.
    pub resources: Resources,
}

/// `build`
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Build {
    /// Where `build` stands.
    pub place: Place,
    /// What its paths are resolved against, relative to the repository.
    pub directory: String,
    /// `context` as written, variables filled in.
    pub context: Option<Spot<String>>,
    /// `dockerfile` as written.
    pub dockerfile: Option<Spot<String>>,
    /// Whether there is a `dockerfile_inline`.
    pub is_inline: bool,
    /// `target`
    pub target: Option<Spot<String>>,
    /// `args`
    pub args: Pairs,
}

impl Build {
    /// The build context, relative to the repository; `None` if it lies outside or is remote.
    pub fn context_path(&self) -> Option<String> {
        if self.context.as_ref().is_some_and(|context| context.value.starts_with("service:")) {
            return None; // what another service builds
        }
        super::join(&self.directory, self.context.as_ref().map_or(".", |context| &context.value))
    }

    /// The Dockerfile, relative to the repository; `None` if it is inline, lies outside or is remote.
    pub fn dockerfile_path(&self) -> Option<String> {
        let name = self.dockerfile.as_ref().map_or("Dockerfile", |dockerfile| &dockerfile.value);
        if self.is_inline { None } else { super::join(&self.context_path()?, name) }
    }
}

/// One port.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Port {
    /// The port in the container.
    pub target: u32,
    /// The port, or the range, on the host; without it any that is free.
    pub published: Option<String>,
    /// The host's address.
    pub host_ip: Option<String>,
    /// `tcp` or `udp`
    pub protocol: String,
}

/// One mount.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Mount {
    /// `bind`, `volume`, `tmpfs`, …
    pub kind: String,
    /// The path or the volume's name, as written; anonymous volumes have none.
    pub source: Option<String>,
    /// The path in the container.
    pub target: String,
    /// Whether it can not be written to.
    pub read_only: bool,
}

/// `healthcheck`
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Healthcheck {
    /// Where `healthcheck` stands.
    pub place: Place,
    /// Whether there is a `test`, understood or not.
    pub has_test: bool,
    /// `test`, or that it is disabled; without it the image's is taken.
    pub test: Option<Spot<Test>>,
    /// `interval`
    pub interval: Option<Spot<Duration>>,
    /// `timeout`
    pub timeout: Option<Spot<Duration>>,
    /// `start_period`
    pub start_period: Option<Spot<Duration>>,
    /// `retries`
    pub retries: Option<Spot<i64>>,
}

/// How a health check looks.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum Test {
    /// A program and its arguments.
    Cmd(Vec<String>),
    /// A line for the shell.
    Shell(String),
    /// There is to be none.
    None,
}
