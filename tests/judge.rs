//! Judgement: matchers against facts, parts and points, needs, roles, steps, and whose fault it is.

use grader::challenge::Check;
use grader::facts::{Fact, Facts, Source, Unavailable, Value};
use grader::judge::{Inputs, Judgement, StepResult, judge};
use grader::language::condition::{Condition, Expectation};
use grader::language::matcher::{Literal, Matcher};
use grader::matching::fit::{Captures, Fit, fit};
use grader::outcome::{Finding, Outcome};
use grader::place::Place;
use grader::steps::Step;
use grader::steps::wait::Wait;
use std::collections::BTreeMap;
use std::time::Duration;

fn path(name: &str) -> Vec<String> {
    name.split('.').map(str::to_owned).collect()
}

fn expect(name: &str, matcher: Matcher) -> Expectation {
    Expectation {
        condition: Condition::Fact(path(name), matcher),
        points: None,
        message: None,
        expected: None,
        hint: None,
        see: None,
    }
}

fn worth(points: u32, expectation: Expectation) -> Expectation {
    Expectation { points: Some(points), ..expectation }
}

fn is(value: bool) -> Matcher {
    Matcher::Equals(Literal::Bool(value))
}

fn check(points: u32, expect: Vec<Expectation>) -> Check {
    Check {
        id: "it".into(),
        title: "It".into(),
        needs: vec!["before".into()],
        expect,
        hints: vec!["look there".into()],
        points,
        ..Check::default()
    }
}

fn judged(check: &Check, facts: &Facts) -> Judgement {
    judged_with(check, facts, &[], &BTreeMap::new())
}

fn judged_with(
    check: &Check,
    facts: &Facts,
    steps: &[StepResult],
    earlier: &BTreeMap<String, (String, Judgement)>,
) -> Judgement {
    let roles = BTreeMap::from([
        ("api".to_owned(), Ok("web".to_owned())),
        ("redis".to_owned(), Err("no service has an image that fits `redis*`".to_owned())),
    ]);
    judge(check, &Inputs { facts, roles: &roles, steps, earlier, script: None })
}

fn findings(judgement: &Judgement) -> &[Finding] {
    match &judgement.outcome {
        Outcome::Failed(findings) => findings,
        other => panic!("{other:?}"),
    }
}

#[test]
fn what_is_refused_is_told_in_its_own_words_each_at_its_place() {
    let refusal = |line, hint: Option<&str>| Finding {
        message: format!("Not run: number {line}"),
        place: Some(Place::line("compose.yaml", line)),
        hint: hint.map(str::to_owned),
        ..Finding::default()
    };
    let refused = [refusal(3, Some("Leave it out.")), refusal(5, None)];
    let told = |fact: Fact| fact.because("number 3").at(Place::line("compose.yaml", 3)).telling(&refused);
    let mut facts = Facts::default();
    facts.put("compose.exists", true);
    facts.put("stack.up", told(Fact::of(false)));
    for name in ["a", "b"] {
        let service = Fact::record([("ready", told(Fact::of(false)))]);
        facts.set(&["stack", "services", name], service);
    }
    let ready = Matcher::Each(Box::new(Matcher::Fields(BTreeMap::from([("ready".to_owned(), is(true))]))));
    let up = Expectation { message: Some("It does not start.".into()), ..expect("stack.up", is(true)) };
    let step = counter(Vec::new(), None);
    let check = Check {
        steps: vec![step],
        ..check(10, vec![worth(5, expect("compose.exists", is(true))), worth(5, up), expect("stack.services", ready)])
    };
    let judgement = judged(&check, &facts);
    assert_eq!(judgement.points, 5);
    let told: Vec<_> = findings(&judgement).iter().map(|it| (it.message.as_str(), it.hint.as_deref())).collect();
    assert_eq!(told, [("Not run: number 3", Some("Leave it out.")), ("Not run: number 5", Some("look there"))]);
    // Alternatives: the first one's own words.
    let either = Condition::AnyOf(vec![
        Condition::Fact(path("stack.up"), is(true)),
        Condition::Fact(path("compose.exists"), is(false)),
    ]);
    let either = Expectation { condition: either, ..expect("stack.up", is(true)) };
    assert_eq!(findings(&judged(&self::check(10, vec![either]), &facts)).len(), 2);
}

#[test]
fn matchers_hold_or_not() {
    let size = |bytes| Fact::of(Value::Size(bytes));
    let list = |values: &[i64]| Fact::of(values.iter().map(|&value| Fact::of(value)).collect::<Vec<_>>());
    let text = |text: &str| Literal::Text(text.into());
    let zero = || Box::new(Matcher::Equals(Literal::Int(0)));
    let regex = regex::Regex::new("^py").unwrap();
    let patterns = Fact::of(vec![Fact::of("venv/*"), Fact::of("**/.git")]);
    let record = Fact::record([("ready", Fact::of(true)), ("state", Fact::of("running"))]);
    let fields = |ready| Matcher::Fields(BTreeMap::from([("ready".to_owned(), is(ready))]));
    let table: Vec<(Matcher, Fact, bool)> = vec![
        (is(true), Fact::of(true), true),
        (is(true), Fact::absent(), false),
        (Matcher::Not(Box::new(is(true))), Fact::absent(), true),
        (Matcher::Present(false), Fact::absent(), true),
        (Matcher::Present(true), Fact::of(false), true),
        (Matcher::Empty(true), Fact::absent(), true),
        (Matcher::Empty(true), list(&[]), true),
        (Matcher::Empty(false), Fact::of("a"), true),
        (Matcher::Below(Literal::Size(200)), size(199), true),
        (Matcher::Below(Literal::Size(200)), size(200), false),
        (Matcher::AtMost(Literal::Size(200)), size(200), true),
        (Matcher::Above(Literal::Size(200)), size(200), false),
        (Matcher::AtLeast(Literal::Duration(Duration::from_secs(3))), Fact::of(Duration::from_secs(3)), true),
        (Matcher::OneOf(vec![text("cmd"), text("shell")]), Fact::of("shell"), true),
        (Matcher::OneOf(vec![text("cmd"), text("shell")]), Fact::of("none"), false),
        (Matcher::Matches(regex.clone()), Fact::of("python"), true),
        (Matcher::Matches(regex), Fact::of("cpython"), false),
        (Matcher::StartsWith("py".into()), Fact::of("python"), true),
        (Matcher::Contains(text("src/app.py")), Fact::of(vec![Fact::of("src/app.py")]), true),
        (Matcher::Contains(text("app")), Fact::of("an app"), true),
        (Matcher::Contains(text("ready")), record.clone(), true),
        (Matcher::NoneOf(zero()), list(&[1000, 0]), false),
        (Matcher::NoneOf(zero()), list(&[1000]), true),
        (Matcher::Any(zero()), list(&[]), false),
        (Matcher::Each(zero()), list(&[]), true),
        (Matcher::Count(Box::new(Matcher::AtLeast(Literal::Int(2)))), list(&[1, 2]), true),
        (Matcher::Count(Box::new(Matcher::AtLeast(Literal::Int(3)))), list(&[1, 2]), false),
        (Matcher::Excludes(vec!["venv/pyvenv.cfg".into(), ".git/HEAD".into()]), patterns.clone(), true),
        (Matcher::Excludes(vec!["env/pyvenv.cfg".into()]), patterns, false),
        (fields(true), record.clone(), true),
        (fields(false), record, false),
        (Matcher::AllOf(vec![Matcher::Present(true), is(false)]), Fact::of(true), false),
        (Matcher::AnyOf(vec![Matcher::Present(false), is(true)]), Fact::of(true), true),
    ];
    for (matcher, fact, holds) in table {
        let answer = fit(&matcher, &fact, &Captures::new());
        assert_eq!(answer == Fit::Yes, holds, "{matcher:?} of {fact:?}: {answer:?}");
    }
}

#[test]
fn what_is_unknown_neither_holds_nor_fails() {
    let unknown = Fact::unknown("the engine went away");
    let list = Fact::of(vec![Fact::of(1000_i64), unknown.clone()]);
    let root = || Box::new(Matcher::Equals(Literal::Int(0)));
    assert_eq!(fit(&is(true), &unknown, &Captures::new()), Fit::Unknown("the engine went away"));
    assert_eq!(fit(&Matcher::NoneOf(root()), &list, &Captures::new()), Fit::Unknown("the engine went away"));
    let sure = Fact::of(vec![unknown, Fact::of(0_i64)]);
    assert!(matches!(fit(&Matcher::NoneOf(root()), &sure, &Captures::new()), Fit::No(_)));
}

#[test]
fn a_finding_points_at_the_value_that_does_not_fit() {
    let mut facts = Facts::default();
    let service = |ready: bool, line| {
        let ready = Fact::of(ready).at(Place::line("compose.yaml", line)).because("it exited with 1");
        Fact::record([("ready", ready)])
    };
    facts.set(&["stack", "services", "db"], service(true, 2));
    facts.set(&["stack", "services", "web"], service(false, 7));
    let ready = Matcher::Fields(BTreeMap::from([("ready".to_owned(), is(true))]));
    let judgement = judged(&check(5, vec![expect("stack.services", Matcher::Each(Box::new(ready)))]), &facts);
    let [finding] = findings(&judgement) else { panic!("{judgement:?}") };
    assert_eq!(finding.place, Some(Place::line("compose.yaml", 7)));
    assert_eq!((finding.actual.as_deref(), finding.because.as_deref()), (Some("it exited with 1"), None));
    assert_eq!(finding.hint.as_deref(), Some("look there"));
}

#[test]
fn roles_stand_for_services() {
    let mut facts = Facts::default();
    facts.set(&["stack", "services", "web", "ready"], Fact::of(true));
    assert_eq!(judged(&check(5, vec![expect("stack.services.api.ready", is(true))]), &facts).outcome, Outcome::Passed);
    let judgement = judged(&check(5, vec![expect("stack.services.redis.ready", is(true))]), &facts);
    assert_eq!(findings(&judgement)[0].because.as_deref(), Some("no service has an image that fits `redis*`"));
}

#[test]
fn points_come_in_parts_and_a_failing_check_never_gets_all() {
    let mut facts = Facts::default();
    for (name, value) in [("a", true), ("b", false)] {
        facts.set(&["image", "labels", name], Fact::of(value));
    }
    let (yes, no) = (expect("image.labels.a", is(true)), expect("image.labels.b", is(true)));
    let points = |points, expect| judged(&check(points, expect), &facts).points;
    assert_eq!(points(15, vec![yes.clone()]), 15);
    assert_eq!(points(15, vec![yes.clone(), no.clone()]), 0);
    assert_eq!(points(15, vec![worth(5, yes.clone()), worth(10, no.clone())]), 5);
    assert_eq!(points(15, vec![no.clone(), worth(5, yes.clone()), worth(10, yes.clone())]), 10);
    assert_eq!(points(15, vec![worth(1, yes.clone()), no.clone()]), 14);
    assert_eq!(points(10, vec![worth(1, yes.clone()), worth(2, no)]), 3);
    assert_eq!(points(10, vec![worth(1, yes.clone()), worth(2, yes)]), 10);
}

#[test]
fn faults_are_not_mixed_up() {
    let mut facts = Facts::default();
    facts.put("dockerfile.exists", false);
    facts.set_unavailable(Source::Image, Unavailable::Failed("the disk is full".into()));
    facts.set_unavailable(Source::Stack, Unavailable::NoEngine("Docker is not running".into()));
    let (no, machine) = (expect("dockerfile.exists", is(true)), expect("image.builds", is(true)));
    let engine = expect("stack.up", is(true));
    let of = |expect| judged(&check(5, expect), &facts);
    assert_eq!(of(vec![machine.clone()]).outcome, Outcome::Errored("the disk is full".into()));
    assert_eq!(of(vec![engine.clone()]).outcome, Outcome::Skipped("Docker is not running".into()));
    assert!(!of(vec![engine.clone()]).judged);
    assert!(matches!(of(vec![engine, no.clone()]).outcome, Outcome::Failed(_)));
    assert!(matches!(of(vec![machine.clone(), no.clone()]).outcome, Outcome::Failed(_)));
    let in_parts = of(vec![worth(1, machine), worth(1, no)]);
    assert_eq!((in_parts.outcome, in_parts.judged), (Outcome::Errored("the disk is full".into()), false));
}

#[test]
fn a_check_waits_for_what_it_needs() {
    let skipped = |before: Judgement| {
        let earlier = BTreeMap::from([("before".to_owned(), ("The first".to_owned(), before))]);
        judged_with(&check(5, Vec::new()), &Facts::default(), &[], &earlier)
    };
    let failed = Judgement { outcome: Outcome::Failed(Vec::new()), judged: true, ..Judgement::left_out("") };
    let after_failed = skipped(failed);
    assert_eq!(after_failed.outcome, Outcome::Skipped("it needs “The first” first".into()));
    assert!(after_failed.judged);
    let after_errored = skipped(Judgement::errored("no network"));
    assert_eq!(after_errored.outcome, Outcome::Skipped("“The first” could not be judged".into()));
    assert!(!after_errored.judged);
    assert_eq!(skipped(Judgement { outcome: Outcome::Passed, ..after_failed }).outcome, Outcome::Passed);
}

fn counter(expect: Vec<Expectation>, points: Option<u32>) -> Step {
    let action = Box::new(Wait {
        condition: Condition::Fact(vec!["stack".into(), "up".into()], is(true)),
        within: Duration::ZERO,
    });
    Step { action, expect, capture: BTreeMap::new(), points }
}

fn count(value: i64) -> StepResult {
    let mut facts = Facts::default();
    facts.put("status", 200_i64);
    facts.set(&["json", "count"], Fact::of(value));
    let captures = BTreeMap::from([("before".to_owned(), Value::Int(value))]);
    StepResult { facts, captures, ..StepResult::default() }
}

#[test]
fn a_later_step_is_held_against_what_an_earlier_one_kept() {
    let more = || expect("json.count", Matcher::Above(Literal::Captured("before".into())));
    let check = Check {
        steps: vec![counter(Vec::new(), None), counter(vec![more()], Some(1)), counter(vec![more()], Some(2))],
        ..check(9, Vec::new())
    };
    let of = |steps: &[StepResult]| judged_with(&check, &Facts::default(), steps, &BTreeMap::new());
    assert_eq!(of(&[count(1), count(2), count(3)]).outcome, Outcome::Passed);
    let reset = of(&[count(1), count(2), count(1)]);
    assert_eq!(reset.points, 3);
    assert_eq!(findings(&reset)[0].expected.as_deref(), Some("more than 2"));
    assert_eq!(findings(&reset)[0].actual.as_deref(), Some("1"));
    let failed = Fact::absent().because("api publishes no port").at(Place::line("compose.yaml", 2));
    let closed = of(&[StepResult { failed: Some(failed), ..StepResult::default() }]);
    assert_eq!(findings(&closed)[0].because.as_deref(), Some("api publishes no port"));
    let gone = StepResult { error: Some("the engine went away".into()), ..StepResult::default() };
    assert_eq!(of(&[count(1), gone]).outcome, Outcome::Errored("the engine went away".into()));
}

#[test]
fn advice_never_fails_a_check() {
    let mut facts = Facts::default();
    facts.put("dockerfile.exists", true);
    let tip =
        Expectation { message: Some("Pin it.".into()), ..expect("dockerfile.final.base.tag", Matcher::Present(true)) };
    let check = Check { advise: vec![tip], ..check(5, vec![expect("dockerfile.exists", is(true))]) };
    let judgement = judged(&check, &facts);
    assert_eq!((judgement.outcome, judgement.points), (Outcome::Passed, 5));
    assert_eq!(judgement.advice.iter().map(|tip| tip.message.as_str()).collect::<Vec<_>>(), ["Pin it."]);
}

#[test]
fn one_wrong_answer_has_one_cause_and_what_follows_from_it_is_not_told() {
    let more = || expect("json.count", Matcher::Above(Literal::Captured("before".into())));
    let said = |text: &str, expectation| Expectation { message: Some(text.into()), ..expectation };
    let status = said("no success", expect("status", Matcher::Equals(Literal::Int(200))));
    let there = said("no count", expect("json.count", Matcher::Present(true)));
    let check = Check {
        steps: vec![counter(vec![status, there], None), counter(vec![said("does not rise", more())], Some(1))],
        ..check(9, Vec::new())
    };
    let messages = |steps: &[StepResult]| {
        let judgement = judged_with(&check, &Facts::default(), steps, &BTreeMap::new());
        findings(&judgement).iter().map(|finding| finding.message.clone()).collect::<Vec<_>>()
    };
    let mut facts = Facts::default();
    facts.put("status", 404_i64);
    let not_found = StepResult { facts, ..StepResult::default() };
    assert_eq!(messages(&[not_found.clone(), not_found.clone()]), ["no success"]);
    assert_eq!(messages(&[not_found]), ["no success"], "a step that was not done is no cause");
}

#[test]
fn every_value_that_does_not_fit_is_told() {
    let error = |line| {
        let fields = [("message", Fact::of(format!("unknown instruction on line {line}")))];
        Fact::record(fields).at(Place::line("Dockerfile", line))
    };
    let mut facts = Facts::default();
    facts.put("dockerfile.errors", vec![error(2), error(5)]);
    let message = Matcher::Fields(BTreeMap::from([("message".to_owned(), Matcher::Present(true))]));
    let judgement = judged(&check(5, vec![expect("dockerfile.errors", Matcher::NoneOf(Box::new(message)))]), &facts);
    let told: Vec<_> = findings(&judgement).iter().map(|it| (it.place.clone(), it.actual.clone())).collect();
    let said = |line| (Some(Place::line("Dockerfile", line)), Some(format!("unknown instruction on line {line}")));
    assert_eq!(told, [said(2), said(5)]);
}

#[test]
fn a_file_that_was_found_is_told_by_its_path_and_not_by_what_stands_in_it() {
    let file = |path: &str| Fact::record([("path", Fact::of(path)), ("content", Fact::of("s3cret"))]);
    let mut facts = Facts::default();
    facts.put("found", vec![file("/app/.env"), file("/app/b")]);
    let result = StepResult { facts, ..StepResult::default() };
    for matcher in [Matcher::Empty(true), Matcher::NoneOf(Box::new(Matcher::Present(true)))] {
        let check = Check { steps: vec![counter(vec![expect("found", matcher)], None)], ..check(5, Vec::new()) };
        let judgement = judged_with(&check, &Facts::default(), std::slice::from_ref(&result), &BTreeMap::new());
        let told: Vec<_> = findings(&judgement).iter().filter_map(|it| it.actual.clone()).collect();
        assert!(told[0].starts_with("/app/.env") && !told.concat().contains("s3cret"), "{told:?}");
    }
}

#[test]
fn points_stand_on_the_items_of_a_step_too() {
    let items = vec![
        Expectation { points: Some(3), ..expect("status", Matcher::Equals(Literal::Int(200))) },
        Expectation { points: Some(7), ..expect("json.count", Matcher::Equals(Literal::Int(2))) },
    ];
    let check = Check { steps: vec![counter(items, None)], ..check(10, Vec::new()) };
    let judgement = judged_with(&check, &Facts::default(), &[count(1)], &BTreeMap::new());
    assert_eq!((judgement.points, findings(&judgement).len()), (3, 1));
    assert_eq!(judged_with(&check, &Facts::default(), &[count(2)], &BTreeMap::new()).points, 10);
}

#[test]
fn what_follows_from_a_step_that_could_not_be_done_is_not_told() {
    let rises = Expectation {
        message: Some("The count began anew.".into()),
        ..expect("json.count", Matcher::Above(Literal::Int(5)))
    };
    let check = Check {
        steps: vec![counter(Vec::new(), Some(1)), counter(vec![rises], Some(1)), counter(Vec::new(), Some(2))],
        ..check(4, Vec::new())
    };
    let failed = Fact::absent().because("api publishes no port");
    let first = StepResult { failed: Some(failed.clone()), ..StepResult::default() };
    let second = StepResult { failed: Some(failed), follows: true, ..StepResult::default() };
    let judgement = judged_with(&check, &Facts::default(), &[first, second, count(3)], &BTreeMap::new());
    assert_eq!(findings(&judgement).len(), 1, "{:?}", findings(&judgement));
    assert_eq!(findings(&judgement)[0].because.as_deref(), Some("api publishes no port"));
    assert_eq!(judgement.points, 2, "what could be done all the same keeps its points");
}
