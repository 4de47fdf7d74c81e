//! An engine that dies, hangs or is restarted half-way: what was judged stays, the rest is nobody's fault, and what was made goes
//! when the engine is back. It is a door before the engine that is shut: the engine itself goes on.

use super::home::{Dice, Home, at, each, report, until, with_status};
use crate::common::docker;
use grader::engine::Engine;
use grader::engine::connect::context::DockerEndpoint;
use std::io::{Read, Write};
use std::net::Shutdown;
use std::os::unix::net::{UnixListener, UnixStream};
use std::path::{Path, PathBuf};
use std::sync::atomic::{AtomicBool, Ordering};
use std::sync::{Arc, Mutex};
use std::time::{Duration, Instant};

tests![
    an_engine_that_goes_away_is_nobodys_fault,
    what_ends_with_the_engine_is_nobodys_fault,
    what_ended_before_the_last_verdict_is_nobodys_fault,
    a_run_that_takes_too_long_keeps_what_was_judged,
];

/// How long a run may go on without an engine.
const LONGEST: Duration = Duration::from_secs(90);
/// The lines that a run says before its end.
const LINES: u64 = 7;

#[derive(Debug, Clone, Copy, PartialEq, Eq)]
enum State {
    Open,
    /// Nobody is there; all connections are closed.
    Dead,
    /// Connections are accepted, and nothing goes through.
    Silent,
}

struct Door {
    socket: PathBuf,
    inner: Arc<Inner>,
}

struct Inner {
    state: Mutex<State>,
    streams: Mutex<Vec<UnixStream>>,
    engine: PathBuf,
    /// It is shut by the next request to remove something.
    is_last: AtomicBool,
    is_over: AtomicBool,
}

/// How often it is looked whether the door is still open.
const LOOK: Duration = Duration::from_millis(10);

impl Door {
    fn new(folder: &Path) -> Option<Self> {
        let endpoint = DockerEndpoint::resolve(&|name| std::env::var(name).ok()).unwrap();
        let inner = Inner {
            state: Mutex::new(State::Open),
            streams: Mutex::default(),
            engine: endpoint.socket()?.to_owned(),
            is_last: false.into(),
            is_over: false.into(),
        };
        let door = Self { socket: folder.join("engine.sock"), inner: Arc::new(inner) };
        let (inner, socket) = (Arc::clone(&door.inner), door.socket.clone());
        let first = bind(&socket);
        std::thread::spawn(move || inner.serve(&socket, first));
        Some(door)
    }

    fn set(&self, state: State) {
        self.inner.set(state);
    }

    fn host(&self) -> String {
        format!("unix://{}", self.socket.display())
    }
}

impl Drop for Door {
    fn drop(&mut self) {
        self.set(State::Dead);
        self.inner.is_over.store(true, Ordering::Relaxed);
    }
}

fn bind(socket: &Path) -> UnixListener {
    let _ = std::fs::remove_file(socket);
    let listener = UnixListener::bind(socket).unwrap();
    listener.set_nonblocking(true).unwrap();
    listener
}

impl Inner {
    fn set(&self, state: State) {
        *self.state.lock().unwrap() = state;
        if state == State::Dead {
            for stream in self.streams.lock().unwrap().drain(..) {
                let _ = stream.shutdown(Shutdown::Both);
            }
        }
    }

    fn state(&self) -> State {
        *self.state.lock().unwrap()
    }

    fn serve(self: &Arc<Self>, socket: &Path, first: UnixListener) {
        let mut listener = Some(first);
        while !self.is_over.load(Ordering::Relaxed) {
            if self.state() == State::Dead {
                listener = None; // the next one is refused
                std::thread::sleep(LOOK);
                continue;
            }
            match listener.get_or_insert_with(|| bind(socket)).accept() {
                Ok((client, _)) => self.connect(client),
                Err(_) => std::thread::sleep(LOOK),
            }
        }
    }

    fn connect(self: &Arc<Self>, client: UnixStream) {
        client.set_nonblocking(false).unwrap();
        let Ok(engine) = UnixStream::connect(&self.engine) else { return };
        let copy = |stream: &UnixStream| stream.try_clone().unwrap();
        self.streams.lock().unwrap().extend([copy(&client), copy(&engine)]);
        for (from, to) in [(copy(&client), copy(&engine)), (engine, client)] {
            let inner = Arc::clone(self);
            std::thread::spawn(move || inner.forward(from, to));
        }
    }

    fn forward(&self, mut from: UnixStream, mut to: UnixStream) {
        let mut buffer = [0; 16 << 10];
        while let Ok(count @ 1..) = from.read(&mut buffer) {
            while self.state() == State::Silent {
                std::thread::sleep(LOOK);
            }
            if self.is_last.load(Ordering::Relaxed) && buffer.starts_with(b"DELETE ") {
                self.set(State::Dead);
            }
            if to.write_all(&buffer[..count]).is_err() {
                break;
            }
        }
        let _ = to.shutdown(Shutdown::Write);
    }
}

#[derive(Debug)]
struct Try {
    state: State,
    comes_back: bool,
    containers_end: bool,
    lines: u64,
    then: Duration,
}

async fn an_engine_that_goes_away_is_nobodys_fault(_: Engine) {
    let mut dice = Dice::new();
    let ways = [(State::Dead, false, 5), (State::Dead, true, 5), (State::Silent, false, 3), (State::Silent, true, 2)];
    let tries = ways.into_iter().flat_map(|(state, comes_back, count)| vec![(state, comes_back); count]);
    let tries = tries.enumerate().map(|(n, (state, comes_back))| {
        let then = Duration::from_millis(dice.below(800));
        let containers_end = state == State::Dead && n % 2 == 1;
        Try { state, comes_back, containers_end, lines: 1 + dice.below(LINES), then }
    });
    each(tries.collect(), 5, |one| {
        let home = Home::new();
        let Some(door) = Door::new(&home.path("")) else { return Ok(()) };
        let mut command = home.check();
        command.env("DOCKER_HOST", door.host());
        let child = at(command, usize::try_from(one.lines).unwrap(), one.then);
        let pid = child.id();
        let begin = Instant::now();
        door.set(one.state);
        if one.containers_end {
            // As they do with an engine that is stopped.
            kill_containers(pid);
        }
        let back = one.comes_back.then(|| {
            std::thread::sleep(Duration::from_secs(3));
            door.set(State::Open);
        });
        let output = child.wait_with_output().unwrap();
        let report = report(&output);
        let mut wrong = Vec::new();
        if begin.elapsed() > LONGEST && back.is_none() {
            wrong.push(format!("it took {:?}", begin.elapsed()));
        }
        // It may have come to its end before, or not have noticed.
        let is_whole = with_status(&report, "passed").len() == 3;
        let wanted = if is_whole { 0 } else { 3 };
        if output.status.code() != Some(wanted) || (report["complete"] == true) != is_whole {
            wrong.push(format!("it ended with {} instead of {wanted}", output.status));
        }
        let failed = with_status(&report, "failed");
        if !failed.is_empty() {
            wrong.push(format!("{failed:?} are said to be the learner's fault"));
        }
        let is_told = |check: &serde_json::Value| {
            check["status"] != "errored" || check["because"].as_str().is_some_and(|why| !why.is_empty())
        };
        if !report["checks"].as_array().unwrap().iter().all(is_told) {
            wrong.push("the reason is not told".to_owned());
        }
        home.clean();
        let left = home.left(pid);
        if !left.is_empty() {
            wrong.push(format!("{left:?} are left"));
        }
        for check in report["checks"].as_array().unwrap() {
            eprintln!("{one:?}: {} {} {}", check["id"], check["status"], check["because"]);
        }
        if wrong.is_empty() { Ok(()) } else { Err(format!("{}\n{report:#}", wrong.join("; "))) }
    });
}

/// A check that goes on after the others are judged.
const ANOTHER: &str = r#"  - id: another
    title: Another container ends well
    needs: [builds]
    try: [{ run: { command: [sleep, "20"] } }]
    why: It keeps the run going.
    hints: [h]
    points: 10
"#;

async fn what_ends_with_the_engine_is_nobodys_fault(_: Engine) {
    what_ended(false);
}

/// An engine answers for a while after it has ended its containers: long enough for all to be judged.
async fn what_ended_before_the_last_verdict_is_nobodys_fault(_: Engine) {
    what_ended(true);
}

fn what_ended(goes_later: bool) {
    let home = Home::new();
    home.change("challenge.yaml", |text| {
        // After a step that changes the stack it is not looked at again.
        let slow = "- compose: restart api\n      - http: { service: api, path: /slow }";
        let text = text.replace("- http: { service: api, path: / }", slow);
        text + if goes_later { "" } else { ANOTHER }
    });
    home.change("repository/server.py", |text| {
        let slow = "    def do_GET(self):\n        __import__(\"time\").sleep(8 if self.path == \"/slow\" else 0)\n";
        text.replace("    def do_GET(self):\n", slow)
    });
    let Some(door) = Door::new(&home.path("")) else { return };
    let mut command = home.check();
    command.env("DOCKER_HOST", door.host());
    let child = until(command, |pid, line| {
        if line.contains("GET /slow") {
            kill_containers(pid); // as an engine does that is about to end
            door.inner.is_last.store(goes_later, Ordering::Relaxed);
        }
        line.contains(" up: failed")
    });
    let pid = child.id();
    if !goes_later {
        door.set(State::Dead);
    }
    let output = child.wait_with_output().unwrap();
    let report = report(&output);
    assert_eq!(output.status.code(), Some(3), "{report:#}");
    assert_eq!(with_status(&report, "failed"), Vec::<&str>::new(), "{report:#}");
    assert!(with_status(&report, "errored").contains(&"up"), "{report:#}");
    home.clean();
    assert!(home.left(pid).is_empty(), "{:?}", home.left(pid));
}

fn kill_containers(pid: u32) {
    let format = "{{.ID}} {{.Label \"dev.grader.owner\"}}";
    let all = docker(&["ps", "--filter", "label=dev.grader.run", "--format", format]);
    for line in all.lines() {
        let (id, owner) = line.split_once(' ').unwrap();
        if owner.split(';').nth(2) == Some(&pid.to_string()) {
            docker(&["kill", id]);
        }
    }
}

async fn a_run_that_takes_too_long_keeps_what_was_judged(_: Engine) {
    let home = Home::slow();
    home.change("challenge.yaml", |text| {
        let first = "checks:\n  - id: written\n    title: It is written\n    expect: [{ compose.errors: { empty: true } }]\n    \
                     why: W.\n    hints: [h]\n    points: 10\n";
        text.replace("limits: {", "limits: { run: 8s,").replace("checks:\n", first)
    });
    let child = at(home.check(), 1, Duration::ZERO);
    let pid = child.id();
    let begin = Instant::now();
    let output = child.wait_with_output().unwrap();
    assert!(begin.elapsed() < LONGEST, "{:?}", begin.elapsed());
    let report = report(&output);
    assert_eq!(output.status.code(), Some(3), "{report:#}");
    assert_eq!(with_status(&report, "passed"), ["written"]);
    assert_eq!(with_status(&report, "errored").first(), Some(&"builds"), "{report:#}");
    assert_eq!(report["score"], 10);
    let why = "the run took longer than 8s, the most that one may take";
    assert_eq!(report["checks"][1]["because"], why);
    assert!(home.left(pid).is_empty(), "{:?}", home.left(pid));
}
