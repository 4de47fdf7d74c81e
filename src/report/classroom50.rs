//! `classroom50/result/v1`: result.json of Classroom 50.
//! <https://github.com/foundation50/classroom50/blob/main/schemas/result-v1.schema.json>

use super::{CheckReport, Counts, Format, Report, escape, plain};
use crate::outcome::Outcome;
use serde::Serialize;
use std::time::{SystemTime, UNIX_EPOCH};
use thiserror::Error;

/// The format.
pub const SPEC: Format = Format {
    name: "classroom50",
    title: "Classroom 50",
    about: "Classroom 50: its `result.json`",
    render: |report, style| Ok(render(report, &style.submission)??),
    wrote: |it| it.is_json(|json| json.get("score").is_some() || json["tests"].is_array(), &["\"score\"", "\"tests\""]),
};

/// What the platform says of the submission, in its environment variables.
#[derive(Debug, Clone, Default, PartialEq, Eq)]
pub struct Submission {
    /// `CLASSROOM`
    pub classroom: String,
    /// `ASSIGNMENT`
    pub assignment: String,
    /// `SUBMISSION_TAG`
    pub tag: String,
    /// `COMMIT_URL`
    pub commit: String,
    /// `RELEASE_URL`
    pub release: String,
    /// `REVIEW_URL`
    pub review: String,
}

/// Why no result can be written.
#[derive(Debug, Error, PartialEq, Eq)]
pub enum NoResult {
    /// A score of less than everything would be taken for the whole.
    #[error("not everything could be judged, so no score is written")]
    Incomplete,
    /// The platform has not said what this is about.
    #[error("the environment variable {0} is not set, which Classroom 50 sets")]
    Missing(&'static str),
    /// Collecting the scores would refuse it.
    #[error("the environment variable SUBMISSION_TAG does not start with submit/, as Classroom 50's do")]
    Tag,
}

impl Submission {
    /// Reads the environment variables.
    pub fn from(variable: &dyn Fn(&str) -> Option<String>) -> Self {
        let read = |name| variable(name).unwrap_or_default();
        Self {
            classroom: read("CLASSROOM"),
            assignment: read("ASSIGNMENT"),
            tag: read("SUBMISSION_TAG"),
            commit: read("COMMIT_URL"),
            release: read("RELEASE_URL"),
            // Older runners do not have it; without a difference to look at it is the commit.
            review: Some(read("REVIEW_URL")).filter(|url| !url.is_empty()).unwrap_or_else(|| read("COMMIT_URL")),
        }
    }

    /// Whether the platform has said all that a result needs.
    pub fn check(&self) -> Result<(), NoResult> {
        match self.missing() {
            Some(name) => Err(NoResult::Missing(name)),
            None if !self.tag.starts_with("submit/") => Err(NoResult::Tag),
            None => Ok(()),
        }
    }

    fn missing(&self) -> Option<&'static str> {
        let all = [
            ("CLASSROOM", &self.classroom),
            ("ASSIGNMENT", &self.assignment),
            ("SUBMISSION_TAG", &self.tag),
            ("COMMIT_URL", &self.commit),
            ("RELEASE_URL", &self.release),
        ];
        all.into_iter().find(|(_, value)| value.is_empty()).map(|(name, _)| name)
    }
}

/// The report as result.json. `owner` and `assignment_type` are left to the platform's runner, which stamps them.
pub fn render(report: &Report, submission: &Submission) -> Result<serde_json::Result<String>, NoResult> {
    if !report.complete() {
        return Err(NoResult::Incomplete);
    }
    submission.check()?;
    let result = ClassroomResult {
        schema: "classroom50/result/v1",
        classroom: &submission.classroom,
        assignment: &submission.assignment,
        submission: &submission.tag,
        commit: &submission.commit,
        release: &submission.release,
        review: &submission.review,
        datetime: instant(report.started),
        graded_at: instant(report.started),
        score: report.score(),
        max_score: report.max_score(),
        tests: report.checks.iter().filter(|check| check.max_points > 0).map(ClassroomTest::of).collect(),
    };
    Ok(serde_json::to_string_pretty(&result).map(|text| format!("{}\n", escape::json(&text))))
}

#[derive(Serialize)]
struct ClassroomResult<'a> {
    schema: &'static str,
    classroom: &'a str,
    assignment: &'a str,
    submission: &'a str,
    commit: &'a str,
    release: &'a str,
    review: &'a str,
    datetime: String,
    graded_at: String,
    score: u32,
    #[serde(rename = "max-score")]
    max_score: u32,
    tests: Vec<ClassroomTest>,
}

#[derive(Serialize)]
struct ClassroomTest {
    #[serde(rename = "test-name")]
    name: String,
    passed: bool,
    score: u32,
    #[serde(rename = "max-score")]
    max_score: u32,
    message: String,
}

impl ClassroomTest {
    fn of(check: &CheckReport) -> Self {
        let message = match &check.outcome {
            Outcome::Passed => check.measured.clone().unwrap_or_default(),
            Outcome::Failed(_) => plain::render_check(check),
            Outcome::Skipped(why) | Outcome::Errored(why) => why.clone(),
        };
        let kind = if check.counts == Counts::Bonus { " (bonus)" } else { "" };
        let title = if check.title.trim().is_empty() { &check.id } else { &check.title };
        Self {
            name: format!("{}{kind}", escape::line(title)),
            passed: check.points == check.max_points,
            score: check.points,
            max_score: check.max_points,
            message: escape::lines(&message).join("\n"),
        }
    }
}

/// `2026-02-25T06:13:20Z`
fn instant(time: SystemTime) -> String {
    humantime::format_rfc3339_seconds(time.max(UNIX_EPOCH)).to_string()
}
