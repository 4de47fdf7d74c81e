//! Steps that change the stack: what comes back, and what lasts.

use crate::stack::{bring_up, repository};
use grader::challenge::{Check, library};
use grader::engine::Engine;
use grader::engine::stack::Stack;
use grader::facts::Facts;
use grader::judge::{Inputs, StepResult, judge};
use grader::outcome::Outcome;
use grader::steps::StepRunner;
use std::collections::BTreeMap;

tests![
    a_named_volume_outlives_down_but_not_its_removal,
    services_are_stopped_started_killed_and_scaled,
    what_does_not_come_up_in_time_is_a_fact,
    a_wait_ends_when_it_holds_or_says_what_it_saw,
];

/// Counts its visits in Redis.
pub const VISITS: &str = r"
import http.server, socket
class Handler(http.server.BaseHTTPRequestHandler):
    def do_GET(self):
        if self.path == '/ready':
            self.send_response(204)
            return self.end_headers()
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
    let results = StepRunner::new(engine, Some(stack), &roles, None, &|_| ()).run(&check.steps).await;
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

async fn a_named_volume_outlives_down_but_not_its_removal(engine: Engine) {
    let (folder, compose) = repository(&[("compose.yaml", SHOP), ("app.py", VISITS)]);
    let mut stack = bring_up(&engine, folder.path(), &compose).await;
    let steps = r#"
  - http: { service: web, path: /, retry_for: 30s }
    expect: [{ body: "Hits: 1" }]
  - http: { service: web, path: / }
    capture: { hits: "Hits: (\\d+)" }
  - compose: down
    expect: [{ stack.up: false }, { stack.services.web.state: missing }, { stack.services: { each: { ready: false } } }]
  - http: { service: web, path: / }
    expect: [{ answered: false }]
  - compose: up
    expect: [{ stack.up: true }, { stack.services: { each: { ready: true } } }, { seconds: { below: 60s } }]
  # Each visit counts, so that only what does not count may be asked again and again.
  - http: { service: web, path: /ready, retry_for: 30s }
  - http: { service: web, path: / }
    expect: [{ body: "Hits: 3" }]
  - compose: down-with-volumes
  - compose: up
    expect: [{ stack.up: true }]
  - http: { service: web, path: /, retry_for: 30s }
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
    let steps = "  - http: { service: web, path: /, retry_for: 30s }\n    expect: [{ body: \"Hits: 1\" }]";
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
  - http: { service: web, path: /, retry_for: 30s }
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
    let request = grader::engine::stack::StackRequest { compose: &compose, root: folder.path() };
    let mut engine = engine;
    engine.limits.start = Some(std::time::Duration::from_secs(3));
    let Ok(plan) = grader::engine::stack::prepare(&engine, &request, &|_| ()).await else { panic!("not prepared") };
    let mut stack = Stack::launch(plan, &engine, &BTreeMap::new(), &|_| ()).await.unwrap();
    assert_eq!(
        stack.up().failed.as_deref(),
        Some(
            "`slow` was not healthy within 3 × interval 30s + timeout 30s = 2m, of which grader waits 3s; its \
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

async fn a_wait_ends_when_it_holds_or_says_what_it_saw(engine: Engine) {
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
