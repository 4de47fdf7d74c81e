//! `build.warnings`: BuildKit's own rules.

use crate::engine::image::build::BuildWarning;
use crate::facts::Fact;
use crate::facts::registry::Type;
use crate::place::Place;

pub(super) const WARNINGS: Type =
    Type::List(&Type::Record(&[("rule", Type::Text), ("line", Type::Int), ("text", Type::Text), ("url", Type::Text)]));

/// All warnings, each at its line of the Dockerfile.
pub(super) fn list(warnings: &[BuildWarning], dockerfile: &str) -> Fact {
    let records = warnings.iter().map(|warning| {
        let because = match &warning.rule {
            Some(rule) => format!("{rule}: {}", warning.text),
            None => warning.text.clone(),
        };
        let place = warning.line.map_or_else(|| Place::file(dockerfile), |line| Place::line(dockerfile, line));
        Fact::record([
            ("rule", Fact::maybe(warning.rule.as_deref())),
            ("line", Fact::maybe(warning.line.map(i64::from))),
            ("text", Fact::of(warning.text.as_str())),
            ("url", Fact::maybe(warning.url.as_deref())),
        ])
        .at(place)
        .because(because)
    });
    Fact::of(records.collect::<Vec<_>>()).at(Place::file(dockerfile))
}
