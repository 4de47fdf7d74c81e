//! The model that Compose made of the files is looked at again: variables may have become anything.

use super::stand::{load, stand};

/// What a variable may turn a harmless line into: the line, and what Compose makes of it.
const TURNED: &[(&str, &str, &str)] = &[
    ("privileged", "true", "power over the machine"),
    ("cap_add", "[\"SYS_ADMIN\"]", "power over the machine"),
    ("devices", "[{\"source\":\"/dev/sda\",\"target\":\"/x\",\"permissions\":\"rwm\"}]", "a device of the machine"),
    ("gpus", "[{\"count\":-1}]", "a device of the machine"),
    ("network_mode", "\"host\"", "the wall between"),
    ("network_mode", "\"container:x\"", "the wall between"),
    ("pid", "\"host\"", "the wall between"),
    ("ipc", "\"host\"", "the wall between"),
    ("uts", "\"host\"", "the wall between"),
    ("userns_mode", "\"host\"", "the wall between"),
    ("cgroup", "\"host\"", "the wall between"),
    ("security_opt", "[\"seccomp=unconfined\"]", "power over the machine"),
    ("sysctls", "{\"kernel.shmmax\":\"1\"}", "the machine's kernel"),
    ("ulimits", "{\"nofile\":{\"soft\":1,\"hard\":999999999}}", "more than an exercise needs"),
    ("ulimits", "{\"rtprio\":99}", "the machine's kernel"),
    ("shm_size", "\"68719476736\"", "more than an exercise needs"),
    ("scale", "1e9", "more than an exercise needs"),
    ("shm_size", "\"0x7fffffffffff\"", "more than an exercise needs"),
    ("scale", "1000", "more than an exercise needs"),
    ("deploy", "{\"replicas\":1000,\"resources\":{},\"placement\":{}}", "more than an exercise needs"),
    ("deploy", "{\"resources\":{\"reservations\":{\"devices\":[{\"capabilities\":[\"gpu\"]}]}}}", "a device"),
    ("volumes", "[{\"type\":\"bind\",\"source\":\"/etc\",\"target\":\"/x\"}]", "outside of the repository"),
    ("volumes", "[{\"type\":\"bind\",\"source\":\"/var/run\",\"target\":\"/x\"}]", "holds Docker's socket"),
    ("volumes", "[{\"type\":\"bind\",\"source\":\"/var/run/docker.sock\",\"target\":\"/x\"}]", "holds Docker's socket"),
    (
        "volumes",
        "[{\"type\":\"bind\",\"source\":\"/etc/localtime\",\"target\":\"/x\"}]",
        "could change the machine's time zone",
    ),
    ("volumes_from", "[\"container:x\"]", "the wall between"),
    ("build", "{\"context\":\"/\",\"dockerfile\":\"Dockerfile\"}", "outside of the repository"),
    (
        "build",
        "{\"context\":\"https://github.com/x/y.git\",\"dockerfile\":\"Dockerfile\"}",
        "outside of the repository",
    ),
    ("build", "{\"context\":\"ROOT\",\"dockerfile\":\"../x\"}", "outside of the repository"),
    ("build", "{\"context\":\"ROOT/link\"}", "outside of the repository"),
    ("build", "{\"context\":\"ROOT\",\"args\":{\"BUILDKIT_SYNTAX\":\"evil/x\"}}", "somebody else wrote"),
    ("build", "{\"context\":\"ROOT\",\"additional_contexts\":{\"x\":\"/etc\"}}", "outside of the repository"),
    ("logging", "{\"driver\":\"syslog\"}", "somewhere else"),
    ("volumes", "[{\"type\":\"image\",\"source\":\"10.0.0.1/x\",\"target\":\"/x\"}]", "private network"),
    ("post_start", "[{\"command\":[\"x\"],\"privileged\":true}]", "power over the machine"),
    ("made_up", "1", "isn't a key"),
];

#[test]
fn what_variables_turn_into_is_refused_at_their_line() {
    let stand = stand();
    for (key, value, words) in TURNED {
        let compose = load(&format!("services:\n  api:\n    image: x\n    {key}: ${{NONE}}\n"), &[]);
        let value = value.replace("ROOT", &stand.root.display().to_string());
        let model = format!(r#"{{"name":"p","services":{{"api":{{"command":null,"image":"x","{key}":{value}}}}}}}"#);
        let found = stand.resolved(&model, &compose);
        assert_eq!(found.len(), 1, "{model}: {found:?}");
        assert!(found[0].starts_with("compose.yaml:4: ") && found[0].contains(words), "{model}: {found:?}");
    }
}

#[test]
fn an_image_that_variables_make_of_this_machine_is_refused() {
    let stand = stand();
    let compose = load("services:\n  api:\n    image: ${NONE}\n", &[]);
    let judge = |service: &str| stand.resolved(&format!(r#"{{"services":{{"api":{service}}}}}"#), &compose);
    let near = judge(r#"{"image":"127.0.0.1:5000/x"}"#);
    assert!(near.len() == 1 && near[0].starts_with("compose.yaml:3: `image` of the service `api`"), "{near:?}");
    assert_eq!(judge(r#"{"image":"127.0.0.1:5000/x","build":{"context":"."}}"#), Vec::<String>::new());
    assert_eq!(judge(r#"{"image":"redis:7-alpine"}"#), Vec::<String>::new());
    let shared = r#"{"image":"10.0.0.1/x"},"web":{"image":"10.0.0.1/x","build":{"context":"."}}"#;
    assert_eq!(judge(shared), Vec::<String>::new());
    assert_eq!(judge(&shared.replace("{\"context\":\".\"}", "null")).len(), 2);
}

#[test]
fn what_lies_beside_the_services_is_looked_at_again() {
    let stand = stand();
    for (section, value, words) in [
        ("volumes", "{\"driver_opts\":{\"type\":\"tmpfs\",\"o\":\"bind\",\"device\":\"/\"}}", "outside of the repo"),
        ("volumes", "{\"driver_opts\":{\"type\":\"tmpfs\",\"device\":\"x\"}}", "counts for no container"),
        ("volumes", "{\"name\":\"x\",\"external\":true}", "outside of this Compose file"),
        ("volumes", "{\"driver\":\"nfs\"}", "reaches beyond"),
        ("networks", "{\"driver\":\"macvlan\"}", "reaches beyond"),
        ("networks", "{\"name\":\"x\",\"external\":true}", "outside of this Compose file"),
        ("secrets", "{\"file\":\"/etc/shadow\"}", "outside of the repository"),
        ("secrets", "{\"environment\":\"TOKEN\"}", "environment of whoever"),
        ("configs", "{\"file\":\"ROOT/link/passwd\"}", "outside of the repository"),
    ] {
        let compose = load(&format!("services: {{}}\n{section}:\n  a: {{}}\n"), &[]);
        let value = value.replace("ROOT", &stand.root.display().to_string());
        let found = stand.resolved(&format!(r#"{{"{section}":{{"a":{value}}}}}"#), &compose);
        assert_eq!(found.len(), 1, "{section} {value}: {found:?}");
        assert!(found[0].starts_with("compose.yaml:3: ") && found[0].contains(words), "{found:?}");
    }
}

#[test]
fn ranges_of_ports_are_counted_as_compose_reads_them() {
    let stand = stand();
    let compose = load("services:\n  api:\n    image: x\n    ports: ['1-60000:1-60000']\n", &[]);
    let ports: Vec<String> = (1..=51).map(|port| format!(r#"{{"mode":"ingress","target":{port}}}"#)).collect();
    let model =
        |count: usize| format!(r#"{{"services":{{"api":{{"image":"x","ports":[{}]}}}}}}"#, ports[..count].join(","));
    assert_eq!(stand.resolved(&model(50), &compose), Vec::<String>::new());
    assert_eq!(
        stand.resolved(&model(51), &compose),
        [
            "compose.yaml:4: `ports` of the service `api` is not allowed here: so many ports are more than an exercise needs"
        ]
    );
}

#[test]
fn what_stays_inside_passes() {
    let stand = stand();
    let compose = load("services:\n  api:\n    image: x\n    volumes:\n      - ${WHERE}:/x\n", &[]);
    assert_eq!(
        stand.written("services:\n  api:\n    image: x\n    volumes:\n      - ${WHERE}:/x\n", &[]),
        Vec::<String>::new()
    );
    let mount = |source: &str| {
        format!(
            r#"{{"services":{{"api":{{"volumes":[{{"type":"bind","source":"{source}","target":"/x","bind":{{"create_host_path":true}}}}]}}}}}}"#
        )
    };
    let inside = stand.root.join("app").display().to_string();
    assert_eq!(stand.resolved(&mount(&inside), &compose), Vec::<String>::new());
    // A `$` of a path is written twice in the model.
    assert_eq!(stand.resolved(&mount(&format!("{inside}/$$x/../../../y")), &compose).len(), 1);
    assert!(stand.resolved(&mount("/etc"), &compose)[0].starts_with("compose.yaml:5: "));
    let time = r#"{"services":{"api":{"volumes":[{"type":"bind","source":"/etc/localtime","target":"/etc/localtime","read_only":true}]}}}"#;
    assert_eq!(stand.resolved(time, &compose), Vec::<String>::new());
    assert_eq!(
        stand.resolved("{", &compose),
        ["compose.yaml: What Compose makes of compose.yaml is more than is run: this `{` is never closed"]
    );
}
