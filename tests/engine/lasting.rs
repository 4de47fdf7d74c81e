//! What is to run is looked at until the end of the run: what ends, restarts or turns unhealthy after it was well fails,
//! for every check that says it runs, and for what hangs on that.

use crate::changing::graded;
use grader::engine::Engine;

tests![
    a_container_that_ends_after_it_was_well_fails_its_check_and_those_that_need_it,
    services_have_to_stay_what_they_were,
];

const DOCKERFILE: &str = "FROM debian:bookworm-slim\nCMD [\"sh\", \"-c\", \"sleep 6; echo the end; exit 3\"]\n";

async fn a_container_that_ends_after_it_was_well_fails_its_check_and_those_that_need_it(_: Engine) {
    let challenge = r"
subject: { dockerfile: Dockerfile }
checks:
  - id: runs
    title: Runs
    why: W.
    hints: [H, H]
    points: 1
    expect: [{ container.state: running, message: It ends. }]
  - id: echoes
    title: Echoes
    why: W.
    hints: [H, H]
    needs: [runs]
    points: 1
    try:
      - exec: { command: [echo, hi] }
        expect: [{ stdout: { matches: hi }, message: No echo. }]
  - id: builds
    title: Builds
    why: W.
    hints: [H, H]
    points: 1
    expect: [{ image.builds: true, message: No image. }]
";
    let found = graded(challenge, &[("Dockerfile", DOCKERFILE)]);
    assert!(
        found["runs"].starts_with("failed; It ends. the container ended by itself with exit code 3 after "),
        "{found:?}"
    );
    assert!(found["runs"].contains("; its last words: the end exited @ Dockerfile:2"), "{found:?}");
    assert_eq!(found["echoes"], "skippedit needs “Runs” first");
    assert_eq!(found["builds"], "passed");
}

async fn services_have_to_stay_what_they_were(_: Engine) {
    // `ill` counts its own probes, so that it is well at first however far apart a slow host's are. Whether it is seen then
    // hangs on the host, too.
    let compose = r#"
x-base: &base { image: debian:bookworm-slim, init: true }
services:
  steady: { <<: *base, command: [sleep, "600"] }
  ends: { <<: *base, command: [sh, -c, "sleep 5; echo bye; exit 4"] }
  returns: { <<: *base, restart: always, command: [sh, -c, "sleep 6; exit 5"] }
  ill:
    <<: *base
    command: [sleep, "600"]
    healthcheck:
      test: [CMD-SHELL, "echo >> /tmp/n; [ $$(wc -l < /tmp/n) -lt 2 ]"]
      interval: 300ms
      retries: 1
  job: { <<: *base, command: [sleep, "3"] }
"#;
    let check = |service: &str| {
        format!(
            "  - id: {service}\n    title: T\n    why: W.\n    hints: [H, H]\n    points: 1\n    \
             expect: [{{ stack.services.{service}.ready: true, message: Not. }}]\n"
        )
    };
    let checks: String = ["steady", "ends", "returns", "ill", "job"].map(check).concat();
    // What needs the container as well hangs on both last looks.
    let checks = checks.replacen("id: ends\n    title: T\n", "id: ends\n    title: T\n    needs: [runs]\n", 1);
    let runs = "  - id: runs\n    title: T\n    why: W.\n    hints: [H, H]\n    points: 1\n    \
                expect: [{ container.state: running, message: Not. }]\n";
    let looks = format!("subject: {{ dockerfile: Dockerfile }}\nchecks:\n{runs}{checks}");
    // A step that changes the stack comes after the last look at it as it was.
    let changes = "  - id: changes\n    title: T\n    why: W.\n    hints: [H, H]\n    points: 1\n    try:\n      \
                   - compose: restart steady\n      - compose: stop ends\n        expect: [{ stack.services.steady.ready: true, message: Not. }]\n";
    for challenge in [looks.clone(), looks + changes] {
        let found = graded(
            &challenge,
            &[("compose.yaml", compose), ("Dockerfile", "FROM debian:bookworm-slim\nCMD [\"sleep\", \"600\"]\n")],
        );
        assert_eq!((found["steady"].as_str(), found["job"].as_str()), ("passed", "passed"), "{found:?}");
        for (name, why) in [
            ("ends", "exited with 4; its last words: bye"),
            ("returns", "ran at first, then exited with 5, and Docker restarted it"),
            ("ill", ""),
        ] {
            assert!(found[name].starts_with(&format!("failed; Not.  `{name}` {why}")), "{found:?}");
        }
        assert!(found["ill"].contains("turned unhealthy"), "{found:?}");
    }
}
