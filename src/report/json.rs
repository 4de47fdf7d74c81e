//! `grader.report/v1`: the report for programs. These types are the format; it only ever grows.

use super::{CheckReport, Counts, Format, Report, escape};
use crate::engine;
use crate::facts::json::{FactValues, seconds};
use crate::outcome::{Finding, Outcome};
use crate::seed::Seed;
use serde::Serialize;
use std::collections::BTreeMap;
use std::time::UNIX_EPOCH;

/// The format.
pub const SPEC: Format = Format {
    name: "json",
    title: "JSON",
    about: "programs: `grader.report/v1`",
    render: |report, _| Ok(render(report)),
    wrote: |it| {
        let is_own = |json: &serde_json::Value| {
            json.get("score").is_some() || json["schema"].as_str().is_some_and(|schema| schema.contains("/v1"))
        };
        it.is_json(is_own, &["\"score\""])
    },
};

/// The report as JSON, indented, with a line end.
pub fn render(report: &Report) -> String {
    let mut text = match serde_json::to_string_pretty(&JsonDocument::from(report)) {
        Ok(text) => escape::json(&text).into_owned(),
        // Only a map with odd keys or a failing Serialize gets here, and there is neither.
        Err(error) => serde_json::json!({"schema": SCHEMA, "error": error.to_string()}).to_string(),
    };
    text.push('\n');
    text
}

const SCHEMA: &str = "grader.report/v1";

#[derive(Serialize)]
struct JsonDocument<'a> {
    schema: &'static str,
    grader: &'static str,
    challenge: JsonChallenge<'a>,
    repository: JsonRepository<'a>,
    platform: &'a str,
    bases: &'a BTreeMap<String, String>,
    score: u32,
    max_score: u32,
    passed: bool,
    complete: bool,
    seed: Option<u32>,
    started: String,
    seconds: serde_json::Value,
    engine: Option<JsonVersions<'a>>,
    checks: Vec<JsonCheck<'a>>,
    notes: &'a [String],
    facts: FactValues<'a>,
}

#[derive(Serialize)]
struct JsonChallenge<'a> {
    id: &'a str,
    title: &'a str,
}

#[derive(Serialize)]
struct JsonRepository<'a> {
    path: &'a str,
    commit: Option<&'a str>,
    dirty: bool,
}

#[derive(Serialize)]
struct JsonVersions<'a> {
    version: &'a str,
    api: &'a str,
    compose: &'a str,
    buildx: &'a str,
}

#[derive(Serialize)]
struct JsonCheck<'a> {
    id: &'a str,
    title: &'a str,
    task: Option<&'a str>,
    learn: Option<&'a str>,
    reflect: Option<&'a str>,
    status: &'static str,
    points: u32,
    max_points: u32,
    bonus: bool,
    optional: bool,
    #[serde(rename = "override")]
    overridden: Option<JsonOverride<'a>>,
    seconds: serde_json::Value,
    because: Option<&'a str>,
    findings: Vec<JsonEntry<'a>>,
    advice: Vec<JsonEntry<'a>>,
}

#[derive(Serialize)]
struct JsonOverride<'a> {
    points_before: u32,
    reason: &'a str,
}

#[derive(Serialize)]
struct JsonEntry<'a> {
    message: &'a str,
    path: Option<&'a str>,
    line: Option<u32>,
    column: Option<u32>,
    end_line: Option<u32>,
    expected: Option<&'a str>,
    actual: Option<&'a str>,
    because: Option<&'a str>,
    hint: Option<&'a str>,
    fact: Option<&'a str>,
    cause: Option<&'a str>,
    says: Option<&'a str>,
    means: Option<&'a str>,
    next: Option<&'a str>,
    learn: Option<&'a str>,
    follows: Option<&'a str>,
}

impl<'a> From<&'a Report> for JsonDocument<'a> {
    fn from(report: &'a Report) -> Self {
        Self {
            schema: SCHEMA,
            grader: env!("CARGO_PKG_VERSION"),
            challenge: JsonChallenge { id: &report.challenge.0, title: &report.challenge.1 },
            repository: JsonRepository {
                path: &report.repository.path,
                commit: report.repository.commit.as_deref(),
                dirty: report.repository.dirty,
            },
            platform: &report.platform,
            bases: &report.bases,
            score: report.score(),
            max_score: report.max_score(),
            passed: report.passed(),
            complete: report.complete(),
            seed: report.seed.map(Seed::number),
            started: humantime::format_rfc3339_millis(report.started.max(UNIX_EPOCH)).to_string(),
            seconds: seconds(report.elapsed),
            engine: report.engine.as_ref().map(JsonVersions::from),
            checks: report.checks.iter().map(JsonCheck::from).collect(),
            notes: &report.notes,
            facts: FactValues(&report.facts),
        }
    }
}

impl<'a> From<&'a engine::Versions> for JsonVersions<'a> {
    fn from(engine: &'a engine::Versions) -> Self {
        Self { version: &engine.version, api: &engine.api, compose: &engine.compose, buildx: &engine.buildx }
    }
}

impl<'a> From<&'a CheckReport> for JsonCheck<'a> {
    fn from(check: &'a CheckReport) -> Self {
        let (because, findings) = match &check.outcome {
            Outcome::Passed => (None, &[][..]),
            Outcome::Failed(findings) => (None, findings.as_slice()),
            Outcome::Skipped(why) | Outcome::Errored(why) => (Some(why.as_str()), &[][..]),
        };
        Self {
            id: &check.id,
            title: &check.title,
            task: check.teaching.task.as_deref(),
            learn: check.teaching.learn.as_deref(),
            reflect: check.teaching.reflect.as_deref(),
            status: check.outcome.status(),
            points: check.points,
            max_points: check.max_points,
            bonus: check.counts == Counts::Bonus,
            optional: check.counts == Counts::Optional,
            overridden: check
                .overridden
                .as_ref()
                .map(|by_hand| JsonOverride { points_before: by_hand.points, reason: &by_hand.reason }),
            seconds: seconds(check.elapsed),
            because,
            findings: findings.iter().map(JsonEntry::from).collect(),
            advice: check.advice.iter().map(JsonEntry::from).collect(),
        }
    }
}

impl<'a> From<&'a Finding> for JsonEntry<'a> {
    fn from(finding: &'a Finding) -> Self {
        let (place, cause) = (finding.place.as_ref(), finding.cause.as_deref());
        Self {
            message: &finding.message,
            path: place.map(|place| place.path.as_str()),
            line: place.and_then(|place| place.line),
            column: place.and_then(|place| place.column),
            end_line: place.and_then(|place| place.end_line),
            expected: finding.expected.as_deref(),
            actual: finding.actual.as_deref(),
            because: finding.because.as_deref(),
            hint: finding.hint.as_deref(),
            fact: finding.about.as_deref().filter(|name| !name.is_empty()),
            cause: cause.map(|cause| cause.cause.as_str()),
            says: cause.map(|cause| cause.says.as_str()),
            means: cause.map(|cause| cause.means.as_str()),
            next: cause.map(|cause| cause.next.as_str()),
            learn: cause.and_then(|cause| cause.learn.as_deref()),
            follows: cause.and_then(|cause| cause.follows.as_deref()),
        }
    }
}
