//! `stack.*`: what came of `docker compose up`.

use super::{Fact, Facts, Value};
use crate::compose::Compose;
use crate::engine::stack::{Stack, State};
use crate::outcome::Finding;
use crate::place::Place;

/// The facts of a stack that was brought up, as it was last looked at.
pub fn collect(stack: &Stack) -> Facts {
    let mut facts = Facts::default();
    let file = stack.file().clone();
    let up = stack.up();
    facts.put(
        "stack.up",
        match &up.failed {
            None => Fact::of(true).at(file.clone()),
            Some(why) => Fact::of(false).because(why.clone()).at(failing_place(stack)),
        },
    );
    let waiting = stack.states().iter().find(|(_, state)| !state.is_ready());
    facts.put(
        "stack.seconds_to_ready",
        match (up.seconds_to_ready, waiting) {
            (Some(time), _) => Fact::of(time).at(file),
            (None, Some((name, _))) => Fact::absent().because(format!("`{name}` did not become ready")).at(file),
            (None, None) => Fact::absent().at(file),
        },
    );
    for (name, state) in stack.states() {
        let place = stack.places().get(name).unwrap_or(stack.file());
        let remaps = stack.engine().remaps_users;
        for (field, fact) in service(name, state, up.failed.as_deref(), remaps) {
            let about_user = matches!(field, "uids" | "runs_as_root") && state.uids.is_some();
            let at = stack.users().get(name).filter(|_| about_user).unwrap_or(place);
            facts.set(&["stack", "services", name, field], fact.at(at.clone()));
        }
    }
    facts
}

fn service(name: &str, state: &State, up_failed: Option<&str>, remaps_users: bool) -> Vec<(&'static str, Fact)> {
    let because = |fact: Fact| match (&state.not_ready, up_failed) {
        (None, _) => fact,
        (Some(why), Some(failed)) if state.state == "missing" => fact.because(format!("`{name}` {why}: {failed}")),
        (Some(why), _) => fact.because(format!("`{name}` {why}")),
    };
    let (uids, root) = match &state.uids {
        _ if remaps_users => {
            let unknown = || Fact::unknown("this engine gives users in containers other numbers outside");
            (unknown(), unknown())
        }
        None => {
            let none = || Fact::absent().because(format!("no process of `{name}` was seen running"));
            (none(), none())
        }
        Some(uids) => {
            let list: Vec<Fact> = uids.iter().map(|&uid| Fact::of(uid)).collect();
            let all = uids.iter().map(i64::to_string).collect::<Vec<_>>().join(", ");
            let root = uids.contains(&0);
            let runs = if root { "a process of `{name}` runs as root" } else { "no process of `{name}` runs as root" };
            let because = format!("{} (user numbers {all})", runs.replace("{name}", name));
            (Fact::of(list), Fact::of(root).because(because))
        }
    };
    vec![
        ("state", because(Fact::of(state.state))),
        ("health", because(Fact::of(state.health.as_str()))),
        ("ready", because(Fact::of(state.is_ready()))),
        ("restarts", Fact::of(state.restarts)),
        ("exit_code", because(Fact::maybe(state.exit_code))),
        ("uids", uids),
        ("runs_as_root", root),
    ]
}

/// What a command failed that a service runs after its start; else the first service that is not ready, for it is the
/// reason; else one that is named; else the file.
fn failing_place(stack: &Stack) -> Place {
    let hook = stack.up().failed.as_deref().and_then(failed_hook);
    if let Some(place) = hook.and_then(|name| stack.hooks().get(name)) {
        return place.clone();
    }
    let has_tried = |state: &State| state.state != "missing" || state.could_not_start();
    let failing = stack.states().iter().find(|(_, state)| !state.is_ready() && has_tried(state));
    let failing = failing.map(|(name, _)| name);
    let why = stack.up().failed.as_deref().unwrap_or_default();
    let named = || stack.places().keys().find(|name| why.contains(&format!("`{name}`")));
    failing.or_else(named).and_then(|name| stack.places().get(name)).unwrap_or(stack.file()).clone()
}

/// The service whose command after its start failed, in what Compose says: `api hook exited with status 1`.
fn failed_hook(why: &str) -> Option<&str> {
    let (name, _) = why.split_once(" hook exited with status ")?;
    (!name.contains(' ')).then_some(name)
}

/// The facts of a stack that was not brought up because of something that is told elsewhere: an image that does not build.
pub fn not_started(finding: &Finding, compose: Option<&Compose>) -> Facts {
    down(finding, &[], compose)
}

/// The facts of a stack that was not brought up because of these: what is refused, images that are not there.
pub fn refused(findings: &[Finding], compose: &Compose) -> Facts {
    down(findings.first().unwrap_or(&Finding::default()), findings, Some(compose))
}

fn down(finding: &Finding, told: &[Finding], compose: Option<&Compose>) -> Facts {
    let mut facts = Facts::default();
    let place = finding.place.clone();
    let because = match &finding.hint {
        None => finding.message.clone(),
        Some(hint) => format!("{}. {hint}", finding.message),
    };
    let with = |fact: Fact| fact.because(because.clone()).at(place.clone()).telling(told);
    facts.put("stack.up", with(Fact::of(false)));
    facts.put("stack.seconds_to_ready", with(Fact::absent()));
    for name in compose.iter().flat_map(|compose| compose.project.services.keys()) {
        let absent = || with(Fact::absent());
        let fields = [
            ("state", with(Fact::of("missing"))),
            ("ready", with(Fact::of(false))),
            ("health", with(Fact::of("none"))),
            ("restarts", absent()),
            ("exit_code", absent()),
            ("uids", absent()),
            ("runs_as_root", absent()),
        ];
        facts.set(&["stack", "services", name], Fact::record(fields).at(place.clone()));
    }
    if compose.is_none_or(|compose| compose.project.services.is_empty()) {
        facts.put("stack.services", with(Fact::of(Value::Map(std::collections::BTreeMap::new()))));
    }
    facts
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_hook_that_failed_is_its_services() {
        assert_eq!(failed_hook("api hook exited with status 1"), Some("api")); // Compose 2.40
        for other in ["the web hook exited with status 1", "hook exited with status 1", "`api` exited (1)"] {
            assert_eq!(failed_hook(other), None, "{other}");
        }
    }
}
