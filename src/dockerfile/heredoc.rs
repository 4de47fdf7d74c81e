//! Here-documents: where `<<EOF` stands in an instruction, and the lines up to `EOF`.

use super::error::{Phase, Unlocated};
use super::lex::{Lex, NoVariables};
use super::line::{Line, Lines};
use super::word::is_blank;

/// A here-document and its text.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Heredoc {
    /// The word that ends it.
    pub name: String,
    /// Variables in it are expanded: no part of the word is quoted.
    pub expand: bool,
    /// `<<-`: tabs at the start of its lines are dropped.
    pub strip_tabs: bool,
    /// The lines up to the word, with their endings, tabs still there.
    pub content: String,
}

impl Heredoc {
    /// The text as it will be used, without the tabs that `<<-` drops.
    pub fn text(&self) -> String {
        if !self.strip_tabs {
            return self.content.clone();
        }
        self.content.split_inclusive('\n').map(|line| line.trim_start_matches('\t')).collect()
    }

    /// Takes the lines up to the closing word. `None` if the file ends before it.
    pub(super) fn take<'a>(&mut self, lines: &mut Lines<'a>, mut each: impl FnMut(&Line<'a>)) -> Option<Line<'a>> {
        let mut content = Vec::new();
        let end = lines.find(|line| {
            each(line);
            let mut last = line.content();
            if self.strip_tabs {
                last = &last[last.iter().take_while(|byte| **byte == b'\t').count()..];
            }
            let ends = last == self.name.as_bytes();
            if !ends {
                content.extend_from_slice(line.raw);
            }
            ends
        });
        self.content = String::from_utf8_lossy(&content).into_owned();
        end
    }
}

/// The here-documents that an instruction announces, in order, still without text.
///
/// They are looked for among the words of the whole line as a shell would see them (the escape character is always
/// `\` here), so that `"<<EOF"`, `$((1<<2))` and `<<<` are none. A line that is no shell syntax has none.
pub(super) fn announced(line: &str) -> Result<Vec<Heredoc>, Unlocated> {
    let lex = Lex { raw_quotes: true, raw_escapes: true, keep_unset: true, ..Lex::new('\\') };
    let words = lex.expand(line, &NoVariables).map(|expansion| expansion.words).unwrap_or_default();
    words.iter().filter_map(|word| marker(word).transpose()).collect()
}

/// The here-document that a word announces: `^(\d*)<<(-?)\s*([^<]*)$`.
pub(super) fn marker(word: &str) -> Result<Option<Heredoc>, Unlocated> {
    let Some(rest) = word.trim_start_matches(|c: char| c.is_ascii_digit()).strip_prefix("<<") else { return Ok(None) };
    let (rest, strip_tabs) = rest.strip_prefix('-').map_or((rest, false), |rest| (rest, true));
    let rest = rest.trim_start_matches(|c| (is_blank(c) && c != '\x0b') || c == '\n');
    if rest.is_empty() || rest.contains('<') {
        return Ok(None);
    }
    let name = |raw_quotes| {
        let lex = Lex { raw_quotes, keep_unset: true, ..Lex::new('\\') };
        lex.expand(rest, &NoVariables).map(|expansion| expansion.words)
    };
    let words = name(false).and_then(|words| Ok((words, name(true)?)));
    let (words, raw) = words.map_err(|message| Unlocated::new(Phase::Syntax, 0, message))?;
    let ([name], [raw]) = (words.as_slice(), raw.as_slice()) else { return Ok(None) };
    let quotes = |word: &str| word.matches(['\'', '"']).count();
    Ok(Some(Heredoc { name: name.clone(), expand: quotes(name) == quotes(raw), strip_tabs, content: String::new() }))
}
