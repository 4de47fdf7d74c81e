//! Checks that change the stack, the files and the image, graded as a whole: what each finds, and what the cache saves.

use crate::common::{write, write_all};
use crate::stackside::VISITS;
use grader::engine::Engine;
use serde_json::Value;
use std::collections::BTreeMap;
use std::process::Command;

tests![
    each_check_finds_the_stack_as_the_first_up_left_it,
    a_rebuild_shows_what_the_cache_saves,
    bounds_args_and_profiles_of_a_challenge_hold,
    what_waiting_cannot_change_is_not_waited_for,
];

/// Grades a repository of these files by a challenge with this text: `status` of each check, and what was found.
pub fn graded(challenge: &str, files: &[(&str, &str)]) -> BTreeMap<String, String> {
    let folder = tempfile::tempdir().unwrap();
    let (own, repository) = (folder.path().join("changing"), folder.path().join("work"));
    write_all(&repository, files);
    write(&own, "challenge.yaml", format!("id: changing\ntitle: T\nabout: A.\n{challenge}"));
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

async fn each_check_finds_the_stack_as_the_first_up_left_it(_: Engine) {
    let challenge = r#"
subject: { dockerfile: Dockerfile }
checks:
  - id: changes
    title: Changes
    needs: []
    # Holds of the stack as it was first.
    expect: [{ stack.services: { each: { state: running, ready: true } } }]
    try:
      - http: { service: web, path: /, retry_for: 30s }
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
      - http: { service: web, path: /, retry_for: 30s }
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
      - http: { service: web, path: /page, retry_for: 30s }
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
    // A folder of this test alone: BuildKit does a step that two builds need at the same time once, as not cached for both.
    let app = format!("/app/{}", engine.run.id);
    let good = format!(
        "FROM python:3.11-slim AS base\nWORKDIR {app}\nCOPY requirements.txt .\nRUN cat requirements.txt \\\n    > \
         install\n\nFROM base\nENV A=1\nCOPY src src\nCMD [\"sleep\", \"60\"]\n"
    );
    let bad = format!(
        "FROM python:3.11-slim\nWORKDIR {app}\nCOPY . .\nCOPY src src\nRUN cat requirements.txt > install\nCMD \
         [\"sleep\", \"60\"]\n"
    );
    let wasteful = format!("failed; The requirements are installed anew.  WORKDIR {app} @ Dockerfile:null");
    for (dockerfile, touched) in [(&good, "passed"), (&bad, &wasteful)] {
        let files = [("Dockerfile", &dockerfile[..]), ("requirements.txt", "flask\n"), ("src/app.py", "print('a')\n")];
        for _ in 0..2 {
            let told = graded(REBUILDS, &files);
            assert_eq!(told["same"], "passed");
            assert_eq!(told["touched"], touched, "also where an earlier run has built the same");
            let failing = if *dockerfile == good { "Dockerfile:4" } else { "Dockerfile:5" };
            assert!(told["edited"].starts_with("failed; A step of this check could not be done. `RUN false && cat"));
            assert!(told["edited"].ends_with(&format!("@ {failing}")), "{}", told["edited"]);
            assert_eq!(
                told["missing"],
                "failed; A step of this check could not be done. there is no file src/other.py  @ src/other.py:null"
            );
        }
    }
}

async fn bounds_args_and_profiles_of_a_challenge_hold(_: Engine) {
    let challenge = r"
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
";
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

async fn what_waiting_cannot_change_is_not_waited_for(_: Engine) {
    let check = |id: &str, step: &str| {
        format!(
            "  - id: {id}\n    title: T\n    why: W.\n    hints: [h]\n    points: 1\n    try:\n      - {step}\n        \
             expect: [{{ exit_code: 0, message: No. }}]\n"
        )
    };
    let asks = "  - id: asks\n    title: T\n    why: W.\n    hints: [h]\n    points: 1\n    try:\n      \
                - http: { service: web, path: /, retry_for: 10m }\n        expect: [{ status: 200, message: No. }]\n";
    let missing = check("missing", "exec: { service: web, command: [nowhere-to-be-found], retry_for: 10m }");
    // A limit that both would meet if they were tried again.
    let challenge = format!("limits: {{ step: 11m, run: 2m }}\nchecks:\n{asks}{missing}");
    let compose = "services:\n  web: { image: debian:bookworm-slim, init: true, command: [sleep, \"600\"] }\n";
    let found = graded(&challenge, &[("compose.yaml", compose)]);
    let unpublished = "failed; No. `web` publishes no port; add `ports:` to it none @ compose.yaml:2";
    assert_eq!(found["asks"], unpublished, "{found:?}");
    assert!(found["missing"].starts_with("failed; No. "), "{found:?}");
}
