//! `grader lint`: what is wrong is told at once with its place, what is right is not told.

#![allow(clippy::unwrap_used, clippy::expect_used)] // in helpers of tests too

use crate::common::{folder, grader};
use proptest::prelude::*;
use std::fs;
use std::path::Path;
use std::time::{Duration, Instant};
use tempfile::TempDir;

#[test]
fn what_comes_with_the_grader_is_clean() {
    let (code, stdout, stderr) = grader(Path::new(env!("CARGO_MANIFEST_DIR")), &["lint", "checks", "--strict"]);
    assert_eq!((code, stderr.as_str()), (0, ""), "{stdout}");
    assert!(stdout.ends_with(" files, no problems\n") && !stdout.starts_with("0 "), "{stdout}");
}

/// The rules that a check with one expectation breaks.
fn rules(key: &str) -> Vec<String> {
    let text = format!("id: it\ntitle: t\nwhy: w\nhints: [h]\n{key}\n");
    let folder = folder(&[("it.yaml", &text)]);
    let (code, stdout, _) = grader(folder.path(), &["lint", "--format", "json"]);
    let json: serde_json::Value = serde_json::from_str(&stdout).expect("JSON");
    let problems = json["problems"].as_array().unwrap();
    assert_eq!(code == 2, problems.iter().any(|problem| problem["severity"] == "error"), "{stdout}");
    problems
        .iter()
        .map(|problem| format!("{} {}", problem["severity"].as_str().unwrap(), problem["rule"].as_str().unwrap()))
        .collect()
}

#[test]
fn expectations_that_say_nothing_are_told_and_no_others() {
    const NEVER: &str = "error never-holds";
    const LOAD: &str = "error load";
    const ALWAYS: &str = "error never-fails";
    const PRESENT: &str = "warning fits-all";
    let table: &[(&str, &str)] = &[
        ("image.size: { below: 0 }", NEVER),
        ("image.size: { at-least: 5MB, at-most: 4MB }", NEVER),
        ("image.size: { within: { of: 100MB, by: 10% }, below: 90MB }", NEVER),
        ("image.size: { above: 5MB, below: 5000001 }", NEVER),
        ("image.size: { all-of: [5MB, 6MB] }", NEVER),
        ("container.seconds_to_healthy: { above: 5s, at-most: 5s }", NEVER),
        ("container.exit_code: { one-of: [1, 2], not: { one-of: [2, 1, 3] } }", NEVER),
        ("image.builds: { equals: true, not: true }", NEVER),
        ("image.builds: { present: false, equals: true }", NEVER),
        ("image.user.name: { one-of: [root], not: root }", NEVER),
        ("image.user.name: { empty: true, starts-with: a }", NEVER),
        ("dockerfile.final.cmd: { count: { below: 0 } }", NEVER),
        ("dockerfile.final.cmd: { empty: true, count: { above: 0 } }", NEVER),
        ("dockerfile.final.cmd: { empty: true, any: { starts-with: a } }", NEVER),
        ("stack.services: { each: { restarts: { below: 1, above: 0 } } }", NEVER),
        ("stack.services: { any: { restarts: { below: 1, above: 0 } } }", NEVER),
        ("container.logs: { count: { of: a, is: { below: 0 } } }", NEVER),
        ("container.exit_code: 300", NEVER),
        ("container.exit_code: -1", NEVER),
        ("container.exit_code: { above: 255 }", NEVER),
        ("container.exit_code: { one-of: [256, -1] }", NEVER),
        ("container.exit_code: { not: { equals: 300 } }", ALWAYS),
        ("container.exit_code: { at-least: 0 }", PRESENT),
        ("stack.services.api.exit_code: 300", NEVER),
        ("container.state: runing", LOAD),
        ("container.state: { not: runing }", LOAD),
        ("container.health: { one-of: [healthy, good] }", LOAD),
        ("stack.services.api.state: up", LOAD),
        ("stack.services.api.health: up", LOAD),
        ("stack.services: { each: { state: up } }", LOAD),
        ("image.healthcheck.kind: CMD", LOAD),
        ("image.healthcheck: { kind: CMD }", LOAD),
        ("dockerfile.final.healthcheck.kind: exec", LOAD),
        ("compose.services.api.healthcheck.kind: exec", LOAD),
        ("compose.services.api.volumes: { any: { type: binds } }", LOAD),
        ("compose.services.api.depends_on.db: healthy", LOAD),
        ("compose.services.api.depends_on: { each: healthy }", LOAD),
        ("dockerfile.final.copies_from: { any: { kind: stag } }", LOAD),
        ("dockerfile.final.copies_from: { any: { by: add } }", LOAD),
        ("any-of: [{ image.builds: true }, { all-of: [{ container.state: up }] }]", LOAD),
        ("any-of: [{ image.builds: true }, { image.builds: false }]", PRESENT),
        ("all-of: [{ image.size: { below: 5MB } }, { image.size: { above: 5MB } }]", NEVER),
        ("any-of: [{ image.size: { below: 0 } }, { image.size: { above: 5MB } }]", "warning never-holds"),
        ("image.builds: { any-of: [{ present: true }, { present: false }] }", ALWAYS),
        ("any-of: [{ image.builds: { present: true } }, { image.builds: { present: false } }]", ALWAYS),
        ("any-of: [{ image.builds: true }, { image.builds: { not: true } }]", ALWAYS),
        ("any-of: [{ image.builds: true }, { any-of: [{ image.size: { not: { below: 0 } } }] }]", ALWAYS),
        ("image.user.name: { any-of: [{ empty: true }, { matches: \"\" }] }", ALWAYS),
        ("repo.files: { count: { at-least: 0 } }", PRESENT),
        ("image.size: { at-least: 0 }", PRESENT),
        ("image.builds: { one: 1 }", "error load"),
        ("image.builds: { any-of: [true, false] }", PRESENT),
        ("container.logs: { matches: \"\" }", PRESENT),
        ("container.logs: { matches: \".*\" }", PRESENT),
        ("container.logs: { count: { of: a, is: { at-least: 0 } } }", PRESENT),
        ("image.user.name: { any-of: [{ empty: true }, { empty: false }] }", ALWAYS),
    ];
    for (item, rule) in table {
        assert_eq!(rules(&format!("expect: [{{ {item} }}]")), [*rule], "{item}");
    }
    let fine = [
        "image.size: { below: 200MB, above: 1MB }",
        "image.size: { at-least: 5MB, at-most: 5MB }",
        "image.size: { within: { of: 100MB, by: 10% }, below: 91MB }",
        "container.exit_code: { within: { of: 5, by: 2 } }",
        "dockerfile.final.cmd: [python, app.py]",
        "dockerfile.stages: { in-order: [{ name: a }, { name: b }] }",
        "image.user.name: { ends-with: a }",
        "image.builds: { not: true }",
        "image.builds: { present: false }",
        "container.exit_code: { at-least: 1 }",
        "container.exit_code: { one-of: [0, 255, 256] }",
        "container.state: { one-of: [running, exited] }",
        "container.state: { matches: up }",
        "compose.services.api.depends_on.db: service_healthy",
        "image.env.state: up",
        "container.logs: { matches: \"^$\" }",
        "container.logs: { matches: \"^.*$\" }",
        "image.user.name: { one-of: [root] }",
        "image.user.name: { empty: true }",
        "image.user.name: { empty: true, present: false }",
        "dockerfile.errors: { none: { message: { present: true } } }",
        "stack.services: { each: { ready: true } }",
        "dockerfile.final.cmd: { empty: false, count: { above: 0 } }",
        "image.env: { contains: A, each: { matches: a } }",
        "any-of: [{ image.builds: true }, { container.health: { not: healthy } }]",
        "any-of: [{ dockerignore.errors: { none: { message: { present: true } } } }, { dockerignore.errors: { empty: true } }]",
    ];
    for item in fine {
        assert_eq!(rules(&format!("expect: [{{ {item} }}]")), Vec::<String>::new(), "{item}");
    }
    for (items, rule) in [
        (
            "{ stack.up: true }, { any-of: [{ image.builds: true }, { stack.up: { not: true } }] }",
            Some("warning guard"),
        ),
        (
            "{ stack.up: true }, { all: [{ any-of: [{ image.builds: true }, { stack.up: false }] }] }",
            Some("warning guard"),
        ),
        ("{ all: [{ stack.up: true }, { any-of: [{ image.builds: true }, { stack.up: false }] }] }", None),
        ("{ stack.up: true, points: 5 }, { any-of: [{ image.builds: true }, { stack.up: false }] }", None),
        (
            "{ image.size: { present: true } }, { any-of: [{ image.builds: true }, { image.size: { below: 5MB } }] }",
            None,
        ),
    ] {
        assert_eq!(rules(&format!("expect: [{items}]")), rule.into_iter().collect::<Vec<_>>(), "{items}");
    }
    assert_eq!(rules("try: [{ http: { path: / }, expect: [{ status: { below: 200, above: 300 } }] }]"), [NEVER]);
    let status = |value: &str| rules(&format!("try: [{{ http: {{ path: / }}, expect: [{{ status: {value} }}] }}]"));
    assert_eq!((status("99"), status("600"), status("599")), (vec![NEVER.into()], vec![NEVER.into()], vec![]));
    let found = |value: &str| {
        rules(&format!("try: [{{ files: {{ paths: [/a] }}, expect: [{{ found: {{ any: {{ {value} }} }} }}] }}]"))
    };
    for wrong in ["kind: directory", "mode: 644", "mode: 0o644", "mode: \"0894\""] {
        assert_eq!(found(wrong), [LOAD], "{wrong}");
    }
    for fine in ["kind: folder", "mode: \"0644\"", "mode: { matches: \"^06\" }"] {
        assert_eq!(found(fine), Vec::<String>::new(), "{fine}");
    }
    assert_eq!(rules("try: [{ wait: { for: { stack.up: { not: true, equals: true } }, within: 5s } }]"), [NEVER]);
    let captured = "try: [{ http: { path: / }, capture: { n: status } }, { http: { path: / }, expect: [{ status: { above: \"{n}\", below: \"{n}\" } }] }]";
    assert_eq!(rules(captured), Vec::<String>::new(), "what is captured is not known before");
    assert_eq!(rules("advise: [{ image.size: { below: 0 }, message: m }]\nexpect: [{ image.builds: true }]"), [NEVER]);
}

#[test]
fn words_that_a_fact_is_never_are_told_with_those_that_it_can_be() {
    let check = "id: it\ntitle: t\nwhy: w\nhints: [h]\nexpect: [{ container.state: { one-of: [exited, runing] } }]\n";
    let folder = folder(&[("it.yaml", check)]);
    let (_, stdout, _) = grader(folder.path(), &["lint"]);
    insta::assert_snapshot!(stdout, @r"
    it.yaml:5:48: error: this can never be `runing`
      |
    5 | expect: [{ container.state: { one-of: [exited, runing] } }]
      |                                                ^^^^^^
      = did you mean `running`?
      = allowed here: running, exited

    1 file, 1 error
    ");
}

const CHALLENGE: &str = r#"id: shop
title: Shop
about: Containers for a shop.
total: 50
checks:
  - { use: dockerfile-exists, points: 10 }
  - { use: own, points: 10, hints: ["Write `USER app:app  shop` in it."] }
  - id: here
    title: Here
    points: 20
    expect:
      - dockerfile.final.cmd: { count: { at-least: 0 } }
        message: There has to be CMD ["python", "app.py"] somewhere.
    why: It is here.
    hints: [Look., "look.", "Is restart: unless-stopped of any help?"]
    script: { run: judge.sh, image: debian }
"#;

fn bad_challenge() -> TempDir {
    let check = "id: NAME\ntitle: t\nwhy: w\nhints: [h]\nexpect: [{ image.builds: true }]\n";
    let dockerfile = "FROM python:3.11-slim\nRUN id\nUSER app:app shop\nCMD [\"python\", \"app.py\"]\n";
    folder(&[
        ("shop/challenge.yaml", CHALLENGE),
        ("shop/checks/own.yaml", &check.replace("NAME", "own")),
        ("shop/checks/alone.yaml", &check.replace("NAME", "lone")),
        ("shop/judge.sh", "#!/bin/sh\n"),
        ("shop/solution/Dockerfile", dockerfile),
        ("shop/solution/compose.yaml", "services:\n  api:\n    restart: unless-stopped\n"),
        ("shop/starter/Dockerfile", "FROM python:3.11-slim\n"),
        ("shop/starter/app.py.orig", ""),
        ("shop/cases/a/Dockerfile", "FROM scratch\n"),
        ("shop/cases/b/expect.yaml", "abuot: b\nfails: [hree]\nfinding: { check: here, file: a }\nremove: [none]\n"),
    ])
}

#[test]
fn all_that_is_wrong_with_a_challenge_is_told_at_once() {
    let folder = bad_challenge();
    let (code, stdout, stderr) = grader(folder.path(), &["lint", "shop"]);
    assert_eq!((code, stderr.as_str()), (2, ""));
    insta::assert_snapshot!(stdout, @r#"
    shop/cases/a: error: this case has no expect.yaml, which says what comes of it: `about:` and `fails:`

    shop/cases/b/expect.yaml:1:1: error: `about` is missing here
      |
    1 | abuot: b
      | ^^^^^

    shop/cases/b/expect.yaml:1:1: error: unknown key `abuot`
      |
    1 | abuot: b
      | ^^^^^
      = did you mean `about`?
      = allowed here: about, fails, score, finding, findings, remove

    shop/cases/b/expect.yaml:2:9: error: unknown check `hree`
      |
    2 | fails: [hree]
      |         ^^^^
      = did you mean `here`?
      = allowed here: dockerfile-exists, own, here

    shop/cases/b/expect.yaml:3:19: error: `here` is not among those that fail, so it finds nothing
      |
    3 | finding: { check: here, file: a }
      |                   ^^^^

    shop/cases/b/expect.yaml:3:25: error: unknown key `file`
      |
    3 | finding: { check: here, file: a }
      |                         ^^^^
      = allowed here: check, path, line, message, cause

    shop/cases/b/expect.yaml:4:10: error: the solution has no file `none` to remove
      |
    4 | remove: [none]
      |          ^^^^

    shop/challenge.yaml:4:8: error: 50 points are promised, but those of the checks sum to 40
      |
    4 | total: 50
      |        ^^

    shop/challenge.yaml:7:37: warning: this gives a line of the solution away
      |
    7 |   - { use: own, points: 10, hints: ["Write `USER app:app  shop` in it."] }
      |                                     ^^^^^^^^^^^^^^^^^^^^^^^^^^^^^^^^^^^
      = shop/solution/Dockerfile:3 has `USER app:app shop`; lead on without it

    shop/challenge.yaml:12:9: warning: every value that there can be fits this
       |
    12 |       - dockerfile.final.cmd: { count: { at-least: 0 } }
       |         ^^^^^^^^^^^^^^^^^^^^
      = `present: true` says the same; if something else is meant, say what

    shop/challenge.yaml:13:18: warning: this gives a line of the solution away
       |
    13 |         message: There has to be CMD ["python", "app.py"] somewhere.
       |                  ^^^^^^^^^^^^^^^^^^^^^^^^^^^^^^^^^^^^^^^^^^^^^^^^^^^
      = shop/solution/Dockerfile:4 has `CMD ["python", "app.py"]`; lead on without it

    shop/challenge.yaml:15:20: warning: the hint on line 15 says the same
       |
    15 |     hints: [Look., "look.", "Is restart: unless-stopped of any help?"]
       |                    ^^^^^^^

    shop/challenge.yaml:15:29: warning: this gives a line of the solution away
       |
    15 |     hints: [Look., "look.", "Is restart: unless-stopped of any help?"]
       |                             ^^^^^^^^^^^^^^^^^^^^^^^^^^^^^^^^^^^^^^^^^
      = shop/solution/compose.yaml:3 has `restart: unless-stopped`; lead on without it

    shop/checks/alone.yaml: warning: the challenge does not use `alone`
      = add `- { use: alone, points: 5 }` to its checks, or take the file away

    shop/checks/alone.yaml:1:5: error: the file is called `alone.yaml`, so its id is `alone`
      |
    1 | id: lone
      |     ^^^^

    shop/checks/own.yaml:5:12: warning: this expectation has no message
      |
    5 | expect: [{ image.builds: true }]
      |            ^^^^^^^^^^^^
      = say what is wrong when it fails: `message: Your image …`

    shop/starter/README.md: warning: the starter has no README.md, so nobody reads what to do
      = write the task there; `grader lint --fix` begins one with the table of steps

    shop/starter/app.py.orig: warning: this does not belong here
      = a tool has left it behind; take it away

    4 files, 9 errors, 9 warnings
    "#);
    // What is no YAML is told with its place.
    fs::write(folder.path().join("shop/challenge.yaml"), CHALLENGE.replace("[Look., ", "[Look., } ")).unwrap();
    let (code, stdout, _) = grader(folder.path(), &["lint", "shop"]);
    assert_eq!(code, 2);
    assert!(stdout.contains("shop/challenge.yaml:15:12: error: this `}` closes a `[`"), "{stdout}");
}

#[test]
fn a_short_line_of_the_solution_is_given_away_by_its_own_case_and_words() {
    let solution = "FROM python:3.11-slim\nEXPOSE 8000\nUSER app\nRUN id\nENTRYPOINT\n";
    let told = |hint: &str| {
        let challenge = CHALLENGE
            .replace("USER app:app  shop", "it")
            .replace("\"Is restart: unless-stopped of any help?\"", &format!("\"{hint}\""));
        let folder = folder(&[
            ("shop/challenge.yaml", &challenge),
            ("shop/solution/Dockerfile", solution),
            ("shop/solution/compose.yaml", "services:\n  api:\n    user: app\n"),
            ("shop/starter/Dockerfile", "FROM python:3.11-slim\nRUN id\n"),
        ]);
        let (_, stdout, _) = grader(folder.path(), &["lint", "shop"]);
        stdout.contains("this gives a line of the solution away")
    };
    for hint in
        ["EXPOSE 8000", "Add EXPOSE 8000 to the Dockerfile", "Write `EXPOSE  8000`.", "It is USER app.", "user: app"]
    {
        assert!(told(hint), "{hint}");
    }
    for hint in ["EXPOSE 80001", "The user app runs it.", "Look at EXPOSE.", "Is RUN id of use?", "ENTRYPOINT"] {
        assert!(!told(hint), "{hint}");
    }
}

#[test]
fn warnings_fail_only_if_they_are_to() {
    let check = "id: it\ntitle: t\nwhy: w\nhints: [look, Look]\nexpect: [{ image.builds: true }]\n";
    let folder = folder(&[("it.yaml", check)]);
    let (code, stdout, _) = grader(folder.path(), &["lint"]);
    assert_eq!(code, 0);
    insta::assert_snapshot!(stdout, @r#"
    it.yaml:4:15: warning: the hint on line 4 says the same
      |
    4 | hints: [look, Look]
      |               ^^^^

    1 file, 1 warning
    "#);
    assert_eq!(grader(folder.path(), &["lint", "--strict"]).0, 2);
    let (code, stdout, _) = grader(folder.path(), &["lint", "none.yaml"]);
    assert_eq!((code, stdout.as_str()), (2, "none.yaml: error: there is no such file or folder\n\n0 files, 1 error\n"));
}

#[cfg(unix)]
#[test]
fn what_is_no_file_or_leads_away_is_told_not_read() {
    let folder = bad_challenge();
    let shop = folder.path().join("shop");
    std::os::unix::fs::symlink("/etc/passwd", shop.join("solution/away")).unwrap();
    std::os::unix::fs::symlink("Dockerfile", shop.join("solution/within")).unwrap();
    let _listening = std::os::unix::net::UnixListener::bind(shop.join("socket")).unwrap();
    let (_, stdout, _) = grader(folder.path(), &["lint", "shop"]);
    for link in ["away", "within"] {
        let told = format!("shop/solution/{link}: error: a solution holds files and folders only, no links");
        assert!(stdout.contains(&told), "{stdout}");
    }
    assert!(stdout.contains("shop/socket: error: this is neither a file nor a folder"), "{stdout}");
}

#[test]
fn a_matcher_of_many_values_takes_no_time() {
    let values: Vec<String> = (0..40_000).map(|number| number.to_string()).collect();
    let start = Instant::now();
    assert_eq!(
        rules(&format!("expect: [{{ container.exit_code: {{ one-of: [{}] }} }}]", values.join(", "))),
        Vec::<String>::new()
    );
    assert!(start.elapsed() < Duration::from_secs(10), "{:?}", start.elapsed());
}

proptest! {
    #![proptest_config(ProptestConfig::with_cases(100))]
    #[test]
    fn no_files_make_it_panic(changes in prop::collection::vec(
        (any::<prop::sample::Index>(), 0_usize..4, "[-a-z:{}\\[\\]\" ,.#&*!|0-9\n]{0,6}"), 1..6
    )) {
        let mut chars: Vec<char> = CHALLENGE.chars().collect();
        for (at, removed, put) in changes {
            let at = at.index(chars.len());
            let end = (at + removed).min(chars.len());
            chars.splice(at..end, put.chars());
        }
        let text: String = chars.into_iter().collect();
        let names = ["challenge.yaml", "it.yaml", "cases/a/expect.yaml", "mutants.yaml", "course.yaml", "starter/README.md"];
        let folder = folder(&names.map(|name| (name, text.as_str())));
        let linted = grader::lint::lint(&[folder.path().to_owned(), folder.path().join("it.yaml")]);
        prop_assert!(!linted.problems.is_empty());
    }
}
