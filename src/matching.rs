//! Whether facts fit what is expected of them, and how both are said. Knows conditions and matchers, but no check. Pure.

pub mod fit;
pub(crate) mod phrasing;
pub(crate) mod scene;

use crate::compose::roles::Found;
use crate::facts::{Fact, Facts};
use crate::language::condition::Condition;
use crate::outcome::{Fault, Finding};
use fit::Captures;
use scene::{Answer, Scene};
use std::collections::BTreeMap;

/// What came back from one step.
#[derive(Debug, Clone, Default)]
pub struct StepResult {
    /// `status`, `body`, `json`, `seconds`; nothing if nothing came back.
    pub facts: Facts,
    /// The values that it kept for later steps.
    pub captures: Captures,
    /// Why nothing came back, where that is the learner's to change.
    pub failed: Option<Fact>,
    /// Why it could not be done, through no fault of the learner.
    pub error: Option<String>,
    /// Whether it could not be done because an earlier step brought nothing back.
    pub follows: bool,
}

/// The first finding is why nothing came back; others are kept with it.
impl From<Fault> for StepResult {
    fn from(fault: Fault) -> Self {
        match fault {
            Fault::Learner(findings) => {
                let first = findings.first().cloned().unwrap_or_default();
                let failed = Fact::absent().because(first.message).at(first.place);
                let failed = if findings.len() > 1 { failed.telling(&findings) } else { failed };
                Self { failed: Some(failed), ..Self::default() }
            }
            Fault::Machine(why) => Self { error: Some(why), ..Self::default() },
        }
    }
}

/// What of a condition does not hold, with what was seen; nothing once it holds.
pub fn unmet(
    condition: &Condition,
    facts: &Facts,
    roles: &BTreeMap<String, Found>,
    captures: &Captures,
) -> Result<Option<Finding>, Fault> {
    let scene = Scene { facts, roles, step: None, result: None, lenient: false };
    match scene.judge(condition, captures) {
        Answer::Holds => Ok(None),
        Answer::NotJudged(why) | Answer::Errored(why) => Err(Fault::Machine(why)),
        Answer::Fails(failure) => {
            let expected = failure.matcher.map(|matcher| phrasing::expected(matcher, captures)).unwrap_or_default();
            let actual = failure.fact.map_or_else(|| "none".to_owned(), phrasing::actual);
            let because = failure.because.map(|because| format!(" ({because})")).unwrap_or_default();
            let message = format!("`{}` has to be {expected}, and was {actual} at last{because}", failure.path);
            Ok(Some(Finding { message, place: failure.place, ..Finding::default() }))
        }
    }
}
