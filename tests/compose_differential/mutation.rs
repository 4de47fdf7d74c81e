//! Mutations of a file, each small: values of other types, keys dropped, doubled and misspelt, other words, moved
//! indentation, variables. Deterministic.

use super::oracle::Repository;
use super::seeds::Seed;
use std::collections::BTreeSet;

/// One mutated folder.
pub struct Case {
    /// The file, the number of the mutation and its kinds.
    pub name: String,
    /// The folder.
    pub repository: Repository,
}

/// As many cases as asked for, spread over the seeds.
pub fn cases(seeds: &[Seed], count: usize, seed: u64) -> Vec<Case> {
    let mut random = Random(seed.wrapping_mul(0x9e37_79b9_7f4a_7c15) | 1);
    let mut seen = BTreeSet::new();
    let mut cases = Vec::new();
    for (round, at) in (0..count * 4).map(|number| (number / seeds.len(), number % seeds.len())) {
        if cases.len() >= count {
            break;
        }
        let seed = &seeds[at];
        let (mut text, mut kinds) = (seed.repository.files[&seed.file].clone(), Vec::new());
        // The first round is of the files as they are.
        for _ in 0..if round == 0 { 0 } else { 1 + random.below(4) / 3 } {
            let (mutated, kind) = mutate(&text, &mut random);
            (text, kinds) = (mutated, { kinds.push(kind); kinds });
        }
        let mut repository = seed.repository.clone();
        repository.files.insert(seed.file.clone(), text);
        if round > 0 && random.below(40) == 0 && repository.files.remove(".env").is_some() {
            kinds.push("without .env");
        }
        if seen.insert(repository.clone()) {
            cases.push(Case { name: format!("{} {round} {}", seed.name, kinds.join(", ")), repository });
        }
    }
    cases
}

/// Numbers that look random (xorshift).
struct Random(u64);

impl Random {
    fn below(&mut self, bound: usize) -> usize {
        self.0 ^= self.0 << 13;
        self.0 ^= self.0 >> 7;
        self.0 ^= self.0 << 17;
        usize::try_from((self.0 >> 11) % bound.max(1) as u64).unwrap()
    }

    fn of<'a, T: ?Sized>(&mut self, all: &[&'a T]) -> &'a T {
        all[self.below(all.len())]
    }
}

/// Values of every type.
const VALUES: &[&str] = &[
    "", "5", "-1", "0", "3.8", "1e3", "0755", "true", "no", "null", "~", "[]", "{}", "[a]", "[a, a]", "{a: b}", "[5]", "text",
    "\"\"", "\"5\"", "'a b'", "\"a\\nb\"", "2024-01-01", "5s", "1h5m", "5 s", "512m", "5x", "80:80", "\"80:80\"", "\"a:b\"",
    "\"99999:80\"", "\"80:99999\"", "\"127.0.0.1:80:80\"", "\"80-82:80-82\"", "\"80-81:80-82\"", "./a:/b", "data:/b", "/b", "a b", "A=b",
    "[A=b, A=c]", "$A", "${A}", "${A:-b}", "${A:-5}", "${TOKEN}", "${NUMBER}", "\"${A:?no}\"", "\"${A\"", "\"${}\"", "\"$$A\"", "\"${A-}\"", "[{}]", "{}", "service_healthy",
    "service:db", "host", "always", "\"on-failure:3\"", "!reset null", "!override 5", "&x 5", "*x", "*common", "\"CMD\"", "[CMD, x]", "[NONE]",
    "[curl, x]", "'[\"CMD\"]'", ".", "..", "|\n", ">-\n", "\"a", "a: b", "- a", "@a", "%a", "`a`", "\"a \\\"b\"", "1_000", "0x1f", ".5", "1.", "1.0", "+5", "yes", "On", "2001:db8::1", "1.5", "\"1.5\"", "\"true\"", "\"yes\"", "\"-1\"",
];

/// Lines for a service.
const LINES: &[&str] = &[
    "ports: [\"5000:5000\"]", "ports: 5000:5000", "ports: [5000, \"5000\"]", "ports: [{target: 80}]", "ports: [{published: 80}]",
    "ports: [\"80:80/tpc\"]", "ports: [\"${PORT}:80\"]", "ports: [\"80:${PORT}\"]", "expose: [80, \"81-82\"]", "expose: 80", "user: 1000", "user: root", "depends_on: [nope]", "depends_on: {nope: {condition: service_healthy}}",
    "depends_on: {web: {condition: healthy}}", "depends_on: web", "depends_on: {web: }", "links: [nope]", "links: web", "volumes_from: [nope]", "network_mode: host",
    "network_mode: service:nope", "networks: [nope]", "networks: [default]", "networks: {default: }", "networks: default", "volumes: [nope:/x]", "volumes: [./x:/x, ./y:/x]", "volumes: {a: b}", "volumes: [\"/x:ro\"]",
    "volumes: [{type: bind, target: /x}]", "volumes: [{target: /x}]", "volumes: [{type: volume, source: x, target: /x}]", "environment: [A, B=, =c]", "environment: [A: b]", "environment: {A: [b]}", "environment: {A: {b: c}}", "environment: A=b",
    "environment: {1: a}", "environment: {\"1\": a}", "environment: {A: 0755, B: 1e3, C: 3.10, D: yes, E: 2024-01-01, F: 0x1f, G: 1.0}", "env_file: nope.env", "env_file: [{path: nope.env, required: false}]", "env_file: []", "env_file: {path: x}", "env_file: [{}]",
    "secrets: [nope]", "configs: [nope]", "secrets: [{source: nope}]", "profiles: [a]", "profiles: a", "profiles: []", "extends: nope", "extends: {file: nope.yaml, service: a}", "extends: {service: web}", "extends: []", "healthcheck: {test: [curl]}",
    "healthcheck: {interval: 30}", "healthcheck: {interval: 30s, retries: three}", "healthcheck: {test: true}", "healthcheck: {disable: maybe}", "healthcheck: curl", "healthcheck: {test: \"\"}", "healthcheck: {test: [CMD-SHELL, a, b]}", "healthcheck:", "restart: no", "restart: \"no\"", "restart: sometimes", "restart: [always]", "container_name: x", "container_name: 5",
    "scale: 2", "scale: two", "scale: \"2\"", "deploy: {replicas: 2}", "deploy: {replicas: many}", "deploy: {replica: 2}", "deploy:", "deploy: {resources: {limits: {memory: 5, cpus: a}}}", "deploy: {resources: {limits: {memory: 512m, cpus: 0.5}}}", "mem_limit: 512mb", "mem_limit: lots", "mem_limit: 1.5", "cpus: half", "cpus: 0.5",
    "pids_limit: 5.5", "privileged: maybe", "privileged: yes", "read_only: 1", "tty: \"true\"", "init: on", "build: .", "build: {context: .}", "build: {}", "build: []", "build: {contxt: .}", "build: {args: {A: [b]}}", "build: {args: [A, B=1]}", "build: {context: ., dockerfile: 5}", "build: {dockerfile_inline: \"FROM x\"}", "build: {dockerfile: a, dockerfile_inline: b}", "build: {context: [.]}", "build:", "build: {ssh: [default]}", "build: {secrets: [nope]}", "build: {additional_contexts: {a: service:nope}}", "build: {additional_contexts: [a=./x]}", "image:", "image: \"\"", "image: 5", "image: [a]", "image: a b", "command: \"a 'b\"", "command: [a, 5]", "command: 5", "command:", "command: {a: b}", "command: a | b",
    "entrypoint: a", "entrypoint: []", "labels: [a, b=c]", "labels: {a: }", "labels: {a: [b]}", "labels: a", "logging: {driver: x, options: {a: 5}}", "logging: x", "ulimits: {nofile: 5}", "ulimits: {nofile: {soft: 5}}", "ulimits: {nofile: a}", "ulimits: {NOFILE: 5}", "ulimits: {nofile: 5.5}", "dns: 8.8.8.8", "dns: [8.8.8.8, 8.8.8.8]", "dns: 8", "tmpfs: [/x, /x]", "tmpfs: {a: b}", "tmpfs: /x:size=5m", "stop_grace_period: 5", "stop_grace_period: 1m5s", "stop_grace_period: soon", "shm_size: 64m",
    "extra_hosts: [a]", "extra_hosts: [\"a:1.1.1.1\"]", "extra_hosts: {a: [1.1.1.1, 2.2.2.2]}", "extra_hosts: {a: 5}", "sysctls: {a: 1}", "sysctls: [a]", "cap_add: [A, A]", "cap_add: A", "devices: [a:b]", "devices: [{source: a}]", "gpus: all", "gpus: some", "platform: linux/amd64", "pull_policy: sometimes", "pull_policy: always", "develop: {watch: [{path: ., action: sync}]}", "develop: {watch: [{path: ., action: rebuild}]}", "develop: {watch: {path: .}}", "develop:", "pid: host", "pid: service:nope", "pid:", "ipc: service:nope", "uts: 5", "hostname: 5", "working_dir: 5",
    "prots: [80]", "enviroment: {A: b}", "volume: [a:/b]", "dependson: [a]", "x-foo: [${B]", "x-foo: {a: b}", "<<: {a: b}", "<<: {user: x}", "<<: 5", "<<: [{user: x}, {tty: true}]", "post_start: [{command: x}]", "post_start: [{user: x}]", "annotations: [a=b]", "attach: no", "blkio_config: {weight: 300}", "blkio_config: {weight: \"300\"}", "cgroup: host", "cgroup: x", "cpu_count: -1", "cpu_percent: 150", "cpu_shares: a", "credential_spec: {file: x}", "domainname: x", "group_add: [5, a]", "group_add: [5.5]", "mac_address: x", "memswap_limit: -1", "oom_score_adj: 2000", "storage_opt: {size: 5}", "storage_opt: {size: [5]}", "external_links: [a, a]", "label_file: nope", "runtime: 5", "security_opt: [a, a]", "stdin_open: maybe", "userns_mode: host", "isolation: 5",
];

/// Lines for the top of a file.
const TOPS: &[&str] = &[
    "version: 3.8", "version: \"3\"", "version:", "name: x", "name: 5", "name: Shop A", "name: ${A}", "volumes:", "volumes: []", "volumes: {a: 5}", "volumes: {a: {external: true, driver: x}}", "volumes: {data: , other: {}}",
    "networks:", "networks: [a]", "networks: {a: {driver: 5}}", "networks: {a: {external: {name: x}}}", "networks: {a: {ipam: {config: {}}}}", "networks: {\"a b\": }", "secrets: {a: }", "secrets: {a: {}}", "secrets: {a: {file: x, environment: Y}}", "secrets: {a: {external: true}}", "secrets: {a: {external: true, file: x}}",
    "configs: {a: {content: x}}", "configs: {a: {content: x, file: y}}", "configs: {a: {content: 5}}", "include: nope.yaml", "include: [nope.yaml]", "include: [5]", "include: []", "include: [{path: nope.yaml}]", "include: [compose.yaml]", "service: {a: {image: x}}", "x-a: 5", "x-a: &x {user: y}", "---", "...", "services: {a: {image: x}}", "5: x", "volumes: {\"a b\": }", "a", "- a", "models: [a]", "\"x\": y", "? a",
];

fn mutate(text: &str, random: &mut Random) -> (String, &'static str) {
    let mut lines: Vec<String> = text.lines().map(str::to_owned).collect();
    if lines.is_empty() {
        return ("a: b".to_owned(), "filled");
    }
    let pick = |random: &mut Random, lines: &[String]| {
        (0..20).map(|_| random.below(lines.len())).find(|at| is_meant(&lines[*at])).unwrap_or(0)
    };
    let at = pick(random, &lines);
    let kind = match random.below(14) {
        0..=3 => {
            lines[at] = other_value(&lines[at], random);
            "another value"
        }
        4 => {
            lines.remove(at);
            "a line dropped"
        }
        5 => {
            let line = lines[at].clone();
            lines.insert(at, line);
            "a line doubled"
        }
        6 => {
            let indent = lines[at].len() - lines[at].trim_start().len();
            let moved = [indent + 1, indent + 2, indent.saturating_sub(1), indent.saturating_sub(2), indent + 4][random.below(5)];
            lines[at] = format!("{}{}", " ".repeat(moved), lines[at].trim_start());
            "moved"
        }
        7 => {
            lines[at] = misspelt(&lines[at], random);
            "misspelt"
        }
        8..=10 => {
            insert(&mut lines, random);
            "a key more"
        }
        11 => {
            let place = [0, lines.len()][random.below(2)];
            lines.insert(place, random.of(TOPS).to_owned());
            "a key at the top"
        }
        12 => {
            let other = pick(random, &lines);
            lines.swap(at, other);
            "two lines swapped"
        }
        _ => {
            lines[at] = inner(&lines[at], random);
            "a value within a line"
        }
    };
    (lines.join("\n") + "\n", kind)
}

fn is_meant(line: &str) -> bool {
    !line.trim().is_empty() && !line.trim_start().starts_with('#')
}

/// `key: value` or `- value` with another value.
fn other_value(line: &str, random: &mut Random) -> String {
    let value = random.of(VALUES);
    if let Some((key, _)) = line.split_once(": ").or_else(|| line.split_once(':').filter(|(_, rest)| rest.is_empty())) {
        return format!("{key}: {value}");
    }
    match line.split_once("- ") {
        Some((before, _)) if before.trim().is_empty() => format!("{before}- {value}"),
        _ => format!("{line}{value}"),
    }
}

/// A letter dropped, doubled or in capitals, or a character that means something.
fn misspelt(line: &str, random: &mut Random) -> String {
    let mut chars: Vec<char> = line.chars().collect();
    let start = chars.iter().take_while(|c| **c == ' ').count();
    let at = start + random.below(chars.len().saturating_sub(start).max(1));
    let Some(c) = chars.get(at).copied() else { return line.to_owned() };
    match random.below(5) {
        0 => drop(chars.remove(at)),
        1 => chars.insert(at, c),
        2 => chars[at] = if c.is_lowercase() { c.to_ascii_uppercase() } else { 'x' },
        3 => chars[at] = random.of(&[":", " ", "-", "$", "\"", "#", "{", "]", ","]).chars().next().unwrap(),
        _ => chars.insert(at, random.of(&[" ", ":", "\t", "$", "'", "_"]).chars().next().unwrap()),
    }
    chars.into_iter().collect()
}

/// A key more, where a key stands.
fn insert(lines: &mut Vec<String>, random: &mut Random) {
    let keys: Vec<usize> = (0..lines.len())
        .filter(|at| {
            let line = &lines[*at];
            let indent = line.len() - line.trim_start().len();
            indent == 4 && line.trim_end().contains(':') && is_meant(line) && !line.trim_start().starts_with('-')
        })
        .collect();
    let line = random.of(LINES);
    match keys.get(random.below(keys.len().max(1))) {
        Some(at) => {
            // A key that is there already is replaced mostly.
            let name = line.split(':').next().unwrap();
            let same = keys.iter().find(|key| lines[**key].trim_start().starts_with(&format!("{name}:")));
            match same.filter(|_| random.below(5) > 0) {
                Some(same) => {
                    let end = (*same + 1..lines.len()).find(|at| {
                        let line = &lines[*at];
                        is_meant(line) && line.len() - line.trim_start().len() <= 4
                    });
                    lines.drain(*same..end.unwrap_or(lines.len()));
                    lines.insert(*same, format!("    {line}"));
                }
                None => lines.insert(*at, format!("    {line}")),
            }
        }
        None => {
            let all = lines.join("\n");
            if let Some(place) = all.find("image: ") {
                *lines = format!("{}{line}, {}", &all[..place], &all[place..]).lines().map(str::to_owned).collect();
            }
        }
    }
}

/// One of the words in a line, such as a value of `{a: 1, b: 2}`, replaced.
fn inner(line: &str, random: &mut Random) -> String {
    let words: Vec<(usize, &str)> = line
        .split([' ', ',', '{', '}', '[', ']'])
        .filter(|word| !word.is_empty())
        .map(|word| (word.as_ptr() as usize - line.as_ptr() as usize, word))
        .collect();
    let Some((start, word)) = words.get(random.below(words.len().max(1))).copied() else { return line.to_owned() };
    let value = random.of(VALUES);
    format!("{}{value}{}", &line[..start], &line[start + word.len()..])
}
