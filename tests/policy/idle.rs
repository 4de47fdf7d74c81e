//! Services of profiles that nobody starts: what would be refused of them is only said, but for what Compose reads.

use super::stand::{load, stand};
use grader::policy;
use grader::policy::Policy;

/// A service that runs, and one of a profile with this line, on line 7.
fn profiled(line: &str) -> String {
    format!("services:\n  api:\n    image: x\n  tool:\n    image: y\n    profiles: [debug]\n    {line}\n")
}

#[test]
fn what_would_be_refused_of_a_service_that_nothing_starts_is_only_said() {
    let stand = stand();
    for (line, words) in [
        (
            "volumes: ['/sys:/sys:ro']",
            "`volumes` of the service `tool` would not be run here, but nothing starts `tool`: it names",
        ),
        ("privileged: true", "power over the machine"),
        ("network_mode: host", "the wall between"),
        ("deploy: {replicas: 1000}", "more than an exercise needs"),
        ("build: ..", "outside of the repository"),
        ("provider: {type: sh}", "start a program"),
    ] {
        let (refused, advised) = stand.started(&profiled(line), &[]);
        assert_eq!(refused, Vec::<String>::new(), "{line}");
        assert!(
            advised.len() == 1 && advised[0].starts_with("compose.yaml:7: ") && advised[0].contains(words),
            "{advised:?}"
        );
    }
}

#[test]
fn what_compose_reads_is_refused_though_nothing_starts_the_service() {
    let stand = stand();
    for line in [
        "env_file: /etc/passwd",
        "env_file: [{path: ../x}]",
        "env_file: sparse",
        "label_file: /etc/passwd",
        "extends: {file: ../x.yaml, service: y}",
        "surprise: 1",
        "image: !!binary eA==",
    ] {
        let (refused, _) = stand.started(&profiled(line).replace("    image: y\n", ""), &[]);
        assert!(refused.len() == 1 && refused[0].starts_with("compose.yaml:6: "), "{line}: {refused:?}");
    }
    let secret = profiled("secrets: [s]") + "secrets: {s: {file: /etc/shadow}}\n";
    assert_eq!(stand.started(&secret, &[]).0.len(), 1);
}

#[test]
fn what_runs_by_any_way_is_refused() {
    let stand = stand();
    let hidden = "services:\n  tool:\n    image: y\n    profiles: [debug]\n    privileged: true\n";
    let ours = "services:\n  api:\n    image: x\n";
    for (file, others) in [
        // extended from the same file, and from another one
        (hidden.to_owned() + "  api: {extends: tool}\n", vec![]),
        (hidden.to_owned() + "  api: {extends: {service: '${NAME:-tool}'}}\n", vec![]),
        ("services: {api: {extends: {file: app/x.yaml, service: tool}}}\n".to_owned(), vec![("app/x.yaml", hidden)]),
        // an anchor, and a merge
        (hidden.replace("tool:", "tool: &tool") + "  api: {<<: *tool, profiles: []}\n", vec![]),
        // the profile is taken away by the override
        (hidden.to_owned(), vec![("compose.override.yaml", "services: {tool: {profiles: !reset null}}")]),
        (hidden.to_owned(), vec![("compose.override.yaml", "services: {tool: {profiles: !override []}}")]),
        // the file that includes it says the same service without a profile, or the included one does
        (format!("include: [app/x.yaml]\n{ours}    privileged: true\n"), vec![("app/x.yaml", hidden)]),
        (hidden.replace("    profiles: [debug]\n", "    profiles: []\n"), vec![]),
    ] {
        let others: Vec<(&str, &str)> = others;
        let (refused, _) = stand.started(&file, &others);
        assert!(refused.iter().any(|it| it.contains("power over the machine")), "{file}: {refused:?}");
    }
}

#[test]
fn what_compose_starts_all_the_same_is_refused_in_its_model() {
    let stand = stand();
    let file = profiled("privileged: true").replace("image: x\n", "image: x\n    depends_on: [tool]\n");
    let mut compose = load(&file, &[]);
    compose.activate(&[]);
    let model = r#"{"services":{"api":{"image":"x"},"tool":{"image":"y","profiles":["debug"],"privileged":true}}}"#;
    let refused = policy::resolved(&Policy::built_in(), model, &compose, &stand.root).refused;
    assert!(refused.len() == 1 && refused[0].message.contains("power over the machine"), "{refused:?}");
}

#[test]
fn no_advice_hides_what_is_refused() {
    let stand = stand();
    let many = format!("cap_add: [{}]", "SYS_ADMIN, ".repeat(40));
    let file = profiled(&many) + "  z:\n    image: x\n    privileged: true\n";
    let (refused, advised) = stand.started(&file, &[]);
    assert!(refused.len() == 1 && refused[0].starts_with("compose.yaml:10: "), "{refused:?}");
    assert_eq!(advised.len(), 20);
    // A profile that is started is no excuse.
    let mut compose = load(&file, &[]);
    compose.activate(&["debug".to_owned()]);
    assert!(policy::written(&Policy::built_in(), &compose, &stand.root).refused.len() > 2);
}
