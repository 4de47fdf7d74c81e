//! The causes that come with grader.

use super::model::Cause;
use super::read;
use crate::challenge::Challenge;
use crate::diagnostic::{Diagnostic, Error};
use include_dir::{Dir, include_dir};

static CAUSES: Dir<'_> = include_dir!("$CARGO_MANIFEST_DIR/checks/causes");

/// The ids of the causes that come with grader.
pub fn ids() -> Vec<&'static str> {
    CAUSES.files().filter_map(|file| file.path().file_stem()?.to_str()).collect()
}

/// All causes that come with grader.
pub fn all() -> Result<Vec<Cause>, Error> {
    let files = CAUSES.files().map(|file| cause(&format!("checks/causes/{}", file.path().display()), file.contents()));
    let (mut causes, mut diagnostics) = (Vec::new(), Vec::new());
    for read in files {
        match read {
            Ok(cause) => causes.push(cause),
            Err(error) => diagnostics.extend(error.diagnostics),
        }
    }
    if diagnostics.is_empty() { Ok(causes) } else { Err(Error { diagnostics }) }
}

/// The causes for a challenge: its own and its course's, then those that come with grader. One of its own takes the place
/// of another with its id. What can't be read is left out, and comes back as what is wrong.
pub fn of_challenge(challenge: &Challenge) -> (Vec<Cause>, Vec<Diagnostic>) {
    let (mut causes, mut wrong): (Vec<Cause>, Vec<Diagnostic>) = (Vec::new(), Vec::new());
    for (path, text) in &challenge.causes {
        match cause(path, text) {
            Ok(cause) if causes.iter().all(|known| known.id != cause.id) => causes.push(cause),
            Ok(_) => {}
            Err(error) => wrong.extend(error.diagnostics),
        }
    }
    // A test holds that all of grader's own can be read.
    for cause in all().unwrap_or_default() {
        if causes.iter().all(|own| own.id != cause.id) {
            causes.push(cause);
        }
    }
    (causes, wrong)
}

/// A cause of a file.
pub fn cause(path: &str, text: &[u8]) -> Result<Cause, Error> {
    read::cause(path, text)
}
