//! The reference as a page of Markdown.

use super::{ReferenceBook, Table};
use crate::challenge::{Check, Example};
use std::fmt::Write as _;

/// The page. Writing to a string never fails.
pub fn text(reference: &ReferenceBook) -> String {
    let mut page = String::from("# The check language\n\nMade by `grader explain --all --format markdown`.\n");
    for section in &reference.sections {
        let _ = write!(page, "\n## {}\n\n{}\n", section.title, section.about);
        for table in &section.tables {
            self::table(&mut page, table);
        }
    }
    page.push_str("\n## Checks of the library\n");
    for check in &reference.checks {
        self::check(&mut page, check);
    }
    page
}

fn table(page: &mut String, table: &Table) {
    let _ = write!(page, "\n### {}\n", table.title);
    if !table.about.is_empty() {
        let _ = write!(page, "\n{}\n", table.about);
    }
    if table.rows.is_empty() {
        return;
    }
    let [first, second, third] = table.columns;
    let _ = write!(page, "\n| {first} | {second} | {third} |\n|---|---|---|\n");
    for [name, kind, doc] in &table.rows {
        let _ = writeln!(page, "| `{}` | {} | {} |", cell(name), cell(kind), cell(doc));
    }
}

/// A `|` would end the cell.
fn cell(text: &str) -> String {
    text.replace('|', "\\|").replace('\n', " ")
}

fn check(page: &mut String, check: &Check) {
    let _ = write!(page, "\n### {}\n\n`{}`: {}\n", check.title, check.id, check.why);
    if !check.needs.is_empty() {
        let needs: Vec<String> = check.needs.iter().map(|need| format!("`{need}`")).collect();
        let _ = write!(page, "\nNeeds {}.\n", needs.join(", "));
    }
    page.push('\n');
    for (index, hint) in check.hints.iter().enumerate() {
        let _ = writeln!(page, "{}. {hint}", index + 1);
    }
    for (title, examples) in [("Passes with", &check.examples.pass), ("Fails with", &check.examples.fail)] {
        if !examples.is_empty() {
            let _ = write!(page, "\n{title}\n");
        }
        for example in examples {
            let _ = write!(page, "\n```yaml\n{}```\n", self::example(example));
        }
    }
}

/// An example as it could be written.
fn example(example: &Example) -> String {
    let mut text = String::new();
    for (fact, value) in &example.facts {
        let _ = writeln!(text, "{fact}: {}", value.as_str().map_or_else(|| value.to_string(), str::to_owned));
    }
    if !example.steps.is_empty() {
        text.push_str("steps:\n");
    }
    for step in &example.steps {
        let answers: Vec<String> = step.iter().map(|(name, value)| format!("{name}: {value}")).collect();
        let answers = if answers.is_empty() { "{}".to_owned() } else { format!("{{ {} }}", answers.join(", ")) };
        let _ = writeln!(text, "  - {answers}");
    }
    if !example.files.is_empty() {
        text.push_str("files:\n");
    }
    for (path, content) in &example.files {
        let _ = writeln!(text, "  {path}: |");
        for line in content.lines() {
            let _ = writeln!(text, "    {line}");
        }
    }
    text
}
