//! Mutants of a Dockerfile with one thing worse: the shell in between, the latest image, packages installed after the
//! source, a secret, a program that is no longer static.

use super::{Change, short, with_lines};
use crate::dockerfile::{Command, Dockerfile, Instruction, Kind};

/// The longest instruction that a name holds whole.
const LONGEST: usize = 64;
/// A secret that nobody would want to ship.
const SECRET: &str = "ENV SECRET_KEY=correct-horse-battery-staple";

/// All of them. `has_image` says whether a check looks at the image at all.
pub(super) fn changes(text: &str, file: &Dockerfile, has_image: bool) -> Vec<Change> {
    let mut changes = Vec::new();
    let Some(last) = file.stages.last() else { return changes };
    for (index, instruction) in file.instructions.iter().enumerate() {
        match &instruction.kind {
            Kind::From(from) => changes.extend(latest(text, file, instruction, &from.base)),
            Kind::Cmd(Command::Exec(words)) | Kind::Entrypoint(Command::Exec(words))
                if last.instructions.contains(&index) && !words.is_empty() =>
            {
                let name = &instruction.name;
                let line: Vec<String> = words.iter().map(|word| quoted(word)).collect();
                changes.push(change(
                    text,
                    instruction,
                    format!("{name} in shell form"),
                    &format!("{name} {}", line.join(" ")),
                ));
            }
            Kind::Run(_) => changes.extend(dynamic(text, instruction)),
            _ => {}
        }
    }
    changes.extend(
        file.stages.iter().filter_map(|stage| source_first(text, file.instructions.get(stage.instructions.clone())?)),
    );
    if let Some(from) = file.instructions.get(last.instructions.start).filter(|_| has_image) {
        let own = original(text, from);
        changes.push(change(text, from, "with a secret in ENV".to_owned(), &format!("{own}\n{SECRET}")));
    }
    changes
}

fn change(text: &str, at: &Instruction, what: String, by: &str) -> Change {
    let lines = at.span.line..=at.span.end_line;
    Change { what, line: Some(at.span.line), text: Some(with_lines(text, lines, by)) }
}

/// An instruction's lines as they are written, without the last line end.
fn original(text: &str, instruction: &Instruction) -> String {
    let lines = (1u32..).zip(text.lines());
    let own = lines.filter(|(number, _)| (instruction.span.line..=instruction.span.end_line).contains(number));
    own.map(|(_, line)| line).collect::<Vec<_>>().join("\n")
}

/// A word as a shell reads it.
fn quoted(word: &str) -> String {
    let is_plain = |c: char| c.is_ascii_alphanumeric() || "-_./:=,@%+$".contains(c);
    if !word.is_empty() && word.chars().all(is_plain) {
        word.to_owned()
    } else {
        format!("'{}'", word.replace('\'', "'\\''"))
    }
}

/// The image's latest version instead of the one that is named.
fn latest(text: &str, file: &Dockerfile, from: &Instruction, base: &str) -> Option<Change> {
    let is_stage = file.stages.iter().any(|stage| stage.name.as_deref() == Some(base.to_lowercase().as_str()));
    if is_stage || base == "scratch" || base.contains(['$', '@']) {
        return None;
    }
    let (name, tag) = base.rsplit_once(':').filter(|(_, tag)| !tag.contains('/'))?;
    if tag == "latest" {
        return None;
    }
    let made = original(text, from).replacen(base, &format!("{name}:latest"), 1);
    Some(change(text, from, format!("{name}:latest instead of {base}"), &made))
}

/// The last file that a stage copies after it installs packages, copied before that.
fn source_first(text: &str, stage: &[Instruction]) -> Option<Change> {
    let is_install = |it: &Instruction| {
        matches!(it.kind, Kind::Run(_))
            && it.original.split_whitespace().any(|word| matches!(word, "install" | "ci" | "download"))
    };
    let install = stage.iter().position(|it| is_install(it) && !it.original.contains("apt"))?;
    let is_source = |it: &&Instruction| matches!(&it.kind, Kind::Copy(copy) if copy.from.is_none());
    let copy = stage.get(install + 1..)?.iter().rfind(is_source)?;
    let install = stage.get(install)?;
    let without = with_lines(text, copy.span.line..=copy.span.end_line, "");
    let both = format!("{}\n{}", original(text, copy), original(text, install));
    let what = format!("{} before {}", short(&copy.original, LONGEST), short(&install.original, LONGEST));
    let made = with_lines(&without, install.span.line..=install.span.end_line, &both);
    Some(Change { what, line: Some(copy.span.line), text: Some(made) })
}

/// A program that needs the libraries of the image that it was built in.
fn dynamic(text: &str, run: &Instruction) -> Option<Change> {
    let own = original(text, run);
    let option = [" -static ", " --static ", " -static\n"].into_iter().find(|option| own.contains(option));
    let option = option.or_else(|| own.ends_with(" -static").then_some(" -static"))?;
    let made = own.replacen(option, if option.ends_with(' ') { " " } else { "" }, 1);
    Some(change(text, run, format!("{} without {}", short(&run.original, LONGEST), option.trim()), &made))
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::dockerfile::Dockerfiles;

    fn made(text: &str) -> Vec<(String, String)> {
        let parsed = Dockerfiles::default().parse(text.as_bytes());
        let changes = changes(text, parsed.file(), true);
        changes.into_iter().map(|change| (change.what, change.text.unwrap_or_default())).collect()
    }

    #[test]
    fn one_thing_is_worse() {
        let text = "FROM gcc:13 AS build\nRUN gcc -O2 \\\n  -static -o /hello hello.c\nFROM python:3-slim\n\
            COPY requirements.txt .\nRUN pip install -r requirements.txt\nCOPY src/ src/\nCMD [\"python\", \"my app.py\"]\n";
        let worse = |from: &str, to: &str| text.replace(from, to);
        assert_eq!(
            made(text),
            [
                ("gcc:latest instead of gcc:13", worse("gcc:13", "gcc:latest")),
                ("RUN gcc -O2 -static -o /hello hello.c without -static", worse("-static ", "")),
                ("python:latest instead of python:3-slim", worse("python:3-slim", "python:latest")),
                ("CMD in shell form", worse("[\"python\", \"my app.py\"]", "python 'my app.py'")),
                (
                    "COPY src/ src/ before RUN pip install -r requirements.txt",
                    worse(
                        "RUN pip install -r requirements.txt\nCOPY src/ src/\n",
                        "COPY src/ src/\nRUN pip install -r requirements.txt\n"
                    )
                ),
                ("with a secret in ENV", worse("3-slim\n", &format!("3-slim\n{SECRET}\n"))),
            ]
            .map(|(what, text)| (what.to_owned(), text))
        );
        let fine = "FROM a AS b\nFROM b\nFROM scratch\nFROM x@sha256:1\nFROM $BASE:1\nFROM c:latest\nCMD run it\n";
        assert_eq!(made(fine).len(), 1, "{:?}", made(fine));
    }
}
