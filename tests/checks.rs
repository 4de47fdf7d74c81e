//! The checks and the challenge that come with the grader: they load, their examples hold, they add up.

#![allow(clippy::unwrap_used, clippy::panic)] // helpers of tests

use grader::challenge::{Check, Example, library};
use grader::compose::roles::Role;
use grader::diagnostic::Error;
use grader::judge::{Judgement, example};
use grader::language::condition::{Condition, Expectation};
use grader::outcome::Outcome;
use grader::proof::example::collect;

fn loaded<T>(result: Result<T, Error>) -> T {
    result.unwrap_or_else(|error| panic!("\n{error}\n"))
}

fn judged(check: &Check, given: &Example) -> Judgement {
    example(check, given, &collect)
}

#[test]
fn examples_are_judged_as_they_say() {
    for check in loaded(library::checks()) {
        let (pass, fail) = (check.examples.pass.iter(), check.examples.fail.iter());
        assert!(pass.len() > 0 && fail.len() > 0, "{}", check.id);
        for given in pass {
            let judgement = judged(&check, given);
            assert_eq!(judgement.outcome, Outcome::Passed, "{}: {given:?}", check.id);
        }
        for given in fail {
            let judgement = judged(&check, given);
            let Outcome::Failed(findings) = &judgement.outcome else { panic!("{}: {given:?} {judgement:?}", check.id) };
            // A .dockerignore may lack several things, each on its own account.
            let once = findings.len() == 1 || check.id == "dockerignore";
            assert!(once, "{}: one cause is told once: {given:?} {findings:?}", check.id);
            assert!(findings[0].hint.is_some() && !findings[0].message.is_empty(), "{findings:?}");
        }
    }
}

/// Alternatives that ask once more for a fact that an item before them has decided: an item waits for those anyway.
fn guards<'e>(before: &mut Vec<&'e Expectation>, list: &'e [Expectation], found: &mut Vec<String>) {
    for group in list.chunk_by(|one, next| one.group == next.group) {
        for item in group {
            let Condition::AnyOf(alternatives) = &item.condition else { continue };
            let decided = |path: &[String]| {
                before.iter().any(|before| match &before.condition {
                    Condition::Fact(known, _) => known == path,
                    Condition::AnyOf(all) => {
                        all.iter().any(|one| matches!(one, Condition::Fact(known, _) if known == path))
                    }
                    Condition::AllOf(_) => false,
                })
            };
            let again: Vec<String> = alternatives
                .iter()
                .filter_map(|one| match one {
                    Condition::Fact(path, _) if decided(path) => Some(path.join(".")),
                    _ => None,
                })
                .collect();
            // A choice between several forms of one fact guards nothing.
            if again.len() < alternatives.len() {
                found.extend(again);
            }
        }
        before.extend(group);
    }
}

#[test]
fn no_check_has_an_alternative_that_is_only_a_guard() {
    let mut found = Vec::new();
    let challenges = library::ids().into_iter().flat_map(|id| loaded(library::load(id)).checks);
    for check in loaded(library::checks()).into_iter().chain(challenges) {
        let mut before = Vec::new();
        guards(&mut before, &check.expect, &mut found);
        for step in &check.steps {
            let mut before = before.clone();
            guards(&mut before, &step.expect, &mut found);
        }
    }
    assert_eq!(found, Vec::<String>::new());
}

#[test]
fn the_challenge_has_the_steps_and_points_it_promises() {
    let challenge = loaded(library::load("dockerize-python-app"));
    let steps: Vec<String> =
        challenge.checks.iter().map(|check| format!("{:>2} {} ({})", check.points, check.title, check.id)).collect();
    insta::assert_snapshot!(steps.join("\n"), @"
    10 Dockerfile exists (dockerfile-exists)
     0 Image builds and holds the application (image-works)
    25 Multi-stage build used (multi-stage)
    20 Image size < 200MB (image-size)
    15 Non-root user configured (non-root-user)
    10 Health check defined (healthcheck)
     5 .dockerignore exists (dockerignore)
     0 Compose runs the given application (compose-runs-app)
    15 docker compose up healthy (compose-up)
    ");
    assert_eq!(challenge.checks.iter().map(|check| check.points).sum::<u32>(), 100);
    assert_eq!(challenge.pass_mark, None);
    assert_eq!(challenge.given, ["src/**", "requirements.txt"]);
    assert_eq!(challenge.roles["redis"], Role::Image(["redis*", "*/redis*", "valkey*"].map(String::from).into()));
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

/// The blocks of the guide that begin with this line.
fn block(first: &str) -> String {
    let guide = std::fs::read_to_string("checks/README.md").unwrap();
    let lines = guide.lines().skip_while(|line| line.trim() != first);
    let block = lines.take_while(|line| line.starts_with("    ") || line.is_empty());
    block.flat_map(|line| [line.strip_prefix("    ").unwrap_or(line), "\n"]).collect()
}

#[test]
fn the_guide_s_examples_work_as_written() {
    let check = loaded(library::check("checks/exposes-port.yaml", block("# checks/exposes-port.yaml")));
    for given in &check.examples.pass {
        assert_eq!(judged(&check, given).outcome, Outcome::Passed);
    }
    for given in &check.examples.fail {
        assert!(matches!(judged(&check, given).outcome, Outcome::Failed(_)), "{given:?}");
    }
    let steps = block("try:") + "id: it\ntitle: t\nwhy: w\nhints: [h]\n";
    assert_eq!(loaded(library::check("checks/it.yaml", steps)).steps.len(), 3);
    let folder = tempfile::tempdir().unwrap();
    std::fs::create_dir(folder.path().join("checks")).unwrap();
    std::fs::write(folder.path().join("checks/exposes-port.yaml"), block("# checks/exposes-port.yaml")).unwrap();
    let first = "# my-challenge/challenge.yaml, beside it checks/ with checks of its own, and starter/";
    std::fs::write(folder.path().join("challenge.yaml"), block(first)).unwrap();
    assert_eq!(loaded(library::load(folder.path().to_str().unwrap())).checks.len(), 6);
}

#[test]
fn tips_are_given_where_they_help_and_only_there() {
    let checks = loaded(library::checks());
    let tips = |id: &str, files: &[(&str, &str)]| {
        let files = files.iter().map(|(path, text)| ((*path).to_owned(), (*text).to_owned())).collect();
        let check = checks.iter().find(|check| check.id == id).unwrap();
        let advice = judged(check, &Example { files, ..Example::default() }).advice;
        advice.iter().map(|tip| tip.place.as_ref().map(ToString::to_string).unwrap_or_default()).collect::<Vec<_>>()
    };
    assert_eq!(tips("dockerfile-exists", &[("Dockerfile.txt", "FROM python\n")]), Vec::<String>::new());
    assert_eq!(tips("dockerfile-exists", &[("Dockerfile", "FROM python:3.11 AS a\nFROM a\n")]), Vec::<String>::new());
    assert_eq!(tips("dockerfile-exists", &[("Dockerfile", "FROM scratch\n")]), Vec::<String>::new());
    assert_eq!(tips("dockerfile-exists", &[("Dockerfile", "# a\nFROM python:latest\n")]), ["Dockerfile:2"]);
    let base = "FROM python:3.11-slim\n";
    for (line, is_told) in [
        ("CMD ['python', 'app.py']", true),
        ("CMD [\"python\", \"app.py\"]", false),
        ("HEALTHCHECK CMD curl -f http://localhost:5000/", true),
        ("RUN apt-get update && apt-get install -y curl\nHEALTHCHECK CMD curl -f http://localhost:5000/", false),
        ("HEALTHCHECK CMD exit 0", true),
        ("HEALTHCHECK CMD [\"true\"]", true),
        ("HEALTHCHECK CMD python check.py || true", true),
        ("HEALTHCHECK CMD python check.py || exit 1", false),
    ] {
        let last = 1 + line.lines().count();
        let told = tips("dockerfile-exists", &[("Dockerfile", &format!("{base}{line}\n"))]);
        assert_eq!(told, if is_told { vec![format!("Dockerfile:{last}")] } else { Vec::new() }, "{line}");
    }
    let order = "FROM python:3.11-slim\nCOPY . .\nRUN pip install -r requirements.txt\n";
    assert_eq!(tips("dockerfile-exists", &[("Dockerfile", order)]).len(), 1);
    assert_eq!(tips("dockerignore", &[(".dockerignore", ".git\n**/__pycache__\nvenv\n")]), Vec::<String>::new());
    assert_eq!(tips("dockerignore", &[(".dockerignore", "**/__pycache__\n.git # all\n")]), [".dockerignore:2"]);
    assert_eq!(tips("dockerignore", &[(".dockerignore", ".git\n__pycache__\nvenv\n")]), [".dockerignore"]);
}
