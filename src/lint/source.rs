//! A file with its tree, so that what is wrong can be pointed at.

use super::Linted;
use crate::diagnostic::Diagnostic;
use crate::yaml::{self, Node, Span, Value};
use std::fs::File;
use std::io::Read as _;
use std::path::Path;

/// A file of YAML.
#[derive(Debug)]
pub(super) struct LintedFile {
    /// Its path, as it is named.
    pub path: String,
    /// What it holds.
    pub text: Vec<u8>,
    node: Node,
}

impl LintedFile {
    /// Reads a file. What cannot be read, or is no YAML, is a problem.
    pub fn read(path: &Path, linted: &mut Linted) -> Option<Self> {
        let name = shown(path);
        let text = match bytes(path) {
            Ok(text) => text,
            Err(error) => {
                linted.error("unreadable", Diagnostic::of(name, format!("cannot be read: {error}")));
                return None;
            }
        };
        match yaml::parse(&text) {
            Ok(node) => Some(Self { path: name, text, node }),
            Err(error) => {
                let span = Span {
                    line: error.line,
                    column: error.column,
                    end_line: error.line,
                    end_column: error.column.saturating_add(1),
                };
                let node = Node { value: Value::Map(Vec::new()), span, tag: None };
                let source = Self { path: name, text, node };
                linted.error("load", source.diagnostic(span, error.message));
                None
            }
        }
    }

    /// A text that is no file, if it is YAML.
    pub fn of(path: String, text: Vec<u8>) -> Option<Self> {
        let node = yaml::parse(&text).ok()?;
        Some(Self { path, text, node })
    }

    /// Its tree.
    pub fn node(&self) -> &Node {
        &self.node
    }

    /// Something wrong at a place of it.
    pub fn diagnostic(&self, span: Span, message: impl Into<String>) -> Diagnostic {
        let text = String::from_utf8_lossy(&self.text);
        let text = text.strip_prefix('\u{feff}').unwrap_or(&text);
        let line = text.lines().nth(span.line.saturating_sub(1) as usize).map(str::to_owned);
        Diagnostic { span: Some(span), line, ..Diagnostic::of(&self.path, message) }
    }
}

/// A file's bytes, up to what is read of a file of the check language.
pub(super) fn bytes(path: &Path) -> std::io::Result<Vec<u8>> {
    // Looked at before it is opened: opening a pipe waits for whoever writes to it.
    if !path.metadata()?.is_file() {
        return Err(std::io::Error::other("it is not a file"));
    }
    let mut bytes = Vec::new();
    File::open(path)?.take(yaml::MAX_BYTES as u64 + 1).read_to_end(&mut bytes)?;
    if bytes.len() > yaml::MAX_BYTES {
        return Err(std::io::Error::other(format!("it is larger than {} bytes", yaml::MAX_BYTES)));
    }
    Ok(bytes)
}

/// A path as it is named to people, without the `./` in front.
pub(super) fn shown(path: &Path) -> String {
    path.strip_prefix(".").unwrap_or(path).display().to_string()
}
