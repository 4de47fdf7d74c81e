//! Says what was seen of a container, with places and reasons.

use super::watch::{Health, Watched};
use super::{ContainerRequest, place};
use crate::engine::Engine;
use crate::engine::container::Refused;
use crate::engine::container::health;
use crate::engine::container::health::HealthCheck;
use crate::engine::container::processes::Process;
use crate::engine::container::start::explained;
use crate::facts::{Fact, Facts, Known, Value};
use crate::outcome::Finding;
use crate::place::Place;
use bollard::models::{ContainerState, HealthStatusEnum};
use std::collections::BTreeSet;

/// Where it is written what is started.
pub(crate) fn start(request: &ContainerRequest<'_>) -> Option<Place> {
    ["image.entrypoint", "image.cmd"].into_iter().find_map(|name| place(request, name))
}

/// The engine did not start it: nothing runs, and why is told with its state.
pub(crate) fn put_refused(refused: &Refused, request: &ContainerRequest<'_>, check: Option<&HealthCheck>) -> Facts {
    let why = format!("the container does not start: {}", explained(&refused.why));
    let of_user = ["unable to find user", "unable to find group", "uids and gids"];
    let user = place(request, "image.user.name").filter(|_| of_user.iter().any(|it| refused.why.contains(it)));
    let start = user.or_else(|| start(request));
    let absent = || Fact::absent().because(why.clone());
    // It is not the health check that fails.
    let told = Finding {
        message: "The container does not start.".to_owned(),
        place: start.clone().or_else(|| place(request, "image.healthcheck")),
        expected: Some("a container that runs".to_owned()),
        actual: Some(explained(&refused.why)),
        hint: Some(
            "Run the image with `docker run` and read what Docker says. What of the image can't it run?".to_owned(),
        ),
        ..Finding::default()
    };
    let mut facts = Facts::default();
    facts.put("container.state", Fact::of("exited").at(start.clone()).because(why.clone()));
    facts.put("container.exit_code", Fact::maybe(refused.exit_code).because(why.clone()));
    facts.put("container.uids", absent());
    put_users_unseen(&mut facts, request, &why);
    let health = if check.is_some() { Fact::of("unhealthy") } else { Fact::of("none") };
    facts.put("container.health", health.at(told.place.clone()).because(why.clone()).telling(&[told]));
    facts.put("container.seconds_to_healthy", absent());
    facts.put("container.logs", "");
    let answers = request.http.map(|_| Fact::of(false).because(why.clone()));
    facts.put("container.answers", answers.unwrap_or_else(Fact::absent));
    facts
}

/// A container as it is now.
#[derive(Debug)]
pub(super) struct Now {
    pub state: ContainerState,
    /// The limit that it was ended at, or has reached: the end of a sentence about it.
    pub limit: Option<String>,
    /// The last line that it printed, if it has ended.
    pub last_words: Option<String>,
}

pub(super) fn put_state(facts: &mut Facts, now: &Now, request: &ContainerRequest<'_>) {
    let state = &now.state;
    let start = start(request);
    if state.running == Some(true) {
        facts.put("container.state", Fact::of("running").at(start));
        facts.put("container.exit_code", Fact::absent().because("the container still runs"));
        return;
    }
    let code = state.exit_code.unwrap_or_default();
    let by_itself = || format!("the container ended by itself with exit code {code}");
    let why = now.limit.as_ref().map_or_else(by_itself, |why| format!("the container was ended: it {why}"));
    facts.put("container.state", Fact::of("exited").at(start.clone()).because(why.clone()));
    facts.put("container.exit_code", Fact::of(code).at(start).because(why));
}

pub(super) fn put_users(facts: &mut Facts, engine: &Engine, processes: &[Process], request: &ContainerRequest<'_>) {
    if engine.remaps_users {
        let why = "this Docker Engine maps user numbers, so that those in the container can't be seen";
        facts.put("container.uids", Fact::unknown(why));
        facts.put("container.runs_as_root", Fact::unknown(why));
        return;
    }
    if processes.is_empty() {
        let why = "no process of the container was seen";
        facts.put("container.uids", Fact::absent().because(why));
        put_users_unseen(facts, request, why);
        return;
    }
    let place = place(request, "image.user.name");
    let uids: BTreeSet<i64> = processes.iter().map(|process| process.uid).collect();
    let uids: Vec<Value> = uids.into_iter().map(Value::Int).collect();
    facts.put("container.uids", Fact::of(uids).at(place.clone()));
    let root = processes.iter().find(|process| process.uid == 0);
    let named = root.or(processes.first()).map(|process| (&process.command, process.uid));
    let why = named.map(|(command, uid)| format!("`{command}` runs with the user number {uid}")).unwrap_or_default();
    facts.put("container.runs_as_root", Fact::of(root.is_some()).at(place).because(why));
}

/// Where no process was seen, the image's user decides.
fn put_users_unseen(facts: &mut Facts, request: &ContainerRequest<'_>, why: &str) {
    let mut fact = request.image.get("image.user.is_root").cloned().unwrap_or_else(Fact::absent);
    let of_image = fact.because.take().unwrap_or_default();
    // A user that the image does not know is why nothing was seen.
    let whole = if fact.known == Known::Absent { of_image } else { format!("{why}; {of_image}") };
    facts.put("container.runs_as_root", fact.because(whole));
}

pub(super) fn put_health(
    facts: &mut Facts,
    check: Option<&HealthCheck>,
    watched: &Watched,
    now: &Now,
    request: &ContainerRequest<'_>,
) {
    let state = &now.state;
    // What ended did so by its own command; everything else is about the health check.
    let place = match watched.health {
        Health::Exited => start(request).or_else(|| place(request, "image.healthcheck")),
        _ => place(request, "image.healthcheck"),
    };
    let probe = state.health.as_ref().and_then(|health| health.log.as_ref()?.last().map(health::probe_text));
    let probe = probe.map(|text| format!("; its last probe: {text}")).unwrap_or_default();
    let limit = now.limit.as_ref().map(|limit| format!("; it {limit}")).unwrap_or_default();
    let unhealthy = |why: String| Fact::of("unhealthy").because(why + &limit);
    let health = match (check, &watched.health) {
        (None, _) => Fact::of("none").because("the image has no health check"),
        (Some(_), Health::Healthy(after)) => {
            facts.put("container.seconds_to_healthy", Fact::of(*after).at(place.clone()));
            facts.put("container.health", Fact::of("healthy").at(place));
            return;
        }
        (Some(_), Health::Exited) => {
            let words = now.last_words.as_ref().map(|line| format!("; its last words: {}", explained(line)));
            unhealthy(format!("the container ended before it was healthy{}", words.unwrap_or_default()))
        }
        (Some(_), Health::Hopeless) => unhealthy(format!("the health check can't be run in the container{probe}")),
        (Some(_), Health::Unwatched) if state.running != Some(true) => unhealthy("the container does not run".into()),
        (Some(_), Health::Unwatched) => match state.health.as_ref().and_then(|health| health.status) {
            Some(HealthStatusEnum::HEALTHY) => return facts.put("container.health", Fact::of("healthy").at(place)),
            Some(HealthStatusEnum::STARTING) => Fact::of("starting").because(format!("it is not healthy yet{probe}")),
            _ => unhealthy(format!("the health check fails{probe}")),
        },
        (Some(_), Health::Cut(most)) => {
            unhealthy(format!("it was not healthy within {}{probe}", humantime::format_duration(*most)))
        }
        (Some(check), Health::Late) => {
            unhealthy(format!("it was not healthy within its own time ({}){probe}", check.window_text()))
        }
    };
    let why = health.because.clone().unwrap_or_default();
    facts.put("container.seconds_to_healthy", Fact::absent().at(place.clone()).because(why));
    facts.put("container.health", health.at(place));
}
