//! `USER name:group`, as Docker takes it apart.

use crate::dockerfile::{Dockerfile, Kind, Setting};

/// What a USER sets. A part is missing where it is not written, or where only the base image may know it.
#[derive(Debug, PartialEq, Eq)]
pub(super) struct WrittenUser {
    /// A name or a number; empty for `USER :staff`, which is root.
    pub name: Option<String>,
    /// A name or a number.
    pub group: Option<String>,
}

impl WrittenUser {
    /// Takes a setting apart.
    pub fn of(file: &Dockerfile, setting: &Setting<String>) -> Self {
        let written = match file.instructions.get(setting.instruction).map(|instruction| &instruction.kind) {
            Some(Kind::User(text)) => text.as_str(),
            _ => setting.value.as_str(),
        };
        let (name, group) = parts(&setting.value);
        // Variables that nothing in this file sets make only that part unknown which they are in.
        let (written_name, written_group) = parts(written);
        let names = |text: &str| setting.unknown.iter().any(|name| text.contains('$') && text.contains(name.as_str()));
        let is_unknown = |text: Option<&str>| text.map_or_else(|| names(written), names);
        Self {
            name: Some(name).filter(|_| !is_unknown(Some(written_name))).map(str::to_owned),
            group: group.filter(|group| !group.is_empty() && !is_unknown(written_group)).map(str::to_owned),
        }
    }
}

/// Splits at the first colon that is not in braces.
fn parts(user: &str) -> (&str, Option<&str>) {
    let mut depth = 0_usize;
    for (at, c) in user.char_indices() {
        match c {
            '{' => depth += 1,
            '}' => depth = depth.saturating_sub(1),
            ':' if depth == 0 => return (user.get(..at).unwrap_or_default(), user.get(at + 1..)),
            _ => {}
        }
    }
    (user, None)
}

/// Whether a name is root's, without the image's `/etc/passwd`: nothing, `root`, or a number that is 0.
pub(super) fn is_root(name: &str) -> bool {
    matches!(name, "" | "root") || name.parse() == Ok(0_i64)
}
