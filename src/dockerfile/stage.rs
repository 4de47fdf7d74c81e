//! Stages, and what each of them is built from.

use std::collections::HashMap;
use std::ops::Range;

use super::reference::Reference;
use super::span::Span;

/// A stage as written.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Stage {
    /// From 0.
    pub index: usize,
    /// In lower case.
    pub name: Option<String>,
    /// Image or stage as its FROM has it; empty where the FROM is wrong.
    pub base: String,
    /// `--platform` as written.
    pub platform: Option<String>,
    /// Its FROM.
    pub span: Span,
    /// Which of the file's instructions it has, its FROM included.
    pub instructions: Range<usize>,
}

/// What a stage is built from, or what a `COPY --from` or a mount takes files from.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum Source {
    /// A stage of this file, by index.
    Stage(usize),
    /// An image; or a named build context, which goes by the same kind of name and which only the build command knows.
    Image(Reference),
    /// `scratch`: nothing.
    Scratch,
    /// It can't be told: the name is empty or no image can have it.
    Unknown,
}

/// Stages by name. A name that is given twice means the later one.
#[derive(Debug, Default)]
pub(super) struct Names(HashMap<String, usize>);

impl Names {
    pub fn add(&mut self, stage: &Stage) {
        if let Some(name) = &stage.name {
            self.0.insert(name.clone(), stage.index);
        }
    }

    /// By name alone, in lower case: FROM takes it as written, `--from` in any case.
    pub fn get(&self, name: &str) -> Option<usize> {
        self.0.get(name).copied()
    }

    /// The source of that name, or an error's message.
    pub fn source(&self, name: &str) -> Result<Source, String> {
        match self.get(name) {
            Some(index) => Ok(Source::Stage(index)),
            None if name == "scratch" => Ok(Source::Scratch),
            None => Reference::parse(name)
                .map(Source::Image)
                .map_err(|error| format!("failed to parse stage name {:?}: {error}", super::node::shorten(name))),
        }
    }
}
