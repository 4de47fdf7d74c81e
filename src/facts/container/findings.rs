//! Says what was seen of a container, with places and reasons.

use super::watch::{Health, Watched};
use super::{ContainerRequest, place};
use crate::engine::container::Refused;
use crate::engine::container::health;
use crate::engine::container::health::HealthCheck;
use crate::engine::container::processes::RunningProcess;
use crate::engine::container::start::explained;
use crate::facts::program;
use crate::facts::registry::{HEALTH, INTS, Type};
use crate::facts::table::{Def, def};
use crate::facts::{Fact, Facts, Known, Value};
use crate::outcome::Finding;
use crate::place::Place;
use bollard::models::{ContainerState, HealthStatusEnum};
use std::collections::BTreeSet;

/// A fact of a container, where it was looked for.
type ContainerRow = Def<fn(&ContainerNow<'_>) -> Option<Fact>>;

const STATE: ContainerRow = def(
    "container.state",
    Type::Word(&["running", "exited"]),
    "The container's state after it was given time to start: `running` or `exited`.",
    |now| Some(now.state()),
);
const EXIT_CODE: ContainerRow =
    def("container.exit_code", Type::Int, "The exit code of the container, if it exited.", |now| Some(now.exit_code()));
const RUNS_AS_ROOT: ContainerRow = def(
    "container.runs_as_root",
    Type::Bool,
    "Whether one of the container's processes runs as root, or can become root again; if none was seen, whether the image's \
     user is root.",
    |now| Some(now.runs_as_root()),
);
const HEALTH_NOW: ContainerRow = def(
    "container.health",
    HEALTH,
    "The container's health: `healthy`, `unhealthy` or `none`; after a step also `starting`.",
    |now| Some(now.health()),
);
const LOGS: ContainerRow =
    def("container.logs", Type::Text, "The end of what the container printed.", |now| Some(now.logs.as_str().into()));
const ANSWERS: ContainerRow = def(
    "container.answers",
    Type::Bool,
    "Whether the container answers on the challenge's `http` port and path with success.",
    |it| it.answers(),
);

/// The facts.
pub(in crate::facts) static FACTS: &[ContainerRow] = &[
    STATE,
    EXIT_CODE,
    def("container.uids", INTS, "The user numbers of the container's processes.", |now| Some(now.uids())),
    RUNS_AS_ROOT,
    def(
        "container.processes",
        program::PROCESSES,
        "The container's own processes: command, executable, effective, real and saved user number, and whether each is root \
         or can become root again.",
        |now| Some(now.processes()),
    ),
    HEALTH_NOW,
    def("container.seconds_to_healthy", Type::Duration, "How long the container took to become healthy.", |it| {
        it.seconds_to_healthy()
    }),
    LOGS,
    ANSWERS,
];

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
    // It is not the health check that fails.
    let told = Finding {
        message: "The container doesn't start.".to_owned(),
        place: start.clone().or_else(|| place(request, "image.healthcheck")),
        expected: Some("a container that runs".to_owned()),
        actual: Some(explained(&refused.why)),
        hint: Some(
            "Run the image with `docker run` and read what Docker says. What of the image can't it run?".to_owned(),
        ),
        ..Finding::default()
    };
    let mut facts = Facts::default();
    facts.fill_without(FACTS, &Fact::absent().because(why.clone()));
    facts.fill(&STATE, Fact::of("exited").at(start).because(why.clone()));
    facts.fill(&EXIT_CODE, Fact::maybe(refused.exit_code).because(why.clone()));
    facts.fill(&RUNS_AS_ROOT, root_unseen(request, &why));
    let health = if check.is_some() { Fact::of("unhealthy") } else { Fact::of("none") };
    facts.fill(&HEALTH_NOW, health.at(told.place.clone()).because(why.clone()).telling(&[told]));
    facts.fill(&LOGS, "".into());
    let answers = request.http.map(|_| Fact::of(false).because(why));
    facts.fill(&ANSWERS, answers.unwrap_or_else(Fact::absent));
    facts
}

/// A container as it is now.
pub(in crate::facts) struct ContainerNow<'a> {
    pub(super) state: ContainerState,
    /// The limit that it was ended at: the end of a sentence about it.
    pub(super) ended_by: Option<String>,
    /// The same, or the limit that it has reached.
    pub(super) limit: Option<String>,
    /// The last line that it printed, if it has ended.
    pub(super) last_words: Option<String>,
    pub(super) processes: Vec<RunningProcess>,
    /// The end of what it printed.
    pub(super) logs: String,
    /// Whether the engine gives users other numbers outside.
    pub(super) remaps_users: bool,
    pub(super) check: Option<&'a HealthCheck>,
    pub(super) watched: &'a Watched,
    pub(super) request: &'a ContainerRequest<'a>,
}

/// All facts of a container.
pub(super) fn facts(now: &ContainerNow<'_>) -> Facts {
    let mut facts = Facts::default();
    for row in FACTS {
        if let Some(fact) = (row.value)(now) {
            facts.fill(row, fact);
        }
    }
    facts
}

impl ContainerNow<'_> {
    fn is_running(&self) -> bool {
        self.state.running == Some(true)
    }

    /// The code that it ended with, and why it did.
    fn end(&self) -> (i64, String) {
        let code = self.state.exit_code.unwrap_or_default();
        let by_itself = || match self.watched.health {
            Health::Ended(after) => {
                let words = self.last_words.as_ref().map(|line| format!("; its last words: {}", explained(line)));
                let words = words.unwrap_or_default();
                format!("the container ended by itself with exit code {code} after {} s{words}", after.as_secs())
            }
            _ => format!("the container ended by itself with exit code {code}"),
        };
        let why = self.limit.as_ref().map_or_else(by_itself, |why| format!("the container was ended: it {why}"));
        (code, why)
    }

    fn state(&self) -> Fact {
        let start = start(self.request);
        if self.is_running() {
            Fact::of("running").at(start)
        } else {
            Fact::of("exited").at(start).because(self.end().1)
        }
    }

    fn exit_code(&self) -> Fact {
        if self.is_running() {
            return Fact::absent().because("the container still runs");
        }
        let (code, why) = self.end();
        Fact::of(code).at(start(self.request)).because(why)
    }

    /// Why its users can't be seen.
    fn no_users(&self) -> Option<&'static str> {
        if self.remaps_users {
            return Some("this Docker Engine maps user numbers, so that those in the container can't be seen");
        }
        self.processes.is_empty().then_some("no process of the container was seen")
    }

    fn uids(&self) -> Fact {
        match self.no_users() {
            Some(why) if self.remaps_users => Fact::unknown(why),
            Some(why) => Fact::absent().because(why),
            None => {
                let uids: BTreeSet<i64> = self.processes.iter().map(|process| process.uid).collect();
                let uids: Vec<Value> = uids.into_iter().map(Value::Int).collect();
                Fact::of(uids).at(place(self.request, "image.user.name"))
            }
        }
    }

    fn processes(&self) -> Fact {
        match self.no_users() {
            Some(why) if self.remaps_users => Fact::unknown(why),
            Some(why) => Fact::absent().because(why),
            None => program::processes(&self.processes).at(start(self.request)),
        }
    }

    fn runs_as_root(&self) -> Fact {
        match self.no_users() {
            Some(why) if self.remaps_users => return Fact::unknown(why),
            Some(why) => return root_unseen(self.request, why),
            None => {}
        }
        let root = self.processes.iter().find_map(|process| Some((process, process.root()?)));
        let first = || self.processes.first().map(|it| (it, format!("runs with the user number {}", it.uid)));
        let why = root.clone().or_else(first).map(|(process, why)| format!("`{}` {why}", process.command));
        Fact::of(root.is_some()).at(place(self.request, "image.user.name")).because(why.unwrap_or_default())
    }

    /// Where its health is decided. What ended did so by its own command; everything else is about the health check.
    fn health_place(&self) -> Option<Place> {
        let check = || place(self.request, "image.healthcheck");
        match self.watched.health {
            Health::Exited | Health::Ended(_) => start(self.request).or_else(check),
            _ => check(),
        }
    }

    fn health(&self) -> Fact {
        self.health_and_why().at(self.health_place())
    }

    fn health_and_why(&self) -> Fact {
        let state = &self.state;
        let probe = state.health.as_ref().and_then(|health| health.log.as_ref()?.last().map(health::probe_text));
        let probe = probe.map(|text| format!("; its last probe: {text}")).unwrap_or_default();
        let limit = self.limit.as_ref().map(|limit| format!("; it {limit}")).unwrap_or_default();
        let unhealthy = |why: String| Fact::of("unhealthy").because(why + &limit);
        match (self.check, &self.watched.health) {
            (None, _) => Fact::of("none").because("the image has no health check"),
            (Some(_), Health::Healthy(_)) => Fact::of("healthy"),
            (Some(_), Health::Exited) => {
                let words = self.last_words.as_ref().map(|line| format!("; its last words: {}", explained(line)));
                unhealthy(format!("the container ended before it was healthy{}", words.unwrap_or_default()))
            }
            (Some(_), Health::Ended(_)) => unhealthy(self.end().1),
            (Some(_), Health::Turned) => unhealthy(format!("it was healthy at first, then turned unhealthy{probe}")),
            (Some(_), Health::Hopeless) => unhealthy(format!("the health check can't be run in the container{probe}")),
            (Some(_), Health::Unwatched) if state.running != Some(true) => {
                unhealthy("the container does not run".into())
            }
            (Some(_), Health::Unwatched) => match state.health.as_ref().and_then(|health| health.status) {
                Some(HealthStatusEnum::HEALTHY) => Fact::of("healthy"),
                Some(HealthStatusEnum::STARTING) => {
                    Fact::of("starting").because(format!("it is not healthy yet{probe}"))
                }
                _ => unhealthy(format!("the health check fails{probe}")),
            },
            (Some(_), Health::Cut(most)) => {
                unhealthy(format!("it was not healthy within {}{probe}", humantime::format_duration(*most)))
            }
            (Some(check), Health::Late) => {
                unhealthy(format!("it was not healthy within its own time ({}){probe}", check.window_text()))
            }
        }
    }

    /// Nothing is known of it where a healthy container was not waited for.
    fn seconds_to_healthy(&self) -> Option<Fact> {
        let health = self.health_and_why();
        let fact = match (self.check, &self.watched.health) {
            (Some(_), Health::Healthy(after)) => Fact::of(*after),
            (Some(_), Health::Unwatched) if health.text() == Some("healthy") => return None,
            _ => Fact::absent().because(health.because.unwrap_or_default()),
        };
        Some(fact.at(self.health_place()))
    }

    fn answers(&self) -> Option<Fact> {
        let answers = self.watched.answers.clone()?;
        // What was ended at a limit says more by that than by its silence.
        Some(match &self.ended_by {
            Some(limit) if answers.value() == Some(&Value::Bool(false)) => {
                answers.because(format!("the container was ended: it {limit}"))
            }
            _ => answers,
        })
    }
}

/// Where no process was seen, the image's user decides.
fn root_unseen(request: &ContainerRequest<'_>, why: &str) -> Fact {
    let mut fact = request.image.get("image.user.is_root").cloned().unwrap_or_else(Fact::absent);
    let of_image = fact.because.take().unwrap_or_default();
    // A user that the image does not know is why nothing was seen.
    let whole = if fact.known == Known::Absent { of_image } else { format!("{why}; {of_image}") };
    fact.because(whole)
}
