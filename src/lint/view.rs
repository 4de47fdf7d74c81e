//! A challenge as the rules see it: its files, and the tree of each check that it uses, with its parameters' values.

use super::source::LintedFile;
use crate::challenge::Challenge;
use crate::challenge::library::{self, Material};
use crate::challenge::read::case::Files;
use crate::compose;
use crate::diagnostic::Diagnostic;
use crate::language::parameters::placeholders;
use crate::steps::STEPS;
use crate::yaml::{Node, Span};
use std::collections::{BTreeMap, BTreeSet};
use std::path::{Path, PathBuf};

/// A challenge, and all that lint has read of it.
pub(super) struct LintedChallenge<'a> {
    pub source: &'a LintedFile,
    pub folder: &'a Path,
    pub challenge: &'a Challenge,
    pub material: &'a Material,
    /// Whether all of the cases could be read.
    pub cases_are_whole: bool,
    pub checks: Vec<LintedCheck<'a>>,
}

/// A check as the challenge uses it.
pub(super) struct LintedCheck<'a> {
    /// Its id.
    pub id: &'a str,
    /// Its item in the challenge.
    pub item: &'a Node,
    /// The file that it is written in.
    pub source: &'a LintedFile,
    /// Its tree there.
    pub node: &'a Node,
    /// The values of its parameters: the challenge's, else its own.
    pub values: BTreeMap<&'a str, &'a str>,
    /// Where the challenge names a check of the library; what is wrong is reported there.
    library: Option<(&'a LintedFile, Span)>,
}

/// A file with a check of the challenge: its own, else the library's.
pub(super) struct CheckText {
    id: String,
    file: LintedFile,
    is_own: bool,
}

/// Reads the files of the checks that a challenge uses. `own` are those in its folder.
pub(super) fn written(source: &LintedFile, folder: &Path, own: &[PathBuf]) -> Vec<CheckText> {
    let used = source.node().get("checks").and_then(Node::as_seq).unwrap_or_default();
    let ids = used.iter().filter_map(|item| item.get("use")?.text());
    let read = ids.filter_map(|id| {
        let own = own.iter().find(|path| path.file_stem().is_some_and(|stem| stem == id)).cloned();
        let path = own.or_else(|| library::shared_check(folder, id));
        let file = match &path {
            Some(path) => LintedFile::read(path, &mut super::Linted::default())?,
            None => LintedFile::of(format!("{id}.yaml"), library::source(id)?.to_vec())?,
        };
        Some(CheckText { id: id.to_owned(), file, is_own: path.is_some() })
    });
    read.collect()
}

/// The checks of a challenge, in their order.
pub(super) fn checks<'a>(source: &'a LintedFile, written: &'a [CheckText]) -> Vec<LintedCheck<'a>> {
    let items = source.node().get("checks").and_then(Node::as_seq).unwrap_or_default();
    let seen = items.iter().filter_map(|item| {
        let Some(used) = item.get("use") else {
            let id = item.get("id")?.text()?;
            return Some(LintedCheck { id, item, source, node: item, values: values(&[item]), library: None });
        };
        let id = used.text()?;
        let file = written.iter().find(|file| file.id == id)?;
        let node = file.file.node();
        let library = (!file.is_own).then_some((source, used.span));
        Some(LintedCheck { id, item, source: &file.file, node, values: values(&[node, item]), library })
    });
    seen.collect()
}

/// The values of parameters; what is said later counts.
fn values<'a>(nodes: &[&'a Node]) -> BTreeMap<&'a str, &'a str> {
    let with = nodes.iter().filter_map(|node| node.get("with")?.as_map()).flatten();
    with.filter_map(|entry| Some((entry.key.as_str(), entry.value.text()?))).collect()
}

impl<'a> LintedCheck<'a> {
    /// Something wrong at a place of it; of a check of the library, where the challenge names it.
    pub fn diagnostic(&self, span: Span, message: &str) -> Diagnostic {
        match self.library {
            None => self.source.diagnostic(span, message),
            Some((source, at)) => source.diagnostic(at, format!("`{}` of the library: {message}", self.id)),
        }
    }

    /// The text with the values of all parameters; nothing if a captured value belongs in it.
    pub fn filled(&self, text: &str) -> Option<String> {
        let mut filled = text.to_owned();
        for (name, value) in &self.values {
            filled = filled.replace(&format!("{{{name}}}"), value);
        }
        placeholders(&filled).is_empty().then_some(filled)
    }

    /// Its steps: the kind, what it takes, and the step.
    pub fn steps(&self) -> impl Iterator<Item = (&'a str, &'a Node, &'a Node)> + use<'a> {
        let steps = self.node.get("try").and_then(Node::as_seq).unwrap_or_default();
        steps.iter().filter_map(|step| {
            let is_kind = |name: &str| STEPS.iter().any(|kind| kind.name == name);
            let entry = step.as_map()?.iter().find(|entry| is_kind(&entry.key))?;
            Some((entry.key.as_str(), &entry.value, step))
        })
    }

    /// Its lists of expectations: its own, and those of its steps.
    pub fn lists(&self) -> Vec<Vec<&'a Node>> {
        let steps = self.node.get("try").and_then(Node::as_seq).unwrap_or_default();
        let nodes = std::iter::once(self.node).chain(steps).filter_map(|node| node.get("expect"));
        nodes.map(|node| flat(node.as_seq().unwrap_or_default())).filter(|list| !list.is_empty()).collect()
    }
}

/// Items of a list, those that are reported together one by one.
fn flat(items: &[Node]) -> Vec<&Node> {
    let flat = items.iter().flat_map(|item| match item.get("all").and_then(Node::as_seq) {
        Some(together) => together,
        None => std::slice::from_ref(item),
    });
    flat.collect()
}

impl LintedChallenge<'_> {
    /// The files that a learner has in the end, those of the starter below those of the solution.
    pub fn files(&self) -> Files {
        self.challenge.starter.clone().into_iter().chain(self.material.solution.clone()).collect()
    }

    /// The services of the solution.
    pub fn services(&self) -> BTreeSet<String> {
        let read = |path: &str| Ok(self.material.solution.get(path).map(|file| file.content.clone()));
        let compose = compose::load(self.challenge.subject.compose.as_deref(), &read);
        compose.into_iter().flat_map(|compose| compose.project.services.into_keys()).collect()
    }

    /// An entry of the challenge's file, by the keys that lead to it: its key's place.
    pub fn key(&self, path: &[&str]) -> Option<Span> {
        let (last, above) = path.split_last()?;
        let node = above.iter().try_fold(self.source.node(), |node, key| node.get(key))?;
        node.entry(last).map(|entry| entry.key_span)
    }
}
