//! The steps of a check as they are written: every kind is read, what is wrong with one is told, and the guide lists them.

#![allow(clippy::expect_used, clippy::unwrap_used)] // in helpers of tests too

use grader::challenge::{Check, library};
use grader::facts::Source;
use grader::facts::registry::Type;
use grader::language::grammar::ValueKind;
use grader::steps::answers::StepFact;
use grader::steps::compose::{ComposeAction, StackChange};
use grader::steps::container::{ContainerChange, Lifecycle};
use grader::steps::edit::Edit;
use grader::steps::exec::Exec;
use grader::steps::files::{FileSearch, FilesIn};
use grader::steps::http::Http;
use grader::steps::run::OneOff;
use grader::steps::spec::MountSource;
use grader::steps::{Action, STEPS, StepKind, StepTarget};
use std::any::Any;

fn read(text: &str) -> Result<Check, String> {
    library::check("check.yaml", text).map_err(|error| error.to_string())
}

/// A check with these steps.
fn with(steps: &str) -> Result<Check, String> {
    read(&format!("id: a\ntitle: A\nwhy: B\nhints: [c]\ntry:\n{steps}\n"))
}

/// The action as what it is.
fn of<T: Action>(action: &dyn Action) -> &T {
    let any: &dyn Any = action;
    any.downcast_ref().unwrap_or_else(|| panic!("{action:?}"))
}

#[test]
fn every_action_is_read() {
    let check = read(include_str!("../fixtures/checks/good/actions.yaml")).unwrap();
    let actions: Vec<&dyn Action> = check.steps.iter().map(|step| &*step.action).collect();
    let first: &Http = of(actions[0]);
    assert_eq!((first.method.as_str(), first.port), ("POST", Some(5000)));
    assert_eq!(first.body.as_deref(), Some(r#"{"name": "Hello"}"#));
    assert_eq!(check.steps[0].capture.len(), 4);
    assert_eq!(of::<Http>(actions[1]).target, StepTarget::Container);
    let shell: &Exec = of(actions[3]);
    assert_eq!(shell.command, ["sh", "-c", "echo ${HOME} {id}"], "one text is for the shell");
    let run: &OneOff = of(actions[4]);
    assert_eq!((run.spec.image.as_deref(), run.spec.network.as_deref()), (None, Some("default")));
    assert_eq!(run.spec.entrypoint, Some(vec![]));
    assert_eq!(run.spec.mounts[0].source, MountSource::Volume("data".into()));
    assert!(run.spec.mounts[1].read_only && run.spec.mounts[1].source == MountSource::Path("src".into()));
    assert_eq!(of::<FileSearch>(actions[5]).place, FilesIn::Image(None));
    assert!(matches!(of(actions[7]), ContainerChange { what: Lifecycle::Stop, within: Some(_) }));
    assert_eq!(of::<ContainerChange>(actions[8]).what, Lifecycle::Kill("SIGTERM".into()));
    assert!(matches!(of(actions[9]), StackChange { what: ComposeAction::Scale(_, 2), within: None }));
    assert_eq!(of::<Edit>(actions[11]).with, "Hello {unknown}");
    assert_eq!(check.step_source(), Some(Source::Stack));
}

#[test]
fn a_check_is_done_where_its_steps_have_to_be() {
    for (step, source) in [
        ("- exec: { command: [a] }", Source::Container),
        ("- http: { path: / }", Source::Container),
        ("- rebuild: {}", Source::Container),
        ("- run: { image: built }", Source::Container),
        ("- run: { image: built, network: stack.default }", Source::Stack),
        ("- exec: { service: api, command: [a] }", Source::Stack),
        ("- start: { name: other }\n- http: { container: other, path: / }", Source::Container),
        ("- start: { name: other, network: stack.default }", Source::Stack),
        ("- compose: down", Source::Stack),
        ("- probe: { ports: published }", Source::Stack),
        ("- probe: { service: db, port: 5432 }", Source::Stack),
        ("- probe: { port: 5000 }", Source::Container),
        ("- wait: { for: { stack.up: true }, within: 1s }", Source::Stack),
        ("- wait: { for: 1s }", Source::Container),
        ("- write: { file: a, content: b }", Source::Container),
        ("- wait: { for: { container.state: running }, within: 1s }", Source::Container),
    ] {
        assert_eq!(with(step).unwrap().step_source(), Some(source), "{step}");
    }
}

#[test]
fn what_is_wrong_with_a_step_is_told() {
    for (step, told) in [
        ("- {}", "what this step does is missing"),
        ("- http: { path: / }\n  exec: { command: [a] }", "a step does one thing"),
        ("- http: { service: api, container: built, path: / }", "either a `service` or the `container` is meant"),
        ("- http: { path: /, method: FETCH }", "unknown method `FETCH`"),
        ("- http: { path: /, headers: { \"a b\": c } }", "`a b` is no header"),
        ("- http: { path: / }\n  expect: [{ exit_code: 0 }]", "unknown fact `exit_code`"),
        ("- probe: { ports: all }", "unknown ports `all`"),
        ("- probe: { ports: published, service: db }", "`ports: published` probes the whole stack"),
        ("- probe: { service: db, port: 70000 }", "from 1 to 65535"),
        ("- exec: { container: mine, command: [a] }", "unknown container `mine`"),
        ("- exec: { container: other, command: [a] }\n- start: { name: other }", "unknown container `other`"),
        ("- start: { name: other }\n- files: { container: othr, paths: [/a] }", "did you mean `other`?"),
        ("- start: { image: busybox }", "`name` is missing here"),
        ("- start: { name: built }", "a name is lower case"),
        ("- exec: { service: api }", "`command` is missing here"),
        ("- exec: { command: [] }", "this list is empty"),
        ("- exec: { command: [a], timeout: 1h }", "not a length of time up to 10m"),
        ("- exec: { command: [a] }\n  within: 5s", "`within` bounds `container:` and `compose:`"),
        ("- run: { image: built, network: default }", "written `stack.default`"),
        ("- run: { image: built, mounts: [\"/etc:/etc\"] }", "`/etc:/etc` is no mount"),
        ("- run: { image: built, mounts: [\"./../x:/x\"] }", "is no mount"),
        ("- files: { paths: [etc] }", "`etc` has to start with `/`"),
        ("- files: { image: built, service: api, paths: [/a] }", "files are looked for in one place"),
        ("- container: pause", "`pause` is nothing that can be done with the container"),
        ("- compose: dwon", "did you mean `down`?"),
        ("- compose: scale api=99", "`scale api=99` is nothing that can be done with the stack"),
        ("- edit: { file: ../x, replace: a, with: b }", "`../x` is no path in the repository"),
        ("- edit: { file: x, replace: \"\", with: b }", "the text to replace is empty"),
        ("- edit: { file: x }", "`replace` is missing here"),
        ("- write: { file: x }", "`content` is missing here"),
        ("- write: { file: /etc/x, content: a }", "`/etc/x` is no path in the repository"),
        ("- wait: { for: 2h }", "not a length of time up to 1m"),
        ("- wait: { for: 2s, within: 5s }", "a pause has no bound"),
        ("- wait: { for: { stack.up: true } }", "`within` is missing here"),
        ("- files: { commands: [/bin/sh] }", "`/bin/sh` is no name of a program"),
        ("- files: { repository: true, commands: [sh] }", "programs are looked for in an image or a container"),
        ("- files: { repository: true, image: built, paths: [/a] }", "files are looked for in one place"),
        ("- run: { image: built, tmpfs: [tmp] }", "`tmp` is no folder of a container"),
        ("- wait: { for: 1s }\n  capture: { a: image.layers }", "`image.layers` is no single value"),
        ("- wait: { for: { dockerfile.exists: true }, within: 5s }", "only facts of `stack` and `container` change"),
        ("- files: { paths: [/a] }\n  capture: { a: found }", "`found` is no single value"),
        ("- files: { paths: [/a] }\n  capture: { a: \"(x)\" }", "a pattern is held against what was answered"),
        ("- http: { path: / }\n  expect: [{ body: { count: { of: \"(\", is: 1 } } }]", "no regular expression"),
        ("- http: { path: / }\n  expect: [{ body: { count: 3 } }]", "`{ of: PATTERN, is: 3 }` is wanted here"),
    ] {
        let said = with(step).expect_err(step);
        assert!(said.contains(told), "{step}: {said}");
    }
}

#[test]
fn captured_values_are_filled_into_these_texts() {
    let table = [
        (
            r#"http: { service: "{a}", path: "/{a}", headers: { X: "h{a}" }, body: "b{a}" }"#,
            vec!["/{a}", "h{a}", "b{a}"],
        ),
        ("probe: { ports: published }", vec![]),
        (r#"exec: { service: "{a}", command: [c, "{a}"], user: "{a}", stdin: "i{a}" }"#, vec!["c", "{a}", "i{a}"]),
        (
            r#"run: { image: "{a}", command: "c{a}", entrypoint: ["e{a}"], env: { E: "v{a}" }, stdin: "i{a}" }"#,
            vec!["sh", "-c", "c{a}", "e{a}", "v{a}", "i{a}"],
        ),
        (r#"start: { name: other, command: ["c{a}"], env: { E: "v{a}" } }"#, vec!["c{a}", "v{a}"]),
        (r#"files: { image: "{a}", paths: ["/{a}"], commands: ["c{a}"] }"#, vec!["/{a}", "c{a}"]),
        (r#"leaks: { image: "{a}", value: "x{a}" }"#, vec!["x{a}"]),
        ("container: start", vec![]),
        ("compose: restart {a}", vec![]),
        (r#"edit: { file: "{a}", replace: "r{a}", with: "w{a}" }"#, vec!["r{a}", "w{a}"]),
        (r#"write: { file: "{a}", content: "w{a}" }"#, vec!["w{a}"]),
        (r#"rebuild: { touch: "{a}" }"#, vec![]),
        ("wait: { for: { stack.up: true }, within: 1s }", vec![]),
    ];
    let kinds: Vec<&str> = table.iter().filter_map(|(step, _)| step.split_once(':')).map(|(kind, _)| kind).collect();
    assert_eq!(kinds, STEPS.iter().map(|kind| kind.name).collect::<Vec<_>>(), "each kind has a row");
    for (step, filled) in table {
        let mut check = with(&format!("- exec: {{ command: [a] }}\n  capture: {{ a: stdout }}\n- {step}")).unwrap();
        assert_eq!(check.steps[1].action.texts(), filled, "{step}");
    }
}

/// The table of steps in the guide, from the kinds themselves.
fn table() -> String {
    let mut lines = vec!["| step | what it does | brings back |".to_owned(), "|---|---|---|".to_owned()];
    lines.extend(STEPS.iter().map(|kind| {
        let afresh = kind.afresh.iter().map(|source| format!("`{}.*` afresh", source.prefix()));
        let brings: Vec<String> = kind.answers.iter().map(answer).chain(afresh).collect();
        format!("| `{}: {}` | {} | {} |", kind.name, takes(kind), kind.doc, brings.join(", "))
    }));
    lines.join("\n")
}

fn takes(kind: &StepKind) -> String {
    match kind.takes {
        ValueKind::Record(keys) => {
            let names: Vec<&str> = keys.iter().map(|key| key.name).collect();
            format!("{{ {} }}", names.join(", "))
        }
        ValueKind::Words(words) => words.join(", "),
        other => panic!("{}: {other:?}", kind.name),
    }
}

fn answer(answer: &StepFact) -> String {
    match answer.kind {
        Type::Map(_) => format!("`{}.<name>`", answer.name),
        Type::Any => format!("`{}.<path>`", answer.name),
        Type::List(Type::Record(fields)) => {
            let names: Vec<&str> = fields.iter().map(|(name, _)| *name).collect();
            format!("`{}` ({})", answer.name, names.join(", "))
        }
        _ => format!("`{}`", answer.name),
    }
}

#[test]
fn the_guide_lists_all_kinds() {
    let path = std::path::Path::new(env!("CARGO_MANIFEST_DIR")).join("checks/README.md");
    let guide = std::fs::read_to_string(&path).unwrap();
    let (before, rest) = guide.split_once("<!-- steps -->\n").expect("where the table starts");
    let (written, after) = rest.split_once("\n<!-- end of steps -->").expect("where the table ends");
    let table = table();
    if std::env::var_os("GRADER_UPDATE").is_some() {
        std::fs::write(&path, format!("{before}<!-- steps -->\n{table}\n<!-- end of steps -->{after}")).unwrap();
        return;
    }
    assert_eq!(written, table, "checks/README.md is stale: GRADER_UPDATE=1 cargo test --test quick steps::");
}
