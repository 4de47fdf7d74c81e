//! Compose files → model → facts, and what the policy refuses of them. In several pieces: `compose.yaml`, `.env`,
//! `compose.override.yaml`, and `other.yaml` for those that include or extend it.

use super::{facts, pieces};
use grader::compose::{self, Compose};
use grader::outcome::Finding;
use grader::policy;
use grader::policy::Policy;
use grader::yaml::{self, Node};
use std::path::Path;

const FILES: [&str; 4] = ["compose.yaml", ".env", "compose.override.yaml", "other.yaml"];

/// Reads them.
pub fn run(data: &[u8]) {
    let pieces = pieces::cut(data);
    let counts: Vec<usize> = pieces.iter().map(|piece| facts::yaml_lines(piece)).collect();
    let number = |path: &str| FILES.iter().position(|name| *name == path.strip_prefix("./").unwrap_or(path));
    let file = |path: &str| pieces.get(number(path)?).copied();
    let mut compose = compose::load(None, &|path| Ok(file(path).map(<[u8]>::to_vec))).expect("there is a file");
    // A file that is named and not there is told by its name.
    let missing: Vec<String> =
        compose.files.iter().filter(|file| file.tree.is_none()).map(|file| file.path.clone()).collect();
    let lines = |path: &str| {
        let count = number(path).and_then(|number| counts.get(number).copied());
        count.or_else(|| missing.iter().any(|missing| missing == path).then_some(1))
    };
    facts::check(&grader::facts::compose::collect(Some(&compose), &[]), &lines);
    for problem in &compose.problems {
        facts::place(&problem.message, &problem.place, &lines);
        assert!(!problem.message.is_empty());
    }
    for name in compose.project.services.keys().take(20) {
        facts::place(name, &compose.place_of(&["services", name, "build", "context"]), &lines);
    }
    judge(&compose, pieces[0], &lines);
    compose.activate(&["*".to_owned()]);
    compose.activate(&["dev".to_owned()]);
    facts::check(&grader::facts::compose::collect(Some(&compose), &[]), &lines);
}

/// What the policy says of the files, and of the first of them as if Compose had resolved it.
fn judge(compose: &Compose, first: &[u8], lines: &dyn Fn(&str) -> Option<usize>) {
    let root = Path::new(env!("CARGO_MANIFEST_DIR"));
    let policy = Policy::built_in();
    let written = policy::written(&policy, compose, root).refused;
    let resolved = policy::resolved(&policy, &String::from_utf8_lossy(first), compose, root).refused;
    for Finding { message, place, .. } in written.iter().chain(&resolved) {
        facts::place(message, place.as_ref().expect("a refusal has a place"), lines);
        assert!(!message.is_empty());
    }
    // What can't be read is refused as that.
    let is_read = compose.files.iter().all(|file| file.tree.is_some());
    let Some(tree) = yaml::parse(first).ok().filter(|_| is_read) else { return };
    if let Some(danger) = danger(&tree) {
        assert!(!written.is_empty(), "`{danger}` is let through as written");
        assert!(!resolved.is_empty(), "`{danger}` is let through as resolved");
    }
}

/// What is dangerous whatever stands around it, looked for in the plainest way.
fn danger(tree: &Node) -> Option<&str> {
    let services = tree.get("services")?.as_map()?;
    services.iter().flat_map(|service| service.value.as_map().unwrap_or_default()).find_map(|entry| {
        let text = entry.value.text();
        let dangerous = match entry.key.as_str() {
            "privileged" | "use_api_socket" => text == Some("true"),
            "network_mode" | "pid" | "ipc" | "uts" | "userns_mode" | "cgroup" => text == Some("host"),
            "cap_add" => has(&entry.value, &|it| matches!(it, "ALL" | "SYS_ADMIN" | "NET_ADMIN" | "SYS_PTRACE")),
            "security_opt" => has(&entry.value, &|it| it.ends_with("unconfined")),
            "devices" | "device_cgroup_rules" | "volumes_from" => has(&entry.value, &|it| !it.is_empty()),
            "volumes" => entry.value.as_seq().is_some_and(|items| items.iter().any(is_host_path)),
            _ => false,
        };
        dangerous.then_some(entry.key.as_str())
    })
}

fn has(list: &Node, fits: &dyn Fn(&str) -> bool) -> bool {
    list.as_seq().is_some_and(|items| items.iter().any(|item| item.text().is_some_and(fits)))
}

fn is_host_path(item: &Node) -> bool {
    item.text().is_some_and(|text| {
        ["/:/", "/etc:/", "/var/run/docker.sock:/", "../..:/"].iter().any(|it| text.starts_with(it))
    })
}
