//! Whatever the bytes: no panic, places in the file, bounds kept. And words are those of a real shell.

use super::read;
use grader::commands::{MAX_COMMANDS, MAX_ERRORS, parse};
use proptest::prelude::*;

const PIECES: &[&str] = &[
    "docker ",
    "run ",
    "ps ",
    "exec ",
    "network create ",
    "-d ",
    "--name ",
    "--name=",
    "-it",
    "-p ",
    "80:80 ",
    "-v ",
    "a:/b ",
    "web ",
    "nginx ",
    "echo ",
    "curl ",
    "localhost:80 ",
    "sleep 1 ",
    "cd ",
    "A=",
    "$A ",
    "${A}",
    "$(",
    ")",
    "pwd",
    "$(pwd)",
    "'",
    "\"",
    "\\",
    "\\\n",
    "\n",
    "\r\n",
    " ",
    "\t",
    "&&",
    "||",
    ";",
    "|",
    "&",
    ">",
    ">>",
    "<",
    "2>&1",
    "<<",
    "#",
    "`",
    "^",
    "%cd%",
    "*",
    "~",
    "{",
    ",",
    "}",
    "(",
    "for ",
    "done",
    "if ",
    "fi",
    "\u{a0}",
    "é",
    "\u{feff}",
    "\u{1b}",
    "--",
    "-",
    "=",
    "true ",
    "grep ",
];

fn text() -> impl Strategy<Value = String> {
    prop::collection::vec(prop::sample::select(PIECES), 0..40).prop_map(|pieces| pieces.concat())
}

proptest! {
    #![proptest_config(ProptestConfig { cases: 2_000, failure_persistence: None, ..ProptestConfig::default() })]

    #[test]
    fn places_are_in_the_file(text in text()) {
        let file = parse(text.as_bytes());
        let lines = u32::try_from(text.matches('\n').count() + 1).unwrap();
        prop_assert!(file.commands.len() <= MAX_COMMANDS && file.errors.len() <= MAX_ERRORS);
        let spans = file.commands.iter().map(|it| it.span).chain(file.errors.iter().map(|it| it.span));
        for span in spans {
            prop_assert!(span.start <= span.end && span.end <= text.len(), "{span:?}");
            prop_assert!(text.is_char_boundary(span.start) && text.is_char_boundary(span.end), "{span:?}");
            prop_assert!((1..=lines).contains(&span.line) && span.end_line >= span.line && span.end_line <= lines, "{span:?}");
            let before = &text[..span.start];
            let line = before.matches('\n').count() + 1;
            let column = before.rsplit('\n').next().unwrap_or("").chars().count() + 1;
            let column = if before.starts_with('\u{feff}') && line == 1 { column - 1 } else { column };
            prop_assert_eq!((span.line as usize, span.column as usize), (line, column), "{:?}", span);
        }
    }

    #[test]
    fn any_bytes_are_taken(bytes in prop::collection::vec(any::<u8>(), 0..200)) {
        parse(&bytes);
    }

    #[test]
    fn quoted_words_come_back(words in prop::collection::vec("[ -~]{0,12}", 1..6)) {
        let quoted: Vec<String> = words.iter().map(|word| format!("'{}'", word.replace('\'', r"'\''"))).collect();
        let file = read(&format!("echo -- {}", quoted.join(" ")));
        let operands = &file.commands[0].call().unwrap().operands;
        let found: Vec<String> = operands.iter().map(|word| word.text().into_owned()).collect();
        prop_assert_eq!(found, words);
    }
}

/// What grader reads as words, `sh` does, too.
#[cfg(unix)]
#[test]
fn words_are_those_of_a_shell() {
    use proptest::strategy::ValueTree;
    use proptest::test_runner::TestRunner;
    use std::process::Command;

    const PARTS: &[&str] = &[
        "a", "b c", "'", "\"", "\\", " ", "  ", "$A", "${B}", "$C", "\"$A\"", "'x y'", "\"p  q\"", "\\\n", "#", "=",
        "-", "%", "{", "}", ",", "\\\"", "\\$", "/", ":", ".", "@", "\t", "é",
    ];
    let mut runner = TestRunner::deterministic();
    let strategy = prop::collection::vec(prop::sample::select(PARTS), 1..10);
    let (mut lines, mut expected) = (Vec::new(), Vec::new());
    while lines.len() < 300 {
        let line = strategy.new_tree(&mut runner).unwrap().current().concat();
        let file = parse(format!("A='one two'\nB=three\nC=\necho -- {line}\n").as_bytes());
        if !file.errors.is_empty() || file.commands.len() != 4 {
            continue;
        }
        let operands = &file.commands[3].call().unwrap().operands;
        expected.push(operands.iter().map(|word| word.text().into_owned()).collect::<Vec<_>>());
        lines.push(line);
    }
    let calls: Vec<String> = lines.iter().map(|line| format!("show {line}\n\n")).collect();
    let calls = calls.concat();
    let script = format!(
        "A='one two'\nB=three\nC=\nshow() {{ for word in \"$@\"; do printf '%s\\001' \"$word\"; done; printf '\\002'; }}\n{calls}"
    );
    let output = Command::new("sh").arg("-c").arg(&script).output().unwrap();
    assert!(output.status.success(), "{}", String::from_utf8_lossy(&output.stderr));
    let output = String::from_utf8(output.stdout).unwrap();
    let found: Vec<Vec<String>> = output
        .split_terminator('\u{2}')
        .map(|line| line.split_terminator('\u{1}').map(str::to_owned).collect())
        .collect();
    assert_eq!(found.len(), lines.len());
    for ((line, found), expected) in lines.iter().zip(&found).zip(&expected) {
        assert_eq!(found, expected, "sh: {line:?}");
    }
}
