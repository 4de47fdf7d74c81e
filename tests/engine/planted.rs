//! Steps that plant files, look for programs and files of the repository, and keep facts that are known already.

use crate::alone::{done, told};
use crate::stack;
use grader::engine::Engine;
use grader::facts::Value;
use std::time::Duration;

tests![
    files_are_planted_and_programs_found,
    a_container_can_be_read_only_but_for_memory,
    what_a_service_has_is_known,
    several_containers_run_side_by_side,
    a_build_sees_the_secrets_of_its_challenge,
];

const DOCKERFILE: &str = "FROM python:3.11-slim\nENV APP_VERSION=7 PATH=/tools:/usr/local/bin:/usr/bin:/bin\n\
     VOLUME /data\nSTOPSIGNAL SIGINT\nRUN mkdir /tools && cp /bin/true /tools/mine\nCOPY . /app\nWORKDIR /app\n";

async fn files_are_planted_and_programs_found(engine: Engine) {
    let files = [("Dockerfile", DOCKERFILE), ("src/app.py", "print(1)\n"), ("keep.txt", "before")];
    let steps = r#"
  - write: { file: secret/.env, content: "TOKEN=1" }
    capture: { version: image.env.APP_VERSION, signal: image.stop_signal }
  - write: { file: keep.txt, content: "after {version} {signal}" }
  - run: { image: built, mounts: [".:/repo:ro"], command: "cat /repo/secret/.env /repo/keep.txt" }
  - files: { repository: true, paths: ["/**/*.py", "/secret/*", /none] }
  - files: { image: built, commands: [mine, sh, gcc], paths: [/app/secret] }
  - wait: { for: 1s }
  - write: { file: src/app.py/x, content: a }
"#;
    let results = done(&engine, &files, "{}", steps).await;
    assert_eq!(told(&results[2], "stdout"), "TOKEN=1after 7 SIGINT");
    let paths = |index: usize| -> Vec<String> {
        let found = told(&results[index], "found");
        found.split(", ").filter_map(|part| part.split_once("path: ").map(|(_, path)| path.to_owned())).collect()
    };
    assert_eq!(paths(3), ["/secret/.env", "/src/app.py"]);
    assert_eq!(told(&results[3], "missing"), "/none");
    assert!(paths(4).contains(&"/tools/mine".to_owned()), "{:?}", paths(4));
    assert_eq!(told(&results[4], "missing"), "gcc, /app/secret", "the image is as it was built");
    let took = results[5].facts.get("seconds").and_then(|fact| fact.value().cloned());
    assert!(matches!(took, Some(Value::Duration(time)) if time >= Duration::from_secs(1)), "{took:?}");
    assert!(told(&results[6], "seconds").starts_with("failed: "), "{:?}", results[6]);
}

async fn a_container_can_be_read_only_but_for_memory(engine: Engine) {
    let command = "touch /app/x; echo $?; touch /tmp/x; echo $?";
    let steps = format!(
        "\n  - run: {{ image: built, command: \"{command}\" }}\n  \
         - run: {{ image: built, command: \"{command}\", read_only: true, tmpfs: [/tmp] }}\n"
    );
    let results = done(&engine, &[("Dockerfile", DOCKERFILE)], "{}", &steps).await;
    assert_eq!(told(&results[0], "stdout"), "0\n0\n");
    assert_eq!(told(&results[1], "stdout"), "1\n0\n");
}

/// Answers with the variable `WORD`, and keeps what it is sent in /data.
const SERVER: &str = r#"
import http.server, os
class Handler(http.server.BaseHTTPRequestHandler):
    def do_GET(self):
        self.send_response(200)
        self.end_headers()
        self.wfile.write(os.environ.get("WORD", "none").encode())
http.server.HTTPServer(("0.0.0.0", 8000), Handler).serve_forever()
"#;

async fn several_containers_run_side_by_side(engine: Engine) {
    let dockerfile = "FROM python:3.11-slim\nEXPOSE 8000\nCOPY app.py /\nCMD [\"python\", \"/app.py\"]\n";
    let steps = r#"
  - http: { path: /, retry_for: 10s }
    capture: { first: "(.*)" }
  - start: { name: other, env: { WORD: "not {first}" }, mounts: ["data:/data"] }
  - http: { container: other, path: /, retry_for: 10s }
  - exec: { container: other, command: "echo kept > /data/file" }
  - run: { mounts: ["data:/data"], command: [cat, /data/file] }
  - http: { path: / }
  - start: { name: ended, command: [python, -c, "print('bye'); raise SystemExit(3)"] }
  - exec: { container: ended, command: [id] }
  - start: { name: unknown, command: [nothing] }
  - files: { container: other, paths: [/app.py], commands: [python] }
  - probe: { container: other }
"#;
    let results = done(&engine, &[("Dockerfile", dockerfile), ("app.py", SERVER)], "{}", steps).await;
    assert_eq!((told(&results[0], "body"), told(&results[1], "state")), ("none".into(), "running".into()));
    assert_eq!(told(&results[2], "body"), "not none");
    assert_eq!(told(&results[4], "stdout"), "kept\n");
    assert_eq!(told(&results[5], "body"), "none", "the first one still has its own environment");
    assert_eq!((told(&results[6], "state"), told(&results[6], "exit_code")), ("exited".into(), "3".into()));
    assert_eq!(told(&results[6], "logs"), "bye\n");
    assert_eq!(
        told(&results[7], "stdout"),
        "failed: `ended` does not run: it ended with exit code 3; its last words: bye"
    );
    assert_eq!((told(&results[8], "state"), told(&results[8], "exit_code")), ("exited".into(), "127".into()));
    assert_eq!(told(&results[9], "missing"), "none");
    assert_eq!(told(&results[10], "speaks"), "http");
}

async fn what_a_service_has_is_known(engine: Engine) {
    let file = r#"
services:
  web:
    image: "python:3.11-slim"
    command: [sh, -c, "echo I am here; sleep 600"]
    ports: ["8000:5000"]
    networks: [back]
    volumes: ["data:/data:ro", "/cache"]
volumes: { data: }
networks: { back: }
"#;
    let (stack, facts) = stack::up(&engine, file).await;
    let value = |name: &str| {
        let fact = facts.at(&["stack", "services", "web", name]).unwrap_or_else(|| panic!("no {name}"));
        grader::facts::json::value(fact).to_string()
    };
    assert_eq!(value("logs"), r#""I am here\n""#);
    assert_eq!(value("networks"), r#"["back"]"#);
    assert_eq!(value("ports"), "[5000]");
    let mounts = value("mounts");
    assert!(mounts.contains(r#"{"read_only":true,"target":"/data","type":"volume","volume":"data"}"#), "{mounts}");
    stack.down().await.unwrap();
}

async fn a_build_sees_the_secrets_of_its_challenge(_: Engine) {
    let dockerfile = "FROM debian:bookworm-slim\nRUN --mount=type=secret,id=token \\\n    \
        test \"$(wc -c < /run/secrets/token)\" = 7 && echo done > /file # CASE\n";
    // A secret is no part of the build cache's key, so each case has its own command.
    let challenge = |secrets: &str| {
        format!(
            "id: task\ntitle: Task\nabout: A task.\nsubject: {{ {secrets} }}\nchecks:\n  - id: secret\n    title: Secret\n    \
             points: 1\n    why: It is.\n    hints: [How?]\n    try:\n      - leaks: {{ value: dummy-7 }}\n        \
             expect: [{{ leaks: {{ empty: true }}, message: It is in the image. }}]\n"
        )
    };
    for (secrets, expected, note) in
        [("secrets: { token: dummy-7 }", 0, false), ("secrets: { other: dummy-7 }", 1, false), ("context: .", 1, true)]
    {
        let folder = crate::common::folder(&[
            ("work/Dockerfile", &dockerfile.replace("CASE", &secrets.replace("dummy-7", ""))),
            ("task/challenge.yaml", &challenge(secrets)),
        ]);
        let args = ["check", "work", "--challenge", "task", "--format", "plain"];
        let (code, stdout, stderr) = crate::common::grader(folder.path(), &args);
        assert_eq!(code, expected, "{secrets}\n{stdout}{stderr}");
        assert_eq!(stdout.contains("the mount is empty"), note, "{secrets}\n{stdout}");
    }
}
