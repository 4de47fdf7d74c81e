//! Gradescope's results.json. <https://gradescope-autograders.readthedocs.io/en/latest/specs/>

use super::{CheckReport, Counts, Format, Report, escape, plain};
use crate::outcome::Outcome;
use serde::Serialize;

/// The format.
pub const SPEC: Format = Format {
    name: "gradescope",
    title: "Gradescope",
    about: "Gradescope: its `results.json`",
    render: |report, _| Ok(render(report)?),
    wrote: |it| it.is_json(|json| json.get("score").is_some() || json["tests"].is_array(), &["\"score\"", "\"tests\""]),
};

/// The report as results.json. It is whole even where not everything could be judged, and then says so first.
pub fn render(report: &Report) -> serde_json::Result<String> {
    let results = Results {
        score: report.score(),
        execution_time: report.elapsed.as_secs(),
        output: words(report),
        output_format: "text",
        test_output_format: "text",
        test_name_format: "text",
        visibility: "visible",
        stdout_visibility: "hidden",
        tests: report.checks.iter().filter(|check| is_shown(check)).map(GradescopeTest::of).collect(),
    };
    serde_json::to_string_pretty(&results).map(|text| format!("{}\n", escape::json(&text)))
}

/// What stands in place of a report if none could be made: no points, and why.
pub fn excuse(why: &str) -> serde_json::Result<String> {
    let why = escape::lines(why).join("\n");
    let results = Results {
        score: 0,
        execution_time: 0,
        output: format!("Nothing could be graded. If this tells you nothing, show it to your instructor:\n\n{why}"),
        output_format: "text",
        test_output_format: "text",
        test_name_format: "text",
        visibility: "visible",
        stdout_visibility: "hidden",
        tests: Vec::new(),
    };
    serde_json::to_string_pretty(&results).map(|text| format!("{}\n", escape::json(&text)))
}

#[derive(Serialize)]
struct Results {
    score: u32,
    execution_time: u64,
    output: String,
    output_format: &'static str,
    test_output_format: &'static str,
    test_name_format: &'static str,
    visibility: &'static str,
    stdout_visibility: &'static str,
    tests: Vec<GradescopeTest>,
}

#[derive(Serialize)]
struct GradescopeTest {
    score: u32,
    max_score: u32,
    status: &'static str,
    name: String,
    number: String,
    output: String,
    output_format: &'static str,
    visibility: &'static str,
}

impl GradescopeTest {
    fn of(check: &CheckReport) -> Self {
        let output = match &check.outcome {
            Outcome::Passed => check.measured.clone().unwrap_or_default(),
            Outcome::Failed(_) => plain::render_check(check),
            Outcome::Skipped(why) if check.is_judged() => format!("skipped because {why}"),
            Outcome::Skipped(why) => format!("not judged: {why}"),
            Outcome::Errored(why) => format!("could not judge, no points are taken: {why}"),
        };
        let by_hand = check.overridden.as_ref().map(|by_hand| format!("\nset by hand: {}", by_hand.reason));
        let output = output + &by_hand.unwrap_or_default();
        Self {
            score: check.points,
            // What is on top, or was not judged, has nothing to be missed.
            max_score: if check.counts == Counts::Bonus || !check.is_judged() { 0 } else { check.max_points },
            status: if check.outcome == Outcome::Passed { "passed" } else { "failed" },
            name: escape::line(&check.title).into_owned(),
            number: check.step.map(|step| step.to_string()).unwrap_or_default(),
            output: escape::lines(&output).join("\n"),
            output_format: "text",
            visibility: "visible",
        }
    }
}

fn is_shown(check: &CheckReport) -> bool {
    let trouble = matches!(check.outcome, Outcome::Failed(_) | Outcome::Errored(_));
    check.step.is_some() || check.counts == Counts::Optional || trouble
}

fn words(report: &Report) -> String {
    let open = match &report.interrupted {
        Some(why) => Some(format!("Stopped early: {why}. Submit again, or tell the instructor.")),
        None if !report.complete() => {
            Some("Not everything was judged; what was not takes no points. The instructor can tell why.".to_owned())
        }
        None => None,
    };
    let title = format!("{}: {}/{}", report.challenge.1, report.score(), report.max_score());
    let all = std::iter::once(title).chain(open).chain(report.notes.iter().map(|note| format!("note: {note}")));
    all.map(|text| escape::line(&text).into_owned()).collect::<Vec<_>>().join("\n")
}
