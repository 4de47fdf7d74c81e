//! Reports to show: one with every status and with texts as bad as learners' files can hold, and the usual ones.

#![allow(dead_code)] // each test shows some of them

use grader::engine::Versions;
use grader::facts::{Fact, Facts, Source, Unavailable, Value};
use grader::outcome::{Finding, Outcome, Snippet};
use grader::place::Place;
use grader::report::{CheckReport, Counts, Coverage, GradedRepository, Report};
use std::collections::BTreeMap;
use std::time::{Duration, SystemTime};

fn check(step: u32, id: &str, title: &str, points: u32, max_points: u32, outcome: Outcome) -> CheckReport {
    CheckReport {
        id: id.into(),
        title: title.into(),
        step: (step > 0).then_some(step),
        outcome,
        points,
        max_points,
        elapsed: Duration::from_millis(20 * u64::from(step)),
        why: String::new(),
        teaching: grader::challenge::Teaching::default(),
        hints: Vec::new(),
        advice: Vec::new(),
        measured: None,
        judged: Coverage::Yes,
        counts: Counts::Points,
        overridden: None,
    }
}

fn report(checks: Vec<CheckReport>) -> Report {
    Report {
        challenge: ("dockerize-python-app".into(), "Dockerize a Python application".into()),
        repository: GradedRepository {
            path: ".".into(),
            folder: String::new(),
            commit: Some("3f2a9c1d5b7e8f90a1b2c3d4e5f60718293a4b5c".into()),
            dirty: true,
            origin: None,
        },
        platform: "linux/amd64".into(),
        bases: BTreeMap::from([("python:3.11-slim".into(), "sha256:4d2f".into())]),
        engine: Some(Versions {
            version: "28.0.1".into(),
            api: "1.48".into(),
            compose: "2.33.1".into(),
            buildx: "0.21.1".into(),
        }),
        pass_mark: 100,
        seed: Some(7.into()),
        started: SystemTime::UNIX_EPOCH + Duration::from_secs(1_772_000_000),
        elapsed: Duration::from_millis(12_345),
        checks,
        notes: Vec::new(),
        interrupted: None,
        facts: Facts::default(),
    }
}

fn steps(failed: &[usize]) -> Vec<CheckReport> {
    let mut checks = vec![
        check(1, "dockerfile-exists", "Dockerfile exists", 10, 10, Outcome::Passed),
        check(0, "image-works", "The image builds and holds the application", 0, 0, Outcome::Passed),
        check(2, "multi-stage", "Multi-stage build used", 25, 25, Outcome::Passed),
        check(3, "image-size", "Image size < 200MB", 20, 20, Outcome::Passed),
        check(4, "non-root-user", "Non-root user configured", 15, 15, Outcome::Passed),
        check(5, "health-check", "Health check defined", 10, 10, Outcome::Passed),
        check(6, "dockerignore", ".dockerignore exists", 5, 5, Outcome::Passed),
        check(7, "compose-healthy", "docker compose up healthy", 15, 15, Outcome::Passed),
    ];
    checks[3].measured = Some("144MB on linux/amd64".into());
    for &index in failed {
        checks[index].points = 0;
    }
    checks
}

/// All steps pass.
pub fn solved() -> Report {
    let mut report = report(steps(&[]));
    report.checks[7].advice = vec![Finding {
        message: "Mount src into the container, and a change shows without a new build.".into(),
        place: Some(Place::line("compose.yaml", 4)),
        ..Finding::default()
    }];
    report
}

/// The usual: two steps missing.
pub fn failing() -> Report {
    let mut checks = steps(&[2, 5]);
    checks[2].outcome = Outcome::Failed(vec![Finding {
        message: "The last stage takes no files from an earlier stage.".into(),
        place: Some(Place::line("Dockerfile", 12)),
        expected: Some("a COPY --from or a mount that takes files from an earlier stage".into()),
        actual: Some("nothing is taken from stage `builder`".into()),
        because: Some("stage 1 starts from python:3.11-slim again and copies from the build context only".into()),
        about: None,
        cause: None,
        hint: None,
        snippet: Some(Snippet {
            first_line: 10,
            lines: [
                "RUN pip install --prefix=/install -r requirements.txt",
                "",
                "FROM python:3.11-slim",
                "WORKDIR /app",
                "COPY . .",
            ]
            .map(String::from)
            .to_vec(),
            marked: 12..=12,
        }),
    }]);
    checks[0].teaching.reflect = Some("What would a second Dockerfile in this folder be called?".into());
    checks[2].teaching.task = Some("Your final stage takes its files from an earlier one.".into());
    checks[2].teaching.learn = Some("https://docs.docker.com/build/building/multi-stage/".into());
    checks[2].why =
        "Compilers and caches are needed to build, not to run. A stage of its own leaves them behind, so the \
                     image stays small and gives an attacker less to use."
            .into();
    checks[2].hints = vec![
        "Which files of the first stage does the application need when it runs?".into(),
        "COPY --from=builder copies from the stage named builder.".into(),
    ];
    checks[5].outcome = Outcome::Failed(vec![Finding {
        message: "The final stage has no HEALTHCHECK, so Docker cannot tell whether the application answers.".into(),
        place: Some(Place::file("Dockerfile")),
        expected: Some("a HEALTHCHECK in the final stage".into()),
        actual: Some("none".into()),
        ..Finding::default()
    }]);
    checks[5].hints = vec!["What could Docker ask the application to see that it is well?".into()];
    let mut report = report(checks);
    report.notes = vec!["CI will not see src/config.py: not committed".into()];
    report.checks[7].advice.clone_from(&solved().checks[7].advice);
    report
}

/// There is no engine.
pub fn no_engine() -> Report {
    let mut report = report(steps(&[1, 3, 4, 5, 7]));
    let why = "no Docker Engine answers at unix:///var/run/docker.sock; is Docker Desktop running?";
    for index in [1, 3, 4, 5, 7] {
        report.checks[index].outcome = Outcome::Skipped(why.into());
        report.checks[index].judged = Coverage::No;
        report.checks[index].measured = None;
    }
    report.engine = None;
    report.platform = String::new();
    report.facts.set_unavailable(Source::Image, Unavailable::NoEngine(why.into()));
    report
}

/// Every status, odd names, hostile, long and non-ASCII texts, findings without anything and none at all.
pub fn hostile() -> Report {
    let evil = "\x1b[2J\x1b]0;pwned\x07\u{9b}31m\u{202e}nimda\u{feff}";
    let mut failed = check(1, "odd", &format!("Odd <&\"'> ]]> {evil}"), 5, 10, Outcome::Failed(vec![]));
    failed.outcome = Outcome::Failed(vec![
        Finding {
            message: format!("line one\r\n::error::line two\n{evil}##[add-mask]x\0\u{fffe}"),
            place: Some(Place::line(format!("dir <b>/{evil}é 大.yaml"), 3).column(4).to_line(4)),
            expected: Some("größer als 大きさ 👩‍💻".into()),
            actual: Some("a\n\tb\n\nc".into()),
            because: Some(evil.into()),
            about: None,
            cause: None,
            hint: Some("::set-env name=x::y".into()),
            snippet: Some(Snippet {
                first_line: 1,
                lines: vec!["::error::".into(), evil.into(), "\t大 é".into(), "x".repeat(150), String::new()],
                marked: 3..=4,
            }),
        },
        Finding::default(),
        Finding { message: "x".repeat(200), ..Finding::default() },
        Finding { message: "the fourth".into(), ..Finding::default() },
    ]);
    failed.why = "because\nit\nmatters".into();
    failed.advice = vec![Finding { message: evil.into(), hint: Some("tip\nhint".into()), ..Finding::default() }];
    let mut errored =
        check(3, "errored", "Übergröße der 大きな画像", 0, 10, Outcome::Errored(format!("disk full{evil}")));
    errored.judged = Coverage::No;
    errored.elapsed = Duration::from_secs(3);
    let mut left_out = check(4, "left-out", "Left out", 0, 10, Outcome::Skipped("it was not asked for".into()));
    left_out.judged = Coverage::LeftOut;
    let needs = Outcome::Skipped("it needs `odd`".into());
    let mut report = report(vec![
        check(0, "gate", "A gate", 0, 0, Outcome::Failed(vec![])),
        failed,
        check(2, "needs", "", 0, 5, needs),
        errored,
        left_out,
        check(5, "passed", &"A title far longer than a narrow terminal has room for ".repeat(2), 5, 5, Outcome::Passed),
    ]);
    report.checks[5].measured = Some(format!("144MB {evil}"));
    report.challenge = ("odd".into(), format!("Odd {evil}"));
    report.repository.path = format!("/tmp/it's {evil}");
    report.notes = vec![format!("::notice::{evil}")];
    report.interrupted = Some("interrupted".into());
    report.facts.put("image.size", Fact::of(Value::Size(144_000_000)).at(Place::line("Dockerfile", 1)));
    report.facts.put("image.builds", true);
    report.facts.put("container.seconds_to_healthy", Duration::from_millis(2700));
    report.facts.put("dockerfile.final.user.name", Fact::absent());
    report.facts.put("container.logs", evil);
    report.facts.set(&["stack", "services", "w\u{9b}b", "ready"], false.into());
    report
}
