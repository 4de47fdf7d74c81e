//! How checks count: bonus points, optional checks, and what an instructor decides by hand.

#![allow(clippy::expect_used, clippy::unwrap_used)] // in helpers of tests too

use crate::common::grader;
use serde_json::Value;
use std::fs;

const CHALLENGE: &str = "\
id: counting
title: Counting
about: Count.
total: 10
checks:
  - id: there
    title: There
    points: 10
    expect: [{ dockerfile.exists: true }]
    why: It is the start.
    hints: [Begin.]
  - id: labelled
    title: Labelled
    bonus: 4
    expect: [{ dockerfile.final.labels: { contains: who } }]
    why: It says who made it.
    hints: [Who made it?]
  - id: pinned
    title: Pinned
    optional: true
    expect: [{ dockerfile.final.base.digest: { present: true } }]
    why: It stays the same.
    hints: [Which one is it?]
";

/// Grades a Dockerfile, in a folder called `jane`; the exit code, the JSON, and what a terminal would show.
fn grade(dockerfile: Option<&str>, overrides: Option<&str>) -> (i32, Value, String) {
    let folder = tempfile::tempdir().unwrap();
    let jane = folder.path().join("jane");
    fs::create_dir(&jane).unwrap();
    fs::write(folder.path().join("counting.yaml"), CHALLENGE).unwrap();
    if let Some(text) = dockerfile {
        fs::write(jane.join("Dockerfile"), text).unwrap();
    }
    let mut args = vec!["check", "jane", "--static", "--challenge", "counting.yaml", "--report", "json=report.json"];
    if let Some(text) = overrides {
        fs::write(folder.path().join("overrides.yaml"), text).unwrap();
        args.extend(["--override", "overrides.yaml"]);
    }
    let (code, stdout, stderr) = grader(folder.path(), &args);
    let json = fs::read(folder.path().join("report.json")).unwrap_or_default();
    (code, serde_json::from_slice(&json).unwrap_or_default(), stdout + &stderr)
}

fn numbers(report: &Value) -> (u64, u64, bool) {
    (report["score"].as_u64().unwrap(), report["max_score"].as_u64().unwrap(), report["passed"].as_bool().unwrap())
}

#[test]
fn bonus_points_make_up_for_missing_ones_and_optional_checks_never_fail() {
    let (code, report, said) = grade(Some("FROM a:1\nLABEL who=me\n"), None);
    assert_eq!((code, numbers(&report)), (0, (10, 10, true)), "never more than there are: {said}");
    assert!(said.contains("+4/4") && said.contains("optional"), "{said}");
    assert_eq!(report["checks"][2]["status"], "failed");
    let (code, report, _) = grade(Some("FROM a:1\n"), None);
    assert_eq!((code, numbers(&report)), (0, (10, 10, true)), "what is on top need not be there");
    let (code, report, _) = grade(None, None);
    assert_eq!((code, numbers(&report)), (1, (0, 10, false)));
}

#[test]
fn what_is_decided_by_hand_counts_and_is_shown() {
    let by_hand = "- { repository: jane, check: there, points: 10, reason: Shown at my desk. }\n";
    let (code, report, said) = grade(None, Some(by_hand));
    assert_eq!((code, numbers(&report)), (0, (10, 10, true)), "{said}");
    assert!(said.contains("set by hand: Shown at my desk."), "{said}");
    let first = &report["checks"][0];
    assert_eq!(first["override"], serde_json::json!({"points_before": 0, "reason": "Shown at my desk."}));
    assert_eq!(first["status"], "failed", "what was found stays to be seen");
    let (code, report, said) = grade(None, Some(&by_hand.replace("jane", "joe/app")));
    assert_eq!((code, numbers(&report).0), (1, 0), "it is another's");
    assert!(said.contains("no override is for this repository"), "{said}");
}

#[test]
fn a_wrong_override_file_is_told_with_its_place() {
    for (text, told) in [
        ("- { repository: a, check: there, points: 11, reason: x }\n", "overrides.yaml:1:42: `there` has 10 points"),
        ("- { repository: a, check: ther, points: 1, reason: x }\n", "did you mean `there`?"),
        ("- { repository: a, check: there, points: 1 }\n", "`reason` is missing here"),
        ("- { repository: a, check: there, point: 1, reason: x }\n", "unknown key `point`"),
        ("repository: a\n", "a list of overrides is wanted here"),
    ] {
        let (code, _, said) = grade(None, Some(text));
        assert_eq!(code, 2, "{said}");
        assert!(said.contains(told), "{said}");
    }
}

#[test]
fn a_check_counts_in_one_way_and_the_points_are_what_is_promised() {
    let folder = tempfile::tempdir().unwrap();
    let wrong = CHALLENGE.replace("total: 10", "total: 12");
    fs::write(folder.path().join("a.yaml"), wrong).unwrap();
    fs::write(folder.path().join("b.yaml"), CHALLENGE.replace("bonus: 4", "bonus: 4\n    points: 3")).unwrap();
    for (file, told) in [
        ("a.yaml", "12 points are promised, but those of the checks sum to 10"),
        ("b.yaml", "a check counts in one way: `points`, `bonus` or `optional`"),
    ] {
        let (code, _, said) = grader(folder.path(), &["list", &format!("./{file}")]);
        assert!(code == 2 && said.contains(told), "{said}");
    }
}
