//! A first line that names a schema which isn't there: the editor then completes and checks nothing.

use super::LintRule;
use crate::diagnostic::Diagnostic;
use crate::lint::source::LintedFile;
use crate::lint::view::LintedChallenge;
use crate::lint::{Linted, Severity};
use crate::yaml::Span;
use std::path::Path;

pub(super) const RULE: LintRule = LintRule { name: "schema-line", severity: Severity::Warning, look };

/// What an editor looks for in a comment.
const MARK: &str = "yaml-language-server: $schema=";
/// The schemas that grader writes, by their names.
const SCHEMAS: [&str; 3] = ["schema.json", "case.schema.json", "course.schema.json"];
/// How far up a schema is looked for.
const HIGHEST: usize = 4;

fn look(it: &LintedChallenge<'_>) -> Vec<Diagnostic> {
    let cases = it
        .material
        .cases
        .iter()
        .filter_map(|case| LintedFile::read(&Path::new(&case.place).join("expect.yaml"), &mut Linted::default()));
    let cases: Vec<LintedFile> = cases.collect();
    let own = it.checks.iter().map(|check| check.source).filter(|source| Path::new(&source.path).is_file());
    let files = std::iter::once((it.source, "schema.json")).chain(own.map(|source| (source, "schema.json")));
    let files = files.chain(cases.iter().map(|source| (source, "case.schema.json")));
    files.filter_map(|(source, schema)| wrong(source, schema)).collect()
}

/// What is wrong with the line of one file, whose schema is called so.
pub(in crate::lint) fn wrong(source: &LintedFile, schema: &str) -> Option<Diagnostic> {
    let text = String::from_utf8_lossy(&source.text);
    let mut comments = text.lines().enumerate().take_while(|(_, line)| line.starts_with('#'));
    let (index, line, at) = comments.find_map(|(index, line)| Some((index, line, line.find(MARK)? + MARK.len())))?;
    let named = line.get(at..)?.split_whitespace().next()?;
    let folder = Path::new(&source.path).parent()?;
    let name = Path::new(named).file_name().and_then(|name| name.to_str()).unwrap_or_default();
    let is_kind = name == schema || !SCHEMAS.contains(&name);
    if named.contains("://") || (is_kind && folder.join(named).is_file()) {
        return None;
    }
    let (line, column) = (u32::try_from(index).ok()? + 1, u32::try_from(line.get(..at)?.chars().count()).ok()? + 1);
    let end_column = column + u32::try_from(named.chars().count()).ok()?;
    let message = if is_kind {
        format!("there is no schema `{named}`")
    } else {
        format!("`{named}` is the schema of other files")
    };
    let mut told = source.diagnostic(Span { line, column, end_line: line, end_column }, message);
    let right =
        (0..=HIGHEST).map(|up| format!("{}{schema}", "../".repeat(up))).find(|path| folder.join(path).is_file());
    let flag = schema.strip_suffix(".schema.json").map(|kind| format!(" --{kind}")).unwrap_or_default();
    told.help = Some(match right {
        Some(path) => format!("write `# {MARK}{path}`"),
        None => format!("`grader schema{flag} > {schema}` writes one; name it relative to this file"),
    });
    Some(told)
}
