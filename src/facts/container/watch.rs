//! Watches a container until all is seen that there is to see: its health, whether it answers, or its end.

use crate::engine::Engine;
use crate::engine::connect::api::{ApiError, Doing};
use crate::engine::container::Standalone;
use crate::engine::container::health::{HealthCheck, is_hopeless};
use crate::facts::Fact;
use bollard::errors::Error;
use bollard::models::EventMessage;
use futures_util::stream::{BoxStream, StreamExt};
use std::cell::Cell;
use std::time::Duration;
use tokio::time::{Instant, sleep, sleep_until};

/// How long it may take to answer.
const ANSWER: Duration = Duration::from_secs(10);
/// How long one request may take.
const REQUEST: Duration = Duration::from_secs(2);
/// The time between two requests.
const PAUSE: Duration = Duration::from_millis(100);
/// How long a container without a health check and without a port to ask at must run.
const SETTLE: Duration = Duration::from_secs(2);

/// How the health check ended.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) enum Health {
    /// It succeeded, so long after the start.
    Healthy(Duration),
    /// The container ended first.
    Exited,
    /// It can't ever succeed.
    Hopeless,
    /// Its time was over. Also where there is no health check.
    Late,
    /// It was not waited for any longer than this.
    Cut(Duration),
    /// It succeeded, and failed as often as it says later.
    Turned,
    /// The container ran well, and ended so long after its start.
    Ended(Duration),
    /// It was not waited for at all.
    Unwatched,
}

/// What was seen.
#[derive(Debug)]
pub(super) struct Watched {
    pub health: Health,
    /// Whether it answers, where it was asked.
    pub answers: Option<Fact>,
}

pub(super) async fn watch(
    engine: &Engine,
    standalone: &Standalone<'_>,
    check: Option<&HealthCheck>,
    http: Option<(u16, &str)>,
    most: Option<Duration>,
    doing: &dyn Fn(String),
) -> Result<Watched, ApiError> {
    let started = Instant::now();
    let most = most.map_or(Duration::MAX, |most| engine.pace.here(most));
    if let Some(check) = check {
        let wait = humantime::format_duration(check.wait().min(most)).to_string();
        doing(format!("wait until the container is healthy ({wait} at most)"));
    }
    let http = http.filter(|_| !engine.is_remote);
    let (exited, health_seen) = (Cell::new(false), Cell::new(false));
    // Without a health check there is still the container's end to be seen.
    let wait = check.map_or(if http.is_some() { ANSWER } else { SETTLE }, HealthCheck::wait);
    let (own, answer) = (engine.pace.here(wait), engine.pace.here(ANSWER));
    let enough = own.min(most);
    let health = async {
        let health = health(standalone, standalone.events(), started + enough, started).await;
        health_seen.set(true);
        exited.set(matches!(health, Ok(Health::Exited)));
        health.map(|health| if health == Health::Late && most < own { Health::Cut(most) } else { health })
    };
    let over = || exited.get() || (started.elapsed() >= answer.min(most) && (check.is_none() || health_seen.get()));
    let answers = answers(standalone, http, &over);
    if check.is_some() {
        let (health, answers) = tokio::try_join!(health, answers)?;
        return Ok(Watched { health, answers: Some(told(engine, answers)) });
    }
    // An answer is all there is to wait for; what has ended can't give one.
    let mut health = Box::pin(health);
    let mut answers = Box::pin(answers);
    tokio::select! {
        biased;
        answers = &mut answers, if http.is_some() => Ok(Watched { health: Health::Late, answers: Some(told(engine, answers?)) }),
        ended = &mut health => {
            let ended = ended?;
            Ok(Watched { health: ended, answers: Some(told(engine, answers.await?)) })
        }
    }
}

/// Listens until the health check has succeeded, can't succeed, or its time is over, or the container has ended.
async fn health(
    standalone: &Standalone<'_>,
    mut events: BoxStream<'_, Result<EventMessage, Error>>,
    deadline: Instant,
    started: Instant,
) -> Result<Health, ApiError> {
    loop {
        let event = tokio::select! {
            event = events.next() => event,
            () = sleep_until(deadline) => return Ok(Health::Late),
        };
        let Some(event) = event else { return Ok(Health::Late) };
        let event = event.doing(|| "listen to the engine's events".into())?;
        match event.action.as_deref().unwrap_or_default() {
            "health_status: healthy" => return Ok(Health::Healthy(started.elapsed())),
            "die" => return Ok(Health::Exited),
            // One probe ends before the next begins; one that could not be begun is only seen by the next.
            action if action.starts_with("exec_die") || action.starts_with("exec_create") => {
                let log = standalone.state().await?.health.and_then(|health| health.log).unwrap_or_default();
                if log.last().is_some_and(is_hopeless) {
                    return Ok(Health::Hopeless);
                }
            }
            _ => {}
        }
    }
}

/// What came of asking.
enum Answers {
    NotAsked,
    Success,
    Status(u16),
    Nothing(String),
}

/// Asks until the answer is a success, or `over`.
async fn answers(
    standalone: &Standalone<'_>,
    http: Option<(u16, &str)>,
    over: &dyn Fn() -> bool,
) -> Result<Answers, ApiError> {
    let Some((port, path)) = http else { return Ok(Answers::NotAsked) };
    let client = crate::http::plain().no_proxy().timeout(REQUEST).redirect(reqwest::redirect::Policy::none());
    let Ok(client) = client.build() else { return Ok(Answers::NotAsked) };
    let Some(published) = standalone.published(port).await? else {
        return Ok(Answers::Nothing(format!("port {port} is not open: the container has ended")));
    };
    let url = format!("http://127.0.0.1:{published}/{}", path.trim_start_matches('/'));
    loop {
        let answer = match client.get(&url).send().await {
            Ok(answer) if answer.status().is_success() => return Ok(Answers::Success),
            Ok(answer) => Answers::Status(answer.status().as_u16()),
            Err(error) if error.is_timeout() => Answers::Nothing("no answer in time".into()),
            Err(_) => Answers::Nothing("the connection is closed without an answer".into()),
        };
        if over() {
            return Ok(match answer {
                Answers::Status(status) => Answers::Status(status),
                Answers::Nothing(why) => Answers::Nothing(format!("GET {path} on port {port}: {why}")),
                other => other,
            });
        }
        sleep(PAUSE).await;
    }
}

fn told(engine: &Engine, answers: Answers) -> Fact {
    match answers {
        Answers::NotAsked if engine.is_remote => {
            Fact::unknown("the Docker Engine runs on another machine, where its ports can't be asked from here")
        }
        Answers::NotAsked => Fact::absent(),
        Answers::Success => Fact::of(true),
        Answers::Status(status) => Fact::of(false).because(format!("it answers with status {status}")),
        Answers::Nothing(why) => Fact::of(false).because(why),
    }
}
