//! Bounds on what a file may ask of the reader.

use super::errors;
use grader::commands::{MAX_BYTES, MAX_COMMANDS, MAX_ERRORS, MAX_WORDS, parse};
use std::fmt::Write as _;

#[test]
fn a_bound_is_named_in_its_error() {
    let long = " ".repeat(MAX_BYTES + 1);
    let many = "docker ps\n".repeat(MAX_COMMANDS + 1);
    let on_a_line = "true;".repeat(MAX_COMMANDS + 1);
    let words = format!("echo {}", "x ".repeat(MAX_WORDS));
    let mut growing = "A=0123456789abcdef\n".to_owned();
    for _ in 0..40 {
        growing.push_str("A=$A$A\n");
    }
    let split = format!("A='{}'\necho $A", "x ".repeat(MAX_WORDS));
    for (text, bound) in [
        (long, MAX_BYTES.to_string()),
        (many, MAX_COMMANDS.to_string()),
        (on_a_line, MAX_COMMANDS.to_string()),
        (words, MAX_WORDS.to_string()),
        (split, MAX_WORDS.to_string()),
        (growing, "4 MiB".to_owned()),
        (format!("docker run -{} nginx", "i".repeat(MAX_WORDS + 1)), MAX_WORDS.to_string()),
        (format!("echo $(docker ps {})", "x ".repeat(MAX_WORDS + 1)), MAX_WORDS.to_string()),
    ] {
        let found = errors(&text);
        assert!(found.iter().any(|error| error.contains(&bound)), "{bound}: {found:?}");
    }
    assert_eq!(errors(&"x\n".repeat(1_000)).len(), MAX_ERRORS);
}

/// `GRADER_TIMES=1` shows how long a file of a megabyte takes, of each kind.
#[test]
fn a_megabyte_is_read() {
    let mut one_line = "echo".to_owned();
    for index in 0..100_000 {
        let _ = write!(one_line, " '{index}'");
    }
    for (name, text) in [
        ("comments", "# a comment\n".repeat(MAX_BYTES / 12)),
        ("one word", format!("echo '{}'", "x".repeat(MAX_BYTES - 8))),
        ("one line", one_line),
        ("continued", format!("echo {}", "\\\n".repeat(MAX_BYTES / 2 - 4))),
        ("loops", "for x\n".repeat(MAX_BYTES / 6)),
        ("commands", "docker run -d --name web -p 80:80 nginx:1.27 sleep 1 # comment\n".repeat(MAX_BYTES / 64)),
        ("dollars", "$".repeat(MAX_BYTES)),
        ("braces", "{".repeat(MAX_BYTES)),
        ("redirects", "echo >a ".to_owned() + &">a ".repeat(MAX_BYTES / 3 - 4)),
        ("letters", format!("docker run -{} x", "i".repeat(MAX_BYTES - 20))),
        ("one capture", format!("echo $(docker ps {})", "x ".repeat(MAX_BYTES / 2 - 20))),
        ("outputs", "echo $(docker ps) \\\n".repeat(MAX_BYTES / 20)),
    ] {
        assert!(text.len() <= MAX_BYTES, "{name}");
        let start = std::time::Instant::now();
        let file = parse(text.as_bytes());
        if std::env::var_os("GRADER_TIMES").is_some() {
            println!("{name}: {:?}, {} commands, {} errors", start.elapsed(), file.commands.len(), file.errors.len());
        }
    }
}
