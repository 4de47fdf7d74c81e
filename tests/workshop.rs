//! What instructors call beside `grader lint` (see lint.rs): new, schema, explain.

#![allow(clippy::unwrap_used, clippy::expect_used)] // in helpers of tests too

use crate::common::{at, grader};
use grader::challenge::library;
use grader::facts::registry::REGISTRY;
use grader::judge::example;
use grader::language::matcher::about::MATCHERS;
use grader::outcome::Outcome;
use grader::proof::example::collect;
use grader::schema;
use std::fs;

#[test]
fn what_is_begun_is_right_and_nothing_is_overwritten() {
    let folder = tempfile::tempdir().unwrap();
    let (code, stdout, stderr) = grader(folder.path(), &["new", "challenge", "first-steps"]);
    assert_eq!((code, stderr.as_str()), (0, ""));
    insta::assert_snapshot!(stdout, @r#"
    14 files written to first-steps

    Next    grader lint first-steps
            grader test ./first-steps
            grader check --challenge ./first-steps first-steps/solution
    "#);
    let inside = folder.path().join("first-steps");
    let (code, stdout, stderr) = grader(&inside, &["lint", "--strict"]);
    assert_eq!((code, stderr.as_str(), stdout.as_str()), (0, "", "5 files, no problems\n"));
    let challenge = library::load(inside.to_str().unwrap()).unwrap();
    assert_eq!((challenge.id.as_str(), challenge.title.as_str()), ("first-steps", "First steps"));
    assert_eq!(challenge.starter.len(), 2);
    assert_eq!(fs::read_to_string(inside.join("schema.json")).unwrap(), schema::text());

    let (code, stdout, _) = grader(&inside, &["new", "check", "works-in"]);
    assert_eq!(code, 0);
    insta::assert_snapshot!(stdout, @r#"
    1 file written to checks

    Next    grader lint checks/works-in.yaml
            grader facts --list
    "#);
    let (_, stdout, _) = grader(&inside, &["lint"]);
    assert!(stdout.contains("the challenge does not use `works-in`"), "{stdout}");
    for name in ["works-in", "one"] {
        let check = library::check(name, fs::read(inside.join(format!("checks/{name}.yaml"))).unwrap()).unwrap();
        assert!(!check.examples.pass.is_empty() && check.examples.fail.len() > 1);
        for given in &check.examples.pass {
            assert_eq!(example(&check, given, &collect).outcome, Outcome::Passed, "{given:?}");
        }
        for given in &check.examples.fail {
            let outcome = example(&check, given, &collect).outcome;
            assert!(matches!(outcome, Outcome::Failed(_)), "{given:?} {outcome:?}");
        }
    }

    fs::write(inside.join("checks/works-in.yaml"), "mine").unwrap();
    for args in [&["new", "check", "works-in"][..], &["new", "challenge", "x", "."], &["new", "check", "Not_An_Id"]] {
        let (code, stdout, stderr) = grader(&inside, args);
        assert_eq!((code, stdout.as_str()), (2, ""), "{stderr}");
    }
    assert_eq!(fs::read_to_string(inside.join("checks/works-in.yaml")).unwrap(), "mine");
    assert!(!library::check_ids().contains(&"ID_HERE"));
}

#[test]
fn the_schema_is_printed_as_it_is_kept() {
    for (args, path) in [
        (&["schema"][..], "checks/schema.json"),
        (&["schema", "--case"], "checks/case.schema.json"),
        (&["schema", "--course"], "checks/course.schema.json"),
    ] {
        let (code, stdout, stderr) = grader(&at(""), args);
        assert_eq!((code, stderr.as_str()), (0, ""));
        assert!(stdout == fs::read_to_string(at(path)).unwrap(), "{path}");
    }
}

#[test]
fn the_reference_has_all_there_is() {
    let (code, page, stderr) = grader(&at(""), &["explain", "--all", "--format", "markdown"]);
    assert_eq!((code, stderr.as_str()), (0, ""));
    assert_eq!(page, grader(&at(""), &["explain", "--all", "--format", "markdown"]).1);
    for entry in REGISTRY.iter() {
        assert!(page.contains(&format!("| `{}` | ", entry.name)), "{}", entry.name);
    }
    for id in library::check_ids() {
        assert!(page.contains(&format!("\n`{id}`: ")), "{id}");
    }
    assert_eq!(page.matches("\n```").count() % 2, 0);
    let text = grader(&at(""), &["explain", "--all"]).1;
    assert!(text.contains("image.size  size\n") && text.contains("excludes"), "{text}");
    for (args, code) in
        [(&["explain"][..], 2), (&["explain", "--format", "markdown"], 2), (&["explain", "image-size"], 0)]
    {
        assert_eq!(grader(&at(""), args).0, code, "{args:?}");
    }
}

#[test]
fn the_reference_s_examples_of_matchers_load() {
    for matcher in &MATCHERS {
        let text = format!("id: it\ntitle: t\nwhy: w\nhints: [h]\nexpect:\n  - {}\n", matcher.example);
        library::check("it.yaml", text).unwrap_or_else(|error| panic!("{}: {error}", matcher.name));
        assert!(matcher.name == "equals" || matcher.example.contains(matcher.name), "{}", matcher.example);
    }
}
