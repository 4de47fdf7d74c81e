//! `http:` asks a service or the container, on a port that it publishes.

use super::answers::{JSON, StepFact, fact};
use super::keys::{CONTAINER, RETRY, SERVICE, TIMEOUT, bound, map, target, verbatim};
use super::request::{self, Response};
use super::runner::holds;
use super::{Acting, Action, Needs, StepKind, StepLimits, StepRunner, StepTarget, Turn, capture, kind};
use crate::engine::stack::Stack;
use crate::facts::registry::Type;
use crate::facts::{Fact, Facts};
use crate::language::condition::Condition;
use crate::language::grammar::{Key, PORT, ValueKind, may, must};
use crate::language::scope::Scope;
use crate::language::values::url_path;
use crate::matching::StepResult;
use crate::outcome::{Fault, Finding};
use crate::place::Place;
use crate::seed::Seed;
use crate::units::seconds_text;
use crate::yaml::Node;
use std::collections::BTreeMap;
use std::time::Duration;

/// `http:`
pub static KIND: StepKind = StepKind {
    name: "http",
    doc: "Asks a service or the container over HTTP, on a port that it publishes.",
    takes: ValueKind::Record(&KEYS),
    one_of: &["service", "container"],
    answers: &ANSWERS,
    afresh: &[],
    read: |scope, node, _| kind::boxed(read(scope, node)),
};

/// The methods that can be sent.
const METHODS: [&str; 7] = ["GET", "HEAD", "POST", "PUT", "PATCH", "DELETE", "OPTIONS"];

static KEYS: [Key; 9] = [
    SERVICE,
    CONTAINER,
    may("port", PORT, "The port in the container; unless said, any that is published."),
    may("method", ValueKind::Words(&METHODS), "GET unless said."),
    must("path", ValueKind::Text, "The path, from `/`."),
    may("headers", ValueKind::TextMap, "Headers that are sent."),
    may("body", ValueKind::Verbatim, "What is sent."),
    TIMEOUT,
    RETRY,
];

static ANSWERS: [StepFact; 5] = [
    fact("answered", Type::Bool, "Whether an answer came at all."),
    fact("status", Type::Int, "The status code."),
    fact("headers", Type::Map(&Type::Text), "The headers, their names in lower case: `headers.content-type`."),
    fact("body", Type::Text, "The body."),
    JSON,
];

/// A request.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Http {
    /// Who is asked.
    pub target: StepTarget,
    /// The port in the container; without it, any that is published.
    pub port: Option<u16>,
    /// The method.
    pub method: String,
    /// The path, from `/`.
    pub path: String,
    /// The headers that are sent.
    pub headers: BTreeMap<String, String>,
    /// What is sent.
    pub body: Option<String>,
    /// How long one answer may take; the grader's own bound unless said.
    pub timeout: Option<Duration>,
    /// How long no answer, or one that does not fit, is asked again.
    pub retry_for: Duration,
}

fn read(scope: &Scope<'_>, node: &Node) -> Option<Http> {
    let fields = scope.fields(node, "`{ service: …, path: … }`", &[&KEYS]);
    node.as_map()?;
    let port = fields.get("port").and_then(|node| scope.number(node, 1..=65_535)).and_then(|port| port.try_into().ok());
    let path = match fields.get("path") {
        Some(node) => url_path(scope, node),
        None => Some(scope.required(fields, "path")),
    };
    let method = fields.get("method").and_then(|node| {
        let written = scope.prose(node)?;
        if !METHODS.contains(&written.as_str()) {
            scope.unknown(node.span, "method", &written, &METHODS);
        }
        Some(written)
    });
    let headers = map(scope, fields, "headers");
    for (name, value) in &headers {
        let is_token = |c: char| c.is_ascii_alphanumeric() || "!#$%&'*+-.^_`|~".contains(c);
        if !name.chars().all(is_token) || value.chars().any(char::is_control) {
            let at = fields.get("headers").map_or(node.span, |node| node.span);
            scope.problem(at, format!("`{name}` is no header that can be sent"));
        }
    }
    Some(Http {
        target: target(scope, fields)?,
        port,
        method: method.unwrap_or_else(|| "GET".to_owned()),
        path: path?,
        headers,
        body: verbatim(scope, fields, "body"),
        timeout: bound(scope, fields, "timeout"),
        retry_for: bound(scope, fields, "retry_for").unwrap_or_default(),
    })
}

impl Action for Http {
    fn needs(&self) -> Needs {
        let port = self.port.filter(|_| !matches!(self.target, StepTarget::Service(_)));
        Needs { port, ..self.target.needs() }
    }

    fn started(&self) -> Option<&str> {
        self.target.started()
    }

    fn texts(&mut self) -> Vec<&mut String> {
        [&mut self.path].into_iter().chain(self.headers.values_mut()).chain(&mut self.body).collect()
    }

    fn limit(&self, _: &StepLimits) -> Duration {
        self.timeout.unwrap_or_default() + self.retry_for
    }

    fn retry_for(&self) -> Duration {
        self.retry_for
    }

    fn act<'r>(&'r self, runner: &'r mut StepRunner<'_>, turn: Turn<'r>) -> Acting<'r, Facts> {
        Box::pin(runner.http(self, turn))
    }
}

/// The ports that are published: in the container, and on this machine.
type Ports = Vec<(u16, u16)>;

impl StepRunner<'_> {
    async fn http(&mut self, http: &Http, turn: Turn<'_>) -> Result<Facts, Fault> {
        if self.engine.is_remote {
            let why = "the Docker Engine is on another machine, and so are the ports that are published";
            return Err(Fault::machine(why));
        }
        let answered = match self.ports(http).await {
            Ok(asked) => {
                // A port that is not published now will not be published later.
                self.is_certain = asked.ports.iter().all(|(target, _)| http.port.is_some_and(|port| port != *target));
                (self.doing)(format!("{} {} of {}", http.method, http.path, asked.name.trim_matches('`')));
                let limit = http.timeout.unwrap_or(request::LIMIT);
                ask(http, &asked, self.engine.seed, (limit, self.engine.pace.here(limit)), turn).await
            }
            Err(why) => Err(why),
        };
        match answered {
            Ok(facts) => Ok(facts),
            Err(Fault::Learner(mut findings)) => {
                if let (Some(end), Some(first)) = (self.end(http).await, findings.first_mut()) {
                    first.message = end;
                }
                silent(turn, findings)
            }
            Err(why) => Err(why),
        }
    }

    /// How the service came to its end, if it did: that says more than its silence.
    async fn end(&self, http: &Http) -> Option<String> {
        let StepTarget::Service(name) = &http.target else { return None };
        let service = self.running_service(name).ok()?.0;
        let end = self.stack.as_deref()?.end_of(&service).await?;
        Some(format!("`{service}` {end}"))
    }

    /// Who is asked, where it stands, and the ports that it publishes.
    async fn ports(&mut self, http: &Http) -> Result<Asked, Fault> {
        match &http.target {
            StepTarget::Service(name) => {
                let (service, place) = self.running_service(name)?;
                let stack: &Stack = self.stack_as_it_is()?;
                let ports = stack.published_ports(&service).await?;
                if ports.is_empty() && stack.is_shut_in(&service) {
                    self.is_certain = true;
                    let why = format!(
                        "`{service}` has `ports:`, but Docker publishes none of a service whose networks are all \
                         `internal`; put it on another network, too"
                    );
                    return Err(Fault::learner(place, why));
                }
                Ok(Asked { name: format!("`{service}`"), place, ports })
            }
            StepTarget::Container => self.container_ports(http.port).await,
            StepTarget::Started(name) => self.started_ports(name, http.port).await,
        }
    }
}

/// Who is asked.
pub(crate) struct Asked {
    /// The name of the service in quotes, or `the container`.
    pub name: String,
    /// Where it stands.
    pub place: Option<Place>,
    /// The ports that it publishes.
    pub ports: Ports,
}

/// Asks every port that comes into question, until one answers as it should.
async fn ask(
    http: &Http,
    asked: &Asked,
    seed: Seed,
    (limit, here): (Duration, Duration),
    turn: Turn<'_>,
) -> Result<Facts, Fault> {
    let wanted = asked.ports.iter().filter(|(target, _)| http.port.is_none_or(|port| port == *target));
    let mut best = Err(Fault::learner(asked.place.clone(), unpublished(&asked.name, http.port, &asked.ports)));
    for &(target, host) in wanted {
        match request::send(host, target, http, seed, here).await {
            Err(why) if best.is_err() => {
                let why = why.sentence(&asked.name, target, http, limit) + &tried(turn);
                best = Err(Fault::learner(asked.place.clone(), why));
            }
            Err(_) => {}
            Ok(answer) => {
                let facts = answered(&answer, asked.place.as_ref());
                let mut result = StepResult { facts, ..StepResult::default() };
                capture::keep(turn.step, &mut result, None);
                if holds(turn, &result) {
                    return Ok(result.facts);
                }
                if best.is_err() {
                    best = Ok(result.facts);
                }
            }
        }
    }
    best
}

/// Returns how long grader retried, as the end of a sentence: an application may need longer to start.
fn tried(turn: Turn<'_>) -> String {
    let times = |tried| format!("; grader retried for {}, and the container is still running", seconds_text(tried));
    Some(turn.tried).filter(|tried| !tried.is_zero()).map(times).unwrap_or_default()
}

/// No answer is one, if the step expects something of it.
fn silent(turn: Turn<'_>, findings: Vec<Finding>) -> Result<Facts, Fault> {
    let asks = turn.step.expect.iter().any(|expectation| asks_whether(&expectation.condition));
    match findings.first().filter(|_| asks) {
        Some(why) => {
            let mut facts = Facts::default();
            facts.put("answered", Fact::of(false).because(why.message.clone()).at(why.place.clone()));
            Ok(facts)
        }
        None => Err(Fault::Learner(findings)),
    }
}

fn asks_whether(condition: &Condition) -> bool {
    match condition {
        Condition::Fact(path, _) => path.first().is_some_and(|first| first == "answered"),
        Condition::AnyOf(all) | Condition::AllOf(all) => all.iter().any(asks_whether),
    }
}

fn unpublished(name: &str, port: Option<u16>, published: &[(u16, u16)]) -> String {
    let others = published.iter().map(|(target, _)| target.to_string()).collect::<Vec<_>>().join(", ");
    match port {
        None => format!("{name} publishes no port; add `ports:` to it"),
        Some(port) if published.is_empty() => format!("{name} publishes no port; add `ports:` with {port} to it"),
        Some(port) => format!("{name} does not publish its port {port}, only {others}"),
    }
}

fn answered(answer: &Response, place: Option<&Place>) -> Facts {
    let mut facts = Facts::default();
    let mut put = |name: &str, fact: Fact| facts.put(name, fact.at(place.cloned()));
    put("answered", Fact::of(true));
    put("status", Fact::of(i64::from(answer.status)));
    put("headers", Fact::record(answer.headers.iter().map(|(name, value)| (name.as_str(), Fact::of(value.as_str())))));
    put("body", Fact::of(answer.body.as_str()));
    put("seconds", Fact::of(answer.time));
    put("json", request::json(&answer.body));
    facts
}
