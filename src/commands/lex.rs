//! Parts the text into words and operators, as a POSIX shell does.

use super::cursor::Cursor;
use super::error::{Error, quoted};
use super::token::{Operator, RawPiece, RawWord, Redirect, ShellToken};
use super::variables::too_many_words;
use super::{MAX_WORDS, windows};
use crate::dockerfile::Span;

/// The lexer. After an error it goes on where [`Lexer::skip_line`] leaves it.
pub(super) struct Lexer<'a> {
    pub cursor: Cursor<'a>,
    is_inside: bool,
}

impl<'a> Lexer<'a> {
    pub fn new(text: &'a str, at: usize) -> Self {
        Self { cursor: Cursor::new(text, at), is_inside: false }
    }

    /// The next token.
    pub fn token(&mut self) -> Result<ShellToken, Error> {
        self.blanks()?;
        let start = self.cursor.here();
        let Some(c) = self.cursor.peek() else { return Ok(ShellToken::Finished) };
        match c {
            '\n' => {
                self.cursor.bump();
                return Ok(ShellToken::Newline);
            }
            ')' if self.is_inside => {
                self.cursor.bump();
                return Ok(ShellToken::Close);
            }
            _ => {}
        }
        for (text, token) in REDIRECTS {
            if self.cursor.eat(text) {
                return Ok(ShellToken::Redirect(*token, self.cursor.from(start)));
            }
        }
        for (text, message, help) in FOREIGN {
            if self.cursor.rest().starts_with(text) {
                self.cursor.eat(text);
                return Err(Error::new(self.cursor.from(start), format!("grader doesn't read {message}")).help(*help));
            }
        }
        for (text, token) in SHORT_REDIRECTS {
            if self.cursor.eat(text) {
                return Ok(ShellToken::Redirect(*token, self.cursor.from(start)));
            }
        }
        for (text, token) in OPERATORS {
            if self.cursor.eat(text) {
                return Ok(ShellToken::Operator(*token, self.cursor.from(start)));
            }
        }
        if c == '&' {
            return Err(Error::new(self.cursor.next_one(), "grader runs one command after another, without `&`")
                .help("Use `docker run -d` for a container in the background."));
        }
        self.word().map(ShellToken::Word)
    }

    /// Goes to the end of the line, and of all lines that continue it.
    pub fn skip_line(&mut self) {
        self.is_inside = false;
        let mut last = None;
        while let Some(c) = self.cursor.bump() {
            if c == '\n' {
                if !matches!(last, Some('\\' | '`' | '^')) {
                    return;
                }
                last = None;
            } else if !matches!(c, ' ' | '\t') {
                last = Some(c);
            }
        }
    }

    /// Takes blanks, comments and continued line ends.
    fn blanks(&mut self) -> Result<(), Error> {
        loop {
            match self.cursor.peek() {
                Some(' ' | '\t') => drop(self.cursor.bump()),
                Some('\\') if self.is_continuation()? => {}
                Some('#') => drop(self.cursor.eat_while(|c| c != '\n')),
                _ => return Ok(()),
            }
        }
    }

    /// Takes a backslash with the line end behind it, if that is next.
    fn is_continuation(&mut self) -> Result<bool, Error> {
        let mut ahead = self.cursor.clone();
        let start = ahead.here();
        ahead.bump();
        if ahead.peek() == Some('\n') {
            ahead.bump();
            self.cursor = ahead;
            return Ok(true);
        }
        if ahead.peek().is_some() && ahead.is_line_over() {
            let message = "a blank follows this `\\`, so the command ends here and not on the next line";
            return Err(Error::new(ahead.from(start), message).help("Remove the blanks at the end of the line."));
        }
        Ok(false)
    }

    fn word(&mut self) -> Result<RawWord, Error> {
        let start = self.cursor.here();
        let mut word = RawWord::default();
        loop {
            let usual = self.cursor.eat_while(is_usual);
            if !usual.is_empty() {
                word.push_all(usual, false);
            }
            let Some(c) = self.cursor.peek() else { break };
            match c {
                ' ' | '\t' | '\n' | '|' | '&' | ';' | '<' | '>' => break,
                ')' if self.is_inside => break,
                '(' | ')' => {
                    return Err(Error::new(
                        self.cursor.next_one(),
                        format!("grader doesn't read `{c}` outside of quotes"),
                    )
                    .help("Write one command a line, without groups and functions."));
                }
                '\'' => self.single(&mut word)?,
                '"' => self.double(&mut word)?,
                '\\' if self.is_continuation()? => {}
                '\\' => {
                    self.cursor.bump();
                    let here = self.cursor.next_one();
                    word.push(plain(self.cursor.bump().unwrap_or('\\'), here)?, true);
                }
                '$' => self.dollar(&mut word, false)?,
                '`' => return Err(windows::backtick(&self.cursor)),
                '^' if self.cursor.peek_second().is_some_and(|c| matches!(c, '\n' | '\r')) => {
                    return Err(windows::caret(self.cursor.next_one()));
                }
                '~' if word.pieces.is_empty() => {
                    return Err(Error::new(
                        self.cursor.next_one(),
                        "`~` is your home folder, which grader doesn't have",
                    )
                    .help("Name a path of this repository, such as `./data`."));
                }
                c => {
                    if let Some(error) = windows::typeset(c, word.pieces.is_empty(), self.cursor.next_one()) {
                        return Err(error);
                    }
                    if matches!(c, '*' | '?' | '[') && word.glob.is_none() {
                        word.glob = Some(self.cursor.next_one());
                    }
                    let c = plain(c, self.cursor.next_one())?;
                    self.cursor.bump();
                    word.push(c, false);
                }
            }
        }
        word.span = self.cursor.from(start);
        let is_number = word.bare().is_some_and(|text| text.chars().all(|c| c.is_ascii_digit()));
        if is_number && matches!(self.cursor.peek(), Some('<' | '>')) {
            return Err(Error::new(word.span, "grader doesn't redirect by this number")
                .help("Write `>` for the output, `2>` for the errors."));
        }
        Ok(word)
    }

    fn single(&mut self, word: &mut RawWord) -> Result<(), Error> {
        let start = self.cursor.next_one();
        self.cursor.bump();
        word.quote();
        loop {
            let plain_text = self.cursor.eat_while(|c| c != '\'' && !c.is_control());
            word.push_all(plain_text, true);
            let here = self.cursor.next_one();
            match self.cursor.bump() {
                None => return Err(unclosed(start, '\'')),
                Some('\'') => return Ok(()),
                Some(c) => word.push(plain(c, here)?, true),
            }
        }
    }

    fn double(&mut self, word: &mut RawWord) -> Result<(), Error> {
        let start = self.cursor.next_one();
        self.cursor.bump();
        word.quote();
        loop {
            let plain_text = self.cursor.eat_while(|c| !matches!(c, '"' | '$' | '`' | '\\') && !c.is_control());
            word.push_all(plain_text, true);
            let here = self.cursor.next_one();
            match self.cursor.peek() {
                None => return Err(unclosed(start, '"')),
                Some('$') => self.dollar(word, true)?,
                Some('`') => return Err(windows::backtick(&self.cursor)),
                Some(c) => {
                    self.cursor.bump();
                    match (c, self.cursor.peek()) {
                        ('"', _) => return Ok(()),
                        ('\\', Some('\n')) => drop(self.cursor.bump()),
                        ('\\', Some(escaped @ ('"' | '\\' | '$' | '`'))) => {
                            self.cursor.bump();
                            word.push(escaped, true);
                        }
                        _ => word.push(plain(c, here)?, true),
                    }
                }
            }
        }
    }

    /// What a `$` begins.
    fn dollar(&mut self, word: &mut RawWord, is_quoted: bool) -> Result<(), Error> {
        let start = self.cursor.here();
        self.cursor.bump();
        match self.cursor.peek() {
            Some('(') => self.output(word, is_quoted, start),
            Some('{') => {
                let inner = self.cursor.rest();
                self.cursor.bump();
                let name = self.cursor.eat_while(is_name).to_owned();
                if name.is_empty() || name.starts_with(|c: char| c.is_ascii_digit()) || self.cursor.peek() != Some('}')
                {
                    let end = inner.find(['}', '\n']).map_or(inner.len(), |end| end + 1);
                    let shown = quoted(&format!("${}", inner.get(..end).unwrap_or_default().trim_end()));
                    return Err(Error::new(self.cursor.from(start), format!("grader doesn't read {shown}"))
                        .help("Write `${NAME}`, and set NAME on a line of its own."));
                }
                self.cursor.bump();
                word.pieces.push(RawPiece::Variable { name, is_quoted, span: self.cursor.from(start) });
                Ok(())
            }
            Some(c) if c.is_ascii_alphabetic() || c == '_' => {
                let name = self.cursor.eat_while(is_name).to_owned();
                if name.eq_ignore_ascii_case("env") && self.cursor.peek() == Some(':') {
                    return Err(windows::environment(self.cursor.from(start)));
                }
                word.pieces.push(RawPiece::Variable { name, is_quoted, span: self.cursor.from(start) });
                Ok(())
            }
            Some(c) if c.is_ascii_digit() || "@*#?$!-".contains(c) => {
                self.cursor.bump();
                Err(Error::new(self.cursor.from(start), format!("grader doesn't read `${c}`"))
                    .help("Write the value itself."))
            }
            Some('\'' | '"') if !is_quoted => {
                Err(Error::new(self.cursor.from(start), "grader doesn't read `$` before a quote")
                    .help("Write the text in plain quotes."))
            }
            _ => {
                word.push('$', is_quoted);
                Ok(())
            }
        }
    }

    /// `$(…)`: the tokens up to its end.
    fn output(&mut self, word: &mut RawWord, is_quoted: bool, start: Span) -> Result<(), Error> {
        self.cursor.bump();
        if self.cursor.peek() == Some('(') {
            return Err(Error::new(self.cursor.from(start), "grader doesn't calculate: `$((…))`")
                .help("Write the number itself."));
        }
        if self.is_inside && self.cursor.eat("pwd)") {
            let name = "PWD".to_owned();
            word.pieces.push(RawPiece::Variable { name, is_quoted, span: self.cursor.from(start) });
            return Ok(());
        }
        if self.is_inside {
            return Err(Error::new(self.cursor.from(start), "grader doesn't read a `$(…)` within another one")
                .help("Keep the inner one in a variable: `ID=$(docker ps -q)`."));
        }
        self.is_inside = true;
        let mut tokens = Vec::new();
        let closed = loop {
            match self.token() {
                Ok(ShellToken::Close) => break Ok(()),
                Ok(ShellToken::Newline | ShellToken::Finished) => {
                    break Err(Error::new(self.cursor.from(start), "`$(` isn't closed on its line")
                        .help("Write the `)`, and one command in between."));
                }
                Ok(_) if tokens.len() >= MAX_WORDS => break Err(too_many_words(start)),
                Ok(token) => tokens.push(token),
                Err(error) => break Err(error),
            }
        };
        self.is_inside = false;
        closed?;
        word.pieces.push(RawPiece::Output { tokens, is_quoted, span: self.cursor.from(start) });
        Ok(())
    }
}

/// Longer ones first.
const REDIRECTS: &[(&str, Redirect)] = &[
    ("2>&1", Redirect::Merge),
    ("2>>", Redirect::AppendErrors),
    ("2>", Redirect::WriteErrors),
    ("1>>", Redirect::Append),
    ("1>", Redirect::Write),
    ("&>", Redirect::WriteBoth),
];

/// What other shells and longer programs have, what it is, and what to do instead.
const FOREIGN: &[(&str, &str, &str)] = &[
    ("<<<", "`<<<`", "Use `echo \"…\" > FILE`, and then `< FILE`."),
    ("<<", "texts within the file (`<<`)", "Put the text into a file of its own, and use `< FILE`."),
    ("<(", "`<(…)`", "Write one command a line."),
    (">(", "`>(…)`", "Write one command a line."),
    (">&", "`>&`", "Write `> FILE`, or `2>&1` to put errors where the output goes."),
    (">|", "`>|`", "Write `> FILE`."),
    ("<>", "`<>`", "Write `< FILE` or `> FILE`."),
    (";;", "`;;`", "Write one command a line."),
    ("|&", "`|&`", "Write `2>&1 |`."),
];

const SHORT_REDIRECTS: &[(&str, Redirect)] = &[(">>", Redirect::Append), (">", Redirect::Write), ("<", Redirect::Read)];

const OPERATORS: &[(&str, Operator)] =
    &[("&&", Operator::And), ("||", Operator::Or), ("|", Operator::Pipe), (";", Operator::Semicolon)];

/// A character that means nothing but itself, wherever it is in a word.
fn is_usual(c: char) -> bool {
    c.is_ascii_alphanumeric() || matches!(c, '-' | '_' | '.' | '/' | ':' | '=' | ',' | '@' | '+' | '%' | '{' | '}')
}

fn is_name(c: char) -> bool {
    c.is_ascii_alphanumeric() || c == '_'
}

fn unclosed(start: Span, quote: char) -> Error {
    Error::new(start, format!("this `{quote}` isn't closed"))
        .help(format!("Write another `{quote}` where the text ends."))
}

/// A character that may be in a word.
fn plain(c: char, span: Span) -> Result<char, Error> {
    if c.is_control() && !matches!(c, '\n' | '\t') {
        let message = format!("a control character (U+{:04X}) is in this line", u32::from(c));
        return Err(Error::new(span, message).help("Remove it, or type the line again."));
    }
    Ok(c)
}
