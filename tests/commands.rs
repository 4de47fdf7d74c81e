//! Reading files of commands: words as a shell parts them, options as Docker's client reads them, and what is refused.

#![allow(clippy::unwrap_used)] // helpers of tests

#[path = "commands/bounds.rs"]
mod bounds;
#[path = "commands/options.rs"]
mod options;
#[path = "commands/properties.rs"]
mod properties;
#[path = "commands/refusals.rs"]
mod refusals;
#[path = "commands/words.rs"]
mod words;

use grader::commands::{CommandFile, Invocation, Kind, parse};

/// A file that is expected to be fine.
fn read(text: &str) -> CommandFile {
    let file = parse(text.as_bytes());
    assert_eq!(file.errors, [], "{text}");
    file
}

/// The only command of a file.
fn one(text: &str) -> Invocation {
    let file = read(text);
    assert_eq!(file.commands.len(), 1, "{text}");
    file.commands[0].call().unwrap().clone()
}

/// Each command of a file in words: its verb, its options, its operands.
fn shown(file: &CommandFile) -> Vec<String> {
    let shown = file.commands.iter().map(|command| match &command.kind {
        Kind::Set { name, .. } => format!("{name}="),
        Kind::Call(call) => {
            let options = call.options.iter().map(|given| format!(" {}", given.shown()));
            let operands = call.operands.iter().map(|word| format!(" {:?}", word.text()));
            format!("{}{}{}", call.verb.name, options.collect::<String>(), operands.collect::<String>())
        }
    });
    shown.collect()
}

/// The errors of a file, as `line:column message | help`.
fn errors(text: &str) -> Vec<String> {
    let errors = parse(text.as_bytes()).errors;
    let shown = errors.iter().map(|error| {
        let help = error.help.as_deref().unwrap_or_default();
        format!("{}:{} {} | {help}", error.span.line, error.span.column, error.message)
    });
    shown.collect()
}
