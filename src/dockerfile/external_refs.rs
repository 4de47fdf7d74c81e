//! What a file's instructions take from elsewhere, images and the sources of `ADD`, and what they write down for tools, labels
//! and ports: their variables filled in as far as it is certain what they stand for, whatever the target is.

use super::Dockerfile;
use super::evaluator::{ANYTHING, Certain, Doubt, Evaluator, Scope};
use super::instruction::{Copy, Kind, Run};
use super::stage::{Names, Stage};
use std::rc::Rc;

/// How many bytes an instruction counts for, whatever it says.
const STEP: usize = 16;

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
    /// `LABEL`: the name of a label.
    Label,
    /// `EXPOSE`: a port or a range of ports.
    Expose,
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

impl Dockerfile {
    /// All that instructions take from elsewhere, stages of the file left aside.
    pub fn takings(&self, certain: Certain<'_>) -> Vec<Taking> {
        let evaluator = Evaluator::new(self, certain, Doubt::Anything);
        let mut taker = Taker { file: self, certain, evaluator, names: Names::default(), takings: Vec::new() };
        taker.run();
        taker.takings
    }
}

struct Taker<'f> {
    file: &'f Dockerfile,
    certain: Certain<'f>,
    evaluator: Evaluator<'f>,
    names: Names,
    takings: Vec<Taking>,
}

impl<'f> Taker<'f> {
    fn run(&mut self) {
        let mut scopes: Vec<Rc<Scope>> = Vec::new();
        for stage in &self.file.stages {
            let (line, from) = (stage.span.line, self.evaluator.fill_certain(&stage.base, &self.evaluator.globals));
            let is_certain = from.unknown.is_empty();
            let base = if is_certain { self.names.get(&from.text) } else { None };
            let is_scratch = base.is_none() && is_certain && from.text == "scratch" && self.certain.stages;
            if base.is_none() && !stage.base.is_empty() {
                self.take(Way::From, from.text, &stage.base, line);
            }
            let upon = base.and_then(|base| scopes.get(base)).filter(|_| self.certain.stages);
            let mut scope = upon.and_then(Scope::upon).unwrap_or_else(|| self.evaluator.begin(!is_scratch));
            // The triggers of the stage that it is built from come first.
            for (kind, line) in base.map_or_else(Vec::new, |base| self.triggers(base)) {
                self.step(kind, line, &mut scope);
            }
            for instruction in self.file.instructions.get(stage.instructions.clone()).unwrap_or_default() {
                self.step(&instruction.kind, instruction.span.line, &mut scope);
            }
            self.names.add(stage);
            scopes.push(Rc::new(scope));
        }
    }

    fn triggers(&self, stage: usize) -> Vec<(&'f Kind, u32)> {
        if self.evaluator.is_over() {
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

    fn take(&mut self, way: Way, text: String, written: &str, line: u32) {
        self.takings.push(Taking { way, text, written: written.to_owned(), line });
    }

    fn step(&mut self, kind: &'f Kind, line: u32, scope: &mut Scope) {
        if self.evaluator.is_over() {
            return;
        }
        self.evaluator.spend(STEP);
        if self.evaluator.is_over() {
            return self.take(Way::Add, ANYTHING.to_owned(), "…", line);
        }
        match kind {
            Kind::Arg(args) => {
                for arg in args {
                    let _ = self.evaluator.arg(arg, scope); // what BuildKit refuses may be anything
                }
            }
            Kind::Env(pairs) => drop(self.evaluator.env(pairs, scope)),
            Kind::Add(add) => {
                for source in &add.sources {
                    let text = self.evaluator.fill_certain(source, scope).text;
                    self.take(Way::Add, text, source, line);
                }
            }
            Kind::Label(pairs) => {
                for pair in pairs {
                    let text = self.evaluator.fill_certain(&pair.name, scope).text;
                    self.take(Way::Label, text, &pair.name, line);
                }
            }
            Kind::Expose(ports) => {
                for port in ports {
                    let filled = self.evaluator.fill_certain(port, scope);
                    filled.words.into_iter().for_each(|word| self.take(Way::Expose, word, port, line));
                }
            }
            Kind::Copy(copy) => self.copy(copy, line),
            Kind::Run(run) => self.mounts(run, line),
            // Where no stage of the file is built from this one nothing is known of its variables.
            Kind::Onbuild(onbuild) => {
                if let Ok(kind) = &onbuild.trigger
                    && !matches!(kind, Kind::Onbuild(_))
                {
                    self.step(kind, line, &mut Scope::open());
                }
            }
            _ => {}
        }
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
        if self.names.get(&from.to_lowercase()).is_none() {
            self.take(way, from.to_owned(), from, line);
        }
    }
}
