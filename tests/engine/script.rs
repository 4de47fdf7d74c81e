//! Whole runs with scripts: what they are given, what they may not do, and what is told of those that are broken.

use grader::challenge::library;
use grader::engine::Engine;
use grader::outcome::Outcome;
use grader::report::Report;
use grader::run::runner::{self, Request};
use std::path::Path;
use std::time::{Duration, Instant};

tests![good_ones_judge_and_are_shut_off, broken_ones_are_told,];

/// Grades a repository by scripts, each a check of its own.
async fn graded(scripts: &[(&str, &str)], repository: &[(&str, &str)], keys: &str, static_only: bool) -> Report {
    let folder = tempfile::tempdir().unwrap();
    let work = folder.path().join("work");
    std::fs::create_dir(&work).unwrap();
    let mut challenge = "id: trial\ntitle: Trial\nabout: A trial.\nchecks:\n".to_owned();
    for (id, script) in scripts {
        let check = format!(
            "  - id: {id}\n    title: T\n    why: W.\n    hints: [Hint.]\n    points: 1\n    script:\n      \
             run: {id}.sh\n      image: debian:bookworm-slim\n      {keys}\n"
        );
        challenge.push_str(&check);
        std::fs::write(folder.path().join(format!("{id}.sh")), format!("#!/bin/sh\n{script}\n")).unwrap();
    }
    std::fs::write(folder.path().join("challenge.yaml"), challenge).unwrap();
    for (path, text) in repository {
        std::fs::write(work.join(path), text).unwrap();
    }
    let challenge = library::load(folder.path().to_str().unwrap()).unwrap_or_else(|error| panic!("{error}"));
    grade(&challenge, &work, static_only).await
}

async fn grade(challenge: &grader::challenge::Challenge, work: &Path, static_only: bool) -> Report {
    let request = Request {
        path: work.to_owned(),
        only: Vec::new(),
        skip: Vec::new(),
        static_only,
        pass_mark: None,
        limit: Duration::from_secs(60),
        no_egress: false,
        keep: false,
        seed: None,
        policy: grader::policy::Policy::built_in(),
    };
    runner::check(&request, challenge, &|_| ()).await.unwrap()
}

/// Says `passed`, or what is not as the test has it.
const TELL: &str = r#"if [ -z "$wrong" ]; then echo '{"passed": true}'; else echo "{\"passed\": false, \"findings\": [{\"message\": \"$wrong\"}]}"; fi"#;

async fn good_ones_judge_and_are_shut_off(_: Engine) {
    let shut_off = format!(
        r#"
[ "$(pwd)" = /work ] || wrong="$wrong pwd"
[ "$(cat note.txt)" = noted ] || wrong="$wrong note"
(echo x > note.txt) 2>/dev/null && wrong="$wrong repository"
(echo x > /x) 2>/dev/null && wrong="$wrong root"
(echo x >> /script) 2>/dev/null && wrong="$wrong script"
echo x > /tmp/x || wrong="$wrong tmp"
[ "$(ls /sys/class/net)" = lo ] || wrong="$wrong network"
grep -q 'CapEff:.*0000000000000002$' /proc/self/status || wrong="$wrong rights"
grep -q 'NoNewPrivs:.*1' /proc/self/status || wrong="$wrong privileges"
chown 7 /tmp/x 2>/dev/null && wrong="$wrong chown"
{TELL}"#
    );
    let facts = format!(
        r#"
facts=$(cat)
case "$facts" in *'"schema":"grader.facts/v1"'*) ;; *) wrong="$wrong schema" ;; esac
case "$facts" in *'"dockerfile.exists":{{"value":true'*) ;; *) wrong="$wrong exists" ;; esac
case "$facts" in *'"image.size":{{"value":'[0-9]*) ;; *) wrong="$wrong size" ;; esac
case "$facts" in *image.builds*|*compose*) wrong="$wrong more" ;; esac
{TELL}"#
    );
    let fails = r#"cat > /dev/null; echo '{"passed": false, "findings": [{"message": "The base is old.", "path": "Dockerfile", "line": 1, "expected": "trixie", "actual": "bookworm"}], "advice": [{"message": "Think."}]}'"#;
    let scripts = [("shut-off", &shut_off[..]), ("with-facts", &facts), ("fails", fails)];
    let files = [("Dockerfile", "FROM debian:bookworm-slim\n"), ("note.txt", "noted\n")];
    let report = graded(&scripts, &files, "facts: [dockerfile, image.size]", false).await;
    let [shut_off, facts, fails] = &report.checks[..] else { panic!() };
    assert_eq!(shut_off.outcome, Outcome::Passed);
    assert_eq!(facts.outcome, Outcome::Passed);
    let Outcome::Failed(findings) = &fails.outcome else { panic!("{:?}", fails.outcome) };
    let [finding] = &findings[..] else { panic!("{findings:?}") };
    assert_eq!(finding.message, "The base is old.");
    assert_eq!(finding.place.as_ref().unwrap().to_string(), "Dockerfile:1");
    assert_eq!(finding.snippet.as_ref().unwrap().lines, ["FROM debian:bookworm-slim"]);
    assert_eq!(finding.hint.as_deref(), Some("Hint."));
    assert_eq!(fails.advice[0].message, "Think.");
}

async fn broken_ones_are_told(_: Engine) {
    let scripts = [
        ("fails", "echo broken >&2; exit 3"),
        ("says-nothing", "true"),
        ("says-more", "echo '{\"passed\": true} and more'"),
        ("leads-out", "echo '{\"passed\": false, \"findings\": [{\"message\": \"m\", \"path\": \"../x\"}]}'"),
        ("floods", "yes '{\"passed\": true}' | head -c 3000000"),
        ("stays", "sleep 600"),
    ];
    let begin = Instant::now();
    let report = graded(&scripts, &[("Dockerfile", "FROM scratch\n")], "timeout: 3s", false).await;
    assert!(begin.elapsed() < Duration::from_secs(300), "{:?}", begin.elapsed());
    let told: Vec<&str> = report
        .checks
        .iter()
        .map(|check| match &check.outcome {
            Outcome::Errored(why) => why.as_str(),
            other => panic!("{other:?}"),
        })
        .collect();
    assert_eq!(
        told,
        [
            "the script fails.sh ended with exit code 3; it said: broken",
            "the script says-nothing.sh printed nothing, not a verdict",
            "the script says-more.sh printed no verdict: trailing characters at line 1 column 18; what it printed begins \
             with: {\"passed\": true} and more",
            "the script leads-out.sh has a finding at `../x`, which is no path in the repository",
            "the script floods.sh printed more than 1 MiB",
            "the script stays.sh did not end within 3s",
        ]
    );
    let report = graded(&scripts[..1], &[("Dockerfile", "FROM scratch\n")], "timeout: 3s", true).await;
    assert!(matches!(&report.checks[0].outcome, Outcome::Skipped(why) if why.contains("--static")));
}
