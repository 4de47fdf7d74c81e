//! What a format of the report is, and where a report goes: `json=report.json`. Which ones there are is in [`FORMATS`].

use super::{FORMATS, Report, Style, classroom50};
use serde_json::Value;
use std::fmt;
use std::path::PathBuf;
use std::str::FromStr;
use thiserror::Error;

/// A format of the report. Help, the action and the guides are made from this.
#[derive(Clone, Copy)]
pub struct Format {
    /// Its name on the command line.
    pub name: &'static str,
    /// What people call it: `the JUnit report`.
    pub title: &'static str,
    /// What it is for, in a phrase.
    pub about: &'static str,
    /// Writes a report in it.
    pub render: fn(&Report, &Style) -> Result<String, RenderError>,
    /// Whether a text is a report in it, or is made to be taken for one.
    pub wrote: fn(&Written<'_>) -> bool,
}

/// A format is known by its name.
impl PartialEq for Format {
    fn eq(&self, other: &Self) -> bool {
        self.name == other.name
    }
}

impl Eq for Format {}

impl fmt::Debug for Format {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(self.name)
    }
}

/// A text that may be a report.
#[derive(Debug)]
pub struct Written<'a> {
    text: &'a str,
    json: Option<Value>,
}

/// A format and the file it goes to.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct ReportTarget {
    /// The format.
    pub format: Format,
    /// The file; `-` is stdout.
    pub path: PathBuf,
}

/// A `--format` or `--report` that says nothing to us.
#[derive(Debug, Error, PartialEq, Eq)]
pub enum FormatError {
    /// There is no such format.
    #[error("no format `{0}`: there are {all}", all = FORMATS.map(|format| format.name).join(", "))]
    Unknown(String),
    /// The file is missing.
    #[error("`{0}` names no file: write FORMAT=PATH, as in json=report.json")]
    NoPath(String),
}

/// A report that cannot be written in a format.
#[derive(Debug, Error)]
pub enum RenderError {
    /// XML refuses it.
    #[error(transparent)]
    Xml(#[from] quick_junit::SerializeError),
    /// JSON refuses it.
    #[error(transparent)]
    Json(#[from] serde_json::Error),
    /// It is a format of grades.
    #[error("there is no {0} report of a proof: there are {1}")]
    NotOfProofs(&'static str, String),
    /// The platform must not get it.
    #[error(transparent)]
    Refused(#[from] classroom50::NoResult),
}

impl Format {
    /// The names of all formats: `terminal, plain or json`; `last` stands before the last one.
    pub fn names(last: &str) -> String {
        listed(&FORMATS.map(|format| format.name), last)
    }

    /// Whether a text is a report, of any format, or is made to be taken for one.
    pub fn wrote_any(text: &str) -> bool {
        let text = text.trim_start();
        let json = if text.starts_with('{') { serde_json::from_str(text).ok() } else { None };
        let written = Written { text, json };
        FORMATS.iter().any(|format| (format.wrote)(&written))
    }

    /// The report in this format.
    pub fn render(self, report: &Report, style: &Style) -> Result<String, RenderError> {
        (self.render)(report, style)
    }
}

impl Written<'_> {
    /// Whether it starts with this.
    pub fn starts_with(&self, start: &str) -> bool {
        self.text.starts_with(start)
    }

    /// Whether one of these is in it.
    pub fn has(&self, marks: &[&str]) -> bool {
        marks.iter().any(|mark| self.text.contains(mark))
    }

    /// Whether it is JSON of this kind; of JSON that is cut short, one of the marks says so.
    pub fn is_json(&self, is_kind: impl Fn(&Value) -> bool, marks: &[&str]) -> bool {
        self.starts_with("{") && self.json.as_ref().map_or_else(|| self.has(marks), is_kind)
    }

    /// Whether it is lines for people, one of which starts with one of these.
    pub fn has_line(&self, starts: &[&str]) -> bool {
        let is_of_programs = ["{", "<", ":", "#"].iter().any(|start| self.starts_with(start));
        let is_ours = |line: &str| starts.iter().any(|start| line.trim_start().starts_with(start));
        !is_of_programs && self.text.lines().any(is_ours)
    }
}

/// Names in a row: `a, b or c`.
pub(crate) fn listed(names: &[&str], last: &str) -> String {
    match names {
        [] => String::new(),
        [only] => (*only).to_owned(),
        [first @ .., end] => format!("{} {last} {end}", first.join(", ")),
    }
}

impl FromStr for Format {
    type Err = FormatError;

    fn from_str(name: &str) -> Result<Self, FormatError> {
        FORMATS.into_iter().find(|format| format.name == name).ok_or_else(|| FormatError::Unknown(name.to_owned()))
    }
}

impl FromStr for ReportTarget {
    type Err = FormatError;

    fn from_str(text: &str) -> Result<Self, FormatError> {
        match text.split_once('=') {
            Some((format, path)) if !path.is_empty() => Ok(Self { format: format.parse()?, path: path.into() }),
            _ => Err(FormatError::NoPath(text.to_owned())),
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::report::json;

    #[test]
    fn targets_are_read_or_explained() {
        let json = Ok(ReportTarget { format: json::SPEC, path: "a=b.json".into() });
        assert_eq!("json=a=b.json".parse(), json);
        for (text, error) in [
            ("json", FormatError::NoPath("json".into())),
            ("json=", FormatError::NoPath("json=".into())),
            ("xml=a.xml", FormatError::Unknown("xml".into())),
        ] {
            assert_eq!(text.parse::<ReportTarget>(), Err(error));
        }
    }
}
