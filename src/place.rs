//! A place in the learner's repository: what a finding points at.

use std::fmt;

/// A file of the repository, and where in it. Lines and columns start at 1; columns count characters.
#[derive(Debug, Clone, PartialEq, Eq, PartialOrd, Ord)]
pub struct Place {
    /// Path relative to the repository's root, with `/` between its parts.
    pub path: String,
    /// The first line, if a line is meant and not the whole file.
    pub line: Option<u32>,
    /// The first column on that line.
    pub column: Option<u32>,
    /// The last line, where it is another one.
    pub end_line: Option<u32>,
}

impl Place {
    /// A whole file.
    pub fn file(path: impl Into<String>) -> Self {
        Self { path: path.into(), line: None, column: None, end_line: None }
    }

    /// One line of a file.
    pub fn line(path: impl Into<String>, line: u32) -> Self {
        Self { line: Some(line), ..Self::file(path) }
    }

    /// The same place with its column.
    #[must_use]
    pub fn column(mut self, column: u32) -> Self {
        self.column = Some(column);
        self
    }

    /// The same place, reaching to this line.
    #[must_use]
    pub fn to_line(mut self, end_line: u32) -> Self {
        self.end_line = Some(end_line).filter(|&end| Some(end) != self.line);
        self
    }
}

/// `Dockerfile`, or `Dockerfile:12`: what people and editors read.
impl fmt::Display for Place {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(&self.path)?;
        self.line.map_or(Ok(()), |line| write!(f, ":{line}"))
    }
}
