//! What comes of a check: an outcome, and the findings that say what to change.

use crate::place::Place;

/// What comes of one check. The four are never mixed up.
#[derive(Debug, Clone, PartialEq)]
pub enum Outcome {
    /// All that it expects holds.
    Passed,
    /// Something in the learner's work is not there yet.
    Failed(Vec<Finding>),
    /// Not judged, and why: a check it needs has failed, or it was not asked for.
    Skipped(String),
    /// The grader or the machine could not judge, and why. Takes no points.
    Errored(String),
}

impl Outcome {
    /// Its name in reports: `passed`, `failed`, `skipped` or `errored`.
    pub fn status(&self) -> &'static str {
        match self {
            Self::Passed => "passed",
            Self::Failed(_) => "failed",
            Self::Skipped(_) => "skipped",
            Self::Errored(_) => "errored",
        }
    }
}

/// Why something did not work, by whose fault it was. The third, the instructor's, is a `diagnostic::Error`.
#[derive(Debug, Clone, PartialEq)]
pub enum Fault {
    /// The learner's, who is shown what to change. Never empty.
    Learner(Vec<Finding>),
    /// The grader's or the host's, in a sentence: nothing is judged by it, and no points are lost.
    Machine(String),
}

impl Fault {
    /// The learner's: where, and why it did not work.
    pub fn learner(place: impl Into<Option<Place>>, why: impl Into<String>) -> Self {
        Self::Learner(vec![Finding { message: why.into(), place: place.into(), ..Finding::default() }])
    }

    /// The grader's or the host's: a sentence, or an error that is one.
    #[expect(clippy::needless_pass_by_value, reason = "what `map_err` hands on")]
    pub fn machine(why: impl ToString) -> Self {
        Self::Machine(why.to_string())
    }

    /// Why, in a sentence, for callers to whom it makes no difference whose fault it was.
    pub fn reason(&self) -> &str {
        match self {
            Self::Machine(why) => why,
            Self::Learner(findings) => {
                let first = findings.first();
                first.map_or("", |finding| finding.because.as_deref().unwrap_or(&finding.message))
            }
        }
    }
}

impl From<Finding> for Fault {
    fn from(finding: Finding) -> Self {
        Self::Learner(vec![finding])
    }
}

/// One thing to change, or with advice: to think about.
#[derive(Debug, Clone, PartialEq, Default)]
pub struct Finding {
    /// What it is, in a sentence.
    pub message: String,
    /// Where.
    pub place: Option<Place>,
    /// What the check expects.
    pub expected: Option<String>,
    /// What was found.
    pub actual: Option<String>,
    /// Why it is as it was found.
    pub because: Option<String>,
    /// Where to look next, without the answer.
    pub hint: Option<String>,
    /// The lines around the place, for readers who have no file at hand.
    pub snippet: Option<Snippet>,
    /// The fact that it is about, by its name.
    pub about: Option<String>,
    /// Why it came to this, where a cause is known.
    pub cause: Option<Box<Explanation>>,
}

impl Finding {
    /// What to read first: what its cause says, else what the check says.
    pub fn headline(&self) -> &str {
        self.cause.as_ref().map_or(&self.message, |cause| &cause.says)
    }
}

/// What a cause says of a finding.
#[derive(Debug, Clone, PartialEq, Eq, Default)]
pub struct Explanation {
    /// The cause's id.
    pub cause: String,
    /// What happened.
    pub says: String,
    /// What it means.
    pub means: String,
    /// What to do next.
    pub next: String,
    /// From a question to nearly the line.
    pub hints: Vec<String>,
    /// Where to read on.
    pub learn: Option<String>,
    /// The title of an earlier check that failed by the same cause: this finding follows from that.
    pub follows: Option<String>,
}

/// Some lines of a file, as the learner wrote them: escape them before they are shown.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Snippet {
    /// The number of the first line here.
    pub first_line: u32,
    /// The lines, without their ends.
    pub lines: Vec<String>,
    /// The lines that are meant, by their numbers.
    pub marked: std::ops::RangeInclusive<u32>,
}
