//! A course's own policy, laid over the built-in one; what is wrong in it; and `--trust`.

use super::stand::{load, stand};
use grader::engine::policy::{self, Policy};

fn over(text: &str) -> Result<Policy, String> {
    Policy::read("course.yaml", text.as_bytes(), Some(&Policy::built_in())).map_err(|error| error.to_string())
}

/// How many things are refused of a service with this line.
fn refused(policy: &Policy, line: &str) -> usize {
    let compose = load(&format!("services:\n  api:\n    image: x\n    {line}\n"), &[]);
    policy::written(policy, &compose, &stand().root).refused.len()
}

#[test]
fn the_built_in_policy_can_be_read() {
    let text = include_str!("../../checks/policy.yaml");
    let policy = Policy::read("checks/policy.yaml", text.as_bytes(), None).unwrap();
    assert_eq!(policy.sections.len(), Policy::built_in().sections.len());
    assert!(policy.sections.len() > 20);
    for name in policy.dangers.keys() {
        assert!(text.contains(&format!(": {name}")), "the danger `{name}` is used nowhere");
    }
}

#[test]
fn a_course_says_only_what_differs() {
    let policy = over(
        "dangers:\n  own: { why: we said so, instead: Ask us. }\nservices.<name>:\n  cap_add: { refuse: machine, unless: [SYS_PTRACE] }\n  shm_size: allow\n  tty: { refuse: own }\n  init: { refuse: { why: it hides zombies, instead: Reap them. }, when: ['true'] }\n",
    )
    .unwrap();
    for (line, count) in [
        ("cap_add: [SYS_PTRACE]", 0),
        ("cap_add: [SYS_ADMIN]", 1),
        ("shm_size: 99g", 0),
        ("tty: true", 1),
        ("init: true", 1),
        ("init: 'sometimes'", 0),
        ("privileged: true", 1),
        ("pid: host", 1),
    ] {
        assert_eq!(refused(&policy, line), count, "{line}");
    }
    assert!(over("").is_ok());
}

#[test]
fn a_wrong_policy_is_told_with_its_place_and_the_nearest_name() {
    let of = |text: &str| over(text).unwrap_err();
    insta::assert_snapshot!(of("services.<name>:\n  privleged: allow\n"), @"");
    insta::assert_snapshot!(of("service.<name>:\n  privileged: allow\n"), @"");
    insta::assert_snapshot!(of("services.<name>:\n  pid: alow\n  ipc: { refuse: mashine }\n"), @"");
    insta::assert_snapshot!(of("services.<name>:\n  volumes: { refuse: outside, when: mount-outsid }\n"), @"");
    insta::assert_snapshot!(of("services.<name>:\n  scale: { refuse: many, at-most: lots }\n  tty: { unles: [a] }\n"), @"");
    insta::assert_snapshot!(of("dangers: { own: { why: x } }\nservices.<name>: [privileged]\n"), @"");
    insta::assert_snapshot!(of("services.<name>: {\n"), @"");
}

#[test]
fn trust_lets_pass_and_says_what() {
    let trusting = Policy { is_trusting: true, ..Policy::clone(&Policy::built_in()) };
    let compose = load("services:\n  api:\n    image: x\n    privileged: true\n    pid: host\n", &[]);
    let (refused, notes) = policy::written(&trusting, &compose, &stand().root).settle(&trusting);
    assert_eq!(refused, Vec::new());
    assert_eq!(notes.len(), 2);
    assert!(
        notes[0].starts_with("let pass by --trust: compose.yaml:4: `privileged` of the service `api`"),
        "{notes:?}"
    );
}
