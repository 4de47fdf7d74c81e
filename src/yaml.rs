//! The one door to the YAML library: a tree of values that know their places.
//!
//! Anchors and merge keys are applied, duplicate keys refused. Sizes, depth and what aliases expand to are bounded. Text
//! stays as it was written: what a plain scalar means is asked for with [`Node::scalar`], so `017` or `yes` never change
//! by being read.

mod build;
mod message;
mod scalar;

pub use scalar::Scalar;

/// Files over this many bytes are not read.
pub const MAX_BYTES: usize = 1024 * 1024;
/// The values that one file may hold, aliases expanded.
pub const MAX_NODES: usize = 200_000;
/// The bytes of text that one file may hold, aliases expanded.
pub const MAX_TEXT: usize = 8 * 1024 * 1024;
/// How deep lists and maps may lie in each other, aliases expanded.
pub const MAX_DEPTH: usize = 64;

/// Why a file is no YAML, or more of it than is read. Line and column start at 1, columns count characters.
#[derive(Debug, Clone, PartialEq, Eq, thiserror::Error)]
#[error("{line}:{column}: {message}")]
pub struct Error {
    /// What is wrong, in a sentence without its full stop.
    pub message: String,
    /// The line.
    pub line: u32,
    /// The column.
    pub column: u32,
}

/// Where something stands. Lines and columns start at 1, columns count characters; the end is behind the last character.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Default)]
pub struct Span {
    /// The first line.
    pub line: u32,
    /// The first column.
    pub column: u32,
    /// The last line.
    pub end_line: u32,
    /// The column behind the last character, on the last line.
    pub end_column: u32,
}

/// One value and its place. What an alias or a merge key brought in has the place where it was written.
#[derive(Debug, Clone, PartialEq)]
pub struct Node {
    /// The value.
    pub value: Value,
    /// Its place.
    pub span: Span,
    /// Its tag as written, such as `!reset`; those of plain values (`!!str`) are not kept.
    pub tag: Option<String>,
}

/// A value.
#[derive(Debug, Clone, PartialEq)]
pub enum Value {
    /// Its text, and whether it was quoted (or a block of text), so that it can only be text.
    Scalar(String, bool),
    /// A list.
    Seq(Vec<Node>),
    /// A map in its written order; what a merge key brought in comes last.
    Map(Vec<Entry>),
}

/// One entry of a map.
#[derive(Debug, Clone, PartialEq)]
pub struct Entry {
    /// The key's text.
    pub key: String,
    /// Whether it can only be text: it was quoted.
    pub key_quoted: bool,
    /// The key's place.
    pub key_span: Span,
    /// Its value.
    pub value: Node,
}

/// Reads a file of one document; an empty file is a null. A second document is an error.
pub fn parse(source: impl AsRef<[u8]>) -> Result<Node, Error> {
    let mut documents = parse_all(source)?.into_iter();
    let first = documents.next().unwrap_or_else(Node::null);
    match documents.next() {
        None => Ok(first),
        Some(second) => Err(Error::new(second.span, "a second document starts here; one is all that is read")),
    }
}

/// Reads a file of any number of documents.
pub fn parse_all(source: impl AsRef<[u8]>) -> Result<Vec<Node>, Error> {
    build::documents(source.as_ref())
}

impl Node {
    /// Counts the values in it, itself and keys included.
    pub fn count(&self) -> usize {
        let entries = self.as_map().unwrap_or_default().iter().map(|entry| 1 + entry.value.count()).sum::<usize>();
        1 + entries + self.as_seq().unwrap_or_default().iter().map(Self::count).sum::<usize>()
    }

    /// What an empty file holds.
    fn null() -> Self {
        let span = Span { line: 1, column: 1, end_line: 1, end_column: 1 };
        Self { value: Value::Scalar(String::new(), false), span, tag: None }
    }

    /// What its scalar means under YAML 1.2's core schema; nothing for lists and maps.
    pub fn scalar(&self) -> Option<Scalar<'_>> {
        match &self.value {
            Value::Scalar(text, quoted) => Some(Scalar::read(text, *quoted)),
            Value::Seq(_) | Value::Map(_) => None,
        }
    }

    /// The text of any scalar but null, as written: `5000`, `"5000"` and `true` are texts too.
    pub fn text(&self) -> Option<&str> {
        match &self.value {
            Value::Scalar(text, _) if !self.is_null() => Some(text),
            _ => None,
        }
    }

    /// `true` or `false`; `yes` and `"true"` are neither.
    pub fn as_bool(&self) -> Option<bool> {
        match self.scalar() {
            Some(Scalar::Bool(value)) => Some(value),
            _ => None,
        }
    }

    /// A whole number, not quoted.
    pub fn as_int(&self) -> Option<i64> {
        match self.scalar() {
            Some(Scalar::Int(value)) => Some(value),
            _ => None,
        }
    }

    /// Whether it is `null`, `~` or nothing at all.
    pub fn is_null(&self) -> bool {
        matches!(self.scalar(), Some(Scalar::Null))
    }

    /// The items of a list.
    pub fn as_seq(&self) -> Option<&[Node]> {
        match &self.value {
            Value::Seq(items) => Some(items),
            _ => None,
        }
    }

    /// The entries of a map.
    pub fn as_map(&self) -> Option<&[Entry]> {
        match &self.value {
            Value::Map(entries) => Some(entries),
            _ => None,
        }
    }

    /// The entry of a key, if this is a map that has it.
    pub fn entry(&self, key: &str) -> Option<&Entry> {
        self.as_map()?.iter().find(|entry| entry.key == key)
    }

    /// The value of a key, if this is a map that has it.
    pub fn get(&self, key: &str) -> Option<&Node> {
        self.entry(key).map(|entry| &entry.value)
    }

    /// What it is, for messages: `a list`, `a map`, `text`, `a number`, `true or false`, `nothing`.
    pub fn kind(&self) -> &'static str {
        match self.scalar() {
            None if matches!(self.value, Value::Seq(_)) => "a list",
            None => "a map",
            Some(Scalar::Null) => "nothing",
            Some(Scalar::Bool(_)) => "true or false",
            Some(Scalar::Int(_) | Scalar::Float(_)) => "a number",
            Some(Scalar::Text(_)) => "text",
        }
    }
}

impl Error {
    fn new(span: Span, message: impl Into<String>) -> Self {
        Self { message: message.into(), line: span.line, column: span.column }
    }
}
