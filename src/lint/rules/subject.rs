//! Dockerfiles and files of commands that the challenge names, and the solution doesn't have: of the subject, and of roles.

use super::LintRule;
use crate::compose;
use crate::compose::roles::Role;
use crate::diagnostic::{Diagnostic, nearest};
use crate::lint::Severity;
use crate::lint::view::LintedChallenge;

pub(super) const RULE: LintRule = LintRule { name: "dockerfile", severity: Severity::Error, look };

fn look(it: &LintedChallenge<'_>) -> Vec<Diagnostic> {
    let files = &it.material.solution;
    let mut found = Vec::new();
    if files.is_empty() {
        return found;
    }
    let mut lacks = |span, path: &str, help: String| {
        let message = format!("the solution has no file `{path}`");
        let near = nearest(path, files.keys().map(String::as_str));
        found.push(Diagnostic { nearest: near, help: Some(help), ..it.source.diagnostic(span, message) });
    };
    let subject = &it.challenge.subject;
    let span = it.key(&["subject", "dockerfile"]).or_else(|| it.key(&["subject", "context"]));
    let path = compose::join(&subject.context, &subject.dockerfile);
    if let (Some(span), Some(path)) = (span, path.filter(|path| !files.contains_key(path))) {
        let help = match subject.dockerfile.strip_prefix(&format!("{}/", subject.context.trim_end_matches('/'))) {
            Some(rest) => format!("`dockerfile` is relative to `context`: write `dockerfile: {rest}`"),
            None => "`dockerfile` is relative to `context`; name one that the solution has".to_owned(),
        };
        lacks(span, &path, help);
    }
    let commands = it.key(&["subject", "commands"]).filter(|_| !files.contains_key(&subject.commands));
    if let Some(span) = commands {
        let help = "`commands` is relative to the repository; name a file that the solution has";
        lacks(span, &subject.commands, help.to_owned());
    }
    for (name, role) in &it.challenge.roles {
        let Role::BuiltFrom(path) = role else { continue };
        if let (Some(span), false) = (it.key(&["roles", name, "built-from"]), files.contains_key(path)) {
            lacks(span, path, "`built-from` is relative to the repository; name one that the solution has".to_owned());
        }
    }
    found
}
