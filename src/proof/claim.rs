//! What a challenge promises of its starter, its solution and its cases, held against what came of them. Pure.

mod finding;
#[cfg(test)]
mod tests;

use super::Verdict;
use crate::challenge::read::case::Case;
use crate::outcome::{Finding, Outcome};
use crate::report::{CheckReport, Report};
use finding::{fits, one, words};

/// The starter does not pass, and whoever starts from it is told what to do.
pub fn starter(report: &Report) -> Verdict {
    if let Some(why) = unjudged(report) {
        return Verdict::Unjudged(why);
    }
    let mut wrong = Vec::new();
    if report.passed() {
        wrong.push(format!(
            "it passes with {} of {} points: nothing is left to do",
            report.score(),
            report.max_score()
        ));
    }
    for (check, findings) in failed(report) {
        if findings.is_empty() {
            wrong.push(format!("{} fails without a finding", check.id));
        } else if check.hints.is_empty() && findings.iter().all(|finding| finding.hint.is_none()) {
            wrong.push(format!("{} fails without a hint", check.id));
        }
    }
    Verdict::of(wrong)
}

/// The solution gets every point, with nothing found, and does so each time.
pub fn solution(reports: &[Report]) -> Verdict {
    if let Some(why) = reports.iter().find_map(unjudged) {
        return Verdict::Unjudged(why);
    }
    let Some(first) = reports.first() else { return Verdict::LeftOut("it was not run".to_owned()) };
    let mut wrong: Vec<String> = failed(first).map(|(check, findings)| told(check, findings)).collect();
    let (score, max) = (first.score(), first.max_score());
    if score < max {
        wrong.push(format!("it gets {score} of {max} points"));
    }
    if !first.complete() {
        wrong.push("not every check was judged".to_owned());
    }
    for (time, other) in (2..).zip(reports.iter().skip(1)) {
        for (check, now) in first.checks.iter().zip(&other.checks).filter(|(check, now)| verdict(check) != verdict(now))
        {
            let (before, after) = (check.outcome.status(), now.outcome.status());
            wrong.push(format!(
                "{} is not the same each time: {before} with {} points at first, {after} with {} the {time}. time",
                check.id, check.points, now.points
            ));
        }
    }
    Verdict::of(wrong)
}

/// The solution without an engine: no check fails by its files.
pub fn solution_files(report: &Report) -> Vec<String> {
    failed(report).map(|(check, findings)| told(check, findings)).collect()
}

/// A case without an engine: no other check fails by its files.
pub fn case_files(case: &Case, report: &Report) -> Vec<String> {
    let others = failed(report).filter(|(check, _)| !case.fails.contains(&check.id));
    others.map(|(check, findings)| told(check, findings)).collect()
}

/// A case fails exactly what it names, with that score and that finding.
pub fn case(case: &Case, report: &Report) -> Verdict {
    if let Some(why) = unjudged(report) {
        return Verdict::Unjudged(why);
    }
    let mut wrong = Vec::new();
    let named = |id: &String| case.fails.contains(id);
    for id in &case.fails {
        let check = report.checks.iter().find(|check| check.id == *id);
        if let Some(check) = check.filter(|check| !matches!(check.outcome, Outcome::Failed(_))) {
            wrong.push(match &check.outcome {
                Outcome::Skipped(why) => format!("{id} should fail, and is skipped: {why}"),
                outcome => format!("{id} should fail, and {}", outcome.status()),
            });
        }
    }
    wrong.extend(failed(report).filter(|(check, _)| !named(&check.id)).map(|(check, found)| told(check, found)));
    if let Some(expected) = case.score.filter(|&score| score != report.score()) {
        wrong.push(format!("expected {expected} points, got {}", report.score()));
    }
    if let Some(sought) = &case.finding {
        let findings = failed(report).find(|(check, _)| check.id == sought.check).map(|(_, found)| found);
        if let Some(findings) = findings.filter(|findings| !findings.iter().any(|finding| fits(sought, finding))) {
            let found: Vec<String> = findings.iter().map(one).collect();
            wrong.push(format!("{} should find {}, and finds {}", sought.check, words(sought), found.join("; ")));
        }
    }
    let found: Vec<(&str, &Finding)> =
        failed(report).flat_map(|(check, found)| found.iter().map(|it| (check.id.as_str(), it))).collect();
    if let Some(count) = case.count.filter(|&count| count != found.len()) {
        let all: Vec<String> = found.iter().map(|(id, finding)| format!("{id}: {}", one(finding))).collect();
        wrong.push(format!("expected {}, got {}: {}", many(count), many(found.len()), all.join("; ")));
    }
    for sought in &case.findings {
        if !found.iter().any(|(id, finding)| *id == sought.check && fits(sought, finding)) {
            wrong.push(format!("{} should find {}, and doesn't", sought.check, words(sought)));
        }
    }
    Verdict::of(wrong)
}

fn many(findings: usize) -> String {
    format!("{findings} finding{}", if findings == 1 { "" } else { "s" })
}

/// The checks that fail, with what they find.
pub fn failed(report: &Report) -> impl Iterator<Item = (&CheckReport, &[Finding])> {
    report.checks.iter().filter_map(|check| match &check.outcome {
        Outcome::Failed(findings) => Some((check, findings.as_slice())),
        _ => None,
    })
}

/// Why a report is not whole through no fault of the work that was graded.
pub fn unjudged(report: &Report) -> Option<String> {
    let interrupted = report.interrupted.clone();
    interrupted.or_else(|| {
        report.checks.iter().find_map(|check| match &check.outcome {
            Outcome::Errored(why) => Some(format!("{}: {why}", check.id)),
            _ => None,
        })
    })
}

/// What has to be the same each time; what was measured may differ.
fn verdict(check: &CheckReport) -> (&'static str, u32, Vec<(&str, String)>) {
    let findings = if let Outcome::Failed(findings) = &check.outcome { findings.as_slice() } else { &[] };
    let place = |finding: &Finding| finding.place.as_ref().map(ToString::to_string).unwrap_or_default();
    let found = findings.iter().map(|finding| (finding.message.as_str(), place(finding)));
    (check.outcome.status(), check.points, found.collect())
}

fn told(check: &CheckReport, findings: &[Finding]) -> String {
    findings
        .first()
        .map_or_else(|| format!("{} fails", check.id), |first| format!("{} fails: {}", check.id, one(first)))
}
