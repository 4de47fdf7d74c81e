//! Reports made by hand, held against what is promised.

use super::*;
use crate::challenge::read::case::Sought;
use crate::facts::Facts;
use crate::place::Place;
use crate::report::{Counts, Coverage, GradedRepository};
use std::collections::BTreeMap;
use std::time::{Duration, SystemTime};

fn report(checks: &[(&str, Outcome, u32)]) -> Report {
    let check = |(id, outcome, points): &(&str, Outcome, u32)| CheckReport {
        id: (*id).to_owned(),
        title: (*id).to_owned(),
        step: None,
        outcome: outcome.clone(),
        points: *points,
        max_points: 10,
        elapsed: Duration::ZERO,
        why: String::new(),
        teaching: crate::challenge::Teaching::default(),
        hints: Vec::new(),
        advice: Vec::new(),
        measured: None,
        judged: if matches!(outcome, Outcome::Errored(_)) { Coverage::No } else { Coverage::Yes },
        counts: Counts::Points,
        overridden: None,
    };
    Report {
        challenge: (String::new(), String::new()),
        repository: GradedRepository::default(),
        platform: String::new(),
        bases: BTreeMap::new(),
        engine: None,
        pass_mark: 20,
        seed: None,
        started: SystemTime::UNIX_EPOCH,
        elapsed: Duration::ZERO,
        checks: checks.iter().map(check).collect(),
        notes: Vec::new(),
        interrupted: None,
        facts: Facts::default(),
    }
}

fn found(message: &str, line: u32) -> Outcome {
    let place = Some(Place::line("Dockerfile", line));
    Outcome::Failed(vec![Finding { message: message.to_owned(), place, ..Finding::default() }])
}

fn wrong(verdict: Verdict) -> Vec<String> {
    if let Verdict::Failed(wrong) = verdict { wrong } else { vec![format!("{verdict:?}")] }
}

#[test]
fn a_solution_is_the_same_each_time() {
    let right = report(&[("a", Outcome::Passed, 10), ("b", Outcome::Passed, 10)]);
    assert_eq!(solution(&[right.clone(), right.clone(), right.clone()]), Verdict::Held);
    let wavers = report(&[("a", Outcome::Passed, 10), ("b", found("late", 1), 0)]);
    assert_eq!(
        wrong(solution(&[right.clone(), right.clone(), wavers])),
        ["b is not the same each time: passed with 10 points at first, failed with 0 the 3. time"]
    );
    let errs = report(&[("a", Outcome::Passed, 10), ("b", Outcome::Errored("no network".to_owned()), 0)]);
    assert_eq!(solution(&[right.clone(), errs]), Verdict::Unjudged("b: no network".to_owned()));
    let skips = report(&[("a", Outcome::Passed, 10), ("b", Outcome::Skipped("x".to_owned()), 0)]);
    assert_eq!(wrong(solution(&[skips])), ["it gets 10 of 20 points"]);
}

#[test]
fn a_starter_fails_with_findings_and_hints() {
    let silent = report(&[("a", Outcome::Failed(Vec::new()), 0), ("b", found("x", 1), 0)]);
    assert_eq!(wrong(starter(&silent)), ["a fails without a finding", "b fails without a hint"]);
}

#[test]
fn a_case_is_held_to_its_line() {
    let sought = Sought { check: "a".to_owned(), line: Some(3), ..Sought::default() };
    let named = Case { fails: vec!["a".to_owned()], finding: Some(sought), ..Case::default() };
    let at = |line| report(&[("a", found("x", line), 0), ("b", Outcome::Passed, 10)]);
    assert_eq!(case(&named, &at(3)), Verdict::Held);
    assert_eq!(wrong(case(&named, &at(4))), ["a should find something at line 3, and finds Dockerfile:4: x"]);
}

#[test]
fn a_case_is_held_to_the_number_of_its_findings() {
    let found = Outcome::Failed(["x", "y"].map(|it| Finding { message: it.to_owned(), ..Finding::default() }).to_vec());
    let report = report(&[("a", found, 0), ("b", Outcome::Passed, 10)]);
    let fails = vec!["a".to_owned()];
    let with = |count| Case { fails: fails.clone(), count: Some(count), ..Case::default() };
    assert_eq!(case(&with(2), &report), Verdict::Held);
    assert_eq!(wrong(case(&with(1), &report)), ["expected 1 finding, got 2 findings: a: x; a: y"]);
    let named =
        |message: &str| Sought { check: "a".to_owned(), message: Some(message.to_owned()), ..Sought::default() };
    let both = |second: &str| Case { findings: vec![named("x"), named(second)], ..with(2) };
    assert_eq!(case(&both("y"), &report), Verdict::Held);
    assert_eq!(wrong(case(&both("z"), &report)), ["a should find `z`, and doesn't"]);
}
