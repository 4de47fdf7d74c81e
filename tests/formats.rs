//! The formats that other programs read: what their readers require, on a report with every status and odd texts.

#![allow(clippy::expect_used, clippy::unwrap_used)] // in helpers of tests too

use crate::sample;
use grader::outcome::{Finding, Outcome};
use grader::place::Place;
use grader::report::classroom50::Submission;
use grader::report::{Counts, Format, Report, Style, classroom50, github, gradescope, markdown, sarif};
use serde_json::Value;

fn render(report: &Report, format: Format) -> String {
    format.render(report, &Style { width: 80, ..Style::default() }).expect("a report can be rendered")
}

fn json(report: &Report, format: Format) -> Value {
    serde_json::from_str(&render(report, format)).expect("it is JSON")
}

/// Calls with every text in a JSON value, and the way to it.
fn texts(value: &Value, way: &str, each: &mut dyn FnMut(&str, &str)) {
    match value {
        Value::String(text) => each(way, text),
        Value::Array(items) => items.iter().for_each(|item| texts(item, way, each)),
        Value::Object(fields) => fields.iter().for_each(|(name, value)| texts(value, &format!("{way}.{name}"), each)),
        _ => {}
    }
}

#[test]
fn sarif_has_rules_places_and_no_empty_text() {
    for report in [sample::failing(), sample::hostile(), sample::solved()] {
        let sarif = json(&report, sarif::SPEC);
        assert_eq!(sarif["version"], "2.1.0");
        let run = &sarif["runs"][0];
        let rules = run["tool"]["driver"]["rules"].as_array().unwrap();
        assert_eq!(rules.len(), report.checks.len());
        texts(&sarif, "", &mut |way, text| assert!(!text.trim().is_empty(), "{way}"));
        for result in run["results"].as_array().unwrap() {
            let index = usize::try_from(result["ruleIndex"].as_u64().unwrap()).unwrap();
            assert_eq!(result["ruleId"], rules[index]["id"]);
            let uri = result["locations"][0]["physicalLocation"]["artifactLocation"]["uri"].as_str().unwrap();
            assert!(uri.is_ascii() && !uri.starts_with('/') && !uri.contains([' ', ':', '<']), "{uri}");
            assert!(result["partialFingerprints"]["primaryLocationLineHash"].as_str().unwrap().ends_with(":1"));
        }
    }
    let failing = json(&sample::failing(), sarif::SPEC);
    let first = &failing["runs"][0]["results"][0];
    assert_eq!(first["locations"][0]["physicalLocation"]["region"], serde_json::json!({"startLine": 12}));
    assert_eq!(first["ruleId"], "multi-stage");
}

#[test]
fn what_is_of_no_file_is_no_result() {
    let mut report = sample::failing();
    let before = json(&report, sarif::SPEC)["runs"][0]["results"].as_array().unwrap().len();
    let Outcome::Failed(findings) = &mut report.checks[2].outcome else { panic!() };
    findings[0].place = Some(Place::file("/"));
    assert_eq!(json(&report, sarif::SPEC)["runs"][0]["results"].as_array().unwrap().len(), before - 1);
}

#[test]
fn a_fingerprint_outlives_lines_that_are_added_above() {
    let print = |report: &Report| {
        json(report, sarif::SPEC)["runs"][0]["results"][0]["partialFingerprints"]["primaryLocationLineHash"].clone()
    };
    let before = sample::failing();
    let mut after = sample::failing();
    let Outcome::Failed(findings) = &mut after.checks[2].outcome else { panic!() };
    findings[0].place = Some(Place::line("Dockerfile", 15));
    findings[0].snippet.as_mut().unwrap().first_line += 3;
    assert_eq!(print(&before), print(&after));
    let Outcome::Failed(findings) = &mut after.checks[2].outcome else { panic!() };
    findings[0].place = Some(Place::line("other/Dockerfile", 15));
    assert_ne!(print(&before), print(&after));
}

#[test]
fn annotations_keep_to_the_runner_s_limits_and_tell_the_most_valuable_first() {
    let mut report = sample::failing();
    let many = |letter: &str| {
        let one = Finding {
            message: letter.repeat(9000).replace("xx", "%\n"),
            place: Some(Place::line("a:b,c.yaml", 3).column(2)),
            ..Finding::default()
        };
        Outcome::Failed(vec![one; 30])
    };
    report.checks[5].outcome = many("a");
    report.checks[2].outcome = many("x");
    let text = render(&report, github::SPEC);
    let errors: Vec<&str> = text.lines().filter(|line| line.starts_with("::error ")).collect();
    assert_eq!(errors.len(), 10);
    assert!(errors[0].contains("title=Step 2%3A Multi-stage"), "25 points come before 10: {}", &errors[0][..80]);
    assert!(errors[1].contains("Step 5"), "the first of each check comes before the second of any");
    assert!(errors[0].starts_with("::error file=a%3Ab%2Cc.yaml,line=3,col=2,title="), "{}", &errors[0][..80]);
    for line in text.lines() {
        let message = line.splitn(3, "::").nth(2).unwrap();
        let told = message.replace("%0A", "\n").replace("%25", "%").encode_utf16().count();
        assert!(told <= 4096, "{told}");
        let escapes = message.match_indices('%').all(|(at, _)| ["%25", "%0A"].contains(&&message[at..at + 3]));
        assert!(escapes, "nothing is cut in the middle of an escape");
    }
    assert!(text.contains("::notice file=compose.yaml,line=4"), "tips are notices");
    let open = render(&sample::no_engine(), github::SPEC);
    assert_eq!(open.lines().filter(|line| line.starts_with("::warning ")).count(), 5);
}

#[test]
fn a_summary_ends_with_a_whole_step_where_it_would_be_too_long() {
    let mut report = sample::failing();
    let long = Finding { message: "é|`<b>".repeat(60_000), ..Finding::default() };
    report.checks[2].outcome = Outcome::Failed(vec![long.clone()]);
    report.checks[5].outcome = Outcome::Failed(vec![long]);
    let text = render(&report, markdown::SPEC);
    assert!(text.len() <= 1 << 20, "{}", text.len());
    assert!(text.contains("Not all failed steps fit here"), "{}", &text[text.len() - 600..]);
    assert_eq!(text.matches("<details>").count(), text.matches("</details>").count());
    assert!(text.trim_end().ends_with("</sub>"));
}

#[test]
fn a_summary_holds_no_markup_of_a_learner_s() {
    let mut report = sample::failing();
    let Outcome::Failed(findings) = &mut report.checks[2].outcome else { panic!() };
    findings[0].message = "| x | <script>alert(1)</script> [a](http://e.v) ![i](u) @jane # h\n## Score: 100/100".into();
    findings[0].snippet.as_mut().unwrap().lines = vec!["```".into(), "</details>".into(), "````````".into()];
    let text = render(&report, markdown::SPEC);
    let outside: Vec<&str> = {
        let mut fence = None::<String>;
        let mut lines = Vec::new();
        for line in text.lines() {
            match &fence {
                Some(end) if line == end => fence = None,
                Some(_) => {}
                None if line.starts_with("```") => fence = Some(line.trim_end_matches("text").to_owned()),
                None => lines.push(line),
            }
        }
        assert_eq!(fence, None, "every fence ends");
        lines
    };
    let outside = outside.join("\n");
    assert!(!outside.contains("<script>") && !outside.contains("](http") && !outside.contains("@jane"), "{outside}");
    assert_eq!(outside.matches("\n## ").count() + usize::from(outside.starts_with("## ")), 1, "{outside}");
}

#[test]
fn gradescope_gets_every_score_also_of_a_run_that_failed() {
    for report in [sample::failing(), sample::hostile(), sample::no_engine()] {
        let results = json(&report, gradescope::SPEC);
        assert_eq!(results["score"], report.score());
        for test in results["tests"].as_array().unwrap() {
            assert!(["passed", "failed"].contains(&test["status"].as_str().unwrap()));
            assert!(test["score"].as_u64() <= test["max_score"].as_u64());
        }
    }
    assert!(json(&sample::no_engine(), gradescope::SPEC)["output"].as_str().unwrap().contains("Not everything"));
}

#[test]
fn classroom50_gets_whole_scores_of_whole_runs_only() {
    let submission = Submission::from(&|name| Some(format!("submit/{name}")));
    let style = Style { submission, ..Style::default() };
    let mut report = sample::failing();
    report.checks[5].counts = Counts::Bonus;
    let text = classroom50::SPEC.render(&report, &style).unwrap();
    let result: Value = serde_json::from_str(&text).unwrap();
    assert_eq!(result["schema"], "classroom50/result/v1");
    assert_eq!((result["score"].as_u64(), result["max-score"].as_u64()), (Some(65), Some(90)));
    assert_eq!(result["submission"], "submit/SUBMISSION_TAG");
    assert_eq!(result["datetime"], "2026-02-25T06:13:20Z");
    let first = &result["tests"][1];
    assert_eq!((&first["test-name"], &first["passed"]), (&"Multi-stage build used".into(), &false.into()));
    let refused = |report: &Report, style: &Style| classroom50::SPEC.render(report, style).unwrap_err().to_string();
    assert!(refused(&sample::no_engine(), &style).contains("not everything could be judged"));
    assert!(refused(&report, &Style::default()).contains("CLASSROOM is not set"));
}
