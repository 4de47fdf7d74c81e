//! Steps on a running stack: what services answer, what is kept of it, and why nothing comes back.

use crate::stack::{bring_up, repository};
use grader::engine::Engine;
use grader::language::condition::{Condition, Expectation};
use grader::language::matcher::{Literal, Matcher};
use grader::steps::compose::{ComposeAction, StackChange};
use grader::steps::http::Http;
use grader::steps::{Capture, Step, StepRunner, StepTarget};
use std::collections::BTreeMap;
use std::time::Duration;

tests![answers_are_kept_and_compared_across_a_restart, silence_is_told_kindly,];

/// Counts its requests; the count starts at 5 again with every start.
const COUNTER: &str = r"
import http.server, json
count = 5
class Handler(http.server.BaseHTTPRequestHandler):
    def do_GET(self):
        global count
        count += 1
        self.send_response(200 if self.path.startswith('/count') else 404)
        self.end_headers()
        self.wfile.write(json.dumps({'count': count, 'path': self.path}).encode())
http.server.HTTPServer(('0.0.0.0', 5000), Handler).serve_forever()
";

fn get(service: &str, port: Option<u16>, path: &str, retry_for: u64, expect: Vec<(&[&str], Matcher)>) -> Step {
    let expect = expect.into_iter().map(|(path, matcher)| {
        Expectation::from(Condition::Fact(path.iter().map(|&part| part.to_owned()).collect(), matcher))
    });
    Step {
        action: Box::new(Http {
            target: StepTarget::Service(service.into()),
            port,
            method: "GET".into(),
            path: path.into(),
            headers: BTreeMap::new(),
            body: None,
            timeout: None,
            retry_for: Duration::from_secs(retry_for),
        }),
        expect: expect.collect(),
        capture: BTreeMap::new(),
        points: None,
    }
}

async fn answers_are_kept_and_compared_across_a_restart(engine: Engine) {
    let file = r#"
services:
  web: {image: "python:3.11-slim", command: [python, /repo/app.py], volumes: [".:/repo:ro"], ports: ["9:9", "5000:5000"]}
"#;
    let (folder, compose) = repository(&[("compose.yaml", file), ("app.py", COUNTER)]);
    let mut stack = bring_up(&engine, folder.path(), &compose).await;
    let keep = |step: Step, name: &str, path: &str| Step {
        capture: [(name.to_owned(), Capture::Fact(vec!["json".to_owned(), path.to_owned()]))].into(),
        ..step
    };
    let count: &[&str] = &["json", "count"];
    let restart = Step {
        action: Box::new(StackChange { what: ComposeAction::Restart("api".into()), within: None }),
        expect: vec![],
        capture: BTreeMap::new(),
        points: None,
    };
    let steps = [
        keep(get("api", None, "/count", 30, vec![(&["status"], Matcher::Equals(Literal::Int(200)))]), "first", "count"),
        get("api", Some(5000), "/count/{first}", 30, vec![(count, Matcher::Above(Literal::Captured("first".into())))]),
        keep(get("api", Some(5000), "/other", 0, vec![]), "gone", "no_such"),
        restart,
        get("api", Some(5000), "/count", 30, vec![(count, Matcher::Above(Literal::Int(7)))]),
        get("api", Some(80), "/count", 0, vec![]),
        get("db", None, "/", 0, vec![]),
        get("redis", None, "/", 0, vec![]),
    ];
    let roles = [
        ("api".to_owned(), Ok("web".to_owned())),
        ("redis".to_owned(), Err("no service has an image that fits `redis*`".to_owned())),
    ];
    let results = StepRunner::new(&engine, Some(&mut stack), &roles.into(), None, &|_| ()).run(&steps).await;
    let shown: Vec<String> = results
        .iter()
        .map(|result| {
            assert_eq!(result.error, None);
            let fact = |name: &str| result.facts.get(name).and_then(|fact| fact.value()).map(ToString::to_string);
            let failed = result.failed.as_ref();
            let because = failed.and_then(|fact| fact.because.clone()).unwrap_or_default();
            let place = failed.and_then(|fact| fact.place.as_ref()).map(ToString::to_string).unwrap_or_default();
            format!("{} {} {because} {place}", fact("status").unwrap_or_default(), fact("json").unwrap_or_default())
        })
        .collect();
    assert_eq!(
        shown,
        [
            "200 count: 6, path: /count  ",
            "200 count: 7, path: /count/6  ",
            r#"404 count: 8, path: /other the answer has no `no_such`; it has the status 404 and says {"count": 8, "path": "/other"} compose.yaml:3"#,
            "   ",
            "200 count: 8, path: /count  ",
            "  `web` does not publish its port 80, only 9, 5000 compose.yaml:3",
            "  there is no service `db` ",
            "  no service has an image that fits `redis*` ",
        ]
    );
    stack.down().await.unwrap();
}

async fn silence_is_told_kindly(engine: Engine) {
    let file = r#"
services:
  inward:
    image: python:3.11-slim
    command: [python, -m, http.server, "5000", --bind, 127.0.0.1]
    ports: [5000]
  closed: {image: "redis:7-alpine"}
  redis: {image: "redis:7-alpine", ports: [6379]}
  ended: {image: "redis:7-alpine", command: [sh, -c, "echo no config; exit 1"], ports: [80]}
  shut_in: {image: "redis:7-alpine", ports: [6379], networks: [back]}
networks: {back: {internal: true}}
"#;
    let (folder, compose) = repository(&[("compose.yaml", file)]);
    let mut stack = bring_up(&engine, folder.path(), &compose).await;
    let steps =
        ["inward", "closed", "redis", "ended", "shut_in"].map(|service| get(service, None, "/health", 0, vec![]));
    let results = StepRunner::new(&engine, Some(&mut stack), &BTreeMap::new(), None, &|_| ()).run(&steps).await;
    let because: Vec<_> =
        results.iter().map(|result| result.failed.as_ref().unwrap().because.clone().unwrap()).collect();
    assert_eq!(
        because[0],
        "`inward` publishes port 5000, but nothing answers there; inside a container the application has to listen on \
         0.0.0.0, not on 127.0.0.1, and on that port"
    );
    assert_eq!(because[1], "`closed` publishes no port; add `ports:` to it");
    assert!(
        because[2].starts_with("`redis` publishes port 6379, but nothing answers there")
            || because[2].contains("does not speak HTTP"),
        "{}",
        because[2]
    );
    assert!(because[4].starts_with("`shut_in` has `ports:`, but Docker publishes none"), "{}", because[4]);
    assert_eq!(because[3], "`ended` exited with 1; its last words: no config");
    stack.down().await.unwrap();
}
