//! Parser directives: `# syntax=`, `# escape=` and `# check=` at the top of the file.

use super::span::number;

/// A directive, as in `# escape=\``.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Directive {
    /// `syntax`, `escape` or `check`.
    pub name: String,
    /// What follows `=`, without the blanks around it.
    pub value: String,
    /// Line, from 1.
    pub line: u32,
}

/// Reads directives until the first line that is none: a blank line or a plain comment ends them too.
#[derive(Debug)]
pub(super) struct Directives {
    pub found: Vec<Directive>,
    /// `\` unless a directive says `` ` ``.
    pub escape: char,
    done: bool,
}

impl Directives {
    pub fn new() -> Self {
        Self { found: Vec::new(), escape: '\\', done: false }
    }

    /// Takes the next line, without blanks before it and line endings after it.
    pub fn read(&mut self, line: &[u8], line_number: usize) -> Result<(), String> {
        if self.done {
            return Ok(());
        }
        let Some((name, value)) = split(&String::from_utf8_lossy(line)) else {
            self.done = true;
            return Ok(());
        };
        if self.found.iter().any(|directive| directive.name == name) {
            return Err(format!("only one {name} parser directive can be used"));
        }
        self.found.push(Directive { name: name.clone(), value: value.clone(), line: number(line_number) });
        if name == "escape" {
            match value.as_str() {
                "\\" => self.escape = '\\',
                "`" => self.escape = '`',
                _ => return Err(format!("invalid escape token '{value}' does not match ` or \\")),
            }
        }
        Ok(())
    }
}

/// `^#\s*([a-zA-Z][a-zA-Z0-9]*)\s*=\s*(.+?)\s*$` with one of the three names, in lower case.
fn split(line: &str) -> Option<(String, String)> {
    let is_blank = |c: char| matches!(c, '\t' | '\n' | '\x0c' | '\r' | ' ');
    let (name, value) = line.strip_prefix('#')?.split_once('=')?;
    let name = name.trim_matches(is_blank).to_ascii_lowercase();
    if !matches!(name.as_str(), "syntax" | "escape" | "check") || value.is_empty() {
        return None;
    }
    let trimmed = value.trim_matches(is_blank);
    // A value of blanks alone is its last blank.
    let value = if trimmed.is_empty() { value.get(value.len() - 1..)? } else { trimmed };
    Some((name, value.to_owned()))
}
