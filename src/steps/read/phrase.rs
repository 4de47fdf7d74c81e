//! What is written as a few words: `kill SIGTERM`, `scale api=2`, `data:/data:ro`, `5s`.

use crate::diagnostic::nearest;
use crate::dockerfile::signal::is_known;
use crate::language::grammar::{COMPOSE, LIFECYCLE};
use crate::language::matcher::text;
use crate::language::scope::Scope;
use crate::steps::action::{ComposeAction, Lifecycle, Mount, MountSource};
use crate::yaml::Node;
use std::time::Duration;

/// The longest that one step may take.
pub(crate) const LONGEST: Duration = Duration::from_secs(600);
/// The most containers of one service.
const MOST_REPLICAS: u32 = 10;

/// A length of time up to a bound.
pub(crate) fn duration(scope: &Scope<'_>, node: &Node, longest: Duration) -> Option<Duration> {
    let written = text(scope, node, "a length of time (such as 5s)")?;
    let read = humantime::parse_duration(&written).ok().filter(|duration| *duration <= longest);
    if read.is_none() {
        let most = humantime::format_duration(longest);
        scope.add(scope.bad(node, format!("`{written}` is not a length of time up to {most} (such as 5s)")));
    }
    read
}

/// What is done with the container.
pub(crate) fn lifecycle(scope: &Scope<'_>, node: &Node) -> Option<Lifecycle> {
    let written = scope.prose(node)?;
    let read = match written.split_whitespace().collect::<Vec<_>>().as_slice() {
        ["start"] => Some(Lifecycle::Start),
        ["stop"] => Some(Lifecycle::Stop),
        ["restart"] => Some(Lifecycle::Restart),
        ["kill", signal] if is_signal(signal) => Some(Lifecycle::Kill((*signal).to_owned())),
        _ => None,
    };
    read.or_else(|| unknown(scope, node, &written, "the container", &LIFECYCLE))
}

/// `SIGTERM`, `TERM`, `15`, as the engine takes them.
fn is_signal(text: &str) -> bool {
    match text.parse::<u8>() {
        Ok(number) => (1..=64).contains(&number),
        Err(_) => is_known(text) && text.starts_with(|c: char| c.is_ascii_uppercase()),
    }
}

/// What is done with the stack.
pub(crate) fn compose(scope: &Scope<'_>, node: &Node) -> Option<ComposeAction> {
    let written = scope.prose(node)?;
    let read = match written.split_whitespace().collect::<Vec<_>>().as_slice() {
        ["up"] => Some(ComposeAction::Up),
        ["down"] => Some(ComposeAction::Down),
        ["down-with-volumes"] => Some(ComposeAction::DownWithVolumes),
        ["restart", service] => Some(ComposeAction::Restart((*service).to_owned())),
        ["stop", service] => Some(ComposeAction::Stop((*service).to_owned())),
        ["start", service] => Some(ComposeAction::Start((*service).to_owned())),
        ["kill", service] => Some(ComposeAction::Kill((*service).to_owned())),
        ["scale", scale] => scale.split_once('=').and_then(|(service, count)| {
            let count = count.parse().ok().filter(|count| *count <= MOST_REPLICAS)?;
            (!service.is_empty()).then(|| ComposeAction::Scale(service.to_owned(), count))
        }),
        _ => None,
    };
    read.or_else(|| unknown(scope, node, &written, "the stack", &COMPOSE))
}

fn unknown<T>(scope: &Scope<'_>, node: &Node, written: &str, with: &str, allowed: &[&str]) -> Option<T> {
    let mut diagnostic = scope.bad(node, format!("`{written}` is nothing that can be done with {with}"));
    diagnostic.nearest = nearest(written, allowed.iter().copied());
    diagnostic.allowed = allowed.iter().map(|&text| text.to_owned()).collect();
    scope.add(diagnostic);
    None
}

/// `data:/data` or `./src:/app/src:ro`
pub(crate) fn mount(scope: &Scope<'_>, node: &Node) -> Option<Mount> {
    let written = scope.prose(node)?;
    let mut parts = written.split(':');
    let (source, target, mode, rest) = (parts.next(), parts.next(), parts.next(), parts.next());
    let source = source.and_then(|source| match source.strip_prefix("./").or((source == ".").then_some("")) {
        Some(path) if path.split('/').all(|part| part != "..") => Some(MountSource::Path(path.to_owned())),
        None if !source.is_empty() && source.chars().all(|c| c.is_ascii_alphanumeric() || "_-".contains(c)) => {
            Some(MountSource::Volume(source.to_owned()))
        }
        _ => None,
    });
    let target = target.filter(|target| target.starts_with('/') && target.len() > 1);
    let is_known = matches!(mode, None | Some("ro" | "rw")) && rest.is_none();
    let (Some(source), Some(target), true) = (source, target, is_known) else {
        let mut diagnostic = scope.bad(node, format!("`{written}` is no mount"));
        diagnostic.help = Some(
            "write `name:/target` for a volume, `./path:/target` for a path of the repository, `:ro` behind it".into(),
        );
        scope.add(diagnostic);
        return None;
    };
    Some(Mount { source, target: target.to_owned(), read_only: mode == Some("ro") })
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn signals_are_those_that_the_engine_takes() {
        for (signal, taken) in [
            ("SIGTERM", true),
            ("TERM", true),
            ("15", true),
            ("SIGRTMIN+3", true),
            ("0", false),
            ("65", false),
            ("-9", false),
            ("SIGFOO", false),
            ("sigterm", false),
            ("", false),
        ] {
            assert_eq!(is_signal(signal), taken, "{signal}");
        }
    }
}
