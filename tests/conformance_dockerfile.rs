//! Every case of `fixtures/conformance/dockerfile.jsonl`: what BuildKit accepts, refuses, and how it splits a file.

use std::fs;
use std::path::Path;

use grader::dockerfile;
use serde::Deserialize;

#[derive(Deserialize)]
struct Case {
    file: String,
    accepted: bool,
    stages: Option<usize>,
    instructions: Option<Vec<Instruction>>,
    error: Option<String>,
}

#[derive(Deserialize, Debug, PartialEq)]
struct Instruction {
    name: String,
    line: u32,
    end_line: u32,
}

#[test]
fn reads_every_file_as_buildkit_does() {
    let folder = Path::new(env!("CARGO_MANIFEST_DIR")).join("fixtures/conformance");
    let cases = fs::read_to_string(folder.join("dockerfile.jsonl")).unwrap();
    let mut count = 0;
    for line in cases.lines() {
        let case: Case = serde_json::from_str(line).unwrap();
        let text = fs::read(folder.join("dockerfile").join(&case.file)).unwrap();
        check(&case, &text);
        count += 1;
    }
    assert!(count >= 58, "only {count} cases");
}

fn check(case: &Case, text: &[u8]) {
    let file = dockerfile::parse(text);
    let name = &case.file;
    assert_eq!(file.errors.is_empty(), case.accepted, "{name}: {:?}", file.errors);
    if let Some(error) = &case.error {
        let place = error.strip_prefix("dockerfile parse error on line ").and_then(|rest| rest.split_once(": "));
        let (line, message) =
            place.map_or((None, error.as_str()), |(line, message)| (line.parse::<u32>().ok(), message));
        let first = file.first_error();
        let fits =
            first.is_some_and(|first| first.message.starts_with(message) && line.is_none_or(|line| line == first.line));
        assert!(fits, "{name}: {first:?} for {error}");
    } else {
        let instructions: Vec<Instruction> = file
            .instructions
            .iter()
            .map(|instruction| Instruction {
                name: instruction.name.clone(),
                line: instruction.span.line,
                end_line: instruction.span.end_line,
            })
            .collect();
        assert_eq!(Some(file.stages.len()), case.stages, "{name}");
        assert_eq!(Some(instructions), case.instructions, "{name}");
    }
}
