//! The checks and challenges that come with the grader, and those in files of an instructor's own.

pub use super::read::check::is_id;
pub use super::read::learner::LearnerValues;
use super::read::load;
use super::read::load::Loaded;
use super::{Challenge, Check, StarterFile};
use crate::diagnostic::{Diagnostic, Error, nearest};
use crate::language::file::Problems;
use include_dir::{Dir, File, include_dir};
use std::collections::BTreeMap;
use std::path::{Path, PathBuf};

mod beside;
mod course;
mod disk;
pub mod glossary;
mod material;
pub mod overrides;

use beside::Beside;
pub use course::{COURSE_FILE, built_in_course, course, course_file, course_ids, examine_course};
pub use material::{Material, examine_material, material};

static CHECKS: Dir<'_> = include_dir!("$CARGO_MANIFEST_DIR/checks");

/// A folder of what comes with the grader. [`Dir::get_dir`] would compare the path with that of every file there is.
fn folder(path: &str) -> Option<&'static Dir<'static>> {
    let mut names = path.split('/').filter(|name| !name.is_empty());
    names.try_fold(&CHECKS, |dir, name| dir.dirs().find(|dir| dir.path().file_name().is_some_and(|last| last == name)))
}

/// A file of what comes with the grader.
fn file(path: &str) -> Option<&'static File<'static>> {
    let (parent, name) = path.rsplit_once('/').unwrap_or(("", path));
    folder(parent)?.files().find(|file| file.path().file_name().is_some_and(|last| last == name))
}

/// The ids of the challenges that come with the grader.
pub fn ids() -> Vec<&'static str> {
    let folders = folder("challenges").into_iter().flat_map(Dir::dirs);
    let has_one = folders.filter(|dir| dir.files().any(|file| file.path().ends_with("challenge.yaml")));
    has_one.filter_map(|dir| dir.path().file_name()?.to_str()).collect()
}

/// The ids of the checks that come with the grader.
pub fn check_ids() -> Vec<&'static str> {
    // What is run at all is no check.
    stems(&CHECKS).into_iter().filter(|name| *name != "policy").collect()
}

/// The text of a check that comes with the grader.
pub fn source(id: &str) -> Option<&'static [u8]> {
    file(&format!("{id}.yaml")).filter(|_| is_id(id)).map(File::contents)
}

fn stems(dir: &'static Dir<'_>) -> Vec<&'static str> {
    let files = dir.files().map(File::path);
    let yaml = files.filter(|path| path.extension().is_some_and(|extension| extension == "yaml"));
    yaml.filter_map(|path| path.file_stem()?.to_str()).collect()
}

/// All checks that come with the grader, with their defaults and without points.
pub fn checks() -> Result<Vec<Check>, Error> {
    let problems = Problems::default();
    let checks = check_ids().into_iter().filter_map(|id| embedded("", id, true, &problems));
    let checks = checks.filter_map(|source| load::alone(&source, &problems)).collect();
    done(checks, problems)
}

/// One check that comes with the grader, or of a file, with its defaults and without points.
pub fn check(path: &str, text: impl AsRef<[u8]>) -> Result<Check, Error> {
    let problems = Problems::default();
    let folder = Path::new(path).parent().map_or_else(PathBuf::new, Path::to_owned);
    // A challenge's own check may name a program in the challenge's folder.
    let above = folder.ends_with("checks").then(|| folder.parent().map(Path::to_owned)).flatten();
    let beside = [Some(folder), above].into_iter().flatten().collect();
    let source = Loaded::new(path, text.as_ref(), &problems).beside(Beside::Folders(beside));
    let check = load::alone(&source, &problems).unwrap_or_default();
    done(check, problems)
}

/// A challenge: by the id of one that comes with the grader, by its folder, or by its file. Checks in files beside it,
/// or in its folder `checks`, come before those of the library.
pub fn load(selector: &str) -> Result<Challenge, Error> {
    load_for(selector, None)
}

/// The same for a learner, who says these values. Checks that need others can't pass.
pub fn load_for(selector: &str, values: Option<&LearnerValues>) -> Result<Challenge, Error> {
    let named = |challenge| Challenge { selector: selector.to_owned(), ..challenge };
    if ids().contains(&selector) {
        return built_in(selector, values).map(named);
    }
    let path = Path::new(selector);
    if path.exists() {
        return from_disk(path, values).map(named);
    }
    if selector.contains(['/', '\\']) || path.extension().is_some() {
        return Err(error(Diagnostic::of(selector, "there is no such file or folder")));
    }
    Err(error(Diagnostic {
        nearest: nearest(selector, ids()),
        allowed: ids().into_iter().map(str::to_owned).collect(),
        help: Some("or the path of a challenge's folder".to_owned()),
        ..Diagnostic::of("", format!("there is no challenge `{selector}`"))
    }))
}

fn built_in(id: &str, values: Option<&LearnerValues>) -> Result<Challenge, Error> {
    let problems = Problems::default();
    let place = format!("challenges/{id}");
    let Some(file) = file(&format!("{place}/challenge.yaml")) else {
        return Err(error(Diagnostic::of("", format!("there is no challenge `{id}`"))));
    };
    let checks = format!("{place}/checks");
    let source = Loaded::new(format!("checks/{place}/challenge.yaml"), file.contents(), &problems)
        .beside(Beside::BuiltIn(vec![place.clone(), checks.clone()]));
    let used = source.node.iter().flat_map(load::uses);
    let library = used.filter_map(|id| Some((id.clone(), used_by(&place, &id, false, &problems)?)));
    let library = library.collect();
    let own = folder(&checks).map(stems).unwrap_or_default();
    let known: Vec<&str> = own.into_iter().chain(check_ids()).collect();
    let mut challenge = load::challenge(&source, &library, &known, values, &problems);
    if let Some(starter) = folder(&format!("{place}/starter")) {
        collect(starter, starter.path(), &mut challenge.starter);
    }
    done(challenge, problems)
}

fn from_disk(path: &Path, values: Option<&LearnerValues>) -> Result<Challenge, Error> {
    let (challenge, diagnostics) = examine_for(path, values);
    if diagnostics.is_empty() { Ok(challenge) } else { Err(Error { diagnostics }) }
}

/// A challenge of files, by its folder or its file: what of it could be read, and all that is wrong.
pub fn examine(path: &Path) -> (Challenge, Vec<Diagnostic>) {
    examine_for(path, None)
}

fn examine_for(path: &Path, values: Option<&LearnerValues>) -> (Challenge, Vec<Diagnostic>) {
    let problems = Problems::default();
    let file = if path.is_dir() { path.join("challenge.yaml") } else { path.to_owned() };
    let folder = file.parent().map_or_else(PathBuf::new, Path::to_owned);
    let Some(source) = disk::read(&file, &problems) else { return (Challenge::default(), problems.into_inner()) };
    let source = source.beside(Beside::Folders(vec![folder.clone(), folder.join("checks")]));
    let used = source.node.iter().flat_map(load::uses);
    let shared = course::shared(if folder.as_os_str().is_empty() { Path::new(".") } else { &folder });
    let library = used.filter_map(|id| {
        let found = own(&folder, shared.checks.as_deref(), &id)
            .map_or_else(|| embedded("", &id, false, &problems), |path| from_file(&path, &folder, &problems));
        Some((id, found?))
    });
    let library = library.collect();
    let folders = [Some(folder.join("checks")), shared.checks.clone()];
    let names: Vec<String> = folders.iter().flatten().flat_map(|folder| disk::stems(folder)).collect();
    let known: Vec<&str> = names.iter().map(String::as_str).chain(check_ids()).collect();
    let mut challenge = load::challenge(&source, &library, &known, values, &problems);
    challenge.limits = shared.bounds(&challenge.limits);
    let causes = [Some(folder.join("causes")), shared.causes];
    challenge.causes = causes.iter().flatten().flat_map(|folder| disk::texts(folder, &problems)).collect();
    challenge.starter = disk::starter(&folder.join("starter"), &problems);
    (challenge, sorted(problems))
}

/// The file of a check of a challenge's own, or of those that it shares with others of its course.
fn own(folder: &Path, shared: Option<&Path>, id: &str) -> Option<PathBuf> {
    let name = format!("{id}.yaml");
    let own = [folder.join("checks").join(&name), folder.join(&name)];
    own.into_iter().chain(shared.map(|shared| shared.join(&name))).find(|path| path.is_file())
}

/// The file of a check that a challenge in a folder shares with others of its course; nothing if it has its own.
pub fn shared_check(folder: &Path, id: &str) -> Option<PathBuf> {
    let folder = if folder.as_os_str().is_empty() { Path::new(".") } else { folder };
    let shared = course::shared(folder).checks?;
    own(folder, Some(&shared), id).filter(|path| path.starts_with(&shared))
}

/// A check of a file. What it names is beside it, in the challenge's folder, or in that folder's `checks`.
fn from_file(path: &Path, challenge: &Path, problems: &Problems) -> Option<Loaded> {
    let beside = [path.parent().unwrap_or(challenge), challenge, &challenge.join("checks")].map(Path::to_owned);
    Some(disk::read(path, problems)?.beside(Beside::Folders(beside.into())))
}

/// The file of a check that a challenge uses: one of its own, else of the library.
fn used_by(challenge: &str, id: &str, with_examples: bool, problems: &Problems) -> Option<Loaded> {
    let own = embedded(&format!("{challenge}/checks/"), id, with_examples, problems);
    own.or_else(|| embedded("", id, with_examples, problems))
}

/// A check's file. Its examples come last and are many: grading reads it without them.
fn embedded(folder: &str, id: &str, with_examples: bool, problems: &Problems) -> Option<Loaded> {
    let name = format!("{folder}{id}.yaml");
    let file = file(&name).filter(|_| is_id(id))?;
    let mut text = file.contents();
    if !with_examples {
        const EXAMPLES: &[u8] = b"\nexamples:\n";
        let end = text.windows(EXAMPLES.len()).position(|window| window == EXAMPLES);
        text = text.get(..end.map_or(text.len(), |end| end + 1)).unwrap_or(text);
    }
    let own = folder.trim_end_matches('/');
    let beside = Beside::BuiltIn(vec![own.to_owned(), own.trim_end_matches("/checks").to_owned()]);
    Some(Loaded::new(format!("checks/{name}"), text, problems).beside(beside))
}

fn collect(dir: &Dir<'_>, root: &Path, files: &mut BTreeMap<String, StarterFile>) {
    for file in dir.files().filter(|file| !is_junk(file.path())) {
        let Some(path) = file.path().strip_prefix(root).ok().and_then(Path::to_str) else { continue };
        let content = file.contents().to_vec();
        // What is embedded has no mode; what can be executed says by what.
        let executable = content.starts_with(b"#!");
        files.insert(path.replace('\\', "/"), StarterFile { content, executable });
    }
    for dir in dir.dirs().filter(|dir| !is_junk(dir.path())) {
        collect(dir, root, files);
    }
}

/// What tools leave behind in a starter that was tried out.
fn is_junk(path: &Path) -> bool {
    let name = path.file_name().and_then(|name| name.to_str()).unwrap_or_default();
    matches!(name, "__pycache__" | ".git" | ".DS_Store" | ".pytest_cache")
}

fn error(diagnostic: Diagnostic) -> Error {
    Error { diagnostics: vec![diagnostic] }
}

fn done<T>(value: T, problems: Problems) -> Result<T, Error> {
    let diagnostics = sorted(problems);
    if diagnostics.is_empty() { Ok(value) } else { Err(Error { diagnostics }) }
}

/// File by file, from top to bottom.
fn sorted(problems: Problems) -> Vec<Diagnostic> {
    let mut diagnostics = problems.into_inner();
    diagnostics.sort_by(|a, b| {
        let key = |it: &Diagnostic| (it.path.clone(), it.span.map_or((0, 0), |span| (span.line, span.column)));
        key(a).cmp(&key(b))
    });
    diagnostics
}
