//! Values that a learner gives to a challenge, in the `with:` of `grader.yaml`. Hostile: bounded, one line, a few characters.

use super::load::Loaded;
use crate::challenge::{Check, LearnerParameter};
use crate::language::file::{CheckFile, Problems};
use crate::language::grammar::FROM_LEARNER;
use crate::language::parameters::{OfLearner, Parameter, Parameters};
use crate::language::scope::Scope;
use crate::outcome::Finding;
use crate::place::Place;
use crate::yaml::{self, Node};
use std::collections::BTreeMap;

/// The learner's file, at the repository's root.
pub const FILE: &str = "grader.yaml";
/// The largest one that is read, in bytes.
pub const LARGEST: u64 = 64 << 10;
/// The most characters of a value.
const LONGEST: usize = 200;
/// The most values that are read.
const MOST: usize = 100;

/// What a learner says, by its names: a value, or why it is none.
pub type LearnerValues = BTreeMap<String, Result<String, String>>;

/// Reads the learner's file. What is wrong with it as a whole is said where a challenge is looked for in it.
pub fn values(bytes: &[u8]) -> LearnerValues {
    let node = yaml::parse(bytes).ok();
    let entries = node.as_ref().and_then(|node| node.get("with")).and_then(Node::as_map).unwrap_or_default();
    let values = entries.iter().take(MOST).map(|entry| {
        let value = match entry.value.text() {
            Some(text) => value(text).map(|()| text.to_owned()),
            None => Err("is not a text".to_owned()),
        };
        (entry.key.clone(), value)
    });
    values.collect()
}

/// Whether a learner's value can be one: nothing in it is special to a shell, a pattern, a path or grader itself.
fn value(text: &str) -> Result<(), String> {
    let odd = text.chars().find(|c| !c.is_ascii_alphanumeric() && !"._-/:@+".contains(*c));
    if text.is_empty() {
        Err("is empty".to_owned())
    } else if text.len() > LONGEST {
        Err(format!("is longer than {LONGEST} characters"))
    } else if odd.is_some() {
        Err("may have only letters, digits and . _ - / : @ +".to_owned())
    } else if !text.starts_with(|c: char| c.is_ascii_alphanumeric()) {
        Err("must begin with a letter or a digit".to_owned())
    } else if text.split('/').any(|part| part.starts_with("..")) {
        Err("must not have `..` in it".to_owned())
    } else {
        Ok(())
    }
}

/// A challenge's parameter that a learner gives the value of: `{ from: learner, example: jane/hello }`.
pub(crate) fn parameter<'a>(
    file: &'a CheckFile,
    problems: &Problems,
    name: &str,
    node: &Node,
    values: Option<&LearnerValues>,
) -> (Parameter<'a>, LearnerParameter) {
    let (unset, nothing) = (Parameters::default(), std::collections::BTreeSet::new());
    let scope = Scope { file, problems, parameters: &unset, captures: &nothing };
    let fields = scope.fields(node, "`{ from: learner, example: jane/hello }`", &[&FROM_LEARNER]);
    let from = scope.required(fields, "from");
    if let Some(node) = fields.get("from").filter(|_| from != "learner") {
        scope.unknown(node.span, "word", &from, &["learner"]);
    }
    let example = scope.required(fields, "example");
    if let (Some(node), Err(why)) = (fields.get("example").filter(|_| !example.is_empty()), value(&example)) {
        scope.problem(node.span, format!("a learner could not say `{example}`: it {why}"));
    }
    let about = fields.get("about").and_then(|node| scope.prose(node));
    // Without a learner, as when files are looked at, the example stands for the value.
    let given = match values {
        None => Ok(example.clone()),
        Some(values) => values.get(name).cloned().unwrap_or_else(|| Err(String::new())),
    };
    let (value, missing) = match given {
        Ok(value) => (value, None),
        Err(why) => (example.clone(), Some(why)),
    };
    let learner = Some(OfLearner { name: name.to_owned(), missing });
    (Parameter { value, items: None, learner, file, span: node.span }, LearnerParameter { example, about })
}

/// What a learner reads whose file lacks a value.
pub(crate) fn finding(lacks: &OfLearner, parameter: Option<&LearnerParameter>) -> Finding {
    let OfLearner { name, missing } = lacks;
    let message = match missing.as_deref().unwrap_or_default() {
        "" => format!("{FILE} doesn't have a value for `{name}` yet."),
        why => format!("{FILE} has a value for `{name}` that {why}."),
    };
    let example = parameter.map(|parameter| format!("In {FILE}, add: with: {{ {name}: {} }}", parameter.example));
    Finding {
        message,
        expected: parameter.and_then(|parameter| parameter.about.clone()),
        place: Some(Place::file(FILE)),
        hint: example.map(|line| format!("{line}, with your own value.")),
        ..Finding::default()
    }
}

/// The parameters of a challenge itself, and those of them that the learner says.
pub(super) fn own_parameters<'a>(
    source: &'a Loaded,
    node: &Node,
    values: Option<&LearnerValues>,
    problems: &'a Problems,
) -> (Parameters<'a>, Learners) {
    let (mut parameters, mut learners) = (Parameters::default(), Learners::new());
    let Some(with) = node.get("with") else { return (parameters, learners) };
    let entries = with.as_map().unwrap_or_default();
    let (of_learner, own): (Vec<_>, Vec<_>) = entries.iter().partition(|entry| entry.value.as_map().is_some());
    for entry in of_learner {
        let (value, learner) = parameter(&source.file, problems, &entry.key, &entry.value, values);
        parameters.known.insert(entry.key.clone(), value);
        learners.insert(entry.key.clone(), learner);
    }
    let rest = match &with.value {
        yaml::Value::Map(_) => Node { value: yaml::Value::Map(own.into_iter().cloned().collect()), ..with.clone() },
        _ => with.clone(),
    };
    for (name, _, value) in super::check::with(&source.file, problems, Some(&rest), &Parameters::default()) {
        parameters.known.insert(name, value);
    }
    (parameters, learners)
}

/// The values that a learner says, by their names.
pub(super) type Learners = BTreeMap<String, LearnerParameter>;

/// A check that can't be judged without a value of the learner's asks for nothing else.
pub(super) fn lacking(parameters: &Parameters<'_>, learners: &Learners, check: &mut Check) {
    let Some(missing) = parameters.missing() else { return };
    check.lacks = Some(finding(missing, learners.get(&missing.name)));
    check.expect.clear();
    check.advise.clear();
    check.steps.clear();
    (check.script, check.show) = (None, None);
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn values_are_bounded_and_plain() {
        for text in ["docker.io/jane/hello:1.0", "jane", "a@sha256:0f", "app-1_2+x"] {
            assert_eq!(value(text), Ok(()), "{text}");
        }
        let long = "a".repeat(LONGEST + 1);
        for text in [
            "",
            " a",
            "a b",
            "a\nb",
            "{max}",
            "${x}",
            "$(id)",
            "a;b",
            "../x",
            "a/../b",
            "/etc/passwd",
            "-rf",
            ".",
            "a'b",
            "a\u{202e}b",
            "é",
            "a|b",
            "*",
            "~",
            &long,
        ] {
            assert!(value(text).is_err(), "{text}");
        }
    }

    #[test]
    fn no_file_of_a_learner_breaks_the_reading() {
        for bytes in [&b""[..], b"with", b"with: [a]", b"with: { a: [b] }", b"\xff", b"{", b"with: &a { b: *a }"] {
            assert!(values(bytes).values().all(Result::is_err), "{bytes:?}");
        }
        let read = values(b"challenge: x\nwith: { image: jane/hello, n: 5, odd: 'a b' }\n");
        assert_eq!((read["image"].clone(), read["n"].clone()), (Ok("jane/hello".into()), Ok("5".into())));
        assert!(read["odd"].is_err());
    }
}
