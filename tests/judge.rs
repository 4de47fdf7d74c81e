//! Judgement: matchers against facts, parts and points, needs, roles, steps, and whose fault it is.

use grader::challenge::{Check, library};
use grader::facts::{Fact, Facts, Source, Unavailable, Value};
use grader::judge::{Inputs, Judgement, StepResult, judge};
use grader::language::condition::Condition;
use grader::language::matcher::Matcher;
use grader::matching::fit::{Captures, Fit, fit};
use grader::outcome::{Finding, Outcome};
use grader::place::Place;
use std::collections::BTreeMap;
use std::time::Duration;

/// A check as an instructor writes it, worth so many points.
fn check(points: u32, body: &str) -> Check {
    let text = format!("id: it\ntitle: It\nwhy: To see.\nneeds: [before]\nhints: [look there]\n{body}\n");
    let read = library::check("it.yaml", &text).unwrap_or_else(|error| panic!("{error}\n{text}"));
    Check { points, ..read }
}

/// The matcher of a fact, as it is written after its name.
fn matcher(fact: &str, written: &str) -> Matcher {
    let mut check = check(1, &format!("expect: [{{ {fact}: {written} }}]"));
    match check.expect.remove(0).condition {
        Condition::Fact(_, matcher) => matcher,
        other => panic!("{other:?}"),
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
    let body = "expect:
  - { compose.exists: true, points: 5 }
  - { stack.up: true, points: 5, message: It does not start. }
  - stack.services: { each: { ready: true } }
try: [{ wait: { for: { stack.up: true }, within: 1s } }]";
    let check = check(10, body);
    let judgement = judged(&check, &facts);
    assert_eq!(judgement.points, 5);
    let told: Vec<_> = findings(&judgement).iter().map(|it| (it.message.as_str(), it.hint.as_deref())).collect();
    assert_eq!(told, [("Not run: number 3", Some("Leave it out.")), ("Not run: number 5", Some("look there"))]);
    // Alternatives: the first one's own words.
    let either = self::check(10, "expect: [{ any-of: [{ stack.up: true }, { compose.exists: false }] }]");
    assert_eq!(findings(&judged(&either, &facts)).len(), 2);
}

#[test]
fn matchers_hold_or_not() {
    let size = |megabytes: u64| Fact::of(Value::Size(megabytes * 1_000_000));
    let list = |values: &[i64]| Fact::of(values.iter().map(|&value| Fact::of(value)).collect::<Vec<_>>());
    let patterns = || Fact::of(vec![Fact::of("venv/*"), Fact::of("**/.git")]);
    let record = || Fact::record([("ready", Fact::of(true)), ("state", Fact::of("running"))]);
    let (exists, uids) = ("dockerfile.exists", "container.uids");
    let (kind, sizes) = ("image.healthcheck.kind", "image.size");
    let table: Vec<(&str, &str, Fact, bool)> = vec![
        (exists, "true", Fact::of(true), true),
        (exists, "true", Fact::absent(), false),
        (exists, "{ not: true }", Fact::absent(), true),
        (exists, "{ present: false }", Fact::absent(), true),
        (exists, "{ present: true }", Fact::of(false), true),
        (uids, "{ empty: true }", Fact::absent(), true),
        (uids, "{ empty: true }", list(&[]), true),
        ("image.user.name", "{ empty: false }", Fact::of("a"), true),
        (sizes, "{ below: 200 MB }", size(199), true),
        (sizes, "{ below: 200 MB }", size(200), false),
        (sizes, "{ at-most: 200 MB }", size(200), true),
        (sizes, "{ above: 200 MB }", size(200), false),
        ("stack.seconds_to_ready", "{ at-least: 3s }", Fact::of(Duration::from_secs(3)), true),
        (kind, "{ one-of: [cmd, shell] }", Fact::of("shell"), true),
        (kind, "{ one-of: [cmd, shell] }", Fact::of("none"), false),
        ("image.user.name", "{ matches: '^py' }", Fact::of("python"), true),
        ("image.user.name", "{ matches: '^py' }", Fact::of("cpython"), false),
        ("image.user.name", "{ starts-with: py }", Fact::of("python"), true),
        ("image.given", "{ contains: src/app.py }", Fact::of(vec![Fact::of("src/app.py")]), true),
        ("image.user.name", "{ contains: app }", Fact::of("an app"), true),
        ("compose.services", "{ contains: ready }", record(), true),
        (uids, "{ none: 0 }", list(&[1000, 0]), false),
        (uids, "{ none: 0 }", list(&[1000]), true),
        (uids, "{ any: 0 }", list(&[]), false),
        (uids, "{ each: 0 }", list(&[]), true),
        (uids, "{ count: { at-least: 2 } }", list(&[1, 2]), true),
        (uids, "{ count: { at-least: 3 } }", list(&[1, 2]), false),
        ("dockerignore.patterns", "{ excludes: [venv/pyvenv.cfg, .git/HEAD] }", patterns(), true),
        ("dockerignore.patterns", "{ excludes: [env/pyvenv.cfg] }", patterns(), false),
        ("stack.services.web", "{ ready: true }", record(), true),
        ("stack.services.web", "{ ready: false }", record(), false),
        ("image.user.name", "{ ends-with: hon }", Fact::of("python"), true),
        ("image.user.name", "{ ends-with: py }", Fact::of("python"), false),
        (uids, "[1, 2]", list(&[1, 2]), true),
        (uids, "[1, 2]", list(&[2, 1]), false),
        (uids, "[1]", list(&[1, 2]), false),
        (uids, "[]", list(&[]), true),
        (uids, "{ equals: [1, { above: 1 }] }", list(&[1, 2]), true),
        (uids, "{ not: [1, 2] }", list(&[1, 2]), false),
        (uids, "[1]", Fact::absent(), false),
        (uids, "{ in-order: [1, 3] }", list(&[0, 1, 2, 3]), true),
        (uids, "{ in-order: [1, 1] }", list(&[1, 2]), false),
        (uids, "{ in-order: [3, { below: 3 }] }", list(&[1, 2, 3]), false),
        ("dockerfile.final.cmd", "[python, app.py]", Fact::of(vec![Fact::of("python"), Fact::of("app.py")]), true),
        ("dockerignore.patterns", "[venv/*, '**/.git']", patterns(), true),
        (sizes, "{ within: { of: 200MB, by: 10% } }", size(180), true),
        (sizes, "{ within: { of: 200MB, by: 10% } }", size(221), false),
        (sizes, "{ within: { of: 200MB, by: 5MB } }", size(205), true),
        ("container.exit_code", "{ within: { of: -10, by: 2 } }", Fact::of(-12_i64), true),
        ("container.exit_code", "{ within: { of: -10, by: 10% } }", Fact::of(-12_i64), false),
        ("stack.seconds_to_ready", "{ within: { of: 3s, by: 1s } }", Fact::of(Duration::from_millis(4001)), false),
        (exists, "{ all-of: [{ present: true }, false] }", Fact::of(true), false),
        (exists, "{ any-of: [{ present: false }, true] }", Fact::of(true), true),
    ];
    for (name, written, fact, holds) in table {
        let matcher = matcher(name, written);
        let answer = fit(&matcher, &fact, &Captures::new());
        assert_eq!(answer == Fit::Yes, holds, "{matcher:?} of {fact:?}: {answer:?}");
    }
}

#[test]
fn what_is_unknown_neither_holds_nor_fails() {
    let unknown = Fact::unknown("the engine went away");
    let list = Fact::of(vec![Fact::of(1000_i64), unknown.clone()]);
    let (is_true, no_root) = (matcher("dockerfile.exists", "true"), matcher("container.uids", "{ none: 0 }"));
    assert_eq!(fit(&is_true, &unknown, &Captures::new()), Fit::Unknown("the engine went away"));
    assert_eq!(fit(&no_root, &list, &Captures::new()), Fit::Unknown("the engine went away"));
    let sure = Fact::of(vec![unknown, Fact::of(0_i64)]);
    assert!(matches!(fit(&no_root, &sure, &Captures::new()), Fit::No(_)));
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
    let judgement = judged(&check(5, "expect: [{ stack.services: { each: { ready: true } } }]"), &facts);
    let [finding] = findings(&judgement) else { panic!("{judgement:?}") };
    assert_eq!(finding.place, Some(Place::line("compose.yaml", 7)));
    assert_eq!((finding.actual.as_deref(), finding.because.as_deref()), (Some("it exited with 1"), None));
    assert_eq!(finding.hint.as_deref(), Some("look there"));
}

#[test]
fn roles_stand_for_services() {
    let mut facts = Facts::default();
    facts.set(&["stack", "services", "web", "ready"], Fact::of(true));
    assert_eq!(judged(&check(5, "expect: [{ stack.services.api.ready: true }]"), &facts).outcome, Outcome::Passed);
    let judgement = judged(&check(5, "expect: [{ stack.services.redis.ready: true }]"), &facts);
    assert_eq!(findings(&judgement)[0].because.as_deref(), Some("no service has an image that fits `redis*`"));
}

#[test]
fn points_come_in_parts_and_a_failing_check_never_gets_all() {
    let mut facts = Facts::default();
    facts.put("dockerfile.exists", true);
    facts.put("compose.exists", false);
    let points =
        |points, items: &[&str]| judged(&check(points, &format!("expect: [{}]", items.join(", "))), &facts).points;
    let (yes, no) = ("{ dockerfile.exists: true }", "{ compose.exists: true }");
    let worth = |points: u32, item: &str| item.replace(" }", &format!(", points: {points} }}"));
    assert_eq!(points(15, &[yes]), 15);
    assert_eq!(points(15, &[yes, no]), 0);
    assert_eq!(points(15, &[&worth(5, yes), &worth(10, no)]), 5);
    // What has no points itself is waited for.
    assert_eq!(points(15, &[no, &worth(5, yes), &worth(10, yes)]), 0);
    assert_eq!(points(15, &[&worth(5, no), &worth(10, yes)]), 10);
    // Items of one `all:` don't wait for each other.
    let all = |items: &[&str]| format!("{{ all: [{}] }}", items.join(", "));
    assert_eq!(points(15, &[&all(&[no, &worth(5, yes), &worth(10, yes)])]), 10);
    assert_eq!(points(15, &[&all(&[&worth(5, no), &worth(10, yes)]), &worth(15, yes)]), 12);
    assert_eq!(points(15, &[&all(&[&worth(5, yes), no]), &worth(10, yes)]), 5);
    assert_eq!(points(15, &[&worth(1, yes), no]), 14);
    assert_eq!(points(10, &[&worth(1, yes), &worth(2, no)]), 3);
    assert_eq!(points(10, &[&worth(1, yes), &worth(2, yes)]), 10);
}

#[test]
fn what_fails_first_is_reported_and_what_follows_waits() {
    let mut facts = Facts::default();
    for (name, value) in [("dockerfile.exists", true), ("compose.exists", false), ("dockerignore.exists", false)] {
        facts.put(name, value);
    }
    facts.set_unavailable(Source::Image, Unavailable::NoEngine("Docker is not running".into()));
    let items = [
        ("YES", "{ dockerfile.exists: true }"),
        ("OPEN", "{ image.builds: true }"),
        ("ONE5", "{ compose.exists: true, message: one, points: 5 }"),
        ("TWO5", "{ dockerignore.exists: true, message: two, points: 5 }"),
        ("ONE", "{ compose.exists: true, message: one }"),
        ("TWO", "{ dockerignore.exists: true, message: two }"),
    ];
    for (written, expected) in [
        ("YES, ONE, TWO", vec!["one"]),
        ("{ all: [ONE, TWO] }", vec!["one", "two"]),
        ("{ all: [ONE, YES] }, TWO", vec!["one"]),
        ("ONE5, TWO5", vec!["one", "two"]),
        ("ONE5, TWO", vec!["one", "two"]),
        ("ONE, TWO5", vec!["one"]),
        ("OPEN, TWO", vec!["two"]),
    ] {
        let list = items.iter().fold(written.to_owned(), |list, (name, item)| list.replace(name, item));
        let judgement = judged(&check(10, &format!("expect: [{list}]")), &facts);
        let reported: Vec<_> = findings(&judgement).iter().map(|finding| finding.message.as_str()).collect();
        assert_eq!(reported, expected, "{written}");
    }
    // A step waits for `expect`, and for the steps before it.
    let step = |item: &str| format!("{{ http: {{ service: api, path: / }}, expect: [{item}] }}");
    let (status, body) = (step("{ status: 500, message: three }"), step("{ json.count: 9, message: four }"));
    for (expect, expected) in [("ONE", ["one"]), ("YES", ["three"])] {
        let list = items.iter().fold(expect.to_owned(), |list, (name, item)| list.replace(name, item));
        let check = check(10, &format!("expect: [{list}]\ntry: [{status}, {body}]"));
        let judgement = judged_with(&check, &facts, &[count(1), count(1)], &BTreeMap::new());
        let reported: Vec<_> = findings(&judgement).iter().map(|finding| finding.message.as_str()).collect();
        assert_eq!(reported, expected);
    }
}

#[test]
fn a_check_speaks_for_items_and_steps_that_say_nothing_themselves() {
    let mut facts = Facts::default();
    facts.put("compose.exists", false);
    let says = "message: of the check\nexpected: all of it\nhint: over here\n";
    let told = |body: &str, steps: &[StepResult]| {
        let judgement = judged_with(&check(5, &format!("{says}{body}")), &facts, steps, &BTreeMap::new());
        let [finding] = findings(&judgement) else { panic!("{judgement:?}") };
        let text = |text: &Option<String>| text.clone().unwrap_or_default();
        [finding.message.clone(), text(&finding.expected), text(&finding.hint)]
    };
    let of_check = ["of the check", "all of it", "over here"].map(str::to_owned);
    assert_eq!(told("expect: [{ compose.exists: true }]", &[]), of_check);
    let own = "expect: [{ compose.exists: true, message: own, expected: this, hint: there }]";
    assert_eq!(told(own, &[]), ["own", "this", "there"].map(str::to_owned));
    let step = "try: [{ http: { service: api, path: / }, expect: [{ status: 500 }] }]";
    assert_eq!(told(step, &[count(1)]), of_check);
    let failed = StepResult { failed: Some(Fact::absent().because("no port")), ..StepResult::default() };
    assert_eq!(told("try: [{ http: { service: api, path: / } }]", &[failed]), of_check);
}

#[test]
fn faults_are_not_mixed_up() {
    let mut facts = Facts::default();
    facts.put("dockerfile.exists", false);
    facts.set_unavailable(Source::Image, Unavailable::Failed("the disk is full".into()));
    facts.set_unavailable(Source::Stack, Unavailable::NoEngine("Docker is not running".into()));
    let (no, machine, engine) = ("{ dockerfile.exists: true }", "{ image.builds: true }", "{ stack.up: true }");
    let of = |items: &[&str]| judged(&check(5, &format!("expect: [{}]", items.join(", "))), &facts);
    assert_eq!(of(&[machine]).outcome, Outcome::Errored("the disk is full".into()));
    assert_eq!(of(&[engine]).outcome, Outcome::Skipped("Docker is not running".into()));
    assert!(!of(&[engine]).judged);
    assert!(matches!(of(&[engine, no]).outcome, Outcome::Failed(_)));
    assert!(matches!(of(&[machine, no]).outcome, Outcome::Failed(_)));
    let in_parts = of(&["{ image.builds: true, points: 1 }", "{ dockerfile.exists: true, points: 1 }"]);
    assert_eq!((in_parts.outcome, in_parts.judged), (Outcome::Errored("the disk is full".into()), false));
}

#[test]
fn a_check_waits_for_what_it_needs() {
    let skipped = |before: Judgement| {
        let earlier = BTreeMap::from([("before".to_owned(), ("The first".to_owned(), before))]);
        judged_with(&check(5, "expect: [{ dockerfile.exists: { present: false } }]"), &Facts::default(), &[], &earlier)
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

/// A check that asks for a count, step by step; what stands here is written at each step.
fn counts(points: u32, steps: &[&str]) -> Check {
    let steps = steps
        .iter()
        .map(|more| format!("\n  - {{ http: {{ service: api, path: / }}, capture: {{ KEPT: json.count }}{more} }}"));
    let steps: String =
        steps.enumerate().map(|(index, step)| step.replace("KEPT", ["before", "now", "last"][index])).collect();
    check(points, &format!("try:{steps}"))
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
    let more = |points: u32| format!(", expect: [{{ json.count: {{ above: '{{before}}' }} }}], points: {points}");
    let check = counts(9, &["", &more(1), &more(2)]);
    let of = |steps: &[StepResult]| judged_with(&check, &Facts::default(), steps, &BTreeMap::new());
    assert_eq!(of(&[count(1), count(2), count(3)]).outcome, Outcome::Passed);
    let reset = of(&[count(1), count(2), count(1)]);
    assert_eq!(reset.points, 3);
    assert_eq!(findings(&reset)[0].expected.as_deref(), Some("more than 2"));
    let words = ", expect: [{ json.count: { above: '{before}' }, message: 'Not over {before} of {nothing}.', expected: 'over {before}' }]";
    let said = judged_with(&counts(9, &["", words]), &Facts::default(), &[count(5), count(1)], &BTreeMap::new());
    assert_eq!(findings(&said)[0].message, "Not over 5 of {nothing}.");
    assert_eq!(findings(&said)[0].expected.as_deref(), Some("over 5"));
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
    let body = "expect: [{ dockerfile.exists: true }]\nadvise: [{ dockerfile.final.base.tag: { present: true }, message: Pin it. }]";
    let check = check(5, body);
    let judgement = judged(&check, &facts);
    assert_eq!((judgement.outcome, judgement.points), (Outcome::Passed, 5));
    assert_eq!(judgement.advice.iter().map(|tip| tip.message.as_str()).collect::<Vec<_>>(), ["Pin it."]);
}

#[test]
fn one_wrong_answer_has_one_cause_and_what_follows_from_it_is_not_told() {
    let first =
        ", expect: [{ status: 200, message: no success }, { json.count: { present: true }, message: no count }]";
    let second = ", expect: [{ json.count: { above: '{before}' }, message: does not rise }], points: 1";
    let check = counts(9, &[first, second]);
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
    let body = "expect: [{ dockerfile.errors: { none: { message: { present: true } } } }]";
    let judgement = judged(&check(5, body), &facts);
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
    for matcher in ["{ empty: true }", "{ none: { present: true } }"] {
        let body = format!("try: [{{ files: {{ service: api, paths: [/app/*] }}, expect: [{{ found: {matcher} }}] }}]");
        let check = check(5, &body);
        let judgement = judged_with(&check, &Facts::default(), std::slice::from_ref(&result), &BTreeMap::new());
        let told: Vec<_> = findings(&judgement).iter().filter_map(|it| it.actual.clone()).collect();
        assert!(told[0].starts_with("/app/.env") && !told.concat().contains("s3cret"), "{told:?}");
    }
}

#[test]
fn points_stand_on_the_items_of_a_step_too() {
    let check = counts(10, &[", expect: [{ status: 200, points: 3 }, { json.count: 2, points: 7 }]"]);
    let judgement = judged_with(&check, &Facts::default(), &[count(1)], &BTreeMap::new());
    assert_eq!((judgement.points, findings(&judgement).len()), (3, 1));
    assert_eq!(judged_with(&check, &Facts::default(), &[count(2)], &BTreeMap::new()).points, 10);
}

#[test]
fn what_follows_from_a_step_that_could_not_be_done_is_not_told() {
    let rises = ", expect: [{ json.count: { above: 5 }, message: It does not rise. }], points: 1";
    let check = counts(4, &[", points: 1", rises, ", points: 2"]);
    let failed = Fact::absent().because("api publishes no port");
    let first = StepResult { failed: Some(failed.clone()), ..StepResult::default() };
    let second = StepResult { failed: Some(failed), follows: true, ..StepResult::default() };
    let judgement = judged_with(&check, &Facts::default(), &[first, second, count(3)], &BTreeMap::new());
    assert_eq!(findings(&judgement).len(), 1, "{:?}", findings(&judgement));
    assert_eq!(findings(&judgement)[0].because.as_deref(), Some("api publishes no port"));
    assert_eq!(judgement.points, 2, "what could be done all the same keeps its points");
}
