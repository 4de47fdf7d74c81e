//! A part of the log in which the runner obeys nothing: whatever stands there is text, even if it were not escaped.

use super::say;
use rustls::crypto::ring;
use std::fmt::Write as _;

/// Commands are stopped from its beginning until it is dropped. Only its token, which nobody else is told, ends it sooner.
#[derive(Debug)]
pub struct Fence {
    token: String,
}

impl Fence {
    /// Begins; not without a token that cannot be guessed.
    pub fn begin() -> Option<Self> {
        let mut bytes = [0; 16];
        ring::default_provider().secure_random.fill(&mut bytes).ok()?;
        let mut token = String::from("grader-");
        for byte in bytes {
            let _ = write!(token, "{byte:02x}"); // writing to a String cannot fail
        }
        say(&format!("::stop-commands::{token}\n"));
        Some(Self { token })
    }
}

impl Drop for Fence {
    fn drop(&mut self) {
        say(&format!("::{}::\n", self.token));
    }
}
