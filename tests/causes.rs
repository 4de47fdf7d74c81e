//! The causes that come with grader: each can be read, explains its examples among all others, and leaves alone what it
//! says it does.

#![allow(clippy::unwrap_used)] // helpers of tests
use grader::causes::{self, Cause, Evidence};
use grader::facts::Facts;
use grader::outcome::Finding;
use std::collections::{BTreeMap, BTreeSet};

fn all() -> Vec<Cause> {
    causes::all().unwrap_or_else(|error| panic!("{error}"))
}

#[test]
fn each_explains_its_examples_among_all_others() {
    let (all, mut wrong) = (all(), Vec::new());
    for cause in &all {
        for example in &cause.explains {
            if causes::explains(cause, &all, example).is_none() {
                let (facts, roles) = (example.facts.facts(), BTreeMap::new());
                let evidence = Evidence { about: &example.about, text: &example.printed, facts: &facts, roles: &roles };
                let other = causes::of(&all, evidence).map(|(told, _)| told.cause);
                wrong.push(format!("{}: {:?} is explained by {other:?}", cause.id, example.printed));
            }
        }
        for example in cause.leaves_alone.iter().filter(|example| !causes::leaves_alone(cause, example)) {
            wrong.push(format!("{}: does not leave {:?} alone", cause.id, example.printed));
        }
    }
    assert!(wrong.is_empty(), "{}", wrong.join("\n"));
}

#[test]
fn there_are_many_and_each_says_something_of_its_own() {
    let all = all();
    assert!(all.len() >= 60, "{}", all.len());
    let mut known = BTreeSet::new();
    for cause in &all {
        for text in cause.hints.iter().chain([&cause.next, &cause.means]) {
            assert!(known.insert(text.clone()), "{}: {text:?} is said twice", cause.id);
        }
        assert!(
            cause.says.ends_with(['.', '?']) && cause.means.ends_with('.') && cause.next.ends_with('.'),
            "{}",
            cause.id
        );
    }
}

#[test]
fn what_fails_for_the_same_cause_follows_from_the_first() {
    let printed = "its last words: ModuleNotFoundError: No module named 'redis'";
    let finding = |about: &str, text: &str| Finding {
        about: Some(about.to_owned()),
        because: Some(text.to_owned()),
        ..Finding::default()
    };
    let mut findings = [
        ("Health", finding("container.health", printed)),
        ("Compose", finding("stack.services", printed)),
        ("Compose", finding("stack.services", "its last words: ModuleNotFoundError: No module named 'flask'")),
        ("Size", finding("image.size", "300MB")),
    ];
    let all = all();
    let list = findings.iter_mut().map(|(title, finding)| (*title, finding));
    causes::explain(list, &all, &Facts::default(), &BTreeMap::new());
    let follows = |at: usize| findings[at].1.cause.as_ref().map(|cause| cause.follows.clone());
    assert_eq!(follows(0), Some(None));
    assert_eq!(follows(1), Some(Some("Health".to_owned())));
    assert_eq!(follows(2), Some(None), "another package");
    assert_eq!(follows(3), None);
    assert_eq!(findings[0].1.headline(), "Your app crashes at start: Python can't find `redis`.");
}

#[test]
fn a_cause_that_is_wrong_says_where() {
    let right = "id: x\nwhen: { printed: { matches: 'no (?<a>\\w+)' } }\nsays: S {a}.\nmeans: M.\nnext: N.\nhints: [a, b, c]\nexamples:\n  explains: [{ printed: no b }]\n  leaves-alone: [{ printed: yes }]\n";
    assert!(causes::cause("x.yaml", right.as_bytes()).is_ok());
    let wrong = [
        ("id: x", "id: y", "has the name of its file"),
        ("hints: [a, b, c]", "hints: [a, b]", "three hints are wanted"),
        ("says: S {a}.", "says: S {b}.", "no group of the pattern"),
        ("printed: { matches: 'no (?<a>\\w+)' }", "facts: [{ image.user.is_root: true }]", "would explain everything"),
        ("matches: 'no (?<a>\\w+)'", "by: [cat], matches: 'no (?<a>\\w+)'", "cat"),
        ("says: S {a}.", "says: S {a}.\nplaze: x", "plaze"),
        ("  leaves-alone: [{ printed: yes }]\n", "", "wants an example"),
    ];
    for (from, to, message) in wrong {
        let text = right.replace(from, to);
        assert_ne!(text, right, "{from}");
        let error = causes::cause("x.yaml", text.as_bytes()).unwrap_err().to_string();
        assert!(error.contains(message), "{to}: {error}");
        assert!(error.contains("x.yaml:"), "{error}");
    }
}
