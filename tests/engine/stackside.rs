//! Steps that change the stack, the files and the image: what comes back, what lasts, and what the next check finds.

use crate::stack::{bring_up, repository};
use crate::trial;
use grader::challenge::{Check, library};
use grader::engine::Engine;
use grader::engine::compose::Stack;
use grader::facts::Facts;
use grader::judge::{Inputs, StepResult, judge};
use grader::outcome::Outcome;
use grader::run::step::Bench;
use libtest_mimic::Trial;
use serde_json::Value;
use std::collections::BTreeMap;
use std::process::Command;

pub fn trials() -> Vec<Trial> {
    vec![
        trial("stackside::a_named_volume_outlives_down_but_not_its_removal", a_named_volume_outlives_down),
        trial(
            "stackside::services_are_stopped_started_killed_and_scaled",
            services_are_stopped_started_killed_and_scaled,
        ),
        trial("stackside::what_does_not_come_up_in_time_is_a_fact", what_does_not_come_up_in_time_is_a_fact),
        trial("stackside::a_wait_ends_when_it_holds_or_says_what_it_saw", a_wait_ends_when_it_holds),
        trial("stackside::each_check_finds_the_stack_as_the_first_up_left_it", each_check_finds_the_stack_as_it_was),
        trial("stackside::a_rebuild_shows_what_the_cache_saves", a_rebuild_shows_what_the_cache_saves),
        trial("stackside::bounds_args_and_profiles_of_a_challenge_hold", bounds_args_and_profiles_hold),
    ]
}

/// Counts its visits in Redis.
const VISITS: &str = r"
import http.server, socket
class Handler(http.server.BaseHTTPRequestHandler):
    def do_GET(self):
        redis = socket.create_connection(('redis', 6379), timeout=2)
        redis.sendall(b'INCR hits\r\n')
        hits = redis.recv(64)[1:].strip()
        self.send_response(200)
        self.end_headers()
        self.wfile.write(b'Hits: ' + hits)
http.server.ThreadingHTTPServer(('0.0.0.0', 5000), Handler).serve_forever()
";

const SHOP: &str = r#"
services:
  web: {image: "python:3.11-slim", command: [python, /repo/app.py], volumes: [".:/repo:ro"], ports: ["5000:5000"], init: true}
  redis:
    image: redis:7-alpine
    volumes: ["data:/data"]
    healthcheck: {test: redis-cli ping}
volumes: {data: }
"#;

/// A check with these steps.
fn check(steps: &str) -> Check {
    let text = format!("id: x\ntitle: X\ntry:\n{steps}\nwhy: x\nhints: [x]\n");
    library::check("checks/x.yaml", text).unwrap_or_else(|error| panic!("\n{error}\n"))
}

/// What comes of the steps on a stack, and of the check.
async fn tried(engine: &Engine, stack: &mut Stack, steps: &str) -> (Vec<StepResult>, Vec<String>) {
    let check = check(steps);
    let roles = BTreeMap::new();
    let results = Bench::new(engine, Some(stack), &roles, None, &|_| ()).run(&check.steps).await;
    let facts = Facts::default();
    let judged = judge(
        &check,
        &Inputs { facts: &facts, roles: &roles, steps: &results, script: None, earlier: &BTreeMap::new() },
    );
    let told = match judged.outcome {
        Outcome::Passed => vec![],
        Outcome::Failed(findings) => findings
            .into_iter()
            .map(|it| format!("{} {:?} {:?} {:?}", it.message, it.expected, it.actual, it.because))
            .collect(),
        other => vec![format!("{other:?}")],
    };
    (results, told)
}

/// A fact of a step, as text.
fn shown(result: &StepResult, name: &str) -> String {
    result.facts.get(name).and_then(|fact| fact.value()).map(ToString::to_string).unwrap_or_default()
}

fn because(result: &StepResult) -> &str {
    result.failed.as_ref().and_then(|failed| failed.because.as_deref()).unwrap_or_default()
}

async fn a_named_volume_outlives_down(engine: Engine) {
    let (folder, compose) = repository(&[("compose.yaml", SHOP), ("app.py", VISITS)]);
    let mut stack = bring_up(&engine, folder.path(), &compose).await;
    let steps = r#"
  - http: { service: web, path: /, retry_for: 5s }
    expect: [{ body: "Hits: 1" }]
  - http: { service: web, path: / }
    capture: { hits: "Hits: (\\d+)" }
  - compose: down
    expect: [{ stack.up: false }, { stack.services.web.state: missing }, { stack.services: { each: { ready: false } } }]
  - http: { service: web, path: / }
    expect: [{ answered: false }]
  - compose: up
    expect: [{ stack.up: true }, { stack.services: { each: { ready: true } } }, { seconds: { below: 60s } }]
  - http: { service: web, path: /, retry_for: 5s }
    expect: [{ body: "Hits: 3" }]
  - compose: down-with-volumes
  - compose: up
    expect: [{ stack.up: true }]
  - http: { service: web, path: /, retry_for: 5s }
    expect: [{ body: "Hits: 1" }]
"#;
    let (results, told) = tried(&engine, &mut stack, steps).await;
    assert_eq!(told, Vec::<String>::new());
    assert_eq!(shown(&results[2], "stack.services.redis.state"), "missing");
    assert_eq!(
        results[2].facts.get("stack.services.web.state").unwrap().because.as_deref(),
        Some("`web` was not started: the stack was taken down")
    );
    stack.renew(&|_| ()).await.unwrap();
    let steps = "  - http: { service: web, path: /, retry_for: 5s }\n    expect: [{ body: \"Hits: 1\" }]";
    assert_eq!(tried(&engine, &mut stack, steps).await.1, Vec::<String>::new(), "nothing is left for the next check");
    stack.down().await.unwrap();
}

async fn services_are_stopped_started_killed_and_scaled(engine: Engine) {
    let (folder, compose) = repository(&[("compose.yaml", SHOP), ("app.py", VISITS)]);
    let mut stack = bring_up(&engine, folder.path(), &compose).await;
    let steps = r"
  - compose: stop web
    expect:
      - stack.services.web.state: exited
      - stack.services.web.ready: false
      - stack.services.redis.ready: true
  - http: { service: web, path: / }
    expect: [{ answered: false }]
  - http: { service: web, path: / }
  - compose: start web
    expect: [{ stack.services.web: { state: running, ready: true } }]
  - http: { service: web, path: /, retry_for: 5s }
    expect: [{ status: 200 }]
  - compose: kill redis
    expect: [{ stack.services.redis: { state: exited, exit_code: 137 } }]
  - compose: restart redis
    expect: [{ stack.services.redis: { health: healthy, ready: true } }]
  - compose: scale web=3
    expect: [{ stack.services.web.ready: true }]
  - compose: scale web=1
    expect: [{ stack.services.web.ready: true }]
  - compose: start nope
";
    let (results, told) = tried(&engine, &mut stack, steps).await;
    assert_eq!(told.len(), 1, "the first thing that is wrong is told: {told:#?}");
    assert_eq!(because(&results[2]), "`web` was stopped by a step of this check");
    assert_eq!(because(&results[9]), "there is no service `nope`");
    assert_eq!(stack.published_ports("web").await.unwrap().len(), 1);
    let three = "  - compose: scale web=3\n    expect: [{ stack.services.web.ready: true }]";
    assert_eq!(tried(&engine, &mut stack, three).await.1, Vec::<String>::new());
    assert_eq!(stack.published_ports("web").await.unwrap().len(), 3);
    stack.renew(&|_| ()).await.unwrap();
    assert_eq!(stack.published_ports("web").await.unwrap().len(), 1, "as many as were planned");
    assert!(stack.up().failed.is_none() && stack.states()["web"].is_ready());
    stack.down().await.unwrap();
}

async fn what_does_not_come_up_in_time_is_a_fact(engine: Engine) {
    let file = r#"
services:
  slow: {image: "redis:7-alpine", healthcheck: {test: "test -e /tmp/never", interval: 30s}, volumes: ["flag:/flag"], command: [sh, -c, "touch /flag/x; exec sleep 60"], stop_grace_period: 1s}
  next: {image: "redis:7-alpine", depends_on: {slow: {condition: service_healthy}}}
volumes: {flag: }
"#;
    let (folder, compose) = repository(&[("compose.yaml", file)]);
    let request = grader::engine::compose::StackRequest { compose: &compose, root: folder.path() };
    let mut engine = engine;
    engine.limits.start = Some(std::time::Duration::from_secs(3));
    let grader::engine::compose::Prepared::Ready(plan) =
        grader::engine::compose::prepare(&engine, &request, &|_| ()).await
    else {
        panic!("not prepared")
    };
    let mut stack = plan.up(&engine, &BTreeMap::new(), &|_| ()).await.unwrap();
    assert_eq!(
        stack.up().failed.as_deref(),
        Some(
            "`slow` was not healthy within 3 × interval 30s + timeout 30s = 120s; 3s is the most that is waited; its \
             last probe ended with exit code 1"
        ),
        "the challenge's own bound holds, and is named"
    );
    let steps = r"
  - compose: down
    within: 1s
  - compose: up
    within: 1s
    expect: [{ stack.up: true }]
";
    let (results, told) = tried(&engine, &mut stack, steps).await;
    assert_eq!(told.len(), 1, "{told:?}");
    assert!(told[0].ends_with("Some(\"it took longer than 1s\") None"), "{told:?}");
    assert_eq!(shown(&results[1], "stack.services.slow.ready"), "false");
    stack.down().await.unwrap();
}

async fn a_wait_ends_when_it_holds(engine: Engine) {
    let file = r#"
services:
  api: {image: "redis:7-alpine", command: [sh, -c, "sleep 2; exec redis-server"], healthcheck: {test: redis-cli ping, interval: 1s, retries: 1}}
"#;
    let (folder, compose) = repository(&[("compose.yaml", file)]);
    let mut stack = bring_up(&engine, folder.path(), &compose).await;
    let steps = r"
  - compose: kill api
  - wait: { for: { stack.services.api.health: healthy }, within: 1s }
  - compose: start api
    within: 100ms
    expect: [{ stack.services.api.health: starting }]
  - wait: { for: { stack.services.api: { health: healthy, ready: true } }, within: 30s }
    expect: [{ stack.services.api.state: running }, { seconds: { below: 20s } }]
  - wait: { for: { any-of: [{ stack.services.api.state: exited }, { stack.up: false }] }, within: 1s }
";
    let (results, told) = tried(&engine, &mut stack, steps).await;
    assert_eq!(told.len(), 1, "the first thing that is wrong is told: {told:#?}");
    assert_eq!(
        because(&results[1]),
        "it did not come true within 1s: `stack.services.api.health` has to be healthy, and was unhealthy at last \
         (`api` was killed by a step of this check)"
    );
    assert_eq!(results[1].failed.as_ref().unwrap().place.as_ref().unwrap().to_string(), "compose.yaml:3");
    assert!(
        because(&results[4]).starts_with("it did not come true within 1s: `stack.services.api.state` has to be exited")
    );
    stack.down().await.unwrap();
}

/// Grades a repository of these files by a challenge with this text: `status` of each check, and what was found.
fn graded(challenge: &str, files: &[(&str, &str)]) -> BTreeMap<String, String> {
    let folder = tempfile::tempdir().unwrap();
    let (own, repository) = (folder.path().join("changing"), folder.path().join("work"));
    for (path, text) in files {
        let path = repository.join(path);
        std::fs::create_dir_all(path.parent().unwrap()).unwrap();
        std::fs::write(path, text).unwrap();
    }
    std::fs::create_dir(&own).unwrap();
    std::fs::write(own.join("challenge.yaml"), format!("id: changing\ntitle: T\nabout: A.\n{challenge}")).unwrap();
    let mut grader = Command::new(env!("CARGO_BIN_EXE_grader"));
    let output = grader.args(["check", "--format", "json", "--challenge"]).arg(&own).arg(&repository).output().unwrap();
    let report: Value = serde_json::from_slice(&output.stdout)
        .unwrap_or_else(|_| panic!("{}", String::from_utf8_lossy(&output.stderr)));
    let text = |value: &Value| value.as_str().unwrap_or_default().to_owned();
    let one = |finding: &Value| {
        let [message, because, actual] = ["message", "because", "actual"].map(|key| text(&finding[key]));
        format!("; {message} {because} {actual} @ {}:{}", text(&finding["path"]), finding["line"])
    };
    let checks = report["checks"].as_array().unwrap().iter().map(|check| {
        let findings: String = check["findings"].as_array().unwrap().iter().map(one).collect();
        (text(&check["id"]), format!("{}{findings}{}", text(&check["status"]), text(&check["because"])))
    });
    checks.collect()
}

async fn each_check_finds_the_stack_as_it_was(_: Engine) {
    let challenge = r#"
subject: { dockerfile: Dockerfile }
checks:
  - id: changes
    title: Changes
    needs: []
    # Holds of the stack as it was first.
    expect: [{ stack.services: { each: { state: running, ready: true } } }]
    try:
      - http: { service: web, path: /, retry_for: 5s }
        expect: [{ body: "Hits: 1" }]
      - compose: stop redis
      - compose: scale web=2
    why: W.
    hints: [h]
    points: 1
  - id: fresh
    title: Fresh
    needs: []
    expect: [{ stack.services.redis.state: running }]
    try:
      - http: { service: web, path: /, retry_for: 5s }
        expect: [{ body: "Hits: 1" }]
    why: W.
    hints: [h]
    points: 1
  - id: edits
    title: Edits
    needs: []
    try:
      - http: { service: web, path: /page }
        expect: [{ body: "Hello\n" }]
      - edit: { file: page/text, replace: Hello, with: Good day }
      - http: { service: web, path: /page }
        expect: [{ body: "Good day\n" }]
      - http: { service: web, path: /copy }
        expect: [{ body: "Good day\n" }]
      - edit: { file: page/text, replace: Good, with: Bad }
      - edit: { file: page/text, replace: Hello, with: "" }
    why: W.
    hints: [h]
    points: 1
  - id: undone
    title: Undone
    needs: []
    try:
      - http: { service: web, path: /page, retry_for: 5s }
        expect: [{ body: "Hello\n" }]
      - http: { service: web, path: /copy }
        expect: [{ body: "Hello\n" }]
    why: W.
    hints: [h]
    points: 1
"#;
    let file = r#"
services:
  web:
    image: python:3.11-slim
    command: [python, /repo/app.py]
    # The page lies in a folder that can be written to: it is mounted from a copy.
    volumes: [".:/repo", "./page/text:/text:ro"]
    ports: [5000]
    init: true
  redis: {image: "redis:7-alpine", volumes: ["data:/data"], healthcheck: {test: redis-cli ping}}
volumes: {data: }
"#;
    let app = VISITS.replace(
        "        redis = ",
        "        page = {'/page': '/repo/page/text', '/copy': '/text'}.get(self.path)\n        if page:\n            \
         self.send_response(200)\n            self.end_headers()\n            \
         self.wfile.write(open(page, 'rb').read())\n            return\n        redis = ",
    );
    let told = graded(challenge, &[("compose.yaml", file), ("app.py", &app), ("page/text", "Hello\n")]);
    assert_eq!(told["changes"], "passed");
    assert_eq!(told["fresh"], "passed", "visits, scale and what was stopped are those of the first up");
    assert_eq!(
        told["edits"],
        "failed; A step of this check could not be done. page/text holds no `Hello`  @ page/text:null"
    );
    assert_eq!(told["undone"], "passed", "an edit is undone, also where a later step fails");
}

const REBUILDS: &str = r#"
subject: { dockerfile: Dockerfile }
checks:
  - id: same
    title: Same
    needs: []
    try:
      - rebuild: {}
        expect: [{ rebuilt: { empty: true } }, { cached: { count: { at-least: 4 } } }, { seconds: { below: 5m } }]
    why: W.
    hints: [h]
    points: 1
  - id: touched
    title: Touched
    needs: []
    try:
      - rebuild: { touch: src/app.py }
        expect:
          - cached: { any: { name: RUN, text: { contains: install } } }
            message: The requirements are installed anew.
          - rebuilt: { any: { name: COPY, text: { contains: src } } }
      # Once more is another change.
      - rebuild: { touch: src/app.py }
        expect: [{ rebuilt: { empty: false } }]
    why: W.
    hints: [h]
    points: 1
  - id: edited
    title: Edited
    needs: []
    try:
      - edit: { file: requirements.txt, replace: flask, with: quart }
      - rebuild: {}
        expect: [{ rebuilt: { any: { name: RUN } } }, { cached: { any: { name: WORKDIR } } }]
      - rebuild: {}
        expect: [{ rebuilt: { empty: true } }]
      - edit: { file: Dockerfile, replace: "RUN ", with: "RUN false && " }
      - rebuild: {}
    why: W.
    hints: [h]
    points: 1
  - id: missing
    title: Missing
    needs: []
    try: [rebuild: { touch: src/other.py }]
    why: W.
    hints: [h]
    points: 1
"#;

async fn a_rebuild_shows_what_the_cache_saves(engine: Engine) {
    let good = "FROM python:3.11-slim AS base\nWORKDIR /app\nCOPY requirements.txt .\nRUN cat requirements.txt \\\n    \
                > install\n\nFROM base\nENV A=1\nCOPY src src\nCMD [\"sleep\", \"60\"]\n";
    let bad = "FROM python:3.11-slim\nWORKDIR /app\nCOPY . .\nCOPY src src\nRUN cat requirements.txt > install\n\
               CMD [\"sleep\", \"60\"]\n";
    // A line that no other run of the tests has had.
    let app = format!("print('{}')\n", engine.run.id);
    for (dockerfile, touched) in
        [(good, "passed"), (bad, "failed; The requirements are installed anew.  WORKDIR /app @ Dockerfile:null")]
    {
        let files = [("Dockerfile", dockerfile), ("requirements.txt", "flask\n"), ("src/app.py", app.as_str())];
        for _ in 0..2 {
            let told = graded(REBUILDS, &files);
            assert_eq!(told["same"], "passed");
            assert_eq!(told["touched"], touched, "also where an earlier run has built the same");
            let failing = if dockerfile == good { "Dockerfile:4" } else { "Dockerfile:5" };
            assert!(told["edited"].starts_with("failed; A step of this check could not be done. `RUN false && cat"));
            assert!(told["edited"].ends_with(&format!("@ {failing}")), "{}", told["edited"]);
            assert_eq!(
                told["missing"],
                "failed; A step of this check could not be done. there is no file src/other.py  @ src/other.py:null"
            );
        }
    }
}

async fn bounds_args_and_profiles_hold(_: Engine) {
    let challenge = r#"
subject: { dockerfile: Dockerfile, service: api, args: { GREETING: challenge }, profiles: [extra] }
roles: { api: { built-from: Dockerfile } }
limits: { memory: 64MiB, cpus: 0.5, pids: 50, step: 2s }
checks:
  - id: runs
    title: Runs
    needs: []
    expect:
      - image.env.GREETING: challenge
      - compose.services.other: { present: false }
      - compose.services.more: { present: true }
      - stack.services.other: { present: false }
      - stack.services.more.state: running
      - stack.services.bounds.exit_code: 0
    why: W.
    hints: [h]
    points: 1
  - id: slow
    title: Slow
    needs: []
    try:
      - wait: { for: { stack.services.api.state: exited }, within: 20s }
      - compose: kill api
        expect: [{ stack.services.api.state: exited }]
    why: W.
    hints: [h]
    points: 1
"#;
    let file = r#"
services:
  api: {build: {context: ., args: {GREETING: file}}, command: [sleep, "60"]}
  more: {image: "redis:7-alpine", profiles: [extra]}
  other: {image: "redis:7-alpine", profiles: [none]}
  bounds:
    image: redis:7-alpine
    command:
      - sh
      - -c
      - |
        cd /sys/fs/cgroup
        cat memory.max memory/memory.limit_in_bytes 2>/dev/null | grep -qx 67108864 || exit 1
        cat pids.max pids/pids.max 2>/dev/null | grep -qx 50 || exit 2
        cat cpu.max cpu/cpu.cfs_quota_us 2>/dev/null | grep -q '^50000' || exit 3
"#;
    let dockerfile = "FROM python:3.11-slim\nARG GREETING=none\nENV GREETING=$GREETING\nCMD [\"sleep\", \"60\"]\n";
    let told = graded(challenge, &[("compose.yaml", file), ("Dockerfile", dockerfile)]);
    assert_eq!(told["runs"], "passed");
    assert_eq!(
        told["slow"],
        "failed; A step of this check could not be done. it took longer than 2s, the most that a step may take  @ :null"
    );
}
