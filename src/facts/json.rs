//! Facts as JSON: sizes are integers of bytes, durations seconds, what is absent or unknown is null.

use super::{Fact, Facts, Known, Value, registry};
use serde::ser::{Serialize, SerializeMap, Serializer};
use serde_json::Value as Json;
use std::time::Duration;

/// A fact's bare value, without the places and reasons of it and of what it holds.
pub fn value(fact: &Fact) -> Json {
    match &fact.known {
        Known::Absent | Known::Unknown(_) => Json::Null,
        Known::Value(Value::Bool(value)) => (*value).into(),
        Known::Value(Value::Int(value)) => (*value).into(),
        Known::Value(Value::Size(bytes)) => (*bytes).into(),
        Known::Value(Value::Duration(length)) => seconds(*length),
        Known::Value(Value::Text(text)) => text.as_str().into(),
        Known::Value(Value::List(items)) => items.iter().map(value).collect(),
        Known::Value(Value::Map(items)) => items.iter().map(|(name, fact)| (name.clone(), value(fact))).collect(),
    }
}

/// Seconds, to the millisecond; whole ones without a fraction.
#[allow(clippy::cast_precision_loss)] // a float holds the milliseconds of 285,000 years
pub fn seconds(length: Duration) -> Json {
    let milliseconds = u64::try_from(length.as_millis()).unwrap_or(u64::MAX);
    if milliseconds.is_multiple_of(1000) { (milliseconds / 1000).into() } else { (milliseconds as f64 / 1000.0).into() }
}

/// All facts by their full names, in the registry's order: `{"image.size": 144000000}`.
#[derive(Debug, Clone, Copy)]
pub struct FactValues<'a>(pub &'a Facts);

impl Serialize for FactValues<'_> {
    fn serialize<S: Serializer>(&self, serializer: S) -> Result<S::Ok, S::Error> {
        serializer.collect_map(registry::flatten(self.0).into_iter().map(|(name, fact)| (name, value(fact))))
    }
}

/// The document that `grader facts --format json` prints, `grader.facts/v1`: each fact by its full name, with its value,
/// and its place and reason where it has them.
#[derive(Debug, Clone, Copy)]
pub struct FactsDocument<'a>(pub &'a Facts);

impl Serialize for FactsDocument<'_> {
    fn serialize<S: Serializer>(&self, serializer: S) -> Result<S::Ok, S::Error> {
        let mut document = serializer.serialize_map(Some(2))?;
        document.serialize_entry("schema", "grader.facts/v1")?;
        document.serialize_entry("facts", &Placed(self.0, None))?;
        document.end()
    }
}

/// The same document of some facts alone: those asked for by their names or by those of what holds them.
#[derive(Debug, Clone, Copy)]
pub struct Excerpt<'a>(pub &'a Facts, pub &'a [Vec<String>]);

impl Serialize for Excerpt<'_> {
    fn serialize<S: Serializer>(&self, serializer: S) -> Result<S::Ok, S::Error> {
        let mut document = serializer.serialize_map(Some(2))?;
        document.serialize_entry("schema", "grader.facts/v1")?;
        document.serialize_entry("facts", &Placed(self.0, Some(self.1)))?;
        document.end()
    }
}

struct Placed<'a>(&'a Facts, Option<&'a [Vec<String>]>);

/// Whether one name holds the other, or is the same.
fn is_asked(name: &str, asked: &[Vec<String>]) -> bool {
    asked.iter().any(|asked| name.split('.').zip(asked).all(|(part, asked)| part == asked))
}

impl Serialize for Placed<'_> {
    fn serialize<S: Serializer>(&self, serializer: S) -> Result<S::Ok, S::Error> {
        let asked = |(name, _): &(String, &Fact)| self.1.is_none_or(|asked| is_asked(name, asked));
        let facts = registry::flatten(self.0).into_iter().filter(asked);
        serializer.collect_map(facts.map(|(name, fact)| (name, JsonFact::from(fact))))
    }
}

#[derive(serde::Serialize)]
struct JsonFact<'a> {
    value: Json,
    path: Option<&'a str>,
    line: Option<u32>,
    because: Option<&'a str>,
}

impl<'a> From<&'a Fact> for JsonFact<'a> {
    fn from(fact: &'a Fact) -> Self {
        let unknown = if let Known::Unknown(why) = &fact.known { Some(why.as_str()) } else { None };
        Self {
            value: value(fact),
            path: fact.place.as_ref().map(|place| place.path.as_str()),
            line: fact.place.as_ref().and_then(|place| place.line),
            because: unknown.or(fact.because.as_deref()),
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::place::Place;
    use serde_json::json;

    #[test]
    fn values_are_plain() {
        for (fact, expected) in [
            (Fact::of(true), json!(true)),
            (Fact::of(Value::Size(144_000_000)), json!(144_000_000)),
            (Fact::of(Duration::from_millis(2700)), json!(2.7)),
            (Fact::of(Duration::from_secs(30)), json!(30)),
            (Fact::of(vec![Fact::of("a"), Fact::absent()]), json!(["a", null])),
            (Fact::record([("uid", Fact::of(0)), ("name", Fact::unknown("?"))]), json!({"uid": 0, "name": null})),
        ] {
            assert_eq!(value(&fact), expected);
        }
    }

    #[test]
    fn an_excerpt_has_what_is_asked_for() -> Result<(), serde_json::Error> {
        let mut facts = Facts::default();
        facts.put("dockerfile.exists", true);
        facts.put("dockerfile.path", "Dockerfile");
        facts.put("image.builds", true);
        facts.put("image.healthcheck", Fact::record([("kind", Fact::of("CMD"))]));
        for (asked, expected) in [
            (&[][..], &[][..]),
            (&["dockerfile"], &["dockerfile.exists", "dockerfile.path"]),
            (&["image.builds", "dockerfile.path"], &["dockerfile.path", "image.builds"]),
            (&["image.healthcheck.kind"], &["image.healthcheck"]),
            (&["image.health"], &[]),
        ] {
            let asked: Vec<Vec<String>> =
                asked.iter().map(|name: &&str| name.split('.').map(str::to_owned).collect()).collect();
            let written = serde_json::to_value(Excerpt(&facts, &asked))?;
            let names: Vec<&String> =
                written["facts"].as_object().into_iter().flatten().map(|(name, _)| name).collect();
            assert_eq!(names, expected, "{asked:?}");
        }
        Ok(())
    }

    #[test]
    fn the_document_gives_places_and_reasons() -> Result<(), serde_json::Error> {
        let mut facts = Facts::default();
        let user = Fact::of("root").at(Place::line("Dockerfile", 12)).because("USER root is the last one");
        facts.put("dockerfile.final.user.name", user);
        facts.put("image.size", Fact::unknown("no engine"));
        assert_eq!(
            serde_json::to_string(&FactsDocument(&facts))?,
            "{\"schema\":\"grader.facts/v1\",\"facts\":{\"dockerfile.final.user.name\":{\"value\":\"root\",\
             \"path\":\"Dockerfile\",\"line\":12,\"because\":\"USER root is the last one\"},\
             \"image.size\":{\"value\":null,\"path\":null,\"line\":null,\"because\":\"no engine\"}}}"
        );
        Ok(())
    }
}
