//! `edit:` changes a file of the graded copy, for as long as the check's steps go on. Where the stack runs on that copy
//! and the check does not, it has a copy of its own.

use super::keys::verbatim;
use super::workspace::{overwrite, read as read_file, unplant};
use super::{Acting, Action, Needs, StepKind, StepRunner, Turn, kind};
use crate::facts::Facts;
use crate::language::grammar::{Key, ValueKind, must};
use crate::language::scope::Scope;
use crate::outcome::Fault;
use crate::place::Place;
use crate::yaml::Node;
use std::path::{Path, PathBuf};
use tokio::task::spawn_blocking;
use tokio::time::Instant;

/// `edit:`
pub static KIND: StepKind = StepKind {
    name: "edit",
    doc: "Changes a file of the copy that is graded.",
    takes: ValueKind::Record(&KEYS),
    one_of: &[],
    answers: &[],
    afresh: &[],
    read: |scope, node, _| kind::boxed(read(scope, node)),
};

static KEYS: [Key; 3] = [
    must("file", ValueKind::Path, "The file."),
    must("replace", ValueKind::Verbatim, "The text that is replaced, wherever it stands."),
    must("with", ValueKind::Verbatim, "What stands there then."),
];

/// The longest file that is changed.
const MAX_FILE: u64 = 1 << 20;

/// A change of a file.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Edit {
    /// The file, relative to the repository.
    pub file: String,
    /// What is replaced, wherever it stands.
    pub replace: String,
    /// What stands there then.
    pub with: String,
}

/// A file that was changed.
#[derive(Debug)]
pub(crate) struct Edited {
    pub(super) root: PathBuf,
    pub(super) file: String,
    /// What it had before; nothing if it was not there.
    pub(super) before: Option<Vec<u8>>,
}

fn read(scope: &Scope<'_>, node: &Node) -> Option<Edit> {
    let fields = scope.fields(node, "`{ file: …, replace: …, with: … }`", &[&KEYS]);
    node.as_map()?;
    for key in KEYS.iter().filter(|key| fields.get(key.name).is_none()) {
        scope.problem(fields.start(), format!("`{}` is missing here", key.name));
    }
    let file = scope.path(fields.get("file")?);
    let replace = verbatim(scope, fields, "replace")?;
    if replace.is_empty() {
        scope.problem(fields.start(), "the text to replace is empty");
    }
    Some(Edit { file: file?, replace, with: verbatim(scope, fields, "with")? })
}

impl Action for Edit {
    fn needs(&self) -> Needs {
        Needs { files: true, ..Needs::default() }
    }

    fn texts(&mut self) -> Vec<&mut String> {
        vec![&mut self.replace, &mut self.with]
    }

    fn changes_stack(&self) -> bool {
        true
    }

    fn act<'r>(&'r self, runner: &'r mut StepRunner<'_>, _: Turn<'r>) -> Acting<'r, Facts> {
        Box::pin(runner.edit(self))
    }
}

impl StepRunner<'_> {
    async fn edit(&mut self, edit: &Edit) -> Result<Facts, Fault> {
        let Edit { file, replace, with } = edit;
        let begin = Instant::now();
        (self.doing)(format!("edit {file}"));
        let root = match &self.stack {
            Some(_) => self.workspace()?.root.to_owned(),
            None => self.copy().await?,
        };
        let before = text(&root, file)?;
        let after = before.replace(replace, with);
        if !before.contains(replace) {
            return Err(Fault::learner(Place::file(file), format!("{file} holds no `{replace}`")));
        }
        for (root, path) in self.mounted(&root, file) {
            let before = read_file(&root, &path, file, MAX_FILE)?;
            overwrite(&root, &path, after.as_bytes())?;
            self.made.edits.push(Edited { root, file: path, before: Some(before) });
        }
        self.made.changed.insert(file.to_owned(), after.into_bytes());
        let mut facts = Facts::default();
        facts.put("seconds", begin.elapsed());
        Ok(facts)
    }

    /// Puts all files back, the last change first. A slow disk keeps nothing else of the run waiting.
    pub(super) async fn undo_edits(&mut self) {
        self.made.changed.clear();
        let edits = std::mem::take(&mut self.made.edits);
        if edits.is_empty() {
            return;
        }
        let undone = spawn_blocking(move || {
            for edited in edits.into_iter().rev() {
                // What a container has taken away can't be put back; the copy is gone at the end of the run anyway.
                let _ = match &edited.before {
                    Some(before) => overwrite(&edited.root, &edited.file, before),
                    None => unplant(&edited.root, &edited.file),
                };
            }
        });
        let _ = undone.await; // without a panic in it there is no error
    }

    /// The file, and the copies of it that services mount.
    pub(super) fn mounted(&self, root: &Path, file: &str) -> Vec<(PathBuf, String)> {
        let mut found = vec![(root.to_owned(), file.to_owned())];
        let copies = self.stack.as_deref().map(crate::engine::stack::Stack::copies).unwrap_or_default();
        let path = root.join(file);
        let folder = path.parent().and_then(|folder| folder.canonicalize().ok());
        let planted = || folder.and_then(|folder| Some(folder.join(path.file_name()?)));
        let Some(real) = path.canonicalize().ok().or_else(planted) else { return found };
        for (from, to) in copies {
            let Ok(rest) = real.strip_prefix(from) else { continue };
            let whole = if rest.as_os_str().is_empty() { to.clone() } else { to.join(rest) };
            let folder = if to.is_dir() { Some(to.as_path()) } else { to.parent() };
            let path = folder.and_then(|folder| Some((folder, whole.strip_prefix(folder).ok()?.to_str()?)));
            found.extend(path.map(|(folder, path)| (folder.to_owned(), path.to_owned())));
        }
        found
    }
}

fn text(root: &Path, file: &str) -> Result<String, Fault> {
    String::from_utf8(read_file(root, file, file, MAX_FILE)?)
        .map_err(|_| Fault::learner(Place::file(file), format!("{file} is no text")))
}
