//! What is wrong with a check or a challenge, for the instructor who wrote it: place, snippet, nearest name, what is allowed.

use crate::yaml::Span;
use std::fmt;
use unicode_width::UnicodeWidthStr;

/// The most columns of a line that a snippet shows.
const WIDTH: usize = 120;
/// The most characters of a name that are compared.
const LONGEST: usize = 80;
/// The most characters of a message that are shown.
const LONG: usize = 600;

/// Everything that is wrong with a challenge: the instructor's to change, exit code 2. Never empty.
#[derive(Debug, Clone, PartialEq, Eq, thiserror::Error)]
pub struct Error {
    /// What is wrong, file by file, from top to bottom.
    pub diagnostics: Vec<Diagnostic>,
}

/// One thing that is wrong.
#[derive(Debug, Clone, PartialEq, Eq, Default)]
pub struct Diagnostic {
    /// The file as it was named or found; empty where no file is meant.
    pub path: String,
    /// Where in the file, if it could be read.
    pub span: Option<Span>,
    /// What is wrong, in a sentence without its full stop.
    pub message: String,
    /// The line that the place starts on.
    pub line: Option<String>,
    /// The known name that is most like the one written.
    pub nearest: Option<String>,
    /// All that could stand there.
    pub allowed: Vec<String>,
    /// What to do.
    pub help: Option<String>,
}

impl Diagnostic {
    /// Something wrong with a whole file, or with no file.
    pub fn of(path: impl Into<String>, message: impl Into<String>) -> Self {
        Self { path: path.into(), message: message.into(), ..Self::default() }
    }
}

impl fmt::Display for Error {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        for (index, diagnostic) in self.diagnostics.iter().enumerate() {
            f.write_str(if index == 0 { "" } else { "\n\n" })?;
            diagnostic.fmt(f)?;
        }
        Ok(())
    }
}

/// `checks/x.yaml:7:5: unknown fact …`, the line with carets, then what to do. Control characters are shown as `�`.
impl fmt::Display for Diagnostic {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        if !self.path.is_empty() {
            write!(f, "{}:", shown(&self.path))?;
            if let Some(span) = self.span {
                write!(f, "{}:{}:", span.line, span.column)?;
            }
            f.write_str(" ")?;
        }
        f.write_str(&shown(&self.message))?;
        if let (Some(span), Some(line)) = (self.span, &self.line) {
            snippet(f, span, line)?;
        }
        if let Some(nearest) = &self.nearest {
            write!(f, "\n  = did you mean `{}`?", shown(nearest))?;
        }
        if !self.allowed.is_empty() {
            let allowed: Vec<String> = self.allowed.iter().map(|name| shown(name)).collect();
            write!(f, "\n  = allowed here: {}", allowed.join(", "))?;
        }
        self.help.as_ref().map_or(Ok(()), |help| write!(f, "\n  = {}", shown(help)))
    }
}

fn snippet(f: &mut fmt::Formatter<'_>, span: Span, line: &str) -> fmt::Result {
    let start = span.column.saturating_sub(1) as usize;
    let end = if span.end_line == span.line { span.end_column.saturating_sub(1) as usize } else { usize::MAX };
    // A long line is shown from a little before the place on.
    let from = if start < WIDTH * 2 / 3 { 0 } else { start - WIDTH / 3 };
    let text: String = line.chars().skip(from).take(WIDTH).collect();
    let text = shown(text.trim_end());
    let before: String = text.chars().take(start - from).collect();
    let marked: String = text.chars().skip(start - from).take(end.saturating_sub(start)).collect();
    let gutter = " ".repeat(span.line.to_string().len());
    let (indent, carets) = (" ".repeat(before.width()), "^".repeat(marked.width().max(1)));
    write!(f, "\n{gutter} |\n{} | {text}\n{gutter} | {indent}{carets}", span.line)
}

fn shown(text: &str) -> String {
    let visible = |c: char| if c == '\t' { ' ' } else { '\u{fffd}' };
    let safe = text.chars().take(LONG).map(|c| if c.is_control() || is_hidden(c) { visible(c) } else { c });
    // GitHub's runner reads `##[command]` anywhere in a line.
    safe.collect::<String>().replace("##[", "##\u{fffd}")
}

/// Characters that cannot be seen, or turn the direction of the text around them: they show a line as what it is not.
fn is_hidden(c: char) -> bool {
    matches!(c,
        '\u{ad}' | '\u{61c}' | '\u{180e}' | '\u{200b}' | '\u{200e}' | '\u{200f}' | '\u{2028}'..='\u{202e}'
        | '\u{2060}'..='\u{206f}' | '\u{feff}' | '\u{fff9}'..='\u{fffb}' | '\u{e0000}'..='\u{e007f}')
}

/// The name that is most like the one written, if one is like it at all.
pub fn nearest<'a>(written: &str, names: impl IntoIterator<Item = &'a str>) -> Option<String> {
    let written: String = written.chars().take(LONGEST).collect();
    let written = written.to_lowercase().replace('_', "-");
    let likeness = |name: &str| {
        let name = name.to_lowercase().replace('_', "-");
        strsim::normalized_damerau_levenshtein(&written, &name).max(strsim::jaro_winkler(&written, &name) - 0.2)
    };
    let best = names.into_iter().map(|name| (likeness(name), name)).max_by(|a, b| a.0.total_cmp(&b.0))?;
    (best.0 >= 0.6).then(|| best.1.to_owned())
}
