//! The run itself: read, plan, build and start what is asked for, judge, tidy up, report.

use super::interruption::{self, again, signal};
use super::reading::{self, Reading};
use super::scoreboard::Board;
use super::stages::{self, Work};
use super::{Error, explanation, foreseen, learner, plan, preview, recipe, snippet};
use crate::challenge::{Challenge, Check};
use crate::engine::image::digest;
use crate::engine::owned::{janitor, ownership};
use crate::engine::watch::pulse::Pulse;
use crate::engine::watch::{guard, pulse};
use crate::engine::{Engine, Limits, Run};
use crate::event::{Event, Listener};
use crate::facts::distribution::{self, AskedImage};
use crate::facts::{Source, Unavailable};
use crate::outcome::{Fault, Outcome};
use crate::policy::Policy;
use crate::report::{CheckReport, Counts, Coverage, GradedRepository, Report};
use crate::repository::{Repository, Snapshot, SnapshotError};
use crate::seed::Seed;
use futures_util::FutureExt;
use std::cell::RefCell;
use std::panic::AssertUnwindSafe;
use std::path::PathBuf;
use std::sync::Arc;
use std::time::{Duration, Instant, SystemTime};
use tokio::sync::OnceCell;
use tokio::time::sleep;

/// The longest file that snippets are cut from.
const MAX_SNIPPET_FILE: u64 = 4 << 20;
/// How long tidying up may take before the run ends without it; the next run goes on with it.
const TIDYING: Duration = Duration::from_secs(60);

/// How long a whole run may take unless the challenge says otherwise; pulls count here, too.
const LONGEST: Duration = Duration::from_secs(60 * 60);

/// What to grade, and how.
#[derive(Debug, Clone)]
pub struct Request {
    /// The learner's folder.
    pub path: PathBuf,
    /// Only these checks or steps, with what they need; all if empty.
    pub only: Vec<String>,
    /// Not these.
    pub skip: Vec<String>,
    /// Only what needs no engine; starts no process.
    pub static_only: bool,
    /// The points that make a pass; the challenge's own if not said.
    pub pass_mark: Option<u32>,
    /// How long a build may take.
    pub limit: Duration,
    /// Containers that run reach nothing but each other and this machine; builds do.
    pub no_egress: bool,
    /// Leave the image, the containers and the snapshot where they are.
    pub keep: bool,
    /// What differs between runs; drawn if not said.
    pub seed: Option<Seed>,
    /// What of the learner's files is run.
    pub policy: Arc<Policy>,
}

/// Grades a repository. A report comes of it whatever happens to the engine; wrong input is an error.
pub async fn check(request: &Request, challenge: &Challenge, listener: Listener<'_>) -> Result<Report, Error> {
    let (started, clock) = (SystemTime::now(), Instant::now());
    if !request.static_only {
        interruption::listen();
    }
    // Without an engine nothing differs.
    let seed = (!request.static_only).then(|| request.seed.unwrap_or_else(Seed::draw));
    let request = &Request { seed, ..request.clone() };
    let notes = RefCell::new(Vec::new());
    let listener: Listener<'_> = &|event| {
        if let Event::Note(note) = &event {
            notes.borrow_mut().push(note.clone());
        }
        listener(event);
    };
    let learners = Repository::open(&request.path)?;
    let for_learner = learner::challenge_for(challenge, &learners);
    let challenge = for_learner.as_ref().unwrap_or(challenge);
    let planned = plan::select(challenge, &request.only, &request.skip)?;
    let folder = learners.folder();
    listener(Event::Started {
        title: challenge.title.clone(),
        checks: planned.iter().filter(|planned| planned.selected).count(),
    });
    let asked = planned.iter().filter(|planned| planned.selected);
    let context = asked.clone().any(|planned| plan::sources(planned.check).contains(&Source::Context));
    let images = plan::images(asked.map(|planned| planned.check));
    let copies = !request.static_only;
    let (mut reading, no_copy, cut) = match read(&learners, challenge, copies, context, listener).await? {
        ReadOutcome::All(reading) => (*reading, None, None),
        ReadOutcome::NoCopy(reading, why) => (*reading, Some(why), None),
        ReadOutcome::Cut(stopped) => (Reading::none_of(learners), None, Some(stopped)),
    };
    let board = Board::new(planned, reading.roles.clone(), listener);
    let mut built = stages::BuildRecord::default();
    let stopped;
    if cut.is_some() {
        stopped = cut;
    } else if request.static_only || no_copy.is_some() {
        preview::tell(request, &board, &reading, listener);
        let why = no_copy.clone().map_or(Unavailable::NotAsked, Unavailable::Failed);
        reading.facts.merge(foreseen::facts(challenge, &reading));
        board.put(&STATIC, std::mem::take(&mut reading.facts));
        board.put_unavailable(&ENGINE, &why);
        board.put_unavailable(&[Source::Registry], &why);
        stopped = no_copy.map(Stopped::Machine);
    } else {
        let images = distribution::resolve(images, &reading.roles, &reading.facts);
        let registries = registries(images, &board, listener);
        let engine = Box::pin(engine(request, challenge, &mut reading, &board, &mut built, listener));
        let (by_engine, by_registries) = tokio::join!(engine, registries);
        stopped = by_engine.or(by_registries);
    }
    if let Some(snapshot) = reading.snapshot.as_mut().filter(|_| request.keep) {
        listener(Event::Note(format!(
            "kept until `grader clean`: the copy that was graded, {}",
            snapshot.keep().display()
        )));
    }
    let open = match &stopped {
        Some(Stopped::Signal(why) | Stopped::Machine(why)) => why,
        None => "grader itself failed; please report it with what it printed",
    };
    let (mut judged, facts) = board.finish(open);
    explanation::add(&mut judged, challenge, &facts, &reading.roles);
    let read = |path: &str| reading.graded.read(path, MAX_SNIPPET_FILE).ok().flatten();
    let checks: Vec<CheckReport> = judged
        .into_iter()
        .map(|(planned, mut judgement, elapsed)| {
            if let Outcome::Failed(findings) = &mut judgement.outcome {
                for finding in findings {
                    snippet::attach(finding, &read);
                }
            }
            for finding in &mut judgement.advice {
                snippet::attach(finding, &read);
            }
            CheckReport {
                id: planned.check.id.clone(),
                title: planned.check.title.clone(),
                step: planned.step,
                judged: match &judgement.outcome {
                    _ if judgement.judged => Coverage::Yes,
                    Outcome::Skipped(_) if request.static_only || !planned.selected => Coverage::LeftOut,
                    _ => Coverage::No,
                },
                outcome: judgement.outcome,
                points: judgement.points,
                max_points: planned.check.points.max(planned.check.bonus),
                counts: counts(planned.check),
                overridden: None,
                elapsed,
                why: planned.check.why.clone(),
                teaching: planned.check.teaching.clone(),
                hints: planned.check.hints.clone(),
                advice: judgement.advice,
                measured: judgement.measured,
            }
        })
        .collect();
    let max: u32 = challenge.checks.iter().map(|check| check.points).sum();
    // What a check came to say is not said twice.
    let failed = checks.iter().filter_map(|check| match &check.outcome {
        Outcome::Failed(findings) => Some(findings),
        _ => None,
    });
    let findings: Vec<_> = failed.flatten().collect();
    notes.borrow_mut().retain(|note| !findings.iter().any(|finding| preview::is_said(note, finding)));
    Ok(Report {
        challenge: (challenge.id.clone(), challenge.title.clone()),
        repository: GradedRepository {
            path: request.path.display().to_string(),
            folder,
            commit: reading.git.as_ref().and_then(|git| git.commit.clone()),
            dirty: reading.git.as_ref().is_some_and(crate::repository::Git::is_dirty),
            origin: reading.git.as_ref().and_then(|git| git.origin.clone()),
        },
        platform: built.platform,
        bases: built.bases,
        engine: built.engine,
        pass_mark: request.pass_mark.or(challenge.pass_mark).unwrap_or(max),
        seed,
        started,
        elapsed: clock.elapsed(),
        checks,
        notes: notes.take(),
        interrupted: stopped.and_then(|stopped| match stopped {
            Stopped::Signal(why) => Some(why),
            Stopped::Machine(_) => None,
        }),
        facts,
    })
}

/// What came of reading the repository.
enum ReadOutcome {
    /// It was read, and copied if that was asked for.
    All(Box<Reading>),
    /// It was read, and could not be copied.
    NoCopy(Box<Reading>, String),
    /// The run was stopped meanwhile.
    Cut(Stopped),
}

/// Reads the repository, unless something stops the run.
async fn read(
    learners: &Repository,
    challenge: &Challenge,
    copies: bool,
    context: bool,
    listener: Listener<'_>,
) -> Result<ReadOutcome, Error> {
    let most = challenge.limits.run.unwrap_or(LONGEST);
    let mut reads = Box::pin(async {
        match reading::read_aside(learners, challenge, copies, context, listener).await {
            // What files alone tell needs no copy.
            Err(Error::Snapshot(error)) if !matches!(error, SnapshotError::Path(_) | SnapshotError::Stopped) => {
                let read = reading::read_aside(learners, challenge, false, context, listener).await?;
                Ok(ReadOutcome::NoCopy(Box::new(read), error.to_string()))
            }
            read => Ok(ReadOutcome::All(Box::new(read?))),
        }
    });
    let stopped = tokio::select! {
        read = &mut reads => return read,
        signal = signal() => Stopped::by(signal),
        () = sleep(most) => Stopped::late(most),
    };
    learners.ongoing().stop();
    let _ = reads.await; // it ends at once, and what it has copied is being removed by then
    Ok(ReadOutcome::Cut(stopped))
}

fn counts(check: &Check) -> Counts {
    match check {
        Check { optional: true, .. } => Counts::Optional,
        Check { bonus: 1.., .. } => Counts::Bonus,
        _ => Counts::Points,
    }
}

/// The sources that need nothing but the repository.
pub(super) const STATIC: [Source; 6] =
    [Source::Repo, Source::Dockerfile, Source::Dockerignore, Source::Context, Source::Compose, Source::Commands];
/// Those that need one.
pub(super) const ENGINE: [Source; 3] = [Source::Image, Source::Container, Source::Stack];

/// What ended a run before all was done.
#[derive(Debug)]
enum Stopped {
    Signal(String),
    Machine(String),
}

impl Stopped {
    fn by(signal: &str) -> Self {
        Self::Signal(format!("interrupted by {signal}"))
    }

    fn late(most: Duration) -> Self {
        let most = humantime::format_duration(most);
        Self::Machine(format!("the run took longer than {most}, the most that one may take"))
    }
}

/// Asks the registries, which needs no engine. Says what stopped it, if anything did.
async fn registries(images: Vec<AskedImage>, board: &Board<'_>, listener: Listener<'_>) -> Option<Stopped> {
    board.begin(Source::Registry);
    let doing = |text| listener(Event::Doing(Source::Registry, text));
    tokio::select! {
        facts = distribution::collect(images, &doing) => board.put(&[Source::Registry], facts),
        signal = signal() => return Some(Stopped::by(signal)),
    }
    None
}

/// Does what needs an engine, and removes what came of it. Says what stopped it, if anything did.
async fn engine(
    request: &Request,
    challenge: &Challenge,
    reading: &mut Reading,
    board: &Board<'_>,
    outcome: &mut stages::BuildRecord,
    listener: Listener<'_>,
) -> Option<Stopped> {
    let mut facts = std::mem::take(&mut reading.facts);
    // What our parser refuses may be our own mistake: BuildKit has the last word.
    let errors = reading.dockerfile.as_ref().is_some_and(|parsed| !parsed.file().errors.is_empty());
    let doubted = errors.then(|| facts.split_off(Source::Dockerfile));
    // What Compose refuses may not be seen by us, and the other way round: Compose has the last word.
    let asks_compose = reading.compose.is_some() && board.wants(Source::Compose);
    let mut files = asks_compose.then(|| facts.split_off(Source::Compose));
    let is_known = |source: &Source| match source {
        Source::Dockerfile => !errors,
        Source::Compose => !asks_compose,
        _ => true,
    };
    board.put(&STATIC.into_iter().filter(is_known).collect::<Vec<_>>(), facts);
    if !errors && !asks_compose && !board.wants_scripts() && !ENGINE.iter().any(|source| board.wants(*source)) {
        board.put_unavailable(&ENGINE, &Unavailable::NotAsked);
        return None;
    }
    let connected = tokio::select! {
        connected = Engine::connect(Run { keep: request.keep, ..Run::new() }) => connected,
        signal = signal() => return Some(Stopped::by(signal)),
    };
    let mut engine = match connected {
        Ok(engine) => engine,
        Err(none) => {
            preview::tell(request, board, reading, listener);
            board.put(&[], foreseen::facts(challenge, reading));
            for (source, facts) in [(Source::Dockerfile, doubted), (Source::Compose, files.take())] {
                if let Some(facts) = facts {
                    board.put(&[source], facts);
                }
            }
            board.put_unavailable(&ENGINE, &Unavailable::NoEngine(none.sentence()));
            return None;
        }
    };
    engine.seed = request.seed.unwrap_or(engine.seed);
    engine.policy = Arc::clone(&request.policy);
    engine.keeps = request.keep;
    engine.caches = digest::sha256(reading.learners.root().as_os_str().as_encoded_bytes());
    let limits = &challenge.limits;
    engine.limits = Limits {
        start: limits.start,
        settle: limits.settle,
        memory: limits.memory,
        cpus: limits.cpus,
        pids: limits.pids,
        disk: limits.disk,
        no_egress: request.no_egress,
    };
    outcome.engine = Some(engine.versions.clone());
    let most = limits.run.unwrap_or(LONGEST);
    let place = reading.snapshot.as_ref().map(|snapshot| snapshot.place().to_owned());
    let work = async {
        if let Err(error) = janitor::remove_dead(&engine, janitor::FOREIGN_AGE, false).await {
            listener(Event::Note(format!("what an earlier run left behind could not be removed: {error}")));
        }
        let pristine = OnceCell::new();
        let given = recipe::given(challenge);
        let work = Work { engine: &engine, request, challenge, reading, board, given, listener, pristine };
        Box::pin(work.collect(doubted, files, outcome)).await;
    };
    let pulse = Pulse::default();
    let mut stopped = tokio::select! {
        // What a panic leaves open says so itself.
        _ = AssertUnwindSafe(Box::pin(work)).catch_unwind() => None,
        signal = signal() => Some(Stopped::by(signal)),
        () = sleep(most) => Some(Stopped::late(most)),
        why = pulse.lost(&engine) => Some(Stopped::Machine(why)),
        () = guard::watch(&engine, place.as_deref()) => None,
    };
    if stopped.is_some() {
        reading.learners.ongoing().stop();
    }
    let went_before = pulse.gone(&engine).await;
    let is_cut = stopped.is_some() || went_before.is_some();
    if request.keep {
        let what = format!("all on the engine with the label dev.grader.run={}", engine.run.id);
        listener(Event::Note(format!("kept until `grader clean`: {what}")));
    } else {
        listener(Event::Tidying);
        tidy(&engine, is_cut, reading.snapshot.as_ref(), listener).await;
    }
    // Only now: one that is about to end answers for a while after it has ended its containers.
    let went = if is_cut { went_before } else { pulse.gone(&engine).await };
    if let Some(since) = went {
        board.doubt(since);
        stopped = stopped.or_else(|| Some(Stopped::Machine("the Docker Engine went away during the run".to_owned())));
    }
    stopped
}

/// Removes what the run has made; a second signal ends that.
async fn tidy(engine: &Engine, is_stopped: bool, snapshot: Option<&Snapshot>, listener: Listener<'_>) {
    let removed = async {
        pulse::answers(engine).await.map_err(Fault::machine)?;
        let removed =
            if is_stopped { janitor::remove_stopped_run(engine).await } else { janitor::remove_run(engine).await };
        removed.map_err(Fault::machine)?;
        let Some(snapshot) = snapshot else { return Ok(()) };
        ownership::take_back(engine, snapshot.place()).await.map_err(Fault::machine)
    };
    let left = tokio::select! {
        tidied = tokio::time::timeout(TIDYING, removed) => match tidied {
            Ok(Ok(())) => return,
            Ok(Err(fault)) => fault.reason().to_owned(),
            Err(_) => format!("it took longer than {} s", TIDYING.as_secs()),
        },
        signal = again() => format!("interrupted again by {signal}"),
    };
    listener(Event::Note(format!("not all was removed ({left}); `grader clean` removes the rest")));
}
