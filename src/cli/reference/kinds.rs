//! What stands behind a key, in words.

use crate::language::grammar::Kind;

/// The words.
pub(super) fn words(kind: &Kind) -> String {
    let fixed = match kind {
        Kind::Text => "text",
        Kind::Id => "id",
        Kind::Path => "path",
        Kind::Number(least, most) => return format!("number, {least} to {most}"),
        Kind::Bool => "true or false",
        Kind::Size => "size",
        Kind::Duration => "duration",
        Kind::Cpus => "number of processors",
        Kind::Texts => "list of texts",
        Kind::Command => "list of words, or text for the shell",
        Kind::TextMap => "texts by names",
        Kind::Parameters => "values by names",
        Kind::Verbatim => "text as it is",
        Kind::Fact => "name of a fact",
        Kind::Facts => "list of names of facts",
        Kind::Words(words) => return words.iter().map(|word| format!("`{word}`")).collect::<Vec<_>>().join(", "),
        Kind::Record(keys) => {
            let names: Vec<&str> = keys.iter().map(|key| key.name).collect();
            return format!("{{ {} }}", names.join(", "));
        }
        Kind::List(item) => return format!("list of {}", words(item)),
        Kind::Named(item) => return format!("{} by names", words(item)),
        Kind::OneOf(keys) => {
            let names: Vec<&str> = keys.iter().map(|key| key.name).collect();
            return format!("one of {}", names.join(", "));
        }
        Kind::Expectations | Kind::StepExpectations => "list of expectations",
        Kind::Expectation => "expectation",
        Kind::Captures => "facts of the step, or patterns with one group, by names",
        Kind::CountMatcher => "matcher for numbers",
        Kind::Steps => "list of steps",
        Kind::Example => "example",
        Kind::Checks => "list of checks",
    };
    fixed.to_owned()
}
