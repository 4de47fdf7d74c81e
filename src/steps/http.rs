//! `http:` asks a service or the container, on a port that it publishes.

use super::Step;
use super::action::{Http, Target};
use super::request;
use super::request::Answer;
use super::{Bench, NotDone, capture, holds};
use crate::engine::stack::Stack;
use crate::facts::{Fact, Facts};
use crate::matching::StepResult;
use crate::matching::fit::Captures;
use crate::language::condition::Condition;
use crate::place::Place;

/// The ports that are published: in the container, and on this machine.
type Ports = Vec<(u16, u16)>;

impl Bench<'_> {
    pub(super) async fn http(&mut self, step: &Step, http: &Http, captures: &Captures) -> Result<Facts, NotDone> {
        if self.engine.is_remote {
            let why = "the Docker Engine is on another machine, and so are the ports that are published";
            return Err(NotDone::machines(why));
        }
        let answered = match self.ports(http).await {
            Ok(asked) => {
                (self.doing)(format!("{} {} of {}", http.method, http.path, asked.name.trim_matches('`')));
                ask(step, http, &asked, captures).await
            }
            Err(why) => Err(why),
        };
        match answered {
            Ok(facts) => Ok(facts),
            Err(NotDone::Learner(place, because)) => {
                let because = self.end(http).await.unwrap_or(because);
                silent(step, NotDone::Learner(place, because))
            }
            Err(why) => Err(why),
        }
    }

    /// How the service came to its end, if it did: that says more than its silence.
    async fn end(&self, http: &Http) -> Option<String> {
        let Target::Service(name) = &http.target else { return None };
        let service = self.running_service(name).ok()?.0;
        let end = self.stack.as_deref()?.end_of(&service).await?;
        Some(format!("`{service}` {end}"))
    }

    /// Who is asked, where it stands, and the ports that it publishes.
    async fn ports(&mut self, http: &Http) -> Result<Asked, NotDone> {
        match &http.target {
            Target::Service(name) => {
                let (service, place) = self.running_service(name)?;
                let stack: &Stack = self.stack.as_deref().ok_or_else(NotDone::no_stack)?;
                let ports = stack.published_ports(&service).await.map_err(NotDone::Machine)?;
                if ports.is_empty() && stack.is_shut_in(&service) {
                    let why = format!(
                        "`{service}` has `ports:`, but Docker publishes none of a service whose networks are all \
                         `internal`; put it on another network, too"
                    );
                    return Err(NotDone::learners(place, why));
                }
                Ok(Asked { name: format!("`{service}`"), place, ports })
            }
            Target::Container => self.container_ports(http.port).await,
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
async fn ask(step: &Step, http: &Http, asked: &Asked, captures: &Captures) -> Result<Facts, NotDone> {
    let wanted = asked.ports.iter().filter(|(target, _)| http.port.is_none_or(|port| port == *target));
    let mut best = Err(NotDone::learners(asked.place.clone(), unpublished(&asked.name, http.port, &asked.ports)));
    for &(target, host) in wanted {
        match request::send(host, target, http).await {
            Err(why) if best.is_err() => {
                best = Err(NotDone::learners(asked.place.clone(), why.sentence(&asked.name, target, http)));
            }
            Err(_) => {}
            Ok(answer) => {
                let facts = answered(&answer, asked.place.as_ref());
                let mut result = StepResult { facts, ..StepResult::default() };
                capture::keep(step, &mut result);
                if holds(step, &result, captures) {
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

/// No answer is one, if the step expects something of it.
fn silent(step: &Step, why: NotDone) -> Result<Facts, NotDone> {
    let asks = step.expect.iter().any(|expectation| asks_whether(&expectation.condition));
    match why {
        NotDone::Learner(place, because) if asks => {
            let mut facts = Facts::default();
            facts.put("answered", Fact::of(false).because(because).at(place));
            Ok(facts)
        }
        why => Err(why),
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

fn answered(answer: &Answer, place: Option<&Place>) -> Facts {
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
