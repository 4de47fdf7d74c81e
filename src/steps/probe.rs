//! `probe:` finds out which protocol a port speaks: a port of a service or of the container, or every published port.

mod protocol;

use super::answers::{StepFact, fact};
use super::keys::{CONTAINER, RETRY, SERVICE, bound, target};
use super::{Acting, Action, Needs, StepKind, StepLimits, StepRunner, StepTarget, Turn, kind};
use crate::engine::stack::PublishedPort;
use crate::facts::registry::Type;
use crate::facts::{Fact, Facts};
use crate::language::grammar::{Key, PORT, ValueKind, may};
use crate::language::scope::Scope;
use crate::outcome::Fault;
use crate::place::Place;
use crate::yaml::Node;
use futures_util::future::join_all;
use protocol::{Spoken, WORDS};
use std::net::{IpAddr, Ipv4Addr, SocketAddr};
use std::time::Duration;
use tokio::time::Instant;

/// `probe:`
pub static KIND: StepKind = StepKind {
    name: "probe",
    doc: "Finds out which protocol a port speaks, published or not.",
    takes: ValueKind::Record(&KEYS),
    one_of: &["service", "container", "ports"],
    answers: &ANSWERS,
    afresh: &[],
    read: |scope, node, _| kind::boxed(read(scope, node)),
};

static KEYS: [Key; 5] = [
    SERVICE,
    CONTAINER,
    may("port", PORT, "The port in the container; without it, all that are published."),
    may("ports", ValueKind::Words(&["published"]), "Every port that any service of the stack publishes."),
    RETRY,
];

static ANSWERS: [StepFact; 2] = [
    fact(
        "speaks",
        Type::Word(&WORDS),
        "What the port speaks: `postgres`, `redis`, `mysql`, `http`, `unknown`, or `nothing` if nothing listens; absent if several ports were probed.",
    ),
    fact(
        "ports",
        Type::List(&Type::Record(&[("service", Type::Text), ("port", Type::Int), ("speaks", Type::Word(&WORDS))])),
        "All ports that were probed, with the service that publishes each.",
    ),
];

/// How long a port may take to answer one question.
const LIMIT: Duration = Duration::from_secs(2);

/// Finding out what ports speak.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Probe {
    /// Whose ports; `None` for those of the whole stack.
    pub target: Option<StepTarget>,
    /// The port in the container; without it, all that are published.
    pub port: Option<u16>,
    /// How long what does not fit is tried again.
    pub retry_for: Duration,
}

fn read(scope: &Scope<'_>, node: &Node) -> Option<Probe> {
    let fields = scope.fields(node, "`{ service: …, port: … }` or `{ ports: published }`", &[&KEYS]);
    node.as_map()?;
    let port = fields.get("port").and_then(|node| scope.number(node, 1..=65_535)).and_then(|port| port.try_into().ok());
    let retry_for = bound(scope, fields, "retry_for").unwrap_or_default();
    let Some(ports) = fields.get("ports") else {
        return Some(Probe { target: Some(target(scope, fields)?), port, retry_for });
    };
    let written = scope.prose(ports)?;
    if written != "published" {
        scope.unknown(ports.span, "ports", &written, &["published"]);
        return None;
    }
    if let Some(other) = ["service", "container", "port"].into_iter().find_map(|key| fields.entry(key)) {
        scope.problem(other.key_span, "`ports: published` probes the whole stack");
    }
    Some(Probe { target: None, port: None, retry_for })
}

impl Action for Probe {
    fn needs(&self) -> Needs {
        match &self.target {
            None => Needs { stack: true, ..Needs::default() },
            Some(target) => {
                let port = self.port.filter(|_| !matches!(target, StepTarget::Service(_)));
                Needs { port, ..target.needs() }
            }
        }
    }

    fn started(&self) -> Option<&str> {
        self.target.as_ref().and_then(StepTarget::started)
    }

    fn texts(&mut self) -> Vec<&mut String> {
        Vec::new()
    }

    fn limit(&self, _: &StepLimits) -> Duration {
        self.retry_for
    }

    fn retry_for(&self) -> Duration {
        self.retry_for
    }

    fn act<'r>(&'r self, runner: &'r mut StepRunner<'_>, _: Turn<'r>) -> Acting<'r, Facts> {
        Box::pin(runner.probe(self))
    }
}

/// A port to probe.
struct ProbedPort {
    /// The service, or nothing for the container.
    service: Option<String>,
    /// The port in the container.
    own: u16,
    /// Where it can be reached from here.
    at: SocketAddr,
    /// Where it is published.
    place: Option<Place>,
}

impl StepRunner<'_> {
    async fn probe(&mut self, probe: &Probe) -> Result<Facts, Fault> {
        if self.engine.is_remote {
            let why = "the Docker Engine is on another machine, and so are the ports of its containers";
            return Err(Fault::machine(why));
        }
        let begin = Instant::now();
        let ports = self.ports_to_probe(probe).await?;
        (self.doing)("find out what the ports speak".into());
        let limit = self.engine.pace.here(LIMIT);
        let found = join_all(ports.iter().map(|port| protocol::ask(port.at, port.own, limit))).await;
        if found.contains(&Spoken::Unreachable) {
            let why = "the port isn't published, and this host can't reach the addresses of containers";
            return Err(Fault::machine(why));
        }
        let one = |(port, found): (&ProbedPort, &Spoken)| record(port, *found);
        let records: Vec<Fact> = ports.iter().zip(&found).map(one).collect();
        let mut facts = Facts::default();
        let speaks = match (ports.as_slice(), found.as_slice()) {
            ([port], [found]) => Fact::of(found.word()).at(port.place.clone()).because(reason(port, *found)),
            ([], _) => Fact::absent().because("no port is published"),
            _ => Fact::absent().because("several ports were probed"),
        };
        facts.put("speaks", speaks);
        facts.put("ports", Fact::of(records));
        facts.put("seconds", begin.elapsed());
        Ok(facts)
    }

    async fn ports_to_probe(&mut self, probe: &Probe) -> Result<Vec<ProbedPort>, Fault> {
        let here = |port| SocketAddr::new(IpAddr::V4(Ipv4Addr::LOCALHOST), port);
        match &probe.target {
            Some(target @ (StepTarget::Container | StepTarget::Started(_))) => {
                let asked = match target.started() {
                    Some(name) => self.started_ports(name, probe.port).await?,
                    None => self.container_ports(probe.port).await?,
                };
                let wanted = asked.ports.iter().filter(|(own, _)| probe.port.is_none_or(|port| port == *own));
                let port = |&(own, host): &(u16, u16)| ProbedPort {
                    service: None,
                    own,
                    at: here(host),
                    place: asked.place.clone(),
                };
                Ok(wanted.map(port).collect())
            }
            of_stack => {
                let named = match of_stack {
                    Some(StepTarget::Service(name)) => Some(self.running_service(name)?),
                    _ => None,
                };
                let stack = self.stack_as_it_is()?;
                let is_wanted = |port: &PublishedPort| {
                    named.as_ref().is_none_or(|(service, _)| port.service == *service)
                        && probe.port.is_none_or(|wanted| port.own == wanted)
                };
                let published = stack.all_published_ports().await?.into_iter().filter(is_wanted);
                let port = |it: PublishedPort| ProbedPort {
                    service: Some(it.service),
                    own: it.own,
                    at: here(it.host),
                    place: Some(it.place),
                };
                let ports: Vec<ProbedPort> = published.map(port).collect();
                match (ports.is_empty(), &named, probe.port) {
                    (true, Some((service, place)), Some(own)) => {
                        let address = stack.address(service).await?;
                        let why = format!("no container of `{service}` has an address of its own");
                        let address = address.ok_or_else(|| Fault::learner(place.clone(), why))?;
                        let at = SocketAddr::new(address, own);
                        Ok(vec![ProbedPort { service: Some(service.clone()), own, at, place: place.clone() }])
                    }
                    _ => Ok(ports),
                }
            }
        }
    }
}

fn record(port: &ProbedPort, found: Spoken) -> Fact {
    Fact::record([
        ("service", Fact::maybe(port.service.as_deref())),
        ("port", Fact::of(i64::from(port.own))),
        ("speaks", Fact::of(found.word())),
    ])
    .at(port.place.clone())
    .because(reason(port, found))
}

fn reason(port: &ProbedPort, found: Spoken) -> String {
    let whose = port.service.as_ref().map_or_else(|| "the container".to_owned(), |service| format!("`{service}`"));
    format!("{} on port {} of {whose}", found.phrase(), port.own)
}
