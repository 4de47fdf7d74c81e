//! Courses: `grader list|init|test|lint COURSE`, and checks that challenges of a course share.

#![allow(clippy::unwrap_used, clippy::expect_used)] // in helpers of tests too

use crate::common::{folder, grader, write};
use std::fs;
use tempfile::TempDir;

const COURSE: &str = "\
# yaml-language-server: $schema=course.schema.json
id: basics
title: Docker basics
about: From the first image to the second.
checks: shared
causes: causes
policy: policy.yaml
limits: { build: 3m }
units:
  - { challenge: first, lesson: \"1.6\", url: \"https://example.com/1.6\", teaches: [FROM, EXPOSE] }
  - { challenge: second, lesson: \"1.9\", after: [first], weight: 2, teaches: [USER] }
pass: { units: 1 }
";

/// A challenge of one check, which the course shares.
fn challenge(id: &str, check: &str) -> String {
    format!(
        "id: {id}\ntitle: The {id} one\nabout: Write a Dockerfile.\nchecks:\n  - {{ use: dockerfile-exists, points: 1 }}\n  \
         - {{ use: {check}, points: 9, needs: [dockerfile-exists] }}\n"
    )
}

/// A shared check of one fact.
fn check(id: &str, fact: &str, expected: &str, right: &str, wrong: &str) -> String {
    format!(
        "id: {id}\ntitle: It {id}\nexpect: [{{ {fact}: {expected}, message: Not yet. }}]\nwhy: It has to.\nhints: [How?]\n\
         examples: {{ pass: [{{ {fact}: {right} }}], fail: [{{ {fact}: {wrong} }}] }}\n"
    )
}

/// A course of two challenges, in the folder `course`.
fn course() -> TempDir {
    let shared = check("has-user", "dockerfile.final.user.name", "app", "app", "root");
    let first = check("has-port", "dockerfile.final.exposes", "{ contains: 80/tcp }", "[80/tcp]", "[]");
    let (one, two) = (challenge("first", "has-port"), challenge("second", "has-user"));
    let rows = |title: &str| {
        format!(
            "<!-- grader: steps -->\n| | Step | Points |\n|---|---|---|\n| 1 | Dockerfile exists | 1 |\n| 2 | {title} | 9 |\n<!-- /grader -->\n"
        )
    };
    folder(&[
        ("course/course.yaml", COURSE),
        ("course/course.schema.json", "{}"),
        ("course/policy.yaml", "compose: {}\n"),
        ("course/causes/.keep", ""),
        ("course/shared/has-user.yaml", &shared),
        ("course/shared/has-port.yaml", &first),
        ("course/first/challenge.yaml", &one),
        ("course/first/starter/README.md", &rows("It has-port")),
        ("course/first/solution/Dockerfile", "FROM scratch\nEXPOSE 80\n"),
        ("course/first/cases/a/expect.yaml", "about: None.\nfails: [dockerfile-exists]\nremove: [Dockerfile]\n"),
        ("course/first/cases/b/expect.yaml", "about: No port.\nfails: [has-port]\n"),
        ("course/first/cases/b/Dockerfile", "FROM scratch\n"),
        ("course/second/challenge.yaml", &two),
        ("course/second/starter/README.md", &rows("It has-user")),
        ("course/second/solution/Dockerfile", "FROM scratch\nUSER app\n"),
        ("course/second/cases/a/expect.yaml", "about: None.\nfails: [dockerfile-exists]\nremove: [Dockerfile]\n"),
        ("course/second/cases/b/expect.yaml", "about: Root.\nfails: [has-user]\n"),
        ("course/second/cases/b/Dockerfile", "FROM scratch\n"),
    ])
}

#[test]
fn a_learner_goes_from_unit_to_unit() {
    let folder = course();
    let (code, stdout, stderr) = grader(folder.path(), &["list", "course"]);
    assert_eq!((code, stderr.as_str()), (0, ""));
    insta::assert_snapshot!(stdout, @r#"
    Docker basics
    From the first image to the second.

    >>   1  first   1.6  The first one
            2 steps, 10 points
            https://example.com/1.6
         2  second  1.9  The second one
            2 steps, 10 points
            better after first
            counts 2 times

    0 of 2 units done. You pass with 1.

    Next    grader next course   (first)
    "#);
    let (code, stdout, stderr) = grader(folder.path(), &["init", "course", "work/first"]);
    assert_eq!(code, 0, "{stderr}");
    assert!(stdout.starts_with("The first one\n"), "{stdout}");
    // Begun, but not done.
    grader(folder.path(), &["check", "work/first"]);
    let (_, stdout, _) = grader(folder.path(), &["list", "course"]);
    assert!(stdout.contains("begun: best score 0/10"), "{stdout}");
    write(folder.path(), "work/first/Dockerfile", "FROM scratch\nEXPOSE 80\n");
    let (code, stdout, stderr) = grader(folder.path(), &["check", "work/first"]);
    assert_eq!(code, 0, "{stdout}{stderr}");
    let (_, stdout, _) = grader(folder.path(), &["list", "course"]);
    insta::assert_snapshot!(stdout, @r#"
    Docker basics
    From the first image to the second.

    OK   1  first   1.6  The first one
            best score 10/10
            https://example.com/1.6
    >>   2  second  1.9  The second one
            2 steps, 10 points
            counts 2 times

    1 of 2 units done: you have passed the course.

    Next    grader next course   (second)
    "#);
    let (code, stdout, _) = grader(folder.path(), &["init", "./course/course.yaml", "work/second"]);
    assert!(code == 0 && stdout.starts_with("The second one\n"), "{stdout}");
    write(folder.path(), "work/second/Dockerfile", "FROM scratch\nUSER app\n");
    assert_eq!(grader(folder.path(), &["check", "work/second"]).0, 0);
    let (code, _, stderr) = grader(folder.path(), &["init", "course", "work/third"]);
    assert!(code == 2 && stderr.contains("all units of Docker basics are done"), "{stderr}");
    let (_, stdout, _) = grader(folder.path(), &["list", "course"]);
    assert!(stdout.contains("2 of 2 units done: you have passed the course."), "{stdout}");
}

#[test]
fn the_course_that_is_built_in_goes_on_from_unit_to_unit() {
    let folder = folder(&[]);
    let (_, stdout, _) = grader(folder.path(), &["list"]);
    let named = grader(folder.path(), &["list", "docker-basics"]).1;
    assert!(stdout.starts_with(&named), "{stdout}");
    for id in grader::challenge::library::ids() {
        assert!(named.contains(&format!("  {id} ")), "{id} is in no built-in course\n{named}");
    }
    let (code, stdout, _) = grader(&crate::common::at(""), &["lint", "checks/courses/docker-basics"]);
    assert_eq!(code, 0, "{stdout}");
    assert!(!stdout.contains("warning"), "{stdout}");
    let first = grader::challenge::library::built_in_course("docker-basics").unwrap().units[0].name.clone();
    let (code, stdout, stderr) = grader(folder.path(), &["next"]);
    assert_eq!(code, 0, "{stderr}");
    assert!(stdout.contains(&format!("cd {first}\n")), "{stdout}");
    // Begun and not finished: nothing new is written.
    let (code, stdout, _) = grader(folder.path(), &["next"]);
    let cd = format!("cd {}", folder.path().canonicalize().unwrap().join(&first).display());
    assert!(code == 0 && stdout.contains("isn't finished.\n") && stdout.contains(&cd), "{stdout}");
    assert!(grader(folder.path(), &["list"]).1.contains("begun: 100 points"));
    // All of the first is done, as far as is remembered; from within it, the second one is written beside it.
    let state = std::fs::read_dir(folder.path().join(".state/grader")).unwrap().next().unwrap().unwrap().path();
    let text = std::fs::read_to_string(&state).unwrap();
    let mut kept: serde_json::Value = serde_json::from_str(&text).unwrap();
    kept["challenges"][&first]["score"] = 100.into();
    kept["challenges"][&first]["passed"] = true.into();
    std::fs::write(&state, kept.to_string()).unwrap();
    assert!(grader(folder.path(), &["list"]).1.contains("best score 100/100"));
    let mut command = crate::common::command(&folder.path().join(&first), &["next"]);
    let output = command.env("XDG_STATE_HOME", folder.path().join(".state")).output().unwrap();
    let stdout = String::from_utf8_lossy(&output.stdout);
    assert!(output.status.success() && stdout.contains("cd ../"), "{stdout}");
    assert_eq!(std::fs::read_dir(folder.path()).unwrap().count(), 3, "the state, and two units side by side");
    let (code, stdout, _) = grader(folder.path(), &["clean", "--progress"]);
    assert_eq!((code, stdout.as_str()), (0, "Forgot the progress in 2 folders.\n"));
    assert_eq!(grader(folder.path(), &["clean", "--progress"]).1, "No progress was saved.\n");
    let (code, _, stderr) = grader(folder.path(), &["next", "hello-container"]);
    assert!(code == 2 && stderr.contains("`hello-container` isn't a course"), "{stderr}");
}

#[test]
fn its_challenges_are_proved_with_what_they_share() {
    let folder = course();
    let (code, stdout, stderr) = grader(folder.path(), &["test", "course"]);
    assert_eq!(code, 0, "{stdout}{stderr}");
    for told in ["The first one", "The second one", "OK   examples  2 of 2 checks", "Proved\n"] {
        assert!(stdout.contains(told), "{told}\n{stdout}");
    }
    assert_eq!(grader(&folder.path().join("course"), &["test"]).1.matches("OK   solution").count(), 2);
    // A challenge's own check comes before the shared one.
    let own = check("has-user", "dockerfile.exists", "true", "true", "false");
    write(folder.path(), "course/second/checks/has-user.yaml", own);
    let (code, stdout, _) = grader(folder.path(), &["test", "course/second"]);
    assert!(code == 1 && stdout.contains("has-user should fail, and passed"), "{stdout}");
    // The course's bounds are those of its challenges.
    let challenge = grader::challenge::library::load(folder.path().join("course/first").to_str().unwrap()).unwrap();
    assert_eq!(challenge.limits.build, Some(std::time::Duration::from_secs(180)));
}

#[test]
fn lint_finds_what_is_wrong_with_a_course() {
    let problems = |folder: &TempDir| {
        let (_, json, _) = grader(folder.path(), &["lint", "course", "--format", "json"]);
        let json: serde_json::Value = serde_json::from_str(&json).unwrap();
        let all = json["problems"].as_array().unwrap().iter();
        let told = all.map(|it| {
            let text = |key: &str| it[key].as_str().unwrap_or_default().to_owned();
            format!(
                "{} {}:{} {} {} {}",
                text("rule"),
                text("path"),
                it["line"],
                text("message"),
                text("nearest"),
                text("help")
            )
        });
        told.collect::<Vec<_>>()
    };
    assert_eq!(problems(&course()), Vec::<String>::new());
    for (right, mistake, wanted) in [
        ("id: basics", "id: Basics", "load course/course.yaml:2 an id is lower case"),
        ("units:", "unit:", "`units` is missing here"),
        (
            "challenge: second",
            "challenge: secnd",
            "load course/course.yaml:11 there is no challenge `secnd` in the course's folder second",
        ),
        ("challenge: second", "challenge: first", "`first` is a unit of this course already"),
        ("after: [first]", "after: [frist]", "load course/course.yaml:11 unknown unit `frist` first"),
        ("after: [first]", "after: [second]", "`second` comes no earlier than `second`"),
        ("url: \"https:", "url: \"htps:", "isn't a URL"),
        ("weight: 2", "weight: 0", "a whole number from 1 to 100"),
        ("pass: { units: 1 }", "pass: { units: 3 }", "the course has only 2 units"),
        ("checks: shared", "checks: sharde", "there is no folder `sharde` here"),
        ("policy: policy.yaml", "policy: none.yaml", "there is no file `none.yaml` here"),
        ("lesson: \"1.9\"", "leson: \"1.9\"", "unknown key `leson` lesson"),
        (
            "teaches: [USER]",
            "teaches: [user]",
            "teaches course/course.yaml:11 the solution of `second` needs `USER`, which no unit up to it teaches",
        ),
        ("$schema=course", "$schema=../course", "schema-line course/course.yaml:1"),
    ] {
        let folder = course();
        assert!(COURSE.contains(right), "{right}");
        fs::write(folder.path().join("course/course.yaml"), COURSE.replace(right, mistake)).unwrap();
        let told = problems(&folder);
        assert!(told.iter().any(|it| it.contains(wanted)), "{mistake}: {wanted}\n{told:#?}");
        // What can't be read is refused by every command, with its place.
        if !["teaches", "schema-line"].iter().any(|rule| wanted.starts_with(rule)) {
            for command in ["list", "init", "test"] {
                let (code, _, stderr) = grader(folder.path(), &[command, "course"]);
                assert!(code == 2 && stderr.contains("course.yaml:"), "{command} {mistake}: {stderr}");
            }
        }
    }
    // A term that a later unit teaches.
    let folder = course();
    let swapped = COURSE.replace("teaches: [FROM, EXPOSE]", "teaches: [FROM]").replace("[USER]", "[USER, EXPOSE]");
    fs::write(folder.path().join("course/course.yaml"), swapped).unwrap();
    let told = problems(&folder);
    assert!(told[0].contains("needs `EXPOSE`") && told[0].contains("put it behind `second`"), "{told:#?}");
}
