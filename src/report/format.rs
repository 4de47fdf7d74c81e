//! The formats there are, and where a report goes: `json=report.json`.

use super::{Report, Style, classroom50, github, gradescope, json, junit, markdown, plain, sarif, terminal};
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
    /// SARIF 2.1.0.
    Sarif,
    /// Annotations for GitHub Actions.
    Github,
    /// The summary in Markdown.
    Markdown,
    /// Classroom 50's result.json.
    Classroom50,
    /// Gradescope's results.json.
    Gradescope,
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
    #[error("no format `{0}`: there are {all}", all = Format::names())]
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
    #[error("there is no {0} report of a proof: there are terminal, plain, json and junit")]
    NotOfProofs(&'static str),
    /// The platform must not get it.
    #[error(transparent)]
    Refused(#[from] classroom50::Refused),
}

impl Format {
    /// All formats.
    pub const ALL: [Self; 9] = [
        Self::Terminal,
        Self::Plain,
        Self::Json,
        Self::Junit,
        Self::Sarif,
        Self::Github,
        Self::Markdown,
        Self::Classroom50,
        Self::Gradescope,
    ];

    /// The names of all formats, in words.
    fn names() -> String {
        let names: Vec<&str> = Self::ALL.into_iter().map(Self::name).collect();
        names.join(", ")
    }

    /// Its name on the command line.
    pub fn name(self) -> &'static str {
        match self {
            Self::Terminal => "terminal",
            Self::Plain => "plain",
            Self::Json => "json",
            Self::Junit => "junit",
            Self::Sarif => "sarif",
            Self::Github => "github",
            Self::Markdown => "markdown",
            Self::Classroom50 => "classroom50",
            Self::Gradescope => "gradescope",
        }
    }

    /// Whether a text is a report, of any format, or is made to be taken for one.
    pub fn wrote(text: &str) -> bool {
        let text = text.trim_start();
        let has = |marks: &[&str]| marks.iter().any(|mark| text.contains(mark));
        match text.as_bytes().first() {
            Some(b'{') => match serde_json::from_str::<serde_json::Value>(text) {
                Ok(json) => {
                    let says = |key: &str, what: &str| json[key].as_str().is_some_and(|text| text.contains(what));
                    let is_sarif = says("$schema", "sarif") || json["runs"].is_array();
                    json.get("score").is_some() || json["tests"].is_array() || is_sarif || says("schema", "/v1")
                }
                Err(_) => has(&["\"score\"", "\"tests\"", "\"runs\""]), // cut short, perhaps
            },
            Some(b'<') => has(&["<testsuite"]),
            Some(b':') => ["::error ", "::warning ", "::notice "].iter().any(|command| text.starts_with(command)),
            Some(b'#') => has(&["| | Step | Points | |", "Nothing was graded"]),
            _ => text.lines().any(|line| {
                let line = line.trim_start();
                line.starts_with("\u{1b}[")
                    || ["PASS ", "FAIL ", "SKIP ", "OPEN ", "✓ ", "✗ "].iter().any(|mark| line.starts_with(mark))
            }),
        }
    }

    /// The report in this format.
    pub fn render(self, report: &Report, style: &Style) -> Result<String, RenderError> {
        match self {
            Self::Terminal => Ok(terminal::render(report, style)),
            Self::Plain => Ok(plain::render(report, style)),
            Self::Json => Ok(json::render(report)),
            Self::Junit => Ok(junit::render(report)?),
            Self::Sarif => Ok(sarif::render(report)?),
            Self::Github => Ok(github::render(report)),
            Self::Markdown => Ok(markdown::render(report)),
            Self::Classroom50 => Ok(classroom50::render(report, &style.submission)??),
            Self::Gradescope => Ok(gradescope::render(report)?),
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
