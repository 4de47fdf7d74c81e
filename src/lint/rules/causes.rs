//! Causes of a challenge and its course: each can be read, explains its examples among all others, and leaves alone what it
//! says it does.

use super::LintRule;
use crate::causes;
use crate::diagnostic::Diagnostic;
use crate::lint::Severity;
use crate::lint::view::LintedChallenge;

pub(super) const RULE: LintRule = LintRule { name: "causes", severity: Severity::Error, look };

fn look(it: &LintedChallenge<'_>) -> Vec<Diagnostic> {
    let (all, mut wrong) = causes::of_challenge(it.challenge);
    for (path, text) in &it.challenge.causes {
        let Ok(cause) = causes::cause(path, text) else { continue };
        let unexplained = cause.explains.iter().filter(|example| causes::explains(&cause, &all, example).is_none());
        let taken = cause.leaves_alone.iter().filter(|example| !causes::leaves_alone(&cause, example));
        let told = unexplained.map(|example| (example, "another cause, or none, explains"));
        let told = told.chain(taken.map(|example| (example, "the cause doesn't leave alone")));
        wrong.extend(told.map(|(example, what)| {
            let line = example.printed.lines().next().unwrap_or(&example.about);
            Diagnostic::of(path, format!("{what} its example `{line}`"))
        }));
    }
    wrong
}
