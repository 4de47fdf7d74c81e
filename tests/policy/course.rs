//! A course's own policy, laid over the built-in one; what is wrong in it; and `--trust`.

use super::stand::{load, stand};
use grader::policy;
use grader::policy::Policy;

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
    // What is read key by key is what is read as a whole.
    let built_in = Policy::built_in();
    assert!(policy.sections.keys().eq(built_in.sections.keys()));
    for (name, section) in &policy.sections {
        let keys = &built_in.sections[name];
        assert!(section.keys().eq(keys.keys()), "{name}");
        for (key, rules) in section {
            assert_eq!(format!("{:?}", rules.as_slice()), format!("{:?}", keys[key].as_slice()), "{name}: {key}");
        }
    }
    assert!(policy.dangers.keys().eq(built_in.dangers.keys()));
    for (name, danger) in &policy.dangers {
        assert_eq!(**danger, *built_in.dangers[name], "{name}");
    }
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
    insta::assert_snapshot!(of("services.<name>:\n  privleged: allow\n"), @r"
    course.yaml:2:3: unknown key `privleged`
      |
    2 |   privleged: allow
      |   ^^^^^^^^^
      = did you mean `privileged`?
    ");
    insta::assert_snapshot!(of("service.<name>:\n  privileged: allow\n"), @r"
    course.yaml:1:1: unknown kind of map `service.<name>`
      |
    1 | service.<name>:
      | ^^^^^^^^^^^^^^
      = did you mean `services.<name>`?
      = allowed here: compose, configs.<name>, context, dockerfile, include, networks.<name>, secrets.<name>, services.<name>, services.<name>.blkio_config, services.<name>.build, services.<name>.deploy, services.<name>.deploy.resources, services.<name>.deploy.resources.reservations, services.<name>.env_file, services.<name>.extends, services.<name>.logging, services.<name>.post_start, services.<name>.pre_stop, services.<name>.ulimits, services.<name>.volumes, services.<name>.volumes.bind, services.<name>.volumes.tmpfs, volumes.<name>, dangers
    ");
    insta::assert_snapshot!(of("services.<name>:\n  pid: alow\n  ipc: { refuse: mashine }\n"), @r"
    course.yaml:2:8: unknown verdict `alow`
      |
    2 |   pid: alow
      |        ^^^^
      = did you mean `allow`?
      = allowed here: allow, { refuse: … }, { advise: … }

    course.yaml:3:18: unknown danger `mashine`
      |
    3 |   ipc: { refuse: mashine }
      |                  ^^^^^^^
      = did you mean `machine`?
      = allowed here: build, clock, context, device, download, driver, foreign, frontend, gateway, hidden, host, kernel, keys, label, logs, machine, many, memory, model, near, outside, ports, program, secret, size, socket, trigger
    ");
    insta::assert_snapshot!(of("services.<name>:\n  volumes: { refuse: outside, when: mount-outsid }\n"), @r"
    course.yaml:2:37: unknown question `mount-outsid`
      |
    2 |   volumes: { refuse: outside, when: mount-outsid }
      |                                     ^^^^^^^^^^^^
      = did you mean `mount-outside`?
      = allowed here: file-outside, file-huge, path-outside, context-outside, dockerfile-outside, registry-near, context-near, mount-near, mount-outside, mount-clock, mount-socket, mount-shared, foreign-device, ports-wide, ports-many
    ");
    insta::assert_snapshot!(of("services.<name>:\n  scale: { refuse: many, at-most: lots }\n  tty: { unles: [a] }\n"), @r"
    course.yaml:2:35: a number or a size is wanted here, such as `10` or `2GiB`
      |
    2 |   scale: { refuse: many, at-most: lots }
      |                                   ^^^^

    course.yaml:3:10: unknown key `unles`
      |
    3 |   tty: { unles: [a] }
      |          ^^^^^
      = did you mean `unless`?
      = allowed here: refuse, advise, when, unless, at-most, at-most-items

    course.yaml:3:8: either `refuse` or `advise` is wanted here
      |
    3 |   tty: { unles: [a] }
      |        ^^^^^^^^^^^^^^
    ");
    insta::assert_snapshot!(of("dangers: { own: { why: x } }\nservices.<name>: [privileged]\n"), @r"
    course.yaml:1:17: `instead` is missing here
      |
    1 | dangers: { own: { why: x } }
      |                 ^^^^^^^^^^

    course.yaml:2:18: a map of keys and what is thought of them is wanted here, not a list
      |
    2 | services.<name>: [privileged]
      |                  ^^^^^^^^^^^^
    ");
    insta::assert_snapshot!(of("services.<name>: {\n"), @r"
    course.yaml:1:18: this `{` is never closed
      |
    1 | services.<name>: {
      |                  ^
    ");
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

#[test]
fn the_example_of_the_documentation_is_a_policy() {
    let text = include_str!("../../checks/README.md");
    let lines = text.lines().skip_while(|line| !line.contains("# policy.yaml:"));
    let lines: Vec<&str> =
        lines.take_while(|line| !line.is_empty()).filter_map(|line| line.strip_prefix("    ")).collect();
    let policy = over(&lines.join("\n")).unwrap();
    assert!(lines.len() > 5);
    assert_eq!((refused(&policy, "tty: true"), refused(&policy, "shm_size: 8g")), (1, 0));
}
