//! Whose fault it is when the network fails: what `grader check` says on an engine whose network is broken on purpose, one
//! row a situation. `scripts/nets` sets that engine up, which takes root; where it does not run the rows are listed as
//! ignored, and with `GRADER_REQUIRE_NETS=1` they fail.

#![allow(clippy::unwrap_used)] // no test attribute here that clippy would know them by

mod common;

use common::{at, folder};
use libtest_mimic::{Arguments, Failed, Trial};
use serde_json::Value;
use std::process::{Command, ExitCode};

/// A situation, what is graded in it, and what grader says.
struct Row {
    name: &'static str,
    /// What `scripts/nets break` is given.
    broken: &'static str,
    work: Work,
    fault: By,
    /// Part of what is said.
    says: &'static str,
}

/// What the learner wrote.
#[derive(Clone, Copy)]
enum Work {
    /// A step of a build.
    Step(&'static str),
    /// The image that a build begins with.
    Base(&'static str),
    /// The image of a service.
    Service(&'static str),
    /// A program in Python that a container runs.
    Program(&'static str),
    /// The same as a service of a stack.
    StackProgram(&'static str),
}

/// Whose fault it is.
#[derive(Clone, Copy, PartialEq, Debug)]
enum By {
    /// The host's: exit code 3, and no points are lost.
    Host,
    /// The learner's: exit code 1.
    Learner,
    /// Nobody's: exit code 0.
    Nobody,
}
use By::{Host, Learner, Nobody};
use Work::{Base, Program, Service, StackProgram, Step};

const PIP: &str = "pip install --retries 1 --timeout 5 flask";
const PIP_TYPO: &str = "pip install --retries 1 --timeout 5 --index-url https://pypi.exmaple.com/simple flask";
const APT: &str = "apt-get -o Acquire::Retries=0 -o Acquire::http::Timeout=5 update --error-on=any";
/// As npm reports a name.
const NPM: &str = "python -c 'import socket; socket.getaddrinfo(\"registry.npmjs.org\", 443)' || \
                   { echo npm error request to https://registry.npmjs.org/express failed, reason: getaddrinfo EAI_AGAIN \
                   registry.npmjs.org; exit 1; }";
/// As curl reports a server that refuses: nothing of these servers listens there.
const CURL: &str = "echo 'curl: (7) Failed to connect to pypi.org port 8081 after 9 ms: Connection refused'; exit 7";
/// An address inside, which nothing may be asked at.
const INSIDE: &str = "echo 'curl: (7) Failed to connect to 198.18.0.2 port 80 after 9 ms: Connection refused'; exit 7";
const LOST: &str = "pip install --retries 1 --timeout 3 --index-url https://lost.example.com/simple flask";
const OUTSIDE: &str = "import urllib.request; urllib.request.urlopen('http://api.example.com/', timeout=5)";
const UNNAMED: &str = "import socket; socket.getaddrinfo('api.example.com', 80)";
const TYPO: &str = "import urllib.request\ntry:\n    urllib.request.urlopen('http://api.exmaple.com/', timeout=5)\n\
                    except OSError as error:\n    raise SystemExit(f'http://api.exmaple.com/: {error}')";
/// As clients of databases report it.
const NEIGHBOR: &str = "import socket\ntry:\n    socket.getaddrinfo('cache', 6379)\nexcept OSError as error:\n    \
                        raise SystemExit(f'Error {error.errno} connecting to cache:6379. {error.strerror}')";

const fn row(name: &'static str, broken: &'static str, work: Work, fault: By, says: &'static str) -> Row {
    Row { name, broken, work, fault, says }
}

const UNRESOLVED: &str = "names don't resolve in containers on this host";
const CUT: &str = "containers on this host don't reach the internet";

/// Those of one situation follow each other.
const ROWS: &[Row] = &[
    row("fine: a step", "nothing", Step("true"), Nobody, ""),
    row("fine: a name that doesn't exist", "nothing", Step(PIP_TYPO), Learner, "pypi.exmaple.com"),
    row("fine: a server that refuses", "nothing", Step(CURL), Learner, "port 8081"),
    row("fine: an address inside", "nothing", Step(INSIDE), Learner, "198.18.0.2"),
    row("fine: a server that is lost", "nothing", Step(LOST), Learner, "lost.example.com"),
    row("fine: a container's wrong name", "nothing", Program(TYPO), Learner, "exit code 1"),
    row("fine: a service's wrong name", "nothing", StackProgram(NEIGHBOR), Learner, "cache:6379"),
    row("registry: a login", "nothing", Base("login.example.com/app"), Host, "docker login login.example.com"),
    row("registry: a pull limit", "nothing", Base("limit.example.com/app"), Host, "docker login"),
    row("registry: Docker Hub's pull limit", "nothing", Base("limited:1"), Host, "docker login"),
    row("registry: no such image", "nothing", Base("empty.example.com/app"), Learner, "empty.example.com/app"),
    row("registry: no such image on Docker Hub", "nothing", Base("pyhton:3.11"), Learner, "pyhton:3.11"),
    row("registry: private on Docker Hub", "nothing", Base("jane/secret"), Learner, "jane/secret"),
    row("registry: an unknown certificate", "nothing", Base("unknown.example.com:8443/app"), Host, "certificate"),
    row("registry: one that refuses", "nothing", Base("empty.example.com:5001/app"), Host, "empty.example.com:5001"),
    row("registry: a name that doesn't exist", "nothing", Base("gchr.exmaple.com/app"), Learner, "gchr.exmaple.com"),
    row("service: a login", "nothing", Service("login.example.com/app"), Host, "docker login login.example.com"),
    row("service: a pull limit", "nothing", Service("limit.example.com/app"), Host, "docker login"),
    row("service: Docker Hub's pull limit", "nothing", Service("limited:1"), Host, "docker login"),
    row("service: no such image", "nothing", Service("empty.example.com/app"), Learner, "empty.example.com/app"),
    row("service: no such image on Docker Hub", "nothing", Service("rediss:7"), Learner, "rediss:7"),
    row("service: an unknown certificate", "nothing", Service("unknown.example.com:8443/app"), Host, "certificate"),
    row("service: one that refuses", "nothing", Service("empty.example.com:5001/app"), Host, "empty.example.com:5001"),
    row("service: a name that doesn't exist", "nothing", Service("gchr.exmaple.com/app"), Learner, "gchr.exmaple.com"),
    row("refusing resolver: pip", "refusing-resolver", Step(PIP), Host, UNRESOLVED),
    row("refusing resolver: apt-get", "refusing-resolver", Step(APT), Host, UNRESOLVED),
    row("refusing resolver: npm", "refusing-resolver", Step(NPM), Host, UNRESOLVED),
    row("refusing resolver: a wrong name", "refusing-resolver", Step(PIP_TYPO), Host, UNRESOLVED),
    row("refusing resolver: a container", "refusing-resolver", Program(OUTSIDE), Host, UNRESOLVED),
    row("refusing resolver: a service", "refusing-resolver", StackProgram(TYPO), Host, UNRESOLVED),
    row("refusing resolver: a neighbor's name", "refusing-resolver", StackProgram(NEIGHBOR), Learner, "cache:6379"),
    row("refusing resolver: no such image", "refusing-resolver", Base("empty.example.com/app"), Learner, "empty"),
    row("silent resolver: pip", "silent-resolver", Step(PIP), Host, UNRESOLVED),
    row("silent resolver: a container", "silent-resolver", Program(UNNAMED), Host, UNRESOLVED),
    row("containers cut: pip", "containers-cut", Step(PIP), Host, CUT),
    row("containers cut: no such image", "containers-cut", Base("empty.example.com/app"), Learner, "empty"),
    row("port 80 blocked: apt-get", "port-80", Step(APT), Host, "port 80"),
    row("port 80 blocked: a container", "port-80", Program(OUTSIDE), Host, "port 80"),
    row("port 80 blocked: a wrong name", "port-80", Step(PIP_TYPO), Learner, "pypi.exmaple.com"),
    row("port 443 blocked: pip", "port-443", Step(PIP), Host, "port 443"),
    row("port 443 blocked: a wrong name", "port-443", Step(PIP_TYPO), Learner, "pypi.exmaple.com"),
    row("all cut: a step", "all-cut", Step(PIP), Host, CUT),
    row("all cut: an image", "all-cut", Base("pyhton:3.11"), Host, "pyhton:3.11"),
    row("all cut: another registry's image", "all-cut", Base("empty.example.com/app"), Host, "empty.example.com"),
    row("all cut: a service's image", "all-cut", Service("rediss:7"), Host, "rediss:7"),
    row("all cut: a service of another registry", "all-cut", Service("gchr.exmaple.com/app"), Host, "gchr.exmaple.com"),
];

/// What `grader doctor` says of containers, and what of Docker Hub.
const DOCTOR: &[(&str, &str, &str)] = &[
    ("nothing", "containers: they reach the internet", "registry: Docker Hub answers"),
    ("refusing-resolver", "containers: names don't resolve in containers", "registry: Docker Hub answers"),
    ("silent-resolver", "containers: names don't resolve in containers", "registry: Docker Hub answers"),
    ("containers-cut", "containers: containers on this host don't reach the internet", "registry: Docker Hub answers"),
    ("port-80", "on port 80", "registry: Docker Hub answers"),
    ("port-443", "on port 443", "registry: Docker Hub answers"),
    ("all-cut", "containers: containers on this host don't reach the internet", "registry: Docker Hub does not answer"),
];

fn main() -> ExitCode {
    let mut arguments = Arguments::from_args();
    // The network is broken for all of them at once.
    arguments.test_threads = Some(1);
    let mut trials: Vec<Trial> = ROWS.iter().map(|row| Trial::test(row.name, || holds(row))).collect();
    trials.extend(DOCTOR.iter().map(|row| Trial::test(format!("doctor: {}", row.0), || examined(row))));
    let required = std::env::var("GRADER_REQUIRE_NETS").is_ok_and(|value| value == "1");
    if let (false, Err(reason)) = (required, there()) {
        let ignore = |trial: Trial| trial.with_kind(reason.clone()).with_ignored_flag(true);
        trials = trials.into_iter().map(ignore).collect();
    }
    libtest_mimic::run(&arguments, trials).exit_code()
}

/// Whether the engine runs.
fn there() -> Result<(), String> {
    let asked = nets(&["run", "docker", "version"]).output().map_err(|error| error.to_string())?;
    asked.status.success().then_some(()).ok_or_else(|| "scripts/nets does not run".to_owned())
}

fn nets(args: &[&str]) -> Command {
    let mut command = Command::new(at("scripts/nets"));
    command.args(args);
    command
}

fn broken(situation: &str) {
    assert!(nets(&["break", situation]).status().unwrap().success(), "{situation}");
}

fn holds(row: &Row) -> Result<(), Failed> {
    broken(row.broken);
    let (code, report) = grade(row.work);
    let check = report["checks"].as_array().unwrap().last().unwrap();
    let (expected, status) = match row.fault {
        Host => (3, "errored"),
        Learner => (1, "failed"),
        Nobody => (0, "passed"),
    };
    let said = check.to_string();
    if std::env::var("GRADER_SHOW").is_ok() {
        let said = |part: &str| check["findings"][0][part].as_str().unwrap_or_default().to_owned();
        eprintln!(
            "| {} | {code} | {} | {}{} {} |",
            row.name,
            check["status"],
            check["because"],
            said("message"),
            said("because")
        );
    }
    if code == expected && check["status"] == status && said.contains(row.says) {
        return Ok(());
    }
    Err(format!("exit code {code}, but {expected} and `{}` were expected: {check:#}", row.says).into())
}

/// Grades it beside the engine: the exit code and the report.
fn grade(work: Work) -> (i32, Value) {
    let (expected, subject) = match work {
        Step(_) | Base(_) => ("image.builds: true", ""),
        Program(_) => ("container.exit_code: 0", ""),
        Service(_) | StackProgram(_) => ("stack.up: true }, { stack.services.web.exit_code: 0", ", service: web"),
    };
    let roles = match work {
        Step(_) | Base(_) | Program(_) => String::new(),
        Service(image) => format!("roles: {{ web: {{ image: '{image}' }} }}\n"),
        StackProgram(_) => "roles: { web: { built-from: Dockerfile } }\n".to_owned(),
    };
    let challenge = format!(
        "id: nets\ntitle: T\nabout: A.\nsubject: {{ dockerfile: Dockerfile, context: .{subject} }}\n{roles}checks:\n  - {{ id: it, \
         title: It, needs: [], expect: [{{ {expected} }}], why: W., hints: [h], points: 10 }}\n"
    );
    let program = |text: &str| {
        format!(
            "FROM python:3.11-slim\nENV RES_OPTIONS=\"timeout:1 attempts:1\"\nCOPY app.py /\nCMD [\"python\", \"/app.py\"]\n# {text:?}\n"
        )
    };
    let (dockerfile, compose, text) = match work {
        // Every run does it again.
        Step(step) => (
            format!(
                "FROM python:3.11-slim\nENV RES_OPTIONS=\"timeout:1 attempts:1\"\nRUN {step} # {}\n",
                std::process::id()
            ),
            String::new(),
            "",
        ),
        Base(image) => (format!("FROM {image}\n"), String::new(), ""),
        Service(image) => (String::new(), format!("services:\n  web:\n    image: {image}\n"), ""),
        Program(text) => (program(text), String::new(), text),
        StackProgram(text) => (program(text), "services:\n  web:\n    build: .\n".to_owned(), text),
    };
    let home =
        folder(&[("challenge/challenge.yaml", &challenge), ("work/Dockerfile", &dockerfile), ("work/app.py", text)]);
    if !compose.is_empty() {
        common::write(home.path(), "work/compose.yaml", compose);
    }
    let path = |name: &str| home.path().join(name).display().to_string();
    let (challenge, state, work) = (path("challenge"), format!("XDG_STATE_HOME={}", path("state")), path("work"));
    let grader = std::env::var("GRADER_PROGRAM").unwrap_or_else(|_| env!("CARGO_BIN_EXE_grader").to_owned());
    let command = ["run", "env", &state, &grader, "check", "--format", "json", "--challenge", &challenge, &work];
    let (code, told, complaint) = common::run(&mut nets(&command));
    (code, serde_json::from_str(&told).unwrap_or_else(|error| panic!("{error}: {told}{complaint}")))
}

fn examined((situation, containers, registry): &(&str, &str, &str)) -> Result<(), Failed> {
    broken(situation);
    let grader = std::env::var("GRADER_PROGRAM").unwrap_or_else(|_| env!("CARGO_BIN_EXE_grader").to_owned());
    let (code, told, _) = common::run(nets(&["run", &grader, "doctor"]).env("COLUMNS", "200"));
    broken("nothing");
    if std::env::var("GRADER_SHOW").is_ok() {
        eprintln!("{situation}: {code}\n{told}");
    }
    if code == 0 && told.contains(containers) && told.contains(registry) {
        return Ok(());
    }
    Err(format!("exit code {code}: {told}").into())
}
