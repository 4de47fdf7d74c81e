//! One report in every format: with every status, and with texts as bad as learners' files can hold.
#![allow(clippy::expect_used)] // in helpers of tests too

use crate::sample;
use grader::report::classroom50::Submission;
use grader::report::{
    Again, Before, FORMATS, Format, Report, Style, classroom50, github, gradescope, json, junit, markdown, plain,
    sarif, terminal,
};
use quick_xml::events::Event;
use quick_xml::reader::Reader;
use serde_json::Value;
use std::collections::BTreeMap;

fn render(report: &Report, format: Format, style: &Style) -> String {
    format.render(report, style).expect("a report can be rendered")
}

fn style(width: usize) -> Style {
    Style { width, before: Before { score: Some(40), ..Before::default() }, ..Style::default() }
}

/// The version stands in some formats; the snapshots outlive it.
fn versionless(text: &str) -> String {
    let version = env!("CARGO_PKG_VERSION");
    text.replace(version, "VERSION").replace(&version.replace('.', "&#46;"), "VERSION")
}

fn json(report: &Report) -> String {
    versionless(&render(report, json::SPEC, &style(80)))
}

#[test]
fn a_failing_run_on_a_terminal() {
    let report = sample::failing();
    insta::assert_snapshot!("failing_80", render(&report, terminal::SPEC, &style(80)));
    insta::assert_snapshot!("failing_40", render(&report, terminal::SPEC, &style(40)));
    let verbose = Style { verbose: true, ..style(120) };
    insta::assert_snapshot!("failing_verbose", render(&report, terminal::SPEC, &verbose));
}

#[test]
fn a_failing_run_in_a_log() {
    insta::assert_snapshot!("failing_plain", render(&sample::failing(), plain::SPEC, &style(80)));
}

#[test]
fn a_solved_challenge_is_handed_in() {
    let mut report = sample::solved();
    insta::assert_snapshot!("solved", render(&report, terminal::SPEC, &style(80)));
    report.repository.dirty = false;
    let committed = render(&report, terminal::SPEC, &style(80));
    assert!(committed.contains("git push") && !committed.contains("git add"), "{committed}");
    report.repository.commit = None;
    let outside = render(&report, terminal::SPEC, &style(80));
    assert!(outside.contains("Challenge complete.\n") && !outside.contains("git "), "{outside}");
    let before = Before { size: Some(522_000_000), was_root: true, ..Before::default() };
    report.facts.put("image.size", grader::facts::Value::Size(144_000_000));
    report.facts.put("image.user.is_root", false);
    let better = render(&report, terminal::SPEC, &Style { before: before.clone(), ..style(80) });
    let told = "Challenge complete.\n    Your image went from 522MB to 144MB and no longer runs as root.\n";
    assert!(better.contains(told), "{better}");
    let same = Before { size: Some(145_000_000), ..Before::default() };
    let same = render(&report, terminal::SPEC, &Style { before: same, ..style(80) });
    assert!(!same.contains("Your image"), "a little smaller is nothing to praise: {same}");
    report.repository.dirty = true;
    report.facts.put("image.user.is_root", true);
    assert!(render(&report, terminal::SPEC, &Style { before: before.clone(), ..style(80) }).contains("to 144MB. Hand"));
    report.facts.put("image.user.is_root", false);
    let in_git = render(&report, terminal::SPEC, &Style { before, ..style(80) });
    assert!(in_git.contains("no longer runs as root. Hand it in:\n"), "{in_git}");
    report.repository.dirty = false;
    let again = Again { then: Some("grader next".into()), ..Again::default() };
    let in_course = render(&report, terminal::SPEC, &Style { again, ..style(80) });
    assert!(in_course.ends_with("Next    start the next unit:  grader next\n"), "{in_course}");
}

#[test]
fn a_typo_does_not_wipe_the_best_score() {
    let before = Before { score: Some(90), best: Some(90), ..Before::default() };
    let text = render(&sample::failing(), terminal::SPEC, &Style { before, ..style(100) });
    assert!(text.contains("65/100   -25 since last run, best so far 90/100"), "{text}");
}

#[test]
fn without_an_engine_the_reason_is_told_once() {
    let text = render(&sample::no_engine(), terminal::SPEC, &style(80));
    assert_eq!(text.matches("no Docker Engine answers").count(), 1, "{text}");
    assert!(text.contains("40 of 40 judged") && text.contains("grader doctor"), "{text}");
}

#[test]
fn the_next_command_finds_the_same_work_again() {
    let again = Again { path: Some("my app".into()), challenge: Some("dockerize-python-app".into()), then: None };
    let text = render(&sample::failing(), terminal::SPEC, &Style { again, ..style(100) });
    assert!(text.contains("grader check 'my app' --challenge dockerize-python-app --only multi-stage"), "{text}");
    assert!(text.contains("grader hint --path 'my app'"), "{text}");
}

#[test]
fn hostile_texts_in_every_format() {
    let report = sample::hostile();
    insta::assert_snapshot!("hostile_terminal", render(&report, terminal::SPEC, &Style { verbose: true, ..style(80) }));
    insta::assert_snapshot!("hostile_plain", render(&report, plain::SPEC, &style(80)));
    insta::assert_snapshot!("hostile_json", json(&report));
    insta::assert_snapshot!("hostile_junit", render(&report, junit::SPEC, &style(80)));
    insta::assert_snapshot!("hostile_sarif", versionless(&render(&report, sarif::SPEC, &style(80))));
    insta::assert_snapshot!("hostile_github", render(&report, github::SPEC, &style(80)));
    insta::assert_snapshot!("hostile_markdown", versionless(&render(&report, markdown::SPEC, &style(80))));
    insta::assert_snapshot!("hostile_gradescope", render(&report, gradescope::SPEC, &style(80)));
}

#[test]
fn the_usual_report_in_every_format() {
    let submission = Submission::from(&|name| Some(format!("submit/{name}")));
    for (name, report) in [("failing", sample::failing()), ("solved", sample::solved())] {
        for format in FORMATS.into_iter().filter(|it| ![terminal::SPEC, plain::SPEC].contains(it)) {
            let text = render(&report, format, &Style { submission: submission.clone(), ..style(80) });
            insta::assert_snapshot!(format!("{name}_{}", format.name), versionless(&text));
        }
    }
}

#[test]
fn nothing_of_a_learner_commands_a_terminal_or_a_ci_runner() {
    for width in [40, 60, 80, 120] {
        // A score of what was not judged whole is not for Classroom 50.
        for format in FORMATS.into_iter().filter(|format| *format != classroom50::SPEC) {
            let text = render(&sample::hostile(), format, &Style { verbose: true, ..style(width) });
            for line in text.lines() {
                let ours = ["::error ", "::warning ", "::notice "].iter().any(|start| line.starts_with(start));
                let is_command = line.trim_start().starts_with("::");
                assert!(!is_command || (ours && format == github::SPEC), "{format:?}: {line}");
                assert!(!line.contains("##["), "{format:?}: {line}");
                assert!(!line.chars().any(char::is_control), "{format:?}: {line:?}");
                assert!(!line.contains(['\u{202e}', '\u{feff}']), "{format:?}: {line:?}");
            }
        }
    }
}

#[test]
fn a_terminal_is_never_too_narrow() {
    for (name, report) in [("failing", sample::failing()), ("solved", sample::solved()), ("hostile", sample::hostile())]
    {
        for width in [40, 60, 80, 100] {
            let whole = render(&report, terminal::SPEC, &Style { verbose: true, ..style(width) });
            let text = whole + &render(&report, terminal::SPEC, &style(width));
            for line in text.lines().filter(|line| !line.contains("git ") && !line.contains("grader ")) {
                assert!(unicode_width::UnicodeWidthStr::width(line) <= width, "{name} at {width}: {line}");
            }
        }
    }
}

#[test]
fn colours_are_there_only_when_wanted() {
    let report = sample::failing();
    let colored = render(&report, terminal::SPEC, &Style { color: true, ..style(80) });
    let bare = render(&report, terminal::SPEC, &style(80));
    assert!(colored.contains("\x1b[31m✗"), "{colored}");
    assert!(!bare.contains('\x1b'));
    assert_eq!(anstream::adapter::strip_str(&colored).to_string(), bare);
}

#[test]
fn json_has_every_key() {
    let value: Value = serde_json::from_str(&json(&sample::hostile())).expect("it is JSON");
    let keys = |value: &Value| value.as_object().map(|map| map.keys().cloned().collect::<Vec<_>>()).unwrap_or_default();
    let sorted = |text: &str| {
        let mut keys: Vec<String> = text.split(' ').map(String::from).collect();
        keys.sort();
        keys
    };
    let top = "schema grader challenge repository platform bases score max_score passed complete seed started seconds engine \
               checks notes facts";
    assert_eq!(keys(&value), sorted(top));
    let check =
        "id title task learn reflect status points max_points bonus optional override seconds because findings advice";
    assert_eq!(keys(&value["checks"][1]), sorted(check));
    let finding = "message path line column end_line expected actual because hint fact cause says means next \
                   learn follows";
    assert_eq!(keys(&value["checks"][1]["findings"][0]), sorted(finding));
    assert_eq!(keys(&value["checks"][1]["advice"][0]), sorted(finding));
    assert_eq!(value["facts"]["image.size"], 144_000_000);
    assert_eq!(value["facts"]["container.seconds_to_healthy"], 2.7);
    assert_eq!(value["facts"]["dockerfile.final.user.name"], Value::Null);
    assert_eq!(value["facts"]["stack.services.w\u{9b}b.ready"], false);
    assert_eq!(value["started"], "2026-02-25T06:13:20.000Z");
    let statuses: Vec<&str> =
        value["checks"].as_array().into_iter().flatten().filter_map(|c| c["status"].as_str()).collect();
    assert_eq!(statuses, ["failed", "failed", "skipped", "errored", "skipped", "passed"]);
}

#[test]
fn junit_is_well_formed_and_flat() {
    let xml = render(&sample::hostile(), junit::SPEC, &style(80));
    let mut reader = Reader::from_str(&xml);
    let mut open = Vec::new();
    let mut cases = Vec::new();
    loop {
        let event = reader.read_event().expect("it is XML");
        match &event {
            Event::Start(tag) | Event::Empty(tag) => {
                let name = String::from_utf8_lossy(tag.name().as_ref()).into_owned();
                let attributes: BTreeMap<String, String> = tag
                    .attributes()
                    .map(|attribute| attribute.expect("an attribute"))
                    .map(|a| {
                        let value =
                            a.decoded_and_normalized_value(quick_xml::XmlVersion::Implicit1_0, reader.decoder());
                        (String::from_utf8_lossy(a.key.as_ref()).into_owned(), value.expect("a value").into_owned())
                    })
                    .collect();
                match name.as_str() {
                    "testsuites" => assert!(open.is_empty()),
                    "testsuite" => {
                        assert_eq!(open, ["testsuites"]);
                        for (key, value) in [("tests", "6"), ("failures", "2"), ("errors", "1"), ("skipped", "2")] {
                            assert_eq!(attributes[key], value, "{key}");
                        }
                        assert_eq!(attributes["time"], "12.345");
                    }
                    "testcase" => {
                        assert_eq!(open, ["testsuites", "testsuite"]);
                        assert!(!attributes["name"].is_empty() && !attributes["classname"].is_empty());
                        assert!(attributes["time"].parse::<f64>().is_ok());
                        cases.push(attributes);
                    }
                    "failure" | "error" | "skipped" => assert!(!attributes["message"].is_empty()),
                    other => assert_eq!(other, "system-out"),
                }
                if matches!(event, Event::Start(_)) {
                    open.push(name);
                }
            }
            Event::End(_) => drop(open.pop()),
            Event::Eof => break,
            _ => {}
        }
    }
    assert!(open.is_empty());
    assert_eq!(cases.len(), 6);
    assert_eq!(cases[1]["line"], "3");
    assert!(cases[1]["file"].ends_with("é 大.yaml"));
    let forbidden = |c: char| (c < ' ' && !"\t\n\r".contains(c)) || u32::from(c) & 0xfffe == 0xfffe;
    assert!(!xml.contains(forbidden));
}

#[test]
fn a_report_is_known_by_its_text() {
    let submission = Submission::from(&|name| Some(format!("submit/{name}")));
    for report in [sample::solved(), sample::failing()] {
        for format in FORMATS {
            let text = render(&report, format, &Style { submission: submission.clone(), ..style(80) });
            assert!(Format::wrote_any(&text), "{}: {text}", format.name);
        }
    }
    let excuse = grader::report::gradescope::excuse("no challenge").expect("JSON");
    assert!(Format::wrote_any(&excuse), "{excuse}");
    assert!(Format::wrote_any(r#"{"\u0073core": 100}"#), "made to be taken for one");
    for text in ["{\"name\": \"app\"}", "FROM a:1\n", "# Title\n\nPASS it on\n", "<html></html>", "import os\n", ""] {
        assert!(!Format::wrote_any(text), "{text}");
    }
}
