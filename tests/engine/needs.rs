//! What services need to start: images, ends of others, limits of their own.

use super::stack::{repository, told, up};
use grader::engine::Engine;
use grader::engine::stack::{Stack, StackRequest, prepare};
use grader::outcome::Fault;

tests![
    images_that_are_not_there_are_told_by_their_line,
    what_others_wait_for_the_end_of_has_only_to_end_well,
    an_image_that_a_service_builds_is_not_asked_for,
    services_with_limits_of_their_own_start,
];

async fn images_that_are_not_there_are_told_by_their_line(engine: Engine) {
    let (folder, compose) = repository(&[("compose.yaml", "services:\n  api:\n    image: 'Not A Name'\n")]);
    let request = StackRequest { compose: &compose, root: folder.path() };
    match prepare(&engine, &request, &|_| ()).await {
        Err(Fault::Learner(findings)) => {
            assert_eq!(findings[0].place.as_ref().unwrap().to_string(), "compose.yaml:3");
        }
        other => panic!("{other:?}"),
    }
}

async fn what_others_wait_for_the_end_of_has_only_to_end_well(engine: Engine) {
    let (stack, facts) = up(
        &engine,
        r#"
services:
  api: {image: "redis:7-alpine", depends_on: {migrate: {condition: service_completed_successfully}}}
  migrate:
    image: redis:7-alpine
    command: [sleep, "1"]
    ports: ["6379"]
    healthcheck: {test: redis-cli ping, interval: 1s}
"#,
    )
    .await;
    for name in ["stack.up", "stack.services.api.ready", "stack.services.migrate.ready"] {
        assert!(told(&facts, name).starts_with("true"), "{name}: {}", told(&facts, name));
    }
    stack.down().await.unwrap();
}

async fn an_image_that_a_service_builds_is_not_asked_for(engine: Engine) {
    let file = r#"
services:
  migrate: {image: not-to-be-pulled, command: [sleep, "60"], depends_on: [api]}
  api: {build: app, image: not-to-be-pulled, command: [sleep, "60"]}
"#;
    let (folder, compose) = repository(&[("compose.yaml", file), ("app/Dockerfile", "FROM redis:7-alpine\n")]);
    let request = StackRequest { compose: &compose, root: folder.path() };
    let prepared = prepare(&engine, &request, &|_| ()).await;
    let Ok(plan) = prepared else { panic!("not prepared: {prepared:?}") };
    assert_eq!(plan.builds["migrate"], plan.builds["api"]);
    let images = ["api", "migrate"].map(|name| (name.to_owned(), "redis:7-alpine".to_owned())).into();
    let stack = Stack::launch(plan, &engine, &images, &|_| ()).await.unwrap();
    assert!(stack.states().values().all(grader::engine::stack::State::is_ready), "{:?}", stack.states());
    stack.down().await.unwrap();
}

async fn services_with_limits_of_their_own_start(engine: Engine) {
    let (stack, facts) = up(
        &engine,
        r#"
services:
  some: {image: "redis:7-alpine", deploy: {resources: {limits: {cpus: "0.5", memory: 64M}}}}
  one: {image: "redis:7-alpine", deploy: {resources: {limits: {pids: 50}, reservations: {memory: 16M}}}}
  none: {image: "redis:7-alpine", mem_limit: 64M, cpus: 0.5}
"#,
    )
    .await;
    for name in ["some", "one", "none"] {
        let ready = told(&facts, &format!("stack.services.{name}.ready"));
        assert!(ready.starts_with("true"), "{ready} {}", told(&facts, "stack.up"));
    }
    stack.down().await.unwrap();
}
