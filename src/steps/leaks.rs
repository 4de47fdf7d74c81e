//! `leaks:` looks for a value that is to be secret in an image.

use super::answers::{StepFact, fact};
use super::{Acting, Action, Needs, StepKind, StepRunner, Turn, kind};
use crate::engine::image::leaks::{self, Leak, LeakKind, SecretValue};
use crate::facts::registry::Type;
use crate::facts::{Fact, Facts, Value};
use crate::language::grammar::{Key, ValueKind, may, must};
use crate::language::scope::Scope;
use crate::outcome::Fault;
use crate::place::Place;
use crate::yaml::Node;
use std::time::Duration;
use tokio::time::{Instant, timeout};

/// `leaks:`
pub static KIND: StepKind = StepKind {
    name: "leaks",
    doc: "Looks for a secret in an image: its variables, labels and history, and the files of each layer, deleted ones \
          included. What the base image brings along doesn't count.",
    takes: ValueKind::Record(&KEYS),
    one_of: &[],
    answers: &ANSWERS,
    afresh: &[],
    read: |scope, node, _| kind::boxed(read(scope, node)),
};

static KEYS: [Key; 2] = [
    may("image", ValueKind::Text, "`built` for the graded image, or the name of another."),
    must(
        "value",
        ValueKind::Verbatim,
        "What is looked for. A common word counts only where a secret is set to it; `no`, `true` and `1` never do.",
    ),
];

static ANSWERS: [StepFact; 1] = [fact(
    "leaks",
    Type::List(&Type::Record(&[
        ("in", Type::Word(&["env", "label", "history", "file"])),
        ("name", Type::Text),
        ("line", Type::Int),
    ])),
    "Each place that holds the value: the `name` of the variable, label or file, or the command of the history, and the \
     line of the Dockerfile that put it there.",
)];

/// How long all of it may take; a large image is read in a few seconds.
const LIMIT: Duration = Duration::from_secs(180);

/// A search for a secret.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct LeakSearch {
    /// The image; `None` is the graded one.
    pub image: Option<String>,
    /// What is looked for.
    pub value: String,
}

fn read(scope: &Scope<'_>, node: &Node) -> Option<LeakSearch> {
    let fields = scope.fields(node, "`{ value: \"{password}\" }`", &[&KEYS]);
    node.as_map()?;
    let image = match fields.get("image") {
        Some(node) => Some(scope.prose(node)?).filter(|image| image != "built"),
        None => None,
    };
    let Some(value) = fields.get("value") else {
        scope.problem(fields.start(), "`value` is missing here");
        return None;
    };
    Some(LeakSearch { image, value: scope.prose(value)? })
}

impl Action for LeakSearch {
    fn needs(&self) -> Needs {
        Needs::default()
    }

    fn texts(&mut self) -> Vec<&mut String> {
        vec![&mut self.value]
    }

    fn act<'r>(&'r self, runner: &'r mut StepRunner<'_>, _: Turn<'r>) -> Acting<'r, Facts> {
        Box::pin(runner.leaks(self))
    }
}

impl StepRunner<'_> {
    async fn leaks(&mut self, search: &LeakSearch) -> Result<Facts, Fault> {
        let begin = Instant::now();
        let (tag, _) = self.image_of(search.image.as_deref()).await?;
        let graded = self.graded.filter(|_| search.image.is_none());
        let places = graded.map_or_else(Vec::new, |graded| places(graded.image));
        (self.doing)("look for the secret in the image".into());
        // Where no line is known of any layer, all of them count.
        let knows = places.iter().any(Option::is_some);
        let is_own = |item: usize| !knows || places.get(item).is_none_or(Option::is_some);
        let value = SecretValue::new(&search.value);
        let found = timeout(LIMIT, leaks::find(self.engine, &tag, &value, &is_own)).await;
        let limit = || format!("looking into the image took longer than {}", humantime::format_duration(LIMIT));
        let found = found.map_err(|_| Fault::machine(limit()))?.map_err(Fault::machine)?;
        let file = graded.map(|graded| Place::file(graded.dockerfile));
        let records = found.iter().map(|leak| record(leak, &places, file.as_ref()));
        let mut facts = Facts::default();
        facts.put("leaks", Fact::of(records.collect::<Vec<_>>()).at(file.clone()));
        facts.put("seconds", Fact::of(begin.elapsed()));
        Ok(facts)
    }
}

/// The place of each item of the image's history; the base image's have none.
fn places(image: &Facts) -> Vec<Option<Place>> {
    match image.get("image.layers").and_then(Fact::value) {
        Some(Value::List(layers)) => layers.iter().map(|layer| layer.place.clone()).collect(),
        _ => Vec::new(),
    }
}

fn record(leak: &Leak, places: &[Option<Place>], file: Option<&Place>) -> Fact {
    let kind = match leak.kind {
        LeakKind::Env => "env",
        LeakKind::Label => "label",
        LeakKind::History => "history",
        LeakKind::File => "file",
    };
    let place = leak.item.and_then(|item| places.get(item)?.clone());
    let line = place.as_ref().and_then(|place| place.line).map(i64::from);
    let name = Fact::of(leak.name.as_str());
    Fact::record([("in", Fact::of(kind)), ("name", name), ("line", Fact::maybe(line))])
        .at(place.or_else(|| file.cloned()))
}
