//! The README that a learner reads, and its table of steps. The table is in a marked block, which `grader lint --fix` writes.

use super::LintRule;
use crate::challenge::{Challenge, library};
use crate::diagnostic::Diagnostic;
use crate::lint::challenge::own_checks;
use crate::lint::source::{LintedFile, shown};
use crate::lint::view::{self, LintedChallenge, LintedCheck};
use crate::lint::{Linted, Severity};
use crate::yaml::Span;
use std::collections::BTreeMap;
use std::fmt::Write as _;
use std::path::{Path, PathBuf};
use std::{fs, io};

pub(super) const RULE: LintRule = LintRule { name: "readme", severity: Severity::Warning, look };

/// Before the table, and after it.
const MARKS: [&str; 2] = ["<!-- grader: steps -->", "<!-- /grader -->"];

fn look(it: &LintedChallenge<'_>) -> Vec<Diagnostic> {
    // No starter at all is another rule's.
    if it.challenge.starter.is_empty() {
        return Vec::new();
    }
    let path = shown(&it.folder.join("starter/README.md"));
    let Some(file) = it.challenge.starter.get("README.md") else {
        let mut told = Diagnostic::of(path, "the starter has no README.md, so nobody reads what to do");
        told.help = Some("write the task there; `grader lint --fix` begins one with the table of steps".to_owned());
        return vec![told];
    };
    let text = String::from_utf8_lossy(&file.content);
    let fixed = with_table(&text, it.challenge, &tasks(&it.checks));
    if fixed == text {
        return Vec::new();
    }
    let different = text.lines().zip(fixed.lines()).position(|(old, new)| old != new);
    let index = different.unwrap_or_else(|| text.lines().count().saturating_sub(1));
    let line = text.lines().nth(index).map(str::to_owned);
    let number = u32::try_from(index).unwrap_or_default() + 1;
    let end_column = u32::try_from(line.as_deref().unwrap_or_default().chars().count()).unwrap_or_default() + 1;
    let message = if block(&text).is_some() {
        "the table of steps differs from the challenge's checks"
    } else {
        "the README has no table of the steps"
    };
    let new = fixed.lines().nth(index).filter(|_| block(&text).is_some() && different.is_some());
    let help = match new {
        Some(new) => format!("`grader lint --fix` writes it: {new}"),
        None => format!("`grader lint --fix` writes it, between `{}` and `{}`", MARKS[0], MARKS[1]),
    };
    vec![Diagnostic {
        span: Some(Span { line: number, column: 1, end_line: number, end_column }),
        line,
        help: Some(help),
        ..Diagnostic::of(path, message)
    }]
}

/// What a learner has to reach in each step, as the challenge or the check says it.
fn tasks(checks: &[LintedCheck<'_>]) -> BTreeMap<String, String> {
    let said = checks.iter().filter_map(|check| {
        let task = check.item.get("task").or_else(|| check.node.get("task"))?.text()?;
        Some((check.id.to_owned(), cell(&check.filled(task)?)))
    });
    said.collect()
}

/// The README with the table as the challenge has it, at its end if it has no marked block. What is written by hand of
/// each step, in the third column, stays where the check has no task.
fn with_table(text: &str, challenge: &Challenge, tasks: &BTreeMap<String, String>) -> String {
    let Some((from, to)) = block(text) else {
        let gap = if text.is_empty() || text.ends_with("\n\n") {
            ""
        } else if text.ends_with('\n') {
            "\n"
        } else {
            "\n\n"
        };
        return format!("{text}{gap}{}\n{}{}\n", MARKS[0], table("", challenge, tasks), MARKS[1]);
    };
    let (before, inside, after) = (text.get(..from), text.get(from..to), text.get(to..));
    let inside = inside.unwrap_or_default();
    format!("{}\n{}{}", before.unwrap_or_default(), table(inside, challenge, tasks), after.unwrap_or_default())
}

/// Writes the table into the README of a challenge's file, if the challenge loads and the table differs.
pub(in crate::lint) fn write_table(file: &Path) -> io::Result<Option<PathBuf>> {
    let (challenge, wrong) = library::examine(file);
    let folder = file.parent().unwrap_or(Path::new("")).join("starter");
    if !wrong.is_empty() || challenge.starter.is_empty() {
        return Ok(None);
    }
    let text = match challenge.starter.get("README.md") {
        Some(file) => String::from_utf8_lossy(&file.content).into_owned(),
        None => format!("# {}\n\n{}\n\n## The steps\n\n", challenge.title, challenge.about),
    };
    let Some(source) = LintedFile::read(file, &mut Linted::default()) else { return Ok(None) };
    let written = view::written(
        &source,
        file.parent().unwrap_or(Path::new("")),
        &own_checks(file.parent().unwrap_or(Path::new(""))),
    );
    let fixed = with_table(&text, &challenge, &tasks(&view::checks(&source, &written)));
    if fixed == text {
        return Ok(None);
    }
    let path = folder.join("README.md");
    fs::write(&path, fixed).map(|()| Some(path))
}

/// What is between the marks.
fn block(text: &str) -> Option<(usize, usize)> {
    let from = text.find(MARKS[0])? + MARKS[0].len();
    let to = from + text.get(from..)?.find(MARKS[1])?;
    Some((from, to))
}

/// The table of the steps: number, title, when a learner has it, points.
fn table(written: &str, challenge: &Challenge, tasks: &BTreeMap<String, String>) -> String {
    let rows: Vec<[String; 3]> = written.lines().filter_map(row).collect();
    let steps: Vec<_> = challenge.checks.iter().filter(|check| check.points > 0 || check.bonus > 0).collect();
    let words = |number: usize, title: &str| {
        let by_title = rows.iter().find(|[_, known, _]| known == title);
        let by_number = || rows.iter().find(|[known, ..]| *known == number.to_string());
        by_title.or_else(by_number).map(|[.., words]| words.clone()).unwrap_or_default()
    };
    let told = (1..).zip(&steps).map(|(number, check)| {
        let task = tasks.get(&check.id).cloned();
        task.unwrap_or_else(|| words(number, &cell(&check.title)))
    });
    let told: Vec<String> = told.collect();
    let has_words = told.iter().any(|words| !words.is_empty());
    let mut table = if has_words {
        "| | Step | You have it when | Points |\n|---|---|---|---|\n".to_owned()
    } else {
        "| | Step | Points |\n|---|---|---|\n".to_owned()
    };
    for ((number, check), words) in (1..).zip(&steps).zip(told) {
        let words = if has_words { format!(" {words} |") } else { String::new() };
        let points = if check.points > 0 { check.points.to_string() } else { format!("{} bonus", check.bonus) };
        let _ = writeln!(table, "| {number} | {} |{words} {points} |", cell(&check.title)); // a string takes all
    }
    table
}

/// Number, title and words of a row; without the words where there is no such column.
fn row(line: &str) -> Option<[String; 3]> {
    let inner = line.trim().strip_prefix('|')?.strip_suffix('|')?.replace("\\|", "\u{0}");
    let cells: Vec<String> = inner.split('|').map(|cell| cell.trim().replace('\u{0}', "\\|")).collect();
    match cells.as_slice() {
        [number, title, words, _] if number.parse::<u32>().is_ok() => {
            Some([number.clone(), title.clone(), words.clone()])
        }
        _ => None,
    }
}

/// A title in a cell of a table.
fn cell(title: &str) -> String {
    title.replace('|', "\\|")
}
