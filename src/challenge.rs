//! Challenges: what they are, reading them, and those that come with the grader.

pub mod course;
pub mod library;
pub mod model;
pub mod read;

pub use course::{Course, Unit};
pub use model::{
    Challenge, ChallengeLimits, Check, Endpoint, Example, Examples, LearnerParameter, Says, Script, StarterFile,
    Subject, Teaching,
};
