//! What a file's instructions take from elsewhere, images and the sources of `ADD`: their variables filled in as far as it
//! is certain what they stand for, whatever the target is.

use super::Dockerfile;
use super::instruction::{Arg, Copy, Kind, Run};
use super::lex::{Lex, Variables};
use super::{platform, stage::Stage};
use std::collections::{BTreeMap, HashMap};
use std::rc::Rc;

/// How many bytes are gone through in all, those that `ONBUILD` repeats included.
const MAX_BYTES: usize = 32 << 20;
/// How many bytes an instruction counts for, whatever it says.
const STEP: usize = 16;
/// How many stages may be built on each other in a row.
const MAX_CHAIN: usize = 100;
/// Stands for what can't be told.
const ANYTHING: &str = "$";

/// How something is taken.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Way {
    /// `ADD`: a path or an address.
    Add,
    /// `FROM`: an image.
    From,
    /// `COPY --from`: an image.
    Copy,
    /// `RUN --mount=from=`: an image.
    Mount,
}

/// Something that an instruction takes.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Taking {
    /// How.
    pub way: Way,
    /// What. A `$` in it may stand for anything.
    pub text: String,
    /// The same as written.
    pub written: String,
    /// The instruction's line.
    pub line: u32,
}

/// What is certain of a build.
#[derive(Debug, Clone, Copy)]
pub struct Certain<'a> {
    /// The build arguments.
    pub args: &'a BTreeMap<String, String>,
    /// It is for this machine's own platform.
    pub platform: bool,
    /// What `FROM` names is not replaced by a folder of that name.
    pub stages: bool,
    /// An `ARG` wins over what the base image sets. Older frontends did it the other way round.
    pub arguments: bool,
}

impl Dockerfile {
    /// All that instructions take from elsewhere, stages of the file left aside.
    pub fn takings(&self, certain: Certain<'_>) -> Vec<Taking> {
        let lex = Lex::new(self.escape);
        let kept = Lex { keep_unset: true, ..Lex::new(self.escape) };
        let mut taker = Taker { file: self, certain, lex, kept, names: HashMap::new(), bytes: 0, takings: Vec::new() };
        taker.run();
        taker.takings
    }
}

/// Variables as a stage sees them: a value, or `None` where it may be anything.
#[derive(Debug, Default)]
struct Scope {
    own: HashMap<String, Option<String>>,
    base: Option<Rc<Scope>>,
    depth: usize,
    /// What is not said here may be set by somebody else.
    is_open: bool,
}

impl Scope {
    fn find(&self, name: &str) -> Option<&Option<String>> {
        self.own.get(name).or_else(|| self.base.as_ref()?.find(name))
    }

    fn is_certain(&self, name: &str) -> bool {
        self.find(name).map_or(!self.is_open, Option::is_some)
    }

    fn forget(&mut self) {
        *self = Self { is_open: true, ..Self::default() };
    }
}

impl Variables for Scope {
    fn get(&self, name: &str) -> Option<&str> {
        self.find(name)?.as_deref()
    }
}

struct Taker<'f> {
    file: &'f Dockerfile,
    certain: Certain<'f>,
    lex: Lex,
    /// Leaves variables that are not set as they are.
    kept: Lex,
    /// Stages by their names, the later one first.
    names: HashMap<&'f str, usize>,
    bytes: usize,
    takings: Vec<Taking>,
}

impl<'f> Taker<'f> {
    fn run(&mut self) {
        let globals = self.globals();
        let mut scopes: Vec<Rc<Scope>> = Vec::new();
        for stage in &self.file.stages {
            let line = stage.span.line;
            let (text, is_certain) = self.expand(&stage.base, &globals);
            let base = if is_certain { self.names.get(text.as_str()).copied() } else { None };
            if base.is_none() && !stage.base.is_empty() {
                self.take(Way::From, text.clone(), &stage.base, line);
            }
            let mut scope = match base.and_then(|base| scopes.get(base)).filter(|_| self.certain.stages) {
                Some(base) if base.depth < MAX_CHAIN => Scope {
                    base: Some(Rc::clone(base)),
                    depth: base.depth + 1,
                    is_open: base.is_open,
                    ..Scope::default()
                },
                _ => {
                    let is_empty = base.is_none() && is_certain && text == "scratch" && self.certain.stages;
                    Scope { is_open: !is_empty, ..Scope::default() }
                }
            };
            // The triggers of the stage that it is built from come first.
            let triggers = base.map_or_else(Vec::new, |base| self.triggers(base));
            for (kind, line) in triggers {
                self.step(kind, line, &globals, &mut scope);
            }
            for instruction in self.file.instructions.get(stage.instructions.clone()).unwrap_or_default() {
                self.step(&instruction.kind, instruction.span.line, &globals, &mut scope);
            }
            if let Some(name) = &stage.name {
                self.names.insert(name, stage.index);
            }
            scopes.push(Rc::new(scope));
        }
    }

    /// What `FROM` sees.
    fn globals(&mut self) -> Scope {
        let mut globals = Scope::default();
        for (name, value) in platform::variables() {
            let value = self.certain.args.get(name).cloned().or_else(|| self.certain.platform.then_some(value));
            globals.own.insert(name.to_owned(), value);
        }
        // It depends on what is built.
        globals.own.insert("TARGETSTAGE".to_owned(), None);
        for instruction in self.file.instructions.iter().take_while(|instruction| instruction.stage.is_none()) {
            let Kind::Arg(args) = &instruction.kind else { continue };
            for arg in args {
                let value = match (self.certain.args.get(&arg.name), &arg.default) {
                    (Some(value), _) => Some(value.clone()),
                    (None, Some(default)) => self.value(default, &globals),
                    (None, None) => continue,
                };
                globals.own.insert(arg.name.clone(), value);
            }
        }
        globals
    }

    /// Whether there is more than is gone through.
    fn is_over(&self) -> bool {
        self.bytes > MAX_BYTES
    }

    fn triggers(&self, stage: usize) -> Vec<(&'f Kind, u32)> {
        if self.is_over() {
            return Vec::new();
        }
        let instructions = self.file.stages.get(stage).map(|stage: &Stage| stage.instructions.clone());
        let instructions = instructions.and_then(|range| self.file.instructions.get(range)).unwrap_or_default();
        let triggers = instructions.iter().filter_map(|instruction| match &instruction.kind {
            Kind::Onbuild(onbuild) => Some((onbuild.trigger.as_ref().ok()?, instruction.span.line)),
            _ => None,
        });
        triggers.collect()
    }

    /// The text with its variables, and whether it is certain. Where it is not, each that may be anything stays as written.
    fn expand(&mut self, text: &str, scope: &Scope) -> (String, bool) {
        self.bytes += text.len();
        if self.is_over() {
            return (ANYTHING.to_owned(), false);
        }
        match self.lex.expand(text, scope) {
            Ok(expansion) if expansion.unset.iter().all(|name| scope.is_certain(name)) => {
                return (expansion.text, true);
            }
            Ok(_) => {
                if let Ok(kept) = self.kept.expand(text, scope) {
                    return (kept.text, false);
                }
            }
            // BuildKit stops here as well: a quote is not closed, or a variable is written wrong.
            Err(_) if self.lex.budget.get() > 0 => return (text.to_owned(), false),
            Err(_) => {}
        }
        (ANYTHING.to_owned(), false)
    }

    fn value(&mut self, text: &str, scope: &Scope) -> Option<String> {
        let (text, is_certain) = self.expand(text, scope);
        is_certain.then_some(text)
    }

    fn take(&mut self, way: Way, text: String, written: &str, line: u32) {
        self.takings.push(Taking { way, text, written: written.to_owned(), line });
    }

    fn step(&mut self, kind: &'f Kind, line: u32, globals: &Scope, scope: &mut Scope) {
        if self.is_over() {
            return;
        }
        self.bytes += STEP;
        if self.is_over() {
            return self.take(Way::Add, ANYTHING.to_owned(), "…", line);
        }
        match kind {
            Kind::Arg(args) => args.iter().for_each(|arg| self.arg(arg, globals, scope)),
            Kind::Env(pairs) => {
                // All of them see what was set before this instruction.
                let set: Vec<_> =
                    pairs.iter().map(|it| (self.value(&it.name, scope), self.value(&it.value, scope))).collect();
                for (name, value) in set {
                    match name {
                        Some(name) => drop(scope.own.insert(name, value)),
                        None => scope.forget(),
                    }
                }
            }
            Kind::Add(add) => {
                for source in &add.sources {
                    let (text, _) = self.expand(source, scope);
                    self.take(Way::Add, text, source, line);
                }
            }
            Kind::Copy(copy) => self.copy(copy, line),
            Kind::Run(run) => self.mounts(run, line),
            // Where no stage of the file is built from this one nothing is known of its variables.
            Kind::Onbuild(onbuild) => {
                if let Ok(kind) = &onbuild.trigger
                    && !matches!(kind, Kind::Onbuild(_))
                {
                    self.step(kind, line, globals, &mut Scope { is_open: true, ..Scope::default() });
                }
            }
            _ => {}
        }
    }

    fn arg(&mut self, arg: &Arg, globals: &Scope, scope: &mut Scope) {
        let value = match (self.certain.args.get(&arg.name), &arg.default) {
            (Some(value), _) => Some(value.clone()),
            (None, Some(default)) => self.value(default, scope),
            (None, None) => match globals.find(&arg.name) {
                Some(value) => value.clone(),
                None => return,
            },
        };
        // Which one wins is not the same in all versions.
        let is_disputed = !self.certain.arguments || scope.find(&arg.name).is_some_and(|before| *before != value);
        scope.own.insert(arg.name.clone(), value.filter(|_| !is_disputed));
    }

    /// Variables are not filled in here: BuildKit refuses them.
    fn copy(&mut self, copy: &Copy, line: u32) {
        if let Some(from) = copy.from.as_deref().filter(|from| from.parse::<i64>().is_err()) {
            self.image(Way::Copy, from, line);
        }
    }

    fn mounts(&mut self, run: &Run, line: u32) {
        for from in run.mounts.iter().filter_map(|mount| mount.from()) {
            self.image(Way::Mount, from, line);
        }
    }

    fn image(&mut self, way: Way, from: &str, line: u32) {
        if !self.names.contains_key(from.to_lowercase().as_str()) {
            self.take(way, from.to_owned(), from, line);
        }
    }
}
