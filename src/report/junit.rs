//! JUnit XML, flat as its readers want it: one suite, one case a check, points in the messages.

use super::rooted::rooted;
use super::{CheckReport, Counts, Format, Report, escape, plain};
use crate::outcome::{Finding, Outcome};
use quick_junit::{NonSuccessKind, SerializeError, TestCase, TestCaseStatus, TestSuite};

/// The format.
pub const SPEC: Format = Format {
    name: "junit",
    title: "JUnit",
    about: "CI systems and editors: JUnit XML",
    render: |report, _| Ok(render(report)?),
    wrote: |it| it.starts_with("<") && it.has(&["<testsuite"]),
};

/// The report as JUnit XML.
pub fn render(report: &Report) -> Result<String, SerializeError> {
    let report = &*rooted(report);
    let (id, title) = &report.challenge;
    let name = named(title, id);
    let mut suite = TestSuite::new(name.as_str());
    suite.set_time(report.elapsed);
    suite.add_test_cases(report.checks.iter().map(|check| case(id, check)));
    if !report.notes.is_empty() {
        let notes: Vec<String> = report.notes.iter().map(|note| format!("note: {}", escape::xml_line(note))).collect();
        suite.set_system_out(notes.join("\n"));
    }
    let mut junit = quick_junit::Report::new(name);
    junit.set_time(report.elapsed);
    junit.add_test_suite(suite);
    junit.to_string()
}

fn case(challenge: &str, check: &CheckReport) -> TestCase {
    let earned = if check.is_judged() { check.points.to_string() } else { "-".to_owned() };
    let points = format!("{earned}/{} points", check.max_points);
    let says = |what: &str| match check.max_points {
        0 if what.trim().is_empty() => "no reason is known".to_owned(),
        0 => escape::xml_line(what),
        _ => escape::xml_line(&format!("{points}: {what}")),
    };
    let status = match &check.outcome {
        Outcome::Passed => TestCaseStatus::success(),
        // What need not hold makes no build fail.
        Outcome::Failed(findings) if check.counts != Counts::Points => {
            let mut status = TestCaseStatus::skipped();
            status.set_message(says(&format!("not needed to pass: {}", first(findings))));
            status
        }
        Outcome::Failed(findings) => {
            let mut status = TestCaseStatus::non_success(NonSuccessKind::Failure);
            status.set_message(says(first(findings)));
            status.set_description(escape::xml(plain::render_check(check).trim_end()));
            status
        }
        Outcome::Skipped(why) => {
            let mut status = TestCaseStatus::skipped();
            status.set_message(says(why));
            status
        }
        Outcome::Errored(why) => {
            let mut status = TestCaseStatus::non_success(NonSuccessKind::Error);
            status.set_message(says(&format!("could not judge: {why}")));
            status
        }
    };
    let mut case = TestCase::new(named(&check.title, &check.id), status);
    case.set_classname(escape::xml_line(&format!("{challenge}.{}", check.id)));
    case.set_time(check.elapsed);
    if let Some(place) = findings(&check.outcome).iter().find_map(|finding| finding.place.as_ref()) {
        case.extra.insert("file".into(), escape::xml_line(&place.path).into());
        if let Some(line) = place.line {
            case.extra.insert("line".into(), line.to_string().into());
        }
    }
    if check.outcome == Outcome::Passed {
        let measured = check.measured.as_ref().map(|measured| format!(": {measured}")).unwrap_or_default();
        case.set_system_out(escape::xml(&format!("{points}{measured}")));
    }
    case
}

/// What the first finding says; never empty, as readers want it.
fn first(findings: &[Finding]) -> &str {
    let said = findings.first().map(|finding| finding.headline().trim()).filter(|message| !message.is_empty());
    said.unwrap_or("not there yet")
}

fn findings(outcome: &Outcome) -> &[Finding] {
    if let Outcome::Failed(findings) = outcome { findings } else { &[] }
}

/// A name that is never empty: some readers fail on one that is.
fn named(title: &str, id: &str) -> String {
    [title, id].map(escape::xml_line).into_iter().find(|name| !name.is_empty()).unwrap_or_else(|| "unnamed".to_owned())
}
