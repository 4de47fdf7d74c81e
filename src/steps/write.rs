//! `write:` plants a file in the graded copy, for as long as the check's steps go on: a secret, a changed requirement.

use super::edit::Edited;
use super::keys::verbatim;
use super::workspace::plant;
use super::{Acting, Action, Needs, StepKind, StepRunner, Turn, kind};
use crate::facts::Facts;
use crate::language::grammar::{Key, ValueKind, must};
use crate::language::scope::Scope;
use crate::outcome::Fault;
use crate::yaml::Node;
use tokio::time::Instant;

/// `write:`
pub static KIND: StepKind = StepKind {
    name: "write",
    doc: "Writes a file of the copy that is graded, which need not be there; it is put back after the check.",
    takes: ValueKind::Record(&KEYS),
    one_of: &[],
    answers: &[],
    afresh: &[],
    read: |scope, node, _| kind::boxed(read(scope, node)),
};

static KEYS: [Key; 2] =
    [must("file", ValueKind::Path, "The file."), must("content", ValueKind::Verbatim, "All that is in it then.")];

/// The longest file that is written over.
const MAX_FILE: u64 = 1 << 20;

/// A file that is planted.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct WriteFile {
    /// The file, relative to the repository.
    pub file: String,
    /// What is in it.
    pub content: String,
}

fn read(scope: &Scope<'_>, node: &Node) -> Option<WriteFile> {
    let fields = scope.fields(node, "`{ file: …, content: … }`", &[&KEYS]);
    node.as_map()?;
    for key in KEYS.iter().filter(|key| fields.get(key.name).is_none()) {
        scope.problem(fields.start(), format!("`{}` is missing here", key.name));
    }
    let file = scope.path(fields.get("file")?);
    Some(WriteFile { content: verbatim(scope, fields, "content")?, file: file? })
}

impl Action for WriteFile {
    fn needs(&self) -> Needs {
        Needs { files: true, ..Needs::default() }
    }

    fn texts(&mut self) -> Vec<&mut String> {
        vec![&mut self.content]
    }

    fn changes_stack(&self) -> bool {
        true
    }

    fn act<'r>(&'r self, runner: &'r mut StepRunner<'_>, _: Turn<'r>) -> Acting<'r, Facts> {
        Box::pin(runner.write(self))
    }
}

impl StepRunner<'_> {
    async fn write(&mut self, write: &WriteFile) -> Result<Facts, Fault> {
        let WriteFile { file, content } = write;
        let begin = Instant::now();
        (self.doing)(format!("write {file}"));
        let root = match &self.stack {
            Some(_) => self.workspace()?.root.to_owned(),
            None => self.copy().await?,
        };
        for (root, path) in self.mounted(&root, file) {
            let before = plant(&root, &path, content.as_bytes(), MAX_FILE)?;
            self.made.edits.push(Edited { root, file: path, before });
        }
        self.made.changed.insert(file.to_owned(), content.clone().into_bytes());
        let mut facts = Facts::default();
        facts.put("seconds", begin.elapsed());
        Ok(facts)
    }
}
