//! The checks and the challenge that come with the grader: they load, their examples hold, they add up.

use grader::challenge::{Check, Error, Example, Role, library};
use grader::facts::Facts;
use grader::judge::{Judgement, example};
use grader::outcome::Outcome;
use std::collections::BTreeMap;

fn loaded<T>(result: Result<T, Error>) -> T {
    result.unwrap_or_else(|error| panic!("\n{error}\n"))
}

fn judged(check: &Check, given: &Example) -> Judgement {
    example(check, given, &|_: &BTreeMap<String, String>| Facts::default())
}

#[test]
fn examples_of_facts_are_judged_as_they_say() {
    for check in loaded(library::checks()) {
        let facts_only = |example: &&Example| example.files.is_empty();
        let (pass, fail) = (check.examples.pass.iter(), check.examples.fail.iter());
        assert!(pass.clone().any(|it| facts_only(&it)) && fail.clone().any(|it| facts_only(&it)), "{}", check.id);
        for given in pass.filter(facts_only) {
            let judgement = judged(&check, given);
            assert_eq!(judgement.outcome, Outcome::Passed, "{}: {given:?}", check.id);
        }
        for given in fail.filter(facts_only) {
            let judgement = judged(&check, given);
            let Outcome::Failed(findings) = &judgement.outcome else { panic!("{}: {given:?} {judgement:?}", check.id) };
            assert_eq!(findings.len(), 1, "{}: one cause is told once: {given:?} {findings:?}", check.id);
            assert!(
                !findings[0].message.contains('`') || findings[0].message.contains("docker compose up"),
                "{findings:?}"
            );
            assert!(findings[0].expected.is_some() && findings[0].hint.is_some(), "{findings:?}");
        }
    }
}

#[test]
fn the_challenge_has_the_steps_and_points_it_promises() {
    let challenge = loaded(library::load("dockerize-python-app"));
    let steps: Vec<String> =
        challenge.checks.iter().map(|check| format!("{:>2} {} ({})", check.points, check.title, check.id)).collect();
    insta::assert_snapshot!(steps.join("\n"), @"");
    assert_eq!(challenge.checks.iter().map(|check| check.points).sum::<u32>(), 100);
    assert_eq!(challenge.pass_mark, None);
    assert_eq!(challenge.given, ["src/**", "requirements.txt"]);
    assert_eq!(challenge.roles["redis"], Role::Image("redis*".into()));
    let http = challenge.subject.http.unwrap();
    assert_eq!((http.port, http.path.as_str()), (5000, "/health"));
}

#[test]
fn every_challenge_and_check_is_named_as_its_file() {
    for id in library::ids() {
        assert_eq!(loaded(library::load(id)).id, id);
    }
    let ids: Vec<String> = loaded(library::checks()).into_iter().map(|check| check.id).collect();
    assert_eq!(ids, library::check_ids());
}

#[test]
fn hints_lead_on_and_do_not_give_the_line_away() {
    for check in loaded(library::checks()) {
        assert!(check.hints.len() >= 2, "{} has a gentle hint and a stronger one", check.id);
        for hint in check.hints.iter().chain(check.advise.iter().filter_map(|tip| tip.message.as_ref())) {
            for line in
                ["COPY --from", "USER app", "USER 1", "HEALTHCHECK ", "pip install", "condition: service", "REDIS_URL"]
            {
                assert!(!hint.contains(line), "{}: {hint}", check.id);
            }
        }
    }
}
