//! `dockerfile.final.requirements_before_source`: whether a change of the source installs the packages once more.
//!
//! A layer is made again when its command changes, or anything that came into its stage before it, or what is mounted into
//! it. So the packages' layer depends on the source where a copied or mounted path holds more than what says which packages
//! there are. Of what is copied from another stage, only its content counts.

mod input;
mod installation;
mod shell;

pub use input::Sent;

use super::at;
use crate::dockerfile::{Copy, Dockerfile, Instruction, Kind, Mount, Run, Source, Target};
use crate::facts::Fact;
use crate::place::Place;
use input::{FoundFiles, LayerInput, clean, is_list};
use installation::{Ecosystem, How, Installation};
use std::cell::Cell;
use std::collections::{BTreeMap, BTreeSet};

/// How many paths are looked up among the repository's files; of others only the name counts.
const MAX_LOOKS: usize = 500;
/// How many paths of a stage, and how many installations of one RUN, are followed.
const MOST: usize = 100;
/// The longest path that is made of WORKDIRs.
const MAX_PATH: usize = 4_095;

/// Looks at every stage that is built for the target. The first installation that depends on the source decides; nothing is
/// known where nothing is installed.
pub(super) fn requirements_before_source(file: &Dockerfile, target: &Target, sent: &Sent<'_>, place: &Place) -> Fact {
    let mut layers = Layers { file, sent, looks: Cell::new(MAX_LOOKS), stages: BTreeMap::new() };
    let mut result = Fact::absent().because("no instruction installs packages");
    for &index in &target.needed {
        let Some(stage) = file.stages.get(index) else { continue };
        let base = match target.bases.get(index) {
            Some(Source::Stage(base)) => Some(*base),
            _ => None,
        };
        let mut inputs = base.and_then(|base| layers.stages.get(&base)).cloned().unwrap_or_default();
        // The triggers of the stage that this one is built FROM come first.
        let base = base.and_then(|base| file.stages.get(base));
        let triggers = base.and_then(|base| file.instructions.get(base.instructions.clone())).unwrap_or_default();
        let triggers = triggers.iter().filter_map(|instruction| match &instruction.kind {
            Kind::Onbuild(onbuild) => onbuild.trigger.as_ref().ok().map(|kind| (instruction, kind)),
            _ => None,
        });
        let own = file.instructions.get(stage.instructions.clone()).unwrap_or_default();
        for (instruction, kind) in triggers.chain(own.iter().map(|instruction| (instruction, &instruction.kind))) {
            match kind {
                Kind::Workdir(path) => inputs.workdir = join(&inputs.workdir, path),
                Kind::Copy(copy) | Kind::Add(copy) => layers.copy(&mut inputs, instruction, copy),
                Kind::Run(run) => match layers.run(&mut inputs, instruction, run) {
                    Order::Nothing => {}
                    Order::Before => result = Fact::of(true).at(at(place, instruction.span)),
                    Order::After(source) => return after(&source, instruction, place),
                },
                _ => {}
            }
        }
        layers.stages.insert(index, inputs);
    }
    result
}

fn after(source: &LayerInput, installation: &Instruction, place: &Place) -> Fact {
    let (first, then) = (source.span.line, installation.span.line);
    let because = if first == then {
        format!("line {then} installs packages with more mounted than what lists them")
    } else {
        format!("line {first} copies more than the requirements, and line {then} installs them after that")
    };
    Fact::of(false).at(at(place, source.span)).because(because)
}

/// What came into a stage so far.
#[derive(Debug, Clone, Default)]
struct StageInputs {
    workdir: String,
    inputs: Vec<LayerInput>,
    /// Whose packages are installed, without the source.
    installed: BTreeSet<Ecosystem>,
}

/// What a RUN says about the order.
enum Order {
    /// It installs nothing.
    Nothing,
    /// It installs before the source is there.
    Before,
    /// It installs after this.
    After(LayerInput),
}

/// The stages that were gone through.
struct Layers<'a> {
    file: &'a Dockerfile,
    sent: &'a Sent<'a>,
    /// How many more paths may be looked up.
    looks: Cell<usize>,
    stages: BTreeMap<usize, StageInputs>,
}

impl Layers<'_> {
    fn copy(&self, inputs: &mut StageInputs, instruction: &Instruction, copy: &Copy) {
        let is_beside_lists = copy.sources.iter().any(|path| is_list(path));
        let folder = join(&inputs.workdir, &copy.destination);
        for path in &copy.sources {
            let destination = match path.rsplit('/').next() {
                Some(name) if copy.destination.ends_with('/') && !path.ends_with('/') => join(&folder, name),
                _ => folder.clone(),
            };
            let input = self.input(instruction, copy.from.as_deref(), path, destination, is_beside_lists);
            inputs.inputs.extend(input.filter(|_| inputs.inputs.len() < MOST));
        }
    }

    /// What a mount brings of files.
    fn mounted(&self, inputs: &StageInputs, instruction: &Instruction, mount: &Mount) -> Option<LayerInput> {
        if !mount.get(&["type"]).unwrap_or("bind").eq_ignore_ascii_case("bind") {
            return None;
        }
        let path = mount.get(&["source", "src"]).unwrap_or(".");
        let target = mount.get(&["target", "dst", "destination"]).unwrap_or_default();
        self.input(instruction, mount.from(), path, join(&inputs.workdir, target), true)
    }

    /// What a path brings, unless it says by its name that it lists packages, or holds nothing of the source.
    fn input(
        &self,
        instruction: &Instruction,
        from: Option<&str>,
        path: &str,
        destination: String,
        is_beside_lists: bool,
    ) -> Option<LayerInput> {
        let brings = match from {
            _ if is_list(path) => false,
            None => !is_remote(path),
            Some(from) => self.holds_source(from, path),
        };
        let looks = self.looks.get();
        let is_looked_up = brings && from.is_none() && looks > 0;
        self.looks.set(looks - usize::from(is_looked_up));
        let files = if is_looked_up { FoundFiles::of(path, self.sent) } else { None };
        let (span, path) = (instruction.span, path.to_owned());
        brings.then_some(LayerInput { span, path, destination, files, is_beside_lists })
    }

    /// Whether a path of another stage holds what that stage copied of the source.
    fn holds_source(&self, from: &str, path: &str) -> bool {
        let lower = from.to_lowercase();
        let named = self.file.stages.iter().rev().find(|stage| stage.name.as_ref() == Some(&lower));
        let index = named.map(|stage| stage.index).or_else(|| from.parse().ok());
        let Some(stage) = index.and_then(|index| self.stages.get(&index)) else { return false };
        let path = clean(path);
        stage.inputs.iter().any(|input| {
            let destination = clean(&input.destination);
            is_inside(path, destination) || is_inside(destination, path)
        })
    }

    fn run(&self, inputs: &mut StageInputs, instruction: &Instruction, run: &Run) -> Order {
        let mut folder = inputs.workdir.clone();
        let mut installations: Vec<Installation> = Vec::new();
        for words in shell::commands(run) {
            if let [program, path, ..] = words.as_slice()
                && program == "cd"
            {
                folder = join(&folder, path);
            }
            let found = installation::of(&words).filter(|_| installations.len() < MOST);
            installations.extend(found.map(|found| found.seen_from(|path| join(&folder, path))));
        }
        if installations.is_empty() {
            return Order::Nothing;
        }
        let mounted = run.mounts.iter().filter_map(|mount| self.mounted(inputs, instruction, mount));
        let mounted: Vec<LayerInput> = mounted.take(MOST).collect();
        // What one command names, another of the same layer may need.
        let named = |of: fn(&Installation) -> &Vec<String>| -> Vec<String> {
            installations.iter().flat_map(of).take(MOST).cloned().collect()
        };
        let (files, folders) = (named(|it| &it.files), named(|it| &it.folders));
        let source = inputs.inputs.iter().chain(&mounted).find(|input| input.is_source(&files, &folders));
        let mut order = Order::Nothing;
        for Installation { ecosystem, how, .. } in &installations {
            if *ecosystem == Ecosystem::Go && *how == How::Missing && needs_no_module(self.sent) {
                continue;
            }
            let is_there = *how == How::Missing && inputs.installed.contains(ecosystem);
            let is_kept = *how != How::Named && is_kept(*ecosystem, run);
            match source {
                Some(source) if !is_there && !is_kept => return Order::After(source.clone()),
                None if *how == How::Tools => continue,
                _ => {}
            }
            inputs.installed.insert(*ecosystem);
            order = Order::Before;
        }
        order
    }
}

/// Whether a path is that folder, or in it.
fn is_inside(path: &str, folder: &str) -> bool {
    folder.is_empty() || path.strip_prefix(folder).is_some_and(|rest| rest.is_empty() || rest.starts_with('/'))
}

/// An address: nothing that the learner changes. A git repository is the source as well.
fn is_remote(path: &str) -> bool {
    path.contains("://") && !path.contains(".git")
}

/// Whether a cache mount keeps the packages out of the layer, so that they outlive it.
fn is_kept(ecosystem: Ecosystem, run: &Run) -> bool {
    let caches = run.mounts.iter().filter(|mount| mount.get(&["type"]) == Some("cache"));
    let targets: Vec<&str> = caches.filter_map(|mount| mount.get(&["target", "dst", "destination"])).collect();
    ecosystem.store().iter().any(|store| targets.iter().any(|target| target.contains(store)))
}

/// Whether a Go module needs no other, or brings all of them along.
fn needs_no_module(sent: &Sent<'_>) -> bool {
    let is_last = |file: &str, name: &str| file.rsplit('/').next() == Some(name);
    sent.has(|file| is_last(file, "go.sum")) == Some(false)
        || sent.has(|file| file.ends_with("vendor/modules.txt")) == Some(true)
}

/// A path seen from a folder.
fn join(folder: &str, path: &str) -> String {
    let path = if path.starts_with('/') { path.to_owned() } else { format!("{folder}/{}", clean(path)) };
    if path.len() > MAX_PATH { folder.to_owned() } else { path }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::dockerfile;
    use crate::facts::{Known, Value};

    /// `true`, `false 2` with the line of the source, or `-`.
    fn order_of(text: &str, sent: &Sent<'_>) -> String {
        let file = dockerfile::parse(text.as_bytes());
        let target = file.target(None, &BTreeMap::new()).expect("there is a stage");
        let fact = requirements_before_source(&file, &target, sent, &Place::file("Dockerfile"));
        let line = fact.place.and_then(|place| place.line).unwrap_or_default();
        match fact.known {
            Known::Value(Value::Bool(true)) => "true".to_owned(),
            Known::Value(Value::Bool(false)) => format!("false {line}"),
            other => format!("{other:?}"),
        }
    }

    fn check(cases: &[(&str, &str)]) {
        for (text, expected) in cases {
            assert_eq!(order_of(text, &Sent::default()), *expected, "{text}");
        }
    }

    #[test]
    fn lists_of_packages_are_no_source() {
        check(&[
            ("FROM a\nCOPY requirements.txt .\nRUN pip install -r requirements.txt\nCOPY . .", "true"),
            ("FROM a\nCOPY deploy/pins.txt /tmp/\nRUN pip install -r /tmp/pins.txt\nCOPY . .", "true"),
            ("FROM a\nCOPY pins /tmp/pins.txt\nRUN cd /tmp && pip install -r pins.txt\nCOPY . .", "true"),
            ("FROM a\nCOPY requirements/ requirements/\nRUN pip install -r requirements/prod.txt\nCOPY . .", "true"),
            ("FROM a\nCOPY a.txt b.txt ./\nRUN pip install -r a.txt -c b.txt", "true"),
            ("FROM a\nCOPY libs /libs\nRUN pip install --no-index --find-links=/libs flask\nCOPY . .", "true"),
            ("FROM a\nCOPY packed/ /packed/\nRUN pip install /packed/*.whl\nCOPY . .", "true"),
            (
                "FROM a\nCOPY pyproject.toml poetry.lock README.md ./\nRUN poetry install --no-root\nCOPY . .\nRUN poetry install",
                "true",
            ),
            (
                "FROM a\nRUN --mount=type=bind,source=uv.lock,target=uv.lock --mount=type=bind,source=pyproject.toml,target=pyproject.toml uv sync --no-install-project\nCOPY . .\nRUN uv sync",
                "true",
            ),
            ("FROM a\nRUN --mount=source=pins.txt,target=/pins.txt pip install -r /pins.txt", "true"),
            ("FROM a\nARG LIST=x\nCOPY $LIST .\nRUN pip install -r $LIST", "true"),
            ("FROM a\nCOPY <<EOF /r.txt\nflask\nEOF\nRUN pip install -r /r.txt", "true"),
            ("FROM a\nADD https://example.com/get-pip.py /\nRUN pip install flask", "true"),
            ("FROM a\nCOPY requirements.txt app.py ./\nRUN pip install -r requirements.txt", "false 2"),
            ("FROM a\nADD . .\nRUN cd app && pip3 install -r requirements.txt", "false 2"),
            ("FROM a\nCOPY app/ app/\nRUN pip install -r app/requirements.txt", "false 2"),
            ("FROM a\nRUN --mount=type=bind,target=. pip install -r requirements.txt", "false 2"),
            ("FROM a\nCOPY . .\nRUN <<EOF\npip install -r requirements.txt\nEOF", "false 2"),
            ("FROM a\nCOPY * ./\nRUN [\"pip\", \"install\", \"flask\"]", "false 2"),
        ]);
    }

    #[test]
    fn other_stages_bring_what_they_hold() {
        check(&[
            ("FROM a AS b\nCOPY . .\nRUN pip install -r requirements.txt\nFROM a\nCOPY --from=b /x /x", "false 2"),
            (
                "FROM a AS s\nCOPY . /src\nFROM a\nCOPY --from=s /src /app\nRUN pip install -r /app/requirements.txt",
                "false 4",
            ),
            (
                "FROM a AS s\nWORKDIR /src\nCOPY . .\nFROM a\nRUN --mount=from=s,source=/src,target=/s pip install -r /s/r",
                "false 5",
            ),
            (
                "FROM a AS s\nWORKDIR /src\nCOPY . .\nFROM a\nCOPY --from=s /src/requirements.txt .\nRUN pip install -r requirements.txt",
                "true",
            ),
            ("FROM a AS s\nCOPY . /src\nFROM s\nRUN pip install -r /src/requirements.txt", "false 2"),
            ("FROM a AS s\nONBUILD COPY . /src\nFROM s\nRUN pip install flask", "false 2"),
            (
                "FROM a AS s\nCOPY r.txt /\nRUN pip wheel -r /r.txt -w /w\nCOPY . /src\nFROM a\nCOPY --from=s /w /w\nRUN pip install /w/*",
                "true",
            ),
            ("FROM a\nCOPY --from=ghcr.io/astral-sh/uv /uv /bin/\nRUN uv pip install flask\nCOPY . .", "true"),
            ("FROM a AS s\nCOPY . .\nRUN pip install flask\nFROM a\nCOPY r.txt .\nRUN pip install -r r.txt", "true"),
        ]);
    }

    #[test]
    fn other_ecosystems_have_lists_as_well() {
        check(&[
            ("FROM node\nCOPY . .\nRUN npm install", "false 2"),
            ("FROM node\nCOPY . .\nRUN npm ci", "false 2"),
            ("FROM node\nCOPY package*.json ./\nRUN npm ci\nCOPY . .\nRUN npm run build", "true"),
            (
                "FROM node\nCOPY package.json yarn.loc[k] ./\nRUN yarn --frozen-lockfile\nCOPY . .\nRUN yarn build",
                "true",
            ),
            ("FROM node\nCOPY . .\nRUN corepack enable && pnpm install", "false 2"),
            ("FROM node\nCOPY pnpm-lock.yaml .\nRUN pnpm fetch\nCOPY . .\nRUN pnpm install --offline", "true"),
            ("FROM golang\nCOPY . .\nRUN go build", "false 2"),
            ("FROM golang\nCOPY . .\nRUN go mod download && go build", "false 2"),
            ("FROM golang\nCOPY go.* ./\nRUN go mod download\nCOPY . .\nRUN go build", "true"),
            ("FROM golang\nCOPY . .\nRUN --mount=type=cache,target=/go/pkg/mod go build", "true"),
            ("FROM maven\nCOPY . .\nRUN mvn package", "false 2"),
            ("FROM maven\nCOPY pom.xml .\nRUN mvn dependency:go-offline\nCOPY src src\nRUN mvn package", "true"),
            ("FROM maven\nCOPY pom.xml .\nCOPY src src\nRUN ./mvnw -B package", "false 3"),
            (
                "FROM gradle\nCOPY build.gradle settings.gradle ./\nRUN gradle dependencies\nCOPY . .\nRUN gradle build",
                "true",
            ),
            ("FROM gradle\nCOPY . .\nRUN ./gradlew bootJar", "false 2"),
            ("FROM ruby\nCOPY Gemfile* ./\nRUN bundle install\nCOPY . .", "true"),
            ("FROM ruby\nCOPY . .\nRUN bundle install", "false 2"),
            (
                "FROM php\nCOPY composer.json composer.lock ./\nRUN composer install --no-scripts\nCOPY . .\nRUN composer install",
                "true",
            ),
            ("FROM php\nCOPY . .\nRUN composer install", "false 2"),
            (
                "FROM rust\nCOPY Cargo.* ./\nRUN mkdir src && touch src/lib.rs && cargo build\nCOPY . .\nRUN cargo build",
                "true",
            ),
            (
                "FROM rust AS p\nCOPY . .\nRUN cargo chef prepare --recipe-path recipe.json\nFROM rust\nCOPY --from=p /recipe.json .\nRUN cargo chef cook\nCOPY . .\nRUN cargo build",
                "true",
            ),
            ("FROM rust\nCOPY . .\nRUN cargo build --release", "false 2"),
            ("FROM sdk\nCOPY *.csproj ./\nRUN dotnet restore\nCOPY . .\nRUN dotnet publish", "true"),
            ("FROM sdk\nCOPY . .\nRUN dotnet publish", "false 2"),
            ("FROM a\nCOPY . .\nRUN make", "Absent"),
            ("FROM a\nCOPY . .\nRUN echo pip install", "Absent"),
            ("FROM a\nRUN pip install --upgrade pip\nCOPY . .", "Absent"),
        ]);
    }

    #[test]
    fn files_tell_what_a_folder_holds() {
        let files =
            ["app/py/prod.txt", "app/py/base.pip", "app/lib/list.txt", "app/lib/code.py", "app/go.mod", "other/go.sum"];
        let files = files.map(str::to_owned);
        let ignore = crate::dockerignore::Ignore::parse(b"*\n!py\n!go.mod\n");
        let [all, few] = [None, Some(&ignore)].map(|ignore| Sent { files: &files, folder: "./app", ignore });
        for (text, sent, expected) in [
            ("FROM a\nCOPY py/ /py/\nRUN pip install -r /py/prod.txt", all, "true"),
            ("FROM a\nCOPY lib/ /lib/\nRUN pip install -r /lib/list.txt", all, "false 2"),
            ("FROM a\nCOPY none/ /none/\nRUN pip install -r /none/list.txt", all, "false 2"),
            ("FROM a\nCOPY . .\nRUN pip install -r py/prod.txt", all, "false 2"),
            ("FROM a\nCOPY go.* ./\nCOPY . .\nRUN go build", all, "Absent"),
            ("FROM a\nCOPY . .\nRUN pip install -r py/prod.txt", few, "true"),
        ] {
            assert_eq!(order_of(text, &sent), expected, "{text}");
        }
    }
}
