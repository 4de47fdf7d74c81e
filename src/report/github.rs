//! Annotations for GitHub Actions: workflow commands on stdout, which the runner shows beside the lines they are about.
//! <https://docs.github.com/actions/reference/workflows-and-actions/workflow-commands>

use super::rooted::rooted;
use super::{CheckReport, Format, Report, escape};
use crate::outcome::{Finding, Outcome};

/// The format.
pub const SPEC: Format = Format {
    name: "github",
    title: "annotations",
    about: "the log of GitHub Actions: annotations",
    render: |report, _| Ok(render(report)),
    wrote: |it| ["::error ", "::warning ", "::notice "].iter().any(|command| it.starts_with(command)),
};

/// The runner shows so many of a kind in a step.
const MOST: usize = 10;
/// The UTF-16 units that the runner keeps of a message.
const LONGEST: usize = 4096;

/// The annotations, a line each: errors for what counts most first, then warnings, then notes and tips.
pub fn render(report: &Report) -> String {
    let report = &*rooted(report);
    let mut checks: Vec<&CheckReport> = report.checks.iter().collect();
    // A gate that failed holds up others: what it is worth is theirs.
    checks
        .sort_by_key(|check| (check.max_points > 0, std::cmp::Reverse(check.max_points.saturating_sub(check.points))));
    let mut lines = Vec::new();
    let mut errors = Vec::new();
    // The first of each check, before the second of any.
    let failed = |check: &&CheckReport| check.lacks();
    let findings =
        |check: &CheckReport| if let Outcome::Failed(findings) = &check.outcome { findings.len() } else { 0 };
    let most = checks.iter().map(|check| findings(check)).max().unwrap_or(0);
    for index in 0..most.max(1) {
        for check in checks.iter().copied().filter(|check| failed(check)) {
            let Outcome::Failed(findings) = &check.outcome else { continue };
            match findings.get(index) {
                Some(finding) => errors.push(command("error", check, finding)),
                None if index == 0 => errors.push(command("error", check, &Finding::default())),
                None => {}
            }
        }
    }
    lines.extend(errors.into_iter().take(MOST));
    let open = checks.iter().filter_map(|check| match &check.outcome {
        Outcome::Errored(why) => Some(command("warning", check, &said(format!("could not judge: {why}")))),
        Outcome::Skipped(why) if !check.is_judged() => {
            Some(command("warning", check, &said(format!("not judged: {why}"))))
        }
        _ => None,
    });
    lines.extend(open.take(MOST));
    let tips = report.checks.iter().flat_map(|check| check.advice.iter().map(move |tip| command("notice", check, tip)));
    let notes = report
        .notes
        .iter()
        .map(|note| format!("::notice title=grader::{}", escape::workflow_message(&format!("note: {note}"), LONGEST)));
    lines.extend(notes.chain(tips).take(MOST));
    lines.push(String::new());
    lines.join("\n")
}

fn said(message: String) -> Finding {
    Finding { message, ..Finding::default() }
}

fn command(kind: &str, check: &CheckReport, finding: &Finding) -> String {
    let mut properties = Vec::new();
    if let Some(place) = &finding.place {
        properties.push(format!("file={}", escape::workflow_property(&place.path)));
        let numbers = [("line", place.line), ("endLine", place.end_line), ("col", place.column)];
        properties.extend(numbers.iter().filter_map(|(name, value)| value.map(|value| format!("{name}={value}"))));
    }
    properties.push(format!("title={}", escape::workflow_property(&title(check))));
    let mut message =
        vec![if finding.headline().trim().is_empty() { "Not there yet." } else { finding.headline() }.to_owned()];
    let labelled = [
        ("expected", &finding.expected),
        ("found", &finding.actual),
        ("because", &finding.because),
        ("hint", &finding.hint),
    ];
    message.extend(labelled.iter().filter_map(|(label, text)| Some(format!("{label}: {}", text.as_ref()?))));
    let message = escape::workflow_message(&message.join("\n"), LONGEST);
    format!("::{kind} {}::{message}", properties.join(","))
}

/// The step, or for a gate the check's title alone.
fn title(check: &CheckReport) -> String {
    let points = match check.max_points {
        0 => String::new(),
        max if check.is_judged() => format!(" ({}/{max})", check.points),
        max => format!(" (-/{max})"),
    };
    check.step.map_or_else(|| check.title.clone(), |step| format!("Step {step}: {}{points}", check.title))
}
