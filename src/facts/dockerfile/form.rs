//! The form of a command: a list, which is run as it is, or text for a shell.

use super::{at, line};
use crate::dockerfile::{Command, Dockerfile, Instruction, Kind};
use crate::facts::Fact;
use crate::facts::registry::Type;
use crate::place::Place;

/// The two forms.
pub(super) const FORM: Type = Type::Word(&["exec", "shell"]);

pub(super) const AFTER_LISTS: Type =
    Type::List(&Type::Record(&[("instruction", Type::Text), ("text", Type::Text), ("line", Type::Int)]));

/// The instructions that may have a list, as BuildKit's parser has it.
const WITH_LISTS: [&str; 8] = ["ADD", "CMD", "COPY", "ENTRYPOINT", "HEALTHCHECK", "RUN", "SHELL", "VOLUME"];

/// The most characters of a text that are kept.
const TEXT: usize = 200;

/// The form of a command.
pub(super) fn of(command: &Command) -> &'static str {
    match command {
        Command::Exec(_) => "exec",
        Command::Shell(_) => "shell",
    }
}

/// The form of an instruction's command, if it has one.
pub(super) fn of_instruction(instruction: &Instruction) -> Option<&'static str> {
    match &instruction.kind {
        Kind::Cmd(command) | Kind::Entrypoint(command) => Some(of(command)),
        Kind::Run(run) => Some(of(&run.command)),
        Kind::Healthcheck(check) => check.command.as_ref().map(of),
        Kind::Shell(_) => Some("exec"),
        _ => None,
    }
}

/// The mounts of a RUN.
pub(super) const MOUNTS: Type = Type::List(&Type::Record(&[
    ("type", Type::Word(&["bind", "cache", "tmpfs", "secret", "ssh"])),
    ("target", Type::Text),
    ("source", Type::Text),
    ("from", Type::Text),
    ("id", Type::Text),
]));

/// The most characters of an instruction that are kept.
const MOST: usize = 4000;

/// All of an instruction, in one line.
pub(super) fn text(instruction: &Instruction) -> String {
    instruction.original.split_whitespace().collect::<Vec<_>>().join(" ").chars().take(MOST).collect()
}

/// The mounts of an instruction, variables as they are written.
pub(super) fn mounts(instruction: &Instruction) -> Fact {
    let Kind::Run(run) = &instruction.kind else { return Fact::of(Vec::<Fact>::new()) };
    let mounts = run.mounts.iter().map(|mount| {
        let field = |names: &[&str]| Fact::maybe(mount.get(names));
        Fact::record([
            ("type", Fact::of(mount.get(&["type"]).unwrap_or("bind"))),
            ("target", field(&["target", "dst", "destination"])),
            ("source", field(&["source", "src"])),
            ("from", field(&["from"])),
            ("id", field(&["id"])),
        ])
    });
    Fact::of(mounts.collect::<Vec<_>>())
}

/// What follows lists: BuildKit read a list up to its end, and took no notice of the rest, until it began to take such a line
/// for text.
pub(super) fn after_lists(file: &Dockerfile, place: &Place) -> Fact {
    let found = file.instructions.iter().filter_map(|instruction| {
        let (name, text) = after_list(&instruction.original)?;
        let because =
            format!("older versions of Docker ignore `{text}`, newer ones take the list and `{text}` for one text");
        let record = Fact::record([
            ("instruction", Fact::of(name)),
            ("text", Fact::of(text)),
            ("line", line(instruction.span.line)),
        ]);
        Some(record.at(at(place, instruction.span)).because(because))
    });
    Fact::of(found.collect::<Vec<_>>()).at(place.clone())
}

/// The instruction's name, and what follows its list.
fn after_list(original: &str) -> Option<(String, String)> {
    let (mut name, mut rest) = word(original);
    if name.eq_ignore_ascii_case("ONBUILD") {
        (name, rest) = word(rest);
    }
    let name = name.to_ascii_uppercase();
    if !WITH_LISTS.contains(&name.as_str()) {
        return None;
    }
    while rest.starts_with("--") {
        rest = word(rest).1;
    }
    if name == "HEALTHCHECK" {
        rest = word(rest).1;
    }
    if !rest.starts_with('[') {
        return None;
    }
    let mut lists = serde_json::Deserializer::from_str(rest).into_iter::<Vec<String>>();
    lists.next()?.ok()?;
    let after = rest.get(lists.byte_offset()..)?.trim();
    (!after.is_empty()).then(|| (name, after.chars().take(TEXT).collect()))
}

/// The first word, and the rest without blanks before it.
fn word(text: &str) -> (&str, &str) {
    let text = text.trim_start();
    let end = text.find(char::is_whitespace).unwrap_or(text.len());
    let (word, rest) = text.split_at_checked(end).unwrap_or((text, ""));
    (word, rest.trim_start())
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn text_after_a_list_is_found() {
        for (text, expected) in [
            (r#"CMD ["x"] # text"#, Some("CMD: # text")),
            (r#"HEALTHCHECK --interval=5s CMD ["x"] || exit 1"#, Some("HEALTHCHECK: || exit 1")),
            (r#"run --network=none ["a"] && b"#, Some("RUN: && b")),
            (r#"ONBUILD ENTRYPOINT ["a"]["b"]"#, Some("ENTRYPOINT: [\"b\"]")),
            (r#"COPY ["a", "b"] # c"#, Some("COPY: # c")),
            (r#"SHELL ["a"] ;"#, Some("SHELL: ;")),
            (r#"CMD ["x"]  "#, None),
            ("CMD [ -f x ] && y", None),
            (r#"CMD ["x", 1] y"#, None),
            ("CMD ['x'] y", None),
            (r#"LABEL a=["x"] b=c"#, None),
            ("CMD", None),
            ("", None),
        ] {
            let found = after_list(text).map(|(name, text)| format!("{name}: {text}"));
            assert_eq!(found.as_deref(), expected, "{text}");
        }
    }
}
