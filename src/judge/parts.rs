//! The parts of a check: what holds, what does not, and the points that come of it.

use crate::matching::scene::Answer;
use crate::outcome::{Finding, Outcome};

/// What was judged so far, part by part. A part ends with the expectation or step that has points.
#[derive(Debug, Default)]
pub struct Parts {
    findings: Vec<Finding>,
    not_judged: Option<String>,
    errored: Option<String>,
    /// Whether all holds since the last part's end.
    holds: Option<bool>,
    /// Whether something failed since then.
    fails: bool,
    earned: u64,
    total: u64,
}

impl Parts {
    /// Whether something without points of its own failed since the last part's end: what follows waits for it.
    pub fn is_failing(&self) -> bool {
        self.fails
    }

    /// Leaves out an expectation that waits for one that failed.
    pub fn wait(&mut self, points: Option<u32>) {
        (self.holds, self.fails) = (Some(false), true);
        self.end(points);
    }

    /// Adds an expectation, or a step itself. What is not told counts all the same.
    pub fn add(&mut self, points: Option<u32>, answers: Vec<Answer<Vec<Finding>>>, is_told: bool) {
        for answer in answers {
            let holds = matches!(answer, Answer::Holds);
            self.fails |= matches!(answer, Answer::Fails(_));
            match answer {
                Answer::Fails(findings) if is_told || self.findings.is_empty() => self.find(findings),
                Answer::Holds | Answer::Fails(_) => {}
                Answer::NotJudged(why) => self.not_judged = self.not_judged.take().or(Some(why)),
                Answer::Errored(why) => self.errored = self.errored.take().or(Some(why)),
            }
            self.holds = Some(self.holds.unwrap_or(true) && holds);
        }
        self.end(points);
    }

    /// Ends a part where there are points for it.
    fn end(&mut self, points: Option<u32>) {
        let Some(points) = points else { return };
        self.total += u64::from(points);
        self.fails = false;
        if self.holds.take().unwrap_or(true) {
            self.earned += u64::from(points);
        }
    }

    /// Adds what a script says: all of it, since it has judged for itself.
    pub fn add_script(&mut self, answer: Answer<Vec<Finding>>) {
        match answer {
            Answer::Fails(findings) => {
                self.findings.extend(findings);
                self.holds = Some(false);
            }
            other => self.add(None, vec![other], true),
        }
    }

    /// A cause is told once: what failed for the same reason at the same place is left out.
    fn find(&mut self, findings: Vec<Finding>) {
        let Some(finding) = findings.first() else { return };
        let told = self.findings.iter().any(|known| {
            known.message == finding.message
                || (finding.because.is_some() && known.because == finding.because && known.place == finding.place)
        });
        // A step that could not be done says nothing where something was found before: that is why.
        let silent = finding.expected.is_none() && finding.actual.is_none() && !self.findings.is_empty();
        if !told && !silent {
            self.findings.extend(findings);
        }
    }

    /// The outcome, whether it is a verdict on the learner's work, and the points of `max`.
    ///
    /// A failure is certain even where something else could not be judged; but where the points come in parts, nothing
    /// is taken for a part that the machine kept us from judging, so the whole check is left open.
    pub fn outcome(self, max: u32) -> (Outcome, bool, u32) {
        let in_parts = self.total > 0;
        let failed = !self.findings.is_empty();
        if let Some(why) = self.errored.filter(|_| !failed || in_parts) {
            return (Outcome::Errored(why), false, 0);
        }
        if let Some(why) = self.not_judged.filter(|_| !failed) {
            return (Outcome::Skipped(why), false, 0);
        }
        if !failed {
            return (Outcome::Passed, true, max);
        }
        let earned = if in_parts { u64::from(max) * self.earned / self.total } else { 0 };
        let points = u32::try_from(earned).unwrap_or(max).min(max.saturating_sub(1));
        (Outcome::Failed(self.findings), true, points)
    }
}
