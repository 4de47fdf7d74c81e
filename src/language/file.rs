//! A file of the check language: its lines, and the files that it can name.

use crate::diagnostic::Diagnostic;
use crate::yaml::Span;
use std::cell::RefCell;
use std::fmt;
use std::io;
use std::rc::Rc;

/// A file of the check language.
#[derive(Debug, Clone)]
pub(crate) struct CheckFile {
    /// Its path, as it is named in diagnostics.
    pub path: String,
    lines: Vec<String>,
    /// The files beside it; none if it has no place itself.
    pub beside: Option<Rc<dyn SiblingFiles>>,
}

/// The files that a file of the check language can name: on disk, or among those that come with the grader.
pub(crate) trait SiblingFiles: fmt::Debug {
    /// Returns a file's bytes; `None` if there is no such file, an error if it can't be read.
    fn read(&self, name: &str) -> io::Result<Option<Vec<u8>>>;
}

/// Why a file that an instructor names can't be read.
pub(crate) fn unreadable(error: &io::Error) -> String {
    match error.kind() {
        io::ErrorKind::NotFound => "there is no such file".to_owned(),
        _ => format!("cannot be read: {error}"),
    }
}

/// Everything that is wrong, as it is found.
pub(crate) type Problems = RefCell<Vec<Diagnostic>>;

impl CheckFile {
    pub fn new(path: impl Into<String>, text: &[u8]) -> Self {
        let text = String::from_utf8_lossy(text);
        let text = text.strip_prefix('\u{feff}').unwrap_or(&text);
        Self { path: path.into(), lines: text.lines().map(str::to_owned).collect(), beside: None }
    }

    /// Something wrong at a place of this file.
    pub fn diagnostic(&self, span: Span, message: impl Into<String>) -> Diagnostic {
        let line = self.lines.get(span.line.saturating_sub(1) as usize).cloned();
        Diagnostic { span: Some(span), line, ..Diagnostic::of(&self.path, message) }
    }
}
