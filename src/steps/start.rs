//! `start:` starts a container of its own, which goes on running, for later steps to ask.

use super::answers::{StepFact, fact};
use super::graded::{self, CheckContainer, does_not_run};
use super::http::Asked;
use super::keys::BUILT;
use super::spec::{self, CheckSpec};
use super::{Acting, Action, Graded, Needs, StepKind, StepRunner, Turn, kind};
use crate::engine::container::health::HealthCheck;
use crate::engine::container::{Spec, Standalone};
use crate::facts::container::{self, ContainerRequest};
use crate::facts::registry::Type;
use crate::facts::{Fact, Facts};
use crate::language::grammar::{Key, ValueKind, must};
use crate::language::parameters::is_name;
use crate::language::scope::Scope;
use crate::outcome::Fault;
use crate::place::Place;
use crate::yaml::Node;
use tokio::time::Instant;

/// `start:`
pub static KIND: StepKind = StepKind {
    name: "start",
    doc: "Starts a container that goes on running; later steps ask it by its `name`: `http: { container: other, … }`.",
    takes: ValueKind::Record(&KEYS),
    one_of: &[],
    answers: &ANSWERS,
    afresh: &[],
    read: |scope, node, _| kind::boxed(read(scope, node)),
};

static KEYS: [Key; 10] = {
    let [a, b, c, d, e, f, g, h, i] = spec::KEYS;
    let name = must("name", ValueKind::Id, "What later steps call it, and on a network of the stack its host name.");
    [name, a, b, c, d, e, f, g, h, i]
};

static ANSWERS: [StepFact; 3] = [
    fact("state", Type::Word(&["running", "exited"]), "Whether it runs after it was given time to start."),
    fact("exit_code", Type::Int, "What it exited with, if it did."),
    fact("logs", Type::Text, "The end of what it printed."),
];

/// A container that goes on running.
#[derive(Debug, Clone, Default, PartialEq, Eq)]
pub struct Start {
    /// What later steps call it.
    pub name: String,
    /// How it is run.
    pub spec: CheckSpec,
}

fn read(scope: &Scope<'_>, node: &Node) -> Option<Start> {
    let fields = scope.fields(node, "`{ name: other, env: { … } }`", &[&KEYS]);
    node.as_map()?;
    let name = match fields.get("name") {
        Some(node) => scope.prose(node).filter(|name| {
            let fits = is_name(name) && name != BUILT;
            if !fits {
                scope.problem(node.span, "a name is lower case: letters, digits, `_` and `-`, and not `built`");
            }
            fits
        }),
        None => Some(scope.required(fields, "name")),
    };
    Some(Start { name: name?, spec: spec::read(scope, fields) })
}

impl Action for Start {
    fn needs(&self) -> Needs {
        self.spec.needs()
    }

    fn starts(&self) -> Option<&str> {
        Some(&self.name)
    }

    fn texts(&mut self) -> Vec<&mut String> {
        self.spec.texts()
    }

    fn act<'r>(&'r self, runner: &'r mut StepRunner<'_>, _: Turn<'r>) -> Acting<'r, Facts> {
        Box::pin(runner.start(self))
    }
}

impl StepRunner<'_> {
    async fn start(&mut self, start: &Start) -> Result<Facts, Fault> {
        let (spec, place) = self.engine_spec(&start.spec).await?;
        let config = self.graded.filter(|_| start.spec.image.is_none());
        let config = config.and_then(|graded| graded.built.image.config.clone()).unwrap_or_default();
        let is_as_built = start.spec.is_as_built();
        let check = HealthCheck::of(config.healthcheck.as_ref()).filter(|_| is_as_built);
        let none = Facts::default();
        let request = ContainerRequest {
            image: self.graded.filter(|_| is_as_built).map_or(&none, |graded| graded.image),
            http: self.graded.and_then(|Graded { http, .. }| http).filter(|_| is_as_built),
            given: &[],
        };
        let spec = Spec {
            ports: self.ports_to_publish(config.exposed_ports, request.http.map(|(port, _)| port)),
            healthcheck: check.clone().map(|check| check.here(&self.engine.pace).sooner()).or(spec.healthcheck),
            alias: spec.network.is_some().then(|| start.name.clone()),
            ..spec
        };
        (self.doing)(format!("start {} as {}", start.spec.image_name(), start.name));
        let begin = Instant::now();
        if let Some(before) = self.made.started.remove(&start.name) {
            before.remove().await;
        }
        let standalone = match Standalone::start(self.engine, spec).await {
            Ok(standalone) => standalone,
            Err(error) => {
                let refused = error.refused()?;
                let why = format!("`{}` does not start: {}", start.name, refused.why);
                let mut facts = Facts::default();
                facts.put("state", Fact::of("exited").because(why).at(place.clone()));
                facts.put("exit_code", refused.exit_code.map_or_else(Fact::absent, Fact::of).at(place));
                facts.put("logs", Fact::of(""));
                facts.put("seconds", begin.elapsed());
                self.made.started.insert(start.name.clone(), CheckContainer { standalone: Err(refused), check });
                return Ok(facts);
            }
        };
        let limits = self.limits().start;
        let watched = container::watched(self.engine, &standalone, &request, check.as_ref(), limits, self.doing).await;
        // Kept whatever comes of the watching: so it is removed.
        self.made.started.insert(start.name.clone(), CheckContainer { standalone: Ok(standalone), check });
        let seen = watched?;
        let mut facts = Facts::default();
        for fact in &ANSWERS {
            let seen = seen.get(&format!("container.{}", fact.name)).cloned().unwrap_or_else(Fact::absent);
            facts.put(fact.name, Fact { place: place.clone(), ..seen });
        }
        facts.put("seconds", begin.elapsed());
        Ok(facts)
    }

    /// A container that a step has started, which runs, and where it is written what it starts.
    pub(super) async fn started(&self, name: &str) -> Result<(&Standalone<'_>, Option<Place>), Fault> {
        let Some(CheckContainer { standalone, .. }) = self.made.started.get(name) else {
            return Err(Fault::machine(format!("no container `{name}` was started")));
        };
        let place = self.graded.and_then(|Graded { image, .. }| {
            container::start_place(&ContainerRequest { image, http: None, given: &[] })
        });
        match standalone {
            Ok(standalone) if standalone.state().await?.running == Some(true) => Ok((standalone, place)),
            Ok(standalone) => Err(does_not_run(standalone, &format!("`{name}`"), place).await?),
            Err(refused) => Err(Fault::learner(place, format!("`{name}` does not start: {}", refused.why))),
        }
    }

    /// The ports of a container that a step has started.
    pub(super) async fn started_ports(&self, name: &str, port: Option<u16>) -> Result<Asked, Fault> {
        let (standalone, place) = self.started(name).await?;
        graded::ports(standalone, &format!("`{name}`"), place, port).await
    }
}
