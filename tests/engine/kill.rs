//! Runs that are killed or asked to end, at any moment: nothing of theirs is left, and what is the user's own still is.

use super::home::{Dice, Home, at, each, report, until};
use super::hostile::Canary;
use crate::common::docker;
use grader::engine::Engine;
use grader::event::Event;
use grader::facts::Source;
use grader::run::runner::{self, Request};
use rustix::process::{Pid, Signal, kill_process};
use std::os::unix::process::ExitStatusExt as _;
use std::process::{Child, Stdio};
use std::time::{Duration, Instant};

tests![
    at_any_moment_nothing_is_left,
    #[cfg(target_os = "linux")]
    tools_of_a_killed_run_end_with_the_next,
    an_export_that_nobody_waits_for_leaves_nothing,
    a_panic_is_tidied_up_after,
    a_second_signal_ends_it_at_once,
    nobody_has_to_read_what_it_says,
    hanging_up_ends_it_unless_it_was_to_go_on,
];

/// How often a run is ended.
const MOMENTS: usize = 30;
/// How many runs go on at the same time.
const AT_ONCE: usize = 4;
/// The lines that a run has on stderr, nearly all of them.
const LINES: u64 = 10;
/// How long it may go on after the last line that is waited for, in milliseconds.
const LONGER: u64 = 800;

/// The repository's own names are those of the user's own.
const COMPOSE: &str = "
services:
  api:
    build: .
    container_name: CANARY_NAME
    ports: ['8000:8000']
    networks: [mine]
    volumes: ['data:/data', /anonymous]
  cache:
    image: redis:7-alpine
    networks: [mine]
networks: { mine: { name: CANARY_NAME } }
volumes: { data: { name: CANARY_NAME } }
";

#[derive(Debug)]
struct Moment {
    signal: Signal,
    lines: u64,
    then: Duration,
}

fn home(canary: &Canary) -> Home {
    let home = Home::new();
    home.write("repository/compose.yaml", &canary.named(COMPOSE));
    home
}

fn send(child: &Child, signal: Signal) {
    let pid = Pid::from_raw(i32::try_from(child.id()).unwrap()).unwrap();
    kill_process(pid, signal).unwrap(); // it is not waited for yet, so the number is still its own
}

async fn at_any_moment_nothing_is_left(_: Engine) {
    let canary = Canary::new("kill");
    std::fs::create_dir(canary.repository()).unwrap();
    let mut dice = Dice::new();
    let moments = (0..MOMENTS).map(|n| {
        let signal = [Signal::KILL, Signal::TERM, Signal::INT][n % 3];
        Moment { signal, lines: 1 + dice.below(LINES), then: Duration::from_millis(dice.below(LONGER)) }
    });
    each(moments.collect(), AT_ONCE, |moment| {
        let home = home(&canary);
        let child = at(home.check(), usize::try_from(moment.lines).unwrap(), moment.then);
        let pid = child.id();
        send(&child, moment.signal);
        let output = child.wait_with_output().unwrap();
        let said = if moment.signal == Signal::KILL { home.clean() } else { String::new() };
        let left = home.left(pid);
        if !left.is_empty() {
            return Err(format!("{} and {said:?} left {left:?}", output.status));
        }
        match (output.status.code(), output.status.signal()) {
            (None, Some(9)) if moment.signal == Signal::KILL => Ok(()),
            // It had ended before.
            (Some(0), None) => Ok(()),
            (Some(130), None) if moment.signal != Signal::KILL => {
                let report = report(&output);
                let checks = report["checks"].as_array().map(Vec::len);
                let is_whole = report["complete"] == false && checks == Some(3);
                if is_whole { Ok(()) } else { Err(format!("{report:#}")) }
            }
            _ => Err(format!("{} {}", output.status, String::from_utf8_lossy(&output.stdout))),
        }
    });
    let touched = canary.touched();
    assert!(touched.is_empty(), "{touched:?}");
}

/// Starts it and waits until it builds.
fn building(home: &Home) -> Child {
    until(home.check(), |_, line| line.contains("sleep 300"))
}

/// The processes that a run of this number has started.
#[cfg(target_os = "linux")]
fn tools(pid: u32) -> Vec<std::path::PathBuf> {
    let processes = std::fs::read_dir("/proc").unwrap().flatten().map(|entry| entry.path());
    let is_its = |path: &std::path::PathBuf| {
        let environment = std::fs::read(path.join("environ")).unwrap_or_default();
        let environment = String::from_utf8_lossy(&environment).into_owned();
        let owner = environment.split('\0').find_map(|variable| variable.strip_prefix("GRADER_OWNER="));
        owner.is_some_and(|owner| owner.split(';').nth(2) == Some(&pid.to_string()))
    };
    processes.filter(is_its).collect()
}

#[cfg(target_os = "linux")]
async fn tools_of_a_killed_run_end_with_the_next(_: Engine) {
    let home = Home::slow();
    let mut child = building(&home);
    let pid = child.id();
    assert!(!tools(pid).is_empty());
    child.kill().unwrap();
    child.wait().unwrap();
    home.clean();
    assert!(tools(pid).is_empty(), "{:?}", tools(pid));
    assert!(home.left(pid).is_empty(), "{:?}", home.left(pid));
}

/// The engine ends the export of an image that it has begun, though its build was ended.
async fn an_export_that_nobody_waits_for_leaves_nothing(_: Engine) {
    for signal in [Signal::INT, Signal::KILL] {
        let home = Home::new();
        let name = format!("{}-{signal:?}", home.path("").display());
        home.change("repository/Dockerfile", |text| {
            format!("{text}RUN head -c 1500M /dev/urandom > /tmp/much && : {name}\n")
        });
        let child = until(home.check(), |_, line| line.contains("store the image"));
        let pid = child.id();
        std::thread::sleep(Duration::from_millis(300)); // it can be stopped at its beginning
        send(&child, signal);
        child.wait_with_output().unwrap();
        if signal == Signal::KILL {
            home.clean();
        }
        assert_eq!(home.left(pid), [""; 0], "{signal:?}");
        std::thread::sleep(Duration::from_secs(5)); // so that what comes late is seen
        assert_eq!(home.left(pid), [""; 0], "{signal:?}");
    }
}

async fn a_panic_is_tidied_up_after(engine: Engine) {
    let home = Home::new();
    let label = format!("test.panic={}", engine.run.id);
    home.change("repository/Dockerfile", |text| format!("{text}LABEL {label}\n"));
    home.change("repository/compose.yaml", |text| {
        let volumes =
            format!("volumes: {{ data: {{ labels: [{label}] }} }}\nnetworks: {{ default: {{ labels: [{label}] }} }}\n");
        text.replace("    build: .\n", &format!("    build: .\n    labels: [{label}]\n    volumes: ['data:/data']\n"))
            + &volumes
    });
    let filter = format!("label={label}");
    let things = || {
        let kinds = [&["ps", "-aq"][..], &["images", "-q"], &["volume", "ls", "-q"], &["network", "ls", "-q"]];
        kinds.map(|kind| docker(&[kind, &["--filter", &filter]].concat()).lines().count())
    };
    let challenge = home.path("challenge.yaml").display().to_string();
    let challenge = grader::challenge::library::load(&challenge).unwrap();
    let request = Request {
        path: home.repository(),
        only: Vec::new(),
        skip: Vec::new(),
        static_only: false,
        pass_mark: None,
        limit: Duration::from_secs(300),
        no_egress: false,
        keep: false,
        seed: None,
        policy: grader::policy::Policy::built_in(),
    };
    let seen = std::cell::Cell::new([0; 4]);
    let broken = |event: Event| {
        if matches!(&event, Event::Doing(Source::Stack, what) if what.starts_with("api starting"))
            && seen.get() == [0; 4]
        {
            seen.set(things());
            panic!("a listener that is broken");
        }
    };
    let report = runner::check(&request, &challenge, &broken).await.unwrap();
    assert!(seen.get().iter().all(|count| *count > 0), "{:?}", seen.get());
    assert_eq!(things(), [0; 4]);
    assert_eq!((report.exit_code(), report.complete()), (3, false));
}

async fn a_second_signal_ends_it_at_once(_: Engine) {
    let home = Home::slow();
    let child = building(&home);
    let pid = child.id();
    let begin = Instant::now();
    send(&child, Signal::INT);
    std::thread::sleep(Duration::from_millis(50)); // or the two would be one
    send(&child, Signal::INT);
    let output = child.wait_with_output().unwrap();
    assert!(begin.elapsed() < Duration::from_secs(60), "{:?}", begin.elapsed());
    assert_eq!(output.status.code(), Some(130));
    assert_eq!(report(&output)["complete"], false);
    home.clean();
    assert!(home.left(pid).is_empty(), "{:?}", home.left(pid));
}

async fn nobody_has_to_read_what_it_says(_: Engine) {
    let home = Home::new();
    let mut child = home.check().spawn().unwrap();
    drop((child.stdout.take(), child.stderr.take()));
    assert_eq!(child.wait().unwrap().code(), Some(0));
    assert!(home.left(child.id()).is_empty(), "{:?}", home.left(child.id()));
}

async fn hanging_up_ends_it_unless_it_was_to_go_on(_: Engine) {
    let home = Home::slow();
    let child = building(&home);
    let pid = child.id();
    send(&child, Signal::HUP);
    let output = child.wait_with_output().unwrap();
    assert_eq!(output.status.code(), Some(130));
    assert_eq!(report(&output)["complete"], false);
    assert!(home.left(pid).is_empty(), "{:?}", home.left(pid));

    let home = Home::new();
    let check = home.check();
    let mut nohup = std::process::Command::new("nohup");
    nohup.arg(check.get_program()).args(check.get_args()).stdin(Stdio::null());
    nohup.envs(check.get_envs().filter_map(|(name, value)| Some((name, value?))));
    let child = at_nohup(nohup);
    send(&child, Signal::HUP);
    let output = child.wait_with_output().unwrap();
    assert_eq!(output.status.code(), Some(0));
}

fn at_nohup(mut nohup: std::process::Command) -> Child {
    nohup.stdout(Stdio::piped()).stderr(Stdio::piped());
    at(nohup, 3, Duration::ZERO)
}
