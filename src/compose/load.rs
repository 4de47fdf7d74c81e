//! Finds and reads the Compose files, and makes one model of them in the steps that Compose takes (compose-go, `loader`):
//! variables, `extends`, `!reset`, `include`, merge, schema, long forms.

mod colons;
mod extend;
mod include;
mod resets;

use super::env::{self, Env};
use super::schema::Wrong;
use super::value::{At, Data, Map, OddKey, Value};
use super::{
    By, Compose, FILE_NAMES, File, Kind, OVERRIDE_NAMES, Problem, Read, canonical, cast, decode, env_files, join,
    merge, schema, unique,
};
use crate::place::Place;
use crate::yaml;
use resets::Path;
use std::collections::BTreeMap;
use std::rc::Rc;

/// How many files may be read in all.
pub const MAX_FILES: usize = 20;
/// How many bytes they may have together.
pub const MAX_BYTES: usize = yaml::MAX_BYTES;
/// How many values they may have together, and as many may services take over from others.
pub const MAX_VALUES: usize = 40_000;

/// Loads the Compose file at a path (relative to the repository), or the one that Compose finds, with its override.
/// `None` where there is none.
pub fn load(path: Option<&str>, read: Read<'_>) -> Option<Compose> {
    let (directory, main) = match path {
        Some(path) => (path.rsplit_once('/').map_or("", |(directory, _)| directory), first(read, &[path])?),
        None => ("", first(read, &FILE_NAMES)?),
    };
    let mut loader = Loader {
        read,
        compose: Compose::default(),
        wrong: Vec::new(),
        named: Vec::new(),
        services: Vec::new(),
        extended: BTreeMap::new(),
        taken: 0,
        bytes: 0,
        values: 0,
        name: None,
    };
    loader.compose.env = loader.variables(directory);
    if path.is_none() {
        let others = FILE_NAMES.iter().filter(|name| **name != main && !matches!(read(name), Ok(None)));
        loader.compose.left_out = others.map(|&name| name.to_owned()).collect();
    }
    let env = Rc::new(loader.compose.env.clone());
    let start = At { file: 0, line: 1, column: 1 };
    let context = LoadContext { directory: directory.to_owned(), kind: Kind::Main, env, included: vec![main.clone()] };
    let mut model = canonical::empty(start);
    let mut is_empty = loader.lay(&mut model, &main, None, &context);
    if let Some(name) = path.is_none().then(|| first(read, &OVERRIDE_NAMES)).flatten() {
        let context = LoadContext { kind: Kind::Override, ..context };
        is_empty &= loader.lay(&mut model, &name, None, &context);
    }
    if is_empty {
        loader.problem(Place::file(&main), "the file is empty".to_owned());
    }
    loader.stage(|wrong| empty(&model, wrong));
    loader.stage(|wrong| decode::check(&model, wrong));
    if let Some((at, name)) = loader.name.take()
        && !name.chars().any(|c| c.is_ascii_alphanumeric())
    {
        // Compose takes the letters and digits of it only, and no other name then.
        loader.say(at, "the `name` of the project has no letter and no digit; write one, or take it out");
    }
    let Loader { mut compose, wrong, named, .. } = loader;
    let mut problems = named;
    problems.extend(wrong.into_iter().map(|wrong| compose.problem(wrong)));
    problems.dedup();
    compose.unreadable = problems;
    compose.env_files = env_files::check(&compose, &model, read);
    compose.model = model;
    compose.settle();
    Some(compose)
}

/// The first of these paths that is there, readable or not.
fn first(read: Read<'_>, paths: &[&str]) -> Option<String> {
    paths.iter().find(|path| !matches!(read(path), Ok(None))).map(|&path| path.to_owned())
}

fn beside(directory: &str, name: &str) -> String {
    if directory.is_empty() { name.to_owned() } else { format!("{directory}/{name}") }
}

/// A file with nothing in it but its version.
fn empty(model: &Value, wrong: &mut Vec<Wrong>) {
    if model.map().is_some_and(|map| map.keys().all(|key| key == "version")) {
        let at = model.entry("version").map_or(model.at, |version| version.key);
        wrong.push((at, "the file has no `services`".to_owned()));
    }
}

/// A character that YAML 1.1, which Compose reads, ends a line at, and YAML 1.2 does not: behind a `#` it would hide what
/// Compose then reads.
fn hidden_line_end(bytes: &[u8]) -> Option<(u32, &'static str)> {
    let text = String::from_utf8_lossy(bytes);
    text.split('\n').zip(1..).find_map(|(line, number)| {
        let line = line.strip_suffix('\r').unwrap_or(line);
        let hidden = line.chars().find_map(|c| match c {
            '\r' => Some("U+000D"),
            '\u{85}' => Some("U+0085"),
            '\u{2028}' => Some("U+2028"),
            '\u{2029}' => Some("U+2029"),
            _ => None,
        });
        hidden.map(|hidden| (number, hidden))
    })
}

/// The line of a `...` before anything else, which Compose's reader refuses and ours lets pass.
fn early_end(bytes: &[u8]) -> Option<u32> {
    let text = String::from_utf8_lossy(bytes);
    let text = text.strip_prefix('\u{feff}').unwrap_or(&text);
    let mut lines =
        text.lines().zip(1..).filter(|(line, _)| !line.trim().is_empty() && !line.trim_start().starts_with('#'));
    let (first, number) = lines.next()?;
    let rest = first.strip_prefix("...")?;
    rest.chars().next().is_none_or(char::is_whitespace).then_some(number)
}

/// In what a file is read.
struct LoadContext {
    /// What its paths are resolved against.
    directory: String,
    /// Why it is read.
    kind: Kind,
    /// The variables.
    env: Rc<Env>,
    /// The files that include each other down to this one.
    included: Vec<String>,
}

struct Loader<'a> {
    read: Read<'a>,
    compose: Compose,
    /// What is wrong in files that could be read.
    wrong: Vec<Wrong>,
    /// What is wrong with files as a whole.
    named: Vec<Problem>,
    /// The services of each file while they are filled in.
    services: Vec<Map>,
    /// Those of files that `extends` names, by their numbers.
    extended: BTreeMap<String, usize>,
    /// How many values services took over from others.
    taken: usize,
    /// How many bytes the files have that were read so far.
    bytes: usize,
    /// How many values they have.
    values: usize,
    /// The name that the last file gives to the project.
    name: Option<(At, String)>,
}

impl Loader<'_> {
    fn is_well(&self) -> bool {
        self.wrong.is_empty() && self.named.is_empty()
    }

    /// Does a step. Compose stops at the first that finds a fault: what later ones find follows from it mostly.
    fn stage<T>(&mut self, step: impl FnOnce(&mut Vec<Wrong>) -> T) -> T {
        let mut wrong = Vec::new();
        let made = step(&mut wrong);
        if self.is_well() {
            self.wrong.extend(wrong);
        }
        made
    }

    fn say(&mut self, at: At, message: impl Into<String>) {
        self.stage(|wrong| wrong.push((at, message.into())));
    }

    fn problem(&mut self, place: Place, message: String) {
        if self.named.len() <= MAX_FILES {
            self.named.push(Problem { by: By::Compose, message, place });
        }
    }

    /// The variables of a folder's `.env`.
    fn variables(&mut self, directory: &str) -> Env {
        let path = beside(directory, ".env");
        let mut variables = match (self.read)(&path) {
            Ok(Some(bytes)) => env::read(&bytes).unwrap_or_else(|(line, message)| {
                self.problem(Place::line(path, line), message);
                Env::new()
            }),
            Ok(None) | Err(_) => Env::new(),
        };
        // Where Compose is started: its paths are resolved against it.
        variables.entry("PWD".to_owned()).or_insert_with(|| ".".to_owned());
        variables
    }

    /// Reads a file and lays its documents over the model, and says whether it has none.
    fn lay(&mut self, model: &mut Value, path: &str, named: Option<Place>, context: &LoadContext) -> bool {
        // The last that is not read says so.
        if self.compose.files.len() > MAX_FILES {
            return false;
        }
        let trees = match self.trees(path, named) {
            Ok(trees) => trees,
            Err(problem) => {
                self.push(path, context, None);
                self.problem(problem.place, problem.message);
                return false;
            }
        };
        let is_empty = trees.is_empty();
        if is_empty {
            self.push(path, context, None);
        }
        for tree in trees {
            self.push(path, context, Some(tree.clone()));
            self.document(model, &tree, self.compose.files.len() - 1, path, context);
        }
        is_empty
    }

    fn push(&mut self, path: &str, context: &LoadContext, tree: Option<yaml::Node>) {
        let (path, directory) = (path.to_owned(), context.directory.clone());
        self.compose.files.push(File { path, directory, kind: context.kind, tree });
    }

    fn document(&mut self, model: &mut Value, tree: &yaml::Node, file: usize, path: &str, context: &LoadContext) {
        let mut odd: Vec<OddKey> = Vec::new();
        let mut own = Value::of(tree, file, &mut odd);
        self.stage(|wrong| {
            wrong.extend(odd.into_iter().map(|odd| {
                (odd.at, format!("YAML doesn't read the key `{0}` as text; put it in quotes: \"{0}\"", odd.key))
            }));
        });
        if own.map().is_none() {
            return self.say(own.at, format!("a Compose file must be a map of keys and values, not {}", own.kind()));
        }
        let is_named = own.get("name").and_then(Value::text).is_some_and(|name| !name.is_empty());
        let mut unset = std::mem::take(&mut self.compose.unset);
        self.stage(|wrong| cast::fill(&mut own, &context.env, wrong, &mut unset));
        self.compose.unset = unset;
        if is_named && matches!(context.kind, Kind::Main | Kind::Override) {
            self.name = own.entry("name").and_then(|entry| Some((entry.key, entry.value.text()?.to_owned())));
        }
        let resets = resets::of(tree);
        if context.kind != Kind::Extended {
            self.extend(&mut own, path, &resets, context);
        }
        resets::apply(model, &resets, &mut Path::new());
        if context.kind != Kind::Extended {
            self.include(&mut own, context);
        }
        self.stage(|wrong| merge::lay_over(model, own, &mut Vec::new(), wrong));
        self.stage(|wrong| unique::enforce(model, wrong));
        if context.kind != Kind::Extended && self.is_well() {
            self.stage(|wrong| wrong.extend(schema::check(model)));
        }
        self.stage(|wrong| canonical::bring(model, wrong));
        self.stage(|wrong| unique::enforce(model, wrong));
    }

    fn trees(&mut self, path: &str, named: Option<Place>) -> Result<Vec<yaml::Node>, Problem> {
        let problem = |message: String| Problem { by: By::Compose, message, place: Place::file(path) };
        if self.compose.files.len() >= MAX_FILES {
            return Err(problem(format!("more than {MAX_FILES} Compose files; the rest is not read")));
        }
        let missing = || Problem {
            by: By::Compose,
            message: format!("the file {path} doesn't exist"),
            place: named.unwrap_or_else(|| Place::file(path)),
        };
        let bytes = (self.read)(path).map_err(problem)?.ok_or_else(missing)?;
        self.bytes = self.bytes.saturating_add(bytes.len());
        if self.bytes > MAX_BYTES {
            let most = MAX_BYTES >> 10;
            let message = format!("all Compose files together are larger than {most} KiB; the rest is not read");
            return Err(problem(message));
        }
        if let Some((line, hidden)) = hidden_line_end(&bytes) {
            let message = format!(
                "the invisible character {hidden} ends the line for some readers of YAML and not for others; take it out"
            );
            return Err(Problem { by: By::Compose, message, place: Place::line(path, line) });
        }
        if let Some(line) = early_end(&bytes) {
            let message = "`...` ends a document, and none has begun; take the line out".to_owned();
            return Err(Problem { by: By::Compose, message, place: Place::line(path, line) });
        }
        let mut trees = yaml::parse_all(&bytes).map_err(|error| Problem {
            by: By::Compose,
            place: Place::line(path, error.line).column(error.column),
            message: error.message,
        })?;
        self.values = self.values.saturating_add(trees.iter().map(yaml::Node::count).sum());
        if self.values > MAX_VALUES {
            let message =
                format!("all Compose files together have more than {MAX_VALUES} values; the rest is not read");
            return Err(problem(message));
        }
        colons::read(&bytes, &mut trees);
        Ok(trees)
    }

    fn is_full(&self) -> bool {
        self.compose.files.len() > MAX_FILES
    }

    /// The place of a value.
    fn place(&self, at: At) -> Place {
        self.compose.place(at)
    }
}

/// The texts of a list, or the one text that stands for a list of one.
fn texts(value: Option<&Value>) -> Vec<(&str, At)> {
    let items = value.map_or(&[][..], |value| value.list().unwrap_or(std::slice::from_ref(value)));
    items.iter().filter_map(|item| Some((item.text()?, item.at))).collect()
}

fn is_map(value: &Value) -> bool {
    matches!(value.data, Data::Map(_))
}

/// A path of the repository, from that of a file and a path as written in it.
fn path_from(directory: &str, written: &str) -> Option<String> {
    join(directory, written)
}
