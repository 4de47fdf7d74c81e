//! Tests that need a Docker Engine. Where there is none they are listed as ignored, with the reason; with
//! `GRADER_REQUIRE_ENGINE=1` they fail.
//!
//! A test is an async function that is given an engine. `tests![…]` at the head of its file names it, once: its name is that of
//! the file and the function (`stack::services_end_as_they_do`), and one that is left out is dead code, which clippy refuses.

#![allow(clippy::unwrap_used)] // no test attribute here that clippy would know them by

#[path = "../common.rs"]
mod common;

/// Makes the `trials()` of a file from the names of its functions.
macro_rules! tests {
    ($($(#[$attribute:meta])* $name:ident),* $(,)?) => {
        pub fn trials() -> Vec<libtest_mimic::Trial> {
            vec![$($(#[$attribute])* $crate::trial(concat!(module_path!(), "::", stringify!($name)), $name)),*]
        }
    };
}

mod alone;
mod cases;
mod changing;
mod commands;
#[cfg(unix)]
mod connection;
mod container;
#[cfg(unix)]
mod egress;
mod files;
#[cfg(unix)]
mod home;
#[cfg(unix)]
mod hostile;
mod image;
mod janitor;
#[cfg(unix)]
mod kill;
mod lasting;
mod layers;
#[cfg(unix)]
mod lost;
mod needs;
mod planted;
mod policy;
mod proof;
mod repository;
#[cfg(unix)]
mod run;
mod script;
mod stack;
mod stackside;
mod step;
#[cfg(unix)]
mod together;

use grader::engine::{Engine, NoEngine, Run};
use libtest_mimic::{Arguments, Failed, Trial};
use std::future::Future;
use std::process::ExitCode;
use std::time::Instant;

/// How many tests go on at the same time unless `--test-threads` says.
const THREADS: usize = 4;

/// The same under load (`scripts/test --load`): verdicts must not depend on how much of the machine is left for them.
const THREADS_UNDER_LOAD: usize = 8;

/// What takes longest begins first, or the others would be done and wait for it. `GRADER_TIMES=1` shows how long each takes.
/// These wait: for health checks that never succeed, for limits that run out, for stacks that come up four times.
const LONGEST: &[&str] = &[
    "kill::at_any_moment_nothing_is_left",
    "lost::an_engine_that_goes_away_is_nobodys_fault",
    "case: hello-container/no-healthz",
    "hostile: build-without-end",
    "case: data-that-lasts/",
    "case: hello-container/bound-to-localhost",
    "case: hello-container/wrong-port",
    "changing::a_rebuild_shows_what_the_cache_saves",
];

fn main() -> ExitCode {
    let mut arguments = Arguments::from_args();
    // Most of them wait for containers most of the time.
    arguments.test_threads.get_or_insert(THREADS);
    let mut trials: Vec<Trial> = [
        alone::trials(),
        cases::trials(),
        changing::trials(),
        commands::trials(),
        lasting::trials(),
        files::trials(),
        image::trials(),
        container::trials(),
        janitor::trials(),
        layers::trials(),
        stack::trials(),
        needs::trials(),
        stackside::trials(),
        step::trials(),
        script::trials(),
        planted::trials(),
        policy::trials(),
        proof::trials(),
    ]
    .into_iter()
    .flatten()
    .collect();
    #[cfg(unix)]
    trials.extend(
        [
            connection::trials(),
            egress::trials(),
            hostile::trials(),
            kill::trials(),
            lost::trials(),
            run::trials(),
            together::trials(),
        ]
        .into_iter()
        .flatten(),
    );
    let rank = |trial: &Trial| LONGEST.iter().position(|long| trial.name().starts_with(long)).unwrap_or(LONGEST.len());
    trials.sort_by_key(rank);
    let required = std::env::var("GRADER_REQUIRE_ENGINE").is_ok_and(|value| value == "1");
    if let (false, Err(reason)) = (required, block_on(connect())) {
        let ignore = |trial: Trial| trial.with_kind(reason.to_string()).with_ignored_flag(true);
        trials = trials.into_iter().map(ignore).collect();
    }
    if std::env::var("GRADER_LOAD").is_ok_and(|value| value == "1") {
        arguments.test_threads = Some(THREADS_UNDER_LOAD);
        burn_a_core();
    }
    let conclusion = libtest_mimic::run(&arguments, trials);
    #[cfg(unix)]
    hostile::Neighbor::leave();
    conclusion.exit_code()
}

/// Takes one processor until the end.
fn burn_a_core() {
    std::thread::spawn(|| {
        loop {
            std::hint::spin_loop();
        }
    });
}

/// An engine, for a run of its own.
async fn connect() -> Result<Engine, NoEngine> {
    Engine::connect(Run::new()).await
}

/// A test that is given an engine; what its run has left on it is removed afterwards, whatever comes of the test.
/// `path` is that of its function.
fn trial<F: Future<Output = ()>>(path: &str, test: impl FnOnce(Engine) -> F + Send + 'static) -> Trial {
    timed(path.trim_start_matches("engine::").to_owned(), move || {
        let engine = block_on(connect()).map_err(|reason| Failed::from(reason.sentence()))?;
        let tested = std::panic::catch_unwind(std::panic::AssertUnwindSafe(|| block_on(test(engine.clone()))));
        let removed = block_on(grader::engine::owned::janitor::remove_run(&engine));
        tested.map_err(|panic| {
            let said = panic.downcast_ref::<String>().cloned();
            said.or_else(|| panic.downcast_ref::<&str>().map(|&said| said.to_owned())).unwrap_or_default()
        })?;
        removed.map(|_| ()).map_err(Failed::from)
    })
}

/// A test that says how long it took where `GRADER_TIMES` is set: what takes longest belongs in `LONGEST`.
fn timed(name: String, test: impl FnOnce() -> Result<(), Failed> + Send + 'static) -> Trial {
    let shown = name.clone();
    Trial::test(name, move || {
        let begin = Instant::now();
        let result = test();
        if std::env::var_os("GRADER_TIMES").is_some() {
            let failed = result.as_ref().err().map(|why| format!(": {}", why.message().unwrap_or_default()));
            eprintln!("{:>6.1}s {shown}{}", begin.elapsed().as_secs_f64(), failed.unwrap_or_default());
        }
        result
    })
}

fn block_on<T>(future: impl Future<Output = T>) -> T {
    tokio::runtime::Builder::new_current_thread().enable_all().build().unwrap().block_on(future)
}
