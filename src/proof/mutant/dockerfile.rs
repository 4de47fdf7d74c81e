//! Mutants of a Dockerfile: without an instruction, as root, without a health check, of one stage.

use super::{Change, short, with_lines};
use crate::dockerfile::{Dockerfile, Dockerfiles, Instruction, Kind, Stage};

/// The longest instruction that a name holds whole.
const LONGEST: usize = 64;

/// All of them. `has_image` says whether a check looks at the image at all.
pub(super) fn changes(text: &str, has_image: bool) -> Vec<Change> {
    let parsed = Dockerfiles::default().parse(text.as_bytes());
    let file = parsed.file();
    let mut changes = Vec::new();
    for instruction in &file.instructions {
        // Without its FROM a stage would be a part of the one before: that is a mutant of its own.
        if matches!(instruction.kind, Kind::From(_)) {
            continue;
        }
        changes.push(replaced(text, instruction, format!("without {}", short(&instruction.original, LONGEST)), ""));
    }
    let last = |name: &str| file.instructions.iter().rfind(|instruction| instruction.name == name);
    if let Some(user) = last("USER") {
        let what = format!("USER root instead of {}", short(&user.original, LONGEST));
        changes.push(replaced(text, user, what, "USER root"));
    }
    if let Some(health) = last("HEALTHCHECK") {
        changes.push(replaced(text, health, "HEALTHCHECK NONE".to_owned(), "HEALTHCHECK NONE"));
    }
    changes.extend(merged(text, file));
    changes.extend(super::worse::changes(text, file, has_image));
    changes
}

fn replaced(text: &str, instruction: &Instruction, what: String, by: &str) -> Change {
    let lines = instruction.span.line..=instruction.span.end_line;
    Change { what, line: Some(instruction.span.line), text: Some(with_lines(text, lines, by)) }
}

/// The last stage built from the one that it copies from, and so with all that is in it.
fn merged(text: &str, file: &Dockerfile) -> Option<Change> {
    let last = file.stages.last()?;
    let own = file.instructions.get(last.instructions.clone())?;
    let copied = |instruction: &Instruction| match &instruction.kind {
        Kind::Copy(copy) => stage(file, copy.from.as_deref()?).map(|stage| (stage.index, copy.clone())),
        _ => None,
    };
    let (builder, _) = own.iter().find_map(copied)?;
    let builder = file.stages.get(builder).filter(|builder| builder.index < last.index)?;
    let from = own.first()?;
    let name = builder.name.clone().unwrap_or_else(|| "merged".to_owned());
    let mut made = text.to_owned();
    // From the end on, so that the lines before stay where they are.
    for instruction in own.iter().skip(1).rev() {
        if let Some((index, copy)) = copied(instruction)
            && index == builder.index
            && copy.sources == [copy.destination]
        {
            made = with_lines(&made, instruction.span.line..=instruction.span.end_line, "");
        }
    }
    let alias = last.name.as_ref().map(|name| format!(" AS {name}")).unwrap_or_default();
    made = with_lines(&made, from.span.line..=from.span.end_line, &format!("FROM {name}{alias}"));
    if builder.name.is_none() {
        let first = file.instructions.get(builder.instructions.start)?;
        let named = format!("{} AS {name}", first.original.trim());
        made = with_lines(&made, first.span.line..=first.span.end_line, &named);
    }
    Some(Change { what: format!("stages merged: FROM {name}"), line: Some(from.span.line), text: Some(made) })
}

/// The stage that `--from` means.
fn stage<'f>(file: &'f Dockerfile, from: &str) -> Option<&'f Stage> {
    let by_name = file.stages.iter().rfind(|stage| stage.name.as_deref() == Some(from.to_lowercase().as_str()));
    by_name.or_else(|| file.stages.get(from.parse::<usize>().ok()?))
}

#[cfg(test)]
mod tests {
    use super::*;

    fn made(text: &str) -> Vec<(String, String)> {
        changes(text, false).into_iter().map(|change| (change.what, change.text.unwrap_or_default())).collect()
    }

    #[test]
    fn instructions_are_dropped_with_all_their_lines() {
        let text = "# top\nFROM a\nHEALTHCHECK --interval=1s \\\n  # why\n  CMD x\nUSER app\n";
        let made = made(text);
        let names: Vec<&str> = made.iter().map(|(name, _)| name.as_str()).collect();
        assert_eq!(
            names,
            [
                "without HEALTHCHECK --interval=1s CMD x",
                "without USER app",
                "USER root instead of USER app",
                "HEALTHCHECK NONE"
            ]
        );
        assert_eq!(made[0].1, "# top\nFROM a\nUSER app\n");
        assert_eq!(made[2].1, "# top\nFROM a\nHEALTHCHECK --interval=1s \\\n  # why\n  CMD x\nUSER root\n");
        assert_eq!(made[3].1, "# top\nFROM a\nHEALTHCHECK NONE\nUSER app\n");
    }

    #[test]
    fn stages_are_merged_by_name_or_number() {
        let named = "FROM a AS one\nRUN x\nFROM b AS two\nCOPY --from=one /o /o\nCOPY --from=one /i /p\n";
        let last = made(named).pop().unwrap_or_default();
        assert_eq!(last.0, "stages merged: FROM one");
        assert_eq!(last.1, "FROM a AS one\nRUN x\nFROM one AS two\nCOPY --from=one /i /p\n");
        let numbered = made("FROM a\nFROM b\nCOPY --from=0 /o /p\n").pop().unwrap_or_default();
        assert_eq!(numbered.1, "FROM a AS merged\nFROM merged\nCOPY --from=0 /o /p\n");
        assert_eq!(made("FROM a\nCOPY --from=nginx /o /p\n").len(), 1);
    }
}
