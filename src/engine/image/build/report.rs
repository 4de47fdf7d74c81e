//! Reads the plain text that buildx prints after a failure.

use super::Failed;
use super::progress::BuildStep;

/// How much of a failed step's output is told: its last lines.
const LINES: usize = 20;

/// What failed, from the text after the progress and the step that BuildKit marks.
pub fn failure(text: &str, step: Option<&BuildStep>) -> Failed {
    let said = error(text).unwrap_or_default();
    let log = step.map(|step| tail(&String::from_utf8_lossy(&step.log))).unwrap_or_default();
    let exit_code = said.rsplit_once("exit code: ").and_then(|(_, code)| code.trim().parse().ok());
    let instruction = step.map(|step| instruction(&step.name)).filter(|name| !name.starts_with('['));
    let message = match (&instruction, exit_code) {
        (Some(name), Some(code)) => format!("`{name}` ended with exit code {code}"),
        _ if said.contains("header list size to send violates") => {
            "the .dockerignore is longer than the builder takes, about 1 MB".to_owned()
        }
        _ => said.to_owned(),
    };
    Failed { message, step: instruction, lines: lines(text), exit_code, log, ..Failed::default() }
}

/// What stands behind `ERROR:`, without the steps on the way to it.
pub fn error(text: &str) -> Option<&str> {
    let (_, said) = text.rsplit_once("ERROR: ")?;
    let mut said = said.trim();
    for layer in ["failed to build: ", "failed to solve: "] {
        said = said.strip_prefix(layer).unwrap_or(said);
    }
    Some(said)
}

/// The lines that are marked in the excerpt of the Dockerfile: `   4 | >>> RUN x`. Without one, those of
/// `parse error on line 4`.
fn lines(text: &str) -> Option<(u32, u32)> {
    let marked = text.lines().filter_map(|line| {
        let (number, rest) = line.split_once('|')?;
        let number: u32 = number.trim().parse().ok()?;
        rest.trim_start().starts_with(">>>").then_some(number)
    });
    let marked: Vec<u32> = marked.collect();
    if let (Some(first), Some(last)) = (marked.iter().min(), marked.iter().max()) {
        return Some((*first, *last));
    }
    let (_, rest) = text.split_once("parse error on line ")?;
    let number = rest.split(|letter: char| !letter.is_ascii_digit()).next()?.parse().ok()?;
    Some((number, number))
}

/// A step's name without the stage and the count: `RUN pip install flask`.
pub fn instruction(name: &str) -> String {
    let command = match name.strip_prefix('[').and_then(|rest| rest.split_once("] ")) {
        Some((place, command)) if place != "internal" => command,
        _ => name,
    };
    command.split_whitespace().collect::<Vec<_>>().join(" ")
}

fn tail(log: &str) -> String {
    let lines: Vec<&str> = log.lines().filter(|line| !line.trim().is_empty()).collect();
    lines.get(lines.len().saturating_sub(LINES)..).unwrap_or_default().join("\n")
}

#[cfg(test)]
mod tests {
    use super::*;

    const TEXT: &str = "Dockerfile:8\n--------------------\n   7 |     COPY --from=builder /w/src /app\n   \
        8 | >>> RUN echo hi; \\\n   9 | >>>     exit 3\n  10 |     \n--------------------\n\
        ERROR: failed to build: failed to solve: process \"/bin/sh -c echo hi;     exit 3\" did not complete successfully: exit code: 3\n";

    #[test]
    fn the_step_its_lines_exit_code_and_last_output_are_found() {
        let mut step = BuildStep::default();
        (step.name, step.log) = ("[stage-1 3/3] RUN echo hi;     exit 3".into(), b"hi\n\n".to_vec());
        let failed = failure(TEXT, Some(&step));
        assert_eq!(failed.message, "`RUN echo hi; exit 3` ended with exit code 3");
        assert_eq!((failed.lines, failed.exit_code, failed.log.as_str()), (Some((8, 9)), Some(3), "hi"));
    }

    #[test]
    fn without_a_step_the_error_itself_is_the_message() {
        let failed =
            failure("ERROR: failed to solve: dockerfile parse error on line 2: unknown instruction: COPPY\n", None);
        assert_eq!(failed.message, "dockerfile parse error on line 2: unknown instruction: COPPY");
        assert_eq!(failed.lines, Some((2, 2)));
    }
}
