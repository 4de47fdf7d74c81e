//! Going through the instructions of a chain of stages, from the first to the target, as a build does.

use super::edge::{self, Edge, Via};
use super::evaluator::{Evaluator, Filled, Scope};
use super::instruction::{Command, Copy, Kind, Run};
use super::port::Port;
use super::stage::{Names, Source};
use super::target::{Process, Setting, Target};
use super::{Dockerfile, signal};

/// The longest path that Linux takes, in bytes.
const MAX_PATH: usize = 4_095;

pub(super) struct Build<'f> {
    file: &'f Dockerfile,
    target: Target,
    names: Names,
    evaluator: Evaluator<'f>,
    /// What the instructions of the stage see.
    scope: Scope,
    /// The stage has had a `CMD` of its own.
    cmd_is_set: bool,
    stage: usize,
    instruction: usize,
    /// The value being set has these variables in it.
    unknown: Vec<String>,
}

impl<'f> Build<'f> {
    pub fn new(file: &'f Dockerfile, target: Target, names: Names, evaluator: Evaluator<'f>) -> Self {
        let root = target.chain.last().and_then(|stage| target.bases.get(*stage));
        let scope = evaluator.begin(root != Some(&Source::Scratch));
        let (cmd_is_set, stage, instruction) = (false, 0, 0);
        Self { file, target, names, evaluator, scope, cmd_is_set, stage, instruction, unknown: Vec::new() }
    }

    pub fn run(mut self) -> Target {
        let mut base = None;
        for stage in self.target.chain.clone().into_iter().rev() {
            self.stage = stage;
            self.cmd_is_set = false;
            // The triggers of the stage that this one is built FROM come first; they go no further.
            for index in self.instructions(base) {
                if let Some(Kind::Onbuild(onbuild)) = self.kind(index) {
                    self.instruction = index;
                    match &onbuild.trigger {
                        Ok(kind) => self.step(kind),
                        Err(message) => self.fault(message.clone()),
                    }
                }
            }
            for index in self.instructions(Some(stage)) {
                if let Some(kind) = self.kind(index) {
                    self.instruction = index;
                    self.step(kind);
                }
            }
            base = Some(stage);
        }
        self.target
    }

    fn instructions(&self, stage: Option<usize>) -> std::ops::Range<usize> {
        stage.and_then(|stage| self.file.stages.get(stage)).map_or(0..0, |stage| stage.instructions.clone())
    }

    fn kind(&self, index: usize) -> Option<&'f Kind> {
        self.file.instructions.get(index).map(|instruction| &instruction.kind)
    }

    fn fault(&mut self, message: String) {
        let repeated = self.target.errors.last().is_some_and(|error| error.message == message);
        if !repeated {
            self.file.fault(&mut self.target.errors, self.instruction, message);
        }
    }

    fn fill(&mut self, text: &str) -> Option<Filled> {
        match self.evaluator.fill(text, &self.scope) {
            Ok(mut filled) => {
                self.note(&mut filled);
                Some(filled)
            }
            Err(message) => {
                self.fault(message);
                None
            }
        }
    }

    /// Notes the variables of a text that the base image may set; a shell's special parameters are none.
    fn note(&mut self, filled: &mut Filled) {
        let is_name = |name: &String| name.starts_with(|c: char| c.is_alphabetic() || c == '_');
        self.unknown.extend(std::mem::take(&mut filled.unknown).into_iter().filter(is_name));
    }

    fn expand(&mut self, text: &str) -> Option<String> {
        self.fill(text).map(|filled| filled.text)
    }

    fn setting<T>(&mut self, value: T) -> Option<Setting<T>> {
        let span = self.file.instructions.get(self.instruction)?.span;
        let unknown = std::mem::take(&mut self.unknown);
        Some(Setting { value, span, instruction: self.instruction, stage: self.stage, unknown })
    }

    fn process(&mut self, command: &Command) -> Option<Setting<Process>> {
        let shell = self.target.shell.as_ref().map(|shell| shell.value.as_slice());
        let argv = command.argv(shell);
        self.setting(Process { command: command.clone(), argv })
    }

    fn step(&mut self, kind: &Kind) {
        self.unknown.clear();
        match kind {
            Kind::Arg(args) => {
                for arg in args {
                    if let Err(message) = self.evaluator.arg(arg, &mut self.scope) {
                        self.fault(message);
                    }
                }
            }
            Kind::Cmd(command) => {
                self.cmd_is_set = true;
                self.target.cmd_is_reset = false;
                self.target.cmd = self.process(command);
            }
            Kind::Entrypoint(command) => {
                self.target.entrypoint = self.process(command);
                if !self.cmd_is_set {
                    self.target.cmd = None;
                    self.target.cmd_is_reset = true;
                }
            }
            Kind::Copy(copy) => self.copy(copy),
            Kind::Run(run) => self.mounts(run),
            Kind::Env(pairs) => {
                for pair in self.evaluator.env(pairs, &mut self.scope) {
                    match pair {
                        Ok((name, value)) => self.env(name, value),
                        Err(message) => self.fault(message),
                    }
                }
            }
            Kind::Label(pairs) => {
                for pair in pairs {
                    let filled = self.expand(&pair.name).and_then(|name| Some((name, self.expand(&pair.value)?)));
                    let label = filled.and_then(|(name, value)| Some((name, self.setting(value)?)));
                    self.target.labels.extend(label);
                }
            }
            Kind::Expose(ports) => ports.iter().for_each(|port| self.expose(port)),
            Kind::Healthcheck(check) => self.target.healthcheck = self.setting((**check).clone()),
            Kind::Shell(shell) => self.target.shell = self.setting(shell.clone()),
            Kind::Stopsignal(text) => {
                if let Some(text) = self.expand(text) {
                    if signal::is_known(&text) {
                        self.target.stop_signal = self.setting(text);
                    } else {
                        self.fault(format!("invalid signal: {text}"));
                    }
                }
            }
            Kind::User(user) => {
                if let Some(user) = self.expand(user) {
                    self.target.user = self.setting(user);
                }
            }
            Kind::Volume(paths) => {
                for path in paths {
                    match self.expand(path) {
                        Some(path) if path.is_empty() => {
                            self.fault("VOLUME specified can not be an empty string".to_owned());
                        }
                        Some(path) => {
                            if let Some(setting) = self.setting(()) {
                                self.target.volumes.insert(path, setting);
                            }
                        }
                        None => {}
                    }
                }
            }
            Kind::Workdir(path) => {
                if let Some(path) = self.expand(path) {
                    let current = self.target.workdir.as_ref().map_or("/", |workdir| workdir.value.as_str());
                    let longest = if path.starts_with('/') { path.len() } else { current.len() + 1 + path.len() };
                    if longest > MAX_PATH {
                        // Kept as it was: each one that is relative would make it longer still.
                        self.fault(format!("the WORKDIR is longer than {MAX_PATH} bytes, the most that Linux takes"));
                    } else {
                        let path = join(current, &path);
                        self.target.workdir = self.setting(path);
                    }
                }
            }
            Kind::Add(_) | Kind::From(_) | Kind::Maintainer(_) | Kind::Onbuild(_) | Kind::Invalid => {}
        }
    }

    fn env(&mut self, mut name: Filled, mut value: Filled) {
        self.note(&mut name);
        self.note(&mut value);
        if let Some(setting) = self.setting(value.text) {
            self.target.env.insert(name.text, setting);
        }
    }

    fn expose(&mut self, text: &str) {
        let Some(filled) = self.fill(text) else { return };
        for word in filled.words {
            match Port::parse(&word) {
                Ok(port) => {
                    if let Some(setting) = self.setting(()) {
                        self.target.exposes.insert(port, setting);
                    }
                }
                Err(message) => self.fault(message),
            }
        }
    }

    fn copy(&mut self, copy: &Copy) {
        let Some(source) = edge::of_copy(copy, &self.names, &self.file.stages) else { return };
        let from = copy.from.clone().unwrap_or_default();
        let source = self.earlier(source, |stage| {
            format!("cannot copy from stage {from:?}, it needs to be defined before current stage {stage:?}")
        });
        let paths = copy.sources.iter().filter_map(|path| self.expand(path)).collect();
        let destination = self.expand(&copy.destination);
        self.edge(Via::Copy, source, from, paths, destination);
    }

    fn mounts(&mut self, run: &Run) {
        for mount in &run.mounts {
            let mut failed = false;
            let mounted = mount.resolve(|text| {
                let filled = self.expand(text);
                failed |= filled.is_none();
                Ok(filled.unwrap_or_default())
            });
            let mounted = match mounted {
                Ok(mounted) => mounted,
                Err(message) => {
                    if !failed {
                        self.fault(message);
                    }
                    continue;
                }
            };
            let Some(source) = edge::of_mount(mount, &self.names) else { continue };
            let from = mounted.from.unwrap_or_default();
            let target = mounted.target.clone().unwrap_or_default();
            let source = self.earlier(source, |_| {
                format!(
                    "cannot mount from stage {from:?} to {target:?}, stage needs to be defined before current command"
                )
            });
            if matches!(mounted.kind.as_str(), "bind" | "cache") {
                self.edge(Via::Mount, source, from, mounted.source.into_iter().collect(), mounted.target);
            }
        }
    }

    /// The source, if it is no stage that comes later.
    fn earlier(&mut self, source: Result<Source, String>, message: impl FnOnce(&str) -> String) -> Source {
        match source {
            Ok(Source::Stage(index)) if index > self.stage => {
                let stage = self.file.stage_name(self.stage);
                self.fault(message(&stage));
                Source::Unknown
            }
            // A stage that copies from itself goes in a circle, which was said already.
            Ok(Source::Stage(index)) if index == self.stage => Source::Unknown,
            Ok(source) => source,
            Err(message) => {
                self.fault(message);
                Source::Unknown
            }
        }
    }

    fn edge(&mut self, via: Via, source: Source, from: String, paths: Vec<String>, destination: Option<String>) {
        let Some(span) = self.file.instructions.get(self.instruction).map(|instruction| instruction.span) else {
            return;
        };
        let is_ancestor = matches!(source, Source::Stage(index) if self.target.chain.binary_search_by(|stage| index.cmp(stage)).is_ok());
        let (stage, instruction) = (self.stage, self.instruction);
        self.target.edges.push(Edge { stage, instruction, span, via, source, from, paths, destination, is_ancestor });
    }
}

/// `path` as seen from `current`. An absolute one stays as it is written, as in BuildKit; others are made plain.
fn join(current: &str, path: &str) -> String {
    if path.starts_with('/') {
        return path.to_owned();
    }
    let mut parts = Vec::new();
    for part in current.split('/').chain(path.split('/')) {
        match part {
            "" | "." => {}
            ".." => drop(parts.pop()),
            part => parts.push(part),
        }
    }
    format!("/{}", parts.join("/"))
}
