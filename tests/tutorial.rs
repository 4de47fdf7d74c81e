//! docs/tutorial.md, followed to the letter: its files are written, its commands run, and what they print compared.

#![allow(clippy::unwrap_used, clippy::expect_used)] // in helpers of tests too

use crate::common::{at, folder, grader, write};

/// A block of code: its language and its text.
fn blocks(page: &str) -> Vec<(&str, &str)> {
    let fenced = page.split("\n```").skip(1).step_by(2);
    fenced.map(|block| block.split_once('\n').unwrap()).collect()
}

/// The path in a block's first line, in whichever kind of comment.
fn path(text: &str) -> &str {
    let first = text.lines().next().unwrap();
    let path = first.trim_start_matches("<!--").trim_end_matches("-->").trim_start_matches('#').trim();
    assert!(!path.is_empty() && !path.contains(' '), "a file's block begins with its path, not with {first}");
    path
}

/// Whether what was printed is what the page shows; `...` stands for any lines.
fn fits(shown: &[&str], printed: &[&str]) -> bool {
    match (shown, printed) {
        ([], rest) => rest.iter().all(|line| line.is_empty()),
        (["..."], _) => true,
        (["...", rest @ ..], _) => (0..=printed.len()).any(|skipped| fits(rest, &printed[skipped..])),
        ([first, rest @ ..], [line, others @ ..]) => first == line && fits(rest, others),
        (_, []) => shown.iter().all(|line| line.is_empty()),
    }
}

#[test]
fn the_tutorial_does_what_it_says() {
    let page = std::fs::read_to_string(at("docs/tutorial.md")).unwrap();
    let work = folder(&[("work/app.py", "import http.server\n")]);
    let mut commands = 0;
    for (language, text) in blocks(&page) {
        if language != "console" {
            write(work.path(), path(text), format!("{text}\n"));
            continue;
        }
        for command in text.split("$ ").skip(1) {
            let (typed, shown) = command.split_once('\n').unwrap_or((command, ""));
            let args: Vec<&str> = typed.strip_prefix("grader ").unwrap().split(' ').collect();
            let (_, stdout, stderr) = grader(work.path(), &args);
            let (shown, printed): (Vec<&str>, Vec<&str>) = (shown.lines().collect(), stdout.lines().collect());
            assert!(fits(&shown, &printed), "{typed}\n{stdout}\n{stderr}\n--- docs/tutorial.md shows:\n{command}");
            commands += 1;
        }
    }
    assert!(commands >= 8, "{commands} commands");
}
