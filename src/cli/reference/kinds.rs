//! What stands behind a key, in words.

use crate::language::grammar::ValueKind;

/// The words.
pub(super) fn words(kind: &ValueKind) -> String {
    let fixed = match kind {
        ValueKind::Text => "text",
        ValueKind::Id => "id",
        ValueKind::Path => "path",
        ValueKind::Number(least, most) => return format!("number, {least} to {most}"),
        ValueKind::Bool => "true or false",
        ValueKind::Size => "size",
        ValueKind::Duration => "duration",
        ValueKind::Cpus => "number of processors",
        ValueKind::Texts => "list of texts",
        ValueKind::TextOrTexts => "text or list of texts",
        ValueKind::Command => "list of words, or text for the shell",
        ValueKind::TextMap => "texts by names",
        ValueKind::Parameters => "values, or lists of them, by names",
        ValueKind::ChallengeParameters => "values by names; `{ from: learner, example: … }` for the learner's",
        ValueKind::Verbatim => "text as it is",
        ValueKind::Fact => "name of a fact",
        ValueKind::Facts => "list of names of facts",
        ValueKind::Words(words) => return words.iter().map(|word| format!("`{word}`")).collect::<Vec<_>>().join(", "),
        ValueKind::Record(keys) => {
            let names: Vec<&str> = keys.iter().map(|key| key.name).collect();
            return format!("{{ {} }}", names.join(", "));
        }
        ValueKind::List(item) => return format!("list of {}", words(item)),
        ValueKind::Named(item) => return format!("{} by names", words(item)),
        ValueKind::OneOf(keys) => {
            let names: Vec<&str> = keys.iter().map(|key| key.name).collect();
            return format!("one of {}", names.join(", "));
        }
        ValueKind::Expectations | ValueKind::StepExpectations => "list of expectations",
        ValueKind::Expectation => "expectation",
        ValueKind::ExpectationOrDuration => "expectation or duration",
        ValueKind::Captures => "facts of the step, or patterns with one group, by names",
        ValueKind::CountMatcher => "matcher for numbers",
        ValueKind::Steps => "list of steps",
        ValueKind::Example => "example",
        ValueKind::Checks => "list of checks",
        ValueKind::Findings(_) => "number, or list of findings",
    };
    fixed.to_owned()
}
