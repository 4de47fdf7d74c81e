//! Facts as people read them: name, value, place and reason; and the list of those there are.

use crate::facts::registry::{REGISTRY, Type, flatten};
use crate::facts::{Facts, Known, Source, Unavailable};
use crate::report::layout::{Page, Tone, pad};
use crate::report::listed;

/// The widest column of names.
const NAME: usize = 44;
/// The most characters of a value that people are shown; JSON has all.
const VALUE: usize = 400;

/// Draws all facts that are there, one after the other.
pub fn draw(page: &mut Page, facts: &Facts) {
    for source in Source::ALL {
        if let Some(Unavailable::NoEngine(why) | Unavailable::Failed(why)) = facts.unavailable(source) {
            page.prose(0, (Tone::Doubt, &pad(source.prefix(), NAME)), Tone::Doubt, &format!("unknown: {why}"));
        }
    }
    let facts = flatten(facts);
    let width = facts.iter().map(|(name, _)| name.len()).max().unwrap_or(0).min(NAME) + 2;
    for (name, fact) in facts {
        let (tone, value) = match &fact.known {
            Known::Value(value) => (Tone::Text, shortened(&value.to_string())),
            Known::Absent => (Tone::Quiet, "none".to_owned()),
            Known::Unknown(why) => (Tone::Doubt, format!("unknown: {why}")),
        };
        page.prose(0, (Tone::Command, &pad(&name, width)), tone, &value);
        let place = fact.place.as_ref().map(ToString::to_string);
        let reason: Vec<String> = place.into_iter().chain(fact.because.clone()).collect();
        if !reason.is_empty() {
            page.prose(4, (Tone::Text, ""), Tone::Quiet, &reason.join(": "));
        }
    }
}

fn shortened(value: &str) -> String {
    let count = value.chars().count();
    if count <= VALUE {
        return value.to_owned();
    }
    let start: String = value.chars().take(VALUE).collect();
    format!("{start}… ({} more characters; --format json has all)", count - VALUE)
}

/// Draws every fact that a check can ask for, with its type and meaning.
pub fn draw_registry(page: &mut Page) {
    for entry in REGISTRY.iter() {
        page.line(0, &[(Tone::Command, entry.name), (Tone::Text, "  "), (Tone::Quiet, &kind(&entry.kind))]);
        page.prose(4, (Tone::Text, ""), Tone::Text, entry.doc);
    }
}

/// What a type is called.
pub fn kind(kind: &Type) -> String {
    match kind {
        Type::Bool => "true or false".to_owned(),
        Type::Int => "number".to_owned(),
        Type::Size => "size".to_owned(),
        Type::Duration => "duration".to_owned(),
        Type::Text => "text".to_owned(),
        Type::Word(words) => listed(words, "or"),
        Type::Mode => "file mode".to_owned(),
        Type::Patterns => "patterns".to_owned(),
        Type::Any => "any value".to_owned(),
        Type::List(inner) => format!("list of {}", self::kind(inner)),
        Type::Map(inner) => format!("{} by name", self::kind(inner)),
        Type::Record(fields) => {
            let field = |(name, kind): &(&str, Type)| match kind {
                Type::Word(words) => format!("{name} ({})", listed(words, "or")),
                _ => (*name).to_owned(),
            };
            format!("{{ {} }}", fields.iter().map(field).collect::<Vec<_>>().join(", "))
        }
    }
}
