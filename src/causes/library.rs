//! The causes that come with grader.

use super::model::Cause;
use super::read;
use crate::diagnostic::Error;
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

/// A cause of a file.
pub fn cause(path: &str, text: &[u8]) -> Result<Cause, Error> {
    read::cause(path, text)
}
