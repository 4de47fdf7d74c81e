//! Every format, read back by programs that others read it with: schemas, an XSD, JUnit's and SARIF's own readers, GitHub's
//! own Markdown. scripts/readers installs them. Where they are missing these tests are listed as ignored; with
//! `GRADER_REQUIRE_READERS=1` they fail.

#![allow(clippy::unwrap_used)] // no test attribute here that clippy would know them by

#[path = "report/hostile.rs"]
mod hostile;
#[path = "report/sample.rs"]
mod sample;

use grader::outcome::Outcome;
use grader::report::classroom50::Submission;
use grader::report::{Format, Report, Style, classroom50, gradescope, junit, markdown, sarif};
use hostile::{TEXTS, everywhere};
use libtest_mimic::{Arguments, Trial};
use serde_json::{Value, json};
use std::fs;
use std::path::{Path, PathBuf};
use std::process::{Command, ExitCode};

fn main() -> ExitCode {
    let arguments = Arguments::from_args();
    let required = std::env::var("GRADER_REQUIRE_READERS").is_ok_and(|value| value == "1");
    let trial = |name: &str, program: &str, test: fn()| {
        let missing = !readers().join(program).exists() && !required;
        let trial = Trial::test(name, move || {
            test();
            Ok(())
        });
        let reason = if missing { format!("{program} is missing: scripts/readers") } else { String::new() };
        trial.with_kind(reason).with_ignored_flag(missing)
    };
    let mut trials = vec![
        trial("sarif_is_as_its_schema_wants_it", "python", sarif),
        trial("junit_is_as_its_readers_want_it", "python", junit),
        trial("classroom50_takes_the_result", "python", classroom50),
        trial("gradescope_knows_every_field", "python", gradescope_results),
        trial("github_renders_the_summary_as_it_is_meant", "python", summary),
        trial("github_renders_no_markup_of_a_learner_s", "python", hostile_summary),
    ];
    if cfg!(all(target_os = "linux", target_arch = "x86_64")) {
        trials.push(trial("sarif_is_as_code_scanning_wants_it", "sarif", multitool));
    }
    libtest_mimic::run(&arguments, trials).exit_code()
}

/// Where scripts/readers puts its programs.
fn readers() -> PathBuf {
    let root = Path::new(env!("CARGO_MANIFEST_DIR"));
    let target = std::env::var_os("CARGO_TARGET_DIR").map_or_else(|| PathBuf::from("target"), PathBuf::from);
    root.join(target).join("readers/bin")
}

fn fixture(name: &str) -> PathBuf {
    Path::new(env!("CARGO_MANIFEST_DIR")).join("fixtures/formats").join(name)
}

/// What tests/readers/read.py says of some texts.
fn read_all(kind: &str, schema: Option<&str>, texts: &[String]) -> Value {
    let folder = tempfile::tempdir().unwrap();
    let mut command = Command::new(readers().join("python"));
    command.arg(Path::new(env!("CARGO_MANIFEST_DIR")).join("tests/readers/read.py")).arg(kind);
    command.args(schema.map(fixture));
    for (index, text) in texts.iter().enumerate() {
        let file = folder.path().join(index.to_string());
        fs::write(&file, text).unwrap();
        command.arg(file);
    }
    let output = command.output().unwrap_or_else(|error| panic!("{error}: run scripts/readers"));
    assert!(output.status.success(), "{}\n{texts:?}", String::from_utf8_lossy(&output.stderr));
    serde_json::from_slice(&output.stdout).unwrap()
}

/// What it says of one text and a schema.
fn read(kind: &str, schema: &str, text: &str) -> Value {
    read_all(kind, Some(schema), &[text.to_owned()])
}

/// The pages that these are.
fn pages(texts: &[String]) -> Vec<Value> {
    read_all("markdown", None, texts).as_array().unwrap().clone()
}

fn page(text: &str) -> Value {
    pages(&[text.to_owned()]).remove(0)
}

fn render(report: &Report, format: Format) -> String {
    let submission = Submission::from(&|name| Some(format!("submit/{name}")));
    format.render(report, &Style { width: 80, submission, ..Style::default() }).unwrap()
}

/// A run with nothing in it.
fn empty() -> Report {
    let mut report = sample::solved();
    report.checks.clear();
    report.challenge = (String::new(), String::new());
    report
}

/// The fixed reports, and all hostile texts in one each.
fn reports() -> Vec<Report> {
    let mut all = vec![sample::solved(), sample::failing(), sample::no_engine(), sample::hostile(), empty()];
    all.extend([everywhere(&TEXTS.concat(), false), everywhere(&TEXTS.concat(), true), everywhere("", true)]);
    all
}

fn sarif() {
    for report in reports() {
        let text = render(&report, sarif::SPEC);
        assert_eq!(read("schema", "sarif-2.1.0.schema.json", &text), json!([]), "{text}");
    }
    let wrong = render(&sample::failing(), sarif::SPEC).replace("\"startLine\": 12", "\"startLine\": 0");
    assert_ne!(read("schema", "sarif-2.1.0.schema.json", &wrong), json!([]), "the schema is looked at");
}

fn multitool() {
    let folder = tempfile::tempdir().unwrap();
    let out = folder.path().join("found.sarif");
    let mut command = Command::new(readers().join("sarif"));
    command.arg("validate");
    for (index, report) in reports().iter().enumerate() {
        let file = folder.path().join(format!("{index}.sarif"));
        fs::write(&file, render(report, sarif::SPEC)).unwrap();
        command.arg(file);
    }
    command.args(["--rule-kind", "Sarif;Ghas", "--level", "Error", "--quiet", "true", "-o"]).arg(&out);
    let output = command.output().unwrap_or_else(|error| panic!("{error}: run scripts/readers"));
    let said = String::from_utf8_lossy(&output.stdout).into_owned() + &String::from_utf8_lossy(&output.stderr);
    let text = fs::read_to_string(&out).unwrap_or_else(|error| panic!("{error}: {said}"));
    let found: Value = serde_json::from_str(text.trim_start_matches('\u{feff}')).unwrap();
    let run = &found["runs"][0];
    let errors: Vec<&Value> = run["results"].as_array().into_iter().flatten().collect();
    assert!(errors.is_empty(), "{errors:#?}");
    assert!(output.status.success(), "{said}");
}

/// What the three readers on GitHub need of JUnit: dorny/test-reporter a name everywhere, and fails without one;
/// mikepenz/action-junit-report the file and line on the case, and a message; EnricoMi/publish-unit-test-result-action,
/// which reads with junitparser, the totals on the suite.
fn junit() {
    for report in reports() {
        let text = render(&report, junit::SPEC);
        let found = read("junit", "junit-10.xsd", &text);
        assert_eq!(found["errors"], json!([]), "{text}");
        let [suite] = found["suites"].as_array().unwrap().as_slice() else { panic!("one suite: {text}") };
        assert!(!suite["name"].as_str().unwrap().trim().is_empty());
        let cases = suite["cases"].as_array().unwrap();
        assert_eq!(cases.len(), report.checks.len());
        let count = |result: &str| cases.iter().filter(|case| case["result"] == result).count();
        let totals = json!({
            "tests": cases.len(), "failures": count("Failure"), "errors": count("Error"), "skipped": count("Skipped"),
        });
        assert_eq!(suite["totals"], totals, "{text}");
        for (case, check) in cases.iter().zip(&report.checks) {
            let is_told = |key: &str| case[key].as_str().is_some_and(|text| !text.trim().is_empty());
            assert!(is_told("name") && is_told("classname") && case["time"].is_number(), "{case}");
            let (expected, place) = match &check.outcome {
                Outcome::Passed => ("Passed", None),
                Outcome::Failed(findings) => ("Failure", findings.iter().find_map(|finding| finding.place.as_ref())),
                Outcome::Skipped(_) => ("Skipped", None),
                Outcome::Errored(_) => ("Error", None),
            };
            assert_eq!(case["result"], expected, "{case}");
            assert!(expected == "Passed" || is_told("message"), "{case}");
            assert_eq!(case["file"].is_string(), place.is_some(), "{case}");
            assert_eq!(case["line"], place.and_then(|it| it.line).map_or(Value::Null, |line| line.to_string().into()));
        }
    }
}

fn classroom50() {
    for report in reports().into_iter().filter(Report::complete) {
        let mut result: Value = serde_json::from_str(&render(&report, classroom50::SPEC)).unwrap();
        // As the platform's runner does.
        result["owner"] = "jane".into();
        result["assignment_type"] = "individual".into();
        let errors = read("schema", "classroom50-result-v1.schema.json", &result.to_string());
        assert_eq!(errors, json!([]), "{result:#}");
        // What its code checks besides.
        let within = |it: &Value| it["score"].as_u64().unwrap() <= it["max-score"].as_u64().unwrap();
        assert!(within(&result) && result["tests"].as_array().unwrap().iter().all(within), "{result:#}");
    }
}

fn gradescope_results() {
    let mut texts: Vec<String> = reports().iter().map(|report| render(report, gradescope::SPEC)).collect();
    texts.push(gradescope::excuse("no challenge is named").unwrap());
    for text in texts {
        assert_eq!(read("schema", "gradescope-results.schema.json", &text), json!([]), "{text}");
        let results: Value = serde_json::from_str(&text).unwrap();
        assert!(!results["output"].as_str().unwrap().trim().is_empty());
    }
}

/// The elements of a page that a learner could want to add to.
fn count(page: &Value, names: &[&str]) -> u64 {
    names.iter().filter_map(|&name| page["elements"][name].as_u64()).sum()
}

const HEADINGS: &[&str] = &["h1", "h2", "h3", "h4", "h5", "h6"];
/// What no summary of ours has.
const FOREIGN: &[&str] = &[
    "a",
    "img",
    "script",
    "iframe",
    "input",
    "blockquote",
    "ol",
    "hr",
    "em",
    "del",
    "section",
    "sup",
    "svg",
    "style",
    "form",
];

fn summary() {
    for (report, headings, details, blocks) in [
        (sample::solved(), 1, 1, 0),
        (sample::failing(), 3, 3, 1),
        (sample::no_engine(), 1, 0, 0),
        (sample::hostile(), 3, 2, 3),
        (empty(), 1, 0, 0),
    ] {
        let text = render(&report, markdown::SPEC);
        let page = page(&text);
        let rows = page["table"].as_array().unwrap();
        let has_trouble = |it: &Outcome| matches!(it, Outcome::Failed(_) | Outcome::Errored(_));
        let told = report.checks.iter().filter(|it| it.step.is_some() || has_trouble(&it.outcome)).count();
        assert_eq!(rows.len(), if told == 0 { 0 } else { told + 1 }, "{text}");
        assert!(rows.iter().all(|row| row.as_array().unwrap().len() == 4), "{rows:?}");
        let found =
            [count(&page, &["table"]), count(&page, HEADINGS), count(&page, &["details"]), count(&page, &["pre"])];
        assert_eq!(found, [u64::from(told > 0), headings, details, blocks], "{text}");
        assert_eq!(count(&page, &["details"]), count(&page, &["summary"]));
        assert_eq!(count(&page, FOREIGN), 0, "{text}");
        assert_eq!(count(&page, &["sub"]), 1, "versions stand at the end");
    }
    let failing = page(&render(&sample::failing(), markdown::SPEC));
    assert_eq!(failing["headings"][0], "❌ Dockerize a Python application: 65/100");
    assert_eq!(failing["headings"][1], "❌ 2. Multi-stage build used");
    assert_eq!(failing["code"][0], "Dockerfile:12");
    assert_eq!(failing["table"][1], json!(["✅", "1. Dockerfile exists", "10/10", ""]));
    let told = page(&render(&sample::no_engine(), markdown::SPEC));
    let why = "Not judged (steps 3, 4, 5, 7): no Docker Engine answers";
    let is_told = |it: &Value| it.as_str().unwrap().starts_with(why);
    assert_eq!(told["paragraphs"].as_array().unwrap().iter().filter(|it| is_told(it)).count(), 1, "{told:#}");
}

fn hostile_summary() {
    for is_open in [false, true] {
        let of = |text: &str| render(&everywhere(text, is_open), markdown::SPEC);
        // Text of several lines stands in blocks of its own.
        let texts: Vec<&str> = TEXTS.iter().copied().filter(|text| !text.trim().is_empty()).collect();
        let all: Vec<String> = ["x", "x\ny"].iter().chain(&texts).map(|text| of(text)).collect();
        let pages = pages(&all);
        let [one, several, pages @ ..] = pages.as_slice() else { panic!("two and more") };
        for ((text, page), markdown) in texts.iter().zip(pages).zip(&all[2..]) {
            let plain = if text.trim().contains('\n') { several } else { one };
            assert_eq!(count(page, FOREIGN), 0, "{text:?}:\n{markdown}\n{}", page["page"]);
            for names in [
                HEADINGS,
                &["table"],
                &["tr"],
                &["td"],
                &["details"],
                &["summary"],
                &["li"],
                &["sub"],
                &["strong"],
                &["pre"],
            ] {
                assert_eq!(count(page, names), count(plain, names), "{names:?} of {text:?}:\n{markdown}");
            }
            let verdicts = |page: &Value| {
                let words = ["Passed.", "Not passed yet", "Stopped early", "Not everything"];
                let is_one = |it: &&Value| words.iter().any(|word| it.as_str().unwrap().starts_with(word));
                page["leads"].as_array().unwrap().iter().filter(is_one).count()
            };
            assert_eq!(verdicts(page), verdicts(plain), "{text:?}:\n{markdown}");
        }
    }
}
