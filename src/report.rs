//! The report of a run: plain data that every format is made from. Reporters run nothing and read nothing else.

mod bar;
mod by_hand;
pub mod classroom50;
mod detail;
pub mod escape;
mod format;
pub mod github;
pub mod gradescope;
pub mod json;
pub mod junit;
pub mod layout;
pub mod markdown;
mod next;
mod page;
pub mod plain;
mod praise;
pub mod progress;
mod rooted;
pub mod sarif;
mod snippet;
mod steps;
pub mod terminal;

pub(crate) use format::listed;
pub use format::{Format, FormatError, RenderError, ReportTarget, Written};

use crate::challenge::Teaching;
use crate::engine::Versions;
use crate::facts::Facts;
use crate::outcome::{Finding, Outcome};
use crate::seed::Seed;
use std::collections::BTreeMap;
use std::time::{Duration, SystemTime};

/// All formats, in the order in which help shows them. A format is a file of its own, and a line here.
pub const FORMATS: [Format; 9] = [
    terminal::SPEC,
    plain::SPEC,
    json::SPEC,
    junit::SPEC,
    sarif::SPEC,
    github::SPEC,
    markdown::SPEC,
    classroom50::SPEC,
    gradescope::SPEC,
];

/// All that a run found out.
#[derive(Debug, Clone)]
pub struct Report {
    /// The challenge's id and title.
    pub challenge: (String, String),
    /// What was graded.
    pub repository: GradedRepository,
    /// What the image was built for: `linux/amd64`; empty if nothing was built.
    pub platform: String,
    /// Base images as written, and the digest (or the id of a local one) that was built on.
    pub bases: BTreeMap<String, String>,
    /// The engine, if one was used.
    pub engine: Option<Versions>,
    /// The points that make a pass.
    pub pass_mark: u32,
    /// What `--seed` takes to repeat the run; nothing if it only read files.
    pub seed: Option<Seed>,
    /// When the run started.
    pub started: SystemTime,
    /// How long it took.
    pub elapsed: Duration,
    /// Every check, in the challenge's order.
    pub checks: Vec<CheckReport>,
    /// Things to know that are no finding: `CI will not see X: not committed`.
    pub notes: Vec<String>,
    /// The signal that stopped the run before its end, if one did.
    pub interrupted: Option<String>,
    /// The facts that the checks were judged by.
    pub facts: Facts,
}

/// The repository as it was graded.
#[derive(Debug, Clone, Default)]
pub struct GradedRepository {
    /// Its path as given.
    pub path: String,
    /// Where it lies in the git repository that it belongs to: empty, or `work/`.
    pub folder: String,
    /// The commit that is checked out, if it is a git repository with one.
    pub commit: Option<String>,
    /// Whether files differ from that commit.
    pub dirty: bool,
    /// `owner/name` of the place that it was cloned from, if git knows one.
    pub origin: Option<String>,
}

/// One check of the report.
#[derive(Debug, Clone)]
pub struct CheckReport {
    /// Its id.
    pub id: String,
    /// Its title, parameters filled in.
    pub title: String,
    /// Which step of the challenge it is, from 1; `None` for a gate without points.
    pub step: Option<u32>,
    /// What came of it.
    pub outcome: Outcome,
    /// The points earned.
    pub points: u32,
    /// The points to earn.
    pub max_points: u32,
    /// How long its own facts and steps took.
    pub elapsed: Duration,
    /// Why it matters.
    pub why: String,
    /// What it says to a learner besides.
    pub teaching: Teaching,
    /// All its hints, from the gentlest on.
    pub hints: Vec<String>,
    /// Tips that cost nothing.
    pub advice: Vec<Finding>,
    /// A line worth showing even when it passes: `144MB on linux/amd64`.
    pub measured: Option<String>,
    /// Whether a verdict on the learner's work was reached.
    pub judged: Coverage,
    /// How it counts.
    pub counts: Counts,
    /// What an instructor decided by hand, if so.
    pub overridden: Option<Overridden>,
}

/// How a check counts.
#[derive(Debug, Clone, Copy, Default, PartialEq, Eq)]
pub enum Counts {
    /// Its points are part of the score; a gate has none.
    #[default]
    Points,
    /// Its points come on top, and make up for others that are missing.
    Bonus,
    /// It is judged and shown, but never keeps from passing.
    Optional,
}

/// What an instructor decided by hand; the points are in the check's own field.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Overridden {
    /// The points that it had before.
    pub points: u32,
    /// Why.
    pub reason: String,
}

/// Whether a verdict was reached. A check skipped because another failed is judged: it earns nothing.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Coverage {
    /// It was.
    Yes,
    /// It was left out on purpose: `--only`, `--skip`, `--static`.
    LeftOut,
    /// It could not be: no engine, or a fault of the machine or of grader.
    No,
}

/// How a report for people is laid out, and what it knows besides the report.
#[derive(Debug, Clone, Default)]
pub struct Style {
    /// The terminal's columns.
    pub width: usize,
    /// Whether the terminal shows colours, and they are wanted.
    pub color: bool,
    /// Whether every failed check is shown whole.
    pub verbose: bool,
    /// What earlier runs came to.
    pub before: Before,
    /// What to type to grade the same again.
    pub again: Again,
    /// What Classroom 50 says of the submission.
    pub submission: classroom50::Submission,
}

/// What earlier runs of the same work came to.
#[derive(Debug, Clone, Default, PartialEq, Eq)]
pub struct Before {
    /// The score of the last complete run.
    pub score: Option<u32>,
    /// The best score of all complete runs.
    pub best: Option<u32>,
    /// The size of the first image that was built, in bytes.
    pub size: Option<u64>,
    /// Whether that image ran as root.
    pub was_root: bool,
}

/// The arguments that the next command needs to find the same work.
#[derive(Debug, Clone, Default)]
pub struct Again {
    /// The repository, unless it is the current folder.
    pub path: Option<String>,
    /// The challenge, if it was named by hand.
    pub challenge: Option<String>,
    /// The command that goes on with the course, once the challenge is complete.
    pub then: Option<String>,
}

impl Report {
    /// The points earned; those on top make up for missing ones, but never for more than there are.
    pub fn score(&self) -> u32 {
        let of = |counts| self.counting(counts).map(|check| check.points).sum::<u32>();
        of(Counts::Points).saturating_add(of(Counts::Bonus)).min(self.max_score())
    }

    /// The points to earn, those on top left out.
    pub fn max_score(&self) -> u32 {
        self.counting(Counts::Points).map(|check| check.max_points).sum()
    }

    /// The points of the checks that could be judged.
    pub fn judged_score(&self) -> u32 {
        self.counting(Counts::Points).filter(|check| check.is_judged()).map(|check| check.max_points).sum()
    }

    /// Whether every check was judged that counts.
    pub fn complete(&self) -> bool {
        self.interrupted.is_none()
            && self.checks.iter().all(|check| check.is_judged() || check.counts == Counts::Optional)
    }

    fn counting(&self, counts: Counts) -> impl Iterator<Item = &CheckReport> {
        self.checks.iter().filter(move |check| check.counts == counts)
    }

    /// Complete, and with enough points.
    pub fn passed(&self) -> bool {
        self.complete() && self.score() >= self.pass_mark
    }

    /// The process's exit code: 0 passed, 1 checks failed, 3 could not judge, 130 interrupted. Of a run that was asked
    /// for less than the whole challenge, what it did judge decides.
    pub fn exit_code(&self) -> u8 {
        let any = |judged| self.checks.iter().any(|check| check.judged == judged && check.counts != Counts::Optional);
        let failed = self.counting(Counts::Points).any(CheckReport::lacks);
        if self.interrupted.is_some() {
            130
        } else if any(Coverage::No) {
            3
        } else if any(Coverage::LeftOut) {
            u8::from(failed)
        } else {
            u8::from(!self.passed())
        }
    }
}

impl CheckReport {
    /// Whether it failed, and no instructor gave it all points by hand.
    pub fn lacks(&self) -> bool {
        let given = self.overridden.is_some() && self.points == self.max_points;
        matches!(self.outcome, Outcome::Failed(_)) && !given
    }

    /// Whether a verdict on the learner's work was reached.
    pub fn is_judged(&self) -> bool {
        self.judged == Coverage::Yes
    }
}
