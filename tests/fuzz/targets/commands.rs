//! A file of commands: places in the file, bounds kept, facts of their types, and words that come back when they are quoted.

use super::facts;
use grader::commands::{Kind, MAX_COMMANDS, MAX_ERRORS, MAX_WORDS, WordPiece, parse};
use grader::facts::commands::{FILE_NAME, collect};

/// Reads it, and reads each of its commands again as grader understood it.
pub fn run(data: &[u8]) {
    let file = parse(data);
    let lines = facts::lines(data);
    assert!(file.commands.len() <= MAX_COMMANDS && file.errors.len() <= MAX_ERRORS);
    for error in file.errors.iter().chain(&file.warnings) {
        assert!((1..=lines).contains(&(error.span.line as usize)) && error.span.column >= 1, "{error:?}");
        assert!(error.span.start <= error.span.end && error.span.end <= data.len(), "{error:?}");
        assert!(!error.message.contains(['\n', '\u{1b}']) && !error.message.ends_with('.'), "{error:?}");
    }
    let at = |path: &str| (path == FILE_NAME).then_some(lines);
    facts::check(&collect(FILE_NAME, Ok(Some(&file)), &[]), &at);
    for (index, command) in file.commands.iter().enumerate() {
        let span = command.span;
        assert!(span.start <= span.end && span.end <= data.len() && span.end_line as usize <= lines, "{span:?}");
        assert!(!command.folder.split('/').any(|part| part == ".."), "{:?}", command.folder);
        let Kind::Call(call) = &command.kind else { continue };
        let words = call.options.iter().map(|given| &given.value).chain(&call.operands);
        assert!(words.clone().count() <= 2 * MAX_WORDS);
        for piece in words.flat_map(|word| &word.pieces) {
            match piece {
                WordPiece::Output { command, .. } => {
                    assert!(*command < index, "an output comes from an earlier command");
                }
                WordPiece::Folder(folder) => assert!(!folder.split('/').any(|part| part == "..")),
                WordPiece::Text(text) => assert!(!text.contains('\u{1b}')),
            }
        }
        if call.verb.name == "run" {
            again(call);
        }
    }
}

/// A `docker run` written out with every word in quotes means the same.
fn again(call: &grader::commands::Invocation) {
    let quote = |text: &str| format!("'{}'", text.replace('\'', r"'\''"));
    let options: Vec<String> = call.options.iter().map(|given| quote(&given.shown())).collect();
    let operands: Vec<String> = call.operands.iter().map(|word| quote(&word.text())).collect();
    let text = format!("docker run {} -- {}", options.join(" "), operands.join(" "));
    let file = parse(text.as_bytes());
    // What only a run can know, and the current folder, is shown in other words.
    let words = call.options.iter().map(|given| &given.value).chain(&call.operands);
    let is_known = words.into_iter().all(|word| word.known().is_some());
    if !is_known {
        return;
    }
    assert_eq!(file.errors, [], "{text}");
    let read = file.commands[0].call().expect("it is a call");
    let shown = |call: &grader::commands::Invocation| {
        let options: Vec<String> = call.options.iter().map(grader::commands::GivenOption::shown).collect();
        let operands: Vec<String> = call.operands.iter().map(|word| word.text().into_owned()).collect();
        (options, operands)
    };
    assert_eq!(shown(read), shown(call), "{text}");
}
