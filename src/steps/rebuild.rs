//! `rebuild:` builds the image once more, to see what the build cache saves.

use super::answers::{StepFact, fact};
use super::workspace::{overwrite, plant, read as read_file};
use super::{Acting, Action, Needs, StepKind, StepLimits, StepRunner, Turn, kind};
use crate::facts::registry::Type;
use crate::facts::{Facts, cache};
use crate::language::grammar::{Key, ValueKind, may};
use crate::language::scope::Scope;
use crate::outcome::Fault;
use crate::yaml::Node;
use std::sync::atomic::{AtomicU32, Ordering};
use std::time::Duration;
use tokio::time::Instant;

/// `rebuild:`
pub static KIND: StepKind = StepKind {
    name: "rebuild",
    doc: "Builds the image once more, to see what the build cache saves.",
    takes: ValueKind::Record(&KEYS),
    one_of: &[],
    answers: &ANSWERS,
    afresh: &[],
    read: |scope, node, _| kind::boxed(Some(read(scope, node))),
};

static KEYS: [Key; 1] = [may("touch", ValueKind::Path, "A file that is changed before: a blank line is added to it.")];

const INSTRUCTIONS: Type = Type::List(&Type::Record(&[
    ("line", Type::Int),
    ("name", Type::Text),
    ("text", Type::Text),
    ("does", Type::Text),
    ("stage", Type::Text),
]));

static ANSWERS: [StepFact; 2] = [
    fact("cached", INSTRUCTIONS, "The instructions whose result was taken from the build cache."),
    fact("rebuilt", INSTRUCTIONS, "The instructions that were done anew."),
];

/// The longest file that is touched, and the longest Dockerfile.
const MAX_FILE: u64 = 16 << 20;
/// The longest script that is read.
const MAX_SCRIPT: u64 = 64 << 10;
/// The number of the image: beyond those of the services.
const IMAGE: u32 = 1000;
/// How many times something was changed to be built anew.
static CHANGES: AtomicU32 = AtomicU32::new(0);

/// A build after a change, or without one.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Rebuild {
    /// A file that is changed before.
    pub touch: Option<String>,
}

fn read(scope: &Scope<'_>, node: &Node) -> Rebuild {
    let fields = scope.fields(node, "`{ touch: FILE }`", &[&KEYS]);
    Rebuild { touch: fields.get("touch").and_then(|node| scope.path(node)) }
}

impl Action for Rebuild {
    fn needs(&self) -> Needs {
        Needs { files: true, ..Needs::default() }
    }

    fn texts(&mut self) -> Vec<&mut String> {
        Vec::new()
    }

    fn limit(&self, limits: &StepLimits) -> Duration {
        limits.build
    }

    fn act<'r>(&'r self, runner: &'r mut StepRunner<'_>, _: Turn<'r>) -> Acting<'r, Facts> {
        Box::pin(runner.rebuild(self.touch.as_deref()))
    }
}

impl StepRunner<'_> {
    /// Builds from a copy that no container has written into.
    async fn rebuild(&mut self, touch: Option<&str>) -> Result<Facts, Fault> {
        let begin = Instant::now();
        let workspace = self.workspace.ok_or_else(|| Fault::machine("there is nothing that could be built again"))?;
        let root = self.copy().await?;
        let run = self.engine.run.id.as_str();
        // What was changed in the same way in an earlier run would be found in the cache.
        let count = *self.made.change.get_or_insert_with(|| CHANGES.fetch_add(1, Ordering::Relaxed));
        for (file, bytes) in &self.made.changed {
            plant(&root, file, &marked(bytes, run, count), MAX_FILE)?;
        }
        let mut untouched = None;
        if let Some(file) = touch {
            let bytes = read_file(&root, file, file, MAX_FILE)?;
            overwrite(&root, file, &marked(&bytes, run, CHANGES.fetch_add(1, Ordering::Relaxed)))?;
            untouched = Some((file, bytes));
        }
        let path = workspace.dockerfile;
        let parsed = workspace.dockerfiles.parse(&read_file(&root, path, path, MAX_FILE)?);
        let tag = self.engine.run.image_tag(IMAGE);
        let built = workspace.builder.build(&root, parsed.file(), &tag, self.doing).await;
        if let Some((file, bytes)) = untouched {
            overwrite(&root, file, &bytes)?;
        }
        let built = built?;
        let mut facts = Facts::default();
        let script = |path: &str| {
            let bytes = read_file(&root, path, path, MAX_SCRIPT).ok()?;
            Some(String::from_utf8_lossy(&bytes).into_owned())
        };
        cache::put(&mut facts, parsed.file(), path, &built.steps, &script);
        facts.put("seconds", begin.elapsed());
        Ok(facts)
    }
}

/// The file with blank lines at its end that no other change has: as many blanks as the digits of the run's id and the
/// count say.
fn marked(bytes: &[u8], run: &str, count: u32) -> Vec<u8> {
    let mut marked = bytes.to_vec();
    let digits = run.bytes().chain(format!("{count:x}").into_bytes());
    let digits: Vec<usize> = digits.filter_map(|digit| char::from(digit).to_digit(16)).map(|it| it as usize).collect();
    for pair in digits.chunks(2) {
        let blanks = pair.iter().fold(0, |sum, digit| sum * 16 + digit);
        marked.push(b'\n');
        marked.resize(marked.len() + blanks, b' ');
    }
    marked.push(b'\n');
    marked
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_change_is_blank_and_like_no_other() {
        let one = marked(b"x = 1", "00ff0a000001", 0);
        assert!(one.starts_with(b"x = 1\n") && one.ends_with(b"\n"));
        assert_eq!(String::from_utf8(one.clone()).unwrap().trim(), "x = 1");
        for (run, count) in [("00ff0a000001", 1), ("00ff0a000001", 16), ("00ff0a000002", 0)] {
            assert_ne!(one, marked(b"x = 1", run, count));
        }
    }
}
