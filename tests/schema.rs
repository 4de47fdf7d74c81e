//! The schemas for editors: they are those of the language, and judge files as the loader does.

#![allow(clippy::unwrap_used, clippy::panic)] // helpers of tests

use crate::common::at;
use boon::{Compiler, Schemas};
use grader::challenge::library;
use grader::schema;
use grader::yaml::{self, Node, Scalar};
use serde_json::{Value, json};
use std::fs;
use std::path::PathBuf;
use std::sync::LazyLock;

#[test]
fn the_files_are_those_of_the_language() {
    for (path, text) in [
        ("checks/schema.json", schema::text()),
        ("checks/case.schema.json", schema::case_text()),
        ("checks/course.schema.json", schema::course_text()),
    ] {
        if std::env::var_os("GRADER_UPDATE").is_some() {
            fs::write(at(path), &text).unwrap();
        }
        let is_kept = fs::read_to_string(at(path)).is_ok_and(|kept| kept == text);
        assert!(is_kept, "{path} is stale: GRADER_UPDATE=1 cargo test --test quick schema::");
        assert!(text.len() < 900_000, "{path} has {} bytes", text.len());
        assert!(text.lines().count() > 20);
    }
}

/// The tree that an editor makes of a file.
fn tree(node: &Node) -> Value {
    if let Some(entries) = node.as_map() {
        return entries.iter().map(|entry| (entry.key.clone(), tree(&entry.value))).collect();
    }
    match (node.as_seq(), node.scalar()) {
        (Some(items), _) => items.iter().map(tree).collect(),
        (_, Some(Scalar::Bool(value))) => json!(value),
        (_, Some(Scalar::Int(value))) => json!(value),
        (_, Some(Scalar::Float(value))) => json!(value),
        (_, Some(Scalar::Text(text))) => json!(text),
        _ => Value::Null,
    }
}

/// A schema and what a validator says by it.
struct Held {
    schemas: Schemas,
    index: boon::SchemaIndex,
}

impl Held {
    fn new(text: &str) -> Self {
        let (mut schemas, mut compiler) = (Schemas::new(), Compiler::new());
        compiler.add_resource("schema.json", serde_json::from_str(text).unwrap()).unwrap();
        let index = compiler.compile("schema.json", &mut schemas).unwrap_or_else(|error| panic!("{error:#}"));
        Self { schemas, index }
    }

    fn told(&self, text: impl AsRef<[u8]>) -> Result<(), String> {
        let node = yaml::parse(text).map_err(|error| error.to_string())?;
        self.schemas.validate(&tree(&node), self.index).map_err(|error| format!("{error:#}"))
    }

    fn accepts(&self, text: impl AsRef<[u8]>) -> bool {
        self.told(text).is_ok()
    }
}

/// Read once: a validator takes its time with so many names.
fn checks() -> &'static Held {
    static HELD: LazyLock<Held> = LazyLock::new(|| Held::new(&schema::text()));
    &HELD
}

fn yaml_files(folder: &str) -> Vec<PathBuf> {
    let paths = fs::read_dir(at(folder)).unwrap().map(|entry| entry.unwrap().path());
    let mut files: Vec<PathBuf> = paths.filter(|path| path.extension().is_some_and(|it| it == "yaml")).collect();
    files.sort();
    files
}

#[test]
fn what_the_loader_takes_the_schema_takes() {
    let held = checks();
    for path in yaml_files("checks").into_iter().chain(yaml_files("fixtures/checks/good")) {
        if path.ends_with("policy.yaml") {
            continue; // no check: src/policy/file.rs reads it
        }
        let text = fs::read(&path).unwrap();
        held.told(&text).unwrap_or_else(|error| panic!("{}: {error}", path.display()));
        library::check(path.to_str().unwrap(), &text).unwrap_or_else(|error| panic!("{error}"));
    }
    let built_in = fs::read_dir(at("checks/challenges")).unwrap().map(|entry| entry.unwrap().path());
    for folder in built_in.chain([at("fixtures/checks/good/challenge")]) {
        let text = fs::read(folder.join("challenge.yaml")).unwrap();
        held.told(&text).unwrap_or_else(|error| panic!("{}: {error}", folder.display()));
        library::load(folder.to_str().unwrap()).unwrap_or_else(|error| panic!("{error}"));
    }
}

#[test]
fn the_guide_s_examples_fit() {
    let held = checks();
    let guide = fs::read_to_string(at("checks/README.md")).unwrap();
    let block = |first: &str| -> String {
        let lines = guide.lines().skip_while(|line| line.trim() != first);
        let block = lines.take_while(|line| line.starts_with("    ") || line.is_empty());
        block.flat_map(|line| [line.strip_prefix("    ").unwrap_or(line), "\n"]).collect()
    };
    let check = block("# checks/exposes-port.yaml");
    let steps = block("try:") + "id: it\ntitle: t\nwhy: w\nhints: [h]\n";
    let challenge = block("# my-challenge/challenge.yaml, beside it checks/ with checks of its own, and starter/");
    for text in [check, steps, challenge] {
        assert!(text.lines().count() > 5, "{text}");
        held.told(&text).unwrap_or_else(|error| panic!("{error}\n{text}"));
    }
    let (course, held) =
        (block("# my-course/course.yaml, beside it the folders of its challenges"), Held::new(&schema::course_text()));
    held.told(&course).unwrap_or_else(|error| panic!("{error}\n{course}"));
    for (right, mistake) in [
        ("units:", "unit:"),
        ("id: my", "id: My"),
        ("weight: 2", "weight: 0"),
        ("lesson:", "leson:"),
        ("pass: {", "pass: ["),
    ] {
        let wrong = course.replace(right, mistake).replace("[ units: 1 }", "1]");
        assert!(wrong != course && !held.accepts(&wrong), "{wrong}");
    }
}

#[test]
fn what_is_begun_fits() {
    let held = checks();
    for name in ["check.yaml", "challenge/challenge.yaml", "challenge/checks/one.yaml"] {
        let text = fs::read_to_string(at("src/cli/new").join(name)).unwrap().replace("ID_HERE", "it");
        held.told(&text).unwrap_or_else(|error| panic!("{name}: {error}"));
        let first = text.lines().next().unwrap();
        assert!(first.starts_with("# yaml-language-server: $schema="), "{first}");
    }
    let case = fs::read(at("src/cli/new/challenge/cases/one/expect.yaml")).unwrap();
    Held::new(&schema::case_text()).told(case).unwrap();
}

#[test]
fn cases_fit_their_schema() {
    let held = Held::new(&schema::case_text());
    let cases = fs::read_dir(at("checks/challenges/dockerize-python-app/cases")).unwrap();
    for case in cases.map(|entry| entry.unwrap().path()) {
        held.told(fs::read(case.join("expect.yaml")).unwrap())
            .unwrap_or_else(|error| panic!("{}: {error}", case.display()));
    }
    for wrong in [
        "about: a\n",
        "about: a\nfails: x\n",
        "about: a\nfails: []\nscores: 5\n",
        "about: a\nfails: []\nfinding: { file: x }\n",
    ] {
        assert!(!held.accepts(wrong), "{wrong}");
    }
}

/// A check in which everything is right but one thing.
fn check_with(key: &str) -> String {
    let mut text = String::from("id: it\ntitle: t\nwhy: w\nhints: [h]\n");
    if !key.contains("expect:") && !key.contains("try:") {
        text += "expect: [{ image.builds: true }]\n";
    }
    text + key + "\n"
}

#[test]
fn what_is_wrong_is_refused_by_both() {
    let held = checks();
    let mut accepted = Vec::new();
    let items = [
        "image.sizes: { below: 200MB }",
        "iamge.size: 5MB",
        "image.size.mb: 5",
        "image..size: 5MB",
        "stack.services.api.redy: true",
        "status: 200",
        "image.size: { bellow: 200MB }",
        "image.size: { matches: big }",
        "image.size: { below: 200 MegaByte }",
        "image.size: { below: -5MB }",
        "image.size: {}",
        "image.size:",
        "image.size: [5MB]",
        "container.seconds_to_healthy: { below: 30 }",
        "container.seconds_to_healthy: soon",
        "image.builds: yes",
        "image.builds: { below: 5 }",
        "container.exit_code: zero",
        "container.exit_code: 1.5",
        "container.logs: { count: 3 }",
        "container.logs: { count: { of: a, is: big } }",
        "container.logs: { count: { of: a } }",
        "dockerfile.final.copies_from: stage",
        "dockerfile.final.copies_from: { any: { kin: stage } }",
        "dockerfile.final.copies_from: { any: { kind: stag } }",
        "container.state: runing",
        "container.health: { one-of: [healthy, good] }",
        "container.health: { not: helthy }",
        "image.healthcheck: { kind: CMD }",
        "dockerfile.final.cmd: { excludes: [a] }",
        "dockerignore.patterns: { excludes: .git }",
        "dockerignore.patterns: { excludes: [../up] }",
        "dockerignore.patterns: { excludes: [/etc/passwd] }",
        "dockerfile.final.cmd: { contains: [a] }",
        "image.user.name: { one-of: [] }",
        "image.user.name: { present: maybe }",
        "image.user.name: { starts-with: \"\" }",
        "any-of: []",
        "any-of: [{ image.sizes: 5 }]",
        "any-of: [{ image.builds: true, message: m }]",
        "message: nothing is expected",
        "{ image.builds: true, points: 0 }",
        "{ image.builds: true, points: many }",
        "{ image.builds: true, mesage: m }",
        "{ image.builds: true, see: image.sise }",
        "{ image.builds: true, message: \"\" }",
        "just text",
    ];
    let steps = [
        "{ http: { service: api } }",
        "{ http: { path: api } }",
        "{ http: { path: /, port: 70000 } }",
        "{ http: { path: /, method: FETCH } }",
        "{ http: { path: /, service: a, container: built } }",
        "{ http: { path: /, retries: 5 } }",
        "{ http: /health }",
        "{ http: { path: / }, compose: up }",
        "{ http: { path: / }, within: 5s }",
        "{ expect: [{ image.builds: true }] }",
        "{ wait: 5s }",
        "{ wait: { for: { image.builds: true, stack.up: true }, within: 5s } }",
        "{ wait: { for: { stack.up: true } } }",
        "{ exec: { command: [] } }",
        "{ exec: { user: app } }",
        "{ run: { comand: id } }",
        "{ run: { image: built, network: default } }",
        "{ run: { image: built, mounts: [/etc:/etc] } }",
        "{ run: { image: built, entrypoint: sh } }",
        "{ start: { image: busybox } }",
        "{ start: { name: Other } }",
        "{ files: { paths: [usr/bin] } }",
        "{ files: { paths: [] } }",
        "{ files: { paths: [/a] }, expect: [{ found: { any: { mode: \"0894\" } } }] }",
        "{ files: { paths: [/a] }, expect: [{ found: { any: { kind: directory } } }] }",
        "{ files: { paths: [/a], image: built, service: api } }",
        "{ container: pause }",
        "{ container: kill }",
        "{ compose: restart }",
        "{ compose: scale api }",
        "{ compose: scale api=50 }",
        "{ edit: { file: a, replace: b } }",
        "{ edit: { file: ../a, replace: b, with: c } }",
        "{ rebuild: { touch: /a } }",
        "{ http: { path: / }, expect: [{ statu: 200 }] }",
        "{ http: { path: / }, expect: [{ exit_code: 0 }] }",
        "{ http: { path: / }, expect: [{ headers: { above: 1 } }] }",
        "{ exec: { command: id }, expect: [{ status: 200 }] }",
        "{ compose: up, expect: [{ body: x }] }",
        "{ rebuild: {}, capture: { a: \"x(.)\" } }",
        "{ http: { path: / }, capture: { a: abc } }",
        "{ http: { path: / }, capture: { Upper: status } }",
        "{ files: { paths: [/a] }, capture: { a: found } }",
    ];
    let keys = [
        "titel: t",
        "needs: dockerfile-exists",
        "hint: [h]",
        "show: image.sise",
        "with: { Upper: 5 }",
        "with: [5]",
        "advise: [{ image.builds: true }]",
        "advise: [{ image.builds: true, message: m, points: 5 }]",
        "script: { run: check.sh }",
        "script: { run: ../check.sh, image: a }",
        "script: { run: check.sh, image: a, facts: [images] }",
        "examples: { pas: [] }",
        "examples: { pass: [{ image.size: big }] }",
        "examples: { pass: [{ image.builds: 5 }] }",
        "examples: { pass: [{ image.sice: 5MB }] }",
        "examples: { pass: [{ steps: [{ statu: 5 }] }] }",
        "examples: { fail: { image.builds: false } }",
        "expect: { image.builds: true }",
        "points: 5",
    ];
    let texts = items.map(|item| {
        let item = if item.starts_with('{') || item == "just text" { item.to_owned() } else { format!("{{ {item} }}") };
        check_with(&format!("expect: [{item}]"))
    });
    let texts = texts.into_iter().chain(steps.map(|step| check_with(&format!("try: [{step}]"))));
    for text in texts.chain(keys.map(check_with)) {
        if held.accepts(&text) {
            accepted.push(format!("schema: {text}"));
        }
        if library::check("it.yaml", &text).is_ok() {
            accepted.push(format!("loader: {text}"));
        }
    }
    assert!(accepted.is_empty(), "{}", accepted.join("\n"));
    assert!(held.accepts(check_with("")), "the rest of it is right");
}

#[test]
fn wrong_challenges_are_refused_by_both() {
    let held = checks();
    let folder = tempfile::tempdir().unwrap();
    let start = "id: it\ntitle: t\nabout: a\n";
    let checks = "checks: [{ use: dockerfile-exists, points: 5 }]\n";
    let with =
        |key: &str| if key.contains("checks:") { format!("{start}{key}\n") } else { format!("{start}{checks}{key}\n") };
    let loads = |text: &str| {
        fs::write(folder.path().join("challenge.yaml"), text).unwrap();
        library::load(folder.path().to_str().unwrap()).is_ok()
    };
    let wrong = [
        "subject: { dockerfile: ../Dockerfile }",
        "subject: { http: { port: 0, path: / } }",
        "subject: { http: { port: 5000, path: health } }",
        "subject: { http: { port: 5000 } }",
        "subject: { file: Dockerfile }",
        "roles: { api: { built-from: Dockerfile, image: x } }",
        "roles: { api: { img: postgres } }",
        "roles: { api: {} }",
        "given: [/etc/passwd]",
        "limits: { build: 5 }",
        "limits: { memory: much }",
        "limits: { cpus: 500 }",
        "limits: { space: 5GB }",
        "total: 0",
        "pass_mark: most",
        "expect: [{ image.builds: true }]",
        "checks: [{ use: dockerfile-exists, points: -1 }]",
        "checks: [{ use: dockerfile-exists, points: ten }]",
        "checks: [{ use: dockerfile-exists, point: 5 }]",
        "checks: [{ use: dockerfile-exists, points: 5, bonus: 5 }]",
        "checks: [{ use: dockerfile-exists, points: 5, hints: [] }]",
        "checks: [{ use: dockerfile-exists, points: 5, optional: perhaps }]",
        "checks: [{ points: 5 }]",
        "checks: [{ id: one, points: 5, title: One, why: w, hints: [h] }]",
        "checks: [dockerfile-exists]",
        "checks: dockerfile-exists",
    ];
    let taken: Vec<String> = wrong
        .iter()
        .flat_map(|key| {
            let text = with(key);
            let (schema, loader) = (held.accepts(&text), loads(&text));
            [schema.then(|| format!("schema: {key}")), loader.then(|| format!("loader: {key}"))]
        })
        .flatten()
        .collect();
    assert!(taken.is_empty(), "{}", taken.join("\n"));
    assert!(held.accepts(with("")) && loads(&with("")), "the rest of it is right");
    // What only the loader sees: it stands in other files, or in other parts of this one.
    for key in ["pass_mark: 50", "total: 7", "subject: { service: api }", "checks: [{ use: none, points: 5 }]"] {
        assert!(held.accepts(with(key)) && !loads(&with(key)), "{key}");
    }
}

#[test]
fn files_with_mistakes_are_refused_by_both() {
    let held = checks();
    for path in yaml_files("fixtures/checks") {
        let text = fs::read(&path).unwrap();
        assert!(!held.accepts(&text), "{}", path.display());
        assert!(library::check(path.to_str().unwrap(), &text).is_err());
    }
}
