//! What a script says of the learner's work.

use crate::diagnostic::Diagnostic;
use crate::outcome::Finding;

/// What a script says, or why it could not judge.
pub type ScriptResult = Result<ScriptVerdict, ScriptFault>;

/// What a script says of the learner's work.
#[derive(Debug, Clone, PartialEq, Default)]
pub struct ScriptVerdict {
    /// What is to be changed; the work passes without any.
    pub findings: Vec<Finding>,
    /// Tips.
    pub advice: Vec<Finding>,
}

/// Why a script could not judge: never the learner's fault.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum ScriptFault {
    /// The instructor's: the script, or the image that it runs in.
    Instructor(Box<Diagnostic>),
    /// The grader's or the host's, in a sentence.
    Machine(String),
}

impl ScriptFault {
    /// The instructor's: what is wrong with a script, by its name.
    pub fn instructor(script: &str, why: impl Into<String>) -> Self {
        Self::Instructor(Box::new(Diagnostic::of(script, why)))
    }

    /// Why, in a sentence.
    pub fn reason(&self) -> &str {
        match self {
            Self::Instructor(diagnostic) => &diagnostic.message,
            Self::Machine(why) => why,
        }
    }
}
