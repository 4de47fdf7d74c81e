//! What belongs to other shells than POSIX's, or to a word processor, and how to write it here.

use super::cursor::Cursor;
use super::error::Error;
use crate::dockerfile::Span;

/// A backtick: PowerShell's `\` at the end of a line, else an old form of `$(…)`.
pub(super) fn backtick(cursor: &Cursor<'_>) -> Error {
    let mut ahead = cursor.clone();
    let span = ahead.next_one();
    ahead.bump();
    if ahead.is_line_over() {
        return Error::new(span, "a backtick continues the line only in PowerShell")
            .help("End the line with `\\` and nothing after it.");
    }
    Error::new(span, "grader doesn't read backticks").help("Write `$(…)` in their place.")
}

/// `^` at the end of a line: that of Windows' command prompt.
pub(super) fn caret(span: Span) -> Error {
    Error::new(span, "`^` continues the line only in Windows' command prompt")
        .help("End the line with `\\` and nothing after it.")
}

/// `$env:NAME`
pub(super) fn environment(span: Span) -> Error {
    Error::new(span, "`$env:` is PowerShell's").help("Set the variable in this file: `NAME=value`. Then write `$NAME`.")
}

/// `%cd%`, `%NAME%`: variables of Windows' command prompt.
pub(super) fn percent(text: &str, span: Span) -> Option<Error> {
    let (_, rest) = text.split_once('%')?;
    let (name, _) = rest.split_once('%')?;
    let is_name = !name.is_empty() && name.chars().all(|c| c.is_ascii_alphanumeric() || c == '_');
    if !is_name || name.starts_with(|c: char| c.is_ascii_digit()) {
        return None;
    }
    let error = Error::new(span, format!("`%{name}%` is a variable of Windows' command prompt"));
    Some(if name.eq_ignore_ascii_case("cd") {
        error.help("Write `$(pwd)` for the current folder.")
    } else {
        error.help("Write `$NAME`, and set NAME in this file: `NAME=value`.")
    })
}

/// Quotes, dashes and blanks of a word processor or a web page.
pub(super) fn typeset(c: char, begins_word: bool, span: Span) -> Option<Error> {
    match c {
        '\u{2018}' | '\u{2019}' => {
            Some(Error::new(span, format!("`{c}` is a curly quote, which shells don't know")).help("Write `'`."))
        }
        '\u{201c}' | '\u{201d}' => {
            Some(Error::new(span, format!("`{c}` is a curly quote, which shells don't know")).help("Write `\"`."))
        }
        '\u{2013}' | '\u{2014}' if begins_word => {
            Some(Error::new(span, "this dash is a long one, which Docker doesn't know").help("Write `-` or `--`."))
        }
        '\u{a0}' | '\u{2007}' | '\u{202f}' => {
            Some(Error::new(span, "this blank is one of a web page, which shells don't know").help("Type it again."))
        }
        _ => None,
    }
}
