//! What holds of all facts: each has the type that the registry says, its place is in a file that was read, and it can be
//! written.

use grader::facts::json::FactsDocument;
use grader::facts::registry;
use grader::facts::{Fact, Facts, Value};
use grader::place::Place;

/// Asserts it of the facts of one source. `lines` is the number of lines of a file that was read.
pub fn check(facts: &Facts, lines: &dyn Fn(&str) -> Option<usize>) {
    for (name, fact) in registry::flatten(facts) {
        let entry = registry::find(&parts(&name)).unwrap_or_else(|| panic!("{name} is not in the registry"));
        assert!(entry.kind.fits(fact), "{name} is no {:?}: {:?}", entry.kind, fact.known);
        places(&name, fact, lines);
    }
    serde_json::to_string(&FactsDocument(facts)).expect("facts are JSON");
}

/// A name's parts: all between the first two and the last is what the learner chose, dots and all.
fn parts(name: &str) -> Vec<&str> {
    let Some(rest) = name.strip_prefix("compose.services.") else { return name.split('.').collect() };
    let (service, field) = rest.rsplit_once('.').expect("a field of a service");
    vec!["compose", "services", service, field]
}

fn places(name: &str, fact: &Fact, lines: &dyn Fn(&str) -> Option<usize>) {
    if let Some(found) = &fact.place {
        place(name, found, lines);
    }
    match fact.value() {
        Some(Value::List(items)) => items.iter().for_each(|item| places(name, item, lines)),
        Some(Value::Map(fields)) => fields.values().for_each(|field| places(name, field, lines)),
        _ => {}
    }
}

/// Asserts that a place is in a file that was read.
pub fn place(what: &str, place: &Place, lines: &dyn Fn(&str) -> Option<usize>) {
    let most = lines(&place.path).unwrap_or_else(|| panic!("{what}: {place:?} is no file"));
    let line = place.line.unwrap_or(1);
    let end = place.end_line.unwrap_or(line);
    assert!(1 <= line && line <= end && end as usize <= most, "{what}: {place:?} of {most} lines");
    assert!(place.column != Some(0), "{what}: {place:?}");
}

/// The number of lines of a text, as an editor counts them: one without any end is one line.
pub fn lines(text: &[u8]) -> usize {
    text.split(|&byte| byte == b'\n').count()
}

/// The same of YAML, where a carriage return ends a line, too.
pub fn yaml_lines(text: &[u8]) -> usize {
    text.iter()
        .enumerate()
        .filter(|(at, byte)| **byte == b'\n' || **byte == b'\r' && text.get(at + 1) != Some(&b'\n'))
        .count()
        + 1
}
