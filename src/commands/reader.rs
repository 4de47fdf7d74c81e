//! Reads a file line by line into commands.

use super::error::{Error, quoted};
use super::lex::Lexer;
use super::token::{Operator, RawPiece, RawWord, Redirect, ShellToken};
use super::variables::{self, SetVariables, too_many_words};
use super::word::{ShellWord, WordPiece};
use super::{
    Command, CommandFile, Join, Kind, MAX_COMMANDS, MAX_ERRORS, MAX_WORDS, Redirection, program, word_is_program,
};
use crate::dockerfile::Span;

/// How many lines the end of a loop is looked for.
const LONGEST_BLOCK: usize = 200;

/// What was read so far.
pub(super) struct LineReader<'a> {
    lexer: Lexer<'a>,
    variables: SetVariables,
    folder: String,
    slept: u64,
    file: CommandFile,
}

/// A command before its words are filled in.
#[derive(Default)]
struct RawCommand {
    join: Join,
    words: Vec<RawWord>,
    redirects: Vec<(Redirect, Option<RawWord>, Span)>,
}

impl<'a> LineReader<'a> {
    pub fn new(text: &'a str, at: usize) -> Self {
        Self {
            lexer: Lexer::new(text, at),
            variables: SetVariables::default(),
            folder: String::new(),
            slept: 0,
            file: CommandFile::default(),
        }
    }

    /// Reads to the end, or to a bound.
    pub fn read(mut self) -> CommandFile {
        loop {
            match self.line() {
                Ok(true) => {}
                Ok(false) => break,
                Err(error) => {
                    let is_full = !self.problem(error);
                    self.lexer.skip_line();
                    if is_full {
                        break;
                    }
                }
            }
        }
        self.file
    }

    /// Notes an error; false if no more are looked for.
    fn problem(&mut self, error: Error) -> bool {
        self.file.errors.push(error);
        self.file.errors.len() < MAX_ERRORS
    }

    /// Reads a line; false at the end of the file.
    fn line(&mut self) -> Result<bool, Error> {
        let mut commands = vec![RawCommand::default()];
        let mut is_last = false;
        let mut pending: Option<Span> = None;
        loop {
            let current = commands.len() - 1;
            match self.lexer.token()? {
                ShellToken::Word(word) => {
                    pending = None;
                    variables::check(&word)?;
                    if commands[current].words.is_empty() {
                        self.reserved(&word)?;
                    }
                    commands[current].words.push(word);
                    if commands[current].words.len() > MAX_WORDS {
                        return Err(too_many_words(commands[current].words[0].span));
                    }
                }
                ShellToken::Redirect(redirect, span) => {
                    let target = if redirect == Redirect::Merge {
                        None
                    } else {
                        match self.lexer.token()? {
                            ShellToken::Word(word) => Some(word),
                            _ => return Err(Error::new(span, "a file is missing here").help("Write `> FILE`.")),
                        }
                    };
                    commands[current].redirects.push((redirect, target, span));
                    if commands[current].redirects.len() > MAX_WORDS {
                        return Err(too_many_words(span));
                    }
                }
                ShellToken::Operator(operator, span) => {
                    if commands[current].words.is_empty() {
                        return Err(
                            Error::new(span, "a command is missing before this").help("Write it, or remove this.")
                        );
                    }
                    pending = (operator != Operator::Semicolon).then_some(span);
                    let join = match operator {
                        Operator::And => Join::And,
                        Operator::Or => Join::Or,
                        Operator::Pipe => Join::Pipe,
                        Operator::Semicolon => Join::Next,
                    };
                    commands.push(RawCommand { join, ..RawCommand::default() });
                    if commands.len() > MAX_COMMANDS {
                        return Err(too_many(span));
                    }
                }
                // A command may go on behind `&&`, `||` and `|`.
                ShellToken::Newline if pending.is_some() => {}
                ShellToken::Newline => break,
                ShellToken::Close | ShellToken::Finished => {
                    is_last = true;
                    break;
                }
            }
        }
        if let Some(span) = pending {
            self.problem(Error::new(span, "a command is missing after this").help("Write it, or remove this."));
            return Ok(!is_last);
        }
        for raw in commands {
            if raw.words.is_empty() {
                if let Some((_, _, span)) = raw.redirects.first() {
                    self.problem(
                        Error::new(*span, "a command is missing before this").help("Write it, or remove this."),
                    );
                }
                continue;
            }
            if self.file.commands.len() >= MAX_COMMANDS {
                self.problem(too_many(raw.words[0].span));
                return Ok(false);
            }
            let captured = self.file.commands.len();
            if let Err(error) = self.command(&raw) {
                self.file.commands.truncate(captured);
                if !self.problem(error) {
                    return Ok(false);
                }
            }
        }
        Ok(!is_last)
    }

    /// Words that begin what is no command.
    fn reserved(&mut self, word: &RawWord) -> Result<(), Error> {
        let Some(text) = word.bare() else { return Ok(()) };
        let (what, end) = match text {
            "for" | "while" | "until" | "select" => ("loops", "done"),
            "if" => ("conditions", "fi"),
            "case" => ("conditions", "esac"),
            "function" | "{" => ("functions and groups", "}"),
            "do" | "done" | "then" | "else" | "elif" | "fi" | "esac" | "}" => ("loops and conditions", ""),
            "[" | "[[" | "test" | "!" => ("conditions", ""),
            "$" | ">" | "PS>" | "%" => {
                return Err(Error::new(word.span, format!("`{text}` is the prompt of a terminal, not a command"))
                    .help("Write the command alone."));
            }
            _ => return Ok(()),
        };
        let error = Error::new(word.span, format!("grader reads commands, not programs: no {what} here"))
            .help("Write each command on a line of its own.");
        self.skip_block(text, end);
        Err(error)
    }

    /// Goes to the last line of a loop or the like, if it has one.
    fn skip_block(&mut self, start: &str, end: &str) {
        if end.is_empty() {
            return;
        }
        let opens = |word: &str| word == start;
        let (mut depth, mut lines) = (1_usize, 0_usize);
        for line in self.lexer.cursor.rest().lines().take(LONGEST_BLOCK) {
            for part in line.split([';', ' ', '\t']).filter(|part| !part.is_empty()) {
                depth =
                    if part == end { depth.saturating_sub(1) } else { depth + usize::from(lines > 0 && opens(part)) };
            }
            if depth == 0 {
                break;
            }
            lines += 1;
        }
        if depth == 0 {
            for _ in 0..lines {
                self.lexer.cursor.eat_while(|c| c != '\n');
                self.lexer.cursor.bump();
            }
        }
    }

    fn command(&mut self, raw: &RawCommand) -> Result<(), Error> {
        let assigned = raw.words.iter().take_while(|word| assignment(word).is_some()).count();
        if assigned == raw.words.len() {
            return raw.words.iter().try_for_each(|word| self.assign(word, raw));
        }
        if assigned > 0 {
            let message = "grader doesn't set variables for one command only";
            return Err(Error::new(raw.words[0].span, message)
                .help("Set it on a line of its own before, or use `-e NAME=value` for a container."));
        }
        if raw.words[0].bare() == Some("export") {
            return raw.words.iter().skip(1).try_for_each(|word| self.assign(word, raw));
        }
        let mut words = Vec::new();
        for word in &raw.words {
            words.extend(self.words(word)?);
            if words.len() > MAX_WORDS {
                return Err(too_many_words(word.span));
            }
        }
        let mut redirects = Vec::new();
        for (redirect, target, span) in &raw.redirects {
            redirects.push(self.redirection(*redirect, target.as_ref(), *span)?);
        }
        let span = whole(raw);
        let invocation = program::read(&words, raw.join, span)?;
        self.slept = self.slept.saturating_add(program::seconds(&invocation)?);
        program::bounded(self.slept, span)?;
        if invocation.verb.name == "cd" {
            if matches!(raw.join, Join::And | Join::Or | Join::Pipe) {
                return Err(Error::new(span, "grader changes the folder only by a `cd` on a line of its own")
                    .help("Put `cd` on a line of its own."));
            }
            self.folder = program::folder(&self.folder, &invocation, span)?;
        }
        let folder = self.folder.clone();
        self.file.commands.push(Command { span, join: raw.join, kind: Kind::Call(invocation), redirects, folder });
        Ok(())
    }

    fn words(&mut self, word: &RawWord) -> Result<Vec<ShellWord>, Error> {
        let outputs = self.outputs(word)?;
        self.variables.words(word, &self.folder, outputs)
    }

    /// Reads the commands of a word's `$(…)`.
    fn outputs(&mut self, word: &RawWord) -> Result<Vec<WordPiece>, Error> {
        let mut outputs = Vec::new();
        for piece in &word.pieces {
            if let RawPiece::Output { tokens, is_quoted, span } = piece {
                outputs.push(self.capture(tokens, *span, *is_quoted)?);
            }
        }
        Ok(outputs)
    }

    fn redirection(&mut self, redirect: Redirect, target: Option<&RawWord>, span: Span) -> Result<Redirection, Error> {
        let Some(raw) = target else { return Ok(Redirection { redirect, file: None }) };
        variables::check(raw)?;
        let mut words = self.words(raw)?;
        let word = words.pop().filter(|_| words.is_empty());
        let Some(word) = word else {
            return Err(Error::new(span, "one file is redirected to, not more").help("Put quotes around its name."));
        };
        let text = word.known().ok_or_else(|| {
            Error::new(raw.span, "grader has to know this file's name before it runs the commands")
                .help("Write the name itself.")
        })?;
        program::inside(&self.folder, &text, raw.span)?;
        Ok(Redirection { redirect, file: Some(word) })
    }

    /// `NAME=value`
    fn assign(&mut self, word: &RawWord, raw: &RawCommand) -> Result<(), Error> {
        let Some((name, length)) = assignment(word) else {
            return Err(Error::new(word.span, "a value is missing here").help("Write `export NAME=value`."));
        };
        if matches!(raw.join, Join::And | Join::Or | Join::Pipe) {
            return Err(Error::new(word.span, "grader sets variables only on a line of their own")
                .help(format!("Write `{name}=…` on a line of its own.")));
        }
        if name == "PWD" {
            return Err(Error::new(word.span, "`PWD` is the current folder").help("Use another name."));
        }
        let mut value = word.clone();
        if let Some(RawPiece::Text { text, .. }) = value.pieces.first_mut() {
            *text = text.get(length..).unwrap_or_default().to_owned();
        }
        let outputs = self.outputs(&value)?;
        let pieces = self.variables.value(&value, &self.folder, outputs)?;
        self.variables.set(&name, pieces.clone());
        let (join, folder) = (raw.join, self.folder.clone());
        let kind = Kind::Set { name, value: pieces };
        self.file.commands.push(Command { span: word.span, join, kind, redirects: Vec::new(), folder });
        Ok(())
    }

    /// Reads the command of a `$(…)` as one of the file's, before the one that needs its output.
    fn capture(&mut self, tokens: &[ShellToken], span: Span, is_quoted: bool) -> Result<WordPiece, Error> {
        let mut words = Vec::new();
        for token in tokens {
            let ShellToken::Word(raw) = token else {
                return Err(Error::new(span, "grader reads one command without `|` and `>` in `$(…)`")
                    .help("Use `-q` or `--format` to print only what you need."));
            };
            variables::check(raw)?;
            words.extend(self.variables.words(raw, &self.folder, Vec::new())?);
            if words.len() > MAX_WORDS {
                return Err(too_many_words(span));
            }
        }
        if word_is_program(words.first(), "pwd") && words.len() == 1 {
            return Ok(WordPiece::Folder(self.folder.clone()));
        }
        if !word_is_program(words.first(), "docker") {
            let shown = words.first().map(|word| word.text().into_owned()).unwrap_or_default();
            let message = format!("grader keeps the output of `docker` and `pwd`, not of {}", quoted(&shown));
            return Err(Error::new(span, message).help("Write the value itself."));
        }
        if self.file.commands.len() >= MAX_COMMANDS {
            return Err(too_many(span));
        }
        let kind = Kind::Call(program::read(&words, Join::Captured, span)?);
        let (join, folder) = (Join::Captured, self.folder.clone());
        self.file.commands.push(Command { span, join, kind, redirects: Vec::new(), folder });
        Ok(WordPiece::Output { command: self.file.commands.len() - 1, splits: !is_quoted })
    }
}

fn too_many(span: Span) -> Error {
    Error::new(span, format!("more than {MAX_COMMANDS} commands are more than grader reads")).help("Write fewer.")
}

/// The name of `NAME=value`, and the length of what is before the value.
fn assignment(word: &RawWord) -> Option<(String, usize)> {
    let [RawPiece::Text { text, is_quoted: false }, ..] = word.pieces.as_slice() else { return None };
    let (name, _) = text.split_once('=')?;
    let is_name = name.starts_with(|c: char| c.is_ascii_alphabetic() || c == '_')
        && name.chars().all(|c| c.is_ascii_alphanumeric() || c == '_');
    is_name.then(|| (name.to_owned(), name.len() + 1))
}

/// The place of a whole command.
fn whole(raw: &RawCommand) -> Span {
    let first = raw.words.first().map(|word| word.span).unwrap_or_default();
    let spans = raw.words.iter().map(|word| word.span);
    let targets = raw.redirects.iter().map(|(_, target, span)| target.as_ref().map_or(*span, |target| target.span));
    spans.chain(targets).fold(first, |all, next| Span {
        end: all.end.max(next.end),
        end_line: all.end_line.max(next.end_line),
        ..all
    })
}
