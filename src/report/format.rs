//! The formats there are, and where a report goes: `json=report.json`.

use super::{Report, Style, json, junit, plain, terminal};
use std::path::PathBuf;
use std::str::FromStr;
use thiserror::Error;

/// A format of the report.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Format {
    /// For a person at a terminal.
    Terminal,
    /// For a person reading a log.
    Plain,
    /// `grader.report/v1`.
    Json,
    /// JUnit XML.
    Junit,
}

/// A format and the file it goes to.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Target {
    /// The format.
    pub format: Format,
    /// The file; `-` is stdout.
    pub path: PathBuf,
}

/// A `--format` or `--report` that says nothing to us.
#[derive(Debug, Error, PartialEq, Eq)]
pub enum FormatError {
    /// There is no such format.
    #[error("no format `{0}`: there are terminal, plain, json and junit")]
    Unknown(String),
    /// The file is missing.
    #[error("`{0}` names no file: write FORMAT=PATH, as in json=report.json")]
    NoPath(String),
}

impl Format {
    /// All formats.
    pub const ALL: [Self; 4] = [Self::Terminal, Self::Plain, Self::Json, Self::Junit];

    /// Its name on the command line.
    pub fn name(self) -> &'static str {
        match self {
            Self::Terminal => "terminal",
            Self::Plain => "plain",
            Self::Json => "json",
            Self::Junit => "junit",
        }
    }

    /// The report in this format.
    pub fn render(self, report: &Report, style: &Style) -> Result<String, quick_junit::SerializeError> {
        match self {
            Self::Terminal => Ok(terminal::render(report, style)),
            Self::Plain => Ok(plain::render(report, style)),
            Self::Json => Ok(json::render(report)),
            Self::Junit => junit::render(report),
        }
    }
}

impl FromStr for Format {
    type Err = FormatError;

    fn from_str(name: &str) -> Result<Self, FormatError> {
        let named = |format: &Self| format.name() == name;
        Self::ALL.into_iter().find(named).ok_or_else(|| FormatError::Unknown(name.to_owned()))
    }
}

impl FromStr for Target {
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

    #[test]
    fn targets_are_read_or_explained() {
        let json = Ok(Target { format: Format::Json, path: "a=b.json".into() });
        assert_eq!("json=a=b.json".parse(), json);
        for (text, error) in [
            ("json", FormatError::NoPath("json".into())),
            ("json=", FormatError::NoPath("json=".into())),
            ("xml=a.xml", FormatError::Unknown("xml".into())),
        ] {
            assert_eq!(text.parse::<Target>(), Err(error));
        }
    }
}
