//! The steps of a check as they are written: every action is read, and what is wrong with one is told.

#![allow(clippy::expect_used, clippy::unwrap_used)] // in helpers of tests too

use grader::challenge::{Check, library};
use grader::facts::Source;
use grader::steps::action::{Action, ComposeAction, FilesIn, Lifecycle, MountSource, Target};

fn read(text: &str) -> Result<Check, String> {
    library::check("check.yaml", text).map_err(|error| error.to_string())
}

/// A check with these steps.
fn with(steps: &str) -> Result<Check, String> {
    read(&format!("id: a\ntitle: A\nwhy: B\nhints: [c]\ntry:\n{steps}\n"))
}

#[test]
fn every_action_is_read() {
    let check = read(include_str!("../fixtures/checks/good/actions.yaml")).unwrap();
    let actions: Vec<&Action> = check.steps.iter().map(|step| &step.action).collect();
    let Action::Http(first) = actions[0] else { panic!("{actions:?}") };
    assert_eq!((first.method.as_str(), first.port), ("POST", Some(5000)));
    assert_eq!(first.body.as_deref(), Some(r#"{"name": "Hello"}"#));
    assert_eq!(check.steps[0].capture.len(), 4);
    assert!(matches!(actions[1], Action::Http(http) if http.target == Target::Container));
    let Action::Exec(shell) = actions[3] else { panic!("{actions:?}") };
    assert_eq!(shell.command, ["sh", "-c", "echo ${HOME} {id}"], "one text is for the shell");
    let Action::Run(run) = actions[4] else { panic!("{actions:?}") };
    assert_eq!((run.image.as_deref(), run.network.as_deref()), (None, Some("default")));
    assert_eq!(run.entrypoint, Some(vec![]));
    assert_eq!(run.mounts[0].source, MountSource::Volume("data".into()));
    assert!(run.mounts[1].read_only && run.mounts[1].source == MountSource::Path("src".into()));
    assert!(matches!(actions[5], Action::Files { place: FilesIn::Image(None), .. }));
    assert!(matches!(actions[7], Action::Container(Lifecycle::Stop, Some(_))));
    assert!(matches!(actions[8], Action::Container(Lifecycle::Kill(signal), None) if signal == "SIGTERM"));
    assert!(matches!(actions[9], Action::Compose(ComposeAction::Scale(_, 2), None)));
    assert!(matches!(actions[11], Action::Edit { with, .. } if with == "Hello {unknown}"));
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
        ("- compose: down", Source::Stack),
        ("- wait: { for: { stack.up: true }, within: 1s }", Source::Stack),
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
        ("- exec: { container: mine, command: [a] }", "unknown container `mine`"),
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
