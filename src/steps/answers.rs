//! What the steps of a check bring back: names, types and meanings, as the registry has them for all other facts.

use crate::facts::registry::Type;

/// One fact that steps bring back.
#[derive(Debug, Clone, Copy)]
pub struct Answer {
    /// Its name.
    pub name: &'static str,
    /// Its type.
    pub kind: Type,
    /// What it is, in a sentence.
    pub doc: &'static str,
    /// The actions that bring it back.
    pub actions: &'static [&'static str],
}

const COMMANDS: &[&str] = &["exec", "run"];
const FILES: Type = Type::List(&Type::Record(&[
    ("path", Type::Text),
    ("kind", Type::Word(&["file", "folder", "link", "other"])),
    ("mode", Type::Mode),
    ("owner", Type::Text),
    ("size", Type::Size),
    ("content", Type::Text),
]));
const INSTRUCTIONS: Type = Type::List(&Type::Record(&[
    ("line", Type::Int),
    ("name", Type::Text),
    ("text", Type::Text),
    ("stage", Type::Text),
]));

/// All of them, by action.
pub static ANSWERS: [Answer; 13] = [
    Answer { name: "answered", kind: Type::Bool, doc: "Whether an answer came at all.", actions: &["http"] },
    Answer { name: "status", kind: Type::Int, doc: "The status code.", actions: &["http"] },
    Answer {
        name: "headers",
        kind: Type::Map(&Type::Text),
        doc: "The headers, their names in lower case: `headers.content-type`.",
        actions: &["http"],
    },
    Answer { name: "body", kind: Type::Text, doc: "The body.", actions: &["http"] },
    Answer { name: "exit_code", kind: Type::Int, doc: "What the command exited with.", actions: COMMANDS },
    Answer { name: "stdout", kind: Type::Text, doc: "What it printed.", actions: COMMANDS },
    Answer { name: "stderr", kind: Type::Text, doc: "What it printed on standard error.", actions: COMMANDS },
    Answer {
        name: "json",
        kind: Type::Any,
        doc: "The body, or what was printed, read as JSON: `json.items`.",
        actions: &["http", "exec", "run"],
    },
    Answer {
        name: "found",
        kind: FILES,
        doc: "What is there: `kind` is `file`, `folder`, `link` or `other`, `mode` as in `0644`, `content` that of a text file up to 64 KiB.",
        actions: &["files"],
    },
    Answer { name: "missing", kind: Type::List(&Type::Text), doc: "The paths that nothing fits.", actions: &["files"] },
    Answer {
        name: "cached",
        kind: INSTRUCTIONS,
        doc: "The instructions whose result was taken from the build cache.",
        actions: &["rebuild"],
    },
    Answer { name: "rebuilt", kind: INSTRUCTIONS, doc: "The instructions that were done anew.", actions: &["rebuild"] },
    Answer {
        name: "seconds",
        kind: Type::Duration,
        doc: "How long it took.",
        actions: &["http", "exec", "run", "files", "container", "compose", "edit", "rebuild", "wait"],
    },
];
